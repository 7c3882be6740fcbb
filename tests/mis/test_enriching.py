"""Names for ids: the readable name, else the id, else nothing, on every way."""

from __future__ import annotations

import doctest

import pytest

from src.kit import tables
from src.mis import enriching
from src.mis.enriching import FIELDS, Tally, person
from src.mis.records import APPLICANT, STUDENT, Person
from tests.mis.people import NOBODY, applicant, student

BOTH = [applicant, student]
# field of the person -> its look-up in the MIS, and the types that have it
LOOKED_UP = [
    ("campus", "campus", [APPLICANT, STUDENT]),
    ("program", "program", [APPLICANT, STUDENT]),
    ("program_mode", "mode", [APPLICANT]),
    ("level", "level", [STUDENT]),
    ("program_type", "type", [STUDENT]),
]
CASES = [
    (field, prefix, make)
    for field, prefix, types in LOOKED_UP
    for make in BOTH
    if make().type in types
]


def tallied(*raws, missing=None):
    """Return the tally of some people."""
    tally = Tally(missing)
    for raw in raws:
        tally.count(raw, person(raw))
    return tally


def row(tally, type_, field):
    (found,) = [r for r in tally.rows() if (r.type, r.field) == (type_, field)]
    return found


# --- the fallback ---------------------------------------------------------------------


@pytest.mark.parametrize(("field", "prefix", "make"), CASES)
@pytest.mark.parametrize(
    ("full", "short", "id_", "expected"),
    [
        ("Kigali Campus", "KGL", "5", "Kigali Campus"),
        ("Kigali Campus", "", "5", "Kigali Campus"),
        ("", "KGL", "5", "KGL"),
        ("  ", "KGL", "5", "KGL"),
        ("", "", "5", "5"),
        (" ", "\t", "5", "5"),
        ("", "", " 5 ", "5"),
        ("", "", "0", "0"),
        ("", "", "", ""),
        ("", "", "  ", ""),
        ("Kigali Campus", "KGL", "", "Kigali Campus"),
        ("  Kigali   Campus ", "", "5", "Kigali Campus"),
    ],
)
def test_a_look_up_is_its_name_else_its_id_else_nothing(
    field, prefix, make, full, short, id_, expected
):
    cells = {f"{prefix}_full": full, f"{prefix}_short": short, f"{prefix}_id": id_}

    assert getattr(person(make(**cells)), field) == expected


def test_the_specifications_own_example_holds():
    failed = person(applicant(campus_id="5"))
    missing = person(applicant(campus_id=""))

    assert (failed.campus, missing.campus) == ("5", "")


@pytest.mark.parametrize("make", BOTH)
def test_defect_7_a_look_up_with_an_empty_name_is_the_id_and_never_unknown(make):
    ids = {f"{prefix}_id": "8" for _, prefix, _ in LOOKED_UP}
    found = person(make(**ids, intake_id="8", country_id="8"))

    looked_up = [getattr(found, field) for field in enriching.LOOK_UPS]
    assert set(looked_up) == {"8", ""}
    assert "Unknown" not in "".join(found)


@pytest.mark.parametrize("make", BOTH)
def test_defect_7_no_record_lacks_a_field(make):
    nothing = person(make())
    everything = person(make(**dict.fromkeys(NOBODY._fields[3:], "1")))

    assert len(nothing) == len(everything) == len(Person._fields)
    assert all(isinstance(cell, str) for cell in (*nothing, *everything))


@pytest.mark.parametrize("type_", [APPLICANT, STUDENT])
def test_defect_5_somebody_of_whom_nothing_is_known_is_still_a_person(type_):
    found = person(NOBODY._replace(type=type_, mis_id="9"))

    assert found == Person(type_, "9", *[""] * (len(Person._fields) - 2))


