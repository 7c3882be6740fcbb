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


def kept(settings: Settings) -> str:
    """Return what of the importers is kept, and why; '' where all is the demo's."""
    if settings.database_url:
        return "what was imported: the database that DATABASE_URL names is left alone"
    if next(_strangers(settings), None) is not None:
        return "the database of the importers: not everything in it is the demo's"
    return ""


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
