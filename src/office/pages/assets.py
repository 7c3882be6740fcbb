"""What pages link to: style, icon and, where they were fetched, Bootstrap and htmx.

A fixed table of addresses, read once when serving starts; each address holds a part of
its content's digest, so a browser may keep what it has.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from src.kit import web

FOLDER = Path(__file__).parent
STYLE, ICON = "app.css", "icon.svg"
# The address of other content is another one. Only a browser may keep it, no proxy.
KEPT = "private, max-age=31536000, immutable"
CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


class Asset(NamedTuple):
    """One file that pages link to."""

    content_type: str
    body: bytes


class Assets(NamedTuple):
    """The fixed table, and which addresses a page links to in which order."""

    files: Mapping[str, Asset]  # by address
    styles: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    icons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()  # what is there and not served, and why


@lru_cache(maxsize=1)
def own_style() -> str:
    """Return our own stylesheet."""
    return (FOLDER / STYLE).read_text("utf-8")


def routes(assets: Assets) -> list[web.Route]:
    """Return what answers at the addresses of the table."""
    return [
        web.Route("GET", address, partial(_answer, asset))
        for address, asset in assets.files.items()
    ]


def _answer(asset: Asset, request: web.Request) -> web.Reply:
    return web.Reply(200, asset.body, asset.content_type, {"Cache-Control": KEPT})


def _address(name: str, body: bytes) -> str:
    stem, dot, ending = name.rpartition(".")
    return f"/assets/{stem}.{sha256(body).hexdigest()[:12]}{dot}{ending}"


def _table(files: Mapping[str, bytes]) -> dict[str, tuple[str, Asset]]:
    """Return address and asset of each file, by its name."""
    return {
        name: (_address(name, body), Asset(CONTENT_TYPES[Path(name).suffix], body))
        for name, body in files.items()
    }


def _plain() -> Assets:
    own = _table({STYLE: own_style().encode(), ICON: (FOLDER / ICON).read_bytes()})
    return Assets(
        MappingProxyType(dict(own.values())),
        styles=(own[STYLE][0],),
        icons=(own[ICON][0],),
    )


PLAIN = _plain()
