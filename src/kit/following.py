"""A log that is followed: its rows are read once, and then only where it grew.

What was read is known by the files' inodes and sizes, by their first bytes and by the
last ones that were read. Where one of these is not as it was (somebody saved, cut,
replaced or removed a segment), reading begins anew with a new learner. Of a segment that
grew, one block is looked at again each time, in turn: a cell that was changed in the
middle since the last look is found a few looks later. A segment that only got its number
(x.csv, now x.0001.csv) is the same file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from itertools import accumulate
from pathlib import Path
from threading import RLock
from typing import BinaryIO, Generic, NamedTuple, Protocol, TypeVar
from zlib import crc32

from src.kit import files, runlog, stage
from src.kit.files import Look
from src.kit.runlog import RawRow
from src.kit.tables import columns, encoded_header

BLOCK = 1 << 20  # bytes read together
TAIL = 4096  # bytes before the place that was reached; they tell an append from an edit
ATTEMPTS = 3  # at a log whose segments change their names while they are looked at


class Block(NamedTuple):
    """Rows of one segment, in order."""

    segment: int  # counted from 0, the oldest
    rows: Sequence[RawRow]  # also bad ones
    starts: Sequence[int]  # where their lines begin; none if another program saved them
    end: int  # where the last line ends


class Learner(Protocol):
    """What takes the rows of a log in."""

    def learn(self, block: Block) -> None:
        """Take rows, in order."""


L = TypeVar("L", bound=Learner)
T = TypeVar("T")


class _Known:
    """One segment and how far it was read."""

    def __init__(self, look: Look) -> None:
        self.look = look  # when it was last read
        self.is_ours = False  # has our header, so it may grow
        self.offset = 0
        self.tail = b""
        self.sums: list[tuple[int, int, int]] = []  # of each block: start, end, CRC-32
        self.looks = 0

    def add(self, content: bytes, end: int) -> None:
        """Note what was read; blocks of little are put together."""
        start, known = self.offset, 0
        if self.sums and self.offset - self.sums[-1][0] < BLOCK:
            start, _, known = self.sums.pop()
        self.sums.append((start, end, crc32(content, known)))
        self.offset = end

    def is_as_it_was(self, file: BinaryIO) -> bool:
        """Return whether the ends of what was read, and one block of it, are the same."""
        for start, end, known in self.sums[self.looks :][:1]:
            self.looks = (self.looks + 1) % len(self.sums)
            file.seek(start)
            if crc32(file.read(end - start)) != known:
                return False
        return _tail(file, self.offset) == self.tail


class Followed(Generic[L]):
    """A log and what was learned of it so far; several threads may ask.

    `is_true` is asked of the learner at each look, after the sizes of the segments were
    taken and before their new rows are learned; where it says no, reading begins anew.
    """

    def __init__(
        self,
        path: Path,
        row_type: type,
        make: Callable[[], L],
        is_true: Callable[[L], bool] = lambda learner: True,
    ) -> None:
        self._path, self._row_type = path, row_type
        self._make, self._is_true = make, is_true
        width = len(columns(row_type))
        self._verify = runlog.verifier(width)
        self._verify_all = runlog.block_verifier(width)
        self._header = encoded_header(row_type)
        self._lock = RLock()
        self._known: list[_Known] = []
        self._learner = make()
        self.restarts = 0  # how often reading began anew

    def ask(self, question: Callable[[L], T]) -> T:
        """Return what the learner answers once it knows all whole rows."""
        with self._lock:
            self._refresh()
            return question(self._learner)

    def begin_anew(self) -> None:
        """Forget everything; the next question reads the log from its first row."""
        with self._lock:
            self._known, self._learner = [], self._make()
            self.restarts += 1

    def pieces(self, segment: int, start: int, end: int) -> Iterator[RawRow]:
        """Yield the good rows between two places of a segment.

        Call it within a question: outside, the places may be those of another file. An
        end of 0 stands for the whole segment.
        """
        path = runlog.segments(self._path)[segment]
        if end == 0:
            yield from filter(None, runlog.segment_rows(path, self._row_type))
            return
        with open(path, "rb") as file:
            file.seek(start)
            yield from filter(None, map(self._verify, BytesIO(file.read(end - start))))

    # --- looking ----------------------------------------------------------------------

    def _refresh(self) -> None:
        for left in reversed(range(ATTEMPTS)):
            try:
                self._look_once(is_sure=not left)
                return
            except FileNotFoundError:
                if not left:
                    raise

    def _look_once(self, is_sure: bool) -> None:
        looks = self._looks()
        if not self._is_continued(looks):
            if not is_sure and looks != self._looks():
                raise FileNotFoundError(self._path)  # it was just getting its number
            self.begin_anew()
        if not self._is_true(self._learner):
            self.begin_anew()
            self._is_true(self._learner)
        with stage.uncollected():
            self._read(looks)

    def _looks(self) -> list[tuple[Path, Look]]:
        found = ((path, files.look(path)) for path in runlog.segments(self._path))
        return [(path, look) for path, look in found if look]

    def _is_continued(self, looks: Sequence[tuple[Path, Look]]) -> bool:
        """Return whether all that was read is still there, and only more beside it."""
        if len(looks) < len(self._known):
            return False
        return all(
            look == known.look or _has_grown(path, look, known)
            for (path, look), known in zip(looks, self._known)
        )

    # --- reading ----------------------------------------------------------------------

    def _read(self, looks: Sequence[tuple[Path, Look]]) -> None:
        for number, (path, look) in enumerate(looks):
            if number == len(self._known):
                self._known.append(_Known(look._replace(size=-1)))
            known = self._known[number]
            if known.look == look:
                continue
            with open(path, "rb") as file:
                self._read_segment(file, number, look)
            known.look = look

    def _read_segment(self, file: BinaryIO, number: int, look: Look) -> None:
        known = self._known[number]
        if not known.offset:
            first = file.readline()
            if first != self._header:
                if not self._header.startswith(first):  # else it is just being written
                    rows = list(runlog.segment_rows(Path(file.name), self._row_type))
                    self._learner.learn(Block(number, rows, (), 0))
                return
            known.is_ours, known.offset = True, len(first)
        file.seek(known.offset)
        while known.offset < look.size:
            lines = file.readlines(min(BLOCK, look.size - known.offset))
            ends = list(accumulate(map(len, lines), initial=known.offset))
            while lines and (ends[-1] > look.size or not lines[-1].endswith(b"\n")):
                lines.pop()
                ends.pop()
            if not lines:
                break  # the last line is still being written
            rows = self._verify_all(lines)
            self._learner.learn(Block(number, rows, ends[:-1], ends[-1]))
            known.add(b"".join(lines), ends[-1])
        known.tail = _tail(file, known.offset)


def _has_grown(path: Path, look: Look, known: _Known) -> bool:
    """Return whether a segment is the one that was read, with more behind it at most."""
    is_same_file = look.inode == known.look.inode
    if not (known.is_ours and is_same_file):
        return False
    if look.size == known.look.size:
        return False  # written again, for an append makes it longer
    with open(path, "rb") as file:
        return known.is_as_it_was(file)


def _tail(file: BinaryIO, offset: int) -> bytes:
    """Return the bytes before a place, and the first of the file."""
    file.seek(0)
    first = file.read(min(TAIL, offset))
    start = max(0, offset - TAIL)
    file.seek(start)
    return first + file.read(offset - start)
