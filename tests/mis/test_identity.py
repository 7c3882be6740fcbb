"""A number of the MIS that belongs to another person by now, and people who only changed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from src.kit import stage
from src.kit.errors import SOME_ROWS_FAILED
from src.mis import custom_fields, keys
from src.mis.planning import Asked
from src.mis.records import PLAN, Person
from tests.mis.persons import (
    NOW,
    Case,
    applicant,
    as_customer,
    fields_of,
    mark_of,
    named_as,
    payload_of,
    plan,
    pushed,
    student,
    synced,
    the_row,
)
from tests.mis.school import person

ALINE = applicant("7", phone="0788 000 001", email="aline@example.rw")
ERIC = student("7", **named_as("Eric Habimana"))
OTHER_NAME = named_as("Zoltan Kagame")
OTHER_ID, OTHER_NUMBER = {"national_id": "1200080099999999"}, {"tracking_id": "EAUR-99"}
CONTACTS = {"phone": "0722 111 111", "email": "zoltan@example.rw"}
ENHANCED = {"NationalID": "11", "TrackingID": "12", "RegNo": "13"}


def row_of(person: Person, budget: Any = None, log: bool = True, **there: Any):
    """Return what is planned where the MIS says this, and its customer was another one."""
    before = ALINE if person.type == ALINE.type else ERIC
    fields = fields_of(before, budget=budget) if budget else fields_of(before)
    customer = as_customer(before, **{**fields, "CustomField": None, **there})
    asked = Asked(NOW, budget or custom_fields.budget("notes", {}))
    sent = (pushed(before, fields=fields),) if log else ()
    return the_row(Case((synced(person),), (customer,), sent, asked=asked))


def others(row: Any) -> str:
    """Return which fields a row says to be another person's."""
    head, _, found = row.reason.partition("another person under this number now: ")
    return found.partition(" differ;")[0] if head == "the MIS has " else ""


# --- who is held ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "differ"),
    [
        (OTHER_NAME | OTHER_ID | OTHER_NUMBER | CONTACTS,
         "GivenName, FamilyName, NationalID, TrackingID"),
        (OTHER_NAME | OTHER_ID, "GivenName, FamilyName, NationalID"),
        (OTHER_NAME | OTHER_NUMBER, "GivenName, FamilyName, TrackingID"),
        (OTHER_ID | OTHER_NUMBER, "NationalID, TrackingID"),
        ({"last_name": "Mugabo"} | OTHER_NUMBER, "FamilyName, TrackingID"),
        ({"first_name": "Zoltan"} | OTHER_ID, "GivenName, NationalID"),
    ],
)
def test_a_number_that_belongs_to_another_person_now_is_held(change, differ):
    row = row_of(ALINE._replace(**change))

    assert (row.action, others(row)) == ("hold", differ)


def test_a_student_is_known_by_the_registration_number():
    row = row_of(ERIC._replace(**named_as("Ilona Keza"), identifier="27/9999"))

    assert others(row) == "GivenName, FamilyName, RegNo"


def test_the_question_names_fields_and_ways_out_and_no_value():
    row = row_of(ALINE._replace(**OTHER_NAME, **OTHER_ID))

    assert row.reason == (
        "the MIS has another person under this number now: GivenName, FamilyName, "
        "NationalID differ; approve to make customer 55 this person, skip to leave "
        "QuickBooks as it is; for a customer of its own take the line Carryover=… out of "
        "that one's Notes and fetch again"
    )


def test_approving_sends_the_update_as_it_would_have_been_planned():
    row = row_of(ALINE._replace(**OTHER_NAME, **OTHER_ID, **CONTACTS))

    assert row.fields == "DisplayName GivenName FamilyName PrimaryPhone PrimaryEmailAddr Notes"
    assert payload_of(row)["DisplayName"] == "Zoltan Kagame"
    assert json.loads(row.before)["DisplayName"] == "Aline Uwera"
    assert row.key == keys.update_key(mark_of(ALINE), "0", row.payload)
    assert row.quickbooks_id == "55"


