"""A control room to test at: sessions in one folder, stages that end as they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from src.kit import conducting, receipts, runlog, tables
from src.kit.appender import append_in_turn
from src.kit.clock import REAL, Clock
from src.kit.conducting import Conclusion, Work
from src.kit.counting import closed
from src.kit.doors import Ended, Stage
from src.kit.errors import OK
from src.kit.events import Event
from src.kit.living import Outside
from src.kit.logbook import Author, LogPlace
from src.kit.sessions import FETCHED, PLANNED, Writer
from src.kit.sync_manager import SyncManager
from src.kit.tables import Table
from src.wms.counting import APPLIED, SUBJECT, Counting
from src.wms.records import PLAN, REJECTS, RUNLOG, SESSIONS, Attempt, Planned, Rejected

BEGAN = datetime(2026, 11, 20, 8, tzinfo=timezone.utc)
STAGES = [
    Stage(FETCHED, "wms_fetch", ()),
    Stage(PLANNED, "wms_plan", ()),
    Stage(APPLIED, "wms_apply", ()),
]
CARD = Planned(*[""] * len(Planned._fields))
ATTEMPT = Attempt(*[""] * len(Attempt._fields))


def writer(folder: Path, table: Table, session_id: str, now: Clock = REAL) -> Writer:
    """Return what adds rows to a session."""
    place = LogPlace(folder / table.name, table.place, Event)
    return Writer(place, Author(session_id, "a door", now))


class Started:
    """A session in the background that never comes to its first row."""

    def __init__(self, code: int | None = None, said: str = "") -> None:
        self._code, self._said = code, said

    def ended(self) -> int | None:
        """Return the exit code that it was made with."""
        return self._code

    def said(self) -> str:
        """Return what it was made with."""
        return self._said


class Control:
    """One folder, a clock that only sleeping moves, and a manager."""

    def __init__(self, root: Path) -> None:
        self.data, self.logs = root / "data", root / "logs"
        for folder in (self.data, self.logs):
            folder.mkdir(parents=True)
        self.seconds = 0.0
        self.on_sleep: Callable[[], None] = lambda: None
        self.clock = Clock(self._now, lambda: self.seconds, self._sleep)
        self.launched: list[tuple[str, tuple[str, ...]]] = []
        self.on_launch: Callable[[str, tuple[str, ...]], Started] = self._runs
        counting = Counting(self.data, self.logs, closed(self.logs))
        self.outside = Outside(
            self.clock, self.logs, SUBJECT, counting, self._launch, self._id
        )
        self.manager = SyncManager(self.outside)

    def _now(self) -> datetime:
        return BEGAN + timedelta(seconds=self.seconds)

    def _sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self.on_sleep()

    def _id(self) -> str:
        return f"s{len(self.launched) + 1}"

    def _launch(
        self, session_id: str, objects: tuple[str, ...], options: Mapping[str, Any]
    ) -> Started:
        self.options = options
        self.launched.append((session_id, objects))
        return self.on_launch(session_id, objects)

    def _runs(self, session_id: str, objects: tuple[str, ...]) -> Started:
        self.writer(session_id).start(objects)
        return Started()

    # --- what there is ----------------------------------------------------------------

    def writer(self, session_id: str) -> Writer:
        """Return what adds rows to a session."""
        return self.outside.writer(session_id)

    @contextmanager
    def living(self, session_id: str) -> Iterator[None]:
        """Let a session that has rows be at work meanwhile."""
        with self.outside.lock as lock:
            lock.sign(session_id)
            yield

    def plan(self, run_id: str, *cards: Planned) -> None:
        """Write a plan of a run, with its receipt."""
        tables.write(self.data / PLAN.name, Planned, cards)
        rows = str(len(cards))
        now = self.clock.timestamp()
        receipt = (now, run_id, "wms_plan", receipts.FILE, PLAN.place, rows, "", "")
        receipts.append(self.logs, receipt)

    def reject(self, run_id: str, *wms_ids: str) -> None:
        """Write which records a fetch could not read, with its receipt."""
        rows = [Rejected("customers", "customers", one, "", "is odd") for one in wms_ids]
        tables.write(self.logs / REJECTS.name, Rejected, rows)
        fact = (run_id, "wms_fetch", receipts.FILE, REJECTS.place, str(len(rows)), "", "")
        receipts.append(self.logs, (self.clock.timestamp(), *fact))

    def log(self, run_id: str, *attempts: Attempt) -> None:
        """Append attempts of a run to the run log."""
        rows = [one._replace(run_id=run_id)[:-1] for one in attempts]
        append_in_turn(self.logs / RUNLOG.name, Attempt, rows)

    def events(self) -> list[Event]:
        """Return the rows of all sessions."""
        found = runlog.rows(self.logs / SESSIONS.name, Event)
        return [Event(*map(runlog.text, row)) for row in found]

    def told(self) -> list[str]:
        """Return the events of all sessions."""
        return [row.event for row in self.events()]

    # --- a session --------------------------------------------------------------------

    def conduct(
        self,
        *codes: int | Ended | Callable[[], int],
        objects: tuple[str, ...] = ("customers",),
        asked: Callable[[], str] = lambda: "",
        session_id: str = "s1",
    ) -> Conclusion:
        """Carry out a session whose stages end with these codes, OK where none is left."""
        left = list(codes)
        self.performed: list[str] = []

        def perform(stage: Stage, lock: int) -> Ended:
            self.performed.append(stage.door)
            self.seconds += 1
            end = left.pop(0) if left else OK
            end = end() if callable(end) else end
            return end if isinstance(end, Ended) else Ended(end, f"{stage.door} said it")

        return conducting.conduct(
            self.outside, session_id, objects, Work(STAGES, perform, asked)
        )


def card(wms_id: str, type: str = "customers", **cells: str) -> Planned:
    """Return a card of a record; its kind is its type unless it is said."""
    return CARD._replace(**{"type": type, "kind": type, "wms_id": wms_id, **cells})


def attempt(wms_id: str, outcome: str, type: str = "customers", **cells: str) -> Attempt:
    """Return a row of the run log."""
    told = {"type": type, "kind": type, "wms_id": wms_id, "outcome": outcome, **cells}
    return ATTEMPT._replace(**told)
