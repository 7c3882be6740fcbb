"""The HTTP client: what each answer of a server, good or bad, is taken for."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from src.adapters.qbo import Change
from src.adapters.qbo_http import HttpCompany
from src.attachments.outgoing import Outgoing
from src.kit import answers as said
from src.kit import net
from src.kit.errors import AUTHORIZE_AGAIN, Refused
from tests.peer import answering, read_head, read_request

NOW = datetime(2026, 11, 21, tzinfo=timezone.utc)
APPLIED, NOT_APPLIED, UNKNOWN = said.APPLIED, said.NOT_APPLIED, said.UNKNOWN
FAULT = {"Error": [{"Message": "Stale", "Detail": "old", "code": "5010"}], "type": "V"}
SYSTEM = {"Error": [{"Message": "Oops", "code": "10000"}], "type": "SystemFault"}
THROTTLED = (
    '<IntuitResponse><Fault type="SERVICE"><Error code="3001"><Message>ThrottleExceeded'
    "</Message><Detail>Try again later</Detail></Error></Fault></IntuitResponse>"
)


class File(NamedTuple):
    key: str = "k1"
    name: str = "a.pdf"
    size: int = 4
    entity_type: str = "Invoice"
    entity_id: str = "1"
    content_type: str = "application/pdf"

    def blocks(self) -> Iterator[bytes]:
        yield b"%PDF"


class Tokens:
    """A login that gives numbered tokens, or none."""

    def __init__(self, refused: Refused | None = None) -> None:
        self.renewals = 0
        self._refused = refused

    def token(self) -> str:
        if self._refused:
            raise self._refused
        return f"token-{self.renewals}"

    def renew(self, rejected: str) -> str:
        self.renewals += rejected == f"token-{self.renewals}"
        return self.token()


def http(status: int, body: object = b"", *headers: str) -> bytes:
    """Return an answer as it stands on the wire."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(text)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + text


def attached(*ids: object, **more: object) -> dict:
    parts = [{"Attachable": {"Id": one, "Size": 4, **more}} for one in ids]
    return {"AttachableResponse": parts}


@pytest.fixture
def company(peer):
    """Return what gives a company that answers so, one answer a request."""

    def company(*answers: bytes, tokens: Tokens | None = None) -> HttpCompany:
        client = net.Client(peer(answering(*answers)).url, 2)
        return HttpCompany(tokens or Tokens(), client, "42")

    return company


