"""What follows from a company file's transactions: stock, orders, balances.

Nothing of it is kept: it is what the transactions come to, so no kill can part them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from src.adapters.fakes.conductor.manners import Record

ON_HAND, ON_SALES_ORDER, ON_PURCHASE_ORDER = (
    "quantityOnHand",
    "quantityOnSalesOrder",
    "quantityOnPurchaseOrder",
)
BALANCE = "balance"
Movement = tuple[str, str, Decimal]  # field, id of item or customer, by how much


class Levels:
    """The sums, by field and by the id of an item or a customer."""

    def __init__(self, invoices_move_stock: bool = True) -> None:
        self._invoices_move_stock = invoices_move_stock
        self._sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)

    def of(self, field: str, found: str) -> Decimal:
        """Return what the transactions add to a field of an item or a customer."""
        return self._sums.get((field, found), Decimal())

    def replace(self, resource: str, record: Record, sign: int) -> None:
        """Add a transaction (sign 1), or take it out (-1)."""
        for field, found, change in self.movements(resource, record):
            self._sums[field, found] += sign * change

    def movements(self, resource: str, record: Record) -> Iterator[Movement]:
        """Yield what a transaction changes; nothing of an empty one."""
        if not record:
            return
        if resource == "invoices" and record["customer"]:
            remaining = Decimal(record["balanceRemaining"] or 0)
            yield BALANCE, record["customer"]["id"], remaining
        if record.get("isManuallyClosed"):
            return
        for line in all_lines(record):
            if line["item"]:
                yield from self._line(resource, line)

    def _line(self, resource: str, line: Record) -> Iterator[Movement]:
        item, quantity = line["item"]["id"], decimal(line.get("quantity"))
        if resource == "inventory-adjustments":
            yield ON_HAND, item, decimal(line["quantityDifference"])
        elif resource == "invoices" and self._invoices_move_stock:
            yield ON_HAND, item, -quantity
        elif resource == "sales-orders" and not line["isManuallyClosed"]:
            yield ON_SALES_ORDER, item, quantity - decimal(line["quantityInvoiced"])
        elif resource == "purchase-orders" and not line["isManuallyClosed"]:
            yield ON_PURCHASE_ORDER, item, quantity - decimal(line["receivedQuantity"])


def all_lines(record: Record) -> Iterator[Record]:
    """Yield the lines of a transaction, those within groups too."""
    yield from record.get("lines") or ()
    for group in record.get("lineGroups") or ():
        yield from group["lines"]


def decimal(number: float | str | None) -> Decimal:
    """Return a number of the wire exactly as it is written, 0 for none."""
    return Decimal(str(number)) if number not in (None, "") else Decimal()


def number(value: Decimal) -> int | float:
    """Return a quantity as JSON has it: 5 and not 5.0."""
    return int(value) if value == value.to_integral_value() else float(value)


def money(value: Decimal) -> str:
    """Return an amount with two decimals, half a cent rounded up.

    >>> money(Decimal("0.825"))
    '0.83'
    """
    return f"{value.quantize(Decimal('0.01'), ROUND_HALF_UP):f}"


def price(value: Decimal) -> str:
    """Return a price with two to five decimals.

    >>> price(Decimal("12.5")), price(Decimal("0.12345"))
    ('12.50', '0.12345')
    """
    whole = f"{value.quantize(Decimal('0.00001'), ROUND_HALF_UP):f}"
    return whole[:-3] + whole[-3:].rstrip("0")
