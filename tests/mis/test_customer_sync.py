"""The functions of the customer synchronization: what they return, and refuse."""

from __future__ import annotations

import json

import pytest

from src.kit.errors import Refused
from src.kit.memory import SUCCESSES
from src.mis import customer_sync, results
from src.mis.customer_sync import Carried, envelope
from src.mis.records import STUDENT
from src.mis.results import PUSH
from tests.mis.bureau import Bureau, MemoryMis, pushed


@pytest.fixture
def bureau(tmp_path) -> Bureau:
    return Bureau(tmp_path)


# --- analyze --------------------------------------------------------------------------


def test_an_analysis_is_the_specifications_json(bureau):
    bureau.mis = MemoryMis(applicants=["0"] * 850, students=["0"] * 1200)

    assert bureau.service.analyze() == {
        "applicants": {
            "total": 850,
            "not_synced": 850,
            "synced": 0,
            "failed": 0,
            "in_progress": 0,
        },
        "students": {
            "total": 1200,
            "not_synced": 1200,
            "synced": 0,
            "failed": 0,
            "in_progress": 0,
        },
        "overall": {
            "total_customers": 2050,
            "total_not_synced": 2050,
            "total_synced": 0,
            "total_failed": 0,
        },
    }


def test_each_status_is_counted_under_its_own_name_and_failed_ones_under_no_other(bureau):
    bureau.mis = MemoryMis(applicants=["", "0", "1", "1", "1", "2", "2", "2", "2", "3"])

    found = bureau.service.analyze()["applicants"]

    assert list(found.values()) == [10, 2, 3, 4, 1]


def test_the_overall_counts_are_those_of_both_types(bureau):
    bureau.mis = MemoryMis(applicants=["0", "1", "2", "3"], students=["1", "2", "2"])

    assert list(bureau.service.analyze()["overall"].values()) == [7, 1, 2, 3]


def test_a_mis_without_anybody_can_be_analyzed(bureau):
    assert set(bureau.service.analyze()["overall"].values()) == {0}


# --- preview --------------------------------------------------------------------------


def test_a_preview_has_the_next_ten_with_what_identifies_them(bureau):
    bureau.mis = MemoryMis(applicants=["1", *["0"] * 12])

    found = bureau.service.preview("applicants")

    assert found["applicants"][0] == {"applicant_id": 2, "DisplayName": "Name 2"}
    assert (found["count"], found["limit"], found["offset"]) == (10, 10, 0)


def test_a_preview_of_students_calls_them_students(bureau):
    bureau.mis = MemoryMis(students=["0"])

    found = bureau.service.preview("students", 5)

    assert found["students"] == [{"student_id": 1, "DisplayName": "Name 1"}]


def test_failed_ones_are_among_those_to_be_synchronized(bureau):
    bureau.mis = MemoryMis(applicants=["", "0", "1", "2", "3"])

    found = bureau.service.preview("applicants")["applicants"]

    assert [one["applicant_id"] for one in found] == [1, 2, 4]


def test_an_offset_leaves_out_the_first_ones(bureau):
    bureau.mis = MemoryMis(applicants=["0"] * 8)

    found = bureau.service.preview("applicants", 100, 6)

    assert [one["applicant_id"] for one in found["applicants"]] == [7, 8]
    assert (found["count"], found["limit"], found["offset"]) == (2, 100, 6)


def test_a_preview_of_nobody_is_empty(bureau):
    found = bureau.service.preview("students")

    assert found == {"students": [], "count": 0, "limit": 10, "offset": 0}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("applicants", 0), "limit 0: out of range; give a whole number from 1 to 100"),
        (("applicants", 101), "limit 101: out of range; give a whole number from 1 to 100"),
        (("applicants", -5), "limit -5: out of range; give a whole number from 1 to 100"),
        (("students", 5, -1), "offset -1: out of range; give a whole number from 0"),
        (("Applicant",), "Applicant: no such type; choose among applicants, students"),
    ],
)
def test_a_preview_outside_of_what_is_allowed_is_refused(bureau, arguments, said):
    with pytest.raises(Refused) as refusal:
        bureau.service.preview(*arguments)

    assert str(refusal.value) == said


# --- sync -----------------------------------------------------------------------------


def test_the_results_of_one_type_are_the_originals_json(bureau):
    bureau.log(
        pushed(1, "created", quickbooks_id="58"),
        pushed(2, "failed", error="400: 6000: the country is unknown"),
    )

    assert bureau.service.sync(["applicants"]).data == {
        "total_processed": 2,
        "successful": 1,
        "failed": 1,
        "waiting": 0,
        "errors": [{"applicant_id": 2, "error": "400: 6000: the country is unknown"}],
        "success_details": [{"applicant_id": 1, "quickbooks_id": "58"}],
        "waiting_details": [],
        "warnings": [],
    }


