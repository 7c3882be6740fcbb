"""Custom fields: ten and nine, what fits twelve definitions, and where the rest goes."""

from __future__ import annotations

import pytest

from src.kit.errors import Refused
from src.mis import custom_fields
from src.mis.custom_fields import FIELDS, NAMES, There, budget
from tests.mis.persons import CANARY, applicant, student

ALL = {name: str(1000 + number) for number, name in enumerate(NAMES)}
SOME = {"Campus": "1", "Intake": "2"}


def test_the_fields_are_the_ten_and_the_nine_of_the_specification_in_its_order():
    assert " ".join(FIELDS["Applicant"]) == (
        "CustomerType ApplicationID TrackingID Gender BirthCountry NationalID Campus Intake "
        "Program ProgramMode"
    )
    assert " ".join(FIELDS["Student"]) == (
        "CustomerType RegNo Gender NationalID Level Campus Intake Program ProgramType"
    )
    assert len(NAMES) == 13


def test_each_field_says_what_the_specification_maps_to_it():
    assert custom_fields.values(applicant("7")) == {
        "CustomerType": "Applicant",
        "ApplicationID": "7",
        "TrackingID": "AP-7",
        "Gender": "Female",
        "BirthCountry": "Rwanda",
        "NationalID": CANARY,
        "Campus": "Kigali",
        "Intake": "September 2025",
        "Program": "Computer Science",
        "ProgramMode": "Day",
    }


def test_a_student_has_level_and_type_and_a_registration_number():
    said = custom_fields.values(student("7"))

    assert (said["RegNo"], said["Level"]) == ("24/0007", "Level 1")
    assert said["ProgramType"] == "Undergraduate"


def test_values_are_one_line_each():
    assert custom_fields.values(applicant(campus=" Kigali\n\tGasabo "))["Campus"] == "Kigali Gasabo"


# --- the three modes ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "ids", "in_notes", "as_fields"),
    [
        ("notes", {}, ["Campus", "Level"], []),
        ("notes", SOME, ["Campus", "Level"], []),
        ("enhanced", {}, ["Campus", "Level"], []),
        ("enhanced", SOME, ["Level"], ["1"]),
        ("both", {}, ["Campus", "Level"], []),
        ("both", SOME, ["Campus", "Level"], ["1"]),
    ],
)
def test_what_has_a_definition_goes_as_the_mode_says_and_the_rest_in_notes(
    mode, ids, in_notes, as_fields
):
    found, said = budget(mode, ids), {"Campus": "Kigali", "Level": "1"}

    assert list(found.in_notes(said)) == in_notes
    assert [one["DefinitionId"] for one in found.as_fields(said)] == as_fields


def test_a_custom_field_travels_by_its_definition_alone():
    assert budget("both", SOME).as_fields({"Campus": "Kigali"}) == [
        {"DefinitionId": "1", "Type": "StringType", "StringValue": "Kigali"}
    ]


def test_an_emptied_field_is_there_so_that_an_update_clears_it():
    (field,) = budget("both", SOME).as_fields({"Campus": ""})

    assert field["StringValue"] == ""


def test_a_value_is_cut_to_what_a_custom_field_holds():
    (field,) = budget("both", SOME).as_fields({"Campus": "c" * 256})

    assert field["StringValue"] == "c" * 254 + "…"


@pytest.mark.parametrize(("proven", "expected"), [({"1"}, []), ({"2"}, ["Campus"])])
def test_a_create_has_a_line_of_what_no_customer_was_seen_to_have(proven, expected):
    found = budget("enhanced", SOME)._replace(proven=proven)

    assert list(found.in_notes({"Campus": "Kigali"})) == expected


@pytest.mark.parametrize(
    ("shown", "lines", "is_line"),
    [
        ({}, [], True),
        ({}, ["Campus"], True),
        ({"1": ""}, [], True),
        ({"2": "Kigali"}, [], True),
        ({"1": "Kigali"}, [], False),
        ({"1": "Kigali"}, ["Campus"], False),
        ({"1": "Huye"}, [], False),
        ({"1": "Huye"}, ["Campus"], True),
        ({"1": "Huye"}, ["Intake"], False),
    ],
)
def test_a_line_leaves_notes_once_quickbooks_shows_the_value_and_comes_back_where_none_is(
    shown, lines, is_line
):
    found = budget("enhanced", SOME).in_notes({"Campus": "Kigali"}, There(shown, lines))

    assert ("Campus" in found) is is_line


def test_a_value_that_was_cut_for_its_field_is_there():
    there = There({"1": "c" * 254 + "…"}, ["Campus"])

    assert budget("enhanced", SOME).in_notes({"Campus": "c" * 300}, there) == {}


