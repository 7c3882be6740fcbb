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


@contextmanager
def database(settings: Settings) -> Iterator[Connection]:
    """Yield a connection to the MIS, whose tables somebody else makes.

    Raises Refused where there is none yet.
    """
    file = settings.mis_database_file
    if not (settings.mis_database_url or file.exists()):
        raise Refused(
            'data/mis.db: not found; run "python -m src.mis_demo" for a demo, or set '
            "MIS_DATABASE_URL"
        )
    found = connect_database.opened(settings.mis_database_url, file, "MIS_DATABASE_URL")
    try:
        yield found
    finally:
        found.close()
