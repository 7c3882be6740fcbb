"""What the database says about appointments and imports: totals, people, days."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from src.kit.database import Database
from src.salespro.history import COUNTS, UNSUCCESSFUL
from src.salespro.statements import HISTORY

_TABLE = "salespro_appointment"
_SALES = "COALESCE(sum(CASE WHEN is_sale THEN 1 ELSE 0 END), 0)"
_AMOUNTS = "CASE WHEN is_sale THEN CAST(ROUND(sale_amount * 100) AS BIGINT) END"
# A moment begins with its day in both databases, whose sessions keep UTC.
_DAY = "substr(CAST(created_at AS text), 1, 10)"
TOP = 10  # representatives that are shown


class Imported(NamedTuple):
    """One import, as the history has it."""

    id: int
    started_at: str
    sync_type: str
    status: str
    is_dry_run: bool
    file_path: str
    run_id: str
    processed: int
    created: int
    updated: int
    unchanged: int
    stale: int
    rejected: int
    held: int
    failed: int
    error_message: str | None


class Sold(NamedTuple):
    """Appointments that have something in common: how many, what was sold, in cents."""

    name: str
    appointments: int
    sales: int
    with_amount: int
    cents: int
    least: int | None = None
    most: int | None = None

    @property
    def conversion(self) -> Decimal:
        """Return the sales in a hundred appointments, with one decimal."""
        return _ratio(100 * self.sales, self.appointments, "0.1")

    @property
    def mean(self) -> Decimal:
        """Return the mean amount of the sales that have one, in whole cents."""
        return _ratio(self.cents, self.with_amount, "1")


def _ratio(part: int, whole: int, unit: str) -> Decimal:
    exact = Decimal(part) / Decimal(whole) if whole else Decimal(0)
    return exact.quantize(Decimal(unit), ROUND_HALF_UP)


def imports(database: Database, is_failed_only: bool = False) -> list[Imported]:
    """Return the imports, newest first."""
    counts = ", ".join(f"records_{name}" for name in COUNTS)
    words = ", ".join(f"'{word}'" for word in UNSUCCESSFUL)
    where = f"WHERE status IN ({words})" if is_failed_only else ""
    query = (
        "SELECT id, started_at, sync_type, status, is_dry_run, file_path, run_id, "
        f"{counts}, error_message FROM {HISTORY} {where} ORDER BY id DESC"
    )
    kinds = "izttbtt" + "i" * len(COUNTS) + "t"
    return [Imported(*row) for row in database.rows(query, kinds)]


def total(database: Database) -> Sold:
    """Return what all appointments come to."""
    [found] = _sold(database, "'all'", "")
    return found


def representatives(database: Database) -> list[Sold]:
    """Return the representatives who sold most, by amount, then sales, then name."""
    name = "COALESCE(salesrep_email, '')"
    order = f"GROUP BY {name} ORDER BY 5 DESC, 3 DESC, 1 LIMIT {TOP}"
    return list(_sold(database, name, order))


def days(database: Database) -> list[Sold]:
    """Return the appointments by the UTC day on which they were made, oldest first."""
    return list(_sold(database, f"COALESCE({_DAY}, '')", f"GROUP BY {_DAY} ORDER BY 1"))


def _sold(database: Database, name: str, rest: str) -> Iterator[Sold]:
    query = (
        f"SELECT {name}, count(*), {_SALES}, count({_AMOUNTS}), "
        f"COALESCE(sum({_AMOUNTS}), 0), min({_AMOUNTS}), max({_AMOUNTS}) "
        f"FROM {_TABLE} {rest}"
    )
    for row in list(database.rows(query, "tiiiiii")):
        yield Sold(*row)
