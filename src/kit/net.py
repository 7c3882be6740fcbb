"""One HTTP exchange at a time, under one deadline: http.client, and nothing followed.

No redirects, no proxies of the environment, certificates verified, https required except
on this machine. A connection is kept for the next request of whoever comes.
"""

from __future__ import annotations

import io
import select
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple, Union
from urllib.parse import urlsplit

from src.kit.errors import Refused

if TYPE_CHECKING:
    from ssl import SSLContext

SLOWEST_UPLOAD = 100_000  # bytes a second; a request has so much longer to leave
LONGEST_CONNECT = 10.0  # seconds
LONGEST_IDLE = 5.0  # seconds; servers close what is idle, and a write must not meet that
SMALL = 1 << 16  # bytes that are worth copying to save a system call
LARGEST_BODY = 110_000_000  # bytes of an answer; an attachment has at most 100 MB

Body = Union[bytes, Callable[[], Iterable[bytes]]]


class NotSent(Exception):
    """No connection came about: the other side cannot have seen the request."""


class Broken(Exception):
    """The exchange broke, or ran out of time, after the request had begun to leave."""


class Request(NamedTuple):
    """What is sent. A callable body is called for each sending; its length is `length`."""

    method: str
    path: str  # with its query
    headers: Mapping[str, str] = {}
    body: Body = b""
    length: int = 0

    @property
    def size(self) -> int:
        """Return the number of bytes of the body."""
        return len(self.body) if isinstance(self.body, bytes) else self.length


class Response(NamedTuple):
    """What came back; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Client:
    """Requests to one host; safe for several threads."""

    def __init__(self, base_url: str, deadline_seconds: float = 60.0) -> None:
        """Raises Refused where the URL is none, or would send secrets in clear text."""
        scheme, self._host, self._port, self.base_path = _address(base_url)
        self._is_tls = scheme == "https"
        if not self._is_tls and not is_loopback(self._host):
            raise Refused(f"{base_url}: https is required except on this machine")
        self._deadline_seconds = deadline_seconds
        self._idle: deque[tuple[float, HTTPConnection]] = deque()
        self._context = _tls() if self._is_tls else None

    def send(self, request: Request) -> Response:
        """Return the answer; raises NotSent or Broken, and what the body raises."""
        seconds = self._deadline_seconds + request.size / SLOWEST_UPLOAD
        deadline = time.monotonic() + seconds
        connection = self._reused(deadline) or self._connect(deadline)
        try:
            answer, may_be_kept = _exchange(connection, self.base_path, request)
        except (HTTPException, OSError, ValueError) as error:
            connection.close()
            raise Broken(_reason(error, seconds)) from None
        except BaseException:
            connection.close()
            raise
        if may_be_kept:
            self._idle.append((time.monotonic(), connection))
        else:
            connection.close()
        return answer

    # --- connections ------------------------------------------------------------------

    def _reused(self, deadline: float) -> HTTPConnection | None:
        """Return an idle connection that the other side has not closed."""
        while self._idle:
            try:
                since, connection = self._idle.pop()
            except IndexError:  # another thread was faster
                return None
            wire = connection.sock
            is_fresh = time.monotonic() - since < LONGEST_IDLE
            if is_fresh and not _has_ended(wire.fileno()):
                wire.deadline = deadline
                return connection
            connection.close()
        return None

    def _connect(self, deadline: float) -> HTTPConnection:
        seconds = min(LONGEST_CONNECT, max(0.001, deadline - time.monotonic()))
        try:
            wire = socket.create_connection((self._host, self._port), seconds)
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._context:
                wire = self._context.wrap_socket(wire, server_hostname=self._host)
        except OSError as error:
            raise NotSent(f"no connection to {self._host}: {_reason(error, seconds)}") from None
        connection = (
            HTTPSConnection(self._host, self._port, context=self._context)
            if self._context
            else HTTPConnection(self._host, self._port)
        )
        connection.response_class = _Final
        connection.auto_open = 0  # a lost connection is an unknown outcome, not a detail
        connection.sock = _Wire(wire, deadline)
        return connection

    def close(self) -> None:
        """Close the connections that nobody uses."""
        while self._idle:
            self._idle.pop()[1].close()


def _exchange(
    connection: HTTPConnection, base_path: str, request: Request
) -> tuple[Response, bool]:
    """Return the answer, and whether the connection is good for another request."""
    body = request.body if isinstance(request.body, bytes) else request.body()
    headers = dict(request.headers)
    if request.method != "GET":
        headers["Content-Length"] = str(request.size)
    is_whole = True
    try:
        path = base_path + request.path
        connection.request(request.method, path, body or None, headers)
        connection.sock.flush()
    except (BrokenPipeError, ConnectionResetError):
        is_whole = False  # who refuses may answer before having read everything
    response = connection.getresponse()
    content = response.read(LARGEST_BODY + 1)
    if response.length:  # http.client takes a short body for a whole one
        raise HTTPException("the answer was cut off")
    if len(content) > LARGEST_BODY or not is_whole and response.status < 300:
        raise HTTPException("an answer that cannot be meant")
    named = {name.lower(): value for name, value in response.getheaders()}
    answer = Response(response.status, named, content)
    return answer, is_whole and response.isclosed() and not response.will_close


class _Final(HTTPResponse):
    """An answer, after any interim one: http.client alone skips only 100."""

    def _read_status(self) -> tuple[str, int, str]:
        version, status, reason = super()._read_status()
        is_interim = 101 < status < 200
        return version, 100 if is_interim else status, reason


class _Wire:
    """A socket as http.client uses one, every operation within the same deadline."""

    def __init__(self, wire: socket.socket, deadline: float) -> None:
        self._wire, self.deadline = wire, deadline
        self._held = b""  # head and a small body leave together

    def fileno(self) -> int:
        return self._wire.fileno()

    def arm(self) -> None:
        """Let the next operation last until the deadline at most."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._wire.settimeout(left)

    def sendall(self, block: bytes) -> None:
        if len(block) < SMALL and len(self._held) < SMALL:
            self._held += block
            return
        self.flush()
        self.arm()
        self._wire.sendall(block)  # its timeout is for the whole of the block

    def flush(self) -> None:
        """Send what is held back."""
        held, self._held = self._held, b""
        if held:
            self.arm()
            self._wire.sendall(held)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self, self._wire.makefile(mode, buffering=0)))

    def close(self) -> None:
        self._wire.close()


