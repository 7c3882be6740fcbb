"""Whether a plan is of what was fetched last: an older one is carried out no more."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from src.kit import receipts
from src.kit.errors import Refused
from src.kit.tables import Table
from src.wms import records
from src.wms.records import PLAN, PLAN_IT

_TABLES = (
    records.BASE,
    records.BASE_LINES,
    records.STORED,
    records.STORED_LINES,
    records.MIRROR,
    records.MIRROR_LINES,
)


def check(log_dir: Path, kind_names: Iterable[str]) -> None:
    """Raise Refused where something of these kinds was fetched after the plan was made."""
    if newer := fetched_since(log_dir, kind_names):
        raise Refused(
            f"{PLAN.place}: is older than {newer[0]}, which was fetched since; run "
            f'"{PLAN_IT}" again'
        )


def fetched_since(log_dir: Path, kind_names: Iterable[str]) -> list[str]:
    """Return the CSVs of these kinds that are newer than the plan.

    The order of the receipts tells it: clocks may be set back, receipts are only added.
    """
    places = {table.place for name in kind_names for table in _of(name)}
    fetched = set()
    for receipt in receipts.read(log_dir):
        if receipt.kind != receipts.FILE:
            continue
        if receipt.subject == PLAN.place:
            fetched.clear()
        elif receipt.subject in places:
            fetched.add(receipt.subject)
    return sorted(fetched)


def _of(kind_name: str) -> list[Table]:
    return [tables[kind_name] for tables in _TABLES if kind_name in tables]
