"""Exports as SalesPro writes them, with every problem of real ones; always the same."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from src.kit import files

FILES = {
    "csv_appointments": "SalesPro2025-06-18.csv",
    "csv_users": "salespro_users.csv",
}
LATER = "SalesPro2025-07-09.csv"  # three weeks later: renamed columns, corrected rows
ROWS = 240  # appointments of the first export, over eleven days
SALES = 0.22  # of them, as in a real load; seven of ten sales have an amount
WITH_AMOUNT = 0.71
REPRESENTATIVES = 12
_SEED = "104"  # its draw is near a real load: 53 sales, 39 amounts, mean 23,381

FIRST_HEADER = (
    "_id,_created_at,_updated_at,isSale,resultFullString,customer.nameLast,"
    "customer.nameFirst,customer.estimateName,salesrep.email,salesrep.nameFirst,"
    "salesrep.nameLast,saleAmount"
).split(",")
SECOND_HEADER = (
    "_id,_created_at,_updated_at,isSale,resultFullString,customerLastName,"
    "customerFirstName,estimateName,salesRepEmail,salesRepFirstName,salesRepLastName,"
    "saleAmount,leadSource"
).split(",")
USER_HEADER = (
    "User Object ID,First Name,Last Name,Username,Email,Last Login,Active/Inactive,"
    "Send Credit Apps,Search Other Users Estimates,Assigned Office,License Number,"
    "Additional Amount,Unique Identifier,Job Representative ID"
).split(",")

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_LAST = (
    "Smith Johnson García Müller Nguyễn O'Connor Ødegård Kowalczyk Öztürk 田中 Иванова "
    "Mbeki Lefèvre D'Angelo Brown Patel"
).split()
_FIRST = "Ann José Zoë Liam Søren Aoife Chen Олег Mary Ali Eve Noah Ines Raj".split()
_SOLD = ("[HRE] Demo Sold", "[CC] Sold", "[WEB] Sold on Second Visit")
_LOST = (
    "[HRE] Demo No Sale",
    "[CC] Rescheduled",
    "[WEB] Not Home",
    "[HRE] One Leg",
    "[CC] Cancelled",
)
_OFFICES = ("Denver (D12)", "Colorado Springs (CS3)", "Boulder, North (B07)", "Remote")


class _Row(NamedTuple):
    id: str
    created: str
    updated: str
    is_sale: str
    result: str
    last: str
    first: str
    estimate: str
    email: str
    rep_first: str
    rep_last: str
    amount: str


def make_if_missing(folder: Path) -> bool:
    """Write the demo exports that are not in a folder; return whether any was."""
    made = _made()
    missing = [name for name in made if not (folder / name).exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for name in missing:
        _write(folder / name, made[name])
    return bool(missing)


def ids() -> set[str]:
    """Return the ids of the demo's appointments and users."""
    return {row[0] for _, *rows in _made().values() for row in rows}


def _made() -> dict[str, list[Sequence[str]]]:
    rows = list(_appointments(Random(_SEED)))
    return {
        FILES["csv_appointments"]: [FIRST_HEADER, *rows, *_troubled(rows)],
        LATER: [SECOND_HEADER, *_later(rows)],
        FILES["csv_users"]: [USER_HEADER, *_users(Random("users"))],
    }


def _write(path: Path, rows: Sequence[Sequence[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    with files.replacing(path) as file:  # a mark in front, as spreadsheets save it
        file.write(text.getvalue().encode("utf-8-sig"))


def _representative(number: int) -> tuple[str, str, str]:
    first, last = _FIRST[number % len(_FIRST)], _LAST[number * 5 % len(_LAST)]
    return f"rep{number:02}@example.com", first, last


def _appointments(dice: Random) -> Iterator[_Row]:
    for number in range(ROWS):
        day, hour, minute = (
            6 + 11 * number // ROWS,
            dice.randrange(24),
            dice.randrange(60),
        )
        created = f"2025-06-{day:02}T{hour:02}:{minute:02}:45.538Z"
        updated = f"2025-06-{day + 1:02}T{hour:02}:{minute:02}:12.007Z"
        is_sale = dice.random() < SALES
        has_amount = is_sale and dice.random() < WITH_AMOUNT
        amount = f"{dice.randrange(450_000, 4_199_000) / 100:.2f}" if has_amount else ""
        last, first = dice.choice(_LAST), dice.choice(_FIRST)
        yield _Row(
            "".join(dice.choices(_LETTERS, k=10)),
            created,
            updated,
            "TRUE" if is_sale else "FALSE",
            dice.choice(_SOLD if is_sale else _LOST),
            last,
            first,
            f"{last} {first} {1000 + number}",
            *_representative(dice.randrange(REPRESENTATIVES)),
            amount,
        )


def _troubled(rows: Sequence[_Row]) -> Iterator[_Row]:
    """Yield rows with a problem each; their ids say which."""
    row = rows[0]._replace(is_sale="FALSE", result=_LOST[0], amount="")
    yield row._replace(id="badDate001", updated="2025-02-30T10:00:00.000Z")
    yield row._replace(id="noZone0001", updated="2025-06-10 10:00:00")
    yield row._replace(id="badMoney01", amount="1.234,50")
    yield row._replace(id="negative01", amount="(250.00)")
    yield row._replace(id="badFlag001", is_sale="maybe")
    yield row._replace(id="tooLong001", last="x" * 101)
    yield row._replace(id="")
    yield row._replace(
        id="dollars001", is_sale="TRUE", result=_SOLD[0], amount="$1,234.50"
    )
    yield row._replace(id="formula001", last="=cmd|' /C calc'!A0", first="+1-555-0100")
    yield row._replace(id="quotes0001", last='O"Brien; DROP TABLE', first="two\nlines")
    yield rows[1]  # the same row again
    yield rows[2]._replace(updated="2025-06-01T00:00:00.000Z", last="Old name")
    for last in ("This", "That"):
        yield row._replace(id="disputed01", last=last)


def _later(rows: Sequence[_Row]) -> Iterator[Sequence[str]]:
    """Yield the second export: amounts filled in, one older row, new columns."""
    for number, row in enumerate(rows):
        if row.is_sale == "TRUE" and not row.amount:
            row = row._replace(amount="19999.99", updated="2025-07-08T09:00:00.000Z")
        if number == 3:
            row = row._replace(updated="2025-06-02T00:00:00.000Z", last="Stale")
        yield (*row, "web" if number % 3 else "")


def _users(dice: Random) -> Iterator[Sequence[str]]:
    for number in range(REPRESENTATIVES):
        email, first, last = _representative(number)
        day = 1 + number
        login = f"2025-06-{day:02}" if number % 2 else f"6/{day}/2025"
        yield (
            "".join(dice.choices(_LETTERS, k=10)),
            first,
            last,
            email.partition("@")[0],
            email,
            login if number else "",
            "Inactive" if number == 7 else "Active",
            "TRUE" if number % 3 else "FALSE",
            "FALSE",
            _OFFICES[number % len(_OFFICES)],
            f"00{1200 + number}",
            "$1,250.00" if number == 4 else "",
            f"U-{number:04}",
            f"JR{number}",
        )
    yield (
        "badLogin01",
        "Bad",
        "Login",
        "bad",
        "bad@example.com",
        "18/6/2025",
        *[""] * 8,
    )
