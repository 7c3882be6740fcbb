"""The simulated company file over HTTP: from a path to what it does, faults included.

The layers are Conductor's: key, end user, route, schema; then QuickBooks takes one
request at a time, and its own rules decide. What nobody here needs (`passthrough`, the
other resources) is refused by name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence, Set
from functools import partial
from hashlib import sha256
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import unquote

from src.adapters.conductor import CREATE, DELETE, RESOURCES, TRANSACTIONS, UPDATE, VOID
from src.adapters.fakes.conductor import refusal, schema
from src.adapters.fakes.conductor.core import Core
from src.adapters.fakes.conductor.faults import Faults, is_applied, refusal_of, wait_of
from src.adapters.fakes.conductor.refusal import Refusal
from src.kit.clock import Clock
from src.kit.serving import Buffer, Call, Reply

BASE = "/v1"
DESKTOP = "quickbooks-desktop"
KEY = "sk_conductor_"
PATIENCE = 90.0  # seconds that Conductor waits for QuickBooks unless it is told otherwise
READABLE = ("accounts", "sales-representatives")
NO_VOID = ("sales-orders", "purchase-orders")

Act = Callable[[], Mapping[str, Any]]


class World(NamedTuple):
    """What the routes need of their company file."""

    core: Core
    faults: Faults
    clock: Clock
    end_user_id: str
    latency: float = 0.0  # seconds that QuickBooks takes for a request
    any_length: Set[str] = frozenset()  # fields whose length nobody checks


class Asked(NamedTuple):
    """A call about the company file: what a scenario calls it, and what it does."""

    name: str
    act: Act


class Routes:
    """What kit.serving's application answers; one request at a time meets QuickBooks."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._quickbooks = Lock()

    def answer(self, call: Call, request_id: str) -> Reply:
        """Return the answer to a call; errors name the request's id."""
        try:
            reply = self._authorized(call)
        except Refusal as refused:
            return _refused(refused, request_id)
        word, _, seconds = reply.line.partition(":")
        if word == "slow":
            self._world.clock.sleep(float(seconds))
            return reply._replace(line="")
        return reply

    def _authorized(self, call: Call) -> Reply:
        scheme, _, key = call.headers.get("authorization", "").partition(" ")
        if scheme.casefold() != "bearer" or not key.strip().startswith(KEY):
            raise refusal.bad_key()
        steps = [unquote(step) for step in call.path.strip("/").split("/")]
        if f"/{steps[0]}" == BASE and steps[1:2] == ["end-users"]:
            return self._of_end_users(call, steps[2:])
        if f"/{steps[0]}" != BASE or steps[1:2] != [DESKTOP]:
            raise refusal.no_route(call.path)
        self._check_end_user(call.headers.get("conductor-end-user-id", ""))
        return self._in_turn(call, self._asked(call, steps[2:]))

    def _of_end_users(self, call: Call, steps: Sequence[str]) -> Reply:
        if call.method == "GET" and not steps:
            found = [self._world.core.end_user(self._world.end_user_id)]
            return _json({"objectType": "list", "url": f"{BASE}/end-users", "data": found})
        if call.method == "GET" and len(steps) == 1:
            self._check_end_user(steps[0])
            return _json(self._world.core.end_user(steps[0]))
        if steps[1:2] == ["passthrough"]:
            raise refusal.invalid("passthrough is not simulated; use the typed resources")
        raise refusal.no_route(call.path)

    def _check_end_user(self, found: str) -> None:
        if not found:
            raise refusal.invalid('Missing required header: "Conductor-End-User-Id"')
        if found != self._world.end_user_id:
            raise refusal.no_end_user(found)

    # --- what is asked ----------------------------------------------------------------

    def _asked(self, call: Call, steps: Sequence[str]) -> Asked:
        """Return what a call asks, its body and query checked."""
        resource = steps[0] if steps else ""
        if call.method == "GET" and resource in _LISTS:
            return self._of_given(call, steps)
        if resource == "health-check" and call.method == "GET" and len(steps) == 1:
            return Asked("health-check", self._world.core.health)
        if resource not in RESOURCES:
            raise refusal.no_route(call.path)
        verb = _verb(call.method, steps)
        if not verb:
            raise refusal.no_route(f"{call.method} {call.path}")
        return Asked(f"{verb} {resource}", _ACTS[verb](self, call, *steps[:2]))

    def _of_given(self, call: Call, steps: Sequence[str]) -> Asked:
        """Return a question about lists that come with a company file."""
        resource = steps[0]
        act = partial(_LISTS[resource], self._world.core)
        if len(steps) == 2 and resource in READABLE:
            named = schema.check_query(resource, [("ids", steps[1])])
            return Asked(f"read {resource}", lambda: act(named)["data"][0])
        if len(steps) > 1:
            raise refusal.no_route(call.path)
        return Asked(f"list {resource}", partial(act, schema.check_query(resource, call.pairs)))

    def _list(self, call: Call, resource: str) -> Act:
        query = schema.check_query(resource, call.pairs)
        return lambda: self._world.core.page(resource, query)

    def _read(self, call: Call, resource: str, record_id: str) -> Act:
        return lambda: self._world.core.read(resource, record_id)

    def _create(self, call: Call, resource: str) -> Act:
        body = self._body(call, resource, CREATE)
        return lambda: self._world.core.create(resource, body)

    def _update(self, call: Call, resource: str, record_id: str) -> Act:
        body = self._body(call, resource, UPDATE)
        return lambda: self._world.core.update(resource, record_id, body)

    def _delete(self, call: Call, resource: str, record_id: str) -> Act:
        return lambda: self._world.core.delete(resource, record_id)

    def _void(self, call: Call, resource: str, record_id: str) -> Act:
        return lambda: self._world.core.void(resource, record_id)

    def _body(self, call: Call, resource: str, verb: str) -> Mapping[str, Any]:
        body = _parsed(call.body)
        schema.check_body(resource, verb, body, self._world.any_length)
        return body

    # --- QuickBooks, one request at a time --------------------------------------------

    def _in_turn(self, call: Call, asked: Asked) -> Reply:
        """Return the answer, or that it did not come in time: the effect may be there."""
        patience = _patience(call.headers.get("conductor-timeout-seconds", ""))
        if not self._quickbooks.acquire(timeout=patience):
            raise refusal.timed_out()
        latency = self._world.latency
        try:
            if latency:
                self._world.clock.sleep(min(latency, patience))
            return self._met(call, asked)
        finally:
            self._quickbooks.release()
            if latency >= patience:  # whatever QuickBooks said came too late
                raise refusal.timed_out()

    def _met(self, call: Call, asked: Asked) -> Reply:
        """Return what an act answers, unless a fault comes before or after it."""
        digest = sha256(call.body).hexdigest()[:12] if call.length > 0 else ""
        lucky_by = f"{asked.name} {call.path} {digest}{sorted(call.pairs)}"
        fate, _ = self._world.faults.fate([asked.name], lucky_by)
        if fate:
            self._world.faults.failed([lucky_by])
        reply = _json(asked.act()) if is_applied(fate) else Reply(0, line="drop")
        refused = refusal_of(fate)
        if refused:
            refused.retry_after = wait_of(fate)
            raise refused
        return _spoiled(fate, reply)


