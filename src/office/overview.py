"""Where every pipeline stands, read from its CSVs; followed where somebody looks on."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from typing import NamedTuple, TypeVar

from src.attachments import views as attachment_views
from src.attachments.records import DUPS, ERRORS, RUNLOG
from src.config import Settings
from src.kit import files, reading, receipts
from src.kit.errors import SIGNALLED
from src.kit.events import Event
from src.kit.following import Block, Followed
from src.kit.importing import OPEN, ErrorRow, LogRow
from src.kit.memory import IN_DOUBT
from src.kit.receipts import Receipt
from src.kit.runlog import RawRow, text
from src.kit.sessions import CANCELLED
from src.kit.tables import Table, header
from src.office import tallies
from src.office.leftovers import Earlier, Leftovers
from src.office.next_steps import Left, next_step, not_attempted
from src.office.pipelines import ALL, ATTACHMENTS, Pipeline, path_of
from src.office.tallies import Books, Kept, Tally

_EVENT_AT, _SESSION_AT = map(Event._fields.index, ("event", "session_id"))
T = TypeVar("T")


class Standing(NamedTuple):
    """How one pipeline stands."""

    name: str
    last_run: str  # when, which door, how it ended; empty = never
    outcomes: Counter[str]  # rows of the run log, by outcome
    open_errors: int  # things that failed, or wait for a person, and are not done since
    in_doubt: int | None  # attempts whose end nobody knows; None = there can be none
    next_step: str
    earlier: Earlier = Earlier()  # what importers left in earlier files
    not_attempted: int = 0  # records that the last run was stopped before


class RunSum(NamedTuple):
    """One start of a door, as its receipt has it; or, without one, as its log has it."""

    run_id: str
    door: str  # empty = it left rows in a log, but no receipt
    pipeline: str  # empty = it belongs to none
    started: str  # timestamps
    ended: str  # empty = it runs, or was killed
    exit: str
    counts: dict[str, str]  # the words of the receipt, or the outcomes in the log
    is_cancelled: bool = False  # somebody wanted its session to stop, and so it did


class Receipts:
    """All good receipts, oldest first; a learner."""

    def __init__(self) -> None:
        self.all: list[Receipt] = []

    def learn(self, block: Block) -> None:
        """Take rows, in order."""
        self.all += [Receipt(*map(text, row)) for row in block.rows if row]


class Cancelled:
    """The sessions that were cancelled; a learner."""

    def __init__(self) -> None:
        self.ids: set[str] = set()

    def learn(self, block: Block) -> None:
        """Take rows, in order."""
        for row in filter(None, block.rows):
            if row[_EVENT_AT] == CANCELLED.encode():
                self.ids.add(text(row[_SESSION_AT]))


class Watch:
    """The five pipelines, followed: logs are read once and then only where they grew.

    Several threads may ask at the same time. `kept` says what is kept of the logs of some
    pipelines beside their sums.
    """

    def __init__(self, settings: Settings, kept: Mapping[str, Kept] = {}) -> None:
        self._settings = settings
        self._receipts = Followed(
            settings.log_dir / receipts.TABLE.name, Receipt, Receipts
        )
        self._books = {
            one.name: _books(settings, one, kept.get(one.name, Kept())) for one in ALL
        }
        self._cancelled = [
            Followed(path_of(settings, table), Event, Cancelled)
            for pipeline in ALL
            for table in pipeline.tables
            if table.row is Event
        ]
        self._left: dict[str, tuple[files.Look | None, _Open]] = {}
        importers = (one for one in ALL if one.log.row is LogRow)
        self._leftovers = {one.name: Leftovers(settings, one) for one in importers}

    def standings(self) -> list[Standing]:
        """Return how each pipeline stands."""
        return [self._standing(pipeline) for pipeline in ALL]

    def tally(self, pipeline: str) -> Tally:
        """Return what the log of a pipeline adds up to."""
        return self._books[pipeline].ask(Books.tally)

    def receipts(self) -> Sequence[Receipt]:
        """Return the good receipts, oldest first."""
        return self._receipts.ask(lambda found: found.all[:])

    def runs(self) -> Sequence[RunSum]:
        """Return every start of a door, newest first."""
        found = [_told(one) for one in self.receipts() if one.kind == receipts.RUN]
        ended = {one.run_id: one.ended for one in found}
        for pipeline in ALL:
            for run in self.tally(pipeline.name).runs.values():
                if ended.get(run.run_id, "") < run.last:
                    found.append(_untold(run, pipeline))
        cancelled = self._cancelled_sessions()
        found = [_marked(one, cancelled) for one in found]
        return sorted(found, key=lambda one: (one.started, one.ended or "9"), reverse=True)

    def _cancelled_sessions(self) -> set[str]:
        return {name for one in self._cancelled for name in one.ask(lambda f: f.ids.copy())}

    def rows_of_run(self, pipeline: str, run_id: str) -> Iterator[RawRow]:
        """Yield the good rows of a run; only where they stand is anything read."""
        books = self._books[pipeline]
        run_at = header(_pipeline(pipeline).log.row).index("run_id")

        def found(known: Books) -> list[RawRow]:
            run = known.tally().runs.get(run_id)
            pieces = [books.pieces(*piece) for piece in run.pieces] if run else []
            return [row for piece in pieces for row in piece if text(row[run_at]) == run_id]

        yield from books.ask(found)

    def ask(self, pipeline: str, question: Callable[[Books], T]) -> T:
        """Return what the books of a pipeline answer; nobody else asks meanwhile."""
        return self._books[pipeline].ask(question)

    def _standing(self, pipeline: Pipeline) -> Standing:
        tally, told = self.tally(pipeline.name), self.receipts()
        found = _Open(Counter(failed=tally.open_errors))
        if pipeline is not ATTACHMENTS:  # it has every failure since its first run
            found = self._left_open(pipeline.errors)
        errors = +found.outcomes
        in_doubt = tally.in_doubt if pipeline.journal else None
        importer = self._leftovers.get(pipeline.name)
        earlier = importer.earlier(told, found.rows) if importer else Earlier()
        left = Left(errors, found.types, in_doubt or 0, len(earlier.rows), told)
        step = next_step(self._settings, pipeline, left)
        last = _last_run(told, pipeline, self._cancelled_sessions())
        count = sum(errors.values())
        return Standing(
            pipeline.name,
            last,
            tally.outcomes,
            count,
            in_doubt,
            step,
            earlier,
            not_attempted(told, pipeline),
        )

    def _left_open(self, errors: Table) -> _Open:
        """Return what the last run left to a person."""
        look = files.look(path_of(self._settings, errors))
        known = self._left.get(errors.name)
        if known is None or known[0] != look:
            known = look, _left_open(self._settings, errors)
            self._left[errors.name] = known
        return known[1]


def standings(settings: Settings) -> Iterator[Standing]:
    """Yield how each pipeline stands; views older than their log are written anew."""
    yield from Watch(settings).standings()
    refresh_views(settings)


def _books(settings: Settings, pipeline: Pipeline, kept: Kept) -> Followed[Books]:
    journal = settings.log_dir / pipeline.journal if pipeline.journal else None
    log = pipeline.log
    return tallies.followed(path_of(settings, log), log.row, journal, kept)


def _pipeline(name: str) -> Pipeline:
    return next(one for one in ALL if one.name == name)


class _Open(NamedTuple):
    """What an errors view says is open; doubts count by themselves."""

    outcomes: Counter[str]
    types: Set[str] = frozenset()
    rows: Set[str] = frozenset()  # of an importer's log, by their numbers


def _left_open(settings: Settings, errors: Table) -> _Open:
    path = path_of(settings, errors)
    rows = reading.table(path, errors) if path.exists() else []
    if errors.row is ErrorRow:
        rows = [row for row in rows if row.outcome in OPEN]
        outcomes = Counter(row.outcome for row in rows)
        return _Open(outcomes, rows=frozenset(row.seq for row in rows))
    rows = [row for row in rows if row.outcome != IN_DOUBT]
    return _Open(
        Counter(row.outcome for row in rows), frozenset(row.type for row in rows)
    )


def _told(receipt: Receipt) -> RunSum:
    """Return what the receipt of a run says."""
    words = [word.partition("=") for word in receipt.detail.split()]
    counts = {name: count for name, _, count in words if name != "exit"}
    pipeline = next((one.name for one in ALL if receipt.door in one.doors), "")
    exit_code = receipts.value(receipt, "exit")
    started = _began(receipt.run_id) or receipt.ts
    begun = receipt.run_id, receipt.door, pipeline, started
    return RunSum(*begun, receipt.ts, exit_code, counts)


def _untold(run: tallies.RunRows, pipeline: Pipeline) -> RunSum:
    """Return what a log says of a run that wrote no receipt at its end."""
    counts = {word: str(count) for word, count in run.outcomes.items()}
    started = _began(run.run_id) or run.first
    return RunSum(run.run_id, "", pipeline.name, started, "", "", counts)


def _marked(run: RunSum, cancelled: Set[str]) -> RunSum:
    """Return a run with whether its session's end was what stopped it, too."""
    is_stopped = run.exit.isdecimal() and int(run.exit) > SIGNALLED
    return run._replace(is_cancelled=is_stopped and run.run_id in cancelled)


