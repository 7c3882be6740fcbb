"""What an error of the simulated company file looks like on the wire."""

from __future__ import annotations

import json

import pytest

from src.adapters.conductor_errors import Fault, fault_of
from src.adapters.conductor_errors import refusal as answer_to
from src.adapters.fakes.conductor import refusal
from src.adapters.exchange import parsed_json
from src.kit import answers as said

TABLE = [
    (refusal.bad_key(), 401, "AUTHENTICATION_ERROR", "API_KEY_INVALID", ""),
    (refusal.invalid("x"), 400, "INVALID_REQUEST_ERROR", None, ""),
    (refusal.no_end_user("x"), 404, "INVALID_REQUEST_ERROR", "RESOURCE_MISSING", ""),
    (refusal.no_route("x"), 404, "INVALID_REQUEST_ERROR", "RESOURCE_MISSING", ""),
    (
        refusal.not_set_up(),
        409,
        "INTEGRATION_CONNECTION_ERROR",
        "INTEGRATION_CONNECTION_NOT_SET_UP",
        "",
    ),
    (
        refusal.not_active(),
        409,
        "INTEGRATION_CONNECTION_ERROR",
        "INTEGRATION_CONNECTION_NOT_ACTIVE",
        "",
    ),
    (
        refusal.no_connection(),
        502,
        "INTEGRATION_CONNECTION_ERROR",
        "QBD_CONNECTION_ERROR",
        "0x80040420",
    ),
    (
        refusal.timed_out(),
        504,
        "INTEGRATION_CONNECTION_ERROR",
        "QBD_REQUEST_TIMEOUT",
        "",
    ),
    (refusal.stale("7"), 502, "INTEGRATION_ERROR", "QBD_REQUEST_ERROR", "3200"),
    (refusal.duplicate_name("x"), 502, "INTEGRATION_ERROR", "QBD_REQUEST_ERROR", "3100"),
    (refusal.not_in_query("x"), 502, "INTEGRATION_ERROR", "QBD_REQUEST_ERROR", "500"),
    (refusal.not_found("x"), 502, "INTEGRATION_ERROR", "QBD_REQUEST_ERROR", "3120"),
    (
        refusal.bad_reference("Item", "x", "Invoice"),
        502,
        "INTEGRATION_ERROR",
        "QBD_REQUEST_ERROR",
        "3140",
    ),
    (refusal.in_use(), 502, "INTEGRATION_ERROR", "QBD_REQUEST_ERROR", "3175"),
    (refusal.missing("x"), 502, "INTEGRATION_ERROR", "QBD_REQUEST_ERROR", "500"),
    (refusal.missing("x", True), 404, "INVALID_REQUEST_ERROR", "RESOURCE_MISSING", ""),
]


@pytest.mark.parametrize(("found", "status", "kind", "code", "own"), TABLE)
def test_an_error_has_its_status_type_and_codes(found, status, kind, code, own):
    error = found.body("req_1")["error"]

    assert (found.status, found.type, found.integration_code) == (status, kind, own)
    assert error["httpStatusCode"] == status
    assert error["type"] == kind
    assert code is None or error["code"] == code
    assert error.get("integrationCode", "") == own


@pytest.mark.parametrize("found", [row[0] for row in TABLE])
def test_an_error_has_every_key_that_errors_have(found):
    error = found.body("req_1")["error"]

    expected = {"message", "userFacingMessage", "type", "code", "httpStatusCode"}
    assert error.keys() - {"integrationCode"} == expected | {"requestId"}
    assert error["requestId"] == "req_1"
    assert all(error.values())


def test_the_texts_that_somebody_has_seen():
    assert refusal.stale("17").message == (
        "QBD Request Error (3200): The provided revision number (edit sequence) "
        '"17" is out-of-date.'
    )
    assert refusal.not_in_query("x").message.endswith(
        'There was a required element ("x") that could not be found in QuickBooks.'
    )
    assert refusal.in_use().message.endswith(
        "because it is already in use. QuickBooks error message: "
        "The list element is in use."
    )
    assert refusal.timed_out().message == "Request timed out after 90 seconds"


def test_what_is_not_established_is_in_one_table():
    for name, guess in refusal.UNKNOWN.items():
        found = refusal.not_understood(name, "told")
        assert (found.status, found.code) == (guess.status, guess.code)
        assert found.message.endswith("told")


@pytest.mark.parametrize(
    ("found", "kind", "advice"),
    [
        (refusal.invalid("x"), said.NOT_APPLIED, said.PERMANENT),
        (refusal.stale("1"), said.NOT_APPLIED, said.REREAD),
        (refusal.in_use("3176"), said.NOT_APPLIED, said.RETRY),
        (refusal.duplicate_name("x"), said.NOT_APPLIED, said.PERMANENT),
        (refusal.not_active(), said.NOT_APPLIED, said.STOP),
        (refusal.no_connection(), said.NOT_APPLIED, said.STOP),
        (refusal.rate_limited(), said.NOT_APPLIED, said.SLOW_DOWN),
        (refusal.bad_key(), said.NOT_APPLIED, said.REAUTHORIZE),
        (refusal.timed_out(), said.UNKNOWN, ""),
        (refusal.broken(), said.UNKNOWN, ""),
    ],
)
def test_a_client_understands_an_error(found, kind, advice):
    fault = Fault(found.message, found.type, found.code, found.integration_code)

    answer = answer_to(found.status, fault)

    assert (answer.kind, answer.advice) == (kind, advice)


def test_a_client_reads_the_same_from_the_body():
    body = json.dumps(refusal.stale("1").body()).encode()

    assert parsed_json(body)["error"]["integrationCode"] == "3200"
    assert fault_of(body).integration_code == "3200"
