"""Our lines in Notes one by one, and a log that is older than what the MIS was told."""

from __future__ import annotations

import json

import pytest

from src.mis import custom_fields, definitions, digests, notes, readback, tasks
from src.mis.planning import Asked
from src.mis.records import Planned, Pushed
from tests.mis.persons import (
    NOW,
    Case,
    applicant,
    as_customer,
    fields_of,
    history_of,
    mark_of,
    payload_of,
    plan,
    pushed,
    synced,
    the_row,
)

ALINE = applicant("7")
TOLD = synced(ALINE)
SENT = pushed(ALINE, sync_token="0")
TEXT = fields_of(ALINE)["Notes"]
FRESH = {"FreeFormNumber": "0788 555"}
GENDER = TOLD._replace(gender="Other")


def edited(old: str, new: str, text: str = TEXT):
    """Return the customer after a person changed its Notes."""
    return as_customer(ALINE, Notes=text.replace(old, new))


CORRECTED = edited("Campus=Kigali", "Campus=By hand")
REMOVED = edited("Campus=Kigali\n", "")


def older(text: str = TEXT, **cells: str) -> Pushed:
    """Return a log's row with one digest of all lines."""
    words = [w for w in SENT.sent.split() if not w.startswith("Notes.")]
    sent = " ".join([*words, f"Notes:{digests.of_all_lines(text)}"])
    return SENT._replace(sent=sent, **cells)


def after(row: Planned, outcome: str = "updated", **cells: str) -> Pushed:
    """Return the log's row of a plan row that arrived."""
    made = pushed(ALINE, outcome, row.action, {}, key=row.key, **cells)
    return made._replace(sent=tasks.of(row).sent)


def lines(row: Planned) -> dict[str, str]:
    return dict(notes.parse(payload_of(row)["Notes"]).values)


# --- what people put right ------------------------------------------------------------


@pytest.mark.parametrize(("there", "campus"), [(CORRECTED, "By hand"), (REMOVED, None)])
def test_a_line_that_people_put_right_or_took_away_stays_when_others_change(there, campus):
    row = the_row(Case((GENDER,), (there,), (SENT,)))

    assert (row.action, row.fields) == ("update", "Notes")
    assert (lines(row).get("Campus"), lines(row)["Gender"]) == (campus, "Other")
    assert row.reason == "changed in the MIS since it was sent: Notes (Gender)"


@pytest.mark.parametrize("there", [CORRECTED, REMOVED])
def test_it_stays_after_the_others_were_sent_too(there):
    row = the_row(Case((GENDER,), (there,), (SENT,)))
    text = payload_of(row)["Notes"]

    log = (SENT, after(row, sync_token="1"))
    case = Case((GENDER,), (as_customer(ALINE, Notes=text),), log)
    assert plan(case) == []
    again = the_row(case._replace(people=(GENDER._replace(intake="May 2027"),)))

    assert notes.news(text, payload_of(again)["Notes"]) == {"Intake": "May 2027"}


@pytest.mark.parametrize(
    ("there", "campus"), [(CORRECTED, "Huye"), (CORRECTED, ""), (REMOVED, "Huye")]
)
def test_a_line_that_the_mis_changed_since_is_the_mis_s(there, campus):
    person = TOLD._replace(campus=campus)

    row = the_row(Case((person,), (there,), (SENT,)))

    assert (row.action, lines(row).get("Campus", "")) == ("update", campus)


def test_what_both_took_away_is_known_from_then_on():
    case = Case((TOLD._replace(campus=""),), (REMOVED,), (SENT,))
    row = the_row(case)

    assert (row.action, payload_of(row)) == ("adopt", {"Notes": "Campus="})
    log = (SENT, after(row, "adopted", sync_token="0"))
    assert plan(case._replace(log=log)) == []
    assert plan(case._replace(names=(CORRECTED,), log=log)) == []


def test_only_the_lines_that_went_are_written_to_the_log():
    row = the_row(Case((GENDER,), (CORRECTED,), (SENT,)))

    assert tasks.of(row).sent == f"Notes.Gender:{digests.of_one('Notes.Gender', 'Other')}"


