"""The pipelines, their tables and logs, seen together."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import NamedTuple

from src.attachments import records as attachments
from src.attachments.records import SAME
from src.config import Settings
from src.customers import records as customers
from src.kit import judgements, receipts
from src.kit.errors import Refused
from src.kit.book import Shelf
from src.kit.logbook import LogPlace
from src.kit.tables import Table
from src.mis import records as mis
from src.salespro import records as salespro
from src.wms import records as wms
from src.wms.fields import TYPES


class Pipeline(NamedTuple):
    """One pipeline: its tables, the steps that make them, and the commands."""

    name: str
    tables: tuple[Table, ...]
    # Each is made from the one before. A log stays as it was where nothing was to be
    # done; its view is written all the same.
    steps: tuple[tuple[Table, ...], ...]
    log: Table
    errors: Table
    doors: tuple[str, ...]
    journal: str = ""  # of a pipeline that acts on a remote side
    plan: Table | None = None  # that a reverse plan may take the place of
    after_undo: str = ""  # the command that finds out how things stand then
    decided_in: str = ""  # the plan in which people answer what is held
    mended_in: str = ""  # where people put right what failed or was rejected
    mended_by: str = ""  # the command that takes that up


ATTACHMENTS = Pipeline(
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
    (
        (attachments.MAPPING, attachments.INVENTORY),
        (attachments.PLAN,),
        (attachments.ERRORS,),
    ),
    attachments.RUNLOG,
    attachments.ERRORS,
    (
        "download_mapping_demo",
        "build_attachment_inventory",
        "mapping_verifier",
        "qbo_attach_demo",
        "reconcile_attachments",
    ),
    "qbo_attach_inflight.csv",
    attachments.PLAN,
    after_undo=attachments.PLAN.made_by,
    decided_in=attachments.PLAN.place,
    mended_by=attachments.RUNLOG.made_by,
)
CUSTOMERS = Pipeline(
    "customers",
    (
        customers.CHECKED,
        customers.REJECTS,
        customers.PLAN,
        customers.RUNLOG,
        customers.ERRORS,
    ),
    ((customers.CHECKED,), (customers.PLAN,), (customers.ERRORS,)),
    customers.RUNLOG,
    customers.ERRORS,
    ("customers_check", "customers_match", "customers_import"),
    decided_in=customers.PLAN.place,
    mended_in="the export",
    mended_by=customers.CHECKED.made_by,
)
SALESPRO = Pipeline(
    "salespro",
    (salespro.PLAN, salespro.REJECTS, salespro.RUNLOG, salespro.ERRORS),
    ((salespro.ERRORS,),),
    salespro.RUNLOG,
    salespro.ERRORS,
    ("csv_salespro_users", "csv_salespro_appointments"),
    mended_in="SalesPro",
    mended_by=salespro.RUNLOG.made_by,
)
WMS = Pipeline(
    "wms",
    (wms.PLAN, wms.DECIDED, wms.REJECTS, wms.RUNLOG, wms.SENT, wms.ERRORS, wms.SESSIONS),
    ((wms.FETCHED,), (wms.PLAN,), (wms.ERRORS,)),
    wms.RUNLOG,
    wms.ERRORS,
    ("wms_fetch", "wms_plan", "wms_apply", "wms_sync"),
    "wms_inflight.csv",
    wms.PLAN,
    wms.FETCH,
    wms.PLAN.place,
    "the warehouse or QuickBooks",
    wms.SYNC,
)
MIS = Pipeline(
    "mis",
    (
        mis.NAMES,
        mis.PEOPLE,
        mis.COVERAGE,
        mis.PLAN,
        mis.BUDGET,
        mis.RUNLOG,
        mis.ERRORS,
        mis.SESSIONS,
    ),
    ((mis.NAMES, mis.PEOPLE), (mis.PLAN,), (mis.ERRORS,)),
    mis.RUNLOG,
    mis.ERRORS,
    ("mis_fetch", "mis_plan", "mis_push", "mis_sync_customers"),
    "mis_inflight.csv",
    mis.PLAN,
    mis.FETCH,
    mis.PLAN.place,
    "the MIS",
    mis.SYNC,
)
ALL = (ATTACHMENTS, CUSTOMERS, SALESPRO, WMS, MIS)
# Tables that all pipelines share.
SHARED = (receipts.TABLE, judgements.TABLE)


def path_of(settings: Settings, table: Table) -> Path:
    """Return where a table lies."""
    folder = settings.log_dir if table.folder == "LOG_DIR" else settings.data_dir
    return folder / table.name


def log_place(settings: Settings, table: Table) -> LogPlace:
    """Return where a log without a journal lies."""
    return LogPlace(path_of(settings, table), table.place, table.row)


def of_option(parser: ArgumentParser) -> None:
    """Add the option that ties a door to the file which the one before it took."""
    parser.add_argument(
        "--of", default="", metavar="FILE", help="refuse what was made from another file"
    )


def types_option(parser: ArgumentParser) -> None:
    """Add the types of the warehouse's records that a door is about; none = all."""
    parser.add_argument(
        "types", nargs="*", type=_type, metavar="TYPE", help=", ".join(TYPES)
    )


def _type(word: str) -> str:
    if word not in TYPES:
        raise ArgumentTypeError(f"{word!r} is none of {', '.join(TYPES)}")
    return word


def source_of(settings: Settings, table: Table, wanted: str = "") -> str:
    """Return the given file that a table was made from.

    Raises Refused where it is another than the one that is wanted.
    """
    receipt = receipts.last(settings.log_dir, table.place, receipts.FILE)
    found = receipts.source(receipt)
    if wanted and found != wanted:
        raise Refused(
            f"{table.place}: is of {found or 'nobody knows which file'}, not of {wanted}; "
            "start again with that file"
        )
    return found


def attachments_shelf(settings: Settings) -> Shelf:
    """Return where the books of the attachments pipeline lie."""
    return _shelf(settings, ATTACHMENTS, SAME, settings.qbo_realm_id)


def wms_shelf(settings: Settings) -> Shelf:
    """Return where the books of the warehouse's synchronization lie."""
    return _shelf(settings, WMS, (), settings.conductor_end_user_id)


def mis_shelf(settings: Settings) -> Shelf:
    """Return where the books of the MIS customers lie."""
    return _shelf(settings, MIS, (), settings.qbo_realm_id)


def shelf(settings: Settings, pipeline: Pipeline) -> Shelf:
    """Return where the books of a pipeline with a journal lie."""
    shelves = {"attachments": attachments_shelf, "wms": wms_shelf, "mis": mis_shelf}
    return shelves[pipeline.name](settings)


def _shelf(
    settings: Settings, pipeline: Pipeline, same: tuple[str, ...], realm: str
) -> Shelf:
    log, journal = pipeline.log, settings.log_dir / pipeline.journal
    return Shelf(path_of(settings, log), journal, log.place, log.row, same, realm)
