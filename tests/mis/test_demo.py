"""The demo's MIS: plausible, always the same, with every problem under its label."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from src.adapters.sqlite_file import SqliteFile
from src.config import normalize_display_name
from src.kit.database import BadData
from src.mis import demo, demo_tables, enriching
from src.mis.demo_company import CREATE, UPDATE
from src.mis.demo_tables import APPLICATIONS, CAMPUS, MARKER
from src.mis.records import APPLICANT, STUDENT, TYPES
from src.mis.store import Store
from src.office import connect_database

A, S = APPLICANT, STUDENT


def people(database):
    """Return everybody that a database has, enriched, by type and primary key."""
    store = Store(database)
    return {
        (raw.type, raw.mis_id): enriching.person(raw)
        for type_ in TYPES.values()
        for raw in store.people(type_)
    }


def made(path, seed="1", edited=False):
    """Return the people of a demo that is made for this."""
    database = SqliteFile(path)
    demo.make(database, seed)
    if edited:
        demo.edit(database)
    found = people(database)
    database.close()
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def everybody(folder):
    """Return the people of the demo, to look at."""
    return made(folder / "before.db")


@pytest.fixture(scope="module")
def later(folder):
    """Return the people of the demo after its edits, to look at."""
    return made(folder / "after.db", edited=True)


@pytest.fixture
def database(tmp_path):
    found = SqliteFile(tmp_path / "mis.db")
    yield found
    found.close()


def labelled(everybody, label, type_=""):
    """Return the people who have a problem."""
    keys = [key for key in demo.PROBLEMS[label] if type_ in ("", key[0])]
    assert keys, label
    return [everybody[key] for key in keys]


def name(one):
    return f"{one.first_name} {one.last_name}".strip()


# --- as a whole -----------------------------------------------------------------------


def test_there_are_as_many_as_in_the_specifications_sample(everybody):
    assert Counter(one.type for one in everybody.values()) == {A: 850, S: 1200}


def test_everybody_is_unsynchronized_at_first(database):
    demo.make(database)

    store = Store(database)
    assert store.counts(A) == {"0": 850, "1": 0, "2": 0, "3": 0}
    assert store.counts(S) == {"0": 1200, "1": 0, "2": 0, "3": 0}


def test_a_status_is_nothing_or_zero_as_in_the_real_system(everybody):
    statuses = Counter(one.status for one in everybody.values())

    assert set(statuses) == {"", "0"}
    assert statuses[""] > 400


def test_the_same_seed_makes_the_same_people(everybody, tmp_path):
    assert made(tmp_path / "again.db") == everybody


def test_another_seed_makes_other_people_with_the_same_problems(everybody, tmp_path):
    others = made(tmp_path / "others.db", seed="2")

    assert {name(one) for one in others.values()} != set(map(name, everybody.values()))
    for label in demo.PROBLEMS:
        assert len(labelled(others, label)) == len(demo.PROBLEMS[label])
    assert labelled(others, "seven of one name")[0].first_name == "Jean Claude"


@pytest.mark.parametrize("seed", ["1", "2", "17", "", "été"])
def test_any_seed_has_names_enough(database, seed):
    assert demo.make(database, seed)[:2] == (850, 1200)


def test_about_one_record_in_twenty_has_something(everybody):
    troubled = {key for keys in demo.PROBLEMS.values() for key in keys}

    assert 0.04 < len(troubled) / len(everybody) < 0.08


def test_what_was_made_is_counted_by_label(database):
    counts = demo.make(database).problems

    assert counts == {label: len(keys) for label, keys in demo.PROBLEMS.items()}
    assert counts["seven of one name"] == 7


def test_each_record_has_one_problem_at_most():
    keys = [key for found in demo.PROBLEMS.values() for key in found]

    assert len(keys) == len(set(keys))


def test_whoever_a_preview_shows_has_no_problem(everybody):
    first = [everybody[type_, str(n)] for type_ in (A, S) for n in range(1, 11)]

    assert all(one.first_name and one.phone and "@" in one.email for one in first)


def test_a_demo_is_made_on_every_database(mis_database, everybody):
    demo.make(mis_database)

    assert people(mis_database) == everybody


def test_a_demo_is_made_whatever_character_set_a_database_has(mariadb, everybody):
    url = mariadb.fresh()
    name = url.split("/")[3].partition("?")[0]
    mariadb.sql(f"ALTER DATABASE {name} CHARACTER SET latin1")
    with closing(connect_database.opened(url, Path(), "MIS")) as database:
        demo.make(database)

        assert people(database) == everybody


# --- national ids ---------------------------------------------------------------------


def test_every_national_id_holds_the_canary(everybody):
    ids = [one.national_id for one in everybody.values() if one.national_id]

    assert len(ids) > 2000
    assert all(demo.CANARY in one for one in ids)


def test_a_rwandan_id_has_sixteen_digits_with_year_and_gender(everybody):
    ids = {one.national_id for one in everybody.values()} - {""}

    for found in ids:
        assert re.fullmatch(r"PC[0-9]{10}|1(199|200)[0-9][78][0-9]{10}", found)


def test_an_id_belongs_to_one_person(everybody):
    owners: dict[str, set[str]] = {}
    for one in everybody.values():
        key = normalize_display_name(one.email)
        owners.setdefault(one.national_id, set()).add(key)

    shared = [emails for found, emails in owners.items() if found and len(emails) > 1]
    assert len(shared) < 25  # whose e-mail is a problem in one of both places


def test_the_canary_stands_nowhere_but_in_ids(everybody):
    for one in everybody.values():
        others = one._replace(national_id="")
        assert demo.CANARY not in " ".join(others)


# --- people and names -----------------------------------------------------------------


def test_about_three_hundred_are_applicant_and_student(everybody):
    by_type = {type_: set() for type_ in (A, S)}
    for one in everybody.values():
        by_type[one.type].add((normalize_display_name(name(one)), one.national_id))

    assert 290 <= len(by_type[A] & by_type[S]) <= 310


def test_some_of_them_are_typed_in_capital_letters_the_second_time(everybody):
    shouted = [one for one in everybody.values() if one.last_name.isupper()]

    assert 5 <= len(shouted) <= 20
    assert {one.type for one in shouted} == {S}


@pytest.mark.parametrize(
    ("label", "count"),
    [
        ("two of one name", 4),
        ("three of one name", 3),
        ("seven of one name", 7),
        ("a name in other letters", 2),
        ("a name with other blanks", 2),
    ],
)
def test_twins_are_different_people_of_one_name(everybody, label, count):
    twins = labelled(everybody, label)

    names = Counter(normalize_display_name(name(one)) for one in twins)
    assert sum(names.values()) == count
    assert len({one.national_id for one in twins}) == count
    assert min(names.values()) > 1


def test_nobody_else_has_a_twin_by_chance(everybody):
    counts = Counter(normalize_display_name(name(one)) for one in everybody.values())

    planted = {"Jean Claude Habimana": 7, "Josué Nkusi": 3}
    for found, count in planted.items():
        assert counts[normalize_display_name(found)] == count
    thrice = {found for found, count in counts.items() if count > 2 and found}
    assert thrice <= set(map(normalize_display_name, planted))


@pytest.mark.parametrize(
    ("label", "field", "wanted"),
    [
        ("no first name", "first_name", ""),
        ("no family name", "last_name", ""),
        ("no phone", "phone", ""),
        ("no e-mail", "email", ""),
        ("no national id", "national_id", ""),
        ("no gender", "gender", ""),
        ("no campus", "campus", ""),
        ("no program", "program", ""),
        ("no intake", "intake", ""),
        ("no country", "birth_country", ""),
        ("no level", "level", ""),
        ("no registration", "campus", ""),
        ("a campus that does not exist", "campus", "99"),
        ("a campus without a name", "campus", "8"),
        ("a campus with a short name alone", "campus", "NYA"),
        ("a program that does not exist", "program", "99"),
        ("a program without a name", "program", "8"),
        ("a program with a short name alone", "program", "LAW"),
        ("an intake that does not exist", "intake", "99"),
        ("an intake with a month alone", "intake", "May"),
        ("an intake without a month", "intake", "2023"),
        ("a mode without a name", "program_mode", "8"),
        ("a type without a name", "program_type", "8"),
        ("a level that does not exist", "level", "99"),
        ("a level with a short name alone", "level", "L7"),
        ("a country that does not exist", "birth_country", "999"),
        ("a country with a nationality alone", "birth_country", "Chadian"),
        ("an id with blanks", "campus", "Huye Campus"),
        ("a phone in the second place alone", "phone", "0788301009"),
        ("an e-mail in the second place alone", "email", "olive@eaur.ac.rw"),
    ],
)
def test_a_problem_shows_in_its_field(everybody, label, field, wanted):
    found = {getattr(one, field) for one in labelled(everybody, label)}

    assert found == {wanted}


@pytest.mark.parametrize(
    ("label", "field", "inside"),
    [
        ("a name with a colon", "first_name", ":"),
        ("a name with a tab", "last_name", "\t"),
        ("a name with a line end", "first_name", "\n"),
        ("a name with quotes", "first_name", '"'),
        ("a name with a tag", "last_name", "<b>"),
        ("a name that is a formula", "last_name", "=cmd"),
        ("a name in Arabic", "first_name", "محمد"),
        ("a name with an emoji", "first_name", "🌸"),
        ("two phone numbers", "phone", " / "),
        ("two e-mails", "email", "; "),
        ("an e-mail with a blank", "email", " "),
    ],
)
def test_a_value_that_is_hard_to_send_is_there_as_it_is(
    everybody, label, field, inside
):
    assert all(inside in getattr(one, field) for one in labelled(everybody, label))


def test_values_that_are_too_long_for_quickbooks_are_there(everybody):
    assert all(len(one.first_name) > 100 for one in labelled(everybody, "a long name"))
    phones = labelled(everybody, "a phone that is a sentence")
    assert all(len(one.phone) > 30 for one in phones)


def test_somebody_has_no_name_at_all(everybody):
    assert {name(one) for one in labelled(everybody, "no name at all")} == {""}


# --- registrations --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "level", "count"),
    [
        ("an inactive registration newer than the active one", "Level Two", "2"),
        ("two active registrations of one date", "Level Two", "2"),
        ("registrations of which none is active", "Level Four", "2"),
        ("registrations without a date", "Level Two", "2"),
    ],
)
def test_defect_6_one_of_several_registrations_counts_by_a_rule(
    everybody, label, level, count
):
    (found,) = labelled(everybody, label)

    assert (found.level, found.registrations) == (level, count)


def test_students_mostly_have_one_registration(everybody):
    students = [one for one in everybody.values() if one.type == S]

    counts = Counter(one.registrations for one in students)
    assert counts["1"] > 1100 and counts["2"] > 40
    assert counts["0"] == len(demo.PROBLEMS["no registration"])


def test_two_students_have_one_regno(everybody):
    one, other = labelled(everybody, "a RegNo of two students")

    assert one.identifier == other.identifier
    assert one.national_id != other.national_id


# --- what people change ---------------------------------------------------------------


def test_the_edits_change_what_they_say_and_nothing_else(everybody, later):
    changed = Counter(
        (field, key[0])
        for key, one in everybody.items()
        for field in one._fields
        if getattr(later[key], field) != getattr(one, field)
    )

    assert changed["phone", A] == 6 and changed["phone", S] == 4
    assert changed["email", A] == 6 and changed["last_name", S] == 2
    assert changed["national_id", S] == 2 and changed["campus", A] == 2
    assert changed["registrations", S] == 3
    of_applicants = {field for field, type_ in changed if type_ == A}
    assert of_applicants == {"phone", "email", "campus"}


def test_somebody_with_a_name_too_long_for_checks_has_another_phone(everybody, later):
    phones = [(one, later[key].phone) for key, one in everybody.items()]
    edited = [one for one, phone in phones if phone != one.phone]

    assert any(len(f"{one.first_name} {one.last_name}") > 110 for one in edited)


def test_an_edit_says_how_many_records_it_changed(database):
    demo.make(database)

    assert demo.edit(database) == {
        "phones": 10,
        "e-mails": 6,
        "family names": 2,
        "national ids": 2,
        "campuses": 2,
        "new registrations": 3,
        "new applicant": 1,
    }


def test_a_new_registration_is_the_one_that_counts(everybody, later):
    registered = [
        one
        for key, one in later.items()
        if one.registrations != everybody.get(key, one).registrations
    ]

    assert {(one.level, one.campus, one.intake) for one in registered} == {
        ("Level Four", "Musanze Campus", "September 1")
    }


def test_the_registration_before_it_is_active_no_longer(database):
    demo.make(database)
    query = "SELECT COUNT(*) FROM tbl_register_program_ug WHERE reg_active = 0"
    (before,) = database.rows(query, "i")

    demo.edit(database)

    assert list(database.rows(query, "i")) == [(before[0] + 3,)]


def test_a_newcomer_has_the_name_that_seven_others_have(everybody, later):
    (new,) = later.keys() - everybody.keys()

    assert new == (A, "851")
    assert name(later[new]) == "Jean Claude Habimana"
    assert demo.CANARY in later[new].national_id


def test_an_email_goes_another_comes_and_a_bad_one_is_put_right(everybody, later):
    pairs = [
        (one.email, later[key].email)
        for key, one in everybody.items()
        if later[key].email != one.email
    ]

    assert ("", "first.address@gmail.com") in pairs
    assert ("claudine.uwase.gmail.com", "claudine.uwase@gmail.com") in pairs
    assert [after for _, after in pairs].count("") == 1


def test_the_edits_leave_every_status_alone(database):
    demo.make(database)
    database.run(f"UPDATE {APPLICATIONS.name} SET QuickBk_Status = 1")

    demo.edit(database)

    assert Store(database).counts(A) == {"0": 1, "1": 850, "2": 0, "3": 0}


# --- how far it is --------------------------------------------------------------------


def test_an_empty_database_is_nothing_yet(database):
    assert demo.standing(database) == demo.NOTHING


def test_a_demo_knows_whether_it_was_edited(database):
    demo.make(database)
    before = demo.standing(database)
    demo.edit(database)

    assert (before, demo.standing(database)) == (demo.MADE, demo.EDITED)


def test_a_demo_that_was_killed_is_unfinished_and_made_anew(database):
    demo.make(database)
    database.run(f"DELETE FROM {MARKER.name}")
    before = demo.standing(database)

    demo.make(database)

    assert (before, demo.standing(database)) == (demo.UNFINISHED, demo.MADE)
    assert len(people(database)) == 2050


def test_a_database_of_somebodys_own_is_told_by_one_of_its_tables(database):
    database.run("CREATE TABLE tbl_campus (camp_id INTEGER)")

    assert demo.standing(database) == "tbl_campus"


def test_a_demo_is_all_the_demos_before_and_after_its_edits(database):
    assert demo.holds_only_demo(database)
    demo.make(database)
    assert demo.holds_only_demo(database)
    demo.edit(database)
    assert demo.holds_only_demo(database)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO tbl_online_application (appl_Id) VALUES (852)",
        "INSERT INTO tbl_personal_ug (per_id_ug) VALUES (1201)",
        "INSERT INTO tbl_personal_ug (per_id_ug) VALUES (-1)",
    ],
)
def test_a_person_whom_somebody_added_is_not_the_demos(database, statement):
    demo.make(database)

    database.run(statement)

    assert not demo.holds_only_demo(database)


# --- who else has a name --------------------------------------------------------------


def test_about_a_dozen_entries_stand_in_quickbooks():
    entries = demo.company_changes()

    assert 10 <= len(entries) <= 16
    assert {one.entity for one in entries} == {"Customer", "Vendor", "Employee"}


def test_every_collision_is_somebodys_name_in_the_mis(everybody):
    entered = [one.record["DisplayName"] for one in demo.company_changes()]
    taken = set(map(normalize_display_name, entered))

    for label in (
        "the name of a vendor",
        "the name of an employee",
        "the name of somebody else's customer",
        "a suffixed name that is taken",
    ):
        for one in labelled(everybody, label):
            assert normalize_display_name(name(one)) in taken


def test_a_collision_differs_in_case_and_blanks_too(everybody):
    names = {one.record["DisplayName"] for one in demo.company_changes()}
    exact = {name(one) for one in everybody.values()}

    assert len(names & exact) >= 4
    assert {"ÉPIPHANIE  NYIRANSABIMANA", "cassien munyakazi"} <= names - exact


def test_the_suffixed_name_of_somebody_is_taken_as_well(everybody):
    (found,) = labelled(everybody, "a suffixed name that is taken")

    names = {one.record["DisplayName"] for one in demo.company_changes()}
    assert f"{name(found)} ({found.identifier})" in names


def test_what_is_made_inactive_was_entered_before():
    entered = set()
    for operation, entity, record in demo.company_changes():
        if operation == UPDATE:
            assert (entity, record["DisplayName"]) in entered
            assert record["Active"] is False
        else:
            assert operation == CREATE
            entered.add((entity, record["DisplayName"]))


def test_no_entry_carries_a_mark_of_ours():
    assert "Carryover=" not in str(demo.company_changes())


# --- how tables are made and filled ---------------------------------------------------


def test_a_primary_key_is_there_once(database):
    demo.make(database)

    with pytest.raises(BadData):
        demo_tables.insert(database, CAMPUS, [{"camp_id": 1}])


def test_a_column_that_is_not_named_is_null(database):
    demo_tables.create(database)

    demo_tables.insert(database, CAMPUS, [{"camp_id": 5, "camp_city": "Huye"}])

    (row,) = database.rows("SELECT camp_full_name, camp_city FROM tbl_campus", "tt")
    assert row == (None, "Huye")


def test_a_change_concerns_the_rows_that_it_names(database):
    demo.make(database)
    query = "SELECT camp_id, camp_city FROM tbl_campus"
    before = dict(database.rows(query, "it"))

    count = demo_tables.change(database, CAMPUS, "camp_city", {1: "Gasabo", 77: "x"})

    assert count == 1
    assert dict(database.rows(query, "it")) == before | {1: "Gasabo"}


def test_every_look_up_row_has_a_cell_for_each_column():
    for table, rows in demo_tables.LOOK_UPS.items():
        assert {len(row) for row in rows} == {len(table.columns)}
