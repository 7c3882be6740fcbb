"""What happened when: the hours of a log put together to as many bars as can be read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

BARS = 48
_HOUR = re.compile(r"\d{4}-\d\d-\d\dT\d\d", re.ASCII)
# A unit, and how many characters of an hour name it.
_YEAR, _DAY = len("2026"), len("2026-11-20")
_UNITS = (("hour", 13), ("day", _DAY), ("month", 7), ("year", _YEAR))


class Times(NamedTuple):
    """Counts by time."""

    unit: str
    bars: Sequence[tuple[str, Counter[str]]]  # in order, also those with nothing


def spread(hours: Mapping[str, Counter[str]]) -> Times:
    """Return the counts of a log by hour, day, month or year: the finest that fits.

    Of more years than there can be bars, the last ones.
    """
    known = {hour: counts for hour, counts in hours.items() if _is_hour(hour)}
    if not known:
        return Times("hour", ())
    for unit, width in _UNITS:
        names = list(_between(min(known), max(known), width))
        if len(names) <= BARS:
            break
    sums: dict[str, Counter[str]] = {name: Counter() for name in names[-BARS:]}
    for hour, counts in known.items():
        if hour[:width] in sums:
            sums[hour[:width]].update(counts)
    return Times(unit, [(_label(name), counts) for name, counts in sums.items()])


def _is_hour(text: str) -> bool:
    try:
        return bool(_HOUR.fullmatch(text) and datetime.strptime(text, "%Y-%m-%dT%H"))
    except ValueError:
        return False


def _between(first: str, last: str, width: int) -> Iterator[str]:
    """Yield the names of all hours, days, months or years from one hour to another.

    Of hours and days one more than can be shown at most, which is enough to know that.
    """
    if width < _DAY:
        yield from _long(first[:width], last[:width])
        return
    now = datetime.strptime(first, "%Y-%m-%dT%H")
    for _ in range(BARS + 1):
        name = now.isoformat()[:width]
        yield name
        if name >= last[:width]:
            return
        now += timedelta(days=1) if width == _DAY else timedelta(hours=1)


def _long(first: str, last: str) -> Iterator[str]:
    """Yield months, or years."""
    if len(first) == _YEAR:
        yield from (f"{year:04}" for year in range(int(first), int(last) + 1))
        return
    begin, end = (12 * int(one[:_YEAR]) + int(one[_YEAR + 1 :]) - 1 for one in (first, last))
    yield from (f"{n // 12:04}-{n % 12 + 1:02}" for n in range(begin, end + 1))


def _label(name: str) -> str:
    return f"{name[5:10]} {name[11:]}h" if len(name) > _DAY else name
