"""The attachments pipeline's CSVs: every table, its columns in order, its words."""

from typing import Annotated, NamedTuple

from src.kit.reading import Reject
from src.kit.tables import (
    APPEND_ONLY,
    EITHER,
    GENERATED,
    VIEW,
    Column,
    Number,
    Table,
    Timestamp,
)
from src.kit.views import failure_type

# --- the plan's words -----------------------------------------------------------------

OK = "ok"
LARGE_WARNING = "large_warning"
MISSING_MAPPING = "missing_mapping"
AMBIGUOUS_MAPPING = "ambiguous_mapping"
BLANK_ID = "blank_id"
FILE_MISSING = "file_missing"
EMPTY_FILE = "empty_file"
TOO_LARGE = "too_large"
UNSUPPORTED_TYPE = "unsupported_type"
NAME_TOO_LONG = "name_too_long"
SAME_CONTENT = "same_content"
IN_DOUBT = "in_doubt"
TAKEN_BACK = "taken_back"  # its upload was undone; another one is for a person
UNDO_UPLOAD = "undo_upload"  # of a reverse plan: the file is deleted there
SENT_WITHOUT_DECISION = frozenset({OK, LARGE_WARNING})
NAMED = SENT_WITHOUT_DECISION | {TAKEN_BACK}  # what has a name on its record

# --- the run log's words --------------------------------------------------------------

SKIPPED_ALREADY = "skipped_already_uploaded"
SKIPPED_REPEATED = "skipped_repeated_row"
SKIPPED_SAME_CONTENT = "skipped_same_content"
UNDONE = "taken back: "  # begins the note of a `removed` that an undo wrote


# --- the classes of a reconciliation --------------------------------------------------

IN_SYNC = "in_sync"
MISSING = "missing"
EXTRA = "extra"
CHANGED_HERE = "changed_here"
CHANGED_THERE = "changed_there"
LOGGED_BUT_ABSENT = "logged_but_absent"
PRESENT_BUT_NOT_LOGGED = "present_but_not_logged"
SEVERAL_THERE = "duplicate"
CLASSES = (
    IN_SYNC,
    MISSING,
    EXTRA,
    CHANGED_HERE,
    CHANGED_THERE,
    LOGGED_BUT_ABSENT,
    PRESENT_BUT_NOT_LOGGED,
    SEVERAL_THERE,
)


class Mapping(NamedTuple):
    """One legacy record and the QuickBooks Online record that it became.

    Intuit's QbdtEntityIdMapping has the four fields as QbdtExportableId, QbdtEntityType,
    QboEntityType and QboEntityId; a given file may use those names.
    """

    legacy_txnid_norm: Annotated[
        str, Column(aliases=("QbdtExportableId", "legacy_txnid", "TxnID", "ListID"))
    ]
    legacy_entity_type: Annotated[str, Column(aliases=("QbdtEntityType",))]
    qbo_entity_type: Annotated[str, Column(aliases=("QboEntityType",))]
    qbo_entity_id: Annotated[str, Column(aliases=("QboEntityId",))]


class Attachment(NamedTuple):
    """One file of the legacy tree; `note` says why it has no owner."""

    legacy_txnid_norm: str
    legacy_entity_type: str
    raw_legacy_id: str
    client: str
    file_name: str
    file_path: str
    size_bytes: Number
    modified_at: Timestamp
    note: str


class Verified(NamedTuple):
    """One file, where it would go, and whether it may; people edit `decision` only."""

    row: str
    decision: str
    status: str
    reason: str
    legacy_txnid_norm: str
    legacy_entity_type: str
    raw_legacy_id: str
    client: str
    file_name: str
    file_path: str
    size_bytes: Number
    modified_at: Timestamp
    qbo_entity_type: str
    qbo_entity_id: str
    upload_name: str
    row_check: str


class TakenBack(NamedTuple):
    """One file that a run uploaded, and that is to be deleted there; see `Verified`."""

    row: str
    decision: str
    status: str
    reason: str
    legacy_txnid_norm: str
    legacy_entity_type: str
    raw_legacy_id: str
    client: str
    file_name: str
    file_path: str
    size_bytes: Number
    modified_at: Timestamp
    qbo_entity_type: str
    qbo_entity_id: str
    upload_name: str  # as it is called there
    sha256: str
    attachable_id: str
    sync_token: str  # that the plan saw
    key: str  # of the upload
    row_check: str


