"""Killed at any point and run again: the same end state as one undisturbed run."""

from __future__ import annotations

import os
import signal

import pytest

from src import csv_salespro_appointments
from src.kit import errors
from src.kit.database import ConnectionLost
from tests.adapters.breaking import Breaking, Killed, at_call, killed_at
from tests.salespro.counter import DAY, Sales, row

NEWER = "2025-06-08T00:00:00.000Z"
BEFORE = [row(f"old{n}", DAY) for n in range(5)]
ROWS = [
    *(row(f"old{n}", NEWER, last="New") for n in range(4)),
    *(row(f"new{n}", is_sale="TRUE", amount="5") for n in range(5)),
    row("new0", DAY),
    row("two", last="This"),
    row("two", last="That"),
    row("bad", "soon"),
]
CALLS = 140  # more than an import of these rows makes
WRITERS = (
    "salespro/store.py",
    "salespro/history.py",
    "kit/importing.py",
    "kit/appender.py",
)
NEEDS_FORK = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="needs fork (no Windows)"
)


def whole(sales: Sales) -> list[tuple]:
    """Return what one undisturbed run stores; it leaves the counter as after it."""
    sales.take_rows(*BEFORE)
    sales.take_rows(*ROWS, BATCH_SIZE="2")
    return sales.stored()


@pytest.fixture
def expected(desk_of) -> list[tuple]:
    return whole(desk_of("undisturbed"))


@pytest.fixture
def desk_of(tmp_path):
    """Return what makes a counter with SQLite of its own."""
    from tests.desk import Desk

    return lambda name: Sales(Desk(tmp_path / name), "")


def test_killed_at_any_call_and_run_again_ends_as_one_undisturbed_run(
    desk_of, expected
):
    number, was_killed = 0, True
    while was_killed:
        number += 1
        sales, breaking = desk_of(f"{number}"), Breaking(at_call(number))
        sales.take_rows(*BEFORE)
        path = sales.export(*ROWS)
        try:
            sales.take_with(breaking, path, BATCH_SIZE="2")
            was_killed = False
        except Killed:
            pass
        assert sales.take(path, BATCH_SIZE="2") == errors.SOME_ROWS_FAILED

        assert sales.stored() == expected, number
        statuses = [found["status"] for found in sales.history()]
        assert "in_progress" not in statuses, (number, breaking.calls[-1])

    assert number > 60


def test_a_lost_connection_at_any_call_leaves_no_import_in_progress(desk_of, expected):
    for number in range(3, CALLS, 7):
        sales = desk_of(f"{number}")
        sales.take_rows(*BEFORE)
        path = sales.export(*ROWS)
        lost = Breaking(at_call(number), ConnectionLost("gone; start again"))
        sales.take_with(lost, path, BATCH_SIZE="2")
        assert sales.take(path, BATCH_SIZE="2") == errors.SOME_ROWS_FAILED

        assert sales.stored() == expected, number
        assert "in_progress" not in [found["status"] for found in sales.history()]


@pytest.mark.parametrize("number", [4, 12, 30, 41, 52, 61])
def test_killed_on_either_database_and_run_again_nothing_is_lost(
    sales, number, expected
):
    sales.take_rows(*BEFORE)
    path = sales.export(*ROWS)

    with pytest.raises(Killed):
        sales.take_with(Breaking(at_call(number)), path, BATCH_SIZE="2")
    sales.take(path, BATCH_SIZE="2")

    assert sales.stored() == expected
    assert sales.history()[-1]["status"] == "partial"


@NEEDS_FORK
@pytest.mark.parametrize("line", range(1, 900, 60))
def test_a_process_killed_at_an_enumerated_line_loses_nothing(desk_of, expected, line):
    sales = desk_of("killed")
    sales.take_rows(*BEFORE)
    path = sales.export(*ROWS)

    door = killed_at(line, csv_salespro_appointments.main, WRITERS)
    code = sales.desk.fork(door, str(path), BATCH_SIZE="2")
    assert code in (-signal.SIGKILL, errors.SOME_ROWS_FAILED), sales.out
    assert sales.take(path, BATCH_SIZE="2") == errors.SOME_ROWS_FAILED

    assert sales.stored() == expected
    assert sales.history()[-1]["status"] == "partial"
    statuses = {found["status"] for found in sales.history()[1:-1]}
    assert statuses <= {"interrupted", "partial"}
