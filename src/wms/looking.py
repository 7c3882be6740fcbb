"""What became of writes whose answer nobody heard: looked up in QuickBooks.

A create is told by its externalId, which QuickBooks keeps and cannot filter by: a list is
narrowed by what the record says, and asked for in whole where that shows nothing, because
somebody may have changed what it says. An update is told by the values that it wrote.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from src.kit.answers import Found, Unanswered
from src.kit.errors import NOTHING_DONE
from src.kit.requests import Item
from src.wms import keys, outgoing
from src.wms.fields import ADJUSTMENTS, PURCHASE_ORDERS, SALES_ORDERS, Kind
from src.wms.finishing import Finisher, Port, Task, Unresolved
from src.wms.mirror import of_wire
from src.wms.records import CREATE, INACTIVATE
from src.wms.states import Stored
from src.wms.undoing_writes import as_it_was

MANY = 10  # from here on one whole list costs less than a question for each record
_PARTNERS = {SALES_ORDERS: "customer.id", PURCHASE_ORDERS: "vendor.id"}
_PARTNER_QUERIES = {SALES_ORDERS: "customerIds", PURCHASE_ORDERS: "vendorIds"}


class Lookup:
    """Looks for effects; what it finds, it finishes on the warehouse's side."""

    def __init__(self, port: Port, finisher: Finisher) -> None:
        self.unanswered: set[str] = set()  # keys that a list has told nothing about
        self._port, self._finisher = port, finisher

    def find(self, items: Iterable[Item]) -> dict[str, list[Found] | None]:
        """Return what QuickBooks shows of these items, by key; None where nobody knows."""
        found: dict[str, list[Found] | None] = {}
        creates: dict[str, list[Task]] = defaultdict(list)
        for item in items:
            task: Task | None = item.source
            if task and task.unit.action == CREATE:
                creates[task.unit.kind.name].append(task)
            elif task:
                found[item.key] = self._changed(task)
        for tasks in creates.values():
            found.update(self._answered(tasks))
        return found

    def _answered(self, tasks: Sequence[Task]) -> Mapping[str, list[Found] | None]:
        """Return what was created, None of what a list that never ends would tell."""
        own_keys = [task.key for task in tasks]
        self.unanswered.difference_update(own_keys)
        try:
            return self._created(tasks)
        except Unanswered as unanswered:
            is_usual = tasks[0].unit.kind.name == ADJUSTMENTS
            if not is_usual or unanswered.answer.is_unauthorized:
                raise
            self.unanswered.update(own_keys)
            return dict.fromkeys(own_keys)

    # --- updates ----------------------------------------------------------------------

    def _changed(self, task: Task) -> list[Found]:
        """Return the effect of a write to a record that QuickBooks had, if it is there."""
        unit = task.unit
        record = self._port.read(unit.kind.resource, unit.id)
        if record is None:
            if unit.deletes:
                self._finisher.after_end(task, task.before)
                return [Found(unit.id)]
            return []
        if unit.deletes:
            return []
        now = of_wire(unit.kind, record)
        if unit.action == INACTIVATE:
            if record.get("isActive") is not False:
                return []
            self._finisher.after_end(task, now)
            return [Found(unit.id)]
        is_unchanged = task.before and now.head.revision_number == unit.first.revision
        if is_unchanged or not self._has_values(task, now):
            return []
        self._finisher.after_update(task, now)
        return [Found(unit.id)]

    def _has_values(self, task: Task, now: Any) -> bool:
        try:
            unit, stored = as_it_was(task, self._finisher.stored(task.unit))
            writing = self._finisher.writing(task._replace(unit=unit), stored)
            return outgoing.has_arrived(writing, now)
        except Unresolved:  # so nothing was sent
            return False

    # --- creates ----------------------------------------------------------------------

    def _created(self, tasks: Sequence[Task]) -> dict[str, list[Found]]:
        """Return what was created, of tasks of one kind, by key."""
        kind = tasks[0].unit.kind
        marks = {keys.external_id(task.key): task for task in tasks}
        records: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        queries = list(self._narrow(tasks)) if len(tasks) < MANY else []
        for query in queries:
            try:
                self._collect(kind, query, marks, records)
            except Unanswered as unanswered:
                # QuickBooks refuses a list that is narrowed by what it has deleted.
                if unanswered.exit_code != NOTHING_DONE:
                    raise
        if len(records) < len(tasks):
            self._collect(kind, self._everything(kind, tasks), marks, records)
        return {
            task.key: self._finished(task, list(records[mark].values()))
            for mark, task in marks.items()
        }

    def _collect(
        self,
        kind: Kind,
        query: Mapping[str, Any],
        marks: Mapping[str, Task],
        records: dict[str, dict[str, dict[str, Any]]],
    ) -> None:
        for record in self._port.records(kind.resource, query):
            mark = record.get("externalId") or ""
            if mark in marks:
                records[mark][record["id"]] = record

    def _finished(self, task: Task, records: Sequence[dict[str, Any]]) -> list[Found]:
        if len(records) == 1:
            one = of_wire(task.unit.kind, records[0])
            if not self._finisher.is_linked(task.unit, one.head.id):
                self._finisher.after_recovery(task, one)
        return [Found(record["id"]) for record in records]

    def _narrow(self, tasks: Iterable[Task]) -> Iterator[Mapping[str, Any]]:
        for task in tasks:
            stored = self._finisher.stored(task.unit)
            query = _narrowed(task.unit.kind, stored) if stored else None
            if query:
                yield query

    def _everything(self, kind: Kind, tasks: Iterable[Task]) -> Mapping[str, Any]:
        """Return the list that shows the records, whatever somebody made of them."""
        if kind.name != ADJUSTMENTS:
            return {} if kind.is_transaction else {"status": "all"}
        # It has no pages, and QuickBooks gives up on a long one.
        stored = [self._finisher.stored(task.unit) for task in tasks]
        days = [one.head.created_at[:10] for one in stored if one]
        first = date.fromisoformat(min(days)) - timedelta(days=1) if all(days) and days else ""
        return {"updatedAfter": str(first)} if first else {}


def _narrowed(kind: Kind, stored: Stored) -> Mapping[str, Any] | None:
    """Return the narrowest list that shows a record as it was sent."""
    cells = {field.name: cell for field, cell in zip(kind.fields, stored.cells)}
    if not kind.is_transaction:
        name = cells["name"]
        return {"nameContains": name, "status": "all"} if name else None
    day = cells["transaction_date"]
    if not day:
        return None
    query: dict[str, Any] = {"transactionDateFrom": day, "transactionDateTo": day}
    partner = cells.get(_PARTNERS.get(kind.name, ""), "")
    if partner and not partner.startswith("wms:"):
        query[_PARTNER_QUERIES[kind.name]] = [partner]
    return query
