"""People of the MIS as the store reads them, with every database."""

from __future__ import annotations

from itertools import islice

import pytest

from src.kit.database import MissingTable
from src.kit.errors import Refused
from src.mis.records import APPLICANT, STUDENT, SYNCED
from src.mis.store import Store
from src.mis.tables import Raw, Status
from tests.mis.university import KEYS, TABLE, TABLES, University

BLANK = Raw._make([""] * len(Raw._fields))
BOTH = pytest.mark.parametrize("type_", [APPLICANT, STUDENT])
HOSTILE = [
    " ",
    "NULL",
    "\\N",
    "\\.",
    "\\! touch /tmp/owned",
    "a\tb\nc\r\nd",
    'O\'Brien "Bo" `x`',
    "Robert'); DROP TABLE tbl_personal_ug;--",
    "=cmd|' /C calc'!A0",
    "<b>&amp;]]>",
    "Iradukunda Ndayisaba Žluťoučký 株式会社 عبد الله \U0001f469\u200d\U0001f4bb",
    "{0} %s $1 :name ? --",
    "x" * 250,
]


def keys(people) -> list[int]:
    return [int(raw.mis_id) for raw in people]


def day(number: int) -> str:
    return f"2024-01-{number:02} 00:00:00"


# --- what a person has ----------------------------------------------------------------


NAMES = {
    "tbl_campus": ("camp_id", "camp_full_name", "camp_short_name"),
    "tbl_specialization": ("splz_id", "splz_full_name", "splz_short_name"),
    "tbl_level": ("level_id", "level_full_name", "level_short_name"),
    "tbl_program_mode": ("prg_mode_id", "prg_mode_full_name", "prg_mode_short_name"),
    "tbl_program_type": ("prg_type_id", "prg_type_full_name", "prg_type_short_name"),
    "tbl_country": ("cntr_id", "cntr_name", "cntr_nationality"),
    "tbl_intake": ("intake_id", "intake_month", "intake_no", "intake_start"),
}


def look_up(university: University, table: str, *rows: tuple) -> None:
    """Put rows of an id and its names into a look-up."""
    university.put(table, *(dict(zip(NAMES[table], row)) for row in rows))


@pytest.fixture
def named(university: University) -> University:
    """Return a university with one row in each look-up."""
    for table, row in {
        "tbl_campus": (5, "Kigali Campus", "KGL"),
        "tbl_specialization": (12, "Computer Science", "CS"),
        "tbl_level": (3, "Year Three", "Y3"),
        "tbl_program_mode": (1, "Full Time", "FT"),
        "tbl_program_type": (2, "Undergraduate", "UG"),
        "tbl_country": (180, "Rwanda", "Rwandan"),
        "tbl_intake": (7, "September", 2, day(9)),
    }.items():
        look_up(university, table, row)
    return university


def test_an_applicant_has_all_that_the_mis_says(named):
    named.applicant(
        41, tracking_id="T-41", first_name="Aline", family_name="Uwase", sex="Female",
        phone1="0788", email1="a@b.rw", country_of_birth="180", camp_id="5",
        nation_Id_passPort_no="1199", opt_1="12", opt_2="99", intake_id=7,
        prg_mode_id=1, level_id=3, status=9,
    )  # fmt: skip

    assert named.only(APPLICANT) == BLANK._replace(
        type=APPLICANT, mis_id="41", identifier="41", tracking_id="T-41",
        first_name="Aline", last_name="Uwase", phone1="0788", email1="a@b.rw",
        sex="Female", national_id="1199", country_id="180", country_name="Rwanda",
        country_nationality="Rwandan", campus_id="5", campus_full="Kigali Campus",
        campus_short="KGL", intake_id="7", intake_month="September", intake_no="2",
        intake_start=day(9), program_id="12", program_full="Computer Science",
        program_short="CS", mode_id="1", mode_full="Full Time", mode_short="FT",
        status="0",
    )  # fmt: skip


def test_a_student_has_what_the_registration_says(named):
    named.student(
        8, "R/8", fname="Eric", lname="Mugabo", sex="Male", national_id="1200",
        phone1="1", phone2="2", email1="e1", email2="e2", prg_type=2,
    )  # fmt: skip
    named.registration("R/8", camp_id=5, intake_id=7, splz_id=12, prg_id=4, level_id=3)

    assert named.only(STUDENT) == BLANK._replace(
        type=STUDENT, mis_id="8", identifier="R/8", first_name="Eric",
        last_name="Mugabo", phone1="1", phone2="2", email1="e1", email2="e2",
        sex="Male", national_id="1200", campus_id="5", campus_full="Kigali Campus",
        campus_short="KGL", intake_id="7", intake_month="September", intake_no="2",
        intake_start=day(9), program_id="12", program_full="Computer Science",
        program_short="CS", level_id="3", level_full="Year Three", level_short="Y3",
        type_id="2", type_full="Undergraduate", type_short="UG", registrations="1",
        status="0",
    )  # fmt: skip


