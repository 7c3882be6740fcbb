"""What the plan may rely on: one fetch, as it was written, and no value that is none."""

from __future__ import annotations

import pytest

from src import wms_plan
from src.kit import stage
from src.kit.errors import NOTHING_DONE, SOME_ROWS_FAILED
from src.office import connect_wms
from src.wms.fields import KINDS, places
from src.wms.records import (
    BASE,
    BASE_LINES,
    MIRROR,
    MIRROR_LINES,
    PLAN,
    REJECTS,
    STORED,
    STORED_LINES,
    AgreedHead,
    StoredHead,
)
from src.wms.store import Store
from tests.wms import samples
from tests.wms.both import CUSTOMER, value
from tests.wms.listed import Fetching, record

PHONE, ACTIVE = (places(CUSTOMER)[name] for name in ("phone", "is_active"))


@pytest.fixture
def fetching(desk):
    return Fetching(desk)


def order(line_id, minute=0, revision=1):
    lines = [{"id": line_id, "quantity": 2}]
    return record("o1", minute, revision, refNumber="7", lines=lines)


@pytest.fixture
def odd(fetching):
    """Return what makes a value of a record odd that both sides agree on."""

    def odd(kind_name: str, column: str, value: str, table: str = "") -> None:
        kind = KINDS[kind_name]
        with connect_wms.database(fetching.desk.config) as found:
            with found.transaction():
                for wms_id in ("w1", "w2"):
                    record = samples.stored(kind, wms_id, f"q{wms_id}")
                    Store(found).write(kind, record, samples.agreed(record))
            key = "id" if not table else f"{kind_name[:-1]}_id"
            statement = f"UPDATE {table or kind_name} SET {column} = {value} "
            found.run(statement + f"WHERE {key} = 'w1'")

    return odd


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("balance", "'abc'", "customers.balance of w1 (full_name 1): 'abc' is no number"),
        ("balance", "1e99", "'1e+99' is no number"),
        ("is_active", "'maybe'", "customers.is_active of w1 (full_name 1): 'maybe' is no flag"),
        ("is_active", "7", "'7' is no flag (1 or 0)"),
        ("custom_fields", "'not json'", "'not json' is no JSON"),
        ("updated_at", "'yesterday'", "customers.updated_at of w1"),
        ("qb_deleted_at", "5", "'5' is no time"),
    ],
)
def test_an_odd_value_of_the_warehouse_is_rejected_by_its_place(fetching, odd, column, value, told):
    odd("customers", column, value)

    assert fetching.fetch("customers") == SOME_ROWS_FAILED

    assert told in fetching.desk.out and "1 rejected" in fetching.desk.out
    assert "1 read = 1 rejected" in fetching.desk.out


def test_rejects_are_a_table_and_those_of_other_kinds_stay_in_it(fetching, odd):
    odd("customers", "is_active", "'maybe'")
    fetching.fetch("customers")
    fetching.fetch("sales_orders")

    (row,) = fetching.desk.rows(REJECTS)

    assert (row.kind, row.wms_id) == ("customers", "w1")
    assert row.reason.startswith("customers.is_active of w1 (full_name 1): 'maybe'")


def test_what_was_put_right_is_no_reject_any_more(fetching, odd):
    odd("customers", "is_active", "'maybe'")
    fetching.fetch("customers")
    odd("customers", "is_active", "1")

    fetching.fetch("customers")

    assert fetching.desk.rows(REJECTS) == []


def test_an_odd_value_of_a_line_rejects_its_record(fetching, odd):
    odd("sales_orders", "quantity", "'many'", "sales_order_lines")

    assert fetching.fetch("sales_orders") == SOME_ROWS_FAILED

    told = "sales_order_lines.quantity of w1 (ref_number ): 'many' is no number"
    assert told in fetching.desk.out


def test_a_record_that_cannot_be_read_stands_there_as_it_was_agreed_on(fetching, odd):
    odd("sales_orders", "total_amount", "'abc'")

    fetching.fetch("sales_orders")

    stored, based = (fetching.desk.rows(t["sales_orders"]) for t in (STORED, BASE))
    ahead, base_ahead = len(StoredHead._fields), len(AgreedHead._fields)
    assert [row[0] for row in stored] == ["w1", "w2"]
    assert [row[ahead:] for row in stored] == [row[base_ahead:] for row in based]
    both = [fetching.desk.rows(t["sales_orders"]) for t in (STORED_LINES, BASE_LINES)]
    assert list(map(tuple, both[0])) == list(map(tuple, both[1]))


def test_of_a_record_that_cannot_be_read_nothing_is_planned(fetching, odd):
    odd("customers", "is_active", "'maybe'")
    fetching.company.has("customers", record("q9", name="New", fullName="New"))

    fetching.fetch("customers")

    assert fetching.desk.run(wms_plan, "customers") == stage.OK, fetching.desk.err
    assert [card.id for card in fetching.desk.rows(PLAN)] == ["q9"]


