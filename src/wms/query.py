"""A query about the warehouse, and what becomes of its rows: a head and cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from src.kit.database import Misfit

_NOT = {"B": "flag (1 or 0)", "M": "number", "P": "number", "J": "JSON", "Z": "time"}


class Query(NamedTuple):
    """A query, the letters of its columns, and what makes cells of some of them."""

    text: str
    kinds: str
    ahead: int  # columns of the head
    makers: Sequence[tuple[int, Callable[[object], str]]]
    columns: Sequence[str]  # as they are named in the query
    tables: Mapping[str, str]  # by their letters in it

    def ending(self, locking: str) -> str:
        """Return the query, its tables' rows locked where `locking` says how."""
        return self.text + (f"{locking} OF {', '.join(self.tables)}" if locking else "")

    def misfit(self, found: tuple, called: str) -> str:
        """Return what is wrong with a row of what is called so, as a sentence."""
        at = next(n for n, value in enumerate(found) if type(value) is Misfit)
        letter, _, column = self.columns[at].partition(".")
        return (
            f"{self.tables[letter]}.{column} of {called}: {found[at].text[:40]!r} is no "
            f"{_NOT[self.kinds[at]]}; put it right, until then the record is left alone"
        )

    def row(self, found: tuple) -> tuple[tuple, tuple[str, ...]]:
        """Return a row as a head and cells."""
        values = list(found)
        for at, make in self.makers:
            values[at] = make(values[at])
        return tuple(values[: self.ahead]), tuple(values[self.ahead :])
