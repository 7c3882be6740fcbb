"""A run taken back: QuickBooks has what it had before, and the sync carries it on."""

from __future__ import annotations

import pytest

from src import undo
from src.kit import tables
from src.kit.errors import NOTHING_DONE, OK, SOME_ROWS_FAILED
from src.office import undoable
from src.wms import kept
from src.wms.fields import KINDS
from src.wms.records import DECIDED, HOLD, PLAN, UNDO, Planned
from tests.desk import Desk
from tests.wms.both import CUSTOMER, ITEM, ITEMS, ORDER, STOCK, VENDOR, Both, value
from tests.wms.deadly import dies_after_the_write, dies_before_the_write

ADJUSTMENT, PURCHASE = KINDS["inventory_adjustments"], KINDS["purchase_orders"]


def ours(both, field, name="Ada"):
    """Return what the warehouse has of a customer."""
    return value(CUSTOMER, both.stored(CUSTOMER)[name], field)


def changed(both, **values):
    """Change Ada in the warehouse."""
    both.change("customers", both.stored(CUSTOMER)["Ada"].head.wms_id, **values)


@pytest.fixture(scope="module")
def made_ada(tmp_path_factory):
    """Return both sides after a run that changed a customer's phone and e-mail."""
    both = Both(Desk(tmp_path_factory.mktemp("ada")))
    both.create("customers", name="Ada", phone="111", email="a@x.com")
    both.sync()
    changed(both, phone="222", email="b@x.com")
    assert both.sync() == OK
    return both


@pytest.fixture
def ada(both, made_ada):
    """Return a copy of them."""
    both.become(made_ada)
    return both


@pytest.fixture(scope="module")
def made_order(tmp_path_factory):
    """Return both sides after a run that created an order, its customer and its item."""
    both = Both(Desk(tmp_path_factory.mktemp("order")))
    both.insert("customers", id="w1", name="Ada")
    both.insert("items", id="i1", kind="inventory_items", name="Bolt")
    accounts = {
        "income_account_id": ITEM["incomeAccountId"],
        "cogs_account_id": ITEM["cogsAccountId"],
        "asset_account_id": ITEM["assetAccountId"],
    }
    both.insert("inventory_items", item_id="i1", **accounts)
    both.insert("sales_orders", id="s1", ref_number="S-1", customer_id="w1",
                transaction_date="2026-11-21")  # fmt: skip
    both.insert("sales_order_lines", sales_order_id="s1", position="1", item_id="i1",
                quantity="2", unit_price="3.00")  # fmt: skip
    assert both.sync() == OK, both.desk.err
    return both


@pytest.fixture
def order(both, made_order):
    """Return a copy of them."""
    both.become(made_order)
    return both


# --- fields ---------------------------------------------------------------------------


def test_changed_fields_go_back_in_quickbooks_alone(ada):
    ada.taken_back()

    there = ada.there(CUSTOMER)["Ada"]
    assert (there["phone"], there["email"]) == ("111", "a@x.com")
    assert (ours(ada, "phone"), ours(ada, "email")) == ("222", "b@x.com")


def test_the_next_sync_carries_what_was_taken_back_to_the_warehouse(ada):
    ada.taken_back()

    ada.sync()

    assert (ours(ada, "phone"), ours(ada, "email")) == ("111", "a@x.com")
    assert ada.prepare() == []


@pytest.mark.parametrize("fate", ["drop_applied", "504_applied", "drop"])
def test_an_answer_that_got_lost_changes_nothing_in_that(ada, fate):
    ada.undo()
    ada.scenario(f"1,update customers,{fate}")
    ada.apply()
    ada.scenario()
    ada.apply()

    ada.sync()

    assert (ours(ada, "phone"), ours(ada, "email")) == ("111", "a@x.com")
    assert ada.there(CUSTOMER)["Ada"]["phone"] == "111"


def test_a_write_that_never_left_is_not_taken_for_one_that_arrived(ada):
    ada.undo()
    dies_before_the_write(ada)
    ada.edit("customers", ada.there(CUSTOMER)["Ada"]["id"], firstName="A")

    assert ada.apply() == OK

    there = ada.there(CUSTOMER)["Ada"]
    assert (there["phone"], there["firstName"]) == ("111", "A")


