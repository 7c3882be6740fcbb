"""A simulated company file of QuickBooks Desktop, in process: the face pipelines use."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from src.adapters import conductor_errors
from src.adapters.conductor import (
    CREATE,
    DELETE,
    LIST_OBJECTS,
    RESOURCES,
    TRANSACTIONS,
    UPDATE,
    VOID,
    Change,
    Query,
)
from src.adapters.conductor_errors import Fault
from src.adapters.fakes.conductor import refusal, schema
from src.adapters.fakes.conductor.core import Core, Manners, Record
from src.adapters.fakes.conductor.faults import (
    Faults,
    Temper,
    is_applied,
    refusal_of,
    wait_of,
)
from src.adapters.fakes.conductor.refusal import Refusal
from src.kit import answers as said
from src.kit.answers import Answer, Unanswered
from src.kit.clock import Clock

NO_ANSWER = "connection closed without an answer"
END_USER = "end_usr_demo"
NO_VOID = ("sales-orders", "purchase-orders")
_DELETIONS = (
    ("list-objects", "objectTypes", LIST_OBJECTS),
    ("transactions", "transactionTypes", TRANSACTIONS),
)


class Asked(NamedTuple):
    """What a scenario calls a call, by what chance knows it, and what it does."""

    name: str
    known_by: str
    act: Callable[[], Record]


class FakeDesktop:
    """The company file in a folder; safe for several threads, one process."""

    def __init__(
        self, folder: Path, temper: Temper, clock: Clock, manners: Manners = Manners()
    ) -> None:
        self.core = Core(folder, clock, manners)
        self._faults, self._clock = Faults(folder, temper), clock
        self._numbers = count(1)

    # --- questions --------------------------------------------------------------------

    def records(self, resource: str, query: Query) -> Iterator[dict[str, Any]]:
        """Yield the records of a list, page by page; `status` is all unless it is given."""
        asked = {"status": "all", **query} if resource in LIST_OBJECTS else dict(query)
        cursor = ""
        while True:
            more = {"cursor": cursor} if cursor else {}
            page = self._listed(resource, {**asked, **more}, self.core.page)
            yield from page["data"]
            cursor = page.get("nextCursor") or ""
            if not cursor:
                return

    def read(self, resource: str, record_id: str) -> dict[str, Any] | None:
        """Return one record, None where the company has none of this id."""
        act = partial(self.core.read, resource, record_id)
        answer = self._answer(Asked(f"read {resource}", record_id, act))
        if conductor_errors.is_missing(answer):
            return None
        return _good(answer, f"{resource} {record_id}")

    def deleted(self, resources: Sequence[str], after: str) -> list[dict[str, Any]]:
        """Return what was deleted since a moment, one question for each of both kinds."""
        since = {"deletedAfter": after} if after else {}
        found: list[dict[str, Any]] = []
        for which, types, words in _DELETIONS:
            wanted = [words[one] for one in resources if one in words]
            if wanted:
                query = {types: wanted, **since}
                answer = self._listed(f"deleted-{which}", query, self._deleted)
                found += answer["data"]
        return found

    def _deleted(self, resource: str, query: Mapping[str, Any]) -> Record:
        return self.core.deleted(resource.removeprefix("deleted-"), query)

    def accounts(self) -> list[dict[str, Any]]:
        """Return the chart of accounts."""
        lists = self._listed("accounts", {}, lambda _, query: self.core.accounts(query))
        return list(lists["data"])

    def sales_representatives(self) -> list[dict[str, Any]]:
        """Return the sales representatives."""
        name = "sales-representatives"
        act = self.core.sales_representatives
        return list(self._listed(name, {}, lambda _, query: act(query))["data"])

    def end_user(self) -> dict[str, Any] | None:
        """Return whose company file it is."""
        answer = self._answer(Asked("end-user", "", partial(self.core.end_user, END_USER)))
        return _good(answer, "the end user")

    def health(self) -> Answer:
        """Return whether the company file answers."""
        return self._answer(Asked("health-check", "", self.core.health))

    def _listed(
        self, resource: str, query: Query, act: Callable[[str, Mapping[str, Any]], Record]
    ) -> Record:
        pairs = [*_pairs(query)]

        def listed() -> Record:
            return act(resource, schema.check_query(resource, pairs))

        answer = self._answer(Asked(f"list {resource}", str(sorted(pairs)), listed))
        return _good(answer, f"the list of {resource}")

    # --- writes -----------------------------------------------------------------------

    def write(self, change: Change) -> Answer:
        """Carry out one change, once."""
        began = time.perf_counter()
        body = json.dumps(change.body, sort_keys=True, default=str)
        known_by = f"{change.record_id} {body}"
        name = f"{change.verb} {change.resource}"
        answer = self._answer(Asked(name, known_by, partial(self._written, change)))
        took = round((time.perf_counter() - began) * 1000)
        if answer.kind == said.APPLIED:
            answer = answer._replace(remote_id=answer.record["id"])
        return answer._replace(duration_ms=took)

    def _written(self, change: Change) -> Record:
        verb, resource, record_id, _ = change
        body = json.loads(json.dumps(change.body))  # as the wire would bring it
        if resource not in RESOURCES:
            raise refusal.no_route(resource)
        if verb in (CREATE, UPDATE):
            schema.check_body(resource, verb, body)
        if verb == CREATE:
            return self.core.create(resource, body)
        if verb == UPDATE:
            return self.core.update(resource, record_id, body)
        if resource not in TRANSACTIONS or (verb == VOID and resource in NO_VOID):
            raise refusal.no_route(f"{verb} {resource}")
        return (self.core.delete if verb == DELETE else self.core.void)(resource, record_id)

    # --- what comes between -----------------------------------------------------------

    def _answer(self, asked: Asked) -> Answer:
        """Return the answer to a call as what goes wrong with it lets it through."""
        with self.core.lock:
            return self._met(asked)._replace(trace_id=f"req_{next(self._numbers):012x}")

    def _met(self, asked: Asked) -> Answer:
        lucky_by = f"{asked.name} {asked.known_by}"
        fate, _ = self._faults.fate([asked.name], lucky_by)
        if fate:
            self._faults.failed([lucky_by])
        try:
            record = asked.act() if is_applied(fate) else {}
        except Refusal as refused:
            return _refused(refused)
        wrong = refusal_of(fate)
        if wrong:
            return _refused(wrong)._replace(retry_after=float(wait_of(fate) or 0))
        word, _, seconds = fate.partition(":")
        if word == "slow":
            self._clock.sleep(float(seconds))
        elif word:
            return Answer(said.UNKNOWN, error=NO_ANSWER)
        return Answer(said.APPLIED, 200, record=record)


def _refused(refused: Refusal) -> Answer:
    fault = Fault(refused.message, refused.type, refused.code, refused.integration_code)
    return conductor_errors.refusal(refused.status, fault)


def _good(answer: Answer, question: str) -> dict[str, Any]:
    if answer.kind != said.APPLIED:
        raise Unanswered(question, answer)
    return dict(answer.record)


def _pairs(query: Query) -> Iterator[tuple[str, str]]:
    """Yield a query's pairs; an array is its name repeated."""
    for name, value in query.items():
        for one in [value] if isinstance(value, str) else value:
            yield name, one