def test_the_results_of_all_are_those_of_each_type_and_two_times(bureau):
    bureau.log(pushed(1, "created"), pushed(1, "updated", type=STUDENT))

    found = bureau.service.sync().data

    assert list(found) == ["applicants", "students", "start_time", "end_time", "warnings"]
    assert found["students"]["success_details"] == [{"student_id": 1, "quickbooks_id": ""}]
    assert found["start_time"] == "2026-11-20T08:00:00.000000+00:00"
    assert found["end_time"] == "2026-11-20T08:01:00.000000+00:00"


def test_the_doors_get_the_types_and_the_batch_size(bureau):
    bureau.service.sync(["students"], 100)
    bureau.service.sync(["students", "applicants"])
    bureau.service.sync()

    both = ["applicants", "students"]
    assert bureau.asked == [(["students"], 100), (both, 50), (both, 50)]


@pytest.mark.parametrize("batch_size", [1, 100])
def test_batches_are_as_small_and_as_large_as_the_specification_allows(
    bureau, batch_size
):
    bureau.service.sync(["students"], batch_size)

    assert bureau.asked == [(["students"], batch_size)]


@pytest.mark.parametrize("batch_size", [0, -1, 101])
def test_a_batch_that_quickbooks_or_the_specification_forbids_is_refused(bureau, batch_size):
    with pytest.raises(Refused, match=f"^batch_size {batch_size}: out of range; "):
        bureau.service.sync(["students"], batch_size)

    assert not bureau.asked


def test_a_type_that_nobody_knows_is_refused_before_any_door_starts(bureau):
    with pytest.raises(Refused, match="^teachers: no such type; choose among applicants,"):
        bureau.service.sync(["teachers"])

    assert not bureau.asked


def test_rows_of_other_runs_are_no_results(bureau):
    bureau.log(pushed(1, "created", run_id="r0"), pushed(2, "failed", error="of r1 once"))
    bureau.carried = Carried("r2", 0)

    assert bureau.service.sync(["applicants"]).data["total_processed"] == 0


def test_a_run_that_another_ones_rows_only_name_is_not_that_other_one(bureau):
    bureau.log(pushed(1, "failed", run_id="r10", error="r1"))

    assert bureau.service.sync(["applicants"]).data["total_processed"] == 0


@pytest.mark.parametrize(
    ("outcomes", "counts"),
    [
        (["failed", "created"], (1, 1, 0)),
        (["in_doubt", "recovered"], (1, 1, 0)),
        (["in_doubt", "absent"], (1, 0, 1)),
        (["failed", "held"], (0, 0, 0)),
        (["created", "in_doubt"], (0, 0, 0)),
        (["created"] * 2, (1, 1, 0)),
    ],
)
def test_what_was_logged_last_of_a_person_counts_and_once(bureau, outcomes, counts):
    bureau.log(*(pushed(1, outcome) for outcome in outcomes))

    found = bureau.service.sync(["applicants"]).data

    assert tuple(found[name] for name in list(found)[:3]) == counts


@pytest.mark.parametrize("outcome", sorted(SUCCESSES))
def test_every_way_of_arriving_is_a_success(bureau, outcome):
    bureau.log(pushed(1, outcome))

    assert bureau.service.sync(["applicants"]).data["successful"] == 1


def test_a_failure_without_words_of_its_own_gets_some(bureau):
    bureau.log(pushed(1, "absent"))

    [found] = bureau.service.sync(["applicants"]).data["errors"]
    said = "did not arrive; the next run sends it again"
    assert found == {"applicant_id": 1, "error": said}


def test_who_was_not_attempted_is_no_result(bureau):
    bureau.log(pushed(1, "not_attempted"))

    assert bureau.service.sync(["applicants"]).data["total_processed"] == 0


def test_rows_that_wait_for_a_decision_are_counted_by_what_the_push_left_behind(bureau):
    bureau.ended("r1", "mis_plan", held=9)
    bureau.ended("r0", PUSH, held=7)
    bureau.ended("r1", PUSH, held=2)

    assert bureau.service.sync().waiting == bureau.service.sync(["students"]).waiting == 2


def test_nobody_waits_after_a_run_that_never_came_to_the_push(bureau):
    bureau.left(pushed(1, "held"))

    found = bureau.service.sync()
    assert (found.waiting, found.data["applicants"]["waiting"]) == (0, 0)


@pytest.mark.parametrize(
    ("outcome", "error", "said"),
    [
        ("held", "Vendor 3 has the name", "Vendor 3 has the name"),
        ("in_doubt", "", "nobody knows whether it arrived; the next run looks it up"),
    ],
)
def test_who_waits_is_named_whichever_run_said_so(bureau, outcome, error, said):
    bureau.left(pushed(6, outcome, run_id="r0", error=error), pushed(7, "failed"))
    bureau.ended("r1", PUSH, held=1)

    found = bureau.service.sync().data["applicants"]
    assert found["waiting_details"] == [{"applicant_id": 6, "error": said}]
    assert (found["waiting"], found["total_processed"], found["errors"]) == (1, 0, [])


