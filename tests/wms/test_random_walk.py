"""Whatever people, networks and computers do: once it is quiet, both sides agree."""

from __future__ import annotations

import os

import pytest

from tests.wms.walk import Walk

STEPS = int(os.environ.get("WMS_WALK_STEPS", "150"))
SEEDS = range(int(os.environ.get("WMS_WALK_SEEDS", "1")))
BETWEEN = 25  # steps between two synchronizations


@pytest.mark.parametrize("seed", SEEDS)
def test_a_walk_at_random_ends_in_agreement(both, seed):
    walk = Walk(both, seed)
    for _ in range(0, STEPS, BETWEEN):
        walk.steps(BETWEEN)
        walk.sync(fail_rate=0.1, may_die=walk.dice.random() < 0.5)

    for _ in range(4):
        walk.sync()
    before = walk.waiting()
    walk.sync()

    assert walk.waiting() == before
    assert walk.unfinished() == []
    assert walk.created_twice() == []
    assert walk.different() == []
    assert walk.lost() == []
    assert walk.moved() == {}
