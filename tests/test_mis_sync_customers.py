"""The door of the customer synchronization: commands, options, layouts, JSON, signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import pytest

from src import config, mis_sync_customers
from src.kit import errors
from src.kit.locks import Lock
from src.mis.records import APPLICANT, STUDENT
from src.office import connect_database
from tests.desk import Desk
from tests.mis import standin
from tests.mis.university import University

NATIONAL_ID = "1199080012345678"
TO_100 = "out of range; give a whole number from 1 to 100"
Run = Callable[..., int]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a MIS with 12 applicants and 2 students, one of each status 1 and 2."""
    file = tmp_path_factory.mktemp("filled") / "mis.db"
    with closing(connect_database.opened("", file, "MIS")) as database:
        found = University(database)
        found.many(APPLICANT, 12, first_name="Aline", family_name="Uwera")
        found.many(STUDENT, 2, fname="Eric", national_id=NATIONAL_ID)
        found.store.prepare()
        database.run("UPDATE tbl_personal_ug SET QuickBk_Status = per_id_ug")
    return file.read_bytes()


@pytest.fixture
def school(desk, filled) -> Path:
    """Return where a MIS with people lies that is the desk's."""
    desk.config.mis_database_file.write_bytes(filled)
    return desk.config.mis_database_file


@pytest.fixture
def run(desk) -> Run:
    """Return what runs the door with stand-ins for the others."""

    def start(*options: str, ends: str = "0", **settings: str) -> int:
        def stages(*told: object, **asked: bool) -> list:
            words, size, more = told
            said = (*words, f"by {size}", *more, *asked)
            return standin.doing(*ends.split(","), words=said)

        main = partial(mis_sync_customers.main, stages=stages)
        return desk.run(type("door", (), {"main": main}), *options, **settings)

    return start


def answer(desk: Desk) -> dict:
    return json.loads(desk.out)


# --- what there is to see -------------------------------------------------------------


def test_analyze_prints_the_specifications_statistics(desk, school, run):
    assert run("analyze") == errors.OK

    assert desk.out.startswith(
        "📊 Customer Synchronization Statistics:\n\n👥 APPLICANTS:\n"
        "   Total Applicants: 12\n   ✅ Already Synced: 0\n   ⏳ Not Synced: 12\n"
    )
    assert desk.out.endswith("   📈 Overall Progress: 7.1%\n")
    assert desk.err == ""


def test_analyze_answers_programs_in_the_envelope(desk, school, run):
    run("analyze", "--json")

    found = answer(desk)
    assert (found["success"], found["message"]) == (True, "Customer statistics")
    assert found["timestamp"].endswith("+00:00")
    assert found["data"]["students"] == {
        "total": 2,
        "not_synced": 0,
        "synced": 1,
        "failed": 1,
        "in_progress": 0,
    }


def test_a_status_shows_progress_connection_and_the_last_run(desk, school, run):
    run("students", ends="1")
    assert run("status") == errors.OK

    lines = desk.out.splitlines()
    assert lines[3] == "🎓 STUDENTS: 1 of 2 synced, 📈 50.0%"
    assert lines[6] == "🔗 QuickBooks: connected"
    assert lines[8].endswith(" UTC, exit code 1, 1 successful, 1 failed")


def test_a_status_answers_programs_in_the_envelope(desk, school, run):
    run("status", "--json")

    assert answer(desk)["message"] == "Customer synchronization"
    found = answer(desk)["data"]
    assert found["progress"] == {"applicants": 0.0, "students": 50.0, "overall": 7.1}
    assert (found["quickbooks_connected"], found["last_run"]) == (True, None)


def test_a_preview_shows_the_next_customers(desk, school, run):
    assert run("preview-applicants", "--limit", "2", "--offset", "10") == errors.OK

    lines = desk.out.splitlines()
    assert lines[0] == "👀 Unsynchronized applicants, 11 to 12:"
    assert lines[2] == "11. Aline Uwera                                  Applicant 11"
    assert "   🏷 CustomerType=Applicant  ApplicationID=11" in lines


def test_a_preview_of_ten_is_shown_unless_another_number_is_asked_for(desk, school, run):
    run("preview-applicants", "--json")

    assert answer(desk)["message"] == "Unsynchronized applicants"
    found = answer(desk)["data"]
    assert [one["applicant_id"] for one in found["applicants"]] == list(range(1, 11))
    assert (found["count"], found["limit"], found["offset"]) == (10, 10, 0)


