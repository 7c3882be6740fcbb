"""A create whose answer nobody heard, and that somebody has changed since.

The base is what was sent: what QuickBooks has beyond it is a change of QuickBooks', and
what the warehouse has beyond it one of the warehouse's. The next plan shows both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from src.wms import limits, outgoing
from src.wms.deciding import Unit, decided
from src.wms.fields import Field, Kind
from src.wms.lines import LINES
from src.wms.matching import BY_MARK
from src.wms.records import LINK, AgreedHead, Planned
from src.wms.states import Agreed, Cells, Mirrored, Stored
from src.wms.wire import Lined

_NO_BASE = (
    "QuickBooks' record was changed after it was made of this one, and nobody knows what "
    "was sent; decide wms or qbd of {}, or approve of the link as it is"
)
GONE = "gone "  # before the position of a line that is gone there, and had an id once
# A type and `wms:…` → QuickBooks' id; what else there is stays as it is.
Known = Callable[[str, str], str]


class Found(NamedTuple):
    """A record that was created: as it is on both sides, and as it was sent."""

    kind: Kind
    there: Mirrored
    here: Stored
    sent: Stored
    known: Known

    def settled(self, now: str) -> tuple[Stored, Agreed]:
        """Return what the warehouse holds from now on, and what is agreed on."""
        there, here, sent = self.there, self.here, self.sent
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
            known = q if is_own else self.known(field.refers_to, s)
            base.append("" if field.is_local else known)
        return tuple(ours), tuple(base)

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
                found.append(Lined(f"{GONE}{at + 1}", cells))
        return found

    def _own_lines(
        self, lines: Sequence[Lined], sent: Sequence[Lined]
    ) -> Iterable[Lined]:
        """Yield the warehouse's lines with the ids of those that they were sent as."""
        partners = _partners(lines, self.sent.lines, (self._is_same, self._is_of))
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


def unsure(unit: Unit, there: Mirrored | None) -> str:
    """Return why a record of ours is not linked, where nobody knows who changed what.

    It has no base any more, and somebody has changed it in QuickBooks since it was made.
    """
    is_ours = unit.action == LINK and unit.head and unit.head.rule == BY_MARK
    if not is_ours or decided(unit.first) or there is None:
        return ""
    if there.head.updated_at == there.head.created_at:
        return ""
    open_cards = (card for card in unit.cards if not decided(card))
    fields = [card.field for card in open_cards if _is_unclear(unit.kind, card)]
    return _NO_BASE.format(" ".join(fields)) if fields else ""


def _is_unclear(kind: Kind, card: Planned) -> bool:
    is_cell = not card.field.startswith(LINES) and limits.is_writable(kind, card.field)
    return is_cell and card.wms not in ("", card.qbd)


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
