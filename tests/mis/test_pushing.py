"""From the plan into QuickBooks: each customer once, the log, the MIS, what people decide."""

from __future__ import annotations

import signal

import pytest

from src.kit import acting, stage
from src.kit.answers import NOT_APPLIED, Answer
from src.kit.errors import LOCKED, NOTHING_DONE, SOME_ROWS_FAILED, STOPPED_EARLY
from src.mis import digests, realms
from src.mis.records import APPLICANT, HOLD, PLAN, STUDENT
from src.office import pipelines
from tests.mis.school import (
    CANARY,
    adopt,
    create,
    fields_of,
    hold,
    link,
    mark_of,
    people,
    person,
    update,
)

LEASED = (
    "QuickBk_Status = 3, qb_run_id = 'x@other', qb_lease_until = '2027-01-01 00:00:00'"
)
PHONE = {"PrimaryPhone": {"FreeFormNumber": "0788 1"}}


@pytest.fixture
def five(school):
    """Let the plan be to create five customers."""
    school.enrol(*people(5))
    school.plan(*map(create, people(5)))
    return school


@pytest.fixture
def aline(school):
    """Let a customer of ours be there, the MIS's word and the log's too."""
    school.enrol(person(1))
    school.plan(create(person(1)))
    assert school.push() == stage.OK
    school.company.calls.clear()
    return school


# --- what is sent -----------------------------------------------------------------------


def test_what_is_planned_is_created_once(five):
    assert five.push() == stage.OK, five.desk.err

    assert five.marks() == {mark_of(one): 1 for one in people(5)}
    assert five.outcomes() == {"created": 5}
    assert "planned to send 5 (5 create), arrived 5" in five.desk.out
    assert "5 read = 5 out" in five.desk.out


def test_the_mis_knows_each_customer_and_its_revision(five):
    five.push()

    ids = {record["DisplayName"]: record["Id"] for record in five.customers()}
    for raw, row in zip(five.raws().values(), five.log()):
        known = (raw.status, raw.quickbooks_id, raw.sync_token)
        assert known == ("1", ids[row.display_name], "0")


def test_the_log_has_digests_of_what_was_sent_and_no_value(five):
    five.push()

    row = five.log()[0]
    assert row.sent == digests.of(fields_of(person(1)))
    assert (row.type, row.mis_id, row.identifier) == (APPLICANT, "1", "APP-1")
    assert (row.quickbooks_id, row.sync_token, row.attempt) == ("1", "0", "1")
    assert row.trace_id


def test_the_same_plan_again_asks_nobody_anything(five):
    five.push()
    before = (five.desk.logs / "mis_runlog.csv").read_bytes()
    five.company.calls.clear()

    assert five.push() == stage.OK

    assert not five.company.calls
    assert (five.desk.logs / "mis_runlog.csv").read_bytes() == before
    assert "5 read = 5 skipped" in five.desk.out


def test_a_first_push_into_an_empty_company_costs_two_calls_beside_its_batches(five):
    five.push()

    assert five.company.calls == {"count": 2, "batch": 1}


def test_a_batch_of_fifty_travels_as_thirty_and_twenty(school):
    school.enrol(*people(50))
    school.plan(*map(create, people(50)))

    assert school.push("--batch-size", "50") == stage.OK

    assert [len(changes) for _, changes in school.company.batches] == [30, 20]
    assert sum(school.marks().values()) == 50


def test_smaller_batches_travel_as_they_are(five):
    five.push("--batch-size", "2")

    assert [len(changes) for _, changes in five.company.batches] == [2, 2, 1]


@pytest.mark.parametrize("size", ["0", "101", "-1", "many"])
def test_a_batch_size_that_is_none_is_refused(five, size):
    with pytest.raises(SystemExit):
        five.push("--batch-size", size)


def test_an_update_writes_its_fields_alone(aline):
    customer = aline.customer("Aline Uwera1")
    aline.plan(update(person(1), customer, PHONE))

    assert aline.push() == stage.OK

    after = aline.customer("Aline Uwera1")
    assert after == {**customer, **PHONE, "SyncToken": "1", "MetaData": after["MetaData"]}
    assert aline.log()[-1].outcome == "updated"
    assert aline.raws()[APPLICANT, "1"].sync_token == "1"


def test_an_update_that_empties_a_field_empties_it(aline):
    aline.plan(update(person(1), aline.customer("Aline Uwera1"), PHONE))
    aline.push()
    nothing = {"PrimaryPhone": {"FreeFormNumber": ""}}
    aline.plan(update(person(1), aline.customer("Aline Uwera1"), nothing))

    assert aline.push() == stage.OK

    assert "PrimaryPhone" not in aline.customer("Aline Uwera1")


