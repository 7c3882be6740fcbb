"""Custom fields from the MIS to QuickBooks and back, with the doors themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from src.kit.errors import NOTHING_DONE, OK, SOME_ROWS_FAILED
from src.mis import notes
from src.mis.definitions import text, texts
from src.mis.records import APPLICANT, NAMES, PLAN
from tests.mis.school import CANARY, IDS, School, people

DEFINED = {found: name for name, found in IDS.items()}
GENDER, NATIONAL_ID, CAMPUS = IDS.values()
VALUES = {"Gender": "F", "NationalID": CANARY, "Campus": "Huye"}
SHOWN = {IDS[name]: value for name, value in VALUES.items()}
MOVE = "UPDATE tbl_online_application SET camp_id = 'Musanze' WHERE appl_Id = 1"


@pytest.fixture
def school(school):
    """Return a school of three applicants of one campus."""
    school.enrol(*people(3))
    school.run_sql("UPDATE tbl_online_application SET sex = 'F', camp_id = 'Huye'")
    return school


def sync(school: School) -> int:
    """Fetch, plan and push; return the exit code of the push."""
    school.prepare()
    return school.push()


def settle(school: School) -> None:
    """Synchronize twice: lines leave Notes once QuickBooks was seen to have the values."""
    assert (sync(school), sync(school)) == (OK, OK)


def shown(school: School, number: int = 1) -> Mapping[str, str]:
    """Return the custom fields of a customer by DefinitionId."""
    school.define("both", DEFINED)
    return texts(school.company.inner.read("Customer", str(number)).get("CustomField"))


def lines(school: School, number: int = 1) -> Mapping[str, str]:
    """Return those lines of a customer's Notes whose fields have definitions."""
    text_ = school.company.inner.read("Customer", str(number))["Notes"]
    return {name: value for name, value in notes.parse(text_).values.items() if name in IDS}


def edit(school: School, **fields) -> None:
    """Let a person change the first customer, as QuickBooks shows it."""
    record = school.company.inner.read("Customer", "1")
    known = {"Id": "1", "SyncToken": record["SyncToken"], "sparse": True}
    school.write(operation="update", **known, **fields)


def planned(school: School) -> list[str]:
    return [f"{row.action}: {row.fields}" for row in school.desk.rows(PLAN)]


# --- as it should be ----------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["enhanced", "both"])
def test_custom_fields_arrive_and_the_next_run_has_nothing_to_do(school, mode):
    school.define(mode, DEFINED)
    settle(school)

    school.prepare()

    assert planned(school) == []
    assert lines(school) == (VALUES if mode == "both" else {})
    assert shown(school) == SHOWN


def test_in_the_mode_notes_nothing_is_asked_for(school):
    assert sync(school) == OK

    school.prepare()

    assert not any("CustomField" in row.content for row in school.desk.rows(NAMES))
    assert (planned(school), lines(school), shown(school)) == ([], VALUES, {})


def test_the_log_knows_each_custom_field_and_no_national_id(school):
    school.define("enhanced", DEFINED)
    assert sync(school) == OK

    sent = school.log()[0].sent

    assert all(f" CustomField.{found}:" in sent for found in IDS.values())
    written = [path for path in school.desk.logs.rglob("*") if path.is_file()]
    assert written and not any(CANARY[:8].encode() in path.read_bytes() for path in written)


def test_the_first_customers_lose_no_value_to_a_wrong_definition(school):
    school.define("enhanced", {})

    assert sync(school) == SOME_ROWS_FAILED

    assert lines(school) == VALUES


def test_once_a_definition_is_seen_to_work_a_new_customer_has_no_line(school):
    school.define("enhanced", DEFINED)
    settle(school)
    school.enrol(*people(4)[3:])
    school.run_sql("UPDATE tbl_online_application SET sex = 'F', camp_id = 'Huye'")

    assert sync(school) == OK

    assert (lines(school, 4), shown(school, 4)[GENDER]) == ({}, "F")


# --- people edit them too -----------------------------------------------------------------


@pytest.fixture
def moved(school):
    """Return a school that is synchronized; one applicant moved since."""
    school.define("enhanced", DEFINED)
    settle(school)
    school.run_sql(MOVE)
    return school


BY_HAND = [text(GENDER, "BY HAND"), text(NATIONAL_ID, CANARY), text(CAMPUS, "Huye")]


@pytest.mark.parametrize("is_planned", [False, True])
def test_what_a_person_typed_stays_whenever_it_was_typed(moved, is_planned):
    if is_planned:
        moved.prepare()
    edit(moved, CustomField=BY_HAND)

    assert (moved.push() if is_planned else sync(moved)) == OK

    assert shown(moved) == {**SHOWN, GENDER: "BY HAND", CAMPUS: "Musanze"}


def test_what_a_person_typed_stays_in_the_runs_that_follow(moved):
    edit(moved, CustomField=BY_HAND)
    assert sync(moved) == OK

    moved.prepare()

    assert planned(moved) == []


