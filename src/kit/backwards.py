"""A log from its end: the newest lines first, and those alone that somebody looks for.

Lines are told apart by their bytes as long as that is certain, because 170,000 of them
are looked through for every page; only what is shown is taken apart and verified.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from src.kit import cells, reading, runlog
from src.kit.errors import Refused
from src.kit.sieves import LONGEST, Line, Sieve, Wanted, taken_apart
from src.kit.tables import APPEND_ONLY, Table, encoded_header, header, line_of

BLOCK = 1 << 19  # bytes looked through at once


class Found(NamedTuple):
    """A page of what was looked for."""

    lines: list[Line]  # newest first
    count: int  # of all that were found


class Backwards:
    """A table that is read from its end; a line without an end is not there yet."""

    def __init__(self, path: Path, table: Table, block: int = BLOCK) -> None:
        self._path, self._table, self._block = path, table, block

    def page(
        self, wanted: Wanted, span: tuple[int, int], known: int | None = None
    ) -> Found:
        """Return lines, newest first: after the first `span[0]`, `span[1]` of them.

        Who has counted all that are wanted says how many are `known`.
        """
        skipped, most = span
        count, lines = 0, []
        for batch in self._batches(wanted):
            size = len(batch)
            if count + size > skipped and len(lines) < most:
                start = max(0, skipped - count)
                lines += batch.newest(start, start + most - len(lines))
            count += size
            if len(lines) == most and known is not None:
                return Found(lines, known)
            if len(lines) == most and not any(wanted):
                return Found(lines, self.rows())
        return Found(lines, count)

    def rows(self) -> int:
        """Return how many lines there are, the header aside."""
        return sum(map(self._count, self._segments()))

    def last(self) -> Line | None:
        """Return the newest line, None where there is none; the others are not read."""
        for batch in self._batches(Wanted()):
            if len(batch):
                return batch.newest(0, 1)[0]
        return None

    def raw(self, wanted: Wanted) -> Iterator[bytes]:
        """Yield the table as it is spelled: its header, the lines wanted, oldest first.

        What another program saved is yielded in our spelling.
        """
        row_type, sieve = self._table.row, Sieve(self._table, wanted)
        yield encoded_header(row_type)
        for segment in self._segments():
            if runlog.is_current(segment, row_type):
                yield from _raw_lines(segment, sieve, self._block)
                continue
            spell = line_of(row_type)
            for line in _foreign(segment, self._table, wanted):
                if not line.is_damaged:
                    yield spell([cells.escape(cell) for cell in line.cells]).encode()

    def _segments(self) -> list[Path]:
        if self._table.kind == APPEND_ONLY:
            return runlog.segments(self._path)
        return [self._path] if self._path.exists() else []

    def _count(self, segment: Path) -> int:
        if not runlog.is_current(segment, self._table.row):
            return sum(1 for _ in _foreign_lines(segment, self._table))
        count = -1  # the header
        with open(segment, "rb") as file:
            while block := file.read(self._block):
                count += block.count(b"\n")
        return count

    def _batches(self, wanted: Wanted) -> Iterator[_Batch]:
        sieve = Sieve(self._table, wanted)
        for segment in reversed(self._segments()):
            if runlog.is_current(segment, self._table.row):
                for block in _blocks(segment, self._block):
                    yield _batch(block, sieve, self._table)
            else:
                yield _Read(_foreign(segment, self._table, wanted))


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


def _batch(block: bytes, sieve: Sieve, table: Table) -> _Batch:
    if sieve.takes_all:
        return _All(block, table)
    return _Picked(block, sieve.places(block), table)


def _lines(block: bytes, sieve: Sieve) -> Iterable[bytes]:
    if sieve.takes_all:
        return [block]
    return [block[start:end] for start, end in sieve.places(block)]


def _blocks(path: Path, size: int) -> Iterator[bytes]:
    """Yield the whole lines below the header in blocks, the last ones first."""
    with open(path, "rb") as file:
        start = len(file.readline())
        end = _end_of_lines(file, start, size)
        while end > start:
            begin = _line_start(file, max(start, end - size), start)
            file.seek(begin)
            yield file.read(end - begin)
            end = begin


def _end_of_lines(file: BinaryIO, start: int, size: int) -> int:
    """Return where the last whole line ends."""
    end = file.seek(0, 2)
    while end > start:
        begin = max(start, end - size)
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


def _raw_lines(path: Path, sieve: Sieve, size: int) -> Iterator[bytes]:
    with open(path, "rb") as file:
        file.readline()
        rest = b""
        while block := file.read(size):
            whole, end, rest = (rest + block).rpartition(b"\n")
            yield from _lines(whole + end, sieve)


def _foreign(path: Path, table: Table, wanted: Wanted) -> Iterator[Line]:
    """Yield the wanted lines of a file that another program saved, oldest first."""
    sought = dict(wanted.cells)
    names, text = header(table.row), cells.folded(wanted.text[:LONGEST])
    for line in _foreign_lines(path, table):
        said = dict(zip(names, line.cells))
        if any(said.get(name) != value for name, value in sought.items() if name in names):
            continue
        if not text or any(text in cells.folded(cell) for cell in line.cells):
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
