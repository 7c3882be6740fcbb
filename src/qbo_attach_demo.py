"""Upload the verified files into QuickBooks, each exactly once."""

from __future__ import annotations

from collections.abc import Sequence

from src import config
from src.attachments import history, views
from src.attachments.records import DUPS, ERRORS, PLAN, PLAN_REJECTS, RUNLOG
from src.attachments.removing import RemovalDesk
from src.attachments.upload import Uploads
from src.config import Settings
from src.kit import acting, receipts, reading, stage, tables
from src.kit.delivery import Bind, Delivery, Limits, Tools
from src.kit.errors import NOTHING_DONE, OK, SOME_ROWS_FAILED
from src.kit.logbook import Author
from src.kit.progress import Progress
from src.kit.reading import Reject
from src.kit.requests import Desk, Item, Outcome
from src.office import attaching, connect, pipelines


def main(argv: Sequence[str] | None = None) -> int:
    """Send what the plan lets proceed; write the run log and its two views."""
    run = stage.start("qbo_attach_demo", __doc__, argv, stage.acting_options)
    settings = config.load(run.environ)
    path = pipelines.path_of(settings, PLAN)
    made = receipts.of_plan(settings.log_dir, path, PLAN)
    job = attaching.job(settings, run.run_id, made)
    plan, uploads = job.rows(), job.uploads
    if run.args.dry_run:
        return _preview(run, job, plan)
    courtesy = connect.courtesy(settings, run.run_id, run.clock)
    company = connect.company(settings, run.clock)
    author = Author(run.run_id, run.door, run.clock)
    shelf = pipelines.attachments_shelf(settings)
    with run.stopping_gently(), acting.open_book(shelf, author) as book:
        desk = RemovalDesk(book, uploads.to_row)
        outside, bind = attaching.sides(job, desk, company, courtesy)
        work = (_limits(run, job), Tools(*courtesy, lambda: bool(run.signal), run.say))
        delivery = Delivery(desk, outside, *work)
        uploads.work_at(desk, delivery)
        job.keep()
        progress = run.progress("attach", int(made.rows))
        _send(uploads, (delivery, plan), bind, progress)
        _count_left_out(desk, uploads)
        acting.end(book, delivery, outside.count)
        book.index.forget()
    said = [*book.repairs, *delivery.notes, *connect.notes(settings)]
    missing = max(0, int(made.rows) - plan.count)
    balance = uploads.balance(len(plan.rejects), missing)
    report = stage.Report(
        {**desk.told, **dict(uploads.left_out())},
        balance,
        _write_views(settings, plan.rejects),
        [*said, *uploads.notes],
        "make status",
        _exit_code(uploads, balance, delivery),
        (RUNLOG.place, sum(desk.rows.values())),
        warnings=[*delivery.warnings, *uploads.warnings(missing, plan.rejects)],
    )
    return run.finish(report, settings.log_dir)


def _send(
    uploads: Uploads,
    work: tuple[Delivery, reading.Reading],
    bind: Bind,
    progress: Progress,
) -> None:
    """Resolve what is open, send the plan, count what is not attempted."""
    delivery, plan = work
    delivery.resolve_doubt(bind)
    uploads.is_stopped = lambda: bool(delivery.stopped_by or delivery.limit_reached)
    items = uploads.items(progress.over(plan))
    delivery.deliver(items)
    for _ in items:  # stopped early: the rest is read and counted
        pass
    progress.close()


def _exit_code(uploads: Uploads, balance: stage.Balance, delivery: Delivery) -> int:
    if uploads.is_of_another_plan and not delivery.has_doubt:
        return NOTHING_DONE
    code = acting.exit_code(balance, delivery)
    return SOME_ROWS_FAILED if code == OK and uploads.kept else code


def _limits(run: stage.Run, job: attaching.Job) -> Limits:
    settings = job.settings
    limits = Limits(
        items_per_request=1 if job.is_reverse else settings.qbo_files_per_request,
        workers=settings.qbo_parallel,
        settle_seconds=settings.qbo_settle_seconds,
    )
    return acting.limits_of(run.args, limits)


def _count_left_out(desk: Desk, uploads: Uploads) -> None:
    """Write one line for all the rows that got none of their own."""
    for word, count in uploads.left_out():
        desk.write(Outcome(Item(""), word, error=f"{count:,} rows of the plan"))


def _write_views(settings: Settings, rejects: list[Reject]) -> list[tuple[str, int]]:
    log, errors, dups = (pipelines.path_of(settings, t) for t in (RUNLOG, ERRORS, DUPS))
    counts = zip((ERRORS.place, DUPS.place), views.write(log, errors, dups))
    if not rejects:
        return list(counts)
    path = pipelines.path_of(settings, PLAN_REJECTS)
    return [*counts, (PLAN_REJECTS.place, tables.write(path, Reject, rejects))]


def _preview(run: stage.Run, job: attaching.Job, plan: reading.Reading) -> int:
    """Decide as a real run would, send and write nothing."""
    uploads, settings = job.uploads, job.settings
    past = history.read(pipelines.attachments_shelf(settings))
    book = acting.Preview(past.index, run.clock)
    desk = RemovalDesk(book, uploads.to_row)
    uploads.work_at(desk, acting.Nowhere())
    would = sum(1 for _ in uploads.items(plan))
    balance = uploads.balance(len(plan.rejects), 0)
    report = stage.Report(
        {f"would be {'deleted' if job.is_reverse else 'sent'}": would, **desk.rows},
        balance,
        notes=["a dry run: nothing was sent or logged"],
        next_step="make attach",
    )
    return run.finish(report, settings.log_dir)


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
