"""The rows of an export as the database takes them, and those that cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import tzinfo
from itertools import chain, compress
from typing import NamedTuple

from src.kit.database import Value
from src.kit.dialects import SHOWN
from src.kit.importing import REJECTED, Problem
from src.kit.reading import Columns, Reading, Reject
from src.salespro import values
from src.salespro.shapes import Field, Shape, rule_of

Wrong = dict[int, tuple[Field, str]]  # what is wrong first, by a row's place
UNREADABLE = "unreadable"  # the category of a line that is no record
_BLANK = "blank id; every record needs one"


class Unread(NamedTuple):
    """A record that could not be read: for the rejects, and for the log."""

    reject: Reject
    problem: Problem


class Intake:
    """A file being read into a staging table; what cannot be read goes to `refuse`."""

    def __init__(
        self, shape: Shape, reading: Reading, zone: tzinfo | None, refuse: Callable
    ) -> None:
        self.count = 0  # rows that could be read
        self._shape, self._reading = shape, reading
        self._refuse: Callable[[Unread], None] = refuse
        names = list(shape.row._fields)
        self._rules = [
            (field, names.index(field.source), rule_of(field, zone))
            for field in (shape.key, *shape.present(reading.lacking))
        ]

    def rows(self, advance: Callable[[int], None]) -> Iterator[Sequence[Value]]:
        """Yield position, line, key, fields and source data of every good row."""
        return chain.from_iterable(self._blocks(advance))

    def _blocks(
        self, advance: Callable[[int], None]
    ) -> Iterator[Iterable[Sequence[Value]]]:
        for cells in self._reading.columns():
            count = len(cells[0]) if cells else 0
            lists, wrong = self._columns(cells) if cells else ([], {})
            rows = list(zip(*cells)) if wrong else []
            self._pass_on([*self._unread_lines(), *self._unread_rows(rows, wrong)])
            if wrong:
                is_good = [n not in wrong for n in range(count)]
                lists = [list(compress(column, is_good)) for column in lists]
            if cells:
                first = self.count + 1
                self.count += len(lists[0])
                yield zip(range(first, self.count + 1), *lists)
                advance(count)

    def _columns(self, cells: Columns) -> tuple[list[list], Wrong]:
        """Return a block's columns as values, and what is wrong first with its rows."""
        nothing: list[Value] = [None] * len(cells[0])
        by_name: dict[str, list[Value]] = {}
        wrong: Wrong = {}
        for field, place, rule in self._rules:
            is_key = field.name == self._shape.key.name
            column = list(map(str.strip, cells[place])) if is_key else cells[place]
            by_name[field.name], bad = rule(column)
            if is_key and None in by_name[field.name]:
                bad.update((n, _BLANK) for n, cell in enumerate(column) if not cell)
            for n, reason in bad.items():
                wrong.setdefault(n, (field, reason))
        fields = (self._shape.key, *self._shape.fields)
        lists = [by_name.get(field.name, nothing) for field in fields]
        return [list(map(int, cells[0])), *lists, list(cells[-1])], wrong

    def _pass_on(self, unread: Iterable[Unread]) -> None:
        for found in sorted(unread, key=lambda one: int(one.reject.line)):
            self._refuse(found)

    def _unread_lines(self) -> Iterator[Unread]:
        """Yield the lines that are no records."""
        for reject in self._reading.rejects:
            words = (
                f"{reject.column}: {reject.reason}" if reject.column else reject.reason
            )
            problem = Problem(reject.line, "", REJECTED, UNREADABLE, words)
            yield Unread(reject, problem)
        self._reading.rejects.clear()

    def _unread_rows(
        self, block: Sequence[Sequence[str]], wrong: Wrong
    ) -> Iterator[Unread]:
        """Yield the rows of which a cell cannot be read."""
        for n, (field, reason) in wrong.items():
            row = block[n]
            header = self._shape.header(field.source)
            shown = ",".join(row[1:-1])[:SHOWN]
            reject = Reject(self._reading.place, row[0], header, reason, shown)
            names = "" if reason.startswith(values.SELF_EXPLAINING) else f"{header}: "
            problem = Problem(row[0], row[1], REJECTED, field.kind, names + reason)
            yield Unread(reject, problem)
