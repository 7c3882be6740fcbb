"""What a simulated company file comes with: accounts, terms, tax codes and the like.

The API cannot make these, so that every file has some. `python -c` or a spreadsheet shows
them in the answers; records refer to them by id, as real ones do.
"""

from __future__ import annotations

from typing import NamedTuple

MADE_AT = 1262304000  # 2010-01-01, when this company file was set up


class Given(NamedTuple):
    """One entry of a list of the company file."""

    id: str
    full_name: str
    more: str = ""  # account type, days until due, tax percentage, holder of initials


def _numbered(*entries: tuple[str, str] | str) -> dict[str, Given]:
    found = {}
    for number, entry in enumerate(entries, 1):
        name, more = (entry, "") if isinstance(entry, str) else entry
        given = Given(f"{0x80000000 + number:08X}-{MADE_AT}", name, more)
        found[given.id] = given
    return found


ACCOUNTS = "accounts"
SALES_REPRESENTATIVES = "sales-representatives"
TERMS, TAX_ITEMS, TAX_CODES = "terms", "sales tax items", "sales tax codes"
GIVENS: dict[str, dict[str, Given]] = {
    ACCOUNTS: _numbered(
        ("Checking", "bank"),
        ("Accounts Receivable", "accounts_receivable"),
        ("Accounts Payable", "accounts_payable"),
        ("Inventory Asset", "other_current_asset"),
        ("Cost of Goods Sold", "cost_of_goods_sold"),
        ("Sales Income", "income"),
        ("Sales Income:Services", "income"),
        ("Sales Discounts", "income"),
        ("Purchases", "expense"),
        ("Inventory Adjustments", "expense"),
        ("Freight", "expense"),
        ("Sales Tax Payable", "other_current_liability"),
        ("Undeposited Funds", "other_current_asset"),
    ),
    SALES_REPRESENTATIVES: _numbered(
        ("AB", "Ada Berg"), ("CM", "Carl Moser"), ("EK", "Eva Klein")
    ),
    TERMS: _numbered(
        ("Due on receipt", "0"),
        ("Net 15", "15"),
        ("Net 30", "30"),
        ("Net 60", "60"),
        ("2% 10 Net 30", "30"),
    ),
    TAX_ITEMS: _numbered(("Out of State", "0"), ("State Tax", "8.25"), ("City", "2.5")),
    TAX_CODES: _numbered("Tax", "Non"),
    "customer types": _numbered("Retail", "Wholesale", "Wholesale:Export", "Internal"),
    "vendor types": _numbered("Supplier", "Service", "Freight"),
    "job types": _numbered("Repair", "Installation"),
    "payment methods": _numbered("Cash", "Check", "Visa", "Bank transfer"),
    "unit of measure sets": _numbered("Count in each", "Weight in kg", "Length in m"),
    "classes": _numbered("North", "South", "South:Coast"),
    "price levels": _numbered("Friends", "Bulk"),
    "shipping methods": _numbered("DHL", "UPS", "Pickup"),
    "templates": _numbered("Intuit Product Invoice", "Custom Sales Order"),
    "customer messages": _numbered("Thank you for your business."),
    "inventory sites": _numbered("Main warehouse", "Shop"),
    "inventory site locations": _numbered("A1", "B2"),
    "billing rates": _numbered("Standard rate"),
    "sales tax returns": _numbered("State return"),
    "item groups": _numbered("Starter kit"),
    "currencies": _numbered("US Dollar"),
}
CUSTOMERS, VENDORS = "customers", "vendors"
STOCKED = ("inventory-items", "inventory-assembly-items")
ITEMS = (*STOCKED, "non-inventory-items", "service-items", "discount-items")
# What the name of a relation refers to: lists of the company file, or lists of GIVENS.
REFERENCES: dict[str, tuple[str, ...]] = {
    "customer": (CUSTOMERS,),
    "vendor": (VENDORS,),
    "preferredVendor": (VENDORS,),
    "payee": (CUSTOMERS,),
    "shipToEntity": (CUSTOMERS, VENDORS),
    "item": ITEMS,
    "inventoryItem": ITEMS,
    "customerType": ("customer types",),
    "vendorType": ("vendor types",),
    "jobType": ("job types",),
    "terms": (TERMS,),
    "salesRepresentative": (SALES_REPRESENTATIVES,),
    "salesTaxCode": (TAX_CODES,),
    "purchaseTaxCode": (TAX_CODES,),
    "salesTaxItem": (TAX_ITEMS,),
    "preferredPaymentMethod": ("payment methods",),
    "unitOfMeasureSet": ("unit of measure sets",),
    "overrideUnitOfMeasureSet": ("unit of measure sets",),
    "class": ("classes",),
    "priceLevel": ("price levels",),
    "shippingMethod": ("shipping methods",),
    "documentTemplate": ("templates",),
    "customerMessage": ("customer messages",),
    "inventorySite": ("inventory sites",),
    "inventorySiteLocation": ("inventory site locations",),
    "billingRate": ("billing rates",),
    "salesTaxReturn": ("sales tax returns",),
    "itemGroup": ("item groups",),
    "currency": ("currencies",),
}


def lists_of(relation: str, resource: str) -> tuple[str, ...]:
    """Return the lists that a relation of a resource may point into."""
    if relation == "parent":
        return (resource,)
    # incomeAccount, cogsAccount, receivablesAccount, defaultExpenseAccounts …
    return REFERENCES.get(relation, (ACCOUNTS,))


def id_of(kind: str, name: str) -> str:
    """Return the id of what is given under a full name.

    >>> id_of("terms", "Net 30")
    '80000003-1262304000'
    """
    return next(one.id for one in GIVENS[kind].values() if one.full_name == name)
