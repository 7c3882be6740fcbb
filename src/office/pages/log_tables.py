"""Which logs there are to read: a fixed table, and which of their columns matter most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from src.kit.tables import APPEND_ONLY, VIEW, Table, header
from src.office.pipelines import ALL, SHARED, Pipeline

# What a row is about, in this order; the first `SHOWN` that are filled are shown at once,
# all other columns when the row is opened …
ABOUT = (
    "type door qbo_entity_type pipeline qbo_entity_id year id wms_id mis_id subject name "
    "display_name file_name file line key objects stage legacy_entity_type raw_legacy_id"
).split()
SHOWN = 3
# … and why it has its outcome, or what else it says.
WHY = (
    "now error reason description message detail verdict question original times_skipped"
).split()
# Columns by whose words rows may be told apart, the best first.
WORDS = ("outcome", "status", "event", "class", "kind", "pipeline")


class Log(NamedTuple):
    """One log: its table, and whose it is."""

    table: Table
    pipeline: str  # empty = everybody's
    is_runlog: bool  # the one that its pipeline's tally is of

    @property
    def name(self) -> str:
        """Return what the log is called in addresses."""
        return self.table.name.removesuffix(".csv")

    @property
    def columns(self) -> list[str]:
        """Return its columns."""
        return header(self.table.row)

    @property
    def run(self) -> str:
        """Return the column that names the run, empty = there is none."""
        return next((c for c in ("run_id", "session_id") if c in self.columns), "")

    @property
    def word(self) -> str:
        """Return the column by whose words rows are told apart, empty = there is none."""
        return next((name for name in WORDS if name in self.columns), "")


def _is_log(table: Table) -> bool:
    return table.kind in (APPEND_ONLY, VIEW) or table.folder == "LOG_DIR"


def _of(pipeline: Pipeline) -> Sequence[Log]:
    return [
        Log(table, pipeline.name, table is pipeline.log)
        for table in pipeline.tables
        if _is_log(table)
    ]


LOGS = {
    log.name: log
    for log in [
        *(log for pipeline in ALL for log in _of(pipeline)),
        *(Log(table, "", False) for table in SHARED),
    ]
}
