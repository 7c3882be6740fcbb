"""The books of one pipeline: run log, journal and seal, kept by one writer.

The journal holds an intent per item and attempt, durable before a byte of the request
leaves; the log holds the outcomes. The seal (rows and SHA-256 over their checks, in the
receipts) is written at a clean end. What the books cannot vouch for is a `doubt`: the
caller then asks the remote side before it sends anything.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from src.kit import receipts, runlog
from src.kit.appender import Appender
from src.kit.logbook import Author, Logbook, LogPlace
from src.kit.memory import Attempt, Index, is_key
from src.kit.runlog import RawRow
from src.kit.tables import Number, Timestamp


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


class Book(Logbook):
    """The books, open for their one writer; the caller holds the pipeline's lock."""

    def __init__(self, shelf: Shelf, author: Author) -> None:
        self._shelf = shelf
        self.index = Index(shelf.row_type, shelf.same)
        self._intents: list[Sequence[str]] = []
        self._journal = Appender(shelf.journal, Intent)
        attempts = list(journal_attempts(shelf.journal))
        self._attempts = [attempt for attempt in attempts if attempt]
        self.index.intend(self._attempts)
        super().__init__(LogPlace(shelf.log, shelf.place, shelf.row_type), author)
        if None in attempts:
            self.doubts.append("the journal has a damaged row")
        if self._journal.repairs:
            self.doubts.append("the logs had to be mended")
        self.repairs = [*self._journal.repairs, *self.repairs]
        # How many effects the remote side showed at the last clean end.
        is_same_realm = receipts.value(self._sealed, "realm") == shelf.realm
        self.sealed_count = receipts.value(self._sealed, "remote") * is_same_realm

    def _learn(self, rows: Iterable[RawRow]) -> None:
        self.index.learn(rows)

    def _count_damaged(self) -> int:
        return self.index.damaged

    def _has_trace(self) -> bool:
        return bool(self._attempts) or super()._has_trace()

    def intend(self, attempts: Iterable[Attempt]) -> None:
        """Take the intents of a request; it may leave after `commit`."""
        now, run_id = self.stamp()
        self._intents += [
            (now, run_id, key, str(attempt), request_id)
            for key, attempt, request_id in attempts
        ]

    def commit(self) -> None:
        """Write outcomes, then intents, and make the intents durable."""
        super().commit()
        if self._intents:
            self._journal.append(self._intents)
            self._intents.clear()
            self._journal.sync()

    def seal(self, remote_count: str) -> None:
        """End cleanly, with the number of effects that the remote side shows."""
        super().seal(f"realm={self._shelf.realm} remote={remote_count}")

    def empty_journal(self) -> None:
        """Forget the intents; every one of them has its outcome in the sealed log."""
        self._journal.empty()

    def close(self) -> None:
        """Close the files."""
        self._journal.close()
        super().close()


def journal_attempts(journal: Path) -> Iterator[Attempt | None]:
    """Yield the attempts that a journal names, None for a damaged row."""
    return map(attempt_of, runlog.rows(journal, Intent))


def attempt_of(row: RawRow) -> Attempt | None:
    """Return the attempt that a row of a journal names, None where it is damaged."""
    if not row:
        return None
    _, _, key, attempt, request_id, _ = map(runlog.text, row)
    is_sound = is_key(key) and attempt.isascii() and attempt.isdigit() and len(attempt) < 10
    return Attempt(key, int(attempt), request_id) if is_sound else None
