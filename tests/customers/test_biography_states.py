"""What is said of a customer's present, whatever the rows say."""

from __future__ import annotations

import pytest

from src.customers.biography import EXPORT, TELLER, stored_ids
from src.customers.ladder import new_id
from src.customers.records import CHECKED, PLAN, REJECTS, RUNLOG
from src.kit import judgements
from src.kit.stories import Found, Story

FILE = "data/export.csv"
TS = "2026-11-20T08:00:00.000000+00:00"


def row(table: str, **cells: str) -> Found:
    return Found(table, f"x/{table}", 2, {"name": "Acme", **cells}, FILE)


def planned(action: str, **cells: str) -> Found:
    return row(
        PLAN.name, row="r1", action=action, line="2", reason="it says so", **cells
    )


def logged(outcome: str, line: str = "2", file: str = FILE) -> Found:
    cells = {"line": line, "file": file, "name": "", "error": "twice"}
    return row(RUNLOG.name, ts=TS, outcome=outcome, **cells)


OLDER = Found(EXPORT, "x", 2, {"Customer Name": "Acme", "line": "2"}, "data/older.csv")


def told(*rows: Found, **stored: str) -> Story:
    return TELLER.tell(rows, stored)


@pytest.mark.parametrize(
    ("rows", "state", "step"),
    [
        ([planned("create")], "not stored; planned: create", "make customers-import"),
        (
            [planned("hold")],
            "not stored; it waits for a person: it says so",
            "decide row r1",
        ),
        ([planned("unchanged")], "not stored; unchanged, so nothing", "nothing to do"),
        ([planned("stale")], "not stored; stale, so nothing changes", "nothing to do"),
        (
            [planned("update"), logged("batch", "2 to 9")],
            "not stored; update in a batch",
            "nothing",
        ),
        ([logged("rejected")], "not stored; its line was rejected", "mend the export"),
        (
            [logged("held")],
            "not stored; held on 2026-11-20 08:00:00 UTC: twice; the present plan has no",
            "mend the export",
        ),
        ([row(CHECKED.name, line="2"), logged("batch")], "not stored; stored in", "noth"),
        (
            [planned("hold", decision="approve")],
            "not stored; planned: hold, decided approve",
            "make customers-import",
        ),
        (
            [planned("update", decision="Skip ")],
            "not stored; it is left out, as decided",
            "nothing to do",
        ),
        (
            [planned("update", decision="hold")],
            "not stored; it waits for a person: it says so",
            "decide row r1",
        ),
        (
            [planned("update"), OLDER, logged("batch", "2 to 9", "data/older.csv")],
            "not stored; planned: update",
            "make customers-import",
        ),
        (
            [row(CHECKED.name, line="2")],
            "not stored; no plan has it",
            "make customers FILE",
        ),
    ],
)
def test_the_present_is_one_sentence_and_a_step(rows, state, step):
    story = told(*rows)

    assert story.state.startswith(state)
    assert story.next_step.startswith(step)


def test_what_is_stored_comes_first():
    assert told(planned("unchanged"), id="8000-1").state.startswith(
        "stored as 8000-1; "
    )


@pytest.mark.parametrize(
    ("rung", "lines"),
    [
        ("judgement", ["judgement: found c1 “Acme”", "quickbooks id: not needed"]),
        (
            "exact name",
            [
                "judgement: nobody",
                "quickbooks id: the row has no QuickBooks id",
                "exact name: found c1",
            ],
        ),
        ("same file", ["decided among the rows of the file: it says so"]),
    ],
)
def test_each_rung_says_how_far_it_led(rung, lines):
    plan = planned("update", rung=rung, customer_id="c1", matched_name="Acme")

    [chapter] = [c for c in told(plan).chapters if c.title == "Rungs tried"]

    for line, start in zip(chapter.lines, lines):
        assert line.startswith(start)


def test_a_reject_is_told_with_what_stood_there():
    reject = row(
        REJECTS.name, file=FILE, line="7", column="Status", reason="odd", original="x,y"
    )

    [chapter] = told(reject).chapters

    assert list(chapter.lines) == ["rejected: Status odd", "x,y", f"{FILE} line 7"]


def test_json_that_nobody_can_read_changes_nothing():
    plan = planned("update", before="{", after='["a"]')

    assert told(plan).state == "not stored; planned: update"


def test_a_judgement_is_a_decision():
    judged = row(judgements.TABLE.name, ts=TS, verdict="skip", question="twice there")

    [chapter] = [
        c for c in told(planned("skip"), judged).chapters if c.title == "Decision"
    ]

    assert chapter.lines[0].startswith(
        "2026-11-20 08:00:00 UTC  skip, asked because twice"
    )


def test_it_may_be_stored_under_what_was_planned_first():
    rows = [
        row(CHECKED.name, quickbooks_id="8000-1"),
        planned("update", customer_id="c1"),
    ]

    assert stored_ids(rows)[:2] == ["c1", "8000-1"]


def test_a_customer_without_an_id_is_the_one_that_got_it_later():
    first = Found(EXPORT, "x", 2, {"Customer Name": "Acme"}, "data/older.csv")
    made = new_id("", "Acme")
    later = planned("update", quickbooks_id="8000-1", customer_id=made)

    assert ("customer", made) in TELLER.tokens(first)
    assert ("customer", made) in TELLER.tokens(later)
    assert stored_ids([first]) == [made]


def test_nobody_knows_what_a_database_has_that_does_not_answer():
    story = told(planned("update"), database="locked")

    assert story.state.startswith("nobody knows whether it is stored: the database does")
