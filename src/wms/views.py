"""The errors view of the log: records that are not synchronized, and why."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from src.kit import runlog, views
from src.kit.memory import IN_DOUBT, SUCCESSES
from src.kit.runlog import RawRow
from src.wms.records import UNDO, Attempt, Failure

_AT = {name: place for place, name in enumerate(Attempt._fields)}
_DONE = frozenset(word.encode() for word in SUCCESSES)


def write(log: Path, errors: Path, covered: Mapping[str, str]) -> int:
    """Write the view; return how many records it names.

    What failed or waits is met again by every run about its type: only the last one's rows
    count, but what is in doubt stays until somebody knows. `covered` names that run where
    it met all there is of a type, which leaves no row where nothing waits.
    """
    return views.write_raw(errors, Failure, _Open(covered).of(log))


class _Open:
    """The last word about each record, where it is not a good one."""

    def __init__(self, covered: Mapping[str, str]) -> None:
        self._covered = {word.encode(): run.encode() for word, run in covered.items()}
        self._runs: dict[bytes, int] = {}  # the log's, numbered as they come
        self._last: dict[bytes, bytes] = {}  # the last run about a type …
        self._any: dict[bytes, bytes] = {}  # … those among them that took something back
        self._open: dict[tuple[bytes, bytes], RawRow] = {}

    def of(self, log: Path) -> list[tuple[bytes, ...]]:
        """Return the rows of the view, oldest first."""
        for row in filter(None, runlog.rows(log, Attempt)):
            self._learn(row)
        return [_failure(row) for row in self._open.values() if self._is_open(row)]

    def _learn(self, row: RawRow) -> None:
        outcome = row[_AT["outcome"]]
        word, run_id = row[_AT["type"]], row[_AT["run_id"]]
        self._any[word] = run_id
        if not _is_undo(row):
            self._last[word] = run_id
        self._runs.setdefault(run_id, len(self._runs))
        if not row[_AT["kind"]]:
            return
        for name in ("wms_id", "id"):
            thing = (row[_AT["kind"]] + b" " + name.encode(), row[_AT[name]])
            if outcome in _DONE:
                self._open.pop(thing, None)
        if outcome in views.FAILURES:
            name = "wms_id" if row[_AT["wms_id"]] else "id"
            thing = (row[_AT["kind"]] + b" " + name.encode(), row[_AT[name]])
            self._open.pop(thing, None)
            self._open[thing] = row

    def _is_open(self, row: RawRow) -> bool:
        if row[_AT["outcome"]] == IN_DOUBT.encode():
            return True
        word, run_id = row[_AT["type"]], row[_AT["run_id"]]
        if _is_undo(row):
            return run_id == self._any[word]
        if row[_AT["key"]] or word not in self._covered:
            return run_id == self._last[word]
        since = self._runs.get(self._covered[word])  # None: that run found nothing
        return since is not None and self._runs[run_id] >= since


def _is_undo(row: RawRow) -> bool:
    """Return whether a row tells of something taken back, which a plan never repeats."""
    return row[_AT["action"]] == UNDO.encode()


def _failure(row: RawRow) -> tuple[bytes, ...]:
    record_id = row[_AT["id"]] or row[_AT["wms_id"]]
    names = ("error", "outcome", "run_id", "ts")
    return (row[_AT["type"]], record_id, *(row[_AT[name]] for name in names))
