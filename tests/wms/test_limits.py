"""What QuickBooks would refuse is held by name, before anything is sent."""

from __future__ import annotations

import pytest

from src.wms.fields import SALES_ORDERS
from tests.wms.three import LATER, Desktop, Said

DATED = {"transaction_date": "2026-05-04"}
LINE = {"+1": {"item.id": "80-I"}}
ACCOUNTS = {name: "80-A" for name in ("asset_account.id", "cogs_account.id")}

BACK = "; decide qbd to take QuickBooks' own"


def only(desktop: Desktop, kind: str, said: Said) -> tuple[str, str, str]:
    """Return action, rule and reason of the one card of a new record."""
    desktop.write(kind, {"5/": (None, said, None)})
    (card,) = desktop.plan(kind)
    return card.action, card.rule, card.reason


@pytest.mark.parametrize(
    ("kind", "values", "reason"),
    [
        ("customers", {"name": "x" * 42}, "name: has 42 characters, QuickBooks takes 41"),
        ("vendors", {"name": "A", "phone": "0" * 22}, "phone: has 22 characters, QuickBooks takes 21"),
        ("customers", {"name": "A: B"}, "name: has a colon, which QuickBooks keeps for sub-records"),
        ("customers", {"phone": "1"}, "name: is empty; QuickBooks needs it"),
        ("inventory_items", {"name": "A", **ACCOUNTS}, "income_account.id: is empty; QuickBooks needs it"),
        ("service_items", {"name": "A"}, "posting_account.id or income_account.id: is empty; QuickBooks needs it"),
        ("discount_items", {"name": "A"}, "account.id: is empty; QuickBooks needs it"),
        ("sales_orders", {"customer.id": "8", **DATED}, "lines: there are none; QuickBooks needs one at least"),
        ("purchase_orders", {"vendor.id": "8"}, "transaction_date: is empty; QuickBooks needs it"),
        ("inventory_adjustments", DATED, "account.id: is empty; QuickBooks needs it"),
        ("customers", {"name": "A", "is_active": "maybe"}, "is_active: 'maybe' is neither yes nor no"),
        ("sales_orders", {"customer.id": "8", "transaction_date": "31/12/2025"}, "transaction_date: '31/12/2025' is no date as in 2026-12-31"),
    ],
)  # fmt: skip
def test_a_new_record_that_quickbooks_would_refuse_is_held(desktop, kind, values, reason):
    lines = LINE if "31/12" in reason else {}

    assert only(desktop, kind, Said(values, lines=lines)) == ("hold", "limit", reason)


def test_a_line_that_quickbooks_would_refuse_holds_its_record(desktop):
    lines = {"+1": {"item.id": "80-I", "description": "x" * 4096}}
    said = Said({"customer.id": "8", **DATED}, lines=lines)

    assert only(desktop, SALES_ORDERS, said)[2].startswith("line 1: description: has 4096")


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("name", "", "name: QuickBooks does not let it be emptied"),
        ("name", "A:B", "name: has a colon, which QuickBooks keeps for sub-records"),
        ("sales_price", "", "sales_price: QuickBooks does not let it be emptied"),
        ("sales_description", "x" * 4096, "sales_description: has 4096 characters, QuickBooks takes 4095"),
    ],
)  # fmt: skip
def test_a_change_that_quickbooks_would_refuse_is_held_alone(desktop, field, value, reason):
    before = {"name": "A", "sales_price": "1.00", "purchase_description": "b"}
    base = Said(before)
    wms = Said({**before, "purchase_description": "w", field: value}, LATER)
    desktop.write("inventory_items", {"5/80-5": (base, wms, base)})

    cards = {row.field: row for row in desktop.plan("inventory_items")}

    assert (cards[field].action, cards[field].reason) == ("hold", reason + BACK)
    assert cards["purchase_description"].action == "update"


ORDERED = {"customer.id": "80-C", "due_date": "2026-05-09", "memo": "m", **DATED}


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("customer.id", "", "customer.id: is empty; QuickBooks needs it"),
        ("due_date", "31/12/2025", "due_date: '31/12/2025' is no date as in 2026-12-31"),
        ("due_date", "2026-02-30", "due_date: '2026-02-30' is no date as in 2026-12-31"),
        ("due_date", "20260504", "due_date: '20260504' is no date as in 2026-12-31"),
        ("is_manually_closed", "maybe", "is_manually_closed: 'maybe' is neither yes nor no"),
    ],
)
def test_an_order_s_change_that_quickbooks_would_refuse_is_held(
    desktop, field, value, reason
):
    base = Said(ORDERED, lines={"A": {"item.id": "80-I"}})
    wms = base._replace(values={**ORDERED, field: value}, at=LATER)
    desktop.write(SALES_ORDERS, {"5/T-5": (base, wms, base)})

    (card,) = desktop.plan(SALES_ORDERS)

    assert (card.action, card.rule, card.reason) == ("hold", "limit", reason + BACK)


def test_a_line_more_that_quickbooks_would_refuse_is_held(desktop):
    base = Said(ORDERED, lines={"A": {"item.id": "80-I"}})
    wms = base._replace(lines={**base.lines, "+1": {"description": "x" * 4096}})
    desktop.write(SALES_ORDERS, {"5/T-5": (base, wms, base)})

    (card,) = desktop.plan(SALES_ORDERS)

    assert (card.action, card.field) == ("hold", "lines[new 2]")
    assert card.reason.startswith("line 2: description: has 4096 characters")


