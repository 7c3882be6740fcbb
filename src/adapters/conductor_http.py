"""QuickBooks Desktop over HTTP: the face of adapters.conductor, spoken to Conductor.

Nothing is repeated in here: Conductor knows no request ids, so a create that went twice
is two records, and a cursor that is asked again answers with the page after the next.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from src.adapters import conductor_errors
from src.adapters.conductor import (
    CREATE,
    DELETE,
    LIST_OBJECTS,
    TRANSACTIONS,
    VOID,
    Change,
    Query,
)
from src.adapters.exchange import Heard, Line, parsed_json
from src.kit import answers as said
from src.kit import net
from src.kit.answers import Answer, Unanswered

API = "https://api.conductor.is/v1"
DESKTOP = "/quickbooks-desktop"
LARGEST_PAGE = "150"
UNPAGED = "inventory-adjustments"  # QuickBooks gives them all at once
JSON = "application/json"
# What a record says of itself, and what the answer to a write must say.
_DONE = {DELETE: "deleted", VOID: "voided"}

Pairs = Sequence[tuple[str, str]]
_ALL: Pairs = [("status", "all")]  # without a limit: these lists have no further pages


class HttpDesktop:
    """One company file, over HTTP; safe for several threads, though one is as fast."""

    def __init__(self, client: net.Client, secret_key: str, end_user_id: str) -> None:
        self._line = Line(client, "conductor-request-id", _heard)
        self._end_user_id = end_user_id
        self._headers = {"Authorization": f"Bearer {secret_key}", "Accept": JSON}

    # --- questions --------------------------------------------------------------------

    def records(self, resource: str, query: Query) -> Iterator[dict[str, Any]]:
        """Yield the records of a list; an answer that is none of a list ends in Unanswered."""
        asked = dict(query)
        if resource in LIST_OBJECTS:
            asked = {"status": "all", **asked}
        if resource != UNPAGED:
            asked = {"limit": LARGEST_PAGE, **asked}
        yield from self._pages(resource, _pairs(asked))

    def read(self, resource: str, record_id: str) -> dict[str, Any] | None:
        """Return one record, None where QuickBooks has none of this id."""
        question = f"{resource} {record_id}"
        heard = self._desktop("GET", f"{resource}/{quote(record_id, safe='')}")
        if conductor_errors.is_missing(heard.answer):
            self._check_end_user(heard.answer)
            return None
        record = dict(_good(heard, question))
        if record.get("id") != record_id:
            raise _unclear(question)
        return record

    def deleted(self, resources: Sequence[str], after: str) -> list[dict[str, Any]]:
        """Return what was deleted since a moment, one question for each of both kinds."""
        since = [("deletedAfter", after)] if after else []
        found: list[dict[str, Any]] = []
        for path, name, kinds in (
            ("deleted-list-objects", "objectTypes", LIST_OBJECTS),
            ("deleted-transactions", "transactionTypes", TRANSACTIONS),
        ):
            asked = [(name, kinds[one]) for one in resources if one in kinds]
            if asked:
                found += self._pages(path, [*asked, *since])
        return found

    def accounts(self) -> list[dict[str, Any]]:
        """Return the chart of accounts."""
        return list(self._pages("accounts", _ALL))

    def sales_representatives(self) -> list[dict[str, Any]]:
        """Return the sales representatives."""
        return list(self._pages("sales-representatives", _ALL))

    def end_user(self) -> dict[str, Any] | None:
        """Return whose company file it is, None where Conductor does not know them."""
        path = f"/end-users/{quote(self._end_user_id, safe='')}"
        heard = self._exchange(net.Request("GET", path))
        if heard.answer.status_code == 404 and conductor_errors.is_missing(heard.answer):
            return None
        return dict(_good(heard, f"end user {self._end_user_id}"))

    def health(self) -> Answer:
        """Return whether QuickBooks answers; APPLIED where it does."""
        heard = self._desktop("GET", "health-check")
        if heard.answer.kind == said.APPLIED and heard.body.get("status") != "ok":
            return heard.answer._replace(kind=said.UNKNOWN, error="not ok")
        return heard.answer

    def _pages(self, path: str, pairs: Pairs) -> Iterator[dict[str, Any]]:
        """Yield the records of all pages, each asked for once."""
        cursor = ""
        before: list[Any] = []
        while True:
            more = [("cursor", cursor)] if cursor else []
            body = _good(self._desktop("GET", path, [*pairs, *more]), f"the list of {path}")
            found = body.get("data")
            is_list = isinstance(found, list) and all(map(_is_record, found))
            if not is_list or (cursor and found == before):  # or it would never end
                raise _unclear(f"the list of {path}")
            yield from found
            cursor, before = body.get("nextCursor") or "", found
            # Who only looks at the cursor asks for ever: it is the same on every page.
            if not cursor or not found or body.get("hasMore") is False:
                return

    def _check_end_user(self, answer: Answer) -> None:
        """Raise where a 404 may be about the end user: then nothing is known of records."""
        if answer.status_code == 404 and self.end_user() is None:
            raise Unanswered(f"end user {self._end_user_id}", answer)

    # --- writes -----------------------------------------------------------------------

    def write(self, change: Change) -> Answer:
        """Carry out one change, once."""
        path = change.resource
        if change.verb != CREATE:
            path += f"/{quote(change.record_id, safe='')}"
        if change.verb == VOID:
            path += "/void"
        if change.verb in _DONE:
            heard = self._desktop("DELETE" if change.verb == DELETE else "POST", path)
        else:
            heard = self._desktop("POST", path, body=json.dumps(change.body).encode())
        if heard.answer.kind != said.APPLIED:
            return heard.answer
        problem = _problem(change, heard.body)
        if problem:
            return heard.answer._replace(kind=said.UNKNOWN, error=problem)
        return heard.answer._replace(remote_id=heard.body["id"], record=heard.body)

    # --- the exchange -----------------------------------------------------------------

    def _desktop(
        self, method: str, path: str, pairs: Pairs = (), body: bytes = b""
    ) -> Heard:
        """Return what a call about the company file brought."""
        query = f"?{urlencode(pairs)}" if pairs else ""
        headers = {"Conductor-End-User-Id": self._end_user_id}
        if body:
            headers["Content-Type"] = JSON
        return self._exchange(net.Request(method, f"{DESKTOP}/{path}{query}", headers, body))

    def _exchange(self, request: net.Request) -> Heard:
        headers = {**self._headers, **request.headers}
        return self._line.ask(request._replace(headers=headers))


def _pairs(query: Query) -> list[tuple[str, str]]:
    """Return a query as pairs; an array is its name repeated.

    >>> _pairs({"ids": ["a", "b"], "limit": "5"})
    [('ids', 'a'), ('ids', 'b'), ('limit', '5')]
    """
    return [
        (name, one)
        for name, value in query.items()
        for one in ([value] if isinstance(value, str) else value)
    ]


def _heard(response: net.Response) -> Heard:
    """Return what an answer says: success only for 2xx with an object of another kind."""
    status, body = response.status, response.body
    if not 200 <= status < 300:
        return Heard(conductor_errors.refusal(status, conductor_errors.fault_of(body)))
    parsed = parsed_json(body)
    if not isinstance(parsed, dict) or "error" in parsed:
        error = "an empty answer" if not body else "an answer that cannot be read"
        return Heard(Answer(said.UNKNOWN, status, error=error))
    return Heard(Answer(said.APPLIED, status), parsed)


def _good(heard: Heard, question: str) -> Mapping[str, Any]:
    """Return the body of a good answer; raises Unanswered."""
    if heard.answer.kind != said.APPLIED:
        raise Unanswered(question, heard.answer)
    return heard.body


def _problem(change: Change, record: Mapping[str, Any]) -> str:
    """Return why an answer is none to this change, empty if it is one."""
    if not _is_record(record):
        return "an answer without an id"
    kind = "qbd_" + change.resource.replace("-", "_").removesuffix("s")
    is_its_own = change.verb == CREATE or record["id"] == change.record_id
    sent, shown = change.body.get("externalId"), record.get("externalId")
    if change.verb == CREATE and sent and shown and sent.casefold() != shown.casefold():
        is_its_own = False
    if not is_its_own or record.get("objectType") != kind:
        return "the answer is another record's"
    done = _DONE.get(change.verb)
    return "" if not done or record.get(done) is True else f"the answer says not {done}"


def _is_record(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("id"), str) and value["id"] != ""


def _unclear(question: str) -> Unanswered:
    return Unanswered(question, Answer(said.UNKNOWN, error="an answer of another shape"))
