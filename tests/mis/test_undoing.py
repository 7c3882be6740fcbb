"""Changes of customers taken back: once each, and only where nobody has edited them."""

from __future__ import annotations

import json

import pytest

from src.kit import receipts
from src.kit.errors import NOTHING_DONE, OK, SOME_ROWS_FAILED, STOPPED_EARLY
from src.mis.records import PLAN, RUNLOG
from src.office import undoable
from src.office.mis_application import Side
from tests.desk import Desk
from tests.mis.reversing import PHONE, active, edit, last_run, prepared, take_back
from tests.mis.school import CANARY, School, create, link, mark_of, people, person, update

EMAIL = {"PrimaryEmailAddr": {"Address": "a@b.rw"}}


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> dict[str, School]:
    """Return schools by what their last push did; tests begin where these are."""

    def new(name: str) -> Desk:
        return Desk(tmp_path_factory.mktemp(name) / "desk")

    made = School(new("made"))
    prepared(made)
    changed = made.copied(new("changed"))
    there = changed.customer("Aline Uwera2")
    changed.plan(update(person(2), there, {**PHONE, **EMAIL}))
    assert changed.push() == OK, changed.desk.out
    linked = School(new("linked"))
    linked.enrol(person(1))
    there = linked.write(DisplayName="Aline Uwera1", Notes="pays late")
    linked.plan(link(person(1), there))
    assert linked.push() == OK
    return {"made": made, "changed": changed, "linked": linked}


@pytest.fixture
def made(before: dict[str, School], desk: Desk) -> School:
    """Return a school whose three customers were created by the last push."""
    return before["made"].copied(desk)


@pytest.fixture
def changed(before: dict[str, School], desk: Desk) -> School:
    """Return a school of which the last push changed two fields of one customer."""
    return before["changed"].copied(desk)


@pytest.fixture
def linked(before: dict[str, School], desk: Desk) -> School:
    """Return a school whose last push made somebody's customer a person's."""
    return before["linked"].copied(desk)


# --- creates ------------------------------------------------------------------------------


def test_customers_that_a_run_made_become_inactive_and_the_mis_says_so(made):
    assert take_back(made) == OK, made.desk.err
    assert "3 to inactivate" in made.desk.out and "next: make mis-push" in made.desk.out

    assert made.push() == OK, made.desk.out

    assert active(made) == []
    assert made.statuses() == {"0": 3}
    assert all(raw.quickbooks_id for raw in made.raws().values())


def test_the_next_plan_holds_them_and_says_why(made):
    take_back(made)
    made.push()

    made.prepare()

    first = made.desk.rows(PLAN)[0]
    assert {row.action for row in made.desk.rows(PLAN)} == {"hold"}
    assert first.reason == (
        f"taken back by run {last_run(made)}; approve to make customer "
        f"{first.quickbooks_id} active again, skip to keep it out"
    )


def test_over_http_the_same_happens(changed, served):
    first = [r.run_id for r in receipts.read(changed.desk.logs) if r.door == "mis_push"][0]
    changed.sides = Side(changed.opened)

    for run_id in (last_run(changed), first):
        assert take_back(changed, run_id) == OK, changed.desk.err
        assert changed.push() == OK, changed.desk.out

    changed.reopen()
    assert active(changed) == [] and changed.statuses() == {"0": 3}
    assert "PrimaryPhone" not in changed.customer("Aline Uwera2 (deleted)")
    assert len(served.requests("/batch")) == 2


def test_unattended_nobody_comes_back(made):
    take_back(made)
    made.push()

    for _ in range(2):
        made.prepare()
        assert made.push() == SOME_ROWS_FAILED

    assert active(made) == [] and made.statuses() == {"0": 3}
    assert "3 read = 3 held" in made.desk.out


