"""Brakes: what is more than so many percent, and what a person let pass."""

from __future__ import annotations

import pytest

from src.kit import brakes
from src.kit.errors import Refused


@pytest.mark.parametrize(
    ("count", "percent", "whole", "expected"),
    [
        (50, 50, 100, False),
        (51, 50, 100, True),
        (10, 50, 3, False),
        (11, 50, 3, True),
        (0, 0, 0, False),
        (1, 0, 1000, True),
        (100, 100, 100, False),
        (125, 12.5, 1000, False),
        (126, 12.5, 1000, True),
    ],
)
def test_a_small_whole_counts_as_twenty(count, percent, whole, expected):
    assert brakes.is_more(count, percent, whole) is expected


def test_what_was_found_is_refused_in_the_words_given():
    with pytest.raises(Refused, match="^too much; look$"):
        brakes.passed(["much"], "too much; look", is_forced=False)


def test_what_is_forced_is_said():
    assert brakes.passed(["much"], "", is_forced=True) == ["much; --force let it pass"]


@pytest.mark.parametrize("is_forced", [False, True])
def test_nothing_found_is_nothing_said(is_forced):
    assert brakes.passed([], "too much", is_forced) == []