@pytest.mark.parametrize(
    ("name", "nationality", "id_", "expected"),
    [
        ("Rwanda", "Rwandan", "178", "Rwanda"),
        ("", "Chadian", "66", "Chadian"),
        ("", "", "999", "999"),
        ("", "", "Rwanda", "Rwanda"),
        ("", "", "  DR   Congo ", "DR Congo"),
        ("", "", "", ""),
    ],
)
def test_a_country_is_its_name_else_its_nationality_else_what_stands_there(
    name, nationality, id_, expected
):
    raw = applicant(country_name=name, country_nationality=nationality, country_id=id_)

    assert person(raw).birth_country == expected


# --- intakes --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("month", "start", "id_", "expected"),
    [
        ("September", "2025-09-08 00:00:00", "4", "September 2025"),
        ("September", "2025-09-08", "4", "September 2025"),
        ("September", "", "4", "September"),
        ("September", "0000-00-00 00:00:00", "4", "September"),
        ("September", "soon", "4", "September"),
        ("", "2025-09-08 00:00:00", "4", "2025"),
        (" ", "", "4", "4"),
        ("", "0000-00-00", "4", "4"),
        ("", "", "", ""),
        ("  Sept. ", "2025-09-08 00:00:00", "4", "Sept. 2025"),
    ],
)
def test_an_applicants_intake_is_month_and_year(month, start, id_, expected):
    raw = applicant(
        intake_month=month, intake_start=start, intake_id=id_, intake_no="2"
    )

    assert person(raw).intake == expected


@pytest.mark.parametrize(
    ("month", "number", "id_", "expected"),
    [
        ("September", "2", "4", "September 2"),
        ("September", "", "4", "September"),
        ("", "2", "4", "2"),
        ("", "", "4", "4"),
        ("", "", "", ""),
    ],
)
def test_a_students_intake_is_month_and_number(month, number, id_, expected):
    raw = student(
        intake_month=month, intake_no=number, intake_id=id_, intake_start="2025-09-08"
    )

    assert person(raw).intake == expected


# --- what each type has ---------------------------------------------------------------


def test_an_applicant_has_what_the_specification_maps():
    found = person(
        applicant(
            851,
            first_name=" Aline ",
            last_name="Uwera",
            phone1="0788 123 456",
            email1="aline@example.org",
            tracking_id="EAUR-2025-00851",
            sex="Female",
            national_id="1199870000000000",
        )
    )

    assert (found.first_name, found.last_name) == ("Aline", "Uwera")
    assert (found.phone, found.email) == ("0788 123 456", "aline@example.org")
    assert (found.identifier, found.mis_id) == ("851", "851")
    assert found.tracking_id == "EAUR-2025-00851"
    assert (found.gender, found.national_id) == ("Female", "1199870000000000")


def test_each_type_has_only_its_own_fields():
    cells = dict.fromkeys(NOBODY._fields[3:], "there")
    one, other = person(applicant(**cells)), person(student(**cells))

    assert (one.level, one.program_type) == ("", "")
    assert (other.tracking_id, other.birth_country, other.program_mode) == ("", "", "")


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [("a", "b", "a"), ("", "b", "b"), ("  ", " b ", "b"), ("a", "", "a"), ("", "", "")],
)
def test_a_students_phone_and_email_fall_back_to_the_second_ones(
    first, second, expected
):
    found = person(student(phone1=first, phone2=second, email1=first, email2=second))

    assert (found.phone, found.email) == (expected, expected)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("aline at home", "aline@example.org", "aline@example.org"),
        ("aline@example.org", "other@example.org", "aline@example.org"),
        ("aline at home", "aline at work", "aline at home"),
    ],
)
def test_an_unusable_email_does_not_hide_a_good_one(first, second, expected):
    assert person(student(email1=first, email2=second)).email == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Aline  ", "Aline"),
        ("Aline ", "Aline"),
        (" Aline", "Aline"),
        ("Marie   Rose", "Marie Rose"),
        ("Marie\u00a0\u2003Rose", "Marie Rose"),
        ("Marie\tRose", "Marie\tRose"),
        ("\tMarie\nRose\r\n", "Marie\nRose"),
        ("\u2028", ""),
        ("محمد", "محمد"),
        ("Grace 🌸", "Grace 🌸"),
        ("a | b", "a | b"),
        ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
        ("Marie: Claire", "Marie: Claire"),
    ],
)
def test_blanks_are_made_single_and_all_else_is_left_to_the_payload(text, expected):
    assert person(applicant(first_name=text)).first_name == expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-21 20:00:00", "2026-11-21T20:00:00.000000+00:00"),
        ("2026-11-21 20:00:00.500000", "2026-11-21T20:00:00.500000+00:00"),
        ("2026-11-21 22:00:00+02:00", "2026-11-21T20:00:00.000000+00:00"),
        ("0000-00-00 00:00:00", ""),
        ("tomorrow", ""),
        ("", ""),
    ],
)
def test_a_lease_ends_at_a_time_of_the_csvs(moment, expected):
    assert person(student(leased_until=moment)).leased_until == expected


