"""What the synchronization adds to the MIS's tables: columns, and indexes over them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from src.mis import tables
from src.mis.columns import Columns, quoted
from src.mis.tables import People


class Step(NamedTuple):
    """One thing to be added."""

    statements: tuple[str, ...]  # the same in several words; one of them is understood
    probe: str  # a query that fails where it is not there
    sentence: str


def steps(columns: Columns, datetime_type: str) -> list[Step]:
    """Return what is to be added, in its order.

    Indexes are looked for by the last column alone, so that nothing to be done costs
    nothing: it is added after them.
    """
    found: list[Step] = []
    for people in tables.PEOPLE.values():
        for name in tables.TRACKING:
            if columns.column(people.table, name):
                continue
            if name == tables.LEASED_UNTIL:
                found += _indexes(people, columns)
            found.append(_column(people, columns, name, datetime_type))
    return found


def _column(people: People, columns: Columns, name: str, datetime_type: str) -> Step:
    table, column = columns.table(people.table), quoted(name)
    kind = tables.TRACKING[name].format(datetime=datetime_type)
    return Step(
        (f"ALTER TABLE {table} ADD COLUMN {column} {kind}",),
        f"SELECT t.{column} FROM {table} t WHERE 1 = 0",
        f"{people.table}: column {name} added",
    )


def _indexes(people: People, columns: Columns) -> Iterator[Step]:
    status = columns.column(people.table, tables.STATUS) or quoted(tables.STATUS)
    key = columns.column(people.table, people.key)
    yield _index(columns.table(people.table), f"{people.table}_status", [status, key])
    reg_no = columns.column(tables.REGISTRATIONS, tables.REG_NO)
    if people.registered and reg_no:
        table = columns.table(tables.REGISTRATIONS)
        yield _index(table, f"{tables.REGISTRATIONS}_reg_no", [reg_no])


def _index(table: str, name: str, columns: list[str]) -> Step:
    index = quoted(f"carryover_{name}")
    what = f"{index} ON {table} ({', '.join(columns)})"
    return Step(
        # MySQL does not know IF NOT EXISTS here, and tells by a hint what is there.
        (f"CREATE INDEX IF NOT EXISTS {what}", f"CREATE INDEX {what}"),
        f"SELECT 1 FROM {table} FORCE INDEX ({index}) WHERE 1 = 0",
        "{}: index {} added".format(table.strip('"'), index.strip('"')),
    )
