"""What earlier runs left open, found again in this plan or in those that were applied."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from src.kit.answers import Found
from src.kit.memory import CLOSED, REMOVED, Index
from src.kit.requests import Item
from src.mis import tasks
from src.mis.looking import Lookup
from src.mis.records import Planned
from src.mis.tasks import Person

Rows = Callable[[], Iterable[Planned]]


class Doubts:
    """Binds open attempts to persons, and looks for their effects."""

    def __init__(self, index: Index, lookup: Lookup, plan: Rows, applied: Rows) -> None:
        """`plan` yields the rows that go, `applied` those that went, the newest first."""
        self.others: Mapping[Person, object] = {}  # in hand of other runs: never sent
        self._index, self._lookup = index, lookup
        self._plan, self._applied = plan, applied
        self._items: dict[str, Item] | None = None  # of the attempts that are open

    def bind(self, keys: set[str]) -> dict[str, Item]:
        """Return the persons that open attempts were about.

        What the present plan says goes again; what was sent is what the plan said that
        was applied. A person of whom only that one speaks is looked for, and never sent.
        """
        if self._items is None:
            open_keys = {attempt.key for attempt in self._index.doubtful}
            before = _first(self._applied(), open_keys)
            now = _first(self._plan(), open_keys)
            self._items = {
                key: self._item(now.get(key), before.get(key))
                for key in before.keys() | now.keys()
            }
        return {key: self._items[key] for key in keys if key in self._items}

    def _item(self, now: Planned | None, before: Planned | None) -> Item:
        task = tasks.of(now or before)  # type: ignore[arg-type]
        sent = tasks.of(before).sent if before else ""
        is_sent = now is not None and task.person not in self.others
        return tasks.item_of(task._replace(before=sent), is_sent)

    def again(self, is_taken: Callable[[str], bool]) -> dict[Person, str]:
        """Return the persons of whom something goes again, and which customers they were."""
        items = [item for item in (self._items or {}).values() if is_taken(item.key)]
        return {item.source.person: item.source.row.known_as for item in items}

    def list_all(self, had_history: bool) -> dict[str, list[Found] | None]:
        """Return every customer of ours by its mark, and the updates that are there."""
        return self._lookup.everything(self._updates(), self._is_taken_back)

    def _is_taken_back(self, key: str) -> bool:
        return self._index.tried(key).state in (REMOVED, CLOSED)

    def _updates(self) -> Iterator[tasks.Task]:
        """Yield the updates of which nobody knows that they are done."""
        open_keys = {attempt.key for attempt in self._index.doubtful}
        bound = self.bind(open_keys)
        for item in bound.values():
            if not item.source.is_create:
                yield item.source
        for row in self._plan():
            if not (row.key in bound or tasks.makes(row)):
                if not (self._index.is_settled(row.key) or self._is_taken_back(row.key)):
                    yield tasks.of(row)


def _first(rows: Iterable[Planned], keys: set[str]) -> dict[str, Planned]:
    """Return the first row of each key, and read no more than that takes."""
    found: dict[str, Planned] = {}
    for row in rows if keys else ():
        if row.key in keys:
            found.setdefault(row.key, row)
        if len(found) == len(keys):
            break
    return found
