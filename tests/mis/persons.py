"""Persons of the MIS, their customers in QuickBooks, and what a plan makes of both."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from src.kit import cells, runlog
from src.kit.appender import Appender
from src.kit.tables import checked, escaped
from src.mis import custom_fields, digests, keys, payload
from src.mis.company import Company
from src.mis.custom_fields import Budget
from src.mis.history import History
from src.mis.naming import TEMPLATE, Names, ordered
from src.mis.planning import Asked, Known, Planner
from src.mis.records import APPLICANT, STUDENT, Named, Person, Planned, Pushed

NOW = "2026-11-21T20:00:00.000000+00:00"
REALM = "1234567890"
CANARY = "1199880012345678"  # a national id
NOTES_ONLY = custom_fields.budget("notes", {})
_USUAL = {
    "first_name": "Aline",
    "last_name": "Uwera",
    "phone": "+250 788 000 851",
    "email": "aline.uwera@example.rw",
    "gender": "Female",
    "national_id": CANARY,
    "campus": "Kigali",
    "intake": "September 2025",
    "program": "Computer Science",
    "registrations": "1",
    "status": "0",
}
_OF_TYPE = {
    APPLICANT: {"tracking_id": "AP-{}", "birth_country": "Rwanda", "program_mode": "Day"},
    STUDENT: {"level": "Level 1", "program_type": "Undergraduate"},
}


def applicant(mis_id: str = "7", **fields: str) -> Person:
    """Return an applicant; what is not said is as usual."""
    return _person(APPLICANT, mis_id, {"identifier": mis_id, **fields})


def student(mis_id: str = "7", **fields: str) -> Person:
    """Return a student; what is not said is as usual."""
    return _person(STUDENT, mis_id, {"identifier": f"24/{mis_id:0>4}", **fields})


def _person(type_: str, mis_id: str, fields: Mapping[str, str]) -> Person:
    own = {name: text.format(mis_id) for name, text in _OF_TYPE[type_].items()}
    empty = dict.fromkeys(Person._fields, "")
    said = {**empty, **_USUAL, **own, **fields}
    return Person(**{**said, "type": type_, "mis_id": mis_id})


def named_as(name: str, **fields: str) -> dict[str, str]:
    """Return the fields of a person with a whole name."""
    first, _, last = name.partition(" ")
    return {"first_name": first, "last_name": last, **fields}


def synced(person: Person, quickbooks_id: str = "55", sync_token: str = "0") -> Person:
    """Return a person whom the MIS calls synchronized."""
    told = {"status": "1", "quickbooks_id": quickbooks_id, "sync_token": sync_token}
    return person._replace(**told)


def mark_of(person: Person) -> str:
    """Return the mark of a person's customer."""
    return keys.create_key(person.type, person.mis_id)


def fields_of(person: Person, name: str = "", budget: Budget = NOTES_ONLY) -> dict[str, Any]:
    """Return what a person's customer consists of, under the real name by default."""
    return payload.of(person, name or payload.real_name(person), budget).fields


def as_customer(
    person: Person, quickbooks_id: str = "55", active: str = "yes", **changed: Any
) -> Named:
    """Return a person's customer as QuickBooks has it; `changed` is by people there."""
    content = {**fields_of(person), **changed}
    content = {name: value for name, value in content.items() if value or value == []}
    mark = mark_of(person) if mark_of(person) in content.get("Notes", "") else ""
    name = content["DisplayName"]
    return Named("Customer", quickbooks_id, name, active, mark, "0", json.dumps(content))


def somebody(
    name: str, id: str = "12", list: str = "Customer", active: str = "yes", **content: Any
) -> Named:
    """Return a name in QuickBooks that is not ours."""
    said = json.dumps({"DisplayName": name, **content}) if list == "Customer" else ""
    return Named(list, id, name, active, "", "0", said)


def pushed(
    person: Person,
    outcome: str = "created",
    action: str = "create",
    fields: Mapping[str, Any] | None = None,
    **cells: str,
) -> Pushed:
    """Return the log's row of a person."""
    sent = fields_of(person) if fields is None else fields
    told = {
        "seq": "1",
        "ts": NOW,
        "run_id": "run-1",
        "realm_id": REALM,
        "action": action,
        "sent": digests.of(sent),
        "key": mark_of(person) if action == "create" else "k" + "0" * 32,
        "quickbooks_id": "55",
        "outcome": outcome,
    }
    row = dict(zip(Pushed._fields, [""] * len(Pushed._fields)))
    who = {"type": person.type, "mis_id": person.mis_id}
    return Pushed(**{**row, **who, **told, **cells})


def raw(row: Pushed) -> runlog.RawRow:
    """Return a row as the log's reader yields it."""
    return [cells.guard(cell).encode() for cell in escaped(row)]


def write_log(path: Any, rows: Iterable[Pushed]) -> None:
    """Append rows to a log."""
    log = Appender(path, Pushed)
    log.append([row[:-1] for row in rows])
    log.sync()
    log.close()


def history_of(*rows: Pushed) -> History:
    """Return what rows of the log say."""
    found = History(REALM)
    found.learn(map(raw, rows))
    return found


class Case(NamedTuple):
    """Everything that a plan is made from."""

    people: tuple[Person, ...]
    names: tuple[Named, ...] = ()
    log: tuple[Pushed, ...] = ()
    decided: Mapping[tuple[str, str], str] = {}
    asked: Asked = Asked(NOW, NOTES_ONLY, "1a2b3c4d")
    template: str = TEMPLATE


def planner_of(case: Case) -> Planner:
    """Return the planner of a case."""
    company = Company(Names(case.template))
    for row in case.names:
        company.see(row)
    known = Known(company, history_of(*case.log), dict(case.decided))
    return Planner(known, case.asked)


def plan(case: Case) -> list[Planned]:
    """Return the plan of a case."""
    return list(planner_of(case).rows(ordered(lambda: case.people)))


def the_row(case: Case) -> Planned:
    """Return the only row of a plan."""
    (row,) = plan(case)
    return row


def payload_of(row: Planned) -> dict[str, Any]:
    """Return what a plan row sends."""
    return json.loads(row.payload or "{}")


def is_checked(row: Planned) -> bool:
    """Return whether a row survives being written: no cell is half a character."""
    return bool(checked(row))
