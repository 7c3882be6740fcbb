"""An appointment's biography: its lines, what was refused, what is stored."""

from __future__ import annotations

import pytest

from src.kit.stories import Found
from src.salespro.biography import TELLER
from src.salespro.records import RUNLOG
from tests.desk import Desk
from tests.salespro.counter import DAY, Sales, row
from tests.told import Told


@pytest.fixture(scope="module")
def sales(tmp_path_factory: pytest.TempPathFactory) -> Sales:
    """Return a counter after one export: one sale, one row with a bad date."""
    sales = Sales(Desk(tmp_path_factory.mktemp("sales") / "desk"), "")
    export = sales.export(
        row("Abc123xyz0", is_sale="TRUE", amount="12.50"),
        row("BadDate001", updated="2025-02-30T10:00:00.000Z"),
    )
    sales.take(export, "--dry-run")
    sales.take(export)
    return sales


def test_an_appointment_is_told_from_its_line_to_the_database(sales):
    told = Told(sales.desk, "Abc123xyz0")

    assert "saleAmount: 12.50" in told.chapter("Source")
    assert "created" in told.chapter("Preview")
    assert "sale_amount: 12.50" in told.chapter("Stored now")
    assert told.state.startswith("it is stored, as of 2025-06-07")


def test_it_is_in_a_batch(sales):
    [line, _] = Told(sales.desk, "Abc123xyz0").chapter("Attempts")

    assert "batch  line 2" in line


def test_a_refused_one_says_why_and_is_in_no_batch(sales):
    told = Told(sales.desk, "BadDate001")

    assert "Could not parse datetime" in told.state
    assert not any("batch" in line for line in told.chapter("Attempts"))


def test_an_id_is_told_from_another_in_small_letters(sales):
    assert Told(sales.desk, "abc123xyz0").only["name"] == "Abc123xyz0"


def test_a_later_export_is_told_too(sqlite_sales):
    sqlite_sales.take(sqlite_sales.export(row("a1234567", updated=DAY)))
    sqlite_sales.take(sqlite_sales.export(row("a1234567", result="[HRE] Demo Sold")))

    told = Told(sqlite_sales.desk, "a1234567")

    assert "resultFullString: [HRE] Demo Sold" in told.chapter("Source")
    assert "result_full_string: [HRE] Demo Sold" in told.chapter("Stored now")


def test_nobody_knows_what_a_database_has_that_does_not_answer():
    found = Found(RUNLOG.name, "x", 2, {"key": "a", "outcome": "held", "error": "e"})

    state = TELLER.tell([found], {"database": "locked"}).state

    assert state == (
        "nobody knows whether it is stored: the database does not answer; held: e"
    )
