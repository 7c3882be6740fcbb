"""After a record was synchronized: who holds what, and what counts as agreed."""

from __future__ import annotations

import pytest

from src.wms.lines import shown_lines
from src.wms.receiving import Done, Merge, Sides
from tests.wms.both import value
from tests.wms.units import (
    CUSTOMER,
    EARLY,
    ITEM,
    LATE,
    ORDER,
    agreed,
    card,
    line,
    mirrored,
    stored,
    unit,
)

NOW = "2026-11-22T09:00:00.000000+00:00"


def settled(kind, the_unit, sides, **done):
    return Merge(kind, the_unit, Sides(*sides), Done(NOW, **done)).settled()


def phones(w, q, b, *cards, left=(), **done):
    """Return the warehouse's phone and the agreed one, after w, q and b met."""
    sides = (
        stored(CUSTOMER, phone=w),
        mirrored(CUSTOMER, phone=q),
        agreed(CUSTOMER, phone=b),
    )
    found = settled(CUSTOMER, unit(CUSTOMER, *cards, left=left), sides, **done)
    record, base = found.record, found.agreed
    return value(CUSTOMER, record, "phone"), value(CUSTOMER, base, "phone"), found.stale


QBD_WINS = card(CUSTOMER, "phone", "qbd", wms="1", qbd="2")
WMS_WON = card(CUSTOMER, "phone", "wms", wms="1", qbd="0")


@pytest.mark.parametrize(
    ("sides", "cards", "warehouse", "base"),
    [
        (("1", "1", "1"), [], "1", "1"),
        (("2", "2", "1"), [], "2", "2"),  # both changed alike
        (("1", "2", "1"), [QBD_WINS], "2", "2"),
        (("1", "1", "0"), [WMS_WON], "1", "1"),
        (("1", "01", "0"), [WMS_WON], "01", "01"),  # as QuickBooks spells it
        (("1", "2", "1"), [], "1", "1"),  # nobody decided about it
        (("2", "1", "1"), [], "2", "1"),
        (("3", "2", "1"), [], "3", "1"),
    ],
)
def test_a_field_goes_where_its_card_says_and_stays_without_one(sides, cards, warehouse, base):
    assert phones(*sides, *cards)[:2] == (warehouse, base)


def test_a_field_that_is_held_stays_different():
    assert phones("3", "2", "1", left=[QBD_WINS])[:2] == ("3", "1")


def test_what_the_warehouse_changed_since_the_plan_is_not_overwritten():
    assert phones("9", "2", "1", QBD_WINS) == ("9", "1", ("phone",))


def test_what_the_warehouse_changed_after_it_was_sent_is_its_change_alone():
    assert phones("9", "1", "0", WMS_WON)[:2] == ("9", "1")


def test_quickbooks_own_numbers_come_along():
    sides = (
        stored(CUSTOMER, phone="1", balance="1.00"),
        mirrored(CUSTOMER, phone="1", balance="2.00"),
        agreed(CUSTOMER, phone="0", balance="1.00"),
    )

    found = settled(CUSTOMER, unit(CUSTOMER, WMS_WON), sides)

    assert value(CUSTOMER, found.record, "balance") == "2.00"
    assert value(CUSTOMER, found.agreed, "balance") == "2.00"


def test_an_own_number_that_the_warehouse_changed_is_not_overwritten_unseen():
    sides = (
        stored(CUSTOMER, balance="9.00"),
        mirrored(CUSTOMER, balance="2.00"),
        agreed(CUSTOMER, balance="1.00"),
    )

    found = settled(CUSTOMER, unit(CUSTOMER), sides)

    assert value(CUSTOMER, found.record, "balance") == "9.00"
    assert value(CUSTOMER, found.agreed, "balance") == "1.00"


@pytest.mark.parametrize(("has_levels", "level"), [(False, "1"), (True, "5")])
def test_a_level_of_stock_moves_only_with_what_explains_it(has_levels, level):
    sides = (
        stored(ITEM, quantity_on_hand="1"),
        mirrored(ITEM, quantity_on_hand="5"),
        agreed(ITEM, quantity_on_hand="1"),
    )

    found = settled(ITEM, unit(ITEM), sides, has_levels=has_levels)

    assert value(ITEM, found.record, "quantity_on_hand") == level
    assert found.agreed.head.agreed_at == (NOW if has_levels else EARLY)


