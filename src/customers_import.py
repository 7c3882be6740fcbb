"""Import the planned customers into the database, in batches, each all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack

from src import config
from src.config import Settings
from src.customers.applying import Sorted
from src.customers.importer import Importer
from src.customers.records import ERRORS, PIPELINE, PLAN, RUNLOG
from src.kit import importing, judgements, reading, receipts, stage
from src.kit.database import Database
from src.kit.importing import Desk, Import, Limits
from src.kit.logbook import Author
from src.office import connect_database, pipelines


Connect = Callable[..., AbstractContextManager[Database]]


def main(
    argv: Sequence[str] | None = None, connect: Connect = connect_database.database
) -> int:
    """Write what the plan says; append the run log, write the errors view."""
    run = stage.start("customers_import", __doc__, argv, importing.options)
    settings = config.load(run.environ)
    path = pipelines.path_of(settings, PLAN)
    made = receipts.of_plan(settings.log_dir, path, PLAN)
    plan = reading.table(path, PLAN)
    limits = importing.limits_of(run.args, settings.batch_size)
    with ExitStack() as stack, run.stopping_gently():
        database = stack.enter_context(connect(settings, clock=run.clock))
        stack.enter_context(database.lock())
        desk, copy = _desk(run, settings, (stack, database), limits)
        imported = Import(desk, limits)
        importer = Importer(desk.database, imported, Sorted(made.run_id), run.clock)
        progress = run.progress("import", int(made.rows))
        importer.write(progress.over(plan), limits.batch_size)
        importer.reject(plan.rejects)
        progress.close()
        if not limits.is_dry_run:
            _remember(run, settings, importer)
    missing = max(0, int(made.rows) - plan.count)
    balance = importer.balance(plan.count, missing)
    notes = [*plan.notes, *importer.notes(limits.is_dry_run), *copy]
    if missing:
        notes.append(f"held: {missing:,} row(s) of the plan are missing")
    return run.finish(
        _report(run, settings, (imported, balance, notes), limits), settings.log_dir
    )


def _desk(
    run: stage.Run,
    settings: Settings,
    held: tuple[ExitStack, Database],
    limits: Limits,
) -> tuple[Desk, list[str]]:
    """Return what the import works with, held by the stack; and what was kept before."""
    stack, database = held
    log, notes = None, ["a dry run: nothing was stored or logged"]
    if not limits.is_dry_run:
        author = Author(run.run_id, run.door, run.clock)
        place = pipelines.log_place(settings, RUNLOG)
        log = stack.enter_context(importing.open_log(place, author))
        notes = [*log.repairs]
        if database.keep_copy(run.run_id):
            notes.append("a copy of the database as it was is beside it")
    return Desk(database, log, PLAN.place, run.clock, lambda: bool(run.signal)), notes


def _remember(run: stage.Run, settings: Settings, importer: Importer) -> None:
    now, known = run.clock.timestamp(), judgements.verdicts(settings.data_dir, PIPELINE)
    judgements.append(
        settings.data_dir,
        (
            (now, run.run_id, PIPELINE, about, verdict, question)
            for about, verdict, question in importer.judgements
            if known.get(about) != verdict
        ),
    )


def _report(
    run: stage.Run,
    settings: Settings,
    result: tuple[Import, stage.Balance, list[str]],
    limits: Limits,
) -> stage.Report:
    imported, balance, notes = result
    files = []
    if not limits.is_dry_run:
        log, errors = (pipelines.path_of(settings, t) for t in (RUNLOG, ERRORS))
        files = [(ERRORS.place, importing.write_errors(errors, log, run.run_id))]
    held = f"decide in {PLAN.place}, then make customers-import"
    return stage.Report(
        imported.counts,
        balance,
        files,
        notes,
        held if balance.held else "make status",
        importing.exit_code(balance),
        (RUNLOG.place, imported.logged),
    )


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
