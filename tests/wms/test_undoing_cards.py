"""What takes back one record's write, given what is known of the record by now."""

from __future__ import annotations

import pytest

from src.wms import undoing_cards
from src.wms.cards import Card
from src.wms.carrying import key_of_unit
from src.wms.fields import KINDS
from src.wms.records import (
    BEFORE,
    CREATE,
    DELETE,
    HOLD,
    INACTIVATE,
    QBD,
    UNDO,
    UPDATE,
    WMS,
    Attempt,
)
from src.wms.undoing_cards import Seen
from tests.wms.units import (
    CUSTOMER,
    EARLY,
    ITEM,
    ORDER,
    agreed,
    card,
    line,
    mirrored,
    stored,
    unit,
)

ROW = Attempt(*[""] * len(Attempt._fields))._replace(
    type="customers", kind="customers", wms_id="w1", id="q1", name="Ada", revision="2"
)


def seen(kind, *cards, action=UPDATE, now=None, **row):
    """Return a record that a run wrote these cards of."""
    fields = " ".join(one.field for one in cards)
    found = unit(kind, *cards, action=action, target=QBD)
    return Seen(found, ROW._replace(**{"fields": fields, **row}), now)


def phone(**given):
    return card(CUSTOMER, "phone", WMS, base="1", wms="2", qbd="1", **given)


def told(found):
    """Return what was found: action, field and value of each card; else as it is."""
    return [
        (one.action, one.field, one.sides.base) if isinstance(one, Card) else one
        for one in found
    ]


@pytest.mark.parametrize(
    ("has", "revision", "expected"),
    [
        ("2", "2", [(UNDO, "phone", "1")]),  # as the run left it
        ("2", "9", [(UNDO, "phone", "1")]),  # something else was edited
        ("3", "9", [(HOLD, "phone", "1")]),  # this was edited
        ("3", "2", [(UNDO, "phone", "1")]),  # QuickBooks made that of what was sent
        ("1", "9", [None]),  # it is as it was
    ],
)
def test_a_field_goes_back_where_quickbooks_has_what_was_written(has, revision, expected):
    now = mirrored(CUSTOMER, revision=revision, phone=has)

    assert told(undoing_cards.back(seen(CUSTOMER, phone(), now=now))) == expected


def test_fields_that_quickbooks_won_are_none_of_the_run():
    now = mirrored(CUSTOMER, phone="2")
    won = card(CUSTOMER, "phone", QBD, base="1", wms="1", qbd="2")

    assert undoing_cards.back(seen(CUSTOMER, won, now=now)) == []


def test_fields_that_were_dropped_before_they_were_sent_are_none_of_the_run():
    now = mirrored(CUSTOMER, phone="1")

    assert undoing_cards.back(seen(CUSTOMER, phone(), now=now, fields="email")) == []


def test_an_undo_goes_back_to_what_it_took_away():
    back = card(CUSTOMER, "phone", BEFORE, base="1", wms="2", qbd="2", action=UNDO)
    now = mirrored(CUSTOMER, phone="1")

    found = undoing_cards.back(seen(CUSTOMER, back, action=UNDO, now=now))

    assert told(found) == [(UNDO, "phone", "2")]


@pytest.mark.parametrize(
    ("active", "expected"), [("yes", [(UNDO, "is_active", "no")]), ("no", [None])]
)
def test_what_was_made_becomes_inactive(active, expected):
    now = mirrored(CUSTOMER, is_active=active)

    assert told(undoing_cards.back(seen(CUSTOMER, action=CREATE, now=now))) == expected


def test_what_became_inactive_becomes_active():
    now = mirrored(CUSTOMER, is_active="no")

    found = undoing_cards.back(seen(CUSTOMER, action=INACTIVATE, now=now))

    assert told(found) == [(UNDO, "is_active", "yes")]


@pytest.mark.parametrize(("revision", "action"), [("2", UNDO), ("3", HOLD)])
def test_a_document_that_was_made_is_deleted_as_a_whole(revision, action):
    now = mirrored(ORDER, line("l1", "1"), revision=revision)

    found = undoing_cards.back(seen(ORDER, action=CREATE, now=now))

    assert told(found) == [(action, "", "")]


@pytest.mark.parametrize(
    ("name", "on_hand", "action"),
    [("Bolt", "7", UNDO), ("Nut", "5", HOLD)],
)
def test_a_level_that_moved_is_no_edit_of_an_item(name, on_hand, action):
    now = mirrored(ITEM, revision="3", name=name, quantity_on_hand=on_hand, is_active="yes")
    base = agreed(ITEM, revision="2", name="Bolt", quantity_on_hand="5", is_active="yes")
    made = seen(ITEM, action=CREATE, now=now)._replace(agreed=base)

    assert told(undoing_cards.back(made)) == [(action, "is_active", "no")]


