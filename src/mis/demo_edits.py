"""What people change in the demo's MIS between two synchronizations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from src.kit.database import Database, Value
from src.mis import demo_tables
from src.mis.demo_people import CANARY
from src.mis.demo_problems import APPLICANTS, by_label, reg_no, untroubled
from src.mis.demo_tables import (
    APPLICATIONS,
    MARKER,
    PERSONS,
    REGISTRATIONS,
    SHORT_ONLY,
    Layout,
)
from src.mis.records import APPLICANT, STUDENT

EDITED = "edited"  # the marker's second step
_NEW_DATE = "2026-11-16 08:00:00"
# Every seventh and eleventh, so that some are both applicant and student, some not.
_APPLICANTS, _STUDENTS = untroubled(APPLICANT, 7), untroubled(STUDENT, 11)
_MARRIED, _REGISTERED = _STUDENTS[20:22], _STUDENTS[30:33]


class Edit(NamedTuple):
    """One column that is changed, by primary key."""

    label: str
    table: Layout
    column: str
    values: Mapping[int, Value]


def _numbered(keys: list[int], text: str) -> dict[int, Value]:
    return {key: text.format(at) for at, key in enumerate(keys)}


def _first_of(label: str, type_: str) -> int:
    return next(int(key) for found, key in by_label()[label] if found == type_)


def _edits() -> Iterator[Edit]:
    phones = _numbered(_APPLICANTS[:6], "078855510{}")
    yield Edit("phones", APPLICATIONS, "phone1", phones)
    others = [*_STUDENTS[:3], _first_of("a long name", STUDENT)]
    yield Edit("phones", PERSONS, "phone1", _numbered(others, "0722 555 20{}"))
    mails = _numbered(_APPLICANTS[8:11], "new.address{}@gmail.com")
    mails[_APPLICANTS[11]] = None  # had one, and it is gone
    mails[_first_of("no e-mail", APPLICANT)] = "first.address@gmail.com"
    mails[_first_of("an e-mail without @", APPLICANT)] = "claudine.uwase@gmail.com"
    yield Edit("e-mails", APPLICATIONS, "email1", mails)
    yield Edit(
        "family names", PERSONS, "lname", _numbered(_MARRIED, "Uwamariya-Nshuti {}")
    )
    ids = _numbered(_STUDENTS[40:42], f"120017{CANARY}9{{}}")
    yield Edit("national ids", PERSONS, "national_id", ids)
    moved = dict.fromkeys(_APPLICANTS[12:14], str(SHORT_ONLY))
    yield Edit("campuses", APPLICATIONS, "camp_id", moved)


_EDITS = tuple(_edits())
_NEWCOMER = {
    "appl_Id": APPLICANTS + 1,
    "tracking_id": f"EAUR-2026-{APPLICANTS + 1:05}",
    "first_name": "Jean Claude",  # the eighth of this name
    "family_name": "Habimana",
    "sex": "Male",
    "phone1": "0788 555 301",
    "email1": "jeanclaude.habimana8@gmail.com",
    "country_of_birth": "Rwanda",
    "nation_Id_passPort_no": f"120058{CANARY}98",
    "camp_id": "1",
    "opt_1": "2",
    "intake_id": 6,
    "prg_mode_id": 1,
    "appl_date": _NEW_DATE,
    "status": 1,
    "QuickBk_Status": 0,
}


def edit(database: Database) -> Counter[str]:
    """Change what people change; return how many records, by what was changed.

    What was synchronized before stays marked as such: only the data differs.
    """
    counts: Counter[str] = Counter()
    with database.transaction():
        for label, table, column, values in _EDITS:
            counts[label] += demo_tables.change(database, table, column, values)
        counts["new registrations"] += _register(database)
        new = demo_tables.insert(database, APPLICATIONS, [_NEWCOMER])
        counts["new applicant"] += new
        demo_tables.insert(database, MARKER, [{"step": 2, "what": EDITED}])
    return counts


def _register(database: Database) -> int:
    """Register some students anew; the registration they had is active no longer."""
    query = f"SELECT reg_prg_id, reg_no FROM {REGISTRATIONS.name} ORDER BY reg_prg_id"
    there = list(database.rows(query, "it"))
    known = [reg_no(number) for number in _REGISTERED]
    old = {key: 0 for key, number in there if number in known}
    demo_tables.change(database, REGISTRATIONS, "reg_active", old)
    new = [
        {
            "reg_prg_id": there[-1][0] + at,
            "reg_no": number,
            "intake_id": 6,
            "prg_id": 2,
            "splz_id": 2,
            "level_id": 4,
            "prg_mode_id": 2,
            "prg_type": "1",
            "camp_id": 3,
            "reg_date": _NEW_DATE,
            "reg_active": 1,
        }
        for at, number in enumerate(known, 1)
    ]
    return demo_tables.insert(database, REGISTRATIONS, new)
