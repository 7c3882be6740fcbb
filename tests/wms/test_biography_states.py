"""What is said of a record's present on both sides, whatever the rows say."""

from __future__ import annotations

import pytest

from src.kit.stories import Found, Story
from src.wms.biography import TELLER
from src.wms.records import DECIDED, PLAN, REJECTS, RUNLOG

TS = "2026-11-20T08:00:00.000000+00:00"
IDS = {"kind": "customers", "wms_id": "w1", "id": "q1"}


def row(table: str, place: str = "", **cells: str) -> Found:
    return Found(table, place or f"data/{table}", 2, {**IDS, **cells})


def planned(action: str, decision: str = "", place: str = "") -> Found:
    return row(
        PLAN.name, place, row="r1", action=action, reason="why", decision=decision
    )


def ended(outcome: str, **cells: str) -> Found:
    return row(RUNLOG.name, ts=TS, outcome=outcome, error="e", run_id="r1", **cells)


HERE, THERE = row("wms_customers.csv"), row("qbd_customers.csv")
OTHER = row("qbd_customers.csv", phone="9")
GONE = row("qbd_customers.csv", deleted_at=TS)
AGREED = row("wms_base_customers.csv")
DECIDED_ROW = row(DECIDED.name, DECIDED.place, row="r1", action="hold", decision="skip")


@pytest.mark.parametrize(
    ("rows", "state", "step"),
    [
        ([HERE, THERE], "both sides have it, and nothing is planned", "nothing to do"),
        ([HERE], "the warehouse has it", "make wms-plan"),
        (
            [planned("hold")],
            "it waits for a person: why",
            "decide row r1 in data/wms_plan",
        ),
        ([planned("hold", "skip")], "left as it is, as decided in row r1", "nothing"),
        ([planned("hold", "wms")], "1 change(s) are planned and not", "make wms-apply"),
        ([planned("update", "hold")], "it waits for a person: why", "decide row r1"),
        (
            [planned("update"), planned("update", place="data/plans/r1.csv")],
            "1 change(s) are planned and not",
            "make wms-apply",
        ),
        ([DECIDED_ROW], "decided (skip) in data/wms_decided.csv; the", "make wms-plan"),
        ([HERE, THERE, ended("held")], "both sides have it, and nothing", "nothing"),
        ([HERE, OTHER, ended("held")], "last: held, e; data/wms_plan", "make wms-plan"),
        ([HERE, OTHER], "the two sides differ in phone, and nothing", "make wms-sync"),
        (
            [HERE, GONE],
            "QuickBooks has deleted it on 2026-11-20 08:00:00 UTC; the warehouse keeps",
            "nothing",
        ),
        (
            [THERE, AGREED, ended("updated")],
            "the warehouse has deleted it; QuickBooks keeps it, updated on",
            "nothing",
        ),
        ([AGREED], "neither side has it", "make wms-plan"),
        (
            [planned("update"), HERE],
            "1 change(s) are planned and not",
            "make wms-apply",
        ),
        (
            [
                planned("update"),
                planned("update", place="data/plans/r1.csv"),
                ended("updated"),
                HERE,
                THERE,
            ],
            "both sides have it",
            "nothing",
        ),
        (
            [ended("in_doubt")],
            "nobody knows how its last attempt ended: e",
            "make wms-apply",
        ),
        ([ended("failed")], "last: failed, e", "make wms-plan"),
        ([ended("updated")], "updated on 2026-11-20 08:00:00 UTC", "nothing to do"),
        (
            [row(REJECTS.name, reason="bad")],
            "it cannot be read in the warehouse",
            "mend it",
        ),
    ],
)
def test_the_present_is_one_sentence_and_a_step(rows, state, step):
    story = TELLER.tell(rows, {})

    assert story.state.startswith(state)
    assert story.next_step.startswith(step)


def title(*rows: Found) -> str:
    return TELLER.tell(rows, {}).title


def test_a_record_is_titled_by_its_kind_name_and_ids():
    assert title(row(RUNLOG.name, ts=TS, outcome="updated", name="Acme")) == (
        "customers “Acme” (warehouse w1, QuickBooks q1)"
    )


def test_an_intent_alone_is_known_by_its_key():
    found = Found("wms_inflight.csv", "logs/wms_inflight.csv", 2, {"key": "k1"})

    story: Story = TELLER.tell([found], {})

    assert story.name == "k1"
    assert story.title == "record (known by its key alone)"


def test_a_side_that_differs_says_in_what():
    here = row("wms_customers.csv", name="Acme", phone="1")
    there = row("qbd_customers.csv", name="Acme", phone="2", revision_number="9")

    lines = [
        line
        for chapter in TELLER.tell([here, there], {}).chapters
        for line in chapter.lines
    ]

    assert "name=“Acme”, phone=“1”" in lines
    assert "has phone=“2”" in lines and "revision 9" in lines


def test_a_deleted_record_says_when():
    found = row("qbd_customers.csv", deleted_at=TS)

    [chapter] = TELLER.tell([found], {}).chapters

    assert "deleted in QuickBooks on 2026-11-20 08:00:00 UTC" in chapter.lines


def test_a_card_without_field_or_reason_leaves_no_gap():
    card = row(PLAN.name, row="r1", action="create", target="wms")

    lines = TELLER.tell([card], {}).chapters[0].lines

    assert lines[0] == "create in the warehouse (row r1)"


def fetched(when: str) -> list[Found]:
    """Return both sides as they were fetched then."""
    return [one._replace(made=when) for one in (HERE, THERE)]


BEFORE, AFTER = "2026-11-20T07:59:59.000000+00:00", "2026-11-20T08:00:01.000000+00:00"
ON = "on 2026-11-20 08:00:00 UTC"


@pytest.mark.parametrize(
    ("last", "state", "step"),
    [
        (
            ended("updated", action="undo", target="qbd", fields="phone"),
            f"QuickBooks was put back by run r1 {ON} in phone; the warehouse was not yet",
            "make wms-sync",
        ),
        (
            ended("updated", action="update", target="wms"),
            "both sides have it, and nothing is planned since it was updated in the "
            f"warehouse {ON}",
            "nothing to do",
        ),
        (
            ended("updated", action="inactivate", target="qbd"),
            "inactivate in QuickBooks is done, and nothing is planned since it was "
            f"updated in QuickBooks {ON}",
            "nothing to do",
        ),
        (
            ended("held"),
            "last: held, e; data/wms_plan.csv has no row of it",
            "make wms-plan",
        ),
    ],
)
def test_what_was_written_since_the_fetch_is_told_by_the_log(last, state, step):
    story = TELLER.tell([*fetched(BEFORE), last], {})

    assert (story.state, story.next_step) == (state, step)
    assert TELLER.tell([*fetched(AFTER), last], {}).state.startswith("both sides have it")


def test_what_is_held_may_stand_in_lines_that_are_not_looked_at():
    order = {"kind": "sales_orders", "wms_id": "w1", "id": "q1"}
    sides = [Found(f"{one}_sales_orders.csv", "", 2, order) for one in ("wms", "qbd")]

    story = TELLER.tell([*sides, ended("held", kind="sales_orders")], {})

    assert story.state.startswith("last: held")
