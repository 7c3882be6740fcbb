"""One record carried to QuickBooks, and what it answered carried to the warehouse.

QuickBooks comes first; then the warehouse's record, its lines and the base are written
in one transaction; then only is the outcome logged. A run that is killed in between has
left an intent, and the next one finishes the warehouse's side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from src.kit import answers as said
from src.kit.answers import Answer, Unanswered
from src.kit.memory import key_of
from src.wms import keys, outgoing
from src.wms.deciding import Unit
from src.wms.finishing import Finisher, Port, Task, Unresolved, dropped
from src.wms.mirror import of_wire
from src.wms.placing import place
from src.wms.receiving import Done
from src.wms.records import BEFORE, CREATE, INACTIVATE, WMS, Planned
from src.wms.states import Mirrored, Stored, digest
from src.wms.undoing_writes import as_it_was

REREADS = 3  # how often a record is read again because somebody changed it there
HELD_CODE = "held"  # QuickBooks has it, and a person must look
_CLEARED = "changed in QuickBooks meanwhile; the next plan shows it"
_CHANGED = "changed meanwhile; the next plan shows it"


def key_of_unit(unit: Unit) -> str:
    """Return the key of a unit's effect on QuickBooks: what makes it one and the same."""
    if unit.action == CREATE:
        return keys.create_key(unit.kind, unit.wms_id, unit.id)
    values = [
        text
        for card in unit.cards
        for text in (card.field, card.winner, card.base if card.winner == BEFORE else card.wms)
    ]
    about = (unit.kind.name, unit.id, unit.first.revision, unit.action)
    return key_of(("wms", *about, *values))


