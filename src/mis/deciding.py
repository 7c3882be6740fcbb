"""What becomes of a plan row, as people left it: it goes, is adopted, waits, stays out."""

from __future__ import annotations

from typing import NamedTuple

from src.mis import notes, reasons, tasks
from src.mis.decisions import APPROVE, LINK_TO, decided
from src.mis.payload import NOTES
from src.mis.records import ADOPT, HOLD, LINK, PLAN_IT, UPDATE, Planned

_SKIP, _HOLD = "skip", "hold"
_AGAIN = f'run "{PLAN_IT}" again'
GOES, ADOPTS, WAITS, STAYS_OUT = "goes", "adopts", "waits", "stays out"


class Verdict(NamedTuple):
    """Where a row goes, and why where it waits."""

    where: str
    reason: str = ""
    is_understood: bool = True


def is_approved(row: Planned) -> bool:
    """Return whether a person wants it sent although something speaks against it."""
    return decided(row) == APPROVE


def verdict(row: Planned) -> Verdict:
    """Return what becomes of a row; none goes onto another person's customer."""
    found = _decided(row)
    if found.where == GOES and _is_foreign(row):
        return Verdict(WAITS, f"{reasons.foreign(row.quickbooks_id)}; {_AGAIN}")
    return found


def _is_foreign(row: Planned) -> bool:
    """Return whether the customer that a row writes onto had somebody else's mark."""
    if notes.MARK not in row.before:
        return False
    there = str(tasks.before_of(row).get(NOTES, ""))
    return notes.is_foreign(there, tasks.mark_of(row))


def _decided(row: Planned) -> Verdict:
    decision = decided(row)
    if decision == _SKIP:
        return Verdict(STAYS_OUT)
    if decision == _HOLD:
        return Verdict(WAITS, "on hold, as decided")
    if decision.startswith(LINK_TO):
        return _linked(row, decision.removeprefix(LINK_TO))
    if decision not in ("", APPROVE):
        reason = (
            f"the decision {row.decision[:40]!r} means nothing here; approve, skip, hold "
            "or link:<id>"
        )
        return Verdict(WAITS, reason, is_understood=False)
    if row.action == ADOPT:
        return Verdict(ADOPTS)
    if row.action != HOLD or (decision and row.payload):
        return Verdict(GOES)
    said = "there is nothing to approve of; " if decision else ""
    return Verdict(WAITS, said + row.reason)


def _linked(row: Planned, customer: str) -> Verdict:
    """Return whether a link goes: the plan has to have made a change of it."""
    if row.quickbooks_id == customer and row.action in (LINK, UPDATE):
        return Verdict(GOES)
    if row.quickbooks_id == customer and row.action == ADOPT:
        return Verdict(ADOPTS)
    reason = f"the link to {customer} is not planned; {_AGAIN}"
    return Verdict(WAITS, f"{reason}: {row.reason}" if row.action == HOLD else reason)
