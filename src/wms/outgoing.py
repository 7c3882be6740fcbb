"""What QuickBooks is asked to write: bodies of requests, and what is left of them when
a record was changed there meanwhile.

A line set is written whole: what is not listed is removed, so the set is made of
QuickBooks' own lines with our changes, never of ours alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from src.wms.deciding import Unit
from src.wms.fields import ADJUSTMENTS, Kind, places
from src.wms.lines import FACTORS, shown_lines
from src.wms.placing import ALL, NEW, place, place_of
from src.wms.records import WMS, Planned
from src.wms.states import Mirrored, Stored
from src.wms.wire import NEW_LINE, Lined, body_of, new_body, new_line

ASSEMBLY = "inventory_assembly_items"  # its lines have no ids: the item is one
_ADDRESSES = ("billing_address.", "shipping_address.")
Resolve = Callable[[str, str], str]  # what a field refers to, a cell → QuickBooks' id


def created(
    kind: Kind, stored: Stored, external_id: str, resolve: Resolve
) -> dict[str, Any]:
    """Return the body that creates a record of the warehouse in QuickBooks."""
    cells = [resolve(f.refers_to, cell) for f, cell in zip(kind.fields, stored.cells)]
    lines = [_resolved(kind, line.cells, resolve) for line in stored.lines]
    return new_body(kind, cells, lines, external_id)


def updated(
    unit: Unit, now: Mirrored, stored: Stored | None, resolve: Resolve
) -> dict[str, Any]:
    """Return the body that gives QuickBooks what the warehouse won."""
    kind, ours = unit.kind, _sent(unit)
    types = {field.name: field.refers_to for field in kind.fields}
    cells = {
        card.field: resolve(types[card.field], card.wms)
        for card in ours
        if place(card) is None
    }
    body = body_of(kind.fields, {**_whole_addresses(kind, cells, now), **cells}, "update")
    about_lines = [card for card in ours if place(card)]
    if about_lines and stored:
        body.update(_line_set(kind, about_lines, (now.lines, stored.lines), resolve))
    return {**body, "revisionNumber": now.head.revision_number}


def _whole_addresses(
    kind: Kind, cells: Mapping[str, str], now: Mirrored
) -> dict[str, str]:
    """Return the other parts of the addresses that are written, as QuickBooks has them."""
    starts = [start for start in _ADDRESSES if any(n.startswith(start) for n in cells)]
    return {
        field.name: now.cells[at]
        for at, field in enumerate(kind.fields)
        if field.name.startswith(tuple(starts)) and now.cells[at]
    }


# --- lines ----------------------------------------------------------------------------


def _line_set(
    kind: Kind,
    cards: Sequence[Planned],
    lines: tuple[Sequence[Lined], Sequence[Lined]],
    resolve: Resolve,
) -> dict[str, Any]:
    """Return QuickBooks' line set with what the warehouse changed, added and removed."""
    theirs, ours = lines
    about = _by_line(cards)
    found = []
    mine = {line.id for line in ours if line.id}
    has = {line.id: line for line in ours}
    for line in theirs:
        if ALL in about:
            found += [_replaced(kind, has[line.id], resolve)] if line.id in has else []
            continue
        changes = about.get(line.id, {})
        if "" in changes and line.id not in mine:
            continue  # removed in the warehouse
        found.append(_line(kind, line, changes, resolve))
    for line in added(cards, theirs, ours).values():
        fields = new_line(kind, _resolved(kind, line.cells, resolve))
        found.append(fields if kind.name == ASSEMBLY else {"id": NEW_LINE, **fields})
    return {"lines": found} if found or kind.name != ASSEMBLY else {"clearItemLines": True}