def test_whoever_is_approved_of_is_active_again_and_doubles_nobody(made):
    take_back(made)
    made.push()

    made.prepare()
    made.decide("approve")
    assert made.push() == OK

    assert active(made) == ["Aline Uwera1", "Aline Uwera2", "Aline Uwera3"]
    assert made.marks() == {mark_of(one): 1 for one in people(3)}
    assert made.statuses() == {"1": 3}
    made.prepare()
    assert made.desk.rows(PLAN) == [] and "not taken over" not in made.desk.out


def test_once_it_is_carried_out_the_judgement_is_over(made):
    take_back(made)
    made.push()
    approved(made)

    made.run_sql("UPDATE tbl_online_application SET phone1 = '0788555002' WHERE appl_Id = 2")
    made.prepare()

    assert [(row.action, row.fields) for row in made.desk.rows(PLAN)] == [
        ("update", "PrimaryPhone")
    ]


def test_while_it_could_not_be_carried_out_it_still_waits_as_decided(made):
    take_back(made)
    made.push()
    made.scenario("1,update Customer,200:6000")
    approved(made)
    assert len(active(made)) == 2

    made.scenario()
    made.prepare()

    [row] = made.desk.rows(PLAN)
    assert (row.action, row.decision) == ("hold", "approve")
    assert made.push() == OK and len(active(made)) == 3


def approved(school: School) -> int:
    """Plan, approve of whoever waits, and push."""
    school.prepare()
    school.decide("approve", action="hold")
    return school.push()


def test_a_second_undo_asks_again(made):
    for _ in range(2):
        take_back(made)
        made.push()
        approved(made)

    assert take_back(made) == OK and "3 to unlink" in made.desk.out
    made.push()
    made.prepare()

    rows = made.desk.rows(PLAN)
    assert active(made) == [] and {row.decision for row in rows} == {""}
    assert all(last_run(made) in row.reason for row in rows)


def test_whom_somebody_made_active_in_quickbooks_is_taken_as_it_is(made):
    take_back(made)
    made.push()
    edit(made, "Aline Uwera2 (deleted)", Active=True, DisplayName="Aline Uwera2")

    made.prepare()

    found = {row.mis_id: row.action for row in made.desk.rows(PLAN)}
    assert found == {"1": "hold", "2": "adopt", "3": "hold"}


def test_a_customer_whose_mark_is_gone_too_is_not_made_again_by_itself(made):
    take_back(made)
    made.push()
    edit(made, "Aline Uwera2 (deleted)", Notes="x")
    made.run_sql("UPDATE tbl_online_application SET quickbooks_id = NULL WHERE appl_Id = 2")

    made.prepare()

    [reason] = [row.reason for row in made.desk.rows(PLAN) if row.mis_id == "2"]
    assert reason.startswith("taken back by run ")
    assert reason.endswith("; approve to create it again, skip to keep it out")


def test_whoever_is_skipped_stays_out(made):
    take_back(made)
    made.push()
    made.prepare()
    made.decide("skip")

    made.push()
    made.prepare()

    assert active(made) == [] and {row.decision for row in made.desk.rows(PLAN)} == {"skip"}


def test_a_plan_of_names_from_before_the_undo_is_refused(made):
    run_id = last_run(made)
    made.prepare()
    take_back(made, run_id)
    made.push()

    assert made.plan_alone() == NOTHING_DONE

    assert "was fetched before 3 customer(s) were pushed" in made.desk.err


def test_a_customer_that_was_edited_stays_and_its_fields_are_named(made):
    edit(made, "Aline Uwera2", GivenName="Alina")

    assert take_back(made) == SOME_ROWS_FAILED

    assert "kept: Applicant" in made.desk.out
    assert "was edited in QuickBooks since: GivenName" in made.desk.out
    made.push()
    assert active(made) == ["Aline Uwera2"]


def test_a_customer_that_was_edited_after_the_undo_stays_and_counts_as_synced(made):
    take_back(made)
    edit(made, "Aline Uwera2", FamilyName="Other")

    assert made.push() == SOME_ROWS_FAILED

    assert active(made) == ["Aline Uwera2"]
    assert made.statuses() == {"0": 2, "1": 1}
    assert "it stays, undo the run again" in made.errors()[0].error
    assert "mis_push: 2 removed; 1 held\n" in made.desk.out
    assert "3 read = 2 out + 1 held\n" in made.desk.out
    assert "kept: Applicant 2 (customer" in made.desk.out


