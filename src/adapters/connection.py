"""What every connection has: one transaction, and one query that is read, at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress

from src.kit.database import BadData
from src.kit.errors import Refused


def columns_by_table(rows: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the columns of each table, from rows of both."""
    found: dict[str, list[str]] = {}
    for table, column in rows:
        found.setdefault(table, []).append(column)
    return found


class Connection(ABC):
    """The frame that the adapters of SQLite, PostgreSQL and MySQL fill in.

    A statement that fails inside a transaction ends it, also where the block goes on:
    PostgreSQL leaves no choice, and SQLite is held to the same.
    """

    label = ""
    for_update = ""  # SQLite: nobody else writes beside an open transaction
    text_type, datetime_type = "TEXT", "TIMESTAMP"  # what a cast and a column are given

    def __init__(self) -> None:
        self.is_in_transaction = self._is_broken = self._is_loading = False
        self.is_closed = False
        self._answer: Generator[tuple, None, None] | None = None

    def rows(self, query: str, kinds: str) -> Iterator[tuple]:
        """Yield the rows of a query; see `kit.database.Database`."""
        with self._failing():
            self._answer = answer = self._read(query, kinds)
            try:
                yield from answer
            finally:
                answer.close()
                self._answer = None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what the block did, all of it, or none where it raises."""
        self._expect_idle()
        if self.is_in_transaction:
            raise RuntimeError("a transaction is open already")
        self._control("BEGIN")
        self.is_in_transaction, self._is_broken = True, False
        try:
            yield
            self._commit()
        except BaseException:
            self._roll_back()
            raise
        finally:
            self.is_in_transaction = False

    def _commit(self) -> None:
        self._expect_whole()
        self._expect_idle()
        self._control("COMMIT")

    def close(self) -> None:
        """End the connection; an open transaction is rolled back."""
        self.is_closed = True
        self._close()

    def _roll_back(self) -> None:
        if self.is_closed:
            return
        self._drop_answer()
        with suppress(Refused):  # a lost server does it itself, SQLite on a full disk
            self._control("ROLLBACK")

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """Let whatever fails in the block break the open transaction."""
        self._expect_idle()
        try:
            yield
        except GeneratorExit:
            raise
        except BaseException:
            self._is_broken = True
            raise

    @contextmanager
    def _in_some_transaction(self) -> Iterator[None]:
        """Have a transaction around the block: the open one, or one of its own."""
        if self.is_in_transaction:
            with self._failing():
                yield
        else:
            with self.transaction():
                yield

    @contextmanager
    def _loading(self) -> Iterator[None]:
        """Have a transaction around a load, whose rows may not come from here."""
        with self._in_some_transaction():
            self._is_loading = True
            try:
                yield
            finally:
                self._is_loading = False

    def _expect_idle(self) -> None:
        if self._answer:
            raise RuntimeError("the rows of the query before were not all read")
        if self._is_loading:
            raise RuntimeError(
                "rows that are loaded cannot come from the same database"
            )

    def _expect_whole(self) -> None:
        if self._is_broken:
            raise BadData(
                f"{self.label}: a statement failed, so nothing of its transaction is "
                "there; start the same command again"
            )

    def _drop_answer(self) -> None:
        """Let go of rows that nobody will read any more."""
        if self._answer:
            with suppress(Refused):
                self._answer.close()
            self._answer = None

    @abstractmethod
    def structure(self) -> dict[str, list[str]]:
        """Return the columns of every table that SQL finds by its bare name."""

    @abstractmethod
    def _close(self) -> None:
        """End the connection."""

    @abstractmethod
    def _control(self, word: str) -> None:
        """Carry out BEGIN, COMMIT or ROLLBACK."""

    @abstractmethod
    def _read(self, query: str, kinds: str) -> Generator[tuple, None, None]:
        """Yield the rows of a query; closed early, it frees the connection."""
