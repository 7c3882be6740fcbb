"""The plan's truth table: what is there, what the log knows, what the MIS says; who decides."""

from __future__ import annotations

import json

import pytest

from src.kit.errors import Refused
from src.kit.plans import row_id
from src.mis import deciding, keys
from src.mis.deciding import WAITS
from src.mis.payload import FAMILY, GIVEN
from src.mis.planning import Asked
from src.mis.records import Named
from tests.mis.persons import (
    NOTES_ONLY,
    NOW,
    Case,
    applicant,
    as_customer,
    fields_of,
    is_checked,
    mark_of,
    named_as,
    payload_of,
    plan,
    planner_of,
    pushed,
    somebody,
    student,
    synced,
    the_row,
)

ALINE = applicant("7")
OURS = as_customer(ALINE)
TOLD = synced(ALINE)
SENT = pushed(ALINE)
WHO = ("Applicant", "7")
OURS_TEXT = fields_of(ALINE)["Notes"]
FRESH = {"FreeFormNumber": "0722 111 111"}


def outcome(*people, names=(), log=(), decided=None) -> str:
    """Return what is planned: `action: fields`, or `unchanged`."""
    rows = plan(Case(people, tuple(names), tuple(log), decided or {}))
    return "; ".join(f"{row.action}: {row.fields}" for row in rows) or "unchanged"


# --- who is there ---------------------------------------------------------------------


def test_who_is_nowhere_is_created():
    row = the_row(Case((ALINE,)))

    assert (row.action, row.display_name, row.rule) == ("create", "Aline Uwera", "real name")
    assert payload_of(row) == fields_of(ALINE)
    assert (row.key, row.before, row.quickbooks_id) == (mark_of(ALINE), "", "")


@pytest.mark.parametrize("status", ["", "0", "2", "3", "x"])
def test_whoever_the_mis_does_not_call_synchronized_is_created(status):
    assert the_row(Case((ALINE._replace(status=status),))).action == "create"


def test_who_is_there_as_the_mis_says_needs_nothing():
    assert outcome(TOLD, names=[OURS], log=[SENT]) == "unchanged"


def test_defect_8_already_synchronized_is_counted_as_unchanged_and_fails_nobody():
    planner = planner_of(Case((TOLD,), (OURS,), (SENT,)))

    assert list(planner.rows([TOLD])) == []
    assert (planner.tally.read, planner.tally.unchanged, planner.tally.held) == (1, 1, 0)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (ALINE, "is in QuickBooks as 55, and the MIS does not say so"),
        (TOLD._replace(status="2"), "is in QuickBooks as 55, and the MIS does not say so"),
        (TOLD._replace(status="3"), "is in QuickBooks as 55, and the MIS does not say so"),
        (synced(ALINE, "99"), "is in QuickBooks as 55, and the MIS has another id"),
        (synced(ALINE, ""), "is in QuickBooks as 55, and the MIS has another id"),
        (synced(ALINE, sync_token="4"), "QuickBooks has a newer SyncToken than the MIS"),
    ],
)
def test_who_is_there_and_the_mis_does_not_know_is_adopted_and_nothing_is_sent(told, reason):
    row = the_row(Case((told,), (OURS,), (SENT,)))

    assert (row.action, row.payload, row.fields, row.reason) == ("adopt", "", "", reason)
    assert (row.quickbooks_id, row.sync_token, row.key) == ("55", "0", mark_of(ALINE))
    assert (row.display_name, row.rule) == ("Aline Uwera", "kept")


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        (ALINE, "is in QuickBooks as 55, and the MIS does not say so"),
        (TOLD, "QuickBooks has what the MIS says, and the log does not know it; nothing is sent"),
    ],
)
def test_with_the_log_deleted_the_mark_is_the_truth_and_the_log_learns_what_is_there(
    person, reason
):
    row = the_row(Case((person,), (OURS,)))

    assert (row.action, row.reason, row.key) == ("adopt", reason, mark_of(ALINE))
    assert row.fields == "GivenName FamilyName PrimaryPhone PrimaryEmailAddr Notes"
    learnt = pushed(ALINE, "adopted", "adopt", payload_of(row))
    assert outcome(TOLD, names=[OURS], log=[learnt]) == "unchanged"
    assert outcome(TOLD._replace(phone="1"), names=[OURS], log=[learnt]) == "update: PrimaryPhone"
    assert outcome(TOLD._replace(last_name="x"), names=[OURS], log=[learnt]) == (
        "update: DisplayName GivenName FamilyName"
    )


