"""Lines of a document that a run added or removed: found again by what a plan says of them.

QuickBooks gives a line that comes back an id of its own, so it is told by what it says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from src.wms import outgoing
from src.wms.fields import Field, Kind
from src.wms.lines import shown
from src.wms.states import Cells, Lines
from src.wms.wire import Lined


def read(fields: Sequence[Field], text: str) -> Cells:
    """Return the cells of a line as a plan shows it; nothing where it cannot be read.

    The fields stand in their order, so a value may hold what looks like another field.

    >>> from src.wms.fields import KINDS
    >>> read(KINDS["sales_orders"].lines, "item.id=8-1; quantity=2; description=a; b=c")
    ('8-1', '', '2', '', '', 'a; b=c')
    """
    found, rest = [""] * len(fields), text
    starts = [(at, f"{field.name}=") for at, field in enumerate(fields)]
    while rest:
        here = next(((at, s) for at, s in starts if rest.startswith(s)), None)
        if here is None:
            return ()
        at, start = here
        starts = starts[starts.index(here) + 1 :]
        ends = [rest.find(f"; {other}") for _, other in starts]
        end = min((place for place in ends if place >= 0), default=len(rest))
        found[at], rest = rest[len(start) : end], rest[end + 2 :]
    return tuple(found) if text and shown(fields, found) == text else ()


def find(
    kind: Kind, text: str, lines: Lines, references: Mapping[str, str]
) -> Lined | None:
    """Return the last line that says all that was sent, None where there is none.

    `references` are QuickBooks' ids of what had none when the plan was made.
    """
    ours = Lined("", read(kind.lines, text))
    for line in reversed(lines if ours.cells else ()):
        if outgoing.says(kind, ours, line, lambda _, cell: references.get(cell, cell)):
            return line
    return None
