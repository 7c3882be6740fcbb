"""Custom fields in the plan: each for itself, whoever changed it, and no value nowhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from src.mis import custom_fields, notes, payload, tasks
from src.mis.definitions import text, texts
from src.mis.planning import Asked
from src.mis.records import Named, Planned, Pushed
from tests.mis.persons import (
    NOW,
    Case,
    applicant,
    as_customer,
    fields_of,
    mark_of,
    payload_of,
    plan,
    pushed,
    somebody,
    synced,
    the_row,
)

IDS = {"Campus": "11", "Gender": "12", "ProgramMode": "13"}
SHOWN = {"11": "Kigali", "12": "Female", "13": "Day"}
THEIRS = {"DefinitionId": "99", "Type": "NumberType", "NumberValue": 7}
BUDGETS = {mode: custom_fields.budget(mode, IDS) for mode in ("notes", "enhanced", "both")}
ALINE = applicant("7")
TOLD = synced(ALINE)
MOVED = TOLD._replace(campus="Huye")
LOG = (pushed(ALINE, fields=fields_of(ALINE, budget=BUDGETS["enhanced"])),)


def asked(mode: str = "enhanced") -> Asked:
    return Asked(NOW, BUDGETS[mode])


def there(shown: Mapping[str, str] = SHOWN, mode: str = "enhanced", **changed: Any) -> Named:
    """Return Aline's customer as QuickBooks has it, with these custom fields."""
    fields = [text(*one) for one in shown.items()]
    made = {**fields_of(ALINE, budget=BUDGETS[mode]), "CustomField": fields}
    return as_customer(ALINE, **{**made, **changed})


def row_of(person, names, log=LOG, mode: str = "enhanced") -> Planned:
    return the_row(Case((person,), (names,), tuple(log), asked=asked(mode)))


def sent(row: Planned) -> dict[str, str]:
    """Return what a row says of custom fields, by DefinitionId."""
    return texts(payload_of(row).get("CustomField"))


def lines(row: Planned) -> set[str]:
    """Return the names of the fields with a definition that have a line in a row's Notes."""
    return notes.parse(payload_of(row)["Notes"]).values.keys() & IDS.keys()


# --- who changed what ---------------------------------------------------------------------


def test_who_is_there_as_the_mis_says_needs_nothing():
    assert plan(Case((TOLD,), (there(),), LOG, asked=asked())) == []


def test_only_the_custom_field_that_the_mis_changed_is_sent():
    row = row_of(MOVED, there())

    assert (row.action, row.fields, sent(row)) == ("update", "CustomField", {"11": "Huye"})
    assert row.reason == "changed in the MIS since it was sent: CustomField (Campus)"


def test_before_has_every_custom_field_that_quickbooks_had():
    fields = [*there_fields(), THEIRS]

    row = row_of(MOVED, there(CustomField=fields))

    assert json.loads(row.before) == {"CustomField": fields}


def there_fields() -> list[dict[str, str]]:
    return [text(*one) for one in SHOWN.items()]


def test_what_a_person_typed_into_another_custom_field_stays():
    row = row_of(MOVED, there({**SHOWN, "12": "BY HAND"}))

    assert sent(row) == {"11": "Huye"}


def test_what_a_person_typed_is_no_reason_for_an_update():
    edited = there({**SHOWN, "12": "BY HAND"})

    assert plan(Case((TOLD,), (edited,), LOG, asked=asked())) == []


def test_where_both_changed_a_custom_field_the_mis_wins_as_with_every_other():
    row = row_of(MOVED, there({**SHOWN, "11": "BY HAND"}))

    assert (row.action, sent(row)) == ("update", {"11": "Huye"})


def test_what_the_mis_emptied_is_cleared():
    row = row_of(TOLD._replace(program_mode=""), there())

    assert sent(row) == {"13": ""}
    assert row.reason.endswith("CustomField (ProgramMode)")


def test_what_the_mis_changed_and_quickbooks_has_already_is_for_the_log_alone():
    row = row_of(MOVED, there({**SHOWN, "11": "Huye"}))

    assert (row.action, sent(row)) == ("adopt", {"11": "Huye"})
    log = (*LOG, pushed(ALINE, "adopted", "adopt", payload_of(row)))
    assert plan(Case((MOVED,), (there({**SHOWN, "11": "Huye"}),), log, asked=asked())) == []


