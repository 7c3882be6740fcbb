"""A warehouse: its database, its store, and what its own people do in it."""

from __future__ import annotations

from src.kit.database import Database
from src.wms.fields import Kind
from src.wms.states import Stored
from src.wms.store import Store
from tests.wms import samples


class Warehouse:
    """The database beside the synchronization."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.store = Store(database)

    def write(self, kind: Kind, *records: Stored) -> None:
        """Write records that both sides agree on, each in its transaction."""
        for record in records:
            with self.database.transaction():
                self.store.write(kind, record, samples.agreed(record))

    def records(self, kind: Kind) -> list[Stored]:
        """Return what is stored of a kind."""
        return list(self.store.records(kind))

    def run(self, statement: str) -> int:
        """Do what the warehouse's own program does."""
        return self.database.run(statement)

    def value(self, query: str, letter: str = "t") -> object:
        """Return the one value of a query."""
        ((value,),) = self.database.rows(query, letter)
        return value
