"""The door that removes the demo: what it keeps of the importers, and what it says."""

import sqlite3

import pytest

from src import clean, csv_salespro_appointments, wms_apply, wms_demo, wms_fetch, wms_plan
from src.kit import errors
from src.kit.locks import Lock
from src.salespro.records import PLAN, RUNLOG
from tests.salespro.counter import Sales, row

WAREHOUSE = "the synchronization: not everything in the warehouse is the demo's"
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


@pytest.mark.parametrize("mis", ["", "mysql://somebody@localhost/mis"])
def test_what_a_killed_run_left_half_written_is_removed_whoever_s_it_is(desk, mis):
    (desk.config.data_dir / "plans").mkdir()
    names = ["mis_customers", "mis_plan", "qbo_names", "qbd_items", "wms_plan", "plans/r1"]
    halves = [desk.config.data_dir / f"{name}.csv.tmp" for name in names]
    halves.append(desk.logs / "mis_errors.csv.tmp")
    for half in halves:
        half.write_text("1199080012345678")
    mine = desk.config.data_dir / "mine.csv.tmp"
    mine.touch()

    assert desk.run(clean, MIS_DATABASE_URL=mis) == 0

    assert not [half for half in halves if half.exists()]
    assert mine.exists()


@pytest.mark.parametrize("conductor", ["wms_sync", "mis_sync"])
def test_nothing_is_removed_between_two_doors_of_a_synchronization(desk, conductor):
    with Lock(desk.logs / f"{conductor}.lock"):
        assert desk.run(clean) == errors.LOCKED

    assert desk.company.is_dir()


# --- the warehouse --------------------------------------------------------------------


def test_a_synchronized_demo_is_removed_on_both_sides(desk):
    desk.run(wms_demo, "make")
    desk.run(wms_fetch)
    desk.run(wms_plan)

    assert desk.run(clean) == 0

    assert "kept" not in desk.out
    data = desk.config.data_dir
    assert not desk.config.fake_conductor_dir.exists()
    assert not [*data.glob("wms*"), *data.glob("qbd_*"), *desk.logs.glob("wms_*")]


def test_a_warehouse_of_ones_own_is_kept_with_its_memory(desk):
    desk.run(wms_demo, "make")
    connection = sqlite3.connect(desk.config.wms_database_file)
    connection.execute("UPDATE customers SET name = 'Mine' WHERE id = 'C0-006'")
    connection.commit()
    connection.close()

    assert desk.run(clean) == 0

    assert f"  kept {WAREHOUSE}\n" in desk.out
    assert desk.config.wms_database_file.exists()
    assert (desk.logs / "receipts.csv").exists()


@pytest.mark.parametrize(
    ("setting", "kept"),
    [
        ({"CONDUCTOR_API": "http"}, "CONDUCTOR_API=http"),
        ({"WMS_DATABASE_URL": "postgresql://127.0.0.1:1/nowhere"}, "WMS_DATABASE_URL"),
    ],
)
def test_a_real_company_or_a_named_warehouse_is_left_alone(desk, setting, kept):
    desk.run(wms_demo, "make")

    assert desk.run(clean, **setting) == 0

    assert kept in desk.out
    assert desk.config.fake_conductor_dir.exists()


def synchronized(desk):
    for door, *words in ((wms_demo, "make"), (wms_fetch,), (wms_plan,), (wms_apply,)):
        desk.run(door, *words)


def test_logs_of_a_warehouse_that_is_elsewhere_are_kept(desk):
    synchronized(desk)
    desk.config.wms_database_file.unlink()

    desk.run(clean)

    assert "its logs are of a warehouse that is not here" in desk.out
    assert (desk.logs / "wms_runlog.csv").exists()


def test_logs_of_another_company_file_are_kept(desk):
    desk.run(wms_demo, "make")
    for door in (wms_fetch, wms_plan, wms_apply):
        desk.run(door, CONDUCTOR_END_USER_ID="end_usr_real")

    desk.run(clean)

    assert "its logs are of the company file of end_usr_real" in desk.out


def test_a_demo_that_was_synchronized_is_removed(desk):
    synchronized(desk)

    desk.run(clean)

    assert "kept" not in desk.out
