"""What importers left behind in earlier files: rows that never arrived since.

The errors view of an importer has what its last check and its last import left; the run
log has all that was ever left. A row of it counts no longer once the same file was
imported again, once a later row has the same key, or once the database has had that key
written since.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from src.config import Settings
from src.customers import arrivals as of_customers
from src.kit import files, importing, receipts
from src.kit.database import Database
from src.kit.errors import Refused
from src.kit.following import Block, Followed
from src.kit.importing import FLAGGED, LogRow
from src.kit.receipts import Receipt
from src.kit.runlog import text
from src.kit.tables import header
from src.office import connect_database
from src.office.pipelines import CUSTOMERS, SALESPRO, Pipeline, path_of
from src.salespro import arrivals as of_salespro

_ARRIVALS: Mapping[str, Callable[[Database, Collection[str]], Mapping[str, str]]] = {
    CUSTOMERS.name: of_customers.last_written,
    SALESPRO.name: of_salespro.last_written,
}
_AT = [header(LogRow).index(n) for n in ("seq", "ts", "run_id", "file", "line", "key")]
_SAID_AT = [header(LogRow).index(name) for name in ("outcome", "category", "error")]
_OPEN = frozenset(word.encode() for word in importing.OPEN)
_FLAGGED = FLAGGED.encode()


class Problem(NamedTuple):
    """A row of a given file that was not stored."""

    seq: str
    ts: str
    run_id: str
    file: str
    line: str
    key: str  # empty = nobody could read one
    outcome: str
    category: str
    error: str


class Earlier(NamedTuple):
    """What is left in earlier files."""

    rows: Sequence[Problem] = ()
    is_sure: bool = True  # else the database could not be asked

    @property
    def told(self) -> str:
        """Return how many, in words; empty if there are none."""
        if not self.rows:
            return ""
        known = "" if self.is_sure else ", as far as the run log knows"
        return f"{len(self.rows):,} in earlier files{known}"


class Problems:
    """The rows of an importer's log that were not stored; a learner."""

    def __init__(self) -> None:
        # Of those with a key it is the last with that key, whatever the file.
        self.last: dict[tuple[str, ...], Problem] = {}
        self.files: dict[str, str] = {}  # by run id

    def learn(self, block: Block) -> None:
        """Take rows, in order."""
        for row in filter(None, block.rows):
            outcome = row[_SAID_AT[0]]
            seq, ts, run_id, file, line, key = (text(row[at]) for at in _AT)
            self.files[run_id] = file
            about = (key,) if key else (file, line)
            if outcome in _OPEN:
                said = [text(row[at]) for at in _SAID_AT]
                self.last[about] = Problem(seq, ts, run_id, file, line, key, *said)
            elif outcome == _FLAGGED:  # so it was stored
                self.last.pop(about, None)


class Leftovers:
    """What one importer left in earlier files; its log is followed."""

    def __init__(self, settings: Settings, pipeline: Pipeline) -> None:
        self._settings, self._pipeline = settings, pipeline
        path = path_of(settings, pipeline.log)
        self._problems = Followed(path, LogRow, Problems)
        self._known: tuple[object, Earlier] = (None, Earlier())

    def earlier(self, told: Iterable[Receipt], current: Collection[str]) -> Earlier:
        """Return what is left, but for the rows with the numbers of the errors view."""
        last, known_files = self._problems.ask(lambda p: (list(p.last.values()), {**p.files}))
        if all(one.seq in current for one in last):
            return Earlier()
        again = _Again(self._pipeline, list(told), known_files)
        left = [o for o in last if o.seq not in current and not again.has_met(o)]
        return self._not_arrived(left)

    def _not_arrived(self, left: Sequence[Problem]) -> Earlier:
        """Return those whose key was not written since, as far as that can be known."""
        if not any(one.key for one in left):
            return Earlier(left)
        if self._settings.database_url:  # a server is not asked for a mere look
            return Earlier(left, is_sure=False)
        asked = tuple(left), *self._looks()
        if self._known[0] != asked:
            self._known = asked, self._asked(left)
        return self._known[1]

    def _looks(self) -> tuple[object, ...]:
        file = self._settings.database_file
        return files.look(file), files.look(file.with_name(f"{file.name}-wal"))

    def _asked(self, left: Sequence[Problem]) -> Earlier:
        if not connect_database.is_there(self._settings):
            return Earlier(left)
        arrivals = _ARRIVALS[self._pipeline.name]
        keys = {one.key for one in left if one.key}
        try:
            with connect_database.database(self._settings, prepared=False) as database:
                written = arrivals(database, keys)
        except (Refused, OSError):
            return Earlier(left, is_sure=False)
        return Earlier([one for one in left if written.get(one.key, "") <= one.ts])


class _Again:
    """Which files were taken again since, by which door."""

    def __init__(
        self, pipeline: Pipeline, told: Sequence[Receipt], known: Mapping[str, str]
    ) -> None:
        self._places = {door: place for place, door in enumerate(pipeline.doors)}
        # A dry run opens no log.
        self._opened = {
            one.run_id: self._places[one.door]
            for one in told
            if one.kind == receipts.OPEN and one.door in self._places
        }
        self._last: dict[tuple[int, str], Receipt] = {}
        for one in told:
            if one.kind == receipts.RUN and one.run_id in self._opened:
                file = receipts.source(one) or known.get(one.run_id, "")
                self._last[self._opened[one.run_id], file] = one

    def has_met(self, problem: Problem) -> bool:
        """Return whether a later run of the same door, or of one before it, met the file."""
        last = self._opened.get(problem.run_id, len(self._places))
        found = (self._last.get((place, problem.file)) for place in range(last + 1))
        return any(
            one and one.run_id != problem.run_id and one.ts > problem.ts for one in found
        )
