"""Whenever a run is killed, the next one ends what it began: nothing twice, nothing lost."""

from __future__ import annotations

import os
import shutil
import signal
from typing import Any

import pytest

from src.kit import stage
from src.kit.errors import IN_DOUBT, SOME_ROWS_FAILED
from src.wms.fields import KINDS
from tests.desk import Desk
from tests.wms.both import CUSTOMER, ITEM, ITEMS, ORDER, STOCK, Both, value
from tests.wms.deadly import Deadly, Killed

ADJUSTMENT = KINDS["inventory_adjustments"]
STRIDE = int(os.environ.get("WMS_KILL_STRIDE", "11"))  # 1 = at every call


def prepared(both: Both) -> None:
    """Leave work of every kind for the next run."""
    bolt = both.create("inventory-items", name="Bolt", **ITEM)
    alder = both.create("customers", name="Alder", phone="1", email="a@x.com")
    both.create("customers", name="Gone")
    assert both.sync() == stage.OK
    stored = both.stored(CUSTOMER)
    both.change("customers", stored["Alder"].head.wms_id, phone="2")
    both.edit("customers", alder["id"], email="b@x.com")
    both.delete("customers", stored["Gone"].head.wms_id)
    both.create("customers", name="Cedar")
    both.insert("customers", id="w1", name="Birch")
    both.insert("sales_orders", id="o1", ref_number="S1", customer_id="w1",
                transaction_date="2026-11-20")  # fmt: skip
    both.insert("sales_order_lines", sales_order_id="o1", position="1", quantity="3",
                item_qb_id=bolt["id"], unit_price="2.00")  # fmt: skip
    assert both.fetch() == stage.OK
    assert both.plan("--force") == stage.OK


def copied(both: Both, root: Any) -> Both:
    """Return both sides as they are now, somewhere else."""
    found = Both(Desk(root))
    found.become(both)
    return found


def killed_at(both: Both, at: int) -> bool:
    """Apply the plan and die at a call; return whether it came to that."""
    deadly = Deadly(both)
    deadly.at = at
    try:
        both.apply()
    except Killed:
        return True
    finally:
        deadly.removed()
    return False


def check(both: Both) -> None:
    assert both.count(CUSTOMER) == dict.fromkeys(("Alder", "Birch", "Cedar", "Gone"), 1)
    assert both.count(ORDER) == {"S1": 1}
    there, stored = both.there(CUSTOMER), both.stored(CUSTOMER)
    assert sorted(stored) == ["Alder", "Birch", "Cedar"]
    for name, record in stored.items():
        assert record.head.id == there[name]["id"]
    alder = [value(CUSTOMER, stored["Alder"], name) for name in ("phone", "email")]
    assert alder == ["2", "b@x.com"]
    assert (there["Alder"]["phone"], there["Alder"]["email"]) == ("2", "b@x.com")
    assert not there["Gone"]["isActive"]
    assert both.stored(ORDER)["S1"].head.id == both.there(ORDER)["S1"]["id"]


@pytest.fixture(scope="module")
def ready(tmp_path_factory):
    both = Both(Desk(tmp_path_factory.mktemp("ready")))
    prepared(both)
    return both


def test_without_a_kill_everything_is_carried_out(ready, tmp_path):
    both = copied(ready, tmp_path / "copy")

    assert both.apply() == stage.OK, both.desk.out

    check(both)


def points(ready: Both, root: Any) -> int:
    """Return at how many calls a run can die."""
    both = copied(ready, root)
    deadly = Deadly(both)
    assert both.apply() == stage.OK
    return deadly.calls


def test_the_same_plan_applied_again_ends_what_a_killed_run_began(ready, tmp_path):
    for at in range(STRIDE, points(ready, tmp_path / "count") + 1, STRIDE):
        both = copied(ready, tmp_path / str(at))
        assert killed_at(both, at)

        both.apply()
        assert both.apply() == stage.OK, (at, both.desk.out)

        check(both)


def test_a_new_plan_ends_what_a_killed_run_began(ready, tmp_path):
    for at in range(STRIDE, points(ready, tmp_path / "count") + 1, STRIDE):
        both = copied(ready, tmp_path / str(at))
        assert killed_at(both, at)

        both.sync()
        assert both.sync() == stage.OK, (at, both.desk.out)

        check(both)


