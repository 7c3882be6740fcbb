"""What rooms tell of their rows with the same words."""

from __future__ import annotations

import pytest

from src.kit import stories
from src.kit.stories import Found

FILE = "data/x.csv"


def row(place: str = "data/plan.csv", **cells: str) -> Found:
    return Found("plan.csv", place, 2, cells)


def batch(line: str, file: str = FILE, run_id: str = "") -> Found:
    return row(outcome="batch", line=line, file=file, run_id=run_id)


def test_a_missing_column_is_an_empty_one():
    assert row(a="1")["b"] == ""


def test_a_chapter_without_a_line_is_none():
    assert list(stories.chapter("Plan", ["", ""])) == []


def test_a_row_that_was_applied_is_told_once_and_of_its_run():
    kept = row("data/plans/r1.csv", row_check="x1", decision="")
    same, other = row(row_check="x1", decision=""), row(row_check="x2", decision="")

    told, waiting = stories.applied([kept, same, other])

    assert (told, waiting) == ([kept, other], [other])
    assert [stories.run_of(one) for one in told] == ["r1", ""]


def test_a_row_that_was_decided_since_waits_again():
    kept = row("data/plans/r1.csv", row_check="x1", decision="")
    decided = row(row_check="x1", decision="approve")

    assert stories.applied([kept, decided])[1] == [decided]


@pytest.mark.parametrize(
    ("span", "file", "is_about"),
    [
        ("2 to 9", FILE, True),
        ("5", FILE, True),
        ("6 to 9", FILE, False),
        ("2 to 9", "data/other.csv", False),
        ("", FILE, False),
    ],
)
def test_a_batch_is_about_the_lines_in_its_span(span, file, is_about):
    found = stories.imported([batch(span, file)], [(FILE, "5")])

    assert bool(found) is is_about


@pytest.mark.parametrize(
    ("outcome", "count"), [("rejected", 1), ("held", 1), ("flagged", 2)]
)
def test_a_line_that_was_left_out_is_in_no_batch(outcome, count):
    own = row(outcome=outcome, line="5", file=FILE)

    assert len(stories.imported([own, batch("2 to 9")], [(FILE, "5")])) == count


def test_attempts_are_told_in_the_order_of_time():
    rows = [
        row(ts="2026-02-01T00:00:00", outcome="b"),
        row(ts="2026-01-01T00:00:00", outcome="a"),
    ]

    [chapter] = stories.attempts(rows, {})

    assert [line[-1] for line in chapter.lines[::2]] == ["a", "b"]


@pytest.mark.parametrize(
    ("word", "after"), [("uploaded", "skipped_already_uploaded"), ("removed", "closed")]
)
def test_neither_a_skip_nor_the_end_of_an_attempt_is_a_last_word(word, after):
    rows = [row(outcome=word), row(outcome=after)]

    assert stories.last_outcome(rows) == rows[0]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("Anne \"Anita\" O'Brien", "“Anne \"Anita\" O'Brien”"),
        ("", "nothing"),
        (None, "nothing"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (1, "1"),
        (["1 Main St", "", "Salem"], "“1 Main St”, “Salem”"),
        ([], "nothing"),
        ({"type": "main", "number": ""}, "(type “main”, number nothing)"),
        ({}, "nothing"),
    ],
)
def test_a_value_is_told_without_the_marks_of_a_language(value, told):
    assert stories.quoted(value) == told


def test_accents_may_be_characters_of_their_own():
    assert stories.fold("CAFE\u0301  x") == stories.fold("caf\xe9 X")


def test_signs_are_nothing_but_blanks_where_words_are_compared():
    assert stories.bare("Anne \"Anita\" O'Brien_2") == stories.bare("anne anita  o brien 2")


def test_a_line_that_an_earlier_run_held_may_be_in_a_later_batch():
    held = row(outcome="held", line="5", file=FILE, run_id="r1")
    log = [held, batch("2 to 9", FILE, "r1"), batch("2 to 9", FILE, "r2")]

    found = stories.imported(log, [(FILE, "5")])

    assert [one["run_id"] for one in found] == ["r1", "r2"]


def test_a_line_that_was_rejected_is_in_nobodys_batch():
    bad = row(outcome="rejected", line="5", file=FILE, run_id="r1")

    assert stories.imported([bad, batch("2 to 9", FILE, "r2")], [(FILE, "5")]) == [bad]


def test_a_row_that_its_run_did_not_come_to_still_waits():
    kept = row("data/plans/r1.csv", row_check="x1", decision="")
    present = row(row_check="x1", decision="")

    assert stories.applied([kept, present], [])[1] == [present]
    assert stories.applied([kept, present], [row(run_id="r1")])[1] == []


@pytest.mark.parametrize(
    ("cell", "word"), [("", ""), (" Skip ", "skip"), ("link:58", "link"), ("HOLD", "hold")]
)
def test_a_decision_is_known_by_its_word(cell, word):
    assert stories.decision(row(decision=cell)) == word
