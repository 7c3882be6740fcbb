"""Carry out the plan: QuickBooks Desktop and the warehouse, each change exactly once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from src import config
from src.adapters.conductor import Desktop
from src.config import Settings
from src.kit import acting, judgements, plans, receipts, stage
from src.kit.clock import REAL, Clock
from src.kit.errors import NOTHING_DONE, OK, SOME_ROWS_FAILED
from src.kit.reading import Reading
from src.kit.receipts import Receipt
from src.office import connect_desktop, pipelines, wms_application
from src.office.wms_application import Job, Work
from src.wms import covering, freshness, views
from src.wms.deciding import Cards, decided, subject
from src.wms.records import APPLY, ERRORS, FETCH, PIPELINE, PLAN, RUNLOG

SHOWN = 5  # that are named
Connect = Callable[[Settings, Clock], Desktop]


def main(
    argv: Sequence[str] | None = None,
    connect: Connect = connect_desktop.desktop,
    clock: Clock = REAL,
) -> int:
    """Apply the plan; append the run log, write its errors view, keep the plan."""
    run = stage.start("wms_apply", __doc__, argv, stage.acting_options)
    settings = config.load(run.environ)
    path = pipelines.path_of(settings, PLAN)
    made = receipts.of_plan(settings.log_dir, path, PLAN)
    plan, cards = plans.read(path, PLAN), Cards(made.run_id)
    job = Job(run, settings, clock, cards, cards.units(plan))
    freshness.check(settings.log_dir, cards.kinds)
    with run.stopping_gently(), connect_desktop.alone(settings):
        work = wms_application.apply(job, connect)
    if not run.args.dry_run:
        _remember(job, work.applying.carried)
    return run.finish(_report(job, work, (plan, made)), settings.log_dir)


def _remember(job: Job, carried: Collection[str]) -> None:
    """Remember the answers, carried out, that a later plan would ask for again."""
    now, run_id = job.run.clock.timestamp(), job.run.run_id
    known = judgements.verdicts(job.settings.data_dir, PIPELINE)
    judgements.append(
        job.settings.data_dir,
        (
            (now, run_id, PIPELINE, subject(card), decided(card), card.reason)
            for card in job.cards.answers
            if card.row in carried and known.get(subject(card)) != decided(card)
        ),
    )


def _report(job: Job, work: Work, source: tuple[Reading, Receipt]) -> stage.Report:
    (applying, desk, _), (plan, made) = work, source
    cards, is_dry_run = job.cards, job.run.args.dry_run
    missing = max(0, int(made.rows) - cards.known - len(plan.rejects))
    people = (cards.waiting + missing, cards.skipped)
    balance = applying.balance(plan.count + missing, people, len(plan.rejects))
    notes = [*work.notes, _planned(job, balance)]
    held = f"decide in {PLAN.place}, then {APPLY}"
    if not (is_dry_run or balance.not_attempted):
        author = covering.Author(job.clock.timestamp(), job.run.run_id, job.run.door)
        covering.note_applied(job.settings.log_dir, author, made.run_id)
    return stage.Report(
        {**applying.would, **desk.rows},
        balance,
        [] if is_dry_run else _write_views(job),
        [*notes, "a dry run: nothing was sent or written"] if is_dry_run else notes,
        APPLY if applying.would else held if balance.held > applying.unchanged else FETCH,
        OK if is_dry_run else _exit_code(job, balance, work),
        (RUNLOG.place, sum(desk.rows.values())),
        warnings=[*work.delivery.warnings, *_kept(applying.kept), *_held(cards, missing)],
    )


def _exit_code(job: Job, balance: stage.Balance, work: Work) -> int:
    damaged = len(job.cards.damaged)
    if damaged and damaged == balance.read and not work.delivery.has_doubt:
        return NOTHING_DONE
    code = acting.exit_code(balance, work.delivery)
    return SOME_ROWS_FAILED if code == OK and balance.held else code


def _planned(job: Job, balance: stage.Balance) -> str:
    """Return what was planned, and what came of it."""
    cards = job.cards
    rows = sum(unit.size for unit in job.units) + len(cards.net)
    records = len(job.units) + len({(card.kind, card.wms_id) for card in cards.net})
    done = f", {balance.out:,} change(s) were carried out"
    said = f"the plan said {rows:,} change(s) of {records:,} record(s)"
    return said if job.run.args.dry_run else said + done


def _kept(sentences: Sequence[str]) -> Iterator[str]:
    """Yield what QuickBooks keeps, because somebody changed it there since the plan."""
    for sentence in sentences[:SHOWN]:
        yield f"kept: {sentence}"
    if len(sentences) > SHOWN:
        yield f"kept: {len(sentences) - SHOWN:,} more; see {RUNLOG.place}"


def _held(cards: Cards, missing: int) -> Iterator[str]:
    """Yield what is wrong with the plan, and kept rows of it from being carried out."""
    if missing:
        yield f"held: {missing:,} row(s) of the plan are missing"
    if cards.damaged and len(cards.damaged) == cards.known:
        yield "held: this is another plan than the last; run make wms-plan"
    elif cards.damaged:
        yield (
            f"held: {len(cards.damaged):,} row(s) changed elsewhere than in decision: "
            + ", ".join(cards.damaged[:5])
        )


def _write_views(job: Job) -> list[tuple[str, int]]:
    covered = covering.last_runs(job.settings.log_dir)
    log, errors = (pipelines.path_of(job.settings, table) for table in (RUNLOG, ERRORS))
    return [(ERRORS.place, views.write(log, errors, covered))]


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
