"""The mirror follows QuickBooks, and nothing is lost on the way to it."""

from __future__ import annotations

import pytest

from src.kit import stage
from src.kit.errors import (
    AUTHORIZE_AGAIN,
    NOTHING_DONE,
    SOME_ROWS_FAILED,
    STOPPED_EARLY,
)
from src.office import connect_wms
from src.wms.fields import KINDS
from src.wms.records import BASE, BASE_LINES, MIRROR, MIRROR_LINES, STORED, STORED_LINES
from src.wms.store import Store
from tests.wms import samples
from tests.wms.listed import (
    NOBODY,
    OFFLINE,
    REFUSED,
    UNAUTHORIZED,
    Fetching,
    moment,
    record,
)

ADJUSTMENTS = "inventory_adjustments"


@pytest.fixture
def fetching(desk):
    return Fetching(desk)


def order(record_id, *line_ids, minute=0, revision=1):
    lines = [{"id": line, "quantity": 2, "rate": "1.50000"} for line in line_ids]
    return record(record_id, minute, revision, refNumber="7", lines=lines)


# --- the first time -------------------------------------------------------------------


def test_the_first_fetch_asks_for_everything(fetching):
    fetching.company.has("customers", record("c2"), record("c1"))

    assert fetching.fetch() == stage.OK

    assert fetching.asked() == [
        {"status": "all", "excludeAlternateShippingAddresses": "true"}
    ]
    assert list(fetching.mirror()) == ["c1", "c2"]
    assert "2 new" in fetching.desk.out


def test_every_type_has_its_files_even_where_there_is_nothing(fetching):
    assert fetching.fetch() == stage.OK

    for tables in (MIRROR, MIRROR_LINES, STORED, STORED_LINES, BASE, BASE_LINES):
        for table in tables.values():
            assert fetching.desk.rows(table) == [], table.place


def test_only_the_types_that_are_named_are_fetched(fetching):
    assert fetching.fetch("items", "customers") == stage.OK

    resources = [name for name, _ in fetching.company.asked if "deleted" not in name]
    assert resources == [
        k.resource for k in KINDS.values() if k.is_item or k.name == "customers"
    ]
    assert not fetching.desk.path(MIRROR["vendors"]).exists()


def test_a_type_that_does_not_exist_is_no_type(fetching):
    with pytest.raises(SystemExit) as end:
        fetching.fetch("customer")

    assert end.value.code == NOTHING_DONE


def test_times_become_utc(fetching):
    moved = record("c1") | {
        "updatedAt": moment(0, "-08:00"),
        "createdAt": moment(0)[:-6] + "Z",
    }
    fetching.company.has("customers", moved)

    fetching.fetch()

    row = fetching.mirror()["c1"]
    assert row.updated_at == "2026-03-01T18:00:00.000000+00:00"
    assert row.created_at == "2026-03-01T10:00:00.000000+00:00"


def test_lines_stand_in_a_file_of_their_own(fetching):
    fetching.company.has("sales-orders", order("o2", "l9"), order("o1", "l2", "l1"))

    fetching.fetch()

    found = [
        (r.id, r.position, r.line_id, r.unit_price)
        for r in fetching.lines("sales_orders")
    ]
    assert found == [
        ("o1", "1", "l2", "1.50"),
        ("o1", "2", "l1", "1.50"),
        ("o2", "1", "l9", "1.50"),
    ]


def test_item_groups_are_named_with_their_record(fetching):
    fetching.company.has(
        "sales-orders", order("o1", "l1") | {"lineGroups": [{"id": "g1"}]}
    )

    fetching.fetch()

    assert fetching.mirror("sales_orders")["o1"].groups == '["g1"]'


# --- changes --------------------------------------------------------------------------


def test_changes_are_merged_into_the_mirror(fetching):
    company = fetching.company
    company.has("customers", record("c1"), record("c3", name="C"))
    fetching.fetch()

    company.has("customers", record("c2", 30), record("c3", 31, 2, name="D"))
    assert fetching.fetch() == stage.OK

    assert [(r.id, r.name) for r in fetching.mirror().values()] == [
        ("c1", ""), ("c2", ""), ("c3", "D"),
    ]  # fmt: skip
    assert "1 new; 1 changed" in fetching.desk.out