@pytest.mark.parametrize(("person", "expected"), [(ALINE, "adopt: "), (TOLD, "unchanged")])
def test_an_inactive_customer_of_ours_is_told_to_the_mis_and_sent_nothing(person, expected):
    inactive = as_customer(ALINE, active="no")
    changed = person._replace(phone="1")

    assert outcome(changed, names=[inactive], log=[SENT]) == expected


def test_that_a_customer_is_inactive_is_said():
    row = the_row(Case((ALINE,), (as_customer(ALINE, active="no"),)))

    assert row.reason == "customer 55 is inactive in QuickBooks; nothing is sent to it"


def test_the_same_mark_on_several_customers_is_for_a_person():
    row = the_row(Case((ALINE,), (OURS, as_customer(ALINE, "56", DisplayName="Copy"))))

    assert (row.action, row.payload, row.key) == ("hold", "", "")
    assert row.reason.startswith("customers 55, 56 have this person's mark")


def test_an_applicant_and_a_student_are_two_customers_even_of_one_number():
    rows = plan(Case((applicant("7"), student("7", identifier="7"))))

    assert [row.action for row in rows] == ["create", "create"]
    assert len({row.key for row in rows}) == len({row.row for row in rows}) == 2


# --- what changed ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"phone": "1"}, "PrimaryPhone"),
        ({"email": "a@b.rw"}, "PrimaryEmailAddr"),
        ({"campus": "Huye"}, "Notes"),
        ({"national_id": "2"}, "Notes"),
        ({"phone": "1", "campus": "Huye"}, "PrimaryPhone Notes"),
        ({"last_name": "Mugabo"}, "DisplayName GivenName FamilyName"),
        ({"first_name": "Aline Uwera", "last_name": ""}, "GivenName FamilyName"),
    ],
)
def test_what_the_mis_changed_since_it_was_sent_is_updated_and_nothing_else(change, fields):
    row = the_row(Case((TOLD._replace(**change),), (OURS,), (SENT,)))

    assert (row.action, row.fields) == ("update", fields)
    assert list(payload_of(row)) == list(json.loads(row.before)) == fields.split()
    assert row.key == keys.update_key(mark_of(ALINE), "0", row.payload)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"phone": "1"}, "PrimaryPhone"),
        ({"campus": "Huye", "national_id": "2"}, "Notes (NationalID, Campus)"),
        ({"phone": "1", "campus": ""}, "PrimaryPhone, Notes (Campus)"),
        ({"last_name": "Mugabo"}, "DisplayName, GivenName, FamilyName"),
    ],
)
def test_the_reason_names_what_changed_and_no_value(change, told):
    row = the_row(Case((TOLD._replace(**change),), (OURS,), (SENT,)))

    assert row.reason == f"changed in the MIS since it was sent: {told}"


@pytest.mark.parametrize(
    ("change", "sent"),
    [
        ({"phone": ""}, {"PrimaryPhone": {"FreeFormNumber": ""}}),
        ({"email": ""}, {"PrimaryEmailAddr": {"Address": ""}}),
        (
            {"last_name": ""},
            {"DisplayName": "Aline", GIVEN: "Aline", FAMILY: ""},
        ),
    ],
)
def test_what_the_mis_emptied_is_sent_empty_so_that_quickbooks_clears_it(change, sent):
    row = the_row(Case((TOLD._replace(**change),), (OURS,), (SENT,)))

    assert payload_of(row) == sent


def test_a_name_that_vanished_from_the_mis_stays_in_quickbooks():
    nameless = TOLD._replace(first_name="", last_name="")

    assert outcome(nameless, names=[OURS], log=[SENT]) == "unchanged"


