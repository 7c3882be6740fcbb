"""Which lines of a log somebody looks for: told by their bytes as long as that is certain.

170,000 lines are looked through for every page that a person asks for, so none is taken
apart before its bytes say that it may be wanted.
"""

from __future__ import annotations

import csv
import re
from typing import NamedTuple

from src.kit import cells, runlog
from src.kit.tables import APPEND_ONLY, Table, header

LONGEST = 200  # characters of what is looked for; more is cut
# What may stand in a line and in none of its cells: it separates, quotes, guards, escapes.
_ODD = re.compile("[,\"'\\\\]")


class Wanted(NamedTuple):
    """Which lines somebody looks for; nothing = all of them."""

    text: str = ""  # in any cell, whatever its case
    cells: tuple[tuple[str, str], ...] = ()  # a column, and what it has to say


class Line(NamedTuple):
    """One line: what its cells mean, in the order of the table's columns."""

    cells: tuple[str, ...]  # one of a damaged line: the line as it stands
    is_damaged: bool = False


class Sieve:
    """Tells lines by their bytes, and takes apart those about which bytes say too little."""

    def __init__(self, table: Table, wanted: Wanted) -> None:
        self._table = table
        names = header(table.row)
        self._cells = [
            (names.index(name), value) for name, value in wanted.cells if name in names
        ]
        self._folded = cells.folded(wanted.text[:LONGEST])
        # Escapes and doubled quotes replace single characters, so this stands in the
        # line of every cell that holds the text.
        self._spelled = cells.escape(self._folded).replace('"', '""')
        self._is_plain = not _ODD.search(self._spelled)
        self._ignores_case = self._spelled != "" and self._spelled.isascii()
        values = [_bounded(value, at, len(names)) for at, value in self._cells]
        sought = self._spelled if self._ignores_case else max(["", *values], key=len)
        self._needle = sought.encode()

    @property
    def takes_all(self) -> bool:
        """Return whether every line is wanted."""
        return not (self._folded or self._cells)

    def places(self, block: bytes) -> list[tuple[int, int]]:
        """Return where the wanted lines of a block begin and end."""
        searched = block.lower() if self._ignores_case else block
        needle, is_wanted = self._needle, self._is_wanted
        found, at = [], searched.find(needle)
        while 0 <= at < len(block):
            start = block.rfind(b"\n", 0, at) + 1
            end = block.find(b"\n", at) + 1
            if is_wanted(block[start:end]):
                found.append((start, end))
            at = searched.find(needle, end)
        return found

    def _is_wanted(self, line: bytes) -> bool:
        """Return whether a line in which the needle stands is wanted."""
        if self._cells and not self._says(line):
            return False
        if not self._folded:
            return True
        if not self._ignores_case and self._spelled not in _folded(line):
            return False
        return (self._is_plain and b"\\" not in line) or self._holds(line)

    def _says(self, line: bytes) -> bool:
        """Return whether the cells of a line say what they have to."""
        if b'"' in line:
            read = _record(line)
            return all(at < len(read) and _text(read[at]) == v for at, v in self._cells)
        found = line.rstrip(b"\r\n").split(b",")
        return all(
            at < len(found) and (found[at] == value.encode() or _text(found[at]) == value)
            for at, value in self._cells
        )

    def _holds(self, line: bytes) -> bool:
        """Return whether one of the cells of a line holds the text."""
        found = taken_apart(line, self._table).cells
        return any(self._folded in cells.folded(cell) for cell in found)


def _bounded(value: str, at: int, width: int) -> str:
    """Return what stands in every line that has a value in a column.

    Most values stand between two commas, so `uploaded` is not looked for in other words.
    """
    spelled = cells.escape(value).replace('"', '""')
    is_bare = 0 < at < width - 1 and not _ODD.search(value) and ";" not in value
    return f",{spelled}," if is_bare and cells.guard(value) == value else spelled


def _folded(line: bytes) -> str:
    return cells.folded(line.decode("utf-8", "replace"))


def _text(cell: str | bytes) -> str:
    said = cell.decode("utf-8", "replace") if isinstance(cell, bytes) else cell
    return cells.unescape(cells.unguard(said))


def taken_apart(line: bytes, table: Table) -> Line:
    """Return what a line's cells mean, if it is whole and its check holds."""
    names = header(table.row)
    if table.kind == APPEND_ONLY:
        found = runlog.verifier(len(names))(line)
        if found:
            return Line(tuple(map(runlog.text, found)))
    else:
        read = _record(line)
        if len(read) == len(names):
            return Line(tuple(map(_text, read)))
    return Line((line.decode("utf-8", "replace").rstrip("\r\n"),), True)


def _record(line: bytes) -> list[str]:
    try:
        return next(csv.reader([line.decode().rstrip("\r\n")], strict=True), [])
    except (csv.Error, UnicodeDecodeError):
        return []
