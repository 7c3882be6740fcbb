"""Lines on three sides: known by QuickBooks' id, compared field by field."""

from __future__ import annotations

import pytest

from src.wms import lines
from src.wms.comparing import Rule
from src.wms.fields import INVOICES, KINDS, PURCHASE_ORDERS, SALES_ORDERS
from src.wms.lines import Lines
from tests.wms.three import LATER, Desktop, Said, lined

BOLT = {"item.id": "80-B", "item.full_name": "Bolt", "quantity": "2"}
NUT = {"item.id": "80-N", "item.full_name": "Nut", "quantity": "5"}
PRICED = {**BOLT, "unit_price": "3.00", "amount": "6.00"}


def changes(base, wms, qbd, kind: str = SALES_ORDERS, later: str = "") -> list[str]:
    """Return what differs, as `field: action target rule`."""
    sides = [None if side is None else lined(KINDS[kind], side) for side in (base, wms, qbd)]
    found = lines.changes(KINDS[kind], Lines(*sides), Rule(kind, later))
    return [
        " ".join(filter(None, (f"{c.field}:", c.action, c.target, c.verdict.rule)))
        for c in found
    ]


@pytest.mark.parametrize(
    ("base", "wms", "qbd", "expected"),
    [
        ({"A": BOLT}, {"A": BOLT}, {"A": BOLT}, []),
        ({"A": BOLT}, {"A": BOLT, "+1": NUT}, {"A": BOLT}, ["lines[new 2]: update qbd only_wms"]),
        ({"A": BOLT}, {"A": BOLT}, {"A": BOLT, "B": NUT}, ["lines[B]: update wms only_qbd"]),
        ({"A": BOLT, "B": NUT}, {"A": BOLT}, {"A": BOLT, "B": NUT}, ["lines[B]: update qbd only_wms"]),
        ({"A": BOLT, "B": NUT}, {"A": BOLT, "B": NUT}, {"A": BOLT}, ["lines[B]: update wms only_qbd"]),
        ({"A": BOLT, "B": NUT}, {"A": BOLT}, {"A": BOLT}, []),
        ({"A": BOLT, "B": NUT}, {"B": NUT, "A": BOLT}, {"A": BOLT, "B": NUT}, []),
        ({"A": BOLT}, {"A": BOLT, "Z": NUT}, {"A": BOLT}, ["lines[Z]: hold unknown_line"]),
    ],
)  # fmt: skip
def test_lines_that_are_new_or_gone_go_to_the_other_side(base, wms, qbd, expected):
    assert changes(base, wms, qbd) == expected


@pytest.mark.parametrize(
    ("kind", "later", "expected"),
    [
        (SALES_ORDERS, "qbd", "lines[A]: update qbd wms_wins"),
        (PURCHASE_ORDERS, "qbd", "lines[A]: update wms latest"),
        (PURCHASE_ORDERS, "", "lines[A]: update qbd too_close_wms"),
        (INVOICES, "wms", "lines[A]: update wms one_way"),
    ],
)
def test_a_line_that_one_side_removed_and_the_other_changed(kind, later, expected):
    more = {**BOLT, "quantity": "9"}

    assert changes({"A": BOLT}, {}, {"A": more}, kind, later) == [expected]


def test_a_field_of_a_line_is_named_by_the_line(desktop: Desktop):
    base, wms = Said({}, lines={"A": BOLT}), {**BOLT, "quantity": "3"}
    three = base, Said({}, LATER, {"A": wms}), base
    desktop.write(SALES_ORDERS, {"5/T-5": three})

    (card,) = desktop.plan(SALES_ORDERS)

    assert card.field == "lines[A].quantity"
    assert (card.base, card.wms, card.qbd) == ("2", "3", "2")


@pytest.mark.parametrize(
    ("wms", "qbd", "expected"),
    [
        ({"quantity": "3"}, {}, ["quantity: update qbd only_wms"]),
        ({"quantity": "3", "amount": "9.00"}, {}, ["quantity: update qbd only_wms"]),
        ({"amount": "7.00"}, {}, ["amount: update qbd only_wms"]),
        ({"amount": ""}, {}, []),
        ({"amount": ""}, {"amount": "8.00"}, ["amount: update wms only_qbd"]),
        (
            {},
            {"quantity": "3", "amount": "9.00"},
            ["quantity: update wms only_qbd", "amount: update wms follows"],
        ),
        (
            {"unit_price": "4.00"},
            {"quantity": "3", "amount": "9.00"},
            ["quantity: update wms only_qbd", "unit_price: update qbd only_wms"],
        ),
    ],
)
def test_an_amount_is_quickbooks_arithmetic(wms, qbd, expected):
    found = changes({"A": PRICED}, {"A": {**PRICED, **wms}}, {"A": {**PRICED, **qbd}})

    assert found == [f"lines[A].{told}" for told in expected]


