"""A demo MIS as an accountant would recognise it, and what people change in it.

850 applicants and 1,200 students, about 300 of them the same people; one in twenty
records has something wrong or special. The same seed makes the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import NamedTuple

from src.kit.database import Database, Value
from src.mis import demo_problems, demo_tables
from src.mis.demo_company import company_changes
from src.mis.demo_edits import EDITED, edit
from src.mis.demo_people import CANARY, Population, Someone
from src.mis.demo_problems import COUNTS, ONE, PLACED, Problem, reg_no, untroubled
from src.mis.demo_tables import (
    APPLICATIONS,
    BURUNDI,
    CAMPUSES,
    CONGO,
    INTAKES,
    LEVELS,
    MARKER,
    MODES,
    PERSONS,
    PROGRAMS,
    REGISTRATIONS,
    RWANDA,
    TYPES,
)
from src.mis.records import APPLICANT, STUDENT

__all__ = ["CANARY", "EDITED", "PROBLEMS", "company_changes", "edit"]

PROBLEMS = demo_problems.by_label()  # label -> the records, as (type, primary key)
BOTH = 300  # people who applied here and are students now
SHOUTED = 60  # of these, every so many-th has the family name in capital letters
BEFORE = 25  # every so many-th student has an earlier registration, as is usual
BY_NAME = 0.08  # of the countries of birth: typed, not chosen
NOTHING, UNFINISHED, MADE = "nothing", "unfinished", "made"  # and EDITED
Row = dict[str, Value]
_COLUMNS = {
    APPLICANT: {
        "first": "first_name",
        "last": "family_name",
        "phone": "phone1",
        "email": "email1",
        "national_id": "nation_Id_passPort_no",
    },
    STUDENT: {"first": "fname", "last": "lname", "phone": "phone1", "email": "email1"},
}


class Made(NamedTuple):
    """What was made."""

    applicants: int
    students: int
    problems: Mapping[str, int]  # how often each was planted, by its label


class _People(NamedTuple):
    """Who is what: people by primary key, and the RegNo of applicants who stayed."""

    applicants: dict[int, Someone]
    students: dict[int, Someone]
    stayed: dict[int, str]


def make(database: Database, seed: str = "1") -> Made:
    """Make the MIS's tables anew, with everybody in them."""
    people, dice = _people(seed), Random(f"mis rows {seed}")
    demo_tables.create(database)  # MySQL makes no table inside a transaction
    with database.transaction():
        demo_tables.fill(database)
        applicants = demo_tables.insert(
            database, APPLICATIONS, _applications(people, dice)
        )
        students = demo_tables.insert(database, PERSONS, _persons(people, dice))
        demo_tables.insert(database, REGISTRATIONS, _registrations(dice))
        demo_tables.insert(database, MARKER, [{"step": 1, "what": MADE}])
    problems = {label: len(keys) for label, keys in PROBLEMS.items()}
    return Made(applicants, students, problems)


def standing(database: Database) -> str:
    """Return how far the demo in a database is; a table's name where it is no demo."""
    there = list(database.structure())
    if MARKER.name not in there:
        return there[0] if there else NOTHING
    query = f"SELECT what FROM {MARKER.name} ORDER BY step"
    steps = [what for (what,) in database.rows(query, "t")]
    return steps[-1] if steps else UNFINISHED


def holds_only_demo(database: Database) -> bool:
    """Return whether nobody is in the demo's MIS whom neither it nor its edits made."""
    if standing(database) in (NOTHING, UNFINISHED):
        return True
    last = {APPLICATIONS: COUNTS[APPLICANT] + 1, PERSONS: COUNTS[STUDENT]}
    for table, most in last.items():
        key = table.columns[0][0]
        query = f"SELECT COUNT(*) FROM {table.name} WHERE {key} < 1 OR {key} > {most}"
        if [count for (count,) in database.rows(query, "i")] != [0]:
            return False
    return True


def _people(seed: str) -> _People:
    drawn = Population(seed)
    applicants = {number: next(drawn) for number in _numbers(APPLICANT)}
    pairs = list(zip(untroubled(STUDENT, 3), untroubled(APPLICANT, 2)))[:BOTH]
    origin = dict(pairs)
    students = {
        number: _again(number, applicants[origin[number]])
        if number in origin
        else next(drawn)
        for number in _numbers(STUDENT)
    }
    return _People(applicants, students, {old: reg_no(new) for new, old in pairs})


