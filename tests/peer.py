"""A server that answers each connection as a function says: what no good server does."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Thread


class Peer:
    """A server that answers each connection as a function says."""

    def __init__(self, serve: Callable[[socket.socket], None]) -> None:
        self._serve = serve
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.heard: list[bytes] = []
        self.connections = 0
        Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        with connection:
            try:
                self._serve(connection)
            except OSError:
                pass

    def close(self) -> None:
        with suppress(OSError):  # Linux goes on listening while a thread accepts
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def read_head(connection: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        block = connection.recv(65536)
        if not block:
            raise ConnectionResetError
        head += block
    return head


def read_request(connection: socket.socket) -> bytes:
    """Return a request, its body too."""
    head, _, body = read_head(connection).partition(b"\r\n\r\n")
    found = re.search(rb"content-length: *([0-9]+)", head, re.I)
    while found and len(body) < int(found[1]):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answering(*answers: bytes) -> Callable[[socket.socket], None]:
    """Return what answers one request after the other, then closes."""

    def serve(connection: socket.socket) -> None:
        for answer in answers:
            read_request(connection)
            connection.sendall(answer)

    return serve
