"""Rows out of order, as numbers and checks tell them, whatever the log."""

from __future__ import annotations

import pytest

from src.kit import row_order
from src.kit.row_checks import BAD, Content

B = 0  # a row whose check fails


def content(numbers: list[int]) -> Content:
    checks = [BAD if number == B else b"x%08x" % number for number in numbers]
    return Content([], checks, numbers, {}, is_numbered=True)


def walked(
    *numbers: int, start: int = 0, begins_at: int = -1
) -> list[tuple[str, int, int]]:
    """Return kind, row and count of what is odd about rows with these numbers."""
    found = content([*numbers])
    traces = row_order.walk(found, start, found.rows, lambda row: row == begins_at)
    return [(trace.kind, trace.row, trace.count) for trace in traces]


@pytest.mark.parametrize(
    ("numbers", "odd"),
    [
        ([], []),
        ([1, 2, 3], []),
        ([1, B, 3], [("changed", 1, 1)]),
        ([B, B, 3], [("changed", 0, 1), ("changed", 1, 1)]),
        ([1, 2, B], [("changed", 2, 1)]),
        ([2, 3], [("missing", 0, 1)]),
        ([1, 5], [("missing", 1, 3)]),
        ([1, 3, 6], [("missing", 1, 1), ("missing", 2, 2)]),
        ([1, B, 4], [("changed", 1, 1), ("missing", 2, 1)]),
        ([1, B, 2], [("inserted", 1, 1)]),
        ([1, B, B, 3], [("changed", 1, 1), ("inserted", 2, 1)]),
        ([1, 1, 2], [("inserted", 1, 1)]),
        ([1, 2, 3, 2], [("inserted", 3, 1)]),
        ([1, 3, 2, 4], [("moved", 2, 0)]),
        ([3, 1, 2], [("moved", 1, 0), ("moved", 2, 0)]),
        ([2, 3, 4, 1], [("moved", 3, 0)]),
        ([1, 4, 2], [("missing", 1, 1), ("moved", 2, 0)]),
        ([4, B, 2], [("missing", 0, 2), ("changed", 1, 1), ("moved", 2, 0)]),
        ([1, 10**15], [("missing", 1, 10**15 - 2)]),
    ],
)
def test_what_is_odd_is_named_by_its_row(numbers, odd):
    assert walked(*numbers) == odd


def test_rows_before_the_start_are_as_they_were_written():
    assert walked(9, 9, 3, 4, start=2) == []


def test_a_row_from_before_the_start_stands_there_twice():
    assert walked(1, 2, 1, 3, start=2) == [("inserted", 2, 1)]


def test_a_run_that_counts_on_from_fewer_rows_is_not_odd():
    assert [kind for kind, *_ in walked(1, 2, 5, 4, 5, begins_at=3)] == ["missing"]


@pytest.mark.parametrize(
    ("numbers", "last"),
    [
        ([], 0),
        ([1, 2, 3], 3),
        ([1, 3], 3),
        ([1, B, B], 3),
        ([1, 3, 2], 3),
        ([1, 2, 2], 2),
        ([4, 1, 2], 4),
    ],
)
def test_a_log_ends_at_its_last_number(numbers, last):
    assert row_order.reached(content(numbers), 0, lambda row: False) == last


def test_a_run_that_counts_on_from_fewer_rows_ends_there():
    assert row_order.reached(content([1, 2, 5, 4]), 0, lambda row: row == 3) == 4


def test_a_log_without_numbers_tells_of_its_checks_alone():
    found = content([0, 0])._replace(checks=[b"x1", BAD], is_numbered=False)

    [trace] = row_order.walk(found, 0, 2, lambda row: False)

    assert (trace.kind, trace.row) == ("changed", 1)


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ([1, 3], "before this line, seq 2"),
        ([1, 5], "before this line, seq 2 to 4"),
        ([1, 5, 3], "before this line, 2 of seq 2 to 4"),
    ],
)
def test_what_is_missing_is_told_by_its_numbers(numbers, said):
    found = content(numbers)

    first = next(row_order.walk(found, 0, found.rows, lambda row: False))

    assert first.said == said
