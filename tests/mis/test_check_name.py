"""The name on checks: always one that QuickBooks takes at the next update, too."""

from __future__ import annotations

import json

import pytest

from src.kit import stage
from src.mis import check_name, listing
from src.mis.check_name import CHECK_NAME
from src.mis.records import PLAN
from tests.mis.persons import (
    Case,
    applicant,
    as_customer,
    payload_of,
    pushed,
    somebody,
    synced,
    the_row,
)
from tests.mis.school import create, fields_of, person

LONG = "Marie Immaculée " * 8 + "Uwera"  # 133 characters
SHORT = LONG[:110]
LONG_ONE = applicant("7", first_name="Marie Immaculée " * 5, last_name="Uwera " * 8)
LOGS = (pushed(LONG_ONE),), ()
NAME = " ".join(f"{LONG_ONE.first_name}{LONG_ONE.last_name}".split())


# --- the field --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "Aline Uwera", "x" * 110, "🎓" * 55])
def test_a_name_that_fits_is_left_to_quickbooks(name):
    assert check_name.filled(name) == {}
    assert check_name.too_long({CHECK_NAME: name}) == {}
    assert check_name.shortened({CHECK_NAME: name}, "y" * 200) == {}


@pytest.mark.parametrize(
    ("name", "cut"), [("x" * 111, "x" * 110), ("🎓" * 56, "🎓" * 55), (LONG, SHORT)]
)
def test_a_longer_one_is_cut_without_a_blank_at_its_end(name, cut):
    assert check_name.filled(name) == {CHECK_NAME: cut.rstrip()}
    assert check_name.shortened({CHECK_NAME: name}, "") == {CHECK_NAME: cut.rstrip()}


@pytest.mark.parametrize("record", [{}, {CHECK_NAME: None}, {CHECK_NAME: ["x" * 111]}])
def test_a_record_without_the_field_has_none_too_long(record):
    assert check_name.too_long(record) == {}


def test_what_was_fetched_knows_a_name_that_is_too_long_and_no_other():
    record = {"Id": "7", "DisplayName": LONG, CHECK_NAME: LONG}

    assert listing.content(record)[CHECK_NAME] == LONG
    assert CHECK_NAME not in listing.content({**record, CHECK_NAME: SHORT})


# --- in the plan ------------------------------------------------------------------------


def test_a_create_of_a_long_name_has_a_short_one_for_checks():
    sent = payload_of(the_row(Case((LONG_ONE,))))

    assert (sent["DisplayName"], sent[CHECK_NAME]) == (NAME, NAME[:110].rstrip())


def test_a_create_under_a_name_that_its_suffix_makes_long_has_one_too():
    name = "x" * 53 + " " + "y" * 55
    person = applicant("7", first_name="x" * 53, last_name="y" * 55)

    row = the_row(Case((person,), (somebody(name, "12", "Vendor"),)))

    assert (row.display_name, len(row.display_name)) == (f"{name} (7)", 113)
    assert payload_of(row)[CHECK_NAME] == f"{name} "[:110].rstrip()


def changed_where(**there) -> Case:
    """Return the case of a changed phone where QuickBooks has these fields."""
    names = (as_customer(LONG_ONE, **there),)
    return Case((synced(LONG_ONE)._replace(phone="1"),), names, (pushed(LONG_ONE),))


def test_an_update_cuts_a_name_that_quickbooks_would_refuse():
    row = the_row(changed_where(**{CHECK_NAME: NAME}))

    assert row.fields == f"PrimaryPhone {CHECK_NAME}"
    assert payload_of(row)[CHECK_NAME] == NAME[:110].rstrip()
    assert json.loads(row.before)[CHECK_NAME] == NAME
    assert row.reason == "changed in the MIS since it was sent: PrimaryPhone"


def test_a_short_name_that_people_entered_stays():
    assert the_row(changed_where()).fields == "PrimaryPhone"


def test_a_long_name_on_checks_alone_is_no_reason_for_an_update():
    case = changed_where(**{CHECK_NAME: NAME})

    told, untold = (the_row(case._replace(people=(LONG_ONE,), log=log)) for log in LOGS)

    assert (told.action, told.payload) == ("adopt", "")
    assert untold.action == "adopt" and CHECK_NAME not in untold.payload


def test_a_customer_that_is_renamed_has_the_new_name_on_checks():
    case = changed_where(**{CHECK_NAME: NAME})
    person = case.people[0]._replace(first_name="Aline", last_name="Uwera")

    row = the_row(case._replace(people=(person,)))

    assert (
        payload_of(row)[CHECK_NAME] == payload_of(row)["DisplayName"] == "Aline Uwera"
    )


def test_a_linked_customer_has_its_own_name_cut():
    there = somebody(f"{NAME} & Sons", "91", **{CHECK_NAME: f"{NAME} & Sons"})
    case = Case(
        (synced(LONG_ONE, "91"),), (there,), decided={("Applicant", "7"): "link:91"}
    )

    row = the_row(case)

    assert (row.action, payload_of(row)[CHECK_NAME]) == ("link", NAME[:110].rstrip())


# --- in QuickBooks ----------------------------------------------------------------------


@pytest.fixture
def marie(school):
    """Let somebody with a long name be enrolled."""
    school.enrol(person(1, f"Marie {LONG}"))
    return school


def change_phone(school) -> int:
    school.run_sql("UPDATE tbl_online_application SET phone1 = '0788 1'")
    school.prepare()
    return school.push()


def test_somebody_with_a_long_name_is_created_and_updated(marie):
    marie.prepare()
    assert marie.push() == stage.OK

    assert change_phone(marie) == stage.OK, marie.desk.out

    (found,) = marie.customers()
    assert len(found["DisplayName"]) > 110 >= len(found[CHECK_NAME])
    assert found["PrimaryPhone"] == {"FreeFormNumber": "0788 1"}


def test_whoever_has_a_long_name_on_checks_already_is_updated(marie):
    one = person(1, f"Marie {LONG}")
    marie.plan(create(one)._replace(payload=json.dumps(fields_of(one))))
    marie.push()
    assert len(marie.customers()[0][CHECK_NAME]) > 110

    assert change_phone(marie) == stage.OK, marie.desk.out

    assert len(marie.customers()[0][CHECK_NAME]) == 110
    marie.prepare()
    assert marie.desk.rows(PLAN) == []
