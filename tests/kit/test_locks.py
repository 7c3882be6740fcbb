"""Locks between processes: refused naming the holder, free when the holder dies."""

import os
import subprocess
import sys

import pytest

from src.kit import locks
from src.kit.errors import LOCKED, Locked

HOLDER = """
import sys
from pathlib import Path
from src.kit import locks
with locks.Lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "pipeline.lock"


@pytest.fixture
def holder(path):
    """Return another process that holds the lock until its input ends."""
    command = [sys.executable, "-c", HOLDER, str(path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def is_free(path) -> bool:
    try:
        with locks.Lock(path):
            return True
    except Locked:
        return False


def test_a_lock_held_by_another_process_is_refused_naming_it(holder, path):
    with pytest.raises(Locked) as refused, locks.Lock(path):
        pass

    assert refused.value.exit_code == LOCKED == 75
    said = str(refused.value)
    assert said.startswith(f"{path}: held by process {holder.pid} on ")
    assert said.endswith("; wait until it ends, then start this command again")


def test_a_lock_is_free_as_soon_as_its_holder_is_killed(holder, path):
    assert not is_free(path)

    holder.kill()
    holder.wait()

    assert is_free(path)


def test_a_lock_is_free_when_its_holder_ends(holder, path):
    holder.stdin.close()
    holder.wait()

    assert is_free(path)


def test_a_refusal_leaves_the_lock_with_its_holder(holder, path):
    assert [is_free(path) for _ in range(3)] == [False] * 3
    assert f"process {holder.pid} " in path.read_text()


def test_a_lock_is_held_until_the_block_ends_and_can_be_taken_again(path):
    lock = locks.Lock(path)
    for _ in range(2):
        with lock:
            assert not is_free(path)
        assert is_free(path)


def test_an_error_in_the_block_frees_the_lock(path):
    with pytest.raises(KeyError), locks.Lock(path):
        raise KeyError

    assert is_free(path)


def test_whoever_is_refused_learns_what_the_holder_is_at_work_on(path):
    with locks.Lock(path) as lock:
        lock.sign("s7")
        with pytest.raises(Locked, match=", at work on s7; wait") as refused, locks.Lock(path):
            pass

    assert refused.value.work == "s7"


def test_a_holder_that_said_nothing_is_at_work_on_nothing_known(path):
    with locks.Lock(path), pytest.raises(Locked) as refused, locks.Lock(path):
        pass

    assert refused.value.work == ""


def test_reading_the_lock_file_does_not_free_it(path):
    with locks.Lock(path):
        assert f"process {os.getpid()} on " in path.read_text()
        assert not is_free(path)


def test_the_text_of_a_dead_holder_is_replaced_not_believed(path):
    path.write_text("process 1 on elsewhere since 1999, and much more text\n" * 9)

    with locks.Lock(path):
        assert path.read_text().startswith(f"process {os.getpid()} on ")
        assert path.read_text().count("\n") == 1


def test_an_open_file_can_be_claimed_once(path):
    with open(path, "ab") as first, open(path, "ab") as second:
        locks.claim(first.fileno(), "x")
        with pytest.raises(Locked, match="x.csv: busy; wait until it ends"):
            locks.claim(second.fileno(), "x.csv: busy")


def test_waiting_for_a_lock_ends_when_it_is_given_up(holder, path):
    with open(path, "rb+") as file:
        holder.stdin.close()
        locks.wait_for(file.fileno())

        assert not is_free(path)
