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
KNOWN = f"Authorization: Bearer {TOKEN}"
Start = Callable[..., subprocess.Popen]


def started(folder: Path, *options: str) -> subprocess.Popen:
    """Return the door as a process of its own."""
    command = [sys.executable, "-m", "src.serve", "--port", "0", *options]
    environ = {**os.environ, "ENV_FILE": os.devnull}
    environ |= {name: str(folder / name) for name in ("DATA_DIR", "LOG_DIR")}
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    return subprocess.Popen(command, cwd=ROOT, env=environ, text=True, **pipes)


def ended_by_force(process: subprocess.Popen) -> None:
    process.kill()
    process.communicate()


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Start]:
    """Return a function that starts the door."""
    running: list[subprocess.Popen] = []

    def start(*options: str) -> subprocess.Popen:
        running.append(started(tmp_path, *options))
        return running[-1]

    yield start
    for process in running:
        ended_by_force(process)


@pytest.fixture(scope="module")
def shared(tmp_path_factory) -> Iterator[At]:
    """Return lines to a door that knows another name, and asks for its token."""
    options = ("--allow-host", "office.lan", "--set", f"SERVE_TOKEN={TOKEN}")
    process = started(tmp_path_factory.mktemp("shared"), *options)
    yield at(process)
    ended_by_force(process)


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


def test_the_printed_address_and_localhost_show_the_pages(shared):
    assert shared.get("/", KNOWN).text.startswith("<!doctype html>")
    assert shared.ask(raw.request("GET", "/", KNOWN, host="localhost")).status == 200


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_localhost_may_be_the_other_address_of_this_machine(shared):
    request = raw.request("GET", "/", KNOWN, host="localhost")
    try:
        said = shared.said(request, host="::1")
    except OSError:
        pytest.skip("this machine has no address ::1")

    assert raw.answer(said).status == 200


def test_of_starts_at_once_one_begins_outlives_the_server_and_is_shown_by_the_next(door):
    first = door()
    asked = at(first)
    with ThreadPoolExecutor(4) as threads:
        posts = [threads.submit(asked.ask, attacks.form(b"objects=customers")) for _ in "1234"]
        statuses = [post.result().status for post in posts]
    ended_by_force(first)

    shown = at(door("--port", str(asked.port))).get("/sync/wms/history")

    assert statuses.count(303) >= 1 and set(statuses) <= {303, 409}, statuses
    assert shown.status == 200 and shown.text.count("<tr>") == 1 + statuses.count(303)


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


def test_with_a_token_a_program_sends_it(shared):
    without = shared.get("/")

    assert (without.status, without.headers["location"]) == (303, LOGIN)
    assert shared.get("/api/v1/runs").status == 401
    assert shared.get("/api/v1/runs", KNOWN).status == 200
    assert shared.get("/", "Cookie: carryover=1").status == 303


@pytest.fixture
def cookie(shared) -> str:
    """Return what a browser has that has logged in."""
    entered = posted(shared, LOGIN, shared.get(LOGIN), f"token={TOKEN}")
    assert (entered.status, entered.headers["location"]) == (303, "/")
    return f"Cookie: {entered.headers['set-cookie'].partition(';')[0]}"


def test_a_browser_logs_in_and_out_again(shared, cookie):
    page = shared.get("/", cookie)
    assert page.status == 200 and f'<a href="{LOGOUT}">Log out</a>' in page.text

    left = posted(shared, LOGOUT, shared.get(LOGOUT, cookie), "", cookie)
    assert (left.status, left.headers["location"]) == (303, LOGIN)
    assert shared.get("/", cookie).status == 303


def posted(asked: At, place: str, page: Answer, fields: str, *headers: str) -> Answer:
    """Return the answer to a form of a page, as a browser sends it."""
    csrf = re.search(r'name="csrf" value="([^"]+)"', page.text).group(1)
    ours = "Origin: http://127.0.0.1:@PORT@", "Sec-Fetch-Site: same-origin", *headers
    body = f"csrf={csrf}&{fields}".encode()
    return asked.ask(raw.request("POST", place, attacks.FORM, *ours, body=body))


def test_another_name_is_answered_to_where_that_is_asked_for(shared):
    assert shared.ask(raw.request("GET", "/", KNOWN, host="office.lan")).status == 200
    assert shared.ask(raw.request("GET", "/", KNOWN, host="other.lan")).status == 421