def test_what_quickbooks_has_already_goes_along_for_the_log_to_know():
    there = {"PrimaryPhone": {"FreeFormNumber": "0722 111 111"}}

    row = row_of(ALINE._replace(**OTHER_NAME, **OTHER_ID, **CONTACTS), **there)

    assert payload_of(row)["PrimaryPhone"] == there["PrimaryPhone"]


def test_once_it_was_sent_nobody_asks_again():
    other = ALINE._replace(**OTHER_NAME, **OTHER_ID)
    log = (pushed(ALINE), pushed(other, "updated", "hold", fields_of(other)))

    assert plan(Case((synced(other),), (as_customer(other),), log)) == []


def test_with_the_log_deleted_it_is_the_same_question():
    row = row_of(ALINE._replace(**OTHER_NAME, **OTHER_ID), log=False)

    assert others(row) == "GivenName, FamilyName, NationalID"


# --- who is not -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"last_name": "Mugabo"},  # a marriage
        OTHER_NAME,
        OTHER_NAME | CONTACTS,  # who has the same numbers is the same person
        OTHER_ID,
        OTHER_ID | CONTACTS,
        OTHER_NUMBER,
        {"last_name": "Mugabo", "campus": "Huye"},
        {"last_name": "Mugabo", "national_id": ""},  # one side has none
        OTHER_NUMBER | named_as("Uwera ALINE"),  # the same words
        {"last_name": "Mugabo", "national_id": "1 1998-8001234 5678"},  # the same digits
        {"last_name": "Mugabo", "tracking_id": "ap 7"},
    ],
)
def test_who_married_or_was_corrected_is_updated(change):
    assert row_of(ALINE._replace(**change)).action == "update"


@pytest.mark.parametrize(
    "there",
    [
        {"GivenName": "Zoltan", "FamilyName": "Kagame"},
        {"GivenName": "", "FamilyName": "", "DisplayName": "zoltan  KAGAME"},
        {"DisplayName": "zoltan  KAGAME"},
    ],
)
def test_a_name_that_quickbooks_has_already_is_no_other_one(there):
    assert row_of(ALINE._replace(**OTHER_NAME, **OTHER_ID), **there).action == "update"


def test_the_name_that_was_kept_counts_where_there_is_no_other():
    there = {"GivenName": "", "FamilyName": "", "DisplayName": "Aline U."}

    row = row_of(ALINE._replace(**OTHER_NAME, **OTHER_ID), **there)

    assert others(row) == "GivenName, FamilyName, NationalID"


def test_what_people_wrote_in_quickbooks_is_nothing_that_the_mis_changed():
    text = fields_of(ALINE)["Notes"].replace("AP-7", "AP-8").replace("1199880012345678", "1")

    row = row_of(ALINE._replace(**OTHER_NAME), Notes=text)

    assert (row.action, others(row)) == ("update", "")


def test_a_number_that_was_cut_is_compared_as_far_as_it_goes():
    text = fields_of(ALINE)["Notes"].replace("TrackingID=AP-7", "TrackingID=EA…")

    row = row_of(ALINE._replace(**OTHER_NUMBER, last_name="Mugabo"), Notes=text)

    assert row.action == "update"


# --- numbers that cannot be seen --------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "differ"),
    [
        (OTHER_NAME | CONTACTS, "GivenName, FamilyName, PrimaryPhone, PrimaryEmailAddr"),
        (OTHER_NAME | {"phone": "0722 111 111"}, "GivenName, FamilyName, PrimaryPhone"),
        (OTHER_NAME, ""),
        (CONTACTS, ""),
        ({"last_name": "Mugabo"} | CONTACTS, ""),  # a marriage, and a new phone
        (OTHER_NAME | {"phone": ""}, ""),
    ],
)
@pytest.mark.parametrize("is_seen", [True, False])
def test_as_custom_fields_numbers_count_where_quickbooks_shows_them(change, differ, is_seen):
    budget = custom_fields.budget("enhanced", ENHANCED)
    shown = fields_of(ALINE, budget=budget)["CustomField"] if is_seen else None
    person = ALINE._replace(**change)

    row = row_of(person, budget, CustomField=shown)

    assert others(row) == ("" if is_seen else differ)