def test_null_everywhere_is_empty_everywhere(named):
    named.applicant(1)
    named.student(2, "R2")
    named.registration("R2")
    named.set(APPLICANT, 1, '"QuickBk_Status" = NULL')
    named.set(STUDENT, 2, '"QuickBk_Status" = NULL, reg_no = NULL')

    assert named.only(APPLICANT) == BLANK._replace(
        type=APPLICANT, mis_id="1", identifier="1"
    )
    assert named.only(STUDENT) == BLANK._replace(
        type=STUDENT, mis_id="2", registrations="0"
    )


def test_what_the_synchronization_wrote_is_read_back(university):
    university.student(4)
    university.store.write([Status(STUDENT, "4", SYNCED, "77", "3")])
    university.store.lease(STUDENT, {4: "77"}, "run@here", day(2))

    raw = university.only(STUDENT)

    assert (raw.status, raw.quickbooks_id, raw.sync_token) == ("3", "77", "3")
    assert (raw.leased_by, raw.leased_until) == ("run@here", day(2))


@pytest.mark.parametrize(
    ("own", "original", "found"),
    [("77", "5", "77"), ("", "5", "5"), (" ", "5", "5"), (None, "5", "5"),
     (None, None, ""), ("77", None, "77")],
)  # fmt: skip
def test_the_originals_quickbooks_id_counts_where_ours_is_empty(
    university, own, original, found
):
    university.student(4, quickbooks_id=own, qk_id=original)

    assert university.only(STUDENT).quickbooks_id == found


def test_a_hostile_value_comes_as_it_is(university):
    for key, value in enumerate(HOSTILE, 1):
        university.applicant(key, first_name=value, camp_id=value)

    found = list(university.store.people(APPLICANT))

    assert [raw.first_name for raw in found] == HOSTILE
    assert [raw.campus_id for raw in found] == HOSTILE
    assert {raw.campus_full for raw in found} == {""}


# --- names for ids --------------------------------------------------------------------


def campuses(university: University, *ids: str | None) -> list[str]:
    """Return which campus applicants have, each with one of the ids."""
    rows = [{"appl_Id": key, "camp_id": one} for key, one in enumerate(ids, 1)]
    university.put("tbl_online_application", *rows)
    return [raw.campus_full for raw in university.store.people(APPLICANT)]


def test_an_id_in_text_finds_its_name(university):
    look_up(university, "tbl_campus", (5, "Kigali", ""), (10, "Huye", ""))

    found = campuses(university, "5", " 5", "5 ", "  5  ", "05", " 005 ", "10", "010")

    assert found == ["Kigali"] * 6 + ["Huye"] * 2


def test_an_id_of_nothing_finds_no_name(university):
    look_up(university, "tbl_campus", (5, "Kigali", ""), (1, "Huye", ""))
    ids = ["50", "5a", "-5", "5.0", "0x5", "100", "0", "Kigali", "5\n", "", " ", None]

    assert campuses(university, *ids) == [""] * len(ids)


def test_the_id_0_is_no_empty_one(university):
    look_up(university, "tbl_campus", (0, "Nil", ""))

    assert campuses(university, "0", "00", "", " ", None) == ["Nil", "Nil", "", "", ""]


def test_the_id_as_the_mis_has_it_stays_beside_the_name(university):
    look_up(university, "tbl_campus", (5, "Kigali", "KGL"))
    university.applicant(1, camp_id=" 05")

    raw = university.only(APPLICANT)

    assert (raw.campus_id, raw.campus_full, raw.campus_short) == (
        " 05",
        "Kigali",
        "KGL",
    )


def test_a_country_may_be_a_name_already(named):
    named.applicant(1, country_of_birth="Burundi")

    raw = named.only(APPLICANT)

    assert (raw.country_id, raw.country_name) == ("Burundi", "")


def test_a_look_up_without_names_leaves_the_id(university):
    look_up(university, "tbl_campus", (5, "", None))
    university.applicant(1, camp_id="5")

    raw = university.only(APPLICANT)

    assert (raw.campus_id, raw.campus_full, raw.campus_short) == ("5", "", "")