def test_who_waits_is_among_those_of_its_type(bureau):
    bureau.left(pushed(6, "held", type=STUDENT), pushed("", "in_doubt", type=""))
    bureau.ended("r1", PUSH, held=1)

    assert bureau.service.sync().data["students"]["waiting"] == 1
    assert bureau.service.sync(["applicants"]).data["waiting"] == 0


def test_what_the_doors_could_not_do_is_among_the_results(bureau):
    bureau.carried = Carried("r1", 1, warnings=["3 row(s) are missing; plan again"])

    for words in (["applicants"], []):
        found = bureau.service.sync(words).data
        assert found["warnings"] == ["3 row(s) are missing; plan again"]


def test_a_sync_that_ended_before_its_end_says_why_and_what_it_has(bureau):
    bureau.log(pushed(1, "created"))
    bureau.carried = Carried("r1", 3, "mis_push: 1 created; stopped by --max-errors")

    found = bureau.service.sync(["applicants"])

    assert (found.exit_code, found.data["successful"]) == (3, 1)
    assert found.problem == "mis_push: 1 created; stopped by --max-errors"


@pytest.mark.parametrize(("mis_id", "told"), [("7", 7), ("A-7", "A-7"), ("٣", "٣")])
def test_a_primary_key_is_a_number_where_it_is_one(mis_id, told):
    assert results.identified("Student", mis_id) == {"student_id": told}


# --- status ---------------------------------------------------------------------------


def test_a_status_is_the_originals_json(bureau):
    bureau.mis = MemoryMis(applicants=["1", "0"], students=["1"])

    found = bureau.service.status()

    assert found["statistics"] == bureau.service.analyze()
    assert found["progress"] == {"applicants": 50.0, "students": 100.0, "overall": 66.6}
    assert found["quickbooks_connected"] is True
    assert found["last_updated"] == "2026-11-20T08:00:00.000000+00:00"
    assert found["last_run"] is None


def test_a_status_knows_whether_there_is_a_login(bureau):
    bureau.is_connected = False

    assert bureau.service.status()["quickbooks_connected"] is False


def test_a_status_names_the_newest_synchronization_and_what_it_came_to(bureau):
    bureau.log(pushed(1, "created", run_id="r2"), pushed(2, "failed", run_id="r2"))
    bureau.ended("r1")
    bureau.ended("r2", PUSH, held=3)
    bureau.ended("r2", exit=1)
    bureau.ended("r3", "mis_plan")

    assert bureau.service.status()["last_run"] == {
        "run_id": "r2",
        "ended": "2026-11-20T08:00:00.000000+00:00",
        "exit_code": 1,
        "total_processed": 2,
        "successful": 1,
        "failed": 1,
        "waiting": 3,
    }


def test_who_waited_in_an_earlier_run_does_not_wait_in_one_without_a_push(bureau):
    bureau.ended("r1", PUSH, held=3)
    bureau.ended("r2", exit=2)

    found = bureau.service.status()["last_run"]

    assert (found["run_id"], found["waiting"]) == ("r2", 0)


def test_a_push_that_was_started_by_hand_is_a_last_run_as_well(bureau):
    bureau.ended("r1")
    bureau.ended("r2", PUSH, exit=1)

    found = bureau.service.status()["last_run"]

    assert (found["run_id"], found["exit_code"]) == ("r2", 1)


def test_the_numbers_of_a_status_may_be_as_old_as_it_is_said(bureau):
    service = customer_sync.CustomerSync(bureau.outside, 1.0)
    before = service.status()
    bureau.mis = MemoryMis(applicants=["1"])

    assert service.status()["statistics"] == before["statistics"]
    assert service.analyze()["applicants"]["total"] == 1


@pytest.mark.parametrize(
    ("part", "whole", "share"),
    [(0, 0, 0.0), (1, 3, 33.3), (2, 3, 66.6), (2049, 2050, 99.9), (2050, 2050, 100.0)],
)
def test_only_all_of_it_is_a_hundred_percent(part, whole, share):
    assert customer_sync.percent(part, whole) == share


# --- answers --------------------------------------------------------------------------


def test_an_answer_has_the_originals_envelope():
    assert envelope("Customer statistics", "2026-11-20", {"a": 1}) == {
        "success": True,
        "message": "Customer statistics",
        "timestamp": "2026-11-20",
        "data": {"a": 1},
    }


def test_an_answer_to_what_failed_says_so_in_the_same_envelope():
    assert envelope("Failed", "2026-11-20", {"exit_code": 2}, "x: not found; run y") == {
        "success": False,
        "message": "Failed",
        "timestamp": "2026-11-20",
        "error": "x: not found; run y",
        "details": {"exit_code": 2},
    }


def test_everything_that_is_returned_can_be_sent_as_json(bureau):
    bureau.log(pushed(1, "created"))
    bureau.ended("r1")

    found = [bureau.service.analyze(), bureau.service.status(), bureau.service.sync().data]

    assert json.loads(json.dumps(found)) == found
