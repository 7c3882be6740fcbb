"""Whatever people do on both sides, and wherever a push stops: the plan is right again."""

from __future__ import annotations

import os

import pytest

from tests.mis.walking import Walk

SEEDS = range(int(os.environ.get("MIS_PLAN_SEEDS", "12")))
ROUNDS, STEPS = 8, 12


@pytest.mark.parametrize("seed", SEEDS)
def test_a_walk_at_random_overwrites_nobody_and_forgets_nothing(seed):
    walk = Walk(seed)
    for _ in range(ROUNDS):
        for _ in range(STEPS):
            walk.step()
        walk.sync(share=walk.dice.choice([0.3, 0.7, 1.0]))

    walk.sync()

    assert walk.trampled == []
    assert walk.lost_lines() == []
    assert walk.lost_corrections() == []
    assert walk.doubles() == []
    assert walk.missing() == []


@pytest.mark.parametrize("seed", SEEDS)
def test_once_everything_is_pushed_there_is_nothing_left_to_send(seed):
    walk = Walk(seed)
    for _ in range(ROUNDS * STEPS):
        walk.step()
    walk.sync(share=0.5)
    walk.sync()

    assert [row.action for row in walk.plan() if row.action != "adopt"] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_a_push_that_stops_anywhere_changes_no_name_that_was_planned(seed):
    walk = Walk(seed)
    for _ in range(30):
        walk.step()
    planned = {(row.type, row.mis_id): row.display_name for row in walk.plan()}

    for _ in range(4):
        walk.sync(share=0.3)

    again = {(row.type, row.mis_id): row.display_name for row in walk.plan()}
    assert {key: planned[key] for key in again} == again
