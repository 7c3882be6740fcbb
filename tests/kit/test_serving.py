"""The small HTTP server: strict lengths, bounded connections, broken lines on purpose."""

from __future__ import annotations

import socket
import sys
from contextlib import ExitStack
from select import select
from threading import Barrier, Event, Thread

import pytest

from src.kit import connections, serving
from src.kit.errors import Refused
from src.kit.serving import Call, Limits, Reply, Server

GET = b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n"
GET_LAST = GET.replace(b"Host", b"Connection: close\r\nHost")


class Place:
    """A server in a thread, with an application that tells what arrived."""

    def __init__(self, limits: Limits = Limits(), also: str = "") -> None:
        self.calls: list[Call] = []
        self.reply = Reply(200, b"hello", "text/plain")
        self.all_at_work: Barrier | None = None
        self.goes_on = Event()
        self.server = Server(0, self.app, limits)
        if also:
            self.server.listen_also(also)
        Thread(target=self.server.serve_forever, args=(0.002,), daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def app(self, call: Call) -> Reply:
        self.calls.append(call._replace(body=bytes(call.body)))
        if self.all_at_work:
            self.all_at_work.wait(5)
            self.goes_on.wait(5)
        return self.reply

    def line(self, *pieces: bytes) -> socket.socket:
        line = socket.create_connection(("127.0.0.1", self.server.server_port), timeout=5)
        for piece in pieces:
            line.sendall(piece)
        return line

    def said(self, *pieces: bytes) -> bytes:
        """Return all that is answered until the line is closed."""
        with self.line(*pieces) as line:
            return b"".join(iter(lambda: line.recv(1 << 16), b""))


def post(body: bytes, *headers: str, end: str = "Connection: close") -> bytes:
    return "\r\n".join(["POST /x HTTP/1.1", "Host: a", *headers, end, "", ""]).encode() + body


def waiting(place: Place, host: str = "127.0.0.1") -> socket.socket:
    """Return a line of which the server has said that it waits for the rest."""
    line = socket.create_connection((host, place.server.server_port), timeout=5)
    line.sendall(post(b"", "Content-Length: 3", "Expect: 100-continue"))
    assert line.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    return line


@pytest.fixture
def place():
    found = Place()
    yield found
    found.stop()


# --- requests -------------------------------------------------------------------------


def test_a_call_is_told_whole(place):
    head = b"POST /a%20b?q=1&q=2&e=&u=%C3%A9 HTTP/1.1\r\nX-One: 1\r\nContent-Length: 3\r\n"
    said = place.said(head + b"Connection: close\r\n\r\nabc")

    (call,) = place.calls
    assert (call.method, call.path, call.body, call.length) == ("POST", "/a%20b", b"abc", 3)
    assert call.query == {"q": "2", "e": "", "u": "\u00e9"}
    assert call.pairs == [("q", "1"), ("q", "2"), ("e", ""), ("u", "\u00e9")]
    assert call.headers["x-one"] == "1"
    assert said.startswith(b"HTTP/1.1 200 OK\r\n") and said.endswith(b"\r\n\r\nhello")


def test_an_answer_names_its_length_and_no_software(place):
    place.reply = Reply(404, b"x", "text/plain", {"X-Two": "a\r\nb\u6f22"})
    said = place.said(post(b""))

    assert b"Content-Length: 1\r\n" in said and b"X-Two: ab?\r\n" in said
    assert b"Server:" not in said and b"Python" not in said


def test_an_answer_without_content_ends_with_its_head(place):
    place.reply = Reply(204, b"x")
    said = place.said(GET + post(b""))

    assert said.count(b"HTTP/1.1 204 No Content\r\nDate: ") == 2
    assert b"Content-" not in said.replace(b"Content\r\n", b"")
    assert said.endswith(b"\r\n\r\n") and b"\r\n\r\nx" not in said


def test_a_line_serves_one_call_after_the_other(place):
    body = post(b"abc", "Content-Length: 3", end="X: y")
    said = place.said(GET + GET + body + post(b"", "Content-Length: 0"))

    assert said.count(b"HTTP/1.1 200 OK") == 4
    assert [call.body for call in place.calls] == [b"", b"", b"abc", b""]


def test_a_body_may_come_letter_by_letter(place):
    place.said(*(bytes([letter]) for letter in post(b"abc", "Content-Length: 3")))

    assert place.calls[0].body == b"abc"


def test_a_client_that_waits_for_a_word_gets_it(place):
    with place.line(post(b"", "Content-Length: 3", "Expect: 100-continue")) as line:
        assert line.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        line.sendall(b"abc")
        assert line.recv(100).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    ("headers", "length"),
    [
        (["Content-Length: 0"], 0),
        (["Content-Length: -3"], -1),
        (["Content-Length: +3"], -1),
        (["Content-Length: 3.0"], -1),
        (["Content-Length: 0x3"], -1),
        (["Content-Length: \u00b3"], -1),
        (["Content-Length: "], -1),
        (["Content-Length: 3, 3"], -1),
        (["Content-Length: 3", "Content-Length: 4"], -1),
        (["Content-Length: 3", "Content-Length: 3"], -1),
        (["Content-Length: 999999999999999"], -1),
        (["Content-Length: 99999999999"], 99999999999),
        (["Transfer-Encoding: chunked"], -1),
    ],
)
def test_a_body_without_a_good_length_is_not_read(place, headers, length):
    said = place.said(post(b"", *headers, end="X: y") + (b"" if length else GET_LAST))

    assert said.count(b"HTTP/1.1 200 OK") == (2 if length == 0 else 1)
    assert (place.calls[0].length, place.calls[0].body) == (length, b"")