def _spoiled(fate: str, reply: Reply) -> Reply:
    """Return an answer as a fate lets it through, once the effect is there."""
    word = fate.partition(":")[0].removesuffix("_applied")
    if word == "garbage":
        return reply._replace(body=reply.body[: len(reply.body) // 2])
    if word == "empty":
        return reply._replace(body=b"")
    return reply._replace(line=fate.removesuffix("_applied")) if fate else reply


def _verb(method: str, steps: Sequence[str]) -> str:
    """Return what a method does to a list (one step), a record, or `<record>/void`."""
    if len(steps) == 3 and steps[2] == VOID and method == "POST":
        return VOID if steps[0] in TRANSACTIONS and steps[0] not in NO_VOID else ""
    if len(steps) > 2:
        return ""
    if method == "DELETE" and steps[0] not in TRANSACTIONS:
        return ""
    of_list = {"GET": "list", "POST": CREATE}
    of_record = {"GET": "read", "POST": UPDATE, "DELETE": DELETE}
    return (of_list if len(steps) == 1 else of_record).get(method, "")


_ACTS: Mapping[str, Callable[..., Act]] = {
    "list": Routes._list,
    "read": Routes._read,
    CREATE: Routes._create,
    UPDATE: Routes._update,
    DELETE: Routes._delete,
    VOID: Routes._void,
}
_LISTS: Mapping[str, Callable[[Core, Mapping[str, Any]], Mapping[str, Any]]] = {
    "accounts": lambda core, query: core.accounts(query),
    "sales-representatives": lambda core, query: core.sales_representatives(query),
    "deleted-list-objects": lambda core, query: core.deleted("list-objects", query),
    "deleted-transactions": lambda core, query: core.deleted("transactions", query),
}


def _parsed(body: Buffer) -> Any:
    try:
        return json.loads(bytes(body))
    except (ValueError, RecursionError):
        raise refusal.invalid("The request body is not valid JSON") from None


def _patience(text: str) -> float:
    """Return the seconds that a call lets QuickBooks have."""
    if not text:
        return PATIENCE
    is_number = text.isascii() and text.isdigit() and 0 < int(text[:9]) <= 3600
    if not is_number:
        raise refusal.invalid('Invalid header: "Conductor-Timeout-Seconds"')
    return float(text)


def _json(body: Mapping[str, Any], status: int = 200) -> Reply:
    return Reply(status, json.dumps(body).encode())


def _refused(refused: Refusal, request_id: str) -> Reply:
    """Return a refusal as an answer."""
    headers = {"Retry-After": refused.retry_after} if refused.retry_after else {}
    reply = _json(refused.body(request_id), refused.status)
    return reply._replace(headers=headers)