def test_a_program_is_named_by_its_specialization_alone(university):
    look_up(university, "tbl_specialization", (4, "Nursing", "N"))
    university.student(1, "R1")
    university.registration("R1", prg_id=4)

    raw = university.only(STUDENT)

    assert (raw.program_id, raw.program_full) == ("4", "")


def test_an_id_that_a_look_up_has_twice_doubles_nobody(mis_database):
    found = University(
        mis_database, tbl_campus="camp_id camp_full_name camp_short_name"
    )
    look_up(
        found, "tbl_campus", ("5", "", "K"), ("05", "Kigali", None), (None, "x", "x")
    )
    found.applicant(1, camp_id="5")

    raw = found.only(APPLICANT)

    assert (raw.campus_full, raw.campus_short) == ("Kigali", "K")


# --- which registration counts: "6. registration per student arbitrary" ----------------

ACTIVE, OFF = {"reg_active": 1}, {"reg_active": 0}
UNKNOWN = {"reg_active": None}


CASES = [  # of each the one that counts, then the others
    [{**ACTIVE, "reg_date": day(1)}, {**OFF, "reg_date": day(9)}],
    [{**ACTIVE, "reg_date": None}, {**OFF, "reg_date": day(9)}],
    [{**ACTIVE, "reg_date": day(1)}, {**UNKNOWN, "reg_date": day(9)}],
    [{**ACTIVE, "reg_date": day(1)}, {"reg_active": 2, "reg_date": day(9)}],
    [{**ACTIVE, "reg_date": day(9)}, {**ACTIVE, "reg_date": day(1)}],
    [{**OFF, "reg_date": day(9)}, {**OFF, "reg_date": day(1)}],
    [{**UNKNOWN, "reg_date": day(9)}, {**OFF, "reg_date": day(1)}],
    [{**OFF, "reg_date": day(9)}, {**UNKNOWN, "reg_date": day(1)}],
    [{**ACTIVE, "reg_date": day(1)}, {**ACTIVE, "reg_date": None}],
    [{**ACTIVE, "reg_date": "1999-12-31 23:59:59"}, {**ACTIVE, "reg_date": None}],
    [{**OFF, "reg_date": "2024-01-01 00:00:01"}, {**OFF, "reg_date": day(1)}],
    [
        {**ACTIVE, "reg_date": day(2)},
        {**ACTIVE, "reg_date": day(1)},
        {**ACTIVE, "reg_date": None},
        {**OFF, "reg_date": day(3)},
        {**UNKNOWN, "reg_date": None},
    ],
]


@pytest.mark.parametrize("direction", [1, -1])
def test_the_active_registration_counts_then_the_newest(university, direction):
    for key, rows in enumerate(CASES, 1):
        university.student(key, f"R{key}")
        for place, row in list(enumerate(rows))[::direction]:
            university.registration(f"R{key}", **row, level_id=place)

    found = list(university.store.people(STUDENT))

    assert [raw.level_id for raw in found] == ["0"] * len(CASES)
    assert [raw.registrations for raw in found] == [str(len(rows)) for rows in CASES]


@pytest.mark.parametrize("when", [day(1), None])
def test_of_registrations_as_new_the_last_one_counts(university, when):
    university.student(1, "R1")
    for level, key in enumerate((7, 100, 12)):
        row = {"reg_prg_id": key, "level_id": level, "reg_date": when, **ACTIVE}
        university.registration("R1", **row)

    assert university.only(STUDENT).level_id == "1"


def test_registrations_without_a_key_are_the_same_in_every_run(mis_database):
    table = "tbl_register_program_ug"
    found = University(mis_database, **{table: "reg_no level_id camp_id reg_date:d"})
    for key, levels in enumerate(((None, "7", "3"), ("3", "7", None)), 1):
        found.student(key, f"R{key}")
        found.put(table, *({"reg_no": f"R{key}", "level_id": one} for one in levels))
        found.put(table, {"reg_no": f"R{key}", "level_id": "3", "camp_id": "5"})

    people = list(found.store.people(STUDENT))

    assert {(raw.level_id, raw.campus_id) for raw in people} == {("", "")}


def test_a_registration_of_another_number_is_not_looked_at(university):
    university.student(1, "R1")
    for other in ("R11", "R", "", "1"):
        university.registration(other, level_id=9, **ACTIVE)

    raw = university.only(STUDENT)

    assert (raw.level_id, raw.registrations) == ("", "0")


def test_two_students_with_one_number_both_have_its_registration(university):
    for key in (1, 2):
        university.student(key, "R1")
    university.registration("R1", level_id=3)
    university.registration("R1", level_id=4)

    found = list(university.store.people(STUDENT))

    assert [(raw.mis_id, raw.level_id) for raw in found] == [("1", "4"), ("2", "4")]
    assert {raw.registrations for raw in found} == {"2"}


