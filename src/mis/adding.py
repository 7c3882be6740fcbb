"""What the synchronization adds to the MIS's tables: columns, and indexes over them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from src.kit.database import Database
from src.kit.errors import Refused
from src.mis import tables
from src.mis.columns import Columns, quoted
from src.mis.tables import People


_ADDED, _IS_THERE = "added", "is there"


class Step(NamedTuple):
    """One thing to be added."""

    statement: str
    again: str  # the same, for where it is there already; '' = there is no such
    probe: str  # a query that fails where it is not there
    what: str
    is_index: bool  # it goes without, slowly


def add(database: Database, columns: Columns) -> list[str]:
    """Add what is missing; return a sentence for each.

    Raises Refused with the statements for the owner where this user may not.
    """
    found, refused = [], []
    missing = list(steps(columns, database.datetime_type))
    for number, step in enumerate(missing):
        how, refusal = _carried_out(database, step)
        if refusal is None:
            found.append(f"{step.what} {how}")
            continue
        if not step.is_index:
            text = _statements(database, [*refused, *missing[number:]])
            raise Refused(
                f"{refusal}; or let the tables' owner carry out these statements, then "
                f"start again: {text}"
            )
        refused.append(step)
        text = _statements(database, [step])
        found.append(f"{refusal}; without this, reading is slow: {text}")
    return found


def is_understood(refusal: Refused) -> bool:
    """Return whether a statement was refused for what it says: nothing else broke."""
    return type(refusal) is Refused


def _carried_out(database: Database, step: Step) -> tuple[str, Refused | None]:
    """Carry out a step; return what came of it, and what was in the way if nothing did."""
    refusal = _refusal(database, step.statement)
    if refusal is None:
        return _ADDED, None
    if step.again and _refusal(database, step.again) is None:
        return _IS_THERE, None
    try:
        list(database.rows(step.probe, "t"))
    except Refused:
        return "", refusal
    return _IS_THERE, None


def _refusal(database: Database, statement: str) -> Refused | None:
    try:
        database.run(statement)
    except Refused as refusal:
        if not is_understood(refusal):
            raise
        return refusal
    return None


def _statements(database: Database, steps: Iterable[Step]) -> str:
    text = " ".join(f"{step.statement};" for step in steps)
    # As MySQL's own programs quote.
    return text.replace('"', "`") if database.text_type == tables.MYSQL else text


def steps(columns: Columns, datetime_type: str) -> Iterator[Step]:
    """Yield what is to be added, in its order.

    Indexes are looked for by the last column alone, so that nothing to be done costs
    nothing: it is added after them.
    """
    for people in tables.PEOPLE.values():
        for name in tables.TRACKING:
            if columns.column(people.table, name):
                continue
            if name == tables.LEASED_UNTIL:
                yield from _indexes(people, columns)
            yield _column(people, columns, name, datetime_type)


def _column(people: People, columns: Columns, name: str, datetime_type: str) -> Step:
    table, column = columns.table(people.table), quoted(name)
    kind = tables.TRACKING[name].format(datetime=datetime_type)
    return Step(
        f"ALTER TABLE {table} ADD COLUMN {column} {kind}",
        "",
        f"SELECT t.{column} FROM {table} t WHERE 1 = 0",
        f"{_told(table)}: column {name}",
        is_index=False,
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
        f"CREATE INDEX {what}",
        # MySQL does not know IF NOT EXISTS here, and tells by a hint what is there.
        f"CREATE INDEX IF NOT EXISTS {what}",
        f"SELECT 1 FROM {table} FORCE INDEX ({index}) WHERE 1 = 0",
        f"{_told(table)}: index {_told(index)}",
        is_index=True,
    )


def _told(name: str) -> str:
    """Return a name as people read it: as the MIS spells it."""
    return name.strip('"')
