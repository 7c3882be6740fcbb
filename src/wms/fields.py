"""What is synchronized: eleven kinds of records, field by field, and how the wire has it.

A field's name is its CSV column (`billing_address.line1`); with `_` for the dot it is the
warehouse's database column. `read` is where a record of Conductor has it, `write` where a
request takes it; a field without `write` is QuickBooks' own, and only goes from there to
the warehouse; one without `read` is the warehouse's own. Lengths are Conductor's.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

TEXT, MONEY, PRICE, QUANTITY = "text", "money", "price", "quantity"
FLAG, DATE, JSON = "flag", "date", "json"

CUSTOMERS, VENDORS, ITEMS = "customers", "vendors", "items"
SALES_ORDERS, PURCHASE_ORDERS = "sales_orders", "purchase_orders"
ADJUSTMENTS, INVOICES = "inventory_adjustments", "invoices"
# The words that people use; items are five kinds.
_LISTS, _ORDERS = (CUSTOMERS, VENDORS, ITEMS), (SALES_ORDERS, PURCHASE_ORDERS)
TYPES = (*_LISTS, *_ORDERS, ADJUSTMENTS, INVOICES)


class Field(NamedTuple):
    """One column of a kind."""

    name: str
    holds: str = TEXT
    read: str = ""  # dotted; two of them with + between are added up
    write: str = ""  # dotted, empty = QuickBooks does not let others write it
    most: int = 0  # characters, 0 = as many as there are
    is_contact: bool = False  # what the warehouse may change of a customer
    refers_to: str = ""  # the type whose records an id is of
    names: str = ""  # the id field that this only puts a name to
    only_at: str = ""  # create or update, where a request takes it only there

    @property
    def is_local(self) -> bool:
        """Return whether QuickBooks knows nothing of it."""
        return not self.read

    @property
    def column(self) -> str:
        """Return the name as Python and SQL spell it."""
        return self.name.replace(".", "_")


class Kind(NamedTuple):
    """One kind of record."""

    name: str  # of its CSVs and of its table in the warehouse
    type: str
    fields: tuple[Field, ...]
    lines: tuple[Field, ...] = ()
    title: str = "ref_number"  # what a person calls a record by, and a first match

    @property
    def resource(self) -> str:
        """Return Conductor's name of it."""
        return self.name.replace("_", "-")

    @property
    def is_transaction(self) -> bool:
        """Return whether its records are documents, with QuickBooks' TxnID."""
        return self.type not in _LISTS

    @property
    def is_item(self) -> bool:
        """Return whether it is one of the five kinds of items."""
        return self.type == ITEMS


def camel(name: str) -> str:
    """Return the wire's spelling of a name.

    >>> camel("billing_address.postal_code")
    'billingAddress.postalCode'
    """
    head, *words = name.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in words)


def _field(name: str, most: int = 0, holds: str = TEXT, contact: bool = False) -> Field:
    return Field(name, holds, camel(name), camel(name), most, contact)


def _own(name: str, holds: str = TEXT, read: str = "") -> Field:
    """Return a field that only QuickBooks writes."""
    return Field(name, holds, read or camel(name))


def _reference(name: str, refers_to: str = "", called: str = "full_name") -> list[Field]:
    """Return a reference: its id, which is written, and its name, which follows."""
    wire = camel(name)
    write = ".".join([*wire.split(".")[:-1], wire.split(".")[-1] + "Id"])
    return [
        Field(f"{name}.id", TEXT, f"{wire}.id", write, 36, refers_to=refers_to),
        Field(f"{name}.{called}", TEXT, f"{wire}.fullName", names=f"{name}.id"),
    ]


def _address(name: str, is_contact: bool = False) -> list[Field]:
    lengths = {**{f"line{n}": 41 for n in range(1, 6)}, "city": 31, "state": 21}
    lengths |= {"postal_code": 13, "country": 31}
    return [
        _field(f"{name}.{part}", most, contact=is_contact)
        for part, most in lengths.items()
    ]


