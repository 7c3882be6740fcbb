"""Customer exports as QuickBooks writes them, with every problem of real ones.

Two of Desktop, a week apart, and a contact report of Online; always the same.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from src.kit import files

FIRST = "Customer_11_13_2026_06_00_00.csv"
SECOND = "Customer_11_20_2026_06_00_00.csv"
ONLINE = "Customer Contact List.csv"
FILES = (FIRST, SECOND, ONLINE)
ROWS = 48  # plain customers of the first export, beside the planted problems
_SEED = "7"

HEADER = (
    "QuickBooks Internal Id,Customer Name,Company Name,First Name,Last Name,Main Email,"
    "CC Email,Main Phone,Mobile,Status,Terms,Credit Limit,Created Date,Modified Date,"
    "Notes,Billing Address Line 1,Billing Address City,Billing Address State,"
    "Billing Address Postal Code,Shipping Address Line 1,Shipping Address City,"
    "Shipping Address State,Shipping Address Postal Code"
).split(",")
ONLINE_HEADER = "Customer full name,Phone numbers,Email,Full name,Bill address".split(",")

_FIRST_NAMES = "Ann José Zoë Liam Søren Aoife Chen Mary Ali Eve Noah Inès Raj".split()
_LAST_NAMES = "Smith Johnson García Müller Lefèvre Ødegård Brown Patel Mbeki Cole".split()
_TRADES = "Plumbing Roofing Electric Dental Farms Foods Supply Motors Bakery".split()
_PLACES = "Blue River,Harbor,Granite,Cedar,North Fork,Old Mill,Sunrise,Iron Gate".split(",")
_FORMS = ("LLC", "Inc.", "Corp.", "L.L.C.", "& Sons", "Co.")
_TOWNS = ("Denver CO 80202", "Boulder CO 80301", "Salem OR 97301", "Troy NY 12180")


class Row(NamedTuple):
    """One customer of a Desktop export, as its cells stand."""

    id: str = ""
    name: str = ""
    company: str = ""
    first: str = ""
    last: str = ""
    email: str = ""
    cc: str = ""
    phone: str = ""
    mobile: str = ""
    status: str = "true"
    terms: str = ""
    limit: str = ""
    created: str = "01-15-2019"
    modified: str = "11-02-2026"
    notes: str = ""
    line1: str = ""
    city: str = ""
    state: str = ""
    postal: str = ""
    ship1: str = ""
    ship_city: str = ""
    ship_state: str = ""
    ship_postal: str = ""


def make_if_missing(folder: Path) -> bool:
    """Write the demo exports that are not in a folder; return whether any was missing."""
    made = _made()
    missing = [name for name in made if not (folder / name).exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for name in missing:
        encoding, rows = made[name]
        with files.replacing(folder / name) as file:
            file.write(_csv(rows).encode(encoding))
    return bool(missing)


def names() -> set[str]:
    """Return the names of the demo's customers."""
    at = HEADER.index("Customer Name")
    *desktop, (_, report) = _made().values()
    found = {row[at] for _, rows in desktop for row in rows}
    return found | {row[0] for row in report if row}


def _made() -> dict[str, tuple[str, list[Sequence[str]]]]:
    """Return the encoding and the rows of each file.

    Desktop writes Windows-1252; Online writes UTF-8 with a byte-order mark.
    """
    plain = list(_customers(Random(_SEED)))
    return {
        FIRST: ("cp1252", [HEADER, *plain, *_troubled()]),
        SECOND: ("cp1252", [HEADER, *_a_week_later(plain)]),
        ONLINE: ("utf-8-sig", list(_report(plain))),
    }


def _csv(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)  # lines end as on Windows
    return text.getvalue()


def _customers(dice: Random) -> Iterator[Row]:
    for number in range(ROWS):
        is_person = number % 3 == 0
        yield (_person if is_person else _company)(dice, number)


