"""Rows of a run, one by one: each record as it was left last."""

from __future__ import annotations

from typing import NamedTuple

from src.kit.counting import FAILED, MOST_ERRORS, NEITHER, SYNCED, Runs, Tally, Told
from src.kit.sessions import Found


def told(about: str, standing: str, type: str = "items", error: str = "") -> Told:
    return Told(about, type, standing, f"{type} {about}", error)


class Block(NamedTuple):
    rows: list


def of(row: list[bytes]) -> Told:
    """Return what a row (run, record, standing) says."""
    _, about, standing = (cell.decode() for cell in row)
    return told(about, standing)


def rows(*lines: str) -> Block:
    return Block([line.encode().split() for line in lines])


def test_without_rows_nothing_is_known():
    assert Tally().found() == Found()
    assert Tally().found().is_empty


def test_each_record_counts_once_and_as_it_was_left_last():
    found = Tally([told("1", FAILED), told("1", SYNCED), told("2", SYNCED)]).found()

    assert (found.synced, found.failed) == ({"items": 2}, {})


def test_what_failed_at_last_is_not_synchronized():
    found = Tally([told("1", SYNCED), told("1", FAILED, error="no")]).found()

    assert (found.synced, found.failed, found.errors) == ({}, {"items": 1}, ("no",))


def test_a_record_that_may_go_again_is_counted_as_neither():
    found = Tally([told("1", FAILED, error="no"), told("1", NEITHER)]).found()

    assert (found.synced, found.failed, found.errors) == ({}, {}, ())
    assert not found.is_empty


def test_errors_stand_in_the_order_in_which_they_came_last():
    some = [told("1", FAILED, error="a"), told("2", FAILED, error="b")]

    assert Tally([*some, told("1", FAILED, error="c")]).found().errors == ("b", "c")


def test_more_errors_than_anybody_reads_are_counted():
    found = Tally(told(str(n), FAILED) for n in range(MOST_ERRORS + 5)).found()

    assert (len(found.errors), found.more_errors) == (MOST_ERRORS, 5)


def test_the_last_record_that_was_tried_is_named():
    untried = told("2", FAILED)._replace(called="")

    assert Tally([told("1", SYNCED), untried]).found().last == "items 1"


def test_rows_that_come_in_pieces_are_the_same_as_all_at_once():
    runs = Runs(0, of)
    runs.learn(rows("s1 1 synced", "s1 2 failed"))
    runs.learn(rows("s1 2 synced"))

    assert runs.found("s1") == Found({"items": 2}, last="items 2")


def test_rows_are_counted_once_however_often_somebody_asks():
    runs = Runs(0, of)
    runs.learn(rows("s1 1 synced"))
    runs.found("s1")
    runs.learn(rows("s1 2 synced"))

    assert runs.found("s1") == runs.found("s1") == Found({"items": 2}, last="items 2")


def test_what_an_earlier_run_came_to_has_to_be_read():
    runs = Runs(0, of)
    runs.learn(rows("s1 1 failed", "s2 1 synced"))

    assert runs.found("s1") is None
    assert runs.found("s2") == Found({"items": 1}, last="items 1")


def test_a_run_without_rows_has_done_nothing():
    runs = Runs(0, of)
    runs.learn(rows("s1 1 failed"))

    assert runs.found("s2") == Found()


def test_a_run_that_goes_on_after_another_has_to_be_read():
    runs = Runs(0, of)
    runs.learn(rows("s1 1 failed", "s2 1 synced", "s1 2 synced"))

    assert runs.found("s1") is None


def test_a_bad_row_says_nothing():
    runs = Runs(0, of)
    runs.learn(Block([[], [b"s1", b"1", b"synced"], []]))

    assert runs.found("s1") == Found({"items": 1}, last="items 1")
