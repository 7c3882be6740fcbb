"""A record of both sides beside what they agreed on: what differs, and who wins it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from src.wms import truth
from src.wms.fields import FLAG, Field
from src.wms.records import HOLD, QBD, UPDATE, WMS
from src.wms.truth import Changed, Verdict

Cells = Sequence[str]


class Sides(NamedTuple):
    """One value, or a row of them, as the three have it."""

    base: str
    wms: str
    qbd: str


class Three(NamedTuple):
    """The cells of a record, or of a line, as the three have them."""

    base: Cells
    wms: Cells
    qbd: Cells

    def at(self, place: int) -> Sides:
        """Return the three values of one field."""
        return Sides(self.base[place], self.wms[place], self.qbd[place])


class Change(NamedTuple):
    """One value that differs, and what is done about it."""

    field: str
    sides: Sides
    verdict: Verdict

    @property
    def action(self) -> str:
        """Return update, or hold where nobody wins."""
        return UPDATE if self.verdict.winner else HOLD

    @property
    def target(self) -> str:
        """Return the side that is written: the loser's."""
        return {WMS: QBD, QBD: WMS}.get(self.verdict.winner, "")

    @property
    def discarded(self) -> str:
        """Return the loser's value, where it had changed its own."""
        base, wms, qbd = self.sides
        if self.verdict.winner == WMS:
            return qbd if qbd not in (base, wms) else ""
        if self.verdict.winner == QBD:
            return wms if wms not in (base, qbd) else ""
        return ""


class Rule(NamedTuple):
    """What judges the fields of a record: its type, and which side changed last."""

    type: str
    later: str
    is_first: bool = False  # there is no base yet

    def of(self, field: Field, sides: Sides) -> Verdict | None:
        """Return who wins a field, None where there is nothing to do."""
        base, wms, qbd = sides
        if wms == qbd:
            is_agreed = base == wms or self.is_first
            return None if is_agreed else truth.verdict(truth.SAME_ON_BOTH)
        changed = Changed(
            is_edited(field, base, wms),
            qbd != base,
            bool(field.write),
            field.is_contact,
            self.later,
        )
        return truth.judged(self.type, changed)


def changes(
    fields: Sequence[Field], three: Three, rule: Rule, inside: str = "{}"
) -> list[Change]:
    """Return what differs, field by field; `inside` is how a field is called in a plan.

    A name goes with the id that it belongs to. Where QuickBooks is about to get another
    id, it says itself what that is called.
    """
    found: dict[str, Change] = {}
    for place in _different(fields, three):
        field, sides = fields[place], three.at(place)
        holder = found.get(field.names)
        if holder and holder.sides.wms != holder.sides.qbd:
            verdict = _following(holder.verdict, sides)
        else:
            verdict = rule.of(field, sides)
        if verdict:
            found[field.name] = Change(inside.format(field.name), sides, verdict)
    return list(found.values())


def is_edited(field: Field, before: str, after: str) -> bool:
    """Return whether a side has said something else of a field.

    An empty flag says nothing, nor does an empty amount: QuickBooks has one of every
    record or line, the warehouse may leave it to QuickBooks.
    """
    is_left = not after and (field.holds == FLAG or field.name == "amount")
    return before != after and not is_left


def _different(fields: Sequence[Field], three: Three) -> Iterator[int]:
    base, wms, qbd = three
    for place, field in enumerate(fields):
        if field.is_local or base[place] == wms[place] == qbd[place]:
            continue
        if base[place] != qbd[place] or is_edited(field, base[place], wms[place]):
            yield place


def _following(holder: Verdict, sides: Sides) -> Verdict | None:
    if holder.winner != QBD or sides.wms == sides.qbd:
        return None
    return truth.verdict(truth.FOLLOWS)


def is_changed(fields: Iterable[Field], before: Cells, after: Cells) -> bool:
    """Return whether a side changed what the other side knows of, too.

    What something is called elsewhere does not count.
    """
    return any(
        is_edited(field, a, b) and not (field.is_local or field.names)
        for field, a, b in zip(fields, before, after)
    )
