"""What pages link to: style, icon and, where they were fetched, Bootstrap and htmx.

A fixed table of addresses, read once when serving starts; each address holds a part of
its content's digest, so a browser may keep what it has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from src.kit import web
from src.office.pages import packages
from src.office.pages.packages import PACKAGES, SCRIPT, STYLE, Package

FOLDER = Path(__file__).parent
OWN_STYLE, ICON = "app.css", "icon.svg"
FETCHED = ".web-assets"  # beside src; `web_assets` writes it, nothing else does
# The address of other content is another one. Only a browser may keep it, no proxy.
KEPT = "private, max-age=31536000, immutable"
CONTENT_TYPES = {
    STYLE: "text/css; charset=utf-8",
    SCRIPT: "text/javascript; charset=utf-8",
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
    links: Mapping[str, str] = MappingProxyType({})  # names by address, for every foot


@lru_cache(maxsize=1)
def own_style() -> str:
    """Return our own stylesheet."""
    return (FOLDER / OWN_STYLE).read_text("utf-8")


def load(folder: Path, wanted: Sequence[Package] = PACKAGES) -> Assets:
    """Return our own files, and what was fetched to a folder and is what it was then.

    Nothing is said of a folder where nothing was fetched.
    """
    contents: dict[str, bytes] = {}
    faults: dict[str, str] = {}
    served = (m for p in wanted for m in p.members if Path(m.name).suffix in CONTENT_TYPES)
    for member in served:
        content, fault = packages.read(folder, member)
        if fault:
            faults[member.name] = fault
        else:
            contents[member.name] = content
    notes = (_note(name, fault) for name, fault in faults.items())
    return _assets(contents, tuple(notes) if folder.is_dir() else ())


def _note(name: str, fault: str) -> str:
    way = 'run "make web-assets"; until then the pages do without it'
    return f"{FETCHED}/{name}: {fault}; {way}"


def _assets(fetched: Mapping[str, bytes], notes: tuple[str, ...] = ()) -> Assets:
    own = {OWN_STYLE: own_style().encode(), ICON: (FOLDER / ICON).read_bytes()}
    table = {name: _entry(name, body) for name, body in {**fetched, **own}.items()}

    def addresses(ending: str) -> tuple[str, ...]:
        return tuple(table[name][0] for name in table if name.endswith(ending))

    # Our own style comes last: it refines what a package says.
    files = MappingProxyType(dict(table.values()))
    return Assets(files, *map(addresses, (STYLE, SCRIPT, ".svg")), notes)


def _entry(name: str, body: bytes) -> tuple[str, Asset]:
    stem, _, ending = name.rpartition(".")
    address = f"/assets/{stem}.{sha256(body).hexdigest()[:12]}.{ending}"
    return address, Asset(CONTENT_TYPES["." + ending], body)


def routes(assets: Assets) -> list[web.Route]:
    """Return what answers at the addresses of the table."""
    return [
        web.Route("GET", address, partial(_answer, asset))
        for address, asset in assets.files.items()
    ]


def _answer(asset: Asset, request: web.Request) -> web.Reply:
    return web.Reply(200, asset.body, asset.content_type, {"Cache-Control": KEPT})


PLAIN = _assets({})