def _company(dice: Random, number: int) -> Row:
    place = _PLACES[number % len(_PLACES)]
    trade = _TRADES[(number // 2) % len(_TRADES)]
    name = f"{place} {trade} {dice.choice(_FORMS)}"
    domain = f"{place}{trade}".replace(" ", "").casefold() + ".example"
    return _at_home(
        dice,
        Row(
            id=f"8000{number:04X}-1400000000",
            name=name,
            company=name,
            email=f"billing@{domain}; ap@{domain}" if number % 2 else f"info@{domain}",
            phone=f"(555) {dice.randint(200, 999)}-{dice.randint(1000, 9999)}",
            terms=dice.choice(("N30", "N15", "Due on receipt")),
            limit=dice.choice(("", "$2,500.00", "10000")),
        ),
    )


def _person(dice: Random, number: int) -> Row:
    first, last = dice.choice(_FIRST_NAMES), _LAST_NAMES[(number // 3) % len(_LAST_NAMES)]
    mail = "gmail.com" if number % 2 else "yahoo.com"
    return _at_home(
        dice,
        Row(
            id=f"8000{number:04X}-1400000000" if number % 4 else "",
            name=f"{last}, {first} {chr(65 + number % 26)}.",
            first=first,
            last=last,
            email=f"customer{number}@{mail}" if number % 9 else "",
            phone=f"555.{dice.randint(200, 999)}.{dice.randint(1000, 9999)} x{number + 1}",
        ),
    )


def _at_home(dice: Random, row: Row) -> Row:
    """Return the row with a billing address, mostly the shipping address too."""
    city, state, postal = dice.choice(_TOWNS).split()
    home = (f"{dice.randint(1, 999)} Main St", city, state, postal)
    row = row._replace(**dict(zip(("line1", "city", "state", "postal"), home)))
    if dice.random() < 0.2:
        return row
    fields = ("ship1", "ship_city", "ship_state", "ship_postal")
    return row._replace(**dict(zip(fields, home)))


def _troubled() -> Iterator[Row]:
    """Yield one row for each problem of real exports."""
    yield Row("80009001-1", "Peterson, Chris", email="chris.p@gmail.com")
    yield Row("80009002-1", "Chris Peterson", email="cpeterson@work.example")
    yield Row("80009003-1", "Cedar Dental Inc.:Main Street", notes="a job")
    yield Row("80009004-1", "=cmd|' /C calc'!A0", notes="a name that is a formula")
    yield Row("80009005-1", "Old Mill, Bakery & Café", phone="call Bob after 5")
    yield Row("80009006-1", "Hidden Mail", phone="hidden@mail.example")
    yield Row("80009007-1", "Zenith Optics LLC", terms="N30")
    yield Row("80009008-1", "Nan", email="nan@family.example")
    yield Row("", "Walk-in", email="walkin@one.example")
    yield Row("", "Walk-In", email="walkin@two.example")
    yield Row("", "", email="nobody@nowhere.example")
    yield Row("", "---")
    yield Row("80009013-1", "Bad Limit", limit="12,50")
    yield Row("80009014-1", "Bad Date", created="02-30-2020")
    yield Row("80009015-1", "Bad Status", status="maybe")
    yield Row("80009016-1", "Too Much", limit="1234567890123456")


def _a_week_later(plain: Sequence[Row]) -> Iterator[Row]:
    """Yield the last days again, with what changed: most is the same as before."""
    for number, row in enumerate(plain):
        if number % 8 == 1:
            row = row._replace(terms="N45", modified="11-19-2026")
        elif number % 8 == 2:
            row = row._replace(line1="1 New Road", city="Salem", state="OR")
        elif not row.id:  # QuickBooks has it now
            row = row._replace(id=f"8000A{number:03X}-1500000000")
        yield row
    yield Row("80009007-1", "Harbor Freight Terminal", modified="11-19-2026")
    yield Row("80009003-1", "Cedar Dental Inc.:Elm Street", modified="11-19-2026")
    yield Row("80009008-1", "Nan", modified="10-01-2026", notes="an older row")
    yield Row("80009100-1", "Sunrise Foods Ltd.", email="hello@sunrise.example")


def _report(plain: Sequence[Row]) -> Iterator[Sequence[str]]:
    """Yield Online's contact report: a title, no ids, whole addresses in one cell."""
    blank = [""] * (len(ONLINE_HEADER) - 1)
    yield ["Example Co, LLC", *blank]
    yield ["Customer Contact List", *blank]
    yield []
    yield ONLINE_HEADER
    for row in plain[1:16:3]:
        name = row.name.upper().replace("LLC", "L.L.C.").rstrip(".")
        yield [name, f"Phone:{row.phone} Mobile:(555) 200-1000", row.email, "", ""]
    yield ["Peterson, Chris", "Phone:(555) 200-2000", "", "Chris Peterson", ""]
    yield ["New Online Customer", "", "new@online.example", "", "9 Anvil Way\nTroy NY"]
    yield []
    yield [" Friday, November 20, 2026 01:46 PM GMT-05:00", *blank]
