"""The simulated company file itself: what it holds, and what it does with a request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import RLock
from typing import Any

from src.adapters.fakes.conductor.manners import Manners, Record
from src.kit.clock import Clock

__all__ = ["Core", "Manners", "Record"]


class Core:
    """The company file in a folder; bodies and queries come checked by `schema`."""

    def __init__(self, folder: Path, clock: Clock, manners: Manners = Manners()) -> None:
        self.lock = RLock()
        self.manners = manners

    def create(self, resource: str, body: Mapping[str, Any]) -> Record:
        """Create a record and return it; raises Refusal."""
        raise NotImplementedError

    def create_many(self, resource: str, bodies: Iterable[Mapping[str, Any]]) -> int:
        """Create records of a list in one write; return how many."""
        raise NotImplementedError

    def update(self, resource: str, record_id: str, body: Mapping[str, Any]) -> Record:
        """Change a record and return it; raises Refusal."""
        raise NotImplementedError

    def read(self, resource: str, record_id: str) -> Record:
        """Return a record; raises Refusal."""
        raise NotImplementedError

    def delete(self, resource: str, record_id: str) -> Record:
        """Delete a transaction; return id, objectType, refNumber, deleted."""
        raise NotImplementedError

    def void(self, resource: str, record_id: str) -> Record:
        """Void a transaction; return id, objectType, refNumber, voided."""
        raise NotImplementedError

    def page(self, resource: str, query: Mapping[str, Any]) -> Record:
        """Return a page of a list in its envelope; raises Refusal."""
        raise NotImplementedError

    def deleted(self, which: str, query: Mapping[str, Any]) -> Record:
        """Return deletions (`list-objects` or `transactions`) in their envelope."""
        raise NotImplementedError

    def accounts(self, query: Mapping[str, Any]) -> Record:
        """Return the chart of accounts in its envelope."""
        raise NotImplementedError

    def sales_representatives(self, query: Mapping[str, Any]) -> Record:
        """Return the sales representatives in their envelope."""
        raise NotImplementedError

    def end_user(self, end_user_id: str) -> Record:
        """Return the end user whose company file this is."""
        raise NotImplementedError

    def health(self) -> Record:
        """Return that QuickBooks answers, and after how many milliseconds."""
        raise NotImplementedError

    def remove(self, resource: str, record_id: str) -> None:
        """Delete a record as a person does in QuickBooks itself; raises Refusal."""
        raise NotImplementedError

    def edit(self, resource: str, record_id: str, changes: Mapping[str, Any]) -> Record:
        """Change a record as a person does in QuickBooks itself, and return it."""
        raise NotImplementedError

    def seed(self, resource: str, record_id: str, record: Mapping[str, Any] = {}) -> Record:
        """Put a record with a made-up id there, blank where nothing is given."""
        raise NotImplementedError

    def reset(self) -> None:
        """Forget every record."""
        raise NotImplementedError