class Skipped(NamedTuple):
    """One file that the settings, or its place in the tree, leave out."""

    legacy_txnid_norm: str
    legacy_entity_type: str
    raw_legacy_id: str
    client: str
    file_name: str
    file_path: str
    size_bytes: Number
    reason: str


class Attempt(NamedTuple):
    """One attempt to send one file, or why there was none."""

    seq: Number
    ts: Timestamp
    run_id: str
    realm_id: str
    legacy_txnid_norm: str
    legacy_entity_type: str
    raw_legacy_id: str
    qbo_entity_type: str
    qbo_entity_id: str
    file_name: str
    file_path: str
    size_bytes: Number
    modified_at: Timestamp
    sha256: str
    key: str
    request_id: str
    attempt: Number
    status_code: Number
    attachable_id: str
    intuit_tid: str
    duration_ms: Number
    outcome: str
    error: str
    row_check: str


Failure = failure_type(Attempt)


class Duplicate(NamedTuple):
    """One key that was met again after it was done."""

    qbo_entity_type: str
    qbo_entity_id: str
    file_name: str
    file_path: str
    first_uploaded_at: Timestamp
    times_skipped: Number
    last_skipped_at: Timestamp
    outcome: str


class Finding(NamedTuple):
    """One thing on which source, log and company differ; people edit `decision` only."""

    row: str
    decision: str
    class_: Annotated[str, Column(header="class")]
    action: str  # what is proposed
    reason: str
    qbo_entity_type: str
    qbo_entity_id: str
    file_name: str
    file_path: str
    size_bytes: Number
    modified_at: Timestamp
    sha256: str
    legacy_txnid_norm: str
    legacy_entity_type: str
    raw_legacy_id: str
    key: str
    logged_id: str
    company_id: str  # several, with a blank between, where it is there several times
    company_size_bytes: Number
    created_at: Timestamp
    row_check: str


class Total(NamedTuple):
    """How much source, log and company have of one type and year."""

    qbo_entity_type: str
    year: Number
    source_count: Number
    source_bytes: Number
    logged_count: Number
    logged_bytes: Number
    company_count: Number  # ours: with a mark, or adopted
    company_bytes: Number
    company_unmarked_count: Number
    company_unmarked_bytes: Number


MAPPING = Table("DATA_DIR", "mapping_export.csv", Mapping, EITHER, "make mapping")
INVENTORY = Table(
    "DATA_DIR", "attachments_inventory.csv", Attachment, GENERATED, "make inventory"
)
PLAN = Table(
    "LOG_DIR", "mapping_verification_log.csv", Verified, GENERATED, "make verify"
)
# It lies where the plan lay: the same door applies it.
REVERSE = Table(PLAN.folder, PLAN.name, TakenBack, GENERATED, "make undo RUN=…")
SKIPS = Table(
    "LOG_DIR", "mapping_verification_skips.csv", Skipped, GENERATED, "make verify"
)
REJECTS = Table(
    "LOG_DIR", "mapping_verification_rejects.csv", Reject, GENERATED, "make verify"
)
RUNLOG = Table("LOG_DIR", "qbo_attach_runlog.csv", Attempt, APPEND_ONLY, "make attach")
ERRORS = Table("LOG_DIR", "qbo_attach_errors.csv", Failure, VIEW, "make attach")
DUPS = Table("LOG_DIR", "qbo_attach_dups.csv", Duplicate, VIEW, "make attach")
PLAN_REJECTS = Table(
    "LOG_DIR", "qbo_attach_rejects.csv", Reject, GENERATED, "make attach"
)

FINDINGS = Table(
    "LOG_DIR", "reconcile_attachments.csv", Finding, GENERATED, "make reconcile"
)
TOTALS = Table("LOG_DIR", "reconcile_totals.csv", Total, GENERATED, "make reconcile")

# The columns by which a file that was sent is recognised without reading it.
SAME = (
    "realm_id",
    "qbo_entity_type",
    "qbo_entity_id",
    "file_path",
    "size_bytes",
    "modified_at",
)
