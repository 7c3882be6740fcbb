"""The lists that nobody writes through the API: deletions, accounts, representatives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timezone
from typing import Any

from src.adapters.conductor import LIST_OBJECTS, TRANSACTIONS
from src.adapters.fakes.conductor import filters, refusal, wire
from src.adapters.fakes.conductor.filters import Looks
from src.adapters.fakes.conductor.givens import (
    ACCOUNTS,
    GIVENS,
    MADE_AT,
    SALES_REPRESENTATIVES,
    Given,
)
from src.adapters.fakes.conductor.manners import Record
from src.adapters.fakes.conductor.pages import envelope
from src.adapters.fakes.conductor.store import Deletion
from src.kit import clock as clocks

_KINDS = {
    "list-objects": ("objectTypes", "listType", "fullName", LIST_OBJECTS),
    "transactions": ("transactionTypes", "transactionType", "refNumber", TRANSACTIONS),
}


def deleted(
    deletions: Iterable[Deletion], which: str, query: Mapping[str, Any], offset: str
) -> Record:
    """Return what is gone of the types that are asked for, in its envelope."""
    types, type_name, called, words = _KINDS[which]
    zone = clocks.zone(offset)
    after = query.get("deletedAfter") and filters.moment(
        query["deletedAfter"], zone, time.min
    )
    before = query.get("deletedBefore") and filters.moment(
        query["deletedBefore"], zone, time.max
    )
    found = [
        {
            "id": one.id,
            "objectType": "qbd_deleted_" + which.replace("-", "_").removesuffix("s"),
            type_name: words[one.resource],
            "createdAt": one.created_at,
            "deletedAt": one.deleted_at,
            called: one.name or None,
        }
        for one in deletions
        if words.get(one.resource) in query[types]
        and (not after or one.deleted >= after)
        and (not before or one.deleted <= before)
    ]
    return envelope(f"deleted-{which}", found)


def accounts(query: Mapping[str, Any], offset: str) -> Record:
    """Return the chart of accounts in its envelope; raises Refusal."""
    records = [_account(given, offset) for given in GIVENS[ACCOUNTS].values()]
    return envelope(ACCOUNTS, _chosen(records, "fullName", query, offset))


def sales_representatives(query: Mapping[str, Any], offset: str) -> Record:
    """Return the sales representatives in their envelope; raises Refusal."""
    kind = SALES_REPRESENTATIVES
    records = [
        {
            **_base(kind, given, offset),
            "initial": given.full_name,
            "entity": {"id": given.id, "fullName": given.more},
        }
        for given in GIVENS[kind].values()
    ]
    return envelope(kind, _chosen(records, "initial", query, offset))


def end_user(found: str, now: datetime) -> Record:
    """Return an end user with the one connection it has."""
    moment = now.isoformat(timespec="milliseconds")
    connection = {
        "id": "int_conn_simulated",
        "objectType": "integration_connection",
        "createdAt": _made_at("+00:00"),
        "integrationSlug": "quickbooks_desktop",
        "lastRequestAt": moment,
        "lastSuccessfulRequestAt": moment,
    }
    return {
        "id": found,
        "objectType": "end_user",
        "createdAt": _made_at("+00:00"),
        "companyName": "Carryover Desktop Company",
        "sourceId": "carryover",
        "email": "books@carryover.example",
        "integrationConnections": [connection],
    }


def _account(given: Given, offset: str) -> Record:
    above, _, name = given.full_name.rpartition(":")
    parents = [one for one in GIVENS[ACCOUNTS].values() if one.full_name == above]
    return {
        **_base(ACCOUNTS, given, offset),
        "name": name,
        "fullName": given.full_name,
        "parent": {"id": parents[0].id, "fullName": above} if parents else None,
        "sublevel": given.full_name.count(":"),
        "accountType": given.more,
        "balance": "0.00",
        "totalBalance": "0.00",
    }


def _base(kind: str, given: Given, offset: str) -> Record:
    made = _made_at(offset)
    times = {"createdAt": made, "updatedAt": made, "revisionNumber": str(MADE_AT)}
    return {**wire.blank(kind), **times, "id": given.id, "isActive": True}


def _made_at(offset: str) -> str:
    return datetime.fromtimestamp(MADE_AT, clocks.zone(offset)).isoformat()


def _chosen(
    records: list[Record], name: str, query: Mapping[str, Any], offset: str
) -> list[Record]:
    which = next((one for one in filters.NAMED if query.get(one)), "")
    if which:
        key = "id" if which == "ids" else name
        return [_found(records, key, wanted) for wanted in query[which]]
    updated = datetime.fromtimestamp(MADE_AT, timezone.utc).isoformat()
    glances, looks = filters.glances(query, clocks.zone(offset)), filters.looks(query)
    chosen = [
        one
        for one in records
        if all(glance(Looks(one[name], True, updated)) for glance in glances)
        and all(look(one) for look in looks)
    ]
    return chosen[: query.get("limit")]


def _found(records: list[Record], key: str, wanted: str) -> Record:
    for record in records:
        if record[key].casefold() == wanted.casefold():
            return record
    raise refusal.not_in_query(wanted)
