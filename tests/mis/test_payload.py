"""A customer's payload: exactly what QuickBooks takes, and nobody left out."""

from __future__ import annotations

import json

import pytest

from src.config import (
    normalize_line,
    normalize_person_email,
    normalize_person_name,
    normalize_person_phone,
)
from src.mis import custom_fields, notes, payload
from src.mis.records import Person
from tests.kit import hostile
from tests.mis.persons import CANARY, NOTES_ONLY, applicant, fields_of, mark_of, student

LONG = "x" * 120
EMPTY = dict.fromkeys(Person._fields[3:17], "")


def made(person, name="Aline Uwera", budget=NOTES_ONLY):
    return payload.of(person, name, budget)


# --- what is sent ---------------------------------------------------------------------


def test_an_applicant_is_sent_as_the_specification_maps_one():
    fields = made(applicant("851")).fields

    assert list(fields) == [*payload.FIELDS[:6]]
    assert fields["DisplayName"] == "Aline Uwera"
    assert (fields["GivenName"], fields["FamilyName"]) == ("Aline", "Uwera")
    assert fields["PrimaryPhone"] == {"FreeFormNumber": "+250 788 000 851"}
    assert fields["PrimaryEmailAddr"] == {"Address": "aline.uwera@example.rw"}


def test_the_notes_of_an_applicant_are_the_ten_fields_in_order_and_the_mark():
    person = applicant("851")

    assert made(person).fields["Notes"].split("\n") == [
        "CustomerType=Applicant",
        "ApplicationID=851",
        "TrackingID=AP-851",
        "Gender=Female",
        "BirthCountry=Rwanda",
        f"NationalID={CANARY}",
        "Campus=Kigali",
        "Intake=September 2025",
        "Program=Computer Science",
        "ProgramMode=Day",
        f"Carryover={mark_of(person)}",
    ]


def test_the_notes_of_a_student_are_the_nine_fields_and_the_mark():
    text = made(student("9")).fields["Notes"]

    names = [line.partition("=")[0] for line in text.split("\n")]
    assert names == [*custom_fields.FIELDS["Student"], "Carryover"]
    assert "RegNo=24/0009" in text
    assert "Level=Level 1" in text


def test_what_is_empty_is_not_sent():
    fields = made(applicant(phone="", email="", last_name="", campus="")).fields

    assert "PrimaryPhone" not in fields
    assert "PrimaryEmailAddr" not in fields
    assert "FamilyName" not in fields
    assert "Campus=" not in fields["Notes"]


def test_no_middle_name_is_sent_because_the_specification_maps_none():
    assert "MiddleName" not in payload.FIELDS


# --- defects of the original ----------------------------------------------------------


def test_defect_5_a_person_of_whom_nothing_is_known_is_a_customer_and_not_null():
    found = made(applicant(**EMPTY), name="Applicant 7")

    assert found.fields["DisplayName"] == "Applicant 7"
    assert found.fields["Notes"].startswith("CustomerType=Applicant\nApplicationID=7\n")
    assert found.notes == [payload.NAMELESS]


@pytest.mark.parametrize("name", Person._fields[3:17])
def test_defect_7_a_record_that_lacks_anything_is_sent_without_it(name):
    fields = made(student(**{name: ""})).fields

    assert fields["DisplayName"] == "Aline Uwera"
    assert mark_of(student()) in fields["Notes"]


@pytest.mark.parametrize(
    "email",
    [
        *("aline", "aline@", "@example.rw", "aline@example", "aline@@example.rw"),
        *("aline uwera@example.rw", "aline@exam ple.rw", "aline@example.rw."),
        *("aline@example.r", "aline@example.123", "älïne@example.rw", "a@exämple.rw"),
        *("aline@.rw", "aline@example..rw", ".aline@example.rw", "aline.@example.rw"),
        *("a..b@example.rw", "aline@-example.rw", f"{LONG}@example.rw", "N/A", "-"),
        *("aline@example.rw\x00", "a\udcffb@example.rw", "<aline@example.rw>"),
    ],
)
def test_an_unusable_email_costs_the_address_and_never_the_record(email):
    found = made(applicant(email=email))

    assert "PrimaryEmailAddr" not in found.fields
    assert found.notes == [payload.EMAIL_LEFT]
    assert found.left_out == {"PrimaryEmailAddr"}
    assert found.fields["DisplayName"] == "Aline Uwera"


