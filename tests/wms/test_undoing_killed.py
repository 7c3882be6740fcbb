"""Whenever an undo is killed, the next run ends it: nothing twice, nothing of a person lost."""

from __future__ import annotations

import os

import pytest

from src.kit.errors import OK
from src.wms.fields import KINDS
from src.wms.records import RUNLOG, UNDO
from tests.desk import Desk
from tests.wms.both import CUSTOMER, ITEM, ITEMS, ORDER, Both
from tests.wms.deadly import Deadly, Killed
from tests.wms.test_apply_killed import copied, killed_at

STRIDE = int(os.environ.get("WMS_KILL_STRIDE", "11"))  # 1 = at every call
VENDOR = KINDS["vendors"]


def acted(both: Both) -> None:
    """Let a run write of every kind to QuickBooks."""
    bolt = both.create("inventory-items", name="Bolt", **ITEM)
    alder = both.create("customers", name="Alder", phone="1", email="a@x.com")
    both.create("vendors", name="Gone")
    lines = [{"itemId": bolt["id"], "quantity": n, "rate": "2.00"} for n in (1, 2)]
    both.create("sales-orders", refNumber="S0", customerId=alder["id"], lines=lines,
                transactionDate="2026-11-20")  # fmt: skip
    assert both.sync() == OK
    both.change("customers", both.stored(CUSTOMER)["Alder"].head.wms_id, phone="2")
    order = both.stored(ORDER)["S0"]
    both.run(f"DELETE FROM sales_order_lines WHERE qb_line_id = '{order.lines[0].id}'")
    both.insert("sales_order_lines", sales_order_id=order.head.wms_id, position="9",
                item_id=both.stored(ITEMS)["Bolt"].head.wms_id, quantity="7")  # fmt: skip
    both.change("sales_orders", order.head.wms_id, memo="m")
    both.delete("vendors", both.stored(VENDOR)["Gone"].head.wms_id)
    both.insert("customers", id="w1", name="Birch")
    both.insert("sales_orders", id="o1", ref_number="S1", customer_id="w1",
                transaction_date="2026-11-20")  # fmt: skip
    both.insert("sales_order_lines", sales_order_id="o1", position="1", quantity="3",
                item_qb_id=bolt["id"], unit_price="2.00")  # fmt: skip
    assert both.sync() == OK


def check(both: Both) -> None:
    there = both.there(CUSTOMER)
    assert both.count(CUSTOMER) == {"Alder": 1, "Birch": 1}
    assert (there["Alder"]["phone"], there["Alder"]["email"]) == ("1", "a@x.com")
    assert not there["Birch"]["isActive"]
    assert both.there(VENDOR)["Gone"]["isActive"]
    assert list(both.there(ORDER)) == ["S0"]
    order = both.there(ORDER)["S0"]
    assert sorted(line["quantity"] for line in order["lines"]) == [1, 2]
    assert not order.get("memo")


@pytest.fixture(scope="module")
def ready(tmp_path_factory):
    """Return both sides with a reverse plan that was not applied yet."""
    both = Both(Desk(tmp_path_factory.mktemp("ready")))
    acted(both)
    assert both.undo() == OK, both.desk.out
    return both


def points(ready: Both, root) -> int:
    """Return at how many calls an undo can die."""
    both = copied(ready, root)
    deadly = Deadly(both)
    assert both.apply() == OK
    deadly.removed()
    check(both)
    return deadly.calls


def test_the_same_reverse_plan_applied_again_ends_what_was_killed(ready, tmp_path):
    for at in range(1, points(ready, tmp_path / "count") + 1, STRIDE):
        both = copied(ready, tmp_path / str(at))
        assert killed_at(both, at)

        both.apply()
        assert both.apply() == OK, (at, both.desk.out)

        check(both)


def test_an_undo_made_again_after_a_kill_takes_back_the_rest(ready, tmp_path):
    run_id = next(row.run_id for row in ready.log()[::-1] if row.kind == ORDER.name)
    for at in range(2, points(ready, tmp_path / "count") + 1, STRIDE):
        both = copied(ready, tmp_path / str(at))
        assert killed_at(both, at)

        both.undo(run_id)
        both.apply()

        check(both)


def test_a_sync_after_a_kill_pushes_nothing_that_was_taken_back(ready, tmp_path):
    for at in range(3, points(ready, tmp_path / "count") + 1, 2 * STRIDE):
        both = copied(ready, tmp_path / str(at))
        assert killed_at(both, at)
        before = both.there(CUSTOMER)["Alder"]["phone"]

        both.sync()

        assert both.there(CUSTOMER)["Alder"]["phone"] == before
        assert both.count(CUSTOMER) == {"Alder": 1, "Birch": 1}


@pytest.mark.parametrize("lost", ["wms_runlog.csv", "wms_inflight.csv"])
def test_without_its_books_a_killed_undo_doubles_nothing(ready, tmp_path, lost):
    for at in range(5, points(ready, tmp_path / "count") + 1, 3 * STRIDE):
        both = copied(ready, tmp_path / str(at))
        assert killed_at(both, at)
        (both.desk.logs / lost).unlink(missing_ok=True)

        both.apply()
        both.apply()

        check(both)


def test_a_damaged_row_of_an_undo_doubles_nothing(ready, tmp_path):
    both = copied(ready, tmp_path / "copy")
    assert both.apply() == OK
    log = both.desk.path(RUNLOG)
    text = log.read_text(encoding="utf-8-sig")
    log.write_text(text.replace(f",{UNDO},", ",update,", 2), encoding="utf-8")

    both.apply()

    check(both)


def test_a_sync_finds_a_line_that_a_killed_undo_brought_back(ready, tmp_path):
    both = copied(ready, tmp_path / "copy")
    deadly = Deadly(both)
    deadly.at = _first_kill_after(ready, tmp_path, ORDER.resource)
    with pytest.raises(Killed):
        both.apply()
    deadly.removed()

    both.sync()

    told = [row.outcome for row in both.log() if (row.action, row.name) == (UNDO, "S0")]
    assert told == ["recovered"]


def _first_kill_after(ready, tmp_path, resource: str) -> int:
    """Return at which call the answer to the first update of a resource is lost."""
    both = copied(ready, tmp_path / "first")
    deadly, found = Deadly(both), []
    write = both.desktop.write

    def noted(change):
        if (change.verb, change.resource) == ("update", resource):
            found.append(deadly.calls + 2)
        return deadly._asked(write, change)

    deadly.write = noted  # type: ignore[method-assign]
    assert both.apply() == OK
    deadly.removed()
    return found[0]


def test_an_edit_after_a_kill_is_kept(ready, tmp_path):
    both = copied(ready, tmp_path / "copy")
    assert killed_at(both, 20)
    both.edit("customers", both.there(CUSTOMER)["Alder"]["id"], phone="theirs")

    both.apply()
    both.apply()

    assert both.there(CUSTOMER)["Alder"]["phone"] == "theirs"
