"""Names: the real one, unless somebody has it; and the same ones in every plan."""

from __future__ import annotations

import random
from itertools import islice

import pytest

from src.config import normalize_display_name
from src.kit.errors import Refused
from src.mis.fitting import width
from src.mis.naming import Chosen, Names
from src.mis.records import KEPT, NUMBERED, REAL_NAME, SUFFIX
from tests.mis.persons import Case, applicant, as_customer, named_as, plan, somebody, student

ALINE = named_as("Aline Uwera")


def display_names(case: Case) -> dict[str, str]:
    """Return the planned names by type and id."""
    return {f"{row.type} {row.mis_id}": row.display_name for row in plan(case)}


def the_name(*names, person=None):
    (row,) = plan(Case((person or applicant("7", **ALINE),), names))
    return row.display_name, row.rule, row.taken_by


# --- who has the name -----------------------------------------------------------------


def test_a_free_name_is_the_real_name():
    assert the_name() == ("Aline Uwera", REAL_NAME, "")


@pytest.mark.parametrize("list", ["Customer", "Vendor", "Employee"])
@pytest.mark.parametrize("active", ["yes", "no"])
def test_a_name_of_any_list_is_taken_even_an_inactive_one(list, active):
    taken = somebody("Aline Uwera", "12", list, active)

    assert the_name(taken) == ("Aline Uwera (7)", SUFFIX, f"{list} 12")


@pytest.mark.parametrize("spelled", ["ALINE UWERA", " aline  uwera ", "Aline\u00a0Uwera"])
def test_case_and_blanks_make_no_other_name(spelled):
    assert the_name(somebody(spelled))[0] == "Aline Uwera (7)"


def test_an_accent_in_two_pieces_makes_no_other_name():
    person = applicant("7", **named_as("Andr\u00e9 Uwera"))

    assert the_name(somebody("Andre\u0301 UWERA"), person=person)[1] == SUFFIX


def test_a_deactivated_customer_s_name_is_free_because_quickbooks_changed_it():
    assert the_name(somebody("Aline Uwera (deleted)", active="no"))[1] == REAL_NAME


def test_a_taken_suffix_is_numbered():
    taken = [somebody(f"Aline Uwera{rest}") for rest in ("", " (7)", " (7) 2")]

    assert the_name(*taken)[:2] == ("Aline Uwera (7) 3", NUMBERED)


def test_display_name_history_the_real_name_goes_first_and_no_number_alone():
    names = display_names(Case((applicant("7", **ALINE), student("7", **ALINE))))

    assert names == {"Applicant 7": "Aline Uwera", "Student 7": "Aline Uwera (24/0007)"}


def test_twins_are_told_apart_by_what_they_are_known_by():
    people = tuple(applicant(str(n), **ALINE) for n in (9, 10, 100))

    assert list(display_names(Case(people)).values()) == [
        "Aline Uwera",
        "Aline Uwera (10)",
        "Aline Uwera (100)",
    ]


def test_two_students_with_one_registration_number_both_go():
    people = tuple(student(str(n), identifier="24/1", **ALINE) for n in (1, 2, 3, 4))

    assert list(display_names(Case(people)).values()) == [
        "Aline Uwera",
        "Aline Uwera (24/1)",
        "Aline Uwera (24/1) 2",
        "Aline Uwera (24/1) 3",
    ]


def test_whose_real_name_looks_like_another_s_suffix_gets_one_too():
    people = (applicant("1"), applicant("2"), applicant("3", **named_as("Aline Uwera (2)")))

    assert display_names(Case(people))["Applicant 3"] == "Aline Uwera (2) (3)"


def test_a_customer_that_is_ours_keeps_its_name_and_has_it():
    twin = applicant("1", **ALINE)
    ours = as_customer(applicant("2", **ALINE), DisplayName="Aline Uwera")

    assert display_names(Case((twin,), (ours,))) == {"Applicant 1": "Aline Uwera (1)"}


def test_applicants_come_first_and_smaller_numbers_whatever_the_order_of_the_file():
    people = [*(applicant(str(n), **ALINE) for n in (2, 10, 9)), student("1", **ALINE)]
    expected = display_names(Case(tuple(people)))
    random.Random(1).shuffle(people)

    assert display_names(Case(tuple(people))) == expected
    assert expected["Applicant 2"] == "Aline Uwera"


