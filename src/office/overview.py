"""Where every pipeline stands, read from its CSVs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from src.attachments import views as attachment_views
from src.attachments.records import DUPS, ERRORS, RUNLOG
from src.config import Settings
from src.kit import receipts, runlog
from src.kit.book import Shelf, journal_attempts
from src.kit.memory import Index
from src.kit.tables import header
from src.office.pipelines import ALL, Pipeline, attachments_shelf, path_of

ALL_DONE = "nothing to do"


class Standing(NamedTuple):
    """How one pipeline stands."""

    name: str
    last_run: str  # when, which door, how it ended; empty = never
    outcomes: Counter[str]  # rows of the run log, by outcome
    open_errors: int  # things that failed and are not done since
    in_doubt: int  # attempts whose end nobody knows
    next_step: str


def standings(settings: Settings) -> Iterator[Standing]:
    """Yield how each pipeline stands; views older than their log are written anew."""
    for pipeline in ALL:
        shelf = attachments_shelf(settings)
        outcomes, open_errors, in_doubt = _read_log(shelf)
        yield Standing(
            pipeline.name,
            _last_run(settings, pipeline),
            outcomes,
            open_errors,
            in_doubt,
            _next_step(settings, pipeline, open_errors, in_doubt),
        )
    refresh_views(settings)


def _read_log(shelf: Shelf) -> tuple[Counter[str], int, int]:
    index = Index(shelf.row_type, shelf.same)
    index.intend(filter(None, journal_attempts(shelf.journal)))
    outcome_at = header(shelf.row_type).index("outcome")
    outcomes: Counter[str] = Counter()

    def counted() -> Iterator[runlog.RawRow]:
        for row in runlog.rows(shelf.log, shelf.row_type):
            if row:
                outcomes[row[outcome_at].decode()] += 1
                yield row

    index.learn(counted())
    return outcomes, index.count_open(), len(index.doubtful)


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
    taken, newest = pipeline.tables[:2], 0.0  # the two do not depend on each other
    for table in (*taken, pipeline.tables[2], pipeline.log):
        path = path_of(settings, table)
        if not path.exists():
            return table.made_by
        made = path.stat().st_mtime
        if made < newest and table not in taken:
            return table.made_by
        newest = max(newest, made)
    if in_doubt:
        return f"{pipeline.log.made_by}, then decide what is left in doubt"
    return f"{ERRORS.place}, then {ERRORS.made_by}" if open_errors else ALL_DONE


def refresh_views(settings: Settings) -> None:
    """Write the views of a log that are older than it, or not there."""
    log, errors, dups = (path_of(settings, table) for table in (RUNLOG, ERRORS, DUPS))
    if not log.exists():
        return
    written = log.stat().st_mtime
    if any(not v.exists() or v.stat().st_mtime < written for v in (errors, dups)):
        attachment_views.write(log, errors, dups)
