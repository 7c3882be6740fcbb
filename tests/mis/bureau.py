"""A bureau to test at: a MIS in memory, a run log, doors that end as they are told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from src.kit import receipts, tables
from src.kit.appender import append_in_turn
from src.kit.clock import Clock
from src.mis import counting
from src.mis.customer_sync import DOOR, Carried, CustomerSync, Outside
from src.mis.records import APPLICANT, ERRORS, RUNLOG, STUDENT, Pushed
from src.mis.tables import Raw

BEGAN = datetime(2026, 11, 20, 8, tzinfo=timezone.utc)
NOBODY = Raw(*[""] * len(Raw._fields))
NOTHING = Pushed(*[""] * len(Pushed._fields))
UNSYNCHRONIZED = ("", "0", "2")


class MemoryMis:
    """Persons in memory: type → status of each, whose key is its place from 1."""

    def __init__(self, **statuses: Sequence[str]) -> None:
        self._of = {APPLICANT: statuses.get("applicants", ())}
        self._of[STUDENT] = statuses.get("students", ())
        self.is_open = False

    @contextmanager
    def opened(self) -> Iterator[MemoryMis]:
        """Yield the MIS; it is asked for nothing outside of this."""
        self.is_open = True
        yield self
        self.is_open = False

    def counts(self, type_: str) -> dict[str, int]:
        """Return how many have each status, the empty one among 0."""
        assert self.is_open
        found = [status or "0" for status in self._of[type_]]
        return {status: found.count(status) for status in "0123"}

    def unsynchronized(self, type_: str, limit: int, offset: int = 0) -> list[int]:
        """Return who is not synchronized."""
        assert self.is_open
        statuses = enumerate(self._of[type_], 1)
        found = [key for key, status in statuses if status in UNSYNCHRONIZED]
        return found[offset:][:limit]

    def some(self, type_: str, ids: Sequence[int]) -> list[Raw]:
        """Return these."""
        assert self.is_open
        return [raw(one, type_) for one in ids]


class Bureau:
    """One folder, a clock, a MIS in memory, and the functions of the synchronization."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self.seconds = 0.0
        self.clock = Clock(lambda: BEGAN + timedelta(seconds=self.seconds))
        self.mis = MemoryMis()
        self.is_connected = True
        self.session: dict[str, Any] | None = None  # the last one
        self.carried = Carried("r1", 0)
        self.asked: list[tuple[list[str], int]] = []  # of the doors: types, batch size
        self.outside = Outside(
            self.clock,
            logs,
            lambda: self.mis.opened(),
            lambda people: [{"DisplayName": f"Name {one.mis_id}"} for one in people],
            lambda: self.is_connected,
            self._carry_out,
            lambda: self.session,
            lambda: receipts.read(logs),
            lambda run_id: counting.written(logs, run_id),
        )
        self.service = CustomerSync(self.outside)

    def _carry_out(self, words: Sequence[str], batch_size: int) -> Carried:
        assert not self.mis.is_open  # the doors need it for themselves
        self.asked.append((list(words), batch_size))
        self.seconds += 60
        return self.carried

    def log(self, *rows: Pushed) -> None:
        """Append rows to the run log."""
        append_in_turn(self.logs / RUNLOG.name, Pushed, [row[:-1] for row in rows])

    def left(self, *rows: Pushed) -> None:
        """Write the view of those who failed, or wait."""
        tables.write(self.logs / ERRORS.name, ERRORS.row, rows)

    def ended(self, run_id: str, door: str = DOOR, **detail: int) -> None:
        """Leave the receipt of a run; it ended well unless it is said."""
        told = receipts.words({"exit": 0, **detail})
        now = self.clock.timestamp()
        receipts.append(self.logs, (now, run_id, door, receipts.RUN, "", "0", "", told))


def raw(mis_id: object, type_: str = APPLICANT, **cells: str) -> Raw:
    """Return a person as the MIS has it."""
    return NOBODY._replace(**{"type": type_, "mis_id": str(mis_id), **cells})


def pushed(mis_id: object, outcome: str, **cells: Any) -> Pushed:
    """Return a row of the run log: of an applicant in the run r1 unless it is said."""
    told = {"run_id": "r1", "type": APPLICANT, "mis_id": str(mis_id), "outcome": outcome}
    return NOTHING._replace(**{**told, **cells})
