"""The schema's numbered files, and which of them a database has."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from src.kit.database import BadData, Database, MissingTable, Staging
from src.kit.errors import Refused

FOLDER = Path(__file__).parent / "schema"
VERSIONS = """CREATE TABLE IF NOT EXISTS schema_versions (
    number integer PRIMARY KEY,
    name varchar(255) NOT NULL,
    applied_at timestamptz NOT NULL
)"""
_VERSION = Staging(
    "new_schema_version",
    (("number", "integer"), ("name", "varchar(255)"), ("applied_at", "timestamptz")),
)
_TABLE = re.compile(r"^CREATE TABLE IF NOT EXISTS (\w+)", re.MULTILINE)


class Migration(NamedTuple):
    """One schema file; carrying it out twice changes nothing."""

    number: int
    name: str  # of the file, as 0001_customers
    text: str

    def statements(self) -> list[str]:
        """Return its statements, each of which ends at the end of a line."""
        found = re.split(r";\s*$", self.text, flags=re.MULTILINE)
        return [statement.strip() for statement in found if statement.strip()]

    def tables(self) -> list[str]:
        """Return the names of the tables that it makes."""
        return _TABLE.findall(self.text)


def known(folder: Path = FOLDER) -> list[Migration]:
    """Return the schema files, in order."""
    return [
        Migration(int(path.stem.partition("_")[0]), path.stem, path.read_text("utf-8"))
        for path in sorted(folder.glob("[0-9]*_*.sql"))
    ]


def applied(database: Database) -> dict[int, str]:
    """Return the numbers and names of the files that a database has."""
    query = "SELECT number, name FROM schema_versions ORDER BY number"
    try:
        return dict(database.rows(query, "it"))
    except MissingTable:
        return {}


def pending(database: Database, folder: Path = FOLDER) -> list[Migration]:
    """Return the files that a database does not have yet, in order.

    Raises Refused where it has one that is not known here.
    """
    found, there = known(folder), applied(database)
    newer = there.keys() - {migration.number for migration in found}
    if newer:
        names = ", ".join(there[number] for number in sorted(newer))
        raise Refused(
            f"{database.label}: its schema is newer than this program ({names}); use "
            "the newer version of Carryover"
        )
    return [migration for migration in found if migration.number not in there]


def migrate(database: Database, now: str, folder: Path = FOLDER) -> list[str]:
    """Carry out what is pending, each file in a transaction; return the names.

    Who has no right to make tables succeeds where nothing is pending.
    """
    found = pending(database, folder)
    if found:
        _make_versions(database)
    return [one.name for one in found if _apply(database, one, now)]


def _make_versions(database: Database) -> None:
    try:
        database.run(VERSIONS)
    except Refused:  # PostgreSQL, where two make it at once: now it is there
        database.run(VERSIONS)


def _apply(database: Database, migration: Migration, now: str) -> bool:
    """Carry out a file; return False where another start was faster.

    The row comes first: the slower of two waits at it for the faster one's end.
    """
    try:
        with database.transaction():
            database.stage(_VERSION)
            database.load(_VERSION, [(migration.number, migration.name, now)])
            database.run(
                "INSERT INTO schema_versions (number, name, applied_at) "
                "SELECT number, name, applied_at FROM new_schema_version"
            )
            for statement in migration.statements():
                database.run(statement)
    except BadData:
        if migration.number not in applied(database):
            raise
        return False
    return True
