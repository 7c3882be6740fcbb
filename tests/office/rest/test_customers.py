"""The specification's customer synchronization over HTTP."""

from __future__ import annotations

from contextlib import ExitStack
from json import dumps

import pytest

from src.kit.doors import SILENT
from src.kit.errors import INPUT_OUTPUT, Refused
from src.office.rest.syncs import BEGINS
from tests.mis.bureau import MemoryMis, pushed
from tests.office.rest.caller import CUSTOMERS, LOCKED_SENTENCE, Caller
from tests.wms.control import Started

BOTH = ("applicants", "students")


# --- looking --------------------------------------------------------------------------


def test_an_analysis_is_the_specifications_json(caller):
    caller.bureau.mis = MemoryMis(applicants=["0"] * 850, students=["0"] * 1200)

    found = caller.get(f"{CUSTOMERS}/analyze")

    assert (found.status, found.json["success"]) == (200, True)
    assert found.data["students"]["not_synced"] == 1200
    assert found.data["overall"]["total_customers"] == 2050


def test_a_status_has_statistics_progress_connection_and_the_last_session(caller):
    caller.bureau.mis = MemoryMis(applicants=["1", "0"])
    caller.bureau.log(pushed(1, "created", run_id="s1"))

    with caller.holds(caller.mis, "s1"):
        found = caller.get(f"{CUSTOMERS}/status").data

    assert found["progress"] == {"applicants": 50.0, "students": 0.0, "overall": 50.0}
    assert found["last_session"]["session_id"] == "s1"
    assert found["last_session"]["synced_objects"] == 1


def test_a_mis_that_is_not_there_is_no_fault_of_the_request(caller):
    def missing():
        raise Refused("data/mis.db: not found; run make mis")

    caller.bureau.mis.opened = missing

    found = caller.get(f"{CUSTOMERS}/analyze")
    assert (found.status, found.error) == (503, "data/mis.db: not found; run make mis")


@pytest.mark.parametrize(
    ("query", "limit", "offset", "count"),
    [("", 10, 0, 10), ("?limit=10", 10, 0, 10), ("?limit=100&offset=8", 100, 8, 4)],
)
def test_a_preview_has_a_limit_and_an_offset(caller, query, limit, offset, count):
    show_whole_customers(caller)

    found = caller.get(f"{CUSTOMERS}/preview/applicants{query}").data

    assert (found["limit"], found["offset"], found["count"]) == (limit, offset, count)
    assert found["applicants"][0]["applicant_id"] == offset + 1


def show_whole_customers(caller: Caller) -> None:
    """Let twelve applicants be there who are shown with every field."""
    texts = ("DisplayName", "GivenName", "FamilyName", "PrimaryPhone", "PrimaryEmailAddr")
    whole = {**dict.fromkeys(texts, "x"), "CustomField": {"Gender": "F"}}
    whole |= {"notes": [], "is_name_planned": False}
    caller.bureau.mis = MemoryMis(applicants=["0"] * 12)
    outside = caller.bureau.outside._replace(shown=lambda people: [whole] * len(people))
    caller.rest.service.__init__(outside)


@pytest.mark.parametrize("word", BOTH)
@pytest.mark.parametrize("limit", ["0", "101", "abc", "-1", "", "1.5", "+3", "1_0", "٣", "007"])
def test_a_limit_that_makes_no_sense_is_refused_with_its_value(caller, word, limit):
    found = caller.get(f"{CUSTOMERS}/preview/{word}?limit={limit}")

    told = "is not a whole number from 1 to 100; give one"
    assert (found.status, found.error) == (400, f'limit="{limit}": {told}')


@pytest.mark.parametrize(
    "query", ["?offset=-1", "?offset=x", "?limit=5;DROP", "?page=2", "?limit=1&limit=2"]
)
def test_a_query_that_is_not_known_is_refused(caller, query):
    assert caller.get(f"{CUSTOMERS}/preview/students{query}").status == 400


# --- starting -------------------------------------------------------------------------


@pytest.mark.parametrize("word", BOTH)
def test_one_type_is_synchronized_in_a_session_of_its_own(caller, word):
    found = caller.post(f"{CUSTOMERS}/{word}", {"batch_size": 20})

    assert found.status == 202
    told = {"session_id": "s1", "status": "running", "objects": [word], "batch_size": 20}
    assert found.data == told
    assert caller.mis.launched == [("s1", (word,))]
    assert caller.mis.options == {"batch_size": 20}


@pytest.mark.parametrize("sent", [None, {}])
def test_without_a_body_the_specifications_defaults_hold(caller, sent):
    found = caller.post(f"{CUSTOMERS}/all", sent)

    assert (found.data["objects"], found.data["batch_size"]) == (list(BOTH), 50)


@pytest.mark.parametrize(
    ("sent", "objects"),
    [
        ({"sync_applicants": True, "sync_students": True}, list(BOTH)),
        ({"sync_applicants": False}, ["students"]),
        ({"sync_students": False}, ["applicants"]),
    ],
)
def test_a_type_may_be_left_out(caller, sent, objects):
    assert caller.post(f"{CUSTOMERS}/all", sent).data["objects"] == objects


def test_leaving_out_both_types_is_refused(caller):
    found = caller.post(f"{CUSTOMERS}/all", {"sync_applicants": False, "sync_students": False})

    said = "sync_applicants, sync_students: all are false; leave one of them true"
    assert (found.status, found.error) == (400, said)
    assert not caller.mis.launched


