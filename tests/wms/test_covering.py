"""What is open of a type stays in the errors view until a run has met the type again."""

from __future__ import annotations

import pytest

from src.kit import receipts
from src.wms import covering
from src.wms.covering import Author
from src.wms.records import FETCH

AT = "2026-11-20T09:00:00.000000+00:00"


@pytest.fixture
def held(both):
    """Return two sides whose last run held a customer and a vendor."""
    both.insert("customers", id="w1", name="a:b")
    both.insert("vendors", id="w2", name="c:d")
    both.prepare()
    both.apply()
    assert named(both) == ["customers w1", "vendors w2"]
    return both


def named(both):
    return sorted(f"{error.type} {error.id}" for error in both.errors())


def test_a_run_of_some_types_keeps_what_is_open_of_others(held):
    held.prepare("customers")

    held.apply()

    assert named(held) == ["customers w1", "vendors w2"]


def test_a_run_that_finds_nothing_of_a_type_clears_it_alone(held):
    held.delete("customers", "w1")
    held.prepare("customers")

    held.apply()

    assert named(held) == ["vendors w2"]


def test_a_run_of_all_types_clears_what_is_settled(held):
    held.delete("customers", "w1")
    held.delete("vendors", "w2")
    held.prepare()

    held.apply()

    assert named(held) == []


def test_a_dry_run_covers_nothing(held):
    before = covering.last_runs(held.desk.logs)

    held.apply("--dry-run")

    assert covering.last_runs(held.desk.logs) == before


def test_a_run_that_left_something_covers_nothing(held):
    before = covering.last_runs(held.desk.logs)
    held.insert("customers", id="w3", name="E")
    held.insert("customers", id="w4", name="F")
    held.prepare()

    held.apply("--limit", "1")

    assert covering.last_runs(held.desk.logs) == before
    assert named(held) == ["customers w1", "vendors w2"]


def test_the_last_run_of_each_type_is_known(tmp_path):
    covering.note_planned(tmp_path, Author(AT, "p1", "wms_plan"), {"vendors", "customers"})
    covering.note_applied(tmp_path, Author(AT, "a1", "wms_apply"), "p1")
    covering.note_planned(tmp_path, Author(AT, "p2", "wms_plan"), {"vendors"})
    covering.note_applied(tmp_path, Author(AT, "a2", "wms_apply"), "p2")

    assert covering.last_runs(tmp_path) == {"customers": "a1", "vendors": "a2"}


def test_a_plan_of_which_nobody_wrote_down_the_types_covers_nothing(tmp_path):
    covering.note_applied(tmp_path, Author(AT, "a1", "wms_apply"), "p1")

    assert covering.last_runs(tmp_path) == {}
    assert list(receipts.read(tmp_path)) == []


def test_a_dry_run_with_nothing_to_do_does_not_send_to_apply(both):
    both.prepare()

    both.apply("--dry-run")

    assert f"next: {FETCH}" in both.desk.out


def test_a_dry_run_of_held_cards_alone_sends_to_the_decisions(held):
    held.apply("--dry-run")

    assert "next: decide in data/wms_plan.csv, then make wms-apply" in held.desk.out


def test_a_dry_run_that_would_do_something_sends_to_apply(both):
    both.create("customers", name="Alder")
    both.prepare()

    both.apply("--dry-run")

    assert "next: make wms-apply" in both.desk.out
