"""How a CSV's bytes are spelled: encoding, separator, header. Recognised and reported.

Spreadsheets save CSVs with or without a byte-order mark, as UTF-16, as Windows-1252,
with `;` or tabs. Nothing is guessed from the content of rows: the encoding follows from
the bytes, the separator from the header.
"""

from __future__ import annotations

import codecs
import csv
import os
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple, TextIO

from src.kit.errors import Refused
from src.kit.tables import BOM, LINE, RAW, REST, Column

CHUNK = 1 << 20
TITLE_LINES = 10  # lines that a report may have above its header
NAMES_SHOWN = 8  # columns that a note names
SHOWN = 300  # characters of a header or rejected line that are kept
LONGEST_CELL = 1_000_000  # characters; a spreadsheet stops at 32,767
csv.field_size_limit(LONGEST_CELL)
MADE = ("", LINE, REST, RAW)  # cells that reading adds behind those of the file


class Spelling(NamedTuple):
    """What was found out about a file's bytes."""

    encoding: str
    may_be_damaged: bool  # NUL characters or undecodable bytes are possible
    ends_with_newline: bool

    @property
    def errors(self) -> str:
        """Return how undecodable bytes come out: as lone surrogates, never replaced."""
        is_wide = self.encoding.startswith("utf-16")
        return "surrogatepass" if is_wide else "surrogateescape"


class Dialect(NamedTuple):
    """How one file is read: spelling, separator, and where each column stands."""

    spelling: Spelling
    separator: str
    skipped_lines: int  # before the header: a `sep=;` line, a report's title
    names: tuple[str, ...]  # the header as found
    positions: tuple[int, ...]  # of each wanted column; behind the last where it is made
    notes: tuple[str, ...]

    @property
    def width(self) -> int:
        """Return how many cells a row has."""
        return len(self.names)

    @property
    def rest(self) -> list[tuple[int, str]]:
        """Return the columns that nobody wants: where they stand, and their names."""
        return _rest(self.names, self.positions)


def spelling(path: Path) -> Spelling:
    """Return how the file's bytes are spelled.

    Raises Refused where the bytes are no text.
    """
    with open(path, "rb") as file:
        start = file.read(3)
        file.seek(0)
        if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return _sixteen_bit(path, file, "utf-16")
        if b"\0" in start[:2] and len(start) > 1:
            is_little = start[1] == 0
            return _sixteen_bit(path, file, "utf-16-le" if is_little else "utf-16-be")
        return _eight_bit(file, start == BOM)


def _sixteen_bit(path: Path, file: BinaryIO, encoding: str) -> Spelling:
    size = file.seek(0, os.SEEK_END)
    if size % 2:
        raise Refused(f"{path}: the last character is cut; the file was copied in part")
    file.seek(size - 2)
    # Either byte order: U+0A00 and U+0D00 end no line of a CSV.
    return Spelling(encoding, True, file.read().strip(b"\0") in (b"\n", b"\r"))


def _eight_bit(file: BinaryIO, is_marked: bool) -> Spelling:
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8, has_nul, last = True, False, b"\n"
    while chunk := file.read(CHUNK):
        has_nul = has_nul or b"\0" in chunk
        last = chunk[-1:]
        is_utf8 = is_utf8 and _decodes(decoder, chunk)
    is_utf8 = is_utf8 and _decodes(decoder, b"", final=True)
    # A file that is marked as UTF-8, or is UTF-8 but for some damage, stays so: its
    # damaged bytes cost their rows alone. Other encodings hardly ever look like it.
    if is_marked:
        encoding = "utf-8-sig"
    else:
        encoding = "utf-8" if is_utf8 or _is_mostly_utf8(file) else "cp1252"
    return Spelling(encoding, has_nul or not is_utf8, last in b"\r\n")


def _is_mostly_utf8(file: BinaryIO) -> bool:
    """Return whether more characters beyond ASCII are whole than damaged."""
    whole = damaged = 0
    decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
    file.seek(0)
    while chunk := file.read(CHUNK):
        text = decode(chunk)
        if not text.isascii():
            found = [c for c in text if c > "\x7f"]
            lost = sum("\udc80" <= c <= "\udcff" for c in found)
            damaged, whole = damaged + lost, whole + len(found) - lost
    return whole > damaged


def _decodes(
    decoder: codecs.IncrementalDecoder, data: bytes, final: bool = False
) -> bool:
    try:
        decoder.decode(data, final)
    except UnicodeDecodeError:
        return False
    return True


