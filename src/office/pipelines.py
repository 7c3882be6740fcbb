"""The pipelines, their tables and logs, seen together."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from src.attachments import records as attachments
from src.attachments.records import SAME
from src.config import Settings
from src.kit.book import Shelf
from src.kit.logbook import LogPlace
from src.kit.tables import Table

ATTACH_JOURNAL = "qbo_attach_inflight.csv"


class Pipeline(NamedTuple):
    """One pipeline: its tables from input to log, and the commands that make them."""

    name: str
    tables: tuple[Table, ...]
    log: Table
    doors: tuple[str, ...]  # in the order in which they run


ALL = (
    Pipeline(
        "attachments",
        (
            attachments.MAPPING,
            attachments.INVENTORY,
            attachments.PLAN,
            attachments.SKIPS,
            attachments.RUNLOG,
            attachments.ERRORS,
            attachments.DUPS,
            attachments.FINDINGS,
            attachments.TOTALS,
        ),
        attachments.RUNLOG,
        (
            "download_mapping_demo",
            "build_attachment_inventory",
            "mapping_verifier",
            "qbo_attach_demo",
            "reconcile_attachments",
        ),
    ),
)


def path_of(settings: Settings, table: Table) -> Path:
    """Return where a table lies."""
    folder = settings.log_dir if table.folder == "LOG_DIR" else settings.data_dir
    return folder / table.name


def log_place(settings: Settings, table: Table) -> LogPlace:
    """Return where a log without a journal lies."""
    return LogPlace(path_of(settings, table), table.place, table.row)


def attachments_shelf(settings: Settings) -> Shelf:
    """Return where the books of the attachments pipeline lie."""
    return Shelf(
        path_of(settings, attachments.RUNLOG),
        settings.log_dir / ATTACH_JOURNAL,
        attachments.RUNLOG.place,
        attachments.Attempt,
        SAME,
        settings.qbo_realm_id,
    )
