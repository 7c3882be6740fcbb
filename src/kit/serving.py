"""A small HTTP/1.1 server: bounded connections, strict lengths, no name of its own.

The application is a function from a Call to a Reply; it runs in a thread per connection.
"""

from __future__ import annotations

import os
import signal
import time
from argparse import ArgumentTypeError
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from socket import AF_INET, AF_INET6, SHUT_RDWR, SHUT_WR, socket
from socketserver import TCPServer, ThreadingMixIn
from threading import BoundedSemaphore, Lock, Thread

from src.kit.connections import BLOCK, App, Buffer, Call, Connection, Limits, Reply, top
from src.kit.errors import SIGNALLED, Refused

__all__ = ["App", "Buffer", "Call", "Limits", "Reply", "Server", "bound", "during", "port"]

LOOPBACK, LOOPBACK_6 = "127.0.0.1", "::1"
BETWEEN_LOOKS = 0.5  # seconds
GRACE_SECONDS = 2.0  # for answers that are being made when the server ends
LOOKS, LOOK_SECONDS = 5, 0.02  # for a place: who was just answered is about to wait
BUSY_SECONDS = 0.1  # for a client to send what it is told that nobody reads
BUSY = "every connection is at work; try again in a moment"
FOR_ANOTHER = "hung up in favour of another"


class _Room:
    """How many connections there may be, and which of them may be hung up for others."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._places = BoundedSemaphore(limits.connections)
        self._waiting: dict[socket, None] = {}  # for a whole request, oldest first
        self._writing: dict[socket, float] = {}  # since when, oldest first
        self._followed: set[socket] = set()  # hung up, their place is another's already
        self._lock = Lock()
        self._is_closed = False

    def enter(self) -> bool:
        """Take a place, that of the one that waits longest if need be; return success."""
        if self._places.acquire(blocking=False):
            return True
        for _ in range(LOOKS):
            if self.hang_up(is_followed=True) or self._hang_up_slowest():
                return True
            if self._places.acquire(timeout=LOOK_SECONDS):
                return True
        return False

    def leave(self, connection: socket) -> None:
        """Give a place back."""
        with self._lock:
            self._waiting.pop(connection, None)
            self._writing.pop(connection, None)
            is_followed = connection in self._followed
            self._followed.discard(connection)
        if not is_followed:
            self._places.release()

    def waits(self, connection: socket) -> None:
        """Note that a connection has no whole request, from now on."""
        with self._lock:
            self._writing.pop(connection, None)
            if self._is_closed:
                raise ConnectionAbortedError("the server ends")
            if connection in self._followed:
                raise ConnectionAbortedError(FOR_ANOTHER)
            self._waiting[connection] = None

    def begins(self, connection: socket) -> None:
        """Note that a connection's request is whole; raises where it was hung up."""
        with self._lock:
            if self._waiting.pop(connection, self) is self:
                raise ConnectionAbortedError(FOR_ANOTHER)

    def writes(self, connection: socket) -> None:
        """Note that a connection's answer is on its way, from now on."""
        with self._lock:
            self._writing[connection] = time.monotonic()

    def hang_up(self, is_followed: bool = False) -> bool:
        """End the connection that waits longest; return whether there is one.

        Its place is free once it has ended, or at once another's.
        """
        with self._lock:
            oldest = next(iter(self._waiting), None)
            if oldest:
                del self._waiting[oldest]
                if is_followed:
                    self._followed.add(oldest)
                _end(oldest)
        return oldest is not None

    def _hang_up_slowest(self) -> bool:
        """End the connection that reads its answer longest, if that is long."""
        with self._lock:
            oldest = next(iter(self._writing), None)
            if oldest is None:
                return False
            seconds = time.monotonic() - self._writing[oldest]
            if seconds >= self._limits.slow_seconds:
                del self._writing[oldest]
                self._followed.add(oldest)
                _end(oldest)
                return True
        return False

    def close(self, seconds: float = GRACE_SECONDS) -> None:
        """End the connections that wait; those at work have some time to answer."""
        with self._lock:
            was_closed, self._is_closed = self._is_closed, True
        if was_closed:
            return
        while self.hang_up():
            pass
        until = time.monotonic() + seconds
        for _ in range(self._limits.connections):
            if not self._places.acquire(timeout=max(0.0, until - time.monotonic())):
                break


