"""A simulated company file, opened in process or over HTTP, for tests of the port."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from threading import Event, Thread
from typing import Any

from src.adapters.conductor import CREATE, UPDATE, Change
from src.adapters.conductor_http import HttpDesktop
from src.adapters.fakes.conductor import server
from src.adapters.fakes.conductor.core import Manners
from src.adapters.fakes.conductor.faults import Temper
from src.adapters.fakes.conductor.givens import id_of
from src.adapters.fakes.conductor.inprocess import FakeDesktop
from src.adapters.fakes.conductor.server import Character
from src.kit import net, runlog
from src.kit.answers import APPLIED, Answer
from src.kit.clock import Clock

USER = "end_usr_test"
KEY = "sk_conductor_test"
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=timezone.utc)
ITEM = {
    "incomeAccountId": id_of("accounts", "Sales Income"),
    "cogsAccountId": id_of("accounts", "Cost of Goods Sold"),
    "assetAccountId": id_of("accounts", "Inventory Asset"),
}
ADJUSTING = {
    "accountId": id_of("accounts", "Inventory Adjustments"),
    "transactionDate": "2026-11-23",
}


class Ticking:
    """A clock that stands still until somebody lets time pass."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.most_at_once = self._waiting = 0
        self.clock = Clock(
            lambda: MONDAY + timedelta(seconds=self.seconds),
            lambda: self.seconds,
            self.passes,
        )

    def passes(self, seconds: float) -> None:
        """Let time pass; whoever else wants to wait meanwhile is counted."""
        self._waiting += 1
        self.most_at_once = max(self.most_at_once, self._waiting)
        Event().wait(0.002)
        self.seconds += seconds
        self._waiting -= 1


class Opened:
    """One company file and whoever asks it; `script` are lines of its scenario."""

    def __init__(
        self,
        folder: Path,
        script: Sequence[str] = (),
        manners: Manners = Manners(),
        latency: float = 0.0,
    ) -> None:
        self.folder, self.time = folder, Ticking()
        self.clock, self.manners, self.latency = self.time.clock, manners, latency
        folder.mkdir(parents=True)
        lines = ["call,match,answer", *script]
        (folder / "scenario.csv").write_text("\n".join([*lines, ""]), "utf-8")
        self.start()

    def start(self) -> None:
        """Open the company file."""
        desktop = FakeDesktop(self.folder, Temper(), self.clock, self.manners)
        self.core, self.desktop = desktop.core, desktop

    def stop(self) -> None:
        """Close it; its folder stays."""

    # --- writing ----------------------------------------------------------------------

    def write(self, verb: str, resource: str, record_id: str = "", **body: Any) -> Answer:
        """Return the answer to one change."""
        return self.desktop.write(Change(verb, resource, record_id, body))

    def create(self, resource: str, **body: Any) -> dict[str, Any]:
        """Return a record that was created."""
        answer = self.write(CREATE, resource, **body)
        assert answer.kind == APPLIED, answer
        return dict(answer.record)

    def update(self, resource: str, record: dict[str, Any], **body: Any) -> Answer:
        """Return the answer to a change of a record as it is known."""
        body = {"revisionNumber": record["revisionNumber"], **body}
        return self.write(UPDATE, resource, record["id"], **body)

    def item(self, name: str, **body: Any) -> dict[str, Any]:
        """Return an inventory item that was created."""
        return self.create("inventory-items", name=name, **ITEM, **body)

    def move(self, item: dict[str, Any], quantity: float) -> dict[str, Any]:
        """Return an inventory adjustment that was created."""
        line = {"itemId": item["id"], "adjustQuantity": {"quantityDifference": quantity}}
        return self.create("inventory-adjustments", **ADJUSTING, lines=[line])

    # --- looking ----------------------------------------------------------------------

    def list(self, resource: str, **query: Any) -> list[dict[str, Any]]:
        """Return a list, to its end."""
        return list(self.desktop.records(resource, query))

    def names(self, resource: str, **query: Any) -> list[str]:
        """Return the names of what a list brings, in order."""
        return sorted(one["name"] for one in self.list(resource, **query))


class OverHttp(Opened):
    """The same over HTTP."""

    def start(self) -> None:
        """Serve the company file and ask it over HTTP."""
        character = Character(USER, Temper(), self.manners, self.latency)
        self._server = server.served(self.folder, 0, character, self.clock)
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = server.base_url(self._server)
        self.core = self._server.app.world.core
        self.desktop = self.client()

    def client(self, deadline: float = 10.0) -> HttpDesktop:
        """Return a client of the company file."""
        return HttpDesktop(net.Client(self.url, deadline), KEY, USER)

    def stop(self) -> None:
        """End the server; its folder stays."""
        self._server.shutdown()
        self._server.server_close()

    @property
    def calls(self) -> list[server.Served]:
        """Return the calls that were answered."""
        raw = runlog.rows(self.folder / server.REQUESTS, server.Served)
        return [server.Served(*map(runlog.text, row)) for row in raw if row]
