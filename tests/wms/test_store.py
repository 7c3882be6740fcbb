"""The store gives back what it was given, on either database."""

from __future__ import annotations

import pytest

from src.adapters import migrations
from src.kit.database import BadData
from src.kit.errors import Locked
from src.office import connect_wms
from src.office.connect_wms import SCHEMA
from src.wms import sql
from src.wms.fields import KINDS
from src.wms.records import StoredHead
from src.wms.store import Store, Unread, Write
from tests.wms import samples
from tests.wms.warehouse import Warehouse

ALL = list(KINDS.values())
CUSTOMERS, VENDORS = KINDS["customers"], KINDS["vendors"]
ITEMS, SERVICES = KINDS["inventory_items"], KINDS["service_items"]
ORDERS, ASSEMBLIES = KINDS["sales_orders"], KINDS["inventory_assembly_items"]
AT = {field.name: place for place, field in enumerate(ORDERS.fields)}


def customer_of(order):
    return order.cells[AT["customer.id"]]


# --- the schema -----------------------------------------------------------------------


def test_the_schema_has_a_column_for_every_field(sqlite_warehouse):
    for part in sql.tables():
        info = f"SELECT name, lower(type) FROM pragma_table_info('{part.table}')"
        there = dict(sqlite_warehouse.database.rows(info, "tt"))

        for field in part.fields:
            for name, type_ in sql.columns(field):
                assert there.pop(name) == type_, f"{part.table}.{name}"
        assert not [name for name in there if name not in HEADS], part.table


HEADS = (
    "id kind item_id qb_list_id qb_txn_id created_at updated_at qb_deleted_at position "
    "qb_line_id sales_order_id purchase_order_id inventory_adjustment_id invoice_id "
    "inventory_assembly_item_id"
).split()


def test_no_table_is_there_that_no_kind_has(sqlite_warehouse):
    there = {table for one in migrations.known(SCHEMA) for table in one.tables()}

    assert there == {*(part.table for part in sql.tables()), "wms_base", "wms_company"}


# --- records --------------------------------------------------------------------------


def test_a_record_is_read_as_it_was_written(warehouse):
    for kind in ALL:
        record = samples.stored(kind, kind.name, f"q-{kind.name}")

        warehouse.write(kind, record)

        assert warehouse.records(kind) == [record]
        assert warehouse.store.read(kind, [kind.name, "w2"]) == {kind.name: record}


def test_what_was_agreed_on_is_read_as_it_was_written(warehouse):
    for kind in ALL:
        agreed = samples.agreed(samples.stored(kind))
        with warehouse.database.transaction():
            warehouse.store.write(kind, None, agreed)

        assert list(warehouse.store.bases(kind)) == [agreed]
        assert warehouse.store.base(kind, ["w1"]) == {"w1": agreed}
        assert warehouse.records(kind) == []


def test_empty_cells_stay_empty(warehouse):
    kept = {"name": "A", "is_active": "no"}
    for kind in ALL:
        empty = {field.column: kept.get(field.name, "") for field in kind.fields}
        record = samples.stored(kind, kind.name, "", **empty)._replace(lines=())

        warehouse.write(kind, record)

        assert warehouse.records(kind) == [record]


def test_values_that_look_like_something_else_stay_texts(warehouse):
    odd = samples.stored(
        CUSTOMERS,
        name="NULL",
        phone="007",
        company_name="\\N",
        email="1e5",
        terms_id="'",
    )

    warehouse.write(CUSTOMERS, odd)

    assert warehouse.records(CUSTOMERS) == [odd]


def test_a_second_write_replaces_all_of_a_record(warehouse):
    warehouse.write(ORDERS, samples.stored(ORDERS))
    lines = samples.lines(ORDERS, "l2", "", quantity="9")
    changed = samples.stored(ORDERS, memo="new")._replace(lines=lines)

    warehouse.write(ORDERS, changed)

    assert warehouse.records(ORDERS) == [changed]
    assert list(warehouse.store.bases(ORDERS)) == [samples.agreed(changed)]


def test_lines_keep_their_order_and_records_their_lines(warehouse):
    one, other = samples.stored(ORDERS), samples.stored(ORDERS, "w2", "q2")
    one = one._replace(lines=samples.lines(ORDERS, "z", "a", "m"))

    warehouse.write(ORDERS, one, other)

    assert warehouse.records(ORDERS) == [one, other]


def test_a_deletion_in_quickbooks_is_kept_with_the_record(warehouse):
    gone = samples.stored(ORDERS)
    gone = gone._replace(head=gone.head._replace(deleted_at=samples.LATE))

    warehouse.write(ORDERS, gone)

    assert warehouse.records(ORDERS) == [gone]


