"""How a run of the mis pipeline is taken back: not planned yet."""

from __future__ import annotations

from src.kit.errors import Refused
from src.mis.records import PLAN
from src.office.reversing import Past, Reversal, Way


def reverse(past: Past) -> Reversal:
    """Return what takes a run back."""
    raise Refused(f"{past.run_id}: cannot be taken back yet; take it back by hand")


WAY = Way("mis_push", PLAN, reverse, "make mis-push", is_private=True)
