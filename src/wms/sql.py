"""How the warehouse's tables spell a kind: its columns, and the statements about them.

A reference to a synchronized record is three columns: `customer_id` is the warehouse's,
`customer_qb_id` QuickBooks' as it was said, `customer_full_name` its name. All else is
a column of the field's name. What all items have is in `items`, the rest in a table of
their kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from src.kit.database import Staging, Value
from src.wms.fields import (
    DATE,
    FLAG,
    ITEMS,
    JSON,
    KINDS,
    MONEY,
    PRICE,
    QUANTITY,
    Field,
    Kind,
)
from src.wms.query import Query
from src.wms.records import NOT_YET, lines_name
from src.wms.wire import canonical

TYPES = {
    FLAG: "boolean",
    MONEY: "numeric(15, 2)",
    PRICE: "numeric(15, 5)",
    QUANTITY: "numeric(15, 5)",
    DATE: "date",
    JSON: "jsonb",
}
# In capitals: SQLite stores what it is given, and one odd cell is no reason to stop.
_LETTERS = {FLAG: "B", MONEY: "M", PRICE: "P", QUANTITY: "P", JSON: "J"}
ID, TIME = "varchar(64)", "timestamptz"


class Part(NamedTuple):
    """One table and the fields of a kind that it holds."""

    table: str
    key: str  # its column with the warehouse's id
    fields: tuple[Field, ...]


@lru_cache(maxsize=None)
def parts(kind: Kind) -> tuple[Part, ...]:
    """Return the tables of a kind: for an item what all have, then what it has."""
    if not kind.is_item:
        return (Part(kind.name, "id", kind.fields),)
    common = tuple(field for field in kind.fields if field in _common())
    own = tuple(field for field in kind.fields if field not in _common())
    return Part(ITEMS, "id", common), Part(kind.name, "item_id", own)


@lru_cache(maxsize=None)
def _common() -> frozenset[Field]:
    """Return the fields that every kind of item has."""
    return frozenset.intersection(
        *(frozenset(kind.fields) for kind in KINDS.values() if kind.is_item)
    )


def qb_id(kind: Kind) -> str:
    """Return the column that has QuickBooks' id of a record."""
    return "qb_txn_id" if kind.is_transaction else "qb_list_id"


def line_part(kind: Kind) -> Part:
    """Return the table of a kind's lines; its key is the record's id."""
    name = lines_name(kind)
    return Part(name, name.removesuffix("_lines") + "_id", kind.lines)


def tables() -> list[Part]:
    """Return every table, once, with its fields."""
    found = {}
    for kind in KINDS.values():
        lines = [line_part(kind)] if kind.lines else []
        found |= {part.table: part for part in (*parts(kind), *lines)}
    return list(found.values())


def columns(field: Field) -> list[tuple[str, str]]:
    """Return the names and SQL types of a field's columns."""
    if field.refers_to:
        return [(field.column, ID), (_said(field), ID)]
    text = "text" if field.most > 255 else "varchar(255)"
    return [(field.column, TYPES.get(field.holds, text))]


def _said(field: Field) -> str:
    return field.column.removesuffix("_id") + "_qb_id"


# --- reading --------------------------------------------------------------------------

WANTED = Staging("wanted", (("place", "integer PRIMARY KEY"), ("id", ID)))


def _plain(value: object) -> str:
    return "" if value is None else str(value)


class _From(NamedTuple):
    """Where a query reads, by which condition and in which order within a record."""

    source: str
    condition: str
    order: str
    tables: Mapping[str, str]


# `CROSS JOIN`: SQLite then begins with the few that are wanted.
@lru_cache(maxsize=None)
def stored(kind: Kind) -> Query:
    """Return the query of the wanted records of a kind, in the order wanted."""
    first, *more = parts(kind)
    alias = {first.table: "t"} | {part.table: "k" for part in more}
    source = f"wanted w CROSS JOIN {first.table} t"
    condition = "t.id = w.id"
    for part in more:
        source += f" CROSS JOIN {part.table} k"
        condition += " AND k.item_id = w.id"
    at = {field: alias[part.table] for part in (first, *more) for field in part.fields}
    head = [
        ("t.id", "t"),
        (f"COALESCE(t.{qb_id(kind)}, '')", "t"),
        ("t.created_at", "Z"),
        ("t.updated_at", "Z"),
        ("t.qb_deleted_at", "Z"),
    ]
    fields = [(field, at[field]) for field in kind.fields]
    tables = {letter: table for table, letter in alias.items()}
    return _query(head, fields, _From(source, condition, "", tables))


