"""Bars: counts as parts of a whole, and how far something is; never colour alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from string import Template
from typing import NamedTuple

from src.kit.templates import Html, join, render, text
from src.office.pages.parts import (
    DANGER,
    INFO,
    NOTHING,
    PRIMARY,
    SECONDARY,
    SUCCESS,
    WARNING,
    link,
    number,
    spelled,
    tone,
)

NARROWEST = 0.8  # percent of a bar
_PROGRESS = Template(
    '<label class="d-block mb-2">$label<progress$extent>$label</progress></label>'
)
_EXTENT = Template(' max="$most" value="$done"')
_BAR = Template(
    '<figure class="mb-2"><svg class="bar" role="img" aria-label="$label">$parts</svg>'
    '<ul class="legend">$legend</ul></figure>'
)
_BAR_PART = Template(
    '<rect class="fill-$tone" x="${start}%" width="${width}%" height="100%">'
    "<title>$count $word</title></rect>"
)
_LEGEND = Template(
    '<li><svg aria-hidden="true" viewBox="0 0 10 10">'
    '<rect class="fill-$tone" width="10" height="10" rx="2"></rect></svg>'
    "<b>$count</b> $shown</li>"
)


_REACHED = Template(
    '<div class="reached mb-2" role="progressbar" aria-label="$label" aria-valuemin="0" '
    'aria-valuemax="$most" aria-valuenow="$now" aria-valuetext="$label">$label'
    '<svg class="bar" aria-hidden="true">$parts</svg></div>'
)
_REACHED_PART = Template(
    '<rect class="fill-$tone" x="${start}%" width="${width}%" height="100%"></rect>'
)


class Part(NamedTuple):
    """A part of a bar."""

    word: str
    count: int
    look: str = ""  # its colour; empty = that of the word
    place: str = ""  # where its rows are; empty = no link


def progress(label: str, done: int, total: int) -> Html:
    """Return how far something is, in words and as a bar; without a total it only moves."""
    extent = render(_EXTENT, done=min(done, total), most=total) if total else NOTHING
    return render(_PROGRESS, label=label, extent=extent)


def reached(label: str, synced: int, failed: int, total: int) -> Html:
    """Return how many records are synchronized and how many could not be, of how many."""
    widths = [100 * min(count, total) / total for count in (synced, failed)]
    shown = zip((SUCCESS, WARNING), (0.0, widths[0]), widths)
    rectangles = (
        render(_REACHED_PART, tone=look, start=f"{start:.3f}", width=f"{width:.3f}")
        for look, start, width in shown
        if width
    )
    now = min(synced + failed, total)
    return render(_REACHED, label=label, most=total, now=now, parts=join(rectangles))


def bar(label: str, parts: Sequence[Part]) -> Html:
    """Return counts as parts of a whole: a bar, and a legend that needs no colour."""
    shown = [part for part in parts if part.count > 0]
    widths = _widths([part.count for part in shown])
    starts = accumulate(widths, initial=0.0)
    rectangles = map(_rectangle, shown, starts, widths)
    legend = join(_filled(_LEGEND, part, shown=_named(part)) for part in shown)
    return render(_BAR, label=label, parts=join(rectangles), legend=legend)


def _widths(counts: Sequence[int]) -> list[float]:
    """Return the widths of parts, in percent; 2 in doubt of a million are seen, too."""
    whole = sum(counts)
    widths = [max(100 * count / whole, NARROWEST) for count in counts]
    return [100 * width / sum(widths) for width in widths]


def outcomes(
    label: str, counts: Mapping[str, int], place: Callable[[str], str] = lambda word: ""
) -> Html:
    """Return outcomes as a bar, what went well first; `place` is where their rows are."""
    order = (SUCCESS, PRIMARY, SECONDARY, INFO, WARNING, DANGER)
    ranked = sorted(counts, key=lambda word: (order.index(tone(word)), -counts[word]))
    return bar(label, [Part(word, counts[word], "", place(word)) for word in ranked])


def _named(part: Part) -> Html:
    word = spelled(part.word)
    return link(part.place, word) if part.place else text(word)


def _rectangle(part: Part, start: float, width: float) -> Html:
    return _filled(_BAR_PART, part, start=f"{start:.3f}", width=f"{width:.3f}")


def _filled(template: Template, part: Part, **values: str) -> Html:
    return render(
        template,
        tone=part.look or tone(part.word),
        count=number(part.count),
        word=spelled(part.word),
        **values,
    )