def test_changes_are_asked_for_from_the_newest_one_less_an_overlap(fetching):
    fetching.company.has("customers", record("c1", 10), record("c2", 20))
    fetching.fetch()

    fetching.fetch()

    assert [query["updatedAfter"] for query in fetching.asked()] == [moment(15)]
    assert "1 same" in fetching.desk.out
    assert list(fetching.mirror()) == ["c1", "c2"]


def test_a_deletion_moves_the_watermark_too(fetching):
    fetching.company.has("customers", record("c1", 10))
    fetching.company.lost("customers", "c2", 40)
    fetching.fetch()

    fetching.fetch()

    assert fetching.asked()[0]["updatedAfter"] == moment(35)


def test_a_record_from_the_future_does_not_hide_what_is_changed_until_then(fetching):
    ahead = record("c1") | {"updatedAt": "2999-01-01T00:00:00+00:00"}
    fetching.company.has("customers", ahead)
    fetching.fetch()

    fetching.fetch()

    assert fetching.asked()[0]["updatedAfter"] < "2998"


def test_where_nobody_knows_when_the_last_list_began_everything_is_asked_for(fetching):
    fetching.company.has("customers", record("c1", 50))
    fetching.minute = 0
    fetching.fetch()
    (fetching.desk.logs / "receipts.csv").unlink()

    fetching.company.has("customers", record("c1", 50), record("c2", 10))
    fetching.fetch()

    assert "updatedAfter" not in fetching.asked()[0]
    assert list(fetching.mirror()) == ["c1", "c2"]


def test_what_changed_while_a_long_list_came_is_asked_for_again(fetching):
    fetching.company.has("customers", record("c1", 30))
    fetching.minute = 10
    fetching.fetch()

    fetching.minute = 50
    fetching.fetch()

    assert fetching.asked()[0]["updatedAfter"] == moment(5)


def test_items_with_quantities_are_always_fetched_whole(fetching):
    for kind in ("inventory_items", "inventory_assembly_items"):
        fetching.company.has(KINDS[kind].resource, record("i1", quantityOnHand=1))
    fetching.fetch()

    for kind in ("inventory_items", "inventory_assembly_items"):
        fetching.company.has(KINDS[kind].resource, record("i1", quantityOnHand=2))
    fetching.fetch()

    for kind in ("inventory_items", "inventory_assembly_items"):
        assert fetching.asked(kind) == [{"status": "all"}]
        assert fetching.mirror(kind)["i1"].quantity_on_hand == "2"


def test_full_asks_for_everything_again(fetching):
    fetching.company.has("customers", record("c1", 30))
    fetching.fetch()

    fetching.fetch("--full")

    assert "updatedAfter" not in fetching.asked()[0]


def test_of_a_record_that_comes_twice_the_greatest_revision_counts(fetching):
    twice = [record("c1", 1, 12, name="new"), record("c1", 2, 9, name="old")]
    fetching.company.has("customers", *twice)

    fetching.fetch()

    assert fetching.mirror()["c1"].name == "new"
    assert "2 read = 1 out + 1 skipped" in fetching.desk.out


def test_lines_of_a_changed_record_are_replaced_as_a_whole(fetching):
    fetching.company.has("sales-orders", order("o1", "l1", "l2"), order("o2", "l3"))
    fetching.fetch()

    fetching.company.has("sales-orders", order("o1", "l2", "l4", minute=9, revision=2))
    fetching.fetch()

    found = [(r.id, r.line_id) for r in fetching.lines("sales_orders")]
    assert found == [("o1", "l2"), ("o1", "l4"), ("o2", "l3")]


# --- deletions ------------------------------------------------------------------------


def test_a_deleted_record_keeps_its_last_fields(fetching):
    fetching.company.has("sales-orders", order("o1", "l1"), order("o2"))
    fetching.fetch()

    fetching.company.lost("sales-orders", "o1", 30)
    assert fetching.fetch() == stage.OK

    row = fetching.mirror("sales_orders")["o1"]
    assert (row.deleted_at, row.ref_number) == ("2026-03-01T10:30:00.000000+00:00", "7")
    assert [line.line_id for line in fetching.lines("sales_orders")] == ["l1"]
    assert "1 deleted" in fetching.desk.out


def test_a_deletion_is_counted_once(fetching):
    fetching.company.has("customers", record("c1"))
    fetching.fetch()
    fetching.company.lost("customers", "c1", 30)
    fetching.fetch()

    fetching.fetch()

    assert "1 known as deleted" in fetching.desk.out
    assert fetching.mirror()["c1"].deleted_at