def test_what_the_synchronization_wrote_comes_along():
    found = person(
        student(
            status="3",
            quickbooks_id=" 312 ",
            sync_token="4",
            leased_by="r1@1a2b3c4d",
            registrations="2",
        )
    )

    assert (found.status, found.quickbooks_id, found.sync_token) == ("3", "312", "4")
    assert (found.leased_by, found.registrations) == ("r1@1a2b3c4d", "2")


def test_no_value_makes_a_cell_that_its_column_does_not_take():
    found = person(student(registrations="two", leased_until="x" * 40))

    columns = tables.columns(Person)
    assert [tables.misfit(cell, column) for cell, column in zip(found, columns)] == [
        ""
    ] * len(columns)


def test_every_field_of_a_type_is_one_of_the_persons():
    named = {field for fields in FIELDS.values() for field in fields}

    assert named <= set(Person._fields)
    assert set(enriching.LOOK_UPS) <= named


# --- the coverage ---------------------------------------------------------------------


def test_the_coverage_tells_names_from_ids_and_from_nothing():
    tally = tallied(
        student(campus_full="Huye", campus_id="2"),
        student(campus_short="HUY", campus_id="2"),
        student(campus_id="9"),
        student(),
    )

    found = row(tally, STUDENT, "campus")
    assert (found.by_name, found.by_id, found.empty) == ("2", "1", "1")


@pytest.mark.parametrize(
    ("cells", "how"),
    [
        ({"campus_full": "5", "campus_id": "5"}, "by_name"),  # its name is 5
        ({"campus_full": " ", "campus_id": " 5 "}, "by_id"),
        ({"campus_id": "Kigali"}, "by_id"),
    ],
)
def test_a_name_that_looks_like_its_id_is_a_name(cells, how):
    found = row(tallied(applicant(**cells)), APPLICANT, "campus")

    assert getattr(found, how) == "1"


@pytest.mark.parametrize(
    ("cells", "by_name", "by_id"),
    [
        ({"country_id": "Rwanda"}, "1", "0"),
        ({"country_id": "178"}, "0", "1"),
        ({"country_id": "178", "country_nationality": "Rwandan"}, "1", "0"),
    ],
)
def test_a_country_that_was_typed_as_a_name_is_by_name(cells, by_name, by_id):
    found = row(tallied(applicant(**cells)), APPLICANT, "birth_country")

    assert (found.by_name, found.by_id) == (by_name, by_id)


@pytest.mark.parametrize("make", BOTH)
def test_an_intake_with_only_a_part_of_its_name_is_by_name(make):
    tally = tallied(make(intake_month="May", intake_id="7"), make(intake_id="7"))

    found = row(tally, make().type, "intake")
    assert (found.by_name, found.by_id) == ("1", "1")