@pytest.mark.parametrize("change", [{"email": "no address"}, {"phone": "x" * 31}])
def test_what_cannot_be_sent_does_not_clear_what_is_there(change):
    assert outcome(TOLD._replace(**change), names=[OURS], log=[SENT]) == "unchanged"


def test_what_people_changed_in_quickbooks_stays_if_the_mis_did_not_change_it():
    edited = as_customer(ALINE, PrimaryPhone=FRESH, DisplayName="Aline (VIP)", GivenName="A.")

    assert outcome(TOLD, names=[edited], log=[SENT]) == "unchanged"
    assert outcome(TOLD._replace(campus="Huye"), names=[edited], log=[SENT]) == "update: Notes"


def test_what_both_changed_is_the_mis_s_and_the_plan_shows_what_was_there():
    edited = as_customer(ALINE, PrimaryPhone=FRESH)

    row = the_row(Case((TOLD._replace(phone="1"),), (edited,), (SENT,)))

    assert payload_of(row) == {"PrimaryPhone": {"FreeFormNumber": "1"}}
    assert json.loads(row.before) == {"PrimaryPhone": FRESH}


def test_what_both_changed_to_the_same_is_not_sent_and_stays_when_people_change_it_again():
    person = TOLD._replace(phone="1")
    same = {"PrimaryPhone": {"FreeFormNumber": "1"}}

    row = the_row(Case((person,), (as_customer(ALINE, **same),), (SENT,)))

    assert (row.action, payload_of(row)) == ("adopt", same)
    log = [SENT, pushed(ALINE, "adopted", "adopt", same)]
    assert outcome(person, names=[as_customer(ALINE, PrimaryPhone=FRESH)], log=log) == "unchanged"


def test_what_both_changed_to_the_same_goes_along_with_what_is_sent():
    person = TOLD._replace(phone="1", campus="Huye")
    there = as_customer(ALINE, PrimaryPhone={"FreeFormNumber": "1"})

    row = the_row(Case((person,), (there,), (SENT,)))

    assert (row.action, row.fields) == ("update", "PrimaryPhone Notes")
    assert json.loads(row.before)["PrimaryPhone"] == payload_of(row)["PrimaryPhone"]
    assert row.reason.endswith(": Notes (Campus)")


def test_a_marriage_that_people_entered_on_both_sides_is_known_from_then_on():
    both = {"FamilyName": "Mugabo", "DisplayName": "Aline Mugabo"}
    there = as_customer(ALINE, **both)
    person = TOLD._replace(last_name="Mugabo")

    row = the_row(Case((person,), (there,), (SENT,)))

    assert (row.action, row.fields) == ("adopt", "GivenName FamilyName")
    log = [SENT, pushed(ALINE, "adopted", "adopt", payload_of(row))]
    assert outcome(person, names=[there], log=log) == "unchanged"


def test_an_update_of_whom_the_mis_does_not_know_is_an_update_that_adopts():
    assert outcome(ALINE._replace(phone="1"), names=[OURS], log=[SENT]) == "update: PrimaryPhone"


def test_people_s_lines_in_notes_are_sent_back_as_they_stand():
    text = f"Owes a book\n{fields_of(ALINE)['Notes']}\nCall later"
    there = as_customer(ALINE, Notes=text)

    row = the_row(Case((TOLD._replace(campus="Huye"),), (there,), (SENT,)))

    assert payload_of(row)["Notes"] == text.replace("Campus=Kigali", "Campus=Huye")
    assert json.loads(row.before)["Notes"] == text


def test_a_value_that_people_s_lines_leave_no_room_for_is_noted():
    text = "x" * 1500 + "\n" + fields_of(ALINE)["Notes"]
    longer = TOLD._replace(program="p" * 400)

    row = the_row(Case((longer,), (as_customer(ALINE, Notes=text),), (SENT,)))

    assert row.notes == "values cut beside people's lines: Program"
    assert len(payload_of(row)["Notes"]) == 2000


