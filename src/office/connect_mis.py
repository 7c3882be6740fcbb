"""From a setting to the MIS: a file of the demo, or the real system's database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from src.config import Settings
from src.kit.errors import Refused
from src.office import connect_database

if TYPE_CHECKING:
    from src.adapters.connection import Connection

DEMO = "make mis"


def is_there(settings: Settings) -> bool:
    """Return whether the settings name a MIS; a server's is not asked."""
    return bool(settings.mis_database_url) or settings.mis_database_file.exists()


def expect(settings: Settings) -> None:
    """Raise Refused where there is no MIS yet."""
    if not is_there(settings):
        raise Refused(
            f'data/mis.db: not found; run "{DEMO}" for a demo, or set MIS_DATABASE_URL'
        )


@contextmanager
def database(settings: Settings) -> Iterator[Connection]:
    """Yield a connection to the MIS, whose tables somebody else makes.

    Raises Refused where there is none yet.
    """
    expect(settings)
    url, file = settings.mis_database_url, settings.mis_database_file
    found = connect_database.opened(url, file, "MIS_DATABASE_URL")
    try:
        yield found
    finally:
        found.close()
