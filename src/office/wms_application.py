"""The synchronization's plan at work: books, both sides and the delivery put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from random import Random
from typing import Any, NamedTuple

from src.adapters.conductor import Change, Desktop
from src.config import Settings
from src.kit import acting, plans, receipts, runlog, stage
from src.kit.clock import Clock
from src.kit.delivery import Delivery, Limits, Tools
from src.kit.logbook import Author
from src.kit.memory import Index
from src.kit.requests import Item, Outside
from src.kit.retry import Pace, Pacer, Patience
from src.office import connect_wms, pipelines, wms_company
from src.wms import arriving, kept, levels
from src.wms.applying import Applying, SyncDesk
from src.wms.deciding import Cards, Unit, of_kinds
from src.wms.doubting import Doubts
from src.wms.fields import Kind
from src.wms.finishing import Ground, Port
from src.wms.levelling import Leveller
from src.wms.looking import Lookup
from src.wms.pairs import Shelf
from src.wms.records import MIRROR, PLAN, SENT
from src.wms.sending import Sendings
from src.wms.sides import Folders
from src.wms.store import Store

FIRST_WAIT = 2.0  # seconds before something goes again; QuickBooks answers in 3 to 6
Connect = Callable[[Settings, Clock], Desktop]


class Job(NamedTuple):
    """What is to be applied, and by which clock."""

    run: stage.Run
    settings: Settings
    clock: Clock
    cards: Cards
    units: Sequence[Unit]


class Work(NamedTuple):
    """What did it, and how it went."""

    applying: Applying
    desk: SyncDesk
    delivery: Delivery

    @property
    def notes(self) -> list[str]:
        """Return what a person should know of the books and of the delivery."""
        return [*getattr(self.desk.book, "repairs", ()), *self.delivery.notes]


def apply(job: Job, connect: Connect) -> Work:
    """Carry out the units, or only say what would be done."""
    wms_company.claim(job.settings, job.clock)
    with _book(job) as book, connect_wms.database(job.settings, job.clock) as database:
        port = _port(connect(job.settings, job.clock))
        now = job.clock.timestamp
        fetched_at = partial(_fetched_at, job.settings)
        sendings = Sendings(pipelines.path_of(job.settings, SENT), book.stamp)
        store, transaction = Store(database), database.transaction
        ground = Ground(port, store, transaction, now, fetched_at, sendings)
        work, doubts = _work(job, ground, book)
        if job.run.args.dry_run:
            work.applying.work_at(work.desk, acting.Nowhere())
            _deliver(job, work, lambda items: None)
        else:
            if job.units or job.cards.net:
                plans.keep(pipelines.path_of(job.settings, PLAN), job.run.run_id)
            work.delivery.resolve_doubt(doubts.bind)
            _deliver(job, work, work.delivery.deliver)
            if not work.applying.is_stopped() and _knows_movements(job.settings):
                Leveller(ground).level(work.applying.finisher.moved)
            work.applying.log_held(job.cards.held)
            acting.end(book, work.delivery, _count)
            doubtless = work.delivery.is_doubt_resolved and not work.delivery.has_doubt
            sendings.end(doubtless)
    return work


@contextmanager
def _book(job: Job) -> Iterator[Any]:
    """Yield the books; a dry run has their memory alone."""
    shelf = pipelines.wms_shelf(job.settings)
    if not job.run.args.dry_run:
        author = Author(job.run.run_id, job.run.door, job.clock)
        with acting.open_book(shelf, author) as book:
            yield book
        return
    with acting.locked(shelf):
        index = Index(shelf.row_type, shelf.same)
        index.learn(filter(None, runlog.rows(shelf.log, shelf.row_type)))
        yield acting.Preview(index, job.clock)


def _work(job: Job, ground: Ground, book: Any) -> tuple[Work, Doubts]:
    run, settings = job.run, job.settings
    shelf = Shelf(partial(pipelines.path_of, settings), _unnoted)
    mirror = partial(arriving.picked, shelf)
    applying = Applying(ground, mirror, run.args.dry_run)
    desk = SyncDesk(book, applying.to_row)
    lookup = Lookup(ground.port, applying.finisher)
    doubts = Doubts(book.index, job.units, partial(kept.plans, settings.data_dir))
    doubts.look_with(lookup, mirror)
    outside = Outside(applying.carrier.send, lookup.find, doubts.list_all, _count)
    delivery = Delivery(desk, outside, _limits(job), _tools(job))
    applying.work_at(desk, delivery)
    applying.finisher.planned = partial(kept.planned, settings.data_dir)
    applying.room = run.args.limit or applying.room  # on whichever side
    # Books that can be relied on know all that was begun.
    is_reliable = not getattr(book, "doubts", ())
    applying.is_unknown = lambda key: key in lookup.unanswered and not is_reliable
    applying.has_unanswered = lambda: bool(lookup.unanswered)
    applying.is_stopped = lambda: bool(
        delivery.stopped_by or run.signal
    )
    return Work(applying, desk, delivery), doubts


def _deliver(
    job: Job, work: Work, deliver: Callable[[Iterable[Item]], object]
) -> None:
    """Deliver kind by kind, so that what is referred to is there first."""
    for kind, units in of_kinds(job.units):
        items = work.applying.items(kind, units)
        if not work.applying.is_stopped():
            deliver(items)
        for _ in items:  # stopped early: the rest is counted
            pass
    work.applying.net_change(job.cards.net)


def _knows_movements(settings: Settings) -> bool:
    return levels.is_listed(Folders(settings.data_dir, settings.log_dir))


def _fetched_at(settings: Settings, kind: Kind) -> str:
    place = MIRROR[kind.name].place
    receipt = receipts.last(settings.log_dir, place, receipts.FILE)
    return receipt.ts if receipt else ""


def _count() -> int:
    """Return a number that never changes: Conductor counts nothing."""
    return 1


def _limits(job: Job) -> Limits:
    # QuickBooks does one thing at a time, and what refers to others comes after them.
    limits = Limits(1, settle_seconds=job.settings.conductor_settle_seconds)
    return acting.limits_of(job.run.args, limits)._replace(workers=1, max_items=0)


def _tools(job: Job) -> Tools:
    first_wait = 0.01 if job.settings.conductor_api == "fake" else FIRST_WAIT
    patience = Patience(Random(job.run.run_id), first_wait)
    pacer = Pacer(Pace(), job.clock)
    return Tools(job.clock, patience, pacer, lambda: bool(job.run.signal), job.run.say)


def _port(company: Desktop) -> Port:
    return Port(
        company.records, company.read, lambda *change: company.write(Change(*change))
    )


def _unnoted(*_: object) -> None:
    """Write nothing down: the mirror is only read."""
