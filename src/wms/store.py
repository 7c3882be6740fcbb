"""What the warehouse has, and what both sides agreed on, in its database.

Values travel in staging tables; `sql` and `sql_base` have the statements. Every write
happens inside the caller's transaction, so that a record, its lines and its base are
there together.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from src.kit.database import Database, Misfit, Staging, Value
from src.wms import sql, sql_base
from src.wms.fields import Field, Kind, places
from src.wms.records import NOT_YET, AgreedHead, StoredHead
from src.wms.states import Agreed, Lines, Stored
from src.wms.wire import Lined

BATCH = 5000  # records read together


class Unread(NamedTuple):
    """A record with a value that is not of its column's kind: it is left alone."""

    head: StoredHead  # as far as it can be read
    reason: str  # a sentence


class Write(NamedTuple):
    """One record as it becomes, None to leave it, and what is agreed on by that."""

    record: Stored | None
    agreed: Agreed


class Store:
    """The warehouse's database."""

    def __init__(self, database: Database, batch: int = BATCH) -> None:
        self._database, self._batch = database, batch

    # --- reading ----------------------------------------------------------------------

    def records(self, kind: Kind) -> Iterator[Stored]:
        """Yield all records of a kind with their lines, by the warehouse's id."""
        return (one for one in self.every(kind) if isinstance(one, Stored))

    def every(self, kind: Kind) -> Iterator[Stored | Unread]:
        """Yield all records of a kind, by the warehouse's id, unreadable ones too."""
        for ids in self._batches(sql.keys(kind)):
            yield from self._read(kind, ids).values()

    def bases(self, kind: Kind) -> Iterator[Agreed]:
        """Yield what is agreed on, of all records, ordered by the warehouse's id."""
        for ids in self._batches(sql_base.keys(kind)):
            yield from self.base(kind, ids).values()

    def _batches(self, query: str) -> Iterator[list[str]]:
        # Ordered here: a server orders by its own language, Python by code points.
        ids = sorted(key for (key,) in self._database.rows(query, "t"))
        for first in range(0, len(ids), self._batch):
            yield ids[first : first + self._batch]

    def read(self, kind: Kind, wms_ids: Iterable[str]) -> dict[str, Stored]:
        """Return the records with these ids, those that there are, in this order.

        One that cannot be read is not among them; see `every`. Until the end of the
        caller's transaction nobody else changes them.
        """
        found = self._read(kind, wms_ids, self._database.for_update)
        return {key: one for key, one in found.items() if isinstance(one, Stored)}

    def _read(
        self, kind: Kind, wms_ids: Iterable[str], locking: str = ""
    ) -> dict[str, Stored | Unread]:
        self._want(wms_ids)
        query = sql.stored(kind)
        found: dict[str, Stored | Unread] = {}
        for row in self._database.rows(query.ending(locking), query.kinds):
            if Misfit in map(type, row):
                title = row[query.ahead + places(kind)[kind.title]]
                reason = query.misfit(row, _called(row[0], title))
                head = ["" if type(v) is Misfit else v or "" for v in row[: query.ahead]]
                found[row[0]] = Unread(StoredHead(*head), reason)
                continue
            head, cells = query.row(row)
            found[head[0]] = Stored(StoredHead(*head), cells)
        if kind.lines:
            self._add_lines(kind, found, locking)
        return found

    def _add_lines(
        self, kind: Kind, found: dict[str, Stored | Unread], locking: str
    ) -> None:
        """Give the records their lines; those of no record are nobody's."""
        query, lines = sql.stored_lines(kind), defaultdict(list)
        for row in self._database.rows(query.ending(locking), query.kinds):
            wms_id, record = row[0], found.get(row[0])
            if not isinstance(record, Stored):
                continue
            if Misfit in map(type, row):
                title = record.cells[places(kind)[kind.title]]
                reason = query.misfit(row, _called(wms_id, title))
                found[wms_id] = Unread(record.head, reason)
                continue
            (_, line_id), cells = query.row(row)
            lines[wms_id].append(Lined(line_id, cells))
        for wms_id, its_lines in lines.items():
            record = found[wms_id]
            if isinstance(record, Stored):
                found[wms_id] = record._replace(lines=tuple(its_lines))

    def base(self, kind: Kind, wms_ids: Iterable[str]) -> dict[str, Agreed]:
        """Return what is agreed on about these records, where anything is."""
        self._want(wms_ids)
        made = _reader(kind)
        rows = self._database.rows(sql_base.query(kind), sql_base.LETTERS)
        return {row[0]: made(row) for row in rows}

    def linked(self, kind: Kind, ids: Iterable[str]) -> dict[str, str]:
        """Return which record of the warehouse a QuickBooks id belongs to.

        One that the warehouse has deleted is known from the base.
        """
        self._want(ids)
        found = dict(self._database.rows(sql_base.linked(kind), "tt"))
        found.update(self._database.rows(sql.linked(kind), "tt"))
        return found

    def known_as(self, refs: Iterable[str], type_word: str) -> dict[str, str]:
        """Return QuickBooks' ids of what is referred to as `wms:` and an id.

        Of each, only if it has one by now. A customer and a vendor may have the same id
        in the warehouse: the type says which is meant, none where it is empty.
        """
        if not type_word:
            return {}
        self._want(ref[len(NOT_YET) :] for ref in refs if ref.startswith(NOT_YET))
        query = (
            f"SELECT w.id, t.qb_list_id FROM wanted w CROSS JOIN {type_word} t "
            "WHERE t.id = w.id AND t.qb_list_id IS NOT NULL"
        )
        return {
            NOT_YET + wms_id: known
            for wms_id, known in self._database.rows(query, "tt")
        }

    def _want(self, ids: Iterable[str]) -> None:
        self._database.stage(sql.WANTED)
        self._database.load(sql.WANTED, list(enumerate(dict.fromkeys(ids))))
        self._database.settle(sql.WANTED)  # a server would else read whole tables

    # --- writing ----------------------------------------------------------------------

    def write(self, kind: Kind, record: Stored | None, agreed: Agreed) -> None:
        """Write a record with its lines, and what is agreed on; see `write_all`."""
        self.write_all(kind, [Write(record, agreed)])

    def write_all(self, kind: Kind, writes: Sequence[Write]) -> None:
        """Write several records of a kind, each of them once, within one transaction.

        Raises BadData where one refers to a record that is not there, or takes another
        one's QuickBooks id.
        """
        records = [write.record for write in writes if write.record]
        if records:
            self._write_records(kind, records)
        self._load(
            sql_base.STAGING, (_base_row(kind, write.agreed) for write in writes)
        )
        self._database.run(sql_base.UPSERT)

    def put(self, kind: Kind, records: Sequence[Stored]) -> None:
        """Write records as the warehouse's own program does: nothing is agreed on."""
        self._write_records(kind, records)

    def write_alone(self, kind: Kind, record: Stored) -> None:
        """Write a record that is the warehouse's own: nothing is agreed on about it."""
        self._write_records(kind, [record])

    def _write_records(self, kind: Kind, records: Sequence[Stored]) -> None:
        self._load(sql.staging(kind), (_row(kind, record) for record in records))
        for statement in (*sql.upserts(kind), *sql.arrivals(kind)):
            self._database.run(statement)
        if not kind.lines:
            return
        clear, insert = sql.line_statements(kind)
        self._load(sql.line_staging(kind), _line_rows(kind, records))
        self._database.run(clear)
        self._database.run(insert)

    def _load(self, table: Staging, rows: Iterable[Sequence[Value]]) -> None:
        self._database.stage(table)
        self._database.load(table, rows)

    def remove(self, kind: Kind, wms_id: str) -> None:
        """Remove a record and its lines; what is agreed on about it stays."""
        self._want([wms_id])
        for statement in sql.removals(kind):
            self._database.run(statement)