def test_of_two_deletions_of_one_record_the_later_counts(fetching):
    for minute in (40, 30):
        fetching.company.lost("customers", "c1", minute)

    fetching.fetch()

    assert fetching.mirror()["c1"].deleted_at == "2026-03-01T10:40:00.000000+00:00"


def test_a_record_that_was_never_seen_is_known_by_its_deletion(fetching):
    fetching.company.lost("customers", "c1", 30, fullName="Anne")
    fetching.company.lost("sales-orders", "o1", 30, refNumber="12")

    fetching.fetch()

    assert fetching.mirror()["c1"].full_name == "Anne"
    assert fetching.mirror("sales_orders")["o1"].ref_number == "12"


def test_a_record_deleted_while_it_was_fetched_is_deleted(fetching):
    fetching.company.has("customers", record("c1", name="A"))
    entry = {"id": "c1", "deletedAt": moment(30)}
    fetching.company.gone["customers"] = [entry]

    fetching.fetch()

    row = fetching.mirror()["c1"]
    assert row.name == "A" and row.deleted_at
    fetching.fetch("--full")
    assert "1 same; 1 known as deleted" in fetching.desk.out


def test_a_record_changed_and_then_deleted_keeps_what_it_was_at_last(fetching):
    fetching.company.has("customers", record("c1", name="A"))
    fetching.fetch()

    fetching.company.has("customers", record("c1", 20, 2, name="B"))
    fetching.company.gone["customers"] = [{"id": "c1", "deletedAt": moment(30)}]
    fetching.fetch()

    row = fetching.mirror()["c1"]
    assert row.name == "B" and row.deleted_at


def test_a_deletion_that_quickbooks_has_forgotten_is_kept(fetching):
    fetching.company.has("customers", record("c1"))
    fetching.company.lost("customers", "c2", 30)
    fetching.fetch()

    fetching.company.gone.clear()
    fetching.fetch("--full")

    assert fetching.mirror()["c2"].deleted_at
    assert "not in QuickBooks' list" not in fetching.desk.out


@pytest.mark.parametrize("options", [(), ("--full",)])
def test_a_shorter_list_deletes_nothing(fetching, options):
    fetching.company.has("customers", record("c1"), record("c2"))
    fetching.fetch()

    fetching.company.has("customers")
    assert fetching.fetch(*options) == stage.OK

    assert [row.deleted_at for row in fetching.mirror().values()] == ["", ""]
    assert ("2 not in QuickBooks' list" in fetching.desk.out) == bool(options)


# --- when QuickBooks fails ------------------------------------------------------------


def test_a_list_that_breaks_off_is_begun_again_from_its_start(fetching):
    fetching.company.has("customers", record("c1"), record("c2"), record("c3"))
    fetching.company.fails("customers", times=1, at=2)

    assert fetching.fetch() == stage.OK

    assert list(fetching.mirror()) == ["c1", "c2", "c3"]
    assert "3 read = 3 out" in fetching.desk.out
    assert len(fetching.asked()) == 2
    assert len(fetching.waits) == 1


def test_what_came_before_a_list_broke_off_is_not_counted(fetching):
    twice = [record("c1"), record("c1"), record("c2", balance="odd")]
    fetching.company.has("customers", *twice)
    fetching.company.fails("customers", times=2, at=3)

    assert fetching.fetch() == SOME_ROWS_FAILED

    assert "3 read = 1 out + 1 rejected + 1 skipped" in fetching.desk.out


def test_a_list_that_never_comes_whole_leaves_the_mirror_as_it_was(fetching):
    fetching.company.has("customers", record("c1"))
    fetching.fetch()
    before = fetching.desk.path(MIRROR["customers"]).read_bytes()

    fetching.company.has("customers", record("c1", 9, 2), record("c2", 9))
    fetching.company.has("vendors", record("v1"))
    fetching.company.fails("customers", at=1)
    assert fetching.fetch() == SOME_ROWS_FAILED

    assert fetching.desk.path(MIRROR["customers"]).read_bytes() == before
    assert list(fetching.mirror("vendors")) == ["v1"]
    assert len(fetching.asked()) == 4
    assert "data/qbd_customers.csv: stays as it was" in fetching.desk.out


def test_deletions_that_cannot_be_had_leave_the_mirror_as_it_was(fetching):
    fetching.company.has("customers", record("c1"))
    fetching.company.fails("deleted customers")

    assert fetching.fetch("customers") == STOPPED_EARLY

    assert not fetching.desk.path(MIRROR["customers"]).exists()