def test_the_coverage_of_a_plain_field_is_there_or_empty():
    tally = tallied(student(phone2="0788"), student(), applicant(email1="a@b.rw"))

    assert row(tally, STUDENT, "phone")[2:5] == ("1", "0", "1")
    assert row(tally, APPLICANT, "email")[2:5] == ("1", "0", "0")


def test_every_field_of_both_types_has_a_row_even_without_people():
    rows = Tally().rows()

    expected = [(type_, field) for type_ in FIELDS for field in FIELDS[type_]]
    assert [(one.type, one.field) for one in rows] == expected
    assert all(one[2:5] == ("0", "0", "0") for one in rows)


def test_the_parts_of_a_row_add_up_to_everybody():
    people = [student(campus_id="1"), student(level_full="L"), student(phone1="0788")]

    for one in tallied(*people).rows():
        total = int(one.by_name) + int(one.by_id) + int(one.empty)
        assert total == (3 if one.type == STUDENT else 0)


def test_what_the_mis_lacks_stands_beside_the_fields_it_is_for():
    missing = {
        "campus_full": ["tbl_campus"],
        "campus_short": ["tbl_campus"],
        "campus_id": ["tbl_register_program_ug.camp_id"],
        "mode_short": ["tbl_program_mode.prg_mode_short_name"],
    }
    tally = Tally(missing)

    lacking = "tbl_campus, tbl_register_program_ug.camp_id"
    assert row(tally, STUDENT, "campus").missing_column == lacking
    assert row(tally, APPLICANT, "campus").missing_column == "tbl_campus"
    assert "short_name" in row(tally, APPLICANT, "program_mode").missing_column
    assert row(tally, STUDENT, "level").missing_column == ""


def test_a_start_of_intakes_matters_to_applicants_a_number_to_students():
    tally = Tally(
        {"intake_no": ["tbl_intake.no"], "intake_start": ["tbl_intake.start"]}
    )

    assert row(tally, STUDENT, "intake").missing_column == "tbl_intake.no"
    assert row(tally, APPLICANT, "intake").missing_column == "tbl_intake.start"


# --- what a person is told ------------------------------------------------------------


def test_a_sentence_tells_the_shares_of_each_look_up():
    full = [student(campus_full="Huye", level_full="One") for _ in range(96)]
    ids, none = [student(campus_id="9")] * 3, [student()]

    told = list(tallied(*full, *ids, *none).sentences())

    assert "Campus: 96 % by name, 3 % by id, 1 % empty" in told
    assert "Level: 96 % by name, 4 % empty" in told


def test_both_types_are_told_in_one_sentence():
    tally = tallied(applicant(campus_full="Huye"), student(campus_id="9"))

    assert "Campus: 50 % by name, 50 % by id" in tally.sentences()


@pytest.mark.parametrize(
    ("by_name", "by_id", "told"),
    [
        (2999, 1, "Campus: over 99.9 % by name, under 0.1 % by id"),
        (999, 1, "Campus: 99.9 % by name, 0.1 % by id"),
        (7, 0, "Campus: 100 % by name"),
    ],
)
def test_few_are_not_called_none_and_most_not_all(by_name, by_id, told):
    named, other = student(campus_full="Huye"), student(campus_id="9")

    assert told in tallied(*[named] * by_name, *[other] * by_id).sentences()


def test_a_sentence_counts_what_is_empty_beside_the_look_ups():
    told = list(tallied(student(email1="a@b.rw"), applicant(sex="Male")).sentences())

    (empty,) = [one for one in told if one.startswith("empty")]
    assert "first name 2" in empty and "email 1" in empty and "gender 1" in empty
    assert "campus" not in empty


def test_a_sentence_names_what_the_mis_does_not_have():
    tally = Tally({"campus_full": ["tbl_campus"], "campus_short": ["tbl_campus"]})

    (told,) = tally.warnings()
    assert told == "the MIS does not have tbl_campus; an id or nothing stands there instead"


def test_nobody_makes_no_sentence():
    assert list(Tally().sentences()) == list(Tally().warnings()) == []


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(enriching).failed == 0
