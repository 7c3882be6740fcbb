"""The SQL about the statuses of one type of people: counted, found, written, leased.

What is written travels in staging tables, whose columns are named differently from those
that they are written to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from src.kit.database import Staging
from src.mis import tables
from src.mis.columns import Columns
from src.mis.records import FAILED, IN_PROGRESS, NOT_SYNCED
from src.mis.tables import People


def statuses(datetime_type: str) -> Staging:
    """Return the staging table of what is written."""
    return Staging(
        "mis_statuses",
        (
            ("kind", "varchar(20)"),
            ("person", "bigint"),
            ("new_status", "integer"),
            ("new_id", "varchar(255)"),
            ("new_token", "varchar(50)"),
            ("new_date", datetime_type),
            ("new_pusher", "varchar(200)"),
        ),
    )


def leases(datetime_type: str) -> Staging:
    """Return the staging table of what is leased."""
    return Staging(
        "mis_leases",
        (
            ("person", "bigint"),
            ("known_as", "varchar(255)"),  # the customer, as the plan saw it
            ("old_owner", "varchar(200)"),  # of the lease that is taken over
            ("old_until", "varchar(50)"),
            ("new_owner", "varchar(200)"),
            ("new_until", datetime_type),
        ),
    )


class Statuses:
    """The statements about the statuses of one type of people."""

    def __init__(self, people: People, columns: Columns, text_type: str) -> None:
        self._people, self._columns, self._text_type = people, columns, text_type
        self._table = columns.table(people.table)
        self._key = f"{self._table}.{columns.column(people.table, people.key)}"
        self._status = self._own(tables.STATUS)

    def _own(self, name: str) -> str:
        column = self._columns.column(self._people.table, name)
        return f"{self._table}.{column}" if column else ""

    def counts(self) -> str:
        """Return the query of statuses and how many people have each."""
        if not self._status:
            return f"SELECT {NOT_SYNCED}, COUNT(*) FROM {self._table}"
        return (
            f"SELECT {self._status}, COUNT(*) FROM {self._table} "
            f"GROUP BY {self._status}"
        )

    def unsynchronized(self, limit: int, offset: int) -> str:
        """Return the query of the primary keys that are to be synchronized."""
        limit, offset = int(limit), int(offset)
        if not self._status:
            return (
                f"SELECT {self._key} FROM {self._table} ORDER BY {self._key} "
                f"LIMIT {limit} OFFSET {offset}"
            )
        ranges = " UNION ALL ".join(
            f"SELECT r{n}.id FROM (SELECT {self._key} AS id FROM {self._table} "
            f"WHERE {self._status} {condition} LIMIT {limit + offset}) r{n}"
            for n, condition in enumerate(self._ranges())
        )
        return (
            f"SELECT u.id FROM ({ranges}) u ORDER BY u.id LIMIT {limit} OFFSET {offset}"
        )

    def _ranges(self) -> Iterator[str]:
        """Yield what together is neither synchronized nor in progress.

        Each begins at its first row by the index, whose order PostgreSQL knows by both
        columns, where the first is NULL, and MySQL by the second. A status that nobody
        knows is rare, and sorted: PostgreSQL and SQLite would else read the whole table.
        """
        is_mysql = self._text_type == tables.MYSQL
        order = self._key if is_mysql else f"{self._status}, {self._key}"
        for one in ("IS NULL", f"= {NOT_SYNCED}", f"= {FAILED}"):
            yield f"{one} ORDER BY {order}"
        for one in (f"< {NOT_SYNCED}", f"> {IN_PROGRESS}"):
            yield f"{one} ORDER BY {self._key} + 0"

    def leased(self) -> str:
        """Return the query of everybody in progress: primary key, run, until when.

        Empty where there is no status yet.
        """
        if not self._status:
            return ""
        names = (tables.LEASED_BY, tables.LEASED_UNTIL)
        owner, until = (
            self._text(self._own(name)) if self._own(name) else "''" for name in names
        )
        return (
            f"SELECT {self._key}, {owner}, {until} FROM {self._table} "
            f"WHERE {self._status} = {IN_PROGRESS} ORDER BY {self._key}"
        )

    def write(self, source: Staging) -> str:
        """Return the statement that takes statuses over."""
        sets = {tables.STATUS: "s.new_status"}
        for column, value in (
            ("quickbooks_id", "new_id"),
            ("sync_token", "new_token"),
            ("pushed_date", "new_date"),
            ("pushed_by", "new_pusher"),
        ):
            sets[column] = f"COALESCE(s.{value}, {self._own(column)})"
        for column in (tables.LEASED_BY, tables.LEASED_UNTIL):
            kept = (
                f"CASE WHEN s.new_status = {IN_PROGRESS} THEN {self._own(column)} END"
            )
            sets[column] = kept
        return f"UPDATE {self._table} SET {self._set(sets)} FROM {self._theirs(source)}"

    def written(self, source: Staging) -> str:
        """Return the query of how many of the statuses' people there are."""
        return f"SELECT COUNT(*) FROM {self._table}, {self._theirs(source)}"

    def _theirs(self, source: Staging) -> str:
        return (
            f"{source.name} s "
            f"WHERE s.kind = '{self._people.type}' AND s.person = {self._key}"
        )

    def _set(self, values: Mapping[str, str]) -> str:
        column = self._columns.column
        found = {column(self._people.table, name): v for name, v in values.items()}
        return ", ".join(f"{name} = {value}" for name, value in found.items())

    def lease(self, source: Staging) -> str:
        """Return the statement that leases those that nobody else has in hand.

        Who is another customer by now than the plan saw is left.
        """
        owner, until = self._own(tables.LEASED_BY), self._own(tables.LEASED_UNTIL)
        return (
            f"{self._leased_to(source)} AND "
            f"(({self._status} = {IN_PROGRESS} AND {self._is_own(owner)}) "
            f"OR (({self._status} IS NULL OR {self._status} <> {IN_PROGRESS} "
            f"OR {owner} IS NULL OR {until} IS NULL) "
            f"AND {self._known()} IN ('', {self._text('s.known_as')})))"
        )

    def _known(self) -> str:
        """Return the customer that a person is by the MIS, as it is read; '' = none."""
        names = self._people.own["quickbooks_id"]
        kind, table = self._text_type, self._people.table
        found = self._columns.first(self._table, table, names, kind)
        return f"COALESCE(TRIM({self._text(found)}), '')"

    def take_over(self, source: Staging) -> str:
        """Return the statement that takes over leases that are as they were seen."""
        owner, until = (
            f"COALESCE({self._text(self._own(name))}, '')"
            for name in (tables.LEASED_BY, tables.LEASED_UNTIL)
        )
        return (
            f"{self._leased_to(source)} AND {self._status} = {IN_PROGRESS} "
            f"AND {owner} = {self._text('s.old_owner')} "
            f"AND {until} = {self._text('s.old_until')}"
        )

    def _leased_to(self, source: Staging) -> str:
        sets = self._set(
            {
                tables.STATUS: IN_PROGRESS,
                tables.LEASED_BY: "s.new_owner",
                tables.LEASED_UNTIL: "s.new_until",
            }
        )
        return (
            f"UPDATE {self._table} SET {sets} FROM {source.name} s "
            f"WHERE s.person = {self._key}"
        )

    def lease_of(self, source: Staging) -> str:
        """Return the query of those that are leased by who asked."""
        owner = self._own(tables.LEASED_BY)
        return (
            f"SELECT {self._key} FROM {self._table}, {source.name} s "
            f"WHERE s.person = {self._key} AND {self._status} = {IN_PROGRESS} "
            f"AND {self._is_own(owner)} ORDER BY {self._key}"
        )

    def _is_own(self, owner: str) -> str:
        return f"{self._text(owner)} = {self._text('s.new_owner')}"

    def _text(self, value: str) -> str:
        # Cast: MySQL does not compare columns that are sorted by different rules.
        return f"CAST({value} AS {self._text_type})"
