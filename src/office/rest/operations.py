"""An address of the API as its description and its view: limits are written once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from src.config import Settings
from src.kit import web
from src.kit.clock import Clock
from src.kit.errors import Locked, Refused
from src.kit.stage import printable
from src.kit.sync_manager import SyncManager
from src.kit.web import Problem, Reply, Request
from src.mis.customer_sync import CustomerSync, envelope
from src.office.overview import Watch
from src.office.rest.schemas import Schema

CUSTOMERS, WMS = "/api/v1/sync/customers", "/api/v1/sync/wms"
MOST = 999_999_999  # of a number that has no other limit
_SHOWN = 40  # characters of a value that is refused


class Rest(NamedTuple):
    """What views may ask."""

    settings: Settings
    watch: Watch
    wms: SyncManager
    mis: SyncManager
    service: CustomerSync
    clock: Clock


class Number(NamedTuple):
    """A whole number in a query or a body, its limits and its default."""

    name: str
    default: int
    least: int
    most: int
    about: str

    def of(self, source: Mapping[str, Any]) -> int:
        """Return it; raises Problem, which says the value that was refused."""
        try:
            return web.whole(source, self.name, self.default, self.least, self.most)
        except Problem:
            raise Problem(
                400,
                f"{self.name}={shown(source[self.name])}: is not a whole number from "
                f"{self.least} to {self.most}; give one",
            ) from None


class Operation(NamedTuple):
    """One address: what it is for, what it takes, what it answers."""

    method: str
    path: str
    summary: str
    view: Callable[[Rest, Request], Reply]
    data: Schema  # of a success
    example: Any  # of its data
    status: int = 200  # of a success
    query: Sequence[Number] = ()
    body: Schema | None = None
    body_example: Any = None
    refusals: Sequence[int] = ()  # beside those that every address may answer
    part: str = ""  # what stands in the path's braces


class Page(NamedTuple):
    """Which of many to show."""

    limit: int
    offset: int

    def of(self, name: str, found: Sequence[Any]) -> dict[str, Any]:
        """Return a part of something long, and how long it is."""
        some = list(found[self.offset : self.offset + self.limit])
        counts = {"count": len(some), "total": len(found)}
        return {name: some, **counts, **self._asdict()}


LIMIT = Number("limit", 10, 1, 100, "how many to return")
OFFSET = Number("offset", 0, 0, MOST, "how many to skip")
PAGING = (LIMIT, OFFSET)


def page(request: Request) -> Page:
    """Return what a query asks for; raises Problem."""
    web.only(request.query, "limit", "offset")
    return Page(LIMIT.of(request.query), OFFSET.of(request.query))


def answer(rest: Rest, message: str, data: Any, status: int = 200) -> Reply:
    """Return a success in the envelope."""
    return web.json_reply(envelope(message, rest.clock.timestamp(), data), status)


def told(ask: Callable[[], Any]) -> Any:
    """Return what is asked for; raises Problem where the server cannot say it.

    What a request may get wrong was checked before: a refusal is about this machine.
    """
    try:
        return ask()
    except Locked:
        raise
    except Refused as refusal:
        raise Problem(503, str(refusal)) from refusal


def shown(value: object) -> str:
    """Return a value that is refused as JSON, as far as a sentence can hold it."""
    return printable(json.dumps(value, ensure_ascii=False))[:_SHOWN]
