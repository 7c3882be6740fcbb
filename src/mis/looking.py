"""What QuickBooks has of ours: customers by their mark, changes by the values they wrote.

A customer's Notes cannot be searched. What a run created is among what was created since
it began; everything ours is among all customers, inactive ones too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from src.kit.answers import Answer, Found
from src.kit.requests import Item
from src.mis import definitions, listing
from src.mis.tasks import Fields, Task

Record = Mapping[str, Any]
Change = tuple[str, Fields]  # create or update, and the record
TOGETHER = 30  # values in one query: the statement stays far below a URL's 8 kB


class Port(NamedTuple):
    """The company's customers, as functions; questions raise Unanswered."""

    batch: Callable[[Sequence[Change], str], list[Answer]]  # changes, request id
    everybody: Callable[[], Iterator[Record]]  # inactive ones too
    created_since: Callable[[str], Iterator[Record]]  # a moment, ISO-8601
    among: Callable[[str, Sequence[str]], Iterator[Record]]  # a property is one of these
    count: Callable[[], int]
    take_turn: Callable[[int], None]  # wait until so many changes may leave


class Lookup:
    """Looks for effects; `tokens` has the SyncToken of what was found, by key."""

    def __init__(self, port: Port, since: str) -> None:
        """`since` is a moment before anything that this run created."""
        self.tokens: dict[str, str] = {}
        self._port, self._since = port, since

    def find(self, items: Iterable[Item]) -> dict[str, list[Found] | None]:
        """Return what QuickBooks shows of these items, by key."""
        found: dict[str, list[Found] | None] = {}
        changed: dict[str, list[Task]] = {}
        for item in items:
            found[item.key] = []
            task: Task | None = item.source
            if task and not task.is_create:
                changed.setdefault(task.row.quickbooks_id, []).append(task)
        if len(found) > sum(map(len, changed.values())):
            self._collect(self._port.created_since(self._since), found)
        for record in among(self._port, "Id", list(changed)):
            for task in changed.get(str(record.get("Id")), ()):
                self._compare(record, task, found)
        return found

    def everything(
        self,
        updates: Iterable[Task],
        is_taken_back: Callable[[str], bool] = lambda mark: False,
    ) -> dict[str, list[Found] | None]:
        """Return every customer of ours by its mark, and which updates are there.

        One that was taken back, and is inactive, is no person's customer.
        """
        found: dict[str, list[Found] | None] = {}
        changed: dict[str, list[Task]] = {}
        for task in updates:
            changed.setdefault(task.row.quickbooks_id, []).append(task)
        for record in self._port.everybody():
            mark = listing.mark_in(record)
            if mark and not (record.get("Active") is False and is_taken_back(mark)):
                self._add(record, mark, found)
            for task in changed.get(str(record.get("Id")), ()):
                self._compare(record, task, found)
        return found

    def _collect(
        self, records: Iterable[Record], found: dict[str, list[Found] | None]
    ) -> None:
        for record in records:
            mark = listing.mark_in(record)
            if mark in found:
                self._add(record, mark, found)

    def _compare(
        self, record: Record, task: Task, found: dict[str, list[Found] | None]
    ) -> None:
        if has_arrived(record, task):
            self._add(record, task.row.key, found)

    def _add(self, record: Record, key: str, found: dict[str, list[Found] | None]) -> None:
        name = str(record.get("DisplayName") or "")
        one = Found(str(record.get("Id") or ""), name=name, key=key)
        found[key] = [*(found.get(key) or ()), one]
        self.tokens[key] = str(record.get("SyncToken") or "")


def among(port: Port, name: str, values: Sequence[str]) -> Iterator[Record]:
    """Yield the customers whose property is one of many values."""
    for start in range(0, len(values), TOGETHER):
        yield from port.among(name, values[start : start + TOGETHER])


def has_arrived(record: Record, task: Task) -> bool:
    """Return whether a customer shows the change: another revision, and all its values.

    What cannot be seen is not there: the same change again changes nothing.
    """
    if str(record.get("SyncToken")) == task.row.sync_token:
        return False
    return bool(task.fields) and not differing(record, task.fields)


def differing(record: Record, fields: Fields) -> list[str]:
    """Return the fields in which a customer differs, each custom one by its own name."""
    there = definitions.flat(record)
    return [
        name
        for name, value in definitions.flat(fields).items()
        if there.get(name) != value and shown(there.get(name)) != shown(value)
    ]


def shown(value: Any) -> str:
    """Return a value as it counts: without its shape, blanks single.

    >>> shown({"FreeFormNumber": " 0788  1 "}), shown(None)
    ('0788 1', '')
    """
    if isinstance(value, Mapping):
        value = next((one for one in value.values() if isinstance(one, str)), "")
    return " ".join(str(value or "").split())