def test_a_name_that_an_inactive_customer_has_already_is_told_with_the_way_out(made):
    made.write(DisplayName="Aline Uwera2 (deleted)")
    run_id = last_run(made)
    take_back(made)
    assert made.push() == SOME_ROWS_FAILED
    assert "rename one of the two in QuickBooks, then undo" in made.errors()[0].error

    edit(made, "Aline Uwera2 (deleted)", DisplayName="Old")
    take_back(made, run_id)

    assert made.push() == OK and active(made) == ["Old"]


def test_a_customer_with_a_balance_stays(made):
    edit(made, "Aline Uwera1", Balance=12.5)
    run_id = last_run(made)
    _forget_token(made, "Aline Uwera1")

    take_back(made, run_id)

    assert "has a balance of 12.5" in made.desk.out


def _forget_token(school: School, name: str) -> None:
    """Let the log say that we made the last change of a customer."""
    there = school.customer(name)
    school.plan(update(person(1), there, PHONE))
    assert school.push() == OK


def test_a_later_change_of_ours_keeps_no_customer(changed):
    first = [r.run_id for r in receipts.read(changed.desk.logs) if r.door == "mis_push"][0]

    assert take_back(changed, first) == OK, changed.desk.out
    changed.push()

    assert active(changed) == []


def test_a_name_that_somebody_took_meanwhile_gets_a_suffix_when_it_comes_back(made):
    take_back(made)
    made.push()
    made.write(entity="Vendor", DisplayName="Aline Uwera2")

    assert approved(made) == OK, made.desk.out

    assert "Aline Uwera2 (2)" in active(made)


def test_who_was_taken_back_is_no_open_error_of_earlier_tries(made):
    take_back(made)
    made.scenario("1,update Customer,200:6000")
    made.push()
    assert len(made.errors()) == 1

    made.scenario()
    assert made.push() == OK

    assert made.errors() == [] and active(made) == []


def damage(school: School) -> None:
    """Leave a row in the log that nobody can read."""
    with open(school.desk.path(RUNLOG), "ab") as file:
        file.write(b"garbage\n")


def test_a_listing_finds_no_customer_in_what_was_taken_back(made):
    take_back(made)
    made.push()
    damage(made)

    made.push()
    made.enrol(person(9))
    made.plan(create(person(9)))
    damage(made)
    made.push()

    assert made.outcomes()["recovered"] == 0
    made.prepare()
    found = {row.mis_id: row.action for row in made.desk.rows(PLAN)}
    assert [found[one] for one in "123"] == ["hold"] * 3


def test_a_link_that_people_decided_on_is_still_decided(made):
    made.write(DisplayName="Somebody")
    made.enrol(person(9, "Somebody Else"))
    made.prepare()
    found = made.customer("Somebody")["Id"]
    made.decide(f"link:{found}", mis_id="9")
    take_back(made, last_run(made))

    made.prepare()

    assert made.desk.rows(PLAN)[-1].quickbooks_id == found


# --- updates ------------------------------------------------------------------------------


def test_changed_fields_get_what_they_had(changed):
    before = changed.customer("Aline Uwera2")

    assert take_back(changed) == OK, changed.desk.err
    assert changed.push() == OK

    there = changed.customer("Aline Uwera2")
    assert "PrimaryPhone" in before and "PrimaryPhone" not in there
    assert "PrimaryEmailAddr" not in there and there["Notes"] == before["Notes"]


def test_a_field_that_was_edited_stays_and_the_others_go_back(changed):
    edit(changed, "Aline Uwera2", PrimaryPhone={"FreeFormNumber": "0733"})

    assert take_back(changed) == SOME_ROWS_FAILED
    assert "changed in QuickBooks since: PrimaryPhone" in changed.desk.out
    changed.push()

    there = changed.customer("Aline Uwera2")
    assert there["PrimaryPhone"] == {"FreeFormNumber": "0733"}
    assert "PrimaryEmailAddr" not in there


