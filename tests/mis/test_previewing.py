"""A person as the customer to be: named as QuickBooks will have it, nothing secret."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from src.kit import tables
from src.mis import custom_fields, payload, previewing
from src.mis.enriching import person
from src.mis.records import APPLICANT, PLAN, STUDENT, Planned
from src.mis.tables import Raw
from tests.mis.bureau import raw
from tests.mis.school import create

NATIONAL_ID = "1199080012345678"
NOTES = custom_fields.budget("notes", {})
ALINE = raw(
    12,
    identifier="12",
    tracking_id="T-12",
    first_name="Aline",
    last_name="Uwera",
    phone1="0788 123 456",
    email1="aline@example.rw",
    sex="Female",
    national_id=NATIONAL_ID,
    country_id="Rwanda",
    campus_id="5",
    campus_full="Ngoma Campus",
    intake_id="3",
    intake_month="January",
    intake_start="2026-01-12 00:00:00",
    program_id="9",
    mode_id="1",
    mode_full="Day",
)


def shown(one: Raw = ALINE, **cells: str) -> dict:
    return previewing.customer(one._replace(**cells), NOTES)


def test_an_applicant_is_shown_as_the_customer_that_is_sent():
    assert shown() == {
        "DisplayName": "Aline Uwera",
        "GivenName": "Aline",
        "FamilyName": "Uwera",
        "PrimaryPhone": "0788 123 456",
        "PrimaryEmailAddr": "aline@example.rw",
        "CustomField": {
            "CustomerType": "Applicant",
            "ApplicationID": "12",
            "TrackingID": "T-12",
            "Gender": "Female",
            "BirthCountry": "Rwanda",
            "NationalID": "***",
            "Campus": "Ngoma Campus",
            "Intake": "January 2026",
            "Program": "9",
            "ProgramMode": "Day",
        },
        "notes": [],
        "is_name_planned": False,
    }


def test_a_student_has_the_nine_fields_of_the_specification_in_its_order():
    found = shown(raw(7, STUDENT, identifier="24/0007"))["CustomField"]

    assert " ".join(found) == (
        "CustomerType RegNo Gender NationalID Level Campus Intake Program ProgramType"
    )


def test_what_is_sent_is_what_was_shown():
    one = person(ALINE)
    sent = payload.of(one, payload.real_name(one), NOTES).fields

    found = shown()
    assert found["PrimaryPhone"] == sent["PrimaryPhone"]["FreeFormNumber"]
    assert found["PrimaryEmailAddr"] == sent["PrimaryEmailAddr"]["Address"]
    assert [found[name] for name in payload.FIELDS[:3]] == [
        sent[name] for name in payload.FIELDS[:3]
    ]


@pytest.mark.parametrize("mode", ["notes", "enhanced", "both"])
def test_the_national_id_is_shown_in_no_mode(mode):
    budget = custom_fields.budget(mode, {"NationalID": "4", "Campus": "7"})

    found = previewing.customer(ALINE, budget)

    assert NATIONAL_ID not in str(found)
    assert found["CustomField"]["NationalID"] == "***"
    assert found["CustomField"]["Campus"] == "Ngoma Campus"


def test_that_there_is_no_national_id_is_shown():
    assert shown(national_id="")["CustomField"]["NationalID"] == ""


def test_an_address_that_cannot_be_used_is_left_out_and_noted():
    found = shown(email1="aline@")

    assert found["PrimaryEmailAddr"] == ""
    assert found["notes"] == ["e-mail left out"]


@pytest.mark.parametrize(
    ("type_", "cells", "name"),
    [
        (APPLICANT, {"identifier": "12"}, "Applicant 12"),
        (STUDENT, {"identifier": "24/0007"}, "Student 24/0007"),
    ],
)
def test_somebody_of_whom_nothing_is_known_is_shown_all_the_same(type_, cells, name):
    found = shown(raw(12, type_, **cells))

    assert found["DisplayName"] == name
    assert found["PrimaryPhone"] == found["GivenName"] == ""


# --- the planned name -----------------------------------------------------------------

PERSON = person(ALINE)
ROW = create(PERSON, "Aline Uwera (12)")
TWIN = create(PERSON._replace(mis_id="13", identifier="13"), "Aline Uwera (13)")


@pytest.fixture
def names(tmp_path):
    """Return what shows people's names beside a plan of some rows."""
    path = tmp_path / PLAN.name

    def found(*rows: Planned, of: Sequence[Raw] = (ALINE,), separator: str = ",") -> list:
        tables.write(path, Planned, rows)
        path.write_bytes(path.read_bytes().replace(b",", separator.encode()))
        some = zip(of, previewing.planned(path, of))
        people = [previewing.customer(one, NOTES, row) for one, row in some]
        return [(one["DisplayName"], one["is_name_planned"]) for one in people]

    return found


def test_a_name_is_shown_as_it_is_planned(names):
    assert names(TWIN, ROW) == [("Aline Uwera (12)", True)]


def test_everybody_is_shown_under_the_own_planned_name(names):
    people = [ALINE._replace(mis_id="13"), ALINE, ALINE._replace(mis_id="14")]

    assert names(ROW, TWIN, of=people) == [
        ("Aline Uwera (13)", True),
        ("Aline Uwera (12)", True),
        ("Aline Uwera", False),
    ]


@pytest.mark.parametrize(
    "cells", [{"name": "Aline Gatete"}, {"display_name": ""}, {"row": "r0123456789"}]
)
def test_a_plan_that_knows_another_name_or_none_is_not_followed(names, cells):
    assert names(ROW._replace(**cells)) == [("Aline Uwera", False)]


def test_a_plan_that_a_spreadsheet_saved_is_looked_into_as_well(names):
    row = ROW._replace(payload="", fields="", before="")

    assert names(row, TWIN, separator=";")[0] == ("Aline Uwera (12)", True)


@pytest.mark.parametrize("content", [b"", b"something else\n", b"row,type\n\xff\n", b"row"])
def test_a_plan_that_cannot_be_read_plans_no_name(tmp_path, content):
    path = tmp_path / PLAN.name
    path.write_bytes(content)

    assert previewing.planned(path, [ALINE]) == [None]


def test_without_a_plan_or_beside_a_large_one_no_name_is_planned(tmp_path, names):
    names(ROW)
    path = tmp_path / PLAN.name
    with open(path, "ab") as plan:
        plan.write(b"\n" * previewing.LARGEST)

    assert previewing.planned(path, [ALINE]) == [None]
    assert previewing.planned(tmp_path / "none.csv", [ALINE]) == [None]


def test_a_row_that_was_damaged_is_not_followed_and_the_others_are(tmp_path, names):
    names(ROW, TWIN)
    path = tmp_path / PLAN.name
    path.write_bytes(path.read_bytes().replace(ROW.row.encode(), ROW.row.encode() + b",,,"))

    people = [ALINE, ALINE._replace(mis_id="13")]
    assert [row and row.row for row in previewing.planned(path, people)] == [None, TWIN.row]