class Carrier:
    """Sends units, one after the other."""

    def __init__(self, port: Port, finisher: Finisher, now: Callable[[], str]) -> None:
        self._port, self._finisher, self._now = port, finisher, now
        self._verbs = {
            CREATE: self._create,
            INACTIVATE: self._inactivate,
        }

    def send(self, tasks: Sequence[Task], request_id: str) -> list[Answer]:
        """Carry out units; return what became of each."""
        return [self._sent(task) for task in tasks]

    def problem(self, task: Task, stored: Stored | None) -> str:
        """Return why a unit is not sent as things stand in the warehouse, if anything."""
        unit, action = task.unit, task.unit.action
        if unit.deletes:
            return ""
        unit, stored = as_it_was(task, stored)
        if action == INACTIVATE:
            is_as_planned = stored is None and task.before is not None
            return "" if is_as_planned else "is not as the plan saw it; plan again"
        if stored is None:
            return "is gone in the warehouse; the next plan shows it"
        if action == CREATE:
            is_free = stored.head.id in ("", unit.id)
            return "" if is_free else f"is linked to {stored.head.id} already; plan again"
        if task.before is None:
            return "is gone in QuickBooks; the next plan shows it"
        fresh = self._fresh_unit(unit, (stored, task.before))
        goes = any(card.winner == WMS for card in fresh.cards)
        return "" if goes else _dropped(unit, fresh)

    def _sent(self, task: Task) -> Answer:
        carry = self._verbs.get(task.unit.action, self._update)
        carry = self._delete if task.unit.deletes else carry
        stored = self._finisher.stored(task.unit)
        problem = self.problem(task, stored)
        if problem:
            return _not_sent(problem)
        unit, stored = as_it_was(task, stored)
        try:
            return carry(task._replace(unit=unit), stored)
        except Unresolved as unresolved:
            return _not_sent(str(unresolved))
        except Unanswered as unanswered:  # a question before the write
            return unanswered.answer._replace(kind=said.NOT_APPLIED)

    # --- create -----------------------------------------------------------------------

    def _create(self, task: Task, stored: Stored) -> Answer:
        kind = task.unit.kind
        mark = keys.external_id(task.key)
        body = outgoing.created(kind, stored, mark, self._finisher.resolve)
        self._finisher.sending(task, stored)
        answer = self._port.write("create", kind.resource, "", body)
        return self._taken(
            task, answer, lambda found: self._finisher.after_create(task, found, stored)
        )

    # --- update -----------------------------------------------------------------------

    def _update(self, task: Task, stored: Stored) -> Answer:
        assert task.before
        unit = self._fresh_unit(task.unit, (stored, task.before))
        writing = self._finisher.writing(task, stored)._replace(unit=unit)
        now, answer = task.before, Answer(said.NOT_APPLIED)
        goes, lost = outgoing.still_open(writing, now, now)
        for again in range(REREADS + 1):
            unit = _with(unit, goes, lost)
            if not goes:
                return self._nothing_left(task, unit, now)
            body = outgoing.updated(unit, now, stored, self._finisher.resolve)
            answer = self._port.write("update", unit.kind.resource, unit.id, body)
            if answer.advice != said.REREAD or again == REREADS:
                break
            found = self._read(unit)
            if found is None:
                return _not_sent("was deleted in QuickBooks meanwhile")
            now = found
            goes, lost = outgoing.still_open(writing, task.before, now)
        sent = (unit, writing, now)
        return self._taken(
            task, answer, lambda found: self._after_update(task, found, sent)
        )

    def _nothing_left(
        self, task: Task, unit: Unit, now: Mirrored
    ) -> Answer:
        """Return the answer where no field is left that would have to be sent."""
        if why := _dropped(task.unit, unit):
            return _not_sent(why)
        done = Done(self._now(), known=self._finisher.known)
        note = self._finisher.write(task, unit, now, done)
        return _judged(Answer(said.APPLIED, 200, now.head.id), note)

    def _after_update(
        self, task: Task, found: Mirrored, sent: tuple[Unit, outgoing.Writing, Mirrored]
    ) -> str:
        unit, writing, before = sent
        done = self._finisher.done(writing, (before, found))
        note = self._finisher.write(task, unit, found, done)
        damaged = outgoing.untouched(unit, before, found) if _has_lines(unit) else []
        if damaged:
            return f"lines that were not written changed: {', '.join(damaged)}"
        return note

    def _fresh_unit(self, unit: Unit, sides: tuple[Stored, Mirrored]) -> Unit:
        """Return the unit without the fields that somebody has changed since the plan."""
        gone = [card for card in unit.cards if not self._is_as_planned(card, unit, sides)]
        return _with(unit, unit.cards, gone)

    def _is_as_planned(
        self, card: Planned, unit: Unit, sides: tuple[Stored, Mirrored]
    ) -> bool:
        """Return whether both sides have at a card's place what the plan saw there."""
        stored, before = sides
        found = place(card)
        if card.winner != WMS:
            return True
        if not _is_as_fetched(card, unit, before):
            return False
        if card.wms_state in ("", digest(stored.cells, stored.lines)):
            return True
        if found and not found.field:
            lines = outgoing.named_lines(stored.lines, found.line)
            return outgoing.is_shown(unit.kind, lines, card.wms, self._finisher.known)
        as_mirrored = Mirrored(None, stored.cells, stored.lines)  # type: ignore[arg-type]
        has = outgoing.at(unit.kind, as_mirrored, card.field)
        return has in (card.wms, outgoing.wanted(unit.kind, card, self._finisher.known))

    # --- the end of a record ----------------------------------------------------------

    def _inactivate(self, task: Task, stored: None) -> Answer:
        unit, before = task.unit, task.before
        assert before
        body = {"isActive": False, "revisionNumber": before.head.revision_number}
        answer = self._port.write("update", unit.kind.resource, unit.id, body)
        if answer.advice == said.REREAD:
            found = self._port.read(unit.kind.resource, unit.id)
            if found is None or found.get("isActive") is not False:
                return _not_sent(_CLEARED)
            answer = Answer(said.APPLIED, 200, unit.id, record=found)
        return self._taken(task, answer, lambda found: self._finisher.after_end(task, found))

    def _delete(self, task: Task, stored: Stored | None) -> Answer:
        unit, before = task.unit, task.before
        found = self._read(unit)
        if found and before and found.head.revision_number != before.head.revision_number:
            return _not_sent(_CLEARED)
        answer = Answer(said.APPLIED, 200, unit.id)
        if found:
            answer = self._port.write("delete", unit.kind.resource, unit.id, {})
        if answer.kind == said.APPLIED:
            answer = answer._replace(remote_id=unit.id)
            note = self._finisher.after_end(task, found or before)
            return _judged(answer, note)
        return answer

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

    def _read(self, unit: Unit) -> Mirrored | None:
        record = self._port.read(unit.kind.resource, unit.id)
        return of_wire(unit.kind, record) if record else None


def _is_as_fetched(card: Planned, unit: Unit, before: Mirrored) -> bool:
    """Return whether the mirror still has at a card's place what the plan saw."""
    found = place(card)
    if before.head.revision_number == card.revision:
        return True
    is_cell = found is None or bool(found.field)
    return is_cell and outgoing.at(unit.kind, before, card.field) == card.qbd


def _with(unit: Unit, goes: Iterable[Planned], lost: Iterable[Planned]) -> Unit:
    """Return a unit that sends these cards alone; the lost ones stay as they are."""
    left = {card.row for card in lost}
    sent = {card.row for card in goes}
    cards = [c for c in unit.cards if c.winner != WMS or c.row in sent]
    return unit._replace(
        cards=tuple(card for card in cards if card.row not in left),
        left=(*unit.left, *(card for card in unit.cards if card.row in left)),
    )


def _dropped(planned: Unit, unit: Unit) -> str:
    """Return why nothing goes of a unit: what was dropped of it since it was planned."""
    found = " ".join(dropped(planned, unit))
    return f"{found}: {_CHANGED}" if found else ""


def _has_lines(unit: Unit) -> bool:
    return any(place(card) for card in unit.cards if card.winner == WMS)


def _not_sent(reason: str) -> Answer:
    """Return what stands for an answer where there was no reason to ask."""
    return Answer(said.NOT_APPLIED, error=reason, is_withdrawn=True)


def _judged(answer: Answer, note: str) -> Answer:
    return answer._replace(code=HELD_CODE, error=note) if note else answer


