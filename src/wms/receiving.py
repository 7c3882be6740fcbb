"""What the warehouse and the base hold after a record was synchronized, field by field.

Nothing is overwritten that nobody decided about: where the two sides differ in a field
without a card, both stay, and so does what was agreed on; the next plan says it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from src.wms import outgoing
from src.wms.deciding import Unit
from src.wms.fields import ADJUSTMENTS, Field, Kind, places
from src.wms.levels import ON_HAND
from src.wms.lines import FACTORS, Lines, paired
from src.wms.placing import ALL, NEW, place
from src.wms.records import QBD, WMS, AgreedHead, Planned, StoredHead
from src.wms.states import Agreed, Cells, Mirrored, Stored, digest
from src.wms.wire import Lined


class Sides(NamedTuple):
    """A record as each of the three has it now."""

    stored: Stored | None
    qbd: Mirrored
    agreed: Agreed | None


class Done(NamedTuple):
    """What was done to QuickBooks before, and when that is."""

    now: str
    edited_at: str = ""  # the last edit there that was not ours
    fresh: Mapping[str, int] = {}  # ids of lines that we added: the warehouse's position
    # A type and `wms:…` → QuickBooks' id, what else there is as it is.
    known: Callable[[str, str], str] = lambda _, cell: cell
    is_created: bool = False  # in QuickBooks, out of what the warehouse has
    has_levels: bool = False  # every movement behind a level of stock is known
    sent: Stored | None = None  # the warehouse's record as it was sent, where that is known


class Settled(NamedTuple):
    """What is to be written, and which fields stay because they changed meanwhile."""

    record: Stored
    agreed: Agreed
    stale: tuple[str, ...]


class Cards(NamedTuple):
    """The cards about one record, or about one of its lines, by field."""

    goes: Mapping[str, Planned]
    left: frozenset[str]


class Merge:
    """Brings one record together; `settled` is the result."""

    def __init__(self, kind: Kind, unit: Unit, sides: Sides, done: Done) -> None:
        self._kind, self._unit, self._sides, self._done = kind, unit, sides, done
        self._stale: list[str] = []
        self._blank = ("",) * len(kind.lines)

    def settled(self) -> Settled:
        """Return what the warehouse and the base hold from now on."""
        (stored, qbd, agreed), done = self._sides, self._done
        blank = ("",) * len(self._kind.fields)
        about = _cards(self._unit, None)
        if stored is None:
            cells, lines = self._taken(about), qbd.lines
            base, base_lines = _theirs(self._kind.fields, qbd.cells), qbd.lines
        else:
            base = agreed.cells if agreed else blank
            three = (stored.cells, qbd.cells, base)
            if done.is_created:
                sent = done.sent.cells if done.sent else None
                cells = self._answered(self._kind.fields, three, sent)
                base = _theirs(self._kind.fields, qbd.cells)
            else:
                cells, base = self._merged(self._kind.fields, about, three)
            lines, base_lines = self._lines(stored, agreed)
        record = Stored(self._stored_head(), cells, tuple(lines))
        return Settled(
            record,
            Agreed(self._agreed_head(base, base_lines), base, tuple(base_lines)),
            tuple(self._stale),
        )

    def _taken(self, about: Cards) -> Cells:
        """Return QuickBooks' cells as the warehouse gets them, and what is its own."""
        pairs = zip(self._kind.fields, self._sides.qbd.cells)
        return tuple(
            about.goes[field.name].qbd if field.is_local and field.name in about.goes else q
            for field, q in pairs
        )

    # --- fields -----------------------------------------------------------------------

    def _merged(
        self, fields: Sequence[Field], about: Cards, three: tuple[Cells, Cells, Cells]
    ) -> tuple[Cells, Cells]:
        """Return the warehouse's cells and the agreed ones."""
        ours, base = [], []
        for field, w, q, b in zip(fields, *three):
            cell = self._cell(field, about, (w, q, b))
            ours.append(cell)
            base.append("" if field.is_local else q if cell == q else b)
        at = {field.name: where for where, field in enumerate(fields)}
        for where, field in enumerate(fields):
            if field.names and field.name not in about.left:
                self._follow(where, at[field.names], (ours, base, three[1]))
        return self._agreeing(fields, about, (tuple(ours), tuple(base), three[1]))

    def _follow(
        self, place: int, leader: int, cells: tuple[list[str], list[str], Cells]
    ) -> None:
        """Let a name follow its id: the id's winner has it."""
        ours, base, theirs = cells
        if ours[leader] == theirs[leader]:
            ours[place] = base[place] = theirs[place]

    def _cell(self, field: Field, about: Cards, three: tuple[str, str, str]) -> str:
        """Return what the warehouse holds in a field."""
        w, q, b = three
        if field.is_local or w == q or field.name in about.left:
            return w
        card = about.goes.get(field.name)
        if card:
            if w == self._done.known(field.refers_to, card.wms) or w == card.wms:
                return q
            self._stale.append(card.field)
            return w
        if field.name == "amount" and _are_sent(about):
            return q  # QuickBooks' product of what we sent
        is_explained = field.name != ON_HAND or self._done.has_levels
        is_kept = field.write or field.names or w != b or not is_explained
        return w if is_kept else q

    def _agreeing(
        self, fields: Sequence[Field], about: Cards, cells: tuple[Cells, Cells, Cells]
    ) -> tuple[Cells, Cells]:
        """Agree on what QuickBooks took of us, also where we have changed it since.

        So the change is ours alone at the next comparison, and goes there.
        """
        ours, base, theirs = cells
        found = list(base)
        for at, field in enumerate(fields):
            card = about.goes.get(field.name)
            if card and card.winner == WMS:
                found[at] = theirs[at]
        return ours, tuple(found)

    def _answered(
        self,
        fields: Sequence[Field],
        cells: tuple[Cells, Cells, Cells],
        sent: Cells | None,
    ) -> Cells:
        """Return the warehouse's cells after QuickBooks took all of them.

        What QuickBooks made of a cell is taken where the cell is still as it was sent.
        """
        found = []
        for at, field in enumerate(fields):
            w, q = cells[0][at], cells[1][at]
            known = partial(self._done.known, field.refers_to)
            is_same = sent is not None and known(sent[at]) == known(w)
            is_taken = field.only_at != "update" and (is_same or not w or not field.write)
            found.append(q if is_taken and not field.is_local else w)
        return tuple(found)

    # --- lines ------------------------------------------------------------------------

    def _lines(
        self, stored: Stored, agreed: Agreed | None
    ) -> tuple[list[Lined], list[Lined]]:
        """Return the warehouse's lines and the agreed ones, in QuickBooks' order."""
        if _won(self._unit, ALL, QBD) and self._is_as_planned(ALL, stored.lines):
            return list(self._sides.qbd.lines), list(self._sides.qbd.lines)
        ours, learned = self._ours(stored, agreed)
        theirs = {line.id: line for line in self._sides.qbd.lines}
        base = {line.id: line for line in (agreed.lines if agreed else ())}
        used = {*self._done.fresh.values(), *learned}
        lines: list[Lined] = []
        agreed_lines: list[Lined] = []
        for line in theirs.values():
            mine = self._counterpart(line.id, ours, stored)
            self._line(line, (mine, base.get(line.id)), (lines, agreed_lines))
        for at, line in enumerate(stored.lines, 1):
            if (line.id and line.id in theirs) or at in used:
                continue
            if self._is_kept(line, at):
                lines.append(line)
                agreed_lines += [base[line.id]] if line.id in base else []
        return lines, agreed_lines

    def _ours(
        self, stored: Stored, agreed: Agreed | None
    ) -> tuple[dict[str, Lined], set[int]]:
        """Return our lines by QuickBooks' ids, and the positions that learn theirs now."""
        ours = {line.id: line for line in stored.lines if line.id}
        if self._done.fresh:
            return ours, set()
        three = Lines(agreed.lines if agreed else None, stored.lines, self._sides.qbd.lines)
        places = paired(self._kind.lines, three)
        ours.update((line_id, stored.lines[at]) for at, line_id in places.items())
        return ours, {at + 1 for at in places}

    def _counterpart(
        self, line_id: str, ours: Mapping[str, Lined], stored: Stored
    ) -> Lined | None:
        at = self._done.fresh.get(line_id, 0)
        return stored.lines[at - 1] if 0 < at <= len(stored.lines) else ours.get(line_id)

    def _line(
        self,
        theirs: Lined,
        known: tuple[Lined | None, Lined | None],
        found: tuple[list[Lined], list[Lined]],
    ) -> None:
        """Bring one line of QuickBooks' together with ours, and with what was agreed."""
        mine, base = known
        lines, agreed_lines = found
        at = self._done.fresh.get(theirs.id, 0)
        if at:
            if mine:
                lines.append(Lined(theirs.id, self._sent_line(mine, theirs, at)))
            agreed_lines.append(theirs)
        elif mine is None:
            is_taken = _won(self._unit, theirs.id, QBD)
            lines += [theirs] if is_taken else []
            agreed_lines += [theirs] if is_taken else [base] if base else []
        else:
            three = (mine.cells, theirs.cells, base.cells if base else self._blank)
            about = _cards(self._unit, theirs.id)
            cells, agreed = self._merged(self._kind.lines, about, three)
            lines.append(Lined(theirs.id, cells))
            agreed_lines.append(Lined(theirs.id, agreed))

    def _sent_line(self, mine: Lined, theirs: Lined, at: int) -> Cells:
        sent = self._done.sent
        cells = sent.lines[at - 1].cells if sent and at <= len(sent.lines) else None
        three = (mine.cells, theirs.cells, theirs.cells)
        return self._answered(self._kind.lines, three, cells)

    def _is_kept(self, line: Lined, at: int) -> bool:
        """Return whether a line that QuickBooks does not have stays in the warehouse."""
        name = line.id or f"{NEW}{at}"
        return not (_won(self._unit, name, QBD) and self._is_as_planned(name, [line]))

    def _is_as_planned(self, name: str, lines: Sequence[Lined]) -> bool:
        """Return whether the warehouse has lines as the plan saw them, else note it."""
        card = _cards(self._unit, name).goes[""]
        is_same = outgoing.is_shown(self._kind, lines, card.wms, self._done.known)
        if not is_same:
            self._stale.append(card.field)
        return is_same

    # --- heads ------------------------------------------------------------------------

    def _stored_head(self) -> StoredHead:
        stored, qbd, _ = self._sides
        if stored:
            return stored.head._replace(id=qbd.head.id)
        head = qbd.head
        return StoredHead(
            self._unit.wms_id, head.id, head.created_at, head.updated_at, ""
        )

    def _agreed_at(self, cells: Cells) -> str:
        """Return since when both agree: of what has a stock, on its level.

        What moved it since explains another level; a movement is known once for ever.
        """
        _, qbd, agreed = self._sides
        is_moved = self._kind.name == ADJUSTMENTS
        if is_moved and agreed and agreed.head.id == qbd.head.id:
            return agreed.head.agreed_at
        at = places(self._kind).get(ON_HAND)
        if at is None or agreed is None or cells[at] == qbd.cells[at]:
            return self._done.now
        return agreed.head.agreed_at

    def _agreed_head(self, cells: Cells, lines: Sequence[Lined]) -> AgreedHead:
        stored, qbd, agreed = self._sides
        wms_updated_at = stored.head.updated_at if stored else qbd.head.updated_at
        flips, before = _flips(agreed, cells, lines)
        return AgreedHead(
            self._unit.wms_id,
            qbd.head.id,
            qbd.head.revision_number,
            wms_updated_at,
            qbd.head.updated_at,
            self._done.edited_at or _edited_at(agreed, qbd),
            self._agreed_at(cells),
            str(flips),
            before,
        )