def test_back_and_forth_are_three_changes(aline):
    for phone in ("1", "2", "1"):
        change = {"PrimaryPhone": {"FreeFormNumber": phone}}
        aline.plan(update(person(1), aline.customer("Aline Uwera1"), change))
        aline.push()

    assert aline.outcomes() == {"created": 1, "updated": 3}
    assert aline.customer("Aline Uwera1")["PrimaryPhone"] == {"FreeFormNumber": "1"}


def test_a_link_makes_somebodys_customer_ours_and_keeps_what_people_wrote(school):
    school.enrol(person(1))
    theirs = school.write(DisplayName="Aline U.", Notes="pays late")
    school.plan(link(person(1), theirs))

    assert school.push() == stage.OK

    found = school.customer("Aline U.")
    assert found["Notes"].startswith("pays late\n")
    assert school.marks() == {mark_of(person(1)): 1}
    assert school.outcomes() == {"linked": 1}
    assert school.raws()[APPLICANT, "1"].quickbooks_id == theirs["Id"]


def test_an_applicant_and_a_student_of_one_number_are_two_customers(school):
    both = [person(1), person(1, "Aline Uwera Student", STUDENT)]
    school.enrol(*both)
    school.plan(*map(create, both))

    assert school.push() == stage.OK

    assert school.marks() == {mark_of(one): 1 for one in both}
    assert school.statuses() == {"1": 2}


def test_one_type_alone_is_pushed_where_it_is_named(school):
    students = [person(1, "Aline Uwera Student", STUDENT)]
    school.enrol(*people(2), *students)
    school.plan(*map(create, [*people(2), *students]))

    assert school.push("students") == stage.OK

    assert school.marks() == {mark_of(one): 1 for one in students}
    assert "3 read = 1 out + 2 skipped" in school.desk.out


def test_both_types_may_be_named(five):
    assert five.push("students", "applicants") == stage.OK

    assert len(five.customers()) == 5


def test_the_applied_plan_is_kept_for_its_owner_alone(five):
    five.push("--set", "RUN_ID=r1")

    kept = five.desk.root / "data/plans/r1.csv"
    assert kept.read_bytes() == five.desk.path(PLAN).read_bytes()
    assert kept.stat().st_mode & 0o077 == 0


# --- what only the MIS is told ----------------------------------------------------------


def test_an_adopted_customer_is_told_to_the_mis_and_costs_no_call(aline):
    aline.run_sql("UPDATE tbl_online_application SET QuickBk_Status = 0, quickbooks_id = NULL")
    aline.plan(adopt(person(1), aline.customer("Aline Uwera1")))

    assert aline.push() == stage.OK

    raw = aline.raws()[APPLICANT, "1"]
    assert (raw.status, raw.quickbooks_id, raw.sync_token) == ("1", "1", "0")
    assert not aline.company.calls
    assert aline.log()[-1].outcome == "adopted"


def test_the_log_says_once_that_a_customer_was_adopted(aline):
    aline.plan(adopt(person(1), aline.customer("Aline Uwera1")))
    aline.push()
    aline.run_sql("UPDATE tbl_online_application SET QuickBk_Status = 0")

    assert aline.push() == stage.OK

    assert aline.outcomes() == {"created": 1, "adopted": 1}
    assert aline.statuses() == {"1": 1}


def test_an_adoption_keeps_the_books_good(aline):
    aline.plan(adopt(person(1), aline.customer("Aline Uwera1")))
    aline.push()
    aline.enrol(person(2))
    aline.plan(create(person(2)))

    aline.push()

    assert aline.company.calls == {"count": 2, "batch": 1}


def test_a_customer_that_somebody_has_in_hand_is_not_adopted(aline):
    aline.run_sql(f"UPDATE tbl_online_application SET {LEASED}")
    aline.plan(adopt(person(1), aline.customer("Aline Uwera1")))

    assert aline.push() == SOME_ROWS_FAILED

    assert aline.raws()[APPLICANT, "1"].status == "3"


# --- what people decide -----------------------------------------------------------------


def test_a_row_to_be_skipped_is_left_out(five):
    five.decide("skip", mis_id="2")

    assert five.push() == stage.OK

    assert sorted(five.names()) == [f"Aline Uwera{n}" for n in (1, 3, 4, 5)]
    assert "5 read = 4 out + 1 skipped" in five.desk.out


