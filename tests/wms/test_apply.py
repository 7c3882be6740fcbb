"""The plan is carried out on both sides, each change once, and the base follows."""

from __future__ import annotations

import pytest

from src.kit import stage, tables
from src.kit.errors import SOME_ROWS_FAILED
from src.wms.fields import KINDS
from src.wms.records import PLAN, Planned
from tests.wms.both import CUSTOMER, ITEM, ITEMS, ORDER, STOCK, Both, value

ADJUSTMENT, INVOICE = KINDS["inventory_adjustments"], KINDS["invoices"]
ASSEMBLY = KINDS["inventory_assembly_items"]


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


def test_a_field_that_changed_in_quickbooks_since_the_plan_is_named_and_not_counted(both):
    alder = both.create("customers", name="Alder", phone="111", email="a@x.com")
    both.sync("customers")
    wms_id = both.stored(CUSTOMER)["Alder"].head.wms_id
    both.change("customers", wms_id, phone="222", email="b@x.com")
    both.prepare()
    both.edit("customers", alder["id"], phone="333")

    assert both.apply() == SOME_ROWS_FAILED

    assert both.there(CUSTOMER)["Alder"]["phone"] == "333"
    assert "2 read = 1 out + 1 held" in both.desk.out
    assert "Alder: changed meanwhile, left alone: phone" in both.desk.out


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
    assert both.prepare() == []


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
    assert both.prepare() == []


def test_levels_follow_our_own_documents_at_once(both):
    bolt = item(both)
    both.sync()
    both.insert("inventory_adjustments", id="a1", ref_number="A1", account_id=STOCK,
                transaction_date="2026-11-20")  # fmt: skip
    both.insert("inventory_adjustment_lines", inventory_adjustment_id="a1", position="1",
                item_qb_id=bolt["id"], quantity_difference="7")  # fmt: skip

    assert both.sync() == stage.OK, both.desk.out

    assert value(ITEMS, both.stored(ITEMS)["Bolt"], "quantity_on_hand") == "7"
    assert both.prepare() == []


def test_a_movement_of_quickbooks_is_recorded_once(both):
    bolt = item(both)
    both.sync()
    line = {"itemId": bolt["id"], "adjustQuantity": {"quantityDifference": 5}}
    body = {"accountId": STOCK, "transactionDate": "2026-11-20", "refNumber": "Q1"}
    both.create("inventory-adjustments", lines=[line], **body)

    assert both.sync() == stage.OK, both.desk.out

    (document,) = both.stored(ADJUSTMENT).values()
    assert document.lines[0].cells[2] == "5"
    assert value(ITEMS, both.stored(ITEMS)["Bolt"], "quantity_on_hand") == "5"
    assert both.prepare() == []


def unlisted_move(both, bolt, quantity):
    line = {"itemId": bolt["id"], "adjustQuantity": {"quantityDifference": quantity}}
    body = {"accountId": STOCK, "transactionDate": "2026-11-20", "refNumber": "Q1"}
    both.create("inventory-adjustments", lines=[line], **body)
    both.scenario("1-99,list inventory-adjustments,504")
    both.fetch()
    assert both.plan("--force") == stage.OK


def test_stock_that_moved_unseen_is_one_document_and_its_levels(both):
    bolt = item(both)
    both.sync()
    unlisted_move(both, bolt, 5)

    assert both.apply() == stage.OK, both.desk.out

    (document,) = both.stored(ADJUSTMENT).values()
    assert document.lines[0].cells[2] == "5"
    assert value(ITEMS, both.stored(ITEMS)["Bolt"], "quantity_on_hand") == "5"


def test_a_net_change_is_logged_as_what_it_is(both):
    bolt = item(both)
    both.sync()
    unlisted_move(both, bolt, 5)
    count, before = len(both.cards), len(both.log())

    both.apply()

    done = [(row.kind, row.action, row.outcome) for row in both.log()[before:]]
    assert sorted(done) == [
        ("inventory_adjustments", "create", "created"),
        ("inventory_items", "update", "updated"),
    ]
    said = f"the plan said {count} change(s) of 2 record(s), {count} change(s) were carried out"
    assert said in both.desk.out


def test_a_document_of_several_items_is_the_warehouse_own(both):
    bolt, nut = item(both), item(both, "Nut")
    both.sync()
    unlisted_move(both, bolt, 5)
    unlisted_move(both, nut, 3)
    both.apply()

    both.fetch()
    assert both.plan("--force") == stage.OK

    assert [len(record.lines) for record in both.records(ADJUSTMENT)] == [2]
    assert both.cards == []