def test_a_value_that_was_cut_beside_people_s_lines_is_not_sent_again():
    text = "x" * 1500 + "\n" + OURS_TEXT
    longer = TOLD._replace(program="p" * 400)
    row = the_row(Case((longer,), (as_customer(ALINE, Notes=text),), (SENT,)))

    there = as_customer(ALINE, **payload_of(row))
    log = (SENT, pushed(ALINE, "updated", "update", payload_of(row)))

    assert plan(Case((longer,), (there,), log)) == []


# --- another real name ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "others", "expected"),
    [
        ("Aline Uwera", [], "Aline Mugabo"),
        ("Aline Uwera (7)", [], "Aline Mugabo"),
        ("Aline Uwera (7)", ["ALINE MUGABO"], "Aline Mugabo (7)"),
        ("Aline Mugabo", [], None),
        ("aline mugabo", [], "Aline Mugabo"),
    ],
)
def test_a_marriage_is_noticed_whatever_suffix_the_customer_has(now, others, expected):
    there = as_customer(ALINE, DisplayName=now)
    names = [there, *(somebody(name, "12", "Vendor") for name in others)]

    row = the_row(Case((TOLD._replace(last_name="Mugabo"),), tuple(names), (SENT,)))

    assert payload_of(row).get("DisplayName") == expected
    assert payload_of(row)[FAMILY] == "Mugabo"


def test_a_suffix_alone_is_no_reason_for_an_update():
    there = as_customer(ALINE, DisplayName="Aline Uwera (7)")

    assert outcome(TOLD, names=[there], log=[SENT]) == "unchanged"


# --- nobody knows what was sent -------------------------------------------------------


ALL = "GivenName FamilyName PrimaryPhone PrimaryEmailAddr Notes"


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        ({"PrimaryPhone": FRESH}, "hold: PrimaryPhone"),
        ({"PrimaryEmailAddr": {"Address": "x@y.rw"}}, "hold: PrimaryEmailAddr"),
        ({"GivenName": "A.", "DisplayName": "A."}, "hold: DisplayName GivenName FamilyName"),
        ({"GivenName": "A."}, "adopt: PrimaryPhone PrimaryEmailAddr Notes"),
        ({"DisplayName": "Aline (VIP)"}, f"adopt: {ALL}"),
        ({"Notes": f"Hello\n{OURS_TEXT}"}, f"adopt: {ALL}"),
    ],
)
def test_with_the_log_deleted_what_differs_is_for_a_person(there, expected):
    assert outcome(TOLD, names=[as_customer(ALINE, **there)]) == expected


def test_the_question_says_what_approving_and_skipping_does():
    row = the_row(Case((TOLD,), (as_customer(ALINE, PrimaryPhone=FRESH),)))

    assert row.reason == (
        "PrimaryPhone differs from QuickBooks and nobody knows who changed it; approve to "
        "send the MIS's values, skip to leave QuickBooks as it is"
    )
    assert payload_of(row) == {"PrimaryPhone": {"FreeFormNumber": ALINE.phone}}
    assert row.key == keys.update_key(mark_of(ALINE), "0", row.payload)


def test_with_the_log_deleted_nothing_in_the_mis_contradicts_nothing():
    empty = TOLD._replace(phone="", email="bad")

    assert outcome(empty, names=[OURS]) == "adopt: GivenName FamilyName Notes"


def test_with_the_log_deleted_nothing_agrees_with_nothing():
    there = as_customer(ALINE, PrimaryPhone=None)

    row = the_row(Case((TOLD._replace(phone=""),), (there,)))

    assert payload_of(row)["PrimaryPhone"] == {"FreeFormNumber": ""}


def test_a_field_that_was_sent_since_is_known_again():
    phone = pushed(ALINE, "updated", "hold", {"PrimaryPhone": {"FreeFormNumber": ALINE.phone}})

    row = the_row(Case((TOLD._replace(phone="1"),), (OURS,), (phone,)))
    assert (row.action, row.reason[-12:]) == ("update", "PrimaryPhone")
    edited = as_customer(ALINE, PrimaryEmailAddr={"Address": "x@y.rw"})
    assert outcome(TOLD, names=[edited], log=[phone]) == "hold: PrimaryEmailAddr"


# --- customers of an earlier tool -----------------------------------------------------


EARLIER = synced(applicant("7"), "91")


