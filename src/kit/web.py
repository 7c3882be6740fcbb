"""What is served: routes, requests that are strictly read, and answers.

A view gets a Request and returns a Reply, or raises a Problem; `site` makes an application
for a server of many views. Who may ask is the guard's to say (kit/guarding).
"""

from __future__ import annotations

import json
import re
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from http import HTTPStatus
from typing import Any, NamedTuple, Protocol
from urllib.parse import unquote

from src.kit import bodies
from src.kit.bodies import BadBody
from src.kit.clock import REAL
from src.kit.errors import BrokenDisk, Locked, Refused, sentence
from src.kit.serving import App, Call, Reply
from src.kit.stage import printable
from src.kit.templates import Html

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
BROKEN = "something went wrong; the server's own output has more"
BUSY = "another run is at work on this; wait until it has ended, then try again"
# Where this machine keeps what is told of; who asks gets the last name.
_FOLDERS = re.compile(r"(?<![^\s'\"(])(?:[A-Za-z]:)?[/\\][^\s:;,'\"]*[/\\](?=[^\s:;,'\"])")
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,8}")
_NAME = re.compile(r"\{([a-z_]+)\}")
_LOCAL = re.compile(r"/(?![/\\])[!-~]*")  # //host and /\host lead elsewhere


class Request(NamedTuple):
    """A request as a view gets it: read, decoded and allowed."""

    method: str
    path: str
    query: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}  # names in lower case
    form: Mapping[str, Sequence[str]] = {}  # what a page's form sent
    json: Any = {}  # what a program sent: an object, empty where it has no body
    parts: Mapping[str, str] = {}  # what stands in the route's {braces}
    csrf: str = ""  # for the hidden field `csrf` of the forms of this page


View = Callable[[Request], Reply]


class Route(NamedTuple):
    """An address, `/api/v1/runs/{run_id}`, and what answers there."""

    method: str
    path: str
    view: View


