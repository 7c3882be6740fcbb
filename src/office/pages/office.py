"""What every page is made from: the settings, the logs as they are followed, sessions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from src.config import Settings
from src.kit import web
from src.kit.clock import Clock
from src.kit.serving import Reply
from src.kit.sync_manager import SyncManager
from src.kit.web import Request
from src.office.pages import layout
from src.office.pages.assets import PLAIN, Assets
from src.office.pages.layout import Page

if TYPE_CHECKING:
    from src.office.overview import Watch


class Office(NamedTuple):
    """What the views of all pages share."""

    settings: Settings
    watch: Watch
    wms: SyncManager
    mis: SyncManager
    clock: Clock
    assets: Assets = PLAIN

    def show(self, page: Page, request: Request) -> Reply:
        """Return a page as the answer to a request."""
        html = layout.document(page, request.csrf, self.assets)
        return web.page(html, page.status)


PageView = Callable[[Office, Request], Reply]


def route(office: Office, method: str, path: str, view: PageView) -> web.Route:
    """Return an address at which a view of this office answers."""
    return web.Route(method, path, lambda request: view(office, request))