@lru_cache(maxsize=None)
def stored_lines(kind: Kind) -> Query:
    """Return the query of the wanted records' lines, in their order."""
    part = line_part(kind)
    source = f"wanted w CROSS JOIN {part.table} t"
    head = [("w.id", "t"), ("COALESCE(t.qb_line_id, '')", "t")]
    fields = [(field, "t") for field in part.fields]
    tables = {"t": part.table}
    of_record = f"t.{part.key} = w.id"
    return _query(head, fields, _From(source, of_record, ", t.position", tables))


def _query(
    head: list[tuple[str, str]],
    fields: list[tuple[Field, str]],
    rest: _From,
) -> Query:
    source, condition, order, tables = rest
    shown = [*head, *(_shown(field, alias) for field, alias in fields)]
    makers = [(n, _plain) for n, (_, letter) in enumerate(head) if letter == "Z"]
    for n, (field, _) in enumerate(fields, len(head)):
        if field.holds == DATE:
            makers.append((n, _plain))
        elif field.holds in TYPES:
            makers.append((n, partial(canonical, field)))
        if field.refers_to:
            alias = fields[n - len(head)][1]
            join = f"{alias}.{field.column}"
            source += f" LEFT JOIN {field.refers_to} r{n} ON r{n}.id = {join}"
            shown[n] = (shown[n][0].replace("(", f"(r{n}.qb_list_id, ", 1), "t")
    names = ", ".join(name for name, _ in shown)
    text = f"SELECT {names} FROM {source} WHERE {condition} ORDER BY w.place{order}"
    letters = "".join(letter for _, letter in shown)
    columns = [name for name, _ in head]
    columns += [f"{alias}.{field.column}" for field, alias in fields]
    return Query(text, letters, len(head), makers, columns, tables)


def _shown(field: Field, alias: str) -> tuple[str, str]:
    name = f"{alias}.{field.column}"
    if field.refers_to:
        return f"COALESCE('{NOT_YET}' || {name}, {alias}.{_said(field)}, '')", "t"
    if field.holds in TYPES:
        return name, _LETTERS.get(field.holds, "t")
    return f"COALESCE({name}, '')", "t"


def keys(kind: Kind) -> str:
    """Return the query of the warehouse's ids of a kind."""
    part = parts(kind)[-1]
    return f"SELECT {part.key} FROM {part.table}"


def linked(kind: Kind) -> str:
    """Return the query from QuickBooks' ids that are wanted to the warehouse's."""
    own = f" AND t.kind = '{kind.name}'" if kind.is_item else ""
    return (
        f"SELECT w.id, t.id FROM wanted w CROSS JOIN {parts(kind)[0].table} t "
        f"WHERE t.{qb_id(kind)} = w.id{own}"
    )


# --- writing --------------------------------------------------------------------------

_HEAD = (
    ("id", f"{ID} PRIMARY KEY"),
    ("qb_id", ID),
    ("created_at", TIME),
    ("updated_at", TIME),
    ("deleted_at", TIME),
)
_LINE_HEAD = (("id", ID), ("position", "integer"), ("qb_line_id", ID))


def _staged(fields: Sequence[Field]) -> list[tuple[str, str]]:
    return [column for field in fields for column in columns(field)]


@lru_cache(maxsize=None)
def staging(kind: Kind) -> Staging:
    """Return the staging table of a kind's records."""
    return Staging(f"new_{kind.name}", (*_HEAD, *_staged(kind.fields)))