def _theirs(fields: Sequence[Field], cells: Cells) -> Cells:
    """Return QuickBooks' cells without what is the warehouse's own."""
    return tuple("" if field.is_local else cell for field, cell in zip(fields, cells))


def _edited_at(agreed: Agreed | None, qbd: Mirrored) -> str:
    if agreed and agreed.head.revision_number == qbd.head.revision_number:
        return agreed.head.qbd_edited_at
    return qbd.head.updated_at


def _flips(agreed: Agreed | None, cells: Cells, lines: Sequence[Lined]) -> tuple[int, str]:
    """Return how often a record went back in a row, and what it was before."""
    if agreed is None:
        return 0, ""
    old, new = digest(agreed.cells, agreed.lines), digest(cells, lines)
    flips = int(agreed.head.flips or 0)
    if old == new:
        return flips, agreed.head.before
    return (flips + 1 if new == agreed.head.before else 0), old


def _cards(unit: Unit, line: str | None) -> Cards:
    """Return the cards about a record, or about one of its lines."""

    def named(cards: Iterable[Planned]) -> Iterable[tuple[str, Planned]]:
        for card in cards:
            found = place(card)
            if (found.line if found else None) == line:
                yield (found.field if found else card.field), card

    left = frozenset(name for name, _ in named(unit.left))
    return Cards(dict(named(unit.cards)), left)


def _are_sent(about: Cards) -> bool:
    """Return whether something that an amount is made of went to QuickBooks."""
    cards = [about.goes[name] for name in FACTORS if name in about.goes]
    return any(card.winner == WMS for card in cards)


def _won(unit: Unit, line: str, winner: str) -> bool:
    """Return whether a side wins about a line as a whole."""
    card = _cards(unit, line).goes.get("")
    return bool(card and card.winner == winner)
