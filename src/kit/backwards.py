"""A log from its end: the newest lines first, and those alone that somebody looks for.

Lines are told apart by their bytes as long as that is certain, because 170,000 of them
are looked through for every page; only what is shown is taken apart and verified.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from src.kit import cells, reading, runlog
from src.kit.errors import Refused
from src.kit.tables import APPEND_ONLY, Table, encoded_header, header, line_of

BLOCK = 1 << 19  # bytes looked through at once
LONGEST = 200  # characters of what is looked for; more is cut
# What may stand in a line without being in a cell: what separates, quotes, guards, escapes.
_ODD = re.compile("[,\"'\\\\]")


class Wanted(NamedTuple):
    """Which lines somebody looks for; nothing = all of them."""

    text: str = ""  # in any cell, whatever its case
    cells: tuple[tuple[str, str], ...] = ()  # a column, and what it has to say


class Line(NamedTuple):
    """One line: what its cells mean, in the order of the table's columns."""

    cells: tuple[str, ...]  # one of a damaged line: the line as it stands
    is_damaged: bool = False


class Found(NamedTuple):
    """A page of what was looked for."""

    lines: list[Line]  # newest first
    count: int  # of all that were found


def page(path: Path, table: Table, wanted: Wanted, span: tuple[int, int]) -> Found:
    """Return lines of a table, newest first: after the first `span[0]`, `span[1]` of them.

    A line without an end is being written, so it is not there yet.
    """
    skipped, most = span
    count, lines = 0, []
    for batch in _batches(path, table, wanted):
        size = len(batch)
        if count + size > skipped and len(lines) < most:
            start = max(0, skipped - count)
            lines += batch.newest(start, start + most - len(lines))
        count += size
        if len(lines) == most and not any(wanted):
            return Found(lines, rows(path, table))
    return Found(lines, count)


def raw(path: Path, table: Table, wanted: Wanted) -> Iterator[bytes]:
    """Yield the table as it is spelled: its header, then the lines wanted, oldest first.

    What another program saved is yielded in our spelling.
    """
    yield encoded_header(table.row)
    for segment in _segments(path, table):
        if runlog.is_current(segment, table.row):
            yield from _raw_lines(segment, _Sieve(table, wanted))
            continue
        spell = line_of(table.row)
        for line in _foreign(segment, table, wanted):
            if not line.is_damaged:
                safe = [cells.escape(cell) for cell in line.cells]
                yield spell(safe).encode()


def rows(path: Path, table: Table) -> int:
    """Return how many lines a table has, its header aside."""
    return sum(map(_count_lines, _segments(path, table)))


def _count_lines(path: Path) -> int:
    count = 0
    with open(path, "rb") as file:
        while block := file.read(BLOCK):
            count += block.count(b"\n")
    return max(count - 1, 0)


def last(path: Path, table: Table) -> Line | None:
    """Return the newest line, None of a table without one; the others are not read."""
    for batch in _batches(path, table, Wanted()):
        if len(batch):
            return batch.newest(0, 1)[0]
    return None


def _segments(path: Path, table: Table) -> list[Path]:
    if table.kind == APPEND_ONLY:
        return runlog.segments(path)
    return [path] if path.exists() else []


# --- batches of lines, newest first ---------------------------------------------------


class _Batch(Protocol):
    """Some lines of a file."""

    def __len__(self) -> int:
        """Return how many there are."""

    def newest(self, start: int, end: int) -> list[Line]:
        """Return some of them, counted from the newest."""


class _Picked(NamedTuple):
    """Lines of a block, by where they begin and end."""

    block: bytes
    places: Sequence[tuple[int, int]]
    table: Table

    def __len__(self) -> int:
        return len(self.places)

    def newest(self, start: int, end: int) -> list[Line]:
        """Return some of them, counted from the newest."""
        places = list(reversed(self.places))[start:end]
        return [taken_apart(self.block[a:b], self.table) for a, b in places]


class _All:
    """All lines of a block: they are told apart only if some are shown."""

    def __init__(self, block: bytes, table: Table) -> None:
        self._block, self._table = block, table
        self._count = block.count(b"\n")

    def __len__(self) -> int:
        return self._count

    def newest(self, start: int, end: int) -> list[Line]:
        """Return some of them, counted from the newest."""
        lines = self._block.split(b"\n")[-2::-1][start:end]
        return [taken_apart(line + b"\n", self._table) for line in lines]


class _Read(list):
    """Lines that are taken apart already, oldest first."""

    def newest(self, start: int, end: int) -> list[Line]:
        """Return some of them, counted from the newest."""
        return list(reversed(self))[start:end]


def _batches(path: Path, table: Table, wanted: Wanted) -> Iterator[_Batch]:
    sieve = _Sieve(table, wanted)
    for segment in reversed(_segments(path, table)):
        if runlog.is_current(segment, table.row):
            for block in _blocks(segment):
                yield sieve.batch(block)
        else:
            yield _Read(_foreign(segment, table, wanted))


