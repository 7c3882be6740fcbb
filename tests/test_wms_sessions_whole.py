"""Whole sessions with the real doors: the demo until nothing is left, and a brake."""

from __future__ import annotations

import json
import sqlite3

import pytest

from src import config, wms_demo, wms_sync
from src.kit import errors
from src.office import wms_session
from src.wms.records import ERRORS, PLAN
from tests.desk import Desk


@pytest.fixture
def demo(desk) -> Desk:
    assert desk.run(wms_demo, "make") == errors.OK
    return desk


def synced(desk: Desk, *types: str) -> dict:
    """Carry out a session; return its status."""
    desk.run(wms_sync, "run", *types)
    desk.run(wms_sync, "status", "--json")
    return json.loads(desk.out)


def test_the_demo_is_synchronized_edited_and_synchronized_until_nothing_is_left(demo):
    first = synced(demo)
    demo.run(wms_demo, "edit")
    second, _, last = (synced(demo) for _ in range(3))

    assert {one["status"] for one in (first, second, last)} == {"completed"}
    assert first["synced_objects"] > 50 and second["synced_objects"] > 30
    assert last["synced_objects"] == 0
    assert len(last["errors"]) == last["failed_objects"] == len(demo.rows(ERRORS)) > 0
    assert _sums(second) == [second[f"{word}_objects"] for word in WORDS]


WORDS = ("total", "synced", "failed")


def _sums(status: dict) -> list[int]:
    counts = status["object_progress"].values()
    return [sum(count[word] for count in counts) for word in WORDS]


def test_a_session_of_some_types_plans_those_and_a_brake_fails_it_in_its_own_words(demo):
    assert synced(demo, "customers")["status"] == "completed"
    assert {row.type for row in demo.rows(PLAN)} == {"customers"}
    with sqlite3.connect(demo.config.wms_database_file) as warehouse:
        warehouse.execute("DELETE FROM customers")

    found = synced(demo, "customers")

    assert (found["status"], found["synced_objects"]) == ("failed", 0)
    assert found["errors"][0].startswith("wms_plan: 0 customers ")
    assert "--force" in found["errors"][0]


def test_the_doors_of_a_session_are_there():
    for stage in wms_session.stages(["items"]):
        assert (config.ROOT / "src" / f"{stage.door}.py").exists()
