"""The head of a request, strictly read: its first line and its headers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import BinaryIO, NamedTuple

LARGEST_HEAD = 1 << 16  # bytes
MOST_HEADERS = 100
WITH_BODIES = ("POST", "PUT", "PATCH")
EARLY = "the request ended before it was whole; send it again"
_FIRST_LINE = re.compile(
    rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}) ([!\"$-~]+) HTTP/1\.([01])\r?\n"
)
_HEADER = re.compile(
    rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):([^\x00-\x08\x0a-\x1f\x7f]*)\r?\n"
)


class BadRequest(Exception):
    """A request that is none; the first argument is the status that says so."""


class Head(NamedTuple):
    """What stands before the body."""

    method: str
    target: str
    headers: Mapping[str, str]  # names in lower case; what comes twice, with a comma
    is_last: bool  # no request follows
    length: int  # -1 where it announced none that is one, or two

    @property
    def is_unsized(self) -> bool:
        """Return whether nothing says how long a body is that there may be."""
        told = {"content-length", "transfer-encoding"} & self.headers.keys()
        return self.method in WITH_BODIES and not told


def read(source: BinaryIO) -> Head | None:
    """Return the head of the next request, None where the connection ends.

    Raises BadRequest.
    """
    line = source.readline(LARGEST_HEAD)
    if not line:
        return None
    first = _FIRST_LINE.fullmatch(line)
    if not first:
        status = 414 if len(line) == LARGEST_HEAD else 400
        raise BadRequest(status, "this is no HTTP request")
    headers = _headers(source, LARGEST_HEAD - len(line))
    method, target, minor = (group.decode("ascii") for group in first.groups())
    is_last = minor == "0" or headers.get("connection", "").lower() == "close"
    return Head(method, _local(target, headers), headers, is_last, _length(headers))


def _headers(source: BinaryIO, left: int) -> dict[str, str]:
    found: dict[str, str] = {}
    for count in range(MOST_HEADERS + 1):
        line = source.readline(left)
        left -= len(line)
        if not left or (count == MOST_HEADERS and line.strip()):
            raise BadRequest(431, "the request's head is too large")
        if line in (b"\r\n", b"\n"):
            break
        if not line.endswith(b"\n"):
            raise BadRequest(400, EARLY)
        name, value = _header(line)
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _header(line: bytes) -> tuple[str, str]:
    """Return name and value; raises where the line is no header, or goes on one."""
    match = _HEADER.fullmatch(line)
    if not match:
        raise BadRequest(400, "a header of the request cannot be read")
    return match.group(1).decode("ascii").lower(), match.group(2).decode("latin-1").strip(" \t")


def _local(target: str, headers: Mapping[str, str]) -> str:
    """Return the path and query of a target; one with a host names the Host header's."""
    if target.startswith("/"):
        return target
    scheme, _, rest = target.partition("://")
    host, slash, path = rest.partition("/")
    if scheme.lower() != "http" or not slash or host != headers.get("host"):
        raise BadRequest(400, "the request's target is no path of this server")
    return slash + path


def _length(headers: Mapping[str, str]) -> int:
    """Return the length that is announced, -1 for one that is none, and for two."""
    if "transfer-encoding" in headers:
        return -1
    text = headers.get("content-length", "0")
    is_number = text.isascii() and text.isdigit() and len(text) < 12
    return int(text) if is_number else -1
