"""Stages as real processes: what they said, how they ended, who stopped them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from src.kit.doors import Ended, Stage
from src.kit.locks import Lock
from src.office import processes
from src.office.processes import Desk, Output
from tests.wms import standin

OUTPUT = "stages.out"
OWN_GROUP = "import os, sys; print(os.getpgid(0) == os.getpid(), file=sys.stderr)"


class Hall:
    """A folder of logs, and what was shown of the stages."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self.shown = ""
        self.asked: Callable[[], str] = lambda: ""

    def show(self, text: str) -> None:
        self.shown += text

    def desk(self, **environ: str) -> Desk:
        known = {**os.environ, "LOG_DIR": str(self.logs), **environ}
        return Desk(self.logs, OUTPUT, "s1", known, self.show, lambda: self.asked(), 0.01)

    def perform(self, end: str, *words: str, **environ: str) -> Ended:
        [one] = standin.doing(end, words=words)
        return self.carry_out(one, **environ)

    def carry_out(self, one: Stage, **environ: str) -> Ended:
        with Lock(self.logs / "test.lock") as lock:
            return processes.performing(self.desk(**environ))(one, lock.descriptor)


class Slow:
    """A process that ends when it was waited for often enough."""

    def __init__(self) -> None:
        self.returncode: int | None = None
        self.told: list[int] = []
        self._left = 4

    def wait(self, seconds: float) -> None:
        self._left -= 1
        if self._left:
            raise subprocess.TimeoutExpired("slow", seconds)
        self.returncode = 143

    def send_signal(self, number: int) -> None:
        self.told.append(number)


@pytest.fixture
def hall(tmp_path) -> Hall:
    return Hall(tmp_path)


def test_a_stage_that_comes_to_its_summary_is_told_by_it(hall):
    ended = hall.perform("0", "customers")

    assert ended == Ended(0, "wms_fetch: 3 records  customers", True)
    assert hall.shown == "wms_fetch: 3 records  customers\n  next: something\n"


@pytest.mark.parametrize("code", [1, 4, 3, 75])
def test_an_exit_code_is_handed_on(hall, code):
    assert hall.perform(str(code)).exit_code == code


def test_a_stage_that_crashes_is_known_by_its_missing_receipt(hall):
    assert hall.perform("crash") == Ended(1, "KeyError: 'x'", False)


def test_the_receipt_of_another_run_is_not_its_own(hall):
    hall.perform("0")
    receipts = hall.logs / "receipts.csv"
    receipts.write_bytes(receipts.read_bytes().replace(b"s1", b"s0"))

    assert hall.perform("crash") == Ended(1, "KeyError: 'x'", False)


def test_settings_and_the_session_reach_a_stage_by_its_environment(hall):
    assert hall.perform("0", WORD="quiet").said == "wms_fetch: 3 records quiet"


def test_a_stage_is_told_to_stop_once_and_ends_by_itself(hall):
    asked = []
    hall.asked = lambda: "begun" in hall.shown and not asked.append(1) and "somebody"

    ended = hall.perform("wait")

    assert ended.exit_code == 143
    assert len(asked) == 1


def test_a_stage_that_takes_its_time_to_stop_is_not_told_twice(hall, tmp_path):
    (tmp_path / "said").touch()
    hall.asked = lambda: "somebody"
    process = Slow()

    processes._watch(process, Output(tmp_path / "said"), hall.desk())

    assert len(process.told) == 1


def test_a_stage_has_a_group_of_its_own_so_that_a_signal_comes_once(hall):
    one = Stage("fetched", "wms_fetch", (sys.executable, "-S", "-c", OWN_GROUP))

    assert hall.carry_out(one).said == "True"


def test_what_stages_say_is_kept_in_one_file(hall):
    hall.perform("0", "a")
    hall.perform("0", "b")

    kept = (hall.logs / OUTPUT).read_text()
    assert [line[-1] for line in kept.splitlines() if "records" in line] == ["a", "b"]


def test_the_file_of_what_they_said_does_not_grow_for_ever(hall):
    (hall.logs / OUTPUT).write_bytes(b"x" * 1_000_001)

    hall.perform("0")

    assert (hall.logs / OUTPUT).stat().st_size < 1000


def test_each_look_at_a_file_shows_what_is_new(tmp_path):
    path = tmp_path / "x"
    path.write_text("old")
    output = Output(path)
    path.write_text("old and new")

    assert (output.new(), output.new()) == (" and new", "")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("", ""),
        ("one\ntwo\n\n", "two"),
        ("at work\nwms_plan: 3 cards\n  next: x\n", "wms_plan: 3 cards"),
        ("wms: 0 customers, 412 last time; use --force\n", "wms: 0 customers, 412 last time; use --force"),
        ("x" * 5000, "x" * 4000),
    ],
)
def test_a_stage_is_told_in_one_line(said, sentence):
    assert processes.sentence(said, "wms_plan") == sentence


def test_the_notes_of_a_stage_that_did_not_go_well_follow_its_summary():
    notes = ["data/x.csv: stays as it was; 504", "data/y.csv: stays as it was; 500"]
    said = "\n  ".join(["wms_fetch: 3 new", "3 read = 3 out", *notes, "next: x"])

    found = processes.sentence(said, "wms_fetch", is_well=False)

    assert found.split("\n") == ["wms_fetch: 3 new", *notes]
    assert processes.sentence(said, "wms_fetch") == "wms_fetch: 3 new"
    assert processes.notes(said, "wms_fetch") == notes


def test_what_a_stage_says_on_the_way_to_its_summary_is_no_note():
    said = "waiting; 3 s\nwms_fetch: 3 new; 2 gone\n  a; b\n"

    assert processes.notes(said, "wms_fetch") == ["a; b"]


def test_a_stage_hands_on_its_notes_however_it_ended(hall):
    says = "print('wms_fetch: 3 new\\n  3 read = 3 out\\n  left out; look')"
    one = Stage("fetched", "wms_fetch", (sys.executable, "-S", "-c", says))

    assert hall.carry_out(one).notes == ("left out; look",)
