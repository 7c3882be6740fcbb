"""Where the next plan would stop at an undo: it is said beforehand, with the way out."""

from __future__ import annotations

import pytest

from src.wms.records import HOLD, UNDO, Planned
from src.wms.undoing_notes import Weight, notes
from tests.wms.both import CUSTOMER, value

BLANK = Planned(*[""] * len(Planned._fields))
ROW = BLANK._replace(action=UNDO, type="customers", field="phone", base="1")


def rows(count, **cells):
    """Return as many rows, each of a record of its own."""
    return [ROW._replace(id=f"q{n}", wms_id=f"w{n}", **cells) for n in range(count)]


def weight(agreed=20, **flips):
    """Return what limits are held against."""
    told = {("customers", wms_id): count for wms_id, count in flips.items()}
    return Weight({"customers": agreed}, told)


@pytest.mark.parametrize(
    ("count", "agreed", "cells", "said"),
    [
        (10, 20, {}, ""),
        (11, 20, {}, "11 of 20 customers are more than 50 % (--max-change)"),
        (11, 1000, {}, ""),
        (501, 1000, {}, "501 of 1,000 customers are more than 50 % (--max-change)"),
        (10, 2, {}, ""),
        (2, 20, {"field": "is_active", "base": "no"}, ""),
        (3, 20, {"field": ""}, "3 of 20 customers are more than 10 % (--max-delete)"),
        (3, 20, {"field": "is_active", "base": "no"}, "more than 10 % (--max-delete)"),
        (3, 20, {"field": "is_active", "base": "yes"}, ""),
        (11, 20, {"action": HOLD}, ""),
    ],
)
def test_what_is_more_than_a_plan_lets_pass_is_said(count, agreed, cells, said):
    found = list(notes(rows(count, **cells), weight(agreed)))

    assert bool(found) == bool(said)
    for sentence in found:
        assert said in sentence and sentence.endswith("make wms-sync ARGS=--force")


def test_several_fields_of_a_record_are_one_change():
    twice = [row._replace(field=field) for row in rows(10) for field in ("phone", "email")]

    assert list(notes(twice, weight())) == []


@pytest.mark.parametrize(("flips", "is_said"), [(2, False), (3, True), (9, True)])
def test_what_went_back_and_forth_too_often_is_said(flips, is_said):
    found = list(notes(rows(2), weight(w1=flips)))

    assert any("1 record(s) went back and forth" in one for one in found) == is_said
    assert all("decide qbd there" in one for one in found)


# --- both doors -----------------------------------------------------------------------


@pytest.fixture
def tossed(both):
    """Return both sides after the same value was taken back and forth three times."""
    both.create("customers", name="Ada", phone="111")
    both.sync()
    both.change("customers", both.stored(CUSTOMER)["Ada"].head.wms_id, phone="222")
    both.sync()
    both.run("UPDATE wms_base SET flips = 3")
    return both


def test_an_undo_that_the_next_plan_holds_says_so_and_the_way_out_is_one(tossed):
    tossed.undo()
    assert "the next make wms-plan holds them (--max-flips)" in tossed.desk.out
    tossed.apply()
    there = tossed.there(CUSTOMER)["Ada"]["phone"]

    tossed.fetch()
    tossed.plan()
    assert [card.action for card in tossed.cards] == [HOLD]
    tossed.decide("qbd")
    tossed.apply()

    assert value(CUSTOMER, tossed.stored(CUSTOMER)["Ada"], "phone") == there


def test_the_undo_of_a_large_run_says_that_it_may_need_force(both):
    for number in range(11):
        both.insert("customers", id=f"w{number}", name=f"N{number}")
    both.sync()

    assert both.undo() == 0
    assert "11 of 11 customers are more than 10 % (--max-delete)" in both.desk.out
    both.apply()

    both.fetch()
    assert both.plan() == 2 and "use --force if that is right" in both.desk.err
