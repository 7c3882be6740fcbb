"""What takes back one record's write: a card for each field, or why it stays.

A card goes where QuickBooks still has what the run wrote. It is held where somebody has
changed that since; a person may decide `base` then, and it goes all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, Union

from src.wms import cards, limits, offers, outgoing, undoing_lines
from src.wms.cards import Card
from src.wms.comparing import Sides
from src.wms.deciding import Unit
from src.wms.fields import places
from src.wms.lines import named, shown
from src.wms.placing import ALL, Place
from src.wms.records import BEFORE, CREATE, HOLD, INACTIVATE, QBD, UNDO, WMS, Attempt, Planned
from src.wms.sides import Triple
from src.wms.states import Agreed, Lines, Mirrored, Stored
from src.wms.truth import CHANGED_SINCE, TAKEN_BACK

_ACTIVE = "is_active"
_MADE = "the run made it; QuickBooks deletes no {}, so it becomes inactive"
_MADE_DOCUMENT = "the run made it; it is deleted in QuickBooks"
_WROTE = "the run wrote it"
_CHANGED = "changed in QuickBooks since the run wrote it"
_UNLISTED = 'QuickBooks\' list does not have it; run "make wms-fetch" with --full'
_GONE = "was deleted in QuickBooks since"
_DELETED = (
    "the run deleted it, and QuickBooks brings nothing back; where the warehouse has it "
    "still, decide wms in the next plan, else enter it in QuickBooks again"
)
_NO_LINE = "its line is gone in QuickBooks"
_UNTOLD = "the line cannot be told from others; put it right in QuickBooks"
_UNREAD = "the plan does not say what the line was; enter it in QuickBooks again"
_GROUPED = "its lines hold item groups, which only QuickBooks edits; change them there"
_LAST = "QuickBooks needs one line at least; delete the document there"
# A card, why the write stays, or None: QuickBooks has what was there before.
Back = Union[Card, str, None]


class Seen(NamedTuple):
    """One record that a run wrote to QuickBooks, and what is known of it by now."""

    unit: Unit  # as it was carried out
    row: Attempt  # the run's last word on it
    now: Mirrored | None
    stored: Stored | None = None
    agreed: Agreed | None = None
    references: Mapping[str, str] = {}  # `wms:…` → QuickBooks' id, of what the run made

    @property
    def id(self) -> str:
        """Return QuickBooks' id of it."""
        return self.row.id or self.unit.id

    @property
    def is_untouched(self) -> bool:
        """Return whether nobody has written the record since the run did."""
        head, revision = self.now.head if self.now else None, self.row.revision
        if head and self.unit.action == CREATE and head.revision_number != revision:
            is_new = not revision and head.updated_at == head.created_at
            return is_new or self._is_as_made
        return bool(head and head.revision_number == revision)

    @property
    def _is_as_made(self) -> bool:
        """Return whether only what nobody writes moved: a balance, a quantity on hand."""
        now, agreed = self.now, self.agreed
        if not (now and agreed and agreed.head.revision_number == self.row.revision):
            return False
        cells = zip(self.unit.kind.fields, agreed.cells, now.cells)
        is_same = all(was == has for field, was, has in cells if field.write)
        return is_same and now.lines == agreed.lines


def row(seen: Seen, card: Card, row_id: str) -> Planned:
    """Return the reverse plan's row of a card, unsigned.

    What the warehouse has is told and not asked for: its record may be any by then.
    """
    triple = Triple(seen.row.wms_id, seen.id, None, seen.stored, seen.now)
    found = cards.row(seen.unit.kind, triple, card)
    found = found._replace(row=row_id, name=seen.row.name or found.name, wms_state="")
    return offers.told(found)


def back(seen: Seen) -> list[Back]:
    """Return what becomes of each thing that the run wrote."""
    unit, now = seen.unit, seen.now
    if unit.deletes:
        return [_DELETED]
    if now is None:
        return [_UNLISTED]
    if now.head.deleted_at:
        return [None if unit.action == CREATE else _GONE]
    if unit.action == CREATE:
        return [_of_create(seen, now)]
    if unit.action == INACTIVATE:
        return [_cell(seen, now, Wrote(_ACTIVE, "yes", "no"))]
    return _with_a_line(now, list(_each(seen, now)))


class Wrote(NamedTuple):
    """One thing that the run wrote: what was there before, and what it sent."""

    field: str
    before: str
    after: str


def _wrote(seen: Seen) -> Iterator[Wrote]:
    """Yield what went to QuickBooks; some may have been dropped before."""
    fields = f" {seen.row.fields} "
    for card in sent(seen.unit):
        if f" {card.field} " in fields:
            after = card.base if card.winner == BEFORE else card.wms
            yield Wrote(card.field, card.qbd, seen.references.get(after, after))


def sent(unit: Unit) -> list[Planned]:
    """Return the cards of a unit that go to QuickBooks; names follow their ids."""
    ours = [card for card in unit.cards if card.winner in (WMS, BEFORE)]
    return [card for card in ours if limits.is_writable(unit.kind, card.field)]


