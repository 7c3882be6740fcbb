"""Notes of a customer: our lines `Name=value`, and the lines of people beside them.

A line is ours if it begins with the name of a custom field, or of the mark, and `=`,
whoever typed it. Everything else belongs to people and stays, word for word, where it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from src.config import normalize_line
from src.kit.memory import is_key
from src.mis.custom_fields import NAMES, NEVER_CUT
from src.mis.fitting import shortened, width

MARK = "Carryover"  # the name of the line that makes a customer ours
_OF_ONE = "Notes."  # then the name of a line: what it is called among the fields
MOST = 2000  # characters that QuickBooks takes
_ORDER = (*NAMES, MARK)
_FIXED = NEVER_CUT | {MARK}
_LEAST = 2  # characters of a value that is worth a line: one, and the `…`
_OURS = re.compile(rf"[ \t]*({'|'.join(_ORDER)})=(.*)")
_LINE_END = re.compile("\r\n|\r|\n")


class Composed(NamedTuple):
    """Notes that are to be sent."""

    text: str
    cut: tuple[str, ...] = ()  # names of values that were cut or left out
    is_too_long: bool = False  # even without what may be cut


class Parsed(NamedTuple):
    """What Notes say."""

    values: Mapping[str, str]
    mark: str  # empty = none of ours, or several
    others: Sequence[str]  # the lines of people


def named(line: str) -> str:
    """Return what one line of ours is called among the fields of a customer."""
    return _OF_ONE + line


def line_in(name: str) -> str:
    """Return the line of ours that a field's name is of, empty if it is none."""
    return name[len(_OF_ONE) :] if name.startswith(_OF_ONE) else ""


def compose(values: Mapping[str, str], mark: str) -> Composed:
    """Return the Notes of a customer that has nothing but ours in them.

    Too long together, the longest values are cut; the mark and who it is never are.
    """
    return _arranged(_Old(), _cleaned(values, mark))


@lru_cache(maxsize=16)  # whoever plans a person asks several times
def parse(text: str) -> Parsed:
    """Return what Notes say; of a name that stands there twice, the first line counts."""
    found: dict[str, str] = {}
    others, said = [], set()
    for line in _lines(text):
        name, value = _split(line)
        if name == MARK:
            said.add(value)
        elif name:
            found.setdefault(name, value)
        else:
            others.append(line)
    mark = said.pop() if len(said) == 1 else ""
    return Parsed(found, mark if is_key(mark) else "", others)


def marks(text: str) -> set[str]:
    """Return all that Notes say to be a mark."""
    pairs = map(_split, _lines(text))
    return {value for name, value in pairs if name == MARK}


def is_foreign(text: str, mark: str) -> bool:
    """Return whether Notes have the mark of somebody else than this one's person."""
    return bool(marks(text) - {mark})


def ours(text: str) -> str:
    """Return the lines of Notes that are ours, in one order, whoever moved them."""
    found = parse(text)
    said = {**found.values, MARK: found.mark}
    return "\n".join(f"{name}={said[name]}" for name in _ORDER if said.get(name))


def news(old: str, new: str) -> dict[str, str]:
    """Return our lines that are others in the new Notes; one that is gone says nothing."""
    there, found = parse(old).values, parse(new).values
    names = (name for name in NAMES if there.get(name) != found.get(name))
    return {name: found.get(name, "") for name in names}


def merged(old: str, new: str, kept: Collection[str] = ()) -> Composed:
    """Return the Notes that are there with the lines of `new` instead of ours.

    People's lines stay in their places, and are never cut, nor are those of ours that are
    `kept`. What says the same already stays as it is, to the letter.
    """
    found = parse(new)
    wanted = _cleaned(found.values, found.mark)
    wanted = {name: value for name, value in wanted.items() if name not in kept}
    return _arranged(_Old(old, kept), wanted)


class _Old(NamedTuple):
    """Notes that are there, and our lines in them that stay like people's."""

    text: str = ""
    kept: Collection[str] = ()

    def is_ours(self, name: str) -> bool:
        return name != "" and name not in self.kept


def _arranged(old: _Old, wanted: Mapping[str, str]) -> Composed:
    lines = _lines(old.text)
    taken = sum(width(line) + 1 for line in lines if not old.is_ours(_split(line)[0]))
    fitted = _fitted(wanted, MOST - taken)
    placed = _placed(old, fitted)
    text = old.text if lines and placed == lines else "\n".join(placed)
    cut = tuple(name for name in wanted if fitted.get(name) != wanted[name])
    return Composed(text, cut, width(text) > MOST)


def _placed(old: _Old, wanted: Mapping[str, str]) -> list[str]:
    """Return lines with ours replaced where they stand; new ones follow the last of them."""
    found, left, end = [], dict(wanted), -1
    for line in _lines(old.text):
        name, value = _split(line)
        if not old.is_ours(name):
            found.append(line)
        elif name in left:
            new = left.pop(name)
            found.append(line if value == new else f"{name}={new}")
            end = len(found)
    at = end if end >= 0 else len(found)
    found[at:at] = [f"{name}={value}" for name, value in left.items()]
    return found


def _fitted(values: Mapping[str, str], room: int) -> dict[str, str]:
    """Return the values, the longest of them cut until all lines fit into the room."""
    fitted = dict(values)
    while (excess := _size(fitted) - room) > 0:
        lengths = {name: width(fitted[name]) for name in fitted if name not in _FIXED}
        if not lengths:
            break
        most = _longest(sorted(lengths.values(), reverse=True), excess)
        if most < _LEAST:
            del fitted[max(lengths, key=lambda name: (lengths[name], name))]
        else:
            fitted |= {name: shortened(fitted[name], most) for name in lengths}
    return fitted


def _longest(lengths: list[int], excess: int) -> int:
    """Return to which length the longest are cut, so that all lose so much together."""
    for count, length in enumerate(lengths, 1):
        following = lengths[count] if count < len(lengths) else 0
        if excess <= (length - following) * count:
            return length - -(-excess // count)
        excess -= (length - following) * count
    return 0


def _size(values: Mapping[str, str]) -> int:
    return width("\n".join([f"{name}={value}" for name, value in values.items()]))


def _cleaned(values: Mapping[str, str], mark: str) -> dict[str, str]:
    """Return what is to be said, on one line each, the mark last; without what is empty."""
    lines = [(name, normalize_line(value)) for name, value in {**values, MARK: mark}.items()]
    return {name: value for name, value in lines if value}


def _lines(text: str) -> list[str]:
    return _LINE_END.split(text) if text else []


def _split(line: str) -> tuple[str, str]:
    """Return name and value of a line of ours, nothing of a line of people."""
    match = _OURS.match(line)
    return (match[1], match[2].strip()) if match else ("", "")
