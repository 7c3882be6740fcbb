"""wms_plan: from three CSVs a kind to one plan that a person can edit."""

from __future__ import annotations

import os

import pytest

from src import config, wms_plan
from src.kit import plans, stage, tables
from src.kit import receipts as written_down
from src.kit.errors import NOTHING_DONE, SOME_ROWS_FAILED
from src.wms import cards
from src.wms.fields import SALES_ORDERS
from src.wms.records import DECIDED, PLAN
from tests.desk import Desk
from tests.wms.both import VENDOR, Both
from tests.wms.three import LATER, Desktop, Said

GOLDEN = config.ROOT / "tests/golden/wms_plan/small/out/data/wms_plan.csv"
BASE = Said({"name": "Acme", "full_name": "Acme", "phone": "1", "is_active": "yes"})
BOLT = {"item.id": "80-B", "item.full_name": "Bolt", "quantity": "2"}


def customer(name: str, phone: str = "1", **more: str) -> Said:
    """Return what a side says of a customer that it has edited."""
    values = {"name": name, "full_name": name, "phone": phone, "is_active": "yes"}
    return Said(values, LATER, more=more)


@pytest.fixture
def both(desk: Desk) -> Both:
    """Return a warehouse and a company file, both empty."""
    return Both(desk)


@pytest.fixture
def sides(desk: Desk) -> Desktop:
    """Return three sides of customers and orders, with a case of many kinds."""
    sides = Desktop(desk.root)
    order = Said({"ref_number": "SO-1", "memo": "b"}, lines={"L1": BOLT})
    ours = Said({"ref_number": "SO-1", "memo": "w"}, LATER, {"L1": BOLT, "+1": BOLT})
    new = {"ref_number": "SO-2", "customer.id": "wms:3", "transaction_date": "2026-05-04"}
    customers = {
        "1/80-1": (BASE, customer("Acme", "2"), BASE),
        "2/80-2": (BASE, customer("Acme, Ltd", "2"), customer("=Acme", "3")),
        "3/": (None, customer("New here"), None),
        "4/": (None, customer("x" * 50), None),
        "5/80-5": (BASE, None, BASE),
        "6/80-6": (BASE, BASE, BASE._replace(more={"deleted_at": LATER})),
        "7/80-7": (BASE, BASE, BASE),
        "/80-8": (None, None, customer("New there")),
    }
    orders = {"1/T-1": (order, ours, order), "2/": (None, Said(new, lines={"+1": BOLT}), None)}
    sides.write("customers", customers)
    sides.write(SALES_ORDERS, orders)
    return sides


def plan(desk: Desk, *options: str) -> int:
    return desk.run(wms_plan, "customers", SALES_ORDERS, *options, RUN_ID="golden")


def decide(desk: Desk, decision: str) -> None:
    """Fill in one decision everywhere."""
    rows = [row._replace(decision=decision) for row in desk.rows(PLAN)]
    tables.write(desk.path(PLAN), PLAN.row, rows)


def test_a_plan_is_the_golden_one(desk, sides):
    assert plan(desk) == stage.OK, desk.err

    made = desk.path(PLAN).read_bytes()
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.parent.mkdir(parents=True, exist_ok=True)
        GOLDEN.write_bytes(made)
    assert made == GOLDEN.read_bytes()


def test_the_summary_counts_records_and_says_what_quickbooks_will_cost(desk, sides):
    plan(desk)

    assert "10 read = 8 out + 1 skipped + 1 held" in desk.out
    assert "5 requests to QuickBooks, one at a time, 3 to 6 s each: less than a minute" in desk.out
    assert "next: make wms-apply" in desk.out


def test_every_row_is_signed_and_has_an_id_of_its_own(desk, sides):
    plan(desk)

    rows = desk.rows(PLAN)
    receipt = written_down.of_plan(desk.logs, desk.path(PLAN), PLAN)
    assert int(receipt.rows) == len(rows) == len({row.row for row in rows})
    assert all(plans.is_intact(row, cards.DECISION_AT, "golden") for row in rows)