_ACTIVE, _CUSTOM = _field("is_active", holds=FLAG), _own("custom_fields", JSON)
_PERSON = (
    _field("name", 41),
    _field("company_name", 41),
    _field("first_name", 25, contact=True),
    _field("last_name", 25, contact=True),
    *_address("billing_address", True),
    *_address("shipping_address", True),
    _field("phone", 21, contact=True),
    _field("email", 1023, contact=True),
    _ACTIVE,
    _CUSTOM,
)
_CUSTOMER = Kind(
    CUSTOMERS,
    CUSTOMERS,
    (
        _PERSON[0],
        _own("full_name"),
        *_PERSON[1:],
        _own("balance", MONEY),
        _own("total_balance", MONEY),
        *_reference("currency"),
        *_reference("customer_type"),
        *_reference("sales_representative", called="initial"),
        *_reference("terms", called="name"),
        *_reference("preferred_payment_method", called="name"),
    ),
    title="full_name",
)
_VENDOR = Kind(
    VENDORS,
    VENDORS,
    (
        *_PERSON,
        _own("balance", MONEY),
        _own("total_balance", MONEY, "balance"),  # vendors have no sub-vendors
        *_reference("currency"),
        *_reference("terms", called="name"),
    ),
    title="name",
)
_ITEM = (_field("name", 31), _own("full_name"), _ACTIVE, _CUSTOM)
_TAX_CODE, _UNIT = _reference("sales_tax_code"), _reference("unit_of_measure_set")


def _stocked(threshold: str) -> tuple[Field, ...]:
    """Return the fields of what has a quantity; `threshold` is its reorder point."""
    return (
        *_ITEM,
        _field("sales_description", 4095),
        _field("purchase_description", 4095),
        _field("sales_price", holds=PRICE),
        _field("purchase_cost", holds=PRICE),
        _own("quantity_on_hand", QUANTITY),
        _own("quantity_on_order", QUANTITY, "quantityOnPurchaseOrder"),
        _own("quantity_on_sales_order", QUANTITY),
        Field("reorder_point", QUANTITY, threshold, threshold),
        *_reference("asset_account"),
        *_reference("cogs_account"),
        *_reference("income_account"),
        *_UNIT,
        *_TAX_CODE,
        *_reference("purchase_tax_code"),
        *_reference("preferred_vendor", VENDORS),
    )


ONE_SIDED, TWO_SIDED = "salesOrPurchaseDetails", "salesAndPurchaseDetails"


def _inside(details: str, *fields: Field) -> list[Field]:
    """Return fields that the wire keeps inside an object."""
    return [
        field._replace(
            read=f"{details}.{field.read}",
            write=field.write and f"{details}.{field.write}",
        )
        for field in fields
    ]


# QuickBooks has exactly one of the two: a price and an account, or a sale's and a
# purchase's side by side.
_SOLD = (
    *_ITEM,
    *_inside(
        ONE_SIDED,
        _field("description", 4095),
        _field("price", holds=PRICE),
        _field("price_percentage", holds=PRICE),
        *_reference("posting_account"),
    ),
    *_inside(
        TWO_SIDED,
        _field("sales_description", 4095),
        _field("sales_price", holds=PRICE),
        *_reference("income_account"),
        _field("purchase_description", 4095),
        _field("purchase_cost", holds=PRICE),
        *_reference("purchase_tax_code"),
        *_reference("expense_account"),
        *_reference("preferred_vendor", VENDORS),
    ),
    *_UNIT,
    *_TAX_CODE,
)
_DISCOUNT = (
    *_ITEM,
    _field("description", 4095),
    _field("discount_rate", holds=PRICE),
    _field("discount_rate_percent", holds=PRICE),
    *_reference("account"),
    *_TAX_CODE,
)


def _line(rate: str, description: bool = True) -> tuple[Field, ...]:
    """Return the fields of an order's line; `rate` is the price's name in the warehouse."""
    return (
        *_reference("item", ITEMS),
        _field("quantity", holds=QUANTITY),
        Field(rate, PRICE, "rate", "rate"),
        _field("amount", holds=MONEY),
        *([_field("description", 4095)] if description else []),
    )


