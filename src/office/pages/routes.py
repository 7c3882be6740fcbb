"""The addresses of all pages, and of what they link to.

A view is a function `(office, request)` that returns a layout.Page, which is framed here,
or a Reply of its own: a fragment that is polled, a redirection, a download.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Union

from src.kit import web
from src.kit.templates import Html
from src.office.pages import (
    assets,
    history_page,
    layout,
    log_pages,
    overview_page,
    parts,
    plan_page,
    runs_page,
    sync_page,
)
from src.office.pages.layout import Page
from src.office.pages.office import Office
from src.office.pages.syncs import SYNCS

View = Callable[[Office, web.Request], Union[Page, web.Reply]]
VIEWS: Sequence[tuple[str, str, View]] = (
    ("GET", "/", overview_page.show),
    ("GET", "/progress", overview_page.progress),
    ("GET", "/logs", log_pages.index),
    ("GET", "/logs/{table}", log_pages.show),
    ("GET", "/logs/{table}.csv", log_pages.download),
    ("GET", "/plans", plan_page.index),
    ("GET", "/plans/{table}", plan_page.show),
    ("GET", "/runs", runs_page.show),
    ("GET", "/runs/{run_id}", runs_page.show_run),
    *(
        (method, sync.place + ending, partial(view, sync))
        for sync in SYNCS.values()
        for method, ending, view in (
            ("GET", "", sync_page.show),
            ("GET", "/progress", sync_page.progress),
            ("POST", "/start", sync_page.start),
            ("POST", "/cancel", sync_page.cancel),
            ("GET", "/history", history_page.show),
            ("GET", "/history/{session_id}", history_page.show_session),
        )
    ),
)

_TITLES = {
    400: "Not understood",
    403: "Not allowed",
    404: "Not found",
    409: "Already running",
    500: "Something went wrong",
    503: "Not now",
}


def routes(office: Office) -> list[web.Route]:
    """Return every address of the pages, and the fixed table of what they link to."""
    pages = [
        web.Route(method, path, partial(framed, office, view))
        for method, path, view in VIEWS
    ]
    return pages + assets.routes(office.assets)


def error_page(found: assets.Assets, status: int, message: str) -> Html:
    """Return the page of an answer that is none; it has no form, so needs no token."""
    look = parts.DANGER if status >= 500 else parts.WARNING
    body = parts.join([parts.notice(message, look), parts.link("/", "To the overview")])
    return layout.document(Page(_TITLES.get(status, "Refused"), "", body), "", found)


def framed(office: Office, view: View, request: web.Request) -> web.Reply:
    """Return what a view answers, a page of it as a whole document."""
    shown = view(office, request)
    if not isinstance(shown, Page):
        return shown
    html = layout.document(shown, request.csrf, office.assets)
    return web.page(html, shown.status)