def test_a_new_plan_takes_over_the_decisions_of_rows_that_say_the_same(desk, sides):
    plan(desk)
    decide(desk, "skip")
    sides.write("customers", {"1/80-1": (BASE, customer("Acme", "2"), BASE)})

    assert plan(desk) == stage.OK

    found = {(row.name, row.field): row.decision for row in desk.rows(PLAN)}
    assert found[("Acme", "phone")] == found[("SO-1", "memo")] == "skip"
    assert found[("SO-2", "")] == ""  # its customer is gone, so it says something else
    assert "decision(s) not taken over, because the row is gone" in desk.out
    assert "customers Acme, Ltd full_name; customers Acme, Ltd name;" in desk.out


def test_a_plan_of_some_types_keeps_what_was_decided_about_the_others(desk, sides):
    plan(desk)
    decide(desk, "skip")
    before = desk.rows(PLAN)

    desk.run(wms_plan, "customers", RUN_ID="golden")

    assert {row.type for row in desk.rows(PLAN)} == {"customers"}
    assert [row.decision for row in desk.rows(DECIDED)] == ["skip"] * 3
    assert "wrote data/wms_decided.csv (3 rows)" in desk.out
    assert "not taken over" not in desk.out
    plan(desk)
    assert desk.rows(PLAN) == before
    assert desk.rows(DECIDED) == []


def test_a_brake_leaves_the_earlier_plan_as_it_is(desk, sides):
    plan(desk)
    before = desk.path(PLAN).read_bytes()
    sides.write("customers", {f"{n}/80-{n}": (BASE, BASE, None) for n in range(3)})

    assert plan(desk) == NOTHING_DONE

    expected = "wms_plan: 0 customers on the QuickBooks side, 3 last time; use --force"
    assert expected in desk.err
    assert desk.path(PLAN).read_bytes() == before
    assert plan(desk, "--force") == stage.OK


@pytest.mark.parametrize("option", ["--max-change", "--max-delete"])
@pytest.mark.parametrize("given", ["abc", "200", "-1", "100.1", "nan", "inf", ""])
def test_a_percentage_is_one(capsys, option, given):
    with pytest.raises(SystemExit) as ended:
        wms_plan.main([f"{option}={given}"])

    assert ended.value.code == 2
    assert f"{given!r} is no percentage from 0 to 100" in capsys.readouterr().err


def test_limits_are_options_of_the_door(desk, sides):
    rows = {f"{n:02}/80-{n}": (BASE, BASE, BASE) for n in range(30)}
    rows |= {f"{n:02}/80-{n}": (BASE, None, BASE) for n in range(6)}
    sides.write("customers", rows)

    assert plan(desk) == NOTHING_DONE
    assert plan(desk, "--max-delete", "20") == stage.OK
    assert plan(desk, "--max-delete", "19") == NOTHING_DONE


def test_rows_that_cannot_be_read_are_named_and_counted(desk, sides):
    path = desk.root / "data/wms_customers.csv"
    path.write_text(path.read_text("utf-8").replace("x" * 50, "x,x"), "utf-8")

    assert plan(desk) == SOME_ROWS_FAILED

    assert "data/wms_customers.csv: line 5: has " in desk.out
    assert "1 rejected" in desk.out


def test_without_a_fetch_there_is_no_plan(desk):
    assert plan(desk) == NOTHING_DONE

    assert 'not found; run "make wms-fetch" first' in desk.err


def test_an_unknown_type_is_a_misuse(desk):
    with pytest.raises(SystemExit):
        desk.run(wms_plan, "clients")


def test_a_decision_that_was_carried_out_is_no_news(both):
    both.create("vendors", name="Taken")
    both.create("vendors", name="Left")
    both.prepare("vendors")
    both.decide("approve", name="Taken")
    both.decide("skip", name="Left")
    both.apply()
    both.edit("vendors", both.there(VENDOR)["Left"]["id"], name="Renamed")

    both.prepare("vendors")

    assert "1 decision(s) not taken over" in both.desk.out
    assert "something else now: vendors Left" in both.desk.out
