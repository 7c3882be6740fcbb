"""QuickBooks Online over HTTP: the face of adapters.qbo, spoken to Intuit's API v3.

Minor version 75, the least that the API takes since August 2025. An access token that is
refused is renewed once, and the request repeated as it was; every other repetition is
whoever calls' to decide, because only they know what a repetition may do.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import quote, urlencode

from src.adapters import qbo_errors
from src.adapters.exchange import Heard, Line, parsed_json
from src.adapters.multipart import Upload
from src.adapters.qbo import (
    LARGEST_BATCH,
    MARK,
    Change,
    File,
    Inclusion,
    entity_in,
    withdrawn_answers,
)
from src.config import normalize_sent_name
from src.kit import answers as said
from src.kit import net
from src.kit.answers import Answer, Unanswered, Withdrawn
from src.kit.errors import AUTHORIZE_AGAIN, STOPPED_EARLY, Refused

HOSTS = {
    "sandbox": "https://sandbox-quickbooks.api.intuit.com",
    "production": "https://quickbooks.api.intuit.com",
}
MINOR_VERSION = "75"
LONGEST_BATCH_ID = 36  # characters of its request id; the item's are added to it
JSON = "application/json"
# Without it QuickBooks drops custom fields from a record, and shows none. Nobody says
# whether a batch and a query honour it: what came back tells.
CUSTOM_FIELDS = {"include": "enhancedAllCustomFields"}
# What a session that gives no token means, by its exit code.
_ADVICE = {AUTHORIZE_AGAIN: said.REAUTHORIZE, STOPPED_EARLY: said.RETRY}


class Session(Protocol):
    """Who we are: gives access tokens, and another one for one that was refused."""

    def token(self) -> str:
        """Return the access token to use now."""

    def renew(self, rejected: str) -> str:
        """Return another access token than the one that was refused."""


class HttpCompany:
    """One company, over HTTP; safe for several threads.

    `with_custom_fields`: everything about customers shows theirs.
    """

    def __init__(
        self,
        session: Session,
        client: net.Client,
        realm_id: str,
        with_custom_fields: bool = False,
    ) -> None:
        self._inclusion = Inclusion(with_custom_fields)
        self._session, self._line = session, Line(client, "intuit_tid", _heard)
        self._base = f"/v3/company/{quote(realm_id, safe='')}"

    # --- questions --------------------------------------------------------------------

    def query(self, statement: str) -> dict[str, Any]:
        """Return the QueryResponse to a statement."""
        question, entity = _shortly(statement), entity_in(statement)
        query = {"query": statement, **self._included(entity)}
        body = self._ask("query", query, question)
        found = body.get("QueryResponse")
        if not isinstance(found, dict):
            raise _unclear(question)
        return found

    def read(self, entity: str, found: str) -> dict[str, Any]:
        """Return one record by its id."""
        path = f"{entity.lower()}/{quote(found, safe='')}"
        told = self._included(entity)
        record = self._ask(path, told, f"{entity} {found}").get(entity)
        if not isinstance(record, dict):
            raise _unclear(f"{entity} {found}")
        return record

    def changes_since(self, entities: Sequence[str], moment: str) -> dict[str, list]:
        """Return the records of each entity that changed since a moment."""
        told = {"entities": ",".join(entities), "changedSince": moment}
        body = self._ask("cdc", told, "changes")
        found: dict[str, list] = {entity: [] for entity in entities}
        for part in body.get("CDCResponse") or ():
            for answer in part.get("QueryResponse") or ():
                for entity in found:
                    found[entity] += answer.get(entity) or []
        return found

    def download(self, attachable_id: str) -> bytes:
        """Return an attachable's content, by the link that QuickBooks gives for it."""
        path = f"download/{quote(attachable_id, safe='')}"
        heard = self._send(net.Request("GET", self._path(path, {})))
        link = heard.raw.decode("utf-8", "replace").strip().strip('"')
        origin, _, rest = link.partition("://")[2].partition("/")
        if heard.answer.status_code != 200 or not origin:
            raise Unanswered(f"attachable {attachable_id}", heard.answer)
        client = net.Client(f"{link.partition('://')[0]}://{origin}")
        try:
            response = client.send(net.Request("GET", f"/{rest}"))  # the link is the key
        except (net.NotSent, net.Broken) as error:
            raise Unanswered("download", Answer(said.UNKNOWN, error=str(error))) from None
        finally:
            client.close()
        if response.status != 200:
            raise Unanswered("download", qbo_errors.refusal(response.status, []))
        return response.body

    def _included(self, entity: str) -> dict[str, str]:
        return CUSTOM_FIELDS if self._inclusion.in_question(entity) else {}

    def _ask(self, path: str, query: Mapping[str, str], question: str) -> Mapping[str, Any]:
        """Return the body of an answer; raises Unanswered."""
        heard = self._send(net.Request("GET", self._path(path, query)))
        if heard.answer.kind != said.APPLIED:
            raise Unanswered(question, heard.answer)
        return heard.body

    # --- uploads ----------------------------------------------------------------------

    def upload(self, files: Sequence[File], request_id: str) -> list[Answer]:
        """Attach files in one request; return an answer per file, in their order."""
        upload = Upload(files, request_id)
        path = self._path("upload", {"requestid": request_id} if request_id else {})
        headers = {"Content-Type": upload.content_type}
        request = net.Request("POST", path, headers, upload.blocks, upload.length)
        try:
            heard = self._send(request)
        except Withdrawn as withdrawn:
            return withdrawn_answers(files, withdrawn)
        if heard.answer.kind != said.APPLIED:
            return [heard.answer] * len(files)
        parts = heard.body.get("AttachableResponse")
        found = parts if isinstance(parts, list) else []
        answers = [_of_part(part, heard.answer) for part in found[: len(files)]]
        unclear = heard.answer._replace(
            kind=said.UNKNOWN, error="the answer says nothing of this file"
        )
        answers += [unclear] * (len(files) - len(answers))
        return [_of_this(file, answer) for file, answer in zip(files, answers)]

    # --- other writes -----------------------------------------------------------------

    def write(self, change: Change, request_id: str = "") -> Answer:
        """Carry out one change."""
        query = self._told_with([change], request_id)
        if change.operation != "create":
            query["operation"] = change.operation
        heard = self._post(change.entity.lower(), query, change.record)
        if heard.answer.kind != said.APPLIED:
            return heard.answer
        return _of_part(heard.body, heard.answer)

    def batch(self, changes: Sequence[Change], request_id: str = "") -> list[Answer]:
        """Carry out up to 30 changes in one request; each succeeds or fails by itself."""
        assert len(changes) <= LARGEST_BATCH and len(request_id) <= LONGEST_BATCH_ID
        items = [
            {"bId": f"b{number}", "operation": one.operation, one.entity: one.record}
            for number, one in enumerate(changes)
        ]
        query = self._told_with(changes, request_id)
        heard = self._post("batch", query, {"BatchItemRequest": items})
        if not 200 <= heard.answer.status_code < 300:
            return [heard.answer] * len(changes)
        parts = heard.body.get("BatchItemResponse")
        found: dict[str, list[Any]] = {}  # in the answer's order, which is any
        for part in parts if isinstance(parts, list) else ():
            if isinstance(part, dict):
                found.setdefault(str(part.get("bId")), []).append(part)
        told = (found.get(f"b{n}", ()) for n in range(len(changes)))
        return [_of_part(one[0] if len(one) == 1 else None, heard.answer) for one in told]

    def _told_with(self, changes: Sequence[Change], request_id: str) -> dict[str, str]:
        """Return what the address of a write says beside where it goes."""
        query = {"requestid": request_id} if request_id else {}
        is_included = self._inclusion.in_writes(changes)
        return {**query, **CUSTOM_FIELDS} if is_included else query

    def _post(self, path: str, query: Mapping[str, str], body: Mapping[str, Any]) -> Heard:
        headers = {"Content-Type": JSON}
        content = json.dumps(body).encode()
        return self._send(net.Request("POST", self._path(path, query), headers, content))

    # --- the exchange -----------------------------------------------------------------

    def _path(self, path: str, query: Mapping[str, str]) -> str:
        return f"{self._base}/{path}?{urlencode({**query, 'minorversion': MINOR_VERSION})}"

    def _send(self, request: net.Request) -> Heard:
        """Return what came back; an access token that is refused is renewed once."""
        try:
            token = self._session.token()
            heard = self._once(request, token)
            if heard.answer.status_code == said.UNAUTHORIZED:
                heard = self._once(request, self._session.renew(token))
            return heard
        except Refused as refused:  # there is no token to be had
            advice = _ADVICE.get(refused.exit_code, said.STOP)
            return Heard(Answer(said.NOT_APPLIED, error=str(refused), advice=advice))

    def _once(self, request: net.Request, token: str) -> Heard:
        headers = {"Authorization": f"Bearer {token}", "Accept": JSON, **request.headers}
        return self._line.ask(request._replace(headers=headers))


