"""From an export's row to a customer whose every value is in its one spelling.

What cannot be a customer is a reject with its reason; what has no home (columns that
nobody knows, a phone field that says "ask Bob") is kept in `source_data`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from src.config import normalize_customer_name
from src.customers import contacts
from src.customers.records import Checked, Export
from src.kit.errors import Refused
from src.kit.reading import Reject

PERSON = "company_name first_name middle_name last_name".split()
TERMS = "account_number customer_type terms tax_code tax_item resale_number".split()
MOST = {  # characters, as the database's columns
    **dict.fromkeys([*PERSON, *TERMS], 100),
    "quickbooks_id": 64,
    "name": 255,
    "company_name": 255,
}
MOST_SOURCE = 100_000
MOST_ADDRESS = 255
MOST_POSTAL_CODE = 64
MOST_NORMALIZED = 2000  # bytes; PostgreSQL's indexes take 2,704
MOST_MONEY = Decimal(10) ** 13  # 15 digits, two of them behind the point
ADDRESS_FIELDS = "line1 line2 line3 city state postal_code country".split()


def _columns(first: str, last: str) -> slice:
    return slice(Export._fields.index(first), Export._fields.index(last) + 1)


EMAILS = _columns("main_email", "work_email")
PHONES = _columns("main_phone", "fax")
BILLING = _columns("billing_line1", "billing_country")
SHIPPING = _columns("shipping_line1", "shipping_country")

ACTIVE, INACTIVE = "ACTIVE", "INACTIVE"
_STATUS = {
    **dict.fromkeys("true yes y 1 active a".split(), ACTIVE),
    **dict.fromkeys("false no n 0 inactive not-active".split(), INACTIVE),
    "": "",
}
# A report of QuickBooks Online ends with the moment at which it was made.
_MADE_AT = re.compile(
    r"\s*\w{3,6}day,? \w+ \d{1,2},? \d{4},? \d{1,2}:\d\d(?::\d\d)? [AP]M\b.*"
)
_MONEY = re.compile(r"(?:-\$?|\$-?)?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]{1,2})?")
_MONTH_FIRST = re.compile(r"([0-9]{1,2})([-/])([0-9]{1,2})\2([0-9]{4})(?: [0-9: APMapm]+)?")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ].*)?")
# Columns of exports of something else, which name a customer too.
_FOREIGN = {
    "Invoice No": "invoices",
    "Sales Receipt No": "sales receipts",
    "Product/Service": "sales",
    "Transaction type": "transactions",
    "Item Name": "items",
}


class Misfit(ValueError):
    """A value makes its row a reject: (column, reason)."""


def refuse_foreign(place: str, names: tuple[str, ...]) -> None:
    """Raise Refused where the columns are those of another kind of export."""
    found = set(map(_letters, names))
    for name, kind in _FOREIGN.items():
        if _letters(name) in found:
            raise Refused(
                f"{place}: has the column {name}, so these are {kind}; export the "
                "customer list and name that file"
            )


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))


def is_footer(row: Export) -> bool:
    """Return whether a row ends a report: it is empty, or says when it was made."""
    if row.name and not _MADE_AT.fullmatch(row.name):
        return False
    said = [*filter(str.strip, row[1:-2]), *json.loads(row.rest).values()]
    return not said or (len(said) == 1 and bool(_MADE_AT.fullmatch(said[0])))


def is_footer_line(line: str) -> bool:
    """Return whether a line that is no row, for want of cells, ends a report."""
    said = line.strip('",; \t')
    return not said or bool(_MADE_AT.fullmatch(said))


def misread(row: Export, place: str) -> Reject | None:
    """Return a reject if a row of a Windows-1252 file is in UTF-8, where Ã¼ means ü."""
    for column, cell in zip(Export._fields, row):
        if not cell.isascii() and _is_utf8(cell):
            reason = "is in UTF-8 and other rows are not; save the file as CSV UTF-8"
            return Reject(place, row.line, column, reason, _original(row))
    return None


def _is_utf8(cell: str) -> bool:
    try:
        return bool(cell.encode("cp1252").decode())
    except UnicodeError:
        return False


def checked(row: Export, place: str) -> Checked | Reject:
    """Return the row as a customer, its check still to be made, or why it is none."""
    try:
        return _checked(row)
    except Misfit as misfit:
        column, reason = misfit.args
        return Reject(place, row.line, column, reason, _original(row))


def _original(row: Export) -> str:
    return row.raw.rstrip("\r\n")[:300]


def _checked(row: Export) -> Checked:
    name = _fitting("name", row.name.strip(" "))
    quickbooks_id = _fitting("quickbooks_id", row.quickbooks_id.strip())
    if not name.strip():
        raise Misfit("Customer Name", "is empty")
    normalized = normalize_customer_name(name)
    if not quickbooks_id and not normalized:
        raise Misfit(
            "Customer Name", "has no letter or digit, and there is no QuickBooks id"
        )
    if len(normalized.encode()) > MOST_NORMALIZED:
        raise Misfit("Customer Name", "is too long when its letters are written out")
    found = _contacts(row)
    source = json.loads(row.rest) if row.rest != "{}" else {}
    strange = " | ".join(dict.fromkeys(found.strange))
    if strange:
        source[_free("(contacts)", source)] = strange
    source_data = json.dumps(source, ensure_ascii=False, sort_keys=True)
    if len(source_data) > MOST_SOURCE:
        raise Misfit("", f"has more than {MOST_SOURCE:,} characters without a home")
    return Checked(
        row.line,
        quickbooks_id,
        name,
        *(_fitting(field, " ".join(getattr(row, field).split())) for field in PERSON),
        contacts.joined(found.emails),
        contacts.joined(found.phones),
        *_address("billing", row[BILLING]),
        *_address("shipping", row[SHIPPING]),
        _status(row.status),
        *(_fitting(field, " ".join(getattr(row, field).split())) for field in TERMS),
        money("Credit Limit", row.credit_limit),
        _date("Created Date", row.created_on),
        _date("Modified Date", row.modified_on),
        source_data,
        f"kept in source_data: {strange}" if strange else "",
        row_check="",
    )


def _free(name: str, taken: Mapping[str, str]) -> str:
    """Return a name that no column of the export has."""
    return name if name not in taken else _free(f"{name}'", taken)


def _fitting(field: str, text: str) -> str:
    if len(text) > MOST[field]:
        raise Misfit(field, f"is longer than {MOST[field]} characters")
    return text


def _contacts(row: Export) -> contacts.Contacts:
    found = contacts.Contacts()
    for kind, cell in zip(("MAIN", "CC", "WORK"), row[EMAILS]):
        found.take_emails(cell, kind)
    for kind, cell in zip(("MAIN", "MOBILE", "WORK", "OTHER", "FAX"), row[PHONES]):
        found.take_phones(cell, kind)
    return found


def _address(which: str, cells: tuple[str, ...]) -> list[str]:
    if not any(cells):
        return [""] * len(ADDRESS_FIELDS)
    fields = contacts.address(cells)
    for name, text in zip(ADDRESS_FIELDS, fields):
        most = MOST_POSTAL_CODE if name == "postal_code" else MOST_ADDRESS
        if len(text) > most:
            raise Misfit(f"{which}_{name}", f"is longer than {most} characters")
    return fields


def _status(text: str) -> str:
    try:
        return _STATUS[text.strip().casefold()]
    except KeyError:
        raise Misfit("Status", f"{text[:40]!r} is neither active nor inactive") from None


def money(column: str, text: str) -> str:
    """Return an amount with two decimals, empty for an empty text.

    Raises Misfit for whatever could be read in two ways, or has more than 15 digits.

    >>> money("Credit Limit", "$1,234.5"), money("Credit Limit", " -12 ")
    ('1234.50', '-12.00')
    """
    text = text.strip()
    if not text:
        return ""
    if not _MONEY.fullmatch(text):
        raise Misfit(column, f"{text[:40]!r} is no amount such as 1,234.50")
    amount = Decimal(text.replace("$", "").replace(",", "")) + 0  # -0 is 0
    if abs(amount) >= MOST_MONEY:
        raise Misfit(column, f"{text[:40]!r} has more than 15 digits")
    return f"{amount:.2f}"


def _date(column: str, text: str) -> str:
    """Return an ISO date; QuickBooks writes MM-DD-YYYY."""
    text = text.strip()
    if not text:
        return ""
    try:
        if match := _ISO.fullmatch(text):
            return date(*map(int, match.groups())).isoformat()
        if match := _MONTH_FIRST.fullmatch(text):
            month, _, day, year = match.groups()
            return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        pass
    raise Misfit(column, f"{text[:40]!r} is no date such as 12-31-2025")