def test_a_number_that_stays_beside_a_custom_field_that_changes_is_the_same_number():
    budget = custom_fields.budget("enhanced", {**ENHANCED, "Campus": "14"})
    moved = ALINE._replace(campus="Huye", **OTHER_NAME, **CONTACTS)
    there = fields_of(ALINE, budget=budget)["CustomField"]

    row = row_of(moved, budget, CustomField=there)

    assert (row.action, others(row)) == ("update", "")


def test_another_number_as_a_custom_field_is_another_number():
    budget = custom_fields.budget("enhanced", ENHANCED)
    shown = fields_of(ALINE, budget=budget)["CustomField"]

    row = row_of(ALINE._replace(**OTHER_NAME, **OTHER_ID), budget, CustomField=shown)

    assert others(row) == "GivenName, FamilyName, NationalID"


def test_what_goes_beside_the_numbers_leaves_them_as_they_are():
    budget = custom_fields.budget("enhanced", ENHANCED | {"Campus": "14"})
    shown = fields_of(ALINE, budget=budget)["CustomField"]
    person = ALINE._replace(**OTHER_NAME, **CONTACTS, campus="Huye")

    row = row_of(person, budget, CustomField=shown)

    assert (row.action, "CustomField" in row.fields) == ("update", True)


def test_numbers_that_move_from_notes_to_custom_fields_are_the_same_numbers():
    budget = custom_fields.budget("enhanced", ENHANCED)
    there = as_customer(ALINE)
    person = synced(ALINE._replace(last_name="Mugabo"))
    asked = Asked(NOW, budget)

    row = the_row(Case((person,), (there,), (pushed(ALINE),), asked=asked))
    other = the_row(Case((person._replace(**OTHER_ID),), (there,), (pushed(ALINE),), asked=asked))

    assert row.action == "update"
    assert others(other) == "FamilyName, NationalID"


def test_a_name_that_was_kept_is_the_same_person_s_by_one_word():
    budget = custom_fields.budget("enhanced", ENHANCED)
    kept = {"GivenName": "", "FamilyName": "", "DisplayName": "Aline U."}

    row = row_of(ALINE._replace(last_name="Mugabo", **CONTACTS), budget, **kept)

    assert row.action == "update"


def test_whose_numbers_nobody_knows_is_another_person_by_name_and_contact():
    blank = {"national_id": "", "tracking_id": ""}
    before = ALINE._replace(**blank)
    now = synced(before._replace(**OTHER_NAME, **CONTACTS))

    row = the_row(Case((now,), (as_customer(before),), (pushed(before),)))

    assert others(row) == "GivenName, FamilyName, PrimaryPhone, PrimaryEmailAddr"


# --- at work ----------------------------------------------------------------------------


REUSED = (
    "UPDATE tbl_online_application SET first_name = 'Zoltan', family_name = 'Kagame', "
    "nation_Id_passPort_no = '1200080099999999', quickbooks_id = NULL, sync_token = NULL, "
    '"QuickBk_Status" = 0 WHERE appl_Id = 1'
)


@pytest.fixture
def reused(school):
    """Let somebody else have the number of a person who is a customer."""
    school.enrol(person(1), person(2))
    school.prepare()
    assert school.push() == stage.OK
    school.run_sql(REUSED)
    school.prepare()
    return school


def test_somebody_else_s_customer_stays_until_a_person_decides(reused):
    assert reused.push() == SOME_ROWS_FAILED

    assert reused.names() == {"Aline Uwera1": 1, "Aline Uwera2": 1}
    assert "another person under this number" in reused.errors()[0].error


def test_a_person_may_make_the_customer_this_person_s(reused):
    reused.decide("approve", action="hold")

    assert reused.push() == stage.OK

    assert reused.names() == {"Zoltan Kagame": 1, "Aline Uwera2": 1}
    reused.prepare()
    assert reused.desk.rows(PLAN) == []
