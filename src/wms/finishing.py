"""The warehouse's side of what QuickBooks took: record, lines and base in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Any, NamedTuple

from src.kit.answers import Answer
from src.kit.database import BadData
from src.wms import outgoing, recovering
from src.wms.deciding import Unit
from src.wms.fields import ADJUSTMENTS, Kind
from src.wms.placing import is_reference
from src.wms.receiving import Done, Merge, Sides
from src.wms.records import UNDO, StoredHead
from src.wms.sending import Sendings
from src.wms.states import Agreed, Mirrored, Stored, digest
from src.wms.store import Store
from src.wms.wire import Lined


_MOVES = "quantity_difference"
Mirror = Callable[[Kind, set[str]], Mapping[str, Mirrored]]


class Port(NamedTuple):
    """QuickBooks Desktop, as functions; questions raise Unanswered."""

    records: Callable[[str, Mapping[str, Any]], Iterable[dict[str, Any]]]
    read: Callable[[str, str], "dict[str, Any] | None"]
    write: Callable[[str, str, str, Mapping[str, Any]], Answer]  # verb, resource, id, body


class Ground(NamedTuple):
    """Both sides, and the time."""

    port: Port
    store: Store
    transaction: Callable[[], AbstractContextManager[None]]
    now: Callable[[], str]
    fetched_at: Callable[[Kind], str]  # when the mirror of a kind was fetched
    sendings: Sendings


class Task(NamedTuple):
    """A unit that writes QuickBooks, and what the plan saw there."""

    unit: Unit
    key: str
    before: Mirrored | None


class Told(NamedTuple):
    """What the log says of a record beside its outcome."""

    id: str = ""
    revision: str = ""
    fields: tuple[str, ...] = ()
    note: str = ""
    kept: tuple[str, ...] = ()  # fields that QuickBooks keeps: they changed there meanwhile


class Unresolved(Exception):
    """A record refers to one that QuickBooks does not have."""


class Finisher:
    """Finishes records, each in one transaction; `told` says how each went."""

    def __init__(self, ground: Ground, mirror: Mirror = lambda *_: {}) -> None:
        self.told: dict[str, Told] = {}
        # Items in documents that were written, and what those add to their stock.
        self.moved: dict[str, Decimal] = {}
        # What the plans that were applied saw of a record that they would create.
        self.planned: Callable[[Unit], Collection[str]] = lambda unit: ()
        self._ground, self._store, self._mirror = ground, ground.store, mirror

    def after_create(
        self, task: Task, found: Mirrored, sent: Stored | None, agreed_at: str = ""
    ) -> str:
        """Write what QuickBooks made of a record; return what a person should know."""
        fresh = {line.id: at for at, line in enumerate(found.lines, 1)}
        done = Done(
            agreed_at or self._ground.now(),
            edited_at=found.head.updated_at,
            fresh=fresh,
            known=self.known,
            is_created=True,
            sent=sent,
        )
        return self.write(task, task.unit, found, done)

    def after_recovery(self, task: Task, found: Mirrored) -> str:
        """Write what became of a create whose answer nobody heard.

        Changed there since, and nobody knows what was sent: it is left to be linked by a
        plan, because no base can tell whose value is whose.
        """
        unit, known = task.unit, self.known
        now = self.stored(unit)
        nobody = StoredHead(unit.wms_id, "", "", "", "")
        sent = self._ground.sendings.of(task.key, unit.kind, now.head if now else nobody)
        sent = sent or self._as_planned(unit, now)
        here = now or sent
        if here is None or found.head.updated_at == found.head.created_at:
            return self.after_create(task, found, sent, self._known_at(unit.kind, found))
        if sent is None:
            self.told[task.key] = Told(found.head.id, found.head.revision_number)
            return ""
        made = recovering.Found(unit.kind, found, here, sent, known)
        record, agreed = made.settled(self._known_at(unit.kind, found))
        with self._ground.transaction():
            self._store.write(unit.kind, record if now else None, agreed)
        self._note_items(unit.kind, found.lines)
        self.told[task.key] = Told(found.head.id, found.head.revision_number)
        return ""

    def _as_planned(self, unit: Unit, now: Stored | None) -> Stored | None:
        """Return the record where every plan that would create it saw it as it is now.

        So nobody has changed it since, and it is what was sent; movements never change.
        """
        if now is None or unit.kind.name == ADJUSTMENTS:
            return now
        is_same = set(self.planned(unit)) == {digest(now.cells, now.lines)}
        return now if is_same else None

    def _known_at(self, kind: Kind, found: Mirrored) -> str:
        """Return since when a record is known that nobody heard of.

        A level that was fetched with a list that shows a movement has it.
        """
        is_moved = kind.name == ADJUSTMENTS
        is_listed = is_moved and found.head.id in self._mirror(kind, {found.head.id})
        return (is_listed and self._ground.fetched_at(kind)) or self._ground.now()

    def sending(self, task: Task, stored: Stored) -> None:
        """Remember what a create is made of, before it leaves."""
        self._ground.sendings.note(task.key, task.unit.kind, stored)

    def after_update(self, task: Task, found: Mirrored) -> str:
        """Finish the warehouse's side of an update that is found to have arrived."""
        stored = self.stored(task.unit)
        before = task.before or found
        if stored is None:
            return self.write(task, task.unit, found, Done(self._ground.now()))
        writing = self.writing(task, stored)
        return self.write(task, task.unit, found, self.done(writing, (before, found)))

    def writing(self, task: Task, stored: Stored | None) -> outgoing.Writing:
        """Return a task as a write whose lines can be found again.

        Where the mirror is newer than the plan, the lines of before are the agreed ones.
        """
        unit, before, stored = task.unit, task.before, stored or _GONE
        theirs: Sequence[Lined] = before.lines if before else ()
        if before is None or before.head.revision_number != unit.first.revision:
            agreed = self.agreed(unit)
            ours = filter(_has_id, stored.lines) if unit.action != UNDO else ()
            theirs = (*(agreed.lines if agreed else ()), *ours)
        return outgoing.Writing(unit, theirs, stored, self.resolve)

    def done(self, writing: outgoing.Writing, qbd: tuple[Mirrored, Mirrored]) -> Done:
        """Return what an update of ours did there."""
        before, after = qbd
        agreed = self.agreed(writing.unit)
        is_ours = agreed and agreed.head.revision_number == before.head.revision_number
        edited_at = agreed.head.qbd_edited_at if is_ours and agreed else ""
        return Done(
            self._ground.now(),
            edited_at or before.head.updated_at,
            _fresh(writing, after),
            self.known,
            sent=writing.stored,
        )

    def after_end(self, task: Task, found: Mirrored | None) -> str:
        """Agree on the end of a record that the warehouse does not have any more."""
        if task.unit.action == UNDO:
            return self._after_undo(task, task.unit, found)
        with self._ground.transaction():
            agreed = self.agreed(task.unit)
            if agreed is None:
                return ""
            revision = found.head.revision_number if found else ""
            ended = ended_base(task.unit.kind, agreed, self._ground.now(), found)
            self._store.write(task.unit.kind, None, ended)
            self._note_items(task.unit.kind, agreed.lines)
        self.told[task.key] = Told(task.unit.id, revision, ("is_active",))
        return ""

    def write(self, task: Task, unit: Unit, found: Mirrored, done: Done) -> str:
        """Write the warehouse's record and the base; return what a person should know."""
        if unit.action == UNDO:
            return self._after_undo(task, unit, found)
        try:
            with self._ground.transaction():
                stored, agreed = self.stored(unit), self.agreed(unit)
                sides = Sides(stored, found, agreed)
                settled = Merge(unit.kind, unit, sides, done).settled()
                record = settled.record if stored else None
                self._store.write(unit.kind, record, settled.agreed)
        except BadData as refusal:
            return f"QuickBooks has it as {found.head.id}; the warehouse refused: {refusal}"
        before = agreed.lines if agreed else ()
        self._note_items(unit.kind, (*found.lines, *before))
        kept = dropped(task.unit, unit)
        told = Told(found.head.id, found.head.revision_number, _fields(unit))
        note = _left_alone(dict.fromkeys((*kept, *settled.stale)))
        self.told[task.key] = told._replace(note=note, kept=kept)
        return ""

    def _after_undo(self, task: Task, unit: Unit, found: Mirrored | None) -> str:
        """Leave the warehouse and the base alone: it is an edit of QuickBooks'."""
        revision = found.head.revision_number if found and unit.cards else ""
        kept = dropped(task.unit, unit)
        self.told[task.key] = Told(unit.id, revision, _fields(unit), _left_alone(kept), kept)
        return ""

    def _note_items(self, kind: Kind, lines: Iterable[Lined]) -> None:
        names = [field.name for field in kind.lines] if kind.is_transaction else []
        moves = names.index(_MOVES) if _MOVES in names else None
        for cells in (line.cells for line in lines if names):
            added = cells[moves] if moves is not None else ""
            self.moved[cells[0]] = self.moved.get(cells[0], Decimal()) + Decimal(added or 0)

    # --- what is there ----------------------------------------------------------------

    def stored(self, unit: Unit) -> Stored | None:
        """Return the warehouse's record of a unit as it is now."""
        return self._store.read(unit.kind, [unit.wms_id]).get(unit.wms_id)

    def agreed(self, unit: Unit) -> Agreed | None:
        """Return what is agreed on about a unit."""
        return self._store.base(unit.kind, [unit.wms_id]).get(unit.wms_id)

    def is_linked(self, unit: Unit, record_id: str) -> bool:
        """Return whether the base knows already that both sides have a record."""
        agreed = self.agreed(unit)
        return bool(agreed and agreed.head.id == record_id)

    def resolve(self, type_word: str, cell: str) -> str:
        """Return QuickBooks' id of what a cell refers to; raises Unresolved."""
        if not is_reference(cell):
            return cell
        found = self._store.known_as([cell], type_word)
        if cell not in found:
            raise Unresolved(
                f"refers to {type_word or 'a record'} {cell}, which QuickBooks does not have"
            )
        return found[cell]

    def known(self, type_word: str, cell: str) -> str:
        """Return what a cell refers to, as QuickBooks' id where it has one by now."""
        if not is_reference(cell):
            return cell
        return self._store.known_as([cell], type_word).get(cell, cell)


