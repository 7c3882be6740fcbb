"""What QuickBooks demands of a record: names, lengths, levels, references.

Lengths and characters from Intuit's entity pages; older texts give smaller ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from src.adapters.fakes.refusal import Refusal
from src.config import LIST_TYPES, TRANSACTION_TYPES

NAMES = ("Customer", "Vendor", "Employee")  # one DisplayName for all three lists
ENTITIES = {
    name.casefold(): name
    for name in (*TRANSACTION_TYPES, *LIST_TYPES, "Attachable", "CustomerType", "TaxCode")
}
READ_ONLY = ("CompanyInfo", "Preferences", "QbdtEntityIdMapping", "CustomerType")
PARTS_OF_A_NAME = ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")
LENGTHS = {
    "DisplayName": 500,
    "Title": 16,
    "GivenName": 100,
    "MiddleName": 100,
    "FamilyName": 100,
    "Suffix": 16,
    "CompanyName": 100,
    "PrintOnCheckName": 110,
    "Notes": 2000,
}
_ADDRESS = {
    **dict.fromkeys(("Line1", "Line2", "Line3", "Line4", "Line5"), 500),
    **dict.fromkeys(("City", "Country", "CountrySubDivisionCode"), 255),
    "PostalCode": 30,
}
NESTED_LENGTHS: Mapping[str, Mapping[str, int]] = {
    **dict.fromkeys(
        ("PrimaryPhone", "AlternatePhone", "Mobile", "Fax"), {"FreeFormNumber": 30}
    ),
    "PrimaryEmailAddr": {"Address": 100},
    "WebAddr": {"URI": 1000},
    "BillAddr": _ADDRESS,
    "ShipAddr": _ADDRESS,
}
FREE_OF_COLONS = ("DisplayName", *PARTS_OF_A_NAME, "PrintOnCheckName")
DEEPEST_LEVEL = 5
DEEPEST_VALUE = 20  # no entity nests so deep; what does is kept as it came
DELETED = " (deleted)"  # what QuickBooks appends to the name of what is made inactive

Record = dict[str, Any]


def cleaned(body: Mapping[str, Any]) -> Record:
    """Return a record without what QuickBooks drops: nulls, empty texts, lists, objects.

    >>> cleaned({"DisplayName": "A", "Notes": "", "PrimaryPhone": {"FreeFormNumber": ""}})
    {'DisplayName': 'A'}
    """
    return _cleaned(dict(body), DEEPEST_VALUE)


def _cleaned(value: Any, levels: int) -> Any:
    if not levels or not isinstance(value, (dict, list)):
        return value
    if isinstance(value, list):
        items = (_cleaned(one, levels - 1) for one in value)
        return [one for one in items if one not in _EMPTY]
    # A reference to nothing is an error, not an empty value.
    fields = (
        (name, v if name.endswith("Ref") else _cleaned(v, levels - 1))
        for name, v in value.items()
    )
    return {name: one for name, one in fields if one not in _EMPTY}


_EMPTY = (None, "", [], {})


def check(
    entity: str, record: Record, other_id: str, same_entity: Mapping[str, Record]
) -> None:
    """Raise Refusal where QuickBooks would not take a record.

    `other_id` is the record that has the same name already.
    """
    if entity == "Attachable":
        _check_note(record)
    if entity not in NAMES:
        return
    if not display_name(record):
        raise Refusal("6080", "A name is required: DisplayName or one of its parts")
    _check_lengths(record, LENGTHS)
    for name, lengths in NESTED_LENGTHS.items():
        _check_lengths(record.get(name), lengths)
    _check_email(record.get("PrimaryEmailAddr"))
    if other_id:
        raise Refusal(
            "6240",
            "The name supplied already exists. : Another customer, vendor or employee is "
            f"already using this name. Please use a different name. Id={other_id}",
        )
    _check_level(record, same_entity)


def _check_note(record: Record) -> None:
    if not record.get("Note") and not record.get("Size"):
        raise Refusal(
            "6000", "You must have at least a note string or file attachment", "Note"
        )


def _check_text(name: str, text: str, most: int) -> None:
    if len(text) > most:
        raise Refusal("2050", f"Min:0 Max:{most} supplied:{len(text)}", name)
    if name in FREE_OF_COLONS and any(c in text for c in ":\t\n"):
        raise Refusal("2040", f"{name} must not hold a colon, tab or new line", name)


def _check_lengths(given: Any, lengths: Mapping[str, int]) -> None:
    for name, most in lengths.items() if isinstance(given, dict) else ():
        if name in given:
            _check_text(name, str(given[name]), most)


def _check_email(given: Any) -> None:
    address = str(given.get("Address", "")) if isinstance(given, dict) else ""
    if given and not ("@" in address and "." in address):
        raise Refusal("2210", f"Email Address does not conform: {address}", "Address")


def display_name(record: Mapping[str, Any]) -> str:
    """Return the name under which a record is listed, made of its parts if need be."""
    parts = (str(record[name]) for name in PARTS_OF_A_NAME if record.get(name))
    return str(record.get("DisplayName") or " ".join(parts)).strip()


def _check_level(record: Record, same_entity: Mapping[str, Record]) -> None:
    """Raise Refusal below the fifth level, or where records hang below themselves."""
    for _ in range(DEEPEST_LEVEL):
        if not record.get("ParentRef"):
            return
        found = same_entity.get(_parent(record))
        if found is None:
            raise Refusal("2500", f"{_parent(record)!r} is no record", "ParentRef")
        record = found
    raise Refusal("6180", f"Only {DEEPEST_LEVEL} levels are supported", "ParentRef")


def _parent(record: Record) -> str:
    """Return the id of the record that a record hangs below."""
    given = record.get("ParentRef")
    return str(given.get("value", "")) if isinstance(given, dict) else ""


def defaults(entity: str, record: Record, same_entity: Mapping[str, Record]) -> Record:
    """Return a record with what QuickBooks fills in."""
    if entity not in NAMES:
        return record
    name = display_name(record)
    parent = same_entity.get(_parent(record), {})
    whole = f"{parent['FullyQualifiedName']}:{name}" if parent else name
    filled = {"DisplayName": name, "PrintOnCheckName": name, "Active": True}
    if entity == "Customer":
        filled |= {
            "Taxable": False,
            "Job": bool(parent),
            "BillWithParent": False,
            "Balance": 0,
            "BalanceWithJobs": 0,
            "CurrencyRef": {"value": "USD", "name": "United States Dollar"},
            "PreferredDeliveryMethod": "None",
        }
    return {**filled, **record, "DisplayName": name, "FullyQualifiedName": whole}


def activate(entity: str, old: Record, record: Record) -> None:
    """Rename a record that is made inactive, or active again, as QuickBooks does."""
    if entity not in NAMES:
        return
    was, is_now = old.get("Active", True), record.get("Active", True)
    name = display_name(record) or str(old.get("DisplayName", ""))
    if was and not is_now and not name.endswith(DELETED):
        record["DisplayName"] = name + DELETED
    elif is_now and not was:
        record["DisplayName"] = name.removesuffix(DELETED)
