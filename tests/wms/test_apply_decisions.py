"""What people decide about cards is what happens to them, and nothing else is."""

from __future__ import annotations

import pytest

from src.adapters.fakes.conductor.givens import id_of
from src.kit import judgements, stage, tables
from src.kit.errors import NOTHING_DONE, SOME_ROWS_FAILED
from src.wms.fields import KINDS
from src.wms.records import PIPELINE, PLAN, Planned
from tests.desk import Desk
from tests.wms.both import CUSTOMER, ORDER, VENDOR, Both, value


INVOICE = KINDS["invoices"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return both sides with a customer and a vendor, to be copied."""
    both = Both(Desk(tmp_path_factory.mktemp("made")))
    both.create("customers", name="Alder", phone="1", email="a@x.com")
    both.create("vendors", name="Ash", phone="1")
    assert both.sync() == stage.OK
    return both


@pytest.fixture
def alder(both, made):
    """Return a customer that both sides agree on; there is a vendor, too."""
    both.become(made)
    return both.stored(CUSTOMER)["Alder"].head


def phones(both, kind=CUSTOMER, name="Alder"):
    return both.there(kind)[name]["phone"], value(kind, both.stored(kind)[name], "phone")


def test_a_skipped_card_leaves_both_sides_as_they_are(both, alder):
    both.change("customers", alder.wms_id, phone="2")
    both.prepare()
    both.decide("skip", field="phone")

    assert both.apply() == stage.OK

    assert phones(both) == ("1", "2")
    assert "1 read = 1 skipped" in both.desk.out


def test_a_card_on_hold_waits(both, alder):
    both.change("customers", alder.wms_id, phone="2")
    both.prepare()
    both.decide("hold", field="phone")

    assert both.apply() == SOME_ROWS_FAILED

    assert phones(both) == ("1", "2")
    assert [row.description for row in both.errors()] == ["on hold, as decided"]


@pytest.mark.parametrize(("decision", "phone"), [("qbd", "1"), ("wms", "2"), ("Approve ", "2")])
def test_a_person_chooses_the_side_that_wins(both, alder, decision, phone):
    both.change("customers", alder.wms_id, phone="2")
    both.prepare()
    both.decide(decision, field="phone")

    assert both.apply() == stage.OK

    assert phones(both) == (phone, phone)


def test_one_field_waits_and_the_other_goes(both, alder):
    both.change("customers", alder.wms_id, phone="2", email="b@x.com")
    both.prepare()
    both.decide("hold", field="phone")

    both.apply()

    assert phones(both) == ("1", "2")
    assert both.there(CUSTOMER)["Alder"]["email"] == "b@x.com"


def test_what_waited_is_asked_again_by_the_next_plan(both, alder):
    both.change("customers", alder.wms_id, phone="2", email="b@x.com")
    both.prepare()
    both.decide("hold", field="phone")
    both.apply()

    cards = both.prepare()

    assert [(card.field, card.base, card.wms, card.qbd) for card in cards] == [
        ("phone", "1", "2", "1")
    ]


def test_quickbooks_own_fields_are_not_decided_for_the_warehouse(both, alder):
    both.change("customers", alder.wms_id, balance="99.00")
    both.prepare()
    both.decide("wms", field="balance")

    both.apply()

    (error,) = both.errors()
    assert "means nothing here" in error.description


def test_both_changed_within_the_skew_band_wait_for_a_person(both, alder):
    ash = both.stored(VENDOR)["Ash"].head
    both.edit("vendors", ash.id, phone="3")
    both.change("vendors", ash.wms_id, phone="2")
    both.prepare()
    both.decide("wms", field="phone")

    assert both.apply() == stage.OK

    assert phones(both, VENDOR, "Ash") == ("2", "2")


# --- rows that are not as they were -----------------------------------------------------


def rewrite(both, change):
    tables.write(both.desk.path(PLAN), Planned, change(both.cards))


def test_a_row_that_was_changed_elsewhere_is_held_and_named(both, alder):
    both.change("customers", alder.wms_id, phone="2", email="b@x.com")
    both.prepare()
    rewrite(both, lambda rows: [r._replace(wms="9") if r.field == "phone" else r for r in rows])

    both.apply()

    assert phones(both) == ("1", "2")
    assert "1 row(s) changed elsewhere than in decision" in both.desk.out


def test_a_row_that_is_missing_is_held_and_counted(both, alder):
    both.change("customers", alder.wms_id, phone="2", email="b@x.com")
    both.prepare()
    rewrite(both, lambda rows: [row for row in rows if row.field != "phone"])

    both.apply()

    assert phones(both) == ("1", "2")
    assert "1 row(s) of the plan are missing" in both.desk.out


def test_sorted_rows_are_the_same_rows(both, alder):
    both.change("customers", alder.wms_id, phone="2", email="b@x.com")
    both.prepare()
    rewrite(both, lambda rows: rows[::-1])

    assert both.apply() == stage.OK

    assert phones(both) == ("2", "2")


def test_a_plan_that_cannot_be_read_is_not_to_be_made_again_over_it(both, alder):
    path = both.desk.path(PLAN)
    path.write_text(path.read_text().replace("kind", "kynd", 1))

    assert both.apply() == NOTHING_DONE

    assert "put it right, or move it away with its decisions" in both.desk.err


def test_another_plan_than_the_last_is_not_applied(both, alder):
    both.change("customers", alder.wms_id, phone="2")
    both.prepare()
    rows = both.cards
    both.prepare()
    tables.write(both.desk.path(PLAN), Planned, rows)

    assert both.apply() == NOTHING_DONE

    assert phones(both) == ("1", "2")


def test_the_plan_that_was_applied_is_kept(both, alder):
    both.change("customers", alder.wms_id, phone="2")
    both.prepare()
    before = both.desk.path(PLAN).read_bytes()

    both.apply()

    kept = sorted((both.desk.root / "data/plans").glob("*.csv"), key=lambda p: p.stat().st_mtime)
    assert kept[-1].read_bytes() == before


def test_a_dry_run_writes_nothing(both, alder):
    both.change("customers", alder.wms_id, phone="2")
    both.create("customers", name="Cedar")
    both.prepare()
    log = both.log()

    assert both.apply("--dry-run") == stage.OK

    assert phones(both) == ("1", "2")
    assert "Cedar" not in both.stored(CUSTOMER)
    assert both.log() == log
    assert "1 create in the warehouse; 1 update in QuickBooks" in both.desk.out


@pytest.fixture
def five(both):
    """Let the plan be about five records: two for the warehouse, three for QuickBooks."""
    for name in ("A", "B", "C"):
        both.insert("customers", id=f"w{name}", name=name)
    for name in ("D", "E"):
        both.create("vendors", name=name)
    both.prepare()
    return both


@pytest.mark.parametrize(("limit", "there", "stored"), [(2, 2, 0), (4, 3, 1), (9, 3, 2)])
def test_a_limit_counts_the_records_of_both_sides(five, limit, there, stored):
    five.apply("--limit", str(limit))

    assert len(five.there(CUSTOMER)) == there
    assert len(five.stored(VENDOR)) == stored
    rest = 5 - there - stored
    assert f"{there + stored} out" in five.desk.out
    assert (f"{rest} not attempted" in five.desk.out) is bool(rest)


def test_a_limit_counts_what_is_new_to_it(five):
    five.apply("--limit", "2")

    five.apply("--limit", "2")

    assert len(five.there(CUSTOMER)) == 3
    assert len(five.stored(VENDOR)) == 1


def test_a_dry_run_counts_as_the_run_would(five):
    five.delete("customers", "wA")
    five.decide("wms", name="D")
    five.apply("--dry-run")
    would = counted(five)

    five.apply()

    assert counted(five) == would
    assert "1 held + 1 failed" in would


def counted(both):
    """Return the sum of the last run: `5 read = …`."""
    return next(line for line in both.desk.out.splitlines() if " read = " in line)


# --- records that one side does not have ------------------------------------------------


def test_a_deleted_list_object_becomes_inactive_on_the_other_side(both, alder):
    ash = both.stored(VENDOR)["Ash"].head
    both.delete("customers", alder.wms_id)
    both.remove("vendors", ash.id)

    assert both.sync() == stage.OK

    assert both.there(CUSTOMER)["Alder"]["isActive"] is False
    stored = both.stored(VENDOR)["Ash"]
    assert value(VENDOR, stored, "is_active") == "no"
    assert stored.head.deleted_at
    assert both.prepare() == []


def deleted_there_changed_here(both, kind=CUSTOMER, name="Alder"):
    head = both.stored(kind)[name].head
    both.change(kind.name, head.wms_id, phone="2")
    both.remove(kind.name, head.id)
    (card,) = both.prepare()
    assert card.action == "hold"


def test_what_was_deleted_there_can_be_made_again_from_the_warehouse(both, alder):
    deleted_there_changed_here(both)
    both.decide("wms")

    assert both.apply() == stage.OK, both.desk.out

    record = both.there(CUSTOMER)["Alder"]
    assert record["phone"] == "2"
    assert both.stored(CUSTOMER)["Alder"].head.id == record["id"] != alder.id
    assert both.prepare() == []


@pytest.mark.parametrize(("kind", "name"), [(CUSTOMER, "Alder"), (VENDOR, "Ash")])
def test_what_was_deleted_there_can_end_in_the_warehouse(both, alder, kind, name):
    deleted_there_changed_here(both, kind, name)
    both.decide("qbd")

    assert both.apply() == stage.OK, both.desk.out

    assert value(kind, both.stored(kind)[name], "is_active") == "no"
    assert both.prepare() == []


@pytest.mark.parametrize("decision", ["wms", "qbd"])
def test_a_side_is_no_answer_about_a_new_record(both, alder, decision):
    both.create("customers", name="Birch")
    both.insert("customers", id="w1", name="Cedar")
    both.prepare()
    both.decide(decision)

    both.apply()

    assert sorted(both.there(CUSTOMER)) == ["Alder", "Birch"]
    assert sorted(both.stored(CUSTOMER)) == ["Alder", "Cedar"]
    assert {"means nothing here" in one.description for one in both.errors()} == {True}


@pytest.mark.parametrize(("decision", "left"), [("wms", ["I1"]), ("qbd", []), ("skip", ["I1"])])
def test_an_invoice_of_the_warehouse_goes_when_a_person_says_so(both, alder, decision, left):
    both.insert("invoices", id="i1", ref_number="I1", customer_id=alder.wms_id)
    both.prepare()
    both.decide(decision)

    both.apply()

    assert list(both.stored(INVOICE)) == left


def test_a_held_record_that_quickbooks_never_had_is_not_thrown_away(both, alder):
    both.insert("customers", id="w1", name="a:b")
    (card,) = both.prepare()
    assert card.action == "hold"
    both.decide("qbd")

    both.apply()

    (error,) = both.errors()
    assert "means nothing here; name: has a colon" in error.description
    assert "a:b" in both.stored(CUSTOMER)


def test_what_was_deleted_here_can_come_back_from_quickbooks(both, alder):
    both.delete("customers", alder.wms_id)
    both.edit("customers", alder.id, phone="3")
    both.prepare()
    both.decide("qbd")

    assert both.apply() == stage.OK, both.desk.out

    assert phones(both) == ("3", "3")
    assert both.stored(CUSTOMER)["Alder"].head.wms_id == alder.wms_id
    assert both.prepare() == []


@pytest.fixture
def order(both, alder):
    """Return an order that both sides agree on."""
    body = {"refNumber": "S1", "customerId": alder.id, "transactionDate": "2026-11-20"}
    item = both.create("service-items", name="Work", salesOrPurchaseDetails=WORK)
    both.create("sales-orders", lines=[{"itemId": item["id"], "quantity": 1}], **body)
    assert both.sync() == stage.OK
    return both.stored(ORDER)["S1"].head


WORK = {"price": "5.00", "postingAccountId": id_of("accounts", "Sales Income")}


def test_an_order_deleted_here_is_deleted_there_when_a_person_says_so(both, order):
    both.delete("sales_orders", order.wms_id)
    both.prepare()
    both.decide("wms")

    assert both.apply() == stage.OK, both.desk.out

    assert both.there(ORDER) == {}
    assert both.prepare() == []


def test_an_order_deleted_there_is_removed_here_when_a_person_says_so(both, order):
    both.remove("sales-orders", order.id)
    both.prepare()
    both.decide("qbd")

    assert both.apply() == stage.OK, both.desk.out

    assert both.stored(ORDER) == {}
    assert both.prepare() == []


# --- first matches ----------------------------------------------------------------------


def test_records_of_one_name_are_linked(both):
    there = both.create("customers", name="Birch", phone="1")
    both.insert("customers", id="w1", name="Birch", full_name="Birch", phone="1")

    assert both.sync() == stage.OK, both.desk.out

    assert both.stored(CUSTOMER)["Birch"].head.id == there["id"]
    assert both.count(CUSTOMER) == {"Birch": 1}
    assert both.prepare() == []


def test_a_person_links_what_belongs_together_and_is_remembered(both):
    there = both.create("customers", name="Birch Ltd", phone="1")
    both.insert("customers", id="w1", name="Birch", phone="1")
    both.prepare()
    both.decide(f"link:{there['id']}", wms_id="w1")
    both.decide("skip", id=there["id"])

    assert both.apply() == stage.OK, both.desk.out

    assert both.stored(CUSTOMER)["Birch"].head.id == there["id"]
    found = judgements.verdicts(both.desk.config.data_dir, PIPELINE)
    assert found == {"customers|w1": f"link:{there['id']}"}


@pytest.mark.parametrize(
    "decide", [{"decision": "link:80000077-1", "wms_id": "w1"}, {"decision": "create"}]
)
def test_an_answer_that_does_not_hold_is_not_remembered(both, decide):
    both.insert("customers", id="w1", name="Birch", phone="1")
    both.prepare()
    both.decide(**decide)
    both.delete("customers", "w1")

    both.apply()

    assert judgements.verdicts(both.desk.config.data_dir, PIPELINE) == {}