# --- rows -----------------------------------------------------------------------------


def _called(wms_id: str, title: str) -> str:
    return f"{wms_id} ({title})" if title else wms_id


def _row(kind: Kind, record: Stored) -> list[Value]:
    head = [cell or None for cell in record.head]
    return [*head, *sql.values(kind.fields, record.cells)]


def _line_rows(kind: Kind, records: Iterable[Stored]) -> Iterator[list[Value]]:
    for record in records:
        for position, line in enumerate(record.lines, 1):
            head = [record.head.wms_id, position, line.id or None]
            yield [*head, *sql.values(kind.lines, line.cells)]


def _base_row(kind: Kind, agreed: Agreed) -> list[Value]:
    *head, flips, before = agreed.head
    values = {
        "cells": _named(kind.fields, agreed.cells),
        "lines": [[line.id, _named(kind.lines, line.cells)] for line in agreed.lines],
    }
    found: list[Value] = [kind.name, *(cell or None for cell in head)]
    return [*found, int(flips or 0), before or None, _encoded(values)]


_encoded = json.JSONEncoder(ensure_ascii=False).encode


def _named(fields: Sequence[Field], cells: Sequence[str]) -> dict[str, str]:
    return {field.name: cell for field, cell in zip(fields, cells) if cell}


def _reader(kind: Kind) -> Callable[[tuple], Agreed]:
    """Return what makes of a row of the base what is agreed on."""
    names = [field.name for field in kind.fields]
    line_names = [field.name for field in kind.lines]

    def agreed(row: tuple) -> Agreed:
        *head, values = row
        found = json.loads(values)
        cells = found["cells"]
        lines: Lines = tuple(
            Lined(line_id, tuple([line.get(name, "") for name in line_names]))
            for line_id, line in found["lines"]
        )
        texts = ["" if value is None else str(value) for value in head]
        return Agreed(
            AgreedHead(*texts), tuple([cells.get(name, "") for name in names]), lines
        )

    return agreed
