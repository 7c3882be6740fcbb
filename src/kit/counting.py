"""How far a run has come: its rows taken one by one, each record as it was left last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Protocol

from src.kit import receipts
from src.kit.receipts import Receipt
from src.kit.runlog import RawRow
from src.kit.sessions import Found

SYNCED, FAILED, NEITHER = "synced", "failed", ""
MOST_ERRORS = 200  # told; all of them are in the run log


class Told(NamedTuple):
    """What one row says of a record."""

    about: Hashable  # which record
    type: str
    standing: str
    called: str = ""  # as people call it; empty = it was not tried
    error: str = ""  # a sentence, where it failed


class Tally:
    """What the rows of one run came to so far."""

    def __init__(self, told: Iterable[Told] = ()) -> None:
        self._standings: dict[Hashable, tuple[str, str]] = {}
        self._counts: dict[str, Counter[str]] = {SYNCED: Counter(), FAILED: Counter()}
        self._errors: dict[Hashable, str] = {}  # of those that failed, the newest last
        self._last = ""
        for one in told:
            self.take(one)

    def take(self, told: Told) -> None:
        """Take the next row; the newest about a record is what counts."""
        before = self._standings.get(told.about)
        if before and before[0]:
            self._counts[before[0]][before[1]] -= 1
            self._errors.pop(told.about, None)
        self._standings[told.about] = (told.standing, told.type)
        if told.standing:
            self._counts[told.standing][told.type] += 1
        if told.standing == FAILED:
            self._errors[told.about] = told.error
        self._last = told.called or self._last

    def found(self) -> Found:
        """Return it in numbers and sentences."""
        errors = tuple(islice(self._errors.values(), MOST_ERRORS))
        return Found(
            +self._counts[SYNCED],
            +self._counts[FAILED],
            errors,
            len(self._errors) - len(errors),
            self._last,
        )


class Rows(Protocol):
    """Rows of a log that are learned together; see `kit.following`."""

    @property
    def rows(self) -> Sequence[RawRow]:
        """Return them in order, bad ones too."""


class Runs:
    """Learns what the newest run of a log came to; which others there are it knows."""

    def __init__(self, run_at: int, told: Callable[[RawRow], Told]) -> None:
        self._run_at, self._told = run_at, told
        self._run_id = b""
        self._earlier: set[bytes] = set()
        self._tally = Tally()
        # Rows that are not counted before somebody asks, each in one piece: 170,000 lists
        # would be looked through by the collector of garbage. No cell has a line end.
        self._waiting: list[bytes] = []

    def learn(self, block: Rows) -> None:
        """Take rows, in order."""
        for row in filter(None, block.rows):
            if row[self._run_at] != self._run_id:
                self._earlier.add(self._run_id)
                self._run_id = row[self._run_at]
                self._tally, self._waiting = Tally(), []
            self._waiting.append(b"\n".join(row))

    def found(self, run_id: str) -> Found | None:
        """Return what became of a run's records, None where only reading can tell."""
        wanted = run_id.encode()
        # One that goes on after another has rows that are not here.
        if wanted in self._earlier:
            return None
        if wanted != self._run_id:
            return Found()
        for row in self._waiting:
            self._tally.take(self._told(row.split(b"\n")))
        self._waiting.clear()
        return self._tally.found()


class Books(NamedTuple):
    """What is written down, as counting needs it; who follows the logs has both at once."""

    receipts: Callable[[], Iterable[Receipt]]  # the good ones, oldest first
    known: Callable[[str], Found | None]  # of a run; None = the run log has to be read

    def newest(self, subject: str, kind: str) -> Receipt | None:
        """Return the newest receipt of a kind about a file."""
        found = None
        for receipt in self.receipts():
            if receipt.kind == kind and receipt.subject == subject:
                found = receipt
        return found


def closed(log_dir: Path) -> Books:
    """Return books that are opened anew for each question."""
    return Books(partial(receipts.read, log_dir), lambda run_id: None)
