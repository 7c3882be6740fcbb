"""A simulated company behind a real socket, and what speaks to it, for tests."""

from __future__ import annotations

from pathlib import Path
from threading import Thread

from src.adapters import qbo_oauth
from src.adapters.fakes import server
from src.adapters.fakes.oauth import Switches
from src.adapters.fakes.scenario import Temper
from src.adapters.fakes.server import Character, Served
from src.adapters.fakes.throttle import Allowance
from src.adapters.qbo_http import HttpCompany
from src.kit import net, runlog
from src.kit.clock import REAL
from src.office import demo_login

REALM = "1234567890"
NO_LIMITS = Allowance(0, 0, 0)
CALM = Character(REALM, Temper(), allowance=NO_LIMITS, switches=Switches(REALM))


class ServedCompany:
    """The company in a folder, served until `stop`; `character` is how it behaves."""

    def __init__(self, folder: Path, character: Character = CALM) -> None:
        self.folder, self.token_file = folder, folder.parent / "login/token.json"
        self._character = character
        self.port = 0
        self.start()
        demo_login.log_in(self.url, self.token_file)

    def start(self) -> None:
        """Serve; after a stop on the same port, as a server that was restarted."""
        self._server = server.served(self.folder, self.port, self._character)
        self.port, self.url = self._server.server_port, self._server.url
        self.oauth = self._server.app.world.oauth
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def restart(self) -> None:
        """Stop and start, so that its scenario is read anew; logins last."""
        self.stop()
        self.start()

    def stop(self) -> None:
        """End the server; its files stay."""
        self._server.shutdown()
        self._server.server_close()

    @property
    def settings(self) -> dict[str, str]:
        """Return the settings that let a door talk to this company."""
        return {
            "QBO_API": "http",
            "QBO_BASE_URL": self.url,
            "QBO_CLIENT_ID": "proof",
            "QBO_CLIENT_SECRET": "canary-4711",
            "QBO_TOKEN_FILE": str(self.token_file),
            "QBO_REQUESTS_PER_MINUTE": "0",
            "QBO_PARALLEL": "2",
            "QBO_SETTLE_SECONDS": "0.02",
            "QBO_BACKOFF_SECONDS": "0.001",
        }

    def session(self) -> qbo_oauth.Session:
        """Return the login."""
        app = qbo_oauth.App("proof", "secret", "http://localhost/callback")
        authority = qbo_oauth.Authority(
            app, lambda: qbo_oauth.discover(self.url, "sandbox"), REAL
        )
        file = qbo_oauth.TokenFile(self.token_file, REALM, demo_login.PLACE)
        return qbo_oauth.Session(file, authority, REAL)

    def company(
        self, deadline: float = 10.0, with_custom_fields: bool = False
    ) -> HttpCompany:
        """Return a client of the company."""
        client = net.Client(self.url, deadline)
        return HttpCompany(self.session(), client, REALM, with_custom_fields)

    def requests(self, path: str = "") -> list[Served]:
        """Return the calls that it answered, those whose path ends so."""
        raw = runlog.rows(self.folder / server.REQUESTS, Served)
        served = [Served(*map(runlog.text, row)) for row in raw if row]
        return [one for one in served if one.path.endswith(path)]
