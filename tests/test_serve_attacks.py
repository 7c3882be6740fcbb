"""Whatever is sent to the server: an answer that tells nothing, and nothing is started."""

from __future__ import annotations

import os
import random
import re
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier, Event, Thread
from urllib.parse import quote

import pytest

from src.kit import guarding, web
from src.kit.guarding import Address, Guard
from src.kit.serving import Reply, Server
from src.kit.templates import text
from src.kit.web import Request, Route
from src.office import site
from tests import attacks, raw
from tests.raw import Answer, Asked
from tests.site import ServedSite
from tests.wms.control import Started

TELLTALES = re.compile(
    rb'traceback|python|file "|\.py\b|/src/|line \d+, in|Exception\b|^server:', re.I | re.M
)
FUZZ = int(os.environ.get("SERVE_FUZZ", "300"))  # requests; 3,000 take two seconds
HALVES = [b"", b"GET / HT", attacks.get("/")[:-2], attacks.api(b"{}")[:-1]]


def tiny(started: list[object]) -> Callable[[Address], Callable]:
    """Return a site with a page, a form and an API at the addresses of the real one."""

    def look(request: Request) -> Reply:
        return web.page(text(request.query.get("q", "")))

    def preview(request: Request) -> Reply:
        web.only(request.query, "limit", "offset")
        web.whole(request.query, "limit", 10, 1, 100)
        web.whole(request.query, "offset", 0, 0, 10**8)
        return web.json_reply({})

    def start(request: Request) -> Reply:
        web.only(request.json, "batch_size")
        started.append(web.whole(request.json, "batch_size", 50, 1, 100))
        return web.json_reply({}, 202)

    def begin(request: Request) -> Reply:
        started.append(request.form)
        return web.redirect("/")

    def token(request: Request) -> Reply:
        return web.page(text(request.csrf))

    routes = [
        Route("GET", "/token", token),
        Route("GET", attacks.PAGE, look),
        Route("GET", attacks.LIST, preview),
        Route("POST", attacks.API, start),
        Route("POST", attacks.FORM_PLACE, begin),
    ]
    return lambda address: web.site(routes, Guard(address), lambda status, said: text(said))


class Place(Asked):
    """The tiny site, served with the limits of the real one."""

    def __init__(self) -> None:
        super().__init__(Server(0, lambda call: Reply(500), site.LIMITS))
        self.started: list[object] = []
        self.server.app = tiny(self.started)(Address(self.port))


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Iterator[ServedSite]:
    """Return the real site, to which nothing is done that starts anything."""
    served = ServedSite(tmp_path_factory.mktemp("site"))
    yield served
    served.stop()


@pytest.fixture
def real(tmp_path) -> Iterator[ServedSite]:
    served = ServedSite(tmp_path)
    yield served
    served.stop()


@pytest.fixture
def little() -> Iterator[Place]:
    served = Place()
    yield served
    served.stop()


def assert_harmless(answer: Answer) -> None:
    """Check what is true of every answer."""
    assert not TELLTALES.search(answer.raw), answer.raw
    if answer.status:
        missing = guarding.HEADERS.keys() - {name.title() for name in answer.headers}
        assert not {name for name in missing if name.lower() not in answer.headers}
        assert "x-evil" not in answer.headers and "set-cookie" not in answer.headers
        assert not any(name.startswith("access-control") for name in answer.headers)


@pytest.mark.parametrize("attack", attacks.ALL, ids=lambda attack: attack.name[:40])
def test_an_attack_gets_its_answer_and_starts_nothing(place, attack, capfd):
    answer = place.ask(attack.raw)

    assert answer.status in attack.statuses, answer.raw
    assert_harmless(answer)
    assert answer.raw.count(b"HTTP/1.1 ") <= 1, "what followed was taken for a request"
    assert place.started == []
    assert capfd.readouterr().err == ""


def test_the_same_requests_meant_well_are_served(little):
    assert little.get(attacks.PAGE).status == 200
    assert little.get(f"{attacks.LIST}?limit=100&offset=0").status == 200
    assert little.ask(attacks.api(b'{"batch_size": 100}')).status == 202
    assert little.ask(attacks.api(b"", kind="")).status == 202  # curl -X POST
    assert little.ask(attacks.form(b"objects=customers")).status == 303

    assert len(little.started) == 3


