"""The door of sessions: in this process, in others, killed, cancelled, and in JSON."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from src import config, wms_sync
from src.kit import errors, stage
from src.office import wms_session
from tests.desk import Desk
from tests.wms import standin


@pytest.fixture
def run(desk) -> Callable[..., int]:
    """Return what runs the door with stand-ins for the others."""

    def start(*options: str, ends: str = "0,0,0") -> int:
        door = type("door", (), {"main": lambda argv: wms_sync.main(argv, _doing(ends))})
        return desk.run(door, *options)

    return start


def _doing(ends: str) -> Callable:
    def stages(objects: tuple[str, ...], is_full: bool, is_forced: bool, _: bool) -> list:
        words = (*objects, *["full"] * is_full, *["forced"] * is_forced)
        return standin.doing(*ends.split(","), words=words)

    return stages


def status(desk: Desk) -> dict:
    assert desk.run(wms_sync, "status", "--json") == errors.OK
    return json.loads(desk.out)


# --- a session here -------------------------------------------------------------------


def test_run_carries_out_a_session_and_shows_what_its_doors_say(desk, run):
    assert run("run", "items", "customers") == errors.OK

    assert [line for line in desk.out.splitlines() if "records" in line] == [
        f"{door}: 3 records  customers items" for door in standin.DOORS.values()
    ]
    assert desk.out.endswith("  completed\n  next: make wms-status\n")
    assert status(desk)["status"] == "completed"


def test_options_reach_the_doors(desk, run):
    run("run", "items", "--force", "--full", ends="2")

    assert desk.out.startswith("wms_fetch: 3 records  items full forced\n")


def test_a_request_to_stop_another_session_concerns_nobody(desk, run):
    (desk.logs / "wms_sync.cancel").write_text("20261120T080000Z-abcdef")

    assert run("run") == errors.OK


@pytest.mark.parametrize(
    ("ends", "code", "state"),
    [
        ("0,0,1", 1, "completed"),
        ("0,2,0", 2, "failed"),
        ("crash,0,0", 1, "failed"),
        ("0,143,0", 143, "cancelled"),
    ],
)
def test_the_exit_code_is_that_of_the_worst_stage(desk, run, ends, code, state):
    assert run("run", ends=ends) == code
    assert status(desk)["status"] == state


def test_the_words_of_a_stage_that_failed_are_in_the_status(desk, run):
    run("run", ends="crash,0,0")

    assert status(desk)["errors"] == ["wms_fetch: crashed: KeyError: 'x'"]


def test_a_session_leaves_a_receipt_like_every_door(desk, run):
    run("run", ends="0,0,1")

    text = (desk.logs / "receipts.csv").read_text("utf-8-sig")
    [line] = [line for line in text.splitlines() if ",wms_sync,run," in line]
    assert "exit=1" in line


def test_another_session_is_refused_naming_its_holder(desk, run):
    settings = desk.config
    with wms_session.outside(settings, stage.start("wms_sync", "", [])).lock:
        assert run("run") == errors.LOCKED

    assert f"held by process {os.getpid()} on " in desk.err


@pytest.mark.parametrize("command", ["start", "run"])
def test_a_word_that_is_no_type_is_refused(desk, run, command):
    assert run(command, "customer") == errors.NOTHING_DONE
    assert desk.err.startswith("customer: nothing of that name; choose among customers, ")


@pytest.mark.parametrize("command", ["status", "history", "cancel"])
def test_types_go_with_start_and_run_only(desk, run, command):
    assert run(command, "items") == errors.NOTHING_DONE
    assert desk.err == f"wms_sync {command}: takes no types; leave items out\n"


# --- what there is to see -------------------------------------------------------------


def test_before_the_first_session_the_status_says_how_to_begin(desk):
    assert desk.run(wms_sync, "status") == errors.OK

    assert desk.out == "wms_sync: never synchronized\n  next: make wms-sync\n"
    assert status(desk)["status"] is None


def test_the_status_for_programs_has_times_that_they_can_read(desk, run):
    run("run", "items")

    found = status(desk)
    assert found["start_time"] < found["end_time"] and found["end_time"].endswith("+00:00")
    assert found["object_progress"] == {"items": {"total": 0, "synced": 0, "failed": 0}}
    assert found["progress_percentage"] == 100


def test_the_status_for_people_has_a_line_for_each_type(desk, run):
    run("run", "items", "vendors")
    desk.run(wms_sync, "status")

    lines = desk.out.splitlines()
    assert lines[0] == "wms_sync: completed, 100 %"
    assert lines[3:5] == [f"  {word:22} 0 of 0" for word in ("vendors", "items")]
    assert lines[5].startswith("  last completed         20")


def test_the_history_is_newest_first_and_says_why_a_session_failed(desk, run):
    run("run", "items")
    run("run", "vendors", ends="0,crash,0")
    desk.run(wms_sync, "history")

    lines = desk.out.splitlines()
    assert lines[0] == "wms_sync: 2 sessions"
    assert [line.split()[3] for line in lines if "UTC" in line] == ["failed", "completed"]
    assert lines[2:4] == ["    vendors: 0 of 0", "    wms_plan: crashed: KeyError: 'x'"]


def test_the_history_for_programs_is_a_list(desk, run):
    run("run", "items")
    desk.run(wms_sync, "history", "--json")

    [past] = json.loads(desk.out)
    assert (past["status"], past["objects"], past["error_log"]) == ("completed", ["items"], "")


# --- sessions in other processes ------------------------------------------------------


class Elsewhere:
    """A session in a process of its own, whose first door waits; `stage` is its id."""

    def __init__(self, desk: Desk, ends: str = "wait,0,0") -> None:
        environ = {**os.environ, **desk.settings, "STANDIN": ends}
        command = [sys.executable, "-m", "tests.wms.standin", "run"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(
            command, cwd=config.ROOT, env=environ, text=True, **pipes
        )
        begun, stage_id = self.process.stdout.readline().split()
        assert begun == "begun"
        self.stage = int(stage_id)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        with suppress(ProcessLookupError):
            os.kill(self.stage, signal.SIGKILL)


@pytest.fixture
def elsewhere(desk) -> Iterator[Elsewhere]:
    found = Elsewhere(desk)
    yield found
    found.end()


def test_a_session_elsewhere_is_seen_to_run(desk, elsewhere):
    found = status(desk)

    assert (found["status"], found["progress_percentage"]) == ("running", 0)
    assert found["end_time"] is None


def test_cancel_waits_until_the_session_has_stopped_and_says_where(desk, elsewhere):
    assert desk.run(wms_sync, "cancel") == errors.OK

    assert desk.out == (
        "wms_sync: cancelled\n"
        "stopped during wms_fetch, by wms_sync cancel; nothing was written\n"
    )
    assert elsewhere.process.wait() == 143
    assert not (desk.logs / "wms_sync.cancel").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_session_is_passed_on_and_cancels_it(desk, elsewhere, number):
    elsewhere.process.send_signal(number)

    assert elsewhere.process.wait() == 128 + number
    assert status(desk)["status"] == "cancelled"


@pytest.mark.skipif(os.name == "nt", reason="locks that are handed on (no Windows)")
def test_a_session_lives_as_long_as_a_door_of_it(desk, elsewhere, run):
    elsewhere.process.kill()
    elsewhere.process.wait()

    assert status(desk)["status"] == "running"
    assert run("run") == errors.LOCKED


def test_a_killed_session_has_failed_at_once_and_another_may_start(desk, elsewhere, run):
    elsewhere.process.kill()
    os.kill(elsewhere.stage, signal.SIGKILL)
    elsewhere.process.wait()

    while (found := status(desk))["status"] == "running":
        pass  # the killed door is not gone at once
    assert found["status"] == "failed"
    assert found["errors"][0].startswith("ended without a word")
    assert run("run") == errors.OK


def test_a_stage_told_to_stop_by_somebody_cancels_the_session(desk, elsewhere):
    os.kill(elsewhere.stage, signal.SIGTERM)

    assert elsewhere.process.wait() == 143
    assert status(desk)["errors"] == [
        "stopped during wms_fetch, by a signal; nothing was written"
    ]


def test_whoever_looks_on_may_leave(desk):
    found = Elsewhere(desk, "wait,0,0")
    found.process.stdout.close()
    os.kill(found.stage, signal.SIGTERM)

    found.process.wait()
    assert status(desk)["status"] == "cancelled"


def test_there_is_nothing_to_cancel(desk):
    assert desk.run(wms_sync, "cancel") == errors.OK
    assert desk.out == "wms_sync: no session runs, so there is nothing to cancel\n"


def test_a_start_leaves_a_session_behind_that_is_known(desk):
    assert desk.run(wms_sync, "start", "customers") == errors.OK, desk.err
    said = desk.out
    desk.run(wms_sync, "cancel")
    desk.run(wms_sync, "history", "--json")

    [past] = json.loads(desk.out)
    assert said.startswith(f"wms_sync: session {past['session_id']} runs\n")
    assert past["objects"] == ["customers"] and past["status"] != "running"


def test_without_a_command_the_commands_alone_are_asked_for(desk, capsys):
    with pytest.raises(SystemExit):
        wms_sync.main([])

    assert capsys.readouterr().err.endswith("required: command\n")


def test_a_running_session_says_what_is_at_work(desk, elsewhere):
    desk.run(wms_sync, "status")

    assert desk.out.startswith("wms_sync: running, fetching, 0 %\n")