@pytest.mark.parametrize("options", [[], ["--json"], ["--debug"]])
def test_a_preview_shows_no_national_id(desk, school, run, options):
    run("preview-students", *options)

    assert "***" in desk.out
    assert NATIONAL_ID not in desk.out + desk.err


def test_whoever_is_counted_as_not_synchronized_or_failed_is_in_the_preview(
    desk, school, run
):
    with closing(connect_database.opened("", school, "MIS")) as database:
        for status in ("NULL", "1", "2", "3", "7"):
            database.run(
                f"UPDATE tbl_online_application SET QuickBk_Status = {status} "
                f"WHERE appl_Id = 1 + COALESCE({status}, 0)"
            )
    run("analyze", "--json")
    counted = answer(desk)["data"]["applicants"]
    run("preview-applicants", "--limit", "100", "--json")

    assert counted["not_synced"] + counted["failed"] == answer(desk)["data"]["count"] == 10


SEEN = """
import sys
from src import mis_sync_customers
mis_sync_customers.main(sys.argv[1:])
print(*sorted(sys.modules), file=sys.stderr)
"""


def test_a_preview_loads_nothing_that_only_synchronizing_needs(desk, school):
    command = [sys.executable, "-S", "-c", SEEN, *desk.argv("preview-students")]

    said = subprocess.run(command, cwd=config.ROOT, capture_output=True, text=True)

    loaded = set(said.stderr.split())
    assert "src.mis.store" in loaded
    assert not loaded & {"subprocess", "http.client", "src.kit.delivery", "src.mis.planning"}


def test_looking_needs_no_login(desk, school, run):
    http = {"QBO_API": "http", "QBO_TOKEN_FILE": str(desk.root / "none.json")}

    assert [run(word, **http) for word in ("analyze", "status")] == [errors.OK] * 2
    assert "🔗 QuickBooks: not connected; run make login" in desk.out


def test_a_login_is_known_without_a_call_to_quickbooks(desk, school, run, served):
    before = len(served.requests())

    assert run("status") == errors.OK
    assert "🔗 QuickBooks: connected" in desk.out
    assert len(served.requests()) == before


# --- synchronizing --------------------------------------------------------------------


def test_a_synchronization_prints_results_and_hands_on_what_the_doors_say(desk, school, run):
    assert run("applicants", ends="0,0,1") == errors.SOME_ROWS_FAILED

    assert desk.out.startswith("🔄 Customer Synchronization Results:\n\n👥 APPLICANTS:\n")
    assert "   Applicant 2: no name\n" in desk.out
    said = [line for line in desk.err.splitlines() if "records" in line]
    assert said == [
        f"{door}: 3 records  applicants by 50 --progress off" for door in standin.DOORS.values()
    ]


def test_a_traceback_that_is_asked_for_is_asked_of_the_doors(desk, school, run):
    run("students", "--debug")

    assert "students by 50 --progress off --debug\n" in desk.err


@pytest.mark.parametrize("command", ["applicants", "students", "all"])
def test_force_is_handed_on_to_whom_it_concerns(desk, school, run, command):
    assert run(command, "--force") == errors.OK

    assert "by 50 --progress off is_forced\n" in desk.err


def test_all_of_both_types_are_synchronized_in_one_run(desk, school, run):
    assert run("all", "--batch-size", "100") == errors.OK

    assert "applicants students by 100" in desk.err
    assert "🌟 OVERALL:\n   Total Processed: 1\n" in desk.out


def test_a_synchronization_answers_programs_in_the_envelope(desk, school, run):
    run("all", "--json", ends="1")

    found = answer(desk)
    assert found["success"] is True
    assert found["message"] == "Synchronization of applicants and students"
    assert found["data"]["applicants"]["errors"] == [{"applicant_id": 2, "error": "no name"}]
    assert found["data"]["students"]["total_processed"] == 0


def test_brief_results_name_nobody(desk, school, run):
    run("applicants", "--brief", ends="1")

    assert "Failed: 1" in desk.out and "no name" not in desk.out