def test_undo_itself_sends_nothing(ada):
    before = ada.there(CUSTOMER)["Ada"]

    assert ada.undo() == OK

    assert ada.there(CUSTOMER)["Ada"] == before
    assert [(c.action, c.winner, c.base, c.wms, c.qbd) for c in ada.cards] == [
        (UNDO, "base", "111", "222", "222"),
        (UNDO, "base", "a@x.com", "b@x.com", "b@x.com"),
    ]


def test_a_field_that_was_edited_since_is_held_and_the_other_goes_back(ada):
    ada.edit("customers", ada.there(CUSTOMER)["Ada"]["id"], phone="333")

    assert ada.undo() == SOME_ROWS_FAILED
    assert ada.apply() == SOME_ROWS_FAILED

    there = ada.there(CUSTOMER)["Ada"]
    assert (there["phone"], there["email"]) == ("333", "a@x.com")
    assert "changed in QuickBooks since the run wrote it" in ada.errors()[0].description


def test_a_person_may_put_it_back_all_the_same(ada):
    ada.edit("customers", ada.there(CUSTOMER)["Ada"]["id"], phone="333")
    ada.undo()
    ada.decide("base", field="phone")

    assert ada.apply() == OK, ada.desk.out

    assert ada.there(CUSTOMER)["Ada"]["phone"] == "111"


def test_an_edit_between_the_plan_and_its_application_is_kept(ada):
    ada.undo()
    ada.edit("customers", ada.there(CUSTOMER)["Ada"]["id"], phone="333", firstName="A")

    ada.apply()

    there = ada.there(CUSTOMER)["Ada"]
    assert [there[n] for n in ("phone", "email", "firstName")] == ["333", "a@x.com", "A"]


@pytest.mark.parametrize("decision", ["skip", "hold"])
def test_what_a_person_leaves_out_stays(ada, decision):
    ada.undo()
    ada.decide(decision, field="phone")

    ada.apply()

    there = ada.there(CUSTOMER)["Ada"]
    assert (there["phone"], there["email"]) == ("222", "a@x.com")


@pytest.mark.parametrize("decision", ["wms", "qbd", "link:1", "create"])
def test_other_words_mean_nothing_in_a_reverse_plan(ada, decision):
    ada.undo()
    ada.decide(decision)

    assert ada.apply() == SOME_ROWS_FAILED

    assert ada.there(CUSTOMER)["Ada"]["phone"] == "222"
    assert "means nothing here" in ada.errors()[0].description


def test_a_row_that_was_changed_elsewhere_is_held(ada):
    ada.undo()
    rows = [row._replace(base="666") for row in ada.cards]
    tables.write(ada.desk.path(PLAN), Planned, rows)

    ada.apply()

    assert ada.there(CUSTOMER)["Ada"]["phone"] == "222"


def test_what_the_warehouse_changed_since_meets_the_usual_rules(ada):
    ada.undo()
    ada.apply()
    changed(ada, phone="444")

    ada.sync()

    assert (ours(ada, "phone"), ada.there(CUSTOMER)["Ada"]["phone"]) == ("111", "111")
    plans = kept.plans(ada.desk.config.data_dir)
    assert "444" in [card.discarded for plan in plans for card in plan]


def test_a_record_that_is_gone_in_the_warehouse_gets_its_values_back_too(ada):
    ada.delete("customers", ada.stored(CUSTOMER)["Ada"].head.wms_id)

    ada.taken_back()

    assert ada.there(CUSTOMER)["Ada"]["phone"] == "111"


def test_a_record_that_was_deleted_since_is_named(both):
    both.create("customers", name="Ada", phone="111")
    both.sync()
    changed(both, phone="222")
    both.sync()
    both.remove("customers", both.there(CUSTOMER)["Ada"]["id"])

    assert both.undo() == SOME_ROWS_FAILED

    assert "was deleted in QuickBooks since" in both.desk.out


