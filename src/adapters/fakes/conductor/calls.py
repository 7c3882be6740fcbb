"""What a program can ask of a simulated company file, and what goes wrong with it.

One way for both faces, in process and over HTTP: Conductor's checks come first, then the
scenario, then QuickBooks' own rules.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence, Set
from functools import partial
from typing import Any, NamedTuple

from src.adapters.conductor import (
    CREATE,
    DELETE,
    RESOURCES,
    TRANSACTIONS,
    UPDATE,
    VOID,
    Change,
)
from src.adapters.fakes.conductor import refusal, schema
from src.adapters.fakes.conductor.core import Core, Record
from src.adapters.fakes.conductor.faults import Faults, is_applied, refusal_of, wait_of

NO_VOID = ("sales-orders", "purchase-orders")
READABLE = ("accounts", "sales-representatives")


class Asked(NamedTuple):
    """What a scenario calls a call, by what chance knows it, and what it does."""

    name: str
    known_by: str
    act: Callable[[], Record]


class Met(NamedTuple):
    """What a call brought, and what still happens to the answer: slow:3, drop, cut …"""

    fate: str
    record: Record


_LISTS: Mapping[str, Callable[[Core, Mapping[str, Any]], Record]] = {
    "accounts": Core.accounts,
    "sales-representatives": Core.sales_representatives,
    "deleted-list-objects": lambda core, query: core.deleted("list-objects", query),
    "deleted-transactions": lambda core, query: core.deleted("transactions", query),
}


def listing(core: Core, resource: str, pairs: Sequence[tuple[str, str]]) -> Asked:
    """Return the question for a list, its query checked; raises Refusal."""
    if resource not in RESOURCES and resource not in _LISTS:
        raise refusal.no_route(resource)
    query = schema.check_query(resource, pairs)
    act = _LISTS.get(resource) or (lambda core, query: core.page(resource, query))
    return Asked(f"list {resource}", str(sorted(pairs)), partial(act, core, query))


def reading(core: Core, resource: str, record_id: str) -> Asked:
    """Return the question for one record; raises Refusal."""
    name = f"read {resource}"
    if resource in RESOURCES:
        return Asked(name, record_id, partial(core.read, resource, record_id))
    if resource not in READABLE:
        raise refusal.no_route(resource)
    found = listing(core, resource, [("ids", record_id)])
    return Asked(name, record_id, lambda: found.act()["data"][0])


def health(core: Core) -> Asked:
    """Return the question whether QuickBooks answers."""
    return Asked("health-check", "", core.health)


def changing(core: Core, change: Change, any_length: Set[str] = frozenset()) -> Asked:
    """Return a write, its body checked; raises Refusal, also where there is no such."""
    verb, resource, record_id, body = change
    check_route(verb, resource)
    if verb in (CREATE, UPDATE):
        schema.check_body(resource, verb, body, any_length)
    acts: Mapping[str, Callable[[], Record]] = {
        CREATE: lambda: core.create(resource, body),
        UPDATE: lambda: core.update(resource, record_id, body),
        DELETE: lambda: core.delete(resource, record_id),
        VOID: lambda: core.void(resource, record_id),
    }
    known_by = f"{record_id} {json.dumps(body, sort_keys=True)}"
    return Asked(f"{verb} {resource}", known_by, acts[verb])


def check_route(verb: str, resource: str) -> None:
    """Raise Refusal where the API has no such write."""
    places = TRANSACTIONS if verb in (DELETE, VOID) else RESOURCES
    if resource not in places or (verb == VOID and resource in NO_VOID):
        raise refusal.no_route(f"{verb} {resource}")


def met(faults: Faults, asked: Asked) -> Met:
    """Return what a call brings, unless a fault comes before or after it.

    Raises Refusal, after the effect where the fault says so.
    """
    lucky_by = f"{asked.name} {asked.known_by}"
    fate, _ = faults.fate([asked.name], lucky_by)
    if fate:
        faults.failed([lucky_by])
    record = asked.act() if is_applied(fate) else {}
    refused = refusal_of(fate)
    if refused:
        refused.retry_after = wait_of(fate)
        raise refused
    return Met(fate, record)
