"""Routes, requests and answers: what a view gets, and what is told when it gets none."""

from __future__ import annotations

import html
import json
from datetime import date, datetime, timezone

import pytest

from src.kit import bodies, web
from src.kit.errors import BrokenDisk, Locked, Refused
from src.kit.serving import Call, Reply
from src.kit.templates import Html, text
from src.kit.web import Problem, Request, Route


class Open:
    """A guard that lets everybody in, and notes what it was asked."""

    csrf = "token-4711"

    def __init__(self) -> None:
        self.early: Reply | None = None
        self.checked: list[object] = []

    def admit(self, call: Call) -> Reply | None:
        return self.early

    def check_token(self, call: Call, form: object) -> None:
        self.checked.append(form)

    def dress(self, call: Call, reply: Reply) -> Reply:
        return reply._replace(headers={**reply.headers, "X-Dressed": "yes"})


class Place:
    """A site whose views note what they get, and answer or raise what they are told."""

    def __init__(self, *paths: str) -> None:
        self.requests: list[Request] = []
        self.problem: BaseException | None = None
        self.guard = Open()
        routes = [Route(*path.split(), self.view) for path in paths]
        self.app = web.site(
            routes, self.guard, lambda status, said: text(f"{status} {said}")
        )

    def view(self, request: Request) -> Reply:
        self.requests.append(request)
        if self.problem:
            raise self.problem
        return web.json_reply({})

    def ask(self, method: str, path: str, body: bytes = b"", **more: object) -> Reply:
        call = Call(method, path, {}, {}, body, len(body))
        return self.app(call._replace(**more))


@pytest.fixture
def place() -> Place:
    return Place(
        "GET /",
        "GET /logs/{table}",
        "GET /logs/{table}.csv",
        "GET /logs/all",
        "POST /api/v1/do",
        "GET /api/v1/do",
        "POST /form",
        "GET /health",
    )


def told(reply: Reply) -> dict[str, object]:
    return json.loads(reply.body)


# --- addresses ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("/", {}),
        ("/logs/all", {}),
        ("/logs/wms", {"table": "wms"}),
        ("/logs/wms.csv", {"table": "wms"}),
        ("/logs/a.b.csv", {"table": "a.b"}),
        ("/logs/wms.CSV", {"table": "wms.CSV"}),
        ("/logs/Zo%C3%AB%20%3Cb%3E", {"table": "Zo\u00eb <b>"}),
        ("/logs/$name", {"table": "$name"}),
    ],
)
def test_the_address_that_says_most_answers(place, path, parts):
    assert place.ask("GET", path).status == 200
    assert place.requests[0].parts == parts


@pytest.mark.parametrize(
    "path",
    [
        *("/x", "//", "/logs", "/logs/", "/logs/a/b", "/LOGS/a", "/logs/all/", "", "*"),
        *("/logs/.", "/logs/..", "/logs/%2e%2e", "/logs/%2E%2e.csv", "/logs/..%2fa"),
        *("/logs/%2fetc%2fpasswd", "/logs/a%00", "/logs/a%0d%0aX: y", "/logs/%ff"),
        *("/logs/..%5c..%5ca", "/logs/%C3", "//evil/logs/a", "/logs/%E2%80%AEa"),
    ],
)
def test_there_is_nothing_at_any_other_address(place, path):
    assert place.ask("GET", path).status == 404
    assert place.requests == []


@pytest.mark.parametrize(
    ("method", "path", "status", "allowed"),
    [
        ("POST", "/", 405, "GET, HEAD"),
        ("PUT", "/api/v1/do", 405, "POST, GET, HEAD"),
        ("DELETE", "/form", 405, "POST"),
        ("OPTIONS", "/api/v1/do", 405, "POST, GET, HEAD"),
        ("HEAD", "/form", 405, "POST"),
        ("PATCH", "/nowhere", 404, None),
        ("TRACE", "/", 501, None),
        ("CONNECT", "/", 501, None),
        ("get", "/", 501, None),
        ("BREW", "/nowhere", 501, None),
    ],
)
def test_an_address_knows_its_methods(place, method, path, status, allowed):
    reply = place.ask(method, path)

    assert (reply.status, reply.headers.get("Allow")) == (status, allowed)
    assert not any(name.startswith("Access-Control") for name in reply.headers)


def test_a_head_is_a_get_for_the_view(place):
    assert place.ask("HEAD", "/").status == 200
    assert place.requests[0].method == "GET"


# --- what a view gets -----------------------------------------------------------------


def test_a_view_gets_query_headers_and_the_token_for_forms(place):
    place.ask("GET", "/", pairs=[("q", "1"), ("r", "")], headers={"accept": "x"})

    (request,) = place.requests
    assert request.query == {"q": "1", "r": ""}
    assert request.headers == {"accept": "x"} and request.csrf == "token-4711"


def test_below_api_a_view_gets_json_elsewhere_a_form(place):
    place.ask("POST", "/api/v1/do", b'{"a": 1}', headers={"content-type": bodies.JSON})
    place.ask("POST", "/form", b"a=1", headers={"content-type": bodies.FORM})

    assert [(one.json, one.form) for one in place.requests] == [
        ({"a": 1}, {}),
        ({}, {"a": ["1"]}),
    ]


def test_the_token_of_every_post_is_checked_before_its_view(place):
    place.ask("POST", "/form", b"csrf=1", headers={"content-type": bodies.FORM})
    place.ask("POST", "/api/v1/do")
    place.ask("GET", "/")

    assert place.guard.checked == [{"csrf": ["1"]}, {}]


def test_what_the_guard_answers_no_view_sees(place):
    place.guard.early = web.redirect("/login")

    assert place.ask("GET", "/").status == 303
    assert place.requests == []


