"""Fetch what QuickBooks Desktop and the warehouse have, and what both agreed on."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random

from src import config
from src.adapters.conductor import Desktop
from src.config import Settings
from src.kit import importing, receipts, stage
from src.kit.answers import Unanswered
from src.kit.clock import REAL, Clock
from src.kit.errors import OK, SOME_ROWS_FAILED
from src.kit.receipts import Receipt
from src.kit.retry import Courtesy, Pace, Pacer, Patience
from src.kit.tables import Table
from src.office import connect_desktop, connect_wms, pipelines, wms_company
from src.wms import export, fetching, fields, mirror
from src.wms.fetching import Desk, Fetched
from src.wms.export import Exported
from src.wms.pairs import Shelf, Written
from src.wms.records import FETCH, PLAN_IT, REJECTS, RUNLOG
from src.wms.store import Store

Connect = Callable[[Settings, Clock], Desktop]
SHOWN = 20  # records that cannot be read, by name
_OUT = (mirror.NEW, mirror.CHANGED, mirror.DELETED)
_SKIPPED = (mirror.SAME, mirror.REPEATED, mirror.KNOWN)


def main(
    argv: Sequence[str] | None = None,
    connect: Connect = connect_desktop.desktop,
    clock: Clock = REAL,
) -> int:
    """Bring the mirror of QuickBooks up to date and write out the warehouse."""
    run = stage.start("wms_fetch", __doc__, argv, _options)
    settings = config.load(run.environ)
    place = pipelines.log_place(settings, RUNLOG)
    alone = connect_desktop.alone(settings)
    with importing.pipeline_lock(place), alone, stage.uncollected():
        wms_company.claim(settings, clock)
        shelf = _shelf(run, settings, clock)
        company, courtesy = connect(settings, clock), _courtesy(settings, clock)
        desk = Desk(company, courtesy, shelf, _receipts(settings), settings.data_dir)
        met, of = run.progress("fetch").over, settings.conductor_end_user_id
        desk = desk._replace(met=met, of=of)
        kinds = fields.of_types(run.args.types)
        fetched = [fetching.fetch(desk, kind, run.args.full) for kind in kinds]
        with connect_wms.snapshot(settings, run.clock) as database:
            store = Store(database)
            written = [export.write(store, kind, shelf) for kind in kinds]
        rejects = pipelines.path_of(settings, REJECTS)
        files = export.write_rejects(rejects, kinds, written)
        return run.finish(_report(fetched, written, files), settings.log_dir)


def _options(parser: ArgumentParser) -> None:
    pipelines.types_option(parser)
    parser.add_argument(
        "--full", action="store_true", help="fetch everything, not only what changed"
    )


def _shelf(run: stage.Run, settings: Settings, clock: Clock) -> Shelf:
    def note(written: Written) -> None:
        origin = (clock.timestamp(), run.run_id, run.door, receipts.FILE)
        told = (str(written.rows), written.sha256, written.detail)
        receipts.append(settings.log_dir, (*origin, written.table.place, *told))

    return Shelf(lambda table: pipelines.path_of(settings, table), note)


def _receipts(settings: Settings) -> Callable[[Table], Receipt | None]:
    known = {
        receipt.subject: receipt
        for receipt in receipts.read(settings.log_dir)
        if receipt.kind == receipts.FILE
    }
    return lambda table: known.get(table.place)


def _courtesy(settings: Settings, clock: Clock) -> Courtesy:
    first_wait = 0.01 if settings.conductor_api == "fake" else 0.5  # seconds
    return Courtesy(clock, Patience(Random(), first_wait), Pacer(Pace(), clock))


def _report(
    fetched: Sequence[Fetched],
    written: Sequence[Exported],
    files: Sequence[tuple[str, int]],
) -> stage.Report:
    counts: Counter[str] = sum((one.counts for one in fetched), Counter())
    unread = [row.reason for one in written for row in one.rejects]
    counts[mirror.REJECTED] += len(unread)
    balance = stage.Balance(
        sum(one.received for one in fetched) + len(unread),
        sum(counts[word] for word in _OUT),
        counts[mirror.REJECTED],
        sum(counts[word] for word in _SKIPPED),
    )
    notes = [_told(*both) for both in zip(fetched, written)]
    notes += [note for one in fetched for note in one.notes]
    notes += unread[:SHOWN]
    if len(unread) > SHOWN:
        notes.append(f"and {len(unread) - SHOWN:,} more records of the warehouse")
    troubles = [one.trouble for one in fetched]
    code = _exit_code(troubles, counts[mirror.REJECTED])
    next_step = FETCH if any(troubles) else PLAN_IT
    return stage.Report(counts, balance, files, notes, next_step, code)


def _told(one: Fetched, written: Exported) -> str:
    stored, based, _ = written
    changes = ", ".join(
        f"{count:,} {word}" for word, count in one.counts.items() if count
    )
    how = f"{one.how}: {changes}" if changes else one.how or "failed"
    there = f"QuickBooks {one.rows:>7,} ({how})"
    return f"{one.kind.name:24} {there}, warehouse {stored:,}, agreed on {based:,}"


def _exit_code(troubles: Sequence[Unanswered | None], rejected: int) -> int:
    """Return that of the trouble where nothing came at all."""
    found = [trouble for trouble in troubles if trouble]
    if found and len(found) == len(troubles):
        return found[0].exit_code
    return SOME_ROWS_FAILED if found or rejected else OK


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
