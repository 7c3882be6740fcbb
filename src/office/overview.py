"""Where every pipeline stands, read from its CSVs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from src.attachments import views as attachment_views
from src.attachments.records import DUPS, ERRORS, RUNLOG
from src.config import Settings
from src.kit import reading, receipts, runlog
from src.kit.book import Shelf, journal_attempts
from src.kit.importing import BATCH, FLAGGED, LogRow
from src.kit.memory import Index
from src.kit.tables import Table, header
from src.office.pipelines import ALL, ATTACHMENTS, Pipeline, path_of, shelf

ALL_DONE = "nothing to do"


class Standing(NamedTuple):
    """How one pipeline stands."""

    name: str
    last_run: str  # when, which door, how it ended; empty = never
    outcomes: Counter[str]  # rows of the run log, by outcome
    open_errors: int  # things that failed, or wait for a person, and are not done since
    in_doubt: int | None  # attempts whose end nobody knows; None = there can be none
    next_step: str


def standings(settings: Settings) -> Iterator[Standing]:
    """Yield how each pipeline stands; views older than their log are written anew."""
    for pipeline in ALL:
        if pipeline.journal:
            outcomes, errors, in_doubt = _read_books(shelf(settings, pipeline))
        else:
            outcomes, errors, in_doubt = _read_log(settings, pipeline), 0, None
        if pipeline is not ATTACHMENTS:  # it has every failure since its first run
            errors = _left_open(settings, pipeline.errors)
        yield Standing(
            pipeline.name,
            _last_run(settings, pipeline),
            outcomes,
            errors,
            in_doubt,
            _next_step(settings, pipeline, errors, in_doubt or 0),
        )
    refresh_views(settings)


def _read_books(books: Shelf) -> tuple[Counter[str], int, int]:
    index = Index(books.row_type, books.same)
    index.intend(filter(None, journal_attempts(books.journal)))
    outcome_at = header(books.row_type).index("outcome")
    outcomes: Counter[str] = Counter()

    def counted() -> Iterator[runlog.RawRow]:
        for row in runlog.rows(books.log, books.row_type):
            if row:
                outcomes[row[outcome_at].decode()] += 1
                yield row

    index.learn(counted())
    return outcomes, index.count_open(), len(index.doubtful)


def _left_open(settings: Settings, errors: Table) -> int:
    """Return how many rows the last run left to a person."""
    path = path_of(settings, errors)
    rows = reading.table(path, errors) if path.exists() else []
    return sum(row.outcome != FLAGGED for row in rows)


def _read_log(settings: Settings, pipeline: Pipeline) -> Counter[str]:
    """Return the outcomes in an importer's log."""
    names = header(LogRow)
    places = [names.index(name) for name in ("outcome", "created", "updated")]
    outcomes: Counter[str] = Counter()
    for row in filter(None, runlog.rows(path_of(settings, pipeline.log), LogRow)):
        outcome, created, updated = (row[place].decode() for place in places)
        if outcome == BATCH:
            outcomes.update(created=int(created or 0), updated=int(updated or 0))
        else:
            outcomes[outcome] += 1
    return +outcomes


def _last_run(settings: Settings, pipeline: Pipeline) -> str:
    newest = None
    for receipt in receipts.read(settings.log_dir):
        if receipt.kind == receipts.RUN and receipt.door in pipeline.doors:
            newest = receipt
    if newest is None:
        return ""
    when = newest.ts[:16].replace("T", " ")
    return f"{when} UTC {newest.door}, exit {receipts.value(newest, 'exit')}"


def _next_step(
    settings: Settings, pipeline: Pipeline, open_errors: int, in_doubt: int
) -> str:
    newest = 0.0
    for step in pipeline.steps:
        made = []
        for table in step:
            path = path_of(settings, table)
            if not path.exists():
                return table.made_by
            made.append(path.stat().st_mtime)
            if made[-1] < newest:
                return table.made_by
        newest = max(made)
    if _was_cut_short(settings, pipeline):
        return pipeline.log.made_by
    if in_doubt:
        return f"{pipeline.log.made_by}, then decide what is left in doubt"
    errors = pipeline.errors
    asked = pipeline.decided_in and f" decide in {pipeline.decided_in},"
    return f"{errors.place},{asked} then {errors.made_by}" if open_errors else ALL_DONE


def _was_cut_short(settings: Settings, pipeline: Pipeline) -> bool:
    """Return whether the last run left records that it did not come to."""
    left = ""
    for receipt in receipts.read(settings.log_dir):
        if receipt.kind == receipts.RUN and receipt.door in pipeline.doors:
            left = receipts.value(receipt, "not_attempted") or left
    return left not in ("", "0")


def refresh_views(settings: Settings) -> None:
    """Write the views of a log that are older than it, or not there."""
    log, errors, dups = (path_of(settings, table) for table in (RUNLOG, ERRORS, DUPS))
    if not log.exists():
        return
    written = log.stat().st_mtime
    if any(not v.exists() or v.stat().st_mtime < written for v in (errors, dups)):
        attachment_views.write(log, errors, dups)