def test_an_item_s_name_goes_with_the_item():
    renamed = {**BOLT, "item.full_name": "Bolt M4"}

    assert changes({"A": BOLT}, {"A": BOLT}, {"A": renamed}) == [
        "lines[A].item.full_name: update wms only_qbd"
    ]
    assert changes({"A": BOLT}, {"A": NUT}, {"A": BOLT})[0] == (
        "lines[A].item.id: update qbd only_wms"
    )
    assert "lines[A].item.full_name: update wms follows" in changes(
        {"A": BOLT}, {"A": BOLT}, {"A": NUT}
    )


def test_a_new_line_that_arrived_already_only_learns_its_id():
    found = changes({"A": BOLT}, {"A": BOLT, "+1": NUT}, {"A": BOLT, "B": NUT})

    learnt = ["lines[B]: update wms same_on_both", "lines[new 2]: update wms same_on_both"]
    assert found == learnt


@pytest.mark.parametrize(
    "theirs",
    [{**NUT, "unit_price": "3.00", "amount": "15.00"}, {**NUT, "description": "A nut"}],
)
def test_what_quickbooks_filled_in_makes_a_line_no_other(theirs):
    found = changes({}, {"+1": NUT}, {"B": theirs})

    learnt = ["lines[B]: update wms same_on_both", "lines[new 1]: update wms same_on_both"]
    assert found == learnt


@pytest.mark.parametrize(
    ("wms", "qbd"),
    [({**NUT, "quantity": "6"}, NUT), ({"quantity": "5"}, NUT), ({}, {"description": "x"})],
)
def test_a_line_that_says_something_else_is_another(wms, qbd):
    found = changes({}, {"+1": wms}, {"B": qbd})

    assert found == ["lines[B]: update wms only_qbd", "lines[new 1]: update qbd only_wms"]


def test_lines_that_say_the_same_are_paired_before_those_that_were_filled_in():
    theirs = {"A": {**BOLT, "unit_price": "3.00"}, "B": BOLT}

    found = changes({}, {"+1": BOLT, "+2": BOLT}, theirs)

    assert [told.partition(":")[0] for told in found] == [
        "lines[A]",
        "lines[new 2]",
        "lines[B]",
        "lines[new 1]",
    ]


def test_two_alike_lines_are_two():
    found = changes({}, {"+1": BOLT, "+2": BOLT}, {"A": BOLT})

    assert found == [
        "lines[A]: update wms same_on_both",
        "lines[new 1]: update wms same_on_both",
        "lines[new 2]: update qbd only_wms",
    ]


def test_at_a_first_match_lines_that_say_the_same_are_paired():
    found = changes(None, {"+1": NUT, "+2": BOLT}, {"A": BOLT, "B": NUT})

    assert [told.partition(":")[0] for told in found] == [
        "lines[A]",
        "lines[new 2]",
        "lines[B]",
        "lines[new 1]",
    ]


@pytest.mark.parametrize(
    "wms",
    [
        {"+1": BOLT},
        {"+1": BOLT, "+2": {**NUT, "quantity": "6"}},
        {"+1": BOLT, "+2": NUT, "+3": NUT},
        {},
    ],
)
def test_a_first_match_whose_lines_differ_is_held_as_a_whole(desktop: Desktop, wms):
    values = {"ref_number": "7", "customer.id": "80-C"}
    theirs = Said(values, lines={"A": BOLT, "B": NUT})
    ours = Said({**values, "memo": "other"}, lines=wms)
    desktop.write(SALES_ORDERS, {"5/": (None, ours, None), "/T-5": (None, None, theirs)})

    (card,) = desktop.plan(SALES_ORDERS)

    assert (card.action, card.rule, card.field) == ("hold", "lines_differ", "")


def test_at_a_first_match_an_invoice_has_quickbooks_lines():
    found = changes(None, {"+1": BOLT}, {"B": NUT}, INVOICES)

    assert found == ["lines[B]: update wms only_qbd", "lines[new 1]: update wms one_way"]


def test_lines_with_item_groups_are_not_written(desktop: Desktop):
    base, wms = Said({}, lines={"A": BOLT}), {**BOLT, "quantity": "3"}
    qbd = base._replace(more={"groups": "Kit"})
    desktop.write(SALES_ORDERS, {"5/T-5": (base, Said({}, LATER, {"A": wms}), qbd)})

    (card,) = desktop.plan(SALES_ORDERS)

    assert (card.action, card.rule) == ("hold", "item_groups")


@pytest.mark.parametrize(
    ("wms", "expected"),
    [
        ({}, {"lines[A]": ("hold", "")}),
        ({"+1": NUT}, {"lines[A]": ("update", "qbd"), "lines[new 1]": ("update", "qbd")}),
    ],
)  # fmt: skip
def test_quickbooks_is_left_with_a_line_at_least(desktop, wms, expected):
    head = {"customer.id": "80-C", "transaction_date": "2026-05-04"}
    base, qbd = {"A": BOLT, "B": NUT}, {"A": {**BOLT, "quantity": "9"}}
    sides = [Said(head, lines=lines) for lines in (base, wms, qbd)]
    desktop.write(SALES_ORDERS, {"5/T-5": tuple(sides)})

    found = {card.field: (card.action, card.target) for card in desktop.plan(SALES_ORDERS)}

    assert found == expected
