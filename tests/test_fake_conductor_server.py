"""The door that serves a company file of QuickBooks Desktop, as a user starts it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from src.adapters.conductor import CREATE, Change
from src.adapters.conductor_http import HttpDesktop
from src.config import ROOT
from src.kit import answers as said
from src.kit import net
from src.kit.answers import Unanswered
from src.kit.errors import LOCKED, NOTHING_DONE

KEY = "sk_conductor_test"
Start = Callable[..., subprocess.Popen]


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Start]:
    """Return a function that starts the door as a process of its own."""
    started: list[subprocess.Popen] = []

    def start(*options: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "src.fake_conductor_server", "--port", "0"]
        command += ["--state", str(tmp_path / "company"), *options]
        # Fixed settings: whatever .env lies about concerns no test.
        environ = {**os.environ, "ENV_FILE": os.devnull}
        environ |= {name: str(tmp_path) for name in ("DATA_DIR", "LOG_DIR")}
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        started.append(
            subprocess.Popen(command, cwd=ROOT, env=environ, text=True, **pipes)
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def asked(process: subprocess.Popen, deadline: float = 10.0) -> HttpDesktop:
    """Return a client of the URL that the door prints."""
    name, _, url = process.stdout.readline().strip().partition("=")
    assert name == "CONDUCTOR_BASE_URL"
    return HttpDesktop(net.Client(url, deadline), KEY, "end_usr_demo")


def create(desktop: HttpDesktop, name: str) -> said.Answer:
    return desktop.write(Change(CREATE, "customers", body={"name": name}))


def names(desktop: HttpDesktop) -> list[str]:
    return sorted(one["name"] for one in desktop.records("customers", {}))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_well(door, number):
    process = door()
    told = process.stdout.readline()
    assert re.fullmatch(r"CONDUCTOR_BASE_URL=http://127\.0\.0\.1:\d+/v1\n", told)

    process.send_signal(number)

    _, told = process.communicate(timeout=10)
    assert process.returncode == 0
    assert told.endswith("stopped; nothing is lost\n") and "Traceback" not in told


def test_the_end_of_standard_input_ends_it_where_that_is_asked_for(door):
    process = door("--while-stdin")
    process.stdout.readline()

    process.communicate(timeout=10)  # closes it

    assert process.returncode == 0


def test_what_it_said_yes_to_outlives_a_kill(door):
    first = door()
    assert create(asked(first), "Ann").kind == said.APPLIED
    first.kill()
    first.wait()

    again = asked(door())

    assert names(again) == ["Ann"]
    assert create(again, "ANN").code == "3100"


def test_one_folder_has_one_server(door):
    asked(door())

    second = door()

    _, told = second.communicate(timeout=10)
    assert (second.returncode, told.count("\n")) == (LOCKED, 1)
    assert "server.lock" in told


def test_a_port_in_use_is_told_in_one_sentence(door):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        process = door("--port", port)
        _, told = process.communicate(timeout=10)

    assert process.returncode == NOTHING_DONE
    assert (told.count("\n"), f"--port {port}: " in told) == (1, True)


@pytest.mark.parametrize(
    "options",
    [
        ("--port", "-1"),
        ("--utc-offset", "Mars"),
        ("--fail-rate", "x"),
        ("--slow-adjustments-above", "-1"),
    ],
)
def test_an_option_that_is_none_is_told_in_a_sentence(door, options):
    process = door(*options)
    _, told = process.communicate(timeout=10)

    assert process.returncode == NOTHING_DONE
    assert "Traceback" not in told and options[1] in told


def test_a_scenario_that_is_none_is_told_in_a_sentence(door, tmp_path):
    (tmp_path / "company").mkdir()
    (tmp_path / "company/scenario.csv").write_text("call,match,answer\n1,*,999\n", "utf-8")

    process = door()
    _, told = process.communicate(timeout=10)

    assert process.returncode == NOTHING_DONE
    assert told.count("\n") == 1 and "'999' is no answer" in told


def test_the_clock_of_quickbooks_computer_is_ahead_and_elsewhere(door):
    desktop = asked(door("--clock-ahead", "86400", "--utc-offset=-05:00"))

    made = create(desktop, "Ann").record["createdAt"]

    assert made.endswith("-05:00")
    assert names(desktop) == ["Ann"]


def test_calls_fail_at_the_rate_that_is_asked_for(door):
    desktop = asked(door("--fail-rate", "1"))

    assert create(desktop, "Ann").kind != said.APPLIED


def test_what_failed_by_chance_may_fare_better_the_next_time(door):
    desktop = asked(door("--fail-rate", "0.5"))

    kinds = {desktop.health().kind for _ in range(20)}

    assert said.APPLIED in kinds and len(kinds) > 1


def test_a_slow_quickbooks_outlasts_a_hasty_program(door):
    desktop = asked(door("--latency", "0.6"), deadline=0.2)

    assert create(desktop, "Ann").kind == said.UNKNOWN


def test_what_is_missing_is_404_where_that_is_asked_for(door):
    desktop = asked(door("--missing-is-404"))

    assert desktop.read("customers", "80000001-1") is None


def test_another_end_user_has_no_company_file_here(door):
    process = door("--set", "CONDUCTOR_END_USER_ID=end_usr_else")

    with pytest.raises(Unanswered, match="end_usr_demo"):
        names(asked(process))


WRITES = """
import os, sys
from src import config
from src.adapters.conductor import CREATE, Change
from src.office import connect_desktop
desktop = connect_desktop.desktop(config.load(os.environ))
print(desktop.write(Change(CREATE, "customers", body={"name": "Ada"})).kind)
sys.exit(7)
"""


def test_a_command_is_led_to_the_company_and_its_exit_code_is_the_doors(door):
    served = door(sys.executable, "-c", WRITES)

    printed, _ = served.communicate()

    assert (printed, served.returncode) == (f"{said.APPLIED}\n", 7)
