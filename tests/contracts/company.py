"""A simulated company in a process of its own, and a client that knows nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from src import config

REALM = "9130359990042"
END_USER = "end_usr_demo"
REDIRECT = "http://localhost:8000/callback"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json", "Accept": "application/json"}
TOKENS = "/oauth2/v1/tokens/bearer"
BASIC = {"Authorization": "Basic Y2lkOnNlY3JldA=="}  # cid:secret


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Serve a company whose state is in a folder; yield its URL, end it in any case."""
    command = ["src.fake_qbo_server", "--requests-per-minute", "0"]
    with _serving(folder, command, "QBO_BASE_URL", {"QBO_REALM_ID": REALM}) as url:
        yield url


@contextmanager
def running_desktop(folder: Path, *options: str) -> Iterator[str]:
    """Serve a company file of QuickBooks Desktop likewise; yield its base URL."""
    settings = {"CONDUCTOR_END_USER_ID": END_USER}
    command = ["src.fake_conductor_server", *options]
    with _serving(folder, command, "CONDUCTOR_BASE_URL", settings) as url:
        yield url


@contextmanager
def _serving(
    folder: Path, door: Sequence[str], variable: str, settings: Mapping[str, str]
) -> Iterator[str]:
    command = [sys.executable, "-m", *door, "--port", "0", "--state", str(folder / "company")]
    environ = {**os.environ, **settings}
    environ |= {name: str(folder) for name in ("DATA_DIR", "LOG_DIR", "FILES_DIR")}
    with (
        open(folder / "server.txt", "wb") as said,
        subprocess.Popen(
            command, cwd=config.ROOT, env=environ, stdout=subprocess.PIPE, stderr=said
        ) as process,
    ):
        try:
            name, _, url = process.stdout.readline().decode().strip().partition("=")
            assert name == variable, (folder / "server.txt").read_text("utf-8")
            yield url
        finally:
            process.kill()


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @property
    def json(self) -> Any:
        """Return the body, parsed."""
        return json.loads(self.body)


class Raw:
    """A client without habits: it sends the bytes that it is told to send."""

    def __init__(self, url: str) -> None:
        self._host = urlsplit(url).netloc
        self.bearer: dict[str, str] = {}

    def send(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] = {}
    ) -> Answer:
        """Return the answer to one request."""
        line = HTTPConnection(self._host, timeout=30)
        try:
            line.request(method, path, body or None, dict(headers))
            reply = line.getresponse()
            told = {name.lower(): value for name, value in reply.getheaders()}
            return Answer(reply.status, told, reply.read())
        finally:
            line.close()

    def code(self) -> str:
        """Return an authorization code, as the browser brings it back."""
        asked = {"client_id": "cid", "response_type": "code", "redirect_uri": REDIRECT}
        asked |= {"scope": "com.intuit.quickbooks.accounting", "state": "s"}
        return consent(self.send("GET", f"/connect/oauth2?{urlencode(asked)}"))["code"]

    def exchange(self, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """Return the answer to an authorization code."""
        asked = {"grant_type": "authorization_code", "code": self.code()}
        asked |= {"redirect_uri": REDIRECT, **form}
        return self.send("POST", TOKENS, urlencode(asked).encode(), {**FORM, **headers})

    def log_in(self) -> dict[str, Any]:
        """Get tokens and use them from now on."""
        tokens = self.exchange({}, BASIC).json
        self.bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        return tokens

    def get(self, path: str) -> Answer:
        """Return the answer to a question about the company."""
        return self.send("GET", f"/v3/company/{REALM}/{path}", b"", self.bearer)

    def query(self, statement: str) -> dict[str, Any]:
        """Return a QueryResponse."""
        return self.get(f"query?format=json&query={quote(statement)}").json["QueryResponse"]

    def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Return the answer to a JSON body."""
        content = json.dumps(body).encode()
        return self.send(
            "POST", f"/v3/company/{REALM}/{path}", content, {**JSON, **self.bearer}
        )

    def upload(self, boundary: str, body: bytes, path: str = "upload") -> list[Any]:
        """Return what an upload was answered, file by file."""
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", **self.bearer}
        answer = self.send("POST", f"/v3/company/{REALM}/{path}", body, headers)
        assert answer.status == 200, answer.body
        return answer.json["AttachableResponse"]

    def content(self, attachable: Mapping[str, Any]) -> bytes:
        """Return a file's bytes, from where `download` says that they are."""
        link = self.get(f"download/{attachable['Id']}").body.decode().strip('"')
        found = urlsplit(link)
        return self.send("GET", f"{found.path}?{found.query}").body


def consent(answer: Answer) -> dict[str, str]:
    """Return what the browser is sent back with."""
    assert answer.status == 302, answer.body
    told = parse_qs(urlsplit(answer.headers["location"]).query)
    return {name: values[0] for name, values in told.items()}