def test_the_token_of_the_page_lets_its_form_and_its_script_start(little):
    token = little.get("/token").text
    ours = "Origin: http://127.0.0.1:@PORT@", "Sec-Fetch-Site: same-origin", "Cookie: a=b"

    assert little.ask(attacks.form(f"csrf={token}".encode(), *ours)).status == 303
    assert little.ask(attacks.api(b"{}", f"X-CSRF-Token: {token}", *ours)).status == 202


def test_an_absolute_address_of_our_own_is_served(place):
    assert place.ask(attacks.get("http://127.0.0.1:@PORT@/?q=1")).status == 200


@pytest.mark.parametrize(
    "payload", ["</script><script>alert(1)</script>", "<!--", '" onload="']
)
def test_what_an_address_says_is_text_in_its_answer(little, payload):
    answer = little.get(f"/?q={quote(payload)}")

    assert payload.encode() not in answer.body
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


# --- lines that are held --------------------------------------------------------------


def test_while_300_lines_are_half_open_the_next_is_answered_within_a_second(place):
    with ExitStack() as lines:
        for number in range(300):
            lines.enter_context(place.line(HALVES[number % len(HALVES)]))

        began = time.monotonic()
        assert place.get("/health").status == 200
        assert time.monotonic() - began < 1


def test_a_request_in_single_bytes_is_served(place):
    pieces = [
        bytes([byte]) for byte in attacks.get("/").replace(raw.PORT, b"%d" % place.port)
    ]

    assert raw.answer(place.said(*pieces)).status == 200


def test_the_limits_are_those_that_were_decided():
    assert site.LIMITS[:4] == (32, 5.0, 30.0, attacks.LARGEST)
    assert site.LIMITS.slow_seconds == 0.5


# --- any bytes at all -----------------------------------------------------------------


def spoiled(dice: random.Random, one: bytes) -> bytes:
    """Return a request with some of its bytes lost, doubled, changed or exchanged."""
    found = bytearray(one[:2_000])
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(found))
        piece = dice.choice(
            [b"", b"\r\n", b"\0", b" ", b":", b"%", bytes([dice.randrange(256)])]
        )
        found[at : at + dice.randint(0, 3)] = piece or found[at : at + 5] * 2
    return bytes(found)


@pytest.mark.parametrize("name", ["little", "real"])
def test_no_random_request_brings_a_traceback_or_holds_the_server(name, request, capfd):
    site = request.getfixturevalue(name)
    dice = random.Random(14)
    well_meant = [
        attacks.get("/?q=1"),
        attacks.api(b'{"batch_size": 1}'),
        attacks.form(b"a=1"),
    ]
    sources = [attack.raw for attack in attacks.ALL] + 100 * well_meant
    for _ in range(FUZZ):
        with site.line(spoiled(dice, dice.choice(sources))) as line:
            line.shutdown(socket.SHUT_WR)
            assert_harmless(raw.answer(line.recv(1 << 16)))

    assert site.get(attacks.PAGE).status == 200
    assert capfd.readouterr().err == ""


# --- the real site --------------------------------------------------------------------


def at_once(count: int, act: Callable[[], Answer]) -> list[int]:
    """Return the statuses of that many requests that go at the same moment."""
    start = Barrier(count)

    def one(_: int) -> int:
        start.wait(5)
        return act().status

    with ThreadPoolExecutor(count) as threads:
        return sorted(threads.map(one, range(count)))


def test_of_many_starts_at_once_one_begins_and_the_others_are_told(real):
    statuses = at_once(8, lambda: real.ask(attacks.form(b"objects=customers")))

    assert statuses == [303] + 7 * [409]
    assert len(real.started) == 1


def test_a_start_while_the_server_ends_is_answered_before_it_does(real):
    begun, goes_on = Event(), Event()

    def slow(session_id: str, objects: tuple[str, ...]) -> Started:
        begun.set()
        goes_on.wait(5)
        return real.begin(session_id, objects)

    real.wms.on_launch = slow
    with real.line(attacks.form(b"objects=customers")) as line:
        begun.wait(5)
        ending = Thread(target=real.stop)
        ending.start()
        goes_on.set()

        assert raw.answer(line.recv(1 << 16)).status == 303
        ending.join(5)
    assert real.wms.told() == ["started"]
