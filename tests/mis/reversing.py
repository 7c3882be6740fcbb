"""Pushes taken back: which run it was, what people do there, what is active after it."""

from __future__ import annotations

from typing import Any

from src import undo
from src.kit import receipts
from src.kit.errors import OK
from tests.mis.school import School, people

PHONE = {"PrimaryPhone": {"FreeFormNumber": "0788"}}


def last_run(school: School, door: str = "mis_push") -> str:
    """Return the id of the last run of a door."""
    found = receipts.read(school.desk.logs)
    return [r for r in found if r.door == door and r.kind == "run"][-1].run_id


def take_back(school: School, run_id: str = "", *options: str) -> int:
    """Plan how to take back a run, the last one if none is named."""
    return school.desk.run(undo, run_id or last_run(school), *options)


def prepared(school: School, number: int = 3) -> None:
    """Create so many customers with the doors themselves."""
    school.enrol(*people(number))
    school.prepare()
    assert school.push() == OK, school.desk.out


def active(school: School) -> list[str]:
    """Return the names of the customers that are active."""
    return sorted(one["DisplayName"] for one in school.customers() if one["Active"])


def edit(school: School, name: str, **changes: Any) -> None:
    """Let a person change a customer."""
    there = school.customer(name)
    known = {"Id": there["Id"], "SyncToken": there["SyncToken"], "sparse": True}
    school.write(operation="update", **known, **changes)
