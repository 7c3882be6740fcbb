"""QuickBooks Online's errors: three dialects, one table of codes, and what each asks for.

The table is Intuit's list of v3 errors with what clients observed; the dialects are what
the API answers: JSON `Fault`, the gateway's JSON `fault`, and XML for throttling.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any, NamedTuple

from src.adapters.exchange import parsed_json
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
    Answer,
    kind_of,
)


class Meaning(NamedTuple):
    """What a code means, and what to do about it."""

    text: str
    advice: str


# Codes without leading zeros: 003001 and 3001 both occur.
CODES = {
    "100": Meaning("General authentication error", REAUTHORIZE),
    "110": Meaning("OAuth failure", REAUTHORIZE),
    "120": Meaning("Authorization failure: the user was removed or is no admin", REAUTHORIZE),
    "130": Meaning("Wrong cluster", RETRY),
    "140": Meaning("Company locked", RETRY),
    "150": Meaning("Company under maintenance", RETRY),
    "500": Meaning("Unsupported Operation", PERMANENT),
    "600": Meaning("Duplicate Request ID", LOOK_UP),
    "610": Meaning("Object Not Found", PERMANENT),
    "1040": Meaning("Batch size exceeds the limit", PERMANENT),
    "2010": Meaning("Request has invalid or unsupported property", PERMANENT),
    "2020": Meaning("Required param missing, need to supply the required value", PERMANENT),
    "2030": Meaning("Invalid ID", PERMANENT),
    "2040": Meaning("Invalid String: unsupported characters", PERMANENT),
    "2050": Meaning("String length is either shorter or longer than supported", PERMANENT),
    "2060": Meaning("Invalid Date", PERMANENT),
    "2070": Meaning("Invalid Date range", PERMANENT),
    "2130": Meaning("Invalid Request Id", PERMANENT),
    "2170": Meaning("Invalid Enumeration", PERMANENT),
    "2210": Meaning("Invalid Email Address format", PERMANENT),
    "2500": Meaning("Invalid Reference Id", PERMANENT),
    "3000": Meaning("Invalid custom field", PERMANENT),
    "3001": Meaning("ThrottleExceeded", SLOW_DOWN),
    "3100": Meaning("ApplicationAuthorizationFailed", REAUTHORIZE),
    "3200": Meaning("ApplicationAuthenticationFailed", REAUTHORIZE),
    "4000": Meaning("Error parsing query", PERMANENT),
    "4001": Meaning("Invalid query", PERMANENT),
    "4002": Meaning("Error processing query", PERMANENT),
    "5010": Meaning("Stale Object Error", REREAD),
    "5020": Meaning("Permission Denied Error", PERMANENT),
    "5030": Meaning("Feature Not Supported Error", PERMANENT),
    "6000": Meaning("A business validation error has occurred", PERMANENT),
    "6020": Meaning("Upload without Content-Length", PERMANENT),
    "6030": Meaning("The request is larger than 100 MB", PERMANENT),
    "6040": Meaning("Upload with other metadata than an Attachable's", PERMANENT),
    "6041": Meaning("Invalid Uploaded File", PERMANENT),
    "6050": Meaning("Attachments are not supported for this entity", PERMANENT),
    "6080": Meaning("No name provided", PERMANENT),
    "6140": Meaning("Duplicate Document Number Error", PERMANENT),
    "6180": Meaning("Too many levels of sub-customers", PERMANENT),
    "6190": Meaning("Invalid Company Status: the subscription has ended", STOP),
    "6200": Meaning("Account Period Closed", PERMANENT),
    "6210": Meaning("Account Period Closed: needs the closing password", PERMANENT),
    "6240": Meaning("Duplicate Name Exists Error", PERMANENT),
    "6540": Meaning("Deposited Transaction cannot be changed", PERMANENT),
    "10000": Meaning("An application error has occurred", RETRY),
}
SYSTEM_FAULT = "10000"
LONGEST_XML = 10_000  # bytes that are looked at; an error of QuickBooks is far shorter
MOST_ERRORS, LONGEST_ERROR = 5, 1000  # of one answer; characters in the log
_OF_STATUS = {
    401: "the access token is not accepted",
    403: "Forbidden",
    404: "Not Found",
    413: "the request is too large",
    429: "ThrottleExceeded",
    503: "Service Unavailable",
}


class Fault(NamedTuple):
    """One error of an answer; `code` without leading zeros."""

    code: str = ""
    message: str = ""
    detail: str = ""
    element: str = ""
    kind: str = "ValidationFault"

    def __str__(self) -> str:
        said = self.detail or self.message
        if self.message and not said.startswith(self.message):
            said = f"{self.message}: {said}"
        place = f" [{self.element}]" if self.element else ""
        return f"{said}{place} ({self.code})" if self.code else said + place


_XML_ERROR = re.compile(rb"<Error\b([^<>]*)>(.*?)</Error>", re.S)
_XML_CODE = re.compile(rb"""code\s*=\s*["'](\w+)""")
_XML_TYPE = re.compile(rb"""<Fault\b[^>]*type\s*=\s*["'](\w+)""")


