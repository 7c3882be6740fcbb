"""Customers on three sides, measured: what a plan costs where many differ, and none."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from src.kit import receipts, tables
from src.wms import records
from src.wms.fields import CUSTOMERS, KINDS, places
from tests.bench.measure import once

ROOT = Path(__file__).resolve().parent.parent.parent
NOON = "2026-05-04T12:00:00.000000+00:00"
_KIND = KINDS[CUSTOMERS]


def _values(number: int) -> list[str]:
    """Return a customer with twenty filled fields."""
    filled = {
        "name": f"Customer {number:06}",
        "full_name": f"Customer {number:06}",
        "company_name": f"Company {number} Ltd, Leeds",
        "first_name": "Ada",
        "last_name": f"Byron-{number}",
        "phone": f"555-{number:07}",
        "email": f"ada{number}@example.com",
        "is_active": "yes",
        "balance": f"{number % 900}.50",
        "total_balance": f"{number % 900}.50",
        "terms.id": "80000003-1234567890",
        "terms.name": "Net 30",
        "customer_type.id": "80000004-1234567890",
        "customer_type.full_name": "Wholesale",
    }
    for part, text in (("line1", f"{number} High Street"), ("city", "Leeds")):
        filled |= {f"{a}_address.{part}": text for a in ("billing", "shipping")}
    filled |= {"billing_address.state": "W. Yorks", "shipping_address.country": "UK"}
    at = places(_KIND)
    cells = [""] * len(_KIND.fields)
    for name, text in filled.items():
        cells[at[name]] = text
    return cells


def sides(*words: str) -> None:
    """Make the three sides in a process of its own: root, records, changed of 100."""
    once([sys.executable, "-m", "tests.bench.warehouse", *words], str(ROOT))


def make(root: Path, count: int, changed: int) -> None:
    """Write `count` customers on three sides; of every hundred `changed` differ."""
    for folder in ("data", "logs"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for table, rows in (
        (records.BASE, _base(count)),
        (records.STORED, _stored(count, changed)),
        (records.MIRROR, _mirror(count, changed)),
    ):
        place = table[CUSTOMERS]
        written = tables.write(root / "data" / place.name, place.row, rows)
        fact = (NOON, "bench", "wms_fetch", receipts.FILE, place.place, str(written))
        receipts.append(root / "logs", (*fact, "", ""))


def _ids(number: int) -> tuple[str, str]:
    return f"{number:08}", f"{0x80000000 + number:X}-1409571840"


def _base(count: int) -> Iterator[list[str]]:
    for number in range(count):
        times = (NOON, NOON, NOON, NOON)
        yield [*_ids(number), "1721172183", *times, "0", "", *_values(number)]


def _stored(count: int, changed: int) -> Iterator[list[str]]:
    phone = places(_KIND)["phone"]
    for number in range(count):
        cells = _values(number)
        if number % 100 < changed and number % 2:
            cells[phone] = "555-CHANGED"
        yield [*_ids(number), NOON, NOON, "", *cells]


def _mirror(count: int, changed: int) -> Iterator[list[str]]:
    at = places(_KIND)
    for number in range(count):
        cells = _values(number)
        if number % 100 < changed:
            cells[at["balance"]] = cells[at["total_balance"]] = "1.00"
        head = [_ids(number)[1], "1721172183", NOON, NOON, "", "", ""]
        yield [*head, *cells]


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