def _numbers(type_: str) -> range:
    return range(1, COUNTS[type_] + 1)


def _again(number: int, one: Someone) -> Someone:
    """Return an applicant as the students' office has typed them."""
    return one._replace(last=one.last.upper()) if number % SHOUTED == 0 else one


def _problem(type_: str, number: int) -> Problem:
    return PLACED[type_].get(number, Problem("", {}))


def _special(type_: str, number: int) -> Row:
    """Return the cells of a record that its problem has set, by their columns."""
    names, cells = _COLUMNS[type_], _problem(type_, number).cells
    return {names.get(name, name): value for name, value in cells.items()}


def _status(number: int) -> int | None:
    return None if number % 4 == 0 else 0  # the real one has both, for one thing


def _applications(people: _People, dice: Random) -> Iterator[Row]:
    for number, one in people.applicants.items():
        intake = dice.randint(1, INTAKES)
        yield {
            "appl_Id": number,
            "tracking_id": f"EAUR-{2023 + (intake + 1) // 2}-{number:05}",
            "reg_no": people.stayed.get(number),
            "first_name": one.first,
            "family_name": one.last,
            "dob": one.born,
            "sex": one.sex,
            "phone1": one.phone,
            "email1": one.email,
            "country_of_birth": _country(one, dice),
            "nation_Id_passPort_no": one.national_id,
            "present_nationality": "Burundian" if one.is_abroad else "Rwandan",
            "camp_id": str(dice.randint(1, CAMPUSES)),
            "opt_1": str(dice.randint(1, PROGRAMS)),
            "opt_2": str(dice.randint(1, PROGRAMS)),
            "intake_id": intake,
            "level_id": 1,
            "prg_mode_id": dice.randint(1, MODES),
            "appl_date": f"2025-{1 + number % 12:02}-{1 + number % 28:02} 09:30:00",
            "status": 1,
            "QuickBk_Status": _status(number),
            **_special(APPLICANT, number),
        }


def _country(one: Someone, dice: Random) -> str:
    """Return a country of birth as the form leaves it: an id, now and then a name."""
    if one.is_abroad:
        return str(dice.choice((BURUNDI, CONGO)))
    return "Rwanda" if dice.random() < BY_NAME else str(RWANDA)


def _persons(people: _People, dice: Random) -> Iterator[Row]:
    for number, one in people.students.items():
        yield {
            "per_id_ug": number,
            "reg_no": reg_no(number),
            "prg_type": 2 if dice.random() < 0.15 else 1,
            "sex": one.sex,
            "fname": one.first,
            "lname": one.last,
            "dob": one.born,
            "marital_status": "Single",
            "national_id": one.national_id,
            "cntr_id": BURUNDI if one.is_abroad else RWANDA,
            "nationality": str(BURUNDI if one.is_abroad else RWANDA),
            "phone1": one.phone,
            "email1": one.email,
            "reg_date": f"2024-{1 + number % 12:02}-{1 + number % 28:02} 10:15:00",
            "registered_by": "registrar",
            "QuickBk_status": _status(number),
            **_special(STUDENT, number),
        }


def _registrations(dice: Random) -> Iterator[Row]:
    made = 0
    for number in _numbers(STUDENT):
        problem = _problem(STUDENT, number)
        told = problem.registrations
        if told is ONE and number % BEFORE == 1:
            told = ({"reg_date": "2023-09-04 08:00:00", "reg_active": 0}, {})
        known = str(problem.cells.get("reg_no") or reg_no(number))
        usual = _registration(known, dice)
        for cells in told:
            made += 1
            yield {"reg_prg_id": made, **usual, **cells}


def _registration(known: str, dice: Random) -> Row:
    program = dice.randint(1, PROGRAMS)
    return {
        "reg_no": known,
        "intake_id": dice.randint(1, INTAKES),
        "prg_id": program,
        "splz_id": program,
        "level_id": dice.randint(1, LEVELS),
        "prg_mode_id": dice.randint(1, MODES),
        "prg_type": str(dice.randint(1, TYPES)),
        "year_id": 5,
        "camp_id": dice.randint(1, CAMPUSES),
        "reg_date": "2025-09-01 08:00:00",
        "spon_id": 1,
        "reg_active": 1,
    }
