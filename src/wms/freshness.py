"""How old a plan is: whether something was fetched since, and what of it was carried out."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from src.kit import receipts
from src.kit.errors import Refused
from src.kit.receipts import Receipt
from src.kit.tables import Table
from src.wms import counting, records
from src.wms.records import PLAN, PLAN_IT, RUNLOG, Planned

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
        made = receipts.last(log_dir, PLAN.place, receipts.FILE)
        is_reverse = made is not None and made.door == "undo"
        again = "make undo RUN=…" if is_reverse else PLAN_IT
        raise Refused(
            f"{PLAN.place}: is older than {newer[0]}, which was fetched since; run "
            f'"{again}" again'
        )


def fetched_since(log_dir: Path, kind_names: Iterable[str]) -> list[str]:
    """Return the CSVs of these kinds that are newer than the plan.

    The order of the receipts tells it: clocks may be set back, receipts are only added.
    """
    places = {table.place for name in kind_names for table in _of(name)}
    files = (r.subject for r in _since(log_dir) if r.kind == receipts.FILE)
    return sorted(places.intersection(files))


class CarriedOut:
    """Knows the records that were synchronized by the plan that is there."""

    def __init__(self, log_dir: Path) -> None:
        self._log_dir = log_dir

    def __call__(self, row: Planned) -> bool:
        """Return whether a row is about one of them."""
        return (row.kind, row.wms_id or row.id) in self._records

    @cached_property
    def _records(self) -> set[tuple[str, str]]:
        """Return kinds and ids; a record that was new has only one of its two in a plan."""
        since = _since(self._log_dir, has_reverse=False)
        runs = {r.run_id for r in since if r.subject == RUNLOG.place}
        rows = [row for run_id in runs for row in counting.synced(self._log_dir, run_id)]
        return {(row.kind, known) for row in rows for known in (row.wms_id, row.id)}


def _since(log_dir: Path, has_reverse: bool = True) -> list[Receipt]:
    """Return what was written down after the plan; a reverse plan may be looked through."""
    found: list[Receipt] = []
    for receipt in receipts.read(log_dir):
        found.append(receipt)
        is_plan = receipt.kind == receipts.FILE and receipt.subject == PLAN.place
        if is_plan and (has_reverse or receipt.door != "undo"):
            found.clear()
    return found


def _of(kind_name: str) -> list[Table]:
    return [tables[kind_name] for tables in _TABLES if kind_name in tables]
