"""What stops a plan before anybody can apply it: signs that a side is not what it seems."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from src.kit.errors import Refused
from src.wms.records import QBD, WMS
from src.wms.sides import Joined, Shift

SMALL = 20  # records; below it a percentage says nothing
FLIPS = "flips"  # the rule of a record in quarantine
_EMPTIED = 2  # the last one may go
_QUARTER = timedelta(minutes=15)  # all time zones are apart by a multiple of it
_WAY_OUT = "use --force if that is right"
_SIDES = {WMS: "on the warehouse's side", QBD: "on the QuickBooks side"}


class Limits(NamedTuple):
    """How much may change before a person is asked."""

    max_delete: float = 10.0  # percent of a type's records
    max_change: float = 50.0
    max_flips: int = 3
    is_forced: bool = False


class Toll(NamedTuple):
    """What would become of the records of a type."""

    agreed: int = 0  # linked records at the last agreement
    changed: int = 0
    deleted: int = 0

    def plus(self, agreed: int, changed: int, deleted: int) -> Toll:
        """Return the toll with more records."""
        added = zip(self, (agreed, changed, deleted))
        return Toll(*(a + b for a, b in added))


def of_sides(joined: Joined, is_forced: bool) -> list[str]:
    """Return what is odd about the sides of a kind, in sentences.

    Raises Refused where a side was emptied or its clock moved, unless that is forced.
    """
    words = joined.kind.name.replace("_", " ")
    found = []
    counts = {QBD: joined.mirrored, WMS: joined.stored}
    for side, count in counts.items():
        if not count and joined.agreed >= _EMPTIED:
            found.append(f"0 {words} {_SIDES[side]}, {joined.agreed:,} last time")
        if moved := shifted(joined.shifts[side]):
            found.append(f"the times of all {words} {_SIDES[side]} moved by {moved}")
    return _stopped(found, is_forced)


def of_type(word: str, toll: Toll, limits: Limits) -> list[str]:
    """Return what is odd about the changes of a type, in sentences; raises Refused."""
    found = []
    for count, most, what, option in (
        (toll.deleted, limits.max_delete, "deleted", "--max-delete"),
        (toll.changed, limits.max_change, "changed", "--max-change"),
    ):
        if toll.agreed >= SMALL and 100 * count > most * toll.agreed:
            words = word.replace("_", " ")
            found.append(
                f"{count:,} of {toll.agreed:,} {words} {what}, more than {most:g} % "
                f"({option})"
            )
    return _stopped(found, limits.is_forced)


def _stopped(found: list[str], is_forced: bool) -> list[str]:
    if found and not is_forced:
        raise Refused(f"wms: {found[0]}; {_WAY_OUT}")
    return [f"{sentence}; --force let it pass" for sentence in found]


def shifted(shift: Shift) -> str:
    """Return by how much all times of a side moved, nothing if they did not."""
    if not shift.is_possible or shift.count < SMALL:
        return ""
    moves = {
        datetime.fromisoformat(now) - datetime.fromisoformat(before)
        for before, now in shift.pairs
    }
    moved = moves.pop()
    if moves or not moved or moved % _QUARTER:
        return ""
    return f"{moved.total_seconds() / 3600:+g} hours"
