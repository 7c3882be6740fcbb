"""Conductor's errors: what their bodies say, whether the effect is there, what to do.

Conductor documents no status per error; the table is what its guides name and what
clients observed. QuickBooks' own number for a refusal comes as `integrationCode`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from src.adapters.exchange import parsed_json
from src.kit.answers import (
    APPLIED,
    NOT_APPLIED,
    PERMANENT,
    REAUTHORIZE,
    REREAD,
    RETRY,
    SLOW_DOWN,
    STOP,
    UNKNOWN,
    Answer,
    kind_of,
)

REQUEST_ERROR = "QBD_REQUEST_ERROR"  # QuickBooks took the request and refused it
CONNECTION_ERROR = "QBD_CONNECTION_ERROR"
REQUEST_TIMEOUT = "QBD_REQUEST_TIMEOUT"
NOT_SET_UP = "INTEGRATION_CONNECTION_NOT_SET_UP"
NOT_ACTIVE = "INTEGRATION_CONNECTION_NOT_ACTIVE"
MISSING = "RESOURCE_MISSING"
KEY_INVALID = "API_KEY_INVALID"

NOT_FOUND, STALE, CHANGED_BY_ANOTHER, DUPLICATE = "500", "3200", "3170", "3100"
IN_USE = ("3175", "3176")
_SAYS_MISSING = "could not be found in QuickBooks"
LONGEST_ERROR = 1000  # characters in the log

# What to do about a refusal of QuickBooks; every other one is for good.
_OF_QUICKBOOKS = dict.fromkeys(IN_USE, RETRY) | dict.fromkeys(
    (STALE, CHANGED_BY_ANOTHER), REREAD
)
# Nothing else would fare better: there is no way to QuickBooks. It was not asked.
_UNREACHABLE = frozenset({CONNECTION_ERROR, NOT_SET_UP, NOT_ACTIVE})
_OF_STATUS = {401: REAUTHORIZE, 403: STOP, 429: SLOW_DOWN}
_TEXT_OF_STATUS = {
    401: "the secret key is not accepted",
    403: "Forbidden",
    404: "Not Found",
    429: "too many requests",
    504: "QuickBooks did not answer in time",
}
_KEY = re.compile(r"sk_conductor_[^\s\"'<>,;]*")


class Fault(NamedTuple):
    """An error body: QuickBooks' own words, and by what codes they go."""

    message: str = ""
    type: str = ""
    code: str = ""
    integration_code: str = ""

    def __str__(self) -> str:
        code = self.integration_code
        text = self.message or self.code
        return f"{text} ({code})" if code and f"({code})" not in text else text


def fault_of(body: bytes) -> Fault:
    """Return the error of an answer's body, an empty one where it tells none."""
    parsed = parsed_json(body)
    found = parsed.get("error") if isinstance(parsed, dict) else None
    if not isinstance(found, dict):
        return Fault()
    told = {name: str(one) for name, one in found.items() if isinstance(one, (str, int))}
    return Fault(
        told.get("message") or told.get("userFacingMessage", ""),
        told.get("type", ""),
        told.get("code", ""),
        told.get("integrationCode", ""),
    )


def refusal(status: int, fault: Fault) -> Answer:
    """Return what an answer says that is none of success; it never shows a key."""
    kind, advice = _meaning(status, fault)
    error = str(fault) or _TEXT_OF_STATUS.get(status, f"HTTP {status}")
    if advice == REAUTHORIZE:
        error += "; put a valid CONDUCTOR_SECRET_KEY into .env"
    return Answer(
        kind,
        status,
        error=_KEY.sub("sk_conductor_…", error)[:LONGEST_ERROR],
        code=fault.integration_code or fault.code,
        advice=advice,
    )


def _meaning(status: int, fault: Fault) -> tuple[str, str]:
    """Return whether the effect is there, and what to do."""
    if status == 502 and fault.code == REQUEST_ERROR:
        return NOT_APPLIED, _OF_QUICKBOOKS.get(fault.integration_code, PERMANENT)
    if status in (409, 502) and fault.code in _UNREACHABLE:
        return NOT_APPLIED, STOP
    kind = kind_of(status) if fault.code != REQUEST_TIMEOUT else UNKNOWN
    if kind == UNKNOWN:
        return UNKNOWN, ""
    return NOT_APPLIED, _OF_STATUS.get(status, PERMANENT)


def is_missing(answer: Answer) -> bool:
    """Return whether a refusal says that there is no such record."""
    if answer.status_code == 404:
        return answer.code == MISSING
    is_of_quickbooks = answer.status_code == 502 and answer.kind == NOT_APPLIED
    return is_of_quickbooks and (
        answer.code == NOT_FOUND or _SAYS_MISSING in answer.error
    )


def success(record: Mapping[str, Any], status: int = 200) -> Answer:
    """Return what a record says that came back; without its id nothing is known."""
    remote_id = record.get("id")
    if not isinstance(remote_id, str) or not remote_id:
        return Answer(UNKNOWN, status, error="an answer without an id")
    return Answer(APPLIED, status, remote_id, record=record)