@pytest.mark.parametrize(
    ("answer", "kind", "error"),
    [
        (http(200, attached("7")), APPLIED, ""),
        (http(200, {"AttachableResponse": [{"Fault": FAULT}]}), NOT_APPLIED, "Stale: old (5010)"),
        (http(200, {"AttachableResponse": [{"Fault": SYSTEM}]}), UNKNOWN, "Oops (10000)"),
        (http(200, {"Fault": FAULT}), NOT_APPLIED, "Stale: old (5010)"),
        (http(200, {"fault": {"error": [{"code": "3200"}]}}), NOT_APPLIED, "3200"),
        (http(200), UNKNOWN, "an empty answer"),
        (http(200, b"<html>"), UNKNOWN, "cannot be read"),
        (http(200, b"[" * 60_000), UNKNOWN, "cannot be read"),
        (http(200, [1]), UNKNOWN, "cannot be read"),
        (http(200, {}), UNKNOWN, "says nothing of this file"),
        (http(200, {"AttachableResponse": None}), UNKNOWN, "says nothing of this file"),
        (http(200, {"AttachableResponse": [7]}), UNKNOWN, "lacks this part"),
        (http(200, {"AttachableResponse": [{}]}), UNKNOWN, "without an id"),
        (http(200, attached("")), UNKNOWN, "without an id"),
        (http(200, attached(7)), APPLIED, ""),
        (http(200, attached(True)), UNKNOWN, "without an id"),
        (http(200, attached("7", FileName="b.pdf")), UNKNOWN, "another file's"),
        (b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + http(200, attached("7")), APPLIED, ""),
        (b"HTTP/1.1 102 X\r\n\r\n", UNKNOWN, "closed"),
        (http(499), UNKNOWN, "499"),
        (http(400, {"Fault": {"Error": 5}}), NOT_APPLIED, "HTTP 400"),
        (http(503, b"<Error>" * 40_000), UNKNOWN, "Service Unavailable"),
        (http(200, attached("7", Tag="carryover:k2")), UNKNOWN, "another file's"),
        (http(302, b"", "Location: http://elsewhere/"), UNKNOWN, "HTTP 302"),
        (http(400, {"Fault": FAULT}), NOT_APPLIED, "5010"),
        (http(403), NOT_APPLIED, "Forbidden"),
        (http(404), NOT_APPLIED, "Not Found"),
        (http(408), UNKNOWN, "408"),
        (http(409), UNKNOWN, "409"),
        (http(413), NOT_APPLIED, "too large"),
        (http(429, THROTTLED.encode()), NOT_APPLIED, "ThrottleExceeded: Try again later (3001)"),
        (http(500, {"Fault": SYSTEM}), UNKNOWN, "10000"),
        (http(503, b"<html>down</html>"), UNKNOWN, "Service Unavailable"),
        (http(400, {"Fault": {"Error": [{"code": "600"}]}}), UNKNOWN, "600"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", UNKNOWN, "cut off"),
        (b"", UNKNOWN, "closed"),
    ],
)
def test_an_answer_to_an_upload_is_taken_for_what_it_says(company, answer, kind, error):
    [found] = company(answer).upload([File()], "r1")

    assert found.kind == kind
    assert error in found.error and (error or not found.error)


def test_an_answer_has_its_trace_its_status_and_what_came_back(company):
    body = attached("7", Tag="carryover:k1")

    [found] = company(http(200, body, "intuit_tid: 1-abc")).upload([File()], "r1")

    assert (found.remote_id, found.size, found.status_code) == ("7", 4, 200)
    assert (found.trace_id, found.record["Tag"]) == ("1-abc", "carryover:k1")


def test_of_two_files_and_one_answer_the_second_is_unknown(company):
    found = company(http(200, attached("7"))).upload([File(), File("k2")], "r1")

    assert [one.kind for one in found] == [APPLIED, UNKNOWN]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        ("0", 0),
        ("-5", 0),
        ("soon", 0),
        ("1_0", 0),
        ("٣", 0),
        (999_999_999_999, 999_999_999),
        (format_datetime(NOW + timedelta(seconds=90)), 90),
        (format_datetime(NOW - timedelta(seconds=90)), 0),
        ("Fri, 31 Dec 99999999999999999999 23:59:59 GMT", 0),
    ],
)
def test_a_hint_to_wait_is_read_a_date_by_the_servers_clock(company, header, seconds):
    date = f"Date: {format_datetime(NOW)}"
    answer = http(429, b"", date, f"Retry-After: {header}".encode().decode("latin-1"))

    assert company(answer).upload([File()], "r1")[0].retry_after == seconds


# --- authorization --------------------------------------------------------------------


def test_a_refused_token_is_renewed_once_and_the_request_repeated(company):
    tokens = Tokens()

    [found] = company(http(401), http(200, attached("7")), tokens=tokens).upload([File()], "r")

    assert (found.kind, tokens.renewals) == (APPLIED, 1)


def test_a_token_that_is_refused_twice_is_said(company):
    tokens = Tokens()

    [found] = company(http(401), http(401), tokens=tokens).upload([File()], "r1")

    assert found.is_unauthorized and found.kind == NOT_APPLIED
    assert tokens.renewals == 1


@pytest.mark.parametrize(("code", "is_unauthorized"), [(AUTHORIZE_AGAIN, True), (3, False)])
def test_without_a_token_nothing_is_sent(company, code, is_unauthorized):
    refused = Refused("log in first")
    refused.exit_code = code

    [found] = company(tokens=Tokens(refused)).upload([File()], "r1")

    assert (found.kind, found.error) == (NOT_APPLIED, "log in first")
    assert found.is_unauthorized == is_unauthorized


def test_the_request_names_the_company_its_id_and_the_minor_version(peer):
    heads: list[bytes] = []

    def serve(connection) -> None:
        heads.append(read_head(connection))
        connection.sendall(http(200, attached("7")))

    client = net.Client(peer(serve).url, 2)
    HttpCompany(Tokens(), client, "4/2").upload([File()], "r1")

    assert heads[0].startswith(
        b"POST /v3/company/4%2F2/upload?requestid=r1&minorversion=75 HTTP/1.1\r\n"
    )
    assert b"Authorization: Bearer token-0\r\n" in heads[0]


INCLUDED = b"include=enhancedAllCustomFields"
FIELDS = {"CustomField": [{"DefinitionId": "1", "StringValue": "Huye"}]}


