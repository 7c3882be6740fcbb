"""The lines of a record on three sides: which changed, which are new, which are gone.

A line is known by QuickBooks' id of it; one of the warehouse has none until QuickBooks
has answered. An amount is QuickBooks' arithmetic where the quantity or the price of its
line changed: it is sent only where it alone changed, and comes back where they were sent.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from src.wms import comparing, truth
from src.wms.comparing import Change, Rule, Sides, Three
from src.wms.fields import Field, Kind
from src.wms.records import QBD
from src.wms.truth import Changed, Verdict
from src.wms.wire import Lined

LINES = "lines"
ITEM_GROUPS, LINES_DIFFER, UNKNOWN_LINE = "item_groups", "lines_differ", "unknown_line"
NONE_LEFT = "none_left"
_NEEDED = "no line would be left, and QuickBooks needs one at least"
FACTORS = ("quantity", "unit_price", "unit_cost")
_GROUPED = "its lines hold item groups, which only QuickBooks edits; change them there"
_DIFFER = (
    "the lines differ, and nobody knows which belong together; make them say the same "
    "on both sides, or delete the record on one"
)
_UNKNOWN = "QuickBooks has no line of this id; clear the id to make it a new line"


class Lines(NamedTuple):
    """The lines of a record as the three have them; `base` is None before a first match."""

    base: Sequence[Lined] | None
    wms: Sequence[Lined]
    qbd: Sequence[Lined]


def named(line_id: str, field: str = "") -> str:
    """Return what a line, or a field of it, is called in a plan."""
    return f"{LINES}[{line_id}]" + (f".{field}" if field else "")


def shown(fields: Sequence[Field], cells: Sequence[str]) -> str:
    """Return a line as a person reads it, without what is empty."""
    pairs = zip(fields, cells)
    return "; ".join(f"{field.name}={cell}" for field, cell in pairs if cell)


def shown_lines(fields: Sequence[Field], lines: Sequence[Lined]) -> str:
    """Return lines as a person reads them."""
    return " | ".join(shown(fields, line.cells) for line in lines)


def changes(kind: Kind, lines: Lines, rule: Rule) -> list[Change]:
    """Return what differs between the lines of a record."""
    if lines.wms == lines.qbd == lines.base:
        return []
    places = paired(kind.lines, lines)
    compared = _Compared(kind, lines, rule, places)
    is_first = lines.base is None and truth.TABLE[kind.type].both != truth.ONE_WAY
    if is_first and compared.is_one_sided:
        said = [shown_lines(kind.lines, side) for side in lines[1:]]
        hold = truth.verdict(LINES_DIFFER, "", _DIFFER)
        return [Change(LINES, Sides("", *said), hold)]
    return list(compared.changes())


def in_groups(changes: Sequence[Change]) -> list[Change]:
    """Return the changes with those held that would write lines which hold item groups."""
    return _held(changes, truth.verdict(ITEM_GROUPS, "", _GROUPED))


def some_left(changes: Sequence[Change], qbd: Sequence[Lined]) -> list[Change]:
    """Return the changes with those held that would leave QuickBooks without any line."""
    sent = [change for change in changes if change.target == QBD]
    gone = {change.field for change in sent if not change.sides.wms}
    has_new = any(change.field.startswith(LINES) and change.sides.wms for change in sent)
    if has_new or not qbd or not gone.issuperset(named(line.id) for line in qbd):
        return list(changes)
    return _held(changes, truth.verdict(NONE_LEFT, "", _NEEDED))


def _held(changes: Sequence[Change], hold: Verdict) -> list[Change]:
    return [
        change._replace(verdict=hold)
        if change.target == QBD and change.field.startswith(LINES)
        else change
        for change in changes
    ]


def paired(fields: Sequence[Field], lines: Lines) -> dict[int, str]:
    """Return QuickBooks' line ids of lines without one that it has as well, by place.

    They have to say the same, names and amounts aside; then those are paired of which the
    warehouse left something to QuickBooks.
    """
    known = {line.id for line in (*lines.wms, *(lines.base or ())) if line.id}
    free = [line for line in lines.qbd if line.id not in known]
    places: dict[int, str] = {}
    for is_same in (operator.eq, _is_filled_in):
        for place, line in enumerate(lines.wms):
            if line.id or place in places:
                continue
            said = _content(fields, line)
            same = [x for x in free if is_same(said, _content(fields, x))]
            if same:
                places[place] = same[0].id
                free.remove(same[0])
    return places


def _content(fields: Sequence[Field], line: Lined) -> tuple[str, ...]:
    pairs = zip(fields, line.cells)
    return tuple(cell for f, cell in pairs if not (f.names or f.name == "amount"))


def _is_filled_in(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Return whether a line of an item is ours, with what QuickBooks filled in.

    Their first cell is the item.
    """
    return bool(ours[0]) and all(w in ("", q) for w, q in zip(ours, theirs))


