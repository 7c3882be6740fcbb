"""The plan is carried out on both sides, each change once, and the base follows."""

from __future__ import annotations

from src.kit import stage
from tests.wms.both import CUSTOMER, ITEM, ORDER, value


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


# --- references and lines -------------------------------------------------------------


def item(both, name="Bolt"):
    return both.create("inventory-items", name=name, salesPrice="2.00", **ITEM)


def test_a_new_customer_is_there_before_the_order_that_names_it(both):
    bolt = item(both)
    both.sync("items")
    both.insert("customers", id="w1", name="Birch")
    insert_order(both, bolt, customer_id="w1")

    assert both.sync() == stage.OK, both.desk.out

    order = both.there(ORDER)["S1"]
    assert order["customer"]["fullName"] == "Birch"
    assert [line["amount"] for line in order["lines"]] == ["6.00"]


def insert_order(both, bolt, **more):
    both.insert("sales_orders", id="o1", ref_number="S1", transaction_date="2026-11-20", **more)
    both.insert(
        "sales_order_lines",
        sales_order_id="o1",
        position="1",
        item_qb_id=bolt["id"],
        quantity="3",
        unit_price="2.00",
    )


def test_lines_get_quickbooks_ids_and_amounts(both):
    bolt = item(both)
    both.insert("customers", id="w1", name="Birch")
    insert_order(both, bolt, customer_id="w1")

    assert both.sync() == stage.OK, both.desk.out

    (line,) = both.stored(ORDER)["S1"].lines
    assert line.id == both.there(ORDER)["S1"]["lines"][0]["id"]
    assert "6.00" in line.cells
    both.sync()  # QuickBooks counts what is on sales orders
    both.sync()
    assert both.cards == []


def linked_order(both):
    bolt = item(both)
    birch = both.create("customers", name="Birch")
    line = {"itemId": bolt["id"], "quantity": 3, "rate": "2.00"}
    order = both.create(
        "sales-orders",
        refNumber="S1",
        customerId=birch["id"],
        transactionDate="2026-11-20",
        lines=[line, {**line, "quantity": 5}],
    )
    assert both.sync() == stage.OK, both.desk.out
    return order


def test_a_changed_line_is_written_and_the_others_stay(both):
    order = linked_order(both)
    first, second = order["lines"]
    both.run(f"UPDATE sales_order_lines SET quantity = 4 WHERE qb_line_id = '{first['id']}'")
    both.change("sales_orders", both.stored(ORDER)["S1"].head.wms_id, memo="more")

    assert both.sync() == stage.OK, both.desk.out

    now = both.there(ORDER)["S1"]
    assert [line["quantity"] for line in now["lines"]] == [4, 5]
    assert [line["id"] for line in now["lines"]] == [first["id"], second["id"]]
    assert now["lines"][1] == second
    assert value(ORDER, both.stored(ORDER)["S1"], "total_amount") == "18.00"


def test_lines_come_and_go_on_both_sides(both):
    order = linked_order(both)
    first, second = order["lines"]
    wms_id = both.stored(ORDER)["S1"].head.wms_id
    both.run(f"DELETE FROM sales_order_lines WHERE qb_line_id = '{first['id']}'")
    both.insert(
        "sales_order_lines",
        sales_order_id=wms_id,
        position="3",
        item_qb_id=first["item"]["id"],
        quantity="7",
        unit_price="1.00",
    )
    both.change("sales_orders", wms_id, memo="other lines")

    assert both.sync() == stage.OK, both.desk.out

    assert [line["quantity"] for line in both.there(ORDER)["S1"]["lines"]] == [5, 7]
    both.sync()
    both.sync()
    assert both.cards == []
