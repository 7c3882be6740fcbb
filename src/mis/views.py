"""The errors view of the log: people whose customers are not as they are to be, and why."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from src.kit import runlog, views
from src.kit.memory import IN_DOUBT, REMOVED, SUCCESSES
from src.kit.runlog import RawRow
from src.mis import keys, readback
from src.mis.records import Pushed
from src.mis.tasks import Person

_AT = {name: place for place, name in enumerate(Pushed._fields)}
_DONE = frozenset(word.encode() for word in (*SUCCESSES, REMOVED))
_STAYS = IN_DOUBT.encode()


def write(log: Path, errors: Path, planned: Collection[Person]) -> int:
    """Write the view; return how many people it names.

    Among them are those whose customers are there, and not all as it was sent.

    The last word about a person counts. Of whom the present plan says nothing, nothing is
    to be done any more; what is in doubt stays until somebody knows.
    """
    last: dict[Person, RawRow] = {}
    marks: dict[str, Person] = {}
    for row in filter(None, runlog.rows(log, Pushed)):
        person = (_text(row, "type"), _text(row, "mis_id"))
        if row[_AT["outcome"]] in views.FAILURES or _is_otherwise(row):
            last.pop(person, None)
            last[person] = row
            marks[keys.create_key(*person)] = person
        elif row[_AT["outcome"]] in _DONE and last:
            last.pop(person if person[0] else marks.get(_text(row, "key"), person), None)
    return views.write_raw(
        errors,
        Pushed,
        (
            row
            for person, row in last.items()
            if person in planned or row[_AT["outcome"]] == _STAYS
        ),
    )


def _is_otherwise(row: RawRow) -> bool:
    return bool(row[_AT["error"]]) and readback.is_otherwise(_text(row, "error"))


def _text(row: RawRow, name: str) -> str:
    return runlog.text(row[_AT[name]])
