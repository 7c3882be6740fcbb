"""What is planted in the demo's MIS: a label, what is special, and whom it befalls.

Cells are named as both types have them (`first`, `last`, `phone` …), else by column.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from src.kit.database import Value
from src.mis.demo_tables import (
    MISSING,
    NAMELESS,
    NATIONALITY_ONLY,
    ONLY_MONTH,
    ONLY_YEAR,
    SHORT_ONLY,
)
from src.mis.records import APPLICANT, STUDENT

APPLICANTS, STUDENTS = 850, 1200  # as the specification's sample has them
COUNTS = {APPLICANT: APPLICANTS, STUDENT: STUDENTS}
_UNTROUBLED = 12  # the first of a type, whom a preview shows
Cells = Mapping[str, Value]
Registrations = Sequence[Cells]
ONE: Registrations = ({},)  # as usual


class Problem(NamedTuple):
    """One thing that is wrong with one record, or special."""

    label: str
    cells: Cells
    registrations: Registrations = ONE  # of a student


def _named(label: str, first: str | None, last: str | None) -> Problem:
    return Problem(label, {"first": first, "last": last})


def _in_both() -> Iterator[Problem]:
    """Yield what an applicant has and a student has."""
    yield Problem("no first name", {"first": None})
    yield Problem("no family name", {"last": ""})
    yield _named("no name at all", " ", None)
    for _ in range(2):
        yield Problem("no phone", {"phone": None, "phone2": " "})
        yield Problem("no e-mail", {"email": None, "email2": ""})
    yield Problem("no national id", {"national_id": None})
    yield Problem("no gender", {"sex": None})
    yield Problem("an e-mail without @", {"email": "claudine.uwase.gmail.com"})
    yield Problem("an e-mail with a blank", {"email": "jean bosco@gmail.com"})
    yield Problem("two e-mails", {"email": "nadine7@gmail.com; nadine@yahoo.fr"})
    yield Problem("an e-mail that ends with a dot", {"email": "eric.m@gmail.com."})
    yield Problem("an e-mail beyond ASCII", {"email": "thérèse@gmail.com"})
    yield Problem("an e-mail without a top level domain", {"email": "grace@localhost"})
    yield Problem("two phone numbers", {"phone": "0788 301 001 / 0722 301 002"})
    yield Problem(
        "a phone that is a sentence", {"phone": "ask the aunt in Huye, 0788 301 003"}
    )
    yield Problem("a long name", {"first": "Marie Immaculée " * 8})
    yield Problem("a name with a tab", {"last": "Ndoli\tGasasira"})
    yield Problem("a name with quotes", {"first": 'Anne "Anita"', "last": "O'Brien"})
    yield Problem("a name with a tag", {"last": "<b>Gatera</b>"})
    yield Problem("a name that is a formula", {"last": "=cmd|' /C calc'!A0"})


_OF_APPLICANTS = (
    Problem("a name with a colon", {"first": "Marie: Claire"}),
    Problem("a name with an emoji", {"first": "Grace 🌸"}),
    *[Problem("a campus that does not exist", {"camp_id": str(MISSING)})] * 4,
    *[Problem("a campus without a name", {"camp_id": str(NAMELESS)})] * 2,
    Problem("a campus with a short name alone", {"camp_id": str(SHORT_ONLY)}),
    Problem("no campus", {"camp_id": None}),
    Problem("an id with blanks", {"camp_id": " 2 ", "opt_1": " 3"}),
    *[Problem("a program that does not exist", {"opt_1": str(MISSING)})] * 3,
    Problem("a program with a short name alone", {"opt_1": str(SHORT_ONLY)}),
    Problem("no program", {"opt_1": ""}),
    Problem("an intake that does not exist", {"intake_id": MISSING}),
    Problem("an intake with a month alone", {"intake_id": ONLY_MONTH}),
    Problem("an intake without a month", {"intake_id": ONLY_YEAR}),
    Problem("no intake", {"intake_id": None}),
    Problem("a mode without a name", {"prg_mode_id": NAMELESS}),
    Problem("a country that does not exist", {"country_of_birth": "999"}),
    Problem(
        "a country with a nationality alone",
        {"country_of_birth": str(NATIONALITY_ONLY)},
    ),
    Problem("no country", {"country_of_birth": None}),
    _named("two of one name", "Immaculée", "Uwizeyimana"),
    _named("two of one name", "Immaculée", "Uwizeyimana"),
    _named("three of one name", "Josué", "Nkusi"),
    _named("three of one name", "Josué", "Nkusi"),
    *[_named("seven of one name", "Jean Claude", "Habimana")] * 4,
    _named("a name in other letters", "Emmanuel", "Ndayisaba"),
    _named("a name in other letters", "EMMANUEL", "ndayisaba"),
    _named("a name with other blanks", "Marie Rose", "Ingabire"),
    _named("the name of a vendor", "Théoneste", "Gakwaya"),
    _named("the name of an employee", "Beatha", "Nyirabagenzi"),
    _named("the name of somebody else's customer", "Callixte", "Rurangwa"),
    _named("the name of an inactive customer", "Donata", "Uwambaye"),
    _named("a suffixed name that is taken", "Viateur", "Bazimaziki"),
)
_OF_STUDENTS = (
    Problem("a name with a line end", {"first": "Jean\nDamascène"}),
    Problem("a name in Arabic", {"first": "محمد", "last": "علي"}),
    Problem(
        "a phone in the second place alone", {"phone": None, "phone2": "0788301009"}
    ),
    Problem(
        "an e-mail in the second place alone",
        {"email": "", "email2": "olive@eaur.ac.rw"},
    ),
    Problem("a type without a name", {"prg_type": NAMELESS}),
    *[Problem("a campus that does not exist", {}, ({"camp_id": MISSING},))] * 4,
    Problem("a campus without a name", {}, ({"camp_id": NAMELESS},)),
    Problem("a campus with a short name alone", {}, ({"camp_id": SHORT_ONLY},)),
    Problem("a program without a name", {}, ({"splz_id": NAMELESS},)),
    Problem("no program", {}, ({"splz_id": None, "prg_id": None},)),
    *[Problem("a level that does not exist", {}, ({"level_id": MISSING},))] * 3,
    Problem("a level with a short name alone", {}, ({"level_id": SHORT_ONLY},)),
    Problem("no level", {}, ({"level_id": None},)),
    Problem("an intake that does not exist", {}, ({"intake_id": MISSING},)),
    Problem("an intake with a month alone", {}, ({"intake_id": ONLY_MONTH},)),
    *[Problem("no registration", {}, ())] * 5,
    Problem(
        "an inactive registration newer than the active one",
        {},
        (
            {"level_id": 2, "reg_date": "2024-09-02 08:00:00"},
            {"level_id": 3, "reg_date": "2025-09-02 08:00:00", "reg_active": 0},
        ),
    ),
    Problem(
        "two active registrations of one date",
        {},
        ({"level_id": 1}, {"level_id": 2}),
    ),
    Problem(
        "registrations of which none is active",
        {},
        (
            {"level_id": 4, "reg_date": "2025-09-02 08:00:00", "reg_active": 0},
            {"level_id": 1, "reg_date": "2023-09-04 08:00:00", "reg_active": None},
        ),
    ),
    Problem(
        "registrations without a date",
        {},
        ({"level_id": 1, "reg_date": None}, {"level_id": 2, "reg_date": None}),
    ),
    Problem("a RegNo of two students", {"reg_no": "24-90777"}),
    Problem("a RegNo of two students", {"reg_no": "24-90777"}),
    _named("two of one name", "Assoumpta", "Mukashyaka"),
    _named("two of one name", "Assoumpta", "Mukashyaka"),
    _named("three of one name", "Josué", "Nkusi"),
    *[_named("seven of one name", "Jean Claude", "Habimana")] * 3,
    _named("a name with other blanks", "Marie  Rose ", " Ingabire"),
    _named("the name of a vendor", "Épiphanie", "Nyiransabimana"),
    _named("the name of an employee", "Cassien", "Munyakazi"),
)


def _placed(type_: str, problems: Sequence[Problem]) -> dict[int, Problem]:
    """Return problems by the primary key that has them, all over the table."""
    apart = (COUNTS[type_] - _UNTROUBLED) // len(problems)
    return {_UNTROUBLED + apart * n: one for n, one in enumerate(problems)}


PLACED = {
    APPLICANT: _placed(APPLICANT, (*_in_both(), *_OF_APPLICANTS)),
    STUDENT: _placed(STUDENT, (*_in_both(), *_OF_STUDENTS)),
}


def by_label() -> dict[str, tuple[tuple[str, str], ...]]:
    """Return the records, by type and primary key, that have each problem."""
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for type_, placed in PLACED.items():
        for number, problem in placed.items():
            keys = found.get(problem.label, ())
            found[problem.label] = (*keys, (type_, str(number)))
    return found


def untroubled(type_: str, every: int) -> list[int]:
    """Return every so many-th primary key, without those that have a problem."""
    numbers = range(every, COUNTS[type_] + 1, every)
    return [number for number in numbers if number not in PLACED[type_]]


def reg_no(number: int) -> str:
    """Return the RegNo of a student, unless a problem gives another."""
    return f"{22 + number % 4}-{number:05}"
