"""A run taken back: QuickBooks has what it had before, and the sync carries it on."""

from __future__ import annotations

from src.wms.records import HOLD, UNDO
from tests.wms.both import CUSTOMER, ITEM, ORDER, value


def test_an_updated_field_goes_back_and_the_next_sync_brings_it_to_the_warehouse(both):
    both.create("customers", name="Ada", phone="111")
    both.sync()
    wms_id = both.stored(CUSTOMER)["Ada"].head.wms_id
    both.change("customers", wms_id, phone="222")
    both.sync()
    assert both.there(CUSTOMER)["Ada"]["phone"] == "222"

    both.taken_back()
    assert both.there(CUSTOMER)["Ada"]["phone"] == "111"
    assert value(CUSTOMER, both.stored(CUSTOMER)["Ada"], "phone") == "222"

    both.sync()
    assert value(CUSTOMER, both.stored(CUSTOMER)["Ada"], "phone") == "111"
    assert both.prepare() == []
    assert both.there(CUSTOMER)["Ada"]["phone"] == "111"


def test_a_created_customer_becomes_inactive_on_both_sides(both):
    both.insert("customers", id="w1", name="Ada")
    both.sync()
    both.taken_back()
    assert both.there(CUSTOMER)["Ada"]["isActive"] is False

    both.sync()
    assert value(CUSTOMER, both.stored(CUSTOMER)["Ada"], "is_active") == "no"
    assert both.prepare() == []


def test_documents_go_before_the_records_that_they_refer_to(both):
    _order(both)
    both.taken_back()

    rows = [row for row in both.log() if row.action == UNDO]
    assert [row.kind for row in rows] == ["sales_orders", "inventory_items", "customers"]
    assert both.there(ORDER) == {}


def test_an_order_that_was_taken_back_waits_for_a_person_and_is_not_sent_again(both):
    _order(both)
    both.taken_back()
    both.sync()
    cards = both.prepare()

    assert [(c.action, c.kind, c.rule) for c in cards] == [(HOLD, "sales_orders", "deleted_in_qbd")]


def _order(both):
    both.insert("customers", id="w1", name="Ada")
    both.insert("items", id="i1", kind="inventory_items", name="Bolt")
    both.insert("inventory_items", item_id="i1", **{
        "income_account_id": ITEM["incomeAccountId"],
        "cogs_account_id": ITEM["cogsAccountId"],
        "asset_account_id": ITEM["assetAccountId"],
    })
    both.touched |= {"items"}
    both.insert("sales_orders", id="s1", ref_number="S-1", customer_id="w1",
                transaction_date="2026-11-21")
    both.insert("sales_order_lines", sales_order_id="s1", position="1", item_id="i1",
                quantity="2", unit_price="3.00")
    assert both.sync() == 0, both.desk.err
