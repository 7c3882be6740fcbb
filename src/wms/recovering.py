"""A create whose answer nobody heard, and that somebody has changed since.

The base is what was sent: what QuickBooks has beyond it is a change of QuickBooks', and
what the warehouse has beyond it one of the warehouse's. The next plan shows both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from src.wms import outgoing
from src.wms.fields import Field, Kind
from src.wms.records import AgreedHead
from src.wms.states import Agreed, Cells, Mirrored, Stored
from src.wms.wire import Lined

GONE = "gone "  # before the position of a line that is gone there, and had an id once
# A type and `wms:…` → QuickBooks' id; what else there is stays as it is.
Known = Callable[[str, str], str]


class Found(NamedTuple):
    """A record that was created: as it was sent, where that is known, and as it is."""

    kind: Kind
    there: Mirrored
    here: Stored
    sent: Stored | None
    known: Known

    def settled(self, now: str) -> tuple[Stored, Agreed]:
        """Return what the warehouse holds from now on, and what is agreed on."""
        there, here, sent = self.there, self.here, self.sent or self.here
        three = (here.cells, there.cells, sent.cells)
        cells, base = self._cells(self.kind.fields, three)
        lines = self._sent_lines(sent.lines)
        made = there.head.created_at
        head = AgreedHead(
            here.head.wms_id, there.head.id, "", here.head.updated_at, made, made, now, "0", ""
        )
        own = here.head._replace(id=there.head.id)
        agreed_lines = tuple(line for line in lines if line.id)
        return (
            Stored(own, cells, tuple(self._own_lines(here.lines, lines))),
            Agreed(head, base, agreed_lines),
        )

    def _cells(
        self, fields: Sequence[Field], three: tuple[Cells, Cells, Cells]
    ) -> tuple[Cells, Cells]:
        """Return the warehouse's cells and the agreed ones."""
        ours, base = [], []
        for field, w, q, s in zip(fields, *three):
            is_own = not (field.write or field.names or field.is_local)
            ours.append(q if is_own else w)
            base.append("" if field.is_local else q if is_own else self._agreed(field, s, q))
        return tuple(ours), tuple(base)

    def _agreed(self, field: Field, sent: str, theirs: str) -> str:
        cell = self.known(field.refers_to, sent)
        return cell if self.sent or cell == theirs else ""

    # --- lines ------------------------------------------------------------------------

    def _sent_lines(self, sent: Sequence[Lined]) -> list[Lined]:
        """Return the lines that were sent, with the ids that QuickBooks gave them."""
        theirs, fields = self.there.lines, self.kind.lines
        partners = _partners(sent, theirs, (self._says, self._is_of))
        found = []
        for at, line in enumerate(sent):
            there = theirs[partners[at]] if at in partners else None
            if there:
                _, cells = self._cells(fields, (line.cells, there.cells, line.cells))
                found.append(Lined(there.id, cells))
            else:
                cells = self._known_cells(line)
                found.append(Lined(f"{GONE}{at + 1}" if self.sent else "", cells))
        return found

    def _own_lines(
        self, lines: Sequence[Lined], sent: Sequence[Lined]
    ) -> Iterable[Lined]:
        """Yield the warehouse's lines with the ids of those that they were sent as."""
        asked = self.sent.lines if self.sent else lines
        partners = _partners(lines, asked, (self._is_same, self._is_of))
        for at, line in enumerate(lines):
            found = sent[partners[at]].id if at in partners else ""
            yield line._replace(id=found)

    def _says(self, ours: Lined, theirs: Lined) -> bool:
        return outgoing.says(self.kind, ours, theirs, self.known)

    def _is_same(self, one: Lined, other: Lined) -> bool:
        return self._known_cells(one) == self._known_cells(other)

    def _is_of(self, one: Lined, other: Lined) -> bool:
        """Return whether two lines are about one item."""
        return self._known_cells(one)[0] == self._known_cells(other)[0]

    def _known_cells(self, line: Lined) -> Cells:
        fields = self.kind.lines
        return tuple(self.known(f.refers_to, cell) for f, cell in zip(fields, line.cells))


def _partners(
    ours: Sequence[Lined],
    theirs: Sequence[Lined],
    are_alike: Iterable[Callable[[Lined, Lined], bool]],
) -> dict[int, int]:
    """Return which belong together, by place: those that are most alike first."""
    found: dict[int, int] = {}
    for is_alike in are_alike:
        for at, line in enumerate(ours):
            free = [n for n in range(len(theirs)) if n not in found.values()]
            other = next((n for n in free if is_alike(line, theirs[n])), None)
            if at not in found and other is not None:
                found[at] = other
    return found
