"""What goes wrong on the way to QuickBooks, and how it ends."""

from __future__ import annotations

import pytest

from src.kit import stage
from src.kit.errors import AUTHORIZE_AGAIN, IN_DOUBT, NOTHING_DONE, SOME_ROWS_FAILED, STOPPED_EARLY
from tests.desk import Desk
from tests.wms.both import CUSTOMER, ITEM, ITEMS, ORDER, VENDOR, Both, value


@pytest.fixture
def birch(both):
    """Let the plan be to create a customer in QuickBooks."""
    both.insert("customers", id="w1", name="Birch", phone="1")
    both.prepare("customers")
    return both


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return both sides with a customer whose phone is to go to QuickBooks."""
    both = Both(Desk(tmp_path_factory.mktemp("made")))
    both.create("customers", name="Alder", phone="1", email="a@x.com")
    assert both.sync() == stage.OK
    head = both.stored(CUSTOMER)["Alder"].head
    both.change("customers", head.wms_id, phone="2")
    both.prepare()
    return both


@pytest.fixture
def alder(both, made):
    """Let the plan be to change a customer's phone in QuickBooks."""
    both.become(made)
    return both.stored(CUSTOMER)["Alder"].head


def is_there_once(both):
    return both.count(CUSTOMER) == {"Birch": 1} and both.prepare("customers") == []


def test_a_record_that_was_linked_meanwhile_is_not_created(birch):
    birch.change("customers", "w1", qb_list_id="80000077-1")

    assert birch.apply() == SOME_ROWS_FAILED

    assert birch.there(CUSTOMER) == {}


def test_a_record_that_is_gone_meanwhile_is_not_created(birch):
    birch.delete("customers", "w1")

    assert birch.apply() == SOME_ROWS_FAILED

    assert birch.there(CUSTOMER) == {}


def test_the_same_plan_again_does_nothing(birch):
    birch.apply()

    assert birch.apply() == stage.OK

    assert birch.count(CUSTOMER) == {"Birch": 1}
    assert "1 read = 1 skipped" in birch.desk.out


def test_a_create_that_was_renamed_there_is_found_all_the_same(birch):
    birch.scenario("1,create customers,drop_applied", "3-99,list customers,504")
    birch.apply()
    birch.scenario()
    (record,) = birch.there(CUSTOMER).values()
    birch.edit("customers", record["id"], name="Renamed")

    assert birch.apply() == stage.OK, birch.desk.out

    assert birch.count(CUSTOMER) == {"Renamed": 1}


@pytest.mark.parametrize("fate", ["504", "504_applied", "drop", "drop_applied", "500_applied"])
def test_a_create_without_an_answer_is_there_once(birch, fate):
    birch.scenario(f"1,create customers,{fate}")

    assert birch.apply() == stage.OK, birch.desk.out

    assert is_there_once(birch)
    expected = "recovered" if fate.endswith("_applied") else "created"
    assert birch.outcomes()[expected] == 1


@pytest.mark.parametrize("fate", ["504", "504_applied", "drop", "drop_applied"])
def test_an_update_without_an_answer_is_there(both, alder, fate):
    both.scenario(f"1,update customers,{fate}")

    assert both.apply() == stage.OK, both.desk.out

    assert both.there(CUSTOMER)["Alder"]["phone"] == "2"
    assert both.prepare() == []


@pytest.mark.parametrize("fate", ["429", "502:3175"])
def test_what_is_busy_is_asked_again(birch, fate):
    birch.scenario(f"1,create customers,{fate}")

    assert birch.apply() == stage.OK, birch.desk.out

    assert is_there_once(birch)


def test_a_refusal_is_a_failed_record_and_the_others_go_on(birch):
    birch.insert("customers", id="w2", name="Cedar")
    birch.prepare()
    birch.scenario("1,create customers,502:3100")

    assert birch.apply() == SOME_ROWS_FAILED

    assert list(birch.there(CUSTOMER)) == ["Cedar"]
    (error,) = birch.errors()
    assert (error.type, error.id, error.outcome) == ("customers", "w1", "failed")