_GONE = Stored(StoredHead("", "", "", "", ""), ())


def dropped(planned: Unit, unit: Unit) -> tuple[str, ...]:
    """Return the fields that were dropped of a unit since it was planned."""
    known = {card.row for card in planned.left}
    return tuple(card.field for card in unit.left if card.row not in known)


def _fields(unit: Unit) -> tuple[str, ...]:
    return tuple(card.field for card in unit.cards)


def _left_alone(names: Iterable[str]) -> str:
    found = " ".join(names)
    return f"changed meanwhile, left alone: {found}" if found else ""


def _has_id(line: Lined) -> bool:
    return bool(line.id)


def _fresh(writing: outgoing.Writing, after: Mirrored) -> dict[str, int]:
    """Return our positions of the lines that are new there, by QuickBooks' ids.

    What QuickBooks spelled otherwise is told by the order, if nobody added a line.
    """
    found = writing.came(after)
    there = {line.id for line in writing.theirs} | found.keys()
    new = [line.id for line in after.lines if line.id not in there]
    ours = [at for at in writing.added if at not in found.values()]
    return {**found, **dict(zip(new, ours))} if len(new) == len(ours) else found


def ended_base(
    kind: Kind, agreed: Agreed, now: str, found: Mirrored | None = None
) -> Agreed:
    """Return a base after one side deleted the record and the other one followed.

    `found` is what QuickBooks has of it by now.
    """
    cells = tuple(
        "no" if field.name == "is_active" else cell
        for field, cell in zip(kind.fields, (found or agreed).cells)
    )
    lines = (found or agreed).lines
    head = agreed.head._replace(agreed_at=now)
    if found:
        head = head._replace(
            revision_number=found.head.revision_number,
            qbd_updated_at=found.head.updated_at,
        )
    return Agreed(head, cells, lines)
