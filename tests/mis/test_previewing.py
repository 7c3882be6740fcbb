"""A person as the customer to be: named as QuickBooks will have it, nothing secret."""

from __future__ import annotations

import pytest

from src.mis import custom_fields, payload, previewing
from src.mis.enriching import person
from src.mis.records import APPLICANT, STUDENT
from src.mis.tables import Raw
from tests.mis.bureau import raw

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
