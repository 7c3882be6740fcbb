"""The tables of the warehouse's synchronization.

Of every kind there are three CSVs with the same fields: `qbd_…`, the mirror of what
QuickBooks has; `wms_…`, what the warehouse has; `wms_base_…`, what both last agreed on.
Kinds with lines have them in a second CSV each. A reference to a record that QuickBooks
does not know yet is `wms:` and the warehouse's id of it.
"""

from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

from src.kit.events import Event
from src.kit.tables import APPEND_ONLY, GENERATED, VIEW, Column, Number, Table, Timestamp
from src.wms.fields import KINDS, MONEY, PRICE, QUANTITY, Field, Kind

PIPELINE = "wms"
FETCH, PLAN_IT, APPLY = "make wms-fetch", "make wms-plan", "make wms-apply"
SYNC = "make wms-sync"
# The word of a receipt: how many records are left out of a file that nobody could read.
UNREAD = "unread"
NOT_YET = "wms:"  # before the warehouse's id of what has no QuickBooks id yet


class MirrorHead(NamedTuple):
    """What a row of the mirror begins with, before the fields of its kind."""

    id: str
    revision_number: str
    created_at: Timestamp
    updated_at: Timestamp
    external_id: str
    deleted_at: Timestamp  # filled: QuickBooks said that it is gone; the fields are its last
    groups: str  # item groups among its lines, which only QuickBooks edits


class StoredHead(NamedTuple):
    """What a row of the warehouse begins with."""

    wms_id: str
    id: str  # QuickBooks' id, empty before it has one
    created_at: Timestamp
    updated_at: Timestamp
    deleted_at: Timestamp  # when QuickBooks said that it deleted it


class AgreedHead(NamedTuple):
    """What a row of the base begins with."""

    wms_id: str
    id: str
    revision_number: str  # QuickBooks' when both agreed
    wms_updated_at: Timestamp
    qbd_updated_at: Timestamp
    qbd_edited_at: Timestamp  # of the last change in QuickBooks that was not ours
    agreed_at: Timestamp
    flips: Number  # how often in a row it went back to what it was before
    before: str  # digest of what was agreed before this


class MirrorLineHead(NamedTuple):
    """What a line of a mirrored record begins with."""

    id: str  # of the record
    position: Number
    line_id: str


class StoredLineHead(NamedTuple):
    """What a line of a warehouse's record, or of its base, begins with."""

    wms_id: str
    position: Number
    line_id: str  # QuickBooks', empty before it has one


_IN_CSV = {MONEY: "money", PRICE: "money", QUANTITY: "money"}


def _row(name: str, head: type, fields: Sequence[Field]) -> type:
    """Return the row type of a head and the fields of a kind."""
    columns: list[tuple[str, Any]] = list(head.__annotations__.items())
    for field in fields:
        kind = _IN_CSV.get(field.holds, "text")
        column = Column(kind, header=field.name)
        columns.append((field.column, Annotated[str, column]))
    taken = [name for name, _ in columns]
    assert len(set(taken)) == len(taken), name
    return NamedTuple(name, columns)  # type: ignore[misc]


def _tables(prefix: str, head: type) -> dict[str, Table]:
    return {
        kind.name: Table(
            "DATA_DIR",
            f"{prefix}_{kind.name}.csv",
            _row(f"{prefix}_{kind.name}", head, kind.fields),
            GENERATED,
            FETCH,
        )
        for kind in KINDS.values()
    }


def _line_tables(prefix: str, head: type) -> dict[str, Table]:
    return {
        kind.name: Table(
            "DATA_DIR",
            f"{prefix}_{lines_name(kind)}.csv",
            _row(f"{prefix}_{lines_name(kind)}", head, kind.lines),
            GENERATED,
            FETCH,
        )
        for kind in KINDS.values()
        if kind.lines
    }


def lines_name(kind: Kind) -> str:
    """Return what the lines of a kind are called: sales_order_lines."""
    return kind.name.removesuffix("s") + "_lines"