@pytest.mark.parametrize(
    "name", ["Aline Uwera", " ALINE  uwera", "AP-7 - Applicant", "Aline (7)", "ap-7"]
)
def test_a_customer_that_the_mis_names_becomes_ours_if_its_name_agrees(name):
    row = the_row(Case((EARLIER,), (somebody(name, "91"),)))

    assert (row.action, row.quickbooks_id) == ("link", "91")
    assert mark_of(EARLIER) in payload_of(row)["Notes"]
    assert "DisplayName" not in payload_of(row)
    assert row.key == keys.update_key(mark_of(EARLIER), "0", row.payload)


@pytest.mark.parametrize(
    "name", ["Acme Ltd", "Unit 77", "AP-71", "Aline", "7", "Apartment 7"]
)
def test_a_customer_that_the_mis_names_and_has_another_name_is_for_a_person(name):
    row = the_row(Case((EARLIER,), (somebody(name, "91"),)))

    assert (row.action, row.quickbooks_id) == ("hold", "91")
    assert "customer 91, which has another name; approve if it is" in row.reason
    assert mark_of(EARLIER) in payload_of(row)["Notes"]


def test_what_a_linked_customer_has_stays_unless_the_mis_has_it_too():
    there = somebody(
        "Aline Uwera",
        "91",
        Notes="Good payer",
        GivenName="A.",
        PrimaryPhone=FRESH,
        PrimaryEmailAddr={"Address": "x@y.rw"},
    )

    row = the_row(Case((EARLIER._replace(email=""),), (there,)))

    sent = payload_of(row)
    assert list(sent) == ["PrimaryPhone", "Notes"]
    assert sent["Notes"] == f"Good payer\n{fields_of(EARLIER)['Notes']}"
    assert json.loads(row.before) == {"PrimaryPhone": FRESH, "Notes": "Good payer"}


@pytest.mark.parametrize(
    ("typed", "lost"),
    [
        ({"PrimaryPhone": {"FreeFormNumber": "0788 111"}}, "PrimaryPhone"),
        ({"PrimaryEmailAddr": {"Address": "by@hand.rw"}}, "PrimaryEmailAddr"),
        ({"Notes": "pays late\nCampus=BY HAND"}, "Notes.Campus"),
    ],
)
def test_a_link_that_would_replace_what_people_typed_waits(typed, lost):
    row = the_row(Case((EARLIER,), (somebody("Aline Uwera", "91", **typed),)))

    assert (row.action, deciding.verdict(row).where) == ("hold", WAITS)
    assert f"; {lost} would be replaced there: approve that" in row.reason
    assert deciding.verdict(row._replace(decision="approve")).where == deciding.GOES


def test_names_that_a_linked_customer_lacks_are_filled():
    row = the_row(Case((EARLIER,), (somebody("AP-7", "91"),)))

    assert (payload_of(row)[GIVEN], payload_of(row)[FAMILY]) == ("Aline", "Uwera")


def after_link(row, person, there):
    """Return the case after a link was carried out."""
    content = {**json.loads(there.content), **payload_of(row)}
    linked = Named(*there[:4], mark_of(person), "1", json.dumps(content))
    log = pushed(person, "linked", "link", payload_of(row), quickbooks_id=there.id)
    return Case((person._replace(sync_token="1"),), (linked,), (log,))


@pytest.mark.parametrize("given", [{}, {"GivenName": "Aline", "FamilyName": "Uwera"}])
def test_who_was_linked_needs_nothing_more_until_the_mis_changes_something(given):
    there = somebody("AP-7", "91", PrimaryPhone=FRESH, **given)

    case = after_link(the_row(Case((EARLIER,), (there,))), EARLIER, there)

    assert plan(case) == []
    edited = case._replace(people=(case.people[0]._replace(email=""),))
    assert the_row(edited).fields == "PrimaryEmailAddr"


