"""The real site behind a real socket; its sessions begin, and end when a test says so."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from src.kit import stage
from src.kit.guarding import Address
from src.kit.serving import Reply, Server
from src.kit.sessions import FETCHED, PLANNED, Count
from src.office import site
from src.office.pages.assets import PLAIN, Assets
from src.office.rest import followed
from tests.office.pages.visitor import Visitor
from tests.raw import Asked
from tests.wms.control import Control, Started


class ServedSite(Asked):
    """The site over folders of its own; nothing outside of this process is started."""

    def __init__(self, root: Path, linked: Assets = PLAIN, token: str = "") -> None:
        super().__init__(Server(0, lambda call: Reply(500), site.LIMITS))
        self.visitor = Visitor(root)
        self.wms, self.mis = self.visitor.wms, self.visitor.mis
        for control in (self.wms, self.mis):
            control.on_launch = lambda *words, one=control: self.begin(*words, one)
        self.alive = ExitStack()
        office, settings = self.visitor.office, self.visitor.settings
        run = stage.start("serve", None, ["--progress", "off"])
        rest = followed.made(settings, run)
        rest = rest._replace(
            settings=settings._replace(serve_token=token),
            wms=office.wms,
            mis=office.mis,
            clock=office.clock,
        )
        self.server.app = site.app(rest, linked, Address(self.port))

    @property
    def url(self) -> str:
        """Return the address of the overview, without its slash."""
        return self.server.url

    @property
    def started(self) -> list[object]:
        """Return the sessions that were started."""
        return [*self.wms.launched, *self.mis.launched]

    def begin(
        self, session_id: str, objects: tuple[str, ...], control: Control | None = None
    ) -> Started:
        """Let a session begin as its process would: alive while it holds the lock."""
        control = control or self.wms
        self.alive.enter_context(control.outside.lock)
        control.writer(session_id).start(objects)
        return Started()

    def planned(self, session_id: str, counts: Mapping[str, Count]) -> None:
        """Let a session have fetched and planned that many records of each type."""
        writer = self.wms.writer(session_id)
        for event in (FETCHED, PLANNED):
            writer.stage(event, "a door", 0, "")
        writer.count(counts)

    def end(self, session_id: str, status: str, count: Count) -> None:
        """Let a session end, and its process with it."""
        self.wms.seconds += 61
        self.wms.writer(session_id).end(status, "wms_apply", "", count)
        self.alive.close()

    def stop(self) -> None:
        """End the server, and whatever runs."""
        super().stop()
        self.alive.close()
