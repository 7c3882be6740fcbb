"""The frame of every page: head, navigation, landmarks; served or as an offline file."""

from __future__ import annotations

import json
from pathlib import Path
from string import Template
from typing import NamedTuple

from src.kit.templates import Html, join, load, render
from src.office.pages.assets import PLAIN, Assets, own_style

FOLDER = Path(__file__).parent
PLACES = {
    "/": "Overview",
    "/sync/wms": "WMS sync",
    "/sync/mis": "MIS sync",
    "/plans": "Plans",
    "/logs": "Logs",
    "/runs": "Runs",
}
# What htmx may do under a policy that allows no inline script and no inline style.
HTMX = {
    "allowEval": False,
    "allowScriptTags": False,
    "selfRequestsOnly": True,
    "includeIndicatorStyles": False,
    "historyCacheSize": 0,
}
_STYLE = Template('<link rel="stylesheet" href="$address">\n')
_ICON = Template('<link rel="icon" type="image/svg+xml" href="$address">\n')
_SCRIPT = Template(
    '<meta name="htmx-config" content="$config">\n<script src="$address" defer></script>\n'
)
_REFRESH = Template('<meta http-equiv="refresh" content="$seconds">\n')
_UNSCRIPTED = Template("<noscript>$refresh</noscript>\n")
# What a file that came by mail may do, wherever it is opened.
_INLINE = Template(
    '<meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    "<style>\n$style</style>"
)
_BODY = Template(' hx-headers="$headers"')
_BRAND = Template('<a class="brand" href="/">Carryover</a>')
_NAVIGATION = Template(
    '<nav aria-label="Main"><ul class="nav nav-underline">$entries</ul></nav>'
)
_ENTRY = Template(
    '<li class="nav-item"><a class="nav-link$active" href="$place"$current>$name</a></li>'
)
_LINK = Template(' <a href="$place">$name</a>.')
_ACTIVE, _CURRENT = " active", Html(' aria-current="page"')


class Page(NamedTuple):
    """What a page says, whatever frame it is put in."""

    title: str
    place: str  # the navigation entry that is current
    body: Html
    refresh_seconds: int = 0  # > 0: reloads itself where nothing polls
    status: int = 200


def document(page: Page, csrf: str, assets: Assets = PLAIN) -> Html:
    """Return the whole page as it is served, with links to what it needs."""
    headers = json.dumps({"X-CSRF-Token": csrf})
    return render(
        load(FOLDER, "layout.html"),
        title=page.title,
        head=_head(page, assets),
        attributes=render(_BODY, headers=headers) if assets.scripts else Html(""),
        brand=render(_BRAND),
        navigation=_navigation(page.place),
        body=page.body,
        links=join(render(_LINK, place=p, name=n) for p, n in assets.links.items()),
    )


def offline(page: Page) -> Html:
    """Return the whole page as a file of its own: style inside, no script, no server."""
    return render(
        load(FOLDER, "layout.html"),
        title=page.title,
        head=render(_INLINE, style=Html(own_style())),
        attributes=Html(""),
        brand=Html('<span class="brand">Carryover</span>'),
        navigation=Html(""),
        body=page.body,
        links=Html(""),
    )


def _head(page: Page, assets: Assets) -> Html:
    parts = [render(_STYLE, address=address) for address in assets.styles]
    parts += [render(_ICON, address=address) for address in assets.icons]
    config = json.dumps(HTMX)
    parts += [render(_SCRIPT, address=a, config=config) for a in assets.scripts]
    if page.refresh_seconds:
        refresh = render(_REFRESH, seconds=page.refresh_seconds)
        is_polled = bool(assets.scripts)
        parts.append(render(_UNSCRIPTED, refresh=refresh) if is_polled else refresh)
    return join(parts)


def _navigation(current: str) -> Html:
    return render(_NAVIGATION, entries=join(_entry(p, p == current) for p in PLACES))


def _entry(place: str, is_current: bool) -> Html:
    return render(
        _ENTRY,
        place=place,
        name=PLACES[place],
        active=_ACTIVE if is_current else "",
        current=_CURRENT if is_current else Html(""),
    )
