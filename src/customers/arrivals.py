"""Since when the database has what it has of customers whose rows were left behind."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from src.config import normalize_customer_name
from src.kit.database import Database, Staging

_ASKED = Staging("asked", (("asked_key", "text"), ("normalized", "text")))
_WRITTEN = """
    SELECT asked_key, MAX(modified_at) FROM (
        SELECT a.asked_key, c.modified_at FROM asked a
        JOIN customers c ON c.quickbooks_id = a.asked_key
        UNION ALL
        SELECT a.asked_key, c.modified_at FROM asked a
        JOIN customers c ON c.normalized_name = a.normalized WHERE a.normalized <> ''
    ) written GROUP BY asked_key
"""


def last_written(database: Database, keys: Collection[str]) -> Mapping[str, str]:
    """Return when customers were last written, by QuickBooks id or name as asked for."""
    database.stage(_ASKED)
    database.load(_ASKED, [(key, normalize_customer_name(key)) for key in sorted(keys)])
    return dict(database.rows(_WRITTEN, "tz"))
