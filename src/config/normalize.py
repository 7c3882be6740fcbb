"""Normalization of QuickBooks' ids, types and file names: any spelling to one."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

DEFAULT_PREFIXES = ("80",)

# What QuickBooks Online's Attachable can point to, by REST name.
TRANSACTION_TYPES = (
    "Bill BillPayment CreditMemo Deposit Estimate InventoryAdjustment Invoice "
    "JournalEntry Payment Purchase PurchaseOrder RefundReceipt SalesReceipt TimeActivity Transfer "
    "VendorCredit"
).split()
LIST_TYPES = (
    "Account Class Customer Department Employee Item PaymentMethod Term Vendor"
).split()
# The names of QbdtEntityIdMapping (Finance.xsd's QboEntityTypeEnum and
# DesktopEntityTypeEnum) that are not the REST name in capitals, paired by meaning.
INTERNAL_NAMES = {
    "BillPayment": "BILL_CHECK BILL_CREDIT_CARD",
    "Class": "KLASS",
    "Deposit": "RECEIVED_MONEY",
    "InventoryAdjustment": "INVENTORY_QUANTITY_ADJUSTMENT",
    "Item": "ITEM_SERVICE ITEM_INVENTORY ITEM_ASSEMBLY ITEM_PART",
    "JournalEntry": "GENERAL_JOURNAL",
    "Payment": "APP_PAY RECEIVED_PAYMENT",
    "Purchase": "CHECK CREDIT_CARD CREDIT_CARD_CREDIT CREDIT_CARD_REFUND LIABILITY_CHECK",
    "SalesReceipt": "CASH_SALE",
    "VendorCredit": "BILL_REFUND BILL_CREDIT",
}
# Desktop transactions that have no counterpart online.
DESKTOP_ONLY = (
    "SALESORDER BUILDASSEMBLY INVENTORY_RECEIPT STATEMENT_CHARGE SALES_TAX_PAYMENT "
    "PAYCHECK"
).split()


def _fold(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))


_BY_FOLDED_NAME = {
    _fold(spelling): name
    for name in (*TRANSACTION_TYPES, *LIST_TYPES)
    for spelling in (name, *INTERNAL_NAMES.get(name, "").split())
}
_TRANSACTIONS = {f for f, name in _BY_FOLDED_NAME.items() if name in TRANSACTION_TYPES}
_TRANSACTIONS.update(map(_fold, DESKTOP_ONLY))


def normalize_legacy_id(
    raw: str | None, prefixes: Sequence[str] = DEFAULT_PREFIXES
) -> str:
    """Return the one spelling under which a legacy transaction is joined.

    Trimmed, upper-case, and without the configured prefixes, however often they stand
    there: applying it twice changes nothing.

    >>> normalize_legacy_id("  801a2b-1409571840 ")
    '1A2B-1409571840'
    >>> normalize_legacy_id("8080ABC"), normalize_legacy_id(None)
    ('ABC', '')
    """
    text = (raw or "").strip().upper()
    while prefix := next((p for p in prefixes if p and text.startswith(p)), ""):
        text = text[len(prefix) :].lstrip()
    return text


def normalize_entity_type(name: str) -> str:
    """Return the REST name of a QuickBooks entity type, or the name as it stands.

    >>> normalize_entity_type("CASH_SALE"), normalize_entity_type("invoice")
    ('SalesReceipt', 'Invoice')
    """
    return _BY_FOLDED_NAME.get(_fold(name), name.strip())


def normalize_type_class(name: str) -> str:
    """Return `txn` or `list`: the class that a legacy type is, or belongs to.

    >>> [normalize_type_class(name) for name in ("Txn", "BILL", "List", "CUSTOMER")]
    ['txn', 'txn', 'list', 'list']
    """
    folded = _fold(name)
    if folded in ("txn", "list"):
        return folded
    return "txn" if folded in _TRANSACTIONS else "list"


def normalize_file_name(name: str) -> str:
    """Return the spelling under which two file names are the same to QuickBooks' users.

    >>> normalize_file_name("Scan.PDF") == normalize_file_name("scan.pdf")
    True
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def normalize_sent_name(name: str) -> str:
    r"""Return a file name as it travels: what is no character becomes U+FFFD.

    >>> normalize_sent_name("a\x00\udcff.pdf")
    'a\ufffd\ufffd.pdf'
    """
    return "".join(c if c.isprintable() else "\ufffd" for c in name)
