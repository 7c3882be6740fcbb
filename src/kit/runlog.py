"""The run log as a reader sees it: segments, verified rows, and what its rows say.

A log is append-only, one record a line, and every row ends with its `row_check`. Rows
are read as raw cells (bytes, escaped and guarded), because 170,000 of them are read at
every start; `text` turns one cell into what it means.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from zlib import crc32

from src.kit import cells, dialects
from src.kit.errors import Refused
from src.kit.tables import BOM, MISREAD_BOM, columns, encoded_header, header

RawRow = list[bytes]
BAD_ROW: RawRow = []  # a line whose check fails: it casts doubt, it says nothing

_SEPARATOR = cells.SEPARATOR.encode()
# An apostrophe before a cell that is not certainly a guarded number: somebody may have
# put it there, so the line is looked at cell by cell.
_MAY_BE_ADDED = re.compile(
    rb",'(?!(?!(?:0|-?[1-9][0-9]{0,14})(?:,|\Z))(?=[^,]*[0-9])[0-9eE.:/%+-]+(?:,|\Z))"
)
# The same in lines one below the other, each with its end; an apostrophe alone is what
# is found fast.
_GUARD = re.compile(rb"'(?<=,')")
_MAY_BE_ADDED_BELOW = re.compile(
    _GUARD.pattern
    + rb"(?:(?![0-9eE.:/%+-]+[,\n])|(?:0|-?[1-9][0-9]{0,14})[,\n]|[^0-9,\n]+[,\n])"
)
_TOGETHER = 1 << 18  # bytes whose lines are verified together
_CHECK = len(b",x00000000\n")
_COMMA = b"\0"  # stands for a quoted comma meanwhile; a NUL is never written


def segments(path: Path) -> list[Path]:
    """Return the files of a log, oldest first: x.0001.csv, x.0002.csv, …, x.csv."""
    name = re.compile(re.escape(path.stem) + r"\.[0-9]{4,}" + re.escape(path.suffix))
    older = sorted(p for p in path.parent.glob(f"{path.stem}.*") if name.fullmatch(p.name))
    return [*older, path] if path.exists() else older


def text(cell: bytes) -> str:
    """Return what a raw cell means."""
    return cells.unescape(cells.unguard(cell.decode()))


def rows(path: Path, row_type: type) -> Iterator[RawRow]:
    """Yield the raw rows of every segment in order, `BAD_ROW` where a check fails."""
    for segment in segments(path):
        yield from segment_rows(segment, row_type)


def rows_with(path: Path, row_type: type, word: str) -> Iterator[RawRow]:
    """Yield the good rows whose lines hold a word; the others are not even verified.

    A segment that another program saved is yielded whole.
    """
    wanted = cells.escape(word).encode()
    for segment in segments(path):
        if is_current(segment, row_type):
            with open(segment, "rb") as file:
                lines = [line for line in file if wanted in line]
            yield from filter(None, map(verifier(len(columns(row_type))), lines))
        else:
            yield from filter(None, segment_rows(segment, row_type))


def segment_rows(path: Path, row_type: type) -> Iterator[RawRow]:
    """Yield the raw rows of one file, whichever program saved it last.

    Columns of an older header are put in today's order; a new column is empty. A file
    that is no table at all is one bad row.
    """
    with open(path, "rb") as file:
        first = file.readline()
        if first == encoded_header(row_type):
            verify = block_verifier(len(columns(row_type)))
            while lines := file.readlines(_TOGETHER):
                yield from verify(lines)
            return
    if first:
        yield from _foreign_rows(path, row_type)


def is_current(path: Path, row_type: type) -> bool:
    """Return whether a file has exactly our header, so that rows may be appended."""
    with open(path, "rb") as file:
        return file.readline() == encoded_header(row_type)


def is_older(path: Path, row_type: type) -> bool:
    """Return whether a file is spelled as ours but has another version's columns."""
    with open(path, "rb") as file:
        first = file.readline().removeprefix(BOM).decode("utf-8", "replace")
    names = first.rstrip("\n").removeprefix(MISREAD_BOM).split(",")
    return names[-1] == "row_check" and not set(header(row_type)) <= set(names)


def verifier(width: int) -> Callable[[bytes], RawRow]:
    """Return the function that turns a line into its raw cells, if its check holds."""
    commas = width - 1

    def verify(line: bytes) -> RawRow:
        body, _, check = line.rpartition(b",")
        is_quoted = b'"' in body
        if is_quoted:
            body = _without_quotes(body)
        # Guards before most cells come off in one sweep; a cell that truly begins with
        # an apostrophe fails here and is looked at cell by cell.
        values = body.replace(b",'", b",").replace(b",", _SEPARATOR)
        if is_quoted:
            values = values.replace(_COMMA, b",")
        if check == b"x%08x\n" % crc32(values) and not _MAY_BE_ADDED.search(body):
            found = body.split(b",")
            if len(found) == commas and (body.isascii() or _is_text(body)):
                if is_quoted:
                    found = [cell.replace(_COMMA, b",") for cell in found]
                found.append(check[:-1])
                return found
        return _verify_slowly(line, width)

    return verify


