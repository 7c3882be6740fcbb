"""One connection: requests that are exactly that, in the time that they have."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from src.kit import connections
from src.kit.connections import Call, Limits, Reply
from src.kit.serving import Server
from tests import raw
from tests.raw import Asked

GET = b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n"


class Place(Asked):
    """A server that answers with what it is told, and notes what arrived."""

    def __init__(self, limits: Limits) -> None:
        self.calls: list[Call] = []
        self.reply = Reply(200, b"hello", "text/plain")
        super().__init__(Server(0, self.app, limits))

    def app(self, call: Call) -> Reply:
        self.calls.append(call)
        return self.reply


@pytest.fixture(scope="module")
def strict() -> Iterator[Place]:
    """Return a server with little patience."""
    place = Place(
        Limits(4, 0.15, 0.3, 1_000, lambda status, said: Reply(status, said.encode()))
    )
    yield place
    place.stop()


@pytest.fixture(autouse=True)
def new(strict: Place) -> None:
    strict.calls.clear()
    strict.reply = Reply(200, b"hello", "text/plain")


def head(*lines: bytes) -> bytes:
    return b"\r\n".join([b"GET /x HTTP/1.1", *lines, b"Connection: close", b"", b""])


# --- what is a request ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "headers"),
    [
        (b"A: 1", {"a": "1"}),
        (b"A:1", {"a": "1"}),
        (b"A: \t 1 2 \t ", {"a": "1 2"}),
        (b"A:", {"a": ""}),
        (b"A: b: c", {"a": "b: c"}),
        (b"A: \xff\xe9", {"a": "\u00ff\u00e9"}),
        (b"x-1!#$%&'*+.^_`|~: y", {"x-1!#$%&'*+.^_`|~": "y"}),
        (b"A: 1\r\nb: 2\r\na: 3", {"a": "1, 3", "b": "2"}),
        (b"A: 1\nB: 2", {"a": "1", "b": "2"}),
    ],
)
def test_a_header_is_a_name_and_a_value(strict, line, headers):
    assert raw.answer(strict.said(head(line))).status == 200
    assert strict.calls[0].headers == {**headers, "connection": "close"}


@pytest.mark.parametrize(
    "line",
    [
        *(b"A", b": 1", b"A : 1", b" A: 1", b"A: 1\r\n 2", b"A: 1\r\n\t2", b"A: a\0"),
        *(
            b"A: a\rb",
            b"A: a\x0bb",
            b"A: \x7f",
            b"A b: c",
            b"(A): 1",
            b"\xe9: 1",
            b"A\t: 1",
        ),
    ],
)
def test_what_is_no_header_ends_the_connection(strict, line):
    assert raw.answer(strict.said(head(line) + GET)).status == 400
    assert strict.calls == []


@pytest.mark.parametrize(
    ("target", "path", "pairs"),
    [
        (b"/", "/", []),
        (b"/a%20b?c=%2F", "/a%20b", [("c", "/")]),
        (b"//a/b", "//a/b", []),
        (b"/?", "/", []),
        (b"/a?b?c=1", "/a", [("b?c", "1")]),
        (b"http://a/b?c=1", "/b", [("c", "1")]),
    ],
)
def test_a_target_is_a_path_and_a_query(strict, target, path, pairs):
    strict.said(b"GET " + target + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")

    (call,) = strict.calls
    assert (call.path, call.pairs) == (path, pairs)


@pytest.mark.parametrize(
    "first",
    [
        *(
            b"GET /",
            b"GET / HTTP/2.0",
            b"GET / HTTP/1.2",
            b"GET / http/1.1",
            b"GET  / HTTP/1.1",
        ),
        *(
            b"GET /#a HTTP/1.1",
            b"GET /a b HTTP/1.1",
            b"GET /\xe9 HTTP/1.1",
            b" GET / HTTP/1.1",
        ),
        *(b"G\xc9T / HTTP/1.1", b"GET / HTTP/1.1 ", b"GET /\t HTTP/1.1", b"", b"GET"),
        *(
            b"GET a HTTP/1.1",
            b"GET * HTTP/1.1",
            b"GET http://b/ HTTP/1.1",
            b"GET https://a/ HTTP/1.1",
        ),
        *(b"GET http://a HTTP/1.1", b"GET ://a/ HTTP/1.1", b"GET http://a?/ HTTP/1.1"),
    ],
)
def test_what_is_no_first_line_ends_the_connection(strict, first):
    said = strict.said(first + b"\r\nHost: a\r\n\r\n" + GET)

    assert raw.answer(said).status == 400 and said.count(b"HTTP/1.1 ") == 1
    assert strict.calls == []


def test_an_old_client_gets_one_answer(strict):
    said = strict.said(b"GET /x HTTP/1.0\r\n\r\n" + GET)

    assert said.count(b"HTTP/1.1 200 OK") == 1 and b"Connection: close" in said


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ([b"A: 1"] * 98, 200),
        ([b"A: 1"] * 99, 200),
        ([b"A: 1"] * 100, 431),
        ([b"A: " + 65_000 * b"x"], 200),
        ([b"A: " + 65_536 * b"x"], 431),
        ([b"A: " + 33_000 * b"x"] * 2, 431),
    ],
)
def test_a_head_has_its_limits(strict, lines, status):
    assert raw.answer(strict.said(head(*lines))).status == status


def test_a_line_has_its_limit(strict):
    assert (
        raw.answer(strict.said(b"GET /" + 70_000 * b"x" + b" HTTP/1.1\r\n\r\n")).status
        == 414
    )


# --- time -----------------------------------------------------------------------------


def test_a_line_on_which_nothing_comes_is_closed_without_a_word(strict):
    assert strict.said() == b""


@pytest.mark.parametrize(
    "half", [b"G", GET[:-2], b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\na"]
)
def test_a_request_that_stops_coming_ends_the_connection(strict, half):
    began = time.monotonic()
    strict.said(half)

    assert time.monotonic() - began < 1.5
    assert strict.calls == []


@pytest.mark.parametrize(
    "half", [GET[:-2], b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\na"]
)
def test_half_a_request_is_told_that_it_came_late(strict, half):
    assert raw.answer(strict.said(half)).status == 408


@pytest.mark.parametrize(
    "start", [b"GET /", b"POST / HTTP/1.1\r\nContent-Length: 900\r\n\r\n"]
)
def test_a_request_that_only_drips_ends_in_its_time(strict, start, capfd):
    began = time.monotonic()
    with strict.line(start) as line:
        line.settimeout(0.01)
        while time.monotonic() - began < 3 and not _ended(line):
            pass

    assert 0.2 < time.monotonic() - began < 1.5
    assert strict.calls == [] and capfd.readouterr().err == ""


def test_when_the_time_is_over_nothing_more_is_taken_though_it_is_there():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"ab")
        incoming = connections._Incoming(ours, Limits(whole_seconds=0.0))
        assert incoming.readinto(memoryview(bytearray(1))) == 1

        with pytest.raises(TimeoutError):
            incoming.readinto(memoryview(bytearray(1)))


def _ended(line) -> bool:  # noqa: ANN001
    """Send a byte, and return whether the other side has had enough."""
    try:
        line.send(b"x")
        return len(line.recv(1000)) >= 0
    except TimeoutError:
        return False
    except ConnectionError:
        return True


def test_who_does_not_read_an_answer_is_not_waited_for():
    place = Place(Limits(1, 0.15, 0.3))
    place.reply = Reply(200, bytes(50_000_000))
    with place.line(GET) as line:
        line.recv(1)
        began = time.monotonic()
        place.stop()

    assert time.monotonic() - began < 1.5