def test_without_any_log_nothing_is_there_twice(ready, tmp_path):
    for at in range(STRIDE, points(ready, tmp_path / "count") + 1, 3 * STRIDE):
        both = copied(ready, tmp_path / str(at))
        assert killed_at(both, at)
        shutil.rmtree(both.desk.logs)
        shutil.rmtree(both.desk.root / "data/plans", ignore_errors=True)

        both.sync()
        assert both.sync() == stage.OK, (at, both.desk.out)

        check(both)


class Signalling:
    """A company file during whose first write somebody asks the run to stop."""

    def __init__(self, desktop: Any) -> None:
        self._desktop, self._is_told = desktop, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._desktop, name)

    def write(self, change: Any) -> Any:
        """Write, after the signal; a second one would end the process."""
        if not self._is_told:
            os.kill(os.getpid(), signal.SIGTERM)
        self._is_told = True
        return self._desktop.write(change)


def test_a_signal_lets_the_record_in_flight_be_finished(ready, tmp_path):
    both = copied(ready, tmp_path / "copy")
    desktop, both.desktop = both.desktop, Signalling(both.desktop)

    assert both.apply() == 128 + signal.SIGTERM

    assert "not attempted" in both.desk.out
    both.desktop = desktop
    assert both.apply() == stage.OK
    check(both)


# --- an order that got a line -----------------------------------------------------------


class Dying:
    """A company file at one of whose writes the run dies, before or after it."""

    def __init__(self, both: Both, is_applied: bool) -> None:
        self._both, self._desktop, self._is_applied = both, both.desktop, is_applied
        both.desktop = self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._desktop, name)

    def write(self, change: Any) -> Any:
        """Die at it."""
        if self._is_applied:
            self._desktop.write(change)
        raise Killed

    def removed(self) -> None:
        """Let everybody live."""
        self._both.desktop = self._desktop


def dies(both: Both, is_applied: bool = True) -> None:
    """Apply the plan and die at the first write."""
    dying = Dying(both, is_applied)
    with pytest.raises(Killed):
        both.apply()
    dying.removed()
    both.passes(3700)


@pytest.fixture(scope="module")
def with_order(tmp_path_factory):
    """Return both sides with an order, to be copied."""
    both = Both(Desk(tmp_path_factory.mktemp("order")))
    bolt = both.create("inventory-items", name="Bolt", **ITEM)
    birch = both.create("customers", name="Birch")
    lines = [{"itemId": bolt["id"], "quantity": 3, "rate": "2.00"}]
    body = {"refNumber": "S1", "customerId": birch["id"], "transactionDate": "2026-11-20"}
    order = both.create("sales-orders", lines=lines, **body)
    assert both.sync() == stage.OK
    return both, order


@pytest.fixture
def ordered(both, with_order):
    """Return an order that both sides have."""
    made, order = with_order
    both.become(made)
    return order


@pytest.fixture
def lengthened(both, ordered):
    """Let the plan be to add a line and a memo to an order."""
    bolt = ordered["lines"][0]["item"]
    wms_id = both.stored(ORDER)["S1"].head.wms_id
    both.insert("sales_order_lines", sales_order_id=wms_id, position="2", quantity="11",
                item_qb_id=bolt["id"], unit_price="4.00")  # fmt: skip
    both.change("sales_orders", wms_id, memo="edited")
    both.prepare()
    return both


def quantities(both: Both) -> list[list[object]]:
    there = [line["quantity"] for line in both.there(ORDER)["S1"]["lines"]]
    return [there, [float(line.cells[2]) for line in both.stored(ORDER)["S1"].lines]]


@pytest.mark.parametrize("fates", [(True,), (False, True), (True, True), (False, False)])
def test_an_added_line_is_there_once(lengthened, fates):
    for is_applied in fates:
        if quantities(lengthened)[0] == [3]:
            dies(lengthened, is_applied)

    lengthened.apply()
    lengthened.sync()

    assert quantities(lengthened) == [[3, 11], [3, 11]]
    assert lengthened.prepare() == []