def test_items_of_one_kind_are_not_those_of_another(warehouse):
    item, service = samples.stored(ITEMS), samples.stored(SERVICES, "w2", "q2")

    warehouse.write(ITEMS, item)
    warehouse.write(SERVICES, service)

    assert warehouse.records(ITEMS) == [item]
    assert warehouse.records(SERVICES) == [service]
    assert warehouse.store.linked(ITEMS, ["q1", "q2"]) == {"q1": "w1"}


def test_a_large_kind_is_read_in_parts_and_in_order(warehouse):
    ids = ["b", "B", "ä", "a-1", "a1", "Z", "10", "9"]
    records = [samples.stored(CUSTOMERS, w, f"q{w}") for w in ids]
    warehouse.write(CUSTOMERS, *records)
    store = Store(warehouse.database, batch=3)

    assert [r.head.wms_id for r in store.records(CUSTOMERS)] == sorted(ids)
    assert [b.head.wms_id for b in store.bases(CUSTOMERS)] == sorted(ids)


class Foreign:
    """A database that orders texts in another way than Python does."""

    def __init__(self, database):
        self._database = database

    def __getattr__(self, name):
        return getattr(self._database, name)

    def rows(self, query, kinds):
        found = list(self._database.rows(query, kinds))
        return found[::-1] if kinds == "t" else found


def test_the_order_is_not_left_to_the_database(sqlite_warehouse):
    ids = ["a", "b", "c"]
    sqlite_warehouse.write(CUSTOMERS, *(samples.stored(CUSTOMERS, w, w) for w in ids))
    store = Store(Foreign(sqlite_warehouse.database))

    assert [r.head.wms_id for r in store.records(CUSTOMERS)] == ids
    assert [b.head.wms_id for b in store.bases(CUSTOMERS)] == ids


def test_many_records_are_written_together(warehouse):
    records = [samples.stored(ORDERS, f"w{n}", f"q{n}") for n in range(3)]
    with warehouse.database.transaction():
        writes = [Write(record, samples.agreed(record)) for record in records]
        warehouse.store.write_all(ORDERS, writes)

    assert warehouse.records(ORDERS) == records
    assert len(list(warehouse.store.bases(ORDERS))) == 3


def test_nothing_of_a_write_is_there_when_its_transaction_fails(warehouse):
    record = samples.stored(ORDERS)

    with pytest.raises(ZeroDivisionError), warehouse.database.transaction():
        warehouse.store.write(ORDERS, record, samples.agreed(record))
        raise ZeroDivisionError

    assert warehouse.records(ORDERS) == []
    assert list(warehouse.store.bases(ORDERS)) == []


def test_a_record_is_removed_with_its_lines_and_its_base_stays(warehouse):
    for kind in ALL:
        gone, kept = (f"{number}-{kind.name}" for number in (1, 2))
        warehouse.write(kind, *(samples.stored(kind, one, one) for one in (gone, kept)))

        with warehouse.database.transaction():
            warehouse.store.remove(kind, gone)

        assert [r.head.wms_id for r in warehouse.records(kind)] == [kept]
        assert len(list(warehouse.store.bases(kind))) == 2


# --- what cannot be read --------------------------------------------------------------


def test_an_odd_value_is_told_by_name_and_costs_its_record_alone(sqlite_warehouse):
    sqlite_warehouse.write(ITEMS, *(samples.stored(ITEMS, one, one) for one in "abc"))
    sqlite_warehouse.run("UPDATE inventory_items SET sales_price = 'x' WHERE item_id = 'b'")

    assert [one.head.wms_id for one in sqlite_warehouse.records(ITEMS)] == ["a", "c"]
    assert list(sqlite_warehouse.store.read(ITEMS, "cb")) == ["c"]
    (odd,) = (one for one in sqlite_warehouse.store.every(ITEMS) if isinstance(one, Unread))
    assert odd.head == StoredHead("b", "b", samples.EARLY, samples.LATE, "")
    assert odd.reason == (
        "inventory_items.sales_price of b (full_name 1): 'x' is no number; put it right, "
        "until then the record is left alone"
    )


def test_what_all_items_have_is_named_by_the_table_that_has_it(sqlite_warehouse):
    sqlite_warehouse.write(ITEMS, samples.stored(ITEMS))
    sqlite_warehouse.run("UPDATE items SET created_at = 'x', is_active = 'y'")

    (odd,) = sqlite_warehouse.store.every(ITEMS)

    assert odd.reason.startswith("items.created_at of w1") and odd.head.created_at == ""


