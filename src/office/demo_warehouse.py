"""Whether the warehouse and its company file hold nothing but the demo's own records."""

from __future__ import annotations

from collections.abc import Iterator

from src.config import Settings
from src.config.settings import DEMO_END_USER
from src.kit import receipts, runlog
from src.kit.database import Database, MissingTable
from src.kit.memory import SUCCESSES
from src.office import connect_wms, pipelines
from src.wms import demo_cases
from src.wms.records import RUNLOG, Attempt

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
    seal = receipts.last(settings.log_dir, RUNLOG.place, receipts.SEAL)
    realm = receipts.value(seal, "realm")
    if realm not in ("", DEMO_END_USER):
        return f"the synchronization: its logs are of the company file of {realm}"
    if any(_strangers(settings)):
        return "the synchronization: not everything in the warehouse is the demo's"
    if any(_elsewhere(settings)):
        return "the synchronization: its logs are of a warehouse that is not here"
    return ""


def _strangers(settings: Settings) -> Iterator[str]:
    """Yield the names of records that neither the demo nor its edits make."""
    if not settings.wms_database_file.exists():
        return
    known = _known()
    with connect_wms.database(settings) as database:
        for query in _NAMES:
            yield from (name for name in _texts(database, query) if name not in known)


def _elsewhere(settings: Settings) -> Iterator[str]:
    """Yield records that the log has synchronized, and that the warehouse never knew."""
    there = set()
    if settings.wms_database_file.exists():
        with connect_wms.database(settings) as database:
            there = set(_texts(database, "SELECT wms_id FROM wms_base"))
    wms_id_at, outcome_at = map(Attempt._fields.index, ("wms_id", "outcome"))
    for row in filter(None, runlog.rows(pipelines.path_of(settings, RUNLOG), Attempt)):
        wms_id = runlog.text(row[wms_id_at])
        if row[outcome_at].decode() in SUCCESSES and wms_id and wms_id not in there:
            yield wms_id


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
