"""The names that a customer may have where its own was taken since it was planned."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from src.mis.naming import Names
from src.mis.records import Planned


class NextNames:
    """Tells the next free names by the planner's rules; reads who has which when asked."""

    def __init__(self, load: Callable[[], Names]) -> None:
        self._load = load
        self._names: Names | None = None

    def of(self, row: Planned) -> Iterator[tuple[str, str]]:
        """Yield display name and rule, the best first; each is taken with that."""
        if self._names is None:
            self._names = self._load()
        for name, rule in self._names.candidates(row.name, row.identifier or row.mis_id):
            if not self._names.holder(name):
                self._names.take(name, f"{row.type} {row.mis_id}")
                yield name, rule