def test_where_a_person_edits_the_same_since_the_plan_it_fails_and_is_named(moved):
    moved.prepare()
    edit(moved, CustomField=[text(CAMPUS, "BY HAND"), *BY_HAND[:2]])

    assert moved.push() == SOME_ROWS_FAILED

    (error,) = moved.errors()
    assert error.error == "changed in QuickBooks since it was planned: Campus; plan again"
    assert shown(moved)[CAMPUS] == "BY HAND"


def test_custom_fields_of_others_are_kept(school):
    school.define("enhanced", {**DEFINED, "99": "Shoe size"})
    assert sync(school) == OK
    edit(school, CustomField=[*BY_HAND, text("99", "43")])
    school.run_sql(MOVE)

    assert sync(school) == OK

    assert shown(school)["99"] == "43"


# --- what QuickBooks drops ----------------------------------------------------------------


def test_what_quickbooks_drops_is_told_counted_and_proposed_again(school):
    school.define("enhanced", {GENDER: "Gender"})

    assert sync(school) == SOME_ROWS_FAILED

    assert "3 customer(s) are there, and QuickBooks did not take every field" in school.desk.out
    assert [row.outcome for row in school.errors()] == ["created"] * 3
    dropped = "QuickBooks dropped NationalID, Campus; set CUSTOM_FIELD_MODE=both or check "
    assert school.errors()[0].error == dropped + "CUSTOM_FIELD_IDS"
    assert school.statuses() == {"1": 3}
    school.prepare()
    assert planned(school) == ["update: Notes CustomField"] * 3


def test_what_quickbooks_drops_has_a_line_from_the_next_run_on(school):
    school.define("enhanced", {GENDER: "Gender"})

    assert [sync(school), sync(school)] == [SOME_ROWS_FAILED] * 2

    assert lines(school) == {"NationalID": CANARY, "Campus": "Huye"}
    assert shown(school) == {GENDER: "F"}


def test_once_the_definitions_are_there_they_are_filled_and_then_the_lines_leave(school):
    school.define("enhanced", {})
    assert [sync(school), sync(school)] == [SOME_ROWS_FAILED] * 2
    school.define("enhanced", DEFINED)

    assert sync(school) == OK
    assert (lines(school), shown(school), school.errors()) == (VALUES, SHOWN, [])
    school.define("enhanced", DEFINED)
    assert sync(school) == OK

    assert (lines(school), shown(school)) == ({}, SHOWN)


# --- another mode -------------------------------------------------------------------------


@pytest.mark.parametrize("is_log_lost", [False, True])
@pytest.mark.parametrize("first", ["notes", "enhanced", "both"])
@pytest.mark.parametrize("second", ["notes", "enhanced", "both"])
def test_from_any_mode_to_any_other_every_value_is_somewhere(school, first, second, is_log_lost):
    school.define(first, DEFINED)
    assert sync(school) == OK
    if is_log_lost:
        lose_the_log(school)
    school.define(second, DEFINED)

    for _ in range(3):
        school.prepare()
        school.decide("approve", action="hold")
        assert school.push() == OK, school.desk.out
        assert somewhere(school) == VALUES
        school.define(second, DEFINED)

    school.prepare()
    assert [one for one in planned(school) if not one.startswith("adopt")] == []
    assert lines(school) == ({} if second == "enhanced" else VALUES)


def somewhere(school: School) -> dict[str, str]:
    found = {name: shown(school).get(IDS[name]) for name in IDS}
    return {name: value or lines(school)[name] for name, value in found.items()}


def lose_the_log(school: School) -> None:
    for path in school.desk.logs.iterdir():
        path.unlink()


def test_with_the_log_lost_what_the_mis_changed_waits_for_a_person(school):
    school.define("enhanced", DEFINED)
    settle(school)
    lose_the_log(school)
    school.run_sql(MOVE)

    assert sync(school) == SOME_ROWS_FAILED

    reasons = [row.reason for row in school.desk.rows(PLAN) if row.action == "hold"]
    assert [reason[:30] for reason in reasons] == ["Campus differs from QuickBooks"]
    assert shown(school)[CAMPUS] == "Huye"


def test_names_that_were_fetched_without_custom_fields_are_not_planned_with(school):
    assert sync(school) == OK
    school.prepare()
    school.define("enhanced", DEFINED)

    assert school.plan_alone() == NOTHING_DONE

    assert school.desk.err == (
        "data/qbo_names.csv: 3 customer(s) were fetched without custom fields "
        '(CUSTOM_FIELD_MODE was notes); run "make mis-fetch" again\n'
    )


def test_the_plan_s_before_is_what_quickbooks_had(school):
    school.define("enhanced", DEFINED)
    settle(school)
    school.run_sql(MOVE)
    school.prepare()

    (row,) = school.desk.rows(PLAN)

    assert (row.type, texts(json.loads(row.before)["CustomField"])) == (APPLICANT, SHOWN)
