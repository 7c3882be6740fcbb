"""One effect on one customer: what the plan says of it, and what is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from src.kit.requests import Item
from src.mis import definitions, digests, keys, notes
from src.mis.definitions import CUSTOM
from src.mis.payload import NOTES
from src.mis.records import BACKWARD, TAKES_AWAY, Planned

Fields = Mapping[str, Any]
Person = tuple[str, str]  # type and mis_id


class Task(NamedTuple):
    """A plan row on its way, or one that an earlier run had on its way."""

    row: Planned
    fields: Fields  # as they are sent, Id and SyncToken aside
    sent: str  # their digests
    before: str = ""  # digests of what an earlier run sent; empty = nobody knows

    @property
    def mark(self) -> str:
        """Return the mark of the customer that it is about."""
        return mark_of(self.row)

    @property
    def is_create(self) -> bool:
        """Return whether it makes a customer."""
        return makes(self.row)

    @property
    def is_backward(self) -> bool:
        """Return whether it takes back what a run did."""
        return self.row.action in BACKWARD

    @property
    def takes_away(self) -> bool:
        """Return whether its person has no customer afterwards."""
        return self.row.action in TAKES_AWAY

    @property
    def person(self) -> Person:
        """Return whose customer it is."""
        return self.row.type, self.row.mis_id


def of(row: Planned) -> Task:
    """Return what a plan row sends."""
    fields = json.loads(row.payload or "{}")
    return Task(row, fields, digests.of(fields, lines_of(row, fields)))


def lines_of(row: Planned, fields: Fields) -> dict[str, str] | None:
    """Return our lines in Notes that the log is to know after a row; nothing means all.

    Of a customer that was ours before: those that change, and those that the row names.
    What else stands there may be a person's correction.
    """
    there = str(before_of(row).get(NOTES, ""))
    if NOTES not in fields or notes.MARK not in there:
        return None
    said = notes.parse(fields[NOTES]).values
    named = filter(None, map(notes.line_in, row.fields.split()))
    return notes.news(there, fields[NOTES]) | {name: said.get(name, "") for name in named}


def before_of(row: Planned) -> Fields:
    """Return what QuickBooks had in the fields when the plan was made."""
    return json.loads(row.before or "{}")


def item_of(task: Task, is_sent: bool = True) -> Item:
    """Return what delivery carries; not `is_sent`: it is only looked for."""
    return Item(task.row.key, cargo=task if is_sent else None, source=task)


def makes(row: Planned) -> bool:
    """Return whether a plan row makes a customer: its key is the mark."""
    return row.key == mark_of(row)


def mark_of(row: Planned) -> str:
    """Return the mark of a person's customer."""
    return keys.create_key(row.type, row.mis_id)


def change_of(task: Task) -> tuple[str, Fields]:
    """Return the operation and the record that QuickBooks gets."""
    if task.is_create:
        return "create", task.fields
    row = task.row
    known = {"Id": row.quickbooks_id, "SyncToken": row.sync_token, "sparse": True}
    return "update", {**known, **beside(before_of(row), task.fields)}


def beside(there: Fields, fields: Fields) -> Fields:
    """Return fields as they are sent to a customer that has others `there`.

    Of its custom fields those that do not change go along as they are.
    """
    if CUSTOM not in fields:
        return fields
    return {**fields, CUSTOM: definitions.changed(there.get(CUSTOM), fields[CUSTOM])}
