"""What stops a plan: an emptied side, too much at once, a moved clock, back and forth."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest

from src.kit.errors import Refused
from tests.wms.three import LATER, NOON, Desktop, Said

BASE = Said({"name": "A", "is_active": "yes"})
AT_SEVEN = LATER.replace(":00+", ":07+")  # no time zone is apart by that
EDITED = Said({"name": "A", "is_active": "yes", "phone": "1"}, AT_SEVEN)
GONE = BASE._replace(more={"deleted_at": LATER})
MANY = 40


def write(desktop: Desktop, changed: int, three: tuple, kind: str = "vendors") -> None:
    """Write forty records, some of them as `three` says, the others unchanged."""
    rows = {
        f"{n:02}/80-{n}": three if n < changed else (BASE, BASE, BASE) for n in range(MANY)
    }
    desktop.write(kind, rows)


@pytest.mark.parametrize(
    ("three", "side"),
    [
        ((BASE, BASE, None), "on the QuickBooks side"),
        ((BASE, None, BASE), "on the warehouse's side"),
    ],
)
def test_an_emptied_side_stops_everything(desktop, three, side):
    write(desktop, MANY, three)

    with pytest.raises(Refused) as refused:
        desktop.plan("vendors")

    assert str(refused.value).startswith(f"wms_plan: 0 vendors {side}, 40 last time")
    assert str(refused.value).endswith("; use --force if that is right")


def test_the_last_record_may_go(desktop):
    desktop.write("vendors", {"1/80-1": (BASE, None, BASE)})

    assert [row.action for row in desktop.plan("vendors")] == ["inactivate"]


@pytest.mark.parametrize(
    ("three", "side"),
    [
        ((BASE, None, BASE), "on the warehouse's side"),
        ((BASE, BASE, GONE), "on the QuickBooks side"),
    ],
)
@pytest.mark.parametrize(("deleted", "is_stopped"), [(4, False), (5, True)])
def test_more_than_a_tenth_deleted_on_a_side_stops(
    desktop, three, side, deleted, is_stopped
):
    write(desktop, deleted, three)

    if is_stopped:
        told = re.escape(f"5 of 40 vendors deleted {side}, more than 10 % (--max-delete)")
        with pytest.raises(Refused, match=told):
            desktop.plan("vendors")
    else:
        assert len(desktop.plan("vendors")) == deleted


def test_each_side_is_weighed_by_itself(desktop):
    rows = {f"{n:02}/80-{n}": (BASE, BASE, BASE) for n in range(MANY)}
    rows |= {f"{n:02}/80-{n}": (BASE, None, BASE) for n in range(4)}
    rows |= {f"{n:02}/80-{n}": (BASE, BASE, GONE) for n in range(4, 8)}
    desktop.write("vendors", rows)

    assert len(desktop.plan("vendors")) == 8


def test_all_that_is_odd_is_named_at_once(desktop):
    write(desktop, 5, (BASE, None, BASE))
    write(desktop, MANY, (BASE, BASE, EDITED), "customers")

    with pytest.raises(Refused) as refused:
        desktop.plan("customers", "vendors")

    assert str(refused.value) == (
        "wms_plan: 40 of 40 customers changed on the QuickBooks side, more than 50 % "
        "(--max-change), and 5 of 40 vendors deleted on the warehouse's side, more than "
        "10 % (--max-delete); use --force if that is right"
    )


ORDER = Said({"ref_number": "1"})
ORDER_GONE = ORDER._replace(more={"deleted_at": LATER})


@pytest.mark.parametrize(
    ("kind", "three", "actions"),
    [
        ("vendors", (BASE, None, EDITED), {"hold"}),
        ("sales_orders", (ORDER, None, ORDER), {"hold"}),
        ("sales_orders", (ORDER, ORDER, ORDER_GONE), {"hold"}),
        ("invoices", (ORDER, None, ORDER), {"create"}),
    ],
)
def test_deletions_that_take_nothing_away_stop_nothing(desktop, kind, three, actions):
    rest = three[0]
    rows = {f"{n}/80-{n}": three if n < 8 else (rest, rest, rest) for n in range(MANY)}
    desktop.write(kind, rows)

    assert {row.action for row in desktop.plan(kind)} == actions


def test_what_a_first_match_brings_is_no_edit(desktop):
    rows = {f"{n}/80-{n}": (BASE, BASE, BASE) for n in range(20)}
    rows |= {f"{n}/80-{n}": (None, EDITED, BASE) for n in range(20, 40)}
    desktop.write("vendors", rows)

    assert {row.action for row in desktop.plan("vendors")} == {"link", "update"}


def test_what_both_changed_alike_is_no_edit_to_be_weighed(desktop):
    write(desktop, MANY, (BASE, EDITED, EDITED))

    assert {row.rule for row in desktop.plan("vendors")} == {"same_on_both"}


@pytest.mark.parametrize(
    ("kind", "values"),
    [("vendors", {"balance": "5.00"}), ("inventory_items", {"quantity_on_hand": "7"})],
)
def test_what_moves_by_itself_is_no_edit(desktop, kind, values):
    moved = BASE._replace(values={**BASE.values, **values})
    write(desktop, MANY, (BASE, BASE, moved), kind)

    assert len(desktop.plan(kind)) >= MANY


@pytest.mark.parametrize("three", [(BASE, EDITED, BASE), (BASE, BASE, EDITED)])
@pytest.mark.parametrize(("changed", "is_stopped"), [(20, False), (21, True)])
def test_more_than_a_half_changed_stops(desktop, three, changed, is_stopped):
    write(desktop, changed, three)

    if is_stopped:
        with pytest.raises(Refused, match=re.escape("(--max-change); use --force")):
            desktop.plan("vendors")
    else:
        assert len(desktop.plan("vendors")) == changed


def test_the_limits_are_options(desktop):
    write(desktop, 5, (BASE, None, BASE))

    assert len(desktop.plan("vendors", max_delete=12.5)) == 5
    with pytest.raises(Refused, match="more than 12.4 %"):
        desktop.plan("vendors", max_delete=12.4)


@pytest.mark.parametrize(
    ("three", "few", "told"),
    [
        ((BASE, None, BASE), 2, "3 of 19 vendors deleted on the warehouse's side"),
        ((BASE, EDITED, BASE), 10, "11 of 19 vendors changed on the warehouse's side"),
    ],
)
def test_of_fewer_than_twenty_records_as_many_may_go_as_of_twenty(
    desktop, three, few, told
):
    for count in (few, few + 1):
        rows = {
            f"{n}/80-{n}": three if n < count else (BASE, BASE, BASE) for n in range(19)
        }
        desktop.write("vendors", rows)
        if count == few:
            assert len(desktop.plan("vendors")) == few

    with pytest.raises(Refused, match=told):
        desktop.plan("vendors")


def test_items_are_weighed_together(desktop):
    for kind, count in (("service_items", 10), ("discount_items", 15)):
        rows = {f"{n}/80-{n}": (BASE, None if n < 2 else BASE, BASE) for n in range(count)}
        desktop.write(kind, rows)

    with pytest.raises(Refused, match="4 of 25 items deleted on the warehouse's side"):
        desktop.plan("service_items", "discount_items")


def moved(desktop: Desktop, side: str, minutes: float, odd: int = 0) -> None:
    """Write records whose times moved on a side; `odd` of them did not."""
    rows = {}
    for n in range(MANY):
        at = datetime.fromisoformat(NOON) + timedelta(minutes=0 if n < odd else minutes)
        now = BASE._replace(at=at.isoformat())
        rows[f"{n:02}/80-{n}"] = (BASE, *((now, BASE) if side == "wms" else (BASE, now)))
    desktop.write("vendors", rows)


@pytest.mark.parametrize(
    ("side", "minutes", "told"),
    [("wms", 60, "+1 h"), ("qbd", -120, "-2 h"), ("qbd", 45, "+0.75 h")],
)
def test_a_moved_time_zone_stops(desktop, side, minutes, told):
    moved(desktop, side, minutes)

    with pytest.raises(Refused, match=re.escape(f"moved by {told}; use --force")):
        desktop.plan("vendors")


def test_a_few_times_that_moved_alike_are_edits(desktop):
    now = BASE._replace(at=LATER)
    desktop.write("vendors", {f"{n}/80-{n}": (BASE, now, BASE) for n in range(19)})

    assert desktop.plan("vendors") == []


def test_a_moved_time_zone_is_seen_among_a_few_that_were_edited(desktop):
    moved(desktop, "wms", 60, odd=4)

    with pytest.raises(Refused, match=re.escape("nearly all vendors on the warehouse's side")):
        desktop.plan("vendors")


@pytest.mark.parametrize(("minutes", "odd"), [(0, 0), (7, 0), (60, 5)])
def test_times_that_moved_otherwise_are_edits(desktop, minutes, odd):
    moved(desktop, "wms", minutes, odd)

    assert desktop.plan("vendors") == []


def test_force_lets_the_brakes_pass_and_says_so(desktop):
    write(desktop, 30, (BASE, None, BASE))
    planner = desktop.planner("vendors", is_forced=True)

    assert len(list(planner.rows())) == 30
    assert planner.tally.notes == [
        "30 of 40 vendors deleted on the warehouse's side, more than 10 % (--max-delete); "
        "--force let it pass"
    ]


@pytest.mark.parametrize(("flips", "action"), [("2", "update"), ("3", "hold")])
def test_what_goes_back_and_forth_is_held(desktop, flips, action):
    base = BASE._replace(more={"flips": flips})
    desktop.write("vendors", {"1/80-1": (base, EDITED, BASE)})

    (card,) = desktop.plan("vendors")

    assert card.action == action
    assert desktop.plan("vendors", max_flips=4)[0].action == "update"


@pytest.mark.parametrize(("field", "words"), [("phone", "wms or qbd"), ("balance", "qbd")])
def test_what_goes_back_and_forth_says_which_words_decide_it(desktop, field, words):
    base = BASE._replace(more={"flips": "3"})
    qbd = BASE._replace(values={**BASE.values, field: "5.00"}, at=AT_SEVEN)
    desktop.write("vendors", {"1/80-1": (base, BASE, qbd)})

    (card,) = desktop.plan("vendors")

    assert card.reason.endswith(f"find out who writes it; decide {words}")
