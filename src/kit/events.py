"""The row of a sessions' table: one thing that happened in a session."""

from typing import NamedTuple

from src.kit.tables import Number, Timestamp


class Event(NamedTuple):
    """One thing that happened in a session; a session is never rewritten."""

    ts: Timestamp
    session_id: str  # the run id of all its doors
    event: str
    objects: str  # the types it is about, with blanks between
    stage: str  # the door that ended, or that was at work
    exit_code: Number
    total: Number  # records
    synced: Number
    failed: Number
    message: str
    row_check: str
