"""How a run of the attachments pipeline is taken back: not planned yet."""

from __future__ import annotations

from src.kit.errors import Refused
from src.attachments.records import PLAN
from src.office.reversing import Past, Reversal, Way


def reverse(past: Past) -> Reversal:
    """Return what takes a run back."""
    raise Refused(f"{past.run_id}: cannot be taken back yet; take it back by hand")


WAY = Way("qbo_attach_demo", PLAN, reverse, "make attach")
