"""Tables read strictly: every record becomes a row or a reject, never a silent change.

Rows come in blocks, because a block without quotes, escapes and guards is read at the
speed of the csv module; a block with anything odd is read again line by line.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import accumulate, chain
from operator import itemgetter
from pathlib import Path
from typing import Generic, NamedTuple, TextIO

from src.kit import cells, dialects, files
from src.kit.errors import Refused
from src.kit.files import Look
from src.kit.tables import EITHER, GIVEN, PATTERNS, Row, Table, columns, misfit

BLOCK = 1 << 19  # characters read together
LONGEST_QUOTED = 500  # physical lines that one multi-line record may take
_DAMAGE = re.compile("[\0\ud800-\udfff]")  # NUL; lone surrogates are undecodable bytes
_UNDECODABLE = "holds bytes that are no text; save the file as CSV UTF-8"
_CHANGED = "changed while it was read; start again with a file that nobody writes"
_UNCLOSED = "a quote is opened and never closed"

Columns = list[Sequence[str]]  # the cells of some rows, column by column


class Reject(NamedTuple):
    """One record that could not be read, and why."""

    file: str
    line: str
    column: str
    reason: str
    original: str


class Reading(Generic[Row]):
    """A table being read: iterate over it for its rows; `rejects` fills up meanwhile."""

    def __init__(self, path: Path, row_type: type[Row], place: str, kind: str) -> None:
        self.place = place
        self.count = 0  # records met so far: rows and rejects
        self.rejects: list[Reject] = []
        self.seen: Look | None = None  # before reading; None = it may change meanwhile
        self._path = path
        self._is_plain = True  # no record of the present block takes several lines
        self._make: Callable[[Sequence[str]], Row] = row_type._make  # type: ignore
        self._columns = columns(row_type)
        self.dialect = dialects.recognise(path, self._columns, kind == GIVEN)
        self._extends = max(self.dialect.positions, default=0) >= self.dialect.width
        wanted = range(self.dialect.width) if self._extends else self.dialect.positions
        self._wanted = frozenset(wanted)
        # By name, so that the order of a file's columns does not show in the JSON.
        self._homeless = sorted(self.dialect.rest, key=itemgetter(1))
        self._in_json = _json_writer([name for _, name in self._homeless])
        self._parse = partial(csv.reader, delimiter=self.dialect.separator, strict=True)
        ours = self.dialect.names == tuple(column.header for column in self._columns)
        self._is_given = kind == GIVEN
        self._literal = self._is_given or (kind == EITHER and not ours)
        if not self._literal and not self.dialect.spelling.ends_with_newline:
            raise Refused(
                f"{place}: the last line is cut; the file was copied or saved only in part"
            )

    @property
    def lacking(self) -> frozenset[str]:
        """Return the headers of optional columns that the file does not have."""
        made = self.dialect.width
        return frozenset(
            column.header
            for column, position in zip(self._columns, self.dialect.positions)
            if position == made
        )

    @property
    def notes(self) -> list[str]:
        """Return what is odd about the file's spelling, in sentences."""
        notes = list(self.dialect.notes)
        if self._is_given and not self.dialect.spelling.ends_with_newline:
            notes.append("the last line has no line end; is the file whole?")
        return [f"{self.place}: {note}" for note in notes]

    def __iter__(self) -> Iterator[Row]:
        return chain.from_iterable(self.blocks())

    def blocks(self) -> Iterator[list[Row]]:
        """Yield the rows in lists, in the order of the file; see `columns`."""
        for columns in self.columns():
            yield list(map(self._make, zip(*columns)))

    def columns(self) -> Iterator[Columns]:
        """Yield the rows of each block column by column; none where a block has none.

        Raises Refused at the end of a file that is not the one that was `seen`.
        """
        with dialects.open_text(self._path, self.dialect.spelling) as file:
            line = 1 + self.dialect.skipped_lines
            for _ in range(line):
                file.readline()
            for lines in self._line_blocks(file):
                is_plain = self._is_plain = not self._literal or _are_single(lines)
                yield self.parsed(lines, line + 1)
                line += len(lines) if is_plain else sum(map(_physical, lines))
        if self.seen and files.look(self._path) != self.seen:
            raise Refused(f"{self.place}: {_CHANGED}")

    def parsed(self, lines: list[str], number: int) -> Columns:
        """Return the columns of some lines of the file, the first of which has a number."""
        return self._fast(lines, number) or list(zip(*self._slow(lines, number)))

    def _line_blocks(self, file: TextIO) -> Iterator[list[str]]:
        if not self._literal:
            while lines := file.readlines(BLOCK):
                yield lines
            return
        waiting: list[str] = []
        while lines := file.readlines(BLOCK):
            whole, waiting = self._join_quoted(waiting + lines, at_end=False)
            yield whole
        yield self._join_quoted(waiting, at_end=True)[0]

    def _join_quoted(
        self, lines: list[str], at_end: bool
    ) -> tuple[list[str], list[str]]:
        """Return records with their quoted line ends inside, and the lines left over.

        A quote that is not closed within `LONGEST_QUOTED` lines costs its first alone.
        """
        if '"' not in "".join(lines):
            return lines, []
        whole, start = [], 0
        while start < len(lines):
            end = self._closing(lines, start)
            if not end and not at_end and len(lines) - start < LONGEST_QUOTED:
                return whole, lines[start:]
            end = end or start + 1
            whole.append("".join(lines[start:end]))
            start = end
        return whole, []

    def _closing(self, lines: list[str], start: int) -> int:
        """Return where the record that begins at `start` ends, 0 if it does not.

        An odd number of quotes opens a cell, or stands for inches inside of one.
        """
        if not lines[start].count('"') & 1:
            return start + 1
        reader = self._parse(lines[start : start + LONGEST_QUOTED])
        try:
            next(reader)
        except csv.Error:
            return 0
        return start + reader.line_num

    # --- a whole block at once --------------------------------------------------------

    def _fast(self, lines: list[str], number: int) -> Columns:
        """Return the columns of a block in which nothing is odd, else nothing."""
        if self.dialect.spelling.may_be_damaged and any(map(_DAMAGE.search, lines)):
            return []
        if not self._literal and any([line.count('"') & 1 for line in lines]):
            return []
        try:
            records = list(self._parse(lines))
        except csv.Error:
            return []
        if len(records) != len(lines) or set(map(len, records)) != {self.dialect.width}:
            return []
        found = self._arranged(list(zip(*records)), lines, number)
        if not self._kinds_hold(found):
            return []
        self.count += len(records)
        return found

    def _arranged(
        self, found: list[Sequence[str]], lines: Sequence[str], number: int
    ) -> Columns:
        """Return the file's columns as the row type has them, decoded if they are ours."""
        if not self._literal:
            found = [_decoded(c) if n in self._wanted else c for n, c in enumerate(found)]
        if self._extends:  # as `dialects.MADE` names them
            count = len(lines)
            numbers: Iterable[int] = range(number, number + count)
            if not self._is_plain:
                numbers = accumulate(map(_physical, lines[:-1]), initial=number)
            rest = self._rest(found, count)
            found += [""] * count, list(map(str, numbers)), rest, lines
        return [found[position] for position in self.dialect.positions]

    def _rest(self, found: Sequence[Sequence[str]], count: int) -> Sequence[str]:
        """Return the cells that have no home, each row's as JSON."""
        if not self._homeless:
            return ["{}"] * count
        rows = zip(*[found[position] for position, _ in self._homeless])
        return list(map(self._in_json, rows))

    def _kinds_hold(self, found: Columns) -> bool:
        for cells_of_one, column in zip(found, self._columns):
            if column.kind in PATTERNS:
                joined = "\n".join(cells_of_one)
                if joined.count("\n") != len(cells_of_one) - 1:
                    return False
                if not _all_of(column.kind).fullmatch(joined):
                    return False
        return True

    # --- line by line -----------------------------------------------------------------

    def _slow(self, lines: list[str], number: int) -> Iterator[Row]:
        for line in lines:
            record = self._record(line, number)
            if record:
                row = self._checked_row(record, line, number)
                if row is not None:
                    yield row
            number += _physical(line)

    def _record(self, line: str, number: int) -> list[str]:
        """Return the cells of one line, or nothing for a blank or rejected one."""
        if _DAMAGE.search(line):
            reason = "holds a NUL character" if "\0" in line else _UNDECODABLE
            return self._reject(number, "", reason, line)
        if not self._literal and line.count('"') & 1:
            return self._reject(number, "", _UNCLOSED, line)
        try:
            record = next(self._parse([line]), [])
        except csv.Error as error:
            return self._reject(number, "", _reason(error), line)
        if record and len(record) != self.dialect.width:
            found = f"{len(record)} cell{'' if len(record) == 1 else 's'}"
            reason = f"has {found}, the header has {self.dialect.width}"
            return self._reject(number, "", reason, line)
        return record

    def _checked_row(self, record: list[str], line: str, number: int) -> Row | None:
        found = self._arranged([[cell] for cell in record], [line], number)
        record = [cell for (cell,) in found]
        for cell, column in zip(record, self._columns):
            reason = misfit(cell, column)
            if reason:
                self._reject(number, column.header, reason, line)
                return None
        self.count += 1
        return self._make(record)

    def _reject(self, number: int, column: str, reason: str, line: str) -> list[str]:
        original = line.rstrip("\r\n")[: dialects.SHOWN]
        self.rejects.append(Reject(self.place, str(number), column, reason, original))
        self.count += 1
        return []