def test_a_failed_record_is_no_error_any_more_once_it_is_there(birch):
    birch.scenario("1,create customers,502:3100")
    birch.apply()

    assert birch.sync("customers") == stage.OK

    assert birch.errors() == []


def test_a_key_that_is_not_accepted_ends_the_run(birch):
    birch.scenario("1-99,create customers,401")

    assert birch.apply() == AUTHORIZE_AGAIN

    assert birch.there(CUSTOMER) == {}


def test_an_offline_quickbooks_stops_the_run(birch):
    birch.scenario("1-99,create customers,409")

    assert birch.apply() == STOPPED_EARLY

    assert "not attempted" in birch.desk.out or "failed" in birch.desk.out


def test_what_cannot_be_looked_up_stays_in_doubt_until_the_next_run(birch):
    birch.scenario("1,create customers,drop_applied", "3-99,list customers,504")
    assert birch.apply() == IN_DOUBT
    birch.scenario()

    assert birch.apply() == stage.OK, birch.desk.out

    assert "because the end of some attempts is not known" in birch.desk.out
    assert is_there_once(birch)
    birch.apply()
    assert "listed" not in birch.desk.out


def held_by_the_log(both):
    order = ordered(both, 3, 5)
    first = order["lines"][0]["id"]
    both.run(f"UPDATE sales_order_lines SET quantity = 4 WHERE qb_line_id = '{first}'")
    both.prepare()
    desktop, both.desktop = both.desktop, Meddling(both.desktop)
    both.apply()
    both.desktop = desktop


def test_what_a_person_has_to_look_at_is_not_written_again(both):
    held_by_the_log(both)
    revision = both.there(ORDER)["S1"]["revisionNumber"]

    both.apply()

    assert both.there(ORDER)["S1"]["revisionNumber"] == revision
    assert "1 read = 1 held" in both.desk.out


# --- somebody else writes at the same time ----------------------------------------------


def test_another_field_that_changed_there_meanwhile_is_no_obstacle(both, alder):
    both.edit("customers", alder.id, email="b@x.com")

    assert both.apply() == stage.OK, both.desk.out

    record = both.there(CUSTOMER)["Alder"]
    assert (record["phone"], record["email"]) == ("2", "b@x.com")
    assert value(CUSTOMER, both.stored(CUSTOMER)["Alder"], "email") == "a@x.com"
    assert [card.field for card in both.prepare()] == ["email"]


def test_the_same_field_that_changed_there_meanwhile_is_left_to_the_next_plan(both, alder):
    both.edit("customers", alder.id, phone="3")

    assert both.apply() == SOME_ROWS_FAILED

    assert both.there(CUSTOMER)["Alder"]["phone"] == "3"
    (card,) = both.prepare()
    assert (card.rule, card.discarded) == ("qbd_wins", "2")


def test_the_same_value_that_is_there_meanwhile_needs_no_write(both, alder):
    both.edit("customers", alder.id, phone="2")
    before = both.there(CUSTOMER)["Alder"]["revisionNumber"]

    assert both.apply() == stage.OK

    assert both.there(CUSTOMER)["Alder"]["revisionNumber"] == before
    assert both.prepare() == []


def test_a_plan_that_is_older_than_what_was_fetched_is_refused(both, alder):
    both.edit("customers", alder.id, phone="3")
    both.fetch()

    assert both.apply() == NOTHING_DONE

    assert "is older than data/qbd_customers.csv, which was fetched since" in both.desk.err
    assert both.there(CUSTOMER)["Alder"]["phone"] == "3"


def test_an_order_that_changed_there_meanwhile_is_not_deleted(both):
    order = ordered(both, 3)
    both.delete("sales_orders", both.stored(ORDER)["S1"].head.wms_id)
    both.prepare()
    both.decide("wms")
    both.edit("sales-orders", order["id"], memo="wanted")

    assert both.apply() == SOME_ROWS_FAILED

    assert both.there(ORDER)["S1"]["memo"] == "wanted"


