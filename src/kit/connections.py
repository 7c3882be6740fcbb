"""One connection of a server: requests strictly read, answers written, both within limits.

What is no HTTP/1.x, or more than the limits allow, is answered and the connection closed:
nothing that follows it is taken for a request.
"""

from __future__ import annotations

import io
import math
import mmap
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from email.utils import formatdate
from http import HTTPStatus
from pathlib import Path
from socket import SHUT_WR, socket
from socketserver import StreamRequestHandler
from typing import BinaryIO, NamedTuple, Protocol, Union
from urllib.parse import parse_qsl

from src.kit import heads
from src.kit.heads import BadRequest, Head

IN_MEMORY = 16_000_000  # bytes; a larger body waits in a temporary file
BLOCK = 1 << 16
SLOWEST = 50_000  # bytes per second, of who reads an answer
LINGER_SECONDS = 1.0  # for a client to read why its request was not
LINGER_BYTES = 1 << 20
LATE = "the request did not come in time; send it at once"

Buffer = Union[bytes, mmap.mmap]


class Call(NamedTuple):
    """A request. `length` is -1 where it announced none, or one that is none."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case; what comes twice, with a comma
    body: Buffer
    length: int
    pairs: Sequence[tuple[str, str]] = ()  # the query, with what it repeats


class Reply(NamedTuple):
    """An answer, and what goes wrong on its way, for servers that simulate it."""

    status: int
    body: Union[bytes, Path, BinaryIO] = b""  # a file that is open is sent, then closed
    content_type: str = "application/json"
    headers: Mapping[str, str] = {}
    line: str = ""  # drop, cut, slow:<seconds>


App = Callable[[Call], Reply]


def _in_words(status: int, message: str) -> Reply:
    return Reply(status, message.encode(), "text/plain; charset=utf-8")


class Limits(NamedTuple):
    """What a server takes, and how it answers what it does not take."""

    connections: int = 64
    idle_seconds: float = 30.0  # until the next byte comes, or goes
    whole_seconds: float = math.inf  # from a request's first byte to its last
    largest_body: int = 110_000_000  # bytes; of a larger one nothing is read
    refusal: Callable[[int, str], Reply] = _in_words
    slow_seconds: float = 0.5  # of an answer on its way: then others may take its place


class Server(Protocol):
    """The server as a connection needs it."""

    app: App
    limits: Limits

    def begins(self, connection: socket) -> None:
        """Note that a connection's request is whole; raises where it was hung up."""

    def waits(self, connection: socket) -> None:
        """Note that a connection has no whole request, from now on."""

    def writes(self, connection: socket) -> None:
        """Note that a connection's answer is on its way, from now on."""