def test_one_of_two_accounts_may_be_emptied_but_not_both(desktop):
    both = {"name": "A", "posting_account.id": "80-P", "income_account.id": "80-Q"}
    base, one = Said(both), Said({**both, "posting_account.id": ""}, LATER)
    none = Said({"name": "A"}, LATER)
    rows = {"5/80-5": (base, one, base), "6/80-6": (base, none, base)}
    desktop.write("service_items", rows)

    assert [row.action for row in desktop.plan("service_items")] == ["update", "hold", "hold"]


def test_a_line_of_an_assembly_needs_its_item(desktop):
    base = Said({"name": "A"}, lines={"A": {"item.id": "80-I", "quantity": "1"}})
    wms = base._replace(lines={"A": {"quantity": "1"}})
    desktop.write("inventory_assembly_items", {"5/80-5": (base, wms, base)})

    (card,) = desktop.plan("inventory_assembly_items")

    assert (card.action, card.field) == ("hold", "lines[A].item.id")


def test_a_new_line_of_an_assembly_needs_its_item_too(desktop):
    base = Said({"name": "A"}, lines={"A": {"item.id": "80-I", "quantity": "1"}})
    wms = base._replace(lines={**base.lines, "+1": {"quantity": "1"}})
    desktop.write("inventory_assembly_items", {"5/80-5": (base, wms, base)})

    (card,) = desktop.plan("inventory_assembly_items")

    assert card.reason == "line 2: item.id: is empty; QuickBooks needs it" + BACK


def test_a_text_may_be_emptied(desktop):
    base, wms = Said({"name": "A", "phone": "1"}), Said({"name": "A"}, LATER)
    desktop.write("vendors", {"5/80-5": (base, wms, base)})

    (card,) = desktop.plan("vendors")

    assert (card.target, card.base, card.wms) == ("qbd", "1", "")


def test_customers_and_vendors_share_their_names(desktop):
    desktop.write("vendors", {"/80-V": (None, None, Said({"name": "Acme"}))})

    action, rule, reason = only(desktop, "customers", Said({"name": "ACME"}))

    assert (action, rule) == ("hold", "name_taken")
    assert reason == "'ACME' is the name of 80-V; rename one"


def test_a_new_name_that_another_record_has_is_held(desktop):
    base, wms = Said({"name": "A"}), Said({"name": "B"}, LATER)
    other = Said({"name": "B"})
    rows = {"5/80-5": (base, wms, base), "6/80-6": (other, other, other)}
    desktop.write("vendors", rows)

    (card,) = desktop.plan("vendors")

    assert (card.field, card.action, card.rule) == ("name", "hold", "name_taken")


def test_names_of_what_was_deleted_are_free(desktop):
    gone = Said({"name": "Acme"}, more={"deleted_at": LATER})
    desktop.write("vendors", {"/80-V": (None, None, gone)})

    assert only(desktop, "customers", Said({"name": "Acme"}))[0] == "create"


# --- what refers to others ------------------------------------------------------------


def order_of(desktop: Desktop, customer: Said, *kinds: str) -> list[tuple[str, str, str]]:
    """Return action and rule of each card where an order's customer is new, too."""
    desktop.write("customers", {"9/": (None, customer, None)})
    order = Said({"customer.id": "wms:9", **DATED}, lines=LINE)
    desktop.write(SALES_ORDERS, {"5/": (None, order, None)})
    return [(row.kind, row.action, row.rule) for row in desktop.plan(*kinds)]


def test_an_order_goes_after_its_new_customer(desktop):
    found = order_of(desktop, Said({"name": "A"}), "customers", SALES_ORDERS)

    assert found == [
        ("customers", "create", "new_in_wms"),
        ("sales_orders", "create", "new_in_wms"),
    ]


def test_an_order_whose_customer_is_held_is_held(desktop):
    found = order_of(desktop, Said({"name": "x" * 50}), "customers", SALES_ORDERS)

    assert found == [("customers", "hold", "limit"), ("sales_orders", "hold", "depends")]


def test_an_order_whose_customer_is_not_planned_is_held(desktop):
    found = order_of(desktop, Said({"name": "A"}), SALES_ORDERS)

    assert found == [("sales_orders", "hold", "depends")]


def test_a_change_that_refers_to_what_is_not_sent_is_held_with_the_reason(desktop):
    base = Said({"customer.id": "80-C"}, lines={"A": {"item.id": "80-I"}})
    wms = Said({"customer.id": "wms:9"}, LATER, {"A": {"item.id": "wms:7"}})
    desktop.write(SALES_ORDERS, {"5/T-5": (base, wms, base)})

    cards = desktop.plan(SALES_ORDERS)

    assert [(row.field, row.rule) for row in cards] == [
        ("customer.id", "depends"),
        ("lines[A].item.id", "depends"),
    ]
    assert "refers to wms:9, which is not in QuickBooks" in cards[0].reason


def test_a_record_that_refers_to_what_is_coming_has_no_state_to_compare(desktop):
    order_of(desktop, Said({"name": "A"}), "customers", SALES_ORDERS)

    customer, order = desktop.plan("customers", SALES_ORDERS)

    assert customer.wms_state.startswith("s")
    assert order.wms_state == ""
