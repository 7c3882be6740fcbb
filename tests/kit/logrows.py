"""A log of little: the columns that every log has, and one that says something."""

from typing import NamedTuple

from src.kit.tables import Number, Timestamp


class Row(NamedTuple):
    """One row of a log."""

    seq: Number
    ts: Timestamp
    run_id: str
    said: str
    row_check: str
