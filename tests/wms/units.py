"""Records, cards and units by the few cells that a test is about."""

from __future__ import annotations

from typing import Any

from src.kit import plans
from src.wms.deciding import DECISION_AT, Unit
from src.wms.fields import KINDS, Kind
from src.wms.records import UPDATE, AgreedHead, MirrorHead, Planned, StoredHead
from src.wms.states import Agreed, Mirrored, Stored
from src.wms.wire import Lined

CUSTOMER, ORDER, ITEM = KINDS["customers"], KINDS["sales_orders"], KINDS["inventory_items"]
EARLY, LATE = "2026-11-20T09:00:00.000000+00:00", "2026-11-21T09:00:00.000000+00:00"
PLAN_RUN = "20261121T090000Z-abcdef"


def cells(kind: Kind, **given: str) -> tuple[str, ...]:
    """Return the cells of a record, by column; the others are empty."""
    return tuple(given.get(field.column, "") for field in kind.fields)


def line(line_id: str, quantity: str, amount: str = "", kind: Kind = ORDER) -> Lined:
    """Return a line of an order."""
    values = {"item.id": "i1", "quantity": quantity, "unit_price": "2.00", "amount": amount}
    return Lined(line_id, tuple(values.get(field.name, "") for field in kind.lines))


def stored(kind: Kind, *lines: Lined, **given: str) -> Stored:
    """Return a record as the warehouse has it."""
    return Stored(StoredHead("w1", "q1", EARLY, EARLY, ""), cells(kind, **given), lines)


def mirrored(kind: Kind, *lines: Lined, revision: str = "2", **given: str) -> Mirrored:
    """Return a record as QuickBooks has it."""
    head = MirrorHead("q1", revision, EARLY, LATE, "", "", "")
    return Mirrored(head, cells(kind, **given), lines)


def agreed(kind: Kind, *lines: Lined, revision: str = "1", **given: str) -> Agreed:
    """Return what both agreed on."""
    head = AgreedHead("w1", "q1", revision, EARLY, EARLY, EARLY, EARLY, "0", "")
    return Agreed(head, cells(kind, **given), lines)


def card(kind: Kind, field: str, winner: str, **given: str) -> Planned:
    """Return a card about a field, or about a record where the field is empty."""
    blank = dict.fromkeys(Planned._fields, "")
    target = {"wms": "qbd", "qbd": "wms"}.get(winner, "")
    named: dict[str, Any] = {
        "row": plans.row_id(f"{kind.name}|{field}|{given.get('wms_id', 'w1')}"),
        "type": kind.type,
        "kind": kind.name,
        "action": UPDATE,
        "target": target,
        "wms_id": "w1",
        "id": "q1",
        "field": field,
        "winner": winner,
        "revision": "2",
    }
    return Planned(**{**blank, **named, **given})


def signed(row: Planned, run_id: str = PLAN_RUN) -> Planned:
    """Return a card as a plan has it."""
    return Planned(*plans.signed(row, DECISION_AT, run_id)[:-1],
                   plans.signed(row, DECISION_AT, run_id)[-1])  # fmt: skip


def unit(kind: Kind, *cards: Planned, **more: Any) -> Unit:
    """Return a unit that carries these cards out."""
    found = Unit(kind, "w1", "q1", UPDATE, "", None, cards)
    return found._replace(**more)
