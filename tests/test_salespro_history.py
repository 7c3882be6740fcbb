"""The door that shows imports and analyzes appointments."""

from __future__ import annotations

import json

import pytest

from src import salespro_history
from src.kit import errors
from tests.salespro.counter import DAY, Sales, row


@pytest.fixture
def sales(desk, database_url) -> Sales:
    return Sales(desk, database_url)


def show(sales: Sales, *options: str) -> str:
    assert sales.desk.run(salespro_history, *options) == errors.OK, sales.desk.err
    return sales.out


def sold(
    id: str, email: str, amount: str = "", created: str = DAY, **more: str
) -> list[str]:
    return row(id, is_sale="TRUE", email=email, amount=amount, created=created, **more)


def test_without_an_import_there_is_nothing_to_list(sales):
    assert show(sales) == "salespro_history: 0 starts\n"
    assert "0 appointments, 0 sales" in show(sales, "analyze")


def test_imports_are_listed_newest_first_with_their_counts(sales):
    sales.take("none.csv")
    path = sales.export(*(row(f"{n}") for n in range(1200)), row("x", "soon"))
    sales.take(path, "--dry-run")

    lines = show(sales).split("\n")

    assert lines[0] == "salespro_history: 2 starts, dry runs among them: 1"
    assert lines[1].endswith(f" UTC  partial      csv_appointments, dry run  {path}")
    assert lines[2] == "    1,201 processed, 1,200 created, 1 rejected"
    assert lines[3].endswith(" UTC  failed       csv_appointments  none.csv")
    assert lines[4:6] == [
        "    nothing read",
        "    none.csv: File not found; check the path",
    ]


def test_the_analysis_tells_a_dry_run_from_an_import(sales):
    path = sales.export(row("a"))
    sales.take(path, "--dry-run")
    sales.take(path)

    lines = show(sales, "analyze").split("\n")

    assert lines[-4] == "  starts"
    assert lines[-3].endswith(f" completed   csv_appointments  {path}")
    assert lines[-2].endswith(f" completed   csv_appointments, dry run  {path}")
    assert show(sales, "--last", "1").startswith("salespro_history: 1 start\n")


def test_last_and_failed_choose_among_them(sales):
    sales.take_rows(row("a"))
    sales.take("none.csv")
    sales.take_rows(row("b"))

    assert show(sales, "--last", "2").count("UTC") == 2
    assert "none.csv" in show(sales, "--failed")
    assert show(sales, "--failed").count("UTC") == 1


def test_json_is_for_programs(sales):
    sales.take_rows(row("a"))
    sales.take_rows(row("a"), row("b"))

    [found] = json.loads(show(sales, "--json", "--last", "1"))

    assert (found["created"], found["unchanged"], found["status"]) == (
        1,
        1,
        "completed",
    )
    assert found["started_at"].endswith("+00:00")


def test_the_analysis_is_exact(sales):
    sales.take_rows(
        sold("a", "x@example.com", "0.10"),
        sold("b", "x@example.com", "0.20"),
        sold("c", "y@example.com", "9999999999999.99"),
        sold("d", "z@example.com"),
        row("e", email="z@example.com", amount="77"),
        row("f", email="z@example.com"),
    )

    said = show(sales, "analyze")

    assert "6 appointments, 4 sales" in said
    assert "conversion          66.7 %" in said
    assert "sales without amount 1" in said
    assert (
        "amount              10,000,000,000,000.29, mean 3,333,333,333,333.43" in said
    )


def test_representatives_are_in_the_order_of_what_they_sold(sales):
    sales.take_rows(
        *(sold(f"{n}", f"rep{n:02}@example.com", f"{n}.00") for n in range(12)),
        row("none", email=""),
    )

    found = json.loads(show(sales, "analyze", "--json"))["representatives"]

    assert [one["name"] for one in found] == [
        f"rep{n:02}@example.com" for n in range(11, 1, -1)
    ]
    assert (found[0]["cents"], found[0]["sales"], found[0]["conversion"]) == (
        1100,
        1,
        "100.0",
    )


def test_days_are_those_of_utc(sales):
    sales.take_rows(
        sold("a", "x", "1", created="2025-06-06T23:30:00-02:00"),
        sold("b", "x", "5", created="2025-06-07T00:00:00.000Z"),
        row("c", created="2025-06-06T00:00:00.000Z"),
        row("d", created=""),
    )

    found = json.loads(show(sales, "analyze", "--json"))["days"]

    assert [(one["name"], one["appointments"], one["cents"]) for one in found] == [
        ("", 1, 0),
        ("2025-06-06", 1, 0),
        ("2025-06-07", 2, 600),
    ]


def test_detailed_adds_the_amounts_of_each_day(sales):
    sales.take_rows(
        sold("a", "x", "1000.00"), sold("b", "x", "2000.01"), sold("c", "x")
    )

    assert "amounts:" not in show(sales, "analyze")
    assert "amounts: least 1,000.00, mean 1,500.01, most 2,000.01" in show(
        sales, "analyze", "--detailed"
    )


def test_a_hostile_file_name_does_not_steer_the_terminal(sales):
    sales.take("no\x1b[2Jsuch.csv")

    assert "no\\x1b[2Jsuch.csv" in show(sales)
