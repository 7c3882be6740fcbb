"""A small HTTP/1.1 server: bounded connections, strict lengths, no name of its own.

The application is a function from a Call to a Reply; it runs in a thread per connection.
"""

from __future__ import annotations

import mmap
import os
import signal
import tempfile
import time
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import SHUT_RDWR, socket
from threading import BoundedSemaphore, Lock, Thread
from typing import BinaryIO, NamedTuple, Union
from urllib.parse import parse_qsl, urlsplit

from src.kit.errors import SIGNALLED, Refused

CONNECTIONS = 64
IDLE_SECONDS = 30.0
BETWEEN_LOOKS = 0.5  # seconds
HANG_UP_SECONDS = 1.0  # until a connection that was hung up has made room
LARGEST_BODY = 110_000_000  # bytes; what a larger one holds is not even read
IN_MEMORY = 16_000_000  # bytes; a larger body waits in a temporary file
BLOCK = 1 << 16

Buffer = Union[bytes, mmap.mmap]


class Call(NamedTuple):
    """A request. `length` is -1 where it announced none, or one that is none."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case
    body: Buffer
    length: int
    pairs: Sequence[tuple[str, str]] = ()  # the query, with what it repeats


class Reply(NamedTuple):
    """An answer, and what goes wrong on its way, for servers that simulate it."""

    status: int
    body: Union[bytes, Path] = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = {}
    line: str = ""  # drop, cut, slow:<seconds>


App = Callable[[Call], Reply]


class Server(ThreadingHTTPServer):
    """Serves an application on this machine only; port 0 takes a free one."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, app: App) -> None:
        self.app = app
        self._room = BoundedSemaphore(CONNECTIONS)
        self._waiting: dict[socket, None] = {}  # connections without a request, oldest first
        self._lock = Lock()
        super().__init__(("127.0.0.1", port), _Handler)  # may end by closing

    @property
    def url(self) -> str:
        """Return the address to connect to."""
        return f"http://127.0.0.1:{self.server_port}"

    def process_request(self, request, client_address) -> None:  # noqa: ANN001
        """Begin a connection, in place of the one that waits longest if there are too many."""
        has_room = self._room.acquire(blocking=False)
        if not has_room and self._hang_up():
            has_room = self._room.acquire(timeout=HANG_UP_SECONDS)
        if has_room:
            self.waits(request)
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def waits(self, connection: socket) -> None:
        """Note that a connection has no whole request, from now on."""
        with self._lock:
            self._waiting[connection] = None

    def begins(self, connection: socket) -> None:
        """Note that a connection's request is whole; raises where it was hung up."""
        with self._lock:
            if self._waiting.pop(connection, self) is self:
                raise ConnectionAbortedError("hung up in favour of another")

    def _hang_up(self) -> bool:
        """End the connection that waits longest; return whether there is one."""
        with self._lock:
            oldest = next(iter(self._waiting), None)
            if oldest:
                del self._waiting[oldest]
                with suppress(OSError):  # it may have ended by itself
                    oldest.shutdown(SHUT_RDWR)
        return oldest is not None

    def server_close(self) -> None:
        """End the server, and the connections that wait for nothing any more."""
        super().server_close()
        while self._hang_up():
            pass

    def process_request_thread(self, request, client_address) -> None:  # noqa: ANN001
        """Serve one connection to its end."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._waiting.pop(request, None)
            self._room.release()

    def handle_error(self, request, client_address) -> None:  # noqa: ANN001
        """Let a connection that broke end without a word; anything else is a bug."""
        import sys

        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Lines:
    """What a connection sends, and the last line that was read of it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.last = b""
        self.read, self.close = file.read, file.close

    @property
    def closed(self) -> bool:
        """Return whether nothing more can be read."""
        return self._file.closed

    def readline(self, most: int = -1) -> bytes:
        """Return the next line; at the end the last one stays what it was."""
        line = self._file.readline(most)
        self.last = line or self.last
        return line


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    rbufsize = 1 << 16
    server: Server

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):  # the application knows which methods there are
            return self._serve
        raise AttributeError(name)

    def setup(self) -> None:
        """Open the connection."""
        super().setup()
        self.rfile = _Lines(self.rfile)

    def _serve(self) -> None:
        if self.rfile.last.strip():  # the headers end with an empty line, or were cut
            raise ConnectionAbortedError("the request ended early")
        url = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        is_told_once = len(self.headers.get_all("content-length", [])) <= 1
        length = _length(headers) if is_told_once else -1
        is_read = 0 <= length <= LARGEST_BODY and "transfer-encoding" not in headers
        self.close_connection |= not is_read
        with self._body(length if is_read else 0) as body:
            pairs = parse_qsl(url.query, keep_blank_values=True)
            call = Call(self.command, url.path, dict(pairs), headers, body, length, pairs)
            self.server.begins(self.connection)
            self._send(self.server.app(call))
            self.server.waits(self.connection)

    @contextmanager
    def _body(self, length: int) -> Iterator[Buffer]:
        if length <= IN_MEMORY:
            body = self.rfile.read(length) if length else b""
            if len(body) < length:
                raise ConnectionAbortedError("the request ended early")
            yield body
            return
        with tempfile.TemporaryFile() as file:
            _copy(self.rfile, file, length)
            with mmap.mmap(file.fileno(), length, access=mmap.ACCESS_READ) as mapped:
                yield mapped

    def _send(self, reply: Reply) -> None:
        if reply.line == "drop":
            self.close_connection = True
            return
        is_file = isinstance(reply.body, Path)
        size = reply.body.stat().st_size if is_file else len(reply.body)
        head = self._head(reply, size)
        if is_file:
            self.wfile.write(head)
            if self.command != "HEAD":
                with open(reply.body, "rb") as file:
                    _copy(file, self.wfile, size)
            return
        content = b"" if self.command == "HEAD" else reply.body
        if reply.line == "cut":
            content = content[: len(content) // 2]
            self.close_connection = True
        if reply.line.startswith("slow:"):
            self._drip(head + content, float(reply.line[5:]))
        else:
            self.wfile.write(head + content)

    def _head(self, reply: Reply, size: int) -> bytes:
        self.send_response_only(reply.status)
        self.send_header("Date", self.date_time_string())
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(size))
        for name, value in reply.headers.items():
            self.send_header(name, "".join(c for c in value if c.isprintable()))
        if self.close_connection:
            self.send_header("Connection", "close")
        lines, self._headers_buffer = self._headers_buffer, []
        return b"".join(lines) + b"\r\n"

    def _drip(self, content: bytes, seconds: float) -> None:
        for at in range(len(content)):
            self.wfile.write(content[at : at + 1])
            time.sleep(seconds / len(content))

    def log_message(self, format: str, *args: object) -> None:
        """Write nothing: who serves keeps a log of its own."""


