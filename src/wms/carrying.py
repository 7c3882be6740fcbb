"""One record carried to QuickBooks, and what it answered carried to the warehouse.

QuickBooks comes first; then the warehouse's record, its lines and the base are written
in one transaction; then only is the outcome logged. A run that is killed in between has
left an intent, and the next one finishes the warehouse's side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from src.kit import answers as said
from src.kit.answers import Answer, Unanswered
from src.kit.database import BadData
from src.kit.memory import key_of
from src.wms import keys, outgoing
from src.wms.deciding import Unit
from src.wms.fields import Kind
from src.wms.mirror import of_wire
from src.wms.receiving import Done, Merge, Sides, is_reference, place
from src.wms.records import CREATE, DELETE, INACTIVATE, WMS, Planned
from src.wms.states import Agreed, Mirrored, Stored, digest
from src.wms.store import Store

REREADS = 3  # how often a record is read again because somebody changed it there
HELD_CODE = "held"  # QuickBooks has it, and a person must look
_CLEARED = "changed in QuickBooks meanwhile; the next plan shows it"


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


class Unresolved(Exception):
    """A record refers to one that QuickBooks does not have."""


def key_of_unit(unit: Unit) -> str:
    """Return the key of a unit's effect on QuickBooks: what makes it one and the same."""
    if unit.action == CREATE:
        return keys.create_key(unit.kind, unit.wms_id, unit.id)
    values = [text for card in unit.cards for text in (card.field, card.winner, card.wms)]
    about = (unit.kind.name, unit.id, unit.first.revision, unit.action)
    return key_of(("wms", *about, *values))


