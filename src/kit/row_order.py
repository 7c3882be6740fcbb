"""Rows that are damaged, or not where their number belongs."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from src.kit import row_checks
from src.kit.row_checks import BAD, Content

ALTERED = "changed"
MISSING = "missing"
INSERTED = "inserted"
MOVED = "moved"
CUT = "cut"


class Trace(NamedTuple):
    """What was noticed at a row."""

    kind: str
    row: int
    said: str = ""
    count: int = 1  # of rows that are missing, or too many


def walk(
    content: Content, start: int, stop: int, goes_on: Callable[[int], bool]
) -> Iterator[Trace]:
    """Yield what is odd about the rows from `start`, the ones before being as written.

    `goes_on` tells of a row with a low number whether a run began to count there.
    """
    if not content.is_numbered:
        bad = [row for row in range(start, stop) if content.checks[row] == BAD]
        yield from _unexplained(content, bad)
        return
    numbers = content.numbers
    present = sorted(set(numbers[start:stop]))
    last, bad, seen = start, list[int](), set[int]()
    for row in range(start, stop):
        number = numbers[row]
        if content.checks[row] == BAD:
            bad.append(row)
            continue
        if number == last + 1 and not bad:  # nearly every row
            last = number
        elif number > last:
            elsewhere = bisect_left(present, number) - bisect_right(present, last)
            yield from _gap(bad, row, (last, number), elsewhere)
            last, bad = number, []
        else:
            yield from (Trace(ALTERED, one) for one in bad)
            bad = []
            if goes_on(row):
                last = number
            else:
                is_twice = number in seen or number <= start
                yield _out_of_place(row, number, last, is_twice)
        seen.add(number)
    yield from _unexplained(content, bad)


def reached(content: Content, start: int, goes_on: Callable[[int], bool]) -> int:
    """Return the number at which a log ends, damaged rows at its end counted on."""
    last, bad = start, 0
    for row in range(start, content.rows):
        number = content.numbers[row]
        if content.checks[row] == BAD:
            bad += 1
        elif number > last or goes_on(row):
            last, bad = number, 0
        else:
            bad = 0
    return last + bad


def _gap(
    bad: Sequence[int], row: int, around: tuple[int, int], elsewhere: int
) -> Iterator[Trace]:
    """Yield what lies between two numbers: rows damaged, gone, or too many."""
    before, after = around
    room = after - before - 1
    yield from (Trace(ALTERED, one) for one in bad[:room])
    for one in bad[room:]:
        yield Trace(INSERTED, one, "a line that no run wrote")
    lost = room - len(bad) - elsewhere
    if lost > 0:
        told = f"{before + 1:,}" if room == 1 else f"{before + 1:,} to {after - 1:,}"
        kind = "seq" if lost == room else f"{lost:,} of seq"
        yield Trace(MISSING, row, f"before this line, {kind} {told}", lost)


def _out_of_place(row: int, number: int, last: int, is_twice: bool) -> Trace:
    if is_twice:
        return Trace(INSERTED, row, f"seq {number:,} for the second time")
    return Trace(MOVED, row, f"seq {number:,} stands behind seq {last:,}", 0)


def _unexplained(content: Content, bad: Sequence[int]) -> Iterator[Trace]:
    """Yield damaged rows at the end; the last line may be one that was cut."""
    is_cut = bool(bad) and bad[-1] == content.rows - 1 and row_checks.is_cut(content)
    yield from (Trace(ALTERED, one) for one in (bad[:-1] if is_cut else bad))
    if is_cut:
        yield Trace(CUT, bad[-1], "the last line has no end")
