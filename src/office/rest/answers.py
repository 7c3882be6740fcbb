"""Schemas and examples of what each address answers, beside those of sessions."""

from __future__ import annotations

from typing import Any

from src.mis.records import TYPES
from src.office.rest.schemas import (
    COUNT,
    EXIT,
    FLAG,
    SHARE,
    SYNC_STATUS,
    TEXT,
    TIME,
    Schema,
    by_word,
    listed,
    maybe,
    one_of,
    record,
)

WHEN = "2026-11-20T08:00:00.000000+00:00"
SESSION_ID = "20261120T080000Z-3f9a1c"

# --- customers ------------------------------------------------------------------------

_COUNTED = record(
    total=COUNT, not_synced=COUNT, synced=COUNT, failed=COUNT, in_progress=COUNT
)
_OVERALL = record(
    total_customers=COUNT,
    total_not_synced=COUNT,
    total_synced=COUNT,
    total_failed=COUNT,
)
STATISTICS = record(**{word: _COUNTED for word in TYPES}, overall=_OVERALL)
_LAST_RUN = record(
    run_id=TEXT,
    ended=TIME,
    exit_code=EXIT,
    total_processed=COUNT,
    successful=COUNT,
    failed=COUNT,
    waiting=COUNT,
)
CUSTOMERS_STATUS = record(
    statistics=STATISTICS,
    progress=record(**{word: SHARE for word in TYPES}, overall=SHARE),
    quickbooks_connected=FLAG,
    last_updated=TIME,
    last_run=maybe(_LAST_RUN),
    last_session=maybe(SYNC_STATUS),
)
STATISTICS_EXAMPLE: dict[str, Any] = {
    "applicants": {
        "total": 850,
        "not_synced": 850,
        "synced": 0,
        "failed": 0,
        "in_progress": 0,
    },
    "students": {
        "total": 1200,
        "not_synced": 1200,
        "synced": 0,
        "failed": 0,
        "in_progress": 0,
    },
    "overall": {
        "total_customers": 2050,
        "total_not_synced": 2050,
        "total_synced": 0,
        "total_failed": 0,
    },
}
STATUS_EXAMPLE: dict[str, Any] = {
    "session_id": SESSION_ID,
    "status": "running",
    "start_time": WHEN,
    "end_time": None,
    "total_objects": 120,
    "synced_objects": 49,
    "failed_objects": 1,
    "progress_percentage": 41,
    "object_progress": {"customers": {"total": 120, "synced": 49, "failed": 1}},
    "errors": ["customers 80000001-1 Acme: the name is taken"],
}
CUSTOMERS_STATUS_EXAMPLE = {
    "statistics": STATISTICS_EXAMPLE,
    "progress": {"applicants": 0.0, "students": 0.0, "overall": 0.0},
    "quickbooks_connected": True,
    "last_updated": WHEN,
    "last_run": None,
    "last_session": None,
}
NO_STATUS = {
    **STATUS_EXAMPLE,
    "session_id": None,
    "status": None,
    "start_time": None,
    "object_progress": {},
    "errors": [],
}


def previewed(word: str, id_name: str) -> tuple[Schema, dict[str, Any]]:
    """Return schema and example of a preview; `id_name` is what identifies a person."""
    customer = record(
        **{
            id_name: {"type": ["integer", "string"]},
            "DisplayName": TEXT,
            "GivenName": TEXT,
            "FamilyName": TEXT,
            "PrimaryPhone": TEXT,
            "PrimaryEmailAddr": TEXT,
            "CustomField": by_word(TEXT),
            "notes": listed(TEXT),
            "is_name_planned": FLAG,
        }
    )
    example = {
        id_name: 7,
        "DisplayName": "Aline Uwera",
        "GivenName": "Aline",
        "FamilyName": "Uwera",
        "PrimaryPhone": "+250788000007",
        "PrimaryEmailAddr": "aline@example.com",
        "CustomField": {"CustomerType": "Applicant", "NationalID": "***"},
        "notes": [],
        "is_name_planned": True,
    }
    numbers = {"count": COUNT, "limit": COUNT, "offset": COUNT}
    schema = record(**{word: listed(customer)}, **numbers)
    return schema, {word: [example], "count": 1, "limit": 10, "offset": 0}


# --- sessions, runs, health -----------------------------------------------------------

PAST_EXAMPLE = {
    "session_id": SESSION_ID,
    "objects": ["customers", "items"],
    "start_time": WHEN,
    "end_time": WHEN,
    "status": "completed",
    "total_objects": 120,
    "synced_objects": 119,
    "failed_objects": 1,
    "duration_seconds": 12.5,
    "messages": [],
    "error_log": f"/api/v1/runs/{SESSION_ID}",
}
RUN_SUM = record(
    run_id=TEXT,
    door=TEXT,
    pipeline=TEXT,
    started=TEXT,
    ended=maybe(TEXT),
    exit=maybe(EXIT),
    counts=by_word(COUNT),
    is_cancelled=FLAG,
)
RUN_SUM_EXAMPLE = {
    "run_id": SESSION_ID,
    "door": "wms_apply",
    "pipeline": "wms",
    "started": WHEN,
    "ended": WHEN,
    "exit": 0,
    "counts": {"read": 120, "done": 120},
    "is_cancelled": False,
}
_RECEIPT = record(
    ts=TEXT,
    door=TEXT,
    kind=TEXT,
    subject=TEXT,
    rows=maybe(COUNT),
    sha256=TEXT,
    detail=TEXT,
)
_ERROR = record(pipeline=TEXT, record=TEXT, outcome=TEXT, error=TEXT)
RUN = record(
    run_id=TEXT,
    receipts=listed(_RECEIPT),
    seals=listed(_RECEIPT),
    outcomes=by_word(by_word(COUNT)),
    errors=listed(_ERROR),
    more_errors=COUNT,
)
RUN_EXAMPLE: dict[str, Any] = {
    "run_id": SESSION_ID,
    "receipts": [],
    "seals": [],
    "outcomes": {"wms": {"updated": 119, "failed": 1}},
    "errors": [
        {
            "pipeline": "wms",
            "record": "customers 80000001-1 Acme",
            "outcome": "failed",
            "error": "the name is taken",
        }
    ],
    "more_errors": 0,
}
HEALTH = record(status=one_of("ok"), sessions=record(wms=maybe(TEXT), mis=maybe(TEXT)))
HEALTH_EXAMPLE = {"status": "ok", "sessions": {"wms": None, "mis": SESSION_ID}}
