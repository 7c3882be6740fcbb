"""A PostgreSQL database, through its own client psql."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from itertools import cycle

from src.adapters import psql_text
from src.adapters.connection import Connection, columns_by_table
from src.adapters.psql_address import address
from src.adapters.psql_carrier import Carrier
from src.adapters.psql_session import Session
from src.kit.database import BadData, Staging, Value
from src.kit.errors import Locked, Refused

_IMPORTERS = 0x6361727279  # "carry": the advisory lock's number, the same for all
_LOCK_SECONDS = 10  # a predecessor that was just killed may still be ending


_STRUCTURE = """SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position"""


class Psql(Connection):
    """A connection to the PostgreSQL database that a URL names."""

    for_update = " FOR UPDATE"

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
        self._carriers = (Carrier(), Carrier())
        inherited = [one for carrier in self._carriers for one in carrier.inherited()]
        try:
            self._session = Session(found, environ, inherited)
        except BaseException:
            self._close_carriers()
            raise

    @property
    def product(self) -> str:
        """Return what the server is, with its version."""
        ((version,),) = self.rows("SELECT current_setting('server_version')", "t")
        return f"PostgreSQL {version}"

    def stage(self, table: Staging) -> None:
        """Make the staging table anew, empty."""
        columns = ", ".join(f"{name} {kind}" for name, kind in table.columns)
        with self._in_some_transaction():
            self._session.ask(f"DROP TABLE IF EXISTS pg_temp.{table.name};")
            self._session.ask(f"CREATE TEMP TABLE {table.name} ({columns});")

    def load(self, table: Staging, rows: Iterable[Sequence[Value]]) -> int:
        """Append rows to a staging table; return their number."""
        with self._loading():
            try:
                return self._load(table, rows)
            except UnicodeEncodeError as error:
                raise BadData(
                    f"{self.label}: {error}; put that value right and start again"
                ) from error

    def _load(self, table: Staging, rows: Iterable[Sequence[Value]]) -> int:
        """Let psql copy one file of rows while the next is filled."""
        columns = ", ".join(name for name, _ in table.columns)
        copy = f"\\copy pg_temp.{table.name} ({columns}) from"
        blocks = psql_text.blocks(rows)
        loaded = expected = 0
        is_under_way = False
        for carrier in cycle(self._carriers):
            count = carrier.fill(blocks)
            loaded += self._session.wait() if is_under_way else 0
            if not count:
                break
            place = carrier.place.replace("'", "''")
            self._session.send(f"{copy} '{place}'")
            is_under_way = True
            expected += count
        if loaded != expected:
            raise Refused(f"{table.name}: {loaded} of {expected} rows were loaded")
        return loaded

    def settle(self, table: Staging) -> None:
        """Let the planner know how much a staging table holds, after a large load."""
        self.run(f"ANALYZE pg_temp.{table.name}")

    def run(self, statement: str) -> int:
        """Carry out one statement; return how many rows it changed."""
        # A statement that is cut short with its sender commits nothing.
        with self._in_some_transaction():
            return self._session.ask(f"{statement}\n;")

    def structure(self) -> dict[str, list[str]]:
        """Return the columns of every table that SQL finds by its bare name."""
        return columns_by_table(self.rows(_STRUCTURE, "tt"))

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the advisory lock of importers, for as long as the session lives."""
        try:
            with self.transaction():
                self.run(f"SET LOCAL lock_timeout = '{self._lock_seconds}s'")
                self.run(f"SELECT pg_advisory_lock({_IMPORTERS})")
        except Locked:
            raise Locked(
                f"{self.label}: another import is running; wait until it ends, then "
                "start this command again"
            ) from None
        try:
            yield
        finally:
            self._unlock()

    def _unlock(self) -> None:
        if not self.is_closed:
            self._drop_answer()
            with suppress(Refused):  # a lock ends with its connection anyway
                self.run(f"SELECT pg_advisory_unlock({_IMPORTERS})")

    def keep_copy(self, run_id: str) -> str:
        """Keep none: a server has backups of its own."""
        return ""

    def _close(self) -> None:
        self._session.close()
        self._close_carriers()

    def _close_carriers(self) -> None:
        for carrier in self._carriers:
            carrier.close()

    # --- how it is spoken to ----------------------------------------------------------

    def _control(self, word: str) -> None:
        self._session.ask(f"{word};")

    def _read(self, query: str, kinds: str) -> Generator[tuple, None, None]:
        self._session.send(f"COPY ({query}\n) TO STDOUT;")
        with closing(self._session.answer()) as lines:
            yield from psql_text.decoded(lines, kinds)
