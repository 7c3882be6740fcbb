"""A person's biography, in which no national id stands."""

from __future__ import annotations

import json
from contextlib import closing

import pytest

from src import mis_fetch, mis_plan, mis_push
from src.kit import errors, searching, stories
from src.kit.stories import Found
from src.mis.biography import TELLER
from src.mis.records import APPLICANT, NAMES, PEOPLE, PLAN, RUNLOG, STUDENT
from src.office import connect_database
from tests.desk import Desk
from tests.mis.university import University
from tests.told import Told

NATIONAL_ID = "1199080012345678"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Return a desk where two of one name were sent, and one was refused."""
    desk = Desk(tmp_path_factory.mktemp("people") / "desk")
    with closing(
        connect_database.opened("", desk.config.mis_database_file, "MIS")
    ) as database:
        found = University(database)
        names = {"first_name": "Aline", "family_name": "Uwera", "phone1": "0788123456"}
        found.many(APPLICANT, 2, **names, nation_Id_passPort_no=NATIONAL_ID)
        found.many(STUDENT, 1, fname="Eric", lname="Gatete")
    desk.scenario("3,create Customer,200:6000")
    for door in (mis_fetch, mis_plan):
        assert desk.run(door) == errors.OK, desk.err
    desk.run(mis_push)
    return desk


def planned(desk: Desk, mis_id: str, type_: str = APPLICANT):
    return next(r for r in desk.rows(PLAN) if (r.type, r.mis_id) == (type_, mis_id))


def logged(desk: Desk, mis_id: str):
    return next(
        row for row in desk.rows(RUNLOG) if row.mis_id == mis_id and row.quickbooks_id
    )


@pytest.mark.parametrize("name", ["key", "quickbooks_id"])
def test_a_person_is_found_by_what_the_log_says(desk, name):
    key = getattr(logged(desk, "1"), name)

    assert "Applicant 1 Aline Uwera" in [
        one["title"] for one in Told(desk, key).records
    ]


def test_a_trace_id_means_all_who_were_sent_together(desk):
    trace = logged(desk, "1").trace_id
    together = {row.key for row in desk.rows(RUNLOG) if row.trace_id == trace}

    assert len(Told(desk, trace).records) == len(together) > 1


def test_a_person_is_found_by_the_row_of_the_plan(desk):
    assert Told(desk, planned(desk, "2").row).only["title"].startswith("Applicant 2")


def test_one_name_means_two_people_who_are_told_apart(desk):
    told = Told(desk, "uwera  ALINE")

    assert sorted(told.names) == sorted(planned(desk, one).row for one in "12")


def test_a_name_that_was_taken_says_by_whom(desk):
    second = max(
        (planned(desk, one) for one in "12"), key=lambda row: len(row.display_name)
    )

    lines = Told(desk, second.row).chapter("Plan")

    assert f"the name “{second.display_name}”, {second.rule}" in lines
    assert any(line.startswith("“Aline Uwera” is taken by ") for line in lines)


def test_what_was_sent_is_told_field_by_field(desk):
    lines = Told(desk, planned(desk, "1").row).chapter("Plan")

    assert "PrimaryPhone: 0788123456" in lines
    assert "Notes: sent, not shown" in lines


def test_a_customer_that_is_there_says_which(desk):
    told = Told(desk, planned(desk, "1").row)

    assert told.state.startswith(
        f"created as customer {logged(desk, '1').quickbooks_id} on "
    )


@pytest.mark.parametrize("key", ["Aline Uwera", "1", NATIONAL_ID])
def test_no_national_id_is_told(desk, key):
    told = Told(desk, key)

    assert NATIONAL_ID not in told.text.replace(f'"key": "{NATIONAL_ID}"', "")


def test_a_national_id_finds_nobody(desk):
    assert Told(desk, NATIONAL_ID).records == []


def test_that_there_is_a_national_id_is_told(desk):
    assert "national_id: ***" in Told(desk, planned(desk, "1").row).chapter("Source")


def test_an_error_that_repeats_a_national_id_is_cleaned():
    person = Found(PEOPLE.name, "p", 2, {"mis_id": "1", "national_id": NATIONAL_ID})
    error = {"mis_id": "1", "outcome": "failed", "error": f"bad {NATIONAL_ID}"}

    story = TELLER.tell([person, Found(RUNLOG.name, "l", 2, error)], {})

    assert story.state == "failed: bad ***"
    assert NATIONAL_ID not in str(story)


def test_a_national_id_in_a_plan_alone_is_cleaned_too():
    payload = json.dumps(
        {"Notes": f"NationalID={NATIONAL_ID}", "GivenName": NATIONAL_ID}
    )
    cells = {"mis_id": "1", "fields": "GivenName", "payload": payload}

    story = TELLER.tell([Found(PLAN.name, "data/mis_plan.csv", 2, cells)], {})

    assert NATIONAL_ID not in str(story)


@pytest.mark.parametrize("key", ["Applicant 1", "applicant  1"])
def test_a_person_is_found_by_type_and_number(desk, key):
    assert Told(desk, key).only["title"] == "Applicant 1 Aline Uwera"


def test_a_person_is_found_whatever_signs_are_typed_in_a_name(desk):
    assert len(Told(desk, "Aline “Uwera”, ").records) == 2


def test_a_customer_is_found_by_its_list_and_number():
    row = Found(NAMES.name, NAMES.place, 2, {"list": "Customer", "id": "58"})

    assert searching.is_meant(
        row, TELLER.handles[NAMES.name], [(stories.fold, "customer 58")]
    )
