"""A MySQL or MariaDB database, through its own command-line client."""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress

from src.adapters import mysql_dialect, mysql_text
from src.adapters.connection import Connection, columns_by_table
from src.adapters.mysql_address import address
from src.adapters.mysql_session import Session
from src.kit.database import BadData, Staging, Value
from src.kit.errors import Locked, Refused

_LOCK_SECONDS = 10  # a predecessor that was just killed may still be ending
_LARGEST = 16 << 20  # bytes of a statement that the clients send
# Locks belong to the whole server, and their names have at most 64 characters.
_IMPORTERS = "CONCAT('carryover ', MD5(DATABASE()))"
_TABLE = "ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"

_STRUCTURE = """SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position"""


class Mysql(Connection):
    """A connection to the MySQL or MariaDB database that a URL names.

    Values travel in INSERTs as hexadecimal literals (LOAD DATA LOCAL is switched off on
    real servers), out of which no SQL can be read. What differs from the others: a
    statement names a staging table once (MySQL opens no temporary table twice); one that
    defines a table is not rolled back, so it is refused inside a transaction; texts are
    compared as their columns are sorted, staged ones by their bytes; a change sees what
    changes to its left have made of the row; there is no `ON CONFLICT`.
    """

    for_update = " FOR UPDATE"
    text_type, datetime_type = "CHAR", "DATETIME"

    def __init__(
        self,
        url: str,
        environ: Mapping[str, str] = os.environ,
        lock_seconds: int = _LOCK_SECONDS,
        setting: str = "DATABASE_URL",
    ) -> None:
        super().__init__()
        found = address(url, setting)
        self.label, self._lock_seconds = found.label, lock_seconds
        self._staged: dict[str, Staging] = {}
        self._session = Session(found, environ)

    @property
    def product(self) -> str:
        """Return what the server is, with its version."""
        ((version,),) = self.rows("SELECT VERSION()", "t")
        name = "MariaDB" if "MariaDB" in version else "MySQL"
        return f"{name} {version.partition('-')[0]}"

    def stage(self, table: Staging) -> None:
        """Make the staging table anew, empty."""
        with self._failing():
            if self.is_in_transaction and self._staged.get(table.name) == table:
                self._session.ask(f"DELETE FROM {table.name};")  # can be rolled back
                return
            columns = ", ".join(
                f"{n} {mysql_dialect.kind(k)}" for n, k in table.columns
            )
            self._session.ask(f"DROP TEMPORARY TABLE IF EXISTS {table.name};")
            self._session.ask(
                f"CREATE TEMPORARY TABLE {table.name} ({columns}) {_TABLE};"
            )
            self._staged[table.name] = table

    def load(self, table: Staging, rows: Iterable[Sequence[Value]]) -> int:
        """Append rows to a staging table; return their number."""
        loaded = 0
        with self._loading():
            try:
                for block, count in mysql_text.blocks(table, rows):
                    self._expect_room(block)
                    self._session.ask(f"INSERT INTO {table.name} VALUES {block};")
                    loaded += count
            except BadData as error:
                raise BadData(_renumbered(str(error), loaded)) from error
            except ValueError as error:
                raise BadData(
                    f"{self.label}: {error}; put that value right and start again"
                ) from error
        return loaded

    def _expect_room(self, block: str) -> None:
        """Raise ValueError where a row is so large that the server would hang up."""
        if len(block) > mysql_text.SIZE:
            ((room,),) = self._read("SELECT @@max_allowed_packet", "i")
            if len(block) > min(room, _LARGEST) - 1000:  # the statement's own words
                raise ValueError("a row is larger than max_allowed_packet permits")

    def settle(self, table: Staging) -> None:
        """Leave it: InnoDB counts by itself, and ANALYZE would end the transaction."""

    def run(self, statement: str) -> int:
        """Carry out one statement; return how many rows it met.

        Rows that were so before count too; one that an upsert changed counts twice.
        """
        if self.is_in_transaction and mysql_dialect.is_definition(statement):
            raise RuntimeError("MySQL would commit the open transaction")
        # At its end the client carries out half a statement, too: nothing is committed.
        with self._in_some_transaction():
            return self._session.ask(f"{mysql_dialect.translated(statement)}\n;")

    def structure(self) -> dict[str, list[str]]:
        """Return the columns of every table that SQL finds by its bare name."""
        return columns_by_table(self.rows(_STRUCTURE, "tt"))

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the database's lock of importers, for as long as the session lives."""
        query = f"SELECT GET_LOCK({_IMPORTERS}, {self._lock_seconds})"
        if list(self.rows(query, "i")) != [(1,)]:
            raise Locked(
                f"{self.label}: another import is running; wait until it ends, then "
                "start this command again"
            )
        try:
            yield
        finally:
            self._unlock()

    def _unlock(self) -> None:
        if not self.is_closed:
            self._drop_answer()
            with suppress(Refused):  # a lock ends with its connection anyway
                self._session.ask(f"DO RELEASE_LOCK({_IMPORTERS});")

    def keep_copy(self, run_id: str) -> str:
        """Keep none: a server has backups of its own."""
        return ""

    def _close(self) -> None:
        self._session.close()

    # --- how it is spoken to ----------------------------------------------------------

    def _expect_idle(self) -> None:
        super()._expect_idle()
        if self.is_in_transaction:  # a deadlock has ended the server's
            self._expect_whole()

    def _control(self, word: str) -> None:
        self._session.ask(f"{word};")

    def _read(self, query: str, kinds: str) -> Generator[tuple, None, None]:
        self._session.send(f"{mysql_dialect.translated(query)}\n;")
        with closing(self._session.answer()) as pieces:
            yield from mysql_text.decoded(pieces, kinds)


def _renumbered(message: str, before: int) -> str:
    """Return a message that counts rows of one statement, counting those before too."""
    return re.sub(r"\bat row (\d+)", lambda m: f"at row {int(m[1]) + before}", message)
