"""The frame around a delivery: locks, books, limits from the command line, clean end."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from src.kit.answers import Unanswered
from src.kit.book import Book, Shelf
from src.kit.clock import Clock
from src.kit.delivery import Delivery, Limits
from src.kit.errors import (
    AUTHORIZE_AGAIN,
    IN_DOUBT,
    OK,
    SOME_ROWS_FAILED,
    STOPPED_EARLY,
)
from src.kit.locks import Lock
from src.kit.logbook import Author
from src.kit.memory import Index
from src.kit.stage import Balance, seconds_allowed


@contextmanager
def open_book(
    shelf: Shelf, author: Author, make: Callable[[Shelf, Author], Book] = Book
) -> Iterator[Book]:
    """Yield the books of a pipeline under its lock and its realm's.

    Raises Locked where another run has them.
    """
    with locked(shelf):
        book = make(shelf, author)
        try:
            yield book
        finally:
            book.close()


@contextmanager
def locked(shelf: Shelf) -> Iterator[None]:
    """Hold the lock of a pipeline and its realm's; raises Locked where another does."""
    with Lock(shelf.log.with_suffix(".lock")):
        with realm_lock(shelf.log.parent, shelf.realm):
            yield


def record(
    book: Book, rows: Iterable[Sequence[str]], remote_count: Callable[[], str]
) -> int:
    """Write log rows that follow from no request; return their number.

    The log is sealed again where the books were relied on before. Where they were not,
    the doubt stays: the next run that sends looks first. Without rows nothing changes.
    """
    could_rely = not book.doubts and not book.index.doubtful
    count = 0
    for row in rows:
        if not count:
            book.open()
        book.note(row)
        count += 1
    book.commit()
    if count and could_rely:
        book.seal(remote_count())
    return count


def realm_lock(folder: Path, realm: str) -> Lock:
    """Return the lock of a realm: one writer at a time, whichever the pipeline."""
    safe = "".join(c if c.isalnum() else "-" for c in realm)
    return Lock(folder / f"realm-{safe}.lock")


def limits_of(args: Namespace, limits: Limits) -> Limits:
    """Return the limits with what the command line asks for."""
    return limits._replace(
        workers=args.workers or limits.workers,
        max_items=args.limit or 0,
        max_errors=args.max_errors or 0,
        max_seconds=seconds_allowed(args),
    )


def end(book: Book, delivery: Delivery, count: Callable[[], int]) -> None:
    """Seal the log; empty the journal if every attempt in it has its outcome.

    Doubt that was not resolved keeps the old seal, and an effect that the log has no row
    for keeps the count out of the new one: the next run looks again before it sends.
    """
    book.commit()
    if not delivery.is_doubt_resolved:
        return
    book.seal(_counted(count) if delivery.knows_every_effect else "")
    if not delivery.has_doubt:
        book.empty_journal()


def _counted(count: Callable[[], int]) -> str:
    """Return how many effects the remote side shows, nothing where it does not answer."""
    try:
        return str(count())
    except Unanswered:
        return ""


def exit_code(balance: Balance, delivery: Delivery) -> int:
    """Return the exit code of a delivery: what a person has to know first."""
    if delivery.is_unauthorized:
        return AUTHORIZE_AGAIN
    if delivery.has_doubt:
        return IN_DOUBT
    if delivery.stopped_by or balance.not_attempted:
        return STOPPED_EARLY
    return SOME_ROWS_FAILED if balance.failed or balance.rejected else OK


class Preview(NamedTuple):
    """What stands in for the books in a dry run: it remembers, and writes nothing."""

    index: Index
    clock: Clock

    def note(self, row: object) -> None:
        """Take a row nowhere."""

    def next_seq(self) -> str:
        """Return a number that is never written."""
        return "0"

    def stamp(self) -> tuple[str, str]:
        """Return the present and no run."""
        return self.clock.timestamp(), ""


class Nowhere:
    """What stands in for the delivery in a dry run: it has found nothing."""

    def is_there(self, item: object) -> bool:
        """Return that the remote side was not asked."""
        return False
