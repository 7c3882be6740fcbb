"""Brakes: a plan that would change too much is refused until a person lets it pass."""

from __future__ import annotations

from collections.abc import Sequence

from src.kit.errors import Refused

SMALL = 20  # records; percentages of fewer are taken as of so many


def is_more(count: int, percent: float, whole: int) -> bool:
    """Return whether a count is more than so many percent of a whole.

    >>> is_more(11, 50, 20), is_more(10, 50, 20), is_more(3, 50, 3)
    (True, False, False)
    """
    return 100 * count > percent * max(whole, SMALL)


def passed(found: Sequence[str], refusal: str, is_forced: bool) -> list[str]:
    """Return what was let pass, in sentences; raises Refused where nothing is."""
    if found and not is_forced:
        raise Refused(refusal)
    return [f"{sentence}; --force let it pass" for sentence in found]