@pytest.mark.parametrize(("updated_at", "action"), [(EARLY, UNDO), ("", HOLD)])
def test_of_what_was_found_only_later_its_times_tell_whether_it_was_edited(
    updated_at, action
):
    now = mirrored(CUSTOMER, is_active="yes")
    now = now._replace(head=now.head._replace(updated_at=updated_at))

    found = undoing_cards.back(seen(CUSTOMER, action=CREATE, now=now, revision=""))

    assert told(found) == [(action, "is_active", "no")]


def test_a_line_that_somebody_added_is_an_edit_of_a_document():
    now = mirrored(ORDER, line("l1", "1"), line("l2", "1"), revision="3")
    base = agreed(ORDER, line("l1", "1"), revision="2")
    made = seen(ORDER, action=CREATE, now=now)._replace(agreed=base)

    assert told(undoing_cards.back(made)) == [(HOLD, "", "")]


@pytest.mark.parametrize(("revision", "is_named"), [("2", True), ("3", False)])
def test_an_added_line_that_is_not_found_is_named_where_nobody_removed_it(
    revision, is_named
):
    now = mirrored(ORDER, line("l1", "1"), revision=revision)
    added = card(ORDER, "lines[new 2]", WMS, wms="item.id=i1; quantity=5")

    (found,) = undoing_cards.back(seen(ORDER, added, now=now))

    assert bool(found) == is_named


@pytest.mark.parametrize("action", [UPDATE, CREATE])
def test_what_no_list_has_is_named(action):
    (found,) = undoing_cards.back(seen(CUSTOMER, phone(), action=action))

    assert "list does not have it" in found


@pytest.mark.parametrize(("action", "expected"), [(CREATE, None), (UPDATE, "was deleted")])
def test_what_was_deleted_since_is_gone(action, expected):
    now = mirrored(CUSTOMER, phone="2")
    now = now._replace(head=now.head._replace(deleted_at=EARLY))

    (found,) = undoing_cards.back(seen(CUSTOMER, phone(), action=action, now=now))

    assert found == expected or found.startswith(expected)


def test_what_was_deleted_does_not_come_back():
    (found,) = undoing_cards.back(seen(ORDER, action=DELETE, now=None))

    assert "QuickBooks brings nothing back" in found


def test_lines_with_item_groups_are_left_alone():
    now = mirrored(ORDER, line("l1", "9"))
    now = now._replace(head=now.head._replace(groups="g"))
    quantity = card(ORDER, "lines[l1].quantity", WMS, wms="9", qbd="1")

    (found,) = undoing_cards.back(seen(ORDER, quantity, now=now))

    assert "item groups" in found


@pytest.mark.parametrize("field", ["lines", "lines[gone].quantity"])
def test_lines_that_cannot_be_told_are_named(field):
    now = mirrored(ORDER, line("l1", "9"))

    (found,) = undoing_cards.back(seen(ORDER, card(ORDER, field, WMS, wms="9"), now=now))

    assert isinstance(found, str)


def test_a_line_that_the_plan_does_not_spell_is_named():
    now = mirrored(ORDER, line("l1", "9"))
    gone = card(ORDER, "lines[l2]", WMS, qbd="two bolts")

    (found,) = undoing_cards.back(seen(ORDER, gone, now=now))

    assert "does not say what the line was" in found


def test_references_to_what_the_run_made_are_known():
    order = card(ORDER, "customer.id", WMS, wms="wms:w9", qbd="q7")
    now = mirrored(ORDER, revision="9", customer_id="q9")
    found = seen(ORDER, order, now=now)._replace(references={"wms:w9": "q9"})

    assert told(undoing_cards.back(found)) == [(UNDO, "customer.id", "q7")]


def test_what_goes_back_is_part_of_what_makes_a_write_one_and_the_same():
    cards = [card(CUSTOMER, "phone", BEFORE, base=text, action=UNDO) for text in "12"]
    keys = [key_of_unit(unit(CUSTOMER, one, action=UNDO)) for one in cards]

    assert keys[0] != keys[1]


def test_a_row_says_what_each_side_has_and_asks_nothing_of_the_warehouse():
    now = mirrored(CUSTOMER, phone="2")
    here = stored(CUSTOMER, phone="5")
    found = seen(CUSTOMER, phone(), now=now)._replace(stored=here)
    (only,) = undoing_cards.back(found)

    row = undoing_cards.row(found, only, "u1")

    said = (row.base, row.wms, row.qbd, row.winner, row.discarded, row.wms_state)
    assert said == ("1", "5", "2", BEFORE, "2", "")
    assert (row.row, row.revision, row.name) == ("u1", "2", "Ada")


def test_a_held_row_says_the_word_that_decides_it():
    now = mirrored(CUSTOMER, revision="9", phone="3")
    found = seen(CUSTOMER, phone(), now=now)
    (only,) = undoing_cards.back(found)

    row = undoing_cards.row(found, only, "u1")

    assert row.reason.endswith("decide base to put it back all the same")


@pytest.mark.parametrize("name", [kind.name for kind in KINDS.values()])
def test_every_kind_that_is_sent_can_be_taken_back(name):
    kind = KINDS[name]
    has_flag = any(field.name == "is_active" for field in kind.fields)

    assert has_flag or kind.is_transaction