@pytest.mark.parametrize("path", ["/", "/nowhere"])
def test_every_answer_is_dressed(place, path):
    assert place.ask("GET", path).headers["X-Dressed"] == "yes"


# --- problems -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("problem", "status", "said"),
    [
        (Problem(418, "tea"), 418, "tea"),
        (Refused("x: is no y; give z"), 400, "x: is no y; give z"),
        (Locked("/a/x.lock: held by process 7 on vm"), 409, "another run is at work on this"),
        (BrokenDisk("a: full; free some"), 503, "a: full; free some"),
        (OSError(28, "No space left on device", "/x/y/a.csv"), 503, "a.csv: No space left"),
        (BrokenDisk("/x/y z/a.csv: full"), 503, "y z/a.csv: full"),
        (BrokenDisk(r"C:\x\a.csv: full"), 503, "a.csv: full"),
        (Refused("data/a.csv: is no b/c; see /x/y/d.csv"), 400, "data/a.csv: is no b/c; see d.csv"),
        (KeyError("secret"), 500, web.BROKEN),
        (SystemExit(2), 500, web.BROKEN),
        (RecursionError(), 500, web.BROKEN),
    ],
)
def test_what_a_view_raises_becomes_an_answer(place, problem, status, said):
    place.problem = problem
    for path in ("/api/v1/do", "/health", "/logs/a"):
        reply = place.ask("GET", path)

        assert reply.status == status and said in html.unescape(reply.body.decode())
        for secret in (b"secret", b"Traceback", b"/x/", b"C:\\", b"process 7"):
            assert secret not in reply.body


def test_a_programming_error_is_told_to_whoever_serves(place, capsys):
    place.problem = ZeroDivisionError("\x1b[2J secret")
    place.ask("GET", "/")

    told = capsys.readouterr().err
    assert "Traceback" in told and "ZeroDivisionError" in told and "\x1b" not in told


def test_below_api_a_problem_is_an_envelope(place):
    place.problem = Problem(409, "it runs", {"session_id": "s1"})
    found = told(place.ask("GET", "/api/v1/do"))

    assert datetime.fromisoformat(str(found.pop("timestamp"))).tzinfo
    assert found == {
        "success": False,
        "message": "Conflict",
        "error": "it runs",
        "details": {"session_id": "s1"},
    }


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1/none", "/health"])
def test_programs_get_json_even_where_there_is_nothing(place, path):
    reply = place.ask("DELETE", path)

    assert reply.content_type == "application/json" and not told(reply)["success"]


@pytest.mark.parametrize("path", ["/apis", "/healthy", "/API/x"])
def test_people_get_a_page_where_there_is_nothing(place, path):
    reply = place.ask("GET", path)

    assert (reply.status, reply.content_type) == (404, "text/html; charset=utf-8")


# --- numbers and names ----------------------------------------------------------------


@pytest.mark.parametrize(("given", "number"), [("1", 1), ("100", 100), (1, 1), (100, 100)])
def test_a_whole_number_within_its_limits_is_taken(given, number):
    assert web.whole({"limit": given}, "limit", 10, 1, 100) == number


@pytest.mark.parametrize(
    "given",
    [
        *("0", "101", "abc", "", " 1", "1 ", "+3", "-1", "1_0", "1.0", "1e1", "007"),
        *("\u0663", "\uff11", "0x1", "1;DROP", "9" * 5_000, True, False, 1.0, None),
        *([], {}, [1], 0, 101, -1, 10**30),
    ],
)
def test_any_other_is_refused_with_what_would_do(given):
    with pytest.raises(Problem, match="limit: .* from 1 to 100; give one") as found:
        web.whole({"limit": given}, "limit", 10, 1, 100)

    assert found.value.status == 400


def test_in_json_a_number_in_quotes_is_no_number():
    with pytest.raises(Problem):
        web.whole(bodies.Object(limit="10"), "limit", 10, 1, 100)

    assert web.whole(bodies.Object(limit=10), "limit", 1, 1, 100) == 10
    assert web.whole(bodies.Object(), "limit", 7, 1, 100) == 7


def test_only_known_names_are_taken():
    web.only({"a": 1}, "a", "b")
    web.only({})

    with pytest.raises(Problem, match="c: is not known here; it may hold a, b"):
        web.only({"a": 1, "c": 2}, "a", "b")


# --- answers --------------------------------------------------------------------------


def test_json_holds_times_and_halves_of_characters():
    when = datetime(2026, 11, 21, tzinfo=timezone.utc)
    reply = web.json_reply({"at": when, "on": date(2026, 1, 2), "file": "\udcff\u00eb"})

    assert told(reply) == {
        "at": "2026-11-21T00:00:00+00:00",
        "on": "2026-01-02",
        "file": "\udcff\u00eb",
    }


def test_json_makes_no_text_of_what_is_none():
    with pytest.raises(TypeError, match="object has no JSON"):
        web.json_reply({"a": object()})


def test_a_page_is_utf_8():
    assert web.page(Html("<b>\u00eb</b>"), 404).body == b"<b>\xc3\xab</b>"


@pytest.mark.parametrize("place", ["/", "/sync/wms", "/logs/a?q=b%20c&r=1#x"])
def test_a_redirection_stays_here(place):
    reply = web.redirect(place)

    assert (reply.status, reply.headers) == (303, {"Location": place})


@pytest.mark.parametrize(
    "place", ["", "x", "//evil", "/\\evil", "http://evil/", "/a\r\nX: y", "/a b", "/\u00eb"]
)
def test_a_redirection_to_anywhere_else_is_a_mistake_of_ours(place):
    with pytest.raises(ValueError, match="is no path of this server"):
        web.redirect(place)
