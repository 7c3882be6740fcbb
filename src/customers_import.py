"""Import the planned customers into the database, in batches, each all or nothing."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack

from src import config
from src.config import Settings
from src.customers.applying import Sorted
from src.customers.importer import Importer
from src.customers.records import CHECKED, ERRORS, PIPELINE, PLAN, RUNLOG
from src.kit import importing, judgements, reading, receipts, stage
from src.kit.database import Database
from src.kit.importing import Desk, Import
from src.kit.logbook import Author, Logbook
from src.office import connect_database, pipelines


Connect = Callable[..., AbstractContextManager[Database]]


def main(
    argv: Sequence[str] | None = None, connect: Connect = connect_database.database
) -> int:
    """Write what the plan says; append the run log, write the errors view."""
    run = stage.start("customers_import", __doc__, argv, _options)
    settings = config.load(run.environ)
    path = pipelines.path_of(settings, PLAN)
    made = receipts.of_plan(settings.log_dir, path, PLAN)
    source = pipelines.source_of(settings, PLAN, run.args.of)
    plan = reading.table(path, PLAN)
    limits = importing.limits_of(run.args, settings.batch_size)
    with ExitStack() as stack, run.stopping_gently(), stage.uncollected():
        database = stack.enter_context(connect(settings, clock=run.clock))
        stack.enter_context(database.lock())
        log = _log(run, settings, stack)
        desk = Desk(database, log, source, run.clock, lambda: bool(run.signal))
        imported = Import(desk, limits)
        sorter = Sorted(made.run_id)
        importer = Importer(desk, imported, sorter, run.run_id)
        progress = run.progress("import", int(made.rows))
        importer.write(progress.over(plan), limits.batch_size)
        importer.reject(plan.rejects)
        progress.close()
        if log:
            log.commit()
            _remember(run, settings, importer)
        missing = max(0, int(made.rows) - sorter.known - len(plan.rejects))
        notes = [*plan.notes, *(log.repairs if log else []), *importer.notes(missing)]
        balance = importer.balance(plan.count, missing)
        report = _report(run, settings, imported, (balance, notes))
        return run.finish(report._replace(source=source), settings.log_dir)


def _options(parser: ArgumentParser) -> None:
    importing.options(parser)
    pipelines.of_option(parser)


def _log(run: stage.Run, settings: Settings, stack: ExitStack) -> Logbook | None:
    """Return the log, open under the pipeline's lock; a dry run has the lock alone."""
    place = pipelines.log_place(settings, RUNLOG)
    if run.args.dry_run:
        stack.enter_context(importing.pipeline_lock(place))
        return None
    author = Author(run.run_id, run.door, run.clock)
    return stack.enter_context(importing.open_log(place, author))


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
    imported: Import,
    result: tuple[stage.Balance, list[str]],
) -> stage.Report:
    balance, notes = result
    files = []
    if not run.args.dry_run:
        log, errors = (pipelines.path_of(settings, t) for t in (RUNLOG, ERRORS))
        checked = receipts.last(settings.log_dir, CHECKED.place, receipts.FILE)
        runs = (run.run_id, checked.run_id if checked else "")
        files = [(ERRORS.place, importing.write_errors(errors, log, *runs))]
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