def test_a_row_on_hold_waits_and_the_log_says_so_once(five):
    five.decide("Hold ", mis_id="2")
    assert five.push() == SOME_ROWS_FAILED

    assert five.push() == SOME_ROWS_FAILED

    assert five.outcomes() == {"created": 4, "held": 1}
    assert [row.error for row in five.errors()] == ["on hold, as decided"]
    assert "5 read = 4 skipped + 1 held" in five.desk.out


def test_a_row_that_waits_for_another_reason_is_said_again(school):
    school.enrol(person(1))
    for reason in ("it is unclear", "it is unclear", "it is still unclear"):
        school.plan(hold(person(1), reason))
        school.push()

    assert [row.error for row in school.log()] == ["it is unclear", "it is still unclear"]
    assert not school.company.calls


def test_a_person_who_waits_stays_in_the_mis_as_he_was(aline):
    aline.plan(hold(person(1)))

    aline.push()

    assert aline.raws()[APPLICANT, "1"].status == "1"


def test_a_held_change_is_sent_where_a_person_approves(aline):
    row = update(person(1), aline.customer("Aline Uwera1"), PHONE)
    aline.plan(row._replace(action=HOLD, reason="nobody knows who changed it"))
    aline.decide("approve")

    assert aline.push() == stage.OK

    assert aline.customer("Aline Uwera1")["PrimaryPhone"] == PHONE["PrimaryPhone"]
    assert (aline.log()[-1].action, aline.log()[-1].outcome) == ("update", "updated")


def test_a_held_link_is_a_link_where_a_person_approves(school):
    school.enrol(person(1))
    row = link(person(1), school.write(DisplayName="Aline U."))
    school.plan(row._replace(action=HOLD, reason="which has another name"))
    school.decide("approve")

    assert school.push() == stage.OK

    assert (school.log()[-1].action, school.log()[-1].outcome) == ("link", "linked")


def test_there_may_be_nothing_to_approve_of(school):
    school.enrol(person(1))
    school.plan(hold(person(1), "customers 1, 2 have this person's mark"))
    school.decide("approve")

    assert school.push() == SOME_ROWS_FAILED

    assert "nothing to approve of; customers 1, 2 have" in school.log()[-1].error


def test_a_link_that_was_not_planned_asks_for_another_plan(five):
    five.decide("link:77", mis_id="2")

    assert five.push() == SOME_ROWS_FAILED

    assert 'the link to 77 is not planned; run "make mis-plan" again' in five.errors()[0].error


@pytest.mark.parametrize("decision", ["link:1", "LINK: '1", ""])
def test_a_link_that_was_planned_goes(school, decision):
    school.enrol(person(1))
    row = link(person(1), school.write(DisplayName="Aline U."))
    school.plan(row._replace(decision="link:1"))
    school.decide(decision)

    assert school.push() == stage.OK

    assert school.outcomes() == {"linked": 1}


def test_a_decision_that_means_nothing_is_held_and_named(five):
    five.decide("yes please", mis_id="2")

    assert five.push() == SOME_ROWS_FAILED

    told = (
        "1 row(s) (Applicant APP-2) with a decision that is not understood; approve, skip, "
        "hold and link:<id> are"
    )
    assert told in five.desk.out
    assert "'yes please' means nothing here" in five.errors()[0].error


def test_a_row_that_was_changed_elsewhere_is_held_and_named(five):
    five.edit(lambda row: row._replace(display_name="Else"), mis_id="2")

    assert five.push() == SOME_ROWS_FAILED

    told = "held: 1 row(s) (Applicant APP-2) changed elsewhere than in decision"
    assert told in five.desk.out
    assert "Else" not in five.names()


def test_a_row_whose_person_was_changed_is_named_by_its_id(five):
    five.edit(lambda row: row._replace(mis_id="77"), mis_id="2")

    five.push()

    row = five.desk.rows(PLAN)[1].row
    assert f"held: 1 row(s) ({row}) changed elsewhere than in decision" in five.desk.out


def test_a_row_that_is_missing_is_held_and_counted(five):
    five.edit(lambda row: None, mis_id="2")

    assert five.push() == SOME_ROWS_FAILED

    assert "5 read = 4 out + 1 held" in five.desk.out
    assert "held: 1 row(s) of the plan are missing" in five.desk.out


def test_a_row_that_stands_there_twice_counts_once(five):
    five._save([*five.desk.rows(PLAN), five.desk.rows(PLAN)[0]])

    assert five.push() == SOME_ROWS_FAILED

    assert five.names()["Aline Uwera1"] == 1
    assert "stands in the plan twice" in five.errors()[0].error


def test_a_plan_that_is_another_than_the_last_is_left_alone(five):
    rows = five.desk.rows(PLAN)
    five.plan(*map(create, people(5)))
    five._save(rows)

    assert five.push() == NOTHING_DONE

    assert five.log() == []
    assert "this is another plan than the last" in five.desk.out


