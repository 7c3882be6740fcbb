"""What importers into a database share: batches, each a transaction and a row of the log.

A batch that the database refuses is halved until the records that it refuses stand alone;
all others are stored. Applying a record twice changes nothing, so a killed run is simply
run again; the log tells what happened, it is no index.
"""

from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from src.kit import runlog, views
from src.kit.clock import Clock
from src.kit.database import BadData, Database
from src.kit.errors import OK, SOME_ROWS_FAILED, STOPPED_EARLY
from src.kit.locks import Lock
from src.kit.logbook import Author, Logbook, LogPlace
from src.kit.reading import Reject
from src.kit.stage import (
    STOP_ERRORS,
    STOP_MINUTES,
    Balance,
    seconds_allowed,
    whole_number,
)
from src.kit.tables import Number, Timestamp, header

BATCH = "batch"
REJECTED = "rejected"  # the file's row cannot be read
HELD = "held"  # a person has to decide
FAILED = "failed"  # the database refused it
FLAGGED = "flagged"  # stored, and worth a look
OPEN = frozenset((REJECTED, HELD, FAILED))  # not stored, so somebody has to act


class LogRow(NamedTuple):
    """One batch, or one record that was not stored or is worth a look."""

    seq: Number
    ts: Timestamp
    run_id: str
    file: str
    line: str  # of a batch: first to last
    key: str
    outcome: str
    category: str
    created: Number
    updated: Number
    unchanged: Number
    duration_ms: Number
    error: str
    row_check: str


class ErrorRow(NamedTuple):
    """One record that the last run did not store, or that is worth a look."""

    seq: Number
    ts: Timestamp
    run_id: str
    file: str
    line: str
    key: str
    outcome: str
    category: str
    error: str


class Problem(NamedTuple):
    """A record that needs a person: where it stands, what it is, what is wrong with it."""

    line: str
    key: str
    outcome: str
    category: str
    error: str


class Changes(NamedTuple):
    """What a batch came to."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


class Span(NamedTuple):
    """Records by position, counted from 1, both ends included."""

    first: int
    last: int


class Work(NamedTuple):
    """What is to be stored, and how."""

    total: int  # records, at positions 1 … total
    store: Callable[[Span], Changes]  # within a transaction
    line_and_key: Callable[[int], tuple[str, str]]  # of the record at a position


class Limits(NamedTuple):
    """When to stop, and whether anything is to stay."""

    batch_size: int = 500
    max_errors: int = 0  # 0 = no limit
    max_seconds: float = 0.0
    max_records: int = 0
    is_dry_run: bool = False


class Desk(NamedTuple):
    """What an import works with; `log` is None where nothing is to be written."""

    database: Database
    log: Logbook | None
    file: str  # as log rows name it
    clock: Clock
    is_stopped: Callable[[], bool]


class Import:
    """One import: its counts, its problems, what it did not come to."""

    def __init__(self, desk: Desk, limits: Limits) -> None:
        self.counts: Counter[str] = Counter()  # created, updated, unchanged, problems
        self.categories: Counter[str] = Counter()
        self.stopped_by = ""  # a limit, or a signal
        self.logged = 0  # rows of the log
        self._desk, self._limits = desk, limits
        self._began = desk.clock.monotonic()

    def report(self, problem: Problem) -> None:
        """Count and log a record that needs a person."""
        self.counts[problem.outcome] += 1
        self.categories[problem.category] += 1
        line, key, outcome, category, error = problem
        self._log(line, key, outcome, category, "", "", "", "", error)

    def apply(self, work: Work, advance: Callable[[int], None]) -> int:
        """Store all records, batch by batch; return how many were not attempted."""
        first, size = 1, self._limits.batch_size
        while first <= work.total:
            count = self.allowed(min(size, work.total - first + 1))
            if not count:
                break
            self.store(work, Span(first, first + count - 1))
            advance(count)
            first += count
        return work.total - first + 1

    def allowed(self, count: int) -> int:
        """Return how many of the next records may be stored; see `stopped_by`."""
        if self._must_stop():
            return 0
        limit = self._limits.max_records
        left = limit - self.counts["created"] - self.counts["updated"]
        if limit and count > left:
            self.stopped_by = "" if left else f"--limit {limit}"
            return left
        return count

    @property
    def has_too_many_errors(self) -> bool:
        """Return whether --max-errors allows no more."""
        errors = self.counts[REJECTED] + self.counts[FAILED]
        return 0 < self._limits.max_errors <= errors

    def _must_stop(self) -> bool:
        limits, seconds = self._limits, self._desk.clock.monotonic() - self._began
        if self._desk.is_stopped():
            self.stopped_by = "a signal"
        elif self.has_too_many_errors:
            self.stopped_by = f"--max-errors {limits.max_errors}"
        elif limits.max_seconds and seconds >= limits.max_seconds:
            self.stopped_by = "--max-minutes"
        return bool(self.stopped_by)

    def store(self, work: Work, span: Span) -> None:
        """Store a span; halve it where the database refuses, down to the record."""
        began = self._desk.clock.monotonic()
        try:
            with self._transaction():
                changes = work.store(span)
        except BadData as refusal:
            if span.first == span.last:
                line, key = work.line_and_key(span.first)
                self.report(Problem(line, key, FAILED, "database", str(refusal)))
                return
            middle = (span.first + span.last) // 2
            self.store(work, Span(span.first, middle))
            self.store(work, Span(middle + 1, span.last))
            return
        self.counts.update(changes._asdict())
        self._log_batch(work, span, changes, began)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            with self._desk.database.transaction():
                yield
                if self._limits.is_dry_run:
                    raise _RolledBack
        except _RolledBack:
            pass

    def _log_batch(self, work: Work, span: Span, changes: Changes, began: float) -> None:
        ends = [work.line_and_key(position)[0] for position in span]
        duration = round(1000 * (self._desk.clock.monotonic() - began))
        counts = [str(count) for count in changes]
        self._log(" to ".join(ends), "", BATCH, "", *counts, str(duration), "")

    def _log(self, *cells: str) -> None:
        log = self._desk.log
        if log:
            self.logged += 1
            log.note((log.next_seq(), *log.stamp(), self._desk.file, *cells))
            if cells[2] == BATCH:
                log.commit()

    def balance(self, read: int, skipped: int, not_attempted: int) -> Balance:
        """Return where the records went; `skipped` besides those found unchanged."""
        counts = self.counts
        return Balance(
            read,
            out=counts["created"] + counts["updated"],
            rejected=counts[REJECTED],
            skipped=skipped + counts["unchanged"],
            held=counts[HELD],
            failed=counts[FAILED],
            not_attempted=not_attempted,
        )


class _RolledBack(Exception):
    """A dry run's transaction has seen what it wanted."""


