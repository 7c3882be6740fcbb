"""What stops a plan: signs that the MIS, or the company, is not what it seems.

Updates are weighed by values, field by field: what a change of CUSTOM_FIELD_MODE moves,
and what was empty and is filled, is no loss, however many customers it concerns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from src.kit import brakes
from src.kit.errors import Refused
from src.mis import reasons
from src.mis.effects import EMPTIED, FILLED, Effects
from src.mis.records import PEOPLE, TYPES
from src.mis.tally import Tally

MOST_CHANGED = 50.0  # percent of a type's customers, in one field or in any
MOST_EMPTIED = 10.0  # percent of a type's customers that may lose one field
FEW = 20  # that may be missing on a side before it is doubted
SHARE = 0.2  # of those that should be there


class Brakes:
    """Weighs what would become of customers that are there."""

    def __init__(
        self, max_change: float = MOST_CHANGED, is_forced: bool = False
    ) -> None:
        self._max_change, self._is_forced = max_change, is_forced
        self._there: Counter[str] = Counter()  # customers of ours, by type
        self._lost: Counter[str] = Counter()  # of those: which lose some value
        self._changed: Counter[tuple[str, str]] = Counter()  # by type and field
        self._emptied: Counter[tuple[str, str]] = Counter()

    def know(self, type_: str) -> None:
        """Count a person whose customer is there."""
        self._there[type_] += 1

    def see(self, type_: str, effects: Effects) -> None:
        """Take what one update does."""
        lost = [name for name, effect in effects.items() if effect != FILLED]
        self._lost[type_] += bool(lost)
        self._changed.update((type_, name) for name in lost)
        self._emptied.update((type_, name) for name in lost if effects[name] == EMPTIED)

    def passed(self, tally: Tally) -> list[str]:
        """Return what was let pass, in sentences; raises Refused where nothing is."""
        missing, synced = tally.missing, tally.synced
        if missing > FEW and missing > SHARE * synced and not self._is_forced:
            raise Refused(reasons.another_company(missing, synced))
        found = list(_lost(tally))
        for word, type_ in TYPES.items():
            found += self._of(word, type_)
        refusal = f"{PEOPLE.place}: {', and '.join(found)}; {reasons.PUT_RIGHT}"
        return brakes.passed(found, refusal, self._is_forced)

    def _of(self, word: str, type_: str) -> Iterator[str]:
        """Yield what is too much of one type; all of it where no field is."""
        there = self._there[type_]
        fields = sorted(field for of_type, field in self._changed if of_type == type_)
        named = [
            told for field in fields if (told := self._of_field(word, type_, field))
        ]
        yield from named
        if not named and brakes.is_more(self._lost[type_], self._max_change, there):
            yield f"{self._lost[type_]:,} of {there:,} {word} would {self._change}"

    def _of_field(self, word: str, type_: str, field: str) -> str:
        there, emptied = self._there[type_], self._emptied[type_, field]
        changed = self._changed[type_, field]
        if brakes.is_more(emptied, MOST_EMPTIED, there):
            of_all = f"{emptied:,} of {there:,} {word}"
            return f"{field} of {of_all} would be emptied, more than {MOST_EMPTIED:g} %"
        if brakes.is_more(changed, self._max_change, there):
            return f"{field} of {changed:,} of {there:,} {word} would {self._change}"
        return ""

    @property
    def _change(self) -> str:
        return f"change, more than {self._max_change:g} % (--max-change)"


def _lost(tally: Tally) -> Iterator[str]:
    """Yield that a part of the MIS is missing, if it seems so."""
    ours = tally.marked + tally.strangers
    if tally.strangers > FEW and tally.strangers > SHARE * ours:
        yield f"{tally.strangers:,} of {ours:,} customers have the mark of nobody in it"
