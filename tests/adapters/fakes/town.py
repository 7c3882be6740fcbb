"""A simulated company on a port of its own, and the smallest client for it."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from src.adapters.fakes import server
from src.adapters.fakes.core import Manners
from src.adapters.fakes.oauth import Switches
from src.adapters.fakes.throttle import Allowance
from src.kit import runlog
from src.kit.clock import Clock

REALM = "9130359990042"
BOUNDARY = "qbo-7d1f0a"
MULTIPART = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
CHARACTER = server.Character(
    REALM,
    manners=Manners(keeps_contents=True),
    allowance=Allowance(0, 0, 0),
    switches=Switches(realm_id=REALM),
)


class Said(NamedTuple):
    """One answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """Return the code of its error."""
        return self.json["Fault"]["Error"][0]["code"]

    def named(self, name: str = "Customer") -> Any:
        """Return the record."""
        assert self.status == 200, self.body
        return self.json[name]

    @property
    def found(self) -> Any:
        """Return the QueryResponse."""
        assert self.status == 200, self.body
        return self.json["QueryResponse"]


class Town:
    """A server in a thread of this process; its clock stands unless it is moved."""

    def __init__(self, folder: Path, character: server.Character = CHARACTER) -> None:
        self.folder, self.character = folder, character
        self.now = datetime(2026, 11, 20, 9, 0, tzinfo=timezone.utc)
        self.tick, self.waited = 0.0, [0.0]
        self.token = ""
        folder.mkdir(parents=True, exist_ok=True)
        self.start()

    def start(self) -> None:
        clock = Clock(lambda: self.now, lambda: self.tick, self.waited.append)
        self.server = server.served(self.folder, 0, self.character, clock)
        self._thread = Thread(target=self.server.serve_forever, args=(0.002,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()

    def restart(self) -> None:
        """Serve the same folder anew; tokens are what they were."""
        self.stop()
        self.start()

    # --- calls ------------------------------------------------------------------------

    def line(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=5)

    def raw(self, method: str, path: str, body: bytes = b"", **headers: str) -> Said:
        """Return the answer to a call to any path."""
        line = self.line()
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            line.request(method, path, body, named)
            answer = line.getresponse()
            return Said(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            line.close()

    def call(self, method: str, path: str, body: Any = b"", **headers: str) -> Said:
        """Return the answer to a call to the company, authorized."""
        if not self.token:
            self.log_in()
        told = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", **headers}
        return self.raw(method, f"/v3/company/{REALM}/{path}", told, **headers)

    def log_in(self) -> dict[str, Any]:
        """Fetch tokens; return them."""
        back = "http://127.0.0.1:1/"
        asked = {"response_type": "code", "client_id": "c", "redirect_uri": back}
        sent = self.raw("GET", "/connect/oauth2?" + urlencode(asked)).headers["Location"]
        code = dict(one.split("=") for one in urlsplit(sent).query.split("&"))["code"]
        return self.tokens(grant_type="authorization_code", code=code, redirect_uri=back)

    def tokens(self, **form: str) -> dict[str, Any]:
        body = urlencode({**form, "client_id": "c", "client_secret": "s"}).encode()
        found = self.raw("POST", "/oauth2/v1/tokens/bearer", body).json
        self.token = found.get("access_token", self.token)
        return found

    def query(self, statement: str) -> Said:
        return self.call("GET", "query?query=" + quote(statement))

    def create(self, entity: str = "customer", rest: str = "", **body: object) -> Said:
        return self.call("POST", f"{entity}?{rest}", body)

    def upload(
        self, *names: str, rest: str = "", content: bytes = b"hello", **more: Any
    ) -> Said:
        """Attach files to invoice 1187."""
        body = multipart(names, content, more)
        return self.call("POST", f"upload?{rest}", body, **MULTIPART)

    # --- what came of it --------------------------------------------------------------

    def count(self, entity: str = "Attachable") -> int:
        return self.query(f"select count(*) from {entity}").found["totalCount"]

    def requests(self) -> list[server.Served]:
        """Return the lines of requests.csv."""
        raw = runlog.rows(self.folder / server.REQUESTS, server.Served)
        return [server.Served(*map(runlog.text, row)) for row in raw if row]


def define(folder: Path, definitions: Mapping[str, str]) -> None:
    """Let a company have custom fields: their names, by the ids of their definitions."""
    lines = ["definition_id,name", *(f"{one},{name}" for one, name in definitions.items())]
    (folder / "custom_fields.csv").write_text("\n".join([*lines, ""]), "utf-8")


def multipart(names: tuple[str, ...], content: bytes, more: dict[str, Any]) -> bytes:
    """Return the body of an upload."""
    body = b""
    for number, name in enumerate(names):
        refs = [{"EntityRef": {"type": "Invoice", "value": "1187"}}]
        metadata = {"AttachableRef": refs, "FileName": name, **more}
        told = 'Content-Disposition: form-data; name="file_'
        body += f'--{BOUNDARY}\r\n{told}metadata_{number}"\r\n\r\n'.encode()
        body += json.dumps(metadata).encode()
        body += f'\r\n--{BOUNDARY}\r\n{told}content_{number}"\r\n\r\n'.encode()
        body += content + b"\r\n"
    return body + f"--{BOUNDARY}--\r\n".encode()