@pytest.mark.parametrize("number", ["", " "])
def test_students_without_a_number_have_no_registration(university, number):
    university.put("tbl_personal_ug", {"per_id_ug": 1, "reg_no": number})
    university.registration(number, level_id=3)

    raw = university.only(STUDENT)

    assert (raw.level_id, raw.registrations) == ("", "0")


def test_a_date_of_zeros_is_no_date(university):
    if university.database.text_type == "TEXT" and university.database.for_update:
        pytest.skip("PostgreSQL has no such dates")
    university.student(1, "R1")
    for level, when in enumerate((day(1), "0000-00-00 00:00:00", None)):
        university.registration("R1", level_id=level, reg_date=when)
    university.put(
        "tbl_intake", {"intake_id": 7, "intake_start": "0000-00-00 00:00:00"}
    )
    university.applicant(1, intake_id=7)

    assert university.only(STUDENT).level_id == "0"
    assert university.only(APPLICANT).intake_start == "0000-00-00 00:00:00"


def test_a_date_of_zeros_is_as_old_as_none(university):
    if university.database.text_type == "TEXT" and university.database.for_update:
        pytest.skip("PostgreSQL has no such dates")
    university.student(1, "R1")
    for level, when in enumerate(("0000-00-00 00:00:00", None)):
        university.registration("R1", level_id=level, reg_date=when)

    assert university.only(STUDENT).level_id == "1"


def test_numbers_that_are_sorted_differently_are_compared_all_the_same(
    mariadb, tmp_path
):
    from src.adapters.mysql import Mysql

    database = Mysql(mariadb.fresh())
    found = University(database)
    database.run(
        "ALTER TABLE tbl_register_program_ug CONVERT TO CHARACTER SET utf8mb4 "
        "COLLATE utf8mb4_unicode_520_ci"
    )
    found.student(1, "R/é")
    found.registration("R/é", level_id=3)

    raw, (some,) = found.only(STUDENT), found.store.some(STUDENT, [1])

    database.close()
    assert raw.level_id == some.level_id == "3"


# --- a MIS that lacks something -------------------------------------------------------


def test_a_mis_of_people_alone_is_read(mis_database):
    nothing = dict.fromkeys(TABLES.keys(), "")
    people = {
        "TBL_ONLINE_APPLICATION": "APPL_ID:pk",
        "Tbl_Personal_UG": "Per_Id_UG:pk REG_NO",
    }
    found = University(mis_database, **nothing, **people)
    found.put("TBL_ONLINE_APPLICATION", {"APPL_ID": 7})
    found.put("Tbl_Personal_UG", {"Per_Id_UG": 8, "REG_NO": "R8"})

    found.store.check()

    assert found.only(APPLICANT) == BLANK._replace(
        type=APPLICANT, mis_id="7", identifier="7"
    )
    assert found.only(STUDENT) == BLANK._replace(
        type=STUDENT, mis_id="8", identifier="R8"
    )
    assert found.store.missing()["campus_full"][-1] == "tbl_register_program_ug"


def test_a_column_that_is_missing_leaves_its_field_empty(mis_database):
    found = University(
        mis_database,
        tbl_campus="camp_id:pk camp_short_name",
        tbl_register_program_ug="reg_no camp_id",
        tbl_level="",
    )
    found.put("tbl_campus", {"camp_id": 5, "camp_short_name": "KGL"})
    found.student(1, "R1")
    found.put("tbl_register_program_ug", {"reg_no": "R1", "camp_id": " 5"})

    raw = found.only(STUDENT)

    assert (raw.campus_full, raw.campus_short, raw.level_id) == ("", "KGL", "")
    assert found.store.missing()["campus_full"] == ["tbl_campus.camp_full_name"]


def test_a_database_that_is_no_mis_is_refused(mis_database):
    mis_database.run("CREATE TABLE tbl_personal_ug (id integer, reg_no integer)")

    with pytest.raises(Refused) as refused:
        Store(mis_database).check()

    assert str(refused.value) == (
        f"{mis_database.label}: no MIS, tbl_online_application, "
        "tbl_personal_ug.per_id_ug missing; name the MIS's database in MIS_DATABASE_URL"
    )


def test_a_table_that_goes_while_it_is_used_is_said_to_be_the_mis_s(mis_database):
    university = University(mis_database)
    university.store.prepare()
    university.store.counts(STUDENT)
    mis_database.run("DROP TABLE tbl_personal_ug")

    with pytest.raises(MissingTable, match="no MIS, .*tbl_personal_ug.*; check MIS_DATA"):
        university.store.counts(STUDENT)
    with pytest.raises(MissingTable) as missing:
        university.store.lease(STUDENT, {1: ""}, "me", day(2))
    assert "src.database" not in str(missing.value)
    assert str(missing.value).startswith(mis_database.label)


