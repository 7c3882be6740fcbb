"""What becomes of a plan row, as people left it: it goes, is adopted, waits, stays out."""

from __future__ import annotations

from typing import NamedTuple

from src.mis.records import ADOPT, HOLD, LINK, PLAN_IT, UPDATE, Planned

GOES, ADOPTS, WAITS, STAYS_OUT = "goes", "adopts", "waits", "stays out"
APPROVE, SKIP, LINK_TO = "approve", "skip", "link"


class Verdict(NamedTuple):
    """Where a row goes, and why where it waits."""

    where: str
    reason: str = ""
    is_understood: bool = True


def decided(row: Planned) -> tuple[str, str]:
    """Return the word of a decision and what it names: `link`, `77`.

    An id that was copied out of its cell may have the cell's guard against formulas.
    """
    word, _, found = row.decision.strip().partition(":")
    return word.strip().casefold(), found.strip().removeprefix("'")


def is_approved(row: Planned) -> bool:
    """Return whether a person wants it sent although something speaks against it."""
    return decided(row)[0] == APPROVE


def verdict(row: Planned) -> Verdict:
    """Return what becomes of a row."""
    word, named = decided(row)
    if word == SKIP:
        return Verdict(STAYS_OUT)
    if word == HOLD:
        return Verdict(WAITS, "on hold, as decided")
    if word == LINK_TO:
        return _linked(row, named)
    if word not in ("", APPROVE):
        reason = (
            f"the decision {row.decision[:40]!r} means nothing here; approve, skip, hold "
            f"or link:<id>"
        )
        return Verdict(WAITS, reason, is_understood=False)
    if row.action == ADOPT:
        return Verdict(ADOPTS)
    if row.action != HOLD:
        return Verdict(GOES)
    if word == APPROVE and row.payload not in ("", "{}"):
        return Verdict(GOES)
    said = "there is nothing to approve of; " if word else ""
    return Verdict(WAITS, said + row.reason, is_understood=not word)


def _linked(row: Planned, named: str) -> Verdict:
    """Return whether a link goes: the plan has to have made a change of it."""
    if named and row.quickbooks_id == named:
        if row.action in (LINK, UPDATE):
            return Verdict(GOES)
        if row.action == ADOPT:
            return Verdict(ADOPTS)
    return Verdict(WAITS, f'the link to {named or "?"} is not planned yet; run "{PLAN_IT}" again')
