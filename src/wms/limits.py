"""What QuickBooks would refuse, known before anything is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from src.wms.cards import Card
from src.wms.fields import (
    ADJUSTMENTS,
    CUSTOMERS,
    DATE,
    FLAG,
    ITEMS,
    JSON,
    PURCHASE_ORDERS,
    SALES_ORDERS,
    TEXT,
    VENDORS,
    Field,
    Kind,
    places,
)
from src.wms.records import CREATE, NOT_YET, QBD
from src.wms.states import Stored

LIMIT, NAME_TAKEN, DEPENDS = "limit", "name_taken", "depends"
_ACCOUNTS = ("asset_account.id", "cogs_account.id", "income_account.id")
# What a create needs, as Conductor's schema says; of a group with | one is enough.
_SOLD = ("name", "posting_account.id|income_account.id")
REQUIRED = {
    CUSTOMERS: ("name",),
    VENDORS: ("name",),
    "inventory_items": ("name", *_ACCOUNTS),
    "non_inventory_items": _SOLD,
    "service_items": _SOLD,
    "discount_items": ("name", "account.id"),
    "inventory_assembly_items": ("name", *_ACCOUNTS),
    SALES_ORDERS: ("customer.id", "transaction_date"),
    PURCHASE_ORDERS: ("vendor.id", "transaction_date"),
    ADJUSTMENTS: ("account.id", "transaction_date"),
}
_OF_ITEMS = ("inventory_assembly_items", ADJUSTMENTS)  # no line of them is a mere text
_WITH_LINES = (SALES_ORDERS, PURCHASE_ORDERS, ADJUSTMENTS)
_CLEARED = (TEXT, FLAG, JSON)  # the others cannot be emptied by a request

IsKnown = Callable[[str, str], bool]  # type, reference: will QuickBooks have it in time


def _create_problems(kind: Kind, stored: Stored) -> Iterator[str]:
    yield from missing(kind, stored)
    if kind.name in _WITH_LINES and not stored.lines:
        yield "lines: there are none; QuickBooks needs one at least"
    yield from filter(None, map(of_value, kind.fields, stored.cells))
    yield from _line_problems(kind, stored)


def _line_problems(kind: Kind, stored: Stored) -> Iterator[str]:
    for number, line in enumerate(stored.lines, 1):
        if kind.name in _OF_ITEMS and not line.cells[0]:
            yield f"line {number}: item.id: is empty; QuickBooks needs it"
        for problem in filter(None, map(of_value, kind.lines, line.cells)):
            yield f"line {number}: {problem}"


def missing(kind: Kind, stored: Stored, name: str = "") -> Iterator[str]:
    """Yield what QuickBooks needs of a record and is empty; only about one field, if named."""
    at = places(kind)
    for group in REQUIRED.get(kind.name, ()):
        names = group.split("|")
        if (not name or name in names) and not any(stored.cells[at[n]] for n in names):
            yield f"{' or '.join(names)}: is empty; QuickBooks needs it"


def of_value(field: Field, cell: str) -> str:
    """Return why QuickBooks would not take a value, nothing if it would."""
    if field.most and field.write and len(cell) > field.most:
        if not cell.startswith(NOT_YET):
            return f"{field.name}: has {len(cell)} characters, QuickBooks takes {field.most}"
    if field.name == "name" and ":" in cell:
        return "name: has a colon, which QuickBooks keeps for sub-records"
    if cell and not _IS.get(field.holds, bool)(cell):
        return f"{field.name}: {cell[:40]!r} is {_WANTED[field.holds]}"
    return ""


def _is_date(cell: str) -> bool:
    try:
        return date.fromisoformat(cell).isoformat() == cell
    except ValueError:
        return False


# Numbers are looked at where a CSV is read.
_IS: dict[str, Callable[[str], bool]] = {DATE: _is_date, FLAG: ("yes", "no").__contains__}
_WANTED = {DATE: "no date as in 2026-12-31", FLAG: "neither yes nor no"}


def field_of(kind: Kind, name: str) -> Field | None:
    """Return the field that a card is about, of the record or of a line."""
    inner = name.rpartition("].")[2]
    fields = kind.fields if inner == name else kind.lines
    return next((field for field in fields if field.name == inner), None)


def is_writable(kind: Kind, name: str) -> bool:
    """Return whether QuickBooks lets others write what a card is about."""
    field = field_of(kind, name)
    fields = [field] if field else kind.lines
    return any(field.write for field in fields)


def of_update(kind: Kind, card: Card, field: Field) -> str:
    """Return why QuickBooks would not take the new value of a field."""
    value = card.sides.wms
    is_item = kind.name in _OF_ITEMS and field.refers_to == ITEMS
    if not value and (field.holds not in _CLEARED or field.name == "name" or is_item):
        return f"{card.field}: QuickBooks does not let it be emptied"
    return of_value(field, value)


def missing_reference(kind: Kind, stored: Stored, is_known: IsKnown) -> str:
    """Return which record has to go to QuickBooks first and does not, if any."""
    rows = [zip(kind.fields, stored.cells)]
    rows += [zip(kind.lines, line.cells) for line in stored.lines]
    missing = (_missing(field, cell, is_known) for row in rows for field, cell in row)
    return next(filter(None, missing), "")


def _missing(field: Field, cell: str, is_known: IsKnown) -> str:
    if not (field.refers_to and cell.startswith(NOT_YET)):
        return ""
    if is_known(field.refers_to, cell):
        return ""
    return (
        f"{field.name}: refers to {cell}, which is not in QuickBooks and is not sent by "
        f"this plan; see the card of it, or plan {field.refers_to} too"
    )


def checked(
    kind: Kind, cards: Sequence[Card], stored: Stored | None, is_known: IsKnown
) -> list[Card]:
    """Return the cards of a record, those held that QuickBooks would refuse."""
    return [_checked(kind, card, stored, is_known) for card in cards]


def _checked(kind: Kind, card: Card, stored: Stored | None, is_known: IsKnown) -> Card:
    if card.target != QBD or stored is None:
        return card
    problem = unknown = ""
    if field := field_of(kind, card.field):
        problem = of_update(kind, card, field) or next(missing(kind, stored, card.field), "")
        unknown = _missing(field, card.sides.wms, is_known)
    elif card.field or card.action == CREATE:  # a line, or the whole record
        problems = _line_problems if card.field else _create_problems
        problem = next(problems(kind, stored), "")
        unknown = missing_reference(kind, stored, is_known)
    if problem:
        return card.held(LIMIT, problem)
    return card.held(DEPENDS, unknown) if unknown else card


def folded(name: str) -> str:
    """Return the spelling in which names are compared: case and blanks do not count."""
    return " ".join(name.split()).casefold()
