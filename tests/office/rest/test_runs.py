"""Runs over HTTP."""

from __future__ import annotations

from src.kit import receipts
from src.kit.sessions import Count
from tests.mis.bureau import pushed
from tests.office.rest.caller import Caller
from tests.wms.control import attempt

TIME = "2026-11-20T08:00:00.000000+00:00"


def left(caller: Caller, run_id: str, door: str, kind: str, detail: str) -> None:
    fact = (caller.wms.clock.timestamp(), run_id, door, kind, "", "3", "ab", detail)
    receipts.append(caller.logs, fact)


def test_runs_of_every_door_are_listed_newest_first(caller):
    left(caller, "r1", "mis_push", receipts.RUN, "read=3 done=2 exit=1")
    caller.wms.seconds = 5
    left(caller, "r2", "wms_plan", receipts.RUN, "exit=0 from=1234567890")

    found = caller.get("/api/v1/runs").data

    assert [one["run_id"] for one in found["runs"]] == ["r2", "r1"]
    assert found["runs"][1]["counts"] == {"read": 3, "done": 2}
    assert (found["runs"][0]["exit"], found["runs"][0]["counts"]) == (0, {})


def test_a_run_whose_session_was_cancelled_says_so(caller):
    left(caller, "s1", "wms_apply", receipts.RUN, "exit=143")
    caller.wms.writer("s1").start(["items"])
    caller.wms.writer("s1").end("cancelled", "wms_apply", "", Count())

    [found] = caller.get("/api/v1/runs").data["runs"]

    assert (found["exit"], found["is_cancelled"]) == (143, True)


def test_runs_are_paged(caller):
    for number in range(12):
        caller.wms.seconds = number
        left(caller, f"r{number}", "mis_push", receipts.RUN, "exit=0")

    found = caller.get("/api/v1/runs?offset=10").data

    assert [one["run_id"] for one in found["runs"]] == ["r1", "r0"]
    assert (found["count"], found["total"], found["limit"]) == (2, 12, 10)


def test_without_runs_the_list_is_empty(caller):
    assert caller.get("/api/v1/runs").data["runs"] == []


def test_one_run_has_its_receipts_seals_outcomes_and_errors(caller):
    left(caller, "r1", "wms_apply", receipts.RUN, "exit=1")
    left(caller, "r1", "wms_apply", receipts.SEAL, "")
    failed = attempt("7", "failed", ts=TIME, id="8-1", name="Acme", error="taken")
    caller.wms.log("r1", attempt("1", "updated", ts=TIME), failed)

    found = caller.get("/api/v1/runs/r1").data

    assert [one["kind"] for one in found["receipts"] + found["seals"]] == ["run", "seal"]
    assert found["outcomes"] == {"wms": {"updated": 1, "failed": 1}}
    told = {"record": "customers 8-1 7 Acme", "outcome": "failed", "error": "taken"}
    assert found["errors"] == [{"pipeline": "wms", **told}]


def test_of_many_errors_the_first_two_hundred_are_told(caller):
    caller.bureau.log(*[pushed(n, "failed") for n in range(205)])

    found = caller.get("/api/v1/runs/r1").data

    assert (len(found["errors"]), found["more_errors"]) == (200, 5)
    assert found["errors"][0]["record"] == "Applicant 0"


def test_where_files_came_from_is_this_machines_business(caller):
    left(caller, "r1", "customers_check", receipts.RUN, "read=3 from=/home/ann/x.csv exit=0")

    assert caller.get("/api/v1/runs/r1").data["receipts"][0]["detail"] == "read=3 exit=0"


def test_a_run_that_is_not_there_is_not_found(caller):
    found = caller.get("/api/v1/runs/r9")

    assert (found.status, found.error) == (404, "r9: no such run; see /api/v1/runs")
