"""What one run log adds up to: outcomes, hours, errors by class, runs, what is open."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from src.kit import runlog
from src.kit.book import Intent, attempt_of
from src.kit.counting import Runs
from src.kit.following import Block, Followed
from src.kit.importing import BATCH, FLAGGED, REJECTED, LogRow
from src.kit.memory import ABSENT, CLOSED, Attempt, Index
from src.kit.runlog import BAD_ROW, RawRow
from src.kit.sessions import Found
from src.kit.tables import header
from src.kit.views import FAILURES
from src.office.sent import Sent

CLASSES = 200  # of errors; what comes after them is counted together
OTHER = "other errors"
PIECES = 64  # of a log that belong to one run; more are taken together
_MARK = "\x1f"  # between an hour and an outcome
_HOUR = 13  # characters of a timestamp: 2026-11-21T23
_WORDS = 120  # characters of a class
_LOOKED_AT = 4 * _WORDS  # characters of an error
_KNOWN = 10_000  # errors whose class is remembered
# What was absent failed at an earlier row, which says why.
_WRONG = FAILURES - {ABSENT.encode()} | {word.encode() for word in (REJECTED, FLAGGED)}
_CHANGING = re.compile(
    # what is quoted; what looks like an id; words with digits and what they hang on to
    r"'[^']*'|\"[^\"]*\"|[\w:.,-]*\d(?:[\w:.,-]*\w)?"
)
_REPEATED = re.compile("…(?:[ ,;]*…)+")


class Errors(NamedTuple):
    """Errors that differ in names and numbers only."""

    count: int
    example: str  # the first of them, as it stands in the log


class Piece(NamedTuple):
    """Where rows of a run stand; an end of 0 is that of a segment nobody measured."""

    segment: int
    start: int
    end: int


class RunRows(NamedTuple):
    """What one run wrote into a log."""

    run_id: str
    first: str  # timestamps
    last: str
    outcomes: Counter[str]
    pieces: tuple[Piece, ...]


class Tally(NamedTuple):
    """What a log adds up to."""

    outcomes: Counter[str]
    hours: Mapping[str, Counter[str]]  # 2026-11-21T23 -> outcomes
    errors: Mapping[str, Errors]  # by class
    runs: Mapping[str, RunRows]  # by run id, in the order of their first rows
    open_errors: int  # keys that failed and are not done since
    in_doubt: int
    rows: int
    bad_rows: int


def fold(status: str, error: str) -> str:
    """Return the class of an error: ids, numbers and what is quoted are left out.

    >>> fold("413", "12,857 bytes are too large")
    '413 … bytes are too large'
    """
    words = _REPEATED.sub("…", _CHANGING.sub("…", error[:_LOOKED_AT]))
    colon = "" if status.isdigit() or not (status and words) else ":"
    found = f"{status}{colon} {words}".strip()
    if len(found) <= _WORDS:
        return found
    start, blank, end = found[:_WORDS].rpartition(" ")
    return f"{start if blank and len(end) < _WORDS // 2 else found[:_WORDS]} …"


_Counts = Counter[bytes]  # by hour and outcome in one


class _Run:
    """What is known of one run so far."""

    def __init__(self, first: str) -> None:
        self.first = self.last = first
        self.outcomes: Counter[str] = Counter()
        self.pieces: list[Piece] = []

    def add(self, piece: Piece) -> None:
        """Take a further piece; neighbours are one."""
        last = self.pieces[-1] if self.pieces else None
        is_next = last and last.segment == piece.segment
        if last and is_next and (piece.start == last.end or len(self.pieces) >= PIECES):
            self.pieces[-1] = last._replace(end=piece.end)
        else:
            self.pieces.append(piece)


class Tallier:
    """Adds a log up, block by block."""

    def __init__(self, row_type: type) -> None:
        names = header(row_type)
        places = [names.index(name) for name in ("ts", "run_id", "outcome", "error")]
        self._ts, self._run, self._outcome, self._error = places
        self._is_import = row_type is LogRow
        self._status = names.index("category" if self._is_import else "status_code")
        self._changed = [names.index(n) for n in ("created", "updated") if n in names]
        self.outcomes: Counter[str] = Counter()
        self.hours: dict[str, Counter[str]] = {}
        self.errors: dict[str, Errors] = {}
        self.runs: dict[str, _Run] = {}
        self.rows = self.bad_rows = 0
        self._classes: dict[tuple[bytes, bytes], str] = {}

    def learn(self, block: Block) -> None:
        """Take rows, in order."""
        good = block.rows if all(block.rows) else [row for row in block.rows if row]
        self.rows += len(block.rows)
        self.bad_rows += len(block.rows) - len(good)
        for first, last in self._place(block):
            rows = block.rows[first : last + 1]
            counts = self._of_batches(rows) if self._is_import else self._of_rows(rows)
            self._count(self.runs[runlog.text(rows[0][self._run])], counts)
        for row in good:
            if row[self._outcome] in _WRONG:
                self._note(row)

    def _count(self, run: _Run, counts: _Counts) -> None:
        for key, count in counts.items():
            hour, _, outcome = key.decode().partition(_MARK)
            if outcome == CLOSED:  # the row beside it is the one that counts
                continue
            self.outcomes[outcome] += count
            self.hours.setdefault(hour, Counter())[outcome] += count
            run.outcomes[outcome] += count

    def _of_rows(self, rows: Iterable[RawRow]) -> _Counts:
        """Return how many rows there are, by hour and outcome in one."""
        ts, outcome, mark = self._ts, self._outcome, _MARK.encode()
        return Counter([row[ts][:_HOUR] + mark + row[outcome] for row in rows if row])

    def _of_batches(self, rows: Iterable[RawRow]) -> _Counts:
        """Return the same of an importer's rows: what a batch came to is in its cells."""
        counts: _Counts = Counter()
        mark = _MARK.encode()
        for row in filter(None, rows):
            hour, outcome = row[self._ts][:_HOUR] + mark, row[self._outcome]
            if outcome != BATCH.encode():
                counts[hour + outcome] += 1
                continue
            for word, place in zip((b"created", b"updated"), self._changed):
                counts[hour + word] += int(row[place]) if row[place].isdigit() else 0
        return +counts

    def _note(self, row: RawRow) -> None:
        raw = row[self._status], row[self._error] or row[self._outcome]
        name = self._classes.get(raw)
        if name is None:
            name = fold(*map(runlog.text, raw))
            if len(self._classes) < _KNOWN:
                self._classes[raw] = name
        known = self.errors.get(name)
        if known is None and len(self.errors) >= CLASSES:
            name, known = OTHER, self.errors.get(OTHER)
        example = known.example if known else runlog.text(raw[1])
        self.errors[name] = Errors((known.count if known else 0) + 1, example)

    def _place(self, block: Block) -> Iterator[tuple[int, int]]:
        """Note where each run's rows stand; yield its first and its last in the block."""
        ends = [*block.starts, block.end][1:]
        for first, last in _stretches(block.rows, self._run):
            row = block.rows[first]
            began = runlog.text(row[self._ts])
            run = self.runs.setdefault(runlog.text(row[self._run]), _Run(began))
            run.last = runlog.text(block.rows[last][self._ts])
            start, end = (block.starts[first], ends[last]) if block.starts else (0, 0)
            run.add(Piece(block.segment, start, end))
            yield first, last


