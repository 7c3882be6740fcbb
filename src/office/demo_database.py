"""Whether the importers have stored nothing but the demo's own records."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from src.config import Settings
from src.customers import demo as customers
from src.customers.records import CHECKED
from src.kit import reading
from src.kit.database import Database, MissingTable
from src.kit.errors import Refused
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
    if not holds_only_demo(settings):
        return "the database of the importers: not everything in it is the demo's"
    return ""


def holds_only_demo(settings: Settings) -> bool:
    """Return whether no customer, appointment or user is anybody's own."""
    with closing(_strangers(settings)) as found:
        return next(found, None) is None


def expect_only_demo(settings: Settings) -> None:
    """Raise Refused where the demo's records would come among others."""
    if not holds_only_demo(settings):
        raise Refused(
            "no FILE: the demo's records would come among those that are stored; name "
            "the export, as in make customers FILE=export.csv"
        )


def _strangers(settings: Settings) -> Iterator[str]:
    names = customers.names()
    checked = pipelines.path_of(settings, CHECKED)
    if checked.exists():
        rows = reading.table(checked, CHECKED)
        yield from (row.name for row in rows if row.name not in names)
    if connect_database.is_there(settings):
        with connect_database.database(settings, prepared=False) as database:
            yield from _stored(database)
    file = settings.database_file
    for path in sorted(file.parent.glob(f"{file.name}.before-*[0-9a-f]")):
        with connect_database.copy(path) as database:
            yield from _stored(database)


def _stored(database: Database) -> Iterator[str]:
    yield from _texts(database, "SELECT name FROM customers", customers.names())
    for query in _IDS:
        yield from _texts(database, query, salespro.ids())


def _texts(database: Database, query: str, known: set[str]) -> list[str]:
    try:
        return [text for (text,) in database.rows(query, "t") if text not in known]
    except MissingTable:
        return []