def test_a_door_that_refuses_ends_it_with_its_sentence_once_and_its_code(desk, school, run):
    assert run("all", ends="refuse,0") == errors.NOTHING_DONE

    assert desk.err.splitlines()[-1] == "data/x.csv: not found; run y first"
    assert desk.err.count("data/x.csv") == 1
    assert desk.out == ""


def test_what_no_door_could_say_is_said(desk, school, run):
    assert run("all", ends="crash,0") == 1

    assert desk.err.splitlines()[-1] == "mis_plan: crashed: KeyError: 'x'"


def test_a_refusal_answers_programs_with_what_came_of_it(desk, school, run):
    assert run("applicants", "--json", ends="refuse,0") == errors.NOTHING_DONE

    found = answer(desk)
    assert (found["success"], found["error"]) == (False, "data/x.csv: not found; run y first")
    assert found["details"]["exit_code"] == 2
    assert found["details"]["results"]["total_processed"] == 0


def test_a_second_synchronization_at_the_same_time_is_refused(desk, school, run):
    with Lock(desk.logs / "mis_sync.lock"):
        assert run("all", "--json") == errors.LOCKED

    assert "held by process" in desk.err
    assert answer(desk)["details"] == {"exit_code": errors.LOCKED}


def test_a_quiet_synchronization_shows_its_results_and_nothing_of_its_doors(desk, school, run):
    assert run("all", "--quiet") == errors.OK

    assert desk.out.startswith("🔄 Customer Synchronization Results:")
    assert desk.err == ""
    assert "mis_push: 3 records" in (desk.logs / "mis_sync.out").read_text()


# --- sessions -------------------------------------------------------------------------


def test_a_history_has_every_synchronization_newest_first(desk, school, run):
    run("applicants", ends="0,0,1")
    run("all", ends="refuse,0")
    assert run("history") == errors.OK

    lines = desk.out.splitlines()
    assert lines[0] == "mis_sync_customers: 2 sessions"
    assert lines[2:4] == [
        "    applicants students: 0 of 0",
        "    data/x.csv: not found; run y first",
    ]
    assert lines[5] == "    applicants: 1 of 2, 1 not synchronized"
    assert lines[6].startswith("    see logs/mis_runlog.csv, run_id ")


def test_a_history_answers_programs_in_the_envelope(desk, school, run):
    run("students")
    run("history", "--json")

    [one] = answer(desk)["data"]["sessions"]
    assert (one["status"], one["objects"]) == ("completed", ["students"])
    assert one["start_time"] <= one["end_time"]


def test_a_status_has_the_last_session_for_programs(desk, school, run):
    run("students", ends="1")
    run("status", "--json")

    session = answer(desk)["data"]["last_session"]
    assert session["status"] == "completed"
    assert session["errors"] == ["Applicant 2: no name"]


def test_without_a_session_there_is_nothing_to_cancel(desk, school, run):
    assert run("cancel") == errors.OK
    assert desk.out == (
        "mis_sync_customers: no session runs, so there is nothing to cancel\n"
    )

    run("cancel", "--json")
    assert answer(desk)["data"] == {"session_id": None, "status": None}


