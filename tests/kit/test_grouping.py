"""What travels together: by number, by bytes, by what a minute has room for."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from src.kit.clock import Clock
from src.kit.grouping import Groups, Limits
from src.kit.requests import Item, Request
from src.kit.retry import Pace, Pacer


def made(items: Sequence[Item]) -> Request:
    return Request("r", tuple(items), (1,) * len(items))


def groups(limits: Limits, per_minute: int = 0) -> Groups:
    pacer = Pacer(Pace(per_minute), Clock(monotonic=lambda: 0.0))
    return Groups(limits, pacer, made)


def items(*sizes: int) -> list[Item]:
    return [Item(f"k{number}", size) for number, size in enumerate(sizes)]


def sizes(found: Groups, of: Sequence[Item]) -> list[int]:
    return [len(request.items) for request in found.of(of)]


@pytest.mark.parametrize(
    ("count", "expected"), [(0, []), (1, [1]), (3, [3]), (4, [3, 1]), (7, [3, 3, 1])]
)
def test_a_request_holds_so_many_items_and_no_more(count, expected):
    assert sizes(groups(Limits(3)), items(*[1] * count)) == expected


@pytest.mark.parametrize(
    ("bytes_each", "expected"),
    [
        ([40, 40, 40], [2, 1]),
        ([100, 1], [1, 1]),
        ([500, 1], [1, 1]),
        ([1, 500, 1], [1, 1, 1]),
    ],
)
def test_a_request_holds_so_many_bytes_or_one_item_that_is_larger(bytes_each, expected):
    assert sizes(groups(Limits(10, 100)), items(*bytes_each)) == expected


def test_every_item_is_in_one_request_in_its_order():
    of = items(*range(25))

    together = [item for request in groups(Limits(4, 50)).of(of) for item in request.items]

    assert together == of


@pytest.mark.parametrize(
    ("most", "expected", "is_reached"), [(5, [3, 2], True), (9, [3, 3], False)]
)
def test_what_is_more_than_allowed_is_not_taken(most, expected, is_reached):
    found = groups(Limits(3, max_items=most))

    assert sizes(found, items(*[1] * 6)) == expected
    assert found.limit_reached == is_reached


def test_a_metered_request_holds_no_more_than_a_minute_does():
    found = groups(Limits(30, batches_per_minute=120), 20)

    assert sizes(found, items(*[1] * 50)) == [20, 20, 10]


def test_a_request_that_is_not_metered_holds_all_it_may():
    assert sizes(groups(Limits(30), 20), items(*[1] * 50)) == [30, 20]


@pytest.mark.parametrize(
    ("batches", "count", "weight"),
    [(0, 30, 1), (120, 30, 30), (120, 1, 500 / 120), (500, 1, 1)],
)
def test_a_request_weighs_what_it_is_metered_by(batches, count, weight):
    request = made(items(*[1] * count))

    assert groups(Limits(30, batches_per_minute=batches), 500).weight(request) == weight


def test_no_request_weighs_one():
    assert groups(Limits(30, batches_per_minute=120), 500).weight(None) == 1