def faults_of(body: bytes) -> list[Fault]:
    """Return the errors of an answer's body, whichever dialect it speaks."""
    if body[:100].lstrip()[:1] == b"<":
        return list(_in_xml(body[:LONGEST_XML]))
    parsed = parsed_json(body)
    return faults_in(parsed) if isinstance(parsed, dict) else []


def faults_in(parsed: Mapping[str, Any]) -> list[Fault]:
    """Return the errors of a parsed answer, or of one part of it."""
    for name in ("Fault", "fault"):
        found = parsed.get(name)
        if isinstance(found, dict):
            told = found.get("Error") or found.get("error")
            errors = told[:MOST_ERRORS] if isinstance(told, list) else [told]
            kind = str(found.get("type") or "")
            # A fault that tells nothing is a fault all the same.
            return [_in_json(one, kind) for one in errors if isinstance(one, dict)] or [
                Fault(kind=kind)
            ]
    return []


def _in_json(error: Mapping[str, Any], kind: str) -> Fault:
    said = {name.lower(): str(value) for name, value in error.items() if value}
    return Fault(
        _code(said.get("code", "")),
        said.get("message", ""),
        said.get("detail", ""),
        said.get("element", ""),
        kind,
    )


def _in_xml(body: bytes) -> Iterator[Fault]:
    kind = _XML_TYPE.search(body)
    complete = body[: body.rfind(b"</Error>") + len(b"</Error>")]  # or the search is endless
    for attributes, content in _XML_ERROR.findall(complete):
        code = _XML_CODE.search(attributes)
        yield Fault(
            _code(code[1].decode() if code else ""),
            _xml_text(content, b"Message"),
            _xml_text(content, b"Detail"),
            kind=kind[1].decode() if kind else "",
        )


def _xml_text(content: bytes, name: bytes) -> str:
    found, end, _ = content.partition(b"<%b>" % name)[2].partition(b"</%b>" % name)
    return unescape(found.decode("utf-8", "replace")).strip() if end else ""


def _code(text: str) -> str:
    return text.strip().lstrip("0")


def refusal(status: int, faults: list[Fault]) -> Answer:
    """Return what an answer says that is none of success; 200 may hold errors too."""
    fault = faults[0] if faults else Fault()
    advice = CODES.get(fault.code, Meaning("", "")).advice
    kind = NOT_APPLIED if status < 300 else kind_of(status)
    if advice == LOOK_UP or (status < 300 and _is_of_the_system(fault)):
        kind = UNKNOWN
    error = "; ".join(map(str, faults)) or _OF_STATUS.get(status, f"HTTP {status}")
    error = error[:LONGEST_ERROR]
    return Answer(kind, status, error=error, code=fault.code, advice=advice)


def untold(whole: Answer) -> Answer:
    """Return what an answer says of a part of the request that it does not mention."""
    return whole._replace(kind=UNKNOWN, error=whole.error or "the answer lacks this part")


def _is_of_the_system(fault: Fault) -> bool:
    return fault.code == SYSTEM_FAULT or fault.kind == "SystemFault" or not fault.code


def success(record: Mapping[str, Any], status: int = 200) -> Answer:
    """Return what a record says that came back; without its id nothing is known."""
    remote_id = id_in(record)
    if not remote_id:
        return Answer(UNKNOWN, status, error="an answer without an id")
    return Answer(APPLIED, status, remote_id, size_in(record), record=record)


def id_in(record: Mapping[str, Any]) -> str:
    """Return a record's id, whether it came as text or as a number, empty if none."""
    found = record.get("Id")
    is_number = isinstance(found, int) and not isinstance(found, bool)
    return str(found) if is_number or isinstance(found, str) else ""


def size_in(record: Mapping[str, Any]) -> int:
    """Return an attachable's size in bytes, -1 where it does not tell one."""
    found = record.get("Size")
    try:
        return int(found) if found is not None else -1
    except (TypeError, ValueError, OverflowError):
        return -1
