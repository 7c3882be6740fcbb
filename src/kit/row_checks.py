"""The rows of a log as a verifier sees them: checks, numbers, runs, places."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from src.kit import dialects, runlog
from src.kit.errors import Refused
from src.kit.runlog import RawRow
from src.kit.tables import BOM, columns, encoded_header, header

BAD = b"?"  # what a row without a right check contributes to a seal
_CHECK = re.compile(r"x[0-9a-f]{8}")
_EMPTY = ',;\t"\r\n'  # all that a record without a filled cell consists of
_UNNUMBERED = 0


class Part(NamedTuple):
    """One file of a log, and which rows of the log are in it."""

    path: Path
    first: int  # how many rows stand before it
    is_ours: bool  # spelled as ours, line by line


class Content(NamedTuple):
    """What a log holds: one entry per row, in order."""

    parts: list[Part]
    checks: list[bytes]  # `BAD` where the check does not hold
    numbers: list[int]  # seq; 0 where the check does not hold, or there is no seq
    runs: dict[int, str]  # at which row the rows of another run begin
    is_numbered: bool  # whether its rows have a seq

    @property
    def rows(self) -> int:
        """Return how many rows there are, good or bad."""
        return len(self.checks)


class Place(NamedTuple):
    """Where a row stands: the file, and its line, counted from 1."""

    file: str
    line: int


def read(path: Path, row_type: type) -> Content:
    """Return what all segments of a log hold."""
    content = Content([], [], [], {}, "seq" in header(row_type))
    for segment in runlog.segments(path):
        is_ours = runlog.is_current(segment, row_type)
        content.parts.append(Part(segment, content.rows, is_ours))
        _take(content, runlog.segment_rows(segment, row_type), header(row_type))
    return content


def _take(content: Content, rows: Iterable[RawRow], names: Sequence[str]) -> None:
    seq_at = names.index("seq") if "seq" in names else -1
    run_at = names.index("run_id") if "run_id" in names else -1
    checks, numbers, running = content.checks, content.numbers, b""
    for row in rows:
        if not row:
            checks.append(BAD)
            numbers.append(_UNNUMBERED)
            continue
        seq = row[seq_at]
        if row[run_at] != running and run_at >= 0:
            running = row[run_at]
            content.runs[len(checks)] = runlog.text(running)
        checks.append(row[-1])
        numbers.append(int(seq) if seq.isdigit() and seq_at >= 0 else _UNNUMBERED)


def digests(checks: Sequence[bytes], counts: Iterable[int]) -> Mapping[int, str]:
    """Return the seal of the first n rows, for each n that there are rows for."""
    found, digest, done = {}, sha256(), 0
    for count in sorted(set(counts)):
        if count <= len(checks):
            digest.update(b"".join(checks[done:count]))
            done = count
            found[count] = digest.hexdigest()
    return found


def repeated(path: Path, row_type: type) -> Iterator[tuple[int, int]]:
    """Yield rows of a table without numbers that stand there before: row, first row."""
    seen: dict[bytes, int] = {}
    for at, row in enumerate(runlog.rows(path, row_type)):
        if row and seen.setdefault(line := b"\x1f".join(row), at) != at:
            yield at, seen[line]


# --- where a row stands ---------------------------------------------------------------


def place(content: Content, row: int) -> Place:
    """Return where a row stands; behind the last one, where the next would."""
    part = next((p for p in reversed(content.parts) if p.first <= row), None)
    if part is None:
        return Place("", 0)
    at = row - part.first
    if part.is_ours:
        return Place(part.path.name, at + 2)
    numbers = [number for number, _ in _foreign_lines(part.path)]
    line = numbers[at] if at < len(numbers) else (numbers or [1])[-1] + 1
    return Place(part.path.name, line)


def written_check(content: Content, row: int) -> bytes:
    """Return the check in a row that it does not fit; `BAD` if there is none."""
    part = next(p for p in reversed(content.parts) if p.first <= row)
    found = _cells(part, row - part.first)
    check = found[-1] if found else ""
    return check.encode() if _CHECK.fullmatch(check) else BAD


def named_cells(content: Content, row: int, row_type: type) -> dict[str, str]:
    """Return the cells of a row whose check fails, as far as they can be named."""
    part = next(p for p in reversed(content.parts) if p.first <= row)
    found = _cells(part, row - part.first)
    names = header(row_type)
    return dict(zip(names, found)) if len(found) == len(names) else {}


def is_cut(content: Content) -> bool:
    """Return whether the last line has no end, as an interrupted write leaves it."""
    if not content.parts or not content.parts[-1].is_ours:
        return False
    with open(content.parts[-1].path, "rb") as file:
        file.seek(-1, 2)
        return file.read() != b"\n"


def _cells(part: Part, at: int) -> list[str]:
    for position, (_, line) in enumerate(_lines(part)):
        if position == at:
            separator = "," if part.is_ours else max(",;\t", key=line.count)
            try:
                return next(csv.reader([line.rstrip("\r\n")], delimiter=separator), [])
            except csv.Error:
                return []
    return []


def _lines(part: Part) -> Iterator[tuple[int, str]]:
    if not part.is_ours:
        yield from _foreign_lines(part.path)
        return
    with open(part.path, "rb") as file:
        for number, line in enumerate(file, 1):
            if number > 1:
                yield number, line.decode("utf-8", "replace")


def _foreign_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines that hold a row of a file that another program saved."""
    with open(path, encoding=_encoding(path), errors="replace", newline="") as file:
        is_first = True
        for number, line in enumerate(file, 1):
            if is_first and "row_check" in line:
                is_first = False
            elif line.strip(_EMPTY):
                is_first = False
                yield number, line


def _encoding(path: Path) -> str:
    try:
        return dialects.spelling(path).encoding
    except Refused:
        return "utf-16"


# --- how a file is spelled ------------------------------------------------------------


def spelled(path: Path, row_type: type) -> str:
    """Return how another program has spelled a log, empty if it is spelled as ours."""
    with open(path, "rb") as file:
        first = file.readline()
        second = file.readline()
    if first == encoded_header(row_type) or not first:
        return ""
    encoding = _encoding(path)
    text = first.decode(
        encoding if not encoding.startswith("utf-16") else "latin-1", "replace"
    )
    told = [] if encoding.startswith("utf-8") else [f"encoded as {encoding.upper()}"]
    if runlog.is_misread(text.replace("\0", "").lstrip("ÿþ")):
        told.append("opened as Windows-1252, so its byte-order mark is text now")
    elif encoding.startswith("utf-8") and not first.startswith(BOM):
        told.append("without a byte-order mark")
    separator = max(",;\t", key=text.count)
    if separator != ",":
        told.append("separated by " + {";": "semicolons", "\t": "tabs"}[separator])
    if b"\r" in first + second:
        told.append("line ends of Windows")
    if '"' in text:
        told.append("every cell quoted")
    return ", ".join([*told, *_columns_told(text, separator, row_type)])


def _columns_told(text: str, separator: str, row_type: type) -> Iterator[str]:
    plain = text.replace("\0", "").lstrip("\ufeffÿþïº»¿").rstrip("\r\n")
    names = [name.strip('"') for name in plain.split(separator)]
    wanted = header(row_type)
    if "row_check" not in names:
        yield "without a header"
    elif not set(wanted) <= set(names):
        yield "with the columns of an older version"
    elif names != wanted:
        yield f"columns added or moved ({len(names)} of {len(columns(row_type))})"
