"""What stands between a store and its database: it listens, or it refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from src.kit.database import Database


class Listening:
    """A database whose statements are written down, or refused beforehand."""

    def __init__(
        self, database: Database, refuse: Callable[[str], None] = lambda statement: None
    ) -> None:
        """`refuse` raises what a statement is refused with."""
        self.said: list[str] = []
        self._database, self._refuse = database, refuse

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    def run(self, statement: str) -> int:
        """Carry out a statement, unless it is refused."""
        self._hear(statement)
        return self._database.run(statement)

    def rows(self, query: str, kinds: str) -> Iterator[tuple]:
        """Return the rows of a query, unless it is refused."""
        self._hear(query)
        return self._database.rows(query, kinds)

    def structure(self) -> dict[str, list[str]]:
        """Return the tables, and remember that they were asked for."""
        self._hear("structure")
        return self._database.structure()

    def _hear(self, statement: str) -> None:
        self.said.append(statement)
        self._refuse(statement)
