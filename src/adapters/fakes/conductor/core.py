"""The simulated company file itself: what it holds, and what it does with a request.

Both faces use it, the one in process and the one over HTTP. It knows no faults of the
line, only what Conductor and QuickBooks would do; errors are raised as Refusal. Every
call holds one lock, so several threads may use it; one process at a time has the folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from threading import RLock
from typing import Any

from src.adapters.conductor import LIST_OBJECTS, TRANSACTIONS
from src.adapters.fakes.conductor import company_lists, links, refusal, seeding, touching
from src.adapters.fakes.conductor.documents import INVOICES, Documents
from src.adapters.fakes.conductor.levels import BALANCE, ON_HAND, decimal, money, number
from src.adapters.fakes.conductor.lists import Lists
from src.adapters.fakes.conductor.manners import Manners, Record
from src.adapters.fakes.conductor.pages import Pages
from src.adapters.fakes.conductor.shaping import Shaper
from src.adapters.fakes.conductor.store import (
    CREATE,
    DELETE,
    EDIT,
    REMOVE,
    SEED,
    UPDATE,
    VOID,
    Store,
)
from src.adapters.fakes.conductor.views import Views
from src.kit.clock import Clock

__all__ = ["Core", "Manners", "Record"]

BLOCK = 1000
_NEVER_CHANGES = ("id", "objectType", "createdAt", "updatedAt", "revisionNumber")


class Core:
    """The company file in a folder; bodies and queries come checked by `schema`."""

    def __init__(self, folder: Path, clock: Clock, manners: Manners = Manners()) -> None:
        self.lock = RLock()
        self.manners = manners
        self._clock = clock
        self._store = Store(folder, clock, manners)
        self._open()

    def _open(self) -> None:
        checks_rules = self.manners.checks_rules
        shaper = Shaper(self._store, checks_rules)
        self._lists = Lists(self._store, shaper, checks_rules)
        self._documents = Documents(self._store, shaper, checks_rules)
        self._views = Views(self._store)
        self._pages = Pages(self._store, self._clock, self.manners)

    # --- writes -----------------------------------------------------------------------

    def create(self, resource: str, body: Mapping[str, Any]) -> Record:
        """Create a record and return it; raises Refusal."""
        with self.lock, self._store.together():
            record = self._created(resource, body)
            return self._views.shown(resource, record)

    def create_many(self, resource: str, bodies: Iterable[Mapping[str, Any]]) -> int:
        """Create records of a list, a thousand in one write; return how many."""
        waiting, count = iter(bodies), 0
        with self.lock:
            while block := list(islice(waiting, BLOCK)):
                with self._store.together():
                    count += sum(1 for body in block if self._created(resource, body))
        return count

    def _created(self, resource: str, body: Mapping[str, Any]) -> Record:
        record = self._maker(resource).created(resource, body)
        now = self._store.now().isoformat()
        record |= {
            "id": self._store.new_id(resource),
            "createdAt": now,
            "updatedAt": now,
            "revisionNumber": self._store.revision_after(""),
        }
        self._put(CREATE, resource, {}, record)
        return record

    def update(self, resource: str, record_id: str, body: Mapping[str, Any]) -> Record:
        """Change a record and return it; raises Refusal."""
        with self.lock, self._store.together():
            old = self._there(resource, record_id)
            given = str(body["revisionNumber"])
            if self.manners.checks_rules and given != old["revisionNumber"]:
                raise refusal.stale(given)
            return self._change(UPDATE, resource, old, body)

    def _change(
        self, verb: str, resource: str, old: Record, body: Mapping[str, Any]
    ) -> Record:
        changes = {k: v for k, v in body.items() if k not in _NEVER_CHANGES}
        record = self._maker(resource).changed(resource, dict(old), changes)
        return self._write(verb, resource, old, record)

    def _write(self, verb: str, resource: str, old: Record, record: Record) -> Record:
        record["updatedAt"] = self._store.now().isoformat()
        record["revisionNumber"] = self._store.revision_after(old["revisionNumber"])
        self._put(verb, resource, old, record)
        return self._views.shown(resource, record)

    def _put(self, verb: str, resource: str, old: Record, record: Record) -> None:
        kept = record
        if verb == VOID and resource == INVOICES:
            kept = record | {links.KEY: []}
        self._store.put(verb, resource, kept)
        if resource == INVOICES and verb in (CREATE, VOID):
            links.mark(self._store, *((record, 1) if verb == CREATE else (old, -1)))
        if self.manners.quantities_touch_items and resource in TRANSACTIONS:
            touching.touch(self._store, resource, old, record)

    def delete(self, resource: str, record_id: str) -> Record:
        """Delete a transaction; return id, objectType, refNumber, deleted."""
        with self.lock:
            return self._drop(DELETE, resource, self._there(resource, record_id))

    def _drop(self, verb: str, resource: str, record: Record) -> Record:
        with self._store.together():
            self._store.drop(verb, resource, record)
            if resource == INVOICES:
                links.mark(self._store, record, -1)
            if self.manners.quantities_touch_items and resource in TRANSACTIONS:
                touching.touch(self._store, resource, record, {})
        return _named(record, "refNumber") | {"deleted": True}

    def void(self, resource: str, record_id: str) -> Record:
        """Void a transaction; return id, objectType, refNumber, voided."""
        with self.lock, self._store.together():
            old = self._there(resource, record_id)
            record = self._documents.voided(resource, self._there(resource, record_id))
            record = self._write(VOID, resource, old, record)
            return _named(record, "createdAt", "updatedAt", "refNumber") | {"voided": True}

    # --- questions --------------------------------------------------------------------

    def read(self, resource: str, record_id: str) -> Record:
        """Return a record; raises Refusal."""
        with self.lock:
            record = self._store.find(resource, record_id)
            if record is None:
                raise refusal.missing(record_id, self.manners.missing_is_404)
            return self._views.shown(resource, record)

    def page(self, resource: str, query: Mapping[str, Any]) -> Record:
        """Return a page of a list in its envelope; raises Refusal."""
        with self.lock:
            return self._pages.page(resource, query)

    def deleted(self, which: str, query: Mapping[str, Any]) -> Record:
        """Return deletions (`list-objects` or `transactions`) in their envelope."""
        with self.lock:
            offset = self.manners.utc_offset
            return company_lists.deleted(self._store.deletions, which, query, offset)

    def accounts(self, query: Mapping[str, Any]) -> Record:
        """Return the chart of accounts in its envelope."""
        return company_lists.accounts(query, self.manners.utc_offset)

    def sales_representatives(self, query: Mapping[str, Any]) -> Record:
        """Return the sales representatives in their envelope."""
        return company_lists.sales_representatives(query, self.manners.utc_offset)

    def end_user(self, end_user_id: str) -> Record:
        """Return the end user whose company file this is."""
        return company_lists.end_user(end_user_id, self._clock.now())

    def health(self) -> Record:
        """Return that QuickBooks answers, and after how many milliseconds."""
        return {"duration": 1200, "status": "ok"}

    def _there(self, resource: str, record_id: str) -> Record:
        record = self._store.find(resource, record_id)
        if record is None:
            raise refusal.not_found(record_id)
        return record

    def _maker(self, resource: str) -> Lists | Documents:
        return self._lists if resource in LIST_OBJECTS else self._documents

    # --- a person at QuickBooks, and a test -------------------------------------------

    def remove(self, resource: str, record_id: str) -> None:
        """Delete a record as a person does in QuickBooks itself; raises Refusal."""
        with self.lock:
            record = self._there(resource, record_id)
            if touching.is_referred_to(self._store, resource, record_id):
                raise refusal.referred_to(record_id)
            self._drop(REMOVE, resource, record)

    def edit(self, resource: str, record_id: str, changes: Mapping[str, Any]) -> Record:
        """Change a record as a person does in QuickBooks itself, and return it.

        Changes are named as in an update's body, and may be what the API leaves to
        QuickBooks: quantityOnHand, balance, appliedAmount, receivedQuantity of a line …
        """
        with self.lock, self._store.together():
            old = self._there(resource, record_id)
            levels, given = self._store.levels, dict(changes)
            if ON_HAND in given:
                moved = levels.of(ON_HAND, record_id)
                given[ON_HAND] = number(decimal(given[ON_HAND]) - moved)
            if BALANCE in given:
                moved = levels.of(BALANCE, record_id)
                given[BALANCE] = money(decimal(given[BALANCE]) - moved)
            return self._change(EDIT, resource, old, given)

    def seed(self, resource: str, record_id: str, record: Mapping[str, Any] = {}) -> Record:
        """Put a record with a made-up id there, blank where nothing is given."""
        with self.lock:
            now = self._store.now().isoformat()
            whole = seeding.seeded(resource, {**record, "id": record_id}, now)
            self._store.put(SEED, resource, whole)
            return self._views.shown(resource, whole)

    def reset(self) -> None:
        """Forget every record."""
        with self.lock:
            self._store.empty()
            self._open()


def _named(record: Record, *more: str) -> Record:
    return {name: record.get(name) for name in ("id", "objectType", *more)}
