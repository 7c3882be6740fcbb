"""Since when the database has what it has of records whose rows were left behind."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from src.kit.database import Database, Staging
from src.salespro.shapes import APPOINTMENTS, USERS

_ASKED = Staging("asked", (("asked_key", "text"),))
_WRITTEN = " UNION ALL ".join(
    f"SELECT a.asked_key, s.imported_at FROM asked a "
    f"JOIN {shape.table} s ON s.{shape.key.name} = a.asked_key"
    for shape in (USERS, APPOINTMENTS)
)


def last_written(database: Database, keys: Collection[str]) -> Mapping[str, str]:
    """Return when records were last imported, by their ids."""
    database.stage(_ASKED)
    database.load(_ASKED, [(key,) for key in sorted(keys)])
    return dict(sorted(database.rows(_WRITTEN, "tz"), key=lambda row: row[1]))