class _Incoming(io.RawIOBase):
    """What a client sends, within the time that it has for a request."""

    def __init__(self, connection: socket, limits: Limits) -> None:
        self._connection, self._limits = connection, limits
        self._until = 0.0
        self.is_waited_for = True  # else only what has come already is read

    def begin(self) -> None:
        """Give the next request all the time, from its first byte on."""
        self._until = 0.0

    @property
    def has_begun(self) -> bool:
        """Return whether something of the request has come."""
        return self._until > 0

    def readable(self) -> bool:
        """Return True: it can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int | None:  # type: ignore[override]
        """Read what comes next; raises TimeoutError."""
        if not self.is_waited_for:
            return self._at_once(buffer)
        left = self._until - time.monotonic() if self._until else math.inf
        if left <= 0:
            raise TimeoutError("the request took too long")
        self._connection.settimeout(min(self._limits.idle_seconds, left))
        count = self._connection.recv_into(buffer)
        self._until = self._until or time.monotonic() + self._limits.whole_seconds
        return count

    def _at_once(self, buffer: memoryview) -> int | None:
        self._connection.settimeout(0)
        try:
            return self._connection.recv_into(buffer)
        except BlockingIOError:
            return None
        finally:
            self._connection.settimeout(self._limits.idle_seconds)


class Connection(StreamRequestHandler):
    """Serves what comes over one connection, until its end."""

    disable_nagle_algorithm = True
    server: Server  # type: ignore[assignment]

    def setup(self) -> None:
        """Open the connection."""
        super().setup()
        self._incoming = _Incoming(self.connection, self.server.limits)
        self._reader = io.BufferedReader(self._incoming, BLOCK)
        self._is_last = False
        self._is_read = True  # whether nothing of the last request is still to come

    def handle(self) -> None:
        """Answer one request after the other."""
        while not self._is_last:
            self._incoming.begin()
            self._is_last = True
            try:
                self._exchange()
            except BadRequest as bad:
                self._is_last, self._is_read = True, False
                self._send("", self.server.limits.refusal(*bad.args))

    def finish(self) -> None:
        """Close; who still sends may first read why its request was not read."""
        if not self._is_read:
            with suppress(OSError):
                self.connection.shutdown(SHUT_WR)
                self._drain()
        super().finish()

    def _drain(self) -> None:
        until, left = time.monotonic() + LINGER_SECONDS, LINGER_BYTES
        while left > 0 and (seconds := until - time.monotonic()) > 0:
            self.connection.settimeout(seconds)
            count = len(self.connection.recv(BLOCK))
            left -= count or left

    def _exchange(self) -> None:
        head = self._head()
        if not head:
            return
        if head.is_unsized and self._brings_more(head):
            head = head._replace(length=-1)
        is_read = 0 <= head.length <= self.server.limits.largest_body
        # What has no length may follow later: nothing of it is taken for a request.
        self._is_last = head.is_last or head.is_unsized or not is_read
        if head.headers.get("expect") and is_read:
            self._encourage(head)
        self._is_read = is_read and not head.is_unsized
        path, _, query = head.target.partition("?")
        with self._body(head.length if is_read else 0) as body:
            pairs = parse_qsl(query, keep_blank_values=True)
            call = Call(
                head.method, path, dict(pairs), head.headers, body, head.length, pairs
            )
            self.server.begins(self.connection)
            reply = self.server.app(call)
            self.server.writes(self.connection)
            self._send(head.method, reply)
            self.server.waits(self.connection)

    # --- what comes -------------------------------------------------------------------

    def _head(self) -> Head | None:
        try:
            return heads.read(self._reader)
        except TimeoutError:
            if not self._incoming.has_begun:
                return None
            raise BadRequest(408, LATE) from None

    def _brings_more(self, head: Head) -> bool:
        """Return whether it has a body, as far as that shows without its length."""
        self._incoming.is_waited_for = False
        has_come = self._reader.peek(1)
        self._incoming.is_waited_for = True
        return bool(has_come) or "content-type" in head.headers

    def _encourage(self, head: Head) -> None:
        if head.headers["expect"].lower() != "100-continue":
            raise BadRequest(417, "Expect: only 100-continue is known here")
        if head.length:
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    @contextmanager
    def _body(self, length: int) -> Iterator[Buffer]:
        if length <= IN_MEMORY:
            yield b"".join(self._coming(length))
            return
        with tempfile.TemporaryFile() as file:
            for block in self._coming(length):
                file.write(block)
            file.flush()
            with mmap.mmap(file.fileno(), length, access=mmap.ACCESS_READ) as mapped:
                yield mapped

    def _coming(self, length: int) -> Iterator[bytes]:
        try:
            yield from _blocks(self._reader, length)
        except TimeoutError:
            raise BadRequest(408, LATE) from None
        except EOFError:
            raise BadRequest(400, heads.EARLY) from None

    # --- what goes --------------------------------------------------------------------

    def _send(self, method: str, reply: Reply) -> None:
        if reply.status == _NO_CONTENT:  # it ends with its head, whatever else is there
            reply = reply._replace(body=b"")
        if reply.line == "drop":
            self._is_last = True
        elif not isinstance(reply.body, bytes):
            self._send_file(method, reply, reply.body)
        else:
            content = b"" if method == "HEAD" else reply.body
            if reply.line == "cut":
                content = content[: len(content) // 2]
                self._is_last = True
            self._write([top(reply, len(reply.body), self._is_last) + content], reply.line)

    def _send_file(self, method: str, reply: Reply, found: Path | BinaryIO) -> None:
        with open(found, "rb") if isinstance(found, Path) else found as file:
            size = file.seek(0, io.SEEK_END) - file.seek(0)
            self._write([top(reply, size, self._is_last)])
            if method != "HEAD":
                self._write(_blocks(file, size))

    def _write(self, blocks: Iterable[bytes], line: str = "") -> None:
        until = time.monotonic() + self.server.limits.whole_seconds
        for block in blocks:
            if line.startswith("slow:"):
                self._drip(block, float(line[5:]))
                continue
            for at in range(0, len(block), BLOCK):
                piece = memoryview(block)[at : at + BLOCK]
                until += len(piece) / SLOWEST
                left = max(0.001, until - time.monotonic())
                self.connection.settimeout(min(self.server.limits.idle_seconds, left))
                self.wfile.write(piece)

    def _drip(self, content: bytes, seconds: float) -> None:
        for at in range(len(content)):
            self.wfile.write(content[at : at + 1])
            time.sleep(seconds / len(content))


def top(reply: Reply, size: int, is_last: bool) -> bytes:
    """Return what stands in an answer before its body of that size."""
    about = {"Content-Type": reply.content_type, "Content-Length": str(size)}
    headers = {
        "Date": formatdate(usegmt=True),
        **(about if reply.status != _NO_CONTENT else {}),
        **reply.headers,
        **({"Connection": "close"} if is_last else {}),
    }
    lines = [f"HTTP/1.1 {reply.status} {_PHRASES.get(reply.status, '')}"]
    for name, value in headers.items():  # a line end in a value would begin a header
        lines.append(f"{name}: {''.join(filter(str.isprintable, value))}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")


_NO_CONTENT = int(HTTPStatus.NO_CONTENT)
_PHRASES = {int(status): status.phrase for status in HTTPStatus}


def _blocks(source: BinaryIO, length: int) -> Iterator[bytes]:
    """Yield what a source holds, up to a length; raises where it ends before."""
    while length:
        block = source.read(min(BLOCK, length))
        if not block:
            raise EOFError
        length -= len(block)
        yield block