def test_a_list_that_is_refused_is_not_asked_for_again(fetching):
    fetching.company.fails("customers", by=REFUSED)

    assert fetching.fetch("customers") == NOTHING_DONE

    assert len(fetching.asked()) == 1


def test_without_a_valid_key_everything_stops(fetching):
    fetching.company.fails("customers", by=UNAUTHORIZED)

    assert fetching.fetch("customers", "vendors") == AUTHORIZE_AGAIN

    assert fetching.asked("vendors") == []


@pytest.mark.parametrize("answer", [NOBODY, OFFLINE])
def test_where_no_question_would_be_answered_one_is_enough(fetching, answer):
    for resource in ("customers", "vendors"):
        fetching.company.has(resource, record("r1"))
    fetching.company.fails("customers", by=answer)

    assert fetching.fetch() in (STOPPED_EARLY, NOTHING_DONE)

    assert fetching.asked("vendors") == []
    assert fetching.desk.err.count(answer.error) == 1


def test_after_a_failure_the_next_step_is_to_fetch_again(fetching):
    fetching.company.has("customers", record("c1"))
    fetching.fetch()
    assert "next: make wms-plan" in fetching.desk.out

    fetching.company.has("vendors", record("v1"))
    fetching.company.fails("customers", by=REFUSED)
    fetching.fetch()

    assert "next: make wms-fetch" in fetching.desk.out


def test_a_time_without_a_zone_is_no_time(fetching):
    fetching.company.has("customers", record("c1") | {"updatedAt": moment(0)[:-6]})

    assert fetching.fetch() == SOME_ROWS_FAILED

    assert "'2026-03-01T10:00:00' has no time zone" in fetching.desk.out
    assert fetching.mirror() == {}


def test_a_record_with_an_odd_value_stays_as_it_was(fetching):
    fetching.company.has("customers", record("c1", balance="10.00"), record("c2"))
    fetching.fetch()

    fetching.company.has("customers", record("c1", 9, balance="ten"), record("c3", 9))
    assert fetching.fetch() == SOME_ROWS_FAILED

    assert fetching.mirror()["c1"].balance == "10.00"
    assert list(fetching.mirror()) == ["c1", "c2", "c3"]
    assert "customers c1: 'ten' is no number; it stays" in fetching.desk.out


# --- adjustments ----------------------------------------------------------------------


def test_adjustments_are_fetched_by_a_window_of_time(fetching):
    fetching.company.has("inventory-adjustments", record("a1", 20))
    fetching.fetch()

    fetching.fetch()

    assert fetching.asked(ADJUSTMENTS) == [{"updatedAfter": moment(15)}]


def test_a_list_of_adjustments_that_times_out_is_written_down(fetching):
    fetching.company.has("inventory-adjustments", record("a1", 20))
    fetching.fetch()
    fetching.company.fails("inventory-adjustments")

    assert fetching.fetch() == stage.OK

    receipt = fetching.receipt("data/qbd_inventory_adjustments.csv")
    assert "list=timed_out" in receipt.detail and receipt.rows == "1"
    assert list(fetching.mirror(ADJUSTMENTS)) == ["a1"]
    assert "its list timed out" in fetching.desk.out


def test_adjustments_that_time_out_the_first_time_leave_an_empty_mirror(fetching):
    fetching.company.fails("inventory-adjustments")

    assert fetching.fetch(ADJUSTMENTS) == stage.OK

    assert fetching.mirror(ADJUSTMENTS) == {}


def test_adjustments_that_are_refused_did_not_time_out(fetching):
    fetching.company.fails("inventory-adjustments", by=REFUSED)

    assert fetching.fetch(ADJUSTMENTS) == NOTHING_DONE

    assert "its list timed out" not in fetching.desk.out


def test_a_time_out_keeps_in_mind_when_the_last_list_began(fetching):
    fetching.company.has("inventory-adjustments", record("a1", 30))
    fetching.minute = 10
    fetching.fetch()
    fetching.company.fails("inventory-adjustments", times=4)
    fetching.minute = 50
    fetching.fetch()

    fetching.fetch()

    assert fetching.asked(ADJUSTMENTS) == [{"updatedAfter": moment(5)}]


