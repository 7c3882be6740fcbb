"""From a setting to the warehouse's database: SQLite in DATA_DIR, or PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from src.adapters import migrations
from src.config import Settings
from src.kit.clock import REAL, Clock
from src.office import connect_database

if TYPE_CHECKING:
    from src.adapters.psql import Psql
    from src.adapters.sqlite_file import SqliteFile

SCHEMA = Path(migrations.__file__).parent / "schema_wms"


def connection(settings: Settings) -> SqliteFile | Psql:
    """Return a connection to the warehouse's database, as it stands."""
    url, file = settings.wms_database_url, settings.wms_database_file
    return connect_database.opened(url, file, "WMS_DATABASE_URL")


@contextmanager
def database(settings: Settings, clock: Clock = REAL) -> Iterator[SqliteFile | Psql]:
    """Yield a connection, its schema brought up to date."""
    found = connection(settings)
    try:
        migrations.migrate(found, clock.timestamp(), SCHEMA)
        yield found
    finally:
        found.close()


@contextmanager
def snapshot(settings: Settings, clock: Clock = REAL) -> Iterator[SqliteFile | Psql]:
    """Yield a connection that sees one state of the database, whoever writes to it."""
    with database(settings, clock) as found, found.transaction():
        if settings.wms_database_url:  # SQLite knows no other way
            found.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield found
