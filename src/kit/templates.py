r"""Templates: `*.html` files with `$name` in them, filled with text that cannot be markup.

A template holds no logic; what repeats is `join(render(ROW, ...) for ...)`. A value may
stand between tags or inside a double-quoted attribute, never in a script, a style or at
the start of an address; elsewhere in a tag only markup is taken, a whole attribute.

>>> render(Template('<td title="$name">$name</td>'), name='<b> "x"')
'<td title="&lt;b&gt; &quot;x&quot;">&lt;b&gt; &quot;x&quot;</td>'
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from string import Template

# Control characters, halves of characters, and what turns the direction of reading: a
# file `exe.<U+202E>fdp` is not to look like a PDF.
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
    "\ufeff\ufffe\uffff]"
)
_TAG = re.compile(r'<[a-zA-Z/!$](?:"[^"]*"|[^">])*>')
_QUOTED = re.compile(r'"[^"]*"')
_NAME = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


class Html(str):
    """Markup: what `render`, `join` and `text` made, so it is not escaped again."""

    __slots__ = ()


def text(value: object) -> Html:
    r"""Return a value as a page shows it; None is nothing, a control character `\x1b`."""
    if isinstance(value, Html):
        return value
    shown = "" if value is None else str(value)
    return Html(html.escape(_INVISIBLE.sub(_spelled, shown), quote=True))


def join(parts: Iterable[Html], between: str = "") -> Html:
    """Return pieces of markup one after the other; what is no markup is escaped."""
    return Html(text(between).join(map(text, parts)))


def render(template: Template, **values: object) -> Html:
    """Return a template filled.

    Raises KeyError with a name that has no value, TypeError with one that needs markup.
    """
    for name in _bare(template.template):
        if not isinstance(values[name], Html):
            raise TypeError(f"${name} stands in a tag without quotes; give it markup")
    return Html(template.substitute({name: text(one) for name, one in values.items()}))


@lru_cache(maxsize=None)
def load(folder: Path, name: str) -> Template:
    """Return the template in `<folder>/<name>.html`, read once."""
    return Template((folder / name).with_suffix(".html").read_text("utf-8"))


@lru_cache(maxsize=None)
def _bare(template: str) -> frozenset[str]:
    """Return the names in tags that no quotes enclose: a blank in their value would end it."""
    tags = (_QUOTED.sub("", tag) for tag in _TAG.findall(template))
    return frozenset(a or b for tag in tags for a, b in _NAME.findall(tag))


def _spelled(match: re.Match[str]) -> str:
    code = ord(match.group())
    return _SHORT.get(match.group()) or (
        f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
    )
