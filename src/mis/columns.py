"""Which of the MIS's tables and columns are there, whatever their case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from src.mis import tables
from src.mis.tables import People, Raw


class Columns:
    """The tables and columns that a database has."""

    def __init__(self, structure: Mapping[str, Sequence[str]]) -> None:
        self._tables = _folded(structure)
        self._columns = {name: _folded(columns) for name, columns in structure.items()}

    def table(self, name: str) -> str:
        """Return a table as SQL writes it, or '' where it is not there."""
        return quoted(_found(self._tables, name))

    def column(self, table: str, name: str) -> str:
        """Return a column as SQL writes it, or '' where it is not there."""
        columns = self._columns.get(_found(self._tables, table), {})
        return quoted(_found(columns, name))

    def first(self, alias: str, table: str, names: str, text_type: str) -> str:
        """Return the first of some columns that is not empty, of those there are."""
        columns = [self.column(table, name) for name in names.split()]
        found = [f"{alias}.{column}" for column in columns if column]
        if len(found) < 2:
            return "".join(found)
        *first, last = (f"CAST({column} AS {text_type})" for column in found)
        filled = ", ".join(f"NULLIF(TRIM({one}), '')" for one in first)
        return f"COALESCE({filled}, {last})"

    def lacking(self, table: str, names: Iterable[str] = ()) -> Iterator[str]:
        """Yield what is not there of a table: its name alone, or `table.column`."""
        if not self.table(table):
            yield table
            return
        for name in names:
            if not self.column(table, name):
                yield f"{table}.{name}"


def quoted(name: str) -> str:
    """Return a name as SQL writes it.

    >>> quoted('QuickBk_Status'), quoted('')
    ('"QuickBk_Status"', '')
    """
    return '"{}"'.format(name.replace('"', '""')) if name else ""


def _folded(names: Iterable[str]) -> dict[str, str]:
    """Return names under themselves and in small letters, the first of several."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(name.lower(), name)
    return found | {name: name for name in names}


def _found(names: Mapping[str, str], name: str) -> str:
    return names.get(name) or names.get(name.lower(), "")


def required(columns: Columns) -> list[str]:
    """Return what cannot be done without and is not there."""
    applicants, students = tables.APPLICANTS, tables.STUDENTS
    return [
        *columns.lacking(applicants.table, [applicants.key]),
        *columns.lacking(students.table, [students.key, tables.REG_NO]),
    ]


def missing(columns: Columns) -> dict[str, list[str]]:
    """Return what is not there of that which may be missing: field of Raw → what.

    The columns of the synchronization itself are not among it.
    """
    found: dict[str, list[str]] = {}
    for people in tables.PEOPLE.values():
        for field, lacking in _lacking(columns, people).items():
            if lacking and field in Raw._fields:
                known = found.get(field, [])
                found[field] = [*known, *(one for one in lacking if one not in known)]
    return found


def _lacking(columns: Columns, people: People) -> dict[str, list[str]]:
    """Return the fields of a type, each with what is not there of its columns."""
    own = {k: v for k, v in people.own.items() if k not in tables.TRACKED}
    found = _without(columns, people.table, own)
    if people.registered:
        table = tables.REGISTRATIONS
        found["registrations"] = [*columns.lacking(table, [tables.REG_NO])]
        for field, lacking in _without(columns, table, people.registered).items():
            found[field] = found["registrations"] or lacking
    for field, lookup in people.lookups.items():
        without = found[field] + [*columns.lacking(lookup.table, [lookup.key])]
        for name, column in lookup.names.items():
            found[name] = without or [*columns.lacking(lookup.table, [column])]
    return found


def _without(
    columns: Columns, table: str, fields: Mapping[str, str]
) -> dict[str, list[str]]:
    """Return what fields lack: nothing, where one of their columns is there."""
    return {
        field: []
        if any(columns.column(table, name) for name in names.split())
        else [*columns.lacking(table, names.split())]
        for field, names in fields.items()
    }