# --- the template, and what is too long -----------------------------------------------


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{name} ({id})", "Aline Uwera (7)"),
        ("{id} - {name}", "7 - Aline Uwera"),
        ("{name}: {id}", "Aline Uwera 7"),
        ("{name} {id} {name}", "Aline Uwera 7 Aline Uwera"),
    ],
)
def test_the_template_is_a_setting_and_cannot_make_what_quickbooks_refuses(template, expected):
    names = Names(template)
    names.take("Aline Uwera", "Vendor 1")

    assert names.choose("Aline Uwera", "7", "me").display_name == expected


def test_braces_in_a_name_are_a_name():
    names = Names()
    names.take("{id} {name}", "Vendor 1")

    assert names.choose("{id} {name}", "{name}", "me").display_name == "{id} {name} ({name})"


def test_a_long_name_is_cut_before_its_suffix():
    found = list(islice(Names().candidates("x" * 600, "24/0007"), 3))

    assert [len(name) for name, _ in found] == [500, 500, 500]
    assert found[1][0].endswith("xx (24/0007)")
    assert found[2][0].endswith("xx (24/0007) 2")


@pytest.mark.parametrize("name", ["x" * 600, "🎓" * 400, "a b " * 200])
@pytest.mark.parametrize("identifier", ["7", "9" * 300, "🎓" * 150])
def test_candidates_fit_and_differ(name, identifier):
    found = [name for name, _ in islice(Names("{id} {name} {id} {id}").candidates(name, identifier), 20)]

    assert len(set(map(normalize_display_name, found))) == 20
    assert max(map(width, found)) <= 500


def test_a_template_that_leaves_no_room_for_a_name_is_refused():
    with pytest.raises(Refused, match="MIS_NAME_TEMPLATE: has more than 200 characters"):
        Names("{name} ({id})" + "x" * 200)


def test_candidates_follow_the_rules_in_order():
    found = list(islice(Names().candidates("Aline Uwera", "7"), 4))

    assert found == [
        ("Aline Uwera", REAL_NAME),
        ("Aline Uwera (7)", SUFFIX),
        ("Aline Uwera (7) 2", NUMBERED),
        ("Aline Uwera (7) 3", NUMBERED),
    ]


# --- another real name ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "taken", "expected"),
    [
        ("Aline Uwera", [], Chosen("Aline Mugabo", REAL_NAME)),
        ("aline MUGABO", [], Chosen("Aline Mugabo", KEPT)),
        ("Aline Uwera (7)", ["Aline Mugabo"], Chosen("Aline Mugabo (7)", SUFFIX, "Vendor 1")),
        ("Aline Mugabo (7)", ["Aline Mugabo"], Chosen("Aline Mugabo (7)", KEPT)),
        ("Aline Mugabo (7)", [], Chosen("Aline Mugabo", REAL_NAME)),
    ],
)
def test_who_is_renamed_gets_the_first_free_name_or_keeps_one_that_fits(now, taken, expected):
    names = Names()
    names.take(now, "Customer 55")
    for name in taken:
        names.take(name, "Vendor 1")

    assert names.choose("Aline Mugabo", "7", "Customer 55", now) == expected


# --- stable between runs --------------------------------------------------------------


def random_people(dice: random.Random) -> list:
    firsts, lasts = ["Aline", "ALINE", "Eric"], ["Uwera", "Uwera (2)", "Uwera (24/1)", ""]
    made = []
    for make in (applicant, student):
        for number in range(1, 14):
            name = f"{dice.choice(firsts)} {dice.choice(lasts)}"
            more = {} if make is applicant else {"identifier": f"24/{number % 4}"}
            made.append(make(str(number), **named_as(name, **more)))
    return made


@pytest.mark.parametrize("seed", range(25))
def test_whoever_was_pushed_meanwhile_everybody_gets_the_same_name_again(seed):
    dice = random.Random(seed)
    people = random_people(dice)
    others = [somebody(p.first_name + " " + p.last_name, str(n)) for n, p in enumerate(people[::9])]
    first = display_names(Case(tuple(people), tuple(others)))
    gone = dice.sample(people, dice.randrange(len(people)))

    ours = [
        as_customer(p, str(500 + n), DisplayName=first[f"{p.type} {p.mis_id}"])
        for n, p in enumerate(gone)
    ]
    again = display_names(Case(tuple(people), (*others, *ours)))

    assert again == first
    assert len(set(map(normalize_display_name, first.values()))) == len(people)


@pytest.mark.parametrize("seed", range(5))
def test_the_same_files_give_the_same_plan(seed):
    people = tuple(random_people(random.Random(seed)))

    assert plan(Case(people)) == plan(Case(people))