@pytest.mark.parametrize(
    ("there", "reason"),
    [
        (as_customer(student("9"), "91"), "customer 91 has the mark of another person"),
        (somebody("Aline Uwera", "91", Notes="Carryover=kabc"), "customer 91 has the mark of"),
        (somebody("Aline Uwera", "91", active="no"), "customer 91 is inactive; make it active"),
    ],
)
def test_a_customer_that_cannot_become_the_person_s_is_not_touched(there, reason):
    row = the_row(Case((EARLIER,), (there,)))

    assert (row.action, row.quickbooks_id) == ("hold", "")
    assert row.reason.startswith(reason)
    assert row.reason.endswith("approve to create another customer")
    assert row.key == mark_of(EARLIER)


def test_one_customer_of_two_persons_is_the_first_one_s():
    rows = plan(Case((EARLIER, synced(student("7"), "91")), (somebody("Aline Uwera", "91"),)))

    assert [row.action for row in rows] == ["link", "hold"]
    assert rows[1].reason.startswith("customer 91 is to be Applicant 7;")


def test_notes_that_people_filled_cannot_take_the_mark():
    row = the_row(Case((EARLIER,), (somebody("Aline Uwera", "91", Notes="x" * 1990),)))

    assert (row.action, row.payload) == ("hold", "")
    assert row.reason == "the Notes of customer 91 are full; shorten what people wrote there"


def test_a_vendor_with_the_id_of_a_customer_is_not_the_customer():
    row = the_row(Case((EARLIER,), (somebody("Aline Uwera", "91", "Vendor"),)))

    assert (row.action, row.taken_by) == ("hold", "Vendor 91")


# --- gone -----------------------------------------------------------------------------


def test_who_was_created_and_is_nowhere_is_never_created_again_by_itself():
    row = the_row(Case((TOLD,), (), (SENT,)))

    assert (row.action, row.key) == ("hold", mark_of(ALINE))
    assert row.reason.startswith("was in QuickBooks as 55, which is gone, merged perhaps;")
    assert payload_of(row) == fields_of(ALINE)


def test_whose_notes_were_emptied_is_pointed_to_the_customer():
    row = the_row(Case((TOLD,), (somebody("Aline Uwera", "55"),), (SENT,)))

    assert row.action == "hold"
    assert "was in QuickBooks as 55, which has no mark" in row.reason
    assert "link:55 to mark it again" in row.reason


@pytest.mark.parametrize("outcome_", ["removed", "absent"])
def test_who_was_found_to_be_gone_is_created(outcome_):
    log = (SENT, pushed(ALINE, outcome_))

    assert the_row(Case((ALINE,), (), log)).action == "create"


def test_whoever_is_in_doubt_is_created_and_the_reason_says_that_it_is_looked_for_first():
    row = the_row(Case((ALINE,), (), (pushed(ALINE, "in_doubt"),)))

    assert (row.action, row.key) == ("create", mark_of(ALINE))
    assert row.reason.startswith("nobody knows whether it arrived")


def test_whom_the_mis_calls_synchronized_and_quickbooks_lacks_is_for_a_person():
    row = the_row(Case((TOLD,)))

    assert (row.action, row.quickbooks_id, row.key) == ("hold", "", mark_of(ALINE))
    assert "customer 55, which this company does not have; approve to create it" in row.reason


def test_whom_the_mis_calls_synchronized_without_an_id_is_for_a_person():
    row = the_row(Case((synced(ALINE, ""),)))

    assert row.action == "hold"
    assert "not as which customer" in row.reason


@pytest.mark.parametrize(
    ("missing", "there", "is_refused"),
    [(20, 0, False), (21, 0, True), (21, 84, False), (21, 83, True)],
)
def test_many_customers_that_are_not_there_mean_another_company(missing, there, is_refused):
    gone = [synced(applicant(str(n)), str(n)) for n in range(1, missing + 1)]
    found = [synced(student(str(n)), str(1000 + n)) for n in range(1, there + 1)]
    names = [as_customer(p, p.quickbooks_id, DisplayName=f"x{p.mis_id}") for p in found]
    case = Case((*gone, *found), tuple(names), tuple(map(pushed, found)))

    if is_refused:
        with pytest.raises(Refused, match="is QBO_REALM_ID right.*--force"):
            plan(case)
    else:
        assert len(plan(case)) == missing