def test_a_new_record_that_cannot_be_read_keeps_the_others_from_a_first_match(fetching):
    fetching.company.has("customers", record("q9", name="Anne", fullName="Anne"))
    with connect_wms.database(fetching.desk.config) as found:
        found.run("INSERT INTO customers (id, name, balance) VALUES ('c', 'Anne', 'x')")

    assert fetching.fetch("customers") == SOME_ROWS_FAILED
    assert fetching.desk.run(wms_plan, "customers") == SOME_ROWS_FAILED

    assert fetching.receipt("data/wms_customers.csv").detail == "unread=1"
    assert [(c.id, c.action) for c in fetching.desk.rows(PLAN)] == [("q9", "hold")]
    assert "1 of the warehouse could not be read" in fetching.desk.out


@pytest.mark.parametrize(
    ("column", "value"), [("updated_at", "'infinity'"), ("balance", "'NaN'")]
)
def test_what_postgresql_takes_for_a_value_may_be_none(fetching, odd, postgresql, column, value):
    fetching.desk.settings["WMS_DATABASE_URL"] = postgresql.fresh()
    odd("customers", column, value)

    assert fetching.fetch("customers") == SOME_ROWS_FAILED

    assert f"customers.{column} of w1 (full_name 1): {value} is no" in fetching.desk.out


# --- files that belong together -------------------------------------------------------


def test_files_of_two_fetches_make_no_plan(fetching):
    for resource in ("customers", "vendors"):
        fetching.company.has(resource, record("r1"))
    fetching.fetch()
    fetching.fetch("vendors")

    assert fetching.desk.run(wms_plan, "customers", "vendors") == NOTHING_DONE

    told = "data/qbd_customers.csv and data/qbd_vendors.csv: are of different runs"
    assert told in fetching.desk.err


@pytest.mark.parametrize("table", [MIRROR, MIRROR_LINES])
def test_half_of_a_pair_of_another_fetch_makes_no_plan(fetching, table):
    fetching.desk.settings["RUN_ID"] = "always-the-same"
    fetching.company.has("sales-orders", order("l1"))
    fetching.fetch()
    path = fetching.desk.path(table["sales_orders"])
    before = path.read_bytes()
    fetching.company.has("sales-orders", order("l2", 5, 2))
    fetching.fetch()

    path.write_bytes(before)

    assert fetching.desk.run(wms_plan, "sales_orders") == NOTHING_DONE
    assert "is not as it was fetched" in fetching.desk.err


def test_a_mirror_that_somebody_edited_is_fetched_in_full(fetching):
    fetching.company.has("customers", record("c1", phone="1"))
    fetching.company.lost("customers", "c2", 30)
    fetching.fetch()
    path = fetching.desk.path(MIRROR["customers"])
    path.write_text(path.read_text("utf-8").replace(",1,", ",666,"), "utf-8")

    assert fetching.fetch() == stage.OK

    assert "updatedAfter" not in fetching.asked()[0]
    assert fetching.mirror()["c1"].phone == "1" and fetching.mirror()["c2"].deleted_at
    assert "is not as it was fetched; everything was fetched anew" in fetching.desk.out


# --- what becomes of a record that cannot be read -------------------------------------


def test_what_quickbooks_changes_in_it_waits_until_it_can_be_read(both):
    anne = both.create("customers", name="Anne", phone="1")
    assert both.sync() == stage.OK
    wms_id = both.stored(CUSTOMER)["Anne"].head.wms_id
    both.change("customers", wms_id, balance="abc", email="a@x.com")

    both.edit("customers", anne["id"], phone="2")
    assert both.fetch() == SOME_ROWS_FAILED
    assert both.plan() == stage.OK
    both.apply()
    assert both.bases(CUSTOMER)[wms_id].cells[PHONE] == "1"

    both.change("customers", wms_id, balance="0.00")
    both.sync()
    assert value(CUSTOMER, both.stored(CUSTOMER)["Anne"], "phone") == "2"
    assert both.there(CUSTOMER)["Anne"]["email"] == "a@x.com"


@pytest.mark.parametrize("ends", ["stays", "remove"])
def test_one_that_cannot_be_read_is_never_taken_for_deleted(both, ends):
    anne = both.create("customers", name="Anne", phone="1")
    assert both.sync() == stage.OK
    wms_id = both.stored(CUSTOMER)["Anne"].head.wms_id
    both.change("customers", wms_id, is_active="maybe")

    if ends == "remove":
        both.remove("customers", anne["id"])
    for _ in range(2):
        both.fetch()
        both.plan("--force")
        both.apply()

    assert [c.action for c in both.cards] == (["inactivate"] if ends == "remove" else [])
    if ends == "stays":
        assert both.there(CUSTOMER)["Anne"]["isActive"]
    assert both.bases(CUSTOMER)[wms_id].cells[ACTIVE] == "yes"