class _Reader(io.RawIOBase):
    """What a wire receives: a server that drips is cut off at the deadline."""

    def __init__(self, wire: _Wire, raw: io.RawIOBase) -> None:
        self._of, self._raw = wire, raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:
        self._of.arm()
        return self._raw.readinto(buffer) or 0

    def close(self) -> None:
        self._raw.close()
        super().close()


def _has_ended(descriptor: int) -> bool:
    """Return whether an idle connection has something to read: its end, or nonsense."""
    if not hasattr(select, "poll"):  # Windows, whose select takes any descriptor
        return bool(select.select([descriptor], [], [], 0)[0])
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


def is_loopback(host: str) -> bool:
    """Return whether a host name means this machine.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("example.org")
    (True, True, False)
    """
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def retry_after(headers: Mapping[str, str]) -> float:
    """Return the seconds that an answer asks to wait, a date by the server's own clock."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return 0.0
    if text.isascii() and text.isdigit():
        return float(text[:9])
    now = _date(headers.get("date", "")) or datetime.now(timezone.utc)
    until = _date(text)
    return max(0.0, (until - now).total_seconds()) if until else 0.0


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


def _address(base_url: str) -> tuple[str, str, int, str]:
    """Return scheme, host, port and path of a URL; raises Refused."""
    try:
        url = urlsplit(base_url)
        host, port = url.hostname or "", url.port
        host.encode("idna")  # as the socket will do it
    except ValueError:
        host = ""
    if not host or url.scheme not in ("http", "https"):
        raise Refused(f"{base_url}: is no http(s) URL; correct the setting")
    port = port or (443 if url.scheme == "https" else 80)
    return url.scheme, host, port, url.path.rstrip("/")


def _tls() -> SSLContext:
    import ssl  # slow to load, and only https needs it

    return ssl.create_default_context()


def _reason(error: Exception, seconds: float) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {seconds:g} s"
    if isinstance(error, ValueError) and not isinstance(error, OSError):
        return "the exchange cannot be made"  # its words may hold a header's value
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