def test_a_field_that_was_edited_after_the_undo_is_not_overwritten(changed):
    take_back(changed)
    edit(changed, "Aline Uwera2", PrimaryPhone={"FreeFormNumber": "0733"})

    assert changed.push() == SOME_ROWS_FAILED

    assert changed.customer("Aline Uwera2")["PrimaryPhone"] == {"FreeFormNumber": "0733"}
    assert "changed in QuickBooks since it was planned: PrimaryPhone" in changed.errors()[0].error
    assert changed.statuses() == {"1": 3} and "1 read = 1 held\n" in changed.desk.out


def test_an_edit_of_another_field_does_not_matter(changed):
    take_back(changed)
    edit(changed, "Aline Uwera2", CompanyName="Somebody")

    assert changed.push() == OK

    there = changed.customer("Aline Uwera2")
    assert there["CompanyName"] == "Somebody" and "PrimaryPhone" not in there


def test_what_was_taken_back_stays_until_the_mis_changes_it(school):
    prepared(school)
    school.run_sql("UPDATE tbl_online_application SET phone1 = '0788555001' WHERE appl_Id = 2")
    school.prepare()
    school.push()
    take_back(school)
    school.push()

    school.prepare()
    assert school.desk.rows(PLAN) == []
    school.run_sql("UPDATE tbl_online_application SET phone1 = '0788555002' WHERE appl_Id = 2")
    school.prepare()

    assert [row.fields for row in school.desk.rows(PLAN)] == ["PrimaryPhone"]


def test_both_say_that_values_stay_different_from_the_mis(changed):
    said = "2 value(s) of 1 customer(s) that are put back stay different from the MIS"

    assert take_back(changed) == OK and said in changed.desk.out
    assert changed.push() == OK and said in changed.desk.out


def test_both_say_that_who_was_taken_away_waits_in_the_next_plan(made):
    said = "3 customer(s) that are taken away wait for a person in the next plan"

    assert take_back(made) == OK and said in made.desk.out
    assert made.push() == OK and said in made.desk.out


def test_a_plan_that_was_kept_from_going_back_is_asked_for_once(changed):
    take_back(changed)
    edit(changed, "Aline Uwera2", PrimaryPhone={"FreeFormNumber": "0733"})
    changed.push()
    rows = len(changed.log())

    changed.push()

    assert len(changed.log()) == rows and "1 read = 1 held" in changed.desk.out


def test_an_undo_can_be_taken_back(changed):
    take_back(changed)
    changed.push()

    assert take_back(changed) == OK, changed.desk.err
    assert changed.push() == OK

    assert changed.customer("Aline Uwera2")["PrimaryPhone"] == PHONE["PrimaryPhone"]


def test_the_undo_of_creates_can_be_taken_back(made):
    take_back(made)
    made.push()

    take_back(made)
    assert "3 to reactivate" in made.desk.out
    assert made.push() == OK, made.desk.out

    assert len(active(made)) == 3 and made.statuses() == {"1": 3}
    made.prepare()
    assert {row.action for row in made.desk.rows(PLAN)} <= {"adopt"}


def test_taking_back_twice_finds_nothing_to_do(changed):
    run_id = last_run(changed)
    take_back(changed, run_id)
    changed.push()

    assert take_back(changed, run_id) == OK

    assert "1 taken back before" in changed.desk.out


def left(school: School) -> list[str]:
    """Return the runs that can be taken back still, newest first."""
    return [run_id for run_id, _ in undoable.runs(school.desk.config)]


def test_what_put_values_back_can_be_taken_back_and_what_it_took_back_not(changed):
    first, second = reversed(left(changed))
    take_back(changed)
    changed.push()

    assert left(changed) == [last_run(changed), first] and second != last_run(changed)


