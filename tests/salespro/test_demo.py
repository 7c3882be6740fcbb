"""The demo's exports: always the same, as real ones are, with every problem."""

from __future__ import annotations

import pytest

from src import csv_salespro_appointments, csv_salespro_users
from src.kit import errors
from src.salespro import demo
from src.salespro.records import REJECTS


def test_the_exports_are_always_the_same(tmp_path):
    assert demo.make_if_missing(tmp_path / "a") and demo.make_if_missing(tmp_path / "b")

    for name in (*demo.FILES.values(), demo.LATER):
        assert (tmp_path / "a" / name).read_bytes() == (
            tmp_path / "b" / name
        ).read_bytes()


def test_a_file_that_is_there_is_left_alone(tmp_path):
    (tmp_path / demo.LATER).write_text("mine")

    assert demo.make_if_missing(tmp_path)
    assert not demo.make_if_missing(tmp_path)

    assert (tmp_path / demo.LATER).read_text() == "mine"


def test_the_first_export_is_as_a_real_load(tmp_path):
    demo.make_if_missing(tmp_path)
    data = (tmp_path / demo.FILES["csv_appointments"]).read_bytes()

    assert data.startswith(b"\xef\xbb\xbf_id,_created_at,")
    assert 0.2 < data.count(b",TRUE,[") / demo.ROWS < 0.25
    assert b"[HRE] Demo Sold" in data and "Öztürk".encode() in data


def test_without_a_file_the_demo_is_imported(sales):
    assert sales.desk.run(csv_salespro_appointments) == errors.SOME_ROWS_FAILED

    assert "made the demo exports in data/demo first" in sales.out
    assert sales.counts() == {
        "processed": 254,
        "created": 243,
        "stale": 2,
        "rejected": 7,
        "held": 2,
    }
    assert sales.value("customer_last_name", "formula001") == "=cmd|' /C calc'!A0"


def test_each_planted_problem_is_a_reject_of_its_column(sqlite_sales):
    sqlite_sales.desk.run(csv_salespro_appointments)

    found = {r.original.partition(",")[0]: r.column for r in sqlite_sales.rows(REJECTS)}

    assert found == {
        "badDate001": "_updated_at",
        "noZone0001": "_updated_at",
        "badMoney01": "saleAmount",
        "negative01": "saleAmount",
        "badFlag001": "isSale",
        "tooLong001": "customer.nameLast",
        "": "_id",
    }


def test_the_later_export_fills_in_amounts_and_changes_no_newer_row(sqlite_sales):
    sales = sqlite_sales
    sales.desk.run(csv_salespro_appointments)
    later = sales.desk.root / "data/demo" / demo.LATER

    assert sales.take(later) == errors.OK

    assert sales.counts()["stale"] == 1
    assert "Stale" not in {
        name for (name,) in sales.values("customer_last_name").values()
    }
    assert "sale(s) without an amount" not in sales.out


@pytest.mark.parametrize("times", [1, 2])
def test_the_demo_of_users_is_imported_too(sales, times):
    for _ in range(times):
        assert sales.desk.run(csv_salespro_users) == errors.SOME_ROWS_FAILED

    word = "created" if times == 1 else "unchanged"
    assert sales.counts() == {"processed": 13, word: 12, "rejected": 1}
    assert set(sales.user_values("office_id").values()) == {"D12", "CS3", "B07", None}
