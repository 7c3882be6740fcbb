"""Lines of a document that a run changed, added or removed, as they were before."""

from __future__ import annotations

import random
from functools import lru_cache

import pytest

from src.kit.errors import OK, SOME_ROWS_FAILED
from src.wms import undoing_lines
from src.wms.fields import KINDS
from src.wms.lines import shown
from src.wms.wire import Lined
from tests.desk import Desk
from tests.wms.both import ITEM, ITEMS, ORDER, Both
from tests.wms.deadly import dies_before_the_write

KIND = KINDS["sales_orders"]
PIECES = ("", "a", "; ", "=", "quantity=3", "; amount=5", "item.id=", "\n", "ü", "item.id")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return what makes an order in QuickBooks, synchronized, by its quantities."""

    @lru_cache(maxsize=None)
    def make(*quantities):
        both = Both(Desk(tmp_path_factory.mktemp("order")))
        _make(both, *quantities)
        return both

    return make


@pytest.fixture
def order_with(both, made):
    """Return what puts such an order, a line per quantity, on both sides."""
    return lambda *quantities: both.become(made(*quantities))


def _make(both, *quantities):
    customer = both.create("customers", name="Ada")
    item = both.create("inventory-items", name="Bolt", **ITEM)
    lines = [
        {"itemId": item["id"], "quantity": n, "rate": "2.00", "description": f"no; {n}"}
        for n in quantities
    ]
    body = {"refNumber": "S1", "customerId": customer["id"], "lines": lines}
    both.create("sales-orders", transactionDate="2026-11-20", **body)
    assert both.sync() == OK


def there(both):
    """Return the lines that QuickBooks has: number, price, text."""
    lines = both.there(ORDER)["S1"]["lines"]
    return [(line["quantity"], line["rate"], line["description"]) for line in lines]


def touched(both):
    both.change("sales_orders", both.stored(ORDER)["S1"].head.wms_id, memo="m")


def line_of(both, place):
    return both.stored(ORDER)["S1"].lines[place].id


def removed(both, *places):
    for line_id in [line_of(both, place) for place in places]:
        both.run(f"DELETE FROM sales_order_lines WHERE qb_line_id = '{line_id}'")
    touched(both)
    assert both.sync() == OK, both.desk.out


def added(both, quantity):
    both.insert("sales_order_lines", sales_order_id=both.stored(ORDER)["S1"].head.wms_id,
                position=str(90 + quantity), quantity=str(quantity), unit_price="3.00",
                item_id=both.stored(ITEMS)["Bolt"].head.wms_id)  # fmt: skip
    touched(both)


# --- whole ----------------------------------------------------------------------------


def test_a_changed_line_goes_back_and_the_others_stay(both, order_with):
    order_with(1, 2)
    before = both.there(ORDER)["S1"]["lines"]
    both.run(f"UPDATE sales_order_lines SET quantity = 9 WHERE qb_line_id = '{line_of(both, 0)}'")
    touched(both)
    both.sync()

    both.taken_back()

    assert both.there(ORDER)["S1"]["lines"] == before
    both.sync()
    assert [line.cells[2] for line in both.stored(ORDER)["S1"].lines] == ["1", "2"]


def test_a_removed_line_comes_back(both, order_with):
    order_with(1, 2)
    before = there(both)
    removed(both, 0)

    both.taken_back()

    assert sorted(there(both)) == before
    both.sync()
    assert sorted(line.cells[2] for line in both.stored(ORDER)["S1"].lines) == ["1", "2"]
    assert both.prepare() == []


def test_an_added_line_goes_again(both, order_with):
    order_with(1, 2)
    before = both.there(ORDER)["S1"]["lines"]
    added(both, 7)
    both.sync()
    assert len(there(both)) == 3

    both.taken_back()

    assert both.there(ORDER)["S1"]["lines"] == before
    both.sync()
    assert len(both.stored(ORDER)["S1"].lines) == 2


def test_lines_that_say_the_same_are_told_apart_by_their_number(both, order_with):
    order_with(1)
    added(both, 7)
    both.insert("sales_order_lines", sales_order_id=both.stored(ORDER)["S1"].head.wms_id,
                position="98", quantity="7", unit_price="3.00",
                item_id=both.stored(ITEMS)["Bolt"].head.wms_id)  # fmt: skip
    touched(both)
    both.sync()
    assert len(there(both)) == 3

    both.taken_back()

    assert len(there(both)) == 1


def test_one_of_two_like_lines_comes_back(both, order_with):
    order_with(2, 2)
    removed(both, 0)

    both.taken_back()

    assert [n for n, *_ in there(both)] == [2, 2]


def test_an_item_goes_back_and_the_price_that_a_person_gave_stays(both, order_with):
    order_with(1)
    both.create("inventory-items", name="Nut", **ITEM)
    both.sync()
    nut = both.stored(ITEMS)["Nut"].head
    both.run(
        f"UPDATE sales_order_lines SET item_id = '{nut.wms_id}', item_qb_id = '{nut.id}' "
        f"WHERE qb_line_id = '{line_of(both, 0)}'"
    )
    touched(both)
    both.sync()
    assert there(both)[0][1] == "2.00"
    both.undo()
    order = both.there(ORDER)["S1"]
    both.update("sales-orders", order["id"], lines=[{"id": order["lines"][0]["id"], "rate": "4.00"}])

    assert both.apply() == OK

    [line] = both.there(ORDER)["S1"]["lines"]
    assert (line["item"]["fullName"], line["rate"]) == ("Bolt", "4.00")


def test_everything_at_once_goes_back(both, order_with):
    order_with(1, 2, 3)
    before = sorted(there(both))
    both.run(f"UPDATE sales_order_lines SET quantity = 9 WHERE qb_line_id = '{line_of(both, 2)}'")
    added(both, 7)
    removed(both, 0)
    assert sorted(n for n, *_ in there(both)) == [2, 7, 9]

    both.taken_back()

    assert sorted(there(both)) == before
    assert both.there(ORDER)["S1"]["memo"] in ("", None)


def test_an_undo_of_lines_can_be_taken_back(both, order_with):
    order_with(1, 2, 3)
    added(both, 7)
    removed(both, 0)
    after = sorted(there(both), key=str)
    both.taken_back()

    both.taken_back()

    assert sorted(there(both), key=str) == after


def test_lines_are_not_taken_back_twice(both, order_with):
    order_with(1, 2)
    added(both, 7)
    removed(both, 0)
    run_id = both.last_run
    both.taken_back()

    assert both.undo(run_id) == OK

    assert "taken back before" in both.desk.out
    assert len(there(both)) == 2


def test_an_added_line_that_was_edited_since_is_held(both, order_with):
    order_with(1)
    added(both, 7)
    both.sync()
    order = both.there(ORDER)["S1"]
    lines = [{"id": line["id"]} for line in order["lines"]]
    lines[-1]["quantity"] = 8
    both.update("sales-orders", order["id"], lines=lines)

    assert both.undo() == SOME_ROWS_FAILED
    both.apply()

    assert [n for n, *_ in there(both)] == [1, 8]


def test_a_removed_line_waits_where_the_document_was_edited_since(both, order_with):
    order_with(1, 2)
    removed(both, 0)
    both.edit("sales-orders", both.there(ORDER)["S1"]["id"], memo="mine")
    assert both.undo() == SOME_ROWS_FAILED
    both.apply()
    assert len(there(both)) == 1

    both.decide("base")
    both.apply()

    assert len(there(both)) == 2


def test_a_document_keeps_one_line_at_least(both, order_with):
    order_with(1)
    added(both, 7)
    both.sync()
    order = both.there(ORDER)["S1"]
    both.update("sales-orders", order["id"], lines=[{"id": order["lines"][-1]["id"]}])

    assert both.undo() == SOME_ROWS_FAILED

    assert "QuickBooks needs one line at least" in both.desk.out


def test_a_line_whose_answer_got_lost_is_not_added_twice(both, order_with):
    order_with(1, 2)
    removed(both, 0)
    both.undo()
    both.scenario("1,update sales-orders,drop_applied")

    both.apply()
    both.scenario()
    both.apply()

    assert sorted(n for n, *_ in there(both)) == [1, 2]


def test_a_line_that_never_left_is_not_taken_for_one_that_arrived(both, order_with):
    order_with(1, 2)
    removed(both, 0)
    run_id = both.last_run
    both.undo()
    both.decide("skip", field="memo")
    dies_before_the_write(both)
    both.edit("sales-orders", both.there(ORDER)["S1"]["id"], memo="mine")
    both.sync()
    assert [row.outcome for row in both.log() if row.action == "undo"] == ["absent"]

    both.undo(run_id)
    both.decide("base")
    both.apply()

    assert sorted(n for n, *_ in there(both)) == [1, 2]


# --- what a plan says of a line -------------------------------------------------------


def test_every_line_that_a_plan_shows_can_be_read_again():
    dice = random.Random(5)
    for _ in range(2000):
        cells = ["80-1", "", str(dice.randint(1, 9)), "2.00", "", ""]
        cells[5] = "".join(dice.choices(PIECES, k=4))

        assert undoing_lines.read(KIND.lines, shown(KIND.lines, cells)) == tuple(cells)


@pytest.mark.parametrize("text", ["", "nonsense", "quantity=1; item.id=8", "item.id=8;"])
def test_what_is_no_line_is_not_taken_for_one(text):
    cells = undoing_lines.read(KIND.lines, text)

    assert cells == () or shown(KIND.lines, cells) == text


def test_the_last_of_several_like_lines_is_found():
    cells = ("80-1", "Bolt", "2", "3.00", "6.00", "")
    lines = (Lined("1", cells), Lined("2", cells), Lined("3", ("80-2", *cells[1:])))

    found = undoing_lines.find(KIND, "item.id=wms:i1; quantity=2", lines, {"wms:i1": "80-1"})

    assert found == lines[1]
