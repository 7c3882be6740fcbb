"""Who may ask: names of this server, its own pages, and whoever knows its token."""

from __future__ import annotations

import pytest

from src.kit import guarding, logins
from src.kit.guarding import Address, Guard
from src.kit.logins import Logins
from src.kit.serving import Call, Reply
from src.kit.web import Problem

PORT = 5000
OURS = "127.0.0.1:5000"
TOKEN = "a-token-that-is-long-enough"
BROWSER = {"origin": f"http://{OURS}", "sec-fetch-site": "same-origin", "cookie": "a=b"}


def guard(token: str = "", *names: str, port: int = PORT) -> Guard:
    return Guard(Address(port, names), token, lambda path: path == "/assets/app.css")


def call(method: str = "GET", path: str = "/", **headers: str) -> Call:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Call(method, path, {}, {"host": OURS, **named}, b"", 0)


def status(asked: Guard, one: Call) -> int:
    """Return the status that a call is refused with, 0 where it is let in."""
    try:
        early = asked.admit(one)
    except Problem as problem:
        return problem.status
    return early.status if early else 0


def token_status(asked: Guard, one: Call, *given: str) -> int:
    try:
        asked.check_token(one, {"csrf": list(given)} if given else {})
    except Problem as problem:
        return problem.status
    return 0


# --- the Host -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        OURS,
        "localhost:5000",
        "LOCALHOST:5000",
        "[::1]:5000",
        "office.lan:5000",
        "office.lan",
    ],
)
def test_a_name_of_this_server_is_let_in(host):
    assert status(guard("", "office.lan"), call(host=host)) == 0


@pytest.mark.parametrize(
    "host",
    [
        *(
            "",
            "evil.example",
            "evil.example:5000",
            "127.0.0.1",
            "127.0.0.1:5001",
            "localhost",
        ),
        *("127.0.0.1:5000.evil.example", "127.0.0.1:5000, 127.0.0.1:5000", "127.1:5000"),
        *("localhost.:5000", "127.0.0.1:05000", "127.0.0.1:5000/", "evil@127.0.0.1:5000"),
        *(
            "0.0.0.0:5000",
            "[::]:5000",
            "2130706433:5000",
            "office.lan:80",
            " 127.0.0.1:5000",
        ),
        "office.lan",
    ],
)
def test_any_other_name_is_refused(host):
    assert status(guard(), call(host=host)) == 421


def test_a_request_without_a_host_is_refused():
    assert status(guard(), call()._replace(headers={})) == 421


def test_at_the_usual_port_a_host_has_none():
    assert status(guard(port=80), call(host="localhost")) == 0
    assert status(guard(port=80), call(host="localhost:80")) == 0


# --- pages elsewhere ------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("origin", "refused"),
    [
        (f"http://{OURS}", 0),
        (f"https://{OURS}", 0),
        (f"HTTP://{OURS}", 0),
        ("null", 403),
        ("", 403),
        ("http://evil.example", 403),
        ("http://127.0.0.1", 403),
        ("http://127.0.0.1:5001", 403),
        ("http://localhost:5000", 403),
        (f"http://{OURS}.evil.example", 403),
        (f"http://{OURS}/", 403),
        (f"http://{OURS}, http://{OURS}", 403),
        (f"file://{OURS}", 403),
    ],
)
def test_a_page_of_another_origin_is_refused(method, origin, refused):
    assert status(guard(), call(method, origin=origin)) == refused


@pytest.mark.parametrize(
    ("method", "site", "mode", "dest", "refused"),
    [
        ("GET", "same-origin", "cors", "empty", 0),
        ("GET", "none", "navigate", "document", 0),
        ("GET", "cross-site", "navigate", "document", 0),
        ("GET", "same-site", "navigate", "document", 0),
        ("HEAD", "cross-site", "navigate", "document", 0),
        ("GET", "cross-site", "no-cors", "image", 403),
        ("GET", "cross-site", "no-cors", "script", 403),
        ("GET", "same-site", "no-cors", "script", 403),
        ("GET", "cross-site", "cors", "empty", 403),
        ("GET", "cross-site", "navigate", "iframe", 403),
        ("GET", "cross-site", "navigate", "embed", 403),
        ("GET", "something-new", "no-cors", "image", 403),
        ("POST", "cross-site", "navigate", "document", 403),
        ("POST", "same-site", "navigate", "document", 403),
        ("POST", "same-origin", "navigate", "document", 0),
        ("POST", "none", "navigate", "document", 0),
    ],
)
def test_another_site_may_lead_here_and_nothing_else(method, site, mode, dest, refused):
    asked = call(method, sec_fetch_site=site, sec_fetch_mode=mode, sec_fetch_dest=dest)

    assert status(guard(), asked) == refused


# --- the token of our pages -----------------------------------------------------------


@pytest.mark.parametrize("header", sorted(BROWSER))
def test_what_a_browser_posts_needs_the_token_of_the_page(header):
    asked = guard()
    one = call("POST", **{header: BROWSER[header]})

    assert token_status(asked, one) == 403
    assert token_status(asked, one, "wrong") == 403
    assert token_status(asked, one, "") == 403
    assert token_status(asked, one, asked.csrf) == 0


def test_the_token_may_come_in_a_header():
    asked = guard()

    assert token_status(asked, call("POST", **BROWSER, x_csrf_token=asked.csrf)) == 0
    assert token_status(asked, call("POST", **BROWSER, x_csrf_token="\u00ff\udcff")) == 403
    assert token_status(asked, call("POST", **BROWSER, x_csrf_token=asked.csrf[:-1])) == 403


