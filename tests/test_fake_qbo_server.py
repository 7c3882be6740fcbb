"""The door that serves a company while a command runs, as a user starts it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from src.config import ROOT
from src.kit.answers import APPLIED
from src.kit.errors import NOTHING_DONE

Start = Callable[..., subprocess.Popen]

WRITES = """
import json, os, stat, sys
from src import config
from src.adapters.qbo import Change
from src.office import connect
settings = config.load(os.environ)
company = connect.company(settings)
record = {"DisplayName": "Ada", "Notes": "NationalID=1199080012345678"}
said = [one.kind for one in company.batch([Change("create", "Customer", record)], "r1")]
found = company.query("select * from Customer where DisplayName = 'Ada'")["Customer"]
mode = stat.S_IMODE(settings.qbo_token_file.stat().st_mode)
told = {name: text for name, text in os.environ.items() if name.startswith("QBO_")}
print(json.dumps({"said": said, "found": len(found), "mode": mode, **told}))
sys.exit(7)
"""


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Start]:
    """Return a function that starts the door, in a folder of the test's own."""
    started: list[subprocess.Popen] = []

    def start(*options: str, **environ: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "src.fake_qbo_server", "--port", "0", *options]
        names = ("DATA_DIR", "LOG_DIR", "FILES_DIR", "TMPDIR")
        folders = {name: str(tmp_path / name) for name in names}
        (tmp_path / "TMPDIR").mkdir(exist_ok=True)
        environ = {**os.environ, "ENV_FILE": os.devnull, **folders, **environ}
        pipes = dict.fromkeys(("stdout", "stderr"), subprocess.PIPE)
        started.append(
            subprocess.Popen(command, cwd=ROOT, env=environ, text=True, **pipes)
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def told(process: subprocess.Popen) -> dict:
    """Return what the command printed, which is all that the door prints."""
    printed, complained = process.communicate(timeout=20)
    assert complained == ""
    return json.loads(printed)


def test_a_command_is_logged_in_and_its_exit_code_is_the_doors(door, tmp_path):
    served = door(sys.executable, "-c", WRITES)

    found = told(served)

    assert (found["said"], found["found"], served.returncode) == ([APPLIED], 1, 7)
    assert (found["mode"], found["QBO_API"]) == (0o600, "http")
    assert list((tmp_path / "TMPDIR").iterdir()) == []
    assert not (tmp_path / "FILES_DIR").exists()


def test_the_company_stays_and_only_its_records_hold_what_was_written(door, tmp_path):
    for _ in range(2):
        assert told(door("--", sys.executable, "-c", WRITES))["found"] == 1

    company = tmp_path / "DATA_DIR/fake_qbo"
    holding = [one.name for one in company.iterdir() if b"11990800" in one.read_bytes()]
    assert holding == ["records.csv"]
    assert "Ada" not in (company / "requests.csv").read_text()


def test_a_command_need_not_hurry_unless_somebody_wants_it_to(door, tmp_path):
    env_file = tmp_path / "env"
    env_file.write_text("QBO_BACKOFF_SECONDS=0.3\n")

    usual = told(door(sys.executable, "-c", WRITES))
    wanted = told(
        door(
            *("--requests-per-minute", "90", "--set", "QBO_SETTLE_SECONDS=0.2"),
            *(sys.executable, "-c", WRITES),
            ENV_FILE=str(env_file),
        )
    )

    names = [f"QBO_{name}" for name in ("SETTLE_SECONDS", "REQUESTS_PER_MINUTE")]
    assert [usual[name] for name in names] == ["0", "0"]
    assert [wanted[name] for name in names] == ["0.2", "90"]
    assert usual["QBO_BACKOFF_SECONDS"] == "0.01"
    assert "QBO_BACKOFF_SECONDS" not in wanted  # the file says it


def test_a_command_that_cannot_be_started_is_told_in_a_sentence(door):
    served = door("no-such-command")

    _, complained = served.communicate(timeout=20)

    assert served.returncode == NOTHING_DONE
    assert complained.startswith("no-such-command: cannot be started (")
    assert complained.count("\n") == 1


WAITS = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
print("ready", flush=True)
time.sleep(30)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no signals")
def test_a_signal_is_for_the_command_to_obey(door):
    served = door(sys.executable, "-c", WAITS)
    served.stdout.readline()

    served.send_signal(signal.SIGINT)  # a terminal would send it to the command as well
    served.send_signal(signal.SIGTERM)

    _, complained = served.communicate(timeout=20)
    assert (served.returncode, complained) == (3, "")


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no signals")
def test_a_command_that_is_killed_has_the_exit_code_that_shells_give(door):
    served = door("sh", "-c", "kill -9 $$")

    served.communicate(timeout=20)

    assert served.returncode == 128 + signal.SIGKILL
