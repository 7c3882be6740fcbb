"""The row of an import in the history: its heartbeat, its counts, its end."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from src.kit.clock import Clock
from src.office import connect_database
from src.salespro.history import Ending, History, Start
from tests.salespro.counter import Sales

START = Start("run", "csv_appointments", False, "x.csv", "0" * 64, 500)
BEGAN = datetime(2025, 6, 6, tzinfo=timezone.utc)
QUERY = (
    "SELECT status, started_at, heartbeat_at, completed_at, records_processed, "
    "records_created, records_updated FROM salespro_sync_history ORDER BY id"
)


class Watch:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.clock = Clock(lambda: BEGAN + timedelta(seconds=self.seconds), self._told)

    def _told(self) -> float:
        return self.seconds


@pytest.fixture
def database(sales: Sales):
    with connect_database.database(sales.desk.config) as found:
        yield found


def rows(database) -> list[tuple]:
    return list(database.rows(QUERY, "tzzziii"))


def beat(database, history: History, created: int, updated: int) -> None:
    with database.transaction():
        history.beat(created, updated)


def test_each_batch_is_counted_and_the_heart_beats_once_a_second(database):
    watch = Watch()
    history = History(database, watch.clock)
    history.begin(START)
    for seconds in (1.0, 1.5, 2.5, 2.6):
        watch.seconds = seconds
        beat(database, history, 3, 2)

    [(status, began, heartbeat, completed, *counts)] = rows(database)
    assert (status, completed, counts) == ("in_progress", None, [20, 12, 8])
    assert began == "2025-06-06T00:00:00.000000+00:00"
    assert heartbeat == "2025-06-06T00:00:02.500000+00:00"


def test_a_batch_that_is_rolled_back_is_not_counted(database):
    history = History(database, Watch().clock)
    history.begin(START)
    with pytest.raises(ZeroDivisionError):
        with database.transaction():
            history.beat(3, 2)
            raise ZeroDivisionError
    beat(database, history, 1, 0)

    assert rows(database)[0][4:] == (1, 1, 0)


def test_whatever_is_in_progress_at_a_start_was_killed(database):
    watch = Watch()
    History(database, watch.clock).begin(START)
    watch.seconds = 60

    History(database, watch.clock).begin(START)

    (first, second) = rows(database)
    assert (first[0], second[0]) == ("interrupted", "in_progress")
    assert first[3] == second[1] == "2025-06-06T00:01:00.000000+00:00"


def test_what_has_ended_stays_as_it_ended(database):
    history = History(database, Watch().clock)
    history.begin(START)
    history.end(Ending("completed", "", {"processed": 5, "created": 5}))

    History(database, Watch().clock).begin(START)

    assert rows(database)[0][0] == "completed"
    assert rows(database)[0][4:] == (5, 5, 0)


def test_only_a_completed_import_of_the_same_kind_makes_a_file_known(database):
    clock = Watch().clock

    def imported(start: Start, status: str, error: str = "", failed: int = 0):
        history = History(database, clock)
        known = history.begin(start)
        history.end(Ending(status, error, {"failed": failed}))
        return known

    assert imported(START, "failed") is None
    assert imported(START, "partial", "stopped by --limit 1") is None
    assert imported(START, "partial", failed=1) is None
    assert imported(START._replace(is_dry_run=True), "completed") is None
    assert imported(START._replace(sync_type="csv_users"), "completed") is None
    assert imported(START._replace(file_sha256="1" * 64), "completed") is None
    assert imported(START, "partial") is None
    assert imported(START, "completed").is_last


def test_a_file_without_a_hash_is_never_known(database):
    for _ in range(2):
        history = History(database, Watch().clock)
        known = history.begin(START._replace(file_sha256=None))
        history.end(Ending("completed", "", {}))

    assert known is None
