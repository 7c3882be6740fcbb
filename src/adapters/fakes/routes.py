"""The simulated company over HTTP: from a path to what it does, faults included."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from hashlib import sha256
from random import Random
from typing import Any, NamedTuple

from src.adapters.fakes import arriving, batches, custom_fields, faces, parts, rules
from src.adapters.fakes.core import LARGEST_REQUEST, Core
from src.adapters.fakes.ledger import CREATED, Effect
from src.adapters.fakes.links import Links
from src.adapters.fakes.oauth import AuthorizationServer, Request
from src.adapters.fakes.refusal import Refusal
from src.adapters.fakes.scenario import (
    Asked,
    Faults,
    Temper,
    is_without_effect,
    refusal_of,
)
from src.adapters.fakes.throttle import Throttle
from src.adapters.qbo import MARK
from src.kit.clock import Clock
from src.kit.serving import Buffer, Call, Reply


class World(NamedTuple):
    """What the routes need of their company."""

    core: Core
    faults: Faults
    temper: Temper
    oauth: AuthorizationServer
    throttle: Throttle
    clock: Clock
    realm: str
    latency: float = 0.0  # seconds until a write has its effect, at most


class Routes:
    """An application for kit.serving; `base_url` is where it is served."""

    def __init__(self, world: World, base_url: str) -> None:
        self._world, self._base_url = world, base_url
        self._dice = Random(world.temper.seed)
        self._links = Links(world.realm, base_url)

    @property
    def _now(self) -> datetime:
        return self._world.clock.now()

    def answer(self, call: Call) -> Reply:
        """Return the answer to a call."""
        _, *steps = call.path.rstrip("/").split("/")
        if steps[:1] not in (["v3"], ["blob"]):
            return self._authorization(call)
        if steps[:1] == ["blob"] and len(steps) == 4:
            return self._blob(*steps[1:3])
        if steps[:2] != ["v3", "company"] or len(steps) < 4:
            return Reply(404, b"Not Found", "text/plain")
        return self._guarded(call, steps[2], steps[3:])

    def _authorization(self, call: Call) -> Reply:
        found = self._world.oauth.answer(
            (call.method, call.path),
            call.query,
            Request(call.headers, bytes(call.body)),
            self._base_url,
        )
        if not found:
            return Reply(404, b"Not Found", "text/plain")
        status, headers, body = found
        content_type = headers.pop("Content-Type", "application/json")
        return Reply(status, body, content_type, headers)

    def _guarded(self, call: Call, realm: str, steps: Sequence[str]) -> Reply:
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        if scheme.casefold() != "bearer" or not self._world.oauth.is_valid(token.strip()):
            detail = "Token expired" if token else "Malformed bearer token: too short or too long"
            return faces.unauthorized(
                self._now, 401, "3200", "AuthenticationFailed", detail
            )
        if realm != self._world.realm:
            name = "ApplicationAuthorizationFailed"
            return faces.unauthorized(self._now, 403, "3100", name, f"not for company {realm}")
        is_batch = steps[0].casefold() == "batch"
        weight = bytes(call.body).count(b'"bId"') if is_batch else 1
        with self._world.throttle.entered(is_batch, weight) as lets_through:
            if not lets_through:
                return faces.throttled(self._now)
            try:
                return self._dispatch(call, steps)
            except Refusal as refusal:
                return faces.refused(refusal, self._now)

    def _dispatch(self, call: Call, steps: Sequence[str]) -> Reply:
        name = steps[0].casefold()
        if (call.method, name) == ("POST", "upload"):
            return self._upload(call)
        if (call.method, name) == ("POST", "batch"):
            return self._batch(call)
        route = _ROUTES.get((call.method, name))
        if route:
            return self._met(name, call, lambda: route(self, call, steps))
        known = rules.ENTITIES.get(name, steps[0])
        if call.method == "GET" and len(steps) > 1:
            return self._met(
                f"read {known}",
                call,
                lambda: self._record(self._world.core.read(name, steps[1]), name, call),
            )
        if call.method != "POST":
            raise Refusal("500", f"Operation {call.method} is not supported.", "Operation")
        return self._write(call, known)

    def _write(self, call: Call, entity: str) -> Reply:
        body = _object(call.body)
        operation = call.query.get("operation", "").casefold()
        operation = operation or ("update" if body.get("Id") else "create")
        if operation == "void" or call.query.get("include", "").casefold() == "void":
            raise Refusal("500", "Operation void is not supported.", "Operation")
        request_id, core = self._request_id(call), self._world.core
        kept = custom_fields.seen(body, call.query)
        asked = Asked(f"{operation} {entity}", kept, call.query.get("requestid", ""))
        with core.lock:
            fate = self._world.faults.of_write(asked)
        if is_without_effect(fate):
            return self._spoiled(fate, None)
        self._linger()
        if refused := refusal_of(fate):
            core.refuse(operation, entity, refused, request_id)
        record = core.write(operation, entity, kept, request_id)
        return self._spoiled(fate, self._record(record, entity, call))

    # --- faults -----------------------------------------------------------------------

    def _met(self, name: str, call: Call, act: Callable[[], Reply]) -> Reply:
        """Return what an act answers, unless a fault comes before or after it."""
        with self._world.core.lock:
            digest = sha256(call.body).hexdigest()[:12] if call.length > 0 else ""
            asked = f"{name} {digest}{sorted(call.query.items())}"
            whole, [own] = self._world.faults.fate([name], asked)
            fate = whole or own  # 200:5010 concerns the one thing that is asked
            if fate:
                self._world.faults.failed([asked])
        if refused := refusal_of(fate):
            raise refused
        return self._spoiled(fate, None if is_without_effect(fate) else act())

    def _spoiled(self, fate: str, reply: Reply | None) -> Reply:
        """Return the answer that a fate lets through."""
        word, _, rest = fate.partition(":")
        if reply and word in ("", "wrong_size", "200"):
            return reply
        if word == "429":
            return faces.throttled(self._now, rest)
        if word == "401":
            return faces.unauthorized(
                self._now, 401, "3200", "AuthenticationFailed", "Token expired"
            )
        if word == "403":
            name = "ApplicationAuthorizationFailed"
            return faces.unauthorized(self._now, 403, "3100", name, "not for this company")
        if word == "503":
            return faces.unavailable()
        if word in ("drop", "drop_applied"):
            return Reply(0, line="drop")
        if word[:1] == "5":
            return faces.system_fault(self._now, int(word[:3]))
        assert reply
        if word == "cut_applied":
            return reply._replace(line="cut")
        if word == "empty_applied":
            return reply._replace(body=b"")
        if word == "garbage_applied":
            return reply._replace(body=b'{"AttachableResponse":[{"Attach')
        return reply._replace(line=fate) if word == "slow" else reply

    def _linger(self) -> None:
        """Wait as a busy server does, before a write has its effect."""
        if self._world.latency:
            self._world.clock.sleep(self._dice.uniform(0, self._world.latency))

    def _request_id(self, call: Call) -> str:
        request_id = call.query.get("requestid", "")
        if len(request_id) > 50:
            raise Refusal("2130", "requestid is longer than 50 characters", "requestid")
        return "" if self._world.temper.request_ids == "ignored" else request_id

    # --- records ----------------------------------------------------------------------

    def _record(self, record: Mapping[str, Any], entity: str, call: Call) -> Reply:
        name = rules.ENTITIES.get(entity.casefold()) or {
            one.casefold(): one for one in rules.READ_ONLY
        }.get(entity.casefold(), entity)
        return faces.json_reply({name: self._shown(record, call)}, self._now)

    def _shown(self, record: Mapping[str, Any], call: Call) -> Mapping[str, Any]:
        """Return a record as whoever calls may see it, a file with its links."""
        return self._links.linked(custom_fields.seen(record, call.query))

    def _blob(self, found: str, signature: str) -> Reply:
        if signature != self._links.signature(found):
            return Reply(403, b"Forbidden", "text/plain")
        try:
            return Reply(200, self._world.core.content(found), "application/octet-stream")
        except Refusal:
            return Reply(404, b"Not Found", "text/plain")

    def _query(self, call: Call, steps: Sequence[str]) -> Reply:
        statement = call.query.get("query") or bytes(call.body).decode("utf-8", "replace")
        return faces.json_reply({"QueryResponse": self._found(statement, call)}, self._now)

    def _found(self, statement: str, call: Call) -> dict[str, Any]:
        """Return a QueryResponse, its files with their links."""
        found = dict(self._world.core.query(statement))
        for name, value in found.items():
            if isinstance(value, list):
                found[name] = [self._shown(one, call) for one in value]
        return found

    def _download(self, call: Call, steps: Sequence[str]) -> Reply:
        record = self._links.linked(self._world.core.read("attachable", steps[-1]))
        if "TempDownloadUri" not in record:
            raise Refusal("610", "Object Not Found : it has no file")
        return Reply(200, record["TempDownloadUri"].encode(), "text/plain")

    def _singleton(self, call: Call, steps: Sequence[str]) -> Reply:
        return self._record(self._world.core.read(steps[0], "1"), steps[0], call)

    def _cdc(self, call: Call, steps: Sequence[str]) -> Reply:
        entities = [one.strip() for one in call.query.get("entities", "").split(",")]
        since = _moment(call.query.get("changedSince", ""))
        answers = []
        for name, records in zip(entities, self._world.core.changes(entities, since)):
            known = rules.ENTITIES.get(name.casefold(), name)
            size = {"startPosition": 1, "maxResults": len(records), "totalCount": len(records)}
            shown = [dict(self._shown(record, call)) for record in records]
            answers.append({known: shown, **size} if records else {})
        told = {"CDCResponse": [{"QueryResponse": answers}]}
        return faces.json_reply(told, self._now)._replace(content_type="text/plain")

    # --- batch ------------------------------------------------------------------------

    def _batch(self, call: Call) -> Reply:
        items = batches.items_in(_object(call.body))
        told, request_id = call.query.get("requestid", ""), self._request_id(call)
        asked = [batches.asked(one, told) for one in items]
        with self._world.core.lock:
            fate, own = self._world.faults.of_batch(asked, told)
        if refused := refusal_of(fate):
            raise refused
        if is_without_effect(fate):
            return self._spoiled(fate, None)
        self._linger()
        batch = batches.Batch(
            self._world.core,
            request_id,
            call.query,
            lambda record: self._shown(record, call),
            lambda statement: self._found(statement, call),
        )
        answers = list(map(batch.answer, items, own))
        reply = faces.json_reply({"BatchItemResponse": answers}, self._now)
        return self._spoiled(fate, reply)

    # --- upload -----------------------------------------------------------------------

    def _upload(self, call: Call) -> Reply:
        if call.length < 0 or "content-length" not in call.headers:
            raise Refusal("6020", "the upload has no Content-Length")
        if call.length > LARGEST_REQUEST:
            raise Refusal("6030", f"{call.length} bytes", status=413)
        uploads = parts.uploads_in(call.headers.get("content-type", ""), call.body)
        request_id = self._request_id(call)
        names = [arriving.name_of(one) for one in uploads]
        core, faults = self._world.core, self._world.faults
        first = arriving.tag_of(uploads[0]).removeprefix(MARK) or names[0]
        with core.lock:
            fate, own = faults.fate(names, first)
        arrived = [arriving.incoming(one, mine or fate) for one, mine in zip(uploads, own)]
        if fate:
            faults.failed(one.tag.removeprefix(MARK) or one.name for one in arrived)
        if is_without_effect(fate):
            with core.lock:
                core.fail(arrived, request_id, fate)
            return self._spoiled(fate, None)
        self._linger()
        with core.lock:
            effects = core.replayed(request_id) if request_id else None
            if effects is None:
                effects = core.attach(arrived, request_id, fate == "wrong_size")
        return self._spoiled(fate, self._attached(effects))

    def _attached(self, effects: Sequence[Effect]) -> Reply:
        whole = [one.code for one in effects if one.code.startswith("400:")]
        if whole:
            raise Refusal(whole[0][4:], "the whole upload is refused")
        answers = []
        for effect in effects:
            if effect.status == CREATED:
                shown = self._links.linked(self._world.core.shown(effect))
                answers.append({"Attachable": shown})
            else:
                code = effect.code.partition(":")[2]
                answers.append(faces.fault(Refusal(code, effect.file_name).fault))
        return faces.json_reply({"AttachableResponse": answers}, self._now)


_ROUTES = {
    ("GET", "query"): Routes._query,
    ("POST", "query"): Routes._query,
    ("GET", "cdc"): Routes._cdc,
    ("GET", "download"): Routes._download,
    ("GET", "companyinfo"): Routes._singleton,
    ("GET", "preferences"): Routes._singleton,
}


def _object(body: Buffer) -> dict[str, Any]:
    try:
        found = json.loads(bytes(body))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Refusal("2010", "the body is no JSON object")
    return found


def _moment(text: str) -> str:
    try:
        found = datetime.fromisoformat(text.strip().replace(" ", "+").replace("Z", "+00:00"))
        found = found if found.tzinfo else found.replace(tzinfo=timezone.utc)
        return found.astimezone(timezone.utc).isoformat(timespec="microseconds")
    except (ValueError, OverflowError):
        raise Refusal("4001", f"changedSince {text!r} is no date", "changedSince") from None
