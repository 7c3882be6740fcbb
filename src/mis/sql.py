"""The SQL that reads the people of one type, written for the columns that the MIS has.

The same on SQLite, MySQL, MariaDB and PostgreSQL. Names are quoted as they are found; no
value of a record stands in a statement, only whole numbers of ours. Every column is
named with its table: SQLite takes a quoted name that it does not know for a text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from typing import NamedTuple

from src.mis import tables
from src.mis.columns import Columns
from src.mis.tables import Lookup, People, Raw


class Query(NamedTuple):
    """A query of people, and which column each field of Raw is (-1 = none)."""

    text: str
    kinds: str
    places: list[int]


class Reading:
    """The queries of one type of people."""

    def __init__(self, people: People, columns: Columns, text_type: str) -> None:
        self._people, self._columns, self._text_type = people, columns, text_type
        self._number = "p.identifier"  # as registrations are joined by it
        self._table = columns.table(people.table)
        self._key = f"{self._table}.{columns.column(people.table, people.key)}"

    @property
    def probe(self) -> str:
        """Return a query that fails where registrations cannot be joined; '' = no need.

        MySQL does not compare columns that are sorted by different rules.
        """
        if not self._registered():
            return ""
        own = self._fields(self._table, self._people.table, self._people.own)
        return (
            f"SELECT 1 FROM (SELECT {own['identifier']} AS identifier "
            f"FROM {self._table} WHERE 1 = 0) p {self._join()}"
        )

    def bytewise(self) -> Reading:
        """Return queries that compare the number of a student by its bytes: MySQL's."""
        found = copy(self)
        found._number = "CAST(p.identifier AS BINARY)"
        return found

    def after(self, key: int | None, limit: int) -> Query:
        """Return the query of the people behind a primary key, in its order."""
        where = "" if key is None else f"WHERE {self._key} > {int(key)} "
        return self._query(f"{where}ORDER BY {self._key} LIMIT {int(limit)}")

    def these(self, ids: Iterable[int]) -> Query:
        """Return the query of the people with these primary keys."""
        return self._query(f"WHERE {self._key} IN ({_listed(ids)})")

    def _query(self, which: str) -> Query:
        own = self._fields(self._table, self._people.table, self._people.own)
        registered = self._registered()
        found = f"SELECT {_named(own)} FROM {self._table} {which}"
        if registered:
            found = self._with_registration(found, own, registered)
        fields = {**own, **registered}
        known = {field: f"q.{field}" for field in fields if field in Raw._fields}
        joins = []
        for field, lookup in self._people.lookups.items():
            if names := self._names(lookup) if field in fields else {}:
                alias, source = f"of_{field}", self._look_up(lookup, names)
                joins.append(
                    f"LEFT JOIN ({source}) {alias} ON {alias}.id = q.key_{field}"
                )
                known |= {name: f"{alias}.{name}" for name in names}
        order = {field: place for place, field in enumerate(known)}
        return Query(
            f"SELECT {_named(known)} FROM ({found}) q {' '.join(joins)} "
            f"{'WHERE q.place = 1 ' if registered else ''}ORDER BY q.mis_id",
            "t" * len(known),
            [order.get(field, -1) for field in Raw._fields[1:]],
        )

    def _fields(
        self, alias: str, table: str, columns: Mapping[str, str]
    ) -> dict[str, str]:
        """Return the fields whose columns are there, and keys for their look-ups."""
        found = {
            field: value
            for field, names in columns.items()
            if (value := self._columns.first(alias, table, names, self._text_type))
        }
        keys = [field for field in self._people.lookups if field in found]
        return {**found, **{f"key_{field}": self._id(found[field]) for field in keys}}

    def _text(self, value: str) -> str:
        return f"CAST({value} AS {self._text_type})"

    # --- the registration that counts -------------------------------------------------

    def _registered(self) -> dict[str, str]:
        table = tables.REGISTRATIONS
        reg_no = self._columns.column(table, tables.REG_NO)
        if not (self._people.registered and reg_no):
            return {}
        fields = self._fields("g", table, self._people.registered)
        order = ", ".join(self._order(fields.values()))
        return {
            **fields,
            "registrations": f"COUNT(g.{reg_no}) OVER (PARTITION BY p.mis_id)",
            "place": f"ROW_NUMBER() OVER (PARTITION BY p.mis_id ORDER BY {order})",
        }

    def _with_registration(
        self, people: str, own: Iterable[str], registered: Mapping[str, str]
    ) -> str:
        """Return people with all their registrations, numbered: 1 is what counts."""
        fields = {**{field: f"p.{field}" for field in own}, **registered}
        return f"SELECT {_named(fields)} FROM ({people}) p {self._join()}"

    def _join(self) -> str:
        table = self._columns.table(tables.REGISTRATIONS)
        reg_no = self._columns.column(tables.REGISTRATIONS, tables.REG_NO)
        # Those without a number would else have all registrations without one.
        return (
            f"LEFT JOIN {table} g ON g.{reg_no} = {self._number} "
            f"AND TRIM({self._text('p.identifier')}) <> ''"
        )

    def _order(self, values: Iterable[str]) -> Iterator[str]:
        """Yield what registrations are ordered by: active, newest, highest key.

        Without a key by what they say, so that it is the same one in every run.
        """
        column = self._columns.column
        if active := column(tables.REGISTRATIONS, "reg_active"):
            is_active = f"TRIM({self._text(f'g.{active}')}) IN ('1', 'true')"
            yield f"CASE WHEN {is_active} THEN 0 ELSE 1 END"
        if date := column(tables.REGISTRATIONS, "reg_date"):
            day = self._text(f"g.{date}")
            # NULL, '' and MySQL's 0000-00-00 come last everywhere.
            yield f"CASE WHEN {day} >= '0001' THEN {day} ELSE '' END DESC"
        if key := column(tables.REGISTRATIONS, "reg_prg_id"):
            yield f"g.{key} DESC"
            return
        yield from (f"COALESCE({self._text(value)}, '')" for value in values)
        yield "p.mis_id"

    # --- names for ids ----------------------------------------------------------------

    def _names(self, lookup: Lookup) -> dict[str, str]:
        """Return the columns of a look-up that are there, by fields of Raw."""
        if not self._columns.column(lookup.table, lookup.key):
            return {}
        found = {
            name: self._columns.column(lookup.table, column)
            for name, column in lookup.names.items()
        }
        return {name: f"l.{column}" for name, column in found.items() if column}

    def _look_up(self, lookup: Lookup, names: Mapping[str, str]) -> str:
        """Return a look-up's query, each id once: planners hash or index what it gives.

        Of rows with the same id the greatest name counts, which is no empty one.
        """
        key = self._id(f"l.{self._columns.column(lookup.table, lookup.key)}")
        greatest = {name: f"MAX({column})" for name, column in names.items()}
        table = self._columns.table(lookup.table)
        return f"SELECT {key} AS id, {_named(greatest)} FROM {table} l GROUP BY {key}"

    def _id(self, value: str) -> str:
        """Return an id as it is compared: a text without blanks and zeros before it."""
        text = f"TRIM({self._text(value)})"
        # LTRIM takes blanks alone in MySQL, so zeros are blanks for a moment.
        bare = f"REPLACE(LTRIM(REPLACE({text}, '0', ' ')), ' ', '0')"
        return f"CASE WHEN {text} <> '' THEN {bare} END"


def _named(values: Mapping[str, str]) -> str:
    return ", ".join(f"{value} AS {name}" for name, value in values.items())


def _listed(ids: Iterable[int]) -> str:
    return ", ".join(str(int(one)) for one in ids)
