"""The two views of the upload log: what failed, and what was met again."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path

from src.attachments.records import (
    SKIPPED_ALREADY,
    SKIPPED_REPEATED,
    SKIPPED_SAME_CONTENT,
    Attempt,
    Duplicate,
    Failure,
)
from src.kit import runlog, views
from src.kit.memory import SUCCESSES
from src.kit.runlog import RawRow

_DONE = frozenset(word.encode() for word in SUCCESSES)
_AGAIN = frozenset(
    word.encode() for word in (SKIPPED_ALREADY, SKIPPED_REPEATED, SKIPPED_SAME_CONTENT)
)
_AT = {name: place for place, name in enumerate(Attempt._fields)}
_file_of = itemgetter(
    *(_AT[n] for n in ("qbo_entity_type", "qbo_entity_id", "file_name", "file_path"))
)


def write(log: Path, errors: Path, dups: Path) -> tuple[int, int]:
    """Write both views of a log; return their numbers of rows."""
    failed = views.failures(log, Attempt, lambda row: b"\x1f".join(_file_of(row)))
    return (
        views.write_raw(errors, Failure, failed),
        views.write_raw(dups, Duplicate, _met_again(log)),
    )


def _met_again(log: Path) -> Iterator[tuple[bytes, ...]]:
    """Yield one row per file that was met again, in the order of the first time."""
    ts_at, outcome_at, key_at = _AT["ts"], _AT["outcome"], _AT["key"]
    first: dict[bytes, bytes] = {}
    again: dict[bytes, tuple[RawRow, int]] = {}
    for row in runlog.rows(log, Attempt):
        if not row:
            continue
        outcome = row[outcome_at]
        key = row[key_at] or b"\x1f".join(_file_of(row))
        if outcome in _AGAIN:
            times = again[key][1] if key in again else 0
            again[key] = (row, times + 1)
        elif outcome in _DONE:
            first.setdefault(key, row[ts_at])
    for key, (row, times) in again.items():
        yield (
            *_file_of(row),
            first.get(key, b""),
            b"%d" % times,
            row[ts_at],
            row[outcome_at],
        )
