"""A server that reads uploads, throws them away and answers as QuickBooks would.

    python -m tests.bench.sink [CERTIFICATE KEY]    prints its URL, serves until it is killed

Every file is answered as one of 10,000 bytes; what is measured is the client beside it.
"""

from __future__ import annotations

import json
import re
import socket
import sys
from threading import Thread

MOST_FILES = 10  # a request; a client that sent fewer takes the first answers
SIZE = 10_000
_CLOSE = re.compile(rb"connection: *close", re.I)
_LENGTH = re.compile(rb"content-length: *([0-9]+)", re.I)


def _answer(told: object) -> bytes:
    body = json.dumps(told).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % len(body) + body


ONE = {"Attachable": {"Id": "5100000000000001", "Size": SIZE}}
UPLOADED = _answer({"AttachableResponse": [ONE] * MOST_FILES})
COUNTED = _answer({"QueryResponse": {"totalCount": 0}})


def serve(connection: socket.socket) -> None:
    """Answer one request after the other, until the client goes."""
    scratch = memoryview(bytearray(1 << 20))
    with connection:
        while True:
            head = b""
            while b"\r\n\r\n" not in head:
                block = connection.recv(1 << 16)
                if not block:
                    return
                head += block
            length = _LENGTH.search(head)
            left = int(length[1]) if length else 0
            left -= len(head) - head.index(b"\r\n\r\n") - 4
            while left > 0:
                left -= connection.recv_into(scratch, min(left, len(scratch)))
            answer = COUNTED if b"/query" in head[:200] else UPLOADED
            if _CLOSE.search(head):
                connection.sendall(answer.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
                return
            connection.sendall(answer)


def main(certificate: list[str]) -> None:
    """Serve on a free port of this machine."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=64)
    scheme = "http"
    if certificate:
        import ssl

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        listening = context.wrap_socket(listening, server_side=True)
        scheme = "https"
    print(f"{scheme}://localhost:{listening.getsockname()[1]}", flush=True)
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:  # a client that does not like the certificate
            continue
        Thread(target=serve, args=(connection,), daemon=True).start()


if __name__ == "__main__":
    main(sys.argv[1:])