@pytest.mark.parametrize("is_applied", [False, True])
def test_an_added_line_is_there_once_where_a_person_wrote_there_meanwhile(
    lengthened, is_applied
):
    dies(lengthened, is_applied)
    order = lengthened.there(ORDER)["S1"]
    lengthened.edit("sales-orders", order["id"], memo="of a person")

    lengthened.apply()
    lengthened.sync()

    assert quantities(lengthened) == [[3, 11], [3, 11]]
    assert lengthened.prepare() == []


def test_a_line_of_a_person_is_not_taken_for_ours(lengthened):
    dies(lengthened)
    order = lengthened.there(ORDER)["S1"]
    theirs = {"id": "-1", "itemId": order["lines"][0]["item"]["id"], "quantity": 77}
    kept = [{"id": line["id"]} for line in order["lines"]]
    lengthened.edit("sales-orders", order["id"], lines=[theirs, *kept])

    lengthened.apply()
    lengthened.sync()

    assert quantities(lengthened) == [[77, 3, 11], [77, 3, 11]]
    assert lengthened.prepare() == []


@pytest.mark.parametrize("is_planned_again", [False, True])
def test_an_order_that_a_person_sends_again_is_there_once(
    both, ordered, is_planned_again
):
    both.remove("sales-orders", ordered["id"])
    both.prepare()
    both.decide("wms")
    dies(both)
    (both.desk.logs / "wms_inflight.csv").unlink()
    if is_planned_again:
        both.prepare()
        both.decide("wms", action="hold")

    both.apply()
    both.sync()

    assert both.count(ORDER) == {"S1": 1}
    assert len(both.records(ORDER)) == 1


# --- a create that somebody changed before it was found ---------------------------------


@pytest.fixture
def birch(both):
    """Let the plan be to create a customer in QuickBooks."""
    both.create("customers", name="Alder")
    both.sync()
    both.insert("customers", id="w1", name="Birch", phone="111", email="a@x.com")
    both.prepare()
    return both


@pytest.mark.parametrize("is_planned_again", [False, True])
def test_what_a_person_wrote_there_before_it_was_found_is_theirs(birch, is_planned_again):
    dies(birch)
    birch.edit("customers", birch.there(CUSTOMER)["Birch"]["id"], phone="222")
    if not is_planned_again:
        birch.apply()
    birch.sync()
    birch.sync()

    assert birch.there(CUSTOMER)["Birch"]["phone"] == "222"
    assert value(CUSTOMER, birch.stored(CUSTOMER)["Birch"], "phone") == "222"
    assert birch.prepare() == []


def test_what_both_wrote_before_it_was_found_is_a_card_for_each_field(birch):
    dies(birch)
    birch.edit("customers", birch.there(CUSTOMER)["Birch"]["id"], phone="222")
    birch.change("customers", "w1", phone="333", email="b@x.com")

    birch.apply()

    cards = {card.field: (card.base, card.wms, card.qbd) for card in birch.prepare()}
    assert cards == {
        "phone": ("111", "333", "222"),
        "email": ("a@x.com", "b@x.com", "a@x.com"),
    }


def test_what_the_plan_saw_was_sent_where_nobody_wrote_in_the_warehouse(birch):
    dies(birch)
    birch.edit("customers", birch.there(CUSTOMER)["Birch"]["id"], phone="222")
    (birch.desk.logs / "wms_sent.csv").unlink()

    birch.apply()

    (card,) = birch.prepare()
    assert (card.base, card.wms, card.qbd, card.rule) == ("111", "111", "222", "only_qbd")


def edited_without_a_trace(both: Both, here: str) -> None:
    """Die, forget what was sent, and write something on both sides."""
    dies(both)
    (both.desk.logs / "wms_sent.csv").unlink()
    both.edit("customers", both.there(CUSTOMER)["Birch"]["id"], phone="222")
    both.change("customers", "w1", phone=here)
    both.apply()
    both.prepare()


def phones(both: Both) -> tuple[str, str]:
    """Return the phone that each side has of the customer."""
    there, here = both.there(CUSTOMER)["Birch"], both.stored(CUSTOMER)["Birch"]
    return there["phone"], value(CUSTOMER, here, "phone")


