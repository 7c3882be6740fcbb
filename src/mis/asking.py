"""The MIS's database, in whose messages a table that is missing is one of the MIS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from src.kit.database import Database, MissingTable


class Asking:
    """A database whose tables this program does not make, and cannot."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    def run(self, statement: str) -> int:
        """Carry out one statement; see `kit.database.Database`."""
        with self._speaking():
            return self._database.run(statement)

    def rows(self, query: str, kinds: str) -> Iterator[tuple]:
        """Yield the rows of a query; see `kit.database.Database`."""
        with self._speaking():
            yield from self._database.rows(query, kinds)

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        try:
            yield
        except MissingTable as missing:
            label = self._database.label
            problem = str(missing).removeprefix(f"{label}: ").rpartition(";")[0]
            raise MissingTable(
                f"{label}: is no MIS, {problem}; check MIS_DATABASE_URL"
            ) from missing
