"""What people decide in the plan: nothing, approve, skip, hold, or link:<id>."""

from __future__ import annotations

from collections.abc import Iterable

from src.mis.records import Planned

APPROVE, SKIP, HOLD = "approve", "skip", "hold"
LINK_TO = "link:"  # with the id of the customer that the person is


def decided(row: Planned) -> str:
    """Return a row's decision in its one spelling: `skip`, `link:58`.

    An id that was copied out of its cell may have the cell's guard against formulas.
    """
    word, colon, found = row.decision.partition(":")
    return word.strip().casefold() + colon + found.strip().removeprefix("'")


def link_of(row: Planned) -> str:
    """Return the customer that a row's decision names, empty if it names none."""
    decision = decided(row)
    return decision.removeprefix(LINK_TO) if decision.startswith(LINK_TO) else ""


def links(rows: Iterable[Planned]) -> dict[tuple[str, str], str]:
    """Return the customers that people named, by type and id of the person."""
    named = ((row, link_of(row)) for row in rows if row.decision)
    return {(row.type, row.mis_id): found for row, found in named if found}
