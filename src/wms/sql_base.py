"""The table of what both sides agreed on, and the statements about it."""

from __future__ import annotations

from src.kit.database import Staging
from src.wms.fields import Kind
from src.wms.sql import ID, TIME

AGREED = (
    ("wms_id", f"{ID} NOT NULL"),
    ("qb_id", ID),
    ("revision_number", "varchar(32)"),
    ("wms_updated_at", TIME),
    ("qbd_updated_at", TIME),
    ("qbd_edited_at", TIME),
    ("agreed_at", TIME),
    ("flips", "integer"),
    ("before_digest", "varchar(32)"),
    ("agreed", "jsonb"),
)
STAGING = Staging("new_base", (("kind", "varchar(32)"), *AGREED))
_NAMES = [name for name, _ in STAGING.columns]
_KEY = ("kind", "wms_id")
UPSERT = (
    f"INSERT INTO wms_base ({', '.join(_NAMES)}) "
    f"SELECT {', '.join(_NAMES)} FROM new_base WHERE true "
    f"ON CONFLICT ({', '.join(_KEY)}) DO UPDATE SET "
    + ", ".join(f"{n} = excluded.{n}" for n in _NAMES if n not in _KEY)
)
LETTERS = "tttzzzzitt"


def query(kind: Kind) -> str:
    """Return the query of what was agreed on about the wanted records."""
    names = ", ".join(f"b.{name}" for name, _ in AGREED)
    return (
        f"SELECT {names} FROM wanted w CROSS JOIN wms_base b "
        f"WHERE b.kind = '{kind.name}' AND b.wms_id = w.id ORDER BY w.place"
    )


def keys(kind: Kind) -> str:
    """Return the query of the warehouse's ids in the base."""
    return f"SELECT wms_id FROM wms_base WHERE kind = '{kind.name}'"


def linked(kind: Kind) -> str:
    """Return the query from QuickBooks' ids that are wanted to those of the base."""
    return (
        "SELECT w.id, b.wms_id FROM wanted w CROSS JOIN wms_base b "
        f"WHERE b.kind = '{kind.name}' AND b.qb_id = w.id"
    )
