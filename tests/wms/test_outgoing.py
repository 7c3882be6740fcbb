"""Bodies of requests: what the warehouse won, and QuickBooks' own beside it."""

from __future__ import annotations

import pytest

from src.wms import outgoing
from src.wms.fields import KINDS
from src.wms.wire import Lined
from tests.wms.units import CUSTOMER, ORDER, card, line, mirrored, stored, unit

ASSEMBLY = KINDS["inventory_assembly_items"]
L1, L2 = line("l1", "3", "6.00"), line("l2", "5", "10.00")


def resolve(type_word, cell):
    return {"wms:w7": "q7"}.get(cell, cell)


def won(kind, field, wms, **given):
    return card(kind, field, "wms", wms=wms, **given)


def body(kind, cards, now, ours=None):
    return outgoing.updated(unit(kind, *cards), now, ours, resolve)


def test_only_the_fields_that_the_warehouse_won_are_written():
    cards = [won(CUSTOMER, "phone", "2"), card(CUSTOMER, "email", "qbd", wms="x")]

    found = body(CUSTOMER, cards, mirrored(CUSTOMER, revision="7"))

    assert found == {"phone": "2", "revisionNumber": "7"}


def test_an_address_is_written_whole():
    now = mirrored(CUSTOMER, billing_address_line1="1 Road", billing_address_city="Ulm")

    found = body(CUSTOMER, [won(CUSTOMER, "billing_address.line1", "2 Road")], now)

    assert found["billingAddress"] == {"line1": "2 Road", "city": "Ulm"}
    assert "shippingAddress" not in found


def test_a_field_is_emptied():
    assert body(CUSTOMER, [won(CUSTOMER, "phone", "")], mirrored(CUSTOMER))["phone"] == ""


def test_a_reference_goes_as_quickbooks_id():
    found = body(ORDER, [won(ORDER, "customer.id", "wms:w7")], mirrored(ORDER))

    assert found["customerId"] == "q7"


def line_set(cards, theirs, ours):
    return body(ORDER, cards, mirrored(ORDER, *theirs), stored(ORDER, *ours))["lines"]


def test_a_line_set_keeps_what_nobody_touched_by_its_id_alone():
    cards = [won(ORDER, "lines[l1].quantity", "4")]

    found = line_set(cards, [L1, L2], [line("l1", "4"), L2])

    assert found == [{"id": "l1", "quantity": 4, "rate": "2.00"}, {"id": "l2"}]


def test_an_amount_goes_only_where_nothing_else_makes_it():
    alone = [won(ORDER, "lines[l1].amount", "9.00")]
    beside = [*alone, won(ORDER, "lines[l1].quantity", "4")]

    assert line_set(alone, [L1], [L1]) == [{"id": "l1", "amount": "9.00"}]
    assert "amount" not in line_set(beside, [L1], [L1])[0]


def test_a_line_whose_item_changes_keeps_its_price():
    other = won(ORDER, "lines[l1].item.id", "i2")
    beside = [other, won(ORDER, "lines[l1].amount", "9.00")]

    assert line_set([other], [L1], [L1]) == [
        {"id": "l1", "itemId": "i2", "quantity": 3, "rate": "2.00"}
    ]
    assert line_set(beside, [L1], [L1]) == [{"id": "l1", "itemId": "i2", "amount": "9.00"}]


def test_a_removed_line_is_left_out_and_a_new_one_added():
    cards = [won(ORDER, "lines[l1]", ""), won(ORDER, "lines[new 2]", "some")]

    found = line_set(cards, [L1, L2], [L2, line("", "7")])

    assert found == [
        {"id": "l2"},
        {"id": "-1", "itemId": "i1", "quantity": 7, "rate": "2.00"},
    ]


def test_a_new_line_that_waits_is_not_added():
    cards = [won(ORDER, "lines[l2].quantity", "4")]

    assert [one["id"] for one in line_set(cards, [L2], [L2, line("", "7")])] == ["l2"]


def test_a_line_that_only_quickbooks_has_stays_there():
    cards = [won(ORDER, "lines[l2].quantity", "4")]

    assert [one["id"] for one in line_set(cards, [L1, L2], [L2])] == ["l1", "l2"]


def test_a_line_that_quickbooks_removed_is_added_again():
    cards = [won(ORDER, "lines[l1]", "some")]

    assert [one["id"] for one in line_set(cards, [L2], [L1, L2])] == ["l2", "-1"]


def test_a_line_set_is_replaced_as_a_whole():
    found = line_set([won(ORDER, "lines", "ours")], [L1, L2], [line("", "7"), L2])

    assert [one["id"] for one in found] == ["l2", "-1"]
    assert found[0]["quantity"] == 5


def part(item, quantity):
    return Lined(item, (item, item.upper(), quantity))


def test_parts_of_an_assembly_have_no_ids():
    cards = [won(ASSEMBLY, "lines[i1].quantity", "4")]
    now = mirrored(ASSEMBLY, part("i1", "2"), part("i2", "3"))

    found = body(ASSEMBLY, cards, now, stored(ASSEMBLY, part("i1", "4"), part("i2", "3")))

    assert found["lines"] == [
        {"inventoryItemId": "i1", "quantity": 4},
        {"inventoryItemId": "i2", "quantity": 3},
    ]


