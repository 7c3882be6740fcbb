"""The plan is carried out on both sides, each change once, and the base follows."""

from __future__ import annotations

from src.kit import stage
from tests.wms.both import CUSTOMER, ORDER, value


def test_what_only_quickbooks_has_comes_into_the_warehouse(both):
    both.create("customers", name="Alder", phone="111")

    assert both.sync("customers") == stage.OK, both.desk.err

    assert value(CUSTOMER, both.stored(CUSTOMER)["Alder"], "phone") == "111"
    assert both.outcomes() == {"created": 1}


def test_what_only_the_warehouse_has_goes_to_quickbooks(both):
    both.insert("customers", id="w1", name="Birch", phone="222")

    assert both.sync("customers") == stage.OK, both.desk.out + both.desk.err

    record = both.there(CUSTOMER)["Birch"]
    assert record["phone"] == "222"
    assert both.stored(CUSTOMER)["Birch"].head.id == record["id"]


def test_a_second_sync_finds_nothing_to_do(both):
    both.create("customers", name="Alder", phone="111")
    both.insert("customers", id="w1", name="Birch", phone="222")
    both.sync("customers")

    assert both.sync("customers") == stage.OK

    assert both.cards == []


def test_edits_of_both_sides_meet(both):
    alder = both.create("customers", name="Alder", phone="111", email="a@x.com")
    both.sync("customers")
    both.edit("customers", alder["id"], phone="333")
    wms_id = both.stored(CUSTOMER)["Alder"].head.wms_id
    both.change("customers", wms_id, email="b@x.com")

    assert both.sync("customers") == stage.OK

    assert both.there(CUSTOMER)["Alder"]["email"] == "b@x.com"
    assert value(CUSTOMER, both.stored(CUSTOMER)["Alder"], "phone") == "333"
