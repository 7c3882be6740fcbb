"""What pages are built of: cards, tables, badges, facts, forms, pagers; see also bars.

Everything that is no markup is escaped; places are paths of our own, and `address` puts
hostile names into them safely.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from string import Template
from typing import NamedTuple
from urllib.parse import quote, urlencode

from src.kit.errors import (
    AUTHORIZE_AGAIN,
    IN_DOUBT,
    INPUT_OUTPUT,
    LOCKED,
    NOTHING_DONE,
    OK,
    SIGNALLED,
    SOME_ROWS_FAILED,
    STOPPED_EARLY,
)
from src.kit.templates import Html, join, render, text

EXITS = {
    OK: "all done",
    SOME_ROWS_FAILED: "done, some rows failed",
    NOTHING_DONE: "nothing done",
    STOPPED_EARLY: "stopped early by a limit",
    IN_DOUBT: "left rows in doubt",
    INPUT_OUTPUT: "input or output failed",
    LOCKED: "locked by another run",
    AUTHORIZE_AGAIN: "needs a new login",
}
LONGEST = 160  # characters of a cell that are shown at once
SUCCESS, PRIMARY, SECONDARY, INFO, WARNING, DANGER = (
    "success primary secondary info warning danger".split()
)
NOTHING = Html("")
_TONES = {
    SUCCESS: "uploaded created updated linked recovered adopted removed inactivated "
    "completed marked_deleted approve intact",
    PRIMARY: "running create update link inactivate mark_deleted ok",  # will be done
    INFO: "in_doubt",
    WARNING: "held hold flagged stale cancelled cancelling rejected reject",
    DANGER: "failed file_missing file_changed lost",
}
_TONE_OF = {word: tone for tone, words in _TONES.items() for word in words.split()}
_BADGE = Template(
    '<span class="badge bg-${tone}-subtle text-${tone}-emphasis '
    'border border-${tone}-subtle">$word</span>'
)
_CARD = Template(
    '<section class="card mb-3"$anchor><div class="card-header">'
    "<h${level}>$title</h${level}></div>"
    '<div class="card-body">$body</div>$foot</section>'
)
_FOOT = Template('<div class="card-footer">$foot</div>')
_ANCHOR = Template(' id="$anchor"')
_TABLE = Template(
    '<div class="table-responsive" tabindex="0" role="group" aria-label="$caption">'
    '<table class="table table-sm">'
    "<caption>$caption</caption><thead><tr>$heads</tr></thead>"
    "<tbody>$rows</tbody></table></div>"
)
_HEAD = Template('<th scope="col"$kind$sort>$name</th>')
_ROW = Template("<tr>$cells</tr>")
_CELL = Template("<td$kind>$cell</td>")
_ROW_HEAD = Template('<th scope="row"$kind>$cell</th>')
_KIND = Template(' class="$kind"')
_SORT = Template(' aria-sort="$order"')
_FACTS = Template('<dl class="facts">$facts</dl>')
_FACT = Template("<dt>$name</dt><dd>$value</dd>")
_TIME = Template('<time datetime="$machine">$shown</time>')
_LINK = Template('<a href="$place">$shown</a>')
_BUTTON_LINK = Template('<a class="btn btn-sm btn-$look" href="$place">$shown</a>')
_CODE = Template("<code>$command</code>")
_NOTICE = Template('<div class="alert alert-$tone" role="$role">$body</div>')
_CUT = Template(
    '<details class="cut"><summary>$start…</summary><span class="text-break">$whole</span>'
    "</details>"
)
_FORM = Template(
    '<form method="post" action="$place"$attributes>'
    '<input type="hidden" name="csrf" value="$csrf">$body</form>'
)
_BUTTON = Template('<button type="submit" class="btn btn-$look">$shown</button>')
_PAGER = Template('<nav aria-label="$label"><ul class="pagination">$items</ul></nav>')
_PAGE_LINK = Template(
    '<li class="page-item"><a class="page-link" href="$place"$rel>$shown</a></li>'
)
_PAGE_HERE = Template(
    '<li class="page-item $state"><span class="page-link">$shown</span></li>'
)
_REL = Template(' rel="$rel"')


# --- words and values -----------------------------------------------------------------


def tone(word: str) -> str:
    """Return the colour of an outcome or a status; the word itself is always shown, too."""
    return _TONE_OF.get(word, SECONDARY)


def spelled(word: str) -> str:
    """Return a word of the CSVs for people.

    >>> spelled("skipped_already_uploaded")
    'skipped already uploaded'
    """
    return word.replace("_", " ")


def number(count: int) -> Html:
    """Return a count with thousands separators."""
    return text(f"{count:,}")


def plural(count: int, noun: str, nouns: str = "") -> str:
    """Return a count and what is counted.

    >>> plural(1, "row"), plural(2050, "row"), plural(0, "entry", "entries")
    ('1 row', '2,050 rows', '0 entries')
    """
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"


def stamp(iso: str) -> Html:
    """Return a time of the CSVs, to the minute and with its zone; anything else as is."""
    try:
        when = datetime.fromisoformat(iso)
    except ValueError:
        return text(iso)
    zone = " UTC" if when.utcoffset() is not None and not when.utcoffset() else ""
    return render(_TIME, machine=iso, shown=f"{when:%Y-%m-%d %H:%M}{zone}")


def cut(value: str, longest: int = LONGEST) -> Html:
    """Return a text, one that is too long behind something that opens."""
    if len(value) <= longest:
        return text(value)
    return render(_CUT, start=value[:longest], whole=value)


def command(line: str) -> Html:
    """Return what a person types."""
    return render(_CODE, command=line)


def ended(exit_code: str, is_cancelled: bool = False) -> str:
    """Return what a door's exit code means, and the code.

    >>> ended("1"), ended("143"), ended("")
    ('done, some rows failed (exit 1)', 'stopped by a signal (exit 143)', 'not known')
    >>> ended("143", is_cancelled=True)
    'cancelled (exit 143)'
    """
    code = int(exit_code) if exit_code.isascii() and exit_code.isdigit() else None
    if code is None:
        return exit_code or "not known"
    if is_cancelled:
        return f"cancelled (exit {code})"
    signalled = "stopped by a signal" if code > SIGNALLED else "ended"
    return f"{EXITS.get(code, signalled)} (exit {code})"


def badge(word: str, look: str = "") -> Html:
    """Return an outcome or a status, in its colour."""
    return render(_BADGE, word=spelled(word), tone=look or tone(word))


# --- links and forms ------------------------------------------------------------------


def address(*parts: str, **query: object) -> str:
    """Return a path of ours, its parts and its query quoted; what is empty is left out.

    >>> address("logs", "a b/c", q="<x>", page="")
    '/logs/a%20b%2Fc?q=%3Cx%3E'
    """
    path = "/" + "/".join(quote(part, safe="") for part in parts)
    asked = urlencode({name: value for name, value in query.items() if value != ""})
    return f"{path}?{asked}" if asked else path


def link(place: str, shown: object) -> Html:
    """Return a link to a place of ours, as `address` makes it."""
    return render(_LINK, place=place, shown=shown)


def button_link(place: str, shown: object, look: str = "outline-primary") -> Html:
    """Return a link that looks like a button."""
    return render(_BUTTON_LINK, place=place, shown=shown, look=look)


def button(shown: object, look: str = "primary") -> Html:
    """Return what sends a form."""
    return render(_BUTTON, shown=shown, look=look)


def form(place: str, csrf: str, body: Html, attributes: Html = NOTHING) -> Html:
    """Return a form that a browser may send: it carries the token of its page."""
    return render(_FORM, place=place, csrf=csrf, body=body, attributes=attributes)


# --- boxes ----------------------------------------------------------------------------


def card(title: object, body: Html, foot: Html = NOTHING, level: int = 2) -> Html:
    """Return a box with a heading of the level given."""
    shown = render(_FOOT, foot=foot) if foot else NOTHING
    return render(_CARD, title=title, body=body, foot=shown, level=text(level), anchor=NOTHING)


def facts(pairs: Mapping[str, object]) -> Html:
    """Return names and what they are."""
    rows = (render(_FACT, name=name, value=value) for name, value in pairs.items())
    return render(_FACTS, facts=join(rows))


def notice(body: object, look: str = SECONDARY) -> Html:
    """Return a box that says something; one that warns is read out at once."""
    role = "alert" if look == DANGER else "status"
    return render(_NOTICE, body=body, tone=look, role=role)


# --- tables ---------------------------------------------------------------------------


class Column(NamedTuple):
    """A column of a table."""

    name: object  # a text, or markup such as a link that sorts
    kind: str = ""  # a class, such as NUMBER
    order: str = ""  # ascending, descending; empty = not sorted by it


NUMBER = "number"


def table(
    caption: str, columns: Sequence[Column | str], rows: Iterable[Sequence[object]]
) -> Html:
    """Return a table that scrolls within its own box; a row's first cell is its name."""
    heads = [Column(c) if isinstance(c, str) else c for c in columns]
    return render(
        _TABLE,
        caption=caption,
        heads=join(map(_head, heads)),
        rows=join(render(_ROW, cells=_cells(heads, row)) for row in rows),
    )


