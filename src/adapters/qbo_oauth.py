"""OAuth 2.0 with Intuit: log in once, keep the tokens in one file, one refresh at a time.

A refresh may replace the refresh token, and the old one soon ends in `invalid_grant`; so
the file is locked, read again, refreshed, and written before the new token is used.
Facts from Intuit's OAuth pages: access tokens live 3,600 s, refresh tokens 100 days from
their last use and five years at most.
"""

from __future__ import annotations

import base64
import json
import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from src.kit import locks, net
from src.kit.clock import Clock
from src.kit.errors import AUTHORIZE_AGAIN, STOPPED_EARLY, Refused
from src.kit.files import sync_folder

SCOPE = "com.intuit.quickbooks.accounting"
DISCOVERY = {
    "sandbox": "https://developer.intuit.com/.well-known/openid_sandbox_configuration/",
    "production": "https://developer.api.intuit.com/.well-known/openid_configuration",
}
LOCAL_DISCOVERY = "/.well-known/openid_sandbox_configuration"
EARLY = 300.0  # seconds before its end that a token is replaced
LATEST = 0.8  # of its life, where that is short
_TOKEN = re.compile(r"[\x21-\x7e]+")  # what may stand in a header
LOG_IN = 'run "python -m src.auth_qbo_demo login"'
_SAFE_ERROR = frozenset(
    {"invalid_client", "invalid_request", "unauthorized_client", "invalid_scope"}
)


class AuthorizeAgain(Refused):
    """Somebody has to log in before anything can go on."""

    exit_code = AUTHORIZE_AGAIN


class TryLater(Refused):
    """The authorization server does not answer as it should; nothing was lost."""

    exit_code = STOPPED_EARLY


class App(NamedTuple):
    """The app as it is registered with Intuit."""

    client_id: str
    client_secret: str
    redirect_uri: str

    def __repr__(self) -> str:
        return f"App({self.client_id!r})"


class Endpoints(NamedTuple):
    """Where the authorization server takes what."""

    authorization: str
    token: str
    revocation: str


class Tokens(NamedTuple):
    """What a login gave; times are UTC, ISO-8601."""

    access_token: str
    refresh_token: str
    realm_id: str
    environment: str
    expires_at: str
    refresh_expires_at: str
    refresh_from: str  # when the access token is replaced, so that none dies in flight
    previous_refresh_token: str = ""

    def __repr__(self) -> str:
        return f"Tokens(for company {self.realm_id}, until {self.expires_at})"


def discover(base_url: str, environment: str) -> Endpoints:
    """Return the endpoints from the discovery document of Intuit, or of `base_url`."""
    url = f"{base_url}{LOCAL_DISCOVERY}" if base_url else DISCOVERY[environment]
    status, found = _asked(url, net.Request("GET", "", {"Accept": "application/json"}))
    names = ("authorization_endpoint", "token_endpoint", "revocation_endpoint")
    told = [found.get(name) for name in names]
    if status != 200 or not all(isinstance(one, str) for one in told):
        raise TryLater(f"{url}: no discovery document (HTTP {status}); try again later")
    return Endpoints(*map(str, told))


def authorization_url(app: App, endpoints: Endpoints, state: str) -> str:
    """Return where a browser asks an administrator of the company to consent."""
    told = {
        "client_id": app.client_id,
        "response_type": "code",
        "scope": SCOPE,
        "redirect_uri": app.redirect_uri,
        "state": state,
    }
    return f"{endpoints.authorization}?{urlencode(told)}"


class Authority:
    """The authorization server, asked for tokens."""

    def __init__(
        self, app: App, discovered: Callable[[], Endpoints], clock: Clock
    ) -> None:
        """`discovered` is asked when an endpoint is needed: most runs need none."""
        self._app, self._discovered, self._clock = app, discovered, clock

    def exchange(self, code: str, realm_id: str, environment: str) -> Tokens:
        """Return the tokens for the code that a consent gave."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._app.redirect_uri,
        }
        return self._tokens(form, Tokens("", "", realm_id, environment, "", "", ""))

    def refresh(self, old: Tokens) -> Tokens:
        """Return tokens in place of old ones; raises AuthorizeAgain or TryLater."""
        form = {"grant_type": "refresh_token", "refresh_token": old.refresh_token}
        return self._tokens(form, old)

    def revoke(self, tokens: Tokens) -> None:
        """Let the tokens mean nothing any more."""
        body = json.dumps({"token": tokens.refresh_token}).encode()
        headers = {**self._headers, "Content-Type": "application/json"}
        url = self._discovered().revocation
        status, _ = _asked(url, net.Request("POST", "", headers, body))
        if status not in (200, 400):  # 400: it was none any more
            raise TryLater(f"the tokens were not revoked (HTTP {status}); try again later")

    def _tokens(self, form: Mapping[str, str], old: Tokens) -> Tokens:
        headers = {**self._headers, "Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode(form).encode()
        url = self._discovered().token
        status, found = _asked(url, net.Request("POST", "", headers, body))
        if status != 200:
            raise _refusal(status, str(found.get("error", "")))
        try:
            return self._of(found, old)
        except (KeyError, TypeError, ValueError, OverflowError):
            raise TryLater("the answer to a login holds no tokens; try again later") from None

    def _of(self, found: Mapping[str, Any], old: Tokens) -> Tokens:
        now = self._clock.now()
        seconds = float(found["expires_in"])
        refresh_seconds = float(found.get("x_refresh_token_expires_in", 8_640_000))
        renewed = _token_in(found, "refresh_token", old.refresh_token)
        before = old.previous_refresh_token
        if renewed != old.refresh_token:
            before = old.refresh_token
        return Tokens(
            _token_in(found, "access_token"),
            renewed,
            old.realm_id,
            old.environment,
            _iso(now + timedelta(seconds=seconds)),
            _iso(now + timedelta(seconds=refresh_seconds)),
            _iso(now + timedelta(seconds=max(seconds - EARLY, LATEST * seconds))),
            before,
        )

    @property
    def _headers(self) -> dict[str, str]:
        pair = f"{self._app.client_id}:{self._app.client_secret}".encode()
        basic = base64.b64encode(pair).decode()
        return {"Authorization": f"Basic {basic}", "Accept": "application/json"}


def _asked(url: str, request: net.Request) -> tuple[int, Mapping[str, Any]]:
    """Return status and body of an answer; raises TryLater where there is none."""
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    client = net.Client(f"{parts.scheme}://{parts.netloc}")
    try:
        answer = client.send(request._replace(path=path))
    except (net.NotSent, net.Broken) as error:
        raise TryLater(f"{parts.netloc}: {error}; try again later") from None
    finally:
        client.close()
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        found = {}
    return answer.status, found if isinstance(found, dict) else {}


def _refusal(status: int, error: str) -> Refused:
    """Return what a refusal means; the server's own words may hold a secret."""
    if error == "invalid_grant":
        return AuthorizeAgain(f"the login is no longer valid; {LOG_IN}")
    if error in _SAFE_ERROR or status in (400, 401):
        return AuthorizeAgain(
            f"the app was not accepted ({error if error in _SAFE_ERROR else status}); "
            f"check QBO_CLIENT_ID and QBO_CLIENT_SECRET, then {LOG_IN}"
        )
    return TryLater(f"the authorization server answered HTTP {status}; try again later")


