"""Compare source, run log and company in both directions; --apply what people decided."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from functools import partial

from src import config
from src.adapters.qbo import Attachables
from src.attachments import history
from src.attachments.reconcile import Comparison, Sides, Totals
from src.attachments.records import CLASSES, EXTRA, FINDINGS, PLAN, RUNLOG, TOTALS
from src.attachments.sides import Files, Logged, read_log
from src.attachments.source import is_as_planned
from src.attachments.upload import Context
from src.attachments.verdicts import DECISION_AT, Verdicts
from src.config import Settings
from src.kit import acting, plans, reading, receipts, runlog, stage, tables
from src.kit.book import Shelf
from src.kit.errors import SOME_ROWS_FAILED, Refused
from src.kit.logbook import Author
from src.kit.memory import Index
from src.office import connect, overview, pipelines


def main(argv: Sequence[str] | None = None) -> int:
    """Write the findings and the totals; or write the verdicts into the run log."""
    run = stage.start("reconcile_attachments", __doc__, argv, _options)
    settings = config.load(run.environ)
    courtesy = connect.courtesy(settings, run.run_id, run.clock)
    company = Attachables(connect.query(connect.company(settings, run.clock), courtesy))
    if run.args.dry_run and not run.args.apply:
        raise Refused("--dry-run: goes with --apply; without it nothing is applied anyway")
    if run.args.apply:
        return _apply(run, settings, company)
    with acting.locked(pipelines.attachments_shelf(settings)):
        return _compare(run, settings, company)


def _options(parser: ArgumentParser) -> None:
    parser.add_argument("--apply", action="store_true", help="write the verdicts")
    parser.add_argument("--dry-run", action="store_true", help="with --apply: decide only")


# --- comparing ------------------------------------------------------------------------


def _compare(run: stage.Run, settings: Settings, company: Attachables) -> int:
    path = pipelines.path_of(settings, PLAN)
    made = receipts.of_plan(settings.log_dir, path, PLAN)
    if plans.is_reverse(path, PLAN):
        raise Refused(f'{PLAN.place}: takes a run back; run "make verify" first')
    plan, totals = reading.table(path, PLAN), Totals()
    shelf = pipelines.attachments_shelf(settings)
    logged, index = read_log(shelf, connect.has_marks(settings))
    context = Context(settings.qbo_realm_id, str(settings.files_dir), made.run_id, False)
    seen = partial(is_as_planned, str(settings.files_dir))
    files = Files(context, index, logged, seen)
    progress = run.progress("read the source", int(made.rows))
    for row in files.take(progress.over(plan)):
        totals.add_source(row)
    progress.close()
    comparison = Comparison(Sides(logged, files, index, totals))
    decisions = plans.earlier(pipelines.path_of(settings, FINDINGS), FINDINGS)
    expected = company.count()
    count = _write_findings(run, settings, comparison, (decisions, company))
    total_rows = list(totals.rows())
    tables.write(pipelines.path_of(settings, TOTALS), TOTALS.row, total_rows)
    missing = max(0, int(made.rows) - plan.count)
    notes = [*comparison.notes(expected), *files.notes(missing), *decisions.notes]
    balance = comparison.balance(plan.count, len(plan.rejects), missing)
    differences = count - comparison.counts[EXTRA]  # a person's own are none
    is_same = not (differences or balance.rejected or balance.failed or files.damaged or missing)
    report = stage.Report(
        {word: comparison.counts[word] for word in CLASSES},
        balance,
        [(FINDINGS.place, count), (TOTALS.place, len(total_rows))],
        [*plan.notes, *notes],
        "make status" if is_same else f"{FINDINGS.place}, then make reconcile-apply",
        stage.OK if is_same and comparison.records == expected else SOME_ROWS_FAILED,
    )
    return run.finish(report, settings.log_dir)


def _write_findings(
    run: stage.Run,
    settings: Settings,
    comparison: Comparison,
    known: tuple[plans.Decisions, Attachables],
) -> int:
    decisions, company = known
    progress = run.progress("list the company")
    listed = progress.over(company.everything())
    with tables.writing(pipelines.path_of(settings, FINDINGS), FINDINGS.row) as append:
        for found in comparison.findings(listed):
            row = decisions.take_over(found)
            append(plans.signed(row, DECISION_AT, run.run_id))
    progress.close()
    return append.count


# --- applying -------------------------------------------------------------------------


def _apply(run: stage.Run, settings: Settings, company: Attachables) -> int:
    path = pipelines.path_of(settings, FINDINGS)
    made = receipts.of_plan(settings.log_dir, path, FINDINGS)
    plan = reading.table(path, FINDINGS)
    verdicts = Verdicts(settings.qbo_realm_id, made.run_id)
    verdicts.prepare(reading.table(path, FINDINGS))
    shelf = pipelines.attachments_shelf(settings)
    if run.args.dry_run:
        book = acting.Preview(history.read(shelf).index, run.clock)
        for _ in verdicts.log_rows(plan, _past(shelf, verdicts, company, book.index), book):
            pass
    else:
        author = Author(run.run_id, run.door, run.clock)
        with run.stopping_gently(), acting.open_book(shelf, author) as book:
            past = _past(shelf, verdicts, company, book.index)
            rows = verdicts.log_rows(plan, past, book)
            acting.record(book, rows, verdicts.remote_count)
        overview.refresh_views(settings)
    missing = max(0, int(made.rows) - plan.count)
    balance = verdicts.balance(len(plan.rejects), missing)
    report = stage.Report(
        dict(verdicts.counts),
        balance,
        notes=[*plan.notes, *verdicts.notes(missing, run.args.dry_run)],
        next_step="make attach reconcile",
        exit_code=SOME_ROWS_FAILED if verdicts.named or balance.rejected else stage.OK,
        appended=(RUNLOG.place, 0 if run.args.dry_run else balance.out),
    )
    return run.finish(report, settings.log_dir)


def _past(
    shelf: Shelf, verdicts: Verdicts, company: Attachables, index: Index
) -> tuple[Logged, Index]:
    """Return what the log says now; let the verdicts look at the company as it is."""
    logged = Logged(shelf.realm, verdicts.wanted)
    if verdicts.wanted:
        verdicts.look(company.everything(), index)
        logged.learn(runlog.rows(shelf.log, shelf.row_type))
    return logged, index


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
