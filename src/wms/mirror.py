"""The mirror of QuickBooks: what was fetched, merged into what was known before.

A record that a list lacks stays: only QuickBooks' own list of deletions says that one
is gone, and then its last fields stay beside the time.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NamedTuple

from src.wms import wire
from src.wms.fields import ADJUSTMENTS, Kind
from src.wms.pairs import Pair, Record
from src.wms.records import MIRROR, MIRROR_LINES, MirrorHead
from src.wms.states import Mirrored
from src.wms.wire import Lined

# What is asked for again each time: QuickBooks' clock, and what it was about to save.
OVERLAP = timedelta(minutes=5)
# Quantities change without an `updatedAt` (no evidence that they bump it).
ALWAYS_WHOLE = frozenset({"inventory_items", "inventory_assembly_items"})

# What became of a fetched record …
NEW, CHANGED, SAME, REPEATED, REJECTED = (
    "new",
    "changed",
    "same",
    "repeated",
    "rejected",
)
# … of a deletion, and of a record that a whole list did not have.
DELETED, KNOWN, MISSING = "deleted", "known as deleted", "missing"


def pair(kind: Kind) -> Pair:
    """Return the tables of a kind's mirror."""
    return Pair(MIRROR[kind.name], MIRROR_LINES.get(kind.name))


def of_row(record: Record) -> Mirrored:
    """Return a record as the mirror's tables have it."""
    head, cells, lines = record
    return Mirrored(MirrorHead(*head), cells, lines)


def of_wire(kind: Kind, record: Mapping[str, Any]) -> Mirrored:
    """Return a record as Conductor has it; raises ValueError where a value is odd."""
    head = MirrorHead(
        record["id"],
        record["revisionNumber"],
        utc(record["createdAt"]),
        utc(record["updatedAt"]),
        record.get("externalId") or "",
        "",
        json.dumps([g["id"] for g in groups])
        if (groups := record.get("lineGroups"))
        else "",
    )
    lines = tuple(wire.lines_of(kind, record))
    return Mirrored(head, wire.cells_of(kind.fields, record), lines)


def utc(text: str) -> str:
    """Return a moment with an offset in UTC; raises ValueError.

    >>> utc("2026-01-02T03:04:05-08:00")
    '2026-01-02T11:04:05.000000+00:00'
    """
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if not found.tzinfo:
        raise ValueError(f"{text!r} has no time zone")
    return found.astimezone(timezone.utc).isoformat(timespec="microseconds")


# --- what to ask for ------------------------------------------------------------------


class Survey(NamedTuple):
    """What the mirror that is there tells before it is merged."""

    rows: int = 0
    newest: str = ""  # moment of a change or deletion; empty = nothing is known yet


def survey(records: Iterable[Mirrored]) -> Survey:
    """Return how many records a mirror has, and the newest moment in it."""
    rows, newest = 0, ""
    for rows, (head, *_) in enumerate(records, 1):
        newest = max(newest, head.updated_at, head.deleted_at)
    return Survey(rows, newest)


def watermark(*moments: str) -> str:
    """Return from when on to ask for changes: the earliest of moments, and some before.

    >>> watermark("2026-01-02T03:04:05.500000+00:00", "2026-01-02T04:00:00+00:00")
    '2026-01-02T02:59:05+00:00'
    """
    earliest = min(map(datetime.fromisoformat, filter(None, moments)))
    return (earliest - OVERLAP).isoformat(timespec="seconds")


def query(kind: Kind, after: str) -> dict[str, str]:
    """Return the filter of a list: all records, or those changed since a moment."""
    found = {"updatedAfter": after} if after else {}
    if not kind.is_transaction:  # without it the inactive ones are left out
        found["status"] = "all"
    if kind.name == "customers":
        found["excludeAlternateShippingAddresses"] = "true"  # much faster
    return found


def may_time_out(kind: Kind) -> bool:
    """Return whether the list has no pages, and may be too long for QuickBooks."""
    return kind.name == ADJUSTMENTS


# --- what came ------------------------------------------------------------------------


