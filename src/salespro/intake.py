"""The rows of an export as the database takes them, and those that cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import tzinfo
from itertools import chain, compress
from typing import NamedTuple

from src.kit.database import Value
from src.kit.dialects import SHOWN
from src.kit.importing import REJECTED, Problem
from src.kit.reading import Reading, Reject
from src.salespro import values
from src.salespro.shapes import Field, Shape, rule_of

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
        for block in self._reading.blocks():
            self._refuse_lines()
            if block:
                lists, wrong = self._columns(block)
                if wrong:
                    self._refuse_rows(block, wrong)
                    is_good = [n not in wrong for n in range(len(block))]
                    lists = [list(compress(column, is_good)) for column in lists]
                first = self.count + 1
                self.count += len(lists[0])
                yield zip(range(first, self.count + 1), *lists)
                advance(len(block))
        self._refuse_lines()

    def _columns(
        self, block: Sequence[Sequence[str]]
    ) -> tuple[list[list], dict[int, tuple[Field, str]]]:
        """Return the columns of a block, and what is wrong first with its rows."""
        cells = list(zip(*block))
        nothing: list[Value] = [None] * len(block)
        by_name: dict[str, list[Value]] = {}
        wrong: dict[int, tuple[Field, str]] = {}
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

    def _refuse_lines(self) -> None:
        """Pass on the lines that are no records."""
        for reject in self._reading.rejects:
            words = (
                f"{reject.column}: {reject.reason}" if reject.column else reject.reason
            )
            problem = Problem(reject.line, "", REJECTED, UNREADABLE, words)
            self._refuse(Unread(reject, problem))
        self._reading.rejects.clear()

    def _refuse_rows(
        self, block: Sequence[Sequence[str]], wrong: dict[int, tuple[Field, str]]
    ) -> None:
        """Pass on the rows of which a cell cannot be read."""
        for n in sorted(wrong):
            (field, reason), row = wrong[n], block[n]
            header = self._shape.header(field.source)
            shown = ",".join(row[1:-1])[:SHOWN]
            reject = Reject(self._reading.place, row[0], header, reason, shown)
            names = "" if reason.startswith(values.SELF_EXPLAINING) else f"{header}: "
            problem = Problem(row[0], row[1], REJECTED, field.kind, names + reason)
            self._refuse(Unread(reject, problem))
