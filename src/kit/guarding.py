"""Who may ask: the right name of this server, its own pages, and who knows its token.

A page elsewhere can make a browser send requests to this machine, under any name that it
points here (DNS rebinding). So the Host must be ours, what comes from a page must come
from one of ours, and what changes something needs the token that only our pages carry.
A program sends no Origin, no Sec-Fetch-Site and no cookie, and needs no such token.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from src.kit import logins, web
from src.kit.logins import Logins
from src.kit.serving import Call, Reply
from src.kit.web import Problem

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
LOGIN, LOGOUT = "/login", "/logout"
SHORTEST_TOKEN = 16  # characters: too many to be tried
STALE = "this page is older than the server's last start; reload it and try again"
_COOKIE = "{name}={word}; Max-Age={seconds}; HttpOnly; SameSite=Strict; Path=/"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # With no-referrer, browsers send `Origin: null` with a form (Fetch standard, 3.2).
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


class Address(NamedTuple):
    """Where this server is asked."""

    port: int
    names: Sequence[str] = ()  # besides this machine's own; with a port, only at that


class Guard:
    """Lets in who may ask (see web.Guard)."""

    def __init__(
        self,
        address: Address,
        token: str = "",
        is_open: Callable[[str], bool] = lambda path: False,
        known: Logins | None = None,
    ) -> None:
        self.csrf = secrets.token_urlsafe(32)
        self._hosts = frozenset(_hosts(address))
        self._token, self._is_open = token.encode(), is_open
        self._logins = known or Logins()
        # Browsers send a cookie to every port of a host: each server has a name for its own.
        self._cookie = f"carryover-{address.port}"

    def admit(self, call: Call) -> Reply | None:
        """Return an answer in place of the view's, None = go on; raises Problem."""
        if call.headers.get("host", "").lower() not in self._hosts:
            raise Problem(421, "Host: is not this server; use the address that it printed")
        _check_origin(call)
        _check_site(call)
        is_open = call.path == "/health" or call.path == LOGIN or self._is_open(call.path)
        if not self._token or is_open or self._is_known(call):
            return None
        if call.method == "GET" and not web.is_for_programs(call.path):
            return web.redirect(LOGIN)
        told = "this server asks for its token; send Authorization: Bearer <SERVE_TOKEN>"
        raise Problem(401, told, WWW_Authenticate="Bearer")

    def check_token(self, call: Call, form: Mapping[str, Sequence[str]]) -> None:
        """Check that a POST of a browser comes from a page of ours; raises Problem."""
        is_browser = {"origin", "sec-fetch-site", "cookie"} & call.headers.keys()
        given = [call.headers.get("x-csrf-token", ""), *form.get("csrf", ())]
        if is_browser and not any(_is_same(text, self.csrf.encode()) for text in given):
            raise Problem(403, STALE)

    def dress(self, call: Call, reply: Reply) -> Reply:
        """Return the answer with the headers that every answer has."""
        return dressed(reply)

    # --- the token of the server ------------------------------------------------------

    def login(self, form: Mapping[str, Sequence[str]]) -> Reply:
        """Return what lets a browser in that sends the token; raises Problem."""
        given = (form.get("token") or [""])[0]
        if not self._token or not _is_same(given.strip(), self._token):
            raise Problem(403, "that is not the token; it is the setting SERVE_TOKEN")
        return self._sent("/", self._logins.begin(), logins.SECONDS)

    def logout(self, headers: Mapping[str, str]) -> Reply:
        """End the login of a browser, and let it forget that."""
        for word in self._words(headers):
            self._logins.end(word)
        return self._sent(LOGIN, "", 0)

    def _sent(self, place: str, word: str, seconds: int) -> Reply:
        cookie = _COOKIE.format(name=self._cookie, word=word, seconds=seconds)
        reply = web.redirect(place)
        return reply._replace(headers={**reply.headers, "Set-Cookie": cookie})

    def _is_known(self, call: Call) -> bool:
        kind, _, given = call.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and _is_same(given.strip(), self._token):
            return True
        return any(map(self._logins.holds, self._words(call.headers)))

    def _words(self, headers: Mapping[str, str]) -> list[str]:
        cookies = headers.get("cookie", "").replace(", ", "; ").split(";")
        pairs = (cookie.strip().partition("=") for cookie in cookies)
        return [word for name, _, word in pairs if name == self._cookie]


def dressed(reply: Reply) -> Reply:
    """Return an answer with the headers that every answer has; its own ones stay."""
    return reply._replace(headers={**HEADERS, **reply.headers})


def _hosts(address: Address) -> Sequence[str]:
    """Return what a Host header may say."""
    bare = [name.lower() for name in address.names]
    # Behind a proxy the port is another one, and a browser leaves out port 80.
    usual = [*bare, *(LOOPBACK if address.port == 80 else ())]
    return [*usual, *(f"{name}:{address.port}" for name in [*LOOPBACK, *bare])]


def _check_origin(call: Call) -> None:
    host = call.headers["host"].lower()
    origin = call.headers.get("origin", f"http://{host}").lower()
    if origin not in (f"http://{host}", f"https://{host}"):
        raise Problem(403, "Origin: is another page's; open this server's own pages")


def _check_site(call: Call) -> None:
    """Let other sites lead here with a link, and do nothing else."""
    headers = call.headers
    is_ours = headers.get("sec-fetch-site", "none") in ("same-origin", "none")
    is_link = (
        call.method in ("GET", "HEAD")
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest", "document") == "document"
    )
    if not (is_ours or is_link):
        raise Problem(403, "Sec-Fetch-Site: another page asks; open this server's own pages")


def _is_same(given: str, secret: bytes) -> bool:
    """Compare in a time that does not tell how much was right."""
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), secret)
