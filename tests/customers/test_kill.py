"""Killed at any point and run again: the same end state as one undisturbed run."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from src import customers_import
from src.kit import errors
from src.kit.database import ConnectionLost
from tests.adapters.breaking import Breaking, Killed, at_call, killed_at
from tests.customers.register import Register, customer
from tests.desk import Desk

BEFORE = [
    *(customer(f"Old{n}", f"{n}", main_email=f"a@old{n}.com", terms="N30") for n in range(4)),
    customer("Twin", "8"),
    customer("Twin", "9"),
    customer("Nobody"),
]
ROWS = [
    *(customer(f"Old{n}", f"{n}", main_email=f"b@old{n}.com", terms="N60") for n in range(3)),
    *(
        customer(f"New{n}", f"1{n}", main_email="c@new.com", billing_line1="1 Main St")
        for n in range(3)
    ),
    customer("Twin", main_phone="5551234567"),
    customer("NOBODY", "7"),
    customer("Jo", terms="N30"),
    customer("Jo", terms="N60"),
]
DECISIONS = {"Twin": "link:9", "Jo": "skip"}
SIZE = {"BATCH_SIZE": "2"}
WRITERS = ("customers/writing.py", "kit/importing.py", "kit/appender.py", "kit/judgements.py")
NEEDS_FORK = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork (no Windows)")


def planned(register: Register) -> Register:
    """Return the register with customers, and a decided plan to be imported."""
    assert register.take(*BEFORE) == errors.OK
    register.plan_for(*ROWS)
    register.decide(DECISIONS)
    return register


def end_state(register: Register) -> tuple:
    return register.stored(), register.verdicts()


@pytest.fixture
def copy_of_planned(tmp_path: Path) -> Callable[[str], Register]:
    """Return what makes a register with SQLite that is about to import its plan."""
    planned(Register(Desk(tmp_path / "planned"), ""))

    def make(name: str) -> Register:
        desk = Desk(tmp_path / name)
        for folder in ("data", "logs"):
            shutil.copytree(tmp_path / "planned" / folder, desk.root / folder, dirs_exist_ok=True)
        return Register(desk, "")

    return make


@pytest.fixture
def expected(copy_of_planned) -> tuple:
    """Return the end state of one undisturbed run."""
    register = copy_of_planned("undisturbed")
    assert register.load(**SIZE) == errors.OK
    return end_state(register)


def test_the_undisturbed_run_does_something_of_everything(copy_of_planned, expected):
    before, after = copy_of_planned("before").stored(), expected[0]

    assert len(after["customers"]) == len(before["customers"]) + 3
    assert len(after["customer_phones"]) == 1 and len(after["addresses"]) == 1
    assert len(expected[1]) == 3


def test_killed_at_any_call_and_run_again_ends_as_one_undisturbed_run(copy_of_planned, expected):
    number, was_killed = 0, True
    while was_killed:
        number += 1
        register = copy_of_planned(f"{number}")
        try:
            register.load_with(Breaking(at_call(number)), **SIZE)
            was_killed = False
        except Killed:
            pass
        assert register.load(**SIZE) == errors.OK

        assert end_state(register) == expected, number

    assert number > 60


def test_a_lost_connection_at_any_call_and_run_again_ends_the_same(copy_of_planned, expected):
    for number in range(2, 120, 9):
        register = copy_of_planned(f"{number}")
        lost = Breaking(at_call(number), ConnectionLost("gone; start again"))
        assert register.load_with(lost, **SIZE) in (errors.STOPPED_EARLY, errors.OK)

        assert register.load(**SIZE) == errors.OK

        assert end_state(register) == expected, number


def test_killed_again_and_again_it_ends_the_same(copy_of_planned, expected):
    register = copy_of_planned("stubborn")
    for number in (5, 15, 20, 25):
        with pytest.raises(Killed):
            register.load_with(Breaking(at_call(number)), **SIZE)

    assert register.load(**SIZE) == errors.OK
    assert end_state(register) == expected


@pytest.mark.parametrize("number", [3, 9, 20, 33, 47, 60])
def test_killed_on_postgresql_and_run_again_it_ends_the_same(
    tmp_path, postgresql, number, expected
):
    register = planned(Register(Desk(tmp_path / "other"), postgresql.fresh()))

    with pytest.raises(Killed):
        register.load_with(Breaking(at_call(number)), **SIZE)
    assert register.load(**SIZE) == errors.OK

    assert end_state(register) == expected


def test_killed_and_planned_anew_it_ends_the_same(copy_of_planned, expected):
    for number in range(10, 60, 8):
        register = copy_of_planned(f"{number}")
        with pytest.raises(Killed):
            register.load_with(Breaking(at_call(number)), **SIZE)

        assert register.match() == errors.OK
        register.decide(DECISIONS)
        register.load(**SIZE)

        assert end_state(register)[0] == expected[0], number


@NEEDS_FORK
@pytest.mark.parametrize("line", range(1, 700, 50))
def test_a_process_killed_at_an_enumerated_line_loses_nothing(copy_of_planned, expected, line):
    register = copy_of_planned("killed")

    door = killed_at(line, customers_import.main, WRITERS)
    assert register.desk.fork(door, **SIZE) in (-signal.SIGKILL, errors.OK), register.out
    assert register.load(**SIZE) == errors.OK

    assert end_state(register) == expected


def test_the_log_of_a_killed_run_is_continued(copy_of_planned):
    register = copy_of_planned("log")
    with pytest.raises(Killed):
        register.load_with(Breaking(at_call(60)), **SIZE)

    register.load(**SIZE)

    seqs = [int(row.seq) for row in register.log()]
    assert seqs == list(range(1, len(seqs) + 1))