@contextmanager
def open_log(place: LogPlace, author: Author) -> Iterator[Logbook]:
    """Yield the log under the pipeline's lock.

    What was noted is written however the block ends; only a clean end is sealed.
    """
    with pipeline_lock(place), closing(Logbook(place, author)) as log:
        log.open()
        try:
            yield log
        finally:
            log.commit()
        log.seal()


def pipeline_lock(place: LogPlace) -> Lock:
    """Return the lock that lets one door of a pipeline work at a time."""
    return Lock(place.path.with_suffix(".lock"))


def options(parser: ArgumentParser) -> None:
    """Add the options of a door that imports into the database."""
    parser.add_argument("--dry-run", action="store_true", help="store nothing")
    parser.add_argument("--limit", type=whole_number, metavar="N", help="store at most N")
    parser.add_argument("--max-errors", type=whole_number, metavar="N", help=STOP_ERRORS)
    parser.add_argument("--max-minutes", type=float, metavar="N", help=STOP_MINUTES)


def limits_of(args: Namespace, batch_size: int) -> Limits:
    """Return the limits that the command line asks for."""
    return Limits(
        batch_size, args.max_errors or 0, seconds_allowed(args), args.limit or 0, args.dry_run
    )


def exit_code(balance: Balance) -> int:
    """Return the exit code of an import: what a person has to know first."""
    if balance.not_attempted:
        return STOPPED_EARLY
    needs_person = balance.failed or balance.rejected or balance.held
    return SOME_ROWS_FAILED if needs_person else OK


def log_rejects(
    log: Logbook, file: str, rejects: Iterable[Reject], keys: Mapping[str, str] = {}
) -> int:
    """Log the records of a given file that were rejected; return their number.

    `keys` are theirs, by line, as far as they could be read.
    """
    count = 0
    for count, reject in enumerate(rejects, 1):
        key = keys.get(reject.line, "")
        cells = (file, reject.line, key, REJECTED, reject.column, "", "", "", "")
        log.note((log.next_seq(), *log.stamp(), *cells, reject.reason))
    return count


def write_errors(path: Path, log: Path, *run_ids: str) -> int:
    """Write the problems of some runs from their log; return their number."""
    names = header(LogRow)
    run_at, outcome_at = names.index("run_id"), names.index("outcome")
    places = [names.index(name) for name in header(ErrorRow)]
    wanted = {run_id.encode() for run_id in run_ids}
    return views.write_raw(
        path,
        ErrorRow,
        (
            [row[place] for place in places]
            for row in runlog.rows(log, LogRow)
            if row and row[run_at] in wanted and row[outcome_at] != BATCH.encode()
        ),
    )