@pytest.mark.parametrize("word", [*BOTH, "all"])
@pytest.mark.parametrize("size", [0, 101, -1, True, "50", 1.5, None, [], 10**15])
def test_a_batch_size_that_makes_no_sense_starts_nothing(caller, word, size):
    found = caller.post(f"{CUSTOMERS}/{word}", {"batch_size": size})

    told = "is not a whole number from 1 to 100; give one"
    assert (found.status, found.error) == (400, f"batch_size={dumps(size)}: {told}")
    assert not caller.mis.launched


@pytest.mark.parametrize("flag", [0, 1, "true", None, []])
def test_a_flag_is_true_or_false(caller, flag):
    found = caller.post(f"{CUSTOMERS}/all", {"sync_students": flag})

    told = f"sync_students={dumps(flag)}: is neither true nor false"
    assert (found.status, found.error) == (400, told)


@pytest.mark.parametrize("word", [*BOTH, "all"])
def test_a_key_that_is_not_known_starts_nothing(caller, word):
    found = caller.post(f"{CUSTOMERS}/{word}", {"batchsize": 20})

    assert (found.status, found.error.partition(":")[0]) == (400, "batchsize")
    assert not caller.mis.launched


# --- one at a time --------------------------------------------------------------------


def test_where_a_session_runs_it_is_named(caller):
    with caller.holds(caller.mis, "s7"):
        found = caller.post(f"{CUSTOMERS}/all")

    assert (found.status, found.json["details"]["session_id"]) == (409, "s7")
    assert not caller.mis.launched


def test_a_conflict_says_since_when_and_what_to_do_and_nothing_of_this_machine(caller):
    with caller.holds(caller.mis, "s7"):
        found = caller.post(f"{CUSTOMERS}/all")

    way_out = f"wait until it has ended, or cancel it: POST {CUSTOMERS}/cancel"
    assert found.error == f"session s7 runs since 2026-11-20 08:00:00 UTC; {way_out}"


def test_a_running_session_is_known_at_once(caller):
    with caller.holds(caller.mis, "s7"):
        caller.post(f"{CUSTOMERS}/all")

    assert caller.wms.seconds == caller.mis.seconds == 0


def test_a_session_that_is_being_started_is_named_at_once(caller):
    found = []

    def begins(session_id: str, objects: tuple[str, ...]) -> Started:
        found.append(caller.post(f"{CUSTOMERS}/students"))
        caller.mis.writer(session_id).start(objects)
        return Started()

    caller.mis.on_launch = begins
    caller.post(f"{CUSTOMERS}/all")

    assert (found[0].status, found[0].json["details"]["session_id"]) == (409, "s1")
    assert (caller.wms.seconds, len(caller.mis.launched)) == (0, 1)


def test_without_a_mis_no_session_is_started(caller):
    def missing() -> None:
        raise Refused("data/mis.db: not found; run make mis")

    caller.mis.manager.__init__(caller.mis.outside._replace(check=missing))

    found = caller.post(f"{CUSTOMERS}/all")
    assert (found.status, found.error) == (503, "data/mis.db: not found; run make mis")
    assert not caller.mis.launched


def test_of_two_that_start_at_once_the_slower_one_learns_who_was_faster(caller):
    caller.loses(caller.mis)

    with ExitStack() as faster:

        def overtaken(session_id: str, objects: tuple[str, ...]) -> Started:
            faster.enter_context(caller.holds(caller.mis, "s7"))
            return Started(75, LOCKED_SENTENCE)

        caller.mis.on_launch = overtaken
        found = caller.post(f"{CUSTOMERS}/all")

    assert (found.status, found.error.partition(" runs")[0]) == (409, "session s7")
    assert found.json["details"]["session_id"] == "s7"


def test_the_row_of_a_session_that_just_began_is_waited_for(caller):
    caller.wms.on_sleep = lambda: caller.mis.writer("s7").start(["students"])

    with caller.mis.outside.lock:
        found = caller.post(f"{CUSTOMERS}/students")

    assert found.json["details"]["session_id"] == "s7"


def test_a_lock_without_a_session_is_told_all_the_same(caller):
    with caller.mis.outside.lock:
        found = caller.post(f"{CUSTOMERS}/students")

    assert (found.status, found.json["details"]) == (409, None)
    assert found.error == BEGINS


@pytest.mark.parametrize(
    ("code", "said", "told"),
    [
        (2, "QBO_API=soap: choose one", "QBO_API=soap: choose one"),
        (INPUT_OUTPUT, "logs: disk full; free", "logs: disk full; free"),
        (0, "", SILENT),
    ],
)
def test_a_session_that_ends_before_it_is_known_says_why(caller, code, said, told):
    caller.mis.on_launch = lambda *_: Started(code, said)

    found = caller.post(f"{CUSTOMERS}/all")
    assert (found.status, found.error) == (503, told)


# --- stopping, looking back -----------------------------------------------------------


def test_the_running_session_is_asked_to_stop(caller):
    with caller.holds(caller.mis, "s7"):
        found = caller.post(f"{CUSTOMERS}/cancel")

    assert (found.status, found.data) == (202, {"session_id": "s7", "status": "running"})
    assert caller.mis.outside.request.read_text() == "s7"


def test_where_none_runs_there_is_nothing_to_cancel(caller):
    found = caller.post(f"{CUSTOMERS}/cancel")

    assert (found.status, "nothing to cancel" in found.error) == (409, True)


def test_a_history_has_the_newest_first_and_is_paged(caller):
    for session_id in ("s1", "s2", "s3"):
        caller.mis.conduct(session_id=session_id, objects=("students",))

    found = caller.get(f"{CUSTOMERS}/history?limit=1&offset=1").data

    assert [one["session_id"] for one in found["sessions"]] == ["s2"]
    assert (found["count"], found["total"]) == (1, 3)
