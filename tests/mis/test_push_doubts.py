"""What earlier pushes left open, and logs that cannot be relied on."""

from __future__ import annotations

import pytest

from src.kit import stage
from src.kit.errors import IN_DOUBT, SOME_ROWS_FAILED
from src.mis import digests
from src.mis.records import APPLICANT, HOLD
from tests.mis.deadly import Killed
from tests.mis.school import (
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

SIX = {mark_of(one): 1 for one in people(6)}
LOGS = ("mis_runlog.csv", "mis_inflight.csv", "receipts.csv")
LATER = "2027-01-01 00:00:00"


@pytest.fixture
def six(school):
    """Let the plan be to create six customers."""
    school.enrol(*people(6))
    school.plan(*map(create, people(6)))
    return school


def dies(school, is_applied: bool = True, *options: str) -> None:
    """Push, and die after the first batch has left."""
    batch = school.company.batch

    def lost(changes, request_id):
        if is_applied:
            batch(changes, request_id)
        raise Killed

    school.company.batch = lost
    with pytest.raises(Killed):
        school.push(*options)
    school.reopen()


# --- a killed push ----------------------------------------------------------------------


@pytest.mark.parametrize("is_applied", [True, False])
def test_what_a_killed_push_began_is_looked_for_before_it_is_sent(six, is_applied):
    dies(six, is_applied)

    assert six.push() == stage.OK

    assert six.marks() == SIX
    assert six.statuses() == {"1": 6}
    ends = {"recovered": 6} if is_applied else {"absent": 6, "created": 6}
    assert six.outcomes() == ends


def test_what_did_not_arrive_goes_again_as_the_same_request(six):
    dies(six, False)

    six.push()

    ids = {row.request_id for row in six.log()}
    assert len(ids) == 1


def test_where_a_part_arrived_the_others_go_alone(six):
    dies(six, False)
    six.write(**fields_of(person(2)))

    assert six.push() == stage.OK

    assert six.marks() == SIX
    assert six.outcomes() == {"recovered": 1, "absent": 5, "created": 5}
    assert len(six.company.batches) == 5


def test_what_was_killed_is_told_to_the_mis_also_where_the_plan_is_another(six):
    dies(six)
    six.plan(adopt(person(1), six.customer("Aline Uwera1")))

    assert six.push() == stage.OK

    assert six.marks() == SIX
    assert six.statuses() == {"1": 6}


def test_the_log_has_what_was_sent_by_the_killed_push_and_not_what_is_planned_now(six):
    dies(six)
    changed = person(1, campus="Huye")
    six.plan(create(changed))

    six.push()

    (row,) = (row for row in six.log() if row.mis_id == "1")
    assert row.outcome == "recovered"
    assert row.sent == digests.of(fields_of(person(1))) != digests.of(fields_of(changed))


def test_where_nobody_knows_what_was_sent_the_log_says_nothing(six):
    dies(six)
    for kept in (six.desk.root / "data/plans").iterdir():
        kept.unlink()

    six.push()

    assert {row.sent for row in six.log()} == {""}


def test_what_is_sent_now_is_what_the_log_says_of_it(six):
    dies(six, False)
    changed = person(1, campus="Huye")
    six.plan(create(changed))

    six.push()

    rows = {row.outcome: row for row in six.log() if row.mis_id == "1"}
    assert rows["created"].sent == digests.of(fields_of(changed))
    assert "Campus=Huye" in six.customer("Aline Uwera1")["Notes"]


@pytest.mark.parametrize("decision", ["skip", "hold"])
def test_what_a_person_stopped_meanwhile_is_looked_for_and_not_sent(six, decision):
    dies(six, False)
    six.decide(decision, mis_id="1")

    six.push()

    assert mark_of(person(1)) not in six.marks()
    assert [row.outcome for row in six.log() if row.mis_id == "1"][0] == "absent"
    assert six.raws()[APPLICANT, "1"].status == "0"


def test_what_the_plan_has_no_more_is_looked_for_and_not_sent(six):
    dies(six, False)
    six.plan(create(person(2)))

    six.push()

    assert six.marks() == {mark_of(person(2)): 1}
    assert six.outcomes() == {"absent": 6, "created": 1}


def test_whom_another_installation_took_meanwhile_is_looked_for_and_not_sent(six):
    dies(six, False)
    leased = f"qb_run_id = 'r9@elsewhere', qb_lease_until = '{LATER}'"
    six.run_sql(f"UPDATE tbl_online_application SET {leased} WHERE appl_Id = 1")

    assert six.push() == SOME_ROWS_FAILED

    assert mark_of(person(1)) not in six.marks()
    assert six.raws()[APPLICANT, "1"].leased_by == "r9@elsewhere"


def test_one_that_goes_again_is_in_hand_again(six):
    dies(six, False)
    batch, seen = six.company.batch, []

    def looking(changes, request_id):
        seen.append(six.statuses())
        return batch(changes, request_id)

    six.company.batch = looking

    six.push()

    assert seen == [{"3": 6}]


@pytest.mark.parametrize("is_applied", [True, False])
def test_an_update_of_a_killed_push_is_told_by_its_values(school, is_applied):
    school.enrol(person(1))
    school.plan(create(person(1)))
    school.push()
    phone = {"PrimaryPhone": {"FreeFormNumber": "0788"}}
    school.plan(update(person(1), school.customer("Aline Uwera1"), phone))
    dies(school, is_applied)

    assert school.push() == stage.OK

    assert school.customer("Aline Uwera1")["SyncToken"] == "1"
    assert school.raws()[APPLICANT, "1"].sync_token == "1"
    assert school.log()[-1].outcome == ("recovered" if is_applied else "updated")


def test_a_link_of_a_killed_push_is_no_second_customer(school):
    school.enrol(person(1))
    school.plan(link(person(1), school.write(DisplayName="Aline U.")))
    dies(school)

    assert school.push() == stage.OK

    assert school.names() == {"Aline U.": 1}
    assert school.statuses() == {"1": 1}


def test_an_update_that_nobody_remembers_closes(school):
    school.enrol(person(1))
    school.plan(create(person(1)))
    school.push()
    phone = {"PrimaryPhone": {"FreeFormNumber": "0788"}}
    school.plan(update(person(1), school.customer("Aline Uwera1"), phone))
    dies(school)
    school.plan()
    for kept in (school.desk.root / "data/plans").iterdir():
        kept.unlink()

    assert school.push() == stage.OK

    assert school.outcomes() == {"created": 1, "absent": 1}
    assert school.statuses() == {"1": 1}


# --- doubt that a person ends -----------------------------------------------------------


@pytest.fixture
def twice(six):
    """Let the first person's customer be there twice, and nobody know which is ours."""
    dies(six)
    six.write(**fields_of(person(1), "Aline Uwera1 copy"))
    assert six.push() == IN_DOUBT
    return six


def test_a_mark_that_is_there_twice_is_for_a_person(twice):
    (error,) = twice.errors()

    assert (error.outcome, error.mis_id) == ("in_doubt", "1")
    assert error.error == (
        "is there 2 times: 1, 7; leave the line Carryover= in the Notes of one of them"
    )
    assert twice.statuses() == {"1": 5, "3": 1}


def test_who_is_in_doubt_is_not_sent_again(twice):
    assert twice.push() == IN_DOUBT

    assert len(twice.customers()) == 7


def test_doubt_ends_where_one_of_the_two_loses_its_mark(twice):
    copy = {"Id": "7", "SyncToken": "0", "sparse": True, "Notes": ""}
    twice.write(operation="update", **copy)

    assert twice.push() == stage.OK

    assert twice.marks() == SIX
    assert twice.statuses() == {"1": 6}


def test_doubt_ends_where_a_person_wants_it_sent_and_ours_has_the_name(twice):
    twice.decide("approve", mis_id="1")

    assert twice.push() == stage.OK

    assert len(twice.customers()) == 7
    assert twice.raws()[APPLICANT, "1"].quickbooks_id == "1"
    outcomes = [row.outcome for row in twice.log() if row.mis_id == "1"]
    assert outcomes[-2:] == ["absent", "recovered"]


# --- books that cannot be relied on -----------------------------------------------------


@pytest.mark.parametrize(
    "gone",
    [LOGS[:1], LOGS[1:2], LOGS[2:], LOGS[:2], LOGS],
    ids=lambda names: " ".join(names),
)
def test_whatever_is_deleted_nobody_is_created_twice(six, gone):
    six.push()
    for name in gone:
        (six.desk.logs / name).unlink()
    six.enrol(person(7))
    six.plan(*map(create, people(7)))

    assert six.push() == stage.OK

    assert six.marks() == SIX | {mark_of(person(7)): 1}
    assert six.statuses() == {"1": 7}


@pytest.mark.parametrize("gone", [LOGS[:1], LOGS[1:2], LOGS[2:], LOGS[:2], LOGS])
@pytest.mark.parametrize("is_applied", [True, False])
def test_whatever_is_deleted_after_a_kill_nobody_is_created_twice(six, gone, is_applied):
    dies(six, is_applied)
    for name in gone:
        (six.desk.logs / name).unlink()
    six.plan(*map(create, people(6)))

    assert six.push() == stage.OK

    assert six.marks() == SIX
    assert six.statuses() == {"1": 6}


def test_a_log_that_a_spreadsheet_saved_is_the_same_log(six):
    six.push()
    log = six.desk.logs / "mis_runlog.csv"
    log.write_text(log.read_text("utf-8-sig").replace(",", ";"), "cp1252")
    six.enrol(person(7))
    six.plan(*map(create, people(7)))

    assert six.push() == stage.OK

    assert six.marks() == SIX | {mark_of(person(7)): 1}
    assert log.read_bytes().startswith(b"\xef\xbb\xbfseq,ts,")


def test_a_row_that_somebody_changed_in_the_log_sends_nobody_twice(six):
    six.push()
    log = six.desk.logs / "mis_runlog.csv"
    log.write_bytes(log.read_bytes().replace(b",created,", b",failed,", 3))
    six.enrol(person(7))
    six.plan(*map(create, people(7)))

    assert six.push() == stage.OK

    assert six.marks() == SIX | {mark_of(person(7)): 1}
    assert "listed the effects there first" in six.desk.out


def test_an_update_that_is_there_already_is_not_sent_again_without_a_log(school):
    school.enrol(person(1))
    theirs = school.write(DisplayName="Aline U.")
    school.plan(link(person(1), theirs))
    school.push()
    for name in LOGS[:2]:
        (school.desk.logs / name).unlink()
    school.reopen()

    assert school.push() == stage.OK

    assert school.company.batches == []
    assert school.customer("Aline U.")["SyncToken"] == "1"
    assert {row.action: row.outcome for row in school.log()}["link"] == "recovered"


def test_an_inactive_customer_is_found_before_it_is_made_again(six):
    six.push()
    gone = {"Id": "1", "SyncToken": "0", "sparse": True, "Active": False}
    six.write(operation="update", **gone)
    (six.desk.logs / "mis_runlog.csv").unlink()

    assert six.push() == stage.OK

    assert six.marks() == SIX


def test_everybody_of_ours_is_learned_from_a_listing(six):
    six.push()
    for name in LOGS:
        (six.desk.logs / name).unlink()
    six.enrol(person(7))
    six.plan(create(person(7)))
    six.push()

    learned = [row for row in six.log() if row.outcome == "recovered"]
    assert {row.key for row in learned} == set(SIX)
    names = [f"Aline Uwera{number}" for number in range(1, 7)]
    assert sorted(row.display_name for row in learned) == names
    assert {row.sync_token for row in learned} == {"0"}
    six.company.calls.clear()
    six.push()
    assert not six.company.calls


def test_without_a_log_an_adopted_customer_is_told_to_the_mis_all_the_same(six):
    six.push()
    for name in LOGS:
        (six.desk.logs / name).unlink()
    six.run_sql("UPDATE tbl_online_application SET QuickBk_Status = 0")
    six.enrol(person(7))
    there = {row["DisplayName"]: row for row in six.customers()}
    adopted = (adopt(one, there[f"Aline Uwera{one.mis_id}"]) for one in people(6))
    six.plan(*adopted, create(person(7)))

    assert six.push() == stage.OK

    assert six.statuses() == {"1": 7}
    assert six.outcomes() == {"recovered": 6, "created": 1}


def test_where_somebody_else_wrote_customers_everything_is_looked_at(six):
    six.push()
    six.write(DisplayName="Somebody")
    six.enrol(person(7))
    six.plan(create(person(7)))
    six.company.calls.clear()

    assert six.push() == stage.OK

    assert six.company.calls == {"count": 2, "query": 1, "batch": 1}
    assert "the other side holds another number of them" in six.desk.out


def test_a_hold_that_waits_in_an_applied_plan_was_not_sent(six):
    dies(six, False)
    six.plan(create(person(1))._replace(action=HOLD, reason="it is unclear"), hold(person(2)))
    six.push()
    six.plan(*map(create, people(6)))

    assert six.push() == stage.OK

    assert six.marks() == SIX
