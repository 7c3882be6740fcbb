"""Pages of what is too long for one: which there are, and the way from one to the next."""

from __future__ import annotations

from collections.abc import Callable

from src.kit import web
from src.kit.templates import Html
from src.kit.web import Request
from src.office.pages import parts

LAST = 1_000_000


def number(request: Request) -> int:
    """Return the page that a request asks for, counted from 1; raises Problem."""
    return web.whole(request.query, "page", 1, 1, LAST)


def span(page: int, size: int) -> slice:
    """Return what stands on a page.

    >>> list("abcde")[span(2, 2)]
    ['c', 'd']
    """
    return slice((page - 1) * size, page * size)


def pager(label: str, page: int, pages: int, place: Callable[[int], str]) -> Html:
    """Return links to the page before and after; `place` makes their addresses."""
    near = (page - 1, page + 1)
    places = {other: place(other) for other in near if 1 <= other <= pages}
    return parts.pager(label, page, pages, places)


def pages(count: int, size: int) -> int:
    """Return how many pages there are.

    >>> pages(0, 50), pages(50, 50), pages(51, 50)
    (0, 1, 2)
    """
    return -(-count // size)
