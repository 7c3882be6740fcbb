"""The warehouse's sessions over HTTP."""

from __future__ import annotations

import pytest

from src.wms.fields import TYPES
from tests.office.rest.caller import WAREHOUSE
from tests.wms.control import attempt

KEYS = [
    *("session_id", "status", "start_time", "end_time", "total_objects"),
    *("synced_objects", "failed_objects", "progress_percentage", "object_progress"),
    "errors",
]


def test_a_session_starts_for_the_types_that_are_named(caller):
    found = caller.post(f"{WAREHOUSE}/start", {"objects": ["items", "customers"]})

    told = {"session_id": "s1", "status": "running", "objects": ["customers", "items"]}
    assert (found.status, found.data) == (202, told)
    assert caller.wms.launched == [("s1", ("customers", "items"))]


@pytest.mark.parametrize("sent", [None, {}, {"objects": []}])
def test_no_types_are_all_types(caller, sent):
    assert caller.post(f"{WAREHOUSE}/start", sent).data["objects"] == list(TYPES)


@pytest.mark.parametrize("objects", ["items", ["orders"], [1], [["items"]], {"a": 1}, None, 3])
def test_what_is_no_list_of_types_starts_nothing(caller, objects):
    found = caller.post(f"{WAREHOUSE}/start", {"objects": objects})

    assert (found.status, found.error.partition("=")[0]) == (400, "objects")
    assert not caller.wms.launched


def test_where_a_session_runs_it_is_named(caller):
    with caller.holds(caller.wms, "s7"):
        found = caller.post(f"{WAREHOUSE}/start")

    assert (found.status, found.json["details"]["session_id"]) == (409, "s7")
    assert list(found.json["details"]) == KEYS


def test_a_status_without_a_session_has_all_keys(caller):
    found = caller.get(f"{WAREHOUSE}/status").data

    assert list(found) == KEYS
    assert (found["session_id"], found["status"]) == (None, None)


def test_a_status_shows_how_far_the_session_is(caller):
    caller.wms.log("s1", attempt("1", "updated"), attempt("2", "failed", error="no"))

    with caller.holds(caller.wms, "s1"):
        found = caller.get(f"{WAREHOUSE}/status").data

    assert (found["status"], found["synced_objects"]) == ("running", 1)
    assert found["object_progress"]["customers"] == {"total": 2, "synced": 1, "failed": 1}
    assert found["errors"] == ["customers 2: no"]


def test_a_session_that_was_killed_has_failed(caller):
    caller.wms.writer("s1").start(["items"])

    assert caller.get(f"{WAREHOUSE}/status").data["status"] == "failed"


def test_a_session_is_cancelled(caller):
    with caller.holds(caller.wms, "s7"):
        assert caller.post(f"{WAREHOUSE}/cancel", {}).status == 202

    assert caller.wms.outside.request.read_text() == "s7"


def test_where_none_runs_there_is_nothing_to_cancel(caller):
    assert caller.post(f"{WAREHOUSE}/cancel").status == 409


def test_a_history_tells_how_each_session_ended(caller):
    caller.wms.conduct()
    caller.wms.conduct(2, session_id="s2")

    found = caller.get(f"{WAREHOUSE}/history").data

    assert [one["status"] for one in found["sessions"]] == ["failed", "completed"]
    assert found["sessions"][0]["messages"] == ["wms_fetch said it"]


def test_a_history_leads_to_the_records_that_failed(caller):
    def failing() -> int:
        caller.wms.log("s1", attempt("1", "failed", error="no"))
        return 1

    caller.wms.conduct(0, 0, failing)

    [past] = caller.get(f"{WAREHOUSE}/history").data["sessions"]

    assert past["failed_objects"] == 1
    assert len(caller.get(past["error_log"]).data["errors"]) == 1


@pytest.mark.parametrize("query", ["?limit=0", "?limit=101", "?offset=-1", "?x=1"])
def test_a_history_that_is_asked_for_wrongly_is_refused(caller, query):
    assert caller.get(f"{WAREHOUSE}/history{query}").status == 400
