"""The client of Conductor: what it sends, and what each answer is taken for."""

from __future__ import annotations

import json
import socket
import time
from urllib.parse import parse_qsl, urlsplit

import pytest

from src.adapters.conductor import CREATE, DELETE, UPDATE, VOID, Change
from src.adapters.conductor_http import HttpDesktop
from src.kit import answers as said
from src.kit import net
from src.kit.answers import Unanswered
from tests.peer import answering, read_request

APPLIED, NOT_APPLIED, UNKNOWN = said.APPLIED, said.NOT_APPLIED, said.UNKNOWN
KEY = "sk_conductor_canary4711"
USER = "end_usr_1"
ANN = {"id": "8-1", "objectType": "qbd_customer", "externalId": None, "name": "Ann"}
NEW = Change(CREATE, "customers", body={"name": "Ann"})
EDIT = Change(UPDATE, "customers", "8-1", {"revisionNumber": "7", "phone": "1"})


def http(status: int, body: object = b"", *headers: str) -> bytes:
    """Return an answer as it stands on the wire."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(text)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + text


def error(status: int, code: str, message: str = "no", **more: str) -> bytes:
    return http(status, {"error": {"message": message, "code": code, **more}})


def page(*ids: str, cursor: str | None = None, has_more: bool | None = None) -> bytes:
    found = {"objectType": "list", "data": [{"id": one} for one in ids]}
    return http(200, {**found, "nextCursor": cursor, "hasMore": has_more})


class Conductor:
    """A server that gives prepared answers and keeps what it was asked."""

    def __init__(self, peer, answers, deadline: float = 5.0) -> None:
        self.requests: list[bytes] = []
        left = iter(answers)

        def serve(connection) -> None:
            for answer in left:  # and closes after the last
                self.requests.append(read_request(connection))
                connection.sendall(answer)

        client = net.Client(peer(serve).url + "/v1", deadline)
        self.desktop = HttpDesktop(client, KEY, USER)

    @property
    def lines(self) -> list[str]:
        """Return method and target of each request."""
        heads = [one.split(b"\r\n", 1)[0].decode() for one in self.requests]
        return [one.removesuffix(" HTTP/1.1") for one in heads]

    @property
    def queries(self) -> list[list[tuple[str, str]]]:
        """Return the query of each request."""
        return [parse_qsl(urlsplit(one.split()[1]).query, True) for one in self.lines]


@pytest.fixture
def conductor(peer):
    """Return what gives a Conductor that answers so, one answer a request."""

    def conductor(*answers: bytes) -> Conductor:
        return Conductor(peer, answers)

    return conductor


# --- what is sent ---------------------------------------------------------------------


def test_every_call_names_the_key_and_the_end_user(conductor):
    there = conductor(http(200, {"status": "ok"}))

    there.desktop.health()

    [sent] = there.requests
    assert sent.startswith(b"GET /v1/quickbooks-desktop/health-check HTTP/1.1\r\n")
    assert f"\r\nAuthorization: Bearer {KEY}\r\n".encode() in sent
    assert b"\r\nConductor-End-User-Id: end_usr_1\r\n" in sent


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (NEW, "POST /v1/quickbooks-desktop/customers"),
        (EDIT, "POST /v1/quickbooks-desktop/customers/8-1"),
        (Change(DELETE, "invoices", "1A-2"), "DELETE /v1/quickbooks-desktop/invoices/1A-2"),
        (Change(VOID, "invoices", "1A-2"), "POST /v1/quickbooks-desktop/invoices/1A-2/void"),
        (
            Change(UPDATE, "vendors", "a/../b?c", {}),
            "POST /v1/quickbooks-desktop/vendors/a%2F..%2Fb%3Fc",
        ),
    ],
)
def test_each_change_has_its_method_and_path(conductor, change, line):
    there = conductor(http(200, {}))

    there.desktop.write(change)

    assert there.lines == [line]


def test_a_body_is_json_and_a_void_has_none(conductor):
    there = conductor(http(200, ANN), http(200, {}))

    there.desktop.write(EDIT)
    there.desktop.write(Change(VOID, "invoices", "1A-2"))

    update, void = there.requests
    assert json.loads(update.partition(b"\r\n\r\n")[2]) == EDIT.body
    assert b"\r\nContent-Type: application/json\r\n" in update
    assert void.endswith(b"\r\n\r\n") and b"Content-Length: 0" in void


@pytest.mark.parametrize(
    ("resource", "query", "sent"),
    [
        ("customers", {}, [("limit", "150"), ("status", "all")]),
        ("customers", {"status": "active"}, [("limit", "150"), ("status", "active")]),
        ("customers", {"limit": "2"}, [("limit", "2"), ("status", "all")]),
        ("invoices", {}, [("limit", "150")]),
        ("inventory-adjustments", {}, []),
        (
            "sales-orders",
            {"ids": ["1A-2", "1B-2"], "updatedAfter": "2026-11-21T10:00:00+01:00"},
            [
                ("limit", "150"),
                ("ids", "1A-2"),
                ("ids", "1B-2"),
                ("updatedAfter", "2026-11-21T10:00:00+01:00"),
            ],
        ),
    ],
)
def test_a_list_asks_for_whole_pages_and_what_is_inactive_too(
    conductor, resource, query, sent
):
    there = conductor(page())

    assert list(there.desktop.records(resource, query)) == []

    assert there.queries == [sent]


def test_a_later_page_is_asked_with_the_same_query_and_the_cursor(conductor):
    there = conductor(page("1", cursor="c", has_more=True), page("2", has_more=False))

    found = list(there.desktop.records("customers", {"ids": ["1", "2"]}))

    assert [one["id"] for one in found] == ["1", "2"]
    first, second = there.queries
    assert second == [*first, ("cursor", "c")]


# --- where a list ends ----------------------------------------------------------------


@pytest.mark.parametrize(
    "last",
    [
        page("2", cursor="c", has_more=False),
        page("2", cursor=None, has_more=True),
        page("2", cursor="", has_more=None),
        page(cursor="c", has_more=True),
    ],
    ids=["no more", "no cursor", "empty cursor", "no data"],
)
def test_a_list_ends_at_the_first_sign_of_its_end(conductor, last):
    there = conductor(page("1", cursor="c", has_more=True), last)

    found = list(there.desktop.records("customers", {}))

    assert {one["id"] for one in found} <= {"1", "2"}
    assert len(there.requests) == 2


@pytest.mark.parametrize(
    "second",
    [
        error(502, "QBD_REQUEST_ERROR", integrationCode="3175"),
        http(500),
        http(200, b'{"data": [{"id": "2"'),
        http(200, {"data": "2"}),
        http(200, {"data": [{"name": "2"}]}),
        http(200, {"error": {}}),
        http(429, b"", "Retry-After: 3"),
    ],
)
def test_a_page_that_fails_ends_the_list_and_is_not_asked_again(conductor, second):
    there = conductor(page("1", cursor="c", has_more=True), second)
    records = there.desktop.records("customers", {})

    assert next(records)["id"] == "1"
    with pytest.raises(Unanswered, match="the list of customers"):
        next(records)

    assert len(there.requests) == 2


def test_a_server_that_gives_the_same_page_again_is_not_asked_for_ever(conductor):
    same = page("1", "2", cursor="c", has_more=True)
    there = conductor(same, same, same)

    with pytest.raises(Unanswered, match="another shape"):
        list(there.desktop.records("customers", {}))

    assert len(there.requests) == 2


def test_nothing_is_asked_before_the_list_is_read(conductor):
    there = conductor(page("1"))

    there.desktop.records("customers", {})

    assert there.requests == []


# --- one record -----------------------------------------------------------------------


def test_a_record_is_read_by_its_id(conductor):
    there = conductor(http(200, ANN))

    assert there.desktop.read("customers", "8-1") == ANN

    assert there.lines == ["GET /v1/quickbooks-desktop/customers/8-1"]


def test_what_quickbooks_cannot_find_is_none(conductor):
    there = conductor(error(502, "QBD_REQUEST_ERROR", integrationCode="500"))

    assert there.desktop.read("customers", "8-1") is None


def test_a_404_is_a_missing_record_where_the_end_user_is_known(conductor):
    there = conductor(error(404, "RESOURCE_MISSING"), http(200, {"id": USER}))

    assert there.desktop.read("customers", "8-1") is None

    assert there.lines[1] == "GET /v1/end-users/end_usr_1"


def test_a_404_for_an_unknown_end_user_says_nothing_of_the_record(conductor):
    there = conductor(error(404, "RESOURCE_MISSING"), error(404, "RESOURCE_MISSING"))

    with pytest.raises(Unanswered, match="end user end_usr_1"):
        there.desktop.read("customers", "8-1")


@pytest.mark.parametrize(
    "answer",
    [
        http(404, b"<html>nginx</html>"),
        http(200, {**ANN, "id": "8-2"}),
        http(200, {}),
        http(200),
        http(504),
        error(401, "API_KEY_INVALID"),
    ],
    ids=["no API", "another's", "no id", "empty", "timeout", "bad key"],
)
def test_an_answer_that_is_unclear_is_no_missing_record(conductor, answer):
    there = conductor(answer)

    with pytest.raises(Unanswered, match="customers 8-1"):
        there.desktop.read("customers", "8-1")


# --- writes ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "kind", "error"),
    [
        (http(200, ANN), APPLIED, ""),
        (http(201, ANN), APPLIED, ""),
        (http(200), UNKNOWN, "an empty answer"),
        (http(200, b"<html>"), UNKNOWN, "cannot be read"),
        (http(200, b"[" * 60_000), UNKNOWN, "cannot be read"),
        (http(200, [ANN]), UNKNOWN, "cannot be read"),
        (http(200, {"error": {"message": "no"}}), UNKNOWN, "cannot be read"),
        (http(200, {}), UNKNOWN, "without an id"),
        (http(200, {**ANN, "id": 8}), UNKNOWN, "without an id"),
        (http(200, {**ANN, "id": ""}), UNKNOWN, "without an id"),
        (http(200, {**ANN, "id": "8-2"}), UNKNOWN, "another record's"),
        (http(200, {**ANN, "objectType": "qbd_vendor"}), UNKNOWN, "another record's"),
        (http(200, {"id": "8-1"}), UNKNOWN, "another record's"),
        (b"HTTP/1.1 200 X\r\nContent-Length: 99\r\n\r\n{", UNKNOWN, ""),
        (http(302, b"", "Location: http://elsewhere/"), UNKNOWN, "HTTP 302"),
        (http(503, b"<html>"), UNKNOWN, "HTTP 503"),
        (error(504, "QBD_REQUEST_TIMEOUT", "timed out"), UNKNOWN, "timed out"),
        (error(400, "X", "Too big"), NOT_APPLIED, "Too big"),
        (error(502, "QBD_REQUEST_ERROR", integrationCode="3200"), NOT_APPLIED, "no (3200)"),
    ],
)
def test_an_update_is_applied_only_where_the_answer_is_its_record(
    conductor, answer, kind, error
):
    there = conductor(answer)

    found = there.desktop.write(EDIT)

    assert found.kind == kind and error in found.error
    assert len(there.requests) == 1


def test_a_success_has_the_record_its_id_and_the_trace(conductor):
    there = conductor(http(200, ANN, "Conductor-Request-Id: req_77"))

    answer = there.desktop.write(NEW)

    assert (answer.remote_id, answer.trace_id) == ("8-1", "req_77")
    assert answer.record == ANN and answer.duration_ms >= 0


@pytest.mark.parametrize(
    ("shown", "kind"),
    [("ABC", APPLIED), ("abc", APPLIED), (None, APPLIED), ("def", UNKNOWN)],
)
def test_a_create_is_answered_by_its_own_external_id(conductor, shown, kind):
    there = conductor(http(200, {**ANN, "externalId": shown}))

    answer = there.desktop.write(NEW._replace(body={"name": "Ann", "externalId": "abc"}))

    assert answer.kind == kind


@pytest.mark.parametrize(
    ("verb", "told", "kind"),
    [
        (DELETE, {"deleted": True}, APPLIED),
        (DELETE, {"deleted": False}, UNKNOWN),
        (DELETE, {"voided": True}, UNKNOWN),
        (DELETE, {"deleted": 1}, UNKNOWN),
        (VOID, {"voided": True}, APPLIED),
        (VOID, {}, UNKNOWN),
    ],
)
def test_a_delete_or_void_is_done_where_the_answer_says_so(conductor, verb, told, kind):
    gone = {"id": "1A-2", "objectType": "qbd_inventory_adjustment", **told}
    there = conductor(http(200, gone))

    answer = there.desktop.write(Change(verb, "inventory-adjustments", "1A-2"))

    assert answer.kind == kind


def test_the_seconds_that_a_server_asks_for_are_told(conductor):
    there = conductor(http(429, b"", "Retry-After: 7"))

    answer = there.desktop.write(NEW)

    assert answer.is_throttled and answer.retry_after == 7.0


def test_no_answer_shows_the_key(conductor):
    there = conductor(error(401, "API_KEY_INVALID", f"{KEY} is no key"))

    answer = there.desktop.write(NEW)

    assert KEY not in repr(answer) and answer.is_unauthorized


# --- the line -------------------------------------------------------------------------


def test_a_write_that_no_server_took_is_not_applied():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))  # and listens to nobody
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"

        answer = HttpDesktop(net.Client(url, 2), KEY, USER).write(NEW)

    assert answer.kind == NOT_APPLIED and said.is_worth_another_try(answer)


def test_a_server_that_went_away_takes_no_write(peer):
    there = peer(answering(http(200, ANN)))
    first, second = (HttpDesktop(net.Client(there.url, 2), KEY, USER) for _ in range(2))
    assert first.write(NEW).kind == APPLIED  # so that it waits for the next connection

    there.close()

    assert second.write(NEW).kind == NOT_APPLIED


def test_a_write_that_the_line_swallowed_is_unknown_and_not_repeated(peer):
    there = peer(answering())  # reads nothing, answers nothing, closes
    desktop = HttpDesktop(net.Client(there.url, 2), KEY, USER)

    assert desktop.write(NEW).kind == UNKNOWN

    assert there.connections == 1


def test_a_server_that_drips_is_cut_off_at_the_deadline(peer):
    def drip(connection) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 X\r\nContent-Length: 999\r\n\r\n")
        while True:
            connection.sendall(b" ")
            time.sleep(0.01)

    desktop = HttpDesktop(net.Client(peer(drip).url, 0.2), KEY, USER)
    began = time.monotonic()

    answer = desktop.write(NEW)

    assert answer.kind == UNKNOWN and "within" in answer.error
    assert time.monotonic() - began < 2


# --- the other questions --------------------------------------------------------------


def test_deletions_are_asked_once_for_each_kind(conductor):
    there = conductor(page("8-1"), page("1A-2"))

    found = there.desktop.deleted(["customers", "vendors", "invoices"], "2026-11-20")

    assert [one["id"] for one in found] == ["8-1", "1A-2"]
    objects, transactions = there.queries
    assert objects == [
        ("objectTypes", "customer"), ("objectTypes", "vendor"), ("deletedAfter", "2026-11-20")
    ]
    assert transactions == [("transactionTypes", "invoice"), ("deletedAfter", "2026-11-20")]


def test_deletions_of_nothing_or_one_kind_ask_no_more_than_that(conductor):
    there = conductor(page())

    assert there.desktop.deleted([], "") == []
    assert there.desktop.deleted(["invoices"], "") == []

    assert there.queries == [[("transactionTypes", "invoice")]]


def test_accounts_and_representatives_come_whole(conductor):
    there = conductor(page("a", "b"), page("r"))

    assert [one["id"] for one in there.desktop.accounts()] == ["a", "b"]
    assert [one["id"] for one in there.desktop.sales_representatives()] == ["r"]

    assert there.queries == [[("status", "all")]] * 2  # a limit would cut them


def test_an_unknown_end_user_is_none_and_an_unclear_one_is_unanswered(conductor):
    there = conductor(error(404, "RESOURCE_MISSING"), http(404), http(200, {"id": USER}))

    assert there.desktop.end_user() is None
    with pytest.raises(Unanswered):
        there.desktop.end_user()
    assert there.desktop.end_user() == {"id": USER}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (http(200, {"status": "ok", "duration": 12}), APPLIED),
        (http(200, {"status": "down"}), UNKNOWN),
        (error(409, "INTEGRATION_CONNECTION_NOT_ACTIVE"), NOT_APPLIED),
    ],
)
def test_health_is_applied_where_quickbooks_answers(conductor, answer, kind):
    assert conductor(answer).desktop.health().kind == kind
