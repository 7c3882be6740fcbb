"""The specification's table, row by row: who wins what, and what becomes of records."""

from __future__ import annotations

import pytest

from src.wms import truth
from src.wms.fields import KINDS
from tests.wms.three import LATER, LATEST, NOON, Desktop, Said

# The field of each kind that is changed, and one that QuickBooks alone writes.
FIELD = {
    "inventory_items": "sales_description",
    "service_items": "description",
    "discount_items": "description",
    "vendors": "phone",
    "customers": "phone",
    "sales_orders": "memo",
    "purchase_orders": "memo",
    "inventory_adjustments": "memo",
    "invoices": "due_date",
}
LINE = {"L1": {"item.id": "80-I", "item.full_name": "Bolt"}}


def said(kind: str, value: str, at: str = NOON, field: str = "", **more: str) -> Said:
    name = KINDS[kind].title
    lines = LINE if kind.endswith(("orders", "invoices", "adjustments")) else {}
    values = {name: "The one", field or FIELD[kind]: value}
    if "is_active" in {found.name for found in KINDS[kind].fields}:
        values["is_active"] = more.pop("is_active", "yes")
    return Said(values, at, lines, "1" if at == NOON else at, more)


def outcome(desktop: Desktop, kind: str, *three: Said | None) -> str:
    """Return what is planned for one record: `action target rule: value`."""
    desktop.write(kind, {"5/80-5": three})
    told = []
    for row in desktop.plan(kind):
        winner = {"wms": row.wms, "qbd": row.qbd}.get(row.winner, "")
        told.append(" ".join(filter(None, (row.action, row.target, row.rule, winner))))
    return "; ".join(told)


ONLY_QBD = "update wms only_qbd 2026-02-02"


@pytest.mark.parametrize("kind", FIELD)
def test_what_only_quickbooks_changed_goes_to_the_warehouse(desktop, kind):
    base, qbd = said(kind, "2026-01-01"), said(kind, "2026-02-02", LATER)

    assert outcome(desktop, kind, base, base, qbd) == ONLY_QBD


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("inventory_items", "update qbd only_wms 2026-02-02"),
        ("service_items", "update qbd only_wms 2026-02-02"),
        ("discount_items", "update qbd only_wms 2026-02-02"),
        ("vendors", "update qbd only_wms 2026-02-02"),
        ("customers", "update qbd only_wms 2026-02-02"),
        ("sales_orders", "update qbd only_wms 2026-02-02"),
        ("purchase_orders", "update qbd only_wms 2026-02-02"),
        ("inventory_adjustments", "hold sent_movement"),
        ("invoices", "update wms one_way 2026-01-01"),
    ],
)
def test_what_only_the_warehouse_changed(desktop, kind, expected):
    base, wms = said(kind, "2026-01-01"), said(kind, "2026-02-02", LATER)

    assert outcome(desktop, kind, base, wms, base) == expected


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("first_name", "update qbd only_wms new"),
        ("last_name", "update qbd only_wms new"),
        ("phone", "update qbd only_wms new"),
        ("email", "update qbd only_wms new"),
        ("billing_address.line1", "update qbd only_wms new"),
        ("shipping_address.country", "update qbd only_wms new"),
        ("name", "update wms qbd_owns old"),
        ("company_name", "update wms qbd_owns old"),
        ("terms.id", "update wms qbd_owns old"),
        ("balance", "update wms not_writable 1.00"),
        ("full_name", "update wms not_writable old"),
    ],
)
def test_of_a_customer_only_contact_details_go_to_quickbooks(desktop, field, expected):
    old, new = ("1.00", "2.00") if field == "balance" else ("old", "new")
    base, wms = (said("customers", v, at, field) for v, at in ((old, NOON), (new, LATER)))

    assert outcome(desktop, "customers", base, wms, base) == expected


W, Q = "update qbd", "update wms"  # the side that is written