def test_an_odd_line_costs_its_record_alone(sqlite_warehouse):
    sqlite_warehouse.write(ORDERS, *(samples.stored(ORDERS, one, one) for one in "ab"))
    sqlite_warehouse.run(
        "UPDATE sales_order_lines SET quantity = 'x' WHERE sales_order_id = 'a'"
    )

    assert sqlite_warehouse.records(ORDERS) == [samples.stored(ORDERS, "b", "b")]


def test_lines_whose_record_is_gone_are_nobodys(sqlite_warehouse):
    sqlite_warehouse.write(ORDERS, *(samples.stored(ORDERS, one, one) for one in "ab"))
    sqlite_warehouse.run("PRAGMA foreign_keys = OFF")
    sqlite_warehouse.run("DELETE FROM sales_orders WHERE id = 'a'")

    assert list(sqlite_warehouse.store.read(ORDERS, "ab")) == ["b"]


@pytest.mark.parametrize("kind", [CUSTOMERS, ITEMS, ORDERS], ids=lambda kind: kind.name)
def test_what_was_read_for_writing_nobody_else_changes_meanwhile(desk, postgresql, kind):
    desk.settings["WMS_DATABASE_URL"] = postgresql.fresh()
    with connect_wms.database(desk.config) as one, connect_wms.database(desk.config) as two:
        Warehouse(one).write(kind, samples.stored(kind))
        two.run("SET lock_timeout = '50ms'")
        part = sql.line_part(kind) if kind.lines else sql.parts(kind)[-1]

        with one.transaction():
            assert len(Store(one).read(kind, ["w1"])) == 1
            with pytest.raises(Locked):
                two.run(f"UPDATE {part.table} SET {part.key} = 'w1'")


# --- references -----------------------------------------------------------------------


def test_a_reference_to_what_quickbooks_does_not_know_yet_names_ours(warehouse):
    warehouse.write(CUSTOMERS, samples.stored(CUSTOMERS, "c1", ""))
    order = samples.stored(ORDERS, customer_id="wms:c1")

    warehouse.write(ORDERS, order)

    assert warehouse.records(ORDERS) == [order]
    assert warehouse.store.known_as(["wms:c1", "q9"], "customers") == {}


def test_a_reference_follows_its_record_when_quickbooks_knows_it(warehouse):
    warehouse.write(CUSTOMERS, samples.stored(CUSTOMERS, "c1", ""))
    warehouse.write(ORDERS, samples.stored(ORDERS, customer_id="wms:c1"))

    warehouse.write(CUSTOMERS, samples.stored(CUSTOMERS, "c1", "q7"))

    assert customer_of(*warehouse.records(ORDERS)) == "q7"
    assert warehouse.store.known_as(["wms:c1"], "customers") == {"wms:c1": "q7"}


def test_a_reference_by_quickbooks_id_finds_the_warehouses_record(warehouse):
    warehouse.write(CUSTOMERS, samples.stored(CUSTOMERS, "c1", "q7"))

    warehouse.write(ORDERS, samples.stored(ORDERS, customer_id="q7"))

    assert warehouse.value("SELECT customer_id FROM sales_orders") == "c1"
    assert customer_of(*warehouse.records(ORDERS)) == "q7"


def test_a_reference_to_what_the_warehouse_lacks_keeps_quickbooks_id(warehouse):
    warehouse.write(ORDERS, samples.stored(ORDERS, customer_id="q7"))

    assert warehouse.value("SELECT customer_id FROM sales_orders") is None
    assert customer_of(*warehouse.records(ORDERS)) == "q7"


def test_a_record_that_comes_later_is_tied_to_what_waited_for_it(warehouse):
    warehouse.write(ORDERS, samples.stored(ORDERS, customer_id="q7"))
    lines = samples.lines(ORDERS, "l1", item_id="q8")
    warehouse.write(ORDERS, samples.stored(ORDERS, "w2", "q2")._replace(lines=lines))

    warehouse.write(CUSTOMERS, samples.stored(CUSTOMERS, "c1", "q7"))
    warehouse.write(SERVICES, samples.stored(SERVICES, "s1", "q8"))

    assert (
        warehouse.value("SELECT id FROM sales_orders WHERE customer_id = 'c1'") == "w1"
    )
    line = "SELECT sales_order_id FROM sales_order_lines WHERE item_id = 's1'"
    assert warehouse.value(line) == "w2"
    assert customer_of(warehouse.records(ORDERS)[0]) == "q7"


def test_a_record_takes_no_reference_from_another(warehouse):
    warehouse.write(CUSTOMERS, samples.stored(CUSTOMERS, "c1", ""))
    warehouse.write(ORDERS, samples.stored(ORDERS, customer_id="wms:c1"))
    warehouse.run("UPDATE sales_orders SET customer_qb_id = 'q7'")

    warehouse.write(CUSTOMERS, samples.stored(CUSTOMERS, "c2", "q7"))

    assert warehouse.value("SELECT customer_id FROM sales_orders") == "c1"


