"""Our lines in Notes one by one: which of them the MIS changed, and which stay as they are.

What a person corrected or removed stays, unless the MIS changed that line since it was sent.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from itertools import chain
from typing import NamedTuple

from src.mis import digests, notes
from src.mis.custom_fields import NAMES
from src.mis.fitting import shortened, width
from src.mis.history import Past
from src.mis.notes import Composed
from src.mis.payload import NOTES


_ANY = notes.named("any")  # a value has the same digest in all lines


class Text(NamedTuple):
    """The Notes that are there, and what the MIS wants to stand in them."""

    there: str
    wanted: str
    moved: Container[str] = ()  # lines whose values go as custom fields


class Found(NamedTuple):
    """What becomes of the lines, by name."""

    composed: Composed
    sent: tuple[str, ...] = ()  # the MIS changed them
    asked: tuple[str, ...] = ()  # nobody knows who changed them
    agreed: tuple[str, ...] = ()  # are there already, and the log does not know it


def remembered(past: Past, *texts: str) -> Past:
    """Return what is known of each line, where an older log has one digest of all.

    It tells of each line where it is that of one of the Notes.
    """
    whole = past.digests.get(NOTES)
    for text in texts if whole else ():
        if digests.of_all_lines(text) == whole:
            said = notes.parse(text).values
            all_lines = digests.by_field({NOTES: ""}, {n: said.get(n, "") for n in NAMES})
            known = {**all_lines, **past.digests}
            del known[NOTES]
            return past._replace(digests=known)
    return past


def of(text: Text, past: Past) -> Found:
    """Return what becomes of our lines, and the Notes that follow from it."""
    shown, wanted = (notes.parse(one).values for one in text[:2])
    names = [n for n in NAMES if n in shown or n in wanted or past.had(notes.named(n))]
    kept: set[str] = set()
    while True:
        composed = notes.merged(text.there, text.wanted, kept)
        then = notes.parse(composed.text).values
        others = [name for name in names if shown.get(name) != then.get(name)]
        stay = {name for name in others if _stays(name, (wanted, then, shown), text, past)}
        if not stay:
            break
        kept |= stay  # what stays takes room, and what is cut beside it is another value
    known = {name: past.digest_of(notes.named(name)) for name in names}
    agreed = (name for name in names if name not in others and name not in kept)
    return Found(
        composed,
        tuple(name for name in others if known[name]),
        tuple(name for name in others if not known[name]),
        tuple(name for name in agreed if known[name] != _digest(then.get(name, ""))),
    )


def _stays(
    name: str, values: tuple[Mapping[str, str], ...], text: Text, past: Past
) -> bool:
    """Return whether a line stays that is another in QuickBooks.

    The MIS did not change it; or it says nothing, and nobody knows who wrote the line.
    """
    field = notes.named(name)
    new, fitted, there = (one.get(name, "") for one in values)
    if known := past.digest_of(field):
        is_corrected = _digest(there) != known
        return known == _digest(fitted) or (is_corrected and _is_of(known, new))
    is_nothing = _digest(fitted) == digests.nothing(field)
    return is_nothing and name not in text.moved and not past.had(field)


def _is_of(known: str, value: str) -> bool:
    """Return whether a digest is of a value, or of what was left of it when it was cut."""
    cut = (shortened(value, most) for most in range(1, width(value)))
    return any(_digest(one) == known for one in chain((value,), cut))


def _digest(value: str) -> str:
    return digests.of_one(_ANY, value)