def test_the_last_part_of_an_assembly_is_cleared():
    cards = [won(ASSEMBLY, "lines[i1]", "")]

    found = body(ASSEMBLY, cards, mirrored(ASSEMBLY, part("i1", "2")), stored(ASSEMBLY))

    assert found == {"clearItemLines": True, "revisionNumber": "2"}


def test_a_create_carries_its_mark_and_its_lines():
    ours = stored(ORDER, line("", "3", "9.00"), customer_id="wms:w7", ref_number="S1")

    found = outgoing.created(ORDER, ours, "mark", resolve)

    assert (found["customerId"], found["externalId"]) == ("q7", "mark")
    assert found["lines"] == [{"itemId": "i1", "quantity": 3, "rate": "2.00"}]


# --- changed there meanwhile --------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "goes", "lost"),
    [
        ({"phone": "1", "email": "x"}, ["phone"], []),
        ({"phone": "2"}, [], []),
        ({"phone": "3"}, [], ["phone"]),
    ],
)
def test_a_card_goes_where_quickbooks_still_has_what_the_plan_saw(now, goes, lost):
    the_unit = unit(CUSTOMER, won(CUSTOMER, "phone", "2", qbd="1"))

    found = outgoing.still_open(
        writing(the_unit), mirrored(CUSTOMER, phone="1"), mirrored(CUSTOMER, **now)
    )

    assert [[one.field for one in cards] for cards in found] == [goes, lost]


def test_a_line_that_is_gone_there_is_lost():
    the_unit = unit(ORDER, won(ORDER, "lines[l1].quantity", "4"))

    found = outgoing.still_open(
        writing(the_unit), mirrored(ORDER, L1, L2), mirrored(ORDER, L2)
    )

    assert [len(cards) for cards in found] == [0, 1]


@pytest.mark.parametrize(("phone", "there"), [("2", True), ("1", False)])
def test_an_update_has_arrived_where_its_values_are(phone, there):
    the_unit = unit(CUSTOMER, won(CUSTOMER, "phone", "2"), card(CUSTOMER, "email", "qbd"))

    assert outgoing.has_arrived(writing(the_unit), mirrored(CUSTOMER, phone=phone)) is there


def writing(the_unit, theirs=(), *ours):
    return outgoing.Writing(the_unit, theirs, stored(the_unit.kind, *ours), resolve)


ADDED = won(ORDER, "lines[new 2]", "item.id=i1; quantity=7")
GONE = won(ORDER, "lines[l2]", "")
MEMO = won(ORDER, "memo", "b", qbd="a")


@pytest.mark.parametrize(
    ("lines", "memo", "there"),
    [
        ([L1, line("l9", "7", "14.00")], "b", True),
        ([L1, line("l9", "7", "14.00")], "of a person", True),  # the line tells
        ([L1, line("l9", "8")], "b", False),  # a person's line
        ([L1, line("l2", "7")], "b", False),  # was there before
        ([L1], "b", False),
    ],
)
def test_an_added_line_is_told_among_those_that_were_not_there(lines, memo, there):
    write = writing(unit(ORDER, ADDED, MEMO), [L1, line("l2", "7")], L1, line("", "7"))

    assert outgoing.has_arrived(write, mirrored(ORDER, *lines, memo=memo)) is there


@pytest.mark.parametrize(("lines", "goes"), [([L1], 1), ([L1, line("l9", "7")], 0)])
def test_an_added_line_does_not_go_again_where_it_is(lines, goes):
    write = writing(unit(ORDER, ADDED), [L1], L1, line("", "7"))

    found = outgoing.still_open(write, mirrored(ORDER, L1), mirrored(ORDER, *lines))

    assert [len(cards) for cards in found] == [goes, 0]


def test_the_same_line_twice_is_told_twice():
    both = won(ORDER, "lines[new 3]", "item.id=i1; quantity=7")
    write = writing(unit(ORDER, ADDED, both), [L1], L1, line("", "7"), line("", "7"))

    assert write.came(mirrored(ORDER, L1, line("l8", "7"))) == {"l8": 2}
    assert write.came(mirrored(ORDER, L1, line("l8", "7"), line("l9", "7"))) == {
        "l8": 2,
        "l9": 3,
    }


@pytest.mark.parametrize(("lines", "there"), [([L1, L2], False), ([L1], True)])
def test_a_removed_line_has_arrived_where_it_is_gone(lines, there):
    write = writing(unit(ORDER, GONE), [L1, L2], L1)

    assert outgoing.has_arrived(write, mirrored(ORDER, *lines)) is there


@pytest.mark.parametrize(
    ("lines", "there"),
    [([L1, line("l9", "7")], True), ([L1], False), ([L1, line("l9", "7"), L2], False)],
)
def test_a_whole_line_set_has_arrived_where_nothing_else_is_there(lines, there):
    whole = unit(ORDER, won(ORDER, "lines", "as it is"))
    write = writing(whole, [L1, L2], L1, line("", "7"))

    now = mirrored(ORDER, *lines)
    assert write.is_there(whole.cards[0], now, write.came(now).values()) is there


def test_a_line_that_no_card_is_about_has_to_stay():
    the_unit = unit(ORDER, won(ORDER, "lines[l1].quantity", "4"))
    after = mirrored(ORDER, line("l1", "4"), line("l2", "77"))

    assert outgoing.untouched(the_unit, mirrored(ORDER, L1, L2), after) == ["l2"]