def test_the_brake_can_be_let_pass():
    gone = tuple(synced(applicant(str(n)), str(n)) for n in range(1, 40))
    asked = Asked(NOW, NOTES_ONLY, is_forced=True)

    assert {row.action for row in plan(Case(gone, asked=asked))} == {"hold"}


# --- leases ---------------------------------------------------------------------------


LATER, EARLIER_ON = "2026-11-21T20:10:00.000000+00:00", "2026-11-21T19:59:00.000000+00:00"


@pytest.mark.parametrize(
    ("status", "owner", "until", "expected"),
    [
        ("3", "run-9@ffffffff", LATER, "hold"),
        ("3", "run-9", LATER, "hold"),
        ("3", "", LATER, "hold"),
        ("3", "run-9@ffffffff", EARLIER_ON, "create"),
        ("3", "run-9@1a2b3c4d", LATER, "create"),
        ("3", "run-9@ffffffff", "", "create"),
        ("0", "run-9@ffffffff", LATER, "create"),
    ],
)
def test_whom_another_run_has_in_hand_waits_until_the_lease_is_over(status, owner, until, expected):
    leased = ALINE._replace(status=status, leased_by=owner, leased_until=until)

    assert the_row(Case((leased,))).action == expected


def test_defect_2_whoever_is_stuck_in_progress_without_a_lease_is_planned():
    assert the_row(Case((ALINE._replace(status="3"),))).action == "create"


def test_a_lease_says_whose_it_is_and_keeps_the_name():
    leased = ALINE._replace(status="3", leased_by="run-9@ffffffff", leased_until=LATER)

    rows = plan(Case((leased, applicant("8"))))

    assert rows[0].reason == "another run has it until 2026-11-21T20:10 UTC: run-9@ffffffff"
    assert (rows[0].payload, rows[1].display_name) == ("", "Aline Uwera (8)")


# --- decisions ------------------------------------------------------------------------


def linked(to: str, *names, person=ALINE, log=()):
    case = Case((person,), names, log, {(person.type, person.mis_id): f"link:{to}"})
    return the_row(case)


def test_a_person_may_say_which_customer_it_is():
    row = linked("91", somebody("Acme Ltd", "91", Notes="Hello"))

    assert (row.action, row.quickbooks_id, row.decision) == ("link", "91", "link:91")
    assert payload_of(row)["Notes"].startswith("Hello\nCustomerType=")


def test_a_person_may_mark_a_customer_again_whose_notes_were_emptied():
    row = linked("55", somebody("Aline Uwera", "55"), person=TOLD, log=(SENT,))

    assert (row.action, row.quickbooks_id) == ("link", "55")


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        ((), "data/qbo_names.csv has no customer 91; correct the decision, or run"),
        ((somebody("Acme", "91", "Vendor"),), "data/qbo_names.csv has no customer 91;"),
        ((as_customer(student("9"), "91"),), "customer 91 has the mark of another person"),
        ((somebody("Acme", "91", active="no"),), "customer 91 is inactive; make it active"),
        ((somebody("Acme", "91", Notes="x" * 1990),), "the Notes of customer 91 are full;"),
    ],
)
def test_a_link_that_cannot_be_is_held_with_the_reason(names, reason):
    row = linked("91", *names)

    assert (row.action, row.decision) == ("hold", "link:91")
    assert row.reason.startswith(reason)


CLAIMED = somebody("Aline Uwera", "91")


@pytest.mark.parametrize(
    "names",
    [
        (),
        (as_customer(student("9"), "91"),),
        (somebody("Acme", "91", Notes="Carryover=kabc"),),
        (somebody("Acme", "91", active="no"),),
    ],
)
def test_a_link_that_cannot_be_has_nothing_that_could_be_approved_of(names):
    row = linked("91", *names)

    assert {row.payload, row.fields, row.before, row.key, row.quickbooks_id} == {""}
    verdict = deciding.verdict(row._replace(decision="approve"))
    assert (verdict.where, verdict.is_understood) == (WAITS, True)
    assert verdict.reason == f"there is nothing to approve of; {row.reason}"


