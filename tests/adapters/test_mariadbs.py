"""The throw-away server as a command: something is run with a MIS in MariaDB."""

from __future__ import annotations

import sys
from contextlib import contextmanager

import pytest

from tests.adapters import mariadbs

ASKED = (
    "import os; from src.adapters.mysql import Mysql; "
    "found = Mysql(os.environ['MIS_DATABASE_URL']); "
    "assert not found.structure(); print(found.product)"
)


class Server:
    """A server that names a database."""

    def fresh(self):
        return "mysql://u@h/test_1"


@contextmanager
def serving():
    yield Server()


def run(code: str, is_there: bool = True) -> int:
    """Run some Python with the server."""
    command = [sys.executable, "-S", "-c", code]
    return mariadbs.main(command, lambda: is_there, serving)


def test_a_command_is_told_of_a_database_of_its_own(capfd):
    assert run("import os; print(os.environ['MIS_DATABASE_URL'])") == 0

    assert capfd.readouterr().out == "mysql://u@h/test_1\n"


@pytest.mark.parametrize("code", [0, 1, 77])
def test_the_exit_code_is_the_command_s(code):
    assert run(f"raise SystemExit({code})") == code


@pytest.mark.skipif(sys.platform == "win32", reason="signals (no Windows)")
def test_a_command_that_was_killed_ends_as_shells_count():
    assert run("import os; os.kill(os.getpid(), 9)") == 137


def test_without_a_server_nothing_is_run_and_that_is_said(capfd):
    assert run("print('run')", is_there=False) == 0

    said = capfd.readouterr().out
    assert said.startswith("MariaDB is not installed: ") and "was not run" in said
    assert said.count("\n") == 1


def test_without_a_command_the_usage_is_said(capfd):
    assert mariadbs.main([]) == 2

    assert capfd.readouterr().err.startswith("usage: python -m tests.adapters.mariadbs ")


@pytest.mark.skipif(not mariadbs.is_installed(), reason="no MariaDB server installed")
def test_a_real_server_is_there_for_the_command_and_gone_after_it(capfd):
    assert mariadbs.main([sys.executable, "-S", "-c", ASKED]) == 0

    assert capfd.readouterr().out.startswith("MariaDB ")