def _stretches(rows: Sequence[RawRow], run_at: int) -> Iterator[tuple[int, int]]:
    """Yield the first and the last good row of every stretch that one run wrote."""
    places = [number for number, row in enumerate(rows) if row]
    for _, found in groupby(places, key=lambda number: rows[number][run_at]):
        stretch = list(found)
        yield stretch[0], stretch[-1]


# --- a log, followed ------------------------------------------------------------------


class Journal:
    """The attempts that a journal names; a learner."""

    def __init__(self) -> None:
        self.attempts: list[Attempt] = []

    def learn(self, block: Block) -> None:
        """Take rows, in order."""
        self.attempts += filter(None, map(attempt_of, block.rows))


class Kept(NamedTuple):
    """What is kept of a log beside its sums."""

    same: Sequence[str] = ()  # columns by which `done` tells things; none = nothing
    runs: Callable[[], Runs] | None = None  # makes what learns how far the newest run is


class Books:
    """What a log adds up to, and what is open by it and by its journal; a learner."""

    def __init__(self, row_type: type, kept: Kept = Kept()) -> None:
        self._tallier = Tallier(row_type)
        self._index = None if row_type is LogRow else Index(row_type, ())
        self._sent = Sent(row_type, kept.same) if kept.same else None
        self._runs = kept.runs() if kept.runs else None
        self._tally: Tally | None = None
        self._journal = -1  # which of the journals that the log had one after the other
        self._intended = 0  # its attempts that are known
        self._former: set[Attempt] = set()  # that were open when its journal went
        self._patience = 0

    def intend(self, journal: int, attempts: Sequence[Attempt]) -> bool:
        """Take the attempts that were begun; return whether what is open can be true.

        A journal is emptied when all its attempts have their rows in the log. Where one of
        them is still open when these are learned, somebody else took it away.
        """
        if self._index is None:
            return True
        if journal != self._journal:
            self._former, self._patience = set(self._index.doubtful), 2
            self._journal, self._intended = journal, 0
        elif self._former:
            self._patience -= 1
            if not self._patience:
                if self._former & set(self._index.doubtful):
                    return False
                self._former = set()
        self._index.intend(attempts[self._intended :])
        self._tally = self._tally if len(attempts) == self._intended else None
        self._intended = len(attempts)
        return True

    def learn(self, block: Block) -> None:
        """Take rows, in order."""
        self._tally = None
        if self._index:
            damaged, is_sound = self._index.damaged, self._index.is_sound
            self._index.learn(filter(None, block.rows))
            if self._index.damaged > damaged:
                rows = [row if row and is_sound(row) else BAD_ROW for row in block.rows]
                block = block._replace(rows=rows)
        if self._sent:
            self._sent.learn(filter(None, block.rows))
        self._tallier.learn(block)
        if self._runs:
            self._runs.learn(block)

    def found(self, run_id: str) -> Found | None:
        """Return what became of a run's records, None where only reading can tell."""
        return self._runs.found(run_id) if self._runs else None

    def done(self) -> Callable[[Sequence[Iterable[str]]], list[bool]]:
        """Return what tells of things, by the columns of `Kept.same`, who is done now."""
        if not (self._sent and self._index):
            raise TypeError("nobody kept what things look like; see Kept.same")
        return partial(self._sent.are_done, self._index.undone)

    def tally(self) -> Tally:
        """Return the sums as they are now; they do not change any more."""
        if self._tally is None:
            self._tally = self._added_up()
        return self._tally

    def _added_up(self) -> Tally:
        found, index = self._tallier, self._index
        runs = {
            run_id: RunRows(run_id, r.first, r.last, +r.outcomes, tuple(r.pieces))
            for run_id, r in found.runs.items()
        }
        return Tally(
            +found.outcomes,
            {hour: +counts for hour, counts in found.hours.items()},
            dict(found.errors),
            runs,
            index.count_open() if index else 0,
            len(index.doubtful) if index else 0,
            found.rows,
            found.bad_rows,
        )


def followed(
    log: Path, row_type: type, journal: Path | None, kept: Kept = Kept()
) -> Followed[Books]:
    """Return the books of a log, followed."""
    if journal is None:
        return Followed(log, row_type, lambda: Books(row_type, kept))
    intents = Followed(journal, Intent, Journal)

    def is_true(books: Books) -> bool:
        attempts = intents.ask(lambda found: found.attempts)
        return books.intend(intents.restarts, attempts)

    return Followed(log, row_type, lambda: Books(row_type, kept), is_true)