class Problem(Exception):
    """An answer that is none: JSON below /api and at /health, a page elsewhere."""

    def __init__(
        self, status: int, message: str, details: Any = None, **headers: str
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.details = status, message, details
        self.headers = {name.replace("_", "-"): text for name, text in headers.items()}


class Guard(Protocol):
    """Who may ask."""

    csrf: str  # the token that every form of a page carries

    def admit(self, call: Call) -> Reply | None:
        """Return an answer in place of the view's, None = go on; raises Problem."""

    def check_token(self, call: Call, form: Mapping[str, Sequence[str]]) -> None:
        """Check that a POST of a browser comes from a page of ours; raises Problem."""

    def dress(self, call: Call, reply: Reply) -> Reply:
        """Return the answer with the headers that every answer has."""


# --- answers --------------------------------------------------------------------------


def json_reply(value: object, status: int = 200, headers: Mapping[str, str] = {}) -> Reply:
    r"""Return JSON in UTF-8; times are ISO-8601.

    >>> json_reply({"name": "Zoë", "file": "\udcff"}).body.decode()
    '{"name": "Zoë", "file": "\\udcff"}'
    """
    text = json.dumps(value, ensure_ascii=False, default=_spelled)
    # What UTF-8 cannot hold, half a character, stays the escape that JSON has for it.
    return Reply(status, text.encode("utf-8", "backslashreplace"), headers=headers)


def _spelled(value: object) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON")


def page(html: Html, status: int = 200) -> Reply:
    """Return a page."""
    return Reply(status, html.encode(), "text/html; charset=utf-8")


def redirect(place: str) -> Reply:
    """Return an answer that leads to a path of this server; raises ValueError."""
    if not _LOCAL.fullmatch(place):
        raise ValueError(f"{place!r} is no path of this server")
    return Reply(303, b"", "text/plain; charset=utf-8", {"Location": place})


# --- what a request holds -------------------------------------------------------------


def whole(
    source: Mapping[str, Any], name: str, default: int, least: int, most: int
) -> int:
    """Return a whole number of a query or of JSON; raises Problem.

    >>> whole({"limit": "7"}, "limit", 10, 1, 100), whole({}, "limit", 10, 1, 100)
    (7, 10)
    """
    value = source.get(name, default)
    is_text = isinstance(value, str) and not isinstance(source, bodies.Object)
    if is_text and _WHOLE.fullmatch(value):
        value = int(value)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if not (is_number and least <= value <= most):
        told = f"{name}: is not a whole number from {least} to {most}; give one"
        raise Problem(400, told)
    return int(value)


def only(found: Mapping[str, Any], *names: str) -> None:
    """Check that a query or JSON holds nothing but these; raises Problem."""
    for name in found:
        if name not in names:
            known = ", ".join(names) or "nothing"
            raise Problem(400, f"{name[:40]}: is not known here; it may hold {known}")


# --- the site -------------------------------------------------------------------------


def site(
    routes: Sequence[Route], guard: Guard, error_page: Callable[[int, str], Html]
) -> App:
    """Return the application that these routes make."""
    return _Site(routes, guard, error_page).answer


class _Address(NamedTuple):
    """A route's path, and the views of its methods."""

    pattern: re.Pattern[str]
    views: dict[str, View]


class _Site:
    def __init__(
        self, routes: Sequence[Route], guard: Guard, error_page: Callable[[int, str], Html]
    ) -> None:
        self._guard, self._error_page = guard, error_page
        self._addresses: list[_Address] = []
        paths: dict[str, dict[str, View]] = {}
        for route in routes:
            paths.setdefault(route.path, {})[route.method] = route.view
        for path in sorted(paths, key=_is_vague):
            self._addresses.append(_Address(_pattern(path), paths[path]))

    def answer(self, call: Call) -> Reply:
        """Return the answer to a call, whatever goes wrong."""
        try:
            reply = self._view(call)
        except (Exception, SystemExit) as error:
            reply = self._failed(call, _problem(error))
        return self._guard.dress(call, reply)

    def _view(self, call: Call) -> Reply:
        early = self._guard.admit(call)
        if early:
            return early
        view, parts = self._found(call)
        is_api = is_for_programs(call.path)
        found = bodies.read(call, is_api)
        if call.method == "POST":
            self._guard.check_token(call, found.form)
        method = "GET" if call.method == "HEAD" else call.method
        request = Request(
            method, call.path, bodies.query(call), call.headers, *found, parts
        )
        return view(request._replace(csrf=self._guard.csrf))

    def _found(self, call: Call) -> tuple[View, Mapping[str, str]]:
        if call.method not in METHODS:
            raise Problem(501, "this method is not known here")
        for pattern, views in self._addresses:
            match = pattern.fullmatch(call.path)
            if not match:
                continue
            parts = {name: _decoded(text) for name, text in match.groupdict().items()}
            view = views.get("GET" if call.method == "HEAD" else call.method)
            if view:
                return view, parts
            allowed = [*views, *(["HEAD"] if "GET" in views else [])]
            told = f"this address knows no {call.method}; it knows {', '.join(allowed)}"
            raise Problem(405, told, Allow=", ".join(allowed))
        raise Problem(404, "there is nothing at this address; start from the overview, /")

    def _failed(self, call: Call, problem: Problem) -> Reply:
        if is_for_programs(call.path):
            reply = failure(problem)
        else:
            reply = page(self._error_page(problem.status, problem.message), problem.status)
        return reply._replace(headers={**reply.headers, **problem.headers})


def is_for_programs(path: str) -> bool:
    """Return whether an address speaks JSON."""
    return path == "/health" or (path + "/").startswith("/api/")


def failure(problem: Problem) -> Reply:
    """Return a problem in the envelope that every answer to a program has."""
    return json_reply(
        {
            "success": False,
            "message": HTTPStatus(problem.status).phrase,
            "timestamp": REAL.timestamp(),
            "error": problem.message,
            "details": problem.details,
        },
        problem.status,
    )


def _problem(error: BaseException) -> Problem:
    """Return what is told of an error; one that nobody foresaw goes to stderr whole."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, BadBody):
        return Problem(error.status, error.message)
    if isinstance(error, Locked):
        return Problem(409, BUSY)  # its own sentence names process and machine
    if isinstance(error, (OSError, Refused)):
        is_ours = not isinstance(error, (OSError, BrokenDisk))
        told = sentence(error) if isinstance(error, OSError) else str(error)
        return Problem(400 if is_ours else 503, _FOLDERS.sub("", told))
    print(printable("".join(traceback.format_exception(error))), file=sys.stderr)
    return Problem(500, BROKEN)


# --- addresses ------------------------------------------------------------------------


def _is_vague(path: str) -> tuple[int, int]:
    """Return what sorts the paths with fewer braces first, then those that say more."""
    return len(_NAME.findall(path)), -len(_NAME.sub("", path))


def _pattern(path: str) -> re.Pattern[str]:
    pieces = _NAME.split(path)
    named = [f"(?P<{piece}>[^/]+)" for piece in pieces[1::2]]
    fixed = [re.escape(piece) for piece in pieces[::2]]
    return re.compile("".join(a + b for a, b in zip(fixed, [*named, ""])))


def _decoded(text: str) -> str:
    try:
        part = unquote(text, errors="strict")
    except UnicodeDecodeError:
        part = ""
    if part in ("", ".", "..") or not part.isprintable() or "/" in part or "\\" in part:
        raise Problem(404, "there is nothing at this address")
    return part
