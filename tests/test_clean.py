"""The door that removes the demo: what it keeps of the importers, and what it says."""

import pytest

from src import clean, csv_salespro_appointments
from src.salespro.records import PLAN, RUNLOG
from tests.salespro.counter import Sales, row

LEFT_ALONE = "  kept what was imported: the database that DATABASE_URL names is left alone\n"
NOT_THE_DEMOS = "  kept the database of the importers: not everything in it is the demo's\n"


@pytest.fixture
def sales(desk) -> Sales:
    return Sales(desk, "")


def test_imports_of_the_demo_are_removed(sales):
    sales.desk.run(csv_salespro_appointments)

    assert sales.desk.run(clean) == 0

    assert "kept" not in sales.out
    assert not sales.desk.path(RUNLOG).exists()
    assert not sales.desk.config.database_file.exists()


def test_imports_of_ones_own_are_kept_and_told(sales):
    sales.take_rows(row("mine"))

    assert sales.desk.run(clean) == 0

    assert NOT_THE_DEMOS in sales.out
    assert list(sales.values("is_sale")) == ["mine"]


def test_a_database_that_is_named_is_left_alone_without_a_look_at_it(sales):
    sales.desk.run(csv_salespro_appointments, "--dry-run")

    code = sales.desk.run(clean, DATABASE_URL="postgresql://127.0.0.1:1/nowhere")

    assert code == 0
    assert LEFT_ALONE in sales.out and NOT_THE_DEMOS not in sales.out
    assert sales.desk.path(PLAN).exists()
