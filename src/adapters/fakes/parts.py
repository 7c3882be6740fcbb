"""The parts of a multipart body, in each dialect that QuickBooks' clients send.

CRLF or bare LF, with and without a blank line in front, base64 or raw, JSON or XML
metadata, a last boundary without its closing dashes: what python-quickbooks,
node-quickbooks and Intuit's own SDKs for PHP, .NET, Java and Ruby send.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from mmap import mmap
from typing import Any, NamedTuple, Union
from urllib.parse import unquote

from src.adapters.fakes import xml_face
from src.adapters.fakes.refusal import Refusal

Buffer = Union[bytes, mmap]
BLOCK = 1 << 20  # bytes handed on at once
_PARAMETER = re.compile(r';\s*([\w*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))')


class Part(NamedTuple):
    """One part: its names, its headers (lower case), where its content stands."""

    name: str
    filename: str
    headers: Mapping[str, str]
    body: Buffer
    start: int
    end: int

    @property
    def is_base64(self) -> bool:
        """Return whether the content travels as base64."""
        return self.headers.get("content-transfer-encoding", "").lower() == "base64"

    @property
    def size(self) -> int:
        """Return the number of bytes as they stand in the body."""
        return self.end - self.start

    def blocks(self) -> Iterator[bytes]:
        """Yield the content, decoded; raises Refusal where it is no base64."""
        if self.is_base64:
            yield _decoded(self.body[self.start : self.end])
            return
        for at in range(self.start, self.end, BLOCK):
            yield self.body[at : min(at + BLOCK, self.end)]


class Upload(NamedTuple):
    """One file of an upload: its metadata and its content, as far as they are there."""

    metadata: Mapping[str, Any]
    content: Part | None


def uploads_in(content_type: str, body: Buffer) -> list[Upload]:
    """Return the files of an upload, in order; raises Refusal."""
    boundary = _parameter(content_type, "boundary")
    if not boundary:
        raise Refusal("6041", "the upload is no multipart/form-data with a boundary")
    pairs: dict[str, dict[str, Part]] = {}
    for part in parts_in(body, boundary):
        for kind in ("file_metadata", "file_content"):
            if part.name.startswith(kind):
                pairs.setdefault(part.name[len(kind) :], {})[kind] = part
    if not pairs:
        raise Refusal("6041", "the upload has neither file_metadata_ nor file_content_")
    return [
        Upload(_metadata(pair.get("file_metadata")), pair.get("file_content"))
        for pair in pairs.values()
    ]


def parts_in(body: Buffer, boundary: str) -> Iterator[Part]:
    """Yield the named parts of a multipart body."""
    borders = list(_borders(body, b"--" + boundary.encode("latin-1", "replace")))
    ends = [start for start, _ in borders[1:]] + [len(body)]
    for (_, begin), end in zip(borders, ends):
        # Of an empty part, the blank line is the line end in front of the next boundary.
        blank = re.compile(rb"\r?\n\r?\n").search(body, begin, end + 2)
        if blank:
            headers = _headers(body[begin : blank.start()])
            told = headers.get("content-disposition", "")
            name = _parameter(told, "name")
            if name:
                filename = unquote(_parameter(told, "filename"))
                yield Part(name, filename, headers, body, blank.end(), max(blank.end(), end))


def _borders(body: Buffer, border: bytes) -> Iterator[tuple[int, int]]:
    """Yield where each boundary line begins (with the line end before it) and ends."""
    at = body.find(border)
    while at >= 0:
        after = re.compile(rb"(?:--)?[ \t]*(?:\r?\n|\Z)").match(body, at + len(border))
        start = at
        if body[at - 1 : at] == b"\n":
            start -= 2 if body[at - 2 : at] == b"\r\n" else 1
        if after:  # PHP's SDK may leave out the line end in front of it
            yield start, after.end()
        at = body.find(border, at + len(border))


def _headers(block: bytes) -> dict[str, str]:
    found = {}
    for line in block.decode("utf-8", "replace").splitlines():
        name, colon, value = line.partition(":")
        if colon:
            found[name.strip().lower()] = value.strip()
    return found


def _parameter(value: str, name: str) -> str:
    """Return a parameter of a header's value, quoted or not."""
    for found in _PARAMETER.finditer(";" + value):
        if found[1].lower() == name:
            return re.sub(r"\\(.)", r"\1", found[2]) if found[2] is not None else found[3]
    return ""


def _decoded(content: bytes) -> bytes:
    coded = b"".join(content.split())
    try:
        if len(coded) % 4 == 0:  # older Pythons take a lone `=` for nothing
            return base64.b64decode(coded, validate=True)
    except binascii.Error:
        pass
    raise Refusal("6041", "the content is no base64", status=400)


def _metadata(part: Part | None) -> dict[str, Any]:
    if part is None:
        return {}
    text = b"".join(part.blocks()).strip()
    if text[:1] == b"<":
        return _in_xml(text)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Refusal("6040", "the metadata is no Attachable")
    return found


def _in_xml(text: bytes) -> dict[str, Any]:
    try:
        name, found = xml_face.read(text)
    except ValueError as error:
        raise Refusal("6040", f"the metadata: {error}") from None
    if name != "Attachable":
        raise Refusal("6040", "the metadata is no Attachable")
    return found