@pytest.mark.parametrize("method", [b"POST", b"PUT", b"PATCH"])
@pytest.mark.parametrize("sign", [b"Content-Type: text/plain\r\n", b"Expect: 100-continue\r\n"])
def test_a_body_without_a_length_is_not_read_as_anything(place, method, sign):
    raw = method + b" /x HTTP/1.1\r\n" + sign + b"\r\n"
    said = place.said(raw + b'{"batch_size": 0}' + GET)

    assert [call.length for call in place.calls] == [-1]
    assert said.count(b"HTTP/1.1 ") == 1


def test_a_type_stands_for_a_body_though_nothing_of_it_has_come_yet(place):
    place.said(post(b"", "Content-Type: application/json", end="X: y"))

    assert place.calls[0].length == -1


def test_after_a_call_without_a_length_nothing_is_a_request(place):
    with place.line(post(b"", end="X: y")) as line:
        assert line.recv(1000).endswith(b"Connection: close\r\n\r\nhello")
        line.sendall(GET)
        assert line.recv(1000) == b""

    assert [call.length for call in place.calls] == [0]


def test_what_follows_a_bad_length_is_no_request(place):
    smuggled = b"GET /admin HTTP/1.1\r\n\r\n"

    place.said(post(smuggled, "Content-Length: 3", "Content-Length: 30", end="X: y"))

    assert [call.path for call in place.calls] == ["/x"]


def test_a_body_just_above_what_memory_takes_is_whole(place):
    body = bytes(range(256)) * (connections.IN_MEMORY // 256 + 1)

    place.said(post(body, f"Content-Length: {len(body)}"))

    assert place.calls[0].body == body


@pytest.mark.parametrize("sent", [0, 2])
def test_a_body_that_ends_early_is_no_call(place, sent):
    with place.line(post(sent * b"a", "Content-Length: 3")) as line:
        line.shutdown(socket.SHUT_WR)
        assert line.recv(100).startswith(b"HTTP/1.1 400 Bad Request\r\n")

    assert place.calls == []


@pytest.mark.parametrize(
    "raw",
    [b"\r\n\r\n", b"x\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\r\n", b"GET x y z\r\n\r\n"],
)
def test_what_is_no_http_is_no_call(place, raw):
    with place.line(raw) as line:
        line.shutdown(socket.SHUT_WR)
        line.recv(1000)

    assert place.calls == []
    assert place.said(post(b"")).startswith(b"HTTP/1.1 200")


# --- answers --------------------------------------------------------------------------


def test_a_dropped_answer_is_a_closed_line(place):
    place.reply = Reply(200, b"hello", line="drop")

    assert place.said(GET) == b""


def test_a_cut_answer_is_half_an_answer(place):
    place.reply = Reply(200, b"12345678", line="cut")
    said = place.said(GET)

    assert b"Content-Length: 8" in said and said.endswith(b"\r\n\r\n1234")


def test_a_slow_answer_comes_in_pieces(place):
    place.reply = Reply(200, b"hello", line="slow:0.02")

    assert place.said(post(b"")).endswith(b"\r\n\r\nhello")


@pytest.mark.parametrize("content", [b"", b"x", b"ab" * connections.BLOCK])
def test_a_file_is_an_answer(place, tmp_path, content):
    (tmp_path / "file").write_bytes(content)
    place.reply = Reply(200, tmp_path / "file")

    assert place.said(post(b"")).partition(b"\r\n\r\n")[2] == content


@pytest.mark.parametrize("is_file", [False, True])
def test_the_head_of_an_answer_has_its_length_and_no_body(place, tmp_path, is_file):
    (tmp_path / "file").write_bytes(b"hello")
    place.reply = Reply(200, tmp_path / "file" if is_file else b"hello")
    said = place.said(b"HEAD /x HTTP/1.1\r\nConnection: close\r\n\r\n")

    assert b"Content-Length: 5\r\n" in said and said.endswith(b"\r\n\r\n")


# --- connections ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "half", [b"", b"GET /x HT", GET[:-2], post(b"a", "Content-Length: 9")]
)
def test_half_open_lines_do_not_stop_the_service(place, half):
    with ExitStack() as lines:
        for _ in range(Limits().connections + 6):
            lines.enter_context(place.line(half))

        assert place.said(post(b"")).startswith(b"HTTP/1.1 200")

    assert len(place.calls) == 1


