"""One import, from the file to the database: read, compare, store, count."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import NamedTuple

from src.kit import tables
from src.kit.importing import (
    FAILED,
    FLAGGED,
    HELD,
    REJECTED,
    Desk,
    Import,
    Limits,
    Problem,
)
from src.kit.progress import Progress
from src.kit.reading import Reading
from src.kit.stage import Balance
from src.salespro import history, preview
from src.salespro.history import Ending, History
from src.salespro.intake import Intake, Unread
from src.salespro.records import PLAN, REJECTS
from src.salespro.shapes import UPDATED_AT, Shape
from src.salespro.statements import ACTING, CREATED, STALE, UNCHANGED
from src.salespro.store import Odd, Store

STALE_ROW = "stale"
DUPLICATE = "duplicate"  # the category of a row whose id the file has twice
NO_AMOUNT = "no_amount"
SHOWN = 5  # rejects and duplicates that the summary names


class Order(NamedTuple):
    """What is to be imported: the open file, what it is, and how to read it."""

    shape: Shape
    reading: Reading
    zone: tzinfo | None
    limits: Limits


class Importer:
    """One import; the caller holds the database's lock and has begun its history."""

    def __init__(self, order: Order, desk: Desk) -> None:
        self.order, self._desk = order, desk
        self.imported = Import(desk, order.limits)
        present = order.shape.present(order.reading.lacking)
        homeless = [name for _, name in order.reading.dialect.rest]
        self.is_dated = any(field.name == UPDATED_AT for field in present)
        self.store = Store(desk.database, order.shape, present, homeless)
        self.rejects = 0  # records of the rejects' file
        self.previewed = 0  # rows of the plan
        self.not_attempted = 0
        self.cents = (0, 0)  # stored amounts, before and after
        self.examples: list[str] = []  # the first rejects, as sentences
        self.repeats: list[Odd] = []  # the first rows whose id the file has twice
        self.index_problem = ""  # what was in the way of an index
        self.store.flag = self._flag

    # --- reading and comparing --------------------------------------------------------

    def read(self, rejects: Path, progress: Progress) -> None:
        """Stage the file's rows; write those that cannot be read to the rejects."""
        with tables.writing(rejects, REJECTS.row) as append:

            def refuse(unread: Unread) -> None:
                append(tables.escaped(unread.reject))
                self._refuse(unread)

            shape, reading, zone, _ = self.order
            intake = Intake(shape, reading, zone, refuse)
            self.store.load(intake.rows(progress.advance))
        self.rejects = append.count
        progress.close()

    def _refuse(self, unread: Unread) -> None:
        self.imported.report(unread.problem)
        if len(self.examples) < SHOWN:
            reject = unread.reject
            words = f"{reject.file}: line {reject.line}: {unread.problem.error}"
            self.examples.append(words)

    def compare(self) -> None:
        """Find out what is to be done about each row; report those that stay out."""
        self.store.compare()
        self.cents = (self.store.total_cents(), 0)
        for odd in self.store.held():
            self._leave(odd, HELD, odd.word)
        for odd in self.store.repeats():
            self._leave(odd, STALE_ROW, DUPLICATE)
            if len(self.repeats) < SHOWN:
                self.repeats.append(odd)
        self.imported.counts[STALE_ROW] = self._count(STALE)

    def _leave(self, odd: Odd, outcome: str, category: str) -> None:
        reason = preview.reason(odd, self.is_dated)
        self.imported.report(
            Problem(str(odd.line), odd.key, outcome, category, reason)
        )

    def write_plan(self, path: Path) -> None:
        """Write what would change: a row per field, new record, row left out."""
        with tables.writing(path, PLAN.row) as append:
            for row in preview.rows(self.store, self.is_dated):
                append(tables.escaped(row))
        self.previewed = append.count

    # --- storing ----------------------------------------------------------------------

    def keep_copy(self, run_id: str) -> None:
        """Keep a copy of the database, where it is about to change."""
        if sum(self.predicted) and not self.order.limits.is_dry_run:
            self._desk.database.keep_copy(run_id)

    def apply(self, record: History, begin: Callable[[int], Progress]) -> None:
        """Store what is new and what changed, batch by batch."""
        work = self.store.work(record)
        progress = begin(work.total)
        self.not_attempted = self.imported.apply(work, progress.advance)
        progress.close()
        self.index_problem = self.store.make_indexes()
        self.cents = (self.cents[0], self.store.total_cents())

    def _flag(self, line: int, key: str) -> None:
        reason = "a sale without an amount; enter it in SalesPro and export again"
        self.imported.report(Problem(str(line), key, FLAGGED, NO_AMOUNT, reason))

    # --- counting ---------------------------------------------------------------------

    def _count(self, words: Sequence[str]) -> int:
        return sum(self.store.words[word] for word in words)

    @property
    def unchanged(self) -> int:
        """Return how many rows say what is stored."""
        return self.store.words[UNCHANGED]

    @property
    def predicted(self) -> tuple[int, int]:
        """Return how many rows comparing found to be new, and to be changed."""
        created = self.store.words[CREATED]
        return created, self._count(ACTING) - created

    @property
    def done(self) -> tuple[int, int]:
        """Return how many rows the database says it created and updated."""
        return self.imported.counts["created"], self.imported.counts["updated"]

    def balance(self) -> Balance:
        """Return where the file's records went."""
        skipped = self.unchanged + self.imported.counts[STALE_ROW]
        read = self.order.reading.count
        return self.imported.balance(read, skipped, self.not_attempted)

    def ending(self) -> Ending:
        """Return what the history is to say of an import that came to its end."""
        counts = self.imported.counts.copy()
        counts["unchanged"] = self.unchanged
        counts["processed"] = self.order.reading.count - self.not_attempted
        problems = counts[REJECTED] + counts[HELD] + counts[FAILED]
        well = sum(self.done) + self.unchanged + counts[STALE_ROW]
        status = history.COMPLETED
        if problems or self.not_attempted:
            status = history.PARTIAL if well else history.FAILED
        stopped = self.imported.stopped_by
        return Ending(status, f"stopped by {stopped}" if stopped else "", counts)
