"""Tables: a NamedTuple is a CSV's header; what a column holds; how a table is written.

A row type's fields are the columns, in order. Every value is text; a field annotated
`Number`, `Money`, `Timestamp` or `Flag` is checked when it is read and written without
the spreadsheet guard. `Annotated[str, Column(header="_id")]` names what Python cannot
spell, `Column(aliases=(...))` the other names a given file may use.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Annotated, BinaryIO, NamedTuple, TypeVar

from src.kit import cells, files

Row = TypeVar("Row", bound=tuple)

BOM = b"\xef\xbb\xbf"  # without it a spreadsheet takes the file for Windows-1252
MISREAD_BOM = BOM.decode("cp1252")  # what one that does so all the same makes of it
GIVEN = "given"  # from outside: taken literally, cells may have several lines
EITHER = "generated, or given"  # ours if its header is exactly ours, else given
GENERATED = "generated"  # ours: written whole, one record a line
APPEND_ONLY = "append-only"  # ours: the memory
VIEW = "view"  # derived from a run log, never read back
BLOCK = 2000  # rows formatted and written together


class Column(NamedTuple):
    """What a column holds and which headers mean it."""

    kind: str = "text"
    header: str = ""
    aliases: tuple[str, ...] = ()
    is_optional: bool = False  # a given file may lack it: its cells are empty


Number = Annotated[str, Column("number")]
Money = Annotated[str, Column("money")]
Timestamp = Annotated[str, Column("timestamp")]
Flag = Annotated[str, Column("flag")]
LINE = "line"
REST = "rest"
RAW = "raw"
# What reading adds to the cells of a given file: the line, counted from 1, on which the
# record begins; the filled cells of all other columns, as a JSON object; the record as it
# stands in the file.
Line = Annotated[str, Column(LINE)]
Rest = Annotated[str, Column(REST)]
Raw = Annotated[str, Column(RAW)]

PATTERNS: dict[str, re.Pattern[str]] = {
    "number": cells.NUMBER,
    "money": cells.MONEY,
    "timestamp": cells.TIMESTAMP,
    "flag": cells.FLAG,
}


def misfit(cell: str, column: Column) -> str:
    """Return why a cell is not of its column's kind, nothing if it is, or is empty."""
    pattern = PATTERNS.get(column.kind)
    if not cell or pattern is None or pattern.fullmatch(cell):
        return ""
    return f"{cell[:40]!r} is no {column.kind}"


class Table(NamedTuple):
    """One CSV of the house: where it lies, its columns, and who makes it."""

    folder: str  # the setting that names its folder: DATA_DIR or LOG_DIR
    name: str
    row: type
    kind: str
    made_by: str  # the command to type when it is missing

    @property
    def place(self) -> str:
        """Return how messages name the file: `logs/x.csv`, whatever the settings say."""
        return f"{'logs' if self.folder == 'LOG_DIR' else 'data'}/{self.name}"


@lru_cache(maxsize=None)
def columns(row_type: type) -> tuple[Column, ...]:
    """Return the columns of a row type, in order, each with its header filled in.

    Raises TypeError where annotations are strings: row types live in modules without
    `from __future__ import annotations`.
    """
    found = []
    for name, annotation in row_type.__annotations__.items():
        notes = getattr(annotation, "__metadata__", ())
        column = next((note for note in notes if isinstance(note, Column)), Column())
        plain = getattr(annotation, "__forward_arg__", annotation)
        if not notes and plain not in (str, "str"):
            raise TypeError(f"{row_type.__name__}.{name}: {annotation!r} is no column")
        found.append(column._replace(header=column.header or name))
    return tuple(found)


def header(row_type: type) -> list[str]:
    """Return the header cells of a row type."""
    return [column.header for column in columns(row_type)]


# --- writing --------------------------------------------------------------------------


def _quote(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


@lru_cache(maxsize=None)
def _guarded_positions(row_type: type) -> tuple[bool, ...]:
    return tuple(column.kind == "text" for column in columns(row_type))


@lru_cache(maxsize=None)
def line_of(row_type: type) -> Callable[[Sequence[str]], str]:
    """Return the function that turns a row, already escaped, into its CSV line."""
    is_text = _guarded_positions(row_type)
    width, guard = len(is_text), cells.guard
    starts, pairs = cells.SUSPECT_STARTS, cells.SUSPECT_PAIRS

    def line(row: Sequence[str]) -> str:
        guarded = [
            guard(cell) if text and (cell[:1] in starts or cell[:2] in pairs) else cell
            for cell, text in zip(row, is_text, strict=True)
        ]
        joined = ",".join(guarded)
        if joined.count(",") == width - 1 and not ('"' in joined or ";" in joined):
            return joined + "\n" if joined else '""\n'
        quoted = [
            _quote(cell) if "," in cell or '"' in cell or ";" in cell else cell
            for cell in guarded
        ]
        return ",".join(quoted) + "\n"

    return line


def escaped(row: Sequence[str]) -> Sequence[str]:
    """Return the row with every cell escaped; most rows need nothing."""
    text = "".join(row)
    if text.isprintable() and "\\" not in text:
        return row
    return [cells.escape(cell) for cell in row]


def checked(row: Sequence[str], *more: str) -> list[str]:
    """Return the row, escaped, with its check as a last cell.

    `more` is checked too but not written (the run id of a plan).
    """
    safe = escaped(row)
    return [*safe, cells.row_check(cells.SEPARATOR.join([*safe, *more]))]


def encoded_header(row_type: type) -> bytes:
    """Return the first line of a file of such rows, with the byte-order mark."""
    return BOM + line_of(row_type)(header(row_type)).encode()


def write(
    path: Path, row_type: type, rows: Iterable[Sequence[str]], is_private: bool = False
) -> int:
    """Write a whole table, replacing the file at once; return the number of rows."""
    with writing(path, row_type, is_private) as append:
        for row in rows:
            append(escaped(row))
        return append.count


class writing:
    """A table being written: a context that yields `append(escaped row)`.

    The file appears under its name when the block ends without an error. A private one
    may be read by its owner alone.
    """

    def __init__(self, path: Path, row_type: type, is_private: bool = False) -> None:
        self.count = 0
        self._digest = sha256()
        self._line = line_of(row_type)
        self._header = encoded_header(row_type)
        self._replacing = files.replacing(path, is_private)
        self._file: BinaryIO
        self._lines: list[str] = []

    def __enter__(self) -> writing:
        self._file = self._replacing.__enter__()
        self._write(self._header)
        return self

    def __call__(self, row: Sequence[str]) -> None:
        """Add one row, already escaped (see `checked` and `escaped`)."""
        self._lines.append(self._line(row))
        self.count += 1
        if len(self._lines) >= BLOCK:
            self._flush()

    def __exit__(self, *error: object) -> None:
        if error[0] is None:
            try:
                self._flush()
            except BaseException:
                self._replacing.__exit__(*sys.exc_info())
                raise
        self._replacing.__exit__(*error)

    def sha256(self) -> str:
        """Return the digest of what was written so far."""
        self._flush()
        return self._digest.hexdigest()

    def _flush(self) -> None:
        if self._lines:
            self._write("".join(self._lines).encode())
            self._lines.clear()

    def _write(self, block: bytes) -> None:
        self._digest.update(block)
        self._file.write(block)