@pytest.mark.parametrize("mode", ["notes", "both"])
def test_in_the_other_modes_every_line_stays(mode):
    found = budget(mode, SOME)

    assert not found.is_moving
    assert found.in_notes({"Campus": "Kigali"}, There({"1": "Kigali"}, [])) == {"Campus": "Kigali"}


# --- the budget -----------------------------------------------------------------------


def places(found):
    return {(row.type, row.field): (row.definition_id, row.goes_to, row.why) for row in found.rows()}


def test_the_report_has_a_row_for_each_field_of_each_type():
    rows = budget("notes", {}).rows()

    assert [row.field for row in rows] == [*FIELDS["Applicant"], *FIELDS["Student"]]
    assert {(row.goes_to, row.why) for row in rows} == {("notes", "CUSTOM_FIELD_MODE=notes")}


def test_the_report_says_where_each_field_goes_and_why():
    found = places(budget("enhanced", SOME))

    assert found["Applicant", "Campus"] == (
        "1",
        "custom field",
        "CUSTOM_FIELD_IDS has its definition; a line until QuickBooks shows the value",
    )
    assert found["Student", "Level"] == ("", "notes", "no definition in CUSTOM_FIELD_IDS")
    assert places(budget("both", SOME))["Student", "Campus"][1] == "both"


def test_custom_fields_beyond_the_limit_of_twelve_go_to_notes_and_are_named():
    found = budget("enhanced", ALL)

    assert len(found.definitions) == 12
    assert places(found)["Student", "ProgramType"] == (
        ALL["ProgramType"],
        "notes",
        "over the limit of 12 definitions",
    )
    assert list(found.in_notes({"Level": "1", "ProgramType": "2"})) == ["ProgramType"]


def test_two_numbers_that_no_customer_has_both_may_share_a_definition_and_all_fit():
    found = budget("enhanced", {**ALL, "RegNo": ALL["ApplicationID"]})

    assert len(found.definitions) == 13
    assert {row.goes_to for row in found.rows()} == {"custom field"}


@pytest.mark.parametrize(
    ("mode", "ids", "sentences"),
    [
        (
            "notes",
            {},
            ["custom fields: all 13 as lines in Notes (CUSTOM_FIELD_MODE=notes)"],
        ),
        (
            "notes",
            SOME,
            [
                "custom fields: all 13 as lines in Notes (CUSTOM_FIELD_MODE=notes, "
                "CUSTOM_FIELD_IDS is not used)"
            ],
        ),
        (
            "both",
            {name: ALL[name] for name in NAMES[:11]},
            [
                "custom fields: 11 of 13 have a definition and go as such and as lines in Notes",
                "only in Notes, no definition in CUSTOM_FIELD_IDS: Level, ProgramType",
            ],
        ),
        (
            "enhanced",
            ALL,
            [
                "custom fields: 12 of 13 have a definition and go as such; a line leaves Notes "
                "with the synchronization after QuickBooks shows the value",
                "only in Notes, over the limit of 12 definitions: ProgramType; "
                "ApplicationID and RegNo may share one",
            ],
        ),
    ],
)
def test_the_budget_in_sentences(mode, ids, sentences):
    assert list(budget(mode, ids).sentences()) == sentences


@pytest.mark.parametrize("mode", ["notes", "enhanced", "both"])
def test_a_name_that_is_no_field_is_refused_with_the_list(mode):
    with pytest.raises(Refused, match="CUSTOM_FIELD_IDS: campus, Faculty: no such field") as told:
        budget(mode, {"campus": "1", "Faculty": "2", "Level": "3"})

    assert ", ".join(NAMES) in str(told.value)


@pytest.mark.parametrize("found", ["", "1 Intake=2", "a:b", "1;2"])
def test_what_is_no_definition_id_is_refused_with_an_example(found):
    with pytest.raises(Refused, match="is no DefinitionId; write Campus=1000000001,Intake="):
        budget("enhanced", {"Campus": found})


def test_two_fields_of_one_customer_cannot_share_a_definition():
    with pytest.raises(Refused, match="Campus and Intake of one applicant have the same definition 1"):
        budget("both", {"Campus": "1", "Intake": "1"})


def test_a_definition_is_read_back_as_the_field_of_a_type():
    found = budget("both", {"ApplicationID": "5", "RegNo": "5"})

    assert found.name_of("Applicant", "5") == "ApplicationID"
    assert found.name_of("Student", "5") == "RegNo"
    assert found.name_of("Student", "6") == ""