def recognise(path: Path, wanted: Sequence[Column], has_title: bool = False) -> Dialect:
    """Return how to read `path` so that every wanted column is found exactly once.

    With `has_title` the header may stand below a report's title. Raises Refused naming
    what is missing, twice or without a name, and what was found.
    """
    spelled = spelling(path)
    lines = _first_lines(path, spelled)
    skipped = int(_is_separator_hint(lines[0]))
    if has_title:
        skipped += _header_at(lines[skipped:], wanted)
    first = lines[skipped] if skipped < len(lines) else ""
    if not first.strip("\r\n"):
        raise Refused(f"{path}: line 1: the header is missing; {_expected(wanted)}")
    names, separator = _split_best(first, wanted)
    positions, notes = _locate(names, wanted, f"{path}: line {skipped + 1}")
    if separator != ",":
        notes.append("separated by " + {";": "semicolons", "\t": "tabs"}[separator])
    if not spelled.encoding.startswith("utf-8"):
        notes.append(f"encoded as {spelled.encoding.upper()}")
    return Dialect(spelled, separator, skipped, tuple(names), positions, tuple(notes))


def open_text(path: Path, spelled: Spelling) -> TextIO:
    """Return the file, open for reading, its line ends as they are."""
    return open(path, encoding=spelled.encoding, errors=spelled.errors, newline="")


def _first_lines(path: Path, spelled: Spelling) -> list[str]:
    with open_text(path, spelled) as file:
        lines = [file.readline(LONGEST_CELL) for _ in range(TITLE_LINES)]
    return [line for line in lines if line] or [""]


def _is_separator_hint(line: str) -> bool:
    """Return whether a line is Excel's `sep=;`."""
    return line.lower().startswith("sep=") and len(line.strip()) <= 5


def _split_best(line: str, wanted: Sequence[Column]) -> tuple[list[str], str]:
    """Return a header's names, split where most of them are wanted."""
    spellings = set().union(*map(_spellings, wanted))
    return max(
        ((_split(line, separator), separator) for separator in ",;\t"),
        key=lambda found: (len(spellings & set(map(_fold, found[0]))), len(found[0])),
    )


def _header_at(lines: list[str], wanted: Sequence[Column]) -> int:
    """Return which line is the header: the first that names every column it must."""
    for number, line in enumerate(lines):
        folded = set(map(_fold, _split_best(line, wanted)[0]))
        if all(_may_lack(c) or _spellings(c) & folded for c in wanted):
            return number
    return 0


def _may_lack(column: Column) -> bool:
    return column.is_optional or column.kind in MADE


def _split(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator, strict=True), [])
    except csv.Error:
        return []


def _fold(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))


def _locate(
    names: Sequence[str], wanted: Sequence[Column], place: str
) -> tuple[tuple[int, ...], list[str]]:
    found = [_fold(name) for name in names]
    places = [
        [n for n, name in enumerate(found) if name in spellings]
        for spellings in map(_spellings, wanted)
    ]
    missing = [c.header for c, at in zip(wanted, places) if not at and not _may_lack(c)]
    twice = [c.header for c, at in zip(wanted, places) if len(at) > 1]
    if missing or twice:
        problems = [f"missing column(s) {', '.join(missing)}"] if missing else []
        problems += [f"column(s) found twice: {', '.join(twice)}"] if twice else []
        blank = f"; {names.count('')} column(s) without a name" if "" in names else ""
        shown = ", ".join(filter(None, names))[:SHOWN] or "no names"
        raise Refused(f"{place}: {'; '.join(problems)}{blank}; found {shown}")
    notes = _left_out(names, wanted, places)
    behind = len(names)
    return tuple(
        at[0] if at else behind + MADE.index(column.kind if column.kind in MADE else "")
        for column, at in zip(wanted, places)
    ), notes


def _spellings(column: Column) -> set[str]:
    if column.kind in MADE:
        return set()
    return {_fold(name) for name in (column.header, *column.aliases)}


def _rest(names: Sequence[str], positions: Sequence[int]) -> list[tuple[int, str]]:
    return [
        (n, name if name and names.index(name) == n else f"{name} (column {n + 1})".lstrip())
        for n, name in enumerate(names)
        if n not in positions
    ]


def _left_out(
    names: Sequence[str], wanted: Sequence[Column], places: list[list[int]]
) -> list[str]:
    extra = [name for _, name in _rest(names, [at[0] for at in places if at])]
    lacking = [
        c.header for c, at in zip(wanted, places) if not at and c.kind not in MADE
    ]
    verb = "kept aside" if any(c.kind == REST for c in wanted) else "left out"
    notes = [f"{verb} column(s) {_some(extra)}"] if extra else []
    return notes + ([f"has no column(s) {_some(lacking)}"] if lacking else [])


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return ", ".join(names[:NAMES_SHOWN]) + more


def _expected(wanted: Sequence[Column]) -> str:
    needed = (column.header for column in wanted if not _may_lack(column))
    return f"expected {', '.join(needed)}"