def _taken(field: str, sides: Sides, reason: str) -> Card:
    return Card(UNDO, QBD, TAKEN_BACK, reason, field, sides, BEFORE, sides.qbd)


def _judged(seen: Seen, field: str, sides: Sides, is_ours: bool) -> Card:
    """Return the card that gives back `sides.base`; held if it is not ours any more."""
    if is_ours:
        return _taken(field, sides, _WROTE)
    return Card(HOLD, "", CHANGED_SINCE, _CHANGED, field, sides)


def _of_create(seen: Seen, now: Mirrored) -> Back:
    kind = seen.unit.kind
    at = places(kind).get(_ACTIVE)
    if at is None:
        found = _judged(seen, "", Sides("", "", ""), seen.is_untouched)
        return found._replace(reason=found.reason if found.is_held else _MADE_DOCUMENT)
    if now.cells[at] == "no":
        return None
    sides = Sides("no", _here(seen, _ACTIVE), now.cells[at])
    found = _judged(seen, _ACTIVE, sides, seen.is_untouched)
    made = _MADE.format(kind.type)
    return found._replace(reason=found.reason if found.is_held else made)


# --- fields and lines -----------------------------------------------------------------


def _each(seen: Seen, now: Mirrored) -> Iterator[Back]:
    free = now.lines
    for wrote in _wrote(seen):
        where = place_of(wrote)
        if where and (now.head.groups or where.line == ALL):
            yield _GROUPED if now.head.groups else _UNTOLD
        elif where is None or where.field:
            yield _cell(seen, now, wrote)
        elif wrote.after:
            found = _added(seen, free, wrote)
            gone = found.field if isinstance(found, Card) else ""
            free = tuple(line for line in free if named(line.id) != gone)
            yield found
        else:
            yield _removed(seen, now, wrote)


def _cell(seen: Seen, now: Mirrored, wrote: Wrote) -> Back:
    kind = seen.unit.kind
    has = outgoing.at(kind, now, wrote.field)
    if has is None:
        return _NO_LINE
    if has == wrote.before:
        return None
    sides = Sides(wrote.before, _here(seen, wrote.field), str(has))
    found = _judged(seen, wrote.field, sides, seen.is_untouched or has == wrote.after)
    field = limits.field_of(kind, wrote.field)
    as_sent = found._replace(sides=sides._replace(wms=wrote.before))
    return (field and limits.of_update(kind, as_sent, field)) or found


def _here(seen: Seen, field: str) -> str:
    """Return what the warehouse has in a field, for people to see."""
    if seen.stored is None:
        return ""
    cells, lines = seen.stored.cells, seen.stored.lines
    as_mirrored = Mirrored(None, cells, lines)  # type: ignore[arg-type]
    return str(outgoing.at(seen.unit.kind, as_mirrored, field) or "")


def _added(seen: Seen, free: Lines, wrote: Wrote) -> Back:
    """Return what becomes of a line that the run added."""
    kind, references = seen.unit.kind, seen.references
    line = undoing_lines.find(kind, wrote.after, free, references)
    if line:
        sides = Sides("", "", shown(kind.lines, line.cells))
        return _taken(named(line.id), sides, _WROTE)
    agreed = seen.agreed.lines if seen.agreed else ()
    known = undoing_lines.find(kind, wrote.after, agreed, references)
    there = next((one for one in free if known and one.id == known.id), None)
    if there:
        sides = Sides("", "", shown(kind.lines, there.cells))
        return _judged(seen, named(there.id), sides, is_ours=False)
    return _UNTOLD if seen.is_untouched else None


def _removed(seen: Seen, now: Mirrored, wrote: Wrote) -> Back:
    """Return what becomes of a line that the run removed: it comes back under a new id."""
    kind = seen.unit.kind
    if outgoing.at(kind, now, wrote.field) is not None:
        return None
    if not undoing_lines.read(kind.lines, wrote.before):
        return _UNREAD
    is_there = undoing_lines.find(kind, wrote.before, now.lines, seen.references)
    if is_there and not seen.is_untouched:
        return None
    return _judged(seen, wrote.field, Sides(wrote.before, "", ""), seen.is_untouched)


def _with_a_line(now: Mirrored, found: list[Back]) -> list[Back]:
    """Return what was found, its lines left alone where none would be left."""
    lines = {one.field: one for one in found if isinstance(one, Card)}
    ends = {named(line.id) for line in now.lines if named(line.id) in lines}
    comes = any(place_of(one) and one.sides.base for one in lines.values())
    if comes or not now.lines or len(ends) < len(now.lines):
        return found
    return [
        _LAST if isinstance(one, Card) and one.field in ends else one for one in found
    ]


def place_of(about: Wrote | Card) -> Place | None:
    """Return the place in the lines that something is about."""
    return outgoing.place_of(about.field)
