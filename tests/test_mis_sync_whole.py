"""The specification's guide from its first step to its last, with the doors themselves."""

from __future__ import annotations

import json
from contextlib import closing
from typing import Any, NamedTuple

import pytest

from src import config, mis_fetch, mis_plan, mis_sync_customers
from src.kit import errors, tables
from src.mis.records import APPLICANT, PLAN, STUDENT
from src.office import connect_database, mis_sync
from tests.desk import Desk
from tests.mis.university import University

NATIONAL_ID = "1199080012345678"


class Step(NamedTuple):
    """A command of the guide, and what came of it."""

    code: int
    data: dict[str, Any]
    said: str


class Guide:
    """A MIS with 5 applicants and 4 students of two names, and the commands."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        file = desk.config.mis_database_file
        with closing(connect_database.opened("", file, "MIS")) as database:
            found = University(database)
            names = {"first_name": "Aline", "family_name": "Uwera"}
            found.many(APPLICANT, 5, **names, nation_Id_passPort_no=NATIONAL_ID)
            found.many(STUDENT, 4, fname="Eric", lname="Gatete", email1="eric@")

    def step(self, *words: str) -> Step:
        """Carry out a command."""
        code = self.desk.run(mis_sync_customers, *words, "--json")
        found = json.loads(self.desk.out)
        return Step(code, found.get("data", found), self.desk.out + self.desk.err)

    def planned(self, *words: str) -> Step:
        """Carry out a command when everybody is planned."""
        for door in (mis_fetch, mis_plan):
            assert self.desk.run(door) == errors.OK
        return self.step(*words)


@pytest.fixture(scope="module")
def guide(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Step]:
    """Return what each step came to; the third applicant fails at first."""
    desk = Desk(tmp_path_factory.mktemp("guide") / "desk")
    guide = Guide(desk)
    desk.scenario("3,create Customer,200:6000")
    steps = {
        "analyze": guide.step("analyze"),
        "preview": guide.step("preview-applicants", "--limit", "3"),
        "planned": guide.planned("preview-applicants", "--limit", "3"),
        "applicants": guide.step("applicants", "--batch-size", "2"),
        "after": guide.step("preview-applicants"),
    }
    (desk.company / "scenario.csv").unlink()
    steps["all"] = guide.step("all")
    steps["status"] = guide.step("status")
    steps["again"] = guide.step("all")
    steps["logs"] = Step(0, {}, "".join(map(_text, sorted(desk.logs.iterdir()))))
    return steps


def _text(path: Any) -> str:
    return path.read_text("utf-8-sig")


def test_everybody_is_counted_before_the_first_step(guide):
    assert guide["analyze"].data["overall"] == {
        "total_customers": 9,
        "total_not_synced": 9,
        "total_synced": 0,
        "total_failed": 0,
    }


def test_the_first_are_shown_under_their_real_names(guide):
    found = guide["preview"].data["applicants"]

    assert [one["applicant_id"] for one in found] == [1, 2, 3]
    assert {one["DisplayName"] for one in found} == {"Aline Uwera"}


def test_once_they_are_planned_they_are_shown_as_they_will_be_sent(guide):
    found = guide["planned"].data["applicants"]

    names = [one["DisplayName"] for one in found]
    assert names == ["Aline Uwera", "Aline Uwera (2)", "Aline Uwera (3)"]
    assert [one["is_name_planned"] for one in found] == [True] * 3
    assert {one["is_name_planned"] for one in guide["preview"].data["applicants"]} == {False}


def test_one_call_synchronizes_all_applicants_whatever_the_batch(guide):
    code, found, _ = guide["applicants"]

    assert (code, found["total_processed"], found["successful"]) == (1, 5, 4)
    [error] = found["errors"]
    assert error["applicant_id"] == 3 and "6000" in error["error"]


def test_whoever_failed_is_all_that_is_left_to_be_shown(guide):
    [left] = guide["after"].data["applicants"]

    assert left["applicant_id"] == 3


def test_the_second_call_brings_the_rest_of_both_types(guide):
    code, found, _ = guide["all"]

    assert code == errors.OK
    assert [one["applicant_id"] for one in found["applicants"]["success_details"]] == [3]
    assert found["students"]["successful"] == 4
    assert found["start_time"] < found["end_time"]


def test_each_customer_has_an_id_of_its_own(guide):
    found = [
        *guide["applicants"].data["success_details"],
        *guide["all"].data["applicants"]["success_details"],
        *guide["all"].data["students"]["success_details"],
    ]

    assert len({one["quickbooks_id"] for one in found} - {""}) == 9


def test_the_status_is_then_complete(guide):
    found = guide["status"].data

    assert set(found["progress"].values()) == {100.0}
    assert found["last_run"]["successful"] == 5
    assert found["last_run"]["exit_code"] == errors.OK


def test_a_call_with_nothing_to_do_does_nothing(guide):
    code, found, _ = guide["again"]

    assert code == errors.OK
    assert found["applicants"]["total_processed"] == 0
    assert found["students"]["total_processed"] == 0


def test_no_national_id_is_said_or_logged_anywhere(guide):
    assert not [name for name, step in guide.items() if NATIONAL_ID in step.said]


def test_a_synchronization_that_is_refused_says_why(desk):
    Guide(desk)
    desk.settings["MIS_NAME_TEMPLATE"] = "{nobody}"

    assert desk.run(mis_sync_customers, "all") == errors.NOTHING_DONE
    assert desk.err.startswith("MIS_NAME_TEMPLATE={nobody}: expected ")


def test_a_plan_that_cannot_be_made_ends_it_with_the_plans_own_words(desk):
    Guide(desk)
    desk.settings["CUSTOM_FIELD_IDS"] = "Shoe=1"

    assert desk.run(mis_sync_customers, "all") == errors.NOTHING_DONE
    assert desk.err.startswith("mis_fetch: 5 applicants; 4 students")
    assert desk.err.splitlines()[-1].startswith("CUSTOM_FIELD_IDS: Shoe: no such field;")


# --- what is left undone --------------------------------------------------------------


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> list[Step]:
    """Return two synchronizations; a person let the first applicant wait."""
    guide = Guide(Desk(tmp_path_factory.mktemp("held") / "desk"))
    for door in (mis_fetch, mis_plan):
        assert guide.desk.run(door) == errors.OK
    path = guide.desk.path(PLAN)
    rows = [
        row._replace(decision="hold") if row.mis_id == "1" and row.type == APPLICANT else row
        for row in guide.desk.rows(PLAN)
    ]
    tables.write(path, PLAN.row, rows, is_private=True)
    return [guide.step("all"), guide.step("all"), guide.step("status")]


@pytest.mark.parametrize("time", [0, 1])
def test_who_waits_is_neither_processed_nor_failed_and_named_each_time(held, time):
    code, found, said = held[time]

    assert code == errors.SOME_ROWS_FAILED
    assert [found["applicants"][name] for name in ("failed", "errors")] == [0, []]
    assert found["applicants"]["total_processed"] == 4 * (time == 0)
    assert found["applicants"]["waiting_details"] == [
        {"applicant_id": 1, "error": "on hold, as decided"}
    ]


def test_who_waits_is_counted_by_the_status_as_by_the_synchronization(held):
    last = held[-1].data["last_run"]

    assert [last[name] for name in ("total_processed", "failed", "waiting")] == [0, 0, 1]
    assert held[-1].data["statistics"]["overall"]["total_failed"] == 0


@pytest.fixture(scope="module")
def unwritable(tmp_path_factory: pytest.TempPathFactory) -> Step:
    """Return a synchronization whose MIS takes no status."""
    guide = Guide(Desk(tmp_path_factory.mktemp("unwritable") / "desk"))
    assert guide.desk.run(mis_fetch) == errors.OK
    with closing(connect_database.opened("", guide.desk.config.mis_database_file, "")) as mis:
        mis.run(
            "CREATE TRIGGER deaf BEFORE UPDATE ON tbl_online_application "
            "BEGIN SELECT RAISE(ABORT, 'nobody may write here'); END"
        )
    return guide.step("applicants")


def test_why_nobody_was_attempted_is_said_to_people_and_to_programs(unwritable):
    reason = "stopped, the MIS could not be told: "

    assert unwritable.data["error"].startswith("mis_push: nothing done\n" + reason)
    assert "nobody may write here" in unwritable.data["error"]
    assert unwritable.said.count(reason) == 2 and "nothing to do" not in unwritable.said


def test_the_doors_of_a_synchronization_are_there():
    for one in mis_sync.stages(["applicants"], 50, ()):
        assert (config.ROOT / "src" / f"{one.door}.py").exists()