def test_what_quickbooks_does_not_let_be_emptied_is_named(both):
    vendor = both.create("vendors", name="Vera")
    item = both.create("inventory-items", name="Bolt", **ITEM)
    lines = [{"itemId": item["id"], "quantity": 2, "rate": "2.00"}]
    both.create("purchase-orders", refNumber="P1", vendorId=vendor["id"],
                transactionDate="2026-11-20", lines=lines)  # fmt: skip
    both.sync()
    wms_id = both.stored(PURCHASE)["P1"].head.wms_id
    both.change("purchase_orders", wms_id, expected_date="2026-12-24")
    both.sync()

    assert both.undo() == SOME_ROWS_FAILED

    assert "expected_date: QuickBooks does not let it be emptied" in both.desk.out


# --- records --------------------------------------------------------------------------


def test_a_created_customer_becomes_inactive_on_both_sides(both):
    both.insert("customers", id="w1", name="Ada")
    both.sync()

    both.taken_back()
    both.sync()

    assert both.there(CUSTOMER)["Ada"]["isActive"] is False
    assert ours(both, "is_active") == "no"
    assert both.prepare() == []


def test_a_created_customer_that_was_edited_since_is_held(both):
    both.insert("customers", id="w1", name="Ada")
    both.sync()
    both.edit("customers", both.there(CUSTOMER)["Ada"]["id"], phone="333")

    assert both.undo() == SOME_ROWS_FAILED
    assert both.apply() == SOME_ROWS_FAILED

    assert both.there(CUSTOMER)["Ada"]["isActive"] is True


def test_a_record_that_became_inactive_is_active_again(both):
    both.create("customers", name="Ada")
    both.create("customers", name="Bob")
    both.sync()
    both.delete("customers", both.stored(CUSTOMER)["Ada"].head.wms_id)
    both.sync()

    both.taken_back()
    both.sync()

    assert both.there(CUSTOMER)["Ada"]["isActive"] is True
    assert [(c.action, c.rule) for c in both.cards] == [(HOLD, "deleted_and_changed")]


def test_documents_go_before_the_records_that_they_refer_to(order):
    order.taken_back()

    rows = [row for row in order.log() if row.action == UNDO]
    assert [row.kind for row in rows] == ["sales_orders", "inventory_items", "customers"]
    assert order.there(ORDER) == {}


def test_the_reverse_plan_begins_with_what_was_written_last(both):
    both.insert("vendors", id="v1", name="Vera")
    both.insert("customers", id="w1", name="Ada")
    both.insert("customers", id="w2", name="Bob")
    both.sync()

    both.undo()

    assert [card.name for card in both.cards] == ["Vera", "Bob", "Ada"]


def test_what_was_agreed_on_stays_as_it_was(order):
    order.undo()
    before = [order.bases(kind) for kind in (ORDER, ITEMS, CUSTOMER)]

    order.apply()

    assert [order.bases(kind) for kind in (ORDER, ITEMS, CUSTOMER)] == before


def test_a_document_that_was_taken_back_waits_for_a_person(order):
    order.taken_back()
    order.sync()

    cards = order.prepare()

    assert [(c.action, c.kind, c.rule) for c in cards] == [
        (HOLD, "sales_orders", "deleted_in_qbd")
    ]


@pytest.mark.parametrize(("decision", "left"), [("wms", ["S-1"]), ("qbd", [])])
def test_a_person_sends_a_document_again_or_lets_it_go(order, decision, left):
    order.taken_back()
    order.prepare()
    order.decide("wms", kind="inventory_items")
    order.decide("wms", kind="customers")
    order.decide(decision, kind="sales_orders")

    order.apply()

    assert list(order.there(ORDER)) == left
    assert list(order.stored(ORDER)) == left


def test_a_document_that_was_edited_since_is_kept(order):
    order.edit("sales-orders", order.there(ORDER)["S-1"]["id"], memo="mine")

    assert order.undo() == SOME_ROWS_FAILED
    order.apply()

    assert order.there(ORDER)["S-1"]["memo"] == "mine"


def test_a_person_lets_an_edited_document_go_all_the_same(order):
    order.edit("sales-orders", order.there(ORDER)["S-1"]["id"], memo="mine")
    order.undo()
    order.decide("base", kind="sales_orders")

    assert order.apply() == OK

    assert order.there(ORDER) == {}


def test_a_document_that_is_edited_before_the_plan_is_applied_is_kept(order):
    order.undo()
    order.edit("sales-orders", order.there(ORDER)["S-1"]["id"], memo="mine")

    assert order.apply() == SOME_ROWS_FAILED

    assert order.there(ORDER)["S-1"]["memo"] == "mine"