def test_a_net_change_goes_as_a_whole_or_not_at_all(both):
    bolt = item(both)
    both.sync()
    unlisted_move(both, bolt, 5)
    both.decide("skip", field="quantity_on_hand")

    both.apply()

    assert both.stored(ADJUSTMENT) == {}
    assert value(ITEMS, both.stored(ITEMS)["Bolt"], "quantity_on_hand") == "0"


def test_a_net_change_without_one_of_its_levels_is_held(both):
    bolt = item(both)
    both.sync()
    unlisted_move(both, bolt, 5)
    rows = [row for row in both.cards if row.field != "quantity_on_hand"]
    tables.write(both.desk.path(PLAN), Planned, rows)

    both.apply()

    assert both.stored(ADJUSTMENT) == {}
    assert any("level that the document explains" in row.error for row in both.log())


# --- invoices and assemblies ------------------------------------------------------------


@pytest.fixture
def invoice(both):
    """Return an invoice that both sides know."""
    birch, bolt = both.create("customers", name="Birch"), item(both)
    body = {"refNumber": "I1", "customerId": birch["id"], "transactionDate": "2026-11-20"}
    line = {"itemId": bolt["id"], "quantity": 2, "rate": "4.00"}
    made = both.create("invoices", lines=[line], **body)
    assert both.sync() == stage.OK, both.desk.out
    return made


def test_an_invoice_goes_back_to_what_quickbooks_says(both, invoice):
    wms_id = both.stored(INVOICE)["I1"].head.wms_id
    both.change("invoices", wms_id, total_amount="99.00", due_date="2027-01-01")

    assert both.sync() == stage.OK, both.desk.out

    stored = both.stored(INVOICE)["I1"]
    assert value(INVOICE, stored, "total_amount") == "8.00"
    assert value(INVOICE, stored, "due_date") == (invoice["dueDate"] or "")


def test_an_invoice_that_is_gone_here_is_fetched_again(both, invoice):
    head = both.stored(INVOICE)["I1"].head
    both.delete("invoices", head.wms_id)

    assert both.sync() == stage.OK, both.desk.out

    assert both.stored(INVOICE)["I1"].head.wms_id == head.wms_id
    assert both.prepare() == []


def test_an_invoice_that_is_gone_there_is_marked(both, invoice):
    both.remove("invoices", invoice["id"])

    assert both.sync() == stage.OK, both.desk.out

    assert both.stored(INVOICE)["I1"].head.deleted_at
    assert both.prepare() == []


def test_the_parts_of_an_assembly_are_written_as_a_whole(both):
    bolt, nut = item(both), item(both, "Nut")
    lines = [{"inventoryItemId": bolt["id"], "quantity": 2}]
    both.create("inventory-assembly-items", name="Kit", lines=lines, **ITEM)
    both.sync()
    wms_id = both.stored(ASSEMBLY)["Kit"].head.wms_id
    both.insert("inventory_assembly_item_lines", inventory_assembly_item_id=wms_id, position="9",
                item_qb_id=nut["id"], quantity="3")  # fmt: skip
    both.change("items", wms_id, name="Set")

    assert both.sync() == stage.OK, both.desk.out

    parts = both.there(ASSEMBLY)["Set"]["lines"]
    assert [line["quantity"] for line in parts] == [2, 3]
    assert both.prepare() == []


@pytest.fixture
def anywhere(desk, database_url):
    """Return both sides, with either database behind the warehouse."""
    desk.settings["WMS_DATABASE_URL"] = database_url
    return Both(desk)


def test_a_whole_synchronization_with_either_database(anywhere):
    order = linked_order(anywhere)
    first, _ = order["lines"]
    anywhere.run(f"UPDATE sales_order_lines SET quantity = 4 WHERE qb_line_id = '{first['id']}'")
    anywhere.insert("customers", id="w1", name="Cedar")
    anywhere.edit("customers", order["customer"]["id"], phone="3")
    anywhere.create("vendors", name="Ash")

    assert anywhere.sync() == stage.OK, anywhere.desk.out

    assert [line["quantity"] for line in anywhere.there(ORDER)["S1"]["lines"]] == [4, 5]
    assert sorted(anywhere.there(CUSTOMER)) == ["Birch", "Cedar"]
    assert anywhere.prepare() == []


def test_our_own_write_is_no_edit_of_quickbooks(both):
    alder = both.create("customers", name="Alder", phone="1")
    both.sync()
    (before,) = both.bases(CUSTOMER).values()
    both.change("customers", before.head.wms_id, phone="2")

    both.sync()

    (after,) = both.bases(CUSTOMER).values()
    assert after.head.qbd_edited_at == before.head.qbd_edited_at
    assert after.head.qbd_updated_at > before.head.qbd_updated_at
    assert after.head.revision_number != alder["revisionNumber"]