# --- e-mail addresses and phones ------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("Aline.Uwera@Example.RW", "Aline.Uwera@Example.RW"),
        ("  aline@example.rw ", "aline@example.rw"),
        ("a+b_c@mail.example.co.rw", "a+b_c@mail.example.co.rw"),
        ("a@example.rw; b@example.rw", "a@example.rw"),
        ("a@example.rw,b@example.rw", "a@example.rw"),
        ("a@example.rw / b@example.rw", "a@example.rw"),
        ("a@example.rw b@example.rw", "a@example.rw"),
        ("none / b@example.rw", "b@example.rw"),
        ("a@, b@example.rw", "b@example.rw"),
        (f"{'a' * 88}@example.rw", f"{'a' * 88}@example.rw"),
        ("", ""),
    ],
)
def test_the_first_usable_email_is_sent_as_it_was_typed(given, sent):
    assert normalize_person_email(given) == sent


def test_one_of_several_emails_is_noted():
    assert made(applicant(email="a@b.rw; c@d.rw")).notes == [payload.EMAIL_FIRST]


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("+250 788 000 851", "+250 788 000 851"),
        ("0788000851 / 0722000851", "0788000851"),
        ("0788000851;0722000851,0733000851", "0788000851"),
        ("0788000851 or 0722000851", "0788000851"),
        ("0788000851 ou 0722000851", "0788000851"),
        ("0788/000/851", "0788/000/851"),
        ("0788000851, 12", "0788000851, 12"),
        ("0788000851\t/\n0722000851", "0788000851"),
        ("/ 0788000851", "0788000851"),
        ("0788 000 851 0722 000 851", "0788 000 851 0722 000 851"),
        ("1" * 30, "1" * 30),
        ("1" * 31, ""),
        ("0788\x00000851", "0788 000851"),
        ("", ""),
    ],
)
def test_the_first_of_several_phone_numbers_is_sent_if_it_fits(given, sent):
    assert normalize_person_phone(given) == sent


def test_a_phone_that_is_too_long_is_left_out_and_noted():
    found = made(applicant(phone="call my mother, she is at home in the evening"))

    assert "PrimaryPhone" not in found.fields
    assert found.notes == [payload.PHONE_LEFT]
    assert found.left_out == {"PrimaryPhone"}


def test_the_first_of_several_phones_is_noted():
    person = applicant(phone="0788000851 / 0722000851")

    assert made(person).notes == [payload.PHONE_FIRST]


# --- names ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "real"),
    [
        ("Aline", "Uwera", "Aline Uwera"),
        ("  Aline  Grace ", " Uwera", "Aline Grace Uwera"),
        ("Aline", "", "Aline"),
        ("", "Uwera", "Uwera"),
        ("Aline:Grace", "Uwera", "Aline Grace Uwera"),
        ("Aline\tGrace", "Uwera\n", "Aline Grace Uwera"),
        ("A\x00\x1b\x7f\x85line", "Uwera", "A line Uwera"),
        ("Aline\udcff", "\ufeffUwera", "Aline Uwera"),
        ("=cmd|' /C calc'!A0", '<b>"', "=cmd|' /C calc'!A0 <b>\""),
        ("علي", "🎓", "علي 🎓"),
        (":", "\t", "Applicant 7"),
        ("", "", "Applicant 7"),
    ],
)
def test_a_real_name_is_both_parts_without_what_quickbooks_refuses(first, last, real):
    assert payload.real_name(applicant(first_name=first, last_name=last)) == real


def test_a_student_without_a_name_is_called_by_registration_number():
    assert payload.real_name(student("9", first_name="", last_name="")) == "Student 24/0009"


def test_who_lacks_a_number_too_is_called_by_the_key_of_the_mis():
    person = student("9", first_name="", last_name="", identifier=" ")

    assert payload.real_name(person) == "Student 9"