_SALES_ORDER = (
    _field("ref_number", 11),
    *_reference("customer", CUSTOMERS),
    _field("transaction_date", holds=DATE),
    _field("due_date", holds=DATE),
    *_address("billing_address"),
    *_address("shipping_address"),
    _own("total_amount", MONEY),
    _own("is_fully_invoiced", FLAG),
    _field("is_manually_closed", holds=FLAG),
    _field("memo", 4095),
    *_reference("sales_representative", called="initial"),
    *_TAX_CODE,
    *_reference("sales_tax_item"),
    _own("sales_tax_percentage", PRICE),
    _own("sales_tax_total", MONEY),
    *_reference("terms", called="name"),
)
_PURCHASE_ORDER = (
    _field("ref_number", 11),
    *_reference("vendor", VENDORS),
    _field("transaction_date", holds=DATE),
    _field("due_date", holds=DATE),
    _field("expected_date", holds=DATE),
    _own("total_amount", MONEY),
    _own("is_fully_received", FLAG),
    _field("is_manually_closed", holds=FLAG)._replace(only_at="update"),
    _field("memo", 4095),
    *_address("shipping_address"),
    *_reference("terms", called="name"),
)
_ADJUSTMENT = (
    _field("ref_number", 11),
    _field("transaction_date", holds=DATE),
    *_reference("account"),
    _field("memo", 4095),
    # The warehouse's own. One document stands for the net change of a time whose
    # documents QuickBooks could not list; those that are listed later point to it and
    # count no more.
    Field("covers_from"),
    Field("covers_to"),
    Field("covered_by"),
)
_MOVED = (
    *_reference("item", ITEMS),
    _field("quantity_difference", holds=QUANTITY),
    _field("value_difference", holds=MONEY),
)


def _unwritable(*fields: Field) -> tuple[Field, ...]:
    return tuple(field._replace(write="") for field in fields)


_INVOICE = _unwritable(
    _field("ref_number", 11),
    *_reference("customer", CUSTOMERS),
    _field("transaction_date", holds=DATE),
    _field("due_date", holds=DATE),
    # Conductor's invoice has no total of its own.
    _own("total_amount", MONEY, "subtotal+salesTaxTotal"),
    _own("balance_remaining", MONEY),
    _own("is_paid", FLAG),
    *_address("billing_address"),
    *_address("shipping_address"),
)
_ASSEMBLY = _stocked("buildNotificationThreshold")
_PART = (
    Field("item.id", TEXT, "inventoryItem.id", "inventoryItemId", 36, refers_to=ITEMS),
    Field("item.full_name", TEXT, "inventoryItem.fullName", names="item.id"),
    _field("quantity", holds=QUANTITY),
)
# In the order in which they are synchronized: what refers to others comes after them.
KINDS = {
    kind.name: kind
    for kind in (
        _CUSTOMER,
        _VENDOR,
        Kind("inventory_items", ITEMS, _stocked("reorderPoint"), (), "full_name"),
        Kind("non_inventory_items", ITEMS, _SOLD, (), "full_name"),
        Kind("service_items", ITEMS, _SOLD, (), "full_name"),
        Kind("discount_items", ITEMS, _DISCOUNT, (), "full_name"),
        Kind("inventory_assembly_items", ITEMS, _ASSEMBLY, _PART, "full_name"),
        Kind(SALES_ORDERS, SALES_ORDERS, _SALES_ORDER, _line("unit_price")),
        Kind(PURCHASE_ORDERS, PURCHASE_ORDERS, _PURCHASE_ORDER, _line("unit_cost")),
        Kind(ADJUSTMENTS, ADJUSTMENTS, _ADJUSTMENT, _MOVED),
        Kind(INVOICES, INVOICES, _INVOICE, _unwritable(*_line("unit_price", False))),
    )
}


def of_type(word: str) -> tuple[Kind, ...]:
    """Return the kinds that a type's word stands for."""
    return tuple(kind for kind in KINDS.values() if kind.type == word)


def of_types(words: Iterable[str]) -> tuple[Kind, ...]:
    """Return the kinds of some types, in the order of synchronization; none = all."""
    wanted = set(words) or set(TYPES)
    return tuple(kind for kind in KINDS.values() if kind.type in wanted)


@lru_cache(maxsize=None)
def places(kind: Kind) -> dict[str, int]:
    """Return the position of each field of a kind by its name."""
    return {field.name: at for at, field in enumerate(kind.fields)}
