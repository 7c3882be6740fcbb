"""The manager: one session at a time, seen truly whatever became of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from src.kit import sync_manager
from src.kit.doors import SILENT
from src.kit.errors import LOCKED, Locked, Refused
from src.kit.living import AtWork
from src.kit.sessions import Count
from src.kit.sync_manager import NotStarted
from src.wms.fields import TYPES
from src.wms.records import UPDATE
from tests.wms.control import BEGAN, Control, Started, attempt, card

KEYS = [
    *("status", "start_time", "end_time", "total_objects", "synced_objects"),
    *("failed_objects", "progress_percentage", "object_progress", "errors"),
]


@pytest.fixture
def control(tmp_path) -> Control:
    return Control(tmp_path)


def status(control: Control) -> dict:
    return control.manager.get_sync_status()


def at_work(control: Control, total: int = 4, session_id: str = "s1") -> None:
    """Let a session be at work whose plan has some customers."""
    writer = control.writer(session_id)
    writer.start(["customers", "items"])
    writer.count({"customers": Count(total)})


# --- starting -------------------------------------------------------------------------


def test_a_start_returns_when_the_session_is_known_to_run(control):
    session_id = control.manager.start_sync(["items", "customers"])

    assert control.launched == [(session_id, ("customers", "items"))]
    assert control.told() == ["started"]


def test_no_types_are_all_types(control):
    control.manager.start_sync()

    assert control.launched[0][1] == TYPES


def test_a_word_that_is_no_type_starts_nothing(control):
    with pytest.raises(Refused, match="^orders: nothing of that name"):
        control.manager.start_sync(["orders"])

    assert control.launched == []


def test_two_sessions_never_run_at_once(control):
    with control.outside.lock, pytest.raises(Locked, match="held by process") as refused:
        control.manager.start_sync()

    assert refused.value.exit_code == LOCKED
    assert control.launched == []


def test_a_session_at_work_is_known_without_waiting(control):
    at_work(control)

    with control.living("s1"), pytest.raises(AtWork, match="session s1 runs since"):
        control.manager.start_sync()

    assert (control.seconds, control.launched) == (0, [])


def test_a_dead_session_whose_end_is_being_written_is_waited_for(control):
    at_work(control, session_id="s0")
    with control.living("s0"):
        pass
    poll = control.outside.lock
    poll.__enter__()
    control.on_sleep = poll.__exit__

    assert control.manager.start_sync(["items"]) == "s1"


def test_where_starting_is_in_vain_nothing_is_started(control):
    def missing() -> None:
        raise Refused("data/mis.db: not found")

    manager = sync_manager.SyncManager(control.outside._replace(check=missing))

    with pytest.raises(Refused, match="not found"):
        manager.start_sync()
    assert control.launched == []


def test_while_a_session_is_being_started_no_other_one_is_launched(control):
    told: list[str] = []

    def begins(session_id: str, objects: tuple[str, ...]) -> Started:
        with pytest.raises(Locked) as refused:
            control.manager.start_sync(["items"])
        told.append(str(refused.value))
        control.writer(session_id).start(objects)
        return Started()

    control.on_launch = begins
    control.manager.start_sync(["items"])

    since = "since 2026-11-20 08:00:00 UTC"
    way_out = "wait until it has ended, or cancel it"
    assert told == [f"wms_sync: session s1 runs {since}; {way_out}"]
    assert len(control.launched) == 1


def test_a_start_that_came_to_nothing_stands_in_nobodys_way(control):
    control.on_launch = lambda *_: Started(2, "no")
    for _ in range(2):
        with pytest.raises(NotStarted, match="no"):
            control.manager.start_sync(["items"])

    assert len(control.launched) == 2


def test_a_start_waits_until_whoever_asks_for_the_status_has_looked(control):
    poll = control.outside.lock
    poll.__enter__()
    control.outside = control.outside._replace(
        clock=control.clock._replace(sleep=lambda _: poll.__exit__())
    )
    control.manager = sync_manager.SyncManager(control.outside)

    assert control.manager.start_sync(["items"]) == "s1"


def test_a_session_that_does_not_come_to_it_says_why(control):
    control.on_launch = lambda *_: Started(2, "CONDUCTOR_API=x: choose one of fake, http")

    with pytest.raises(NotStarted, match="^CONDUCTOR_API=x: choose") as refused:
        control.manager.start_sync()

    assert refused.value.exit_code == 2


def test_a_session_that_ends_at_once_was_started_all_the_same(control):
    def ends(session_id: str, objects: tuple[str, ...]) -> Started:
        control.writer(session_id).start(objects)
        control.writer(session_id).end("failed", "wms_fetch", "x", Count())
        return Started(2)

    control.on_launch = ends

    assert control.manager.start_sync() == "s1"


def test_a_session_that_ends_between_two_looks_was_started_all_the_same(control):
    class EndsMeanwhile(Started):
        def ended(self) -> int:
            control.writer("s1").start(["items"])
            return 0

    control.on_launch = lambda *_: EndsMeanwhile()

    assert control.manager.start_sync(["items"]) == "s1"


def test_a_session_that_never_shows_is_not_waited_for_for_ever(control):
    control.on_launch = lambda *_: Started()

    with pytest.raises(Refused, match="no session within 60 s; see logs/wms_sync.out"):
        control.manager.start_sync()

    assert control.seconds < 62


# --- status ---------------------------------------------------------------------------


def test_without_a_session_there_is_a_status_of_none(control):
    found = status(control)

    assert list(found) == KEYS
    assert list(found.values()) == [None, None, None, 0, 0, 0, 0, {}, []]
    assert list(control.logs.iterdir()) == []


def test_the_status_has_exactly_the_keys_of_the_specification(control):
    at_work(control)

    with control.outside.lock:
        assert list(status(control)) == KEYS


def test_progress_follows_the_run_log(control):
    at_work(control)
    control.log("s1", attempt("1", "updated"), attempt("2", "failed", error="x"))

    with control.outside.lock:
        found = status(control)

    assert found["status"] == "running" and found["end_time"] is None
    assert found["start_time"] == BEGAN
    counts = [found[f"{name}_objects"] for name in ("total", "synced", "failed")]
    assert (counts, found["progress_percentage"]) == ([4, 1, 1], 50)
    assert found["object_progress"] == {
        "customers": {"total": 4, "synced": 1, "failed": 1},
        "items": {"total": 0, "synced": 0, "failed": 0},
    }
    assert found["errors"] == ["customers 2: x"]


def test_a_second_session_starts_at_nothing(control):
    control.conduct(0, _plans(control, "s1"), _applies(control, "s1", "updated"))
    assert status(control)["progress_percentage"] == 100
    control.writer("s2").start(["customers"])

    with control.outside.lock:
        found = status(control)

    assert (found["progress_percentage"], found["synced_objects"]) == (0, 0)


def _plans(control: Control, session_id: str):
    return lambda: control.plan(session_id, card("1", action=UPDATE)) or 0


def _applies(control: Control, session_id: str, outcome: str):
    return lambda: control.log(session_id, attempt("1", outcome)) or 0


@pytest.mark.parametrize(
    ("state", "count", "percentage"),
    [
        ("running", Count(), 0),
        ("running", Count(3, 1, 0), 33),
        ("running", Count(3, 2, 1), 99),
        ("completed", Count(), 100),
        ("completed", Count(3, 1, 1), 100),
        ("failed", Count(), 0),
        ("failed", Count(4, 1, 0), 25),
        ("cancelled", Count(2, 2, 0), 99),
    ],
)
def test_a_hundred_percent_is_for_what_is_completed(state, count, percentage):
    assert sync_manager.percentage(state, count) == percentage


def test_more_errors_than_a_screen_takes_are_counted(control):
    at_work(control, 500)
    control.log("s1", *(attempt(f"{n}", "failed", error="x") for n in range(300)))

    with control.outside.lock:
        errors = status(control)["errors"]

    assert len(errors) == 201
    assert errors[-1] == "and 100 more in logs/wms_runlog.csv"


# --- liveness -------------------------------------------------------------------------


def test_a_session_whose_lock_nobody_holds_has_failed(control):
    at_work(control)
    control.log("s1", attempt("1", "updated"))
    control.seconds = 9

    found = status(control)

    assert found["status"] == "failed"
    assert found["end_time"] == BEGAN + timedelta(seconds=9)
    assert (found["total_objects"], found["synced_objects"]) == (4, 1)
    assert found["errors"] == [SILENT]
    assert control.told()[-1] == "failed"


def test_a_door_that_outlives_its_session_is_counted(control):
    at_work(control)
    status(control)
    control.log("s1", attempt("1", "updated"))

    assert (status(control)["status"], status(control)["synced_objects"]) == ("failed", 1)


def test_counts_outlive_the_run_log(control):
    at_work(control)
    control.log("s1", attempt("1", "updated"))
    status(control)
    (control.logs / "wms_runlog.csv").unlink()

    assert status(control)["synced_objects"] == 1


def test_the_dead_are_ended_once(control):
    at_work(control)
    status(control)
    rows = control.events()
    status(control)

    assert control.events() == rows


def test_looking_leaves_the_living_alone(control):
    at_work(control)

    with control.outside.lock:
        for _ in range(3):
            assert status(control)["status"] == "running"

    assert control.told() == ["started", "counted"]


def test_a_start_ends_the_dead_before_it(control):
    at_work(control, session_id="s0")
    control.manager.start_sync(["items"])

    assert control.told() == ["started", "counted", "counted", "failed", "started"]


def test_an_older_session_without_an_end_has_failed_whoever_runs_now(control):
    at_work(control, session_id="s0")
    at_work(control, session_id="s1")

    with control.outside.lock:
        history = control.manager.get_sync_history()

    assert [one["status"] for one in history] == ["running", "failed"]


# --- cancelling -----------------------------------------------------------------------


def test_a_cancel_names_the_session_that_runs(control):
    at_work(control)

    with control.outside.lock:
        assert control.manager.cancel_sync() == "s1"

    assert control.outside.request.read_text() == "s1"


def test_there_is_nothing_to_cancel_where_nothing_runs(control):
    assert control.manager.cancel_sync() == ""
    at_work(control)
    assert control.manager.cancel_sync() == ""

    assert not control.outside.request.exists()


# --- history --------------------------------------------------------------------------


def test_the_history_is_newest_first(control):
    control.conduct(session_id="s1")
    control.conduct(2, session_id="s2")
    control.conduct(session_id="s3")

    history = control.manager.get_sync_history()

    assert [one["session_id"] for one in history] == ["s3", "s2", "s1"]
    assert [one["status"] for one in history] == ["completed", "failed", "completed"]


def test_a_session_in_the_history_says_what_the_specification_lists(control):
    control.conduct(0, _plans(control, "s1"), _applies(control, "s1", "failed"))

    [past] = control.manager.get_sync_history()

    assert past["duration_seconds"] == 3.0
    assert past["end_time"] - past["start_time"] == timedelta(seconds=3)
    counts = [past[f"{name}_objects"] for name in ("total", "synced", "failed")]
    assert counts == [1, 0, 1]
    assert past["error_log"] == "logs/wms_runlog.csv, run_id s1"


def test_a_session_without_failed_records_has_no_error_log(control):
    control.conduct(2)

    [past] = control.manager.get_sync_history()
    assert (past["error_log"], past["errors"]) == ("", ("wms_fetch said it",))


def test_the_last_sync_is_the_end_of_the_newest_completed_session(control):
    assert control.manager.last_sync_time() is None
    control.conduct(session_id="s1")
    control.conduct(2, session_id="s2")

    assert control.manager.last_sync_time() == BEGAN + timedelta(seconds=3)
    assert isinstance(status(control)["end_time"], datetime)


# --- the last session -----------------------------------------------------------------


def test_without_a_session_there_is_no_last_one(control):
    assert control.manager.last_session() is None


def test_the_last_session_is_its_status_and_which_it_is(control):
    at_work(control)

    with control.outside.lock:
        found = control.manager.last_session()
        assert found == {"session_id": "s1", **status(control)}


def test_whoever_waits_for_an_end_gets_the_session_that_ended(control):
    at_work(control)
    control.writer("s1").end("cancelled", "wms_plan", "", Count())

    assert control.manager.wait_for_end(5).status == "cancelled"
    assert control.seconds == 0


def test_whoever_waited_long_enough_gets_the_session_as_it_is(control):
    at_work(control)

    with control.outside.lock:
        assert control.manager.wait_for_end(5).status == "running"
    assert 5 < control.seconds < 5.2


def test_a_session_has_the_options_that_it_is_started_with(control):
    control.manager.start_sync(["items"], batch_size=20)

    assert control.options == {"batch_size": 20}