def test_a_program_needs_no_such_token():
    assert token_status(guard(), call("POST", user_agent="curl/8")) == 0


def test_a_token_from_before_a_restart_is_told_with_the_way_out():
    old, new = guard(), guard()

    with pytest.raises(Problem, match="reload it and try again"):
        new.check_token(call("POST", **BROWSER), {"csrf": [old.csrf]})


# --- the token of the server ----------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "refused"),
    [
        (f"Bearer {TOKEN}", 0),
        (f"bearer  {TOKEN}", 0),
        (f"Bearer {TOKEN}x", 401),
        (f"Bearer {TOKEN[:-1]}", 401),
        ("Bearer ", 401),
        ("Bearer", 401),
        (f"Basic {TOKEN}", 401),
        (f"Bearer {TOKEN}, Bearer {TOKEN}", 401),
        ("Bearer \u00ff", 401),
        (TOKEN, 401),
    ],
)
def test_where_there_is_a_token_programs_send_it(sent, refused):
    assert status(guard(TOKEN), call(path="/api/v1/runs", authorization=sent)) == refused


@pytest.mark.parametrize(
    ("method", "path", "refused"),
    [
        ("GET", "/", 303),
        ("GET", "/logs/wms.csv", 303),
        ("POST", "/sync/wms/start", 401),
        ("GET", "/api/v1/runs", 401),
        ("GET", "/assets/other.css", 303),
        ("GET", "/assets/app.css", 0),
        ("GET", "/health", 0),
        ("GET", "/login", 0),
        ("POST", "/login", 0),
        ("GET", "/health/../", 303),
        ("GET", "/login/x", 303),
    ],
)
def test_without_the_token_only_the_open_addresses_answer(method, path, refused):
    assert status(guard(TOKEN), call(method, path)) == refused
    assert status(guard(), call(method, path)) == 0


def cookie_of(reply: Reply) -> str:
    return reply.headers["Set-Cookie"].partition(";")[0]


def test_a_browser_that_logged_in_is_known_by_a_cookie():
    asked = guard(TOKEN)
    reply = asked.login({"token": [f" {TOKEN} "]})

    assert (reply.status, reply.headers["Location"]) == (303, "/")
    options = "Max-Age=43200; HttpOnly; SameSite=Strict; Path=/"
    assert reply.headers["Set-Cookie"].partition("; ")[2] == options
    for cookies in (
        cookie_of(reply),
        f"a=b; {cookie_of(reply)}; c",
        f"a=b, {cookie_of(reply)}",
    ):
        assert status(asked, call(cookie=cookies)) == 0


def test_a_cookie_is_random_and_of_one_start_of_one_server():
    asked = guard(TOKEN)
    cookie, other = (cookie_of(asked.login({"token": [TOKEN]})) for _ in range(2))

    assert cookie != other and status(asked, call(cookie=other)) == 0
    assert status(guard(TOKEN), call(cookie=cookie)) == 303
    assert status(asked, call(cookie=cookie[:-1])) == 303
    assert status(asked, call(cookie=cookie.partition("=")[0] + "=")) == 303


def test_a_login_ends_by_itself():
    seconds = [0.0]
    asked = Guard(Address(PORT), TOKEN, known=Logins(lambda: seconds[0]))
    cookie = cookie_of(asked.login({"token": [TOKEN]}))
    seconds[0] = logins.SECONDS - 1
    assert status(asked, call(cookie=cookie)) == 0

    seconds[0] += 1
    assert status(asked, call(cookie=cookie)) == 303


def test_who_logs_out_is_not_known_any_more_and_others_are():
    asked = guard(TOKEN)
    cookie, other = (cookie_of(asked.login({"token": [TOKEN]})) for _ in range(2))
    reply = asked.logout({"cookie": cookie})

    assert (reply.status, reply.headers["Location"]) == (303, guarding.LOGIN)
    assert "=; Max-Age=0; " in reply.headers["Set-Cookie"]
    assert status(asked, call(cookie=cookie)) == 303
    assert status(asked, call(cookie=other)) == 0


@pytest.mark.parametrize(
    "given", [{}, {"token": ["wrong"]}, {"token": [""]}, {"token": ["\u00ff"]}]
)
def test_nobody_logs_in_with_another_token(given):
    with pytest.raises(Problem, match="SERVE_TOKEN"):
        guard(TOKEN).login(given)


def test_where_there_is_no_token_nobody_logs_in():
    with pytest.raises(Problem):
        guard().login({"token": [""]})


# --- headers --------------------------------------------------------------------------


def test_every_answer_has_the_headers_and_keeps_its_own():
    reply = guard().dress(
        call(), Reply(200, headers={"Cache-Control": "private", "X": "y"})
    )

    assert reply.headers == {**guarding.HEADERS, "Cache-Control": "private", "X": "y"}


def test_the_policy_lets_nothing_run_that_is_not_ours():
    rules = dict(
        rule.split(" ", 1)
        for rule in guarding.HEADERS["Content-Security-Policy"].split("; ")
    )

    assert rules.pop("img-src") == "'self' data:"
    assert {
        name: rules.pop(name) for name in ("default-src", "base-uri", "frame-ancestors")
    } == {
        "default-src": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert set(rules.values()) == {"'self'"}
