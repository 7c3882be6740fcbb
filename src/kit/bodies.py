"""What a request brings: its query, a form or JSON, each read strictly.

Every function raises BadBody: what is wrong, and the status that says so.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from src.kit.serving import Call

LARGEST = 64 * 1024  # bytes
DEEPEST = 8  # arrays and objects in each other
LONGEST_NUMBER = 20  # characters; int() takes a second for 100,000
MOST_FIELDS = 1_000
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
_BRACKET = re.compile(r'\\.|["\[\]{}]', re.DOTALL)


class BadBody(Exception):
    """What is wrong with what a request brings."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class Object(dict[str, Any]):
    """An object of JSON, where a number in quotes is a text."""


class Content(NamedTuple):
    """A body that was read: one of the two is empty."""

    form: Mapping[str, Sequence[str]] = {}
    json: Any = {}


def query(call: Call) -> dict[str, str]:
    """Return the query, in which no name comes twice."""
    found = dict(call.pairs)
    if len(found) < len(call.pairs):
        raise BadBody(400, "the address has a name twice; give each once")
    return found


def read(call: Call, is_json: bool) -> Content:
    """Return what the body holds: JSON or a form, as its address expects it."""
    _check_length(call)
    if call.method in ("GET", "HEAD"):
        if call.body:
            raise BadBody(400, f"a {call.method} has no body; leave it out")
        return Content(json=Object())
    if call.body or "content-type" in call.headers:
        _check_type(call, JSON if is_json else FORM)
    if not call.body:
        return Content(json=Object())
    body = bytes(call.body)
    return Content(json=_json(body)) if is_json else Content(form=_form(body))


def _check_length(call: Call) -> None:
    if "transfer-encoding" in call.headers:
        raise BadBody(501, "a body in chunks is not read here; send its Content-Length")
    if call.length < 0 and "content-length" not in call.headers:
        raise BadBody(411, "Content-Length: is missing; say how long the body is")
    if call.length < 0:
        raise BadBody(400, "Content-Length: is no number of bytes; give it once")
    if call.length > LARGEST:
        raise BadBody(413, f"the body is larger than {LARGEST:,} bytes; send less")


def _check_type(call: Call, expected: str) -> None:
    kind, _, parameter = call.headers.get("content-type", "").lower().partition(";")
    is_utf8 = parameter.replace('"', "").strip() in ("", "charset=utf-8")
    if kind.strip() != expected or not is_utf8:
        raise BadBody(415, f"Content-Type: send {expected} in UTF-8")
    if "content-encoding" in call.headers:
        raise BadBody(415, "Content-Encoding: send the body as it is")


def _form(body: bytes) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:  # UnicodeDecodeError is one
        raise BadBody(400, "the form cannot be read; send it from its page") from None
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _json(body: bytes) -> Object:
    try:
        text = body.decode("utf-8")
        _check_depth(text)
        found = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_float,
            parse_constant=_refused,
        )
        json.dumps(found, ensure_ascii=False).encode()  # half a character is no text
    except ValueError as error:
        raise BadBody(400, f"the JSON cannot be read: {_reason(error)}") from None
    if not isinstance(found, Object):
        raise BadBody(400, 'the JSON is no object; send {"name": value}')
    return found


def _reason(error: ValueError) -> str:
    """Return what is wrong without a byte of what was sent."""
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}, column {error.colno}; correct it"
    return "it is not UTF-8" if isinstance(error, UnicodeError) else str(error)


def _check_depth(text: str) -> None:
    depth, is_in_text = 0, False
    for match in _BRACKET.finditer(text):
        mark = match.group()
        if mark == '"':
            is_in_text = not is_in_text
        elif not is_in_text and mark in "[{":
            depth += 1
        elif not is_in_text and mark in "]}":
            depth -= 1
        if depth > DEEPEST:
            raise ValueError(f"it is more than {DEEPEST} deep")


def _object(pairs: Sequence[tuple[str, Any]]) -> Object:
    found = Object(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name comes twice in it")
    return found


def _integer(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise ValueError(f"a number has more than {LONGEST_NUMBER} digits")
    return int(text)


def _float(text: str) -> float:
    number = float(text) if len(text) <= 2 * LONGEST_NUMBER else math.inf
    if not math.isfinite(number):
        raise ValueError("a number is too large, or too long")
    return number


def _refused(name: str) -> float:
    raise ValueError(f"{name} is no JSON")