def _blocks(path: Path) -> Iterator[bytes]:
    """Yield the whole lines below the header in blocks, the last ones first."""
    with open(path, "rb") as file:
        start = len(file.readline())
        end = _end_of_lines(file, start)
        while end > start:
            begin = _line_start(file, max(start, end - BLOCK), start)
            file.seek(begin)
            yield file.read(end - begin)
            end = begin


def _end_of_lines(file: BinaryIO, start: int) -> int:
    """Return where the last whole line ends."""
    end = file.seek(0, 2)
    while end > start:
        begin = max(start, end - BLOCK)
        file.seek(begin)
        at = file.read(end - begin).rfind(b"\n")
        if at >= 0:
            return begin + at + 1
        end = begin
    return start


def _line_start(file: BinaryIO, at: int, start: int) -> int:
    """Return where the line begins in which a place of the file is."""
    while at > start:
        begin = max(start, at - (1 << 16))
        file.seek(begin)
        found = file.read(at - begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        at = begin
    return start


def _raw_lines(path: Path, sieve: _Sieve) -> Iterator[bytes]:
    with open(path, "rb") as file:
        file.readline()
        rest = b""
        while block := file.read(BLOCK):
            whole, end, rest_of_it = (rest + block).rpartition(b"\n")
            rest = rest_of_it
            if end:
                yield from sieve.lines(whole + end)


# --- which lines ----------------------------------------------------------------------


class _Sieve:
    """Tells lines by their bytes, and takes apart those about which bytes say too little."""

    def __init__(self, table: Table, wanted: Wanted) -> None:
        self._table, self._wanted = table, wanted
        names = header(table.row)
        self._cells = [
            (names.index(name), value) for name, value in wanted.cells if name in names
        ]
        self._folded = wanted.text[:LONGEST].lower()
        # Escapes and doubled quotes replace single characters, so this stands in the
        # line of every cell that holds the text.
        self._spelled = cells.escape(self._folded).replace('"', '""')
        self._is_plain = not _ODD.search(self._spelled)
        self._ignores_case = self._spelled != "" and self._spelled.isascii()
        values = [cells.escape(value).replace('"', '""') for _, value in self._cells]
        sought = self._spelled if self._ignores_case else max(["", *values], key=len)
        self._needle = sought.encode()

    def batch(self, block: bytes) -> _Batch:
        """Return the lines of a block that are wanted."""
        if not (self._folded or self._cells):
            return _All(block, self._table)
        return _Picked(block, self._places(block), self._table)

    def lines(self, block: bytes) -> Iterator[bytes]:
        """Yield the lines of a block that are wanted, as they stand."""
        if not (self._folded or self._cells):
            yield block
            return
        for start, end in self._places(block):
            yield block[start:end]

    def _places(self, block: bytes) -> list[tuple[int, int]]:
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
        found: Sequence[str | bytes] = _record(line) if b'"' in line else line.split(b",")
        return all(at < len(found) and _text(found[at]) == v for at, v in self._cells)

    def _holds(self, line: bytes) -> bool:
        """Return whether one of the cells of a line holds the text."""
        found = taken_apart(line, self._table).cells
        return any(self._folded in cell.lower() for cell in found)


def _folded(line: bytes) -> str:
    return line.decode("utf-8", "replace").lower()


def _text(cell: str | bytes) -> str:
    said = cell.decode("utf-8", "replace") if isinstance(cell, bytes) else cell
    return cells.unescape(cells.unguard(said))


# --- one line -------------------------------------------------------------------------


def taken_apart(line: bytes, table: Table) -> Line:
    """Return what a line's cells mean, if it is whole and its check holds."""
    names = header(table.row)
    if names[-1] == "row_check":
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


def _foreign(path: Path, table: Table, wanted: Wanted) -> Iterator[Line]:
    """Yield the wanted lines of a file that another program saved, oldest first."""
    sought = dict(wanted.cells)
    names, text = header(table.row), wanted.text[:LONGEST].lower()
    for line in _foreign_lines(path, table):
        said = dict(zip(names, line.cells))
        if any(said.get(name) != value for name, value in sought.items() if name in names):
            continue
        if not text or any(text in cell.lower() for cell in line.cells):
            yield line


def _foreign_lines(path: Path, table: Table) -> Iterator[Line]:
    if table.kind == APPEND_ONLY:
        for row in runlog.segment_rows(path, table.row):
            yield Line(tuple(map(runlog.text, row))) if row else Line(("",), True)
        return
    try:
        found = reading.table(path, table)
        yield from (Line(tuple(row)) for row in found)
    except Refused as refusal:
        yield Line((str(refusal),), True)
        return
    yield from (Line((reject.original,), True) for reject in found.rejects)