def test_without_a_trace_of_what_was_sent_a_person_decides(birch):
    edited_without_a_trace(birch, "333")

    assert birch.apply() == SOME_ROWS_FAILED

    assert phones(birch) == ("222", "333")
    assert birch.bases(CUSTOMER).keys() & {"w1"} == set()
    assert "nobody knows what was sent; decide wms or qbd of phone" in birch.log()[-1].error


@pytest.mark.parametrize(("decision", "phone"), [("wms", "333"), ("qbd", "222")])
def test_what_a_person_decides_without_a_trace_goes(birch, decision, phone):
    edited_without_a_trace(birch, "333")
    birch.decide(decision, field="phone")

    assert birch.apply() == stage.OK

    assert phones(birch) == (phone, phone)
    assert birch.prepare() == []


def test_what_a_plan_saw_since_it_was_sent_is_no_trace(birch):
    dies(birch)
    (birch.desk.logs / "wms_sent.csv").unlink()
    birch.change("customers", "w1", phone="333")
    birch.edit("customers", birch.there(CUSTOMER)["Birch"]["id"], phone="222")
    birch.prepare()

    birch.apply()

    assert phones(birch) == ("222", "333")


def test_both_say_the_same_and_no_trace_is_needed(birch):
    edited_without_a_trace(birch, "222")

    assert birch.apply() == stage.OK

    assert phones(birch) == ("222", "222")
    assert birch.prepare() == []


@pytest.fixture
def written(both, ordered):
    """Let the plan be to create an order of two lines in QuickBooks."""
    bolt = ordered["lines"][0]["item"]
    customer = both.stored(CUSTOMER)["Birch"].head.wms_id
    both.insert("sales_orders", id="o2", ref_number="S2", customer_id=customer,
                transaction_date="2026-11-20", memo="ours")  # fmt: skip
    for position, quantity in (("1", "3"), ("2", "5")):
        both.insert("sales_order_lines", sales_order_id="o2", position=position,
                    quantity=quantity, item_qb_id=bolt["id"], unit_price="2.00")  # fmt: skip
    both.prepare()
    dies(both)
    return both.there(ORDER)["S2"]


def kept(lines: list[Any], **changes: Any) -> list[Any]:
    """Return lines as an update keeps them; one of them with changes."""
    found = [{"id": line["id"]} for line in lines]
    found[-1].update(changes)
    return found


@pytest.mark.parametrize("is_planned_again", [False, True])
def test_lines_that_a_person_wrote_before_an_order_was_found_stay(
    both, written, is_planned_again
):
    item = written["lines"][0]["item"]["id"]
    new = {"id": "-1", "itemId": item, "quantity": 7, "rate": "1.00"}
    lines = [*kept(written["lines"], quantity=6), new]
    both.edit("sales-orders", written["id"], lines=lines, memo="theirs")
    if not is_planned_again:
        both.apply()
    both.sync()
    both.sync()

    there = both.there(ORDER)["S2"]
    assert [line["quantity"] for line in there["lines"]] == [3, 6, 7]
    assert [line.cells[2] for line in both.stored(ORDER)["S2"].lines] == ["3", "6", "7"]
    assert there["memo"] == value(ORDER, both.stored(ORDER)["S2"], "memo") == "theirs"
    assert both.prepare() == []


def test_a_line_that_a_person_took_out_before_an_order_was_found_stays_out(both, written):
    both.edit("sales-orders", written["id"], lines=kept(written["lines"][1:]))

    both.apply()
    both.sync()

    assert [line["quantity"] for line in both.there(ORDER)["S2"]["lines"]] == [5]
    assert [line.cells[2] for line in both.stored(ORDER)["S2"].lines] == ["5"]
    assert both.prepare() == []


def test_an_order_that_nobody_knows_the_first_words_of_is_held(both, written):
    (both.desk.logs / "wms_sent.csv").unlink()
    both.edit("sales-orders", written["id"], memo="theirs")
    both.change("sales_orders", "o2", memo="ours again")

    both.apply()
    both.sync()

    assert both.there(ORDER)["S2"]["memo"] == "theirs"
    assert value(ORDER, both.stored(ORDER)["S2"], "memo") == "ours again"
    assert both.sync() == SOME_ROWS_FAILED


# --- adjustments, whose list QuickBooks may never end ------------------------------------