def changing(entity: str, **record: object) -> Change:
    return Change("update", entity, {"Id": "1", **record})


@pytest.mark.parametrize("with_custom_fields", [True, False])
@pytest.mark.parametrize(
    ("ask", "is_included", "is_always"),
    [
        (lambda one: one.query("select * from Customer"), True, False),
        (lambda one: one.query("SELECT * FROM customer maxresults 5"), True, False),
        (lambda one: one.read("Customer", "1"), True, False),
        (lambda one: one.write(changing("Customer")), True, False),
        (lambda one: one.batch([changing("Vendor"), changing("Customer")]), True, False),
        (lambda one: one.write(changing("Vendor", **FIELDS)), True, True),
        (lambda one: one.query("select * from Vendor where a = ' from Customer'"), False, False),
        (lambda one: one.read("Attachable", "1"), False, False),
        (lambda one: one.batch([changing("Vendor")]), False, False),
        (lambda one: one.changes_since(["Customer"], "2026-01-01"), False, False),
    ],
)
def test_custom_fields_are_asked_for_where_it_is_about_customers_and_wished(
    peer, with_custom_fields, ask, is_included, is_always
):
    heads: list[bytes] = []

    def serve(connection) -> None:
        heads.append(read_head(connection))
        connection.sendall(http(200, {"QueryResponse": {}, "Customer": {}, "Attachable": {}}))

    client = net.Client(peer(serve).url, 2)
    ask(HttpCompany(Tokens(), client, "42", with_custom_fields))

    address = heads[0].split(b"\r\n")[0]
    assert (INCLUDED in address) is (is_always or (is_included and with_custom_fields))


# --- questions and other writes -------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "exit_code"),
    [
        (http(200, {"Fault": FAULT}), 2),
        (http(400, {"Fault": {"Error": [{"code": "4000"}]}}), 2),
        (http(429, THROTTLED.encode()), 3),
        (http(503), 3),
        (http(200), 3),
        (http(200, {"QueryResponse": []}), 3),
        (b"", 3),
    ],
)
def test_a_question_without_an_answer_says_how_the_run_ends(company, answer, exit_code):
    with pytest.raises(said.Unanswered) as unanswered:
        company(answer).query("select * from Customer")

    assert unanswered.value.exit_code == exit_code


def test_a_question_that_needs_a_login_ends_with_77(company):
    with pytest.raises(said.Unanswered) as unanswered:
        company(http(401), http(401)).query("select * from Customer")

    assert unanswered.value.exit_code == AUTHORIZE_AGAIN


def test_in_a_batch_every_answer_finds_its_change_by_its_id(company):
    parts = [{"bId": "b1", "Customer": {"Id": "8"}}, {"bId": "b0", "Fault": FAULT}]
    changes = [Change("create", "Customer", {})] * 3

    found = company(http(200, {"BatchItemResponse": parts})).batch(changes, "r")

    assert [one.kind for one in found] == [NOT_APPLIED, APPLIED, UNKNOWN]


CREATE = Change("create", "Customer", {"DisplayName": "A"})
MADE = [{"bId": f"b{n}", "Customer": {"Id": str(7 + n)}} for n in range(3)]


@pytest.mark.parametrize(
    ("body", "kinds", "error"),
    [
        ({"BatchItemResponse": MADE[::-1]}, [APPLIED] * 3, ""),
        ({"BatchItemResponse": MADE[1:]}, [UNKNOWN, APPLIED, APPLIED], "lacks this part"),
        ({"BatchItemResponse": []}, [UNKNOWN] * 3, "lacks this part"),
        ({"BatchItemResponse": None}, [UNKNOWN] * 3, "lacks this part"),
        ({"BatchItemResponse": 7}, [UNKNOWN] * 3, "lacks this part"),
        ({"BatchItemResponse": {"b0": MADE[0]}}, [UNKNOWN] * 3, "lacks this part"),
        ({"BatchItemResponse": ["b0", 7]}, [UNKNOWN] * 3, "lacks this part"),
        ({"BatchItemResponse": [{"bId": ["b0"]}]}, [UNKNOWN] * 3, "lacks this part"),
        ({"BatchItemResponse": [{"bId": "b0"}, *MADE[1:]]}, [UNKNOWN, APPLIED, APPLIED], "id"),
        ({"BatchItemResponse": [*MADE, MADE[0]]}, [UNKNOWN, APPLIED, APPLIED], "lacks"),
        ({"Fault": FAULT}, [UNKNOWN] * 3, "Stale: old (5010)"),
        ({"Fault": SYSTEM}, [UNKNOWN] * 3, "Oops (10000)"),
        ({"Fault": FAULT, "BatchItemResponse": MADE[1:]}, [UNKNOWN, APPLIED, APPLIED], "5010"),
        ({}, [UNKNOWN] * 3, "lacks this part"),
    ],
)
def test_what_the_answer_to_a_batch_does_not_say_is_unknown(company, body, kinds, error):
    found = company(http(200, body, "intuit_tid: t")).batch([CREATE] * 3, "r")

    assert [one.kind for one in found] == kinds
    assert all(one.remote_id == f"{7 + n}" for n, one in enumerate(found) if kinds[n] == APPLIED)
    assert error in found[0].error and {one.trace_id for one in found} == {"t"}


