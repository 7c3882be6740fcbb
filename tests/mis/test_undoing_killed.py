"""Reverse pushes that are killed, their memory deleted: nothing is done twice."""

from __future__ import annotations

import os
from typing import Any

import pytest

from src.kit.errors import OK
from src.mis.records import PLAN, STUDENT
from tests.desk import Desk
from tests.mis.deadly import killed, points
from tests.mis.reversing import PHONE, active, take_back
from tests.mis.school import School, create, link, people, person, update

STRIDE = int(os.environ.get("MIS_KILL_STRIDE", "45"))  # 1 = at every call
EVERYBODY = [*people(5), *people(2, STUDENT)]


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> School:
    """Return a school whose last run made, changed and linked; it is about to be undone."""
    school = School(Desk(tmp_path_factory.mktemp("ready")))
    prepared_for_kills(school)
    return school


@pytest.fixture(scope="module")
def calls(ready: School, tmp_path_factory: pytest.TempPathFactory) -> int:
    """Return at how many calls the reverse push can die."""
    return points(ready.copied(Desk(tmp_path_factory.mktemp("calls") / "desk")))


def prepared_for_kills(school: School) -> None:
    school.enrol(*EVERYBODY, person(20), person(22))
    school.plan(create(person(20)))
    school.push()
    somebody = school.write(DisplayName="Somebody")
    there = school.customer("Aline Uwera20")
    school.plan(
        *(create(one) for one in people(5)),
        *(create(one, f"{one.first_name} {one.last_name} S") for one in people(2, STUDENT)),
        update(person(20), there, PHONE),
        link(person(22), somebody),
    )
    assert school.push() == OK
    assert take_back(school) == OK, school.desk.err
    school.reopen()


def check(school: School, told: Any) -> None:
    """Assert that everything is as it was before, and that the MIS knows."""
    assert active(school) == ["Aline Uwera20", "Somebody"], told
    assert "PrimaryPhone" not in school.customer("Aline Uwera20"), told
    assert "Notes" not in school.customer("Somebody"), told
    assert school.statuses() == {"0": 8, "1": 1}, told
    assert not any(raw.leased_by for raw in school.raws().values()), told


def check_again(school: School, told: Any) -> None:
    """Plan and push as if nothing had been taken back; assert that nobody is doubled."""
    for _ in range(2):
        school.prepare()
        school.decide("approve", action="hold")
        school.push()
    assert set(school.marks().values()) == {1}, told
    # Of the customer that was somebody's, a person may have to say who it is.
    assert len(school.customers()) in (9, 10), told


def test_without_a_kill_everything_is_taken_back(ready, tmp_path):
    school = ready.copied(Desk(tmp_path / "desk"))

    assert school.push() == OK, school.desk.out

    check(school, "")
    check_again(school, "")


def test_a_reverse_push_that_is_killed_anywhere_is_ended_by_the_next(ready, calls, tmp_path):
    for at in range(1, calls + 1, STRIDE):
        school = ready.copied(Desk(tmp_path / str(at)))
        assert killed(school, at)

        school.push()
        assert school.push() == OK, (at, school.desk.out, school.desk.err)

        check(school, at)
        check_again(school, at)


DAMAGES = {
    "log": ("mis_runlog.csv",),
    "journal": ("mis_inflight.csv",),
    "both": ("mis_runlog.csv", "mis_inflight.csv"),
}


@pytest.mark.parametrize("what", DAMAGES)
def test_a_killed_reverse_push_whose_memory_is_deleted_doubles_nobody(
    ready, calls, tmp_path, what
):
    for at in range(2, calls + 1, 3 * STRIDE):
        school = ready.copied(Desk(tmp_path / str(at)))
        killed(school, at)
        for name in DAMAGES[what]:
            (school.desk.logs / name).unlink(missing_ok=True)

        school.push()
        assert school.push() == OK, (at, school.desk.out, school.desk.err)

        assert active(school) == ["Aline Uwera20", "Somebody"], at
        check_again(school, at)


@pytest.mark.parametrize("ids", ["honoured", "ignored"])
def test_answers_that_are_lost_take_nothing_back_twice(ready, tmp_path, ids):
    school = ready.copied(Desk(tmp_path / "desk"))
    school.scenario("1,batch,drop_applied", "3,batch,500")
    school.reopen(ids=ids)

    school.push("--batch-size", "4")
    assert school.push() == OK, school.desk.out

    check(school, ids)


def test_a_person_who_plans_anew_after_a_kill_doubles_nobody(ready, calls, tmp_path):
    for at in range(3, calls + 1, 3 * STRIDE):
        school = ready.copied(Desk(tmp_path / str(at)))
        assert killed(school, at)

        check_again(school, at)


def test_unattended_nothing_comes_back_after_a_kill(ready, calls, tmp_path):
    for at in range(5, calls + 1, 2 * STRIDE):
        school = ready.copied(Desk(tmp_path / str(at)))
        assert killed(school, at)
        left = set(active(school))

        for _ in range(2):
            school.prepare()
            school.push()
        school.prepare()

        assert set(active(school)) <= left, (at, school.desk.out)
        rows = school.desk.rows(PLAN)
        gone = {one["Id"] for one in school.customers() if not one["Active"]}
        assert gone <= {row.quickbooks_id for row in rows if row.action == "hold"}, at
        told = [raw for raw in school.raws().values() if raw.quickbooks_id in gone]
        assert {raw.status or "0" for raw in told} <= {"0"}, at
