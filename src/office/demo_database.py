"""Whether the importers have stored nothing but the demo's own records."""

from __future__ import annotations

from collections.abc import Iterator

from src.config import Settings
from src.customers import demo as customers
from src.customers.records import CHECKED
from src.kit import reading
from src.kit.database import Database, MissingTable
from src.office import connect_database, pipelines
from src.salespro import demo as salespro

_IDS = (
    "SELECT id FROM salespro_appointment",
    "SELECT user_object_id FROM salespro_users",
)


def holds_only_demo(settings: Settings) -> bool:
    """Return whether no customer, appointment or user is anybody's own.

    A database that DATABASE_URL names is always somebody's own.
    """
    return not settings.database_url and next(_strangers(settings), None) is None


def _strangers(settings: Settings) -> Iterator[str]:
    names = customers.names()
    checked = pipelines.path_of(settings, CHECKED)
    if checked.exists():
        rows = reading.table(checked, CHECKED)
        yield from (row.name for row in rows if row.name not in names)
    if not settings.database_file.exists():
        return
    with connect_database.database(settings, prepared=False) as database:
        yield from _texts(database, "SELECT name FROM customers", names)
        for query in _IDS:
            yield from _texts(database, query, salespro.ids())


def _texts(database: Database, query: str, known: set[str]) -> list[str]:
    try:
        return [text for (text,) in database.rows(query, "t") if text not in known]
    except MissingTable:
        return []
