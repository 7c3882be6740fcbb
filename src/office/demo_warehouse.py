"""Whether the warehouse and its company file hold nothing but the demo's own records."""

from __future__ import annotations

from collections.abc import Iterator

from src.config import Settings
from src.kit.database import Database, MissingTable
from src.office import connect_wms
from src.wms import demo_cases

_NAMES = (
    "SELECT name FROM customers",
    "SELECT name FROM vendors",
    "SELECT name FROM items",
    "SELECT ref_number FROM sales_orders",
    "SELECT ref_number FROM purchase_orders",
    "SELECT ref_number FROM inventory_adjustments",
    "SELECT ref_number FROM invoices",
)


def kept(settings: Settings) -> str:
    """Return what of the synchronization is kept, and why; '' where all is the demo's."""
    if settings.conductor_api == "http":
        return "the synchronization: CONDUCTOR_API=http, so its logs are of a real company"
    if settings.wms_database_url:
        return "the synchronization: what WMS_DATABASE_URL names is left alone"
    if settings.wms_database_file.exists() and any(_strangers(settings)):
        return "the synchronization: not everything in the warehouse is the demo's"
    return ""


def _strangers(settings: Settings) -> Iterator[str]:
    """Yield the names of records that neither the demo nor its edits make."""
    known = _known()
    with connect_wms.database(settings) as database:
        for query in _NAMES:
            yield from (name for name in _texts(database, query) if name not in known)


def _texts(database: Database, query: str) -> list[str]:
    try:
        return [text for (text,) in database.rows(query, "t") if text]
    except MissingTable:
        return []


def _known() -> set[str]:
    entries = (*demo_cases.MADE, *demo_cases.ADDED)
    known = {entry.name for entry in entries}
    for edit in demo_cases.EDITS:
        known.update(edit.cells.get(field, "") for field in ("name", "ref_number"))
    return known
