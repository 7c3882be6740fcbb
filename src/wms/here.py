"""What the warehouse alone gets: QuickBooks' values, its new records, its deletions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from src.kit.database import BadData
from src.kit.memory import FAILED, HELD
from src.wms import levels
from src.wms.deciding import STATE, Unit
from src.wms.fields import ADJUSTMENTS, INVOICES, KINDS, Kind
from src.wms.finishing import Ground, Told, ended_base
from src.wms.receiving import Done, Merge, Sides
from src.wms.records import (
    CREATE,
    DELETE,
    INACTIVATE,
    LINK,
    MARK_DELETED,
    QBD,
    UPDATE,
    WMS,
    Planned,
    StoredHead,
)
from src.wms.states import Agreed, Mirrored, Stored, digest
from src.wms.store import Write

CREATED, UPDATED, UNCHANGED, STALE = "created", "updated", "unchanged", "skipped_stale"
LINKED = "linked"
Mirror = Callable[[Kind, Collection[str]], Mapping[str, Mirrored]]
_AGAIN = 'run "make wms-plan" again'


class Result(NamedTuple):
    """What became of a unit that only the warehouse got."""

    unit: Unit
    word: str
    told: Told = Told()
    error: str = ""


class Change(NamedTuple):
    """What is written for one unit."""

    write: Write | None
    result: Result
    is_removed: bool = False


def concrete(unit: Unit, stored: Stored | None, mirror: Mirrored | None) -> Unit | str:
    """Return the unit with the action that its sides call for, or why there is none."""
    is_there = mirror is not None and not mirror.head.deleted_at
    if unit.action == LINK and unit.link:
        return _linked(unit, stored, mirror)
    if unit.action != STATE:
        return unit
    has, other_has = (stored is not None), is_there
    if unit.target == WMS:
        has, other_has = other_has, has
    if has and other_has:
        return "both sides have it, so its fields are decided, not its end"
    if unit.target == QBD and unit.kind.type in (INVOICES, ADJUSTMENTS):
        return f"{unit.kind.type.replace('_', ' ')} are not sent; skip, or decide qbd"
    if has:
        return unit._replace(action=CREATE)
    if not other_has:
        return "neither side has it any more"
    return unit._replace(action=DELETE if unit.kind.is_transaction else INACTIVATE)


def _linked(unit: Unit, stored: Stored | None, mirror: Mirrored | None) -> Unit | str:
    """Return the unit that links what a person says belongs together."""
    if unit.first.wms_id:
        if stored is None or mirror is None or mirror.head.deleted_at:
            return f"QuickBooks has no record {unit.link}"
        return unit._replace(id=unit.link)
    return f"is decided where the warehouse's record {unit.link} stands in the plan"


class Stale(Exception):
    """Something is not as the plan saw it."""


class Here:
    """Writes units into the warehouse."""

    def __init__(self, ground: Ground) -> None:
        self._ground, self._store = ground, ground.store

    def write(
        self, kind: Kind, units: Sequence[Unit], mirror: Mapping[str, Mirrored]
    ) -> list[Result]:
        """Write units of a kind in one transaction; each alone where that is refused."""
        if not units:
            return []
        try:
            with self._ground.transaction():
                changes = list(self._changes(kind, units, mirror))
                self._store.write_all(kind, [c.write for c in changes if c.write])
                for gone in (c.result.unit.wms_id for c in changes if c.is_removed):
                    self._store.remove(kind, gone)
        except BadData as refusal:
            if len(units) == 1:
                return [Result(units[0], FAILED, error=str(refusal))]
            return [self.write(kind, [unit], mirror)[0] for unit in units]
        return [change.result for change in changes]

    def preview(
        self, kind: Kind, units: Sequence[Unit], mirror: Mapping[str, Mirrored]
    ) -> list[Result]:
        """Return what would become of units, the database's refusals aside."""
        return [change.result for change in self._changes(kind, units, mirror)]

    def _changes(
        self, kind: Kind, units: Sequence[Unit], mirror: Mapping[str, Mirrored]
    ) -> Iterator[Change]:
        ids = [unit.wms_id for unit in units]
        stored, agreed = self._store.read(kind, ids), self._store.base(kind, ids)
        linked = self._store.linked(kind, [unit.id for unit in units if unit.id])
        for unit in units:
            found = mirror.get(unit.id)
            sides = (stored.get(unit.wms_id), found, agreed.get(unit.wms_id))
            other = linked.get(unit.id, unit.wms_id)
            if other != unit.wms_id and unit.action in (CREATE, LINK):
                told = f"{unit.id} is linked to {other} already; {_AGAIN}"
                yield Change(None, Result(unit, STALE, error=told))
            else:
                yield self._change(unit, *sides)

    def _change(
        self,
        unit: Unit,
        stored: Stored | None,
        mirror: Mirrored | None,
        agreed: Agreed | None,
    ) -> Change:
        if mirror is None and unit.action == DELETE and not unit.id:
            return self._thrown_away(unit, stored)
        if mirror is None:
            told = f"the mirror does not have {unit.id}; {_AGAIN}"
            return Change(None, Result(unit, STALE, error=told))
        if unit.action == CREATE and agreed and self._is_young(agreed, unit.kind):
            told = "was made already, and is gone since; the next plan shows it"
            word = UNCHANGED if stored else STALE
            return Change(None, Result(unit, word, error=told))
        if unit.action in (INACTIVATE, MARK_DELETED, DELETE):
            return self._ended(unit, stored, (mirror, agreed))
        if (stored is None) != (unit.action == CREATE):
            if unit.action == CREATE and agreed and agreed.head.id == unit.id:
                return Change(None, Result(unit, UNCHANGED))
            return Change(None, Result(unit, STALE, error=f"changed meanwhile; {_AGAIN}"))
        return self._merged(unit, Sides(stored, mirror, agreed))

    def _merged(self, unit: Unit, sides: Sides) -> Change:
        now = self._ground.fetched_at(unit.kind) or self._ground.now()
        done = Done(now, known=self._known)
        settled = Merge(unit.kind, unit, sides, done).settled()
        told = Told(unit.id, sides.qbd.head.revision_number, _names(unit))
        is_same = settled.record == sides.stored
        if settled.stale and is_same:
            word = STALE
        elif is_same and _agrees(settled.agreed, sides.agreed):
            word = UNCHANGED
        else:
            word = {CREATE: CREATED, LINK: LINKED}.get(unit.action, UPDATED)
        stale = " ".join(settled.stale)
        error = f"changed meanwhile, left alone: {stale}" if stale else ""
        result = Result(unit, word, told, error)
        return Change(Write(settled.record, settled.agreed), result)

    def _is_young(self, agreed: Agreed, kind: Kind) -> bool:
        """Return whether something was agreed on after the mirror was fetched."""
        return agreed.head.agreed_at >= self._ground.fetched_at(kind)

    def _thrown_away(self, unit: Unit, stored: Stored | None) -> Change:
        """Return what is written where only the warehouse ever had the record."""
        if stored is None or not _is_as_planned(unit, stored):
            error = f"changed in the warehouse meanwhile; {_AGAIN}"
            return Change(None, Result(unit, STALE, error=error))
        return Change(None, Result(unit, UPDATED), is_removed=True)

    def _ended(
        self, unit: Unit, stored: Stored | None, sides: tuple[Mirrored, Agreed | None]
    ) -> Change:
        """Return what is written where QuickBooks has deleted the record."""
        mirror, agreed = sides
        if stored is None or stored.head.deleted_at:
            return Change(None, Result(unit, UNCHANGED))
        if not _is_as_planned(unit, stored):
            error = f"changed in the warehouse meanwhile; {_AGAIN}"
            return Change(None, Result(unit, STALE, error=error))
        kind, now = unit.kind, self._ground.now()
        head = stored.head._replace(deleted_at=mirror.head.deleted_at)
        cells = stored.cells
        if unit.action == INACTIVATE:
            cells = tuple(
                "no" if field.name == "is_active" else cell
                for field, cell in zip(kind.fields, cells)
            )
        if agreed is None:
            return Change(None, Result(unit, HELD, error="there is no base of it"))
        ended = agreed._replace(cells=cells, lines=stored.lines)
        agreed = ended_base(kind, ended, now)
        if unit.action == DELETE:
            result = Result(unit, UPDATED, Told(unit.id))
            return Change(Write(None, agreed), result, is_removed=True)
        write = Write(stored._replace(head=head, cells=cells), agreed)
        return Change(write, Result(unit, UPDATED, Told(unit.id, "", ("is_active",))))

    # --- stock whose movements QuickBooks could not list ------------------------------

    def write_net(self, rows: Sequence[Planned], mirror: Mirror) -> str:
        """Record a net change and the levels that it explains; return why not."""
        document = levels.document_of(rows)
        moved = {line.cells[0] for line in document.lines} if document else set()
        units = [
            Unit(KINDS[row.kind], row.wms_id, row.id, UPDATE, WMS, None, (row,))
            for row in rows
            if row.kind != ADJUSTMENTS
        ]
        if moved - {unit.id for unit in units}:
            return f"a level that the document explains is missing; {_AGAIN}"
        try:
            with self._ground.transaction():
                for unit in units:
                    self._write_level(unit, mirror(unit.kind, {unit.id}).get(unit.id))
                if document:
                    self._write_document(document)
        except (BadData, Stale) as refusal:
            return str(refusal)
        return ""

    def _write_level(self, unit: Unit, mirror: Mirrored | None) -> None:
        stored = self._store.read(unit.kind, [unit.wms_id]).get(unit.wms_id)
        agreed = self._store.base(unit.kind, [unit.wms_id]).get(unit.wms_id)
        if stored is None or mirror is None:
            raise Stale(f"{unit.first.name}: is gone; {_AGAIN}")
        settled = self._merged(unit, Sides(stored, mirror, agreed))
        if settled.result.error:
            raise Stale(f"{unit.first.name}: {settled.result.error}; {_AGAIN}")
        if settled.write:
            self._store.write(unit.kind, *settled.write)

    def _write_document(self, document: levels.Document) -> None:
        kind, now = KINDS[ADJUSTMENTS], self._ground.now()
        head = StoredHead(document.wms_id, "", now, now, "")
        self._store.write_alone(kind, Stored(head, document.cells, document.lines))

    def _known(self, type_word: str, cell: str) -> str:
        return self._store.known_as([cell], type_word).get(cell, cell)


def _is_as_planned(unit: Unit, stored: Stored) -> bool:
    state = unit.head.wms_state if unit.head else ""
    return state in ("", digest(stored.cells, stored.lines))


def _names(unit: Unit) -> tuple[str, ...]:
    return tuple(card.field for card in unit.cards)


def _agrees(agreed: Agreed, before: Agreed | None) -> bool:
    """Return whether a base says what it said before, the time aside."""
    if before is None:
        return False
    now, then = agreed.head._replace(agreed_at=""), before.head._replace(agreed_at="")
    return (now, agreed.cells, agreed.lines) == (then, before.cells, before.lines)

