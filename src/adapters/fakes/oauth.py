"""The authorization server of a simulated company: Intuit's OAuth 2.0 endpoints.

Codes and tokens are in oauth.json and survive a restart, each for the client that got it.
Any client may come, as long as it has an id and a secret; the person consents at once.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from threading import RLock
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from src.kit import files
from src.kit.clock import Clock

CODE_SECONDS = 300
REFRESH_SECONDS = 8726400  # 101 days, as Intuit's answers say
DAY = timedelta(days=1)
STATE = "oauth.json"

Answered = tuple[int, dict[str, str], bytes]


class Switches(NamedTuple):
    """How the authorization server behaves."""

    realm_id: str = ""
    access_ttl: float = 3600.0  # seconds
    rotate_refresh: str = "daily"  # always, daily, never
    refresh_reuse: float = 0.0  # seconds that a rotated refresh token is still taken
    fail_next_refresh: str = ""  # an OAuth error such as invalid_grant
    is_denied: bool = False  # the person declines


class AuthorizationServer:
    """Answers the OAuth endpoints; knows which access tokens are good."""

    def __init__(self, folder: Path, clock: Clock, switches: Switches) -> None:
        self.switches = switches
        self._path, self._clock = folder / STATE, clock
        self._lock = RLock()
        self._state: dict[str, dict[str, Any]] = {"codes": {}, "access": {}, "refresh": {}}
        if self._path.exists():
            self._state.update(json.loads(self._path.read_text("utf-8")))

    def is_valid(self, access_token: str) -> bool:
        """Return whether an access token is known and has not expired."""
        until = self._state["access"].get(access_token)
        return until is not None and self._now < datetime.fromisoformat(until)

    def expire(self, access_token: str) -> None:
        """Let an access token have expired."""
        self._state["access"].pop(access_token, None)

    @property
    def _now(self) -> datetime:
        return self._clock.now()

    def answer(
        self, call: tuple[str, str], query: Mapping[str, str], request: Request, base: str
    ) -> Answered | None:
        """Return the answer to (method, path), None where it is none of its paths."""
        method, path = call[0], call[1].rstrip("/")
        with self._lock:
            if path.startswith("/.well-known/openid_"):
                return _json(200, _discovery(base))
            if path == "/connect/oauth2":
                return self._consent(query)
            if path == "/oauth2/v1/tokens/bearer" and method == "POST":
                return self._token(request)
            if path == "/v2/oauth2/tokens/revoke" and method == "POST":
                return self._revoke(request)
            if path == "/v1/openid_connect/userinfo":
                return self._who(request)
            return _json(200, {"keys": []}) if path == "/op/v1/jwks" else None

    def _consent(self, query: Mapping[str, str]) -> Answered:
        """Send the browser back, as if somebody had pressed the button at once."""
        redirect = query.get("redirect_uri", "")
        is_code = query.get("response_type") == "code" and query.get("client_id")
        if not is_code or not redirect.startswith(("http://", "https://")):
            return 400, {"Content-Type": "text/plain"}, b"invalid_request"
        told = {"state": query.get("state", "")}
        if self.switches.is_denied:
            told["error"] = "access_denied"
        else:
            code = "AB1" + secrets.token_hex(16)
            until = (self._now + timedelta(seconds=CODE_SECONDS)).isoformat()
            client = query.get("client_id", "")
            kept = {"until": until, "redirect_uri": redirect, "client": client}
            self._state["codes"][code] = kept
            self._keep()
            told |= {"code": code, "realmId": self.switches.realm_id}
        joint = "&" if "?" in redirect else "?"
        return 302, {"Location": f"{redirect}{joint}{urlencode(told)}"}, b""

    # --- tokens -----------------------------------------------------------------------

    def _token(self, request: Request) -> Answered:
        if not request.client:
            return _json(401, {"error": "invalid_client"})
        form = request.form
        if form.get("grant_type") == "authorization_code":
            return self._exchange(form, request.client)
        if form.get("grant_type") == "refresh_token":
            return self._refresh(form.get("refresh_token", ""), request.client)
        return _json(400, {"error": "unsupported_grant_type"})

    def _exchange(self, form: Mapping[str, str], client: str) -> Answered:
        kept = self._state["codes"].pop(form.get("code", ""), None)
        if (
            not kept
            or self._now >= datetime.fromisoformat(kept["until"])
            or form.get("redirect_uri") != kept["redirect_uri"]
            or client != kept["client"]
        ):
            return _invalid("Invalid authorization code")
        return self._issue(self._new_refresh(client))

    def _refresh(self, token: str, client: str) -> Answered:
        if error := self.switches.fail_next_refresh:
            self.switches = self.switches._replace(fail_next_refresh="")
            return _json(400, {"error": error, "error_description": "as the switch says"})
        kept = self._state["refresh"].get(token)
        if kept is None or kept["client"] != client or self._is_over(kept):
            return _invalid("Incorrect or invalid refresh token")
        if not self._must_rotate(kept):
            return self._issue(token)
        if "rotated" not in kept:
            kept["rotated"] = self._now.isoformat()
        return self._issue(self._new_refresh(client))

    def _is_over(self, kept: Mapping[str, str]) -> bool:
        if self._now >= datetime.fromisoformat(kept["until"]):
            return True
        if "rotated" not in kept:
            return False
        grace = timedelta(seconds=self.switches.refresh_reuse)
        return self._now >= datetime.fromisoformat(kept["rotated"]) + grace

    def _must_rotate(self, kept: Mapping[str, str]) -> bool:
        how = self.switches.rotate_refresh
        age = self._now - datetime.fromisoformat(kept["since"])
        return how == "always" or (how == "daily" and age >= DAY)

    def _new_refresh(self, client: str) -> str:
        token = "RT1-" + secrets.token_hex(20)
        until = self._now + timedelta(seconds=REFRESH_SECONDS)
        now = self._now.isoformat()
        kept = {"since": now, "until": until.isoformat(), "client": client}
        self._state["refresh"][token] = kept
        return token

    def _issue(self, refresh_token: str) -> Answered:
        access = "eyJ" + secrets.token_urlsafe(48)
        until = self._now + timedelta(seconds=self.switches.access_ttl)
        alive = self._state["access"]
        for old in [one for one in alive if not self.is_valid(one)]:
            del alive[old]
        alive[access] = until.isoformat()
        self._keep()
        return _json(
            200,
            {
                "token_type": "bearer",
                "access_token": access,
                "expires_in": int(self.switches.access_ttl),
                "refresh_token": refresh_token,
                "x_refresh_token_expires_in": REFRESH_SECONDS,
            },
        )

    def _revoke(self, request: Request) -> Answered:
        if not request.client:
            return _json(401, {"error": "invalid_client"})
        token = request.form.get("token", "")
        known = [kind for kind in ("access", "refresh") if token in self._state[kind]]
        for kind in known:
            del self._state[kind][token]
        if "refresh" in known:
            self._state["access"].clear()
        self._keep()
        return (200, {}, b"") if known else _json(400, {"error": "invalid_request"})

    def _who(self, request: Request) -> Answered:
        if not self.is_valid(request.bearer):
            return _json(401, {"error": "invalid_token"})
        told = {"sub": "1", "email": "admin@example.org", "emailVerified": True}
        return _json(200, told)

    def _keep(self) -> None:
        with files.replacing(self._path) as file:
            file.write(json.dumps(self._state).encode())


class Request(NamedTuple):
    """What a client sends: its headers (names in lower case) and its body."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def client(self) -> str:
        """Return the client's id, from the header or the form, empty if there is none."""
        scheme, _, told = self.headers.get("authorization", "").partition(" ")
        if scheme.casefold() == "basic":
            try:
                name, _, secret = base64.b64decode(told, validate=True).decode().partition(":")
            except ValueError:
                return ""
            return name if secret else ""
        return self.form.get("client_id", "") if self.form.get("client_secret") else ""

    @property
    def bearer(self) -> str:
        """Return the access token that came along."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.casefold() == "bearer" else ""

    @property
    def form(self) -> dict[str, str]:
        """Return the body's fields, sent as a form or as JSON."""
        if self.body.lstrip()[:1] == b"{":
            try:
                found = json.loads(self.body)
            except (ValueError, RecursionError):
                return {}
            return {name: str(value) for name, value in found.items()}
        return dict(parse_qsl(self.body.decode("utf-8", "replace")))


def _discovery(base: str) -> dict[str, Any]:
    return {
        "issuer": f"{base}/op/v1",
        "authorization_endpoint": f"{base}/connect/oauth2",
        "token_endpoint": f"{base}/oauth2/v1/tokens/bearer",
        "userinfo_endpoint": f"{base}/v1/openid_connect/userinfo",
        "revocation_endpoint": f"{base}/v2/oauth2/tokens/revoke",
        "jwks_uri": f"{base}/op/v1/jwks",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "scopes_supported": ["com.intuit.quickbooks.accounting", "openid"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
    }


def _json(status: int, told: Mapping[str, Any]) -> Answered:
    return status, {"Content-Type": "application/json"}, json.dumps(told).encode()


def _invalid(why: str) -> Answered:
    return _json(400, {"error": "invalid_grant", "error_description": why})
