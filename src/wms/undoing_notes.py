"""What the next plan makes of an undo in QuickBooks, where it would stop at it.

The plan takes what was taken back for an edit of QuickBooks' own, with the usual limits.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from src.kit import brakes
from src.wms.brakes import Limits
from src.wms.records import HOLD, Planned

_USUAL = Limits()


class Weight(NamedTuple):
    """What is known of the records that a reverse plan is about."""

    agreed: Mapping[str, int]  # by type: how many both sides have
    flips: Mapping[tuple[str, str], int]  # by type and the warehouse's id; those of 0 not


def notes(rows: Iterable[Planned], weight: Weight) -> Iterator[str]:
    """Yield where the next plan would stop, and what to do then."""
    records: dict[str, set[str]] = defaultdict(set)
    ended: Counter[str] = Counter()
    flipped = set()
    for row in (row for row in rows if row.action != HOLD):
        records[row.type].add(row.id)
        ended[row.type] += not row.field or (row.field, row.base) == ("is_active", "no")
        if weight.flips.get((row.type, row.wms_id), 0) >= _USUAL.max_flips:
            flipped.add((row.type, row.wms_id))
    for word, found in records.items():
        counts = (len(found) - ended[word], ended[word])
        yield from _refused(word, counts, weight.agreed.get(word, 0))
    if flipped:
        yield (
            f"{len(flipped):,} record(s) went back and forth {_USUAL.max_flips} times or "
            "more by now, undone values counted: the next make wms-plan holds them "
            "(--max-flips); decide qbd there, and the warehouse gets what was taken back"
        )


def _refused(word: str, counts: tuple[int, int], agreed: int) -> Iterator[str]:
    most = (_USUAL.max_change, _USUAL.max_delete)
    for count, percent, option in zip(counts, most, ("--max-change", "--max-delete")):
        if brakes.is_more(count, percent, agreed):
            yield (
                f"{count:,} of {agreed:,} {word.replace('_', ' ')} are more than {percent:g} "
                f"% ({option}): the next plan refuses them; if that is right, "
                "make wms-sync ARGS=--force"
            )
