"""The books of one pipeline: run log, journal and seal, kept by one writer.

The journal holds an intent per item and attempt, durable before a byte of the request
leaves; the log holds the outcomes. The seal (rows and SHA-256 over their checks, in the
receipts) is written at a clean end. What the books cannot vouch for is a `doubt`: the
caller then asks the remote side before it sends anything.
"""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from src.kit import receipts, runlog
from src.kit.appender import ROWS_PER_SEGMENT, Appender
from src.kit.clock import Clock
from src.kit.memory import Attempt, Index
from src.kit.tables import Number, Timestamp


ROWS_TOGETHER = 1000  # outcomes that wait for the next commit at most


class Intent(NamedTuple):
    """One item of a request that is about to be sent."""

    ts: Timestamp
    run_id: str
    key: str
    attempt: Number
    request_id: str
    row_check: str


class Shelf(NamedTuple):
    """Where a pipeline's books lie, and what a row of its log is."""

    log: Path
    journal: Path
    place: str  # how messages and receipts name the log
    row_type: type
    same: tuple[str, ...]  # the columns that recognise an unchanged thing
    realm: str  # the remote side that the log is about


class Author(NamedTuple):
    """Who writes: the run and its clock."""

    run_id: str
    door: str
    clock: Clock


class Book:
    """The books, open for their one writer; the caller holds the pipeline's lock."""

    def __init__(self, shelf: Shelf, author: Author) -> None:
        self._shelf, self._author = shelf, author
        self.index = Index(shelf.row_type, shelf.same)
        self.doubts: list[str] = []  # reasons not to rely on the books alone
        self.has_history = False  # whether a trace of an earlier run is left
        self.sealed_count = ""  # effects the remote side showed at the last clean end
        self._outcomes: list[Sequence[str]] = []
        self._intents: list[Sequence[str]] = []
        self._hash, self._rows, self._seq = sha256(), 0, 0
        self._journal = Appender(shelf.journal, Intent)
        self._log = Appender(shelf.log, shelf.row_type)
        self.repairs = [*self._journal.repairs, *self._log.repairs]
        self._recall()

    # --- recalling --------------------------------------------------------------------

    def _recall(self) -> None:
        attempts = list(self._read_journal())
        self.index.intend(attempts)
        last = receipts.last(
            self._shelf.log.parent, self._shelf.place, receipts.OPEN, receipts.SEAL
        )
        seal = last if last and last.kind == receipts.SEAL else None
        self.index.learn(self._read_log(seal))
        self.has_history = bool(last or attempts or self._rows)
        if self.has_history and seal is None:
            self.doubts.append("the last run was not ended cleanly")
        if self.repairs:
            self.doubts.append("the logs had to be mended")
        if receipts.value(seal, "realm") == self._shelf.realm:
            self.sealed_count = receipts.value(seal, "remote")

    def _read_journal(self) -> Iterable[Attempt]:
        for attempt in journal_attempts(self._shelf.journal):
            if attempt:
                yield attempt
            else:
                self.doubts.append("the journal has a damaged row")

    def _read_log(self, seal: receipts.Receipt | None) -> Iterable[runlog.RawRow]:
        """Yield the good rows; note what differs from the seal."""
        sealed = int(seal.rows or 0) if seal else -1
        update, damaged = self._hash.update, 0
        for row in runlog.rows(self._shelf.log, self._shelf.row_type):
            update(runlog.check_cell(row))
            self._rows += 1
            if self._rows == sealed and self._hash.hexdigest() != seal.sha256:
                self.doubts.append("the log was changed since the last run")
            if row:
                yield row
            elif self._rows > sealed:  # a sealed one was looked after when it was sealed
                damaged += 1
        if damaged:
            self.doubts.append(f"{damaged} damaged row(s) in the log")
        if self._rows < sealed:
            self.doubts.append("rows of the log are missing")
        elif self._rows > max(sealed, 0) and seal:
            self.doubts.append("the log has rows that no run wrote")
        self._seq = self._rows

    # --- writing ----------------------------------------------------------------------

    def open(self) -> None:
        """Say in the receipts that the log is about to grow, before anything is sent."""
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
        self._outcomes.append(row)
        if len(self._outcomes) >= ROWS_TOGETHER:
            self._append_outcomes()

    def intend(self, attempts: Iterable[Attempt]) -> None:
        """Take the intents of a request; it may leave after `commit`."""
        now = self._author.clock.timestamp()
        self._intents += [
            (now, self._author.run_id, key, str(attempt), request_id)
            for key, attempt, request_id in attempts
        ]

    def commit(self) -> None:
        """Write outcomes, then intents, and make the intents durable."""
        if self._outcomes:
            self._append_outcomes()
        if self._intents:
            self._journal.append(self._intents)
            self._intents.clear()
            self._journal.sync()

    def _append_outcomes(self) -> None:
        checks = self._log.append(self._outcomes)
        self._outcomes.clear()
        self._hash.update("".join(checks).encode())
        self._rows += len(checks)
        if self._rows % ROWS_PER_SEGMENT < len(checks):
            self._log.sync()
            self._log.rotate()

    def seal(self, remote_count: str) -> None:
        """End cleanly: everything durable, sealed; the journal emptied if it may be."""
        self.commit()
        self._log.sync()
        self._receipt(receipts.SEAL, f"realm={self._shelf.realm} remote={remote_count}")

    def empty_journal(self) -> None:
        """Forget the intents; every one of them has its outcome in the sealed log."""
        self._journal.empty()

    def close(self) -> None:
        """Close the files."""
        self._journal.close()
        self._log.close()

    def _receipt(self, kind: str, detail: str) -> None:
        now = self._author.clock.timestamp()
        row = (now, self._author.run_id, self._author.door, kind, self._shelf.place)
        digest = self._hash.hexdigest()
        receipts.append(
            self._shelf.log.parent, (*row, str(self._rows), digest, detail)
        )


def journal_attempts(journal: Path) -> Iterator[Attempt | None]:
    """Yield the attempts that a journal names, None for a damaged row."""
    for row in runlog.rows(journal, Intent):
        if row:
            _, _, key, attempt, request_id, _ = map(runlog.text, row)
            yield Attempt(key, int(attempt), request_id)
        else:
            yield None