def block_verifier(width: int) -> Callable[[list[bytes]], list[RawRow]]:
    """Return the function that does so for many lines, fast where nearly all are good."""
    one = verifier(width)

    def verify(lines: list[bytes]) -> list[RawRow]:
        plain = [line for line in lines if b'"' not in line]
        rows = [line[:-1].split(b",") for line in plain]
        for place in _doubtful(plain, rows, width):
            rows[place] = one(plain[place])
        if len(plain) == len(lines):
            return rows
        found = iter(rows)
        return [one(line) if b'"' in line else next(found) for line in lines]

    return verify


def _doubtful(lines: list[bytes], rows: list[RawRow], width: int) -> Iterable[int]:
    """Return which of some lines without quotes have to be looked at one by one."""
    joined = b"\n".join([*[line[:-_CHECK] for line in lines], b""])
    if joined.count(b"\n") != len(lines) or not (joined.isascii() or _is_text(joined)):
        return range(len(lines))
    values = _GUARD.sub(b"", joined).replace(b",", _SEPARATOR).split(b"\n")
    checks = [b",x%08x\n" % check for check in map(crc32, values[:-1])]
    ends = [line[-_CHECK:] for line in lines]
    odd, at, place = set(), 0, 0
    for match in _MAY_BE_ADDED_BELOW.finditer(joined):
        place += joined.count(b"\n", at, match.start())
        at = match.start()
        odd.add(place)
    if checks != ends:
        odd |= {n for n, check in enumerate(checks) if check != ends[n]}
    if set(map(len, rows)) != {width}:
        odd |= {n for n, row in enumerate(rows) if len(row) != width}
    return odd


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
        return True
    except UnicodeDecodeError:
        return False


def _without_quotes(body: bytes) -> bytes:
    """Return a line whose quotes are gone and whose quoted commas are `_COMMA`."""
    if b'""' in body:
        return body  # a quote inside a cell: left to the csv module
    parts = body.split(b'"')
    parts[1::2] = [part.replace(b",", _COMMA) for part in parts[1::2]]
    return b"".join(parts)


def _verify_slowly(line: bytes, width: int) -> RawRow:
    try:
        record = next(csv.reader([line.decode().rstrip("\r\n")], strict=True), [])
    except (csv.Error, UnicodeDecodeError):
        return BAD_ROW
    return _verified(record, width) if line.endswith(b"\n") else BAD_ROW


def _verified(record: Sequence[str], width: int) -> RawRow:
    values = [cells.unguard(cell) for cell in record]
    if len(record) != width:
        return BAD_ROW
    if values[-1] != cells.row_check(cells.SEPARATOR.join(values[:-1])):
        return BAD_ROW
    return [cell.encode() for cell in record]


# --- logs that another program saved --------------------------------------------------


def _foreign_rows(path: Path, row_type: type) -> Iterator[RawRow]:
    """Yield the rows of a re-saved, headerless or older log in today's columns."""
    names, records = header(row_type), _records(path)
    found = next(records, [])
    if "row_check" not in found:
        found, records = names, chain([found], records)
    order = names if set(names) <= set(found) else found
    places = [found.index(name) for name in order]
    for record in records:
        row = BAD_ROW
        if len(record) >= len(found):
            row = _verified([_as_written(record[p]) for p in places], len(order))
        if row and order is not names:  # written by an older version
            by_name = dict(zip(order, row))
            row = [by_name.get(name, b"") for name in names]
        yield row


def _as_written(cell: str) -> str:
    """Return the cell as Carryover writes it: a guard that was taken off is put back."""
    return cells.guard(cells.unguard(cell))


def _records(path: Path) -> Iterator[list[str]]:
    with open(path, encoding=_encoding(path), errors="replace", newline="") as file:
        first = file.readline()
        separator = max(",;\t", key=first.count)
        lines: Iterable[str] = chain([first], file)
        if is_misread(first):
            lines = map(_read_again, lines)
        for line in lines:
            try:
                record = next(csv.reader([line], delimiter=separator, strict=True), [])
            except csv.Error:
                record = [line]
            if any(record):
                yield record


def is_misread(first: str) -> bool:
    """Return whether a first line was opened as Windows-1252 before it was saved.

    The byte-order mark of UTF-8 became three letters then.
    """
    return first.lstrip('"').startswith(MISREAD_BOM)


def _read_again(line: str) -> str:
    """Return a line as it was before UTF-8 was taken for Windows-1252."""
    try:
        raw = b"".join(map(_byte, line))
        return raw.decode().removeprefix("\ufeff").replace('"\ufeff', '"')
    except UnicodeError:
        return line


def _byte(character: str) -> bytes:
    # Five bytes mean nothing in Windows-1252; spreadsheets keep them as they are.
    encoding = "latin-1" if "\x80" <= character <= "\x9f" else "cp1252"
    return character.encode(encoding)


def _encoding(path: Path) -> str:
    try:
        return dialects.spelling(path).encoding
    except Refused:  # UTF-16, cut within a character: its other rows are still good
        return "utf-16"


def check_cell(found: RawRow) -> bytes:
    """Return what a row contributes to the seal: its check, or a mark for a bad row."""
    return found[-1] if found else b"?"