def test_a_line_that_goes_is_written_to_the_log_as_empty():
    row = the_row(Case((TOLD._replace(campus=""),), (as_customer(ALINE),), (SENT,)))

    assert tasks.of(row).sent == f"Notes.Campus:{digests.nothing('Notes.Campus')}"


def test_a_line_that_was_put_right_is_not_cut_for_the_others():
    long, longer = "b" * 700, TOLD._replace(program="p" * 1500)
    there = edited("Campus=Kigali", f"Campus={long}")

    row = the_row(Case((longer,), (there,), (SENT,)))

    assert lines(row)["Campus"] == long
    assert (len(payload_of(row)["Notes"]), lines(row)["Program"][-1]) == (2000, "…")
    then = Case((longer,), (as_customer(ALINE, **payload_of(row)),), (SENT, after(row)))
    assert plan(then) == []


def test_a_line_that_was_cut_and_put_right_stays_too():
    text = "x" * 1500 + "\n" + TEXT
    longer = TOLD._replace(program="p" * 400)
    row = the_row(Case((longer,), (as_customer(ALINE, Notes=text),), (SENT,)))
    sent = payload_of(row)["Notes"]

    right = sent.replace(f"Program={lines(row)['Program']}", "Program=Law")
    case = Case((longer,), (as_customer(ALINE, Notes=right),), (SENT, after(row)))

    now = the_row(case._replace(people=(longer._replace(gender="Other"),)))
    assert lines(now)["Program"] == "Law"


# --- where nobody knows ---------------------------------------------------------------


def test_with_the_log_deleted_a_line_that_differs_waits_and_the_question_names_it():
    row = the_row(Case((TOLD,), (CORRECTED,)))

    assert (row.action, lines(row)["Campus"]) == ("hold", "Kigali")
    assert row.reason.startswith("Notes (Campus) differs from QuickBooks and nobody knows")


def test_with_the_log_deleted_a_line_that_people_wrote_contradicts_nothing():
    row = the_row(Case((TOLD._replace(campus=""),), (as_customer(ALINE),)))

    assert (row.action, "Campus" in lines(row)) == ("adopt", False)


def test_lines_that_are_there_already_are_learnt_with_what_is_sent():
    phone = pushed(ALINE, "updated", "update", {"PrimaryPhone": FRESH})
    case = Case((TOLD._replace(phone="1"),), (as_customer(ALINE),), (phone,))

    row = the_row(case)

    assert payload_of(row)["Notes"] == json.loads(row.before)["Notes"] == TEXT
    learnt = digests.parse(tasks.of(row).sent)
    assert learnt.items() >= digests.by_field({"Notes": TEXT}).items()


def test_a_line_that_stays_is_not_learnt_as_what_people_made_of_it():
    known = SENT._replace(sent=SENT.sent.partition("Notes.Gender")[0], action="update")
    campus = pushed(ALINE, "updated", "update", {"Notes": "Campus=Kigali"})
    log = (known._replace(outcome="updated", key="k" + "0" * 32), campus)

    row = the_row(Case((TOLD._replace(phone="1"),), (CORRECTED,), log))

    assert "Notes.Campus" not in digests.parse(tasks.of(row).sent)
    assert "Notes.Gender" in digests.parse(tasks.of(row).sent)


def test_the_question_names_the_lines_that_nobody_knows_and_no_others():
    gender = pushed(ALINE, "updated", "update", {"Notes": f"Gender={ALINE.gender}"})

    row = the_row(Case((GENDER,), (CORRECTED,), (gender,)))

    assert (row.action, lines(row)["Gender"]) == ("hold", "Other")
    assert row.reason.startswith("Notes (Campus) differs")


