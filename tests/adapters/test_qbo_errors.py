"""QuickBooks' errors in three dialects, and what each asks for."""

from __future__ import annotations

import json

import pytest

from src.adapters.exchange import parsed_json
from src.adapters.qbo_errors import (
    CODES,
    Fault,
    faults_in,
    faults_of,
    refusal,
    success,
)
from src.kit.answers import (
    APPLIED,
    LOOK_UP,
    NOT_APPLIED,
    PERMANENT,
    REAUTHORIZE,
    REREAD,
    RETRY,
    SLOW_DOWN,
    STOP,
    UNKNOWN,
)

GATEWAY = b"""{"warnings":null,"fault":{"error":[{"message":"message=AuthenticationFailed;
 errorCode=003200; statusCode=401","detail":"Token expired","code":"3200","element":null}],
 "type":"AUTHENTICATION"},"batchItemResponse":[]}""".replace(b"\n", b"")
THROTTLED = b"""<IntuitResponse time="2026-11-20T09:21:00.120-08:00"
 xmlns="http://schema.intuit.com/finance/v3"><Fault type="SERVICE"><Error code="003001">
<Message>message=ThrottleExceeded; errorCode=003001; statusCode=429</Message>
<Detail>The request limit was reached. &lt;Try again&gt;</Detail></Error></Fault></IntuitResponse>"""


def fault(*errors: object, kind: str = "ValidationFault") -> bytes:
    return json.dumps({"Fault": {"Error": list(errors), "type": kind}, "time": "x"}).encode()


# --- dialects -------------------------------------------------------------------------


def test_the_company_speaks_json():
    error = {"Message": "Stale", "Detail": "Stale : look", "code": "5010", "element": "Id"}

    (found,) = faults_of(fault(error))

    assert found == Fault("5010", "Stale", "Stale : look", "Id", "ValidationFault")
    assert str(found) == "Stale : look [Id] (5010)"


def test_the_gateway_speaks_json_in_lower_case():
    (found,) = faults_of(GATEWAY)

    assert (found.code, found.detail, found.element) == ("3200", "Token expired", "")
    assert found.kind == "AUTHENTICATION"


@pytest.mark.parametrize("before", [b"", b"\n ", b'<?xml version="1.0" encoding="UTF-8"?>\n'])
def test_the_throttle_speaks_xml(before):
    (found,) = faults_of(before + THROTTLED)

    assert (found.code, found.kind) == ("3001", "SERVICE")
    assert found.message.startswith("message=ThrottleExceeded")
    assert found.detail == "The request limit was reached. <Try again>"


@pytest.mark.parametrize("code", ["003001", "3001", " 3001 ", 3001])
def test_leading_zeros_mean_nothing(code):
    assert faults_of(fault({"code": code}))[0].code == "3001"


def test_several_errors_are_all_told():
    body = fault({"Message": "A", "code": "2050"}, {"Message": "B", "code": "2040"})

    assert refusal(400, faults_of(body)).error == "A (2050); B (2040)"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ({"Message": "M", "Detail": "D", "code": "1"}, "M: D (1)"),
        ({"Message": "M", "Detail": "M: more", "code": "1"}, "M: more (1)"),
        ({"Message": "M"}, "M"),
        ({"Detail": "D", "element": "E"}, "D [E]"),
        ({"code": "610", "element": None, "Detail": None}, " (610)"),
        ({}, ""),
    ],
)
def test_fields_may_be_missing(error, said):
    assert str(faults_of(fault(error))[0]) == said


@pytest.mark.parametrize(
    ("body", "count"),
    [
        (b"", 0),
        (b"null", 0),
        (b"[]", 0),
        (b"\xff\xfe", 0),
        (b'{"Customer": {}}', 0),
        (b'{"Fault": "x"}', 0),
        (b'{"Fault": {}}', 1),
        (b'{"Fault": {"Error": []}}', 1),
        (b'{"Fault": {"Error": 7}}', 1),
        (b'{"Fault": {"Error": "x"}}', 1),
        (b'{"Fault": {"Error": {"code": "610"}}}', 1),
        (b'{"Fault": {"Error": ["x", {"code": "610"}]}}', 1),
        (b'{"Fault": {"Error": [7]}}', 1),
        (b"<html><h1>503</h1></html>", 0),
        (b"<Fault/>", 0),
        (b"<Error", 0),
        (b"<Error>x</Error><Error code='7'/>", 1),
        (b"<Error code='7'><Message>cut</Error>", 1),
    ],
)
def test_any_body_is_read(body, count):
    assert len(faults_of(body)) == count


