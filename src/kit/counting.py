"""How far a run has come: its rows taken one by one, each record as it was left last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import islice
from typing import NamedTuple, Protocol

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
    """Learns what every run of a log came to; the newest may go on."""

    def __init__(self, run_at: int, told: Callable[[RawRow], Told]) -> None:
        self._run_at, self._told = run_at, told
        self._run_id = b""
        self._tally = Tally()
        self._ended: dict[bytes, Found | None] = {}

    def learn(self, block: Rows) -> None:
        """Take rows, in order."""
        for row in filter(None, block.rows):
            if row[self._run_at] != self._run_id:
                self._begin(row[self._run_at])
            self._tally.take(self._told(row))

    def _begin(self, run_id: bytes) -> None:
        # One that goes on after another would have to be counted together with its start.
        is_known = self._run_id not in self._ended
        self._ended[self._run_id] = self._tally.found() if is_known else None
        self._run_id, self._tally = run_id, Tally()

    def found(self, run_id: str) -> Found | None:
        """Return what became of a run's records, None where only reading can tell."""
        wanted = run_id.encode()
        if wanted == self._run_id and wanted not in self._ended:
            return self._tally.found()
        return self._ended.get(wanted, Found()) if wanted != self._run_id else None