def _token_in(found: Mapping[str, Any], name: str, default: str = "") -> str:
    """Return a token of an answer; raises ValueError where it is none."""
    token = found.get(name, default)
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise ValueError(name)
    return token


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


# --- the file ---------------------------------------------------------------------------


class TokenFile:
    """The file that keeps the tokens: for its owner's eyes, replaced as a whole."""

    def __init__(self, path: Path, realm_id: str, environment: str) -> None:
        self.path = path
        self._realm_id, self._environment = realm_id, environment

    def read(self) -> Tokens:
        """Return the tokens; raises AuthorizeAgain, or Refused where others may read."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY)
        except FileNotFoundError:
            raise AuthorizeAgain(f"{self.path}: not found; {LOG_IN}") from None
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise Refused(f"{self.path}: is no file; correct QBO_TOKEN_FILE")
        with open(descriptor, encoding="utf-8", errors="replace") as file:
            if os.name != "nt" and os.fstat(descriptor).st_mode & 0o077:
                raise Refused(
                    f"{self.path}: others may read it; chmod 600 it, or revoke the login"
                )
            text = file.read()
        try:
            tokens = Tokens(**json.loads(text))
            datetime.fromisoformat(tokens.refresh_from).astimezone()
            if not _TOKEN.fullmatch(tokens.access_token):
                raise ValueError
            if not all(isinstance(one, str) for one in tokens):
                raise ValueError
        except (ValueError, TypeError, RecursionError):
            raise AuthorizeAgain(f"{self.path}: is damaged; {LOG_IN}") from None
        self._check(tokens)
        return tokens

    def _check(self, tokens: Tokens) -> None:
        if (tokens.realm_id, tokens.environment) != (self._realm_id, self._environment):
            raise AuthorizeAgain(
                f"{self.path}: is for company {tokens.realm_id} ({tokens.environment}), "
                f"the settings say {self._realm_id} ({self._environment}); correct "
                f"QBO_REALM_ID, QBO_ENVIRONMENT or QBO_BASE_URL, or {LOG_IN}"
            )

    def write(self, tokens: Tokens) -> None:
        """Replace the tokens, durably; the file is for its owner alone."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = self.path.with_name(f"{self.path.name}.{os.getpid()}.tmp")
        temporary.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with open(os.open(temporary, flags, 0o600), "w", encoding="utf-8") as file:
            json.dump(tokens._asdict(), file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, self.path)
        sync_folder(self.path.parent)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the file's lock, across processes and threads, while the block lasts."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = self.path.with_name(self.path.name + ".lock")
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            locks.wait_for(descriptor)
            yield
        finally:
            os.close(descriptor)


class Session:
    """Access tokens for one company, refreshed in time; for threads and processes."""

    def __init__(self, file: TokenFile, authority: Authority, clock: Clock) -> None:
        self._file, self._authority, self._clock = file, authority, clock
        self._tokens: Tokens | None = None

    def token(self) -> str:
        """Return an access token that is good for minutes yet."""
        tokens = self._tokens or self._file.read()
        self._tokens = tokens
        if self._is_fresh(tokens):
            return tokens.access_token
        return self._renewed(lambda now: self._is_fresh(now)).access_token

    def held(self) -> str:
        """Return the access token in the file, good or not."""
        return self._file.read().access_token

    def __str__(self) -> str:
        return f"login kept in {self._file.path}"

    def renew(self, rejected: str) -> str:
        """Return another access token than the one that was refused."""
        return self._renewed(lambda now: now.access_token != rejected).access_token

    def _renewed(self, is_good: Callable[[Tokens], bool]) -> Tokens:
        """Return the tokens in the file if they are good by now, else refreshed ones."""
        with self._file.locked():
            tokens = self._file.read()
            if not is_good(tokens):
                tokens = self._authority.refresh(tokens)
                self._file.write(tokens)
            self._tokens = tokens
            return tokens

    def _is_fresh(self, tokens: Tokens) -> bool:
        return self._clock.now() < datetime.fromisoformat(tokens.refresh_from).astimezone()
