"""Conductor's errors: what each says of the effect, and what it asks for."""

from __future__ import annotations

import json

import pytest

from src.adapters import conductor_errors as errors
from src.adapters.conductor_errors import Fault
from src.kit import answers as said

NOT_APPLIED, UNKNOWN = said.NOT_APPLIED, said.UNKNOWN
INTEGRATION, CONNECTION = "INTEGRATION_ERROR", "INTEGRATION_CONNECTION_ERROR"


def body(**error: object) -> bytes:
    return json.dumps({"error": error}).encode()


def of_quickbooks(code: str) -> Fault:
    return Fault("refused", INTEGRATION, errors.REQUEST_ERROR, code)


@pytest.mark.parametrize(
    ("status", "fault", "kind", "advice"),
    [
        (400, Fault("too big", "INVALID_REQUEST_ERROR", "X"), NOT_APPLIED, said.PERMANENT),
        (401, Fault(code=errors.KEY_INVALID), NOT_APPLIED, said.REAUTHORIZE),
        (403, Fault(type="PERMISSION_ERROR"), NOT_APPLIED, said.STOP),
        (404, Fault(code=errors.MISSING), NOT_APPLIED, said.PERMANENT),
        (409, Fault(code=errors.NOT_SET_UP), NOT_APPLIED, said.STOP),
        (409, Fault(code=errors.NOT_ACTIVE), NOT_APPLIED, said.STOP),
        (409, Fault(), UNKNOWN, ""),
        (500, Fault(code=errors.NOT_ACTIVE), UNKNOWN, ""),
        (504, Fault(code=errors.CONNECTION_ERROR), UNKNOWN, ""),
        (422, Fault(), NOT_APPLIED, said.PERMANENT),
        (429, Fault(), NOT_APPLIED, said.SLOW_DOWN),
        (500, Fault(type="INTERNAL_ERROR"), UNKNOWN, ""),
        (502, Fault(), UNKNOWN, ""),
        (502, Fault(code=errors.CONNECTION_ERROR), NOT_APPLIED, said.STOP),
        (502, of_quickbooks("3100"), NOT_APPLIED, said.PERMANENT),
        (502, of_quickbooks("3170"), NOT_APPLIED, said.REREAD),
        (502, of_quickbooks("3175"), NOT_APPLIED, said.RETRY),
        (502, of_quickbooks("3176"), NOT_APPLIED, said.RETRY),
        (502, of_quickbooks("3200"), NOT_APPLIED, said.REREAD),
        (502, of_quickbooks(""), NOT_APPLIED, said.PERMANENT),
        (500, of_quickbooks("3200"), UNKNOWN, ""),
        (504, Fault(code=errors.REQUEST_TIMEOUT), UNKNOWN, ""),
        (502, Fault(code=errors.REQUEST_TIMEOUT), UNKNOWN, ""),
        (408, Fault(code=errors.REQUEST_TIMEOUT), UNKNOWN, ""),
        (400, Fault(code=errors.REQUEST_TIMEOUT), UNKNOWN, ""),
        (504, of_quickbooks("3200"), UNKNOWN, ""),
        (302, Fault(), UNKNOWN, ""),
    ],
)
def test_a_refusal_says_whether_the_effect_is_there_and_what_to_do(
    status, fault, kind, advice
):
    answer = errors.refusal(status, fault)

    assert (answer.kind, answer.advice) == (kind, advice)
    assert answer.status_code == status
    assert answer.error != ""


def test_an_error_speaks_in_quickbooks_own_words_with_its_number():
    fault = errors.fault_of(
        body(message="The name is in use.", userFacingMessage="Oops", integrationCode="3100")
    )

    answer = errors.refusal(502, fault)

    assert (answer.error, answer.code) == ("The name is in use. (3100)", "3100")


def test_a_number_that_the_words_have_is_not_told_twice():
    fault = Fault("QBD Request Error (3200): out-of-date.", integration_code="3200")

    assert str(fault) == "QBD Request Error (3200): out-of-date."


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (body(userFacingMessage="Oops"), "Oops"),
        (body(code="QBD_REQUEST_TIMEOUT"), "QBD_REQUEST_TIMEOUT"),
        (body(message="no", integrationCode=3175), "no (3175)"),
        (body(message=["no"]), "HTTP 418"),
        (b'{"error": "text"}', "HTTP 418"),
        (b'{"error": null}', "HTTP 418"),
        (b"[1]", "HTTP 418"),
        (b"<html>teapot</html>", "HTTP 418"),
        (b"", "HTTP 418"),
        (b"[" * 60_000, "HTTP 418"),
    ],
)
def test_whatever_a_body_lacks_there_is_a_sentence(content, text):
    assert errors.refusal(418, errors.fault_of(content)).error == text


def test_no_error_shows_a_key_or_is_longer_than_a_log_wants():
    fault = Fault('no such key: "sk_conductor_4711secret", ' + "x" * 5000)

    answer = errors.refusal(400, fault)

    assert "4711" not in answer.error
    assert answer.error.startswith('no such key: "sk_conductor_…", x')
    assert len(answer.error) == errors.LONGEST_ERROR


def test_a_key_that_is_refused_names_the_setting():
    answer = errors.refusal(401, Fault("The API key is invalid.", code="API_KEY_INVALID"))

    assert answer.error.endswith("; put a valid CONDUCTOR_SECRET_KEY into .env")
    assert answer.is_unauthorized


@pytest.mark.parametrize(
    ("status", "fault", "is_missing"),
    [
        (404, Fault(code="RESOURCE_MISSING"), True),
        (404, Fault(), False),  # a wrong address answers so too
        (502, of_quickbooks("500"), True),
        (502, Fault("it could not be found in QuickBooks.", "", "QBD_REQUEST_ERROR"), True),
        (502, of_quickbooks("3120"), False),
        (502, Fault(integration_code="500"), False),
        (500, of_quickbooks("500"), False),
        (400, Fault("could not be found in QuickBooks"), False),
    ],
)
def test_missing_is_only_what_quickbooks_or_conductor_says_is(status, fault, is_missing):
    assert errors.is_missing(errors.refusal(status, fault)) == is_missing


@pytest.mark.parametrize("found", [{}, {"id": ""}, {"id": 7}, {"id": None}])
def test_a_record_without_an_id_is_no_success(found):
    assert errors.success(found).kind == UNKNOWN


def test_a_record_with_an_id_is_a_success_that_holds_it():
    answer = errors.success({"id": "80000001-1", "name": "Ann"})

    assert (answer.kind, answer.remote_id) == (said.APPLIED, "80000001-1")
    assert answer.record["name"] == "Ann"
