"""What the synchronization adds to the MIS's tables: columns, and indexes over them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from src.kit.database import Database
from src.kit.errors import Refused
from src.mis import tables
from src.mis.columns import Columns, quoted
from src.mis.tables import People


class Step(NamedTuple):
    """One thing to be added."""

    statements: tuple[str, ...]  # the same in several words; one of them is understood
    probe: str  # a query that fails where it is not there
    sentence: str
    is_index: bool  # it goes without, slowly


def add(database: Database, columns: Columns) -> list[str]:
    """Add what is missing; return a sentence for each.

    Raises Refused with the statements for the owner where this user may not.
    """
    found, refused = [], []
    missing = list(steps(columns, database.datetime_type))
    for number, step in enumerate(missing):
        refusal = _refusal(database, step)
        if refusal is None:
            found.append(step.sentence)
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


def _refusal(database: Database, step: Step) -> Refused | None:
    """Carry out a step; return what was in the way, if it is not there now."""
    found = None
    for statement in step.statements:
        try:
            database.run(statement)
            return None
        except Refused as refusal:
            if not is_understood(refusal):
                raise
            found = refusal
    try:
        list(database.rows(step.probe, "t"))
    except Refused:
        return found
    return None


def _statements(database: Database, steps: Iterable[Step]) -> str:
    text = " ".join(f"{step.statements[-1]};" for step in steps)
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
        (f"ALTER TABLE {table} ADD COLUMN {column} {kind}",),
        f"SELECT t.{column} FROM {table} t WHERE 1 = 0",
        f"{people.table}: column {name} added",
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
        # MySQL does not know IF NOT EXISTS here, and tells by a hint what is there.
        (f"CREATE INDEX IF NOT EXISTS {what}", f"CREATE INDEX {what}"),
        f"SELECT 1 FROM {table} FORCE INDEX ({index}) WHERE 1 = 0",
        "{}: index {} is there".format(table.strip('"'), index.strip('"')),
        is_index=True,
    )