def table(path: Path, which: Table) -> Reading:
    """Return the table at `path`, ready to be iterated.

    Raises Refused with the command to run first where it is missing or unreadable.
    """
    is_given = which.kind == GIVEN
    run = f'run "{which.made_by}"'
    try:
        return Reading(path, which.row, which.place, which.kind)
    except (FileNotFoundError, IsADirectoryError):
        problem = "is a folder" if path.is_dir() else "not found"
        way_out = "check the path" if is_given else f"{run} first"
        raise Refused(f"{which.place}: {problem}; {way_out}") from None
    except Refused as refusal:
        text = str(refusal).replace(str(path), which.place)
        way_out = "correct the file and start again" if is_given else f"{run} again"
        raise Refused(f"{text}; {way_out}") from None


def given(
    path: Path, row_type: type[Row], shown: str, seen: Look | None = None
) -> Reading[Row]:
    """Return the file that a person named, ready to be iterated; `shown` as it was typed.

    It has to stay as it is, or as it was when it was `seen`. Raises Refused where it is
    missing or unreadable.
    """
    seen = seen or files.look(path)
    if not seen and path.exists() and not path.is_dir():
        raise Refused(f"{shown}: is no file; save it to disk first")
    try:
        found = Reading(path, row_type, shown, GIVEN)
        found.seen = seen
        return found
    except (FileNotFoundError, NotADirectoryError):
        raise Refused(f"{shown}: File not found; check the path") from None
    except IsADirectoryError:
        raise Refused(f"{shown}: is a folder; name the file in it") from None
    except Refused as refusal:
        text = str(refusal).replace(str(path), shown)
        raise Refused(f"{text}; correct the file and start again") from None