def with_keys(database, *found: str) -> Store:
    """Return a store of students whose primary keys are texts."""
    columns = {name: "" for name in TABLES if name not in TABLE.values()}
    columns["tbl_personal_ug"] = TABLES["tbl_personal_ug"].replace(":pk", "")
    university = University(database, **columns)
    university.put("tbl_personal_ug", *({"per_id_ug": key, "reg_no": "R"} for key in found))
    return university.store


@pytest.mark.parametrize("key", ["A3", "", "007", "1.0", "٣"])
def test_a_primary_key_that_is_no_whole_number_is_refused_in_a_sentence(mis_database, key):
    store = with_keys(mis_database, key)
    said = f"tbl_personal_ug.per_id_ug: must be a whole number, and {key!r} is none; put it right"

    for asked in (lambda: list(store.people(STUDENT)), lambda: store.unsynchronized(STUDENT, 9)):
        with pytest.raises(Refused) as refused:
            asked()

        assert str(refused.value) == f"{mis_database.label}: {said} in the MIS"


def test_numbers_that_are_sorted_as_text_are_refused_before_a_page_leaves_somebody_out(
    mis_database,
):
    store = with_keys(mis_database, *map(str, range(1, 12)))

    with pytest.raises(Refused, match="per_id_ug: must be a column of .* sorted as text; let"):
        list(store.people(STUDENT))


# --- pages: "offset over a shrinking set" ---------------------------------------------


@BOTH
def test_everybody_comes_once_whatever_the_page(university, type_):
    ids = [-5, 0, 1, 2, 9, 1000, 100_000]
    university.put(
        "tbl_online_application" if type_ == APPLICANT else "tbl_personal_ug",
        *({KEYS[type_]: key, "reg_no": "R1"} for key in reversed(ids)),
    )

    for page in (1, 2, 3, 6, 7, 100):
        assert keys(Store(university.database, page=page).people(type_)) == ids


@BOTH
def test_people_behind_a_key_are_asked_for_by_it(university, type_):
    university.many(type_, 6)
    store = Store(university.database, page=2)

    assert keys(store.people(type_, after=4)) == [5, 6]
    assert keys(store.people(type_, after=6)) == []


def test_a_page_is_read_whole_before_anybody_comes(university):
    university.many(STUDENT, 4)
    store = Store(university.database, page=2)

    found = []
    for raw in store.people(STUDENT):
        store.write([Status(STUDENT, raw.mis_id, SYNCED)])
        found.append(raw)

    assert keys(found) == [1, 2, 3, 4]
    assert {raw.status for raw in store.people(STUDENT)} == {SYNCED}


def test_who_comes_in_while_people_are_read_is_not_doubled(university):
    university.many(APPLICANT, 4)
    people = Store(university.database, page=2).people(APPLICANT)
    first = list(islice(people, 2))

    university.database.run("DELETE FROM tbl_online_application WHERE appl_Id < 3")
    university.applicant(50)

    assert keys([*first, *people]) == [1, 2, 3, 4, 50]


@BOTH
def test_some_come_in_the_order_asked_for(university, type_):
    university.many(type_, 9)

    assert keys(university.store.some(type_, [7, 2, 9, 3])) == [7, 2, 9, 3]


def test_who_is_not_there_is_left_out_of_some(university):
    university.many(APPLICANT, 2)

    assert keys(university.store.some(APPLICANT, [99, 2, 0, 1, 2])) == [2, 1, 2]
    assert university.store.some(APPLICANT, []) == []


def test_more_than_a_page_may_be_asked_for(university):
    university.many(APPLICANT, 20)
    store = Store(university.database, page=3)

    assert keys(store.some(APPLICANT, range(20, 0, -1))) == list(range(20, 0, -1))


def test_some_are_read_as_everybody_is(named):
    named.student(1, "R1", prg_type=2)
    for level in (1, 3):
        named.registration("R1", level_id=level, camp_id=5)

    assert named.store.some(STUDENT, [1]) == list(named.store.people(STUDENT))


def test_an_id_that_is_no_number_is_no_part_of_a_statement(university):
    with pytest.raises(ValueError, match="invalid literal"):
        university.store.some(APPLICANT, ["1) OR (1=1"])
    with pytest.raises(ValueError, match="invalid literal"):
        university.store.unsynchronized(APPLICANT, "1; DROP TABLE tbl_campus")
