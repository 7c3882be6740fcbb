"""The browser comes back: with a code, declined, with another state, or never."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request

import pytest

from src.adapters.callback import Consent, Listener, can_listen, pasted
from src.kit.errors import Refused

STATE = "state-1"
GOOD = f"code=AB1&realmId=42&state={STATE}"


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


@pytest.fixture
def listener(port):
    with Listener(f"http://localhost:{port}/callback", STATE) as listening:
        yield listening


def visit(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as page:
            return page.status, page.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_a_consent_has_the_code_and_the_company(listener, port):
    status, page = visit(port, f"/callback?{GOOD}")

    assert (status, listener.wait(1)) == (200, Consent("AB1", "42"))
    assert "has the answer" in page and "AB1" not in page


def test_who_declines_is_told_who_may_consent(listener, port):
    status, page = visit(port, f"/callback?error=access_denied&state={STATE}")

    assert (status, "declined" in page) == (200, True)
    with pytest.raises(Refused, match="only an administrator of the company can consent"):
        listener.wait(1)


@pytest.mark.parametrize("state", ["", "state-2", "STATE-1", "%00", "é"])
def test_another_state_is_refused_and_the_right_one_may_still_come(listener, port, state):
    query = f"code=evil&realmId=1&state={urllib.request.quote(state)}"

    assert visit(port, f"/callback?{query}")[0] == 400
    visit(port, f"/callback?{GOOD}")

    assert listener.wait(1).code == "AB1"


@pytest.mark.parametrize("path", ["/", "/favicon.ico", f"/callback/x?{GOOD}", "/callback2"])
def test_any_other_page_is_not_found(listener, port, path):
    assert visit(port, path)[0] == 404
    with pytest.raises(Refused, match="nobody logged in within"):
        listener.wait(0.01)


@pytest.mark.parametrize("query", ["code=AB1", "realmId=42", ""])
def test_half_a_consent_is_none(listener, port, query):
    assert visit(port, f"/callback?state={STATE}&{query}")[0] == 400


def test_a_page_repeats_nothing_of_what_it_was_asked(listener, port):
    _, page = visit(port, "/callback?state=%3Cscript%3E&error=%3Cscript%3E&code=x")

    assert "<script" not in page


def test_connections_that_say_nothing_do_not_keep_the_browser_out(listener, port):
    silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]

    visit(port, f"/callback?{GOOD}")

    assert listener.wait(2).code == "AB1"
    for one in silent:
        one.close()


def test_a_port_that_is_taken_is_said_with_the_setting(listener, port):
    with pytest.raises(Refused, match=f"QBO_REDIRECT_URI=http://localhost:{port}.*free the port"):
        Listener(f"http://localhost:{port}/callback", STATE)


@pytest.mark.parametrize(
    ("uri", "can"),
    [
        ("http://localhost:8000/callback", True),
        ("http://127.0.0.1/x", True),
        ("https://localhost:8000/callback", False),
        ("https://example.org/callback", False),
        ("http://example.org/callback", False),
    ],
)
def test_only_this_machine_is_listened_at(uri, can):
    assert can_listen(uri) is can


def test_a_pasted_address_holds_the_consent():
    assert pasted(f" https://example.org/callback?{GOOD}\n", STATE) == Consent("AB1", "42")


@pytest.mark.parametrize(
    "text", ["", "AB1", "https://x/?code=AB1&realmId=42", f"https://x/?state={STATE}&error=e"]
)
def test_a_pasted_address_without_a_consent_is_refused(text):
    with pytest.raises(Refused):
        pasted(text, STATE)


def test_a_consent_does_not_show_its_code():
    assert "AB1" not in repr(Consent("AB1", "42"))