def test_who_was_taken_away_is_none_of_the_runs_that_can_be_taken_back(made):
    first = left(made)
    take_back(made)
    made.push()
    third = left(made)
    take_back(made)
    made.push()

    assert len(first) == 1 and third == [last for last in third if last not in first]
    assert left(made) == [last_run(made), *first]


def test_a_dry_run_and_adopted_customers_are_no_runs_to_take_back(made):
    before = left(made)

    made.prepare()
    made.push()

    assert left(made) == before


def test_who_was_taken_back_or_given_back_is_left_alone(made):
    first = last_run(made)
    take_back(made)
    made.push()
    second = last_run(made)
    assert take_back(made, first) == OK and "3 taken back before" in made.desk.out

    take_back(made, second)
    made.push()

    assert take_back(made, second) == OK and "3 taken back before" in made.desk.out


def test_a_limit_takes_back_a_part_and_the_next_run_goes_on(made):
    take_back(made)

    assert made.push("--limit", "1", "--batch-size", "1") == STOPPED_EARLY
    assert len(active(made)) == 2
    assert made.push() == OK

    assert active(made) == []
    assert made.push() == OK and "3 read = 3 skipped" in made.desk.out


def test_without_the_plan_that_was_applied_nothing_is_guessed(changed):
    for kept in (changed.desk.root / "data/plans").iterdir():
        kept.unlink()

    assert take_back(changed) == SOME_ROWS_FAILED

    assert "the plan that it was sent by is not kept" in changed.desk.out


# --- links --------------------------------------------------------------------------------


def test_a_link_is_taken_off_and_what_people_wrote_stays(linked):
    take_back(linked)
    assert "1 to unlink" in linked.desk.out

    assert linked.push() == OK

    assert linked.customer("Aline Uwera1")["Notes"] == "pays late"
    assert active(linked) == ["Aline Uwera1"] and linked.statuses() == {"0": 1}


def test_an_unlinked_customer_is_linked_again_and_never_made_twice(linked):
    take_back(linked)
    linked.push()

    linked.prepare()
    linked.push()
    assert linked.statuses() == {"0": 1}
    assert "mark customer" in linked.desk.rows(PLAN)[0].reason
    assert approved(linked) == OK

    assert len(linked.customers()) == 1 and linked.statuses() == {"1": 1}


def test_what_people_named_before_the_undo_is_asked_again(school):
    school.enrol(person(1, "Somebody Else"))
    there = school.write(DisplayName="Somebody")
    school.prepare()
    school.decide(f"link:{there['Id']}")
    school.prepare()
    assert school.push() == OK

    take_back(school)
    school.push()
    school.prepare()
    school.push()

    [row] = school.desk.rows(PLAN)
    assert (row.action, row.decision) == ("hold", "") and school.marks() == {}


def test_a_link_whose_notes_were_edited_stays_whole(linked):
    there = linked.customer("Aline Uwera1")
    edit(linked, "Aline Uwera1", Notes=there["Notes"] + "\ncalled on Monday")

    assert take_back(linked) == SOME_ROWS_FAILED

    assert "changed in QuickBooks since: Notes" in linked.desk.out


def test_a_link_goes_back_as_a_whole_or_not_at_all(school):
    school.enrol(person(1))
    there = school.write(DisplayName="Aline Uwera1")
    fields = {**PHONE, **json.loads(link(person(1), there).payload)}
    school.plan(update(person(1), there, fields)._replace(action="link"))
    assert school.push() == OK
    edit(school, "Aline Uwera1", PrimaryPhone={"FreeFormNumber": "0733"})

    assert take_back(school) == SOME_ROWS_FAILED

    assert "to unlink" not in school.desk.out and mark_of(person(1)) in school.marks()


# --- secrets ------------------------------------------------------------------------------


def test_the_reverse_plan_is_for_its_owner_alone_and_nothing_shows_an_id(made):
    take_back(made)
    made.push()

    assert made.desk.path(PLAN).stat().st_mode & 0o077 == 0
    logs = b"".join(path.read_bytes() for path in made.desk.logs.glob("*.csv"))
    assert CANARY not in made.desk.out and CANARY.encode() not in logs
