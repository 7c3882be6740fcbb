"""JSON Schemas of what the API takes and answers; no object has keys beside those."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
TIME: Schema = {"type": "string", "format": "date-time"}
FLAG: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 0}
SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 100}
EXIT: Schema = {"type": "integer", "minimum": 0, "maximum": 255}


def maybe(schema: Schema) -> Schema:
    """Return what may be null as well."""
    if "type" in schema and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def one_of(*words: str) -> Schema:
    """Return a text that is one of some words."""
    return {"type": "string", "enum": list(words)}


def listed(schema: Schema) -> Schema:
    """Return an array."""
    return {"type": "array", "items": schema}


def record(**fields: Schema) -> Schema:
    """Return an object that has exactly these keys."""
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def optional(**fields: Schema) -> Schema:
    """Return an object that may have these keys."""
    return {"type": "object", "properties": fields, "additionalProperties": False}


def by_word(schema: Schema) -> Schema:
    """Return an object whose keys are words that nobody knows before."""
    return {"type": "object", "additionalProperties": schema}


def paged(name: str, schema: Schema) -> Schema:
    """Return a part of something long; see `operations.Page`."""
    numbers = {"count": COUNT, "total": COUNT, "limit": COUNT, "offset": COUNT}
    return record(**{name: listed(schema), **numbers})


def success(data: Schema) -> Schema:
    """Return the envelope of what was asked for."""
    is_success = {"type": "boolean", "const": True}
    return record(success=is_success, message=TEXT, timestamp=TIME, data=data)


FAILURE = record(
    success={"type": "boolean", "const": False},
    message=TEXT,
    timestamp=TIME,
    error=TEXT,
    details={},
)

# --- sessions -------------------------------------------------------------------------

STATUS = one_of("running", "completed", "failed", "cancelled")
_PROGRESS = record(total=COUNT, synced=COUNT, failed=COUNT)
SYNC_STATUS = record(
    session_id=maybe(TEXT),
    status=maybe(STATUS),
    start_time=maybe(TIME),
    end_time=maybe(TIME),
    total_objects=COUNT,
    synced_objects=COUNT,
    failed_objects=COUNT,
    progress_percentage=SHARE,
    object_progress=by_word(_PROGRESS),
    errors=listed(TEXT),
)
PAST = record(
    session_id=TEXT,
    objects=listed(TEXT),
    start_time=TIME,
    end_time=maybe(TIME),
    status=STATUS,
    total_objects=COUNT,
    synced_objects=COUNT,
    failed_objects=COUNT,
    duration_seconds=maybe({"type": "number", "minimum": 0}),
    messages=listed(TEXT),
    error_log=TEXT,
)
ASKED = record(session_id=TEXT, status=STATUS)
