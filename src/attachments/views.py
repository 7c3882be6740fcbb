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
from src.kit.views import PACKED

_DONE = frozenset(word.encode() for word in SUCCESSES)
_AGAIN = frozenset(
    word.encode() for word in (SKIPPED_ALREADY, SKIPPED_REPEATED, SKIPPED_SAME_CONTENT)
)
_AT = {name: place for place, name in enumerate(Attempt._fields)}
_file_of = itemgetter(
    *(_AT[n] for n in ("qbo_entity_type", "qbo_entity_id", "file_name", "file_path"))
)


def write(log: Path, errors: Path, dups: Path) -> tuple[int, int]:
    """Write both views of a log, reading it once; return their numbers of rows."""
    failures = views.Failures(Attempt, lambda row: PACKED.join(_file_of(row)))
    again = _Again()
    for row in filter(None, runlog.rows(log, Attempt)):
        failures.learn(row)
        again.learn(row)
    return (
        views.write_raw(errors, Failure, failures.rows()),
        views.write_raw(dups, Duplicate, again.rows()),
    )


class _Again:
    """One row per file that was met again, in the order of the first time."""

    def __init__(self) -> None:
        self._first: dict[bytes, bytes] = {}
        self._met: dict[bytes, tuple[bytes, int, bytes, bytes]] = {}

    def learn(self, row: RawRow) -> None:
        """Take a good row of the log."""
        outcome, ts = row[_AT["outcome"]], row[_AT["ts"]]
        if outcome in _AGAIN and row[_AT["file_path"]]:  # not a summary line
            key = row[_AT["key"]] or PACKED.join(_file_of(row))
            before = self._met.get(key)
            place = before[0] if before else PACKED.join(_file_of(row))
            self._met[key] = (place, (before[1] if before else 0) + 1, ts, outcome)
        elif outcome in _DONE:
            self._first.setdefault(row[_AT["key"]], ts)

    def rows(self) -> Iterator[tuple[bytes, ...]]:
        """Yield the rows of the view."""
        for key, (place, times, last, outcome) in self._met.items():
            first = self._first.get(key, b"")
            yield (*place.split(PACKED), first, b"%d" % times, last, outcome)