def test_a_link_to_a_customer_that_somebody_else_is_to_be_cannot_be_approved_of():
    both = {WHO: "link:91", ("Student", "7"): "link:91"}
    rows = plan(Case((ALINE, student("7")), (CLAIMED,), (), both))

    assert [row.action for row in rows] == ["link", "hold"]
    assert (rows[1].payload, rows[1].key) == ("", "")
    assert rows[1].reason == "customer 91 is to be Applicant 7; correct the decision"


def test_whoever_a_customer_is_to_be_is_called_by_the_identifier():
    both = {("Student", "7"): "link:91", ("Student", "8"): "link:91"}
    rows = plan(Case((student("7"), student("8")), (CLAIMED,), (), both))

    assert rows[1].reason.startswith("customer 91 is to be Student 24/0007;")


def test_two_students_of_one_number_are_not_one_customer():
    both = {("Student", "7"): "link:91", ("Student", "8"): "link:91"}
    people = (student("7", identifier="24/1"), student("8", identifier="24/1"))

    rows = plan(Case(people, (CLAIMED,), (), both))

    assert [row.action for row in rows] == ["link", "hold"]


def test_whoever_waits_for_a_better_link_keeps_the_name():
    rows = plan(Case((ALINE, applicant("8")), decided={WHO: "link:91"}))

    assert [row.display_name for row in rows] == ["Aline Uwera", "Aline Uwera (8)"]


def test_a_decision_that_was_carried_out_is_no_news():
    done = pushed(ALINE, "linked", "link", quickbooks_id="55")
    case = Case((TOLD,), (OURS,), (done,), {WHO: "link:55"})
    planner = planner_of(case)

    assert list(planner.rows(case.people)) == []
    earlier = the_row(Case((ALINE,)))._replace(decision="link: '55")
    assert planner.is_settled(earlier)
    assert not planner.is_settled(earlier._replace(decision="skip"))


def test_a_decision_about_somebody_who_is_planned_as_before_is_not_settled():
    case = Case((TOLD,), (), (SENT,), {WHO: "approve"})
    planner = planner_of(case)
    (row,) = planner.rows(case.people)

    assert not planner.is_settled(row._replace(decision="approve"))


# --- the rows -------------------------------------------------------------------------


def test_a_row_is_called_by_the_person_and_not_by_what_is_planned():
    rows = [the_row(Case((ALINE,))), the_row(Case((ALINE,), (OURS,)))]

    assert {row.row for row in rows} == {row_id("Applicant|7")}


def test_every_row_says_why_in_a_sentence():
    people = (ALINE, synced(applicant("8"), "99"), student("9"))
    rows = plan(Case(people, (as_customer(student("9"), "60"),)))

    assert all(row.reason and is_checked(row) for row in rows)
    assert [row.action for row in rows] == ["create", "hold", "adopt"]


def test_a_line_that_stands_twice_in_the_file_is_one_person():
    planner = planner_of(Case((ALINE, ALINE)))

    assert len(list(planner.rows([ALINE, ALINE]))) == 1
    assert (planner.tally.read, planner.tally.repeated) == (2, 1)


def test_customers_with_the_mark_of_nobody_are_counted():
    planner = planner_of(Case((TOLD,), (OURS, as_customer(student("9"), "60")), (SENT,)))
    list(planner.rows([TOLD]))

    assert planner.tally.strangers == 1
    assert planner.tally.warnings == [
        "1 customer(s) have the mark of nobody in data/mis_customers.csv; were they taken "
        "out of the MIS?"
    ]


def test_content_that_somebody_broke_stops_the_plan_with_a_way_out():
    broken = OURS._replace(content="{")

    with pytest.raises(Refused, match='Customer 55: its `content`.*run "make mis-fetch" again'):
        plan(Case((TOLD._replace(phone="1"),), (broken,), (SENT,)))


def test_names_and_numbers_of_a_person_are_in_the_row():
    person = student("9", **named_as("Eric Habimana"))

    row = the_row(Case((person,)))

    assert (row.type, row.mis_id, row.identifier) == ("Student", "9", "24/0009")
    assert (row.name, row.decision, row.row_check) == ("Eric Habimana", "", "")
