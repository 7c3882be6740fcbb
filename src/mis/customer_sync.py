"""The specification's customer synchronization: analyze, preview, sync and status.

Each function returns what the specification's JSON has as its `data`; `envelope` puts
that into an answer. Whoever speaks to people or programs is above: this prints nothing,
knows no HTTP, and gets the MIS and the doors as arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple, Protocol

from src.kit import receipts
from src.kit.clock import Clock
from src.kit.errors import OK, Refused
from src.kit.receipts import Receipt
from src.kit.sessions import Found
from src.mis import results
from src.mis.records import FAILED, IN_PROGRESS, NOT_SYNCED, SYNCED, TYPES
from src.mis.tables import Raw

DOOR = "mis_sync_customers"
LIMIT, BATCH_SIZE = 10, 50  # the specification's defaults
MOST = 100  # of both, as the specification has it
# The specification's names, and the values of QuickBk_Status that they count.
_COUNTED = {
    "not_synced": NOT_SYNCED,
    "synced": SYNCED,
    "failed": FAILED,
    "in_progress": IN_PROGRESS,
}
_OVERALL = {
    "total_customers": "total",
    "total_not_synced": "not_synced",
    "total_synced": "synced",
    "total_failed": "failed",
}


class People(Protocol):
    """The MIS as these functions need it."""

    def counts(self, type_: str) -> dict[str, int]:
        """Return how many have each status; an empty one counts as 0."""

    def unsynchronized(self, type_: str, limit: int, offset: int = 0) -> list[int]:
        """Return primary keys of those with status empty, 0 or 2, ascending."""

    def some(self, type_: str, ids: Sequence[int]) -> list[Raw]:
        """Return these, in the order of their keys given."""


class Carried(NamedTuple):
    """How the doors of one synchronization ended."""

    run_id: str
    exit_code: int = OK
    problem: str = ""  # why it ended before its end, in a sentence; empty = it did not
    warnings: Sequence[str] = ()  # what its doors could not do, in sentences


class Outside(NamedTuple):
    """What the functions need of the world."""

    clock: Clock
    log_dir: Path
    mis: Callable[[], AbstractContextManager[People]]
    shown: Callable[[Sequence[Raw]], list[dict[str, Any]]]  # as the customers to be
    is_connected: Callable[[], bool]  # with QuickBooks; it is not asked for it
    carry_out: Callable[[Sequence[str], int], Carried]  # of types, in such batches
    last_session: Callable[[], dict[str, Any] | None]  # the one that runs, or the newest
    receipts: Callable[[], Iterable[Receipt]]  # the good ones, oldest first
    counted: Callable[[str], Found]  # what became of a run's people


class Synced(NamedTuple):
    """What a synchronization came to."""

    data: dict[str, Any]
    exit_code: int = OK
    problem: str = ""
    waiting: int = 0  # rows of the plan that were neither sent nor failed


class CustomerSync:
    """The functions that the command line calls, and a REST layer may.

    A status may be asked for again and again: its numbers are counted anew where they are
    older than `fresh_seconds`, and `last_updated` says when they were.
    """

    def __init__(self, outside: Outside, fresh_seconds: float = 0.0) -> None:
        self._outside, self._fresh_seconds = outside, fresh_seconds
        self._lock = Lock()
        self._counted: tuple[float, str, dict[str, Any]] | None = None

    def analyze(self) -> dict[str, Any]:
        """Return how many applicants and students there are, by status."""
        with self._outside.mis() as people:
            found: dict[str, dict[str, int]] = {
                word: _counted(people.counts(type_)) for word, type_ in TYPES.items()
            }
        found["overall"] = {
            name: sum(found[word][one] for word in TYPES)
            for name, one in _OVERALL.items()
        }
        return found

    def preview(self, word: str, limit: int = LIMIT, offset: int = 0) -> dict[str, Any]:
        """Return unsynchronized applicants or students as the customers they will be.

        `word` is "applicants" or "students". Raises Refused where an argument is not
        what the specification allows.
        """
        [word] = _types([word])
        _expect("limit", limit, 1, MOST)
        _expect("offset", offset, 0)
        with self._outside.mis() as people:
            ids = people.unsynchronized(TYPES[word], limit, offset)
            found = people.some(TYPES[word], ids) if ids else []
        shown = [
            results.identified(raw.type, raw.mis_id) | customer
            for raw, customer in zip(found, self._outside.shown(found))
        ]
        return {word: shown, "count": len(shown), "limit": limit, "offset": offset}

    def sync(self, words: Sequence[str] = (), batch_size: int = BATCH_SIZE) -> Synced:
        """Synchronize everybody of some types, all where none is named.

        One type: its results. Several: the results of each, and the start and end.
        """
        words = _types(words)
        _expect("batch_size", batch_size, 1, MOST)
        clock = self._outside.clock
        began = clock.timestamp()
        run_id, code, problem, warnings = self._outside.carry_out(words, batch_size)
        log_dir = self._outside.log_dir
        found = results.of_run(log_dir, run_id)
        waiting = results.waiting(log_dir, run_id)
        data = {word: found[TYPES[word]].data() for word in words}
        if len(words) == 1:
            data = data[words[0]]
        else:
            data |= {"start_time": began, "end_time": clock.timestamp()}
        return Synced(data | {"warnings": list(warnings)}, code, problem, waiting)

    def status(self) -> dict[str, Any]:
        """Return how far everything is, without a call to QuickBooks."""
        last_updated, statistics = self._statistics()
        progress = {
            word: percent(statistics[word]["synced"], statistics[word]["total"])
            for word in TYPES
        }
        sums = statistics["overall"]
        progress["overall"] = percent(sums["total_synced"], sums["total_customers"])
        return {
            "statistics": statistics,
            "progress": progress,
            "quickbooks_connected": self._outside.is_connected(),
            "last_updated": last_updated,
            "last_run": self._last_run(),
            "last_session": self._outside.last_session(),
        }

    def _statistics(self) -> tuple[str, dict[str, Any]]:
        """Return when the people were counted, and how many there were."""
        clock = self._outside.clock
        with self._lock:  # whoever comes meanwhile waits for the same numbers
            if self._counted is None or clock.monotonic() >= self._counted[0]:
                until = clock.monotonic() + self._fresh_seconds
                self._counted = until, clock.timestamp(), self.analyze()
            return self._counted[1:]

    def _last_run(self) -> dict[str, Any] | None:
        newest = push = None
        for receipt in self._outside.receipts():
            if receipt.kind == receipts.RUN and receipt.door in (results.PUSH, DOOR):
                newest = receipt
                push = receipt if receipt.door == results.PUSH else push
        if newest is None:
            return None
        if push and push.run_id != newest.run_id:  # it did not come to its push
            push = None
        found = self._outside.counted(newest.run_id)
        well, failed = (sum(one.values()) for one in (found.synced, found.failed))
        return {
            "run_id": newest.run_id,
            "ended": newest.ts,
            "exit_code": int(receipts.value(newest, "exit")),
            **results.counted(well, failed),
            "waiting": int(receipts.value(push, "held") or 0),
        }


def envelope(
    message: str, timestamp: str, data: Any, error: str = ""
) -> dict[str, Any]:
    """Return an answer as the original's API has it; `data` are an error's details."""
    head = {"success": not error, "message": message, "timestamp": timestamp}
    return head | ({"error": error, "details": data} if error else {"data": data})


def percent(part: int, whole: int) -> float:
    """Return a share in percent with one decimal; 100 stands for nothing but all.

    >>> percent(2049, 2050), percent(2050, 2050), percent(0, 0)
    (99.9, 100.0, 0.0)
    """
    return part * 1000 // whole / 10 if whole else 0.0


def _counted(counts: dict[str, int]) -> dict[str, int]:
    return {
        "total": sum(counts.values()),
        **{name: counts[value] for name, value in _COUNTED.items()},
    }


def _types(words: Sequence[str]) -> list[str]:
    """Return types in the specification's order, all where none is named."""
    for word in words:
        if word not in TYPES:
            raise Refused(f"{word}: no such type; choose among {', '.join(TYPES)}")
    return [word for word in TYPES if word in words or not words]


def _expect(name: str, value: int, least: int, most: int | None = None) -> None:
    if value < least or (most is not None and value > most):
        wanted = f"from {least}" + (f" to {most}" if most is not None else "")
        raise Refused(f"{name} {value}: out of range; give a whole number {wanted}")
