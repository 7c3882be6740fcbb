"""Whoever changes custom fields, whatever the mode: none is nowhere, none is typed over."""

from __future__ import annotations

import os

import pytest

from tests.mis.drifting import NAMES, Drift

SEEDS = range(int(os.environ.get("MIS_DRIFT_SEEDS", "8")))


@pytest.fixture(params=SEEDS)
def drift(request):
    """Return two sides on which a lot happened."""
    found = Drift(request.param)
    found.sync()
    for _ in range(8):
        for _ in range(4):
            found.step()
        found.sync()
    return found


def test_what_people_typed_stays_until_the_mis_says_something_else(drift):
    assert drift.trampled == []


def test_after_two_synchronizations_every_value_is_somewhere(drift):
    drift.sync(), drift.sync()

    assert drift.nowhere() == []


def test_with_every_definition_there_is_an_end_of_it(drift):
    drift.company.define(set(NAMES))

    for _ in range(3):
        drift.sync()

    assert [row.reason for row in drift.plan()] == []


def test_with_the_log_lost_every_value_is_somewhere_all_the_same(drift):
    drift.log.clear()
    drift.switch()

    drift.sync(), drift.sync()

    assert (drift.nowhere(), drift.trampled) == ([], [])
