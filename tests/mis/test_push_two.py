"""Two installations that synchronize one MIS into one company, each with its own plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from src.kit import stage
from src.kit.errors import SOME_ROWS_FAILED
from src.mis.records import APPLICANT, PLAN, STUDENT
from src.mis.statuses import LEASE
from src.office.mis_application import Side
from tests.desk import Desk
from tests.mis.deadly import Killed
from tests.mis.school import School, create, mark_of, people, person

ONCE = {mark_of(one): 1 for one in people(6)}
OVER = LEASE.total_seconds() + 1


@pytest.fixture
def first(school):
    """Let one installation plan to create six applicants.

    QuickBooks honours no request ids, so that nothing else prevents doubles.
    """
    school.reopen(ids="ignored")
    school.enrol(*people(6), person(9, type_=STUDENT))
    school.plan(*map(create, people(6)))
    return school


@pytest.fixture
def second(first, tmp_path):
    """Let another one plan the same, with first names that a clerk corrected meanwhile.

    Without these QuickBooks would refuse the second customer for its name.
    """
    desk = Desk(tmp_path / "second")
    desk.config.mis_database_file.symlink_to(first.desk.config.mis_database_file)
    found = School(desk, is_new=False)
    found.sides = Side(found.opened, lambda *_: first.company)
    found.clock, found.passes = first.clock, first.passes
    corrected = (person(n, f"Alina Uwera{n}") for n in range(1, 7))
    found.plan(*map(create, corrected))
    return found


def dies_after_sending(school: School, *options: str) -> None:
    """Push, and die when QuickBooks has done it and before the answer is heard."""
    batch = school.company.batch

    def lost(changes: Any, request_id: str) -> None:
        batch(changes, request_id)
        raise Killed

    school.company.batch = lost
    with pytest.raises(Killed):
        school.push(*options)
    school.company.batch = batch


class Interposed:
    """A MIS at whose first lease something else happens before."""

    def __init__(self, school: School, act: Callable[[], object]) -> None:
        self._school, self._acts = school, iter([act])

    @contextmanager
    def opened(self, _: object) -> Iterator[Any]:
        with self._school.opened() as database:
            self._database = database
            yield self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    def stage(self, table: Any) -> None:
        if table.name == "mis_leases":
            next(self._acts, bool)()
        self._database.stage(table)


class Felled(Interposed):
    """A MIS that kills the run when its first change is there."""

    def __init__(self, school: School) -> None:
        super().__init__(school, bool)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._database.transaction():
            yield
        raise Killed


def meanwhile(school: School, act: Callable[[], object]) -> int:
    """Push; let something happen when this one has looked, and leased nobody yet."""
    before = school.sides
    school.sides = Side(Interposed(school, act).opened, before.connected)
    try:
        return school.push("--batch-size", "2")
    finally:
        school.sides = before


# --- both alive -------------------------------------------------------------------------


def test_whom_another_installation_synchronized_since_the_plan_is_held(first, second):
    assert meanwhile(second, first.push) == SOME_ROWS_FAILED

    assert first.marks() == ONCE
    assert first.statuses() == {"1": 6, "0": 1}
    assert {row.error for row in second.errors()} == {
        f"the MIS says since the plan that it is customer {n}; fetch and plan again"
        for n in range(1, 7)
    }
    assert "next: make mis-fetch" in second.desk.out


def test_what_was_corrected_goes_with_the_next_plan(first, second):
    meanwhile(second, first.push)
    first.run_sql("UPDATE tbl_online_application SET first_name = 'Alina'")
    second.prepare()
    second.decide("approve")

    assert second.push("applicants") == stage.OK

    assert first.names() == {f"Alina Uwera{n}": 1 for n in range(1, 7)}


def test_a_customer_that_another_installation_changed_in_vain_is_held(first, second):
    def pushed_twice() -> None:
        first.push()
        first.run_sql('UPDATE tbl_online_application SET "QuickBk_Status" = 2')

    assert meanwhile(second, pushed_twice) == SOME_ROWS_FAILED

    assert first.marks() == ONCE


# --- one that died ----------------------------------------------------------------------


def test_what_a_dead_installation_sent_is_looked_for_and_told(first, second):
    dies_after_sending(first)
    first.passes(OVER)

    assert second.push() == stage.OK

    assert first.marks() == ONCE
    assert second.outcomes() == {"recovered": 6}
    assert first.statuses() == {"1": 6, "0": 1}
    assert {raw.leased_by for raw in first.raws().values()} == {""}


def test_a_count_that_is_as_it_was_sealed_hides_nothing(first, second):
    first.plan(*map(create, people(6)[3:]))
    meanwhile(second, lambda: dies_after_sending(first))
    assert second.outcomes() == {"created": 3, "held": 3}
    first.passes(OVER)

    assert second.push() == stage.OK

    assert first.marks() == ONCE
    assert "runs that are over had 3 person(s) in hand" in second.desk.out


def test_until_its_time_is_over_it_is_left_to_the_dead_one(first, second):
    meanwhile(second, lambda: dies_after_sending(first))

    assert second.push() == SOME_ROWS_FAILED

    assert second.outcomes() == {"held": 6}
    assert first.statuses() == {"3": 6, "0": 1}


def test_whoever_dies_when_it_has_taken_over_has_looked_for_nobody(first, second):
    first.plan(*map(create, people(6)[3:]))
    meanwhile(second, lambda: dies_after_sending(first))
    first.passes(OVER)
    before, second.sides = second.sides, Side(Felled(second).opened, second.sides.connected)
    with pytest.raises(Killed):
        second.push()
    second.sides = before

    assert second.push() == stage.OK

    assert first.marks() == ONCE


def _dying(*asked: object) -> None:
    raise Killed


def test_it_is_looked_for_and_told_where_other_people_are_pushed(first, second):
    dies_after_sending(first)
    first.passes(OVER)

    assert second.push("students") == stage.OK

    assert first.statuses() == {"1": 6, "0": 1}
    assert {raw.quickbooks_id for raw in first.raws().values()} == {"", *"123456"}


def test_what_the_dead_one_did_not_send_is_sent(first, second):
    first.company.batch, batch = _dying, first.company.batch
    with pytest.raises(Killed):
        first.push()
    first.company.batch = batch
    first.passes(OVER)

    assert second.push() == stage.OK

    assert first.marks() == ONCE
    assert second.outcomes() == {"created": 6}


def test_where_quickbooks_cannot_be_asked_nobody_is_let_go(first, second):
    dies_after_sending(first)
    first.passes(OVER)
    first.company.unanswered = iter([True] * 99)

    second.push()

    assert first.statuses() == {"3": 6, "0": 1}
    first.company.unanswered = iter(())
    assert second.push() == stage.OK
    assert first.marks() == ONCE


def test_the_dead_one_finds_what_was_told_for_it_when_it_comes_back(first, second):
    dies_after_sending(first)
    first.passes(OVER)
    second.push()

    assert first.push() == stage.OK

    assert first.marks() == ONCE
    assert first.statuses() == {"1": 6, "0": 1}


def test_a_plan_says_which_customer_the_mis_knew(first):
    first.push()
    first.run_sql("UPDATE tbl_online_application SET phone1 = '0788 000 001'")
    first.prepare()

    rows = [row for row in first.desk.rows(PLAN) if row.type == APPLICANT]

    assert [row.known_as for row in rows] == list("123456")