def test_a_sorted_plan_is_the_same_plan(five):
    five._save(five.desk.rows(PLAN)[::-1])

    assert five.push() == stage.OK

    assert len(five.customers()) == 5


def test_a_plan_of_another_company_is_refused(five):
    author = ("2026-11-23T09:00:00+00:00", "plan-1", "mis_plan")
    realms.note(five.desk.logs, author, PLAN.place, "77")

    assert five.push() == NOTHING_DONE

    assert "is of company 77, QBO_REALM_ID names 1234567890" in five.desk.err
    assert not five.company.calls


def test_without_a_plan_nothing_is_done(school):
    assert school.push() == NOTHING_DONE

    assert 'data/mis_plan.csv: not found; run "make mis-plan" first' in school.desk.err


# --- a customer that is gone ------------------------------------------------------------


@pytest.fixture
def gone(aline):
    """Let the log know of a customer that QuickBooks has no more, and a person approve."""
    customer = aline.customer("Aline Uwera1")
    merged = {"Id": "1", "SyncToken": "0", "sparse": True, "DisplayName": "Merged", "Notes": ""}
    aline.write(operation="update", **merged)
    assert customer["Id"] == "1"
    reason = "was in QuickBooks as 1, which is gone"
    aline.plan(create(person(1))._replace(action=HOLD, reason=reason))
    return aline


def test_a_customer_that_is_gone_is_not_made_again_by_itself(gone):
    assert gone.push() == SOME_ROWS_FAILED

    assert gone.marks() == {}


def test_a_customer_that_is_gone_is_made_again_where_a_person_approves(gone):
    gone.decide("approve")

    assert gone.push() == stage.OK

    assert gone.marks() == {mark_of(person(1)): 1}
    assert [row.outcome for row in gone.log()] == ["created", "removed", "created"]
    assert gone.raws()[APPLICANT, "1"].quickbooks_id == "2"
    assert gone.log()[0].request_id != gone.log()[2].request_id


def test_what_a_person_approved_of_once_is_made_once(gone):
    gone.decide("approve")
    gone.push()
    gone.company.calls.clear()

    assert gone.push() == stage.OK

    assert len(gone.customers()) == 2
    assert not gone.company.calls


# --- stopping early ---------------------------------------------------------------------


def test_a_limit_sends_so_many_and_lets_go_of_the_others(five):
    assert five.push("--limit", "2") == STOPPED_EARLY

    assert len(five.customers()) == 2
    assert five.statuses() == {"1": 2, "0": 3}
    assert "5 read = 2 out + 3 not attempted" in five.desk.out


def test_whom_a_limit_leaves_nobody_asks_for(five):
    five.run_sql(f"UPDATE tbl_online_application SET {LEASED} WHERE appl_Id = 5")

    assert five.push("--limit", "2", "--batch-size", "2") == STOPPED_EARLY

    assert "5 read = 2 out + 3 not attempted" in five.desk.out
    assert five.outcomes() == {"created": 2}


def test_what_a_limit_left_goes_next_time(five):
    five.push("--limit", "2")

    assert five.push() == stage.OK

    assert five.marks() == {mark_of(one): 1 for one in people(5)}


def test_so_many_errors_stop_the_push(five):
    five.scenario(",create Customer,200:6000")

    assert five.push("--max-errors", "2", "--batch-size", "1") == STOPPED_EARLY

    assert five.outcomes() == {"failed": 2}
    assert five.statuses() == {"2": 2, "0": 3}


def test_so_many_minutes_stop_the_push(five):
    five.scenario("1,batch,429:200")

    assert five.push("--brief", "--max-minutes", "1", "--batch-size", "1") == STOPPED_EARLY

    said = "  stopped by --max-minutes 1; start again, and it goes on from there\n"
    assert five.desk.out.endswith(said)


def test_who_is_left_out_by_a_decision_waits_no_longer(five):
    five.decide("hold", mis_id="2")
    five.push()
    assert [row.mis_id for row in five.errors()] == ["2"]
    five.decide("skip", mis_id="2")

    assert five.push("students") == stage.OK
    assert five.errors() == []


def test_what_kept_rows_from_being_sent_is_said_even_briefly(five):
    five.decide("yes please", mis_id="2")
    five.edit(lambda row: None, mis_id="3")
    five.edit(lambda row: row._replace(name="Somebody else"), mis_id="4")

    assert five.push("--brief") == SOME_ROWS_FAILED

    notes = [line.strip() for line in five.desk.out.splitlines()[2:]]
    assert [note.partition(" ")[0] for note in notes] == ["held:"] * 3
    assert all("; " in note for note in notes)


