"""From a setting to a database: SQLite in DATA_DIR, or PostgreSQL by its URL."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from src.adapters import migrations
from src.config import Settings
from src.kit.clock import REAL, Clock

if TYPE_CHECKING:
    from src.adapters.connection import Connection
    from src.adapters.sqlite_file import SqliteFile


def connection(settings: Settings) -> Connection:
    """Return a connection to the database that the settings name, as it stands."""
    return opened(settings.database_url, settings.database_file, "DATABASE_URL")


def opened(url: str, file: Path, setting: str) -> Connection:
    """Return a connection to the server of a URL, to a file where there is none.

    Messages name the setting that the URL comes from.
    """
    if url.startswith(("mysql:", "mariadb:")):
        from src.adapters.mysql import Mysql

        return Mysql(url, setting=setting)
    if url:
        from src.adapters.psql import Psql

        return Psql(url, setting=setting)
    from src.adapters.sqlite_file import SqliteFile

    return SqliteFile(file)


@contextmanager
def database(
    settings: Settings, prepared: bool = True, clock: Clock = REAL
) -> Iterator[Connection]:
    """Yield a connection, its schema brought up to date unless `prepared` is False."""
    found = connection(settings)
    try:
        if prepared:
            migrations.migrate(found, clock.timestamp())
        yield found
    finally:
        found.close()


@contextmanager
def copy(path: Path) -> Iterator[SqliteFile]:
    """Yield a connection to a copy of a SQLite database."""
    from src.adapters.sqlite_file import SqliteFile

    found = SqliteFile(path)
    try:
        yield found
    finally:
        found.close()


def is_there(settings: Settings) -> bool:
    """Return whether there is a database to connect to, or a server to ask for it."""
    return bool(settings.database_url) or settings.database_file.exists()


def shell(settings: Settings) -> tuple[str, str]:
    """Return the command that opens a shell on the database, and what it needs."""
    if not settings.database_url:
        return f"sqlite3 {shlex.quote(_shown(settings.database_file))}", ""
    from src.adapters.psql_address import address

    found = address(settings.database_url)
    note = "the password comes from PGPASSWORD, or from ~/.pgpass"
    if found.password:
        note += "; export PGPASSWORD as in DATABASE_URL, but decoded (%40 is @)"
    return f"psql {shlex.quote(found.url)}", note


def _shown(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
