"""The demo's records, and what people change of them: a name says what it shows.

A value that begins with `@` is a reference by name: `@accounts/Sales Income` to a list
of QuickBooks, `@customers/…`, `@vendors/…` and `@items/…` to a record of that type.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

BOTH, WMS, QBD = "both", "wms", "qbd"
Cells = Mapping[str, str]


class Entry(NamedTuple):
    """One record before it is synchronized, and on which side it is."""

    kind: str
    where: str
    name: str
    cells: Cells = {}
    lines: tuple[Cells, ...] = ()


class LineEdit(NamedTuple):
    """One line that is changed, or removed (no cells), or added (no place)."""

    at: int = -1
    cells: Cells = {}


class Edit(NamedTuple):
    """What a person changes of a record on one side; without changes, deletes it."""

    kind: str
    name: str
    side: str
    cells: Cells = {}
    lines: tuple[LineEdit, ...] = ()
    minutes: int = 0  # after the others


CUSTOMERS, VENDORS = "customers", "vendors"
ITEMS, SERVICES, OTHERS = "inventory_items", "service_items", "non_inventory_items"
DISCOUNTS, KITS = "discount_items", "inventory_assembly_items"
SALES, PURCHASES = "sales_orders", "purchase_orders"
MOVES, INVOICES = "inventory_adjustments", "invoices"

_DENVER = {
    "billing_address_line1": "12 Blake St",
    "billing_address_city": "Denver",
    "billing_address_state": "CO",
    "billing_address_postal_code": "80202",
}
_STOCKED = {
    "asset_account_id": "@accounts/Inventory Asset",
    "cogs_account_id": "@accounts/Cost of Goods Sold",
    "income_account_id": "@accounts/Sales Income",
    "sales_price": "1.25",
    "purchase_cost": "0.50",
}
_SOLD = {
    "description": "as offered",
    "price": "40.00",
    "posting_account_id": "@accounts/Sales Income:Services",
}
_DATES = {"transaction_date": "2025-06-02", "due_date": "2025-07-02"}
_BUYER = "Orders much, never changes"
_ALIKE = "On both sides, alike"
_SUPPLIER = "Supplies much, never changes"
_BOLT, _NUT = "Bolt, never changes", "Nut, price raised here"
_PHONE = {"phone": "555-0100"}


def _customers() -> list[Entry]:
    names = (
        _BUYER,
        "QuickBooks changes the phone",
        "The warehouse changes the phone",
        "The warehouse changes the company",
        "Both change the phone, QuickBooks wins",
        "Both change to the same phone",
        "Both change, different fields",
        "The warehouse changes the balance",
        "QuickBooks deletes it",
        "The warehouse deletes it",
        "QuickBooks deletes, warehouse changes",
        "The warehouse deletes, QuickBooks changes",
        "QuickBooks renames it",
        "QuickBooks makes it inactive",
    )
    return [
        *(Entry(CUSTOMERS, QBD, name, _PHONE | _DENVER) for name in names),
        Entry(CUSTOMERS, BOTH, _ALIKE, _PHONE),
        Entry(CUSTOMERS, QBD, "On both sides, phone differs", {"phone": "555-0111"}),
        Entry(CUSTOMERS, WMS, "On both sides, phone differs", {"phone": "555-0222"}),
        Entry(CUSTOMERS, QBD, "Twice in the warehouse", _PHONE),
        Entry(CUSTOMERS, WMS, "Twice in the warehouse", _PHONE),
        Entry(CUSTOMERS, WMS, "Twice in the warehouse", {"phone": "555-0333"}),
        Entry(CUSTOMERS, WMS, "New in the warehouse", _PHONE | _DENVER),
        Entry(
            CUSTOMERS, WMS, "A name that is far too long for QuickBooks Desktop", _PHONE
        ),
    ]


def _vendors() -> list[Entry]:
    names = (
        _SUPPLIER,
        "Both change, later in QuickBooks",
        "Both change, later in the warehouse",
        "Both change, too close to tell",
        "The warehouse renames it",
        "Deleted in QuickBooks",
        "Deleted in the warehouse",
    )
    return [
        *(Entry(VENDORS, QBD, name, _PHONE) for name in names),
        Entry(VENDORS, WMS, "New vendor of the warehouse", _PHONE),
    ]


def _items() -> list[Entry]:
    names = (_BOLT, _NUT, "Nail, quantity set here", "Gear, later in QuickBooks")
    return [
        *(Entry(ITEMS, QBD, name, _STOCKED) for name in names),
        Entry(ITEMS, QBD, "Cog, deleted in QuickBooks", _STOCKED),
        Entry(
            ITEMS,
            QBD,
            "Pin, bought",
            _STOCKED | {"preferred_vendor_id": f"@vendors/{_SUPPLIER}"},
        ),
        Entry(ITEMS, WMS, "Hook, new in the warehouse", _STOCKED),
        Entry(OTHERS, QBD, "Tape, never changes", _SOLD),
        Entry(SERVICES, QBD, "Delivery, text changed here", _SOLD),
        Entry(
            DISCOUNTS,
            QBD,
            "Discount, rate raised",
            {"discount_rate_percent": "5", "account_id": "@accounts/Sales Discounts"},
        ),
        Entry(
            KITS,
            QBD,
            "Kit, a part more in QuickBooks",
            _STOCKED,
            ({"item_id": f"@items/{_BOLT}", "quantity": "2"},),
        ),
    ]


def _line(item: str, quantity: str, price: str, name: str = "unit_price") -> Cells:
    return {"item_id": f"@items/{item}", "quantity": quantity, name: price}


def _sale(name: str, memo: str, where: str = QBD, buyer: str = _BUYER) -> Entry:
    cells = _DATES | {"customer_id": f"@customers/{buyer}", "memo": memo}
    items = (_BOLT, _NUT) if where == QBD else ("Hook, new in the warehouse",)
    return Entry(
        SALES, where, name, cells, tuple(_line(item, "4", "1.25") for item in items)
    )


def _purchase(name: str, memo: str) -> Entry:
    cells = _DATES | {"vendor_id": f"@vendors/{_SUPPLIER}", "memo": memo}
    lines = tuple(_line(item, "100", "0.50", "unit_cost") for item in (_BOLT, _NUT))
    return Entry(PURCHASES, QBD, name, cells, lines)


def _moved(name: str, where: str, item: str, quantity: str) -> Entry:
    cells = {
        "transaction_date": "2025-06-02",
        "account_id": "@accounts/Inventory Adjustments",
        "memo": f"counted in {'QuickBooks' if where == QBD else 'the warehouse'}",
    }
    lines = ({"item_id": f"@items/{item}", "quantity_difference": quantity},)
    return Entry(MOVES, where, name, cells, lines)


def _invoice(name: str, text: str) -> Entry:
    cells = _DATES | {
        "customer_id": f"@customers/{_BUYER}",
        "billing_address_line1": text,
    }
    return Entry(INVOICES, QBD, name, cells, (_line(_BOLT, "2", "1.25"),))


MADE = (
    *_customers(),
    *_vendors(),
    *_items(),
    _sale("SO-1", "never changes"),
    _sale("SO-2", "both change the due date, the warehouse wins"),
    _sale("SO-3", "each side changes another line"),
    _sale("SO-4", "a line more in QuickBooks"),
    _sale("SO-5", "a line less in the warehouse"),
    _sale("SO-6", "deleted in QuickBooks: held"),
    _sale("SO-7", "deleted in the warehouse: held"),
    _sale("SO-8", "total changed in the warehouse"),
    _sale("SO-9", "one of two in QuickBooks", buyer=_ALIKE),
    _sale("SO-9", "the other of the two", buyer=_ALIKE),
    _sale("SO-9", "which of the two is it?", WMS, _ALIKE),
    _sale("SO-10", "of a customer that is new as well", WMS, "New in the warehouse"),
    _purchase("PO-1", "changed in QuickBooks alone"),
    _purchase("PO-2", "both change, later in QuickBooks"),
    _purchase("PO-3", "both change, too close: the warehouse wins"),
    _moved("IA-1", QBD, _BOLT, "500"),
    _moved("IA-2", WMS, "Hook, new in the warehouse", "20"),
    _invoice("INV-1", "never changes"),
    _invoice("INV-2", "changed in the warehouse"),
    _invoice("INV-3", "deleted in the warehouse"),
    _invoice("INV-4", "deleted in QuickBooks"),
    _invoice("INV-5", "changed in QuickBooks"),
)
ADDED = (
    Entry(CUSTOMERS, QBD, "New later in QuickBooks", _PHONE),
    Entry(CUSTOMERS, WMS, "New later in the warehouse", _PHONE),
    _moved("IA-3", QBD, _BOLT, "-30"),
    _moved("IA-4", WMS, _BOLT, "7"),
    _sale("SO-11", "new later in the warehouse", WMS),
)
_NEW_PHONE, _OTHER_PHONE = {"phone": "555-0199"}, {"phone": "555-0177"}
_LATER = {"due_date": "2025-08-15"}
_LATEST = {"due_date": "2025-09-30"}
_LATER_PRICE = {"sales_price": "1.75"}
EDITS = (
    Edit(CUSTOMERS, "QuickBooks changes the phone", QBD, _NEW_PHONE),
    Edit(CUSTOMERS, "The warehouse changes the phone", WMS, _NEW_PHONE),
    Edit(
        CUSTOMERS,
        "The warehouse changes the company",
        WMS,
        {"company_name": "Other Co"},
    ),
    Edit(CUSTOMERS, "Both change the phone, QuickBooks wins", QBD, _NEW_PHONE),
    Edit(CUSTOMERS, "Both change the phone, QuickBooks wins", WMS, _OTHER_PHONE),
    Edit(CUSTOMERS, "Both change to the same phone", QBD, _NEW_PHONE),
    Edit(CUSTOMERS, "Both change to the same phone", WMS, _NEW_PHONE),
    Edit(
        CUSTOMERS, "Both change, different fields", QBD, {"company_name": "Field & Co"}
    ),
    Edit(
        CUSTOMERS, "Both change, different fields", WMS, {"email": "field@example.com"}
    ),
    Edit(CUSTOMERS, "The warehouse changes the balance", WMS, {"balance": "99.00"}),
    Edit(CUSTOMERS, "QuickBooks deletes it", QBD),
    Edit(CUSTOMERS, "The warehouse deletes it", WMS),
    Edit(CUSTOMERS, "QuickBooks deletes, warehouse changes", WMS, _NEW_PHONE),
    Edit(CUSTOMERS, "QuickBooks deletes, warehouse changes", QBD),
    Edit(CUSTOMERS, "The warehouse deletes, QuickBooks changes", QBD, _NEW_PHONE),
    Edit(CUSTOMERS, "The warehouse deletes, QuickBooks changes", WMS),
    Edit(
        CUSTOMERS, "QuickBooks renames it", QBD, {"name": "QuickBooks has renamed it"}
    ),
    Edit(CUSTOMERS, "QuickBooks makes it inactive", QBD, {"is_active": "no"}),
    Edit(VENDORS, "Both change, later in QuickBooks", WMS, _OTHER_PHONE, minutes=-10),
    Edit(VENDORS, "Both change, later in QuickBooks", QBD, _NEW_PHONE),
    Edit(VENDORS, "Both change, later in the warehouse", QBD, _NEW_PHONE),
    Edit(VENDORS, "Both change, later in the warehouse", WMS, _OTHER_PHONE, minutes=10),
    Edit(VENDORS, "Both change, too close to tell", QBD, _NEW_PHONE),
    Edit(VENDORS, "Both change, too close to tell", WMS, _OTHER_PHONE),
    Edit(
        VENDORS,
        "The warehouse renames it",
        WMS,
        {"name": "The warehouse has renamed it"},
    ),
    Edit(VENDORS, "Deleted in QuickBooks", QBD),
    Edit(VENDORS, "Deleted in the warehouse", WMS),
    Edit(ITEMS, _NUT, WMS, _LATER_PRICE),
    Edit(ITEMS, "Nail, quantity set here", WMS, {"quantity_on_hand": "1000"}),
    Edit(ITEMS, "Gear, later in QuickBooks", WMS, {"sales_price": "1.50"}, minutes=-10),
    Edit(ITEMS, "Gear, later in QuickBooks", QBD, _LATER_PRICE),
    Edit(ITEMS, "Cog, deleted in QuickBooks", QBD),
    Edit(SERVICES, "Delivery, text changed here", WMS, {"description": "to the door"}),
    Edit(DISCOUNTS, "Discount, rate raised", QBD, {"discount_rate_percent": "7.5"}),
    Edit(
        KITS,
        "Kit, a part more in QuickBooks",
        QBD,
        lines=(LineEdit(cells={"item_id": f"@items/{_NUT}", "quantity": "3"}),),
    ),
    Edit(SALES, "SO-2", QBD, _LATER),
    Edit(SALES, "SO-2", WMS, _LATEST),
    Edit(SALES, "SO-3", QBD, lines=(LineEdit(0, {"quantity": "5"}),)),
    Edit(SALES, "SO-3", WMS, lines=(LineEdit(1, {"quantity": "6"}),)),
    Edit(
        SALES, "SO-4", QBD, lines=(LineEdit(cells=_line("Pin, bought", "8", "2.00")),)
    ),
    Edit(SALES, "SO-5", WMS, lines=(LineEdit(1),)),
    Edit(SALES, "SO-6", QBD),
    Edit(SALES, "SO-7", WMS),
    Edit(SALES, "SO-8", WMS, {"total_amount": "1.00"}),
    Edit(PURCHASES, "PO-1", QBD, {"memo": "QuickBooks has changed it"}),
    Edit(PURCHASES, "PO-2", WMS, _LATEST, minutes=-10),
    Edit(PURCHASES, "PO-2", QBD, _LATER),
    Edit(PURCHASES, "PO-3", QBD, _LATER),
    Edit(PURCHASES, "PO-3", WMS, _LATEST),
    Edit(INVOICES, "INV-2", WMS, _LATEST),
    Edit(INVOICES, "INV-3", WMS),
    Edit(INVOICES, "INV-4", QBD),
    Edit(INVOICES, "INV-5", QBD, _LATER),
)
