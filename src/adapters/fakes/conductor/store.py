"""The simulated company file's memory: every change of every record, in ledger.csv.

One line per change, the whole record in it, so that the company survives the death of
its process; a line that was cut by a kill is a write that did not happen. In memory a
record is a short text: there may be 100,000.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import NamedTuple

from src.adapters.fakes.conductor import wire
from src.adapters.fakes.conductor.givens import ITEMS
from src.adapters.fakes.conductor.levels import Levels
from src.adapters.fakes.conductor.manners import Manners, Record
from src.kit import clock as clocks
from src.kit import runlog
from src.kit.appender import Appender
from src.kit.clock import Clock
from src.kit.tables import Timestamp, encoded_header

LEDGER = "ledger.csv"
CREATE, UPDATE, DELETE, VOID = "create", "update", "delete", "void"
REMOVE, EDIT, SEED = "remove", "edit", "seed"  # by a person, and by a test
TOUCH = "touch"  # by a change of another record
GONE = (DELETE, REMOVE)
TRANSACTION = "transaction"
_ENCODED = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Effect(NamedTuple):
    """One change of one record."""

    ts: Timestamp
    verb: str
    resource: str
    id: str
    external_id: str
    revision: str
    name: str
    parent: str  # id
    is_active: str  # 1, or nothing
    updated: Timestamp  # by the clock of QuickBooks' computer
    counter: str  # the last number that an id was made of
    body: str  # JSON, without what is null
    row_check: str


class Entry(NamedTuple):
    """The newest state of one record, in few bytes."""

    text: str
    name: str
    parent: str
    is_active: bool
    updated: str


class Deletion(NamedTuple):
    """What is known of a record that is gone."""

    resource: str
    id: str
    name: str  # full name, or reference number
    created_at: str
    deleted_at: str  # as the wire writes it
    deleted: str  # UTC


class Store:
    """The records in a folder; whoever calls holds the company's lock."""

    def __init__(self, folder: Path, clock: Clock, manners: Manners) -> None:
        self._folder, self._clock, self._manners = folder, clock, manners
        self._zone = clocks.zone(manners.utc_offset)
        self._file: Appender | None = None
        self._pending: list[tuple[str, ...]] | None = None
        self.forget()
        self._load()

    def forget(self) -> None:
        """Take every record out of memory; the ledger stays."""
        self._entries: dict[str, dict[str, Entry]] = {}
        self._owners: dict[tuple[str, str], tuple[str, str]] = {}  # of names
        self._children: dict[tuple[str, str], dict[str, None]] = {}
        self._counters: dict[str, int] = {}
        self.deletions: list[Deletion] = []
        self.levels = Levels(self._manners.invoices_move_stock)

    # --- reading ----------------------------------------------------------------------

    def entries(self, resource: str) -> dict[str, Entry]:
        """Return the newest state of a resource's records by id."""
        return self._entries.get(resource, {})

    def find(self, resource: str, record_id: str) -> Record | None:
        """Return what is kept of a record, every key there, None if there is none."""
        entry = self.entries(resource).get(record_id)
        return _whole(resource, entry.text) if entry else None

    def full_name(self, resource: str, record_id: str) -> str:
        """Return a record's name after those of its parents; empty if there is none."""
        known = self.entries(resource)
        entry = known.get(record_id)
        if not entry or not entry.parent:
            return entry.name if entry else ""
        line = [record_id, *self.ancestors(resource, record_id)]
        return ":".join(known[one].name for one in reversed(line) if one in known)

    def ancestors(self, resource: str, record_id: str) -> Iterator[str]:
        """Yield the ids of a record's parents, nearest first."""
        known, met = self.entries(resource), {record_id}
        entry = known.get(record_id)
        # Where no rules are checked, a record may be its own parent.
        while entry and entry.parent and entry.parent not in met:
            met.add(entry.parent)
            yield entry.parent
            entry = known.get(entry.parent)

    def descendants(self, resource: str, record_id: str) -> Iterator[str]:
        """Yield the ids of what stands below a record."""
        waiting, met = [record_id], {record_id}
        while waiting:
            children = self._children.get((resource, waiting.pop()), ())
            below = [child for child in children if child not in met]
            met.update(below)
            waiting += below
            yield from below

    def owner(self, resource: str, full_name: str) -> tuple[str, str] | None:
        """Return resource and id of what has a name, in every list that shares names."""
        return self._owners.get((list_of(resource, "names"), full_name.casefold()))

    # --- writing ----------------------------------------------------------------------

    def now(self) -> datetime:
        """Return the time on QuickBooks' computer."""
        ahead = timedelta(seconds=self._manners.clock_ahead)
        return (self._clock.now() + ahead).astimezone(self._zone).replace(microsecond=0)

    def new_id(self, resource: str) -> str:
        """Return an id that none of its kind has; lines are of the kind of transactions."""
        kind = list_of(resource)
        number = self._counters[kind] = self._counters.get(kind, 0) + 1
        seconds = int(self.now().timestamp())
        if kind == TRANSACTION:
            return f"{0x1000 + number:X}-{seconds}"
        return f"{0x80000000 + number:08X}-{seconds}"

    def revision_after(self, old: str) -> str:
        """Return a revision number that is greater than the old one, always."""
        return str(max(int(self.now().timestamp()), int(old or 0) + 1))

    def put(self, verb: str, resource: str, record: Record) -> None:
        """Write the next state of a record."""
        kept = _kept(record)
        parent = record.get("parent")
        effect = Effect(
            self._clock.timestamp(),
            verb,
            resource,
            record["id"],
            record.get("externalId") or "",
            record["revisionNumber"],
            record.get("name") or "",
            parent["id"] if parent and parent["id"] != record["id"] else "",
            "1" if record.get("isActive", True) else "",
            in_utc(record["updatedAt"]),
            str(self._counters.get(list_of(resource), 0)),
            _ENCODED(kept),
            "",
        )
        self._append(effect)
        self._keep(effect)

    def drop(self, verb: str, resource: str, record: Record) -> None:
        """Write down that a record is gone; its number or name stays known."""
        number = record.get("refNumber") if "refNumber" in record else None
        name = number or self.full_name(resource, record["id"])
        effect = Effect(
            self._clock.timestamp(),
            verb,
            resource,
            record["id"],
            record.get("externalId") or "",
            record["revisionNumber"],
            name,
            "",
            "",
            in_utc(self.now().isoformat()),
            "0",
            json.dumps({"createdAt": record["createdAt"]}),
            "",
        )
        self._append(effect)
        self._lose(effect)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Write what is put within in one piece."""
        if self._pending is not None:
            yield
            return
        self._pending = []
        try:
            yield
        finally:
            rows, self._pending = self._pending, None
            if rows:
                self._opened().append(rows)

    def _append(self, effect: Effect) -> None:
        if self._pending is None:
            self._opened().append([effect[:-1]])
        else:
            self._pending.append(effect[:-1])

    def _opened(self) -> Appender:
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = Appender(self._folder / LEDGER, Effect)
        return self._file

    def empty(self) -> None:
        """Take every record away."""
        self.forget()
        if self._file is not None:
            os.truncate(self._file.path, len(encoded_header(Effect)))

    # --- what memory holds ------------------------------------------------------------

    def _load(self) -> None:
        for row in runlog.rows(self._folder / LEDGER, Effect):
            if row:
                effect = Effect(*map(runlog.text, row))
                self._lose(effect) if effect.verb in GONE else self._keep(effect)

    def _keep(self, effect: Effect) -> None:
        resource, found = effect.resource, effect.id
        kind = list_of(resource)
        self._counters[kind] = max(self._counters.get(kind, 0), int(effect.counter))
        known = self._entries.setdefault(resource, {})
        old = known.get(found)
        is_moved = old is None or (old.name, old.parent) != (effect.name, effect.parent)
        if old and is_moved:
            self._unname(resource, found)
        known[found] = Entry(
            effect.body, effect.name, effect.parent, effect.is_active == "1", effect.updated
        )
        if kind == TRANSACTION:
            self.levels.replace(resource, _whole(resource, old.text) if old else {}, -1)
            self.levels.replace(resource, _whole(resource, effect.body), 1)
        elif is_moved:
            if effect.parent:
                self._children.setdefault((resource, effect.parent), {})[found] = None
            self._name(resource, found)

    def _lose(self, effect: Effect) -> None:
        resource, found = effect.resource, effect.id
        old = self.entries(resource).get(found)
        if old and list_of(resource) == TRANSACTION:
            self.levels.replace(resource, _whole(resource, old.text), -1)
        elif old:
            self._unname(resource, found)
        self.entries(resource).pop(found, None)
        deleted_at = datetime.fromisoformat(effect.updated).astimezone(self._zone)
        created_at = json.loads(effect.body)["createdAt"]
        told = (effect.name, created_at, deleted_at.isoformat(), effect.updated)
        self.deletions.append(Deletion(resource, found, *told))

    def _name(self, resource: str, found: str) -> None:
        for one in (found, *self.descendants(resource, found)):
            key = list_of(resource, "names"), self.full_name(resource, one).casefold()
            self._owners[key] = resource, one

    def _unname(self, resource: str, found: str) -> None:
        for one in (found, *self.descendants(resource, found)):
            key = list_of(resource, "names"), self.full_name(resource, one).casefold()
            if self._owners.get(key) == (resource, one):
                del self._owners[key]
        parent = self.entries(resource)[found].parent
        self._children.get((resource, parent), {}).pop(found, None)


def list_of(resource: str, what: str = "ids") -> str:
    """Return the list that a resource shares ids or names with.

    Ids are unique within one list alone: a customer and a vendor may have the same one.
    """
    if resource in ITEMS:
        return "items"
    if resource in ("customers", "vendors"):
        return "people" if what == "names" else resource
    return TRANSACTION


def in_utc(moment: str) -> str:
    """Return a moment with an offset as the index holds it: UTC, to the second."""
    return datetime.fromisoformat(moment).astimezone(timezone.utc).isoformat()


def _kept(record: Record) -> Record:
    return {k: v for k, v in record.items() if v is not None and v != []}


def _whole(resource: str, text: str) -> Record:
    return wire.blank(resource) | json.loads(text)
