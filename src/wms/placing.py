"""Where a plan's card points to: a field of a record, a line, or a field of a line."""

from __future__ import annotations

import re
from typing import NamedTuple

from src.wms.lines import LINES
from src.wms.records import NOT_YET, Planned

_LINE = re.compile(r"lines\[(.*?)\](?:\.(.+))?", re.DOTALL)
ALL = "*"  # stands for the line set as a whole
NEW = "new "  # before the position of a line that has no id yet


class Place(NamedTuple):
    """Which line a card is about, and which field of it; no field = the whole line."""

    line: str
    field: str


def place(card: Planned) -> Place | None:
    """Return the place in the lines that a card is about, None for a field of the record.

    >>> place_of("lines[12-3].quantity")
    Place(line='12-3', field='quantity')
    """
    return place_of(card.field)


def place_of(field: str) -> Place | None:
    """Return the place in the lines that a field's name stands for."""
    if field == LINES:
        return Place(ALL, "")
    found = _LINE.fullmatch(field)
    return Place(found[1], found[2] or "") if found else None


def is_reference(cell: str) -> bool:
    """Return whether a cell refers to a record that QuickBooks does not know yet."""
    return cell.startswith(NOT_YET)