@lru_cache(maxsize=None)
def line_staging(kind: Kind) -> Staging:
    """Return the staging table of a kind's lines."""
    return Staging(f"new_{lines_name(kind)}", (*_LINE_HEAD, *_staged(kind.lines)))


def values(fields: Sequence[Field], cells: Sequence[str]) -> list[Value]:
    """Return what goes into the staging table for some cells."""
    found: list[Value] = []
    for field, cell in zip(fields, cells):
        if field.refers_to:
            is_ours = cell.startswith(NOT_YET)
            found.append(cell[len(NOT_YET) :] if is_ours else None)
            found.append(None if is_ours or not cell else cell)
        elif field.holds == FLAG:
            found.append(cell == "yes" if cell else None)
        else:
            found.append(cell or None)
    return found


def _given(field: Field) -> list[str]:
    """Return what stands in the columns of a field, from the staging table."""
    name = f"s.{field.column}"
    if field.name == "is_active":
        return [f"COALESCE({name}, true)"]
    if not field.refers_to:
        return [name]
    table, said = field.refers_to, f"s.{_said(field)}"
    return [
        f"COALESCE({name}, (SELECT r.id FROM {table} r WHERE r.qb_list_id = {said}))",
        f"COALESCE({said}, (SELECT r.qb_list_id FROM {table} r WHERE r.id = {name}))",
    ]


@lru_cache(maxsize=None)
def upserts(kind: Kind) -> tuple[str, ...]:
    """Return the statements that write what is staged into the tables of a kind."""
    found = []
    for part in parts(kind):
        given = {part.key: "s.id"}
        if part.key == "id":
            given |= {
                qb_id(kind): "s.qb_id",
                "created_at": "COALESCE(s.created_at, CURRENT_TIMESTAMP)",
                "updated_at": "COALESCE(s.updated_at, CURRENT_TIMESTAMP)",
                "qb_deleted_at": "s.deleted_at",
            }
        if part.table == ITEMS:
            given["kind"] = f"'{kind.name}'"
        for field in part.fields:
            given |= {c[0]: told for c, told in zip(columns(field), _given(field))}
        found.append(_upsert(part, given, staging(kind).name))
    return tuple(found)


def _upsert(part: Part, given: dict[str, str], source: str) -> str:
    changed = ", ".join(f"{c} = excluded.{c}" for c in given if c != part.key)
    return (
        f"INSERT INTO {part.table} ({', '.join(given)}) "
        f"SELECT {', '.join(given.values())} FROM {source} s WHERE true "
        f"ON CONFLICT ({part.key}) DO UPDATE SET {changed}"
    )


@lru_cache(maxsize=None)
def arrivals(kind: Kind) -> tuple[str, ...]:
    """Return the statements that tie what has waited for a record to it.

    It was written with QuickBooks' id alone, before the warehouse had the record.
    """
    return tuple(
        f"UPDATE {part.table} SET {field.column} = s.id FROM {staging(kind).name} s "
        f"WHERE {part.table}.{field.column} IS NULL "
        f"AND {part.table}.{_said(field)} = s.qb_id"
        for part in tables()
        for field in part.fields
        if field.refers_to == kind.type
    )


@lru_cache(maxsize=None)
def line_statements(kind: Kind) -> tuple[str, str]:
    """Return the statements that replace the lines of the records that are staged."""
    part = line_part(kind)
    given = {part.key: "s.id", "position": "s.position", "qb_line_id": "s.qb_line_id"}
    for field in part.fields:
        given |= {c[0]: told for c, told in zip(columns(field), _given(field))}
    return (
        f"DELETE FROM {part.table} WHERE {part.key} IN "
        f"(SELECT id FROM {staging(kind).name})",
        f"INSERT INTO {part.table} ({', '.join(given)}) "
        f"SELECT {', '.join(given.values())} FROM {line_staging(kind).name} s",
    )


def removals(kind: Kind) -> list[str]:
    """Return the statements that remove the wanted records; lines go with them."""
    part = parts(kind)[0]
    return [f"DELETE FROM {part.table} WHERE {part.key} IN (SELECT id FROM wanted)"]