class Carrier:
    """Sends units, one after the other; `told` says how each went."""

    def __init__(self, ground: Ground) -> None:
        self.told: dict[str, Told] = {}
        self._ground = ground
        self._port, self._store = ground.port, ground.store
        self._verbs = {
            CREATE: self._create,
            INACTIVATE: self._inactivate,
            DELETE: self._delete,
        }

    def send(self, tasks: Sequence[Task], request_id: str) -> list[Answer]:
        """Carry out units; return what became of each."""
        return [self._sent(task) for task in tasks]

    def _sent(self, task: Task) -> Answer:
        carry = self._verbs.get(task.unit.action, self._update)
        try:
            return carry(task)
        except Unresolved as unresolved:
            return _not_sent(str(unresolved))
        except Unanswered as unanswered:  # a question before the write
            return unanswered.answer._replace(kind=said.NOT_APPLIED)

    # --- create -----------------------------------------------------------------------

    def _create(self, task: Task) -> Answer:
        kind = task.unit.kind
        stored = self.stored(task.unit)
        if stored is None:
            return _not_sent("is gone in the warehouse; the next plan shows it")
        if stored.head.id and stored.head.id != task.unit.id:
            return _not_sent(f"is linked to {stored.head.id} already; plan again")
        mark = keys.external_id(task.key)
        body = outgoing.created(kind, stored, mark, self._resolver())
        answer = self._port.write("create", kind.resource, "", body)
        return self._taken(task, answer, lambda found: self.after_create(task, found, stored))

    def after_create(self, task: Task, found: Mirrored, sent: Stored | None) -> str:
        """Write what QuickBooks made of a record; return what a person should know."""
        fresh = {line.id: at for at, line in enumerate(found.lines, 1)}
        done = Done(
            self._ground.now(),
            edited_at=found.head.updated_at,
            fresh=fresh,
            known=self._known,
            is_created=True,
            sent=sent,
        )
        return self._write(task, task.unit, found, done)

    # --- update -----------------------------------------------------------------------

    def _update(self, task: Task) -> Answer:
        stored = self.stored(task.unit)
        if stored is None or task.before is None:
            where = "the warehouse" if stored is None else "QuickBooks"
            return _not_sent(f"is gone in {where}; the next plan shows it")
        unit, now, answer = self._fresh_unit(task.unit, stored), task.before, None
        goes, lost = outgoing.still_open(unit, now, now, self._resolver())
        for again in range(REREADS + 1):
            unit = _with(unit, goes, lost)
            if not goes:
                return self._nothing_left(task, unit, now, lost)
            body = outgoing.updated(unit, now, stored, self._resolver())
            answer = self._port.write("update", unit.kind.resource, unit.id, body)
            if answer.advice != said.REREAD or again == REREADS:
                break
            found = self._read(unit)
            if found is None:
                return _not_sent("was deleted in QuickBooks meanwhile")
            now = found
            goes, lost = outgoing.still_open(unit, task.before, now, self._resolver())
        sent = (unit, now, stored)
        return self._taken(task, answer, lambda found: self._after_update(task, found, sent))

    def _nothing_left(
        self, task: Task, unit: Unit, now: Mirrored, lost: Sequence[Planned]
    ) -> Answer:
        """Return the answer where no field is left that would have to be sent."""
        if lost or unit.left:
            names = " ".join(card.field for card in (*lost, *unit.left))
            return _not_sent(f"{names}: {_CLEARED}")
        note = self._write(task, unit, now, Done(self._ground.now(), known=self._known))
        return _judged(Answer(said.APPLIED, 200, now.head.id), note)

    def _after_update(
        self, task: Task, found: Mirrored, sent: tuple[Unit, Mirrored, Stored]
    ) -> str:
        unit, before, stored = sent
        note = self._write(task, unit, found, self._done(unit, (before, found), stored))
        damaged = outgoing.untouched(unit, before, found) if _has_lines(unit) else []
        if damaged:
            return f"lines that were not written changed: {', '.join(damaged)}"
        return note

    def _done(
        self, unit: Unit, qbd: tuple[Mirrored, Mirrored], stored: Stored
    ) -> Done:
        """Return what an update of ours did there."""
        before, after = qbd
        agreed = self._agreed(unit)
        is_ours = agreed and agreed.head.revision_number == before.head.revision_number
        edited_at = agreed.head.qbd_edited_at if is_ours and agreed else ""
        there = {line.id for line in before.lines}
        cards = [card for card in unit.cards if card.winner == WMS]
        ours = outgoing.added(cards, before.lines, stored.lines)
        new = [line.id for line in after.lines if line.id not in there]
        return Done(
            self._ground.now(),
            edited_at or before.head.updated_at,
            dict(zip(new, ours)),
            self._known,
            sent=stored,
        )

    def after_update(self, task: Task, found: Mirrored) -> str:
        """Finish the warehouse's side of an update that is found to have arrived."""
        stored = self.stored(task.unit)
        before = task.before or found
        if stored is None:
            return self._write(task, task.unit, found, Done(self._ground.now()))
        unit = task.unit
        return self._write(task, unit, found, self._done(unit, (before, found), stored))

    def _fresh_unit(self, unit: Unit, stored: Stored) -> Unit:
        """Return the unit without the fields that the warehouse has changed since."""
        gone = [card for card in unit.cards if not self._is_as_planned(card, unit, stored)]
        return _with(unit, unit.cards, gone)

    def _is_as_planned(self, card: Planned, unit: Unit, stored: Stored) -> bool:
        found = place(card)
        if card.winner != WMS:
            return True
        if card.wms_state in ("", digest(stored.cells, stored.lines)):
            return True
        if found and not found.field:  # a whole line: the record must be as it was
            return card.wms_updated_at == stored.head.updated_at
        as_mirrored = Mirrored(None, stored.cells, stored.lines)  # type: ignore[arg-type]
        has = outgoing.at(unit.kind, as_mirrored, card.field)
        return has in (card.wms, self._known(card.wms))

    # --- the end of a record ----------------------------------------------------------

    def _inactivate(self, task: Task) -> Answer:
        unit, before = task.unit, task.before
        if self.stored(unit) is not None or before is None:
            return _not_sent("is not as the plan saw it; plan again")
        body = {"isActive": False, "revisionNumber": before.head.revision_number}
        answer = self._port.write("update", unit.kind.resource, unit.id, body)
        if answer.advice == said.REREAD:
            found = self._port.read(unit.kind.resource, unit.id)
            if found is None or found.get("isActive") is not False:
                return _not_sent(_CLEARED)
            answer = Answer(said.APPLIED, 200, unit.id, record=found)
        return self._taken(task, answer, lambda found: self.after_end(task, found))

    def _delete(self, task: Task) -> Answer:
        unit, before = task.unit, task.before
        found = self._read(unit)
        if found and before and found.head.revision_number != before.head.revision_number:
            return _not_sent(_CLEARED)
        answer = Answer(said.APPLIED, 200, unit.id)
        if found:
            answer = self._port.write("delete", unit.kind.resource, unit.id, {})
        if answer.kind == said.APPLIED:
            answer = answer._replace(remote_id=unit.id)
            note = self.after_end(task, found or before)
            return _judged(answer, note)
        return answer

    def after_end(self, task: Task, found: Mirrored | None) -> str:
        """Agree on the end of a record that the warehouse does not have any more."""
        with self._ground.transaction():
            agreed = self._agreed(task.unit)
            if agreed is None:
                return ""
            revision = found.head.revision_number if found else ""
            ended = ended_base(task.unit.kind, agreed, self._ground.now(), found)
            self._store.write(task.unit.kind, None, ended)
        self.told[task.key] = Told(task.unit.id, revision, ("is_active",))
        return ""

    # --- both sides -------------------------------------------------------------------

    def _taken(
        self, task: Task, answer: Answer, finish: Callable[[Mirrored], str]
    ) -> Answer:
        """Return an answer, the warehouse's side of it written where it was applied."""
        if answer.kind != said.APPLIED:
            return answer
        record = answer.record
        if "revisionNumber" not in record:
            try:
                record = self._port.read(task.unit.kind.resource, answer.remote_id) or {}
            except Unanswered as unanswered:  # it is there, and the next look finds it
                return unanswered.answer._replace(kind=said.UNKNOWN)
        if not record:
            return answer._replace(kind=said.UNKNOWN, error="was written, and is gone")
        return _judged(answer, finish(of_wire(task.unit.kind, record)))

    def _write(self, task: Task, unit: Unit, found: Mirrored, done: Done) -> str:
        """Write the warehouse's record and the base; return what a person should know."""
        try:
            with self._ground.transaction():
                stored, agreed = self.stored(unit), self._agreed(unit)
                sides = Sides(stored, found, agreed)
                settled = Merge(unit.kind, unit, sides, done).settled()
                record = settled.record if stored else None
                self._store.write(unit.kind, record, settled.agreed)
        except BadData as refusal:
            return f"QuickBooks has it as {found.head.id}; the warehouse refused: {refusal}"
        kept = f"changed meanwhile, left alone: {' '.join(settled.stale)}"
        fields = tuple(card.field for card in unit.cards)
        note = kept if settled.stale else ""
        self.told[task.key] = Told(found.head.id, found.head.revision_number, fields, note)
        return ""

    def stored(self, unit: Unit) -> Stored | None:
        """Return the warehouse's record of a unit as it is now."""
        return self._store.read(unit.kind, [unit.wms_id]).get(unit.wms_id)

    def _agreed(self, unit: Unit) -> Agreed | None:
        return self._store.base(unit.kind, [unit.wms_id]).get(unit.wms_id)

    def _read(self, unit: Unit) -> Mirrored | None:
        record = self._port.read(unit.kind.resource, unit.id)
        return of_wire(unit.kind, record) if record else None

    def is_linked(self, unit: Unit, record_id: str) -> bool:
        """Return whether the base knows already that both sides have a record."""
        agreed = self._agreed(unit)
        return bool(agreed and agreed.head.id == record_id)

    # --- references -------------------------------------------------------------------

    def _resolver(self) -> outgoing.Resolve:
        return self.resolve

    def resolve(self, type_word: str, cell: str) -> str:
        """Return QuickBooks' id of what a cell refers to; raises Unresolved."""
        if not is_reference(cell):
            return cell
        found = self._store.known_as([cell], [type_word] if type_word else [])
        if cell not in found:
            raise Unresolved(
                f"refers to {type_word or 'a record'} {cell}, which QuickBooks does not have"
            )
        return found[cell]

    def _known(self, cell: str) -> str:
        if not is_reference(cell):
            return cell
        return self._store.known_as([cell]).get(cell, cell)


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


def _with(unit: Unit, goes: Iterable[Planned], lost: Iterable[Planned]) -> Unit:
    """Return a unit that sends these cards alone; the lost ones stay as they are."""
    left = {card.row for card in lost}
    sent = {card.row for card in goes}
    cards = [c for c in unit.cards if c.winner != WMS or c.row in sent]
    return unit._replace(
        cards=tuple(card for card in cards if card.row not in left),
        left=(*unit.left, *(card for card in unit.cards if card.row in left)),
    )


def _has_lines(unit: Unit) -> bool:
    return any(place(card) for card in unit.cards if card.winner == WMS)


def _not_sent(reason: str) -> Answer:
    """Return what stands for an answer where there was no reason to ask."""
    return Answer(said.NOT_APPLIED, error=reason, is_withdrawn=True)


def _judged(answer: Answer, note: str) -> Answer:
    return answer._replace(code=HELD_CODE, error=note) if note else answer


