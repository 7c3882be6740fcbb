"""How a run of the wms pipeline is taken back: not planned yet."""

from __future__ import annotations

from src.kit.errors import Refused
from src.wms.records import PLAN
from src.office.reversing import Past, Reversal, Way


def reverse(past: Past) -> Reversal:
    """Return what takes a run back."""
    raise Refused(f"{past.run_id}: cannot be taken back yet; take it back by hand")


WAY = Way("wms_apply", PLAN, reverse, "make wms-apply")
