"""A visitor of the pages: folders of his own, two managers whose sessions never start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

from src import config
from src.kit import web
from src.kit.serving import Call, Reply
from src.kit.sync_manager import SyncManager
from src.mis.counting import SUBJECT as MIS
from src.office.overview import Watch
from src.office.pages import assets, routes
from src.office.pages.office import Office
from src.wms.counting import SUBJECT as WMS
from tests.office.pages.markup import Element, faults, read
from tests.wms.control import Control


class Nobody:
    """A guard that lets everybody in."""

    csrf = "t0ken"

    def admit(self, call: Call) -> None:
        """Let everybody in."""

    def check_token(self, call: Call, form: Mapping[str, Sequence[str]]) -> None:
        """Check nothing."""

    def dress(self, call: Call, reply: Reply) -> Reply:
        """Return the answer as it is."""
        return reply


class Visitor:
    """Asks for pages; what lies in `data` and `logs` is for the test to say."""

    def __init__(self, root: Path) -> None:
        self.wms, self.mis = Control(root), Control(root / "mis")
        self.data, self.logs = self.wms.data, self.wms.logs
        folders = {"DATA_DIR": self.data, "LOG_DIR": self.logs}
        self.settings = config.load({name: str(path) for name, path in folders.items()})
        managers = (self._manager(self.wms, WMS), self._manager(self.mis, MIS))
        watch = Watch(self.settings)
        self.office = Office(self.settings, watch, *managers, self.wms.clock)
        error_page = partial(routes.error_page, assets.PLAIN)
        self._app = web.site(routes.routes(self.office), Nobody(), error_page)

    def _manager(self, control: Control, subject) -> SyncManager:  # noqa: ANN001
        control.outside = control.outside._replace(log_dir=self.logs, subject=subject)
        control.manager = SyncManager(control.outside)
        return control.manager

    def ask(self, place: str) -> Reply:
        """Return the answer to a GET."""
        path, _, query = place.partition("?")
        pairs = web.bodies.parse_qsl(query, keep_blank_values=True) if query else []
        return self._app(Call("GET", path, dict(pairs), {}, b"", 0, pairs))

    def see(self, place: str) -> str:
        """Return the page at a place; it has to be there."""
        reply = self.ask(place)
        assert reply.status == 200, (place, reply.status, reply.body[-600:])
        return bytes(reply.body).decode()

    def page(self, place: str) -> Element:
        """Return the page at a place, read; it does nothing that no page may do."""
        html = self.see(place)
        assert faults(html) == []
        return read(html)

    def send(self, place: str, **form: object) -> Reply:
        """Return the answer to a form; a list is sent as several fields."""
        body = urlencode({"csrf": Nobody.csrf, **form}, doseq=True).encode()
        kind = {"content-type": "application/x-www-form-urlencoded"}
        return self._app(Call("POST", place, {}, kind, body, len(body)))