class Spool:
    """Records on disk while a list is drained: of each id the greatest revision."""

    def __init__(self, kind: Kind, folder: Path) -> None:
        self.repeated = 0
        self.rejects: list[str] = []  # sentences
        self._kind = kind
        self._file = tempfile.TemporaryFile(dir=folder)
        self._places: dict[str, tuple[int, int]] = {}  # id → revision, offset

    def __len__(self) -> int:
        return len(self._places)

    @property
    def received(self) -> int:
        """Return how many records came, odd and repeated ones with them."""
        return len(self) + self.repeated + len(self.rejects)

    def __contains__(self, record_id: str) -> bool:
        return record_id in self._places

    @property
    def ids(self) -> set[str]:
        """Return the ids of the records."""
        return set(self._places)

    def fill(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Take the records of a list, and forget what was there."""
        self.repeated, self.rejects = 0, []
        self._places.clear()
        self._file.seek(0)
        self._file.truncate()
        for record in records:
            try:
                self._add(of_wire(self._kind, record))
            except (ValueError, TypeError, KeyError) as error:
                name = f"{self._kind.name} {record.get('id', 'without an id')}"
                self.rejects.append(f"{name}: {error}; it stays as it was fetched last")

    def _add(self, record: Mirrored) -> None:
        revision = int(record.head.revision_number)
        before = self._places.get(record.head.id)
        if before:
            self.repeated += 1
        if before is None or revision > before[0]:
            self._places[record.head.id] = (revision, self._file.tell())
            self._file.write(json.dumps(record).encode() + b"\n")

    def read(self, record_id: str) -> Mirrored:
        """Return a record."""
        self._file.seek(self._places[record_id][1])
        head, cells, lines = json.loads(self._file.readline())
        its_lines = tuple([Lined(line[0], tuple(line[1])) for line in lines])
        return Mirrored(MirrorHead(*head), tuple(cells), its_lines)

    def close(self) -> None:
        """Remove the file."""
        self._file.close()


class Deletion(NamedTuple):
    """One entry of QuickBooks' list of what was deleted."""

    id: str
    deleted_at: str
    title: str  # full name or document number


def deletions(found: Iterable[Mapping[str, Any]]) -> dict[str, Deletion]:
    """Return deletions by id; of several of one id the last."""
    each: dict[str, Deletion] = {}
    for entry in found:
        title = entry.get("fullName") or entry.get("refNumber") or ""
        one = Deletion(entry["id"], utc(entry["deletedAt"]), title)
        each[one.id] = max(one, each.get(one.id, one), key=lambda d: d.deleted_at)
    return each


# --- merging --------------------------------------------------------------------------


class Merge:
    """The mirror as it becomes; `counts` fills up while it is iterated over."""

    def __init__(
        self, kind: Kind, fetched: Spool, gone: Mapping[str, Deletion], is_whole: bool
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.kind, self._fetched, self._gone = kind, fetched, gone
        self._is_whole = is_whole
        self.counts[REPEATED] = fetched.repeated
        self.counts[REJECTED] = len(fetched.rejects)

    def over(self, old: Iterable[Mirrored]) -> Iterator[Mirrored]:
        """Yield all records, ordered by id; the old ones come in this order."""
        coming = iter(sorted(self._fetched.ids | self._gone.keys()))
        key = next(coming, None)
        for record in old:
            while key is not None and key < record.head.id:
                yield self._merged(key, None)
                key = next(coming, None)
            if key == record.head.id:
                yield self._merged(key, record)
                key = next(coming, None)
            else:
                self.counts[MISSING] += self._is_whole and not record.head.deleted_at
                yield record
        while key is not None:
            yield self._merged(key, None)
            key = next(coming, None)

    def _merged(self, key: str, old: Mirrored | None) -> Mirrored:
        record = self._fetched.read(key) if key in self._fetched else None
        deletion = self._gone.get(key)
        if record:
            was = _as_deleted(old, "") if old and deletion else old
            self.counts[SAME if was == record else CHANGED if old else NEW] += 1
        if not deletion:
            assert record  # each key is of the one or of the other
            return record
        is_known = old is not None and old.head.deleted_at == deletion.deleted_at
        self.counts[KNOWN if is_known else DELETED] += 1
        return _as_deleted(
            record or old or self._unknown(deletion), deletion.deleted_at
        )

    def _unknown(self, deletion: Deletion) -> Mirrored:
        """Return what is left of a record that was never seen: its id and its name."""
        head = MirrorHead(deletion.id, "", "", "", "", "", "")
        cells = [
            deletion.title if field.name == self.kind.title else ""
            for field in self.kind.fields
        ]
        return Mirrored(head, tuple(cells))


def _as_deleted(record: Mirrored, moment: str) -> Mirrored:
    return record._replace(head=record.head._replace(deleted_at=moment))