@pytest.mark.parametrize(
    ("kind", "wms_is_later", "qbd_is_later", "too_close"),
    [
        ("inventory_items", f"{W} latest w", f"{Q} latest q", "hold too_close"),
        ("vendors", f"{W} latest w", f"{Q} latest q", "hold too_close"),
        ("customers", f"{Q} qbd_wins q", f"{Q} qbd_wins q", f"{Q} qbd_wins q"),
        ("sales_orders", f"{W} wms_wins w", f"{W} wms_wins w", f"{W} wms_wins w"),
        ("purchase_orders", f"{W} latest w", f"{Q} latest q", f"{W} too_close_wms w"),
        ("inventory_adjustments", *["hold sent_movement"] * 3),
        ("invoices", *[f"{Q} one_way q"] * 3),
    ],
)
def test_what_both_changed_differently(
    desktop, kind, wms_is_later, qbd_is_later, too_close
):
    for (wms_at, qbd_at), expected in {
        (LATEST, LATER): wms_is_later,
        (LATER, LATEST): qbd_is_later,
        (LATER, LATER.replace(":00+", ":59+")): too_close,
    }.items():
        three = said(kind, "b"), said(kind, "w", wms_at), said(kind, "q", qbd_at)

        assert outcome(desktop, kind, *three) == expected


def test_the_loser_s_change_is_shown_as_discarded(desktop):
    base, wms, qbd = said("vendors", "b"), said("vendors", "w", LATER), None
    qbd = said("vendors", "q", LATEST)
    desktop.write("vendors", {"5/80-5": (base, wms, qbd)})

    (card,) = desktop.plan("vendors")

    assert (card.winner, card.discarded, card.field) == ("qbd", "w", "phone")


def test_what_both_changed_to_the_same_only_renews_the_base(desktop):
    base, both = said("vendors", "b"), said("vendors", "same", LATER)

    assert outcome(desktop, "vendors", base, both, both) == "update wms same_on_both same"


def test_our_own_write_does_not_make_quickbooks_the_later_one(desktop):
    edited = {"qbd_edited_at": NOON}
    base = said("vendors", "b", LATEST, **edited)
    wms, qbd = said("vendors", "w", LATER), said("vendors", "q", LATEST)

    assert outcome(desktop, "vendors", base, wms, qbd) == "update qbd latest w"


def test_without_a_time_nobody_knows_what_came_last(desktop):
    three = said("vendors", "b"), said("vendors", "w", ""), said("vendors", "q", LATER)

    assert outcome(desktop, "vendors", *three) == "hold too_close"


@pytest.mark.parametrize("kind", FIELD)
def test_what_is_new_in_quickbooks_is_created_in_the_warehouse(desktop, kind):
    desktop.write(kind, {"/80-5": (None, None, said(kind, "2026-01-01"))})

    (card,) = desktop.plan(kind)

    assert (card.action, card.target, card.rule) == ("create", "wms", "new_in_qbd")


@pytest.mark.parametrize(
    ("kind", "more", "expected"),
    [
        ("customers", {"name": "A"}, "create qbd new_in_wms"),
        ("vendors", {"name": "A"}, "create qbd new_in_wms"),
        ("discount_items", {"name": "A", "account.id": "8"}, "create qbd new_in_wms"),
        ("sales_orders", {"customer.id": "8"}, "create qbd new_in_wms"),
        ("purchase_orders", {"vendor.id": "8"}, "create qbd new_in_wms"),
        ("inventory_adjustments", {"account.id": "8"}, "create qbd new_in_wms"),
        ("invoices", {"customer.id": "8"}, "hold one_way"),
    ],
)
def test_what_is_new_in_the_warehouse_is_created_in_quickbooks(
    desktop, kind, more, expected
):
    dated = {"transaction_date": "2026-01-01"} if KINDS[kind].is_transaction else {}
    lines = LINE if dated else {}
    desktop.write(kind, {"5/": (None, Said({**more, **dated}, lines=lines), None)})

    (card,) = desktop.plan(kind)

    assert " ".join(filter(None, (card.action, card.target, card.rule))) == expected


