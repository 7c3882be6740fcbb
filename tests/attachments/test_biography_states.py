"""What is said of a file's present, whatever its rows say."""

from __future__ import annotations

import pytest

from src.attachments import biography
from src.attachments.records import FINDINGS, INVENTORY, MAPPING, PLAN, RUNLOG, SKIPS
from src.kit.stories import Found, Story

TELLER = biography.teller(("80",))
TS = "2026-11-20T08:00:00.000000+00:00"


def told(*rows: Found) -> Story:
    return TELLER.tell(rows, {})


def row(table: str, **cells: str) -> Found:
    cells.setdefault("file_path", "Attach/a.pdf" if table != MAPPING.name else "")
    return Found(table, f"x/{table}", 2, cells)


def planned(status: str, decision: str = "", reason: str = "") -> Found:
    cells = {"decision": decision, "reason": reason, "modified_at": "today"}
    return row(PLAN.name, row="r1", status=status, **cells)


def ended(outcome: str, error: str = "") -> Found:
    target = {"qbo_entity_type": "Bill", "qbo_entity_id": "7", "attachable_id": "55"}
    return row(RUNLOG.name, ts=TS, outcome=outcome, error=error, **target)


REMOVED = "it was removed again on 2026-11-20 08:00:00 UTC"
THERE = "it is attached to Bill 7 as 55, uploaded on 2026-11-20 08:00:00 UTC"
UNDO = row(PLAN.name, row="u1", status="undo_upload", decision="")
LOST = row(FINDINGS.name, row="r9", logged_id="55", **{"class": "logged_but_absent"})


@pytest.mark.parametrize(
    ("rows", "state", "step"),
    [
        ([planned("ok")], "it is planned and not sent yet", "make attach"),
        ([planned("too_large")], "it is not sent: too_large", "decide row r1"),
        ([planned("too_large", "send")], "it is planned and not sent", "make attach"),
        ([ended("uploaded")], "it is attached to Bill 7 as 55, uploaded on", "nothing"),
        ([ended("recovered")], "it is attached to Bill 7 as 55, recovered", "nothing"),
        ([ended("removed")], f"{REMOVED}; the present plan has no row", "make verify"),
        ([ended("removed"), planned("ok")], f"{REMOVED}; it is planned", "make attach"),
        ([ended("removed"), UNDO], f"{REMOVED}; the present plan only", "make verify"),
        ([ended("uploaded"), UNDO], f"{THERE}; it is planned to be deleted", "make at"),
        ([ended("uploaded"), planned("ok")], f"an earlier state of {THERE}", "make at"),
        ([ended("uploaded"), LOST], f"{THERE}, but make reconcile", "decide row r9"),
        ([planned("ok", "skip")], "it is left out, as decided", "nothing to do"),
        ([planned("ok", "Hold")], "it is not sent: ok", "decide row r1"),
        (
            [planned("taken_back", "", "taken back by run r9")],
            "it is not sent: taken back by run r9",
            "decide row r1",
        ),
        (
            [planned("ok"), ended("failed", "no")],
            "it is not known to be there: failed, no",
            "make attach",
        ),
        ([planned("too_large"), ended("failed")], "it is not known", "decide row r1"),
        ([ended("in_doubt")], "it is not known to be there: in_doubt", "make verify"),
        (
            [row(SKIPS.name, reason="scope: .tmp")],
            "it is left out: scope: .tmp",
            "nothing",
        ),
        ([row(INVENTORY.name)], "it was found, and the present", "make verify"),
        ([row(MAPPING.name, legacy_txnid_norm="A")], "the mapping knows it", "nothing"),
        ([row(FINDINGS.name)], "only the reconciliation knows it", "make reconcile"),
    ],
)
def test_the_present_is_one_sentence_and_a_step(rows, state, step):
    story = told(*rows)

    assert story.state.startswith(state)
    assert story.next_step.startswith(step)


def test_a_later_skip_does_not_undo_what_was_done():
    story = told(ended("uploaded"), ended("skipped_already_uploaded"))

    assert story.state.startswith("it is attached")


def test_a_finding_is_a_chapter_of_its_own():
    found = row(
        FINDINGS.name, **{"class": "extra", "action": "adopt", "company_id": "9"}
    )

    [chapter] = told(found).chapters

    assert list(chapter.lines[:2]) == ["extra: adopt", "in the company as 9"]


def test_a_renamed_file_says_as_what_it_is_sent():
    plan = row(PLAN.name, status="ok", file_name="a?.pdf", upload_name="a_.pdf")

    lines = [line for chapter in told(plan).chapters for line in chapter.lines]

    assert "sent as “a_.pdf”" in lines