def test_an_update_says_again_what_is_there_and_the_log_does_not_know():
    sent_last = {"CustomField": [text("11", "Kigali")]}
    log = (pushed(ALINE, "updated", "update", sent_last),)

    row = row_of(MOVED, there(), log)

    assert sent(row) == {**SHOWN, "11": "Huye"}
    assert texts(json.loads(row.before)["CustomField"]) == SHOWN


def test_beside_what_is_said_again_goes_whatever_else_quickbooks_has():
    log = (pushed(ALINE, "updated", "update", {"PrimaryPhone": {"FreeFormNumber": "1"}}),)
    customer = there(CustomField=[*there_fields(), THEIRS])

    row = row_of(TOLD._replace(phone="0722 1"), customer, log)

    assert (row.action, sent(row)) == ("update", SHOWN)
    _, record = tasks.change_of(tasks.of(row))
    assert record["CustomField"] == [*there_fields(), THEIRS]


# --- where nobody knows what was sent -----------------------------------------------------


@pytest.mark.parametrize("mode", ["enhanced", "both"])
def test_with_the_log_deleted_what_agrees_is_learnt(mode):
    row = row_of(TOLD, there(mode=mode), (), mode)

    assert (row.action, sent(row)) == ("adopt", SHOWN)


def test_with_the_log_deleted_another_value_is_for_a_person():
    row = row_of(MOVED, there(), ())

    assert (row.action, sent(row)) == ("hold", {"11": "Huye"})
    assert row.reason == (
        "Campus differs from QuickBooks and nobody knows who changed it; approve to send "
        "the MIS's values, skip to leave QuickBooks as it is"
    )


def test_with_the_log_deleted_an_empty_custom_field_is_filled():
    row = row_of(TOLD, there({"11": "Kigali", "13": "Day"}, mode="both"), (), "both")

    assert (row.action, sent(row)) == ("update", SHOWN)
    assert row.reason == "QuickBooks has no value in CustomField (Gender)"


def test_nothing_in_the_mis_contradicts_no_custom_field_that_people_filled():
    empty = TOLD._replace(program_mode="")
    log = (pushed(ALINE, fields=fields_of(empty, budget=BUDGETS["enhanced"])),)

    assert plan(Case((empty,), (there(),), log, asked=asked())) == []


def test_what_is_empty_on_both_sides_is_nothing_to_be_learnt():
    empty = TOLD._replace(program_mode="")
    log = (pushed(ALINE, fields=fields_of(empty, budget=BUDGETS["enhanced"])),)
    customer = there({"11": "Kigali", "12": "Female"})

    assert plan(Case((empty,), (customer,), log, asked=asked())) == []


def test_the_national_id_is_in_no_reason():
    budget = custom_fields.budget("enhanced", {"NationalID": "14"})
    customer = as_customer(ALINE, **fields_of(ALINE, budget=budget))
    other = TOLD._replace(national_id="1199770011223344")

    row = the_row(Case((other,), (customer,), asked=Asked(NOW, budget)))

    assert row.reason.startswith("NationalID differs from QuickBooks")
    assert ALINE.national_id not in row.reason and other.national_id not in row.reason


# --- what QuickBooks dropped --------------------------------------------------------------


def dropped(*ids: str) -> Pushed:
    """Return the log's row of a create of which custom fields were dropped."""
    made = fields_of(ALINE, budget=BUDGETS["enhanced"])
    kept = [one for one in made["CustomField"] if one["DefinitionId"] not in ids]
    return pushed(ALINE, fields={**made, "CustomField": kept})


def test_what_was_dropped_is_sent_again_and_has_a_line():
    left = {one: value for one, value in SHOWN.items() if one != "11"}

    row = row_of(TOLD, there(left), (dropped("11"),))

    assert (row.action, sent(row), lines(row)) == ("update", {"11": "Kigali"}, {"Campus"})
    assert "QuickBooks has no value in CustomField (Campus)" in row.reason


def test_while_quickbooks_drops_it_the_line_stays_and_the_field_is_proposed_again():
    first = row_of(TOLD, there({}), (dropped(*SHOWN),))
    text_ = payload_of(first)["Notes"]
    log = (dropped(*SHOWN), pushed(ALINE, "updated", "update", {"Notes": text_}))

    again = row_of(TOLD, there({}, Notes=text_), log)

    assert (again.fields, sent(again)) == ("CustomField", SHOWN)


