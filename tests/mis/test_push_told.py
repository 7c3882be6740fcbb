"""The MIS and a push: who is in hand, what fails there, and that QuickBooks never minds."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from src.kit import stage
from src.kit.database import ConnectionLost, MissingTable
from src.kit.errors import AUTHORIZE_AGAIN, INPUT_OUTPUT, IN_DOUBT, LOCKED
from src.kit.errors import NOTHING_DONE, SOME_ROWS_FAILED, STOPPED_EARLY, Locked
from src.mis import keys, notes
from src.mis.records import APPLICANT, STUDENT
from src.office.mis_application import Side
from tests.desk import Desk
from tests.mis.school import School, adopt, create, hold, mark_of, people, person
from tests.mis.university import University

LATER = "2027-01-01 00:00:00"
GONE = MissingTable("mis.db: is no MIS; check MIS_DATABASE_URL")
ONCE = {mark_of(one): 1 for one in people(6)}


@pytest.fixture
def six(school):
    """Let the plan be to create six customers."""
    school.enrol(*people(6))
    school.plan(*map(create, people(6)))
    return school


class Failing:
    """A database that fails from its n-th statement on; counts them."""

    def __init__(self, school: Any, at: int, problem: Exception) -> None:
        self.calls, self._at, self._problem = 0, at, problem
        self._school = school

    @contextmanager
    def opened(self, settings: object) -> Iterator[Any]:
        with self._school.opened(settings) as database:
            yield _Failing(database, self._count)

    def _count(self) -> None:
        self.calls += 1
        if self.calls >= self._at:
            raise self._problem


class _Failing:
    def __init__(self, inner: Any, count: Callable[[], None]) -> None:
        self._inner, self._count = inner, count

    def __getattr__(self, name: str) -> Any:
        if name in ("run", "load"):
            self._count()
        return getattr(self._inner, name)


def pushed_with(school, at: int, problem: Exception, *options: str) -> int:
    """Push with a MIS that fails from its n-th statement on; return the exit code."""
    before = school.sides
    school.sides = Side(Failing(school, at, problem).opened, before.connected)
    try:
        return school.push(*options)
    finally:
        school.sides = before


def lease(school, owner: str, until: str, *ids: int) -> None:
    """Let somebody have applicants in hand."""
    moment = f"'{until}'" if until else "NULL"
    held = f"qb_run_id = '{owner}', qb_lease_until = {moment}"
    leased = f'"QuickBk_Status" = 3, {held}'
    listed = ", ".join(map(str, ids))
    school.run_sql(f"UPDATE tbl_online_application SET {leased} WHERE appl_Id IN ({listed})")


# --- a MIS that fails -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (Locked("mis.db: locked by another program; try again later"), LOCKED),
        (ConnectionLost("mis: the connection was lost; try again"), STOPPED_EARLY),
        (GONE, NOTHING_DONE),
        (OSError(28, "No space left on device"), INPUT_OUTPUT),
    ],
)
def test_a_mis_that_fails_before_anything_is_sent_ends_the_push_with_its_own_code(
    six, problem, code
):
    assert pushed_with(six, 2, problem, "--batch-size", "2") == code

    assert six.customers() == []
    assert "next: make mis-push" in six.desk.out


def test_a_mis_that_fails_when_nothing_is_to_be_sent_ends_the_push_with_its_own_code(six):
    six.push()
    lease(six, "", "", 2)

    locked = Locked("mis.db: locked; try again later")
    assert pushed_with(six, 4, locked) == LOCKED


@pytest.mark.parametrize("at", [6, -1])  # in the middle, and when everything was sent
@pytest.mark.parametrize("problem", [OSError(28, "No space left on device"), GONE])
def test_a_mis_that_fails_after_something_was_sent_stops_the_push_early(
    six, tmp_path, problem, at
):
    at = at if at > 0 else statements(six.copied(Desk(tmp_path / "count")))

    assert pushed_with(six, at, problem, "--batch-size", "2") == STOPPED_EARLY

    assert six.customers()
    assert "the MIS could not be told" in six.desk.out
    assert "held" not in six.desk.out
    assert "next: make mis-push" in six.desk.out


def test_what_was_not_sent_because_the_mis_failed_was_not_attempted(six):
    pushed_with(six, 6, GONE, "--batch-size", "2")

    assert "not attempted" in six.desk.out and "held" not in six.desk.out


def test_doubt_comes_before_a_mis_that_failed(six):
    six.scenario("1,batch,drop_applied")

    assert pushed_with(six, 6, GONE, "--batch-size", "2", "--max-errors", "1") == IN_DOUBT


def test_a_login_that_ended_comes_before_a_mis_that_failed(six):
    six.scenario("1-9,batch,401")

    assert pushed_with(six, 3, GONE) == AUTHORIZE_AGAIN


def test_who_waits_or_is_there_was_not_sent(six):
    six.push("--limit", "1")
    six.run_sql('UPDATE tbl_online_application SET "QuickBk_Status" = 0')
    there = six.customer("Aline Uwera1")
    six.plan(adopt(person(1), there), hold(person(2)), create(person(3)))

    assert pushed_with(six, 2, GONE) == NOTHING_DONE

    assert six.desk.out.startswith("mis_push: 1 adopted; 1 held")


def test_a_table_that_is_gone_is_said_to_be_the_mis_s(six):
    batch = six.company.batch

    def emptied(changes, request_id):
        six.run_sql("DROP TABLE IF EXISTS tbl_online_application")
        return batch(changes, request_id)

    six.company.batch = emptied

    assert six.push("--batch-size", "2") == STOPPED_EARLY

    assert "mis.db: is no MIS, no such table: tbl_online_application; check " in six.desk.out
    assert "src.database" not in six.desk.out


def statements(school) -> int:
    """Return how many statements the MIS gets in a push."""
    failing = Failing(school, 10**9, Locked(""))
    school.sides = Side(failing.opened, school.sides.connected)
    school.push("--batch-size", "2")
    return failing.calls


def test_wherever_the_mis_fails_no_customer_is_made_twice(six, tmp_path):
    count = statements(six.copied(Desk(tmp_path / "count")))
    for at in range(1, count + 1):
        school = six.copied(Desk(tmp_path / str(at)))
        locked = Locked("mis.db: locked; try again later")
        code = pushed_with(school, at, locked, "--batch-size", "2")
        assert code == (STOPPED_EARLY if school.customers() else LOCKED), at

        assert school.push() == stage.OK, (at, school.desk.out, school.desk.err)

        assert school.marks() == ONCE, at
        assert school.statuses() == {"1": 6}, at


def test_what_was_in_flight_when_the_mis_failed_is_in_the_log(six):
    pushed_with(six, 8, Locked("mis.db: locked; try again later"), "--batch-size", "2")

    assert six.outcomes()["created"] == len(six.customers()) > 0
    assert not six.company.calls["query"]


def test_a_status_that_could_not_be_written_is_written_by_the_next_start(six, tmp_path):
    at = statements(six.copied(Desk(tmp_path / "count")))
    pushed_with(six, at - 1, Locked("mis.db: locked; try again"), "--batch-size", "2")
    assert six.statuses()["3"] > 0
    six.company.calls.clear()

    assert six.push() == stage.OK

    assert six.statuses() == {"1": 6}
    assert not six.company.calls


# --- who is in hand ---------------------------------------------------------------------


def test_whom_another_installation_has_in_hand_is_not_sent(six):
    lease(six, "r1@elsewhere", LATER, 2, 4)

    assert six.push() == SOME_ROWS_FAILED

    assert len(six.customers()) == 4
    assert {row.error for row in six.errors()} == {
        f"another run (r1@elsewhere) has it until {LATER} UTC"
    }
    assert six.statuses() == {"1": 4, "3": 2}


def test_a_lease_that_is_over_is_nobodys(six):
    lease(six, "r1@elsewhere", "2026-11-23 08:59:00", 2, 4)

    assert six.push() == stage.OK

    assert six.marks() == ONCE


def test_the_leases_of_a_dead_run_of_ours_are_released_at_once(six):
    ours = keys.installation(socket.gethostname(), str(six.desk.logs))
    lease(six, f"r1@{ours}", LATER, 1, 2, 3, 4, 5, 6)

    assert six.push() == stage.OK

    assert six.marks() == ONCE


def test_leases_are_released_although_nothing_is_to_be_sent(six):
    six.push()
    lease(six, "", "", 2)
    six.company.calls.clear()

    assert six.push() == stage.OK

    assert six.statuses() == {"1": 6}
    assert six.raws()[APPLICANT, "2"].quickbooks_id == "2"
    assert not six.company.calls


def test_whoever_left_the_mis_since_the_plan_is_not_sent(six):
    six.run_sql("DELETE FROM tbl_online_application WHERE appl_Id = 3")

    assert six.push() == SOME_ROWS_FAILED

    assert mark_of(person(3)) not in six.marks()
    assert "the MIS has this row no more" in six.errors()[0].error


def test_the_mis_has_a_row_down_as_in_hand_before_anything_of_it_is_sent(six):
    batch = six.company.batch

    def looking(changes, request_id):
        marks = [notes.parse(change.record["Notes"]).mark for change in changes]
        seen.extend(raws[marked[mark]].status for mark in marks for raws in [six.raws()])
        return batch(changes, request_id)

    seen: list[str] = []
    marked = {mark_of(one): (one.type, one.mis_id) for one in people(6)}
    six.company.batch = looking

    six.push("--batch-size", "2")

    assert seen == ["3"] * 6


# --- the defects that the MIS had -------------------------------------------------------


def test_defect_2_nobody_is_stuck_in_progress(six):
    six.scenario("1-9,batch,401")
    six.push()
    assert six.statuses()["3"] == 0

    lease(six, "", "", *range(1, 7))  # the earlier program left its mark and went
    six.scenario()

    assert six.push() == stage.OK
    assert six.statuses() == {"1": 6}


def test_defect_3_a_status_is_written_by_the_primary_key_and_not_by_another(school):
    student = person(1, "Student One", STUDENT, identifier="7")
    school.enrol(person(7, tracking_id="1"), student)
    school.plan(create(person(7, tracking_id="1")), create(student))

    school.push()

    assert {key: raw.quickbooks_id for key, raw in school.raws().items()} == {
        (APPLICANT, "7"): "1",
        (STUDENT, "1"): "2",
    }


def test_defect_3_an_error_after_the_create_makes_no_second_one(six):
    six.scenario("1,batch,500_applied")
    six.push()

    six.push()

    assert six.marks() == ONCE
    assert six.outcomes() == {"in_doubt": 6, "recovered": 6}


def test_defect_4_what_is_there_already_is_found_before_it_is_created(six):
    six.push()
    for path in six.desk.logs.glob("mis_*"):
        path.unlink()
    (six.desk.logs / "receipts.csv").unlink()
    six.plan(*map(create, people(6)))

    assert six.push() == stage.OK

    assert six.marks() == ONCE
    assert six.outcomes() == {"recovered": 6}


def test_defect_4_a_name_that_exists_already_is_no_end(six):
    six.write("Vendor", DisplayName="aline  uwera3")

    assert six.push() == stage.OK

    assert six.marks() == ONCE
    assert six.names()["Aline Uwera3 (APP-3)"] == 1
    assert "1 customer(s) got another name than planned" in six.desk.out


def test_defect_4_a_status_that_is_lost_is_no_reason_to_create_again(six):
    pushed_with(six, 8, Locked("mis.db: locked; try again later"))
    six.run_sql("UPDATE tbl_online_application SET QuickBk_Status = 0, qb_run_id = NULL")

    six.push()

    assert six.marks() == ONCE


# --- every database ---------------------------------------------------------------------


def test_every_database_is_told_in_the_same_way(desk, mis_url):
    desk.settings["MIS_DATABASE_URL"] = mis_url
    school = School(desk)
    if mis_url:
        with school.opened() as database:
            University(database).store.prepare()
    school.enrol(*people(6), person(7))
    lease(school, "r1@elsewhere", LATER, 2)
    lease(school, "", "", 3)
    school.plan(*map(create, people(6)))

    assert school.push("--batch-size", "4") == SOME_ROWS_FAILED

    assert school.statuses() == {"1": 5, "3": 1, "0": 1}
    raw = school.raws()[APPLICANT, "3"]
    assert (raw.quickbooks_id, raw.sync_token, raw.leased_by) == ("2", "0", "")
    with school.opened() as database:
        query = "SELECT pushed_date FROM tbl_online_application WHERE appl_Id = 3"
        assert [str(one)[:10] for (one,) in database.rows(query, "t")] == ["2026-11-23"]
