"""A person at the simulated company file of QuickBooks Desktop, for the demo."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from src.adapters.conductor import LIST_OBJECTS
from src.adapters.fakes.conductor import givens, schema
from src.adapters.fakes.conductor.core import Core
from src.config import Settings
from src.kit.clock import Clock
from src.kit.errors import Refused
from src.office import connect_desktop
from src.wms.demo import Person


@contextmanager
def person(settings: Settings, clock: Clock) -> Iterator[Person]:
    """Yield somebody who works in the simulated company file itself.

    Raises Refused where the settings mean a company of somebody's own, and Locked where
    another program has it open.
    """
    if settings.conductor_api != "fake":
        raise Refused(
            "CONDUCTOR_API: is http; the demo is made in the simulated company file, "
            "so set it to fake (a fake_conductor_server shows the same file afterwards)"
        )
    with connect_desktop.alone(settings):
        yield _person(Core(settings.fake_conductor_dir, clock))


def _person(core: Core) -> Person:
    def records(resource: str) -> Iterator[Mapping[str, Any]]:
        pairs = [("status", "all")] if resource in LIST_OBJECTS else []
        query = schema.check_query(resource, pairs)
        while True:
            page = core.page(resource, query)
            yield from page["data"]
            if not page.get("nextCursor"):
                return
            query = {**query, "cursor": page["nextCursor"]}

    return Person(core.create, core.edit, core.remove, records, givens.id_of)