@pytest.mark.parametrize("types", [["vendors"], []])
def test_a_plan_is_older_only_than_what_it_speaks_of(both, alder, types):
    both.fetch(*types)

    assert both.apply() == (stage.OK if types else NOTHING_DONE)


def test_what_was_deleted_after_it_was_made_is_not_made_again(both):
    both.create("customers", name="Alder")
    both.sync()
    both.delete("customers", both.stored(CUSTOMER)["Alder"].head.wms_id)

    both.apply()

    assert both.stored(CUSTOMER) == {}
    assert both.outcomes()["skipped_stale"] == 1


def test_a_customer_that_came_back_meanwhile_is_not_made_inactive(both, alder):
    both.delete("customers", alder.wms_id)
    both.prepare()
    both.insert("customers", id=alder.wms_id, qb_list_id=alder.id, name="Alder")

    assert both.apply() == SOME_ROWS_FAILED

    assert both.there(CUSTOMER)["Alder"]["isActive"] is True


def test_a_record_that_changed_here_meanwhile_does_not_end(both, alder):
    both.remove("customers", alder.id)
    both.change("customers", alder.wms_id, phone="1")
    both.prepare()
    both.decide("qbd")
    both.change("customers", alder.wms_id, phone="5")

    both.apply()

    stored = both.stored(CUSTOMER)["Alder"]
    assert value(CUSTOMER, stored, "is_active") == "yes"
    assert value(CUSTOMER, stored, "phone") == "5"


def test_a_record_that_got_a_twin_here_meanwhile_is_left_out(both):
    there = both.create("customers", name="Alder")
    both.prepare()
    both.insert("customers", id="w1", qb_list_id=there["id"], name="Alder")

    assert both.apply() == stage.OK

    assert both.outcomes() == {"skipped_stale": 1}
    assert both.stored(CUSTOMER)["Alder"].head.wms_id == "w1"


def test_a_record_that_the_database_refuses_fails_alone(both):
    both.create("customers", name="Alder")
    both.create("customers", name="Birch")
    both.prepare()
    both.run("CREATE UNIQUE INDEX one_alder ON customers (name)")
    both.insert("customers", id="w1", name="Alder")

    assert both.apply() == SOME_ROWS_FAILED

    assert sorted(both.stored(CUSTOMER)) == ["Alder", "Birch"]
    assert both.outcomes() == {"created": 1, "failed": 1}


def test_a_record_is_read_again_three_times_at_most(both, alder):
    both.scenario("1-99,update customers,502:3200")

    assert both.apply() == SOME_ROWS_FAILED

    (error,) = both.errors()
    assert "out-of-date" in error.description
    assert both.there(CUSTOMER)["Alder"]["phone"] == "1"


def test_a_field_that_changed_here_meanwhile_is_left_to_the_next_plan(both, alder):
    both.change("customers", alder.wms_id, phone="4")

    assert both.apply() == SOME_ROWS_FAILED

    assert both.there(CUSTOMER)["Alder"]["phone"] == "1"
    assert [(card.wms, card.qbd) for card in both.prepare()] == [("4", "1")]


def test_what_changed_here_meanwhile_is_not_overwritten(both):
    there = both.create("customers", name="Alder", phone="1")
    both.sync()
    both.edit("customers", there["id"], phone="3")
    both.prepare()
    both.change("customers", both.stored(CUSTOMER)["Alder"].head.wms_id, phone="4")

    assert both.apply() == stage.OK

    assert value(CUSTOMER, both.stored(CUSTOMER)["Alder"], "phone") == "4"
    assert both.outcomes()["skipped_stale"] == 1
    assert [(card.wms, card.qbd) for card in both.prepare()] == [("4", "3")]


# --- references and lines ---------------------------------------------------------------


def ordered(both, *quantities):
    bolt = both.create("inventory-items", name="Bolt", **ITEM)
    birch = both.create("customers", name="Birch")
    lines = [{"itemId": bolt["id"], "quantity": n, "rate": "2.00"} for n in quantities]
    body = {"refNumber": "S1", "customerId": birch["id"], "transactionDate": "2026-11-20"}
    order = both.create("sales-orders", lines=lines, **body)
    assert both.sync() == stage.OK, both.desk.out
    return order