class _Compared:
    """The lines of a record, by id, each with its three sides."""

    def __init__(
        self, kind: Kind, lines: Lines, rule: Rule, places: dict[int, str]
    ) -> None:
        self._kind, self._rule = kind, rule
        self._base = {line.id: line.cells for line in lines.base or ()}
        self._qbd = {line.id: line.cells for line in lines.qbd}
        self._paired = {line_id: f"new {at + 1}" for at, line_id in places.items()}
        self._wms, self._new = {}, {}
        for place, (line_id, cells) in enumerate(lines.wms):
            line_id = line_id or places.get(place, "")
            if line_id:
                self._wms[line_id] = cells
            else:
                self._new[f"new {place + 1}"] = cells
        self._is_writable = any(field.write for field in kind.lines)

    @property
    def is_one_sided(self) -> bool:
        """Return whether a side has a line that the other has not."""
        return bool(self._new) or set(self._wms) != set(self._qbd)

    def changes(self) -> Iterator[Change]:
        """Yield the changes, QuickBooks' order first, then the warehouse's new lines."""
        order = dict.fromkeys((*self._qbd, *self._base, *self._wms))
        for line_id in order:
            yield from self._line(line_id)
        for name, cells in self._new.items():
            changed = Changed(True, False, self._is_writable)
            yield self._whole(name, changed, (None, cells, None))

    def _line(self, line_id: str) -> Iterator[Change]:
        base, wms = self._base.get(line_id), self._wms.get(line_id)
        qbd, fields = self._qbd.get(line_id), self._kind.lines
        if wms is not None and qbd is not None:
            yield from self._both(line_id, Three(base or ("",) * len(fields), wms, qbd))
        elif wms is None and qbd is None:
            return  # gone on both sides
        elif base is None and wms is not None:
            hold = truth.verdict(UNKNOWN_LINE, "", _UNKNOWN)
            yield Change(named(line_id), Sides("", shown(fields, wms), ""), hold)
        else:
            held = wms if wms is not None else qbd
            edited = base is None or comparing.is_changed(fields, base, held or ())
            in_wms = wms is None and base is not None
            changed = Changed(
                in_wms or (wms is not None and edited),
                qbd is None or edited,
                self._is_writable,
                later=self._rule.later,
            )
            yield self._whole(line_id, changed, (base, wms, qbd))

    def _both(self, line_id: str, three: Three) -> Iterator[Change]:
        if line_id in self._paired:
            yield from self._learnt(line_id, three)
        else:
            inside = named(line_id) + ".{}"
            found = comparing.changes(self._kind.lines, three, self._rule, inside)
            yield from _calculated(found)

    def _learnt(self, line_id: str, three: Three) -> Iterator[Change]:
        """Yield what lets the warehouse learn the id: QuickBooks' line for its own."""
        ours, theirs = (shown(self._kind.lines, cells) for cells in three[1:])
        same = truth.verdict(truth.SAME_ON_BOTH)
        yield Change(named(line_id), Sides("", "", theirs), same)
        yield Change(named(self._paired[line_id]), Sides("", ours, ""), same)

    def _whole(
        self, name: str, changed: Changed, three: Sequence[Sequence[str] | None]
    ) -> Change:
        said = [shown(self._kind.lines, cells or ()) for cells in three]
        return Change(named(name), Sides(*said), truth.judged(self._kind.type, changed))


def _calculated(found: Sequence[Change]) -> Iterator[Change]:
    """Yield the changes of a line, its amount only as its factors allow."""
    names = [change.field.rpartition(".")[2] for change in found]
    winners = {c.verdict.winner for c, name in zip(found, names) if name in FACTORS}
    for change, name in zip(found, names):
        if name != "amount" or not winners:
            yield change
        elif winners == {QBD} and change.sides.wms != change.sides.qbd:
            yield change._replace(verdict=truth.verdict(truth.FOLLOWS))