def test_a_signal_lets_end_what_is_in_flight(five):
    batch = five.company.batch

    def interrupted(*given):
        five.company.batch = batch
        signal.raise_signal(signal.SIGTERM)
        return batch(*given)

    five.company.batch = interrupted

    assert five.push("--batch-size", "2") == stage.SIGNALLED + signal.SIGTERM

    assert five.outcomes()["created"] == len(five.customers()) > 0
    assert five.statuses()["3"] == 0
    assert five.push() == stage.OK
    assert five.marks() == {mark_of(one): 1 for one in people(5)}


# --- a dry run --------------------------------------------------------------------------


def contents(school):
    return {
        path: path.read_bytes()
        for path in school.desk.root.rglob("*")
        if path.is_file() and path.suffix == ".csv" and path.name != "receipts.csv"
    }


def test_a_dry_run_says_what_would_be_sent_and_writes_nothing(five):
    five.decide("hold", mis_id="5")
    before = contents(five)

    assert five.push("--dry-run") == stage.OK

    assert "4 would create" in five.desk.out
    assert "a dry run: nothing was sent or written" in five.desk.out
    assert contents(five) == before
    assert not five.company.calls
    assert five.statuses() == {"0": 5}


def test_a_dry_run_needs_no_mis(five):
    five.desk.config.mis_database_file.unlink()

    assert five.push("--dry-run") == stage.OK


def test_a_dry_run_needs_no_login(five):
    five.sides = five.sides._replace(connected=None)

    assert five.push("--dry-run") == stage.OK


def test_a_dry_run_knows_what_was_sent(five):
    five.push("--limit", "2")

    five.push("--dry-run")

    assert "3 would create" in five.desk.out
    assert "2 skipped" in five.desk.out


# --- whose log it is --------------------------------------------------------------------


def test_what_was_sent_to_another_company_is_not_taken_for_sent(five):
    five.push()
    five.company.inner = type(five.company.inner)(
        five.desk.root / "other", five.company.inner._temper, five.clock
    )
    five.plan(*map(create, people(5)))

    assert five.push(QBO_REALM_ID="77") == stage.OK

    assert five.marks() == {mark_of(one): 1 for one in people(5)}
    assert five.outcomes() == {"created": 10}


def test_two_pushes_do_not_run_at_once(five):
    with acting.locked(pipelines.mis_shelf(five.desk.config)):
        assert five.push() == LOCKED

    assert five.customers() == []


def test_a_row_that_cannot_be_read_is_rejected_and_named(five):
    path = five.desk.path(PLAN)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:3], b"r1,create\n", *lines[4:]]))

    assert five.push() == SOME_ROWS_FAILED

    assert "5 read = 4 out + 1 rejected" in five.desk.out
    assert "data/mis_plan.csv: line 4: " in five.desk.out


# --- national ids -----------------------------------------------------------------------


def test_a_national_id_is_in_quickbooks_and_in_no_log(five):
    five.scenario("2,create Customer,200:6000", "1,batch,500_applied")

    five.push("--debug", "--batch-size", "2")

    assert CANARY in five.customers()[0]["Notes"]
    assert CANARY not in five.desk.out + five.desk.err
    for path in five.desk.logs.iterdir():
        assert CANARY.encode() not in path.read_bytes(), path


@pytest.mark.parametrize("status", [200, 400])
def test_an_error_that_repeats_a_national_id_is_logged_without_it(five, status):
    error = f"near NationalID={CANARY}"

    def refusing(changes, request_id):
        return [Answer(NOT_APPLIED, status, error=error, code="2010")] * len(changes)

    five.company.batch = refusing

    assert five.push("--debug") == SOME_ROWS_FAILED

    assert {row.error for row in five.errors()} == {"near NationalID=***"}
    for path in five.desk.logs.iterdir():
        assert CANARY.encode() not in path.read_bytes(), path


# --- a customer of somebody else --------------------------------------------------------


@pytest.mark.parametrize("action", [HOLD, "link", "update"])
def test_a_row_that_somebody_approved_of_writes_onto_nobody_elses(aline, action):
    there = aline.customer("Aline Uwera1")
    aline.enrol(person(2))
    aline.plan(link(person(2), there)._replace(action=action, decision="approve"))

    assert aline.push() == SOME_ROWS_FAILED

    assert aline.customer("Aline Uwera1") == there
    assert "has the mark of another person" in aline.errors()[0].error
    assert aline.raws()[APPLICANT, "2"].status != "1"
