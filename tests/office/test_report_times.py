"""Hours put together to bars: none is lost, none too many, those with nothing are there."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest

from src.office import report_times
from src.office.report_times import BARS, spread

BEGIN = datetime(2026, 11, 20, 9)


def every(step: timedelta, count: int) -> dict[str, Counter[str]]:
    """Return hours of one row each."""
    hours = [f"{BEGIN + step * number:%Y-%m-%dT%H}" for number in range(count)]
    return {hour: Counter(created=hours.count(hour)) for hour in hours}


def test_nothing_is_no_bar():
    assert spread({}).bars == ()


def test_an_hour_is_one_bar():
    assert spread({"2026-11-20T09": Counter(created=3)}) == (
        "hour",
        [("11-20 09h", {"created": 3})],
    )


@pytest.mark.parametrize(
    ("step", "count", "unit", "first"),
    [
        (timedelta(hours=1), BARS, "hour", "11-20 09h"),
        (timedelta(hours=1), BARS + 1, "day", "2026-11-20"),
        (timedelta(days=1), BARS, "day", "2026-11-20"),
        (timedelta(days=1), BARS + 1, "month", "2026-11"),
        (timedelta(days=365), 4, "month", "2026-11"),
        (timedelta(days=365), 6, "year", "2026"),
    ],
)
def test_the_finest_unit_that_fits_is_taken(step, count, unit, first):
    found = spread(every(step, count))

    assert (found.unit, found.bars[0][0]) == (unit, first)
    assert len(found.bars) <= BARS
    assert sum(counts["created"] for _, counts in found.bars) == count


def test_hours_with_nothing_are_there():
    found = spread(every(timedelta(hours=3), 2))

    assert [label for label, _ in found.bars] == [
        *("11-20 09h", "11-20 10h", "11-20 11h", "11-20 12h")
    ]
    assert [counts["created"] for _, counts in found.bars] == [1, 0, 0, 1]


def test_of_very_many_years_the_last_are_shown():
    hours = {f"{year}-01-01T00": Counter(created=1) for year in (1, 1900, 2026)}
    hours = {hour.rjust(13, "0"): counts for hour, counts in hours.items()}

    found = spread(hours)

    assert (found.unit, len(found.bars), found.bars[-1][0]) == ("year", BARS, "2026")


def test_what_is_no_hour_is_left_out():
    odd = dict.fromkeys(("", "yesterday", "2026-13-40T99", "٢٠٢٦-11-20T09"), Counter(a=1))

    assert spread(odd).bars == ()
    assert len(spread({**odd, "2026-11-20T09": Counter(a=1)}).bars) == 1


def test_the_sums_are_not_those_of_the_log_itself():
    hours = every(timedelta(hours=1), 2)
    spread(hours).bars[0][1].update(created=5)

    assert hours == every(timedelta(hours=1), 2)
    assert report_times.spread(hours).bars[0][1] == {"created": 1}
