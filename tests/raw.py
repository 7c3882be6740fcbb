"""Bytes to a server and back: requests that no client would send, and what answers say."""

from __future__ import annotations

import socket
from threading import Thread
from typing import NamedTuple

from src.kit.serving import Server

PORT = b"@PORT@"  # in raw requests: the port that is asked


class Answer(NamedTuple):
    """One answer, taken apart; status 0 = the line was closed without a word."""

    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes
    raw: bytes

    @property
    def text(self) -> str:
        """Return the body as text."""
        return self.body.decode()


class At:
    """Lines to whoever serves a port."""

    def __init__(self, port: int) -> None:
        self.port = port

    def line(self, *pieces: bytes, host: str = "127.0.0.1") -> socket.socket:
        """Return a connection over which the pieces went, one by one."""
        line = socket.create_connection((host, self.port), timeout=5)
        for piece in pieces:
            line.sendall(piece.replace(PORT, str(self.port).encode()))
        return line

    def said(self, *pieces: bytes, host: str = "127.0.0.1") -> bytes:
        """Return all that is answered until the line is closed."""
        with self.line(*pieces, host=host) as line:
            return b"".join(_until_closed(line))

    def ask(self, raw: bytes) -> Answer:
        """Return the first answer to a request that says it is the last."""
        return answer(self.said(raw))

    def get(self, path: str, *headers: str) -> Answer:
        """Return the answer to a page that is looked at."""
        return self.ask(request("GET", path, *headers))


class Asked(At):
    """A server in a thread, and lines to it."""

    def __init__(self, server: Server) -> None:
        super().__init__(server.server_port)
        self.server = server
        self._thread = Thread(target=server.serve_forever, args=(0.002,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the server."""
        self.server.shutdown()
        self.server.server_close()
        self._thread.join(5)


def _until_closed(line: socket.socket) -> list[bytes]:
    pieces = []
    try:
        while piece := line.recv(1 << 16):
            pieces.append(piece)
    except ConnectionError:  # closed while we still sent
        pass
    return pieces


def answer(said: bytes) -> Answer:
    """Return the first answer in what was said."""
    head, _, rest = said.partition(b"\r\n\r\n")
    if not said.startswith(b"HTTP/1.1 "):
        return Answer(0, {}, b"", said)
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(": ") for line in lines)
    headers = {name.lower(): value for name, _, value in pairs}
    length = int(headers.get("content-length", "0"))
    return Answer(int(first.split()[1]), headers, rest[:length], said)


def request(
    method: str, path: str, *headers: str, body: bytes = b"", host: str = "127.0.0.1"
) -> bytes:
    """Return a request in raw; an empty host is none, its port is the one asked."""
    lines = [f"{method} {path} HTTP/1.1", *headers, "Connection: close"]
    if host:
        lines.append(f"Host: {host}:@PORT@")
    named = [line.partition(":")[0].lower() for line in headers]
    is_sized = bool({"content-length", "transfer-encoding"} & {*named})
    if (body or "content-type" in named) and not is_sized:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + body
