"""The rules of the synchronization: who wins what, by type, as tables.

| changed since the base   | items, vendors | customers      | sales   | purchase       | invoices |
|                          |                |                | orders  | orders         |          |
|--------------------------|----------------|----------------|---------|----------------|----------|
| only QuickBooks          | QuickBooks     | QuickBooks     | QuickB. | QuickBooks     | QuickB.  |
| only the warehouse       | warehouse      | contact: wareh.| wareh.  | warehouse      | QuickB.  |
| both, differently        | latest or held | QuickBooks     | wareh.  | latest, wareh. | QuickB.  |

What QuickBooks does not let others write is always QuickBooks'. A movement of stock that
was sent is not changed any more: another one is made.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from src.wms.fields import (
    ADJUSTMENTS,
    CUSTOMERS,
    INVOICES,
    ITEMS,
    PURCHASE_ORDERS,
    SALES_ORDERS,
    VENDORS,
)
from src.wms.records import CREATE, HOLD, INACTIVATE, MARK_DELETED, QBD, WMS

# What `rule` says in a plan …
ONLY_QBD, ONLY_WMS = "only_qbd", "only_wms"
SAME_ON_BOTH, FOLLOWS = "same_on_both", "follows"
NOT_WRITABLE, QBD_OWNS, ONE_WAY = "not_writable", "qbd_owns", "one_way"
QBD_WINS, WMS_WINS, LATEST = "qbd_wins", "wms_wins", "latest"
TOO_CLOSE, TOO_CLOSE_WMS, SENT_MOVEMENT = "too_close", "too_close_wms", "sent_movement"
# … and of whole records.
NEW_IN_WMS, NEW_IN_QBD = "new_in_wms", "new_in_qbd"
DELETED_IN_WMS, DELETED_IN_QBD = "deleted_in_wms", "deleted_in_qbd"
DELETED_AND_CHANGED, FETCHED_AGAIN = "deleted_and_changed", "fetched_again"
# … and of what a run wrote, where it is taken back.
TAKEN_BACK, CHANGED_SINCE = "taken_back", "changed_since"
OF_UNDO = frozenset({TAKEN_BACK, CHANGED_SINCE})
_CONTACT, _LATEST_OR_WMS = "contact", "latest or wms"  # these become one of the above


class Rules(NamedTuple):
    """What is done about the records of a type."""

    only_wms: str  # changed in the warehouse alone
    both: str  # changed on both sides, differently
    deleted: str  # on one side, unchanged on the other: the action
    is_sent: bool = True  # records that are new in the warehouse go to QuickBooks


TABLE = {
    CUSTOMERS: Rules(_CONTACT, QBD_WINS, INACTIVATE),
    VENDORS: Rules(ONLY_WMS, LATEST, INACTIVATE),
    ITEMS: Rules(ONLY_WMS, LATEST, INACTIVATE),
    SALES_ORDERS: Rules(ONLY_WMS, WMS_WINS, HOLD),
    PURCHASE_ORDERS: Rules(ONLY_WMS, _LATEST_OR_WMS, HOLD),
    ADJUSTMENTS: Rules(SENT_MOVEMENT, SENT_MOVEMENT, HOLD),
    INVOICES: Rules(ONE_WAY, ONE_WAY, MARK_DELETED, is_sent=False),
}
_WINNERS = {
    SAME_ON_BOTH: QBD,
    FOLLOWS: QBD,
    ONLY_QBD: QBD,
    ONLY_WMS: WMS,
    NOT_WRITABLE: QBD,
    QBD_OWNS: QBD,
    ONE_WAY: QBD,
    QBD_WINS: QBD,
    WMS_WINS: WMS,
    TOO_CLOSE: "",
    TOO_CLOSE_WMS: WMS,
    SENT_MOVEMENT: "",
}
_REASONS = {
    SAME_ON_BOTH: "both sides say the same; only what was agreed is brought up to date",
    FOLLOWS: "it goes with what it belongs to",
    ONLY_QBD: "changed in QuickBooks alone",
    ONLY_WMS: "changed in the warehouse alone",
    NOT_WRITABLE: "QuickBooks does not let others write it",
    QBD_OWNS: "of a customer the warehouse may change contact details alone",
    ONE_WAY: "invoices are QuickBooks' own",
    QBD_WINS: "changed on both sides; QuickBooks is the authority on it",
    WMS_WINS: "changed on both sides; the warehouse is the authority on it",
    TOO_CLOSE: "changed on both sides, too close in time to say which came last",
    TOO_CLOSE_WMS: "changed on both sides, too close in time to say which came last; "
    "the warehouse wins then",
    SENT_MOVEMENT: "a movement that was sent is not changed any more; make another one",
}
_LATER = {
    WMS: "changed on both sides, later in the warehouse",
    QBD: "changed on both sides, later in QuickBooks",
}


class Changed(NamedTuple):
    """What happened to one value since both sides agreed on it."""

    in_wms: bool
    in_qbd: bool
    is_writable: bool = True  # QuickBooks takes it from others
    is_contact: bool = False
    later: str = ""  # wms or qbd; empty where nobody can say


class Verdict(NamedTuple):
    """Who wins one value, by which rule, and why; no winner where a person decides."""

    rule: str
    winner: str
    reason: str


def verdict(rule: str, winner: str | None = None, reason: str = "") -> Verdict:
    """Return the verdict of a rule, with its own winner and reason where none is given."""
    won = _WINNERS.get(rule, "") if winner is None else winner
    return Verdict(rule, won, reason or _REASONS[rule])


def judged(type_word: str, changed: Changed) -> Verdict:
    """Return who wins a value that changed on a side, or differently on both."""
    if not changed.in_wms:
        return verdict(ONLY_QBD)
    rules = TABLE[type_word]
    if not changed.is_writable:
        return verdict(ONE_WAY if rules.both == ONE_WAY else NOT_WRITABLE)
    if changed.in_qbd:
        return _both(rules.both, changed.later)
    if rules.only_wms == _CONTACT:
        return verdict(ONLY_WMS if changed.is_contact else QBD_OWNS)
    return verdict(rules.only_wms)


def _both(rule: str, later: str) -> Verdict:
    if rule not in (LATEST, _LATEST_OR_WMS):
        return verdict(rule)
    if later:
        return verdict(LATEST, later, _LATER[later])
    return verdict(TOO_CLOSE if rule == LATEST else TOO_CLOSE_WMS)


def later_side(wms_at: str, qbd_at: str, skew_seconds: float) -> str:
    """Return which side changed last; nothing if nearer than the clocks can tell.

    Timestamps are ISO-8601 with an offset; without one of them nobody can tell.
    """
    if not (wms_at and qbd_at):
        return ""
    apart = datetime.fromisoformat(wms_at) - datetime.fromisoformat(qbd_at)
    if abs(apart.total_seconds()) < max(skew_seconds, 1e-6):
        return ""
    return WMS if apart.total_seconds() > 0 else QBD


class Fate(NamedTuple):
    """What becomes of a record that is on one side only."""

    action: str
    target: str  # the side that is written
    rule: str
    reason: str


def deleted(type_word: str, side: str, is_changed: bool) -> Fate:
    """Return what becomes of a record that one side deleted.

    `is_changed`: the other side has changed it since both agreed.
    """
    action = TABLE[type_word].deleted
    rule = DELETED_IN_WMS if side == WMS else DELETED_IN_QBD
    where = "the warehouse" if side == WMS else "QuickBooks"
    other = QBD if side == WMS else WMS
    if action == MARK_DELETED and side == WMS:
        return Fate(CREATE, WMS, FETCHED_AGAIN, "deleted in the warehouse, still an invoice")
    if action == MARK_DELETED:
        return Fate(MARK_DELETED, WMS, rule, "deleted in QuickBooks")
    if is_changed:
        reason = f"deleted in {where}, changed on the other side"
        return Fate(HOLD, "", DELETED_AND_CHANGED, reason)
    if action == HOLD:
        return Fate(HOLD, "", rule, f"deleted in {where}")
    return Fate(action, other, rule, f"deleted in {where}, unchanged on the other side")


def new(type_word: str, side: str) -> Fate:
    """Return what becomes of a record that only one side has ever had."""
    if side == QBD:
        return Fate(CREATE, WMS, NEW_IN_QBD, "only QuickBooks has it")
    if TABLE[type_word].is_sent:
        return Fate(CREATE, QBD, NEW_IN_WMS, "only the warehouse has it")
    reason = "invoices are made in QuickBooks; make it there"
    return Fate(HOLD, "", ONE_WAY, reason)