def test_a_reference_that_a_person_sets_counts_more_than_what_quickbooks_said(
    warehouse,
):
    warehouse.write(CUSTOMERS, samples.stored(CUSTOMERS, "c1", "q7"))
    warehouse.write(ORDERS, samples.stored(ORDERS, customer_id="q8"))

    warehouse.run("UPDATE sales_orders SET customer_id = 'c1'")

    assert customer_of(*warehouse.records(ORDERS)) == "q7"


def test_a_reference_outlives_the_record_that_it_is_to(warehouse):
    warehouse.write(CUSTOMERS, samples.stored(CUSTOMERS, "c1", "q7"))
    warehouse.write(ORDERS, samples.stored(ORDERS, customer_id="q7"))

    warehouse.run("DELETE FROM customers")

    assert customer_of(*warehouse.records(ORDERS)) == "q7"


def test_a_reference_to_nothing_is_refused(warehouse):
    with pytest.raises(BadData):
        warehouse.write(ORDERS, samples.stored(ORDERS, customer_id="wms:nobody"))

    assert warehouse.records(ORDERS) == []


def test_the_type_tells_a_customer_from_a_vendor_of_the_same_id(warehouse):
    warehouse.write(CUSTOMERS, samples.stored(CUSTOMERS, "1", "q7"))
    for wms_id, known in (("1", "q8"), ("2", "q9")):
        warehouse.write(VENDORS, samples.stored(VENDORS, wms_id, known))

    assert warehouse.store.known_as(["wms:1"], "vendors") == {"wms:1": "q8"}
    assert warehouse.store.known_as(["wms:1"], "customers") == {"wms:1": "q7"}
    assert warehouse.store.known_as(["wms:1"], "items") == {}
    assert warehouse.store.known_as(["wms:1"], "") == {}


def test_two_records_cannot_have_one_quickbooks_id(warehouse):
    warehouse.write(CUSTOMERS, samples.stored(CUSTOMERS, "c1", "q7"))

    with pytest.raises(BadData):
        warehouse.write(CUSTOMERS, samples.stored(CUSTOMERS, "c2", "q7"))

    assert warehouse.store.linked(CUSTOMERS, ["q7"]) == {"q7": "c1"}


def test_a_link_without_a_base_is_a_link(warehouse):
    with warehouse.database.transaction():
        warehouse.store.put(CUSTOMERS, [samples.stored(CUSTOMERS, "c1", "q7")])

    assert warehouse.store.linked(CUSTOMERS, ["q7"]) == {"q7": "c1"}
    assert list(warehouse.store.bases(CUSTOMERS)) == []


def test_a_record_that_the_warehouse_deleted_is_known_from_the_base(warehouse):
    warehouse.write(CUSTOMERS, samples.stored(CUSTOMERS, "c1", "q7"))

    warehouse.run("DELETE FROM customers")

    assert warehouse.store.linked(CUSTOMERS, ["q7", "q8"]) == {"q7": "c1"}


# --- what the warehouse's people write ------------------------------------------------


def test_a_record_entered_by_hand_has_its_times_and_is_active(warehouse):
    warehouse.run("INSERT INTO customers (id, name) VALUES ('c1', 'Anne')")

    (record,) = warehouse.records(CUSTOMERS)

    now = str(warehouse.value("SELECT CURRENT_TIMESTAMP", "z"))
    assert record.known_as == "wms:c1"
    assert dict(zip(CUSTOMERS.fields, record.cells))[CUSTOMERS.fields[0]] == "Anne"
    assert "yes" in record.cells
    assert record.head.created_at[:10] == record.head.updated_at[:10] == now[:10]


def test_a_record_without_times_gets_the_present(warehouse):
    record = samples.stored(CUSTOMERS)
    record = record._replace(head=record.head._replace(created_at="", updated_at=""))

    warehouse.write(CUSTOMERS, record)

    (found,) = warehouse.records(CUSTOMERS)
    assert found.head.updated_at == found.head.created_at > samples.LATE


def test_an_order_and_its_lines_can_be_entered_and_deleted_by_hand(warehouse):
    warehouse.run("INSERT INTO sales_orders (id, memo) VALUES ('o1', 'by hand')")
    warehouse.run(
        "INSERT INTO sales_order_lines (sales_order_id, position, quantity) "
        "VALUES ('o1', 2, 3), ('o1', 1, 1.50)"
    )

    (order,) = warehouse.records(ORDERS)
    assert [(line.id, line.cells[2]) for line in order.lines] == [
        ("", "1.5"),
        ("", "3"),
    ]

    warehouse.run("DELETE FROM sales_orders")
    assert warehouse.records(ORDERS) == []
