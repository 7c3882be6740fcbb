"""Lists, page by page: what a cursor stands for, and how long.

A cursor is the same for all pages of a run and goes one way: each call returns the page
after the last one, whatever became of that. It lives 10 seconds from answer to call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from random import Random
from typing import Any

from src.adapters.fakes.conductor import filters, refusal
from src.adapters.fakes.conductor.filters import Looks
from src.adapters.fakes.conductor.givens import ACCOUNTS, GIVENS, ITEMS
from src.adapters.fakes.conductor.manners import Manners, Record
from src.adapters.fakes.conductor.store import Store
from src.adapters.fakes.conductor.views import Views
from src.kit import clock as clocks
from src.kit.clock import Clock

PAGE = 150
LIFETIME = 10.0  # seconds
UNPAGED = "inventory-adjustments"
_LISTS_OF = {
    "customerIds": ("customers",),
    "vendorIds": ("vendors",),
    "itemIds": ITEMS,
    "accountIds": (ACCOUNTS,),
}


class Run:
    """One list being taken page by page."""

    def __init__(self, resource: str, query: Mapping[str, Any], ids: list[str]) -> None:
        self.resource, self.query, self.ids = resource, query, ids
        self.position = 0
        self.answered = 0.0


class Pages:
    """The lists of a store; whoever calls holds the company's lock."""

    def __init__(self, store: Store, clock: Clock, manners: Manners) -> None:
        self._store, self._clock, self._manners = store, clock, manners
        self._views = Views(store)
        self._zone = clocks.zone(manners.utc_offset)
        self._runs: dict[str, Run] = {}
        self._count = 0

    def page(self, resource: str, query: Mapping[str, Any]) -> Record:
        """Return the first page of a list, or the one after the last; raises Refusal."""
        named = next((name for name in filters.NAMED if query.get(name)), "")
        if named:
            found = self._named(resource, named, query[named])
            return self._envelope(resource, query, self._shown(resource, query, found))
        if resource == UNPAGED:
            return self._unpaged(query)
        cursor = query.get("cursor", "")
        if cursor:
            run = self._going_on(resource, cursor)
        else:
            self._count += 1
            run = Run(resource, query, self._matching(resource, query))
            cursor = self._new_cursor()
        return self._next(run, cursor, query.get("limit", PAGE))

    def _next(self, run: Run, cursor: str, limit: int) -> Record:
        start, end = run.position, run.position + limit
        records = self._shown(run.resource, run.query, run.ids[start:end])
        remaining = max(len(run.ids) - end, 0)
        run.position, run.answered = end, self._clock.monotonic()
        if remaining or cursor in self._runs:
            self._runs[cursor] = run
        answer = envelope(run.resource, records)
        if run.resource == UNPAGED:
            return answer
        answer["nextCursor"] = cursor if remaining else None
        return {**answer, "remainingCount": remaining, "hasMore": remaining > 0}

    def _going_on(self, resource: str, cursor: str) -> Run:
        run = self._runs.get(cursor)
        if run is None or run.resource != resource:
            raise refusal.bad_cursor("is not known")
        if run.position >= len(run.ids):
            raise refusal.bad_cursor("is at its end")
        if self._is_old(run):
            raise refusal.bad_cursor("has expired")
        return run

    def _is_old(self, run: Run) -> bool:
        return self._clock.monotonic() - run.answered > LIFETIME

    def _new_cursor(self) -> str:
        """Return the name of a new run; runs that nobody goes on with are forgotten."""
        old = [name for name, run in self._runs.items() if self._is_old(run)]
        for name in old[:-100]:
            del self._runs[name]
        seed = f"{self._manners.seed}|{self._clock.timestamp()}|{self._count}"
        text = sha256(seed.encode()).hexdigest()
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:32]))

    # --- what a list holds ------------------------------------------------------------

    def _matching(self, resource: str, query: Mapping[str, Any]) -> list[str]:
        """Return the ids of what the filters let through, in an order that means nothing."""
        if self._manners.checks_rules:
            filters.check(query)
            self._check_named_in_filters(query)
        found = self._glanced(resource, query)
        if looks := filters.looks(query):
            found = [one for one in found if self._fits(resource, one, looks)]
        if "nameFrom" in query or "nameTo" in query:
            name = self._store.full_name
            return sorted(found, key=lambda one: filters.sort_key(name(resource, one)))
        Random(f"{self._manners.seed}|{resource}").shuffle(found)
        return found

    def _glanced(self, resource: str, query: Mapping[str, Any]) -> list[str]:
        glances = filters.glances(query, self._zone)
        found = []
        for one, entry in self._store.entries(resource).items():
            name = self._store.full_name(resource, one) if entry.parent else entry.name
            looks = Looks(name, entry.is_active, entry.updated)
            if all(glance(looks) for glance in glances):
                found.append(one)
        return found

    def _fits(
        self, resource: str, found: str, looks: Sequence[Callable[[Record], bool]]
    ) -> bool:
        record = self._store.find(resource, found) or {}
        shown = self._views.shown(resource, record)
        return all(look(shown) for look in looks)

    def _check_named_in_filters(self, query: Mapping[str, Any]) -> None:
        for name, kinds in _LISTS_OF.items():
            for found in query.get(name, ()):
                given = (GIVENS.get(kind) or self._store.entries(kind) for kind in kinds)
                if not any(found in one for one in given):
                    raise refusal.not_in_query(found)

    def _named(self, resource: str, which: str, wanted: Sequence[str]) -> list[str]:
        """Return the ids of what is asked for by name; one that is missing fails all."""
        known = self._store.entries(resource)
        found: dict[str, None] = {}
        for one in wanted:
            ids = [one] if which == "ids" else self._by_name(resource, which, one)
            if not ids or ids[0] not in known:
                raise refusal.not_in_query(one)
            found |= dict.fromkeys(ids)
        return list(found)

    def _by_name(self, resource: str, which: str, name: str) -> list[str]:
        if which == "refNumbers":
            entries = self._store.entries(resource)
            records = (self._store.find(resource, one) or {} for one in entries)
            return [one["id"] for one in records if one["refNumber"] == name]
        owner = self._store.owner(resource, name)
        return [owner[1]] if owner and owner[0] == resource else []

    def _shown(
        self, resource: str, query: Mapping[str, Any], ids: Iterable[str]
    ) -> list[Record]:
        found = (self._store.find(resource, one) for one in ids)
        records = [self._views.shown(resource, one) for one in found if one]
        cleared = {}
        if query.get("includeLineItems") is False:
            cleared |= {"lines": [], "lineGroups": []}
        if not query.get("includeLinkedTransactions"):
            cleared |= {"linkedTransactions": []}
        if query.get("excludeAlternateShippingAddresses"):
            cleared |= {"alternateShippingAddresses": None}
        for record in records:
            record |= {k: v for k, v in cleared.items() if k in record}
        return records

    def _envelope(
        self, resource: str, query: Mapping[str, Any], records: list[Record]
    ) -> Record:
        answer = envelope(resource, records)
        if resource == UNPAGED:
            return answer
        return {**answer, "nextCursor": None, "remainingCount": 0, "hasMore": False}

    def _unpaged(self, query: Mapping[str, Any]) -> Record:
        """Return the adjustments: all at once, and too many take too long."""
        found = self._matching(UNPAGED, query)
        most = self._manners.slow_adjustments_above
        if most and len(found) > most:
            raise refusal.timed_out()
        records = self._shown(UNPAGED, query, found[: query.get("limit")])
        return self._envelope(UNPAGED, query, records)


def envelope(resource: str, records: list[Record]) -> Record:
    """Return a list as every answer has it, without what belongs to pages."""
    url = f"/v1/quickbooks-desktop/{resource}"
    return {"objectType": "list", "url": url, "data": records}
