"""What is said of a person's present, whatever the rows say."""

from __future__ import annotations

import pytest

from src.kit.stories import Found
from src.mis.biography import TELLER
from src.mis.records import NAMES, PEOPLE, PLAN, RUNLOG

TS = "2026-11-20T08:00:00.000000+00:00"
WHO = {"type": "Applicant", "mis_id": "1", "identifier": "1"}


def row(table: str, place: str = "", **cells: str) -> Found:
    return Found(table, place or f"data/{table}", 2, {**WHO, **cells})


def planned(action: str, decision: str = "", place: str = "") -> Found:
    return row(
        PLAN.name, place, row="r1", action=action, reason="why", decision=decision
    )


def ended(outcome: str, error: str = "") -> Found:
    return row(RUNLOG.name, ts=TS, outcome=outcome, quickbooks_id="58", error=error)


NAMED = Found(NAMES.name, NAMES.place, 2, {"list": "Vendor", "id": "7", "name": "Acme"})


def back(action: str, outcome: str = "updated") -> Found:
    return row(
        *(RUNLOG.name, ""),
        **{"ts": TS, "run_id": "r9", "outcome": outcome, "action": action},
        **{"quickbooks_id": "58", "key": "k9"},
    )


THERE = "created as customer 58 on 2026-11-20 08:00:00 UTC"
BACK = "taken back by run r9 on 2026-11-20 08:00:00 UTC"
KEPT = "data/plans/r7.csv"


@pytest.mark.parametrize(
    ("rows", "state", "step"),
    [
        ([row(PEOPLE.name)], "the MIS has it, and nothing is planned", "make mis-plan"),
        ([NAMED], "only QuickBooks has it", "nothing to do"),
        ([planned("create")], "planned (create) and never sent", "make mis-push"),
        (
            [planned("hold")],
            "it waits for a person: why",
            "decide row r1 in data/mis_plan",
        ),
        (
            [planned("hold", "approve")],
            "planned (hold) and never sent",
            "make mis-push",
        ),
        (
            [ended("created")],
            "created as customer 58 on 2026-11-20 08:00:00",
            "nothing",
        ),
        (
            [ended("created", "Notes were cut")],
            "created as customer 58 on 2026-11-20 08:00:00 UTC; Notes",
            "nothing",
        ),
        ([ended("failed", "6000")], "failed: 6000", "make mis-plan"),
        ([ended("failed", "6000"), planned("create")], "failed: 6000", "make mis-push"),
        ([planned("hold", "hold")], "it waits for a person: why", "decide row r1"),
        (
            [ended("created"), planned("update", "skip")],
            f"{THERE}; left as it is, as decided in row r1",
            "nothing to do",
        ),
        (
            [ended("created"), planned("update")],
            f"{THERE}; planned since and not sent: update",
            "make mis-push",
        ),
        (
            [planned("create"), planned("create", place=KEPT)],
            "planned (create) and never sent",
            "make mis-push",
        ),
        ([back("inactivate", "removed")], f"{BACK}: customer 58 is inactive", "make mis"),
        ([back("unlink", "removed")], f"{BACK}: customer 58 carries no mark", "make mis"),
        (
            [ended("in_doubt", "reset")],
            "nobody knows how its last attempt ended",
            "make mis",
        ),
    ],
)
def test_the_present_is_one_sentence_and_a_step(rows, state, step):
    story = TELLER.tell(rows, {})

    assert story.state.startswith(state)
    assert story.next_step.startswith(step)


@pytest.mark.parametrize(
    ("cells", "tokens"),
    [
        ({"list": "Vendor", "id": "7"}, [("Vendor", "7")]),
        (
            {"list": "Customer", "id": "7", "key": "k1"},
            [("customer", "7"), ("key", "k1")],
        ),
    ],
)
def test_a_vendor_is_not_the_customer_of_the_same_number(cells, tokens):
    assert list(TELLER.tokens(Found(NAMES.name, "", 2, cells))) == tokens


def test_an_applied_plan_names_its_run():
    lines = (
        TELLER.tell([planned("create", place="data/plans/r9.csv")], {})
        .chapters[0]
        .lines
    )

    assert lines[-1] == "row r1, data/plans/r9.csv line 2, applied by run r9"


def test_a_lease_says_in_whose_hands_a_person_is():
    lines = (
        TELLER.tell([row(PEOPLE.name, status="3", leased_by="r9@a")], {})
        .chapters[0]
        .lines
    )

    assert "the MIS says: in progress" in lines
    assert "in the hands of r9@a" in lines


def sent(place: str, action: str, key: str, payload: str) -> Found:
    return row(PLAN.name, place, row="r1", action=action, key=key, payload=payload)


FORWARD = sent("data/plans/r7.csv", "update", "k1", '{"Phone": "2", "Email": "a"}')


@pytest.mark.parametrize(
    ("payload", "state"),
    [
        (
            '{"Phone": "1"}',
            "put back by run r9 on 2026-11-20 08:00:00 UTC, differs from the MIS in Phone",
        ),
        ('{"Phone": "2"}', "updated as customer 58 on 2026-11-20 08:00:00 UTC"),
    ],
)
def test_what_an_undo_put_back_says_in_what_it_differs_from_the_mis(payload, state):
    undone = sent("data/plans/r9.csv", "restore", "k9", payload)

    story = TELLER.tell([FORWARD, undone, back("restore")], {})

    assert story.state == state


def test_what_was_put_back_is_sent_again_where_the_mis_changes_it():
    undone = sent("data/plans/r9.csv", "restore", "k9", '{"Phone": "1"}')

    story = TELLER.tell([FORWARD, undone, back("restore")], {})

    assert story.next_step == "edit it in the MIS if that is to be sent, then make mis-sync"
