"""The demo has every case, is the same each time, and touches nobody's own records."""

from __future__ import annotations

from collections import Counter

import pytest

from src import wms_demo, wms_fetch
from src.kit import stage
from src.kit.clock import REAL
from src.kit.errors import NOTHING_DONE
from src.office import connect_wms, demo_desktop
from src.wms import demo, demo_cases, fields
from src.wms.demo_cases import QBD, WMS
from src.wms.fields import KINDS
from src.wms.records import MIRROR, MIRROR_LINES, STORED, StoredHead
from src.wms.states import Stored
from src.wms.store import Store
from src.wms.wire import Lined
from tests.desk import Desk
from tests.wms import samples

CUSTOMERS, ORDERS = KINDS["customers"], KINDS["sales_orders"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return a desk with the demo, which tests only look at."""
    return make(Desk(tmp_path_factory.mktemp("made") / "desk"))


@pytest.fixture(scope="module")
def edited(tmp_path_factory):
    """Return a desk with both sides edited after a synchronization, to look at."""
    desk = make(Desk(tmp_path_factory.mktemp("edited") / "desk"))
    synchronize(desk)
    assert desk.run(wms_demo, "edit") == stage.OK, desk.err
    fetch(desk)
    return desk


def make(desk):
    assert desk.run(wms_demo, "make") == stage.OK, desk.err
    fetch(desk)
    return desk


def fetch(desk):
    assert desk.run(wms_fetch) == stage.OK, desk.out + desk.err


def synchronize(desk):
    """Bring what only QuickBooks has into the warehouse, and agree on it."""
    with connect_wms.database(desk.config) as database, database.transaction():
        for kind in KINDS.values():
            for row in desk.rows(MIRROR[kind.name]):
                head = StoredHead(
                    f"q-{row.id}", row.id, row.created_at, row.updated_at, ""
                )
                record = Stored(head, tuple(row[7:]), lines_of(desk, kind, row.id))
                Store(database).write(kind, record, samples.agreed(record))


def lines_of(desk, kind, record_id):
    rows = desk.rows(MIRROR_LINES[kind.name]) if kind.lines else []
    return tuple(
        Lined(row.line_id, tuple(row[3:])) for row in rows if row.id == record_id
    )


def named(rows, name):
    (found,) = [
        r
        for r in rows
        if name in (getattr(r, "name", ""), getattr(r, "ref_number", ""))
    ]
    return found


# --- before the first synchronization -------------------------------------------------


def test_both_sides_have_records_of_every_type(made):
    for kind in KINDS.values():
        assert made.rows(MIRROR[kind.name]), kind.name

    count = sum(len(made.rows(table)) for table in (*MIRROR.values(), *STORED.values()))
    assert 60 <= count <= 80  # a person reads it


def test_the_demo_is_the_same_each_time(made, desk):
    make(desk)

    for table in (*MIRROR.values(), *STORED.values(), *MIRROR_LINES.values()):
        assert made.rows(table) == desk.rows(table)


def test_some_are_on_both_sides_without_a_link(made):
    there = [row.full_name for row in made.rows(MIRROR["customers"])]
    here = Counter(row.full_name for row in made.rows(STORED["customers"]))

    assert here["On both sides, alike"] == there.count("On both sides, alike") == 1
    assert here["Twice in the warehouse"] == 2
    assert all(row.id == "" for row in made.rows(STORED["customers"]))


def test_one_name_is_too_long_for_quickbooks(made):
    longest = CUSTOMERS.fields[0].most

    names = [row.name for row in made.rows(STORED["customers"])]
    assert len([name for name in names if len(name) > longest]) == 1


def test_an_order_is_of_a_customer_that_quickbooks_does_not_know(made):
    order = named(made.rows(STORED["sales_orders"]), "SO-10")

    customer = named(made.rows(STORED["customers"]), "New in the warehouse")
    assert order.customer_id == f"wms:{customer.wms_id}"


def test_made_again_it_leaves_what_is_there(made):
    assert made.run(wms_demo, "make") == stage.OK

    assert "nothing was made" in made.out


def test_the_demo_stays_away_from_a_warehouse_with_records(desk):
    with connect_wms.database(desk.config) as database:
        database.run("INSERT INTO customers (id, name) VALUES ('c', 'Somebody')")

    desk.run(wms_demo, "make")

    assert "nothing was made" in desk.out
    fetch(desk)
    assert desk.rows(MIRROR["customers"]) == []


def test_the_demo_is_not_made_in_a_company_of_somebodys_own(desk):
    assert desk.run(wms_demo, "make", CONDUCTOR_API="http") == NOTHING_DONE

    assert "CONDUCTOR_API: is http" in desk.err


def test_without_a_demo_there_is_nothing_to_edit(desk):
    assert desk.run(wms_demo, "edit") == NOTHING_DONE

    assert 'run "python -m src.wms_demo make" first' in desk.err


# --- edits ----------------------------------------------------------------------------


def test_every_edit_finds_its_record(desk):
    synchronize(make(desk))
    with (
        demo_desktop.person(desk.config, REAL) as person,
        connect_wms.database(desk.config) as database,
        database.transaction(),
    ):
        counts = demo.edit(demo.Sides(person, Store(database), REAL.now()))

    wanted = Counter(one.side for one in demo_cases.EDITS)
    wanted.update(one.where for one in demo_cases.ADDED)
    assert counts == wanted


@pytest.mark.parametrize("name, here, there", [
    ("QuickBooks changes the phone", "555-0100", "555-0199"),
    ("The warehouse changes the phone", "555-0199", "555-0100"),
    ("Both change the phone, QuickBooks wins", "555-0177", "555-0199"),
    ("Both change to the same phone", "555-0199", "555-0199"),
])  # fmt: skip
def test_an_edit_is_on_its_side_alone(edited, name, here, there):
    assert named(edited.rows(STORED["customers"]), name).phone == here
    assert named(edited.rows(MIRROR["customers"]), name).phone == there


def test_an_edit_in_the_warehouse_has_its_time(edited):
    rows = {row.name: row.updated_at for row in edited.rows(STORED["vendors"])}
    mirror = {row.name: row.updated_at for row in edited.rows(MIRROR["vendors"])}

    earlier, later = (
        "Both change, later in QuickBooks",
        "Both change, later in the warehouse",
    )
    assert rows[earlier] < mirror[earlier]
    assert rows[later] > mirror[later]


def test_each_side_deletes_what_the_other_keeps(edited):
    there = {row.name: row.deleted_at for row in edited.rows(MIRROR["customers"])}
    here = {row.name for row in edited.rows(STORED["customers"])}

    assert there["QuickBooks deletes it"] and "QuickBooks deletes it" in here
    assert not there["The warehouse deletes it"]
    assert "The warehouse deletes it" not in here


def test_lines_are_edited_on_both_sides(edited):
    order = named(edited.rows(MIRROR["sales_orders"]), "SO-3")
    with connect_wms.database(edited.config) as database:
        records = list(Store(database).records(ORDERS))
    (here,) = [r for r in records if r.head.id == order.id]

    quantity = [field.name for field in ORDERS.lines].index("quantity")
    there = lines_of(edited, ORDERS, order.id)
    assert [line.cells[quantity] for line in there] == ["5", "4"]
    assert [line.cells[quantity] for line in here.lines] == ["4", "6"]


def test_a_line_comes_and_another_goes(edited):
    orders = edited.rows(MIRROR["sales_orders"])
    with connect_wms.database(edited.config) as database:
        counts = {r.head.id: len(r.lines) for r in Store(database).records(ORDERS)}

    more, less = (named(orders, name).id for name in ("SO-4", "SO-5"))
    assert (len(lines_of(edited, ORDERS, more)), counts[more]) == (3, 2)
    assert (len(lines_of(edited, ORDERS, less)), counts[less]) == (2, 1)


def test_a_kit_gets_a_part_more(edited):
    (kit,) = edited.rows(MIRROR["inventory_assembly_items"])

    lines = lines_of(edited, KINDS["inventory_assembly_items"], kit.id)
    assert [line.cells[-1] for line in lines] == ["2", "3"]


def test_stock_moves_on_both_sides(edited):
    there = {row.ref_number for row in edited.rows(MIRROR["inventory_adjustments"])}
    here = {row.ref_number for row in edited.rows(STORED["inventory_adjustments"])}
    bolt = named(edited.rows(MIRROR["inventory_items"]), "Bolt, never changes")

    assert there == {"IA-1", "IA-3"} and here == {"IA-1", "IA-2", "IA-4"}
    assert bolt.quantity_on_hand == "462"  # 500 counted, 30 lost, 8 invoiced


def test_edits_are_made_once(edited):
    tables = [*MIRROR.values(), *MIRROR_LINES.values(), *STORED.values()]
    before = [edited.rows(table) for table in tables]

    assert edited.run(wms_demo, "edit") == stage.OK
    assert "edited already" in edited.out

    fetch(edited)
    assert [edited.rows(table) for table in tables] == before


# --- the cases ------------------------------------------------------------------------


def test_every_case_of_the_table_is_there():
    sides = {(edit.kind, edit.name): set() for edit in demo_cases.EDITS}
    for edit in demo_cases.EDITS:
        sides[edit.kind, edit.name].add((edit.side, bool(edit.cells or edit.lines)))

    for type_ in (fields.CUSTOMERS, fields.VENDORS, fields.SALES_ORDERS):
        found = [s for (kind, _), s in sides.items() if KINDS[kind].type == type_]
        for one in ({(QBD, False)}, {(WMS, False)}, {(QBD, True), (WMS, True)}):
            assert one in found, (type_, one)


def test_names_fit_where_they_are_meant_to():
    for entry in demo_cases.MADE + demo_cases.ADDED:
        kind = KINDS[entry.kind]
        most = kind.fields[0].most
        assert len(entry.name) <= most or "too long" in entry.name, entry.name
