"""What goes to QuickBooks where a write is taken back: the record as it was before.

It is carried there as if the warehouse had it so; the warehouse itself is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator

from src.wms import undoing_lines
from src.wms.deciding import Unit
from src.wms.finishing import Task
from src.wms.placing import Place, place
from src.wms.records import BEFORE, WMS, Planned, StoredHead
from src.wms.states import Mirrored, Stored
from src.wms.wire import Lined


def as_it_was(task: Task, stored: Stored | None) -> tuple[Unit, Stored | None]:
    """Return a unit whose values of before win, and what has them; else what is given."""
    unit, now = task.unit, task.before
    back = [card for card in unit.cards if card.winner == BEFORE]
    if now is None or not back:
        return unit, stored
    cards = tuple(card._replace(wms=card.base, winner=WMS) for card in back)
    head = StoredHead(unit.wms_id, unit.id, "", "", "")
    return unit._replace(cards=cards), Stored(head, now.cells, tuple(_lines(unit, now)))


def _lines(unit: Unit, now: Mirrored) -> Iterator[Lined]:
    """Yield QuickBooks' lines without those that go again, and those that come back."""
    whole = {found.line: card for card in unit.cards if (found := _line_of(card))}
    for line in now.lines:
        if line.id not in whole or whole[line.id].base:
            yield line
    there = {line.id for line in now.lines}
    for line_id, card in whole.items():
        cells = undoing_lines.read(unit.kind.lines, card.base)
        if line_id not in there and cells:
            yield Lined(line_id, cells)


def _line_of(card: Planned) -> Place | None:
    found = place(card)
    return found if found and not found.field else None
