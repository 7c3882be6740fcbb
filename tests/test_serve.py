"""The door that serves pages and API, as a user starts it, stops it and starts it again."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from src import serve
from src.config import ROOT
from src.kit.errors import NOTHING_DONE, Refused
from src.kit.guarding import LOGIN, LOGOUT
from tests import attacks, raw
from tests.raw import Answer, At

TOKEN = "a-token-of-many-letters"
Start = Callable[..., subprocess.Popen]


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Start]:
    """Return a function that starts the door as a process of its own."""
    started: list[subprocess.Popen] = []

    def start(*options: str, port: int = 0) -> subprocess.Popen:
        command = [sys.executable, "-m", "src.serve", "--port", str(port), *options]
        environ = {**os.environ, "ENV_FILE": os.devnull}
        environ |= {name: str(tmp_path / name) for name in ("DATA_DIR", "LOG_DIR")}
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        started.append(subprocess.Popen(command, cwd=ROOT, env=environ, text=True, **pipes))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def at(process: subprocess.Popen) -> At:
    """Return lines to the address that the door prints."""
    told = process.stdout.readline()
    found = re.fullmatch(r"http://[0-9.]+:(\d+)/\n", told)
    assert found, (told, process.stderr.read() if not told else "")
    return At(int(found.group(1)))


def ended(process: subprocess.Popen) -> tuple[int, str]:
    """Return the exit code, and what was said to the person who started it."""
    _, told = process.communicate(timeout=20)
    return process.returncode, told


# --- start and stop -------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_well(door, number):
    process = door()
    asked = at(process)
    with asked.line(b"GET / HT"):
        process.send_signal(number)
        code, told = ended(process)

    assert code == 0 and "Traceback" not in told
    assert told.endswith("stopped; nothing is lost\n")


def test_the_end_of_standard_input_ends_it_where_that_is_asked_for(door):
    process = door("--while-stdin")
    at(process)

    assert ended(process)[0] == 0  # which closes its standard input


def test_the_printed_address_and_localhost_show_the_pages(door):
    asked = at(door())

    assert asked.get("/").status == 200
    assert asked.ask(raw.request("GET", "/", host="localhost")).status == 200
    assert asked.get("/").text.startswith("<!doctype html>")


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_localhost_may_be_the_other_address_of_this_machine(door):
    asked = at(door())
    request = raw.request("GET", "/", host="localhost")
    try:
        said = asked.said(request, host="::1")
    except OSError:
        pytest.skip("this machine has no address ::1")

    assert raw.answer(said).status == 200


def test_a_session_outlives_the_server_and_the_next_one_shows_it(door):
    first = door()
    asked = at(first)
    started = asked.ask(attacks.form(b"objects=customers"))
    first.kill()
    first.wait()

    shown = at(door(port=asked.port)).get("/sync/wms/history")

    assert started.status == 303
    assert shown.status == 200 and shown.text.count("<tr>") == 2


def test_of_starts_at_once_in_processes_of_their_own_one_begins(door):
    asked = at(door())
    with ThreadPoolExecutor(4) as threads:
        posts = [threads.submit(asked.ask, attacks.form(b"objects=customers")) for _ in "1234"]
        statuses = [post.result().status for post in posts]

    assert statuses.count(303) >= 1 and set(statuses) <= {303, 409}, statuses


# --- who may ask ----------------------------------------------------------------------


def refused(*options: str) -> str:
    with pytest.raises(Refused) as found:
        serve.main(["--progress", "off", *options])

    assert found.value.exit_code == NOTHING_DONE
    return str(found.value)


@pytest.fixture
def folders(tmp_path: Path) -> list[str]:
    names = ("DATA_DIR", "LOG_DIR")
    return [word for name in names for word in ("--set", f"{name}={tmp_path / name}")]


def test_a_port_that_is_taken_is_told_with_a_way_out(folders):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        told = refused("--port", port, *folders)

    assert re.match(
        rf"--host 127.0.0.1 --port {port}: .* in use; choose another, 0 = ", told
    )


def test_an_address_that_is_not_of_this_machine_is_told(folders):
    told = refused("--host", "192.0.2.1", "--set", f"SERVE_TOKEN={TOKEN}", *folders)

    assert told.startswith("--host 192.0.2.1 --port 5000 (on a Mac")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.2", "office.lan", ""])
def test_others_are_not_served_without_a_token(folders, host):
    told = refused("--host", host, *folders)

    assert told == (
        f"--host {host}: others could start and cancel; set SERVE_TOKEN to a long random text"
    )


@pytest.mark.parametrize("token", ["short", "fifteen letters", 20 * "\u00eb"])
def test_a_token_that_could_be_tried_is_refused(folders, token):
    assert refused("--set", f"SERVE_TOKEN={token}", *folders).startswith(
        "SERVE_TOKEN: is too"
    )


def test_with_a_token_a_program_sends_it_and_a_browser_logs_in(door):
    asked = at(door("--set", f"SERVE_TOKEN={TOKEN}"))
    known = f"Authorization: Bearer {TOKEN}"
    login = asked.get(LOGIN)
    ours = "Origin: http://127.0.0.1:@PORT@", "Sec-Fetch-Site: same-origin"

    entered = asked.ask(_entered(login, *ours))

    assert (asked.get("/").status, asked.get("/").headers["location"]) == (303, LOGIN)
    assert asked.get("/", known).status == 200 == login.status
    assert (entered.status, entered.headers["location"]) == (303, "/")
    cookie = entered.headers["set-cookie"].partition(";")[0]
    assert asked.get("/", f"Cookie: {cookie}").status == 200
    assert asked.get("/", "Cookie: carryover=1").status == 303
    page = asked.get("/", f"Cookie: {cookie}")
    assert f'<a href="{LOGOUT}">Log out</a>' in page.text
    question = asked.get(LOGOUT, f"Cookie: {cookie}")
    csrf = raw_csrf(question)
    left = asked.ask(raw.request("POST", LOGOUT, attacks.FORM, f"Cookie: {cookie}", body=csrf))
    assert (left.status, left.headers["location"]) == (303, LOGIN)
    assert asked.get("/", f"Cookie: {cookie}").status == 303


def raw_csrf(page: Answer) -> bytes:
    """Return what the form of a page sends so that it is known as ours."""
    return f"csrf={re.search(r'name=.csrf. value=.([^ ]+).>', page.text).group(1)}".encode()


def _entered(login: Answer, *headers: str) -> bytes:
    """Return what a browser sends when the token is typed into the form."""
    body = b"&".join([raw_csrf(login), f"token={TOKEN}".encode()])
    return raw.request("POST", LOGIN, attacks.FORM, *headers, body=body)


def test_another_name_is_answered_to_where_that_is_asked_for(door):
    asked = at(door("--allow-host", "office.lan"))

    assert asked.ask(raw.request("GET", "/", host="office.lan")).status == 200
    assert asked.ask(raw.request("GET", "/", host="other.lan")).status == 421