def _head(column: Column) -> Html:
    sort = render(_SORT, order=column.order) if column.order else NOTHING
    return render(_HEAD, name=column.name, kind=_kind(column), sort=sort)


def _cells(columns: Sequence[Column], row: Sequence[object]) -> Html:
    templates = [_ROW_HEAD] + [_CELL] * (len(columns) - 1)
    return join(
        render(template, cell=_shown(cell), kind=_kind(column))
        for template, column, cell in zip(templates, columns, row)
    )


def _shown(cell: object) -> object:
    is_count = isinstance(cell, int) and not isinstance(cell, bool)
    return number(cell) if is_count else cell


def _kind(column: Column) -> Html:
    return render(_KIND, kind=column.kind) if column.kind else NOTHING


def pager(label: str, page: int, pages: int, places: Mapping[int, str]) -> Html:
    """Return links to the page before and after; `places` has their addresses."""
    if pages < 2:
        return NOTHING
    before, after = places.get(page - 1), places.get(page + 1)
    here = render(_PAGE_HERE, state="active", shown=f"Page {page:,} of {pages:,}")
    items = [_page(before, "Previous", "prev"), here, _page(after, "Next", "next")]
    return render(_PAGER, label=label, items=join(items))


def _page(place: str | None, shown: str, rel: str) -> Html:
    if place is None:
        return render(_PAGE_HERE, state="disabled", shown=shown)
    return render(_PAGE_LINK, place=place, shown=shown, rel=render(_REL, rel=rel))
