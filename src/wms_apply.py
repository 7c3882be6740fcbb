"""Carry out the plan: QuickBooks Desktop and the warehouse, each change exactly once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from random import Random
from typing import NamedTuple

from src import config
from src.adapters.conductor import Change, Desktop
from src.config import Settings
from src.kit import acting, judgements, reading, receipts, stage
from src.kit.clock import REAL, Clock
from src.kit.delivery import Delivery, Limits, Tools
from src.kit.errors import NOTHING_DONE
from src.kit.logbook import Author
from src.kit.reading import Reading
from src.kit.receipts import Receipt
from src.kit.requests import Outside
from src.kit.retry import Courtesy, Pace, Pacer, Patience
from src.office import connect_desktop, connect_wms, pipelines
from src.wms import arriving, kept, views
from src.wms.applying import Applying, SyncDesk
from src.wms.carrying import Ground, Port
from src.wms.deciding import Cards, Unit, decided, of_kinds, subject
from src.wms.doubting import Doubts
from src.wms.pairs import Shelf
from src.wms.records import ERRORS, PIPELINE, PLAN, RUNLOG
from src.wms.store import Store

Connect = Callable[[Settings, Clock], Desktop]
EACH = Pace(60_000)  # so fast that only the order counts: one intent, one write


class Job(NamedTuple):
    """The plan that is to be applied."""

    run: stage.Run
    settings: Settings
    made: Receipt
    plan: Reading
    cards: Cards
    units: Sequence[Unit]


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
    plan, cards = reading.table(path, PLAN), Cards(made.run_id)
    job = Job(run, settings, made, plan, cards, cards.units(plan))
    with ExitStack() as stack:
        stack.enter_context(run.stopping_gently())
        author = Author(run.run_id, run.door, clock)
        shelf = pipelines.wms_shelf(settings)
        book = stack.enter_context(_book(run, shelf, author))
        database = stack.enter_context(connect_wms.database(settings, clock))
        port = _port(connect(settings, clock))
        ground = Ground(port, Store(database), database.transaction, clock.timestamp)
        return _apply(job, ground, book)


@contextmanager
def _book(run: stage.Run, shelf: books.Shelf, author: Author) -> Iterator[Any]:
    """Yield the books; a dry run has their memory alone."""
    if not run.args.dry_run:
        with acting.open_book(shelf, author) as book:
            yield book
        return
    with acting.locked(shelf):
        index = Index(shelf.row_type, shelf.same)
        index.learn(filter(None, runlog.rows(shelf.log, shelf.row_type)))
        yield acting.Preview(index, author.clock)


def _apply(job: Job, ground: Ground, book: Any) -> int:
    run, settings = job.run, job.settings
    path = pipelines.path_of(settings, PLAN)
    mirror = partial(arriving.picked, Shelf(partial(pipelines.path_of, settings), _unnoted))
    applying = Applying(ground, mirror, run.args.dry_run)
    desk = SyncDesk(book, applying.to_row)
    lookup = Lookup(ground.port, applying.carrier)
    doubts = Doubts(book.index, job.units, partial(kept.plans, settings.data_dir))
    doubts.look_with(lookup, mirror)
    outside = Outside(applying.carrier.send, lookup.find, doubts.list_all, lambda: 1)
    delivery = Delivery(desk, outside, _limits(job), _tools(job))
    if run.args.dry_run:
        applying.work_at(desk, acting.Nowhere())
        _units(job, applying, lambda items: list(items))
    else:
        applying.work_at(desk, delivery)
        kept.keep(path, run.run_id)
        delivery.resolve_doubt(doubts.bind)
        applying.is_stopped = lambda: bool(
            delivery.stopped_by or delivery.limit_reached or run.signal
        )
        _units(job, applying, delivery.deliver)
        applying.log_held(job.cards.held)
        acting.end(book, delivery, outside.count)
        _remember(job)
    return _finish(job, applying, (desk, delivery))


def _units(job: Job, applying: Applying, deliver: Callable[[Iterable], object]) -> None:
    """Deliver kind by kind, so that what is referred to is there first."""
    for kind, units in of_kinds(job.units):
        items = applying.items(kind, units)
        if not applying.is_stopped():
            deliver(items)
        for _ in items:  # stopped early: the rest is counted
            pass


def _remember(job: Job) -> None:
    """Remember the answers that a later plan would ask for again."""
    now, run_id = job.run.clock.timestamp(), job.run.run_id
    known = judgements.verdicts(job.settings.data_dir, PIPELINE)
    judgements.append(
        job.settings.data_dir,
        (
            (now, run_id, PIPELINE, subject(card), decided(card), card.reason)
            for card in job.cards.answers
            if known.get(subject(card)) != decided(card)
        ),
    )


def _finish(job: Job, applying: Applying, work: tuple[SyncDesk, Delivery]) -> int:
    (desk, delivery), cards, run = work, job.cards, job.run
    rejects = len(job.plan.rejects)
    missing = max(0, int(job.made.rows) - cards.known - rejects)
    people = (cards.waiting + missing, cards.skipped)
    balance = applying.balance(job.plan.count + missing, people, rejects)
    files = []
    if not run.args.dry_run:
        log, errors = (pipelines.path_of(job.settings, t) for t in (RUNLOG, ERRORS))
        files = [(ERRORS.place, views.write(log, errors, run.run_id))]
    is_other = bool(cards.damaged) and len(cards.damaged) == job.plan.count
    code = acting.exit_code(balance, delivery) if not run.args.dry_run else OK
    report = stage.Report(
        {**applying.would, **desk.rows},
        balance,
        files,
        [*delivery.notes, *notes(job.units, cards, balance, missing)],
        "make wms-fetch" if not balance.held else f"decide in {PLAN.place}, then {APPLY}",
        NOTHING_DONE if is_other and not delivery.has_doubt else code,
        (RUNLOG.place, sum(desk.rows.values())),
    )
    return run.finish(report, job.settings.log_dir)


def _limits(job: Job) -> Limits:
    limits = Limits(1, settle_seconds=job.settings.conductor_settle_seconds)
    return acting.limits_of(job.run.args, limits)._replace(workers=1)


def _tools(job: Job) -> Tools:
    run, first_wait = job.run, 0.01 if job.settings.conductor_api == "fake" else 2.0
    patience = Patience(Random(run.run_id), first_wait)
    pacer = Pacer(Pace(), job.clock)
    return Tools(job.clock, patience, pacer, lambda: bool(run.signal), run.say)


def _port(company: Desktop) -> Port:
    return Port(
        company.records, company.read, lambda *change: company.write(Change(*change))
    )


def _unnoted(*_: object) -> None:
    """Write nothing down: the mirror is only read."""


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
