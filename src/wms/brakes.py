"""What stops a plan before anybody can apply it: signs that a side is not what it seems."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from src.kit import brakes
from src.kit.brakes import SMALL
from src.wms.records import QBD, WMS
from src.wms.sides import Joined, Shift

FLIPS = "flips"  # the rule of a record in quarantine
CHANGED, DELETED = "changed", "deleted"
_EMPTIED = 2  # the last one may go
_SHIFTED = 0.9  # of a side's records: among them are always some that people edited
_SIDES = {WMS: "on the warehouse's side", QBD: "on the QuickBooks side"}


class Limits(NamedTuple):
    """How much may change before a person is asked."""

    max_delete: float = 10.0  # percent of a type's records
    max_change: float = 50.0
    max_flips: int = 3
    is_forced: bool = False


class Toll:
    """What would become of the records of a type, by the side that wants it so."""

    def __init__(self, word: str) -> None:
        self.word = word
        self.agreed = 0  # linked records at the last agreement
        self.counts: Counter[tuple[str, str]] = Counter()  # what happened, on which side


class Brakes:
    """Collects what is odd, so that all of it is named before anybody lets it pass."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._found: list[str] = []

    def see_sides(self, joined: Joined) -> None:
        """Notice a side that was emptied, or whose clock moved."""
        words = joined.kind.name.replace("_", " ")
        counts = {QBD: joined.mirrored, WMS: joined.stored}
        for side, count in counts.items():
            if not count and joined.agreed >= _EMPTIED:
                self._found.append(
                    f"0 {words} {_SIDES[side]}, {joined.agreed:,} last time"
                )
            if moved := shifted(joined.shifts[side]):
                self._found.append(
                    f"the times of nearly all {words} {_SIDES[side]} moved by {moved}"
                )

    def see_type(self, toll: Toll) -> None:
        """Notice that too many records of a type changed, or would go."""
        words = toll.word.replace("_", " ")
        for (what, side), count in sorted(toll.counts.items()):
            option, most = self._most(what)
            if brakes.is_more(count, most, toll.agreed):
                self._found.append(
                    f"{count:,} of {toll.agreed:,} {words} {what} {_SIDES[side]}, more "
                    f"than {most:g} % ({option})"
                )

    def _most(self, what: str) -> tuple[str, float]:
        if what == DELETED:
            return "--max-delete", self._limits.max_delete
        return "--max-change", self._limits.max_change

    def notes(self) -> list[str]:
        """Return what was let pass, in sentences; raises Refused where nothing is."""
        told = f"wms_plan: {', and '.join(self._found)}"
        refusal = f"{told}; use --force if that is right"
        return brakes.passed(self._found, refusal, self._limits.is_forced)


def shifted(shift: Shift) -> str:
    """Return by how much nearly all times of a side moved, nothing if they did not."""
    if shift.count < SMALL or not shift.moves:
        return ""
    moved, count = shift.moves.most_common(1)[0]
    if count < _SHIFTED * shift.count:
        return ""
    return f"{moved.total_seconds() / 3600:+g} h"