def _json_writer(names: Sequence[str]) -> Callable[[tuple[str, ...]], str]:
    """Return the function that turns cells, named in this order, into a JSON object."""

    @lru_cache(maxsize=4096)  # what has no home mostly says one of a few things
    def written(found: tuple[str, ...]) -> str:
        return _encoded({n: cell for n, cell in zip(names, found) if cell.strip()})

    return written


_encoded = json.JSONEncoder(ensure_ascii=False).encode


@lru_cache(maxsize=None)
def _all_of(kind: str) -> re.Pattern[str]:
    one = f"(?:{PATTERNS[kind].pattern})?"
    return re.compile(f"{one}(?:\n{one})*")


def _reason(error: csv.Error) -> str:
    if "field limit" in str(error):
        return f"a cell is longer than {dialects.LONGEST_CELL:,} characters"
    return _UNCLOSED if "end of data" in str(error) else f"no CSV: {error}"


def _decoded(column: Sequence[str]) -> Sequence[str]:
    """Return the cells of a column as they were before they were escaped and guarded."""
    joined = "\n".join(column)  # escaped, no cell has a line end
    if joined[:1] != "'" and "\n'" not in joined and "\\" not in joined:
        return column
    return [
        cells.unescape(cells.unguard(cell)) if cell[:1] == "'" or "\\" in cell else cell
        for cell in column
    ]


def _are_single(lines: Sequence[str]) -> bool:
    """Return whether every record takes one line of the file, by a quick look."""
    joined = "".join(lines)
    if joined.count("\r") != joined.count("\r\n"):
        return False
    return joined.count("\n") + (not joined.endswith("\n")) == len(lines)


def _physical(line: str) -> int:
    """Return how many lines of the file a record takes."""
    body = line.rstrip("\r\n")
    return 1 + body.count("\n") + body.count("\r") - body.count("\r\n")
