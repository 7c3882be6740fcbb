"""Progress of a session: from what is planned and what the run log has."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from src.kit import receipts, runlog, tables
from src.kit.counting import closed
from src.kit.sessions import Count, Found
from src.mis import counting
from src.mis.counting import Counting
from src.mis.records import APPLICANT, HOLD, PLAN, RUNLOG, STUDENT, UPDATE, Planned, Pushed
from tests.mis.bureau import Bureau, pushed

class Block(NamedTuple):
    rows: list


ROW = Planned(*[""] * len(Planned._fields))


@pytest.fixture
def bureau(tmp_path) -> Bureau:
    return Bureau(tmp_path)


def plan(bureau: Bureau, run_id: str, *rows: tuple[str, str, str]) -> None:
    """Write a plan of (type, action, decision), with its receipt."""
    planned = [ROW._replace(type=a, action=b, decision=c) for a, b, c in rows]
    tables.write(bureau.logs / PLAN.name, Planned, planned)
    fact = (run_id, "mis_plan", receipts.FILE, PLAN.place, str(len(rows)), "", "")
    receipts.append(bureau.logs, (bureau.clock.timestamp(), *fact))


def counted(bureau: Bureau) -> Counting:
    return Counting(bureau.logs, bureau.logs, closed(bureau.logs))


def found(bureau: Bureau, run_id: str = "r1") -> Found:
    return counted(bureau).found(run_id)


def test_persons_of_the_plan_are_counted_by_type(bureau):
    plan(bureau, "r1", *[(APPLICANT, UPDATE, "")] * 3, (STUDENT, HOLD, ""))

    assert counted(bureau).planned("r1") == {"applicants": 3, "students": 1}


@pytest.mark.parametrize(
    ("decision", "count"), [("", 1), ("approve", 1), ("skip", 0), (" Hold ", 0)]
)
def test_whom_a_person_left_out_is_not_planned(bureau, decision, count):
    plan(bureau, "r1", (APPLICANT, UPDATE, decision))

    assert counted(bureau).planned("r1")["applicants"] == count


def test_a_plan_of_another_run_counts_nothing(bureau):
    plan(bureau, "r0", (APPLICANT, UPDATE, ""))

    assert counted(bureau).planned("r1") == {}


def test_without_a_plan_nothing_is_planned(bureau):
    assert counted(bureau).planned("r1") == {}


def test_the_last_word_about_a_person_counts(bureau):
    bureau.log(pushed(1, "failed"), pushed(2, "created"), pushed(1, "updated"))

    assert found(bureau).counts({"applicants": 5}) == {"applicants": Count(5, 2, 0)}


@pytest.mark.parametrize("outcome", ["created", "updated", "linked", "recovered", "adopted"])
def test_who_arrived_is_synchronized(bureau, outcome):
    bureau.log(pushed(1, outcome, type=STUDENT))

    assert found(bureau).synced == {"students": 1}


@pytest.mark.parametrize("outcome", ["failed", "absent"])
def test_who_did_not_arrive_has_failed(bureau, outcome):
    bureau.log(pushed(1, outcome))

    assert found(bureau).failed == {"applicants": 1}


@pytest.mark.parametrize("outcome", ["held", "in_doubt", "not_attempted"])
def test_who_waits_has_neither_arrived_nor_failed(bureau, outcome):
    bureau.log(pushed(1, outcome))

    assert (found(bureau).synced, found(bureau).failed) == ({}, {})


def test_rows_of_other_runs_are_not_this_ones(bureau):
    bureau.log(pushed(1, "failed", run_id="r0"), pushed(2, "created", display_name="r1"))

    assert found(bureau) == Found({"applicants": 1}, last="Applicant 2")
    assert found(bureau, "r2") == Found()


def test_an_error_names_type_person_and_what_is_wrong(bureau):
    bureau.log(pushed(7, "failed", display_name="Ann", error="no name"), pushed(8, "absent"))

    assert list(found(bureau).errors) == [
        "Applicant 7 Ann: no name",
        "Applicant 8: did not arrive; the next run sends it again",
    ]


def test_the_person_who_was_tried_last_is_called_as_people_know_them(bureau):
    bureau.log(pushed(7, "created", identifier="APP-7"), pushed(8, "held"))

    assert found(bureau).last == "Applicant APP-7"


def test_what_is_known_of_a_run_is_not_read_again(bureau):
    told = Found({"students": 7})
    books = closed(bureau.logs)._replace(known=lambda run_id: told)

    assert Counting(bureau.logs, bureau.logs, books).found("r1") == told


def test_the_rows_of_a_log_that_is_followed_are_told_apart_by_run(bureau):
    bureau.log(pushed(1, "failed", run_id="r0"), pushed(1, "created"))
    runs = counting.runs()
    runs.learn(Block(list(runlog.rows(bureau.logs / RUNLOG.name, Pushed))))

    assert runs.found("r1") == found(bureau)
    assert runs.found("r0") is None
