"""Two CSVs written together: the records of a kind, and their lines.

The lines come under their name first, and what is written down about both says of which
run they are; so a reader notices a pair whose halves are of two runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from src.kit import reading, receipts, tables
from src.kit.errors import Refused
from src.kit.tables import Table
from src.wms.states import Cells, Lines
from src.wms.wire import Lined

# What a record's row begins with, its cells and its lines.
Record = tuple[Sequence[str], Cells, Lines]
_NO_MORE: tuple[str, Iterable] = ("", ())
Append = Callable[[Sequence[str], Cells, Lines], None]


class Damaged(Refused):
    """A pair is not as it was written."""


class Pair(NamedTuple):
    """The tables of a kind's records and of their lines, if it has any."""

    records: Table
    lines: Table | None


class Written(NamedTuple):
    """What is written down about a table that was put on the shelf."""

    table: Table
    rows: int
    sha256: str
    detail: str


class Shelf(NamedTuple):
    """Where tables lie, and who writes down what was put there."""

    path_of: Callable[[Table], Path]
    note: Callable[[Written], None]

    @contextmanager
    def writing(
        self, pair: Pair, detail: Mapping[str, object] = MappingProxyType({})
    ) -> Iterator[Append]:
        """Yield what appends a record and its lines; both files appear at the end.

        `detail` is looked at then, for the words that are written down.
        """
        with tables.writing(self.path_of(pair.records), pair.records.row) as rows:
            with self._lines(pair) as lines:
                yield _append(rows, lines)
                if pair.lines and lines:
                    self._note(pair.lines, lines, detail)
        self._note(pair.records, rows, detail)

    def _note(
        self, table: Table, written: tables.writing, detail: Mapping[str, object]
    ) -> None:
        told = (written.count, written.sha256(), receipts.words(detail))
        self.note(Written(table, *told))

    def _lines(self, pair: Pair) -> tables.writing | nullcontext[None]:
        if pair.lines is None:
            return nullcontext()
        return tables.writing(self.path_of(pair.lines), pair.lines.row)

    def read(self, pair: Pair, width: int) -> Iterator[Record]:
        """Yield the records, whose heads have so many cells, with their lines.

        Raises Damaged where a file is missing, holds what it should not, or is not in
        the order of the records' ids.
        """
        rows = self._rows(pair.records)
        groups = groupby(self._rows(pair.lines) if pair.lines else (), itemgetter(0))
        key, ahead = next(groups, _NO_MORE)
        for row in rows:
            while key and key < row[0]:  # its record is of a run that was killed
                key, ahead = next(groups, _NO_MORE)
            lines: Lines = ()
            if key == row[0]:
                lines = tuple([Lined(line[2], line[3:]) for line in ahead])
                key, ahead = next(groups, _NO_MORE)
            yield row[:width], row[width:], lines

    def _rows(self, table: Table) -> Iterator[tuple[str, ...]]:
        try:
            found = reading.table(self.path_of(table), table)
        except Refused as refusal:
            raise Damaged(str(refusal)) from None
        before, is_records = "", "position" not in table.row._fields
        for row in found:
            if row[0] < before or (is_records and row[0] == before):
                raise Damaged(
                    f"{table.place}: is in another order than it was written in"
                )
            before = row[0]
            yield tuple(row)
        if found.rejects:
            first = found.rejects[0]
            raise Damaged(f"{table.place}: line {first.line}: {first.reason}")


def _append(rows: tables.writing, lines: tables.writing | None) -> Append:
    escaped = tables.escaped

    def append(head: Sequence[str], cells: Cells, its_lines: Lines) -> None:
        rows(escaped((*head, *cells)))
        if lines is None:
            return
        for position, line in enumerate(its_lines, 1):
            lines(escaped((head[0], str(position), line.id, *line.cells)))

    return append