# Made when first asked for: 48 row types, of which the other pipelines' doors need none.
_BY_KIND = {
    "MIRROR": lambda: _tables("qbd", MirrorHead),
    "MIRROR_LINES": lambda: _line_tables("qbd", MirrorLineHead),
    "STORED": lambda: _tables("wms", StoredHead),
    "STORED_LINES": lambda: _line_tables("wms", StoredLineHead),
    "BASE": lambda: _tables("wms_base", AgreedHead),
    "BASE_LINES": lambda: _line_tables("wms_base", StoredLineHead),
}


def __getattr__(name: str) -> dict[str, Table]:
    """Return the tables of a side, by the name of the kind."""
    if name not in _BY_KIND:
        raise AttributeError(name)
    globals()[name] = found = _BY_KIND[name]()
    return found


# What a plan row proposes …
CREATE, UPDATE, INACTIVATE, DELETE = "create", "update", "inactivate", "delete"
MARK_DELETED, LINK, HOLD = "mark_deleted", "link", "hold"
UNDO = "undo"  # QuickBooks gets back what it had; a document is taken away again
# … and on which side. The winner's value stays.
WMS, QBD = "wms", "qbd"
BEFORE = "base"  # wins in a reverse plan: there `base` is what QuickBooks had before


class Planned(NamedTuple):
    """One card: one changed field, or what becomes of one record as a whole."""

    row: str
    type: str
    kind: str
    action: str
    target: str  # wms or qbd: the side that is written; empty for hold
    name: str
    wms_id: str
    id: str
    field: str  # lines[<line id>].quantity for a line's; empty = the whole record
    base: str
    wms: str
    qbd: str
    wms_updated_at: Timestamp
    qbd_updated_at: Timestamp
    revision: str  # QuickBooks' revisionNumber that the plan saw
    wms_state: str  # digest of the warehouse's record that the plan saw
    rule: str
    winner: str  # wms, qbd, in a reverse plan base, or nothing yet
    discarded: str  # the value that is lost where both had one
    reason: str
    decision: str
    row_check: str


class Attempt(NamedTuple):
    """One record and attempt to write it, on one side or on both."""

    seq: Number
    ts: Timestamp
    run_id: str
    type: str
    kind: str
    action: str
    target: str
    wms_id: str
    id: str
    name: str
    fields: str  # those that were written, with blanks between
    key: str
    request_id: str
    attempt: Number
    status_code: Number
    revision: str  # QuickBooks' after the write
    duration_ms: Number
    outcome: str
    error: str
    row_check: str


class Rejected(NamedTuple):
    """One record of the warehouse that could not be read at the last fetch of its kind."""

    type: str
    kind: str
    wms_id: str
    id: str  # QuickBooks', empty before it has one
    reason: str


class Sending(NamedTuple):
    """One create that is about to leave."""

    ts: Timestamp
    run_id: str
    key: str
    record: str  # its cells and lines, as JSON
    row_check: str


class Failure(NamedTuple):
    """One record that is not synchronized, and why."""

    type: str
    id: str  # QuickBooks', or the warehouse's where it has none
    description: str
    outcome: str
    run_id: str
    ts: Timestamp


PLAN = Table("DATA_DIR", "wms_plan.csv", Planned, GENERATED, PLAN_IT)
# Rows with decisions about types that the last plan was not asked for.
DECIDED = Table("DATA_DIR", "wms_decided.csv", Planned, GENERATED, PLAN_IT)
RUNLOG = Table("LOG_DIR", "wms_runlog.csv", Attempt, APPEND_ONLY, APPLY)
ERRORS = Table("LOG_DIR", "wms_errors.csv", Failure, VIEW, APPLY)
REJECTS = Table("LOG_DIR", "wms_rejects.csv", Rejected, GENERATED, FETCH)
SENT = Table("LOG_DIR", "wms_sent.csv", Sending, APPEND_ONLY, APPLY)
# Of what a fetch writes, the one that stands for all where only its age is asked for.
FETCHED = Table("DATA_DIR", "wms_customers.csv", StoredHead, GENERATED, FETCH)
SESSIONS = Table("LOG_DIR", "wms_sessions.csv", Event, APPEND_ONLY, SYNC)