def _heard(response: net.Response) -> Heard:
    """Return what an answer says: success only for 2xx with a body that is none of error."""
    status, body = response.status, response.body
    if not 200 <= status < 300:
        return Heard(qbo_errors.refusal(status, qbo_errors.faults_of(body)))
    parsed = parsed_json(body)
    if not isinstance(parsed, dict):
        error = "an empty answer" if not body else "an answer that cannot be read"
        return Heard(Answer(said.UNKNOWN, status, error=error), raw=body)
    if faults := qbo_errors.faults_in(parsed):
        return Heard(qbo_errors.refusal(status, faults), parsed, body)
    return Heard(Answer(said.APPLIED, status), parsed, body)


def _of_part(part: Any, whole: Answer) -> Answer:
    """Return what one part of an answer says: a record, an error, or nothing clear."""
    if not isinstance(part, dict):
        return qbo_errors.untold(whole)
    if faults := qbo_errors.faults_in(part):
        told = qbo_errors.refusal(whole.status_code, faults)
    else:
        records = (value for value in part.values() if isinstance(value, dict))
        told = qbo_errors.success(next(records, {}), whole.status_code)
    return told._replace(trace_id=whole.trace_id, duration_ms=whole.duration_ms)


def _of_this(file: File, answer: Answer) -> Answer:
    """Return an answer, unknown where it is another file's."""
    told = answer.record
    is_its_own = told.get("Tag", MARK + file.key) == MARK + file.key
    if "Tag" not in told and "FileName" in told:
        is_its_own = told["FileName"] == normalize_sent_name(file.name)
    if answer.kind != said.APPLIED or is_its_own:
        return answer
    return answer._replace(kind=said.UNKNOWN, error="the answer is another file's")


def _shortly(statement: str) -> str:
    """Return a question as a message names it.

    >>> _shortly("select * from Customer where DisplayName = 'x'")
    'the query of Customer'
    """
    entity = entity_in(statement)
    return f"the query of {entity}" if entity else "the query"


def _unclear(question: str) -> Unanswered:
    return Unanswered(question, Answer(said.UNKNOWN, error="an answer of another shape"))