def test_a_movement_that_is_taken_back_moves_the_stock_back(both):
    both.create("inventory-items", name="Bolt", **ITEM)
    both.sync()
    item = both.stored(ITEMS)["Bolt"]
    both.insert(ADJUSTMENT.name, id="a1", ref_number="A1", account_id=STOCK,
                transaction_date="2026-11-22")  # fmt: skip
    both.insert("inventory_adjustment_lines", inventory_adjustment_id="a1", position="1",
                item_id=item.head.wms_id, quantity_difference="4")  # fmt: skip
    both.sync()
    assert value(ITEMS, both.stored(ITEMS)["Bolt"], "quantity_on_hand") == "4"

    both.taken_back()
    both.prepare()
    both.decide("qbd", kind=ADJUSTMENT.name)
    both.apply()

    assert both.there(ITEMS)["Bolt"]["quantityOnHand"] == 0
    assert value(ITEMS, both.stored(ITEMS)["Bolt"], "quantity_on_hand") == "0"
    assert both.records(ADJUSTMENT) == []


# --- again ----------------------------------------------------------------------------


def test_an_undo_waits_for_a_fetch_after_the_last_write(ada):
    assert ada.undo_fetched(ada.last_run) == NOTHING_DONE

    assert 'run "make wms-fetch" first' in ada.desk.err


def test_what_was_taken_back_is_not_taken_back_twice(ada):
    run_id = ada.last_run
    ada.taken_back()

    assert ada.undo(run_id) == OK

    assert "2 taken back before" in ada.desk.out
    assert {card.action for card in ada.cards} == {UNDO}  # of the plan before


def left(both):
    """Return the runs that can be taken back still, newest first."""
    return [run_id for run_id, _ in undoable.runs(both.desk.config)]


def test_a_run_that_was_taken_back_is_none_of_those_that_can_be(ada):
    [run_id] = left(ada)[:1]
    ada.taken_back()
    ada.fetch()

    assert run_id not in left(ada) and left(ada)[0] == ada.last_run


def test_what_was_not_fetched_yet_may_be_taken_back(ada):
    ada.taken_back()

    assert left(ada)[0] == ada.last_run


def test_an_undo_can_be_taken_back(ada):
    ada.taken_back()

    ada.taken_back()
    ada.sync()

    there = ada.there(CUSTOMER)["Ada"]
    assert (there["phone"], there["email"]) == ("222", "b@x.com")
    assert (ours(ada, "phone"), ours(ada, "email")) == ("222", "b@x.com")


def test_a_created_record_that_was_taken_back_can_be_had_back(both):
    both.insert("customers", id="w1", name="Ada")
    both.sync()
    both.taken_back()
    both.sync()

    undone = [row.run_id for row in both.log() if row.action == UNDO]
    both.undo(undone[-1])
    both.apply()
    both.sync()

    assert both.there(CUSTOMER)["Ada"]["isActive"] is True
    assert ours(both, "is_active") == "yes"


def test_a_deleted_document_does_not_come_back(order):
    order.taken_back()

    assert order.undo() == SOME_ROWS_FAILED

    assert "QuickBooks brings nothing back" in order.desk.out


def test_a_part_of_an_undo_goes_on_where_it_ended(order):
    order.undo()
    order.apply("--limit", "1")
    assert order.there(ORDER) == {}
    assert order.there(CUSTOMER)["Ada"]["isActive"] is True

    assert order.apply() == OK

    assert order.there(CUSTOMER)["Ada"]["isActive"] is False
    assert len([row for row in order.log() if row.action == UNDO]) == 3


def test_a_reverse_plan_applied_twice_sends_nothing_the_second_time(ada):
    ada.taken_back()
    revision = ada.there(CUSTOMER)["Ada"]["revisionNumber"]

    assert ada.apply() == OK

    assert ada.there(CUSTOMER)["Ada"]["revisionNumber"] == revision


# --- what is around it ----------------------------------------------------------------