def test_a_name_follows_the_id_that_it_belongs_to():
    given = card(CUSTOMER, "terms.id", "qbd", wms="t1", qbd="t2")
    sides = (
        stored(CUSTOMER, terms_id="t1", terms_name="Net 30"),
        mirrored(CUSTOMER, terms_id="t2", terms_name="Net 15"),
        agreed(CUSTOMER, terms_id="t1", terms_name="Net 30"),
    )

    found = settled(CUSTOMER, unit(CUSTOMER, given), sides)

    assert value(CUSTOMER, found.record, "terms.name") == "Net 15"
    assert value(CUSTOMER, found.agreed, "terms.name") == "Net 15"


def test_a_name_stays_beside_an_id_that_stays():
    sides = (
        stored(CUSTOMER, terms_id="t1", terms_name="Net 30"),
        mirrored(CUSTOMER, terms_id="t2", terms_name="Net 15"),
        agreed(CUSTOMER, terms_id="t1", terms_name="Net 30"),
    )

    found = settled(CUSTOMER, unit(CUSTOMER), sides)

    assert value(CUSTOMER, found.record, "terms.name") == "Net 30"


def test_a_reference_that_got_its_id_meanwhile_is_no_change():
    given = card(ORDER, "customer.id", "wms", wms="wms:w7", qbd="q6")
    sides = (
        stored(ORDER, customer_id="q7"),
        mirrored(ORDER, customer_id="q7", customer_full_name="Birch"),
        agreed(ORDER, customer_id="q6"),
    )

    found = settled(ORDER, unit(ORDER, given), sides, known=lambda _, cell: {"wms:w7": "q7"}.get(cell, cell))

    assert found.stale == ()
    assert value(ORDER, found.record, "customer.full_name") == "Birch"


# --- records that QuickBooks made of ours -----------------------------------------------


def made(w, q, sent):
    sides = (stored(CUSTOMER, **w), mirrored(CUSTOMER, **q), None)
    before = stored(CUSTOMER, **sent) if sent is not None else None
    return settled(CUSTOMER, unit(CUSTOMER), sides, is_created=True, sent=before)


def test_what_was_created_is_as_quickbooks_answered():
    found = made({"phone": "1"}, {"phone": "01", "full_name": "A"}, {"phone": "1"})

    assert value(CUSTOMER, found.record, "phone") == "01"
    assert value(CUSTOMER, found.record, "full_name") == "A"
    assert found.agreed.cells == mirrored(CUSTOMER, phone="01", full_name="A").cells


@pytest.mark.parametrize("sent", [{"phone": "1"}, None])
def test_what_the_warehouse_changed_since_it_was_created_stays_its_change(sent):
    found = made({"phone": "9"}, {"phone": "1"}, sent)

    assert value(CUSTOMER, found.record, "phone") == "9"
    assert value(CUSTOMER, found.agreed, "phone") == "1"


def test_a_record_of_quickbooks_is_taken_as_it_is():
    given = mirrored(ORDER, line("l1", "3"), memo="x")
    found = settled(ORDER, unit(ORDER), (None, given, None))

    assert found.record.cells == found.agreed.cells == given.cells
    assert found.record.lines == found.agreed.lines == given.lines
    assert found.record.head.updated_at == LATE


# --- lines ------------------------------------------------------------------------------


def said(*its_lines):
    return shown_lines(ORDER.lines, its_lines)


def lines(w, q, b, *cards, **done):
    sides = (stored(ORDER, *w), mirrored(ORDER, *q), agreed(ORDER, *b))
    found = settled(ORDER, unit(ORDER, *cards), sides, **done)
    return found.record.lines, found.agreed.lines


L1, L2 = line("l1", "3"), line("l2", "5")


def about(field, winner, **given):
    return card(ORDER, field, winner, **given)


def test_a_quantity_that_quickbooks_changed_comes_with_its_card():
    changed = line("l1", "4")
    given = about("lines[l1].quantity", "qbd", wms="3", qbd="4")

    assert lines([L1, L2], [changed, L2], [L1, L2], given) == ((changed, L2), (changed, L2))


def test_a_quantity_without_a_card_stays():
    assert lines([L1], [line("l1", "4")], [L1]) == ((L1,), (L1,))


