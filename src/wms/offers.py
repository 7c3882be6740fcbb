"""What a person may decide about a held card: the words of each rule, as a table.

The plan tells them at the end of a card's reason, and no other word is taken for it but
those that leave it as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from src.wms import brakes, fates, levels, limits, lines, matching, truth
from src.wms.fields import ADJUSTMENTS, INVOICES, KINDS
from src.wms.matching import LINK_TO
from src.wms.records import (
    BEFORE,
    CREATE,
    DELETE,
    HOLD,
    INACTIVATE,
    LINK,
    MARK_DELETED,
    QBD,
    UNDO,
    WMS,
    Planned,
)

LINK_ANY = f"{LINK_TO}<id>"


class Offer(NamedTuple):
    """The words that decide a card, and what comes of them."""

    words: tuple[str, ...] = ()
    effect: str = ""

    def __str__(self) -> str:
        return f"decide {' or '.join(self.words)}{self.effect}" if self.words else ""

    def takes(self, decision: str) -> bool:
        """Return whether a decision, in its one spelling, is one of the words."""
        if decision.startswith(LINK_TO):
            return decision != LINK_TO and LINK_ANY in self.words
        return decision in self.words


_NOTHING = Offer()  # it is put right elsewhere
_SIDES = Offer((WMS, QBD))
_ENDS = (INACTIVATE, DELETE, MARK_DELETED)


def of(row: Planned) -> Offer:
    """Return what a card offers beside to approve, to skip and to hold it."""
    found = TABLE.get(row.rule, _NOTHING) if row.action == HOLD else _proposed(row)
    offer = found if isinstance(found, Offer) else found(row)
    if row.field and WMS in offer.words and not is_sent(row):
        return offer._replace(words=(QBD,))
    return offer


def told(row: Planned) -> Planned:
    """Return a row of the plan whose reason tells what decides it, if it is held."""
    offer = str(of(row)) if row.action == HOLD else ""
    return row._replace(reason=f"{row.reason}; {offer}") if offer else row


def is_sent(row: Planned) -> bool:
    """Return whether the warehouse's value of a field may go to QuickBooks."""
    if row.type == INVOICES:
        return False
    kind = KINDS[row.kind]
    field = limits.field_of(kind, row.field)
    if row.field.startswith(lines.LINES):
        return "]." not in row.field or bool(field and field.write)
    return bool(field and field.write and field.only_at != CREATE)


def _matched(row: Planned) -> Offer:
    """Return what is offered for a record that may be another side's.

    QuickBooks has a name once, a number often.
    """
    if not row.wms_id:
        return Offer((CREATE,), " to have it there beside them")
    if KINDS[row.kind].is_transaction:
        return Offer((LINK_ANY, CREATE))
    return Offer((LINK_ANY,), " or rename it")


def _deleted(row: Planned) -> Offer:
    if row.type == ADJUSTMENTS:
        return Offer((QBD,), ": its state goes to the warehouse, or skip")
    return Offer((WMS, QBD), ": that side's state goes to the other, or skip")


def _refused(row: Planned) -> Offer:
    """Return what is offered where QuickBooks would not take it."""
    return Offer((QBD,), " to take QuickBooks' own") if row.field else _NOTHING


def _proposed(row: Planned) -> Offer:
    """Return what is offered instead of what a card proposes."""
    if row.action == UNDO:
        return Offer((BEFORE,))
    if row.field or row.action in _ENDS:
        return _SIDES
    return Offer((LINK_ANY, CREATE)) if row.action in (CREATE, LINK) else _NOTHING


TABLE: dict[str, Offer | Callable[[Planned], Offer]] = {
    # of records
    matching.AMBIGUOUS: _matched,
    matching.BY_ANSWER: _matched,
    matching.TWICE: _NOTHING,
    fates.OTHER_ID: _NOTHING,
    fates.NOT_LISTED: _NOTHING,
    fates.UNKNOWN_ID: _NOTHING,
    lines.LINES_DIFFER: _NOTHING,
    truth.DELETED_IN_WMS: _deleted,
    truth.DELETED_IN_QBD: _deleted,
    truth.DELETED_AND_CHANGED: _deleted,
    truth.ONE_WAY: Offer((QBD,), " to delete it here, or skip"),
    levels.COVER_UNSURE: Offer(
        (CREATE,), " where it counts by itself, skip where it is in there"
    ),
    # of fields
    truth.TOO_CLOSE: _SIDES,
    truth.SENT_MOVEMENT: Offer((QBD,), " to take this one back"),
    lines.ITEM_GROUPS: Offer((QBD,), " to take them back here"),
    lines.NONE_LEFT: Offer((QBD,), " to keep its own, or end the document there"),
    lines.UNKNOWN_LINE: _NOTHING,
    levels.NET_CHANGE: _NOTHING,
    brakes.FLIPS: _SIDES,
    # of both
    truth.CHANGED_SINCE: Offer((BEFORE,), " to put it back all the same"),
    levels.COVER_CHANGED: Offer((QBD,), " then"),
    fates.UNREADABLE: _NOTHING,
    limits.LIMIT: _refused,
    limits.DEPENDS: _refused,
    limits.NAME_TAKEN: _refused,
}
