"""Tables and columns are found whatever their case, and what is missing is named."""

from __future__ import annotations

import pytest

from src.mis import columns, tables
from src.mis.columns import Columns
from src.mis.tables import Raw
from tests.mis.university import TABLES

WHOLE = {
    name: [one.partition(":")[0] for one in listed.split()]
    for name, listed in TABLES.items()
}
APPLICANTS, STUDENTS = tables.APPLICANTS.table, tables.STUDENTS.table
REGISTRATIONS = tables.REGISTRATIONS


def without(*names: str) -> Columns:
    """Return the whole MIS but for tables, or columns as `table.column`."""
    return Columns(
        {
            table: [one for one in listed if f"{table}.{one}" not in names]
            for table, listed in WHOLE.items()
            if table not in names
        }
    )


# --- names ----------------------------------------------------------------------------


@pytest.mark.parametrize("spelling", ["tbl_campus", "TBL_CAMPUS", "Tbl_Campus"])
def test_a_table_is_found_whatever_its_case(spelling):
    found = Columns({spelling: ["Camp_ID"]})

    assert found.table("tbl_campus") == f'"{spelling}"'
    assert found.column("tbl_campus", "camp_id") == '"Camp_ID"'


@pytest.mark.parametrize(
    ("there", "found"),
    [
        (["quickbk_status", "QuickBk_Status"], "QuickBk_Status"),
        (["QuickBk_Status", "QUICKBK_STATUS"], "QuickBk_Status"),
        (["QuickBk_status"], "QuickBk_status"),
        (["quickbk_status", "QUICKBK_STATUS"], "quickbk_status"),
    ],
)
def test_of_several_spellings_the_exact_one_counts_then_the_first(there, found):
    assert Columns({"t": there}).column("t", "QuickBk_Status") == f'"{found}"'


def test_of_two_tables_the_one_spelt_exactly_has_the_columns():
    found = Columns({"TBL_CAMPUS": ["old"], "tbl_campus": ["camp_id"]})

    assert found.table("tbl_campus") == '"tbl_campus"'
    assert not found.column("tbl_campus", "old")


def test_what_is_not_there_is_an_empty_text():
    found = Columns({"tbl_campus": ["camp_id"]})

    assert found.table("tbl_level") == ""
    assert found.column("tbl_level", "level_id") == ""
    assert found.column("tbl_campus", "camp_full_name") == ""


def test_a_quote_in_a_name_ends_no_name():
    assert columns.quoted('a" ; DROP TABLE b; --') == '"a"" ; DROP TABLE b; --"'


# --- what must be there ---------------------------------------------------------------


def test_of_the_whole_mis_nothing_is_missing():
    assert columns.required(without()) == []
    assert columns.missing(without()) == {}


def test_an_empty_database_lacks_both_tables_of_people():
    assert columns.required(Columns({})) == [APPLICANTS, STUDENTS]


@pytest.mark.parametrize(
    "name", [f"{APPLICANTS}.appl_Id", f"{STUDENTS}.per_id_ug", f"{STUDENTS}.reg_no"]
)
def test_keys_and_registration_numbers_are_required(name):
    assert columns.required(without(name)) == [name]


# --- what may be missing --------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "fields"),
    [
        (["tbl_level"], {"level_full": ["tbl_level"], "level_short": ["tbl_level"]}),
        (
            ["tbl_country.cntr_name"],
            {"country_name": ["tbl_country.cntr_name"]},
        ),
        (
            ["tbl_program_mode.prg_mode_id"],
            {
                "mode_full": ["tbl_program_mode.prg_mode_id"],
                "mode_short": ["tbl_program_mode.prg_mode_id"],
            },
        ),
        (
            [f"{APPLICANTS}.tracking_id", f"{STUDENTS}.email2"],
            {
                "tracking_id": [f"{APPLICANTS}.tracking_id"],
                "email2": [f"{STUDENTS}.email2"],
            },
        ),
    ],
)
def test_what_is_missing_is_named_by_field(names, fields):
    assert columns.missing(without(*names)) == fields


def test_what_both_types_need_is_named_once():
    found = columns.missing(without("tbl_campus"))

    assert found == {"campus_full": ["tbl_campus"], "campus_short": ["tbl_campus"]}


def test_what_each_type_lacks_is_told_apart_by_the_table():
    found = columns.missing(without(f"{APPLICANTS}.sex", f"{STUDENTS}.sex"))

    assert found == {"sex": [f"{APPLICANTS}.sex", f"{STUDENTS}.sex"]}


def test_an_id_that_is_missing_leaves_its_names_out_too():
    found = columns.missing(without(f"{APPLICANTS}.opt_1"))

    assert found == dict.fromkeys(
        ("program_id", "program_full", "program_short"), [f"{APPLICANTS}.opt_1"]
    )


@pytest.mark.parametrize("name", [REGISTRATIONS, f"{REGISTRATIONS}.reg_no"])
def test_without_registrations_all_that_they_tell_is_missing(name):
    found = columns.missing(without(name))

    ids = ("campus_id", "intake_id", "program_id", "level_id")
    assert {field: found[field] for field in ids} == dict.fromkeys(ids, [name])
    assert found["registrations"] == found["level_full"] == [name]


def test_a_program_without_specialization_is_known_by_the_programs_id():
    found = columns.missing(without(f"{REGISTRATIONS}.splz_id"))

    assert found == dict.fromkeys(
        ("program_full", "program_short"), [f"{REGISTRATIONS}.splz_id"]
    )


def test_without_either_id_of_a_program_both_are_named():
    both = [f"{REGISTRATIONS}.splz_id", f"{REGISTRATIONS}.prg_id"]

    assert columns.missing(without(*both))["program_id"] == both


def test_only_fields_of_a_person_are_named():
    found = columns.missing(Columns({APPLICANTS: ["appl_Id"], STUDENTS: ["reg_no"]}))

    assert found.keys() <= set(Raw._fields)
    assert not found.keys() & tables.TRACKED.keys()
