"""What people decide in the plan: nothing, approve, skip, hold, or link:<id>."""

from __future__ import annotations

from collections.abc import Iterable

from src.mis import keys
from src.mis.history import History
from src.mis.records import Planned

APPROVE = "approve"
LINK_TO = "link:"  # with the id of the customer that the person is
Decided = dict[tuple[str, str], str]  # by type and id of the person


def decided(row: Planned) -> str:
    """Return a row's decision in its one spelling: `skip`, `link:58`.

    An id that was copied out of its cell may have the cell's guard against formulas.
    """
    word, colon, found = row.decision.partition(":")
    return word.strip().casefold() + colon + found.strip().removeprefix("'")


def of(rows: Iterable[Planned]) -> Decided:
    """Return what people decided in a plan."""
    return {(row.type, row.mis_id): decided(row) for row in rows if row.decision}


def still(found: Decided, past: History) -> Decided:
    """Return the decisions but for those about customers that were taken back since."""
    return {
        person: word
        for person, word in found.items()
        if not past.of(keys.create_key(*person)).taken_back_by
    }


def link_of(decision: str) -> str:
    """Return the customer that a decision names, empty if it names none.

    >>> link_of("link:58"), link_of("approve")
    ('58', '')
    """
    return decision.removeprefix(LINK_TO) if decision.startswith(LINK_TO) else ""