def test_decisions_of_the_plan_before_are_there_again_in_the_next(ada):
    vera = ada.create("customers", name="Vera", phone="1")
    ada.sync()
    ada.edit("customers", vera["id"], phone="2")
    run_id = ada.last_run
    ada.prepare()
    ada.decide("hold", name="Vera")

    ada.undo(run_id)
    ada.prepare()

    assert [c.decision for c in ada.cards if c.name == "Vera"] == ["hold"]
    assert not ada.desk.path(DECIDED).exists()


def test_decisions_that_were_carried_out_before_an_undo_are_no_news(ada):
    changed(ada, phone="555")
    ada.prepare()
    ada.decide("approve")
    ada.apply()
    ada.undo()

    ada.prepare()

    assert "not taken over" not in ada.desk.out


def test_errors_of_the_run_before_stay_in_the_view_after_an_undo(ada):
    ada.create("customers", name="Taken")
    ada.insert("customers", id="w9", name="New")
    run_id = ada.last_run
    ada.prepare()
    ada.edit("customers", ada.there(CUSTOMER)["Taken"]["id"], name="New")
    ada.apply()
    assert [error.outcome for error in ada.errors()] == ["failed"]
    ada.edit("customers", ada.there(CUSTOMER)["Ada"]["id"], phone="333")

    ada.undo(run_id)
    ada.apply()

    assert [error.outcome for error in ada.errors()] == ["failed", "held"]
    ada.sync()
    assert [error.id for error in ada.errors()] == ["w9"]


def test_what_the_run_could_not_write_is_not_taken_back(both):
    both.create("customers", name="Taken")
    both.insert("customers", id="w1", name="Ada")
    both.insert("customers", id="w2", name="New")
    both.prepare()
    both.edit("customers", both.there(CUSTOMER)["Taken"]["id"], name="New")
    assert both.apply() == SOME_ROWS_FAILED

    assert both.undo() == OK

    assert [card.name for card in both.cards] == ["Ada"]


def test_a_run_that_wrote_nothing_to_quickbooks_is_refused(both):
    both.create("customers", name="Ada")
    both.sync()

    assert both.undo() == NOTHING_DONE

    assert "wrote nothing to QuickBooks; nothing to undo" in both.desk.err


def test_without_the_plan_of_the_run_only_what_it_made_is_taken_back(ada):
    ada.insert("customers", id="w9", name="New")
    changed(ada, phone="555")
    ada.sync()
    for path in (ada.desk.config.data_dir / "plans").glob("*.csv"):
        path.unlink()

    assert ada.undo() == SOME_ROWS_FAILED
    ada.apply()

    assert ada.there(CUSTOMER)["New"]["isActive"] is False
    assert ada.there(CUSTOMER)["Ada"]["phone"] == "555"


def test_a_write_that_was_found_only_by_the_next_run_is_taken_back_with_that(both):
    both.create("customers", name="Ada", phone="111")
    both.sync()
    changed(both, phone="222")
    both.prepare()
    dies_after_the_write(both)
    both.sync()
    assert both.log()[-1].outcome == "recovered"

    both.taken_back()

    assert both.there(CUSTOMER)["Ada"]["phone"] == "111"


def test_what_one_run_found_and_changed_again_goes_back_to_the_beginning(both):
    both.create("vendors", name="Vera", phone="111")
    both.sync()
    wms_id = both.stored(VENDOR)["Vera"].head.wms_id
    both.change("vendors", wms_id, phone="222", email="v@x.com")
    both.prepare()
    dies_after_the_write(both)
    both.passes(600)
    both.change("vendors", wms_id, phone="333")
    both.sync()
    assert [row.outcome for row in both.log()][-2:] == ["recovered", "updated"]

    both.taken_back()

    there = both.there(VENDOR)["Vera"]
    assert (there["phone"], there["email"] or "") == ("111", "")


def test_a_dry_run_says_what_would_be_taken_back(ada):
    ada.fetch()
    before = ada.cards

    assert ada.desk.run(undo, ada.last_run, "--dry-run") == OK

    assert "2 would put back" in ada.desk.out
    assert ada.cards == before


def test_a_dry_run_of_the_apply_door_counts_and_sends_nothing(ada):
    ada.undo()

    assert ada.apply("--dry-run") == OK

    assert "1 undo in QuickBooks" in ada.desk.out
    assert ada.there(CUSTOMER)["Ada"]["phone"] == "222"
