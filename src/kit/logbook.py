"""An append-only log of one pipeline, kept by one writer: rows, numbers, the seal.

The seal (rows and SHA-256 over their checks, in the receipts) is written at a clean end.
What differs from it at the next start is a `doubt`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from src.kit import receipts, runlog
from src.kit.appender import ROWS_PER_SEGMENT, Appender
from src.kit.clock import Clock

ROWS_TOGETHER = 1000  # rows that wait for the next commit at most


class LogPlace(NamedTuple):
    """Where a log lies, how messages and receipts name it, and what a row of it is."""

    path: Path
    place: str
    row_type: type
    rows_per_segment: int = ROWS_PER_SEGMENT


class Author(NamedTuple):
    """Who writes: the run and its clock."""

    run_id: str
    door: str
    clock: Clock


class Logbook:
    """A log, open for its one writer; the caller holds the pipeline's lock."""

    def __init__(self, place: LogPlace, author: Author) -> None:
        self._place, self._author = place, author
        self.doubts: list[str] = []  # reasons not to rely on the log alone
        self._noted: list[Sequence[str]] = []
        self._hash, self._rows, self._seq = sha256(), 0, 0
        self._log = Appender(place.path, place.row_type)
        self.repairs = self._log.repairs
        self._last = receipts.last(
            place.path.parent, place.place, receipts.OPEN, receipts.SEAL
        )
        self._learn(self._read())
        self.has_history = self._has_trace()
        if self.has_history and self._sealed is None:
            self.doubts.append("the last run was not ended cleanly")
        if self.repairs:
            self.doubts.append("the logs had to be mended")

    def _learn(self, rows: Iterable[runlog.RawRow]) -> None:
        """Read the rows of earlier runs; a kind of log that remembers takes them in."""
        for _ in rows:
            pass

    def _count_damaged(self) -> int:
        """Return how many rows so far were good, but not for what remembers them."""
        return 0

    def _has_trace(self) -> bool:
        """Return whether a trace of an earlier run is left."""
        return bool(self._last or self._rows)

    @property
    def _sealed(self) -> receipts.Receipt | None:
        is_seal = self._last and self._last.kind == receipts.SEAL
        return self._last if is_seal else None

    def _read(self) -> Iterator[runlog.RawRow]:
        """Yield the good rows; note what differs from the seal."""
        seal = self._sealed
        sealed = int(seal.rows or 0) if seal else -1
        update, damaged = self._hash.update, 0
        for row in runlog.rows(self._place.path, self._place.row_type):
            update(runlog.check_cell(row))
            self._rows += 1
            if self._rows == sealed and self._hash.hexdigest() != seal.sha256:
                self.doubts.append("the log was changed since the last run")
            before = self._count_damaged()
            if row:
                yield row
            is_damaged = not row or self._count_damaged() > before
            # A sealed one was looked after when it was sealed.
            damaged += is_damaged and self._rows > sealed
        if damaged:
            self.doubts.append(f"{damaged} damaged row(s) in the log")
        if self._rows < sealed:
            self.doubts.append("rows of the log are missing")
        elif self._rows > max(sealed, 0) and seal:
            self.doubts.append("the log has rows that no run wrote")
        self._seq = self._rows

    # --- writing ----------------------------------------------------------------------

    def open(self) -> None:
        """Say in the receipts that the log is about to grow."""
        self._receipt(receipts.OPEN, "")

    def next_seq(self) -> str:
        """Return the number of the next row."""
        self._seq += 1
        return str(self._seq)

    def stamp(self) -> tuple[str, str]:
        """Return the present and the run's id, as every row begins."""
        return self._author.clock.timestamp(), self._author.run_id

    def note(self, row: Sequence[str]) -> None:
        """Take a row for the log (without its check); `commit` writes it at the latest."""
        self._noted.append(row)
        if len(self._noted) >= ROWS_TOGETHER:
            self._append()

    def commit(self) -> None:
        """Write the rows that wait."""
        if self._noted:
            self._append()

    def _append(self) -> None:
        checks = self._log.append(self._noted)
        self._noted.clear()
        self._hash.update("".join(checks).encode())
        self._rows += len(checks)
        if self._rows % self._place.rows_per_segment < len(checks):
            self._log.sync()
            self._log.rotate()

    def seal(self, detail: str = "") -> None:
        """End cleanly: everything written, durable and sealed."""
        self.commit()
        self._log.sync()
        self._receipt(receipts.SEAL, detail)

    def close(self) -> None:
        """Close the file."""
        self._log.close()

    def _receipt(self, kind: str, detail: str) -> None:
        told = (kind, self._place.place, str(self._rows), self._hash.hexdigest(), detail)
        _append(self._place, self._author, told)


def note(place: LogPlace, author: Author, kind: str) -> None:
    """Write down what a log holds that is kept without a Logbook: open, or the seal."""
    found, rows = sha256(), 0
    for row in runlog.rows(place.path, place.row_type):
        found.update(runlog.check_cell(row))
        rows += 1
    _append(place, author, (kind, place.place, str(rows), found.hexdigest(), ""))


def _append(place: LogPlace, author: Author, told: tuple[str, ...]) -> None:
    now = author.clock.timestamp()
    receipts.append(place.path.parent, (now, author.run_id, author.door, *told))
