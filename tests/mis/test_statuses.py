"""What the MIS is told, and by whom its rows are held."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from src.kit import runlog
from src.kit.appender import Appender
from src.kit.errors import Locked
from src.mis.records import APPLICANT, STUDENT, Pushed
from src.mis.saying import Log, Word
from src.mis.statuses import LEASE, Owner, Statuses, text_of
from src.mis.store import Lease
from src.mis.tables import Raw, Status
from tests.mis.people import NOBODY
from tests.mis.school import mark_of, person

NOON = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)
OURS = Owner("r2", "0a1b2c3d")
ONE, TWO, OTHER = (APPLICANT, "1"), (APPLICANT, "2"), (STUDENT, "1")
THERE = {ONE, TWO, OTHER}
REALM = "1234567890"


class Mis:
    """The MIS in memory."""

    def __init__(self) -> None:
        self.leases: dict[tuple[str, str], Lease] = {}
        self.customers: dict[tuple[str, str], str] = {}
        self.is_quick = False  # others lease for longer before they can be taken over
        self.told: list[list[Status]] = []
        self.problem: Exception | None = None

    def leased(self) -> list[Lease]:
        return list(self.leases.values())

    def hold(self, person: tuple[str, str], owner: str, until: str) -> None:
        self.leases[person] = Lease(*person, owner, until)

    def lease(
        self, type_: str, known_as: dict[int, str], owner: str, until: str
    ) -> list[int]:
        if self.problem:
            raise self.problem
        free = [n for n in known_as if self._is_free((type_, str(n)), owner, known_as[n])]
        for one in free:
            self.hold((type_, str(one)), owner, until)
        return free

    def _is_free(self, person: tuple[str, str], owner: str, known_as: str) -> bool:
        if held := self.leases.get(person):
            return held.owner == owner
        return person in THERE and self.customers.get(person, "") in ("", known_as)

    def take_over(
        self, leases: list[Lease], owner: str, until: str
    ) -> list[tuple[str, str]]:
        found = [] if self.is_quick else [(one.type, one.mis_id) for one in leases]
        for one in found:
            self.hold(one, owner, until)
        return found

    def some(self, type_: str, ids: list[int]) -> list[Raw]:
        return [self._raw((type_, str(n))) for n in ids if (type_, str(n)) in THERE]

    def _raw(self, person: tuple[str, str]) -> Raw:
        held = self.leases.get(person, Lease(*person, "", ""))
        known = {"status": "3" * bool(held.owner), "quickbooks_id": self.customers.get(person, "")}
        blank = NOBODY._replace(type=person[0], mis_id=person[1], **known)
        return blank._replace(leased_by=held.owner, leased_until=held.until)

    def write(self, statuses: list[Status]) -> int:
        if self.problem:
            raise self.problem
        self.told.append(list(statuses))
        for one in statuses:
            self.leases.pop((one.type, one.mis_id), None)
        return len(self.told[-1])


@pytest.fixture
def mis():
    return Mis()


class Time:
    """A clock that stands still."""

    now = NOON


@pytest.fixture
def statuses(mis):
    return Statuses(mis, OURS, lambda: Time.now)


@pytest.fixture
def log(tmp_path):
    return Log(tmp_path / "mis_runlog.csv", REALM)


def unknown(*people: tuple[str, str]) -> dict[tuple[str, str], str]:
    """Return people of whom the plan knew no customer."""
    return dict.fromkeys(people, "")


def write_log(log, *rows: dict[str, str]) -> None:
    """Append rows that say this and nothing else."""
    appender = Appender(log.path, Pushed)
    blank = dict.fromkeys(Pushed._fields, "")
    known = {"realm_id": REALM, "ts": "2026-11-20T08:00:00.000000+00:00"}
    appender.append([tuple({**blank, **known, **row}.values())[:-1] for row in rows])
    appender.close()


def of(person, outcome, **cells):
    return {"type": person[0], "mis_id": person[1], "key": "k" * 33, "outcome": outcome, **cells}


CREATED = of(ONE, "created", quickbooks_id="7", sync_token="0")
SYNCED = Status(*ONE, "1", "7", "0", "2026-11-20 08:00:00")


# --- leases that others left ------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([], [Status(*ONE, "0")]),
        ([CREATED], [SYNCED]),
        ([of(ONE, "failed")], [Status(*ONE, "2")]),
        ([of(ONE, "in_doubt"), of(ONE, "absent")], [Status(*ONE, "0")]),
        ([of(ONE, "in_doubt")], []),
        ([of(ONE, "failed"), CREATED], [SYNCED]),
        ([CREATED, of(ONE, "failed")], [Status(*ONE, "2")]),
        ([CREATED, of(ONE, "removed")], [Status(*ONE, "0")]),
        ([CREATED, of(ONE, "held", key="", error="it is unclear")], [SYNCED]),
        ([of(ONE, "held", key="")], [Status(*ONE, "0")]),
        ([CREATED | {"realm_id": "77"}], [Status(*ONE, "0")]),
        ([CREATED | {"type": "", "mis_id": "", "key": mark_of(person(1))}], [SYNCED]),
        ([of(TWO, "created", quickbooks_id="8")], [Status(*ONE, "0")]),
        ([CREATED, of(ONE, "not_attempted")], [SYNCED]),
    ],
)
def test_a_dead_runs_lease_becomes_what_the_log_says_last(mis, statuses, log, rows, told):
    mis.hold(ONE, "r1@0a1b2c3d", "2026-11-21 12:10:00")
    write_log(log, *rows)

    statuses.look()
    statuses.release(log)
    statuses.end(log)

    assert [one for written in mis.told for one in written] == told


@pytest.mark.parametrize(
    ("owner", "until", "is_released"),
    [
        ("r1@0a1b2c3d", "2026-11-21 12:10:00", True),  # of our installation
        ("r1@elsewhere", "2026-11-21 12:10:00", False),
        ("r1@elsewhere", "2026-11-21 12:00:00", True),  # its time is over
        ("r1@elsewhere", "", True),
        ("", "", True),  # in progress since some other program stopped
    ],
)
def test_leases_of_others_are_respected_until_they_end(
    mis, statuses, log, owner, until, is_released
):
    mis.hold(ONE, owner, until)

    statuses.look()
    statuses.release(log)
    statuses.end(log)

    assert bool(mis.told) == is_released
    assert (ONE in statuses.others) == (not is_released)


@pytest.mark.parametrize(
    ("owner", "rows", "count"),
    [
        ("r1@elsewhere", [], 1),
        ("r1@0a1b2c3d", [], 1),  # which may have taken it over
        ("r1@elsewhere", [of(ONE, "failed")], 1),
        ("r1@elsewhere", [CREATED], 0),
        ("", [], 0),  # no run of this program
    ],
)
def test_whom_a_dead_run_had_is_unknown_unless_the_log_knows_a_success(
    mis, statuses, log, owner, rows, count
):
    mis.hold(ONE, owner, "2026-11-21 12:00:00")
    write_log(log, *rows)

    statuses.look()

    assert statuses.unknown(log) == count


def test_whom_a_dead_run_had_is_in_hand_of_this_one_until_it_is_known(mis, statuses, log):
    mis.hold(ONE, "r1@elsewhere", "2026-11-21 12:00:00")
    statuses.look()
    statuses.release(log)

    assert mis.told == []
    assert mis.leased() == [Lease(*ONE, "r2@0a1b2c3d", "2026-11-21 12:15:00")]
    write_log(log, CREATED)  # it was found in QuickBooks
    statuses.end(log)
    assert mis.told == [[SYNCED]]


def test_whom_nobody_looked_for_stays_in_hand(mis, statuses, log):
    mis.hold(ONE, "r1@elsewhere", "2026-11-21 12:00:00")
    statuses.look()

    statuses.end(log)

    assert mis.told == []
    assert list(mis.leases) == [ONE]


def test_a_lease_that_another_run_takes_over_first_is_its_own(mis, statuses, log):
    mis.hold(ONE, "r1@elsewhere", "2026-11-21 12:00:00")
    mis.is_quick = True

    statuses.look()
    statuses.release(log)
    statuses.end(log)

    assert mis.told == []
    assert ONE in statuses.others and statuses.unknown(log) == 0


def test_where_nobody_is_in_progress_the_log_is_not_read(mis, statuses, tmp_path):
    statuses.look()

    assert statuses.release(Log(tmp_path / "a folder that is not there" / "x.csv", REALM)) == 0


# --- this run's -------------------------------------------------------------------------


def test_people_are_taken_in_hand_by_type_for_a_quarter_of_an_hour(mis, statuses):
    got = statuses.lease(unknown(ONE, TWO, OTHER))

    assert got == {ONE, TWO, OTHER}
    assert {held.owner for held in mis.leased()} == {"r2@0a1b2c3d"}
    assert {held.until for held in mis.leased()} == {"2026-11-21 12:15:00"}


def test_whom_somebody_else_has_is_not_taken(mis, statuses):
    mis.hold(TWO, "r9@elsewhere", "2026-11-21 12:10:00")
    statuses.look()

    assert statuses.lease(unknown(ONE, TWO)) == {ONE}
    assert statuses.why_not(TWO) == (
        "another run (r9@elsewhere) has it until 2026-11-21 12:10:00 UTC"
    )


def test_whoever_is_not_in_the_mis_is_not_taken(statuses):
    gone = (APPLICANT, "9")

    assert statuses.lease(unknown(gone)) == set()
    assert statuses.why_not(gone) == "the MIS has this row no more; fetch and plan again"


def test_whom_the_mis_says_to_be_another_customer_since_the_plan_is_not_taken(mis, statuses):
    mis.customers = {ONE: "86", TWO: "87"}

    assert statuses.lease({ONE: "", TWO: "87", OTHER: ""}) == {TWO, OTHER}

    assert statuses.why_not(ONE) == (
        "the MIS says since the plan that it is customer 86; fetch and plan again"
    )


def test_whom_another_run_took_since_the_start_is_not_taken(mis, statuses):
    statuses.look()
    mis.hold(ONE, "r9@elsewhere", "2026-11-21 11:00:00")  # over, and not looked for

    assert statuses.lease(unknown(ONE)) == set()

    assert statuses.why_not(ONE) == (
        "another run (r9@elsewhere) has it until 2026-11-21 11:00:00 UTC"
    )


def test_who_is_done_is_written_before_the_next_are_taken(mis, statuses):
    statuses.lease(unknown(ONE))
    statuses.note(ONE, Word("created", "7", "0", "2026-11-20T08:00:00+00:00"))

    statuses.lease(unknown(TWO))

    assert mis.told == [[SYNCED]]
    assert list(mis.leases) == [TWO]


def test_what_failed_is_written_at_the_end_because_it_may_go_again(mis, statuses, log):
    statuses.lease(unknown(ONE))
    statuses.note(ONE, Word("failed"))
    statuses.lease(unknown(TWO))
    statuses.note(ONE, Word("created", "7", "0", "2026-11-20T08:00:00+00:00"))
    statuses.note(TWO, Word("failed"))

    statuses.end(log)

    assert mis.told == [[SYNCED, Status(*TWO, "2")]]


def test_who_is_in_doubt_stays_in_hand(mis, statuses, log):
    statuses.lease(unknown(ONE))
    statuses.note(ONE, Word("in_doubt"))

    statuses.end(log)

    assert mis.told == []
    assert list(mis.leases) == [ONE]


def test_whom_the_run_took_for_nothing_is_let_go_as_the_log_says(mis, statuses, log):
    write_log(log, CREATED)
    statuses.lease(unknown(ONE, TWO))

    statuses.end(log)

    assert mis.told == [[SYNCED, Status(*TWO, "0")]]


def test_a_lease_that_grows_old_is_renewed_with_the_next(mis, statuses):
    statuses.lease(unknown(ONE))
    Time.now = NOON + LEASE / 2
    try:
        statuses.lease(unknown(TWO))
    finally:
        Time.now = NOON

    assert {held.until for held in mis.leased()} == {"2026-11-21 12:22:30"}


def test_a_status_that_is_written_is_not_written_again(mis, statuses, log):
    statuses.lease(unknown(ONE))
    statuses.note(ONE, Word("created", "7", "0"))
    statuses.write_successes()

    statuses.end(log)

    assert len(mis.told) == 1


# --- a MIS that cannot be told ----------------------------------------------------------


def test_a_mis_that_fails_takes_nobody_and_is_asked_nothing_more(mis, statuses, log):
    mis.problem = Locked("mis.db: locked; try again later")

    assert statuses.lease(unknown(ONE)) == set()

    assert statuses.problem is mis.problem
    mis.problem = None
    statuses.note(TWO, Word("created", "7", "0"))
    statuses.end(log)
    assert mis.told == []


def test_a_programming_error_is_no_problem_of_the_mis(mis, statuses):
    mis.problem = KeyError("x")

    with pytest.raises(KeyError):
        statuses.lease(unknown(ONE))


def test_times_are_written_as_the_mis_writes_them():
    there = timezone(timedelta(hours=2))

    assert text_of(datetime(2026, 11, 21, 22, 0, 1, 999, there)) == "2026-11-21 20:00:01"


def test_the_log_is_read_whoever_saved_it(log):
    write_log(log, CREATED)
    text = log.path.read_bytes().decode("utf-8-sig").replace(",", ";")
    log.path.write_text(text, "utf-8")

    assert len([row for row in runlog.rows(log.path, Pushed) if row]) == 1
    assert log.last_words([ONE])[ONE].quickbooks_id == "7"
