"""One HTTP exchange: its deadline, what is not sent, what breaks, what is kept."""

from __future__ import annotations

import os
import select
import socket
import time
from collections.abc import Iterator

import pytest

try:
    import resource
except ImportError:  # Windows
    resource = None

from src.kit import net
from src.kit.errors import Refused
from tests.peer import answering, read_head

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
GET = net.Request("GET", "/x")


def dripping(connection: socket.socket) -> None:
    read_head(connection)
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + 500 * b"x":
        connection.sendall(bytes([byte]))
        time.sleep(0.02)


def storm(connection: socket.socket) -> None:
    read_head(connection)
    while True:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")


def test_an_answer_has_its_status_its_headers_and_its_body(peer):
    answer = b"HTTP/1.1 404 No\r\nX-A: b\r\nContent-Length: 3\r\n\r\nabc"

    found = net.Client(peer(answering(answer)).url).send(GET)

    assert (found.status, found.headers["x-a"], found.body) == (404, "b", b"abc")


def test_a_connection_is_kept_for_the_next_request(peer):
    one = peer(answering(OK, OK, OK))
    client = net.Client(one.url)

    bodies = [client.send(GET).body for _ in range(3)]

    assert (bodies, one.connections) == ([b"ok"] * 3, 1)


@pytest.mark.skipif(resource is None, reason="no limits on Windows")
def test_a_process_with_thousands_of_files_open_keeps_its_connections(peer):
    client = net.Client(peer(answering(OK, OK)).url)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limits[1] < 1200:
        pytest.skip("this user may not open so many files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(limits[0], 1200), limits[1]))
    files = [open(os.devnull) for _ in range(1100)]
    try:
        assert [client.send(GET).body for _ in range(2)] == [b"ok"] * 2
    finally:
        for file in files:
            file.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_a_connection_that_the_server_closed_while_idle_is_not_met_again(peer):
    one = peer(answering(OK))
    client = net.Client(one.url)

    bodies = []
    for _ in range(5):
        bodies.append(client.send(GET).body)
        [(_, idle)] = client._idle
        select.select([idle.sock], [], [], 5)  # its end has arrived here

    assert (bodies, one.connections) == ([b"ok"] * 5, 5)


@pytest.mark.parametrize("serve", [dripping, storm], ids=["dripping", "100-continue storm"])
def test_a_request_ends_at_its_deadline_whatever_the_server_does(peer, serve):
    client = net.Client(peer(serve).url, deadline_seconds=0.3)
    began = time.monotonic()

    with pytest.raises(net.Broken, match="no answer within 0.3 s"):
        client.send(GET)

    assert time.monotonic() - began < 2


def test_a_large_body_has_longer_to_leave(peer):
    def slow(connection: socket.socket) -> None:
        read_head(connection)
        time.sleep(0.4)
        connection.sendall(OK)

    body = net.Request("POST", "/", {}, b"x" * 60_000)

    assert net.Client(peer(slow).url, deadline_seconds=0.1).send(body).body == b"ok"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + 200 * b"A: b\r\n" + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + 70_000 * b"y" + b"\r\n\r\n",
    ],
    ids=["closed", "cut", "no HTTP", "bad chunk", "200 headers", "long header"],
)
def test_what_breaks_after_the_request_has_begun_is_broken(peer, answer):
    with pytest.raises(net.Broken):
        net.Client(peer(answering(answer)).url, 2).send(GET)


def test_without_a_connection_nothing_was_sent():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    with pytest.raises(net.NotSent, match="no connection to 127.0.0.1"):
        net.Client(f"http://127.0.0.1:{port}").send(GET)


def test_a_server_without_tls_cannot_have_seen_a_request_to_https(peer):
    one = peer(answering(OK))

    with pytest.raises(net.NotSent):
        net.Client(one.url.replace("http:", "https:"), 0.3).send(GET)


def test_a_redirect_is_an_answer_and_is_not_followed(peer):
    other = peer(answering(OK))
    moved = f"HTTP/1.1 302 Found\r\nLocation: {other.url}\r\nContent-Length: 0\r\n\r\n"

    found = net.Client(peer(answering(moved.encode())).url).send(GET)

    assert (found.status, other.connections) == (302, 0)


def test_who_refuses_before_it_has_read_everything_is_heard(peer):
    def refusing(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        connection.shutdown(socket.SHUT_RD)
        connection.recv(10_000_000)
        time.sleep(0.3)

    body = net.Request("POST", "/", {}, lambda: iter(100 * [b"x" * 100_000]), 10_000_000)

    assert net.Client(peer(refusing).url, 3).send(body).status == 413


def test_a_body_is_sent_as_it_is_made_and_with_its_length(peer):
    heard: list[bytes] = []

    def listening(connection: socket.socket) -> None:
        got = read_head(connection)
        while not got.endswith(b"end"):
            got += connection.recv(65536)
        heard.append(got)
        connection.sendall(OK)

    body = net.Request("POST", "/", {"A": "b"}, lambda: iter([b"begin ", b"end"]), 9)
    net.Client(peer(listening).url).send(body)

    assert b"Content-Length: 9\r\n" in heard[0] and heard[0].endswith(b"begin end")
    assert b"chunked" not in heard[0].lower()


def test_what_a_body_raises_comes_through_and_ends_the_connection(peer):
    def taken_back() -> Iterator[bytes]:
        yield b"half"
        raise KeyError("taken back")

    one = peer(answering(OK, OK))
    client = net.Client(one.url)

    with pytest.raises(KeyError, match="taken back"):
        client.send(net.Request("POST", "/", {}, taken_back, 100))
    assert client.send(GET).body == b"ok" and one.connections == 2


@pytest.mark.parametrize(
    "url", ["ftp://a", "example.org", "https://", "http://h:99999", "http://h:x", "", "//h"]
)
def test_what_is_no_url_is_refused(url):
    with pytest.raises(Refused, match="is no http"):
        net.Client(url)


@pytest.mark.parametrize("host", ["example.org", "10.0.0.1", "127.0.0.1.example.org"])
def test_secrets_leave_this_machine_over_https_only(host):
    with pytest.raises(Refused, match="https is required"):
        net.Client(f"http://{host}")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "127.1.2.3"])
def test_this_machine_may_be_asked_in_clear_text(host):
    assert net.Client(f"http://{host}:1").base_path == ""


def test_an_answer_without_end_is_cut_off(peer):
    def endless(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 1_000_000)

    with pytest.raises(net.Broken):
        net.Client(peer(endless).url, 10).send(GET)
