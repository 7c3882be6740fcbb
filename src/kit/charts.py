"""Charts as inline SVG, readable without colour, with the same figures as a table.

What a part of a bar means is said by its pattern, by its colour (a class `fill-…` of the
page's style, with a colour of its own where there is none) and by the table below it.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from string import Template
from typing import NamedTuple

from src.kit.templates import Html, join, render

WIDTH = 540  # of every drawing, in its own units
LETTER = 7.4  # how wide a letter is at most, on average, at the size below
SIZE = 13
_PITCH, _BAR, _GAP = 44, 15, 20  # of bars that lie: from one to the next, height, label
_LEFT, _TOP, _HEIGHT, _FOOT = 64, 26, 150, 26  # of columns: what is around them
_WIDEST, _NARROWEST = 48.0, 1.5  # a column; a part that is there is seen
_STEPS = 4  # lines across the columns

SUCCESS, SECONDARY, INFO, WARNING, DANGER = "success secondary info warning danger".split()
# The colours where the page has none; then the strokes that tell them apart in grey.
_FILLS = {
    SUCCESS: "#2a7d4f",
    SECONDARY: "#9aa1a9",
    INFO: "#7a4fb5",
    WARNING: "#c98a06",
    DANGER: "#b3303a",
}
_STROKES = {
    SECONDARY: "M2 2h1.6",
    INFO: "M0 7L7 0",
    WARNING: "M0 3.5H7",
    DANGER: "M0 7L7 0M0 0L7 7",
}

_FIGURE = Template(
    '<figure class="chart"><figcaption>$title</figcaption>$legend$drawing'
    "<details><summary>The same as a table</summary>$table</details></figure>"
)
_SVG = Template(
    '<svg xmlns="http://www.w3.org/2000/svg" class="drawing" role="img" '
    'aria-labelledby="$name-t $name-d" viewBox="0 0 $width $height" font-size="$size">'
    '<title id="$name-t">$title</title><desc id="$name-d">$told</desc>'
    "<defs>$patterns</defs>$content</svg>"
)
_PATTERN = Template(
    '<pattern id="$name-$tone" width="7" height="7" patternUnits="userSpaceOnUse">'
    '<path d="$stroke" stroke="#fff" stroke-opacity=".75" stroke-width="1.5"/></pattern>'
)
_RECT = Template(
    '<rect class="fill-$tone" fill="$fill" x="$x" y="$y" width="$width" height="$height">'
    "<title>$told</title></rect>"
)
_OVER = Template(
    '<rect fill="url(#$name-$tone)" pointer-events="none" x="$x" y="$y" width="$width" '
    'height="$height"/>'
)
_TEXT = Template('<text x="$x" y="$y" text-anchor="$anchor" fill="currentColor">$text</text>')
_LINE = Template(
    '<line x1="$left" x2="$right" y1="$y" y2="$y" stroke="currentColor" '
    'stroke-opacity=".25"/>'
)
_LEGEND = Template('<ul class="legend">$items</ul>')
_ITEM = Template(
    '<li><svg xmlns="http://www.w3.org/2000/svg" aria-hidden="true" viewBox="0 0 10 10">'
    '<rect class="fill-$tone" fill="$fill" width="10" height="10"/>$over</svg>'
    "<b>$count</b> $word</li>"
)
_STROKE = Template('<path d="$stroke" stroke="#fff" stroke-opacity=".75" fill="none"/>')
_TABLE = Template(
    '<div class="table-responsive" tabindex="0"><table class="table table-sm">'
    "<caption>$title</caption><thead><tr>$heads</tr></thead><tbody>$rows</tbody></table></div>"
)
_HEAD = Template('<th scope="col">$cell</th>')
_NAME = Template('<th scope="row">$cell</th>')
_CELL = Template('<td class="number">$cell</td>')
_ROW = Template("<tr>$cells</tr>")


class Part(NamedTuple):
    """A part of a bar."""

    word: str
    count: int
    tone: str = SUCCESS


class Bar(NamedTuple):
    """A bar: what it is about, and its parts in the order in which they are drawn."""

    label: str
    parts: Sequence[Part]

    @property
    def total(self) -> int:
        """Return what the parts add up to."""
        return sum(part.count for part in self.parts)


class Chart(NamedTuple):
    """What is drawn."""

    name: str  # an id that no other chart of the page has
    title: str
    unit: str  # what is counted, for the axis: records per hour
    bars: Sequence[Bar]
    is_share: bool = False  # lying bars are all of one length: parts of a whole

    @property
    def is_mixed(self) -> bool:
        """Return whether there is anything to tell apart."""
        return len(self.bars[0].parts) > 1 if self.bars else False


class _Box(NamedTuple):
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float


def lying(chart: Chart) -> Html:
    """Return bars that lie below one another, each with its label above it."""
    most = max((bar.total for bar in chart.bars), default=0)
    drawn: list[Html] = []
    for number, bar in enumerate(chart.bars):
        whole = bar.total if chart.is_share else most
        drawn += _lying(chart, bar, number * _PITCH, WIDTH / (whole or 1))
    return _figure(chart, drawn, len(chart.bars) * _PITCH)


def _lying(chart: Chart, bar: Bar, top: float, scale: float) -> Iterator[Html]:
    count = f"{bar.total:,}"
    yield _text(bar.label, 0, top + SIZE, WIDTH - (len(count) + 2) * LETTER)
    yield render(_TEXT, text=count, x=WIDTH, y=top + SIZE, anchor="end")
    start = 0.0
    for part in bar.parts:
        width = part.count * scale
        yield from _part(chart, bar, part, _Box(start, top + _GAP, width, _BAR))
        start += width


def standing(chart: Chart) -> Html:
    """Return columns beside one another, in order, with a scale at their left."""
    most = _ceiling(max((bar.total for bar in chart.bars), default=0))
    room = (WIDTH - _LEFT) / (len(chart.bars) or 1)
    drawn = [_text(chart.unit, 0, SIZE, WIDTH), *_scale(most)]
    every = _every([bar.label for bar in chart.bars], room)
    for number, bar in enumerate(chart.bars):
        middle = _LEFT + room * (number + 0.5)
        drawn += _standing(chart, bar, _Box(middle, 0, room, _HEIGHT / most))
        if number % every == 0:
            drawn.append(_label(bar.label, middle))
    return _figure(chart, drawn, _TOP + _HEIGHT + _FOOT)


def _standing(chart: Chart, bar: Bar, place: _Box) -> Iterator[Html]:
    width = min(_WIDEST, max(_NARROWEST, 0.8 * place.width))
    bottom = float(_TOP + _HEIGHT)
    for part in bar.parts:
        height = part.count * place.height
        bottom -= height
        box = _Box(place.x - width / 2, bottom, width, height)
        yield from _part(chart, bar, part, box)


def _label(text: str, middle: float) -> Html:
    half = wide(text) * LETTER / 2
    x = min(max(middle, half), WIDTH - half)
    y = _TOP + _HEIGHT + SIZE + 5
    return render(_TEXT, text=text, x=_n(x), y=y, anchor="middle")


def _scale(most: int) -> Iterator[Html]:
    for step in range(_STEPS + 1):
        value = most * step / _STEPS
        y = _TOP + _HEIGHT * (1 - step / _STEPS)
        yield render(_LINE, left=_LEFT, right=WIDTH, y=_n(y))
        if value == int(value):
            shown = _short(int(value))
            yield render(_TEXT, text=shown, x=_LEFT - 8, y=_n(y + 4), anchor="end")


def _every(labels: Sequence[str], room: float) -> int:
    """Return which label is shown, the first and every n-th, so that none overlap."""
    widest = max(map(wide, labels), default=0) * LETTER + 8
    return max(1, -int(-widest // room))


def _ceiling(most: int) -> int:
    """Return a round number that is not less.

    >>> [_ceiling(one) for one in (0, 3, 4, 5, 11, 99, 2051)]
    [4, 4, 4, 8, 20, 100, 4000]
    """
    power = 1
    while True:
        for step in (1, 2, 4, 8):
            if step * power >= max(most, 4) and step * power % _STEPS == 0:
                return step * power
        power *= 10


def _short(value: int) -> str:
    """Return a number that fits beside the scale.

    >>> _short(1250), _short(12_000), _short(4_500_000)
    ('1,250', '12,000', '4.5 M')
    """
    return f"{value:,}" if value < 10**6 else f"{value / 10**6:,.3g} M"


def wide(text: str) -> int:
    """Return how many letters of ours a text is as wide as.

    >>> wide("abc"), wide("東京")
    (3, 4)
    """
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _fitting(text: str, room: float) -> str:
    """Return a text that is cut to the room there is."""
    ends = list(accumulate(map(wide, text)))
    if not ends or ends[-1] * LETTER <= room:
        return text
    return text[: bisect_right(ends, room / LETTER - 1)] + "…"


def _text(text: str, x: float, y: float, room: float) -> Html:
    text = _fitting(text[:WIDTH], room)
    return render(_TEXT, text=text, x=_n(x), y=_n(y), anchor="start")


def _part(chart: Chart, bar: Bar, part: Part, box: _Box) -> Iterator[Html]:
    if part.count <= 0:
        return
    place = {name: _n(value) for name, value in box._asdict().items()}
    told = f"{bar.label}: {part.count:,} {part.word}"
    fill = _FILLS[part.tone]
    yield render(_RECT, tone=part.tone, fill=fill, told=told, **place)
    if part.tone in _STROKES and chart.is_mixed:
        yield render(_OVER, name=chart.name, tone=part.tone, **place)


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


# --- around the drawing ---------------------------------------------------------------


def _figure(chart: Chart, drawn: Iterable[Html], height: float) -> Html:
    whole = sum(bar.total for bar in chart.bars)
    told = f"{len(chart.bars)} bar(s), {whole:,} {chart.unit} in all; a table has them all"
    drawing = render(
        _SVG,
        name=chart.name,
        title=chart.title,
        told=told,
        width=WIDTH,
        height=_n(max(height, SIZE)),
        size=SIZE,
        patterns=join(_patterns(chart)),
        content=join(drawn),
    )
    legend, table = _legend(chart), _table(chart)
    return render(_FIGURE, title=chart.title, drawing=drawing, legend=legend, table=table)


def _words(chart: Chart) -> list[Part]:
    """Return what there is of each word, in order."""
    found: dict[str, Part] = {}
    for bar in chart.bars:
        for part in bar.parts:
            known = found.get(part.word, part._replace(count=0))
            found[part.word] = known._replace(count=known.count + part.count)
    return [part for part in found.values() if part.count]


def _patterns(chart: Chart) -> Iterator[Html]:
    for tone in sorted({part.tone for part in _words(chart)} & set(_STROKES)):
        yield render(_PATTERN, name=chart.name, tone=tone, stroke=_STROKES[tone])


def _legend(chart: Chart) -> Html:
    if not chart.is_mixed:
        return Html("")
    return render(_LEGEND, items=join(map(_item, _words(chart))))


def _item(part: Part) -> Html:
    stroke = _STROKES.get(part.tone)
    over = render(_STROKE, stroke=stroke) if stroke else Html("")
    look = {"tone": part.tone, "fill": _FILLS[part.tone], "over": over}
    return render(_ITEM, count=f"{part.count:,}", word=part.word, **look)


def _table(chart: Chart) -> Html:
    words = [part.word for part in _words(chart)]
    heads = join(render(_HEAD, cell=cell) for cell in ("", *words, "all"))
    rows = join(_row(bar, words) for bar in chart.bars)
    return render(_TABLE, title=chart.title, heads=heads, rows=rows)


def _row(bar: Bar, words: Sequence[str]) -> Html:
    counts = {word: 0 for word in words}
    for part in bar.parts:
        if part.word in counts:
            counts[part.word] += part.count
    cells = [render(_CELL, cell=f"{one:,}") for one in (*counts.values(), bar.total)]
    return render(_ROW, cells=join([render(_NAME, cell=bar.label), *cells]))