def test_with_the_log_deleted_a_line_whose_value_moves_waits():
    asked = Asked(NOW, custom_fields.budget("enhanced", {"Campus": "11"}))
    there = as_customer(ALINE, CustomField=[definitions.text("11", "Kigali")])

    row = the_row(Case((TOLD,), (there,), asked=asked))

    assert (row.action, "Campus" in lines(row)) == ("hold", False)


def test_what_was_cut_before_is_not_noted_where_no_line_goes():
    text = "x" * 1500 + "\n" + TEXT
    longer = TOLD._replace(program="p" * 400)
    row = the_row(Case((longer,), (as_customer(ALINE, Notes=text),), (SENT,)))

    there = as_customer(ALINE, **payload_of(row))
    now = the_row(Case((longer._replace(phone="1"),), (there,), (SENT, after(row))))

    assert (now.fields, now.notes) == ("PrimaryPhone", "")


def test_of_notes_that_came_back_otherwise_the_lines_that_went_are_known_as_they_are():
    task = tasks.of(the_row(Case((GENDER,), (CORRECTED,), (SENT,))))

    found = readback.digests_of(task, {"Id": "55", "Notes": "Gender=F\nCampus=x"})

    assert found == f"Notes.Gender:{digests.of_one('Notes.Gender', 'F')}"


# --- logs with one digest of all lines ------------------------------------------------


def test_an_older_log_knows_all_lines_where_the_mis_says_the_same():
    assert plan(Case((TOLD,), (CORRECTED,), (older(),))) == []


def test_an_older_log_knows_all_lines_where_quickbooks_has_what_was_sent():
    row = the_row(Case((GENDER,), (as_customer(ALINE),), (older(),)))

    assert (row.action, row.reason[-14:]) == ("update", "Notes (Gender)")


def test_an_older_log_does_not_know_what_changed_on_both_sides():
    row = the_row(Case((GENDER,), (CORRECTED,), (older(),)))

    assert row.action == "hold"
    assert row.reason.startswith("Notes (Gender, Campus) differs")


@pytest.mark.parametrize("gender", ["Other", ALINE.gender])
def test_lines_that_went_after_an_older_row_count_beside_it(gender):
    first = the_row(Case((GENDER,), (as_customer(ALINE),), (older(),)))
    text = payload_of(first)["Notes"]
    person = TOLD._replace(gender=gender, intake="May 2027")

    row = the_row(Case((person,), (as_customer(ALINE, Notes=text),), (older(), after(first))))

    assert lines(row)["Gender"] == gender
    assert "Intake" in row.reason


def test_a_line_that_went_after_an_older_row_is_not_as_it_was_then():
    gender = pushed(ALINE, "updated", "update", {"Notes": "Gender=Other"})

    row = the_row(Case((TOLD,), (edited("=Female", "=Other"),), (older(), gender)))

    assert (row.action, lines(row)["Gender"]) == ("update", "Female")


def test_a_link_after_an_older_row_tells_of_every_line():
    linked = pushed(ALINE, "linked", "link", {"Notes": f"Campus=Huye\n{TEXT[-43:]}"})

    found = history_of(older(), linked).of(mark_of(ALINE))

    assert found.digest_of("Notes.Gender") == digests.nothing("Notes.Gender")
    assert "Notes" not in found.digests


# --- somebody else has sent since -----------------------------------------------------


PHONE = TOLD._replace(phone="1", sync_token="3")
THERE = as_customer(ALINE, PrimaryPhone=FRESH)


def test_where_the_mis_was_told_of_a_later_send_a_difference_waits():
    row = the_row(Case((PHONE,), (THERE,), (SENT,)))

    assert (row.action, row.fields) == ("hold", "PrimaryPhone")
    assert "nobody knows who changed it" in row.reason


@pytest.mark.parametrize(
    ("told", "log"),
    [
        ({"sync_token": "0"}, SENT),
        ({"sync_token": ""}, SENT),
        ({"sync_token": "x"}, SENT),
        ({"quickbooks_id": "56"}, SENT),
        ({}, SENT._replace(sync_token="")),
        ({}, SENT._replace(sync_token="3")),
        ({"sync_token": "9"}, SENT._replace(sync_token="10")),
    ],
)
def test_otherwise_the_log_is_believed(told, log):
    row = the_row(Case((PHONE._replace(**told),), (THERE,), (log,)))

    assert (row.action, row.fields) == ("update", "PrimaryPhone")