def test_a_line_that_changed_there_meanwhile_keeps_its_change(both):
    order = ordered(both, 3, 5)
    first, second = order["lines"]
    both.run(f"UPDATE sales_order_lines SET quantity = 4 WHERE qb_line_id = '{first['id']}'")
    both.prepare()
    lines = [{"id": first["id"]}, {"id": second["id"], "quantity": 9}]
    both.update("sales-orders", order["id"], lines=lines)

    assert both.apply() == stage.OK, both.desk.out

    assert [line["quantity"] for line in both.there(ORDER)["S1"]["lines"]] == [4, 9]
    assert ("quantity", "9") in {
        (card.field.rpartition(".")[2], card.qbd) for card in both.prepare()
    }


def test_a_line_that_was_removed_there_and_changed_here_meanwhile_stays(both):
    order = ordered(both, 3, 5)
    first, second = order["lines"]
    both.edit("sales-orders", order["id"], lines=[{"id": first["id"]}])
    both.prepare()
    change = "UPDATE sales_order_lines SET quantity = 50 WHERE qb_line_id = '{}'"
    both.run(change.format(second["id"]))

    both.apply()

    assert [line.cells[2] for line in both.stored(ORDER)["S1"].lines] == ["3", "50"]
    assert any(row.outcome == "skipped_stale" or row.error for row in both.log())
    assert f"lines[{second['id']}]" in {card.field for card in both.prepare()}


class Meddling:
    """A company file that changes another line whenever an order is written."""

    def __init__(self, desktop):
        self._desktop = desktop

    def __getattr__(self, name):
        return getattr(self._desktop, name)

    def write(self, change):
        answer = self._desktop.write(change)
        record = dict(answer.record)
        record["lines"] = [*record["lines"][:-1], {**record["lines"][-1], "quantity": 77}]
        return answer._replace(record=record)


def test_a_line_that_nobody_wrote_and_that_changed_is_held_and_named(both):
    order = ordered(both, 3, 5)
    first, second = order["lines"]
    both.run(f"UPDATE sales_order_lines SET quantity = 4 WHERE qb_line_id = '{first['id']}'")
    both.prepare()
    both.desktop = Meddling(both.desktop)

    both.apply()

    (error,) = both.errors()
    assert error.outcome == "held"
    assert second["id"] in error.description


def test_an_order_of_a_customer_that_failed_is_not_sent(both):
    bolt = both.create("inventory-items", name="Bolt", **ITEM)
    both.insert("customers", id="w1", name="Birch")
    both.insert("sales_orders", id="o1", ref_number="S1", customer_id="w1",
                transaction_date="2026-11-20")  # fmt: skip
    both.insert("sales_order_lines", sales_order_id="o1", position="1", quantity="1",
                item_qb_id=bolt["id"])  # fmt: skip
    both.prepare()
    both.scenario("1,create customers,502:3100")

    assert both.apply() == SOME_ROWS_FAILED

    errors = {error.type: error.description for error in both.errors()}
    assert "refers to customers wms:w1" in errors["sales_orders"]
    assert both.there(ORDER) == {}


def test_a_preferred_vendor_that_is_new_is_there_before_its_item(both):
    both.insert("vendors", id="v1", name="Ash")
    both.insert("items", id="i1", kind="inventory_items", name="Bolt")
    both.insert(
        "inventory_items",
        item_id="i1",
        preferred_vendor_id="v1",
        income_account_id=ITEM["incomeAccountId"],
        cogs_account_id=ITEM["cogsAccountId"],
        asset_account_id=ITEM["assetAccountId"],
    )

    assert both.sync() == stage.OK, both.desk.out

    vendor = both.there(VENDOR)["Ash"]["id"]
    assert both.there(ITEMS)["Bolt"]["preferredVendor"]["id"] == vendor
    assert both.prepare() == []
