"""The simulated company file over HTTP: from a path to what it does, faults included.

The layers are Conductor's: key, end user, route, schema; then QuickBooks takes one
request at a time, and its own rules decide. What nobody here needs (`passthrough`, the
other resources) is refused by name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence, Set
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import unquote

from src.adapters.conductor import CREATE, DELETE, UPDATE, VOID, Change
from src.adapters.fakes.conductor import calls, refusal
from src.adapters.fakes.conductor.calls import Asked, Met
from src.adapters.fakes.conductor.core import Core
from src.adapters.fakes.conductor.faults import Faults
from src.adapters.fakes.conductor.refusal import Refusal
from src.kit.clock import Clock
from src.kit.serving import Buffer, Call, Reply

BASE = "/v1"
DESKTOP = "quickbooks-desktop"
KEY = "sk_conductor_"
PATIENCE = 90.0  # seconds that Conductor waits for QuickBooks unless it is told otherwise


class World(NamedTuple):
    """What the routes need of their company file."""

    core: Core
    faults: Faults
    clock: Clock
    end_user_id: str
    latency: float = 0.0  # seconds that QuickBooks takes for a request
    any_length: Set[str] = frozenset()  # fields whose length nobody checks


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
        """Return what a call asks, its body and query checked; raises Refusal."""
        core, method = self._world.core, call.method
        if method == "GET" and steps == ["health-check"]:
            return calls.health(core)
        if method == "GET" and len(steps) == 1:
            return calls.listing(core, steps[0], call.pairs)
        if method == "GET" and len(steps) == 2:
            return calls.reading(core, *steps)
        verb = _WRITES.get((method, len(steps), *steps[2:]))
        if not verb:
            raise refusal.no_route(f"{method} {call.path}")
        calls.check_route(verb, steps[0])
        body = _parsed(call.body) if verb in (CREATE, UPDATE) else {}
        change = Change(verb, steps[0], *steps[1:2])._replace(body=body)
        return calls.changing(core, change, self._world.any_length)

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
            return _reply(calls.met(self._world.faults, asked))
        finally:
            self._quickbooks.release()
            if latency >= patience:  # whatever QuickBooks said came too late
                raise refusal.timed_out()


def _reply(met: Met) -> Reply:
    """Return an answer as its fate lets it through, once the effect is there."""
    reply = _json(met.record)
    word = met.fate.partition(":")[0].removesuffix("_applied")
    if word == "garbage":
        return reply._replace(body=reply.body[: len(reply.body) // 2])
    if word == "empty":
        return reply._replace(body=b"")
    return reply._replace(line=met.fate.removesuffix("_applied"))


# By method, the number of steps, and what comes after the id.
_WRITES = {
    ("POST", 1): CREATE,
    ("POST", 2): UPDATE,
    ("DELETE", 2): DELETE,
    ("POST", 3, "void"): VOID,
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