def _length(headers: Mapping[str, str]) -> int:
    text = headers.get("content-length", "0" if "transfer-encoding" not in headers else "")
    is_number = text.isascii() and text.isdigit() and len(text) < 12
    return int(text) if is_number else -1


def _copy(source: BinaryIO, target: BinaryIO, length: int) -> None:
    while length:
        block = source.read(min(BLOCK, length))
        if not block:
            raise ConnectionAbortedError("the request ended early")
        target.write(block)
        length -= len(block)


# --- for doors that serve -------------------------------------------------------------


def port(text: str) -> int:
    """Return the port that an option names; 0 = a free one."""
    if not (text.isascii() and text.isdigit() and int(text) < 65536):
        raise ArgumentTypeError(f"{text!r} is no port; give 0 to 65535")
    return int(text)


def bound(start: Callable[[int], Server], port: int) -> Server:
    """Return the server that `start` binds to a port; raises Refused where it is taken."""
    try:
        return start(port)
    except OSError as error:
        if error.filename:
            raise  # it is about a file
        said = f"--port {port}: {error.strerror}; choose another, 0 = a free one"
        raise Refused(said) from None


def serve(server: Server, announce: Callable[[], None], ends_with_stdin: bool) -> bool:
    """Serve until a signal comes, or standard input ends; return whether a signal came.

    What `announce` tells is true: whoever reads it may send requests, or a signal.
    """
    try:
        signal.signal(signal.SIGTERM, _interrupt)
        if ends_with_stdin:
            Thread(target=_stop_at_end, args=(server,), daemon=True).start()
        announce()
        server.serve_forever(poll_interval=0.1)
    except KeyboardInterrupt:
        return True
    finally:
        server.server_close()
    return False


def during(
    server: Server, command: Sequence[str], environ: Callable[[], Mapping[str, str]]
) -> int:
    """Serve while a command runs; return its exit code.

    `environ` is what the command finds in its environment, asked once it is served.
    Raises Refused where the command cannot be started.
    """
    Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    try:
        return _run(command[1:] if command[0] == "--" else command, environ())
    finally:
        server.shutdown()
        server.server_close()


def _run(command: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run a command to its own end: it is what a signal is meant for."""
    import subprocess  # slow to load

    running: list[subprocess.Popen[bytes]] = []

    def stop(number: int, frame: object) -> None:
        if not running:
            raise KeyboardInterrupt
        if number == signal.SIGTERM:  # Ctrl-C goes from the terminal to the command, too
            running[0].terminate()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    try:
        running.append(subprocess.Popen(command, env=environ))
    except OSError as error:
        raise Refused(f"{command[0]}: cannot be started ({error.strerror})") from None
    # A signal that comes while another one is handled may not end a wait without end.
    while True:
        with suppress(subprocess.TimeoutExpired):
            code = running[0].wait(BETWEEN_LOOKS)
            return code if code >= 0 else SIGNALLED - code


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _stop_at_end(server: Server) -> None:
    """Stop when whoever started this is gone, however it ended."""
    while os.read(0, 1 << 16):  # sys.stdin would hold a lock at the end
        pass
    server.shutdown()
