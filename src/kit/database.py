"""The database's narrow face: staging tables, statements without values, transactions.

Values travel into staging tables (`load`), and set-based SQL does the rest; the SQL text
never contains a value. The same SQL runs on SQLite and PostgreSQL: `ON CONFLICT`,
`UPDATE … FROM`, window functions, `IS DISTINCT FROM`; sums of money are made over
`CAST(ROUND(amount * 100) AS BIGINT)`, never over floats. SQLite wants a `WHERE` between
`INSERT INTO … SELECT …` and `ON CONFLICT` (`WHERE true` does).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from src.kit.errors import STOPPED_EARLY, Refused

Value = str | int | bool | None


class Staging(NamedTuple):
    """A temporary table of this connection: its name and its columns with SQL types."""

    name: str
    columns: tuple[tuple[str, str], ...]


class Misfit(NamedTuple):
    """A value that is not of its column's kind, as SQLite lets anybody store one."""

    text: str


class ConnectionLost(Refused):
    """The database went away in the middle; what was committed stays."""

    exit_code = STOPPED_EARLY


class BadData(Refused):
    """The database refused what a statement would have stored; nothing of it is there."""


class MissingTable(Refused):
    """A statement named a table that the database does not have."""


class Database(Protocol):
    """One connection. Every method raises Refused, or a kind of it, with a way out."""

    label: str  # how messages name it, without a password
    for_update: str  # ends a query whose rows stay as they are until the transaction's end
    text_type: str  # what a value of any kind is cast to, to be read as text
    datetime_type: str  # of a column that holds a time of day and date

    def stage(self, table: Staging) -> None:
        """Make the staging table anew, empty."""

    def load(self, table: Staging, rows: Iterable[Sequence[Value]]) -> int:
        """Append rows to a staging table, all of them or none; return their number.

        What goes into a boolean column is a bool, into a numeric one the digits as text.
        """

    def settle(self, table: Staging) -> None:
        """Let the planner know how much a staging table holds, after a large load."""

    def run(self, statement: str) -> int:
        """Carry out one statement; return how many rows it changed.

        Raises BadData where a value does not fit or a constraint is broken.
        """

    def rows(self, query: str, kinds: str) -> Iterable[tuple]:
        """Return the rows of a query, each column as the letter in `kinds` says.

        t text, i integer, b bool, m and p Decimal with 2 and 5 places, z timestamp as
        UTC ISO-8601 with microseconds, j JSON with sorted keys; NULL is None. For a
        capital letter a value of another kind is a Misfit, no error. The query
        is carried out when the first row is asked for; all rows are read, or the iterator
        closed, before the next statement, a RuntimeError else.
        """

    def structure(self) -> dict[str, list[str]]:
        """Return the columns of every table that SQL finds by its bare name."""

    def transaction(self) -> AbstractContextManager[None]:
        """Commit what the block did, all of it, or none where it raises.

        A statement that fails ends the transaction, also where the block goes on. Not
        nested; staging tables made or loaded inside are rolled back with the rest.
        """

    def lock(self) -> AbstractContextManager[None]:
        """Hold the database's lock for importers; raises Locked where another has it."""

    def keep_copy(self, run_id: str) -> str:
        """Keep a copy of the database (SQLite: the newest three); return where, or ''."""

    def close(self) -> None:
        """End the connection; an open transaction is rolled back."""
