"""The one answer that a login waits for: the browser, sent back with a code."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from queue import Empty, SimpleQueue
from threading import Thread
from typing import NamedTuple, Union
from urllib.parse import parse_qsl, urlsplit

from src.kit.errors import Refused
from src.kit.serving import Call, Reply, Server

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Carryover</title>
<body style="font: 1.2em sans-serif; margin: 4em"><p>{}</p></body></html>"""
SAFE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
DONE = "Carryover has the answer; the terminal says what it came to. Close this page."
DENIED = "The login was declined. You may close this page."
NOT_OURS = "This is not the login that was started here; start it again."


class Consent(NamedTuple):
    """What a person at the browser allowed."""

    code: str
    realm_id: str

    def __repr__(self) -> str:
        return f"Consent(for company {self.realm_id})"


def consent_in(query: Mapping[str, str], state: str) -> Union[Consent, str]:
    """Return what a callback says; raises Refused where it is none, or a refusal."""
    if not hmac.compare_digest(query.get("state", "").encode(), state.encode()):
        raise Refused(NOT_OURS)
    if query.get("error"):
        return (
            "the login was declined; only an administrator of the company can consent: "
            "ask one to log in, or choose another company"
        )
    if not query.get("code") or not query.get("realmId"):
        raise Refused("the answer holds no code or no company; start the login again")
    return Consent(query["code"], query["realmId"])


def pasted(text: str, state: str) -> Consent:
    """Return what the address holds that a person copied from the browser."""
    found = consent_in(dict(parse_qsl(urlsplit(text.strip()).query)), state)
    if isinstance(found, str):
        raise Refused(found)
    return found


def can_listen(redirect_uri: str) -> bool:
    """Return whether the browser is sent back to where a listener can be."""
    try:
        url = urlsplit(redirect_uri)
    except ValueError:
        raise Refused(f"QBO_REDIRECT_URI={redirect_uri}: is no URL; correct it") from None
    return url.scheme == "http" and url.hostname in ("localhost", "127.0.0.1")


class Listener:
    """Listens on this machine for one callback; use as a context."""

    def __init__(self, redirect_uri: str, state: str) -> None:
        self._path, self._state = urlsplit(redirect_uri).path or "/", state
        self._heard: SimpleQueue[Union[Consent, str]] = SimpleQueue()
        try:
            self._server = Server(urlsplit(redirect_uri).port or 80, self._answer)
        except (OSError, ValueError, OverflowError) as error:
            why = getattr(error, "strerror", "") or "that is no port"
            raise Refused(
                f"QBO_REDIRECT_URI={redirect_uri}: cannot listen there "
                f"({why}); free the port, or register another one"
            ) from None

    def __enter__(self) -> Listener:
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait(self, seconds: float) -> Consent:
        """Return the consent; raises Refused where it is declined or does not come."""
        try:
            heard = self._heard.get(timeout=seconds)
        except Empty:
            raise Refused(f"nobody logged in within {seconds:g} s; start again") from None
        if isinstance(heard, str):
            raise Refused(heard)
        return heard

    def _answer(self, call: Call) -> Reply:
        if call.method != "GET" or call.path != self._path:
            return Reply(404, b"Not Found", "text/plain", SAFE)
        try:
            found = consent_in(call.query, self._state)
        except Refused as refused:
            return _page(400, str(refused))  # somebody else's: the right one may yet come
        self._heard.put(found)
        return _page(200, DENIED if isinstance(found, str) else DONE)


def _page(status: int, text: str) -> Reply:
    return Reply(status, PAGE.format(text).encode(), "text/html; charset=utf-8", SAFE)
