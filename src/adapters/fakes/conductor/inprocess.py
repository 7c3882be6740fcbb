"""A simulated company file of QuickBooks Desktop, in process: the face pipelines use."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from src.adapters import conductor_errors
from src.adapters.conductor import LIST_OBJECTS, TRANSACTIONS, Change, Query
from src.adapters.conductor_errors import Fault
from src.adapters.fakes.conductor import calls
from src.adapters.fakes.conductor.calls import Asked
from src.adapters.fakes.conductor.core import Core, Manners, Record
from src.adapters.fakes.conductor.faults import Faults, Temper
from src.adapters.fakes.conductor.refusal import Refusal
from src.kit import answers as said
from src.kit.answers import Answer, Unanswered
from src.kit.clock import Clock

NO_ANSWER = "connection closed without an answer"
END_USER = "end_usr_demo"
_DELETIONS = (
    ("deleted-list-objects", "objectTypes", LIST_OBJECTS),
    ("deleted-transactions", "transactionTypes", TRANSACTIONS),
)
Ask = Callable[[], Asked]


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
            page = self._listed(resource, {**asked, **more})
            yield from page["data"]
            cursor = page.get("nextCursor") or ""
            if not cursor:
                return

    def read(self, resource: str, record_id: str) -> dict[str, Any] | None:
        """Return one record, None where the company has none of this id."""
        answer = self._answer(lambda: calls.reading(self.core, resource, record_id))
        if conductor_errors.is_missing(answer):
            return None
        return _good(answer, f"{resource} {record_id}")

    def deleted(self, resources: Sequence[str], after: str) -> list[dict[str, Any]]:
        """Return what was deleted since a moment, one question for each of both kinds."""
        since = {"deletedAfter": after} if after else {}
        found: list[dict[str, Any]] = []
        for name, types, words in _DELETIONS:
            wanted = [words[one] for one in resources if one in words]
            if wanted:
                found += self._listed(name, {types: wanted, **since})["data"]
        return found

    def accounts(self) -> list[dict[str, Any]]:
        """Return the chart of accounts."""
        return list(self._listed("accounts", {"status": "all"})["data"])

    def sales_representatives(self) -> list[dict[str, Any]]:
        """Return the sales representatives."""
        return list(self._listed("sales-representatives", {"status": "all"})["data"])

    def end_user(self) -> dict[str, Any] | None:
        """Return whose company file it is."""
        asked = Asked("end-user", "", partial(self.core.end_user, END_USER))
        return _good(self._answer(lambda: asked), "the end user")

    def health(self) -> Answer:
        """Return whether the company file answers."""
        return self._answer(lambda: calls.health(self.core))

    def _listed(self, resource: str, query: Query) -> Record:
        pairs = [*_pairs(query)]
        answer = self._answer(lambda: calls.listing(self.core, resource, pairs))
        return _good(answer, f"the list of {resource}")

    # --- writes -----------------------------------------------------------------------

    def write(self, change: Change) -> Answer:
        """Carry out one change, once."""
        began = time.perf_counter()
        as_sent = json.loads(json.dumps(change.body))  # as the wire would bring it
        sent = change._replace(body=as_sent)
        answer = self._answer(lambda: calls.changing(self.core, sent))
        took = round((time.perf_counter() - began) * 1000)
        if answer.kind == said.APPLIED:
            answer = answer._replace(remote_id=answer.record["id"])
        return answer._replace(duration_ms=took)

    # --- what comes between -----------------------------------------------------------

    def _answer(self, ask: Ask) -> Answer:
        """Return the answer to a call as what goes wrong with it lets it through."""
        with self.core.lock:
            return self._met(ask)._replace(trace_id=f"req_{next(self._numbers):012x}")

    def _met(self, ask: Ask) -> Answer:
        try:
            fate, record = calls.met(self._faults, ask())
        except Refusal as refused:
            return _refused(refused)
        word, _, seconds = fate.partition(":")
        if word == "slow":
            self._clock.sleep(float(seconds))
        elif word:
            return Answer(said.UNKNOWN, error=NO_ANSWER)
        return Answer(said.APPLIED, 200, record=record)


def _refused(refused: Refusal) -> Answer:
    fault = Fault(refused.message, refused.type, refused.code, refused.integration_code)
    answer = conductor_errors.refusal(refused.status, fault)
    return answer._replace(retry_after=float(refused.retry_after or 0))


def _good(answer: Answer, question: str) -> dict[str, Any]:
    if answer.kind != said.APPLIED:
        raise Unanswered(question, answer)
    return dict(answer.record)


def _pairs(query: Query) -> Iterator[tuple[str, str]]:
    """Yield a query's pairs; an array is its name repeated."""
    for name, value in query.items():
        for one in [value] if isinstance(value, str) else value:
            yield name, one