def test_once_quickbooks_shows_it_the_line_leaves():
    whole = fields_of(ALINE, budget=BUDGETS["both"])
    log = (pushed(ALINE, fields=whole),)

    row = row_of(TOLD, there(mode="both"), log)

    assert (row.fields, lines(row)) == ("Notes", set())


def test_a_definition_that_is_gone_brings_its_lines_back():
    left = {one: value for one, value in SHOWN.items() if one != "12"}

    row = row_of(TOLD, there(left), LOG)

    assert (row.action, row.fields, lines(row)) == ("update", "Notes", {"Gender"})


# --- another mode -------------------------------------------------------------------------


@pytest.mark.parametrize("is_log_lost", [True, False])
def test_from_notes_to_enhanced_first_both_are_there_then_the_lines_leave(is_log_lost):
    log = [] if is_log_lost else [pushed(ALINE)]
    plain = there({}, mode="notes")

    first = row_of(TOLD, plain, log)
    assert (first.action, sent(first)) == ("update", SHOWN)
    assert "Campus=Kigali" in payload_of(first).get("Notes", fields_of(ALINE)["Notes"])

    log.append(pushed(ALINE, "updated", "update", payload_of(first)))
    second = row_of(TOLD, there(mode="notes"), log)
    assert (second.action, sent(second), lines(second)) == ("update", {}, set())


@pytest.mark.parametrize("is_log_lost", [True, False])
def test_from_notes_to_both_the_custom_fields_are_filled(is_log_lost):
    log = [] if is_log_lost else [pushed(ALINE)]

    row = row_of(TOLD, there({}, mode="notes"), log, "both")

    assert (row.action, sent(row)) == ("update", SHOWN)


@pytest.mark.parametrize("mode", ["notes", "both"])
def test_from_enhanced_to_the_other_modes_the_lines_come_back(mode):
    row = row_of(TOLD, there(), LOG, mode)

    assert (row.action, sent(row), lines(row)) == ("update", {}, set(IDS))


def test_from_both_to_notes_the_custom_fields_stay_as_they_are():
    log = (pushed(ALINE, fields=fields_of(ALINE, budget=BUDGETS["both"])),)

    assert plan(Case((TOLD,), (there(mode="both"),), log, asked=asked("notes"))) == []


def test_a_value_that_is_older_in_its_custom_field_keeps_its_line():
    log = (*LOG, pushed(ALINE, "updated", "update", {"Notes": fields_of(ALINE)["Notes"]}))

    row = row_of(MOVED, there(mode="notes"), log)

    assert (sent(row), lines(row)) == ({"11": "Huye"}, {"Campus"})
    assert "Campus=Huye" in payload_of(row)["Notes"]


# --- creates and links --------------------------------------------------------------------


def test_a_create_sends_custom_fields_and_no_lines_of_them():
    row = the_row(Case((ALINE,), asked=asked()))

    assert (sent(row), lines(row)) == (SHOWN, set())


def test_a_link_fills_both_so_that_nothing_is_lost_where_quickbooks_drops_it():
    customer = somebody("Aline Uwera", "64", CustomField=[text("12", "F"), THEIRS])

    row = the_row(Case((synced(ALINE, "64"),), (customer,), asked=asked()))

    assert (row.action, sent(row)) == ("link", SHOWN)
    assert lines(row) == {"Campus", "ProgramMode"}
    assert json.loads(row.before)["CustomField"] == [text("12", "F"), THEIRS]


def test_a_customer_that_is_made_again_has_no_lines_of_custom_fields():
    gone = (pushed(ALINE, fields=fields_of(ALINE, budget=BUDGETS["enhanced"])),)

    row = the_row(Case((TOLD,), (), gone, asked=asked()))

    assert (row.action, row.key, lines(row)) == ("hold", mark_of(ALINE), set())


def test_an_emptied_custom_field_is_no_part_of_a_payload_that_creates():
    made = payload.of(ALINE._replace(campus=""), "x", BUDGETS["enhanced"])

    assert texts(made.fields["CustomField"]) == {"12": "Female", "13": "Day"}
    assert texts(made.custom) == {"11": "", "12": "Female", "13": "Day"}
