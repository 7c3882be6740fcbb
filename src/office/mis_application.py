"""The plan of the customers at work: books, company, MIS and delivery put together."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from src.adapters.qbo import LARGEST_BATCH, Company
from src.config import Settings
from src.kit import acting, plans, reading, runlog, stage
from src.kit.book import Book
from src.kit.clock import Clock
from src.kit.database import Database
from src.kit.delivery import Delivery, Limits, Tools
from src.kit.errors import Refused
from src.kit.logbook import Author
from src.kit.memory import Index
from src.kit.reading import Reading
from src.kit.receipts import Receipt
from src.kit.requests import Outside
from src.kit.runlog import RawRow
from src.mis import keys
from src.mis.doubting import Doubts
from src.mis.entries import PushDesk
from src.mis.looking import Lookup, Port
from src.mis.naming import Names
from src.mis.pushing import Context, Pushes, Survey
from src.mis.records import NAMES, PLAN, TYPES, Planned, Pushed
from src.mis.renaming import NextNames
from src.mis.saying import Log
from src.mis.sending import Sender
from src.mis.statuses import Owner, Statuses, Untold
from src.mis.store import Store
from src.office import connect, connect_mis, mis_company, pipelines
from src.office.mis_company import BATCHES_PER_MINUTE

# What was created since a run began is asked for by the company's clock, not ours.
ASTRAY = timedelta(days=1)
_UNKNOWN = "runs that are over had {:,} person(s) in hand, and their end is not known"
_REALM_AT = Pushed._fields.index("realm_id")


class Side(NamedTuple):
    """Both sides, as functions of the settings."""

    opened: Callable[[Settings], AbstractContextManager[Database]] = connect_mis.database
    connected: Callable[[Settings, Clock], Company] = connect.company


class Job(NamedTuple):
    """What is to be pushed, and by which clock."""

    run: stage.Run
    settings: Settings
    clock: Clock
    made: Receipt  # of the plan

    def rows(self) -> Reading:
        """Return the plan, ready to be iterated."""
        return plans.read(pipelines.path_of(self.settings, PLAN), PLAN)


class Work(NamedTuple):
    """What did it, and how it went."""

    pushes: Pushes
    desk: PushDesk
    delivery: Delivery
    survey: Survey
    plan: Reading  # as it was read
    problem: Refused | None = None  # why the MIS could not be told

    @property
    def notes(self) -> list[str]:
        """Return what a person should know of the books and of the delivery."""
        return [*getattr(self.desk.book, "repairs", ()), *self.delivery.notes]


class RealmBook(Book):
    """Books that remember what was done in their own realm: keys name none."""

    def _learn(self, rows: Iterable[RawRow]) -> None:
        super()._learn(_of_realm(rows, self._shelf.realm))


def _of_realm(rows: Iterable[RawRow], realm: str) -> Iterator[RawRow]:
    return (row for row in rows if row and runlog.text(row[_REALM_AT]) == realm)


class _Noted:
    """Books that take rows to be written later."""

    def __init__(self, book: Book) -> None:
        self.rows: list[Sequence[str]] = []
        self.index, self.next_seq, self.stamp = book.index, book.next_seq, book.stamp
        self.note, self.repairs = self.rows.append, book.repairs


def push(job: Job, sides: Side = Side()) -> Work:
    """Carry out the plan, or only say what would be done."""
    shelf = pipelines.mis_shelf(job.settings)
    if job.run.args.dry_run:
        with acting.locked(shelf):
            index = Index(shelf.row_type, shelf.same)
            index.learn(_of_realm(runlog.rows(shelf.log, Pushed), shelf.realm))
            preview = acting.Preview(index, job.clock)
            return _Office(job, preview, Untold(), sides).preview()
    author = Author(job.run.run_id, job.run.door, job.clock)
    with acting.open_book(shelf, author, RealmBook) as book:
        with sides.opened(job.settings) as database:
            statuses = _statuses(job, database)
            statuses.look()
            return _Office(job, book, statuses, sides).push()


def _statuses(job: Job, database: Database) -> Statuses:
    store = Store(database, job.settings.mis_pushed_by)
    store.prepare()
    place = keys.installation(socket.gethostname(), str(job.settings.log_dir))
    return Statuses(store, Owner(job.run.run_id, place), job.clock.now)


class _Office:
    """One run: everybody who has a part in it."""

    def __init__(
        self, job: Job, book: Any, statuses: Statuses | Untold, sides: Side
    ) -> None:
        self._job, self._book, self._statuses = job, book, statuses
        settings = job.settings
        shelf = pipelines.mis_shelf(settings)
        self._log = Log(shelf.log, shelf.realm)
        self._pushes = Pushes(_context(job), self._log, statuses)
        self._plan = job.rows()
        manners = connect.courtesy(settings, job.run.run_id, job.clock)
        self._tools = Tools(*manners, lambda: bool(job.run.signal), job.run.say)
        company = lru_cache(lambda: sides.connected(settings, job.clock))
        self._outside, self._doubts = self._sides(mis_company.port(company, manners))
        self._desk = PushDesk(book, self._pushes.to_row)
        self._delivery = Delivery(self._desk, self._outside, _limits(job), self._tools)
        self._pushes.work_at(self._desk, self._delivery)

    def _sides(self, port: Port) -> tuple[Outside, Doubts]:
        settings, pushes = self._job.settings, self._pushes
        names = NextNames(lambda: _names(self._job)).of
        ids = {found: name for name, found in settings.custom_field_ids.items()}
        since = self._job.clock.now() - ASTRAY
        lookup = Lookup(port, since.isoformat(timespec="seconds"))
        pushes.entries.token_of = lambda key: lookup.tokens.get(key, "")
        doubts = Doubts(
            self._book.index,
            lookup,
            lambda: pushes.sendable(self._job.rows()),
            lambda: pushes.sent_before(_applied(settings)),
        )
        doubts.others = self._statuses.others
        send = Sender(port, names, ids).send
        return Outside(send, lookup.find, doubts.list_all, port.count), doubts

    # --- ways to go -------------------------------------------------------------------

    def push(self) -> Work:
        """Send what the plan lets go; ask nobody where nothing is to be sent."""
        book = self._book
        if unknown := self._statuses.unknown(self._log):
            book.doubts.append(_UNKNOWN.format(unknown))
        survey = self._pushes.survey(self._job.rows())
        if survey.goes or book.index.doubtful or book.doubts:
            self._deliver(survey)
        else:
            self._settle()
        self._statuses.end(self._log)
        return self._work(survey, self._statuses.problem)

    def preview(self) -> Work:
        """Count what would be sent."""
        self._work_at(self._desk)
        survey = self._pushes.survey(self._job.rows())
        for _ in self._pushes.items(self._plan):
            pass
        return self._work(survey)

    def _work(self, survey: Survey, problem: Refused | None = None) -> Work:
        return Work(
            self._pushes, self._desk, self._delivery, survey, self._plan, problem
        )

    def _work_at(self, desk: PushDesk) -> None:
        """Decide without asking QuickBooks anything."""
        self._desk = desk
        self._pushes.work_at(desk, acting.Nowhere())

    def _settle(self) -> None:
        """Adopt and hold what the plan says; the log is as good as it was."""
        noted = _Noted(self._book)
        self._work_at(PushDesk(noted, self._pushes.to_row))  # type: ignore[arg-type]
        for _ in self._pushes.items(self._plan):
            raise AssertionError("nothing was to be sent")
        self._pushes.log_held()
        acting.record(self._book, noted.rows, lambda: self._book.sealed_count)
        self._statuses.release(self._log)

    def _deliver(self, survey: Survey) -> None:
        delivery, statuses, job = self._delivery, self._statuses, self._job
        delivery.resolve_doubt(self._doubts.bind)
        if delivery.is_doubt_resolved:
            self._book.commit()
            statuses.release(self._log)
            statuses.lease(self._doubts.again(self._desk.is_taken))
        if survey.goes:
            plans.keep(pipelines.path_of(job.settings, PLAN), job.run.run_id)
        self._pushes.is_stopped = lambda: bool(
            delivery.stopped_by or delivery.limit_reached
        )
        progress = job.run.progress("push", int(job.made.rows))
        items = self._pushes.items(progress.over(self._plan))
        delivery.deliver(items)
        for _ in items:  # stopped early: the rest is read and counted
            pass
        progress.close()
        self._pushes.log_held()
        acting.end(self._book, delivery, self._outside.count)


def _context(job: Job) -> Context:
    settings, args = job.settings, job.run.args
    return Context(
        settings.qbo_realm_id,
        job.made.run_id,
        job.made.ts,
        [TYPES[word] for word in args.types or TYPES],
        args.batch_size,
    )


def _limits(job: Job) -> Limits:
    settings = job.settings
    limits = Limits(
        items_per_request=min(LARGEST_BATCH, job.run.args.batch_size),
        workers=settings.qbo_parallel,
        settle_seconds=settings.qbo_settle_seconds,
        batches_per_minute=BATCHES_PER_MINUTE,
    )
    return acting.limits_of(job.run.args, limits)


def _applied(settings: Settings) -> Iterator[Planned]:
    """Yield the rows of the plans that were applied, the newest first."""
    for plan in plans.applied(settings.data_dir, PLAN):
        try:
            yield from plan
        except Refused:  # it cannot be read to its end
            continue


def _names(job: Job) -> Names:
    """Return who has which name, as it was fetched, and as it is planned."""
    found = Names(job.settings.mis_name_template)
    path = pipelines.path_of(job.settings, NAMES)
    for one in reading.table(path, NAMES) if path.exists() else ():
        found.take(one.name, f"{one.list} {one.id}")
    for row in job.rows():
        found.take(row.display_name, f"{row.type} {row.mis_id}")
    return found
