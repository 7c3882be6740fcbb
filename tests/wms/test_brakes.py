"""What stops a plan: an emptied side, too much at once, a moved clock, back and forth."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest

from src.kit.errors import Refused
from tests.wms.three import LATER, NOON, Desktop, Said

BASE = Said({"name": "A", "is_active": "yes"})
EDITED = Said({"name": "A", "is_active": "yes", "phone": "1"}, LATER)
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

    expected = f"wms: 0 vendors {side}, 40 last time; use --force if that is right"
    assert str(refused.value) == expected


def test_the_last_record_may_go(desktop):
    desktop.write("vendors", {"1/80-1": (BASE, None, BASE)})

    assert [row.action for row in desktop.plan("vendors")] == ["inactivate"]


@pytest.mark.parametrize("three", [(BASE, None, BASE), (BASE, BASE, GONE)])
@pytest.mark.parametrize(("deleted", "is_stopped"), [(4, False), (5, True)])
def test_more_than_a_tenth_deleted_stops(desktop, three, deleted, is_stopped):
    write(desktop, deleted, three)

    if is_stopped:
        with pytest.raises(Refused, match=re.escape("5 of 40 vendors deleted, more than 10 %")):
            desktop.plan("vendors")
    else:
        assert len(desktop.plan("vendors")) == deleted


def test_deletions_that_wait_for_a_person_stop_nothing(desktop):
    write(desktop, 8, (BASE, None, EDITED))

    assert {row.action for row in desktop.plan("vendors")} == {"hold"}


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


def test_of_a_few_records_all_may_change(desktop):
    desktop.write("vendors", {f"{n}/80-{n}": (BASE, EDITED, BASE) for n in range(19)})

    assert len(desktop.plan("vendors")) == 19


def test_items_are_weighed_together(desktop):
    for kind, count in (("service_items", 10), ("discount_items", 15)):
        rows = {f"{n}/80-{n}": (BASE, None if n < 2 else BASE, BASE) for n in range(count)}
        desktop.write(kind, rows)

    with pytest.raises(Refused, match="4 of 25 items deleted"):
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
    [("wms", 60, "+1 hours"), ("qbd", -120, "-2 hours"), ("qbd", 45, "+0.75 hours")],
)
def test_a_moved_time_zone_stops(desktop, side, minutes, told):
    moved(desktop, side, minutes)

    with pytest.raises(Refused, match=re.escape(f"moved by {told}; use --force")):
        desktop.plan("vendors")


@pytest.mark.parametrize(("minutes", "odd"), [(0, 0), (7, 0), (60, 1)])
def test_times_that_moved_otherwise_are_edits(desktop, minutes, odd):
    moved(desktop, "wms", minutes, odd)

    assert desktop.plan("vendors") == []


def test_force_lets_the_brakes_pass_and_says_so(desktop):
    write(desktop, 30, (BASE, None, BASE))
    planner = desktop.planner("vendors", is_forced=True)

    assert len(list(planner.rows())) == 30
    assert planner.tally.notes == [
        "30 of 40 vendors deleted, more than 10 % (--max-delete); --force let it pass"
    ]


@pytest.mark.parametrize(("flips", "action"), [("2", "update"), ("3", "hold")])
def test_what_goes_back_and_forth_is_held(desktop, flips, action):
    base = BASE._replace(more={"flips": flips})
    desktop.write("vendors", {"1/80-1": (base, EDITED, BASE)})

    (card,) = desktop.plan("vendors")

    assert card.action == action
    assert desktop.plan("vendors", max_flips=4)[0].action == "update"