@pytest.mark.parametrize(
    ("kind", "unchanged", "changed"),
    [
        ("inventory_items", "inactivate qbd deleted_in_wms", "hold deleted_and_changed"),
        ("vendors", "inactivate qbd deleted_in_wms", "hold deleted_and_changed"),
        ("customers", "inactivate qbd deleted_in_wms", "hold deleted_and_changed"),
        ("sales_orders", "hold deleted_in_wms", "hold deleted_and_changed"),
        ("purchase_orders", "hold deleted_in_wms", "hold deleted_and_changed"),
        ("inventory_adjustments", "hold deleted_in_wms", "hold deleted_and_changed"),
        ("invoices", "create wms fetched_again", "create wms fetched_again"),
    ],
)
def test_what_the_warehouse_deleted(desktop, kind, unchanged, changed):
    base = said(kind, "b")

    for qbd, expected in ((base, unchanged), (said(kind, "q", LATER), changed)):
        found = outcome(desktop, kind, base, None, qbd)

        assert found.startswith(expected)


@pytest.mark.parametrize(
    ("kind", "unchanged", "changed"),
    [
        ("inventory_items", "inactivate wms deleted_in_qbd", "hold deleted_and_changed"),
        ("vendors", "inactivate wms deleted_in_qbd", "hold deleted_and_changed"),
        ("customers", "inactivate wms deleted_in_qbd", "hold deleted_and_changed"),
        ("sales_orders", "hold deleted_in_qbd", "hold deleted_and_changed"),
        ("purchase_orders", "hold deleted_in_qbd", "hold deleted_and_changed"),
        ("inventory_adjustments", "hold deleted_in_qbd", "hold deleted_and_changed"),
        ("invoices", "mark_deleted wms deleted_in_qbd", "mark_deleted wms deleted_in_qbd"),
    ],
)
def test_what_quickbooks_deleted(desktop, kind, unchanged, changed):
    base, gone = said(kind, "b"), said(kind, "b", deleted_at=LATER)

    for wms, expected in ((base, unchanged), (said(kind, "w", LATER), changed)):
        assert outcome(desktop, kind, base, wms, gone) == expected


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("sales_orders", "decide wms or qbd: that side's state goes to the other, or skip"),
        ("inventory_adjustments", "decide qbd: its state goes to the warehouse, or skip"),
    ],
)
@pytest.mark.parametrize("value", ["b", "w"])
def test_a_held_deletion_says_which_words_decide_it(desktop, kind, words, value):
    base, gone = said(kind, "b"), said(kind, "b", deleted_at=LATER)
    desktop.write(kind, {"5/80-5": (base, said(kind, value, LATER), gone)})

    (card,) = desktop.plan(kind)

    assert card.reason.endswith(f"; {words}")


@pytest.mark.parametrize("side", ["wms", "qbd"])
def test_a_deletion_that_was_carried_out_is_over(desktop, side):
    base = said("vendors", "b", is_active="no")
    gone = said("vendors", "b", is_active="no", deleted_at=LATER)
    three = (base, None, base) if side == "wms" else (base, gone, gone)

    assert outcome(desktop, "vendors", *three) == ""


def test_a_list_that_lacks_a_record_does_not_say_that_it_was_deleted(desktop):
    base, wms = said("vendors", "b"), said("vendors", "w", LATER)

    assert outcome(desktop, "vendors", base, base, None) == ""
    assert outcome(desktop, "vendors", base, wms, None) == "hold not_listed"


@pytest.mark.parametrize("gone", [False, True])
def test_another_record_under_an_old_id_is_held(desktop, gone):
    base, other = said("vendors", "b"), said("vendors", "w", LATER, id="")
    qbd = said("vendors", "b", deleted_at=LATER) if gone else base
    desktop.write("vendors", {"5/80-5": (base, other, qbd)})

    (card,) = desktop.plan("vendors")

    assert (card.action, card.rule) == ("hold", "other_id")
    assert card.reason == (
        "was linked to QuickBooks' 80-5 and says nothing now; write 80-5 back where it is "
        "the same record, and give it a warehouse id of its own where it is another"
    )


def test_what_both_deleted_is_over(desktop):
    base, gone = said("vendors", "b"), said("vendors", "b", deleted_at=LATER)

    assert outcome(desktop, "vendors", base, None, gone) == ""


def test_every_rule_says_who_wins_and_why():
    rules = set(truth._WINNERS)

    assert rules == set(truth._REASONS)
    assert {rules.both for rules in truth.TABLE.values()} <= rules | {
        truth.LATEST,
        "latest or wms",
    }