@pytest.mark.parametrize("status", ["", "0", "2"])
def test_an_older_log_is_one_whatever_the_status_says(status):
    row = the_row(Case((PHONE._replace(status=status),), (THERE,), (SENT,)))

    assert (row.action, row.fields) == ("hold", "PrimaryPhone")


def test_tokens_are_compared_as_numbers():
    log = SENT._replace(sync_token="9")

    row = the_row(Case((PHONE._replace(sync_token="10"),), (THERE,), (log,)))

    assert row.action == "hold"


@pytest.mark.parametrize(
    ("change", "there", "fields"),
    [
        ({"campus": "Huye"}, CORRECTED, "Notes"),
        ({"phone": ""}, THERE, "PrimaryPhone"),
        ({"campus": ""}, CORRECTED, "Notes"),
        ({"last_name": "Mugabo"}, as_customer(ALINE, FamilyName="M."), "GivenName FamilyName"),
        ({}, CORRECTED, "Notes"),
    ],
)
def test_every_field_that_differs_waits_then(change, there, fields):
    person = TOLD._replace(sync_token="3", **change)

    row = the_row(Case((person,), (there,), (SENT,)))

    assert row.action == "hold"
    assert set(fields.split()) <= set(row.fields.split())


def test_what_quickbooks_has_already_is_learnt_and_then_the_log_is_believed_again():
    same = PHONE._replace(phone="0788 555")
    case = Case((same,), (THERE._replace(sync_token="3"),), (SENT,))

    row = the_row(case)

    assert row.action == "adopt"
    assert {"PrimaryPhone", "Notes"} <= payload_of(row).keys()
    log = (SENT, after(row, "adopted", sync_token="3"))
    assert plan(case._replace(log=log)) == []
    now = the_row(case._replace(people=(same._replace(phone="2"),), log=log))
    assert now.action == "update"


def test_a_name_that_was_sent_since_waits_even_where_only_its_parts_differ():
    there = as_customer(ALINE, GivenName="Aline Uwera", FamilyName="")

    row = the_row(Case((TOLD._replace(sync_token="3"),), (there,), (SENT,)))

    assert row.reason.startswith("the name differs")


def test_a_line_that_nobody_has_any_more_is_learnt_then():
    person = TOLD._replace(campus="", sync_token="3")
    case = Case((person,), (REMOVED._replace(sync_token="3"),), (SENT,))

    log = (SENT, after(the_row(case), "adopted", sync_token="3"))

    again = case._replace(names=(CORRECTED._replace(sync_token="3"),), log=log)
    assert plan(again) == []


@pytest.mark.parametrize(("there", "action"), [("", "adopt"), ("By hand", "hold")])
def test_a_custom_field_that_the_mis_emptied_is_compared_too(there, action):
    budget = custom_fields.budget("both", {"Campus": "11"})
    person = TOLD._replace(campus="", sync_token="3")
    shown = as_customer(person, CustomField=[definitions.text("11", there)] if there else [])
    log = SENT._replace(sent=digests.of(fields_of(ALINE, budget=budget)))

    row = the_row(Case((person,), (shown,), (log,), asked=Asked(NOW, budget)))

    sent = definitions.texts(payload_of(row)["CustomField"])
    assert (row.action, sent) == (action, {"11": ""})


def test_a_success_without_a_token_leaves_the_one_that_is_known():
    update = pushed(ALINE, "recovered", "update", {"PrimaryPhone": FRESH})

    assert history_of(SENT, update).of(mark_of(ALINE)).sync_token == "0"


def test_a_customer_that_is_gone_is_still_known_to_have_been_there():
    row = the_row(Case((PHONE,), (), (SENT,)))

    assert row.reason.startswith("was in QuickBooks as 55, which is gone")