# --- options --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("analyze --limit 5", "mis_sync_customers analyze: takes no --limit; leave it out"),
        ("status --offset 0", "mis_sync_customers status: takes no --offset; leave it out"),
        ("status --force", "mis_sync_customers status: takes no --force; leave it out"),
        ("all --limit 5", "mis_sync_customers all: takes no --limit; leave it out"),
        (
            "preview-students --batch-size 5",
            "mis_sync_customers preview-students: takes no --batch-size; leave it out",
        ),
        ("students --batch-size 0", f"batch_size 0: {TO_100}"),
        ("all --batch-size 101", f"batch_size 101: {TO_100}"),
        ("preview-students --limit 101", f"limit 101: {TO_100}"),
        ("preview-students --offset -1", "offset -1: out of range; give a whole number from 0"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused_in_a_sentence(desk, school, run, words, said):
    assert run(*words.split()) == errors.NOTHING_DONE

    assert desk.err == f"{said}\n"
    assert not (desk.logs / "mis_sync.out").exists()


@pytest.mark.parametrize("words", ["", "sync"])
def test_words_that_mean_nothing_end_with_the_usage(capsys, words):
    with pytest.raises(SystemExit) as ended:
        mis_sync_customers.main(words.split())

    assert ended.value.code == errors.NOTHING_DONE
    assert capsys.readouterr().err.startswith("usage: python -m src.mis_sync_customers")


@pytest.mark.parametrize("word", ["ten", "²", "1.5", "--5"])
def test_a_number_that_is_none_is_named(capsys, word):
    with pytest.raises(SystemExit):
        mis_sync_customers.main(["preview-students", f"--limit={word}"])

    assert f"--limit: '{word}' is not a whole number\n" in capsys.readouterr().err


# --- what fails -----------------------------------------------------------------------


def test_without_a_mis_the_way_to_one_is_told(desk, run):
    assert run("analyze") == errors.NOTHING_DONE

    assert desk.err.startswith("data/mis.db: not found; run ")


def test_an_expected_failure_answers_programs_and_tells_people(desk, run):
    assert run("status", "--json") == errors.NOTHING_DONE

    found = answer(desk)
    assert found["message"] == "mis_sync_customers status failed"
    assert found["error"] == desk.err.strip()
    assert found["details"] == {"exit_code": 2}


def test_a_bad_setting_answers_programs(desk, run):
    assert run("status", "--json", QBO_API="soap") == errors.NOTHING_DONE

    assert answer(desk)["error"].startswith("QBO_API=soap: choose one of ")


def test_a_console_that_knows_no_emoji_gets_the_text(desk, school):
    environ = {**os.environ, **desk.settings, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    command = [sys.executable, "-m", "src.mis_sync_customers", "analyze"]

    said = subprocess.run(command, cwd=config.ROOT, env=environ, capture_output=True)

    assert said.returncode == errors.OK
    assert "   Total Applicants: 12\n".encode() in said.stdout


# --- stopped --------------------------------------------------------------------------


class Elsewhere:
    """A synchronization in a process of its own, whose first door waits."""

    def __init__(self, desk: Desk) -> None:
        environ = {**os.environ, **desk.settings, "STANDIN": "wait,0,0"}
        command = [sys.executable, "-m", "tests.mis.standin", "all", "--json"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen(
            command, cwd=config.ROOT, env=environ, text=True, **pipes
        )
        begun, door = self.process.stderr.readline().split()
        assert begun == "begun"
        self.door = int(door)

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()
        with suppress(ProcessLookupError):
            os.kill(self.door, signal.SIGKILL)


@pytest.fixture
def elsewhere(desk, school) -> Iterator[Elsewhere]:
    found = Elsewhere(desk)
    yield found
    found.end()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_passed_on_to_the_door_at_work(elsewhere, number):
    elsewhere.process.send_signal(number)

    out, err = elsewhere.process.communicate()
    assert elsewhere.process.returncode == 128 + number
    assert "stopping\n" in err  # the door's own word
    assert json.loads(out)["error"].startswith("mis_fetch: stopped by a signal; start ")


def test_a_door_that_is_told_to_stop_by_somebody_else_ends_it(elsewhere):
    os.kill(elsewhere.door, signal.SIGTERM)

    out, _ = elsewhere.process.communicate()
    assert elsewhere.process.returncode == 143
    assert json.loads(out)["details"]["exit_code"] == 143


@pytest.mark.skipif(os.name == "nt", reason="locks that are handed on (no Windows)")
def test_a_synchronization_is_at_work_as_long_as_a_door_of_it(desk, elsewhere, run):
    elsewhere.process.kill()
    elsewhere.process.wait()

    assert run("all") == errors.LOCKED


def test_a_synchronization_is_cancelled_by_a_command(desk, elsewhere, run):
    assert run("cancel") == errors.OK

    assert desk.out.startswith("mis_sync_customers: cancelled\nstopped during mis_fetch, by ")
    out, _ = elsewhere.process.communicate()
    assert json.loads(out)["error"].startswith(
        "mis_fetch: stopped by mis_sync_customers cancel; start the same command"
    )


def test_a_session_that_was_killed_has_failed(desk, elsewhere, run):
    elsewhere.end()
    found = {"status": "running"}
    while found["status"] == "running":  # until the system has ended both processes
        run("history", "--json")
        [found] = answer(desk)["data"]["sessions"]

    assert found["status"] == "failed"
    assert found["errors"][0].startswith("ended without a word, killed or switched off")