def test_a_line_that_waits_is_hung_up_but_not_the_latest(place):
    with ExitStack() as stack:
        lines = [stack.enter_context(place.line(GET)) for _ in range(Limits().connections)]
        assert all(line.recv(1000).endswith(b"hello") for line in lines)
        lines[0].sendall(GET)
        assert lines[0].recv(1000).endswith(b"hello")

        place.said(post(b""))

        (hung_up,) = select(lines, [], [], 5)[0]
        assert hung_up.recv(1000) == b"" and hung_up is not lines[0]
        lines[0].sendall(GET)
        assert lines[0].recv(1000).endswith(b"hello")


def test_a_line_at_work_is_never_hung_up(place):
    place.all_at_work, place.goes_on = Barrier(Limits().connections + 1), Event()
    with ExitStack() as stack:
        lines = [
            stack.enter_context(place.line(post(b""))) for _ in range(Limits().connections)
        ]
        place.all_at_work.wait(5)
        with place.line(GET) as one_too_many:
            assert one_too_many.recv(1000).startswith(b"HTTP/1.1 503 Service Unavai")
        place.goes_on.set()
        assert all(line.recv(1000).endswith(b"hello") for line in lines)


def test_who_was_just_answered_makes_room_before_the_next_is_turned_away():
    room, entered = serving._Room(Limits(1)), list[bool]()
    room.enter()
    coming = Thread(target=lambda: entered.append(room.enter()))
    ours, theirs = socket.socketpair()
    with ours, theirs:
        coming.start()
        room.waits(ours)
        assert theirs.recv(1) == b""
        room.leave(ours)
        coming.join(5)

    assert entered == [True]


def test_where_all_are_at_work_the_next_is_told_so(place):
    place.all_at_work, place.goes_on = Barrier(Limits().connections + 1), Event()
    with ExitStack() as stack:
        for _ in range(Limits().connections):
            stack.enter_context(place.line(post(b"")))
        place.all_at_work.wait(5)
        told = [place.said(GET) for _ in range(3)]
        place.goes_on.set()

    assert all(one.startswith(b"HTTP/1.1 503 ") for one in told)
    assert all(one.endswith(b"\r\n\r\n" + serving.BUSY.encode()) for one in told)


@pytest.mark.parametrize(("seconds", "answer"), [(0, b"hello"), (60, serving.BUSY.encode())])
def test_who_reads_his_answer_slowly_is_hung_up_for_the_next(seconds, answer):
    place = Place(Limits(4, slow_seconds=seconds))
    place.reply = Reply(200, bytes(5_000_000))
    with ExitStack() as lines:
        slow = [lines.enter_context(place.line(GET)) for _ in range(4)]
        assert all(line.recv(1) for line in slow)
        place.reply = Reply(200, b"hello")

        assert place.said(GET_LAST).endswith(answer)
    place.stop()


def test_a_server_that_ends_gives_what_is_at_work_the_time_to_answer(place):
    place.all_at_work, place.goes_on = Barrier(2), Event()
    with place.line(GET) as working, waiting(place) as half:
        place.all_at_work.wait(5)
        ending = Thread(target=place.server.server_close)
        place.server.shutdown()
        ending.start()
        assert half.recv(100) == b""
        place.goes_on.set()

        assert working.recv(1000).endswith(b"hello") and working.recv(1) == b""
        ending.join(5)


def test_a_server_that_ends_waits_for_no_one_for_ever(place):
    place.all_at_work, place.goes_on = Barrier(2), Event()
    with place.line(GET):
        place.all_at_work.wait(5)
        place.server.room.close(seconds=0.05)
        place.goes_on.set()

    assert len(place.calls) == 1


@pytest.mark.skipif(sys.platform == "darwin", reason="a Mac has one loopback address")
def test_connections_at_both_addresses_share_the_room():
    place = Place(Limits(2), "127.0.0.2")
    with waiting(place, "127.0.0.2") as first, waiting(place):
        with place.line(GET) as third:
            assert third.recv(1000).endswith(b"hello")
            assert first.recv(100) == b""

    place.stop()


def test_an_address_that_this_machine_has_not_is_not_served(place):
    assert not place.server.listen_also("192.0.2.1")
    assert place.said(post(b"")).startswith(b"HTTP/1.1 200")


def test_only_this_machine_is_served(place):
    assert place.server.server_address[0] == "127.0.0.1"
    assert place.server.url == f"http://127.0.0.1:{place.server.server_port}"


def test_a_port_that_is_taken_is_told_with_a_way_out(place):
    with pytest.raises(Refused, match="--port [0-9]+: .*; choose another"):
        serving.bound(lambda port: Server(port, place.app), place.server.server_port)


def test_what_is_wrong_with_a_file_is_not_the_ports_fault():
    def start(port: int) -> Server:
        raise OSError(28, "No space left on device", "ledger.csv")

    with pytest.raises(OSError, match="ledger.csv"):
        serving.bound(start, 0)


def test_who_was_hung_up_while_writing_is_not_hung_up_for_a_third():
    room = serving._Room(Limits(1, slow_seconds=0.0))
    first, second = socket.socket(), socket.socket()
    with first, second:
        assert room.enter()
        room.writes(first)
        assert room.enter()

        with pytest.raises(ConnectionAbortedError):
            room.waits(first)
        room.leave(first)
        room.leave(second)

        assert room.enter()
