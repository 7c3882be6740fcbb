"""Cards become units, as people left them; what stays out is counted."""

from __future__ import annotations

import pytest

from src.wms.deciding import STATE, Cards, decided, of_kinds
from src.wms.fields import KINDS
from src.wms.records import CREATE, DELETE, HOLD, INACTIVATE, LINK, QBD, UPDATE, WMS
from tests.wms.units import CUSTOMER, ORDER, PLAN_RUN, card, signed

INVOICE = KINDS["invoices"]


def sort(*rows):
    cards = Cards(PLAN_RUN)
    return cards, cards.units(map(signed, rows))


def phone(decision="", winner=WMS, **given):
    return card(CUSTOMER, "phone", winner, decision=decision, **given)


def whole(action, decision="", target=QBD, **given):
    return card(CUSTOMER, "", "", action=action, target=target, decision=decision, **given)


def test_the_cards_of_a_record_are_one_unit():
    _, units = sort(phone(), card(CUSTOMER, "email", QBD), phone(wms_id="w2"))

    assert [(unit.wms_id, unit.size, unit.sends) for unit in units] == [
        ("w1", 2, True),
        ("w2", 1, True),
    ]


def test_units_go_in_the_order_of_synchronization():
    _, units = sort(card(INVOICE, "memo", QBD), card(ORDER, "memo", WMS), phone())

    kinds = [kind.name for kind, _ in of_kinds(units)]
    assert kinds == ["customers", "sales_orders", "invoices"]


@pytest.mark.parametrize(
    ("decision", "winner"),
    [("", WMS), ("approve", WMS), (" APPROVE ", WMS), ("wms", WMS), ("qbd", QBD)],
)
def test_a_field_goes_as_decided(decision, winner):
    _, (unit,) = sort(phone(decision))

    assert [one.winner for one in unit.cards] == [winner]


@pytest.mark.parametrize(
    ("decision", "waiting", "skipped"),
    [("skip", 0, 1), ("hold", 1, 0), ("perhaps", 1, 0), ("link:7", 1, 0)],
)
def test_a_field_that_stays_out_is_counted(decision, waiting, skipped):
    cards, units = sort(phone(decision), card(CUSTOMER, "email", WMS))

    assert (cards.waiting, cards.skipped) == (waiting, skipped)
    assert [len(unit.left) for unit in units] == [1]


@pytest.mark.parametrize(("decision", "goes"), [("", 0), ("approve", 0), ("qbd", 1), ("wms", 1)])
def test_a_held_field_goes_only_with_a_side(decision, goes):
    _, units = sort(phone(decision, "", action=HOLD, rule="too_close"))

    assert len(units) == goes


def test_an_invoice_is_never_written_to_quickbooks():
    cards, units = sort(card(INVOICE, "due_date", QBD, decision="wms"))

    assert units == []
    assert "means nothing here" in cards.held[0].reason


@pytest.mark.parametrize(
    ("action", "decision", "becomes"),
    [
        (CREATE, "", (CREATE, QBD)),
        (INACTIVATE, "approve", (INACTIVATE, QBD)),
        (INACTIVATE, "qbd", (STATE, WMS)),
        (INACTIVATE, "wms", (STATE, QBD)),
        (LINK, "create", (CREATE, QBD)),
        (LINK, "", (LINK, QBD)),
        (CREATE, "link: 80-1 ", (LINK, WMS)),
    ],
)
def test_a_record_goes_as_decided(action, decision, becomes):
    _, (unit,) = sort(whole(action, decision))

    assert (unit.action, unit.target) == becomes


@pytest.mark.parametrize(
    ("action", "decision"),
    [(HOLD, ""), (HOLD, "approve"), (CREATE, "hold"), (LINK, "wms"), (UPDATE, "create"),
     (CREATE, "wms"), (CREATE, "qbd")],  # fmt: skip
)
def test_a_record_that_waits_takes_its_fields_with_it(action, decision):
    cards, units = sort(whole(action, decision), phone())

    assert units == []
    assert cards.waiting == 2


def test_a_skipped_record_takes_its_fields_with_it():
    cards, units = sort(whole(LINK, "skip"), phone())

    assert (units, cards.skipped) == ([], 2)


def test_an_id_is_known_without_the_guard_of_its_cell():
    assert decided(whole(HOLD, "Link: '101E-17 ")) == "link:101E-17"


def test_answers_are_remembered():
    cards, _ = sort(whole(CREATE, "link:80-1"), whole(LINK, "create", wms_id="w2"), phone("qbd"))

    assert [decided(row) for row in cards.answers] == ["link:80-1", "create"]


def test_rows_of_another_plan_are_held():
    cards = Cards("another")

    assert cards.units([signed(phone())]) == []
    assert (cards.waiting, len(cards.damaged)) == (1, 1)


def test_a_row_that_stands_there_twice_counts_once():
    cards, units = sort(phone(), phone())

    assert [unit.size for unit in units] == [1]
    assert cards.waiting == 1


def test_a_plan_that_was_applied_is_read_whatever_became_of_it():
    units = Cards("").as_applied([phone(), whole(DELETE, wms_id="w2")])

    assert [unit.action for unit in units] == [UPDATE, DELETE]


@pytest.mark.parametrize(("decision", "goes"), [("", 2), ("approve", 2), ("hold", 0), ("qbd", 0)])
def test_a_net_change_goes_together(decision, goes):
    rows = [phone(decision, QBD, rule="net_change"), card(ORDER, "memo", QBD, rule="net_change")]
    cards, units = sort(*rows)

    assert units == []
    assert len(cards.net) == goes
    assert cards.waiting == 2 - goes
