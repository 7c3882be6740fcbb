"""What came back of what was sent: QuickBooks drops silently, and answers may be old ones.

A request under an id that was used before is answered as it was the first time, whatever
it says now. So what a customer has is what its record shows, never what was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from src.mis import definitions, digests, notes, payload, tasks
from src.mis.definitions import CUSTOM
from src.mis.looking import Record, differing
from src.mis.payload import NOTES
from src.mis.tasks import Fields, Task

DROPPED, OTHERWISE = "QuickBooks dropped ", "QuickBooks answered another value of "
_CHECK = "; set CUSTOM_FIELD_MODE=both or check CUSTOM_FIELD_IDS"
_AGAIN = "; fetch and plan again"


def digests_of(task: Task, record: Record) -> str:
    """Return the digests of what a record shows, as the log's column `sent`.

    Of a create, what was not sent counts too. What was dropped has no digest, so that
    it is sent again.
    """
    others = set(differing(record, task.fields))
    found = _beside(task.fields, record) if task.is_create else {}
    if not (others or found):
        return task.sent
    there = definitions.flat(record)
    for name, value in definitions.flat(task.fields).items():
        if name not in others:
            found[name] = value
        elif there.get(name) or not definitions.id_in(name):
            found[name] = there.get(name) or payload.cleared(name)
    lines = tasks.lines_of(task.row, task.fields)
    if lines and NOTES in others:
        said = notes.parse(found[NOTES]).values
        lines = {name: said.get(name, "") for name in lines}
    return digests.of(definitions.nested(found), lines)


def _beside(fields: Fields, record: Record) -> dict[str, Any]:
    """Return what a record has in plain fields of ours that were not sent."""
    names = (name for name in payload.FIELDS if name not in fields and name != CUSTOM)
    return {name: record[name] for name in names if record.get(name)}


def sentences(
    fields: Fields, record: Record, name_of: Callable[[str], str]
) -> Iterator[str]:
    """Yield what is not as it was sent; `name_of` tells the field of a DefinitionId."""
    there = definitions.flat(record)
    dropped, others = [], []
    for name in differing(record, fields):
        is_dropped = definitions.id_in(name) and not there.get(name)
        (dropped if is_dropped else others).append(definitions.called(name, name_of))
    if dropped:
        yield f"{DROPPED}{', '.join(dropped)}{_CHECK}"
    if others:
        yield f"{OTHERWISE}{', '.join(others)}{_AGAIN}"


def is_otherwise(error: str) -> bool:
    """Return whether what is said of a success is that not all is as it was sent."""
    return DROPPED in error or OTHERWISE in error