def test_an_amount_is_quickbooks_product_of_what_was_sent():
    ours, answered = line("l1", "4", "6.00"), line("l1", "4", "8.00")
    given = about("lines[l1].quantity", "wms", wms="4", qbd="3")

    assert lines([ours], [answered], [line("l1", "3", "6.00")], given) == (
        (answered,),
        (answered,),
    )


def test_a_new_line_of_quickbooks_comes_with_its_card():
    assert lines([L1], [L1, L2], [L1], about("lines[l2]", "qbd")) == ((L1, L2), (L1, L2))
    assert lines([L1], [L1, L2], [L1]) == ((L1,), (L1,))


def test_a_line_that_quickbooks_removed_goes_with_its_card():
    given = about("lines[l2]", "qbd", wms=said(L2))

    assert lines([L1, L2], [L1], [L1, L2], given) == ((L1,), (L1,))
    assert lines([L1, L2], [L1], [L1, L2]) == ((L1, L2), (L1, L2))


def test_a_line_that_we_removed_there_is_gone_everywhere():
    assert lines([L1], [L1], [L1, L2], about("lines[l2]", "wms")) == ((L1,), (L1,))


def test_a_line_that_we_removed_and_that_waits_stays_agreed():
    assert lines([L1], [L1, L2], [L1, L2]) == ((L1,), (L1, L2))


def test_a_new_line_of_ours_gets_its_id():
    ours, answered = line("", "5"), line("l9", "5", "10.00")
    sent = stored(ORDER, L1, ours)

    found = lines(
        [L1, ours], [L1, answered], [L1], about("lines[new 2]", "wms"),
        fresh={"l9": 2}, sent=sent,
    )  # fmt: skip

    assert found == ((L1, answered), (L1, answered))


def test_a_new_line_of_ours_that_waits_stays_without_an_id():
    ours = line("", "5")

    assert lines([L1, ours], [L1], [L1]) == ((L1, ours), (L1,))


def test_a_line_of_ours_that_quickbooks_has_too_learns_its_id():
    given = about("lines[l2]", "qbd")

    assert lines([L1, line("", "5")], [L1, L2], [L1], given) == ((L1, L2), (L1, L2))


def test_a_line_set_is_taken_as_a_whole():
    ours = [line("", "8"), L1]

    given = about("lines", "qbd", wms=said(*ours))

    assert lines(ours, [L1, L2], [], given) == ((L1, L2), (L1, L2))


def test_a_line_that_changed_here_since_the_plan_is_not_removed():
    given, now = about("lines[l2]", "qbd", wms=said(L2)), line("l2", "50")

    assert lines([L1, now], [L1], [L1, L2], given) == ((L1, now), (L1, L2))


def test_a_line_set_that_changed_here_since_the_plan_is_not_replaced():
    given, now = about("lines", "qbd", wms=said(L1)), line("l1", "50")

    assert lines([now], [L1, L2], [L1], given) == ((now,), (L1,))


# --- heads ------------------------------------------------------------------------------


def test_our_own_write_is_no_edit_of_quickbooks():
    sides = (stored(CUSTOMER), mirrored(CUSTOMER, revision="3"), agreed(CUSTOMER))

    found = settled(CUSTOMER, unit(CUSTOMER), sides, edited_at=EARLY)

    assert found.agreed.head.qbd_edited_at == EARLY
    assert found.agreed.head.qbd_updated_at == LATE
    assert found.agreed.head.revision_number == "3"


def test_our_own_write_does_not_touch_the_warehouse_timestamp():
    sides = (stored(CUSTOMER, phone="1"), mirrored(CUSTOMER, phone="2"), agreed(CUSTOMER))

    found = settled(CUSTOMER, unit(CUSTOMER, QBD_WINS), sides)

    assert found.record.head.updated_at == EARLY


def flips(base, phone):
    sides = (stored(CUSTOMER, phone=phone), mirrored(CUSTOMER, phone=phone), base)
    found = settled(CUSTOMER, unit(CUSTOMER), sides).agreed
    return found, int(found.head.flips)


def test_going_back_and_forth_is_counted():
    base, counts = agreed(CUSTOMER, phone="a"), []
    for phone in ("b", "a", "b", "b", "c", "b"):
        base, count = flips(base, phone)
        counts.append(count)

    assert counts == [0, 1, 2, 2, 0, 1]