def _end(connection: socket) -> None:
    with suppress(OSError):  # it may have ended by itself
        connection.shutdown(SHUT_RDWR)


class Server(ThreadingMixIn, TCPServer):
    """Serves an application, on this machine only unless told; port 0 takes a free one."""

    daemon_threads = True
    request_queue_size = 1024  # a client that finds it full waits a second
    allow_reuse_address = os.name != "nt"  # there it would share a port that is taken

    def __init__(
        self, port: int, app: App, limits: Limits = Limits(), host: str = LOOPBACK
    ) -> None:
        self.app, self.limits = app, limits
        self.room = _Room(limits)
        self._share(self.room)
        self._twin: Server | None = None
        self.address_family = AF_INET6 if ":" in host else AF_INET
        super().__init__((host, port), Connection)  # may end by closing

    @property
    def server_port(self) -> int:
        """Return the port that is listened at."""
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        """Return the address to connect to."""
        host = str(self.server_address[0])
        return f"http://{f'[{host}]' if ':' in host else host}:{self.server_port}"

    def listen_also(self, host: str) -> bool:
        """Serve another address at the same port; return whether this machine has it."""
        try:
            self._twin = Server(
                self.server_port, lambda call: self.app(call), self.limits, host
            )
        except OSError:
            return False
        self._twin._share(self.room)
        return True

    def _share(self, room: _Room) -> None:
        self.room = room
        self.waits, self.begins, self.writes = room.waits, room.begins, room.writes

    def serve_forever(self, poll_interval: float = 0.5) -> None:
        """Serve until `shutdown`."""
        twin = self._twin
        if not twin:
            super().serve_forever(poll_interval)
            return
        Thread(target=twin.serve_forever, args=(poll_interval,), daemon=True).start()
        try:
            super().serve_forever(poll_interval)
        finally:
            twin.shutdown()

    def process_request(self, request, client_address) -> None:  # noqa: ANN001
        """Begin a connection, in place of the one that waits longest if there are too many."""
        if self.room.enter():
            self.waits(request)
            super().process_request(request, client_address)
        else:
            self._turn_away(request)

    def _turn_away(self, connection: socket) -> None:
        answer = self.limits.refusal(503, BUSY)
        with suppress(OSError):
            connection.settimeout(BUSY_SECONDS)
            connection.sendall(top(answer, len(answer.body), True) + answer.body)
            connection.shutdown(SHUT_WR)
            connection.recv(BLOCK)  # closed with something unread, the answer would be lost
        self.shutdown_request(connection)

    def server_close(self) -> None:
        """End the server, and its connections as soon as they are answered."""
        super().server_close()
        if self._twin:
            self._twin.server_close()
        self.room.close()

    def process_request_thread(self, request, client_address) -> None:  # noqa: ANN001
        """Serve one connection to its end."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.room.leave(request)

    def handle_error(self, request, client_address) -> None:  # noqa: ANN001
        """Let a connection that broke end without a word; anything else is a bug."""
        import sys

        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


# --- for doors that serve -------------------------------------------------------------


def port(text: str) -> int:
    """Return the port that an option names; 0 = a free one."""
    if not (text.isascii() and text.isdigit() and int(text) < 65536):
        raise ArgumentTypeError(f"{text!r} is no port; give 0 to 65535")
    return int(text)


def bound(start: Callable[[int], Server], port: int, place: str = "") -> Server:
    """Return the server that `start` binds to a port; raises Refused where it is taken."""
    try:
        return start(port)
    except OSError as error:
        if error.filename:
            raise  # it is about a file
        place = place or f"--port {port}"
        said = f"{place}: {error.strerror}; choose another, 0 = a free one"
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