@pytest.mark.parametrize(
    ("answer", "kind", "error"),
    [
        (http(400, {"Fault": {"Error": [{"code": "1040"}]}}), NOT_APPLIED, "1040"),
        (http(429, THROTTLED.encode()), NOT_APPLIED, "ThrottleExceeded"),
        (http(503), UNKNOWN, "Service Unavailable"),
        (http(200), UNKNOWN, "an empty answer"),
        (http(200, b"{"), UNKNOWN, "cannot be read"),
        (b"", UNKNOWN, "closed"),
    ],
)
def test_what_befalls_a_batch_as_a_whole_is_said_of_every_item(company, answer, kind, error):
    found = company(answer).batch([CREATE] * 2, "r")

    assert [one.kind for one in found] == [kind] * 2
    assert all(error in one.error for one in found)


WITH_FIELDS = Change("create", "Vendor", {"CustomField": [{"DefinitionId": "1"}]})


@pytest.mark.parametrize(
    ("act", "is_included"),
    [
        (lambda company: company.write(CREATE, "r"), False),
        (lambda company: company.write(WITH_FIELDS, "r"), True),
        (lambda company: company.batch([CREATE] * 2), False),
        (lambda company: company.batch([CREATE, WITH_FIELDS], "r"), True),
        (lambda company: company.query("select * from Customer"), False),
        (lambda company: company.read("Customer", "7"), False),
        (lambda company: company.upload([File()], "r"), False),
    ],
)
def test_custom_fields_are_included_where_they_are_written(peer, act, is_included):
    body = {**attached("7"), "QueryResponse": {}, "Customer": {"Id": "7"}}
    there = peer(hearing := Hearing(http(200, body)))

    act(HttpCompany(Tokens(), net.Client(there.url, 2), "42"))

    assert (b"include=enhancedAllCustomFields" in hearing.heads[0]) == is_included


class Hearing:
    """Answers each connection so, and keeps what the request began with."""

    def __init__(self, answer: bytes) -> None:
        self.answer, self.heads = answer, []

    def __call__(self, connection: socket.socket) -> None:
        self.heads.append(read_request(connection))
        connection.sendall(self.answer)


def test_a_change_without_effect_and_without_an_error_is_unknown(company):
    answer = http(200, {"BatchItemResponse": [], "time": "2026"})

    found = company(answer).write(Change("update", "Customer", {"Id": "1", "SyncToken": "0"}))

    assert found.kind == UNKNOWN


# --- large files ----------------------------------------------------------------------


def large(tmp_path: Path, content: bytes) -> Outgoing:
    path = tmp_path / "large.pdf"
    path.write_bytes(content)
    found = Outgoing(str(path))
    found.key, found.name, found.entity_type, found.entity_id = "k1", "large.pdf", "Bill", "1"
    return found


def test_a_large_file_arrives_whole(served, tmp_path):
    content = bytes(range(256)) * 50_000

    [found] = served.company().upload([large(tmp_path, content)], "r1")

    assert (found.kind, found.size) == (APPLIED, len(content))
    assert served.company().download(found.remote_id) == content


@pytest.mark.parametrize("change", [b"x", b""], ids=["another content", "shorter"])
def test_a_large_file_that_changes_meanwhile_never_arrives(served, tmp_path, change):
    file = large(tmp_path, bytes(12_000_000))
    Path(file.path).write_bytes(bytes(12_000_000 - 1) + change)

    [found] = served.company().upload([file], "r1")

    assert (found.kind, found.is_withdrawn) == (NOT_APPLIED, True)
    assert served.company().query("select count(*) from Attachable")["totalCount"] == 0
