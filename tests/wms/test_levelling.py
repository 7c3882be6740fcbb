"""QuickBooks' own numbers of items follow our documents, and hide nothing else."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

import pytest

from src.kit import stage
from src.wms.levelling import TOGETHER, Leveller
from src.wms.fields import KINDS
from tests.wms.both import ITEM, ITEMS, STOCK, value


ADJUSTMENT = KINDS["inventory_adjustments"]


class Lists:
    """A company file that has no items, and remembers what it was asked for."""

    def __init__(self):
        self.asked = []

    def records(self, resource, query):
        self.asked.append((resource, len(query["ids"])))
        return []

    def linked(self, kind, ids):
        return {i: f"w{i}" for i in ids} if kind is ITEMS else {}


def test_many_items_are_read_together():
    lists = Lists()
    leveller = Leveller(SimpleNamespace(store=lists, port=lists))  # type: ignore[arg-type]

    leveller.level({f"i{number}": Decimal() for number in range(TOGETHER + 1)})

    assert lists.asked == [("inventory-items", TOGETHER), ("inventory-items", 1)]


def moved_and_edited(both):
    """Send a movement of an item whose price changed in QuickBooks after the plan."""
    bolt = both.create("inventory-items", name="Bolt", salesPrice="2.00", **ITEM)
    both.sync()
    both.insert("inventory_adjustments", id="a1", ref_number="A1", account_id=STOCK,
                transaction_date="2026-11-20")  # fmt: skip
    both.insert("inventory_adjustment_lines", inventory_adjustment_id="a1", position="1",
                item_qb_id=bolt["id"], quantity_difference="7")  # fmt: skip
    both.prepare()
    both.edit("inventory-items", bolt["id"], salesPrice="3.00")
    assert both.apply() == stage.OK, both.desk.out


def test_a_price_that_changed_meanwhile_is_left_to_the_next_plan(both):
    moved_and_edited(both)

    stored = both.stored(ITEMS)["Bolt"]
    assert value(ITEMS, stored, "quantity_on_hand") == "7"
    assert value(ITEMS, stored, "sales_price") == "2.00"
    assert [(card.field, card.rule) for card in both.prepare()] == [("sales_price", "only_qbd")]


def test_the_base_keeps_the_revision_that_was_agreed_on(both):
    moved_and_edited(both)

    (base,) = both.bases(ITEMS).values()
    assert base.head.revision_number != both.there(ITEMS)["Bolt"]["revisionNumber"]


def test_a_level_that_somebody_else_moved_too_is_left_to_the_next_synchronization(both):
    bolt = both.create("inventory-items", name="Bolt", **ITEM)
    both.sync()
    both.insert("inventory_adjustments", id="a1", ref_number="A1", account_id=STOCK,
                transaction_date="2026-11-20")  # fmt: skip
    both.insert("inventory_adjustment_lines", inventory_adjustment_id="a1", position="1",
                item_qb_id=bolt["id"], quantity_difference="5")  # fmt: skip
    both.prepare()
    line = {"itemId": bolt["id"], "adjustQuantity": {"quantityDifference": 3}}
    body = {"accountId": STOCK, "transactionDate": "2026-11-20", "refNumber": "Q1"}
    both.create("inventory-adjustments", lines=[line], **body)

    both.apply()

    assert value(ITEMS, both.stored(ITEMS)["Bolt"], "quantity_on_hand") == "0"
    both.scenario("1-99,list inventory-adjustments,504")
    both.sync()
    assert value(ITEMS, both.stored(ITEMS)["Bolt"], "quantity_on_hand") == "8"
    moved = [record.lines[0].cells[2] for record in both.records(ADJUSTMENT)]
    assert sorted(moved) == ["3", "5"]


@pytest.mark.parametrize("changes", [{"memo": "theirs"}, {"quantity": 5}])
def test_a_movement_that_is_edited_there_is_no_new_one(both, changes):
    bolt = both.create("inventory-items", name="Bolt", **ITEM)
    lines = [{"itemId": bolt["id"], "adjustQuantity": {"quantityDifference": 3}}]
    body = {"accountId": STOCK, "transactionDate": "2026-11-20", "refNumber": "Q1"}
    made = both.create("inventory-adjustments", lines=lines, **body)
    both.sync()
    (line,) = made["lines"]
    if "quantity" in changes:
        changes = {"lines": [{"id": line["id"], "quantityDifference": changes["quantity"]}]}
    both.update("inventory-adjustments", made["id"], **changes)
    both.sync()

    both.scenario("1-99,list inventory-adjustments,504")

    assert both.prepare() == []


@pytest.mark.parametrize("is_deleted", [False, True])
def test_a_change_that_a_net_document_has_goes_where_a_person_says_so(both, is_deleted):
    bolt = both.create("inventory-items", name="Bolt", **ITEM)
    lines = [{"itemId": bolt["id"], "adjustQuantity": {"quantityDifference": 3}}]
    body = {"accountId": STOCK, "transactionDate": "2026-11-20", "refNumber": "Q1"}
    made = both.create("inventory-adjustments", lines=lines, **body)
    both.sync()
    if is_deleted:
        both.remove("inventory-adjustments", made["id"])
    else:
        changes = [{"id": made["lines"][0]["id"], "quantityDifference": 5}]
        both.update("inventory-adjustments", made["id"], lines=changes)
    both.scenario("1-99,list inventory-adjustments,504")
    both.sync()
    both.scenario()
    assert {card.rule for card in both.prepare()} == {"cover_changed"}
    both.decide("qbd", rule="cover_changed")

    assert both.apply() == stage.OK

    moved = [record.lines[0].cells[2] for record in both.records(ADJUSTMENT)]
    assert sorted(moved) == (["-3"] if is_deleted else ["2", "5"])


SLOW = "1-99,list inventory-adjustments,504"


def test_a_document_that_waits_for_a_person_is_in_no_later_net_change(both):
    bolt = both.create("inventory-items", name="Bolt", **ITEM)

    def moves(name: str, quantity: int, *scenario: str) -> None:
        line = {"itemId": bolt["id"], "adjustQuantity": {"quantityDifference": quantity}}
        body = {"accountId": STOCK, "transactionDate": "2026-11-20", "refNumber": name}
        both.create("inventory-adjustments", lines=[line], **body)
        both.scenario(*scenario)
        both.sync()
        both.scenario()

    moves("Q1", 3)
    moves("Q2", 4, SLOW)
    moves("Q3", 2)  # near the end of what a net document stands for: held
    both.sync()
    moves("Q4", 10, SLOW)

    counted = [
        record.lines[0].cells[2]
        for record in both.records(ADJUSTMENT)
        if not value(ADJUSTMENT, record, "covered_by")
    ]
    assert sorted(counted) == ["10", "3", "4"]
    assert value(ITEMS, both.stored(ITEMS)["Bolt"], "quantity_on_hand") == "19"
