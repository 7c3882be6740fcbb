"""A company file that is only lists: what it is asked is noted, and it can fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from types import ModuleType
from typing import Any

from src import wms_fetch
from src.kit.answers import NOT_APPLIED, STOP, UNKNOWN, Answer, Unanswered
from src.kit.clock import REAL, Clock
from src.kit.receipts import Receipt, read
from src.wms.fields import KINDS
from src.wms.records import MIRROR, MIRROR_LINES
from tests.desk import Desk

TIMED_OUT = Answer(UNKNOWN, 504, error="Request timed out after 90 seconds")
REFUSED = Answer(NOT_APPLIED, 400, error="no such filter")
NOBODY = Answer(NOT_APPLIED, error="no connection to 127.0.0.1: refused")
OFFLINE = Answer(NOT_APPLIED, 409, error="the connector is offline", advice=STOP)
UNAUTHORIZED = Answer(NOT_APPLIED, 401, error="the key is not valid")
TYPES = {kind.type for kind in KINDS.values()}
NEVER = 10**6  # failures of a list that does not come back


def moment(minute: int, offset: str = "+00:00") -> str:
    """Return a moment of the day on which all happens, as Conductor writes it."""
    return f"2026-03-01T{10 + minute // 60:02}:{minute % 60:02}:00{offset}"


def record(record_id: str, minute: int = 0, revision: int = 1, **more: Any) -> dict:
    """Return a record as it is on the wire."""
    return {
        "id": record_id,
        "revisionNumber": str(revision),
        "createdAt": moment(0),
        "updatedAt": moment(minute),
        **more,
    }


class Listed:
    """The lists and what was deleted; `asked` has every question."""

    def __init__(self) -> None:
        self.lists: dict[str, list[dict]] = {}
        self.gone: dict[str, list[dict]] = {}
        self.asked: list[tuple[str, Mapping[str, str]]] = []
        self._failures: dict[str, tuple[int, int, Answer]] = {}

    def has(self, resource: str, *records: dict) -> None:
        """Let a list be these records from now on."""
        self.lists[resource] = list(records)

    def lost(self, resource: str, record_id: str, minute: int, **more: str) -> None:
        """Let a record be deleted."""
        entry = {"id": record_id, "deletedAt": moment(minute), **more}
        self.gone.setdefault(resource, []).append(entry)
        there = self.lists.get(resource, [])
        self.lists[resource] = [one for one in there if one["id"] != record_id]

    def fails(
        self, resource: str, times: int = NEVER, at: int = 0, by: Answer = TIMED_OUT
    ) -> None:
        """Let a list break off before its record number `at`, so many times."""
        self._failures[resource] = (times, at, by)

    def records(self, resource: str, query: Mapping[str, str]) -> Iterator[dict]:
        """Yield the records of a list."""
        self.asked.append((resource, dict(query)))
        after = query.get("updatedAfter", "")
        found = [
            one for one in self.lists.get(resource, ()) if one["updatedAt"] >= after
        ]
        for number, one in enumerate(found):
            self._fail(resource, number)
            yield one
        self._fail(resource, len(found))

    def _fail(self, resource: str, number: int) -> None:
        times, at, answer = self._failures.get(resource, (0, 0, TIMED_OUT))
        if times and number == at:
            self._failures[resource] = (times - 1, at, answer)
            raise Unanswered(f"list {resource}", answer)

    def deleted(self, resources: Sequence[str], after: str) -> list[dict]:
        """Return what was deleted since a moment."""
        (resource,) = resources
        self.asked.append(("deleted " + resource, {"after": after}))
        self._fail("deleted " + resource, 0)
        return [e for e in self.gone.get(resource, ()) if e["deletedAt"] >= after]


class Fetching:
    """A desk at which the mirror is fetched from lists."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.company = desk, Listed()
        self.waits: list[float] = []
        self.minute: int | None = None  # of the day; None = today, as it is
        clock = REAL._replace(sleep=self.waits.append, now=self._now)
        self.door = ModuleType("fetching")
        self.door.main = partial(wms_fetch.main, connect=self._connect, clock=clock)

    def _now(self) -> datetime:
        there = self.minute is not None
        return datetime.fromisoformat(moment(self.minute)) if there else REAL.now()

    def _connect(self, settings: object, clock: Clock) -> Listed:
        return self.company

    def fetch(self, *options: str) -> int:
        """Fetch the types named, else those the company has; return the exit code."""
        company = self.company
        company.asked.clear()
        used = {*company.lists, *company.gone}
        kinds = [kind for kind in KINDS.values() if kind.resource in used]
        if not TYPES & set(options):
            options = (*options, *dict.fromkeys(kind.type for kind in kinds))
        return self.desk.run(self.door, *options)

    def mirror(self, kind: str = "customers") -> dict[str, Any]:
        """Return the rows of a mirror by id."""
        return {row.id: row for row in self.desk.rows(MIRROR[kind])}

    def lines(self, kind: str) -> list:
        """Return the lines of a mirror."""
        return self.desk.rows(MIRROR_LINES[kind])

    def asked(self, kind: str = "customers") -> list[Mapping[str, str]]:
        """Return with which filters a list was asked for in the last fetch."""
        resource = KINDS[kind].resource
        return [query for name, query in self.company.asked if name == resource]

    def receipt(self, place: str) -> Receipt:
        """Return what was written down last about a file."""
        return [one for one in read(self.desk.logs) if one.subject == place][-1]