@pytest.mark.parametrize(
    ("name", "noted"),
    [
        ("Aline:Grace", [payload.NAME_CLEANED]),
        ("Aline\tGrace", [payload.NAME_CLEANED]),
        ("Aline  Grace ", []),
        ("Aline", []),
        (LONG, [payload.NAME_CUT]),
        (f"{LONG}:", [payload.NAME_CLEANED, payload.NAME_CUT]),
    ],
)
def test_what_was_done_to_a_name_is_noted(name, noted):
    assert made(applicant(first_name=name)).notes == noted


def test_parts_of_a_name_are_cut_to_a_hundred_and_the_display_name_to_five_hundred():
    fields = made(applicant(first_name=LONG, last_name=LONG), name="y" * 600).fields

    assert len(fields["GivenName"]) == len(fields["FamilyName"]) == 100
    assert len(fields["DisplayName"]) == 500


def test_what_takes_two_units_in_java_counts_twice():
    fields = made(applicant(first_name="🎓" * 60)).fields

    assert fields["GivenName"] == "🎓" * 50


# --- hostile values -------------------------------------------------------------------


def hostile_person(texts):
    return applicant(**dict(zip(Person._fields[3:17], texts)))


@pytest.mark.parametrize("seed", range(6))
def test_whatever_the_mis_holds_becomes_a_customer_that_quickbooks_takes(seed):
    texts = hostile.texts(14 * 40, seed, longest=60)
    for start in range(0, len(texts), 14):
        fields = fields_of(hostile_person(texts[start : start + 14]))

        json.dumps(fields, ensure_ascii=False).encode()  # half a character would raise
        assert_taken(fields)


def assert_taken(fields):
    """Check what src/adapters/fakes/rules.py checks, and what Intuit's page says."""
    names = [fields.get(name, "") for name in ("DisplayName", "GivenName", "FamilyName")]
    assert names[0].strip() and not set(":\t\n\r\0") & set("".join(names))
    assert [len(name) <= most for name, most in zip(names, (500, 100, 100))] == [True] * 3
    assert len(fields["Notes"]) <= 2000
    assert len(fields.get("PrimaryPhone", {}).get("FreeFormNumber", "")) <= 30
    email = fields.get("PrimaryEmailAddr", {}).get("Address", "a@b.rw")
    assert email.isascii() and email.count("@") == 1 and len(email) <= 100
    assert all(value not in ("", [], {}) for value in fields.values())


@pytest.mark.parametrize(
    "rule",
    [normalize_line, normalize_person_name, normalize_person_email, normalize_person_phone],
)
def test_a_rule_applied_twice_changes_nothing(rule):
    for text in hostile.texts(2000, seed=3, longest=12):
        once = rule(text)
        assert rule(once) == once
        assert "\n" not in once and "\t" not in once


def test_a_field_has_one_form_in_which_quickbooks_takes_it_for_empty():
    assert payload.cleared("PrimaryEmailAddr") == {"Address": ""}
    assert payload.cleared("CustomField") == []
    assert payload.cleared("GivenName") == ""


# --- custom fields --------------------------------------------------------------------


def test_what_has_a_definition_goes_as_custom_field_and_what_is_empty_does_not():
    budget = custom_fields.budget("enhanced", {"Campus": "11", "Intake": "12"})

    fields = made(applicant(intake=""), budget=budget).fields

    assert fields["CustomField"] == [
        {"DefinitionId": "11", "Type": "StringType", "StringValue": "Kigali"}
    ]
    assert "Campus" not in notes.parse(fields["Notes"]).values
    assert notes.parse(fields["Notes"]).mark == mark_of(applicant())


def test_a_value_that_was_cut_is_noted_by_name_and_never_by_value():
    budget = custom_fields.budget("enhanced", {"Campus": "11"})
    person = applicant(campus="c" * 300, program="p" * 2500, national_id=CANARY * 200)

    found = made(person, budget=budget)

    assert found.notes == [f"{payload.VALUES_CUT}: NationalID, Program, Campus"]
    assert CANARY not in "".join(found.notes)
