"""Exports and stored customers at production scale; always the same.

python -m tests.bench.exports appointments FILE N
python -m tests.bench.exports customers FILE N    every tenth with other terms
python -m tests.bench.exports stored DATABASE N   the same N, without the doors
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from random import Random

from src.adapters import migrations
from src.adapters.sqlite_file import SqliteFile
from src.customers import check, ladder, states, writing
from src.customers.records import Checked, Export
from src.kit import reading
from src.kit.clock import REAL
from src.salespro.demo import FIRST_HEADER

SALES, WITH_AMOUNT = 0.22, 0.71  # as in a real load
REPRESENTATIVES = 250
TOGETHER = 10_000  # customers that are stored together
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_LAST = (
    "Smith Müller Okafor Nguyen García Ivanov O'Neil 日本 D'Angelo Patel Brown".split()
)
_FIRST = "Ann José Zoë Liam Søren Aoife Chen Олег Mary Ali Eve Noah".split()
_LOST = "[HRE] Demo No Sale,[CC] Rescheduled,[WEB] Not Home,[CC] Cancelled".split(",")

_ADDRESS = "Line 1,City,State,Postal Code,Country".split(",")
CUSTOMER_HEADER = [
    *"QuickBooks Internal Id,Customer Name,Company Name,First Name,Last Name".split(
        ","
    ),
    *"Main Email,Main Phone,Status,Terms,Credit Limit".split(","),
    *"Created Date,Modified Date,Notes".split(","),
    *(f"Billing Address {part}" for part in _ADDRESS),
    *(f"Shipping Address {part}" for part in _ADDRESS),
]


def appointments(count: int) -> Iterator[Sequence[str]]:
    """Yield the header and the rows of an appointments' export, fourteen columns."""
    yield [*FIRST_HEADER, "leadSource", "appointmentType"]
    dice = Random(104)
    for number in range(count):
        day, clock = 1 + number * 28 // count, _clock(dice)
        is_sale = dice.random() < SALES
        has_amount = is_sale and dice.random() < WITH_AMOUNT
        last, first = dice.choice(_LAST), dice.choice(_FIRST)
        rep = dice.randrange(REPRESENTATIVES)
        yield (
            "".join(dice.choices(_LETTERS, k=10)),
            f"2025-06-{day:02}T{clock}",
            f"2025-07-{day:02}T{clock}",
            "TRUE" if is_sale else "FALSE",
            "[HRE] Demo Sold" if is_sale else dice.choice(_LOST),
            last,
            first,
            f"{last} {first} {1000 + number}",
            *(f"rep{rep}@example.com", _FIRST[rep % 12], _LAST[rep % 11]),
            f"{dice.randrange(450_000, 4_199_000) / 100:.2f}" if has_amount else "",
            *("web" if number % 3 else "phone", "in home"),
        )


def _clock(dice: Random) -> str:
    hour, minute, second = dice.randrange(24), dice.randrange(60), dice.randrange(60)
    return f"{hour:02}:{minute:02}:{second:02}.{dice.randrange(1000):03}Z"


def customers(count: int, terms: str = "N30") -> Iterator[Sequence[str]]:
    """Yield the header and the rows of a customers' export; every tenth has `terms`.

    A third are persons, one of five has no QuickBooks id; with other terms, one of two
    hundred is spelled another way.
    """
    yield CUSTOMER_HEADER
    for number in range(count):
        is_person, is_other = number % 3 == 0, number % 10 == 0
        address = [
            f"{number} Main St",
            "Springfield",
            "IL",
            f"{10000 + number % 80000}",
        ]
        name = (
            f"Smith{number}, John" if is_person else f"Customer {number} Holdings, LLC"
        )
        yield (
            f"80{number:06X}-1400000000" if number % 5 else "",
            name.upper() if number % 200 == 0 and terms != "N30" else name,
            f"Holdings {number}",
            *(("John", f"Smith{number}") if is_person else ("", "")),
            "" if is_person else f"bob{number}@company{number // 2}.com",
            f"(555) {number % 900 + 100}-{number % 9000 + 1000}",
            *("true", terms if is_other else "N30"),
            "$1,234.50" if number % 7 == 0 else "",
            *("01-02-2020", "11-02-2025"),
            f"note {number}" if number % 4 == 0 else "",
            *(*address, "USA"),
            *((*address, "USA") if number % 2 else [""] * 5),
        )


def write(path: Path, rows: Iterable[Sequence[str]]) -> None:
    """Write an export as it is given."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def store(path: Path, count: int) -> None:
    """Store so many customers in a SQLite file, without check, plan and log."""
    export = path.with_suffix(".csv")
    write(export, customers(count))
    database = SqliteFile(path)
    now = REAL.timestamp()
    migrations.migrate(database, now)
    rows = iter(reading.given(export, Export, export.name))
    while chunk := list(islice(rows, TOGETHER)):
        found = [check.checked(row, export.name) for row in chunk]
        with database.transaction():
            writing.write(database, [_written(row) for row in found], now)
    database.close()
    export.unlink()


def _written(row: Checked) -> writing.Written:
    key = ladder.new_id(row.quickbooks_id, row.name)
    return writing.Written(key, None, states.created(states.said_by(row)))


if __name__ == "__main__":
    kind, place, size = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    place.parent.mkdir(parents=True, exist_ok=True)
    if kind == "stored":
        store(place, size)
    else:
        rows = appointments(size) if kind == "appointments" else customers(size, "N45")
        write(place, rows)