def adjusted(both: Both, *wms_ids: str) -> None:
    """Let the plan be to send movements of an item."""
    bolt = both.create("inventory-items", name="Bolt", **ITEM)
    assert both.sync() == stage.OK
    for wms_id in wms_ids:
        both.insert("inventory_adjustments", id=wms_id, ref_number=wms_id.upper(),
                    transaction_date="2026-11-24", account_id=STOCK)  # fmt: skip
        both.insert("inventory_adjustment_lines", inventory_adjustment_id=wms_id,
                    position="1", item_qb_id=bolt["id"], quantity_difference="4")  # fmt: skip
    both.prepare()


def unlisted(both: Both) -> None:
    """Plan while the list of adjustments is never answered."""
    both.scenario("1-99,list inventory-adjustments,504")
    both.fetch()
    both.plan("--force")


@pytest.fixture
def moved(both):
    """Die before an adjustment leaves; from now on their list is never answered."""
    adjusted(both, "w1", "w2")
    dies(both, False)
    both.insert("customers", id="c9", name="Cedar")
    unlisted(both)
    return both


def test_a_net_change_waits_for_an_adjustment_in_doubt(both):
    adjusted(both, "w1")
    dies(both)
    unlisted(both)

    assert both.apply() == IN_DOUBT

    assert [one.head.wms_id for one in both.records(ADJUSTMENT)] == ["w1"]
    assert "an adjustment of ours is in doubt" in both.log()[-1].error
    both.scenario()
    both.sync()
    both.sync()
    assert [one.head.wms_id for one in both.records(ADJUSTMENT)] == ["w1"]
    assert value(ITEMS, both.stored(ITEMS)["Bolt"], "quantity_on_hand") == "4"


def test_an_adjustment_that_stays_in_doubt_stops_nothing_else(moved):
    assert moved.apply() == IN_DOUBT

    assert list(moved.there(CUSTOMER)) == ["Cedar"]
    errors = moved.errors()  # two of them had been written down to leave
    assert {(error.id, error.outcome) for error in errors} == {
        ("w1", "in_doubt"),
        ("w2", "in_doubt"),
    }
    assert "decide approve" in errors[0].description


def test_an_adjustment_in_doubt_is_sent_where_a_person_says_so(moved):
    moved.apply()
    moved.scenario("1-99,list inventory-adjustments,504")
    moved.decide("approve", wms_id="w1")

    moved.apply()

    moved.scenario()
    assert moved.count(ADJUSTMENT) == {"W1": 1}


def test_an_adjustment_that_nobody_remembers_waits_for_an_answer(moved):
    for name in ("wms_runlog.csv", "wms_inflight.csv"):
        (moved.desk.logs / name).unlink()

    moved.apply()

    assert moved.outcomes() == {"created": 1, "held": 2}
    moved.scenario()
    assert moved.count(ADJUSTMENT) == {}


def test_a_net_change_waits_for_an_adjustment_that_was_found_only_now(both):
    adjusted(both, "w1")
    dies(both)
    unlisted(both)
    both.scenario()

    assert both.apply() == SOME_ROWS_FAILED

    assert [one.head.wms_id for one in both.records(ADJUSTMENT)] == ["w1"]
    assert "was found only now" in both.log()[-1].error
    unlisted(both)
    assert both.apply() == stage.OK
    assert [one.head.wms_id for one in both.records(ADJUSTMENT)] == ["w1"]
    assert value(ITEMS, both.stored(ITEMS)["Bolt"], "quantity_on_hand") == "4"


@pytest.mark.parametrize("is_edited", [False, True])
def test_an_adjustment_that_was_listed_before_it_was_found_is_in_the_level(both, is_edited):
    adjusted(both, "w1", "w2")
    dies(both)
    if is_edited:
        there = both.there(ADJUSTMENT)["W1"]
        both.edit("inventory-adjustments", there["id"], memo="theirs")
    assert both.sync() == stage.OK
    assert value(ITEMS, both.stored(ITEMS)["Bolt"], "quantity_on_hand") == "4"

    unlisted(both)

    net = [card for card in both.cards if card.rule == "net_change"]
    assert [(card.field, card.wms, card.qbd) for card in net] == [
        ("quantity_on_hand", "4", "8")
    ]