@pytest.mark.parametrize(
    "body",
    [
        60_000 * b"[",
        60_000 * b'{"Fault":',
        60_000 * b"<Error>",
        60_000 * b"<Error",
        b"<Error>" + 60_000 * b"<Message>" + b"</Error>",
        b'{"Fault": ' + 60_000 * b"7" + b"}",
    ],
)
def test_a_body_nested_without_an_end_is_read_quickly(body):
    assert len(faults_of(body)) <= 1


def test_json_that_is_none_is_nothing():
    assert (parsed_json(b"{"), parsed_json(60_000 * b"["), parsed_json(b"7")) == (
        None,
        None,
        7,
    )


# --- what to do -----------------------------------------------------------------------

ADVICE = {
    REAUTHORIZE: "100 110 120 3100 3200",
    RETRY: "130 140 150 10000",
    LOOK_UP: "600",
    SLOW_DOWN: "3001",
    REREAD: "5010",
    STOP: "6190",
}
NAMED = {code: advice for advice, codes in ADVICE.items() for code in codes.split()}


@pytest.mark.parametrize("code", CODES)
def test_each_code_tells_what_to_do(code):
    (found,) = faults_of(fault({"code": code.zfill(6)}))
    answer = refusal(400, [found])

    assert (answer.advice, answer.code) == (NAMED.get(code, PERMANENT), code)
    assert answer.kind == (UNKNOWN if code == "600" else NOT_APPLIED)
    assert CODES[code].text and not code.startswith("0")


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (200, Fault("6041", kind="ValidationFault"), NOT_APPLIED),
        (200, Fault("10000", kind="SystemFault"), UNKNOWN),
        (200, Fault("99", kind="SystemFault"), UNKNOWN),
        (200, Fault("", "no code"), UNKNOWN),
        (400, Fault("10000"), NOT_APPLIED),
        (500, Fault("10000"), UNKNOWN),
        (500, Fault("2050"), UNKNOWN),
        (503, None, UNKNOWN),
        (429, None, NOT_APPLIED),
        (404, None, NOT_APPLIED),
        (408, None, UNKNOWN),
        (401, None, NOT_APPLIED),
    ],
)
def test_status_and_code_tell_whether_there_was_an_effect(status, error, kind):
    answer = refusal(status, [error] if error else [])

    assert (answer.kind, answer.status_code) == (kind, status)
    assert answer.error


@pytest.mark.parametrize(
    ("status", "said"), [(401, "the access token is not accepted"), (418, "HTTP 418")]
)
def test_without_an_error_the_status_speaks(status, said):
    assert refusal(status, []).error == said


def test_a_throttled_answer_is_known_whatever_its_status():
    assert refusal(403, faults_of(THROTTLED)).is_throttled
    assert refusal(401, faults_of(GATEWAY)).is_unauthorized


@pytest.mark.parametrize("record", [{}, {"Id": ""}, {"Id": None}, {"Id": True}, {"Size": 7}])
def test_a_record_without_an_id_tells_nothing(record):
    assert success(record).kind == UNKNOWN


@pytest.mark.parametrize(("size", "told"), [(7, 7), ("7", 7), ("x", -1), (None, -1), (0, 0)])
def test_a_record_tells_its_id_and_size(size, told):
    answer = success({"Id": "500", "Size": size}, 200)

    assert (answer.kind, answer.remote_id, answer.size) == (APPLIED, "500", told)


def test_an_error_of_a_part_is_read_as_that_of_a_whole():
    assert faults_in({"bId": "1", "Fault": {"Error": [{"code": "610"}]}})[0].code == "610"
