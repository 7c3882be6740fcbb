"""What a change of one record does to others, or says about them."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from src.adapters.fakes.conductor.givens import CUSTOMERS
from src.adapters.fakes.conductor.levels import BALANCE
from src.adapters.fakes.conductor.manners import Record
from src.adapters.fakes.conductor.store import TOUCH, Store
from src.adapters.fakes.conductor.views import OWN_LISTS, RELATIONS

_TRANSACTIONS = ("sales-orders", "purchase-orders", "inventory-adjustments", "invoices")


def touch(store: Store, resource: str, old: Record, new: Record) -> None:
    """Give a new revision to each item or customer whose level a transaction changes."""
    changed: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for record, sign in ((old, -1), (new, 1)):
        for field, found, by in store.levels.movements(resource, record):
            changed[field, found] += sign * by
    for field, found in (one for one, by in changed.items() if by):
        kinds = (CUSTOMERS,) if field == BALANCE else OWN_LISTS[2:]
        for kind in kinds:
            if record := store.find(kind, found):
                record["updatedAt"] = store.now().isoformat()
                record["revisionNumber"] = store.revision_after(record["revisionNumber"])
                store.put(TOUCH, kind, record)


def is_referred_to(store: Store, resource: str, found: str) -> bool:
    """Return whether another record needs this one, so that nobody may delete it."""
    if next(store.descendants(resource, found), None):
        return True
    names = [name for name, kinds in RELATIONS.items() if resource in kinds]
    signs = [f'"{name}":{{"id":"{found}"' for name in names]
    return any(
        sign in entry.text
        for kind in (*_TRANSACTIONS, *OWN_LISTS)
        for entry in store.entries(kind).values()
        for sign in signs
    )