def _began(run_id: str) -> str:
    """Return when a run began, as its id says it."""
    found = re.match(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-", run_id)
    return "{}-{}-{}T{}:{}:{}.000000+00:00".format(*found.groups()) if found else ""


def _last_run(
    told: Iterable[Receipt], pipeline: Pipeline, cancelled: Set[str]
) -> str:
    newest = None
    for receipt in told:
        if receipt.kind == receipts.RUN and receipt.door in pipeline.doors:
            newest = receipt
    if newest is None:
        return ""
    when = newest.ts[:16].replace("T", " ")
    run = _marked(_told(newest), cancelled)
    how = "cancelled, exit" if run.is_cancelled else "exit"
    return f"{when} UTC {newest.door}, {how} {run.exit}"


def refresh_views(settings: Settings) -> None:
    """Write the views of a log that are older than it, or not there."""
    log, errors, dups = (path_of(settings, table) for table in (RUNLOG, ERRORS, DUPS))
    if not log.exists():
        return
    written = log.stat().st_mtime_ns
    if any(not v.exists() or v.stat().st_mtime_ns < written for v in (errors, dups)):
        attachment_views.write(log, errors, dups)
        for view in (errors, dups):  # they say nothing of a plan made after their log
            os.utime(view, ns=(written, written))