def added(
    cards: Iterable[Planned], theirs: Sequence[Lined], ours: Sequence[Lined]
) -> dict[int, Lined]:
    """Return the warehouse's lines that QuickBooks is to get, by position from 1."""
    whole = {found.line for card in cards if (found := place(card)) and not found.field}
    there = {line.id for line in theirs}
    return {
        at: line
        for at, line in enumerate(ours, 1)
        if whole & {ALL, line.id or f"{NEW}{at}"} and line.id not in there
    }


def _by_line(cards: Iterable[Planned]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for card in cards:
        where = place(card)
        if where:
            found.setdefault(where.line, {})[where.field] = card.wms
    return found


def _line(
    kind: Kind, line: Lined, changes: Mapping[str, str], resolve: Resolve
) -> dict[str, Any]:
    """Return one line that QuickBooks has: its id alone keeps it as it is."""
    types = {field.name: field.refers_to for field in kind.lines}
    has = {field.name: cell for field, cell in zip(kind.lines, line.cells)}
    wanted = {n: resolve(types[n], cell) for n, cell in changes.items() if n}
    if kind.name == ASSEMBLY:
        return body_of(kind.lines, {**has, **wanted}, "update")
    # A line whose item changes alone would get that item's price in QuickBooks.
    is_other_item = "item.id" in wanted and "amount" not in wanted
    if is_other_item or any(name in wanted for name in FACTORS):
        kept = {name: has[name] for name in FACTORS if has.get(name)}
        wanted = {**kept, **wanted}
        wanted.pop("amount", None)
    return {"id": line.id, **body_of(kind.lines, wanted, "update")}


def _replaced(kind: Kind, line: Lined, resolve: Resolve) -> dict[str, Any]:
    """Return a line of both sides as the warehouse has it."""
    fields = new_line(kind, _resolved(kind, line.cells, resolve))
    return fields if kind.name == ASSEMBLY else {"id": line.id, **fields}


def _resolved(kind: Kind, cells: Sequence[str], resolve: Resolve) -> list[str]:
    return [resolve(field.refers_to, cell) for field, cell in zip(kind.lines, cells)]


# --- changed there meanwhile ----------------------------------------------------------


def at(kind: Kind, record: Mirrored, field: str) -> object:
    """Return what a record has at a card's place, None for a line that is not there."""
    found = place_of(field)
    if found is None:
        return record.cells[places(kind)[field]]
    if found.line == ALL:
        return tuple(line.cells for line in record.lines)
    line = next((line for line in record.lines if line.id == found.line), None)
    if line is None or not found.field:
        return line and line.cells
    names = [one.name for one in kind.lines]
    return line.cells[names.index(found.field)]


class Writing(NamedTuple):
    """A write to a record of QuickBooks', with the lines that it had before."""

    unit: Unit
    theirs: Sequence[Lined]
    stored: Stored
    resolve: Resolve

    @property
    def added(self) -> dict[int, Lined]:
        """Return the lines that QuickBooks gets, by their position here."""
        return added(_sent(self.unit), self.theirs, self.stored.lines)

    def came(self, now: Mirrored) -> dict[str, int]:
        """Return which of the added lines are there: QuickBooks' ids, and our positions.

        A line has no mark: it is told by what it says, among those that were not there.
        """
        known = {line.id for line in self.theirs}
        free = [line for line in now.lines if line.id not in known]
        found: dict[str, int] = {}
        for at, line in self.added.items():
            there = next((x for x in free if self._says(line, x)), None)
            if there:
                found[there.id] = at
                free.remove(there)
        return found

    def _says(self, ours: Lined, theirs: Lined) -> bool:
        return says(self.unit.kind, ours, theirs, self.resolve)

    def is_there(self, card: Planned, now: Mirrored, came: Collection[int]) -> bool:
        """Return whether QuickBooks has what a card says."""
        where = place(card)
        if where is None or where.field:
            sought = wanted(self.unit.kind, card, self.resolve)
            return at(self.unit.kind, now, card.field) == sought
        if where.line == ALL:
            return self._is_whole(now, came)
        adds = self._position(where.line)
        is_gone = at(self.unit.kind, now, card.field) is None
        return adds in came if adds else is_gone

    def _is_whole(self, now: Mirrored, came: Collection[int]) -> bool:
        """Return whether QuickBooks has the warehouse's line set, and nothing else."""
        there = {line.id: line for line in now.lines}
        same = [
            place in came or (line.id in there and self._says(line, there[line.id]))
            for place, line in enumerate(self.stored.lines, 1)
        ]
        return all(same) and len(same) == len(there)

    def _position(self, name: str) -> int:
        """Return where the added line stands that a card names, 0 where it adds none."""
        names = {line.id or f"{NEW}{at}": at for at, line in self.added.items()}
        return names.get(name, 0)


def says(kind: Kind, ours: Lined, theirs: Lined, resolve: Resolve) -> bool:
    """Return whether a line there says all that ours says when it is sent."""
    sent = new_line(kind, _resolved(kind, ours.cells, resolve))
    if kind.name == ADJUSTMENTS:
        return sent == new_line(kind, theirs.cells)
    cells = dict(zip([field.name for field in kind.lines], theirs.cells))
    has = body_of(kind.lines, cells, "update")
    return all(has.get(name) == cell for name, cell in sent.items())


def named_lines(lines: Sequence[Lined], name: str) -> list[Lined]:
    """Return the lines that a card's place means: one of them, or all."""
    return [
        line
        for at, line in enumerate(lines, 1)
        if name in (ALL, line.id or f"{NEW}{at}")
    ]


def is_shown(
    kind: Kind, lines: Sequence[Lined], text: str, known: Resolve
) -> bool:
    """Return whether a card's text says what these lines say.

    What they refer to may have got QuickBooks' id since.
    """
    as_they_are = shown_lines(kind.lines, lines)
    cells = [
        line._replace(cells=tuple(_resolved(kind, line.cells, known))) for line in lines
    ]
    return text in (as_they_are, shown_lines(kind.lines, cells))


def still_open(
    writing: Writing, before: Mirrored, now: Mirrored
) -> tuple[list[Planned], list[Planned]]:
    """Return the cards that still go to QuickBooks, and those that somebody forestalled.

    Where QuickBooks has what the card says, nothing is left to do; a card goes where it
    has what the plan saw; a third value is for the next plan, which shows it to people.
    """
    goes, lost = [], []
    came, kind = set(writing.came(now).values()), writing.unit.kind
    for card in _sent(writing.unit):
        if before is not now and writing.is_there(card, now, came):
            continue
        was, has = at(kind, before, card.field), at(kind, now, card.field)
        (goes if was == has else lost).append(card)
    return goes, lost


def has_arrived(writing: Writing, now: Mirrored) -> bool:
    """Return whether QuickBooks has taken the write.

    It takes all of it or nothing; values may be a person's as well, but who adds the very
    line that we sent? Where a person has changed some since, the line still tells.
    """
    came = set(writing.came(now).values())
    return bool(came) or all(
        writing.is_there(card, now, came) for card in _sent(writing.unit)
    )


def _sent(unit: Unit) -> list[Planned]:
    return [card for card in unit.cards if card.winner == WMS]


def wanted(kind: Kind, card: Planned, resolve: Resolve) -> str:
    """Return the value that a card brings to QuickBooks, of a reference its id there."""
    found = place(card)
    fields, name = (kind.lines, found.field) if found else (kind.fields, card.field)
    types = {field.name: field.refers_to for field in fields}
    return resolve(types.get(name, ""), card.wms)


def untouched(unit: Unit, before: Mirrored, after: Mirrored) -> list[str]:
    """Return the ids of lines that no card is about and that changed all the same."""
    about = {found.line for card in unit.cards if (found := place(card))}
    lines = {line.id: line.cells for line in after.lines}
    if ALL in about:
        return []
    return [
        line.id
        for line in before.lines
        if line.id not in about and lines.get(line.id) != line.cells
    ]