def test_after_a_time_out_the_same_window_is_asked_for_again(fetching):
    fetching.company.has("inventory-adjustments", record("a1", 20))
    fetching.fetch()
    fetching.company.fails("inventory-adjustments", times=4)
    fetching.fetch()

    fetching.company.lists["inventory-adjustments"].append(record("a2", 25))
    fetching.fetch()

    assert fetching.asked(ADJUSTMENTS) == [{"updatedAfter": moment(15)}]
    assert list(fetching.mirror(ADJUSTMENTS)) == ["a1", "a2"]
    assert "list=delta" in fetching.receipt("data/qbd_inventory_adjustments.csv").detail


# --- damage ---------------------------------------------------------------------------


def test_a_mirror_in_another_order_is_fetched_anew(fetching):
    fetching.company.has("customers", record("c1"), record("c2"))
    fetching.fetch()
    path = fetching.desk.path(MIRROR["customers"])
    header, *rows = path.read_text("utf-8-sig").splitlines(keepends=True)
    path.write_text("".join([header, *reversed(rows)]))

    assert fetching.fetch() == stage.OK

    assert list(fetching.mirror()) == ["c1", "c2"]
    assert "another order" in fetching.desk.out and "fetched anew" in fetching.desk.out


@pytest.mark.parametrize("damage", [b"no header\n", b""])
def test_a_broken_mirror_is_fetched_anew(fetching, damage):
    fetching.company.has("customers", record("c1"))
    fetching.fetch()
    fetching.desk.path(MIRROR["customers"]).write_bytes(damage)

    assert fetching.fetch() == stage.OK

    assert list(fetching.mirror()) == ["c1"]


def test_a_mirror_without_its_lines_is_fetched_anew(fetching):
    fetching.company.has("sales-orders", order("o1", "l1"))
    fetching.fetch()
    fetching.desk.path(MIRROR_LINES["sales_orders"]).unlink()

    assert fetching.fetch() == stage.OK

    assert [line.line_id for line in fetching.lines("sales_orders")] == ["l1"]


def test_lines_of_a_run_that_was_killed_do_not_get_into_the_mirror(fetching):
    fetching.company.has("sales-orders", order("o1", "l1"), order("o3", "l3"))
    fetching.fetch()
    old = fetching.desk.path(MIRROR["sales_orders"]).read_bytes()
    fetching.company.has("sales-orders", order("o2", "l2", minute=4))
    fetching.fetch()
    fetching.desk.path(MIRROR["sales_orders"]).write_bytes(old)

    fetching.company.has("sales-orders")
    fetching.fetch()

    found = [(r.id, r.line_id) for r in fetching.lines("sales_orders")]
    assert found == [("o1", "l1"), ("o3", "l3")]


def test_both_files_of_a_pair_are_of_one_run(fetching):
    fetching.fetch()

    for tables, lines in (
        (MIRROR, MIRROR_LINES),
        (STORED, STORED_LINES),
        (BASE, BASE_LINES),
    ):
        for name, table in lines.items():
            runs = {fetching.receipt(t.place).run_id for t in (table, tables[name])}
            assert len(runs) == 1


# --- the warehouse --------------------------------------------------------------------


def test_the_warehouse_and_the_base_are_written_out(fetching, database_url):
    desk, kind = fetching.desk, KINDS["sales_orders"]
    desk.settings["WMS_DATABASE_URL"] = database_url
    order = samples.stored(kind)
    with connect_wms.database(desk.config) as found, found.transaction():
        Store(found).write(kind, order, samples.agreed(order))

    assert fetching.fetch() == stage.OK

    (row,), (based,) = desk.rows(STORED[kind.name]), desk.rows(BASE[kind.name])
    assert tuple(row) == (*order.head, *order.cells)
    assert tuple(based) == (*samples.agreed(order).head, *order.cells)
    for tables in (STORED_LINES, BASE_LINES):
        lines = [tuple(line[2:]) for line in desk.rows(tables[kind.name])]
        assert lines == [(line.id, *line.cells) for line in order.lines]


def test_the_warehouse_is_seen_in_one_state(desk, database_url):
    desk.settings["WMS_DATABASE_URL"] = database_url
    with connect_wms.snapshot(desk.config) as found:
        before = list(found.rows("SELECT COUNT(*) FROM customers", "i"))
        if database_url:  # SQLite lets nobody else write meanwhile
            with connect_wms.database(desk.config) as other:
                other.run("INSERT INTO customers (id, name) VALUES ('c', 'C')")

        assert list(found.rows("SELECT COUNT(*) FROM customers", "i")) == before
