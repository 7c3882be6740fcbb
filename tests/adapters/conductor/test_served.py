"""The simulated company file, served: what only HTTP has, byte by byte where it counts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from http.client import HTTPConnection
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from src.adapters.conductor import CREATE, Change
from src.adapters.fakes.conductor import server
from src.kit import answers as said
from src.kit.answers import Unanswered
from src.kit.clock import REAL
from tests.adapters.conductor.opened import ITEM, KEY, USER, OverHttp

OURS = {"Authorization": f"Bearer {KEY}", "Conductor-End-User-Id": USER}
DESKTOP = "/v1/quickbooks-desktop"


@pytest.fixture
def opened(tmp_path):
    """Return what opens a company file and serves it."""
    files: list[OverHttp] = []

    def opened(*script: str) -> OverHttp:
        files.append(OverHttp(tmp_path / "company", script))
        return files[-1]

    yield opened
    for one in files:
        one.stop()


@pytest.fixture
def file(opened):
    """Return an empty company file, served."""
    return opened()


class Heard(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def error(self) -> dict[str, Any]:
        """Return the error of the body."""
        return json.loads(self.body)["error"]


def send(file: OverHttp, line: str, body: object = None, **headers: str) -> Heard:
    """Return the answer to `GET /customers`; a header that is empty is not sent."""
    method, _, path = line.partition(" ")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {name: value for name, value in {**OURS, **named}.items() if value}
    content = body if isinstance(body, bytes) else json.dumps(body).encode() if body else None
    line_ = HTTPConnection(urlsplit(file.url).netloc, timeout=10)
    try:
        whole = path if path.startswith("/v1") else DESKTOP + path
        line_.request(method, whole, content, sent)
        reply = line_.getresponse()
        return Heard(reply.status, dict(reply.getheaders()), reply.read())
    finally:
        line_.close()


# --- the layers before QuickBooks -----------------------------------------------------


@pytest.mark.parametrize(
    "key", ["", "Bearer", "Bearer ", "Bearer secret", f"Basic {KEY}", KEY]
)
def test_a_call_without_a_key_of_conductors_is_401(file, key):
    heard = send(file, "GET /customers", Authorization=key)

    assert (heard.status, heard.error["code"]) == (401, "API_KEY_INVALID")
    assert heard.error["type"] == "AUTHENTICATION_ERROR"


@pytest.mark.parametrize(
    ("user", "status", "code"), [("", 400, None), ("end_usr_else", 404, "RESOURCE_MISSING")]
)
def test_a_call_about_nobodys_company_file_is_refused(file, user, status, code):
    heard = send(file, "GET /customers", Conductor_End_User_Id=user)

    assert heard.status == status and heard.error["type"] == "INVALID_REQUEST_ERROR"
    assert code in (None, heard.error["code"])


@pytest.mark.parametrize(
    "line",
    [
        "GET /bills",
        "GET /",
        "PUT /customers/80000001-1",
        "PATCH /customers/80000001-1",
        "DELETE /customers/80000001-1",
        "DELETE /invoices",
        "POST /sales-orders/1A-1/void",
        "POST /customers/80000001-1/void",
        "GET /invoices/1A-1/void",
        "GET /invoices/1A-1/lines/2",
        "POST /health-check",
        "GET /health-check/1",
        "POST /accounts",
        "GET /accounts/1/2",
        "GET /deleted-transactions/1A-1",
        "GET /v1/elsewhere",
        "GET /v2/quickbooks-desktop/customers",
        "POST /v1/end-users",
    ],
)
def test_a_route_that_is_none_is_404(file, line):
    heard = send(file, line)

    assert (heard.status, heard.error["code"]) == (404, "RESOURCE_MISSING")


def test_passthrough_says_that_it_is_not_simulated(file):
    heard = send(file, f"POST /v1/end-users/{USER}/passthrough/quickbooks_desktop", {"a": 1})

    assert heard.status == 400 and "not simulated" in heard.error["message"]


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"7", b"\xff", b"[" * 60_000])
def test_a_body_that_is_no_object_is_400(file, body):
    heard = send(file, "POST /customers", body)

    assert (heard.status, heard.error["type"]) == (400, "INVALID_REQUEST_ERROR")


@pytest.mark.parametrize("seconds", ["0", "-1", "x", "1e3", "99999"])
def test_a_time_limit_that_is_none_is_400(file, seconds):
    heard = send(file, "GET /health-check", Conductor_Timeout_Seconds=seconds)

    assert heard.status == 400 and "Conductor-Timeout-Seconds" in heard.error["message"]


def test_an_error_has_every_field_that_the_api_documents(file):
    heard = send(file, "GET /customers/80000001-1")

    assert set(heard.error) == {
        "message", "userFacingMessage", "type", "code", "httpStatusCode", "requestId",
        "integrationCode",
    }  # fmt: skip
    assert heard.error["httpStatusCode"] == heard.status == 502
    assert heard.error["requestId"] == heard.headers["Conductor-Request-Id"]
    assert "integrationCode" not in send(file, "GET /bills").error


def test_every_answer_has_an_id_of_its_own_across_restarts(file):
    lines = ["GET /health-check", "GET /bills", "GET /customers"]
    first = [send(file, line).headers["Conductor-Request-Id"] for line in lines]
    file.stop()
    file.start()

    again = [send(file, line).headers["Conductor-Request-Id"] for line in lines]

    assert len({*first, *again}) == 6
    assert all(one.startswith("req_") for one in first)
    assert [call.request_id for call in file.calls] == [*first, *again]


def test_success_is_200_and_json_also_for_a_create(file):
    heard = send(file, "POST /customers", {"name": "Ann"}, Content_Type="application/json")

    assert (heard.status, heard.headers["Content-Type"]) == (200, "application/json")
    assert int(heard.headers["Content-Length"]) == len(heard.body)


def test_what_a_company_file_comes_with_is_read_one_by_one(file):
    listed = [*file.desktop.accounts()[:2], *file.desktop.sales_representatives()[:1]]
    places = ["accounts", "accounts", "sales-representatives"]

    for place, one in zip(places, listed):
        assert json.loads(send(file, f"GET /{place}/{one['id']}").body) == one

    assert send(file, "GET /accounts/80000077-1").error["integrationCode"] == "500"


def test_end_users_are_listed_and_read(file):
    listed = json.loads(send(file, "GET /v1/end-users").body)
    read = json.loads(send(file, f"GET /v1/end-users/{USER}").body)

    assert listed["data"] == [read] and read["id"] == USER
    assert send(file, "GET /v1/end-users/end_usr_else").status == 404


# --- other clients --------------------------------------------------------------------


NODE = {
    "Accept": "application/json",
    "User-Agent": "Conductor/JS 14.23.6",
    "X-Stainless-Retry-Count": "0",
    "X-Stainless-Timeout": "120",
    "X-Stainless-Lang": "js",
    "X-Stainless-Package-Version": "14.23.6",
    "X-Stainless-OS": "Linux",
    "X-Stainless-Arch": "x64",
    "X-Stainless-Runtime": "node",
    "X-Stainless-Runtime-Version": "v22.11.0",
    "accept-language": "*",
    "sec-fetch-mode": "cors",
    "accept-encoding": "gzip, deflate",
    "Connection": "keep-alive",
}


def test_a_node_client_repeats_the_name_of_an_array(file):
    ann, bob = (file.create("customers", name=name) for name in ("Ann", "Bob"))
    query = f"?ids={ann['id']}&ids={bob['id']}&limit=10&status=all"

    heard = send(file, f"GET /customers{query}", **NODE)

    found = json.loads(heard.body)
    assert {one["name"] for one in found["data"]} == {"Ann", "Bob"}
    assert found["objectType"] == "list" and found["url"] == f"{DESKTOP}/customers"


def test_a_node_client_creates_updates_and_deletes(file):
    nut = file.item("Nut")
    ann = file.create("customers", name="Ann")
    line = {"itemId": nut["id"], "quantity": 2.5, "rate": "3.10"}
    body = {"customerId": ann["id"], "transactionDate": "2026-11-23", "lines": [line]}
    sent = {**NODE, "content-type": "application/json"}

    made = json.loads(send(file, "POST /sales-orders", body, **sent).body)
    change = {"revisionNumber": made["revisionNumber"], "memo": "é ✓"}
    send(file, f"POST /sales-orders/{made['id']}", change, **sent)
    seen = json.loads(send(file, f"GET /sales-orders/{made['id']}", **NODE).body)
    gone = json.loads(send(file, f"DELETE /sales-orders/{made['id']}", **NODE).body)

    assert (made["totalAmount"], seen["memo"]) == ("7.75", "é ✓")
    assert gone == {
        "id": made["id"], "objectType": "qbd_sales_order", "deleted": True,
        "refNumber": seen["refNumber"],
    }  # fmt: skip


def test_brackets_and_commas_are_no_arrays(file):
    ann = file.create("customers", name="Ann")

    assert send(file, f"GET /customers?ids[]={ann['id']}").status == 400
    assert send(file, f"GET /customers?ids={ann['id']},{ann['id']}").status == 502


# --- calls are counted ----------------------------------------------------------------


def test_a_create_goes_out_once_whatever_its_answer(opened):
    file = opened("1-9,create *,504_applied")

    for name in ("Ann", "Bob"):
        assert file.write(CREATE, "customers", name=name).kind == said.UNKNOWN

    assert Counter(call.method for call in file.calls) == {"POST": 2}
    assert [call.status for call in file.calls] == ["504", "504"]


def test_a_cursor_goes_out_once_whatever_its_answer(opened):
    file = opened("2-9,list customers,502:3175")
    file.core.create_many("customers", ({"name": f"C{n}"} for n in range(9)))

    with pytest.raises(Unanswered):
        file.list("customers", limit="4")

    assert ["cursor=" in call.query for call in file.calls] == [False, True]
    assert file.calls[1].code == "3175"


def test_a_list_of_pages_is_one_call_a_page(file):
    file.core.create_many("customers", ({"name": f"C{n}"} for n in range(301)))

    assert len(file.list("customers")) == 301

    assert len(file.calls) == 3


def test_calls_that_were_hung_up_on_are_in_the_log(opened):
    file = opened("1,create customers,drop_applied")

    file.write(CREATE, "customers", name="Ann")

    assert [(one.status, one.path) for one in file.calls] == [("0", f"{DESKTOP}/customers")]


def test_no_log_line_shows_a_key(file):
    file.list("customers")
    send(file, "GET /customers", Authorization="Bearer sk_live_4711")

    text = (file.folder / server.REQUESTS).read_text("utf-8")
    assert KEY not in text and "4711" not in text


# --- time -----------------------------------------------------------------------------


def test_an_answer_that_is_late_ends_at_the_deadline_and_the_effect_is_there(opened):
    file = opened("1,create customers,slow:9")
    file.stop()
    file.clock = REAL
    file.start()

    answer = file.client(0.2).write(Change(CREATE, "customers", body={"name": "Ann"}))

    assert answer.kind == said.UNKNOWN and "no answer within" in answer.error
    assert file.names("customers") == ["Ann"]


def test_latency_beyond_what_a_call_allows_is_504_and_the_effect_is_there(tmp_path):
    file = OverHttp(tmp_path / "company", latency=5.0)

    late = send(file, "POST /customers", {"name": "Ann"}, Conductor_Timeout_Seconds="3")
    refused = send(file, "POST /customers", {"name": "Ann"}, Conductor_Timeout_Seconds="4")
    in_time = send(file, "GET /customers", Conductor_Timeout_Seconds="6")
    file.stop()

    assert (late.status, late.error["code"]) == (504, "QBD_REQUEST_TIMEOUT")
    assert refused.status == 504  # not even a refusal comes through
    assert [one["name"] for one in json.loads(in_time.body)["data"]] == ["Ann"]
    assert file.time.seconds == 3 + 4 + 5


def test_one_request_at_a_time_meets_quickbooks(tmp_path):
    file = OverHttp(tmp_path / "company", latency=1.0)
    threads = [Thread(target=send, args=(file, "GET /health-check")) for _ in range(16)]

    for one in threads:
        one.start()
    for one in threads:
        one.join()
    file.stop()

    assert (file.time.most_at_once, file.time.seconds) == (1, 16)


def test_numbers_and_texts_of_an_item_come_back_as_their_types(file):
    made = send(file, "POST /inventory-items", {"name": "Nut", **ITEM, "quantityOnHand": 1.5})

    found = json.loads(made.body)
    assert found["quantityOnHand"] == 1.5
    assert found["incomeAccount"] == {"id": ITEM["incomeAccountId"], "fullName": "Sales Income"}
