"""Rows of tables found by what their lines hold: bytes first, only hits are read."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

from src.kit import cells, reading, runlog, stories
from src.kit.errors import Refused
from src.kit.runlog import RawRow
from src.kit.stories import Found
from src.kit.tables import APPEND_ONLY, GIVEN, Table, encoded_header, header

SURE = 6  # characters; a shorter word is looked for as a word of its own
MOST_WORDS = 4  # of a text, the longest
_WORD = re.compile(r"[a-z0-9][a-z0-9-]*[a-z0-9]|[a-z0-9]")

# Letters and digits as small letters and digits, all else as blanks.
_WORDS = bytes(
    ord(chr(b).lower()) if b < 128 and chr(b).isalnum() else 32 for b in range(256)
)
_WORDS_OF_CELLS = bytes(44 if b == 44 else _WORDS[b] for b in range(256))  # with commas


class Source(NamedTuple):
    """One file to look into."""

    path: Path
    place: str
    table: Table
    of: str = ""  # the given file that it was made from
    made: str = ""  # when it was written, if the receipts know


def words(text: str) -> list[str]:
    """Return what every line that holds a text holds, whatever its quotes and escapes.

    What is not ASCII, which bytes cannot fold, is a gap like a blank; none is left of a
    text that is nothing else.
    """
    plain = "".join(c if c.isascii() else " " for c in cells.escape(text).lower())
    return sorted(set(_WORD.findall(plain)), key=len, reverse=True)[:MOST_WORDS]


class Wanted(NamedTuple):
    """What is looked for: words of lines and, where these are short, cells."""

    needles: frozenset[tuple[bytes, ...]]  # of each text, one of which is enough
    surely: tuple[tuple[bytes, tuple[bytes, ...]], ...]  # of each text, see `_surely`
    # A line with a short word alone has one of these cells, or all words of a phrase.
    cells: frozenset[str]  # in lower case
    phrases: tuple[tuple[str, ...], ...]
    columns: frozenset[str]  # in one of these columns
    foreign: tuple[str, ...]  # texts without a word of ASCII, as they are written
    parts: tuple[str, ...]  # one of which is in a cell that may be meant …
    longest: int  # … and has so many characters at most
    is_part: bool  # whether parts of cells are wanted


def wanted(
    texts: Iterable[str], columns: Iterable[str], is_part: bool = False
) -> Wanted:
    """Return what to look for: texts, or parts of cells, in some columns."""
    asked = map(stories.bare, texts) if is_part else texts
    found = {one for text in asked for one in _written(text)}
    split = [split for split in map(words, found) if split]
    needles = {tuple(w.encode().translate(_WORDS) for w in one) for one in split}
    foreign = tuple(text for text in found if text.strip() and not words(text))
    parts = (*{one[0] for one in split}, *map(cells.folded, foreign))
    phrases = tuple({tuple(one) for one in split if len(one) > 1})
    spelled = set(map(cells.folded, found))
    spelled |= {f"'{text}" for text in spelled}
    most = sys.maxsize if is_part else longest(found)
    spellings = frozenset(spelled), phrases
    where = frozenset(columns), foreign, parts, most, is_part
    surely = tuple({_surely(one) for one in needles})
    return Wanted(frozenset(needles), surely, *spellings, *where)


def _surely(words: Sequence[bytes]) -> tuple[bytes, tuple[bytes, ...]]:
    """Return what the cells hold that mean a text: its longest word, and its numbers.

    Of several words, a short one may be spelled otherwise, as the form of a company is.
    """
    if len(words) == 1:
        return _spelled(words[0]), ()
    return words[0], tuple(_spelled(word) for word in words if word.isdigit())


def _written(text: str) -> Iterator[str]:
    """Yield how a text may be written: bytes beyond ASCII know neither case nor accents."""
    yield text
    if not text.isascii():
        cases = (text, text.lower(), text.upper(), text.title())
        yield from (normalize(form, one) for form in ("NFC", "NFD") for one in cases)


def longest(texts: Iterable[str]) -> int:
    """Return how long a cell may be that means one of the texts.

    A rule takes a prefix or blanks off, not more; an escape is six characters for one.
    """
    return 2 * max(map(len, texts), default=0) + 20


def rows(source: Source, wanted: Wanted) -> Iterator[Found]:
    """Yield the rows of a file that may hold what is wanted."""
    try:
        data = source.path.read_bytes()
    except FileNotFoundError:
        return
    if source.table.kind != GIVEN and data.startswith(encoded_header(source.table.row)):
        yield from _of_ours(source, data, wanted)
    elif data:
        yield from _of_others(source, wanted)


def _of_ours(source: Source, data: bytes, wanted: Wanted) -> Iterator[Found]:
    names = header(source.table.row)
    is_log = source.table.kind == APPEND_ONLY
    verify = runlog.verifier(len(names)) if is_log else None
    line, counted = 1, 0
    for start, record in _records(data, names, wanted):
        line += data.count(b"\n", counted, start)
        counted = start
        found = {n: cells.unescape(cells.unguard(c)) for n, c in zip(names, record)}
        end = data.find(b"\n", start) + 1 or len(data)
        is_damaged = bool(verify) and not verify(data[start:end])
        yield _found(source, line, found, is_damaged)


def _records(
    data: bytes, names: list[str], wanted: Wanted
) -> Iterator[tuple[int, list[str]]]:
    """Yield where the lines begin that may be wanted, and their cells as they stand."""
    sure, brief = _starts(data, wanted)
    at = [n for n, name in enumerate(names) if name in wanted.columns]
    for start in sorted(sure | brief):
        end = data.find(b"\n", start)
        line = data[start : end if end >= 0 else len(data)]
        record = _parsed(line) if _is_worth_it(line, at, wanted) else []
        if start and len(record) == len(names):
            there = [cells.folded(record[place]) for place in at]
            there += [
                piece for cell in there if "|" in cell for piece in cell.split("|")
            ]
            if _may_be_meant(there, wanted, start in sure):
                yield start, record


def _is_worth_it(line: bytes, at: Sequence[int], wanted: Wanted) -> bool:
    """Return whether a line may be wanted, as far as its bytes tell without decoding."""
    if b'"' in line or wanted.is_part or wanted.foreign:
        return True
    found = line.split(b",")
    there = b" , ".join([found[place] for place in at if place < len(found)])
    text = b" %b " % there.translate(_WORDS_OF_CELLS)
    for word, numbers in wanted.surely:
        if word in text and (not numbers or _has_numbers(text, word, numbers)):
            return True
    return False


def _has_numbers(text: bytes, word: bytes, numbers: Sequence[bytes]) -> bool:
    """Return whether each number stands in a cell with a word, or fills another."""
    there = text.split(b",")
    beside = b",".join(cell for cell in there if word in cell)
    filled = {b" %b " % cell.strip() for cell in there}
    return all(number in beside or number in filled for number in numbers)


def _may_be_meant(there: Sequence[str], wanted: Wanted, is_sure: bool) -> bool:
    """Return whether one of some cells, in lower case, may be what is wanted."""
    if not is_sure and not wanted.is_part:
        if not wanted.cells.isdisjoint(there):
            return True
        joined = " ".join(there) if wanted.phrases else ""
        return any(all(word in joined for word in one) for one in wanted.phrases)
    fitting = [cell for cell in there if len(cell) <= wanted.longest]
    return any(part in cell for cell in fitting for part in wanted.parts)


def _starts(data: bytes, wanted: Wanted) -> tuple[set[int], set[int]]:
    """Return where lines begin that surely hold a text, and that hold a short word."""
    text = data.translate(_WORDS)
    sure, brief = set[int](), set[int]()
    for of_a_text in wanted.needles:
        if len(of_a_text) == 1:
            rarest = of_a_text[0]
        else:
            rarest = min(of_a_text, key=lambda word: text.count(_spelled(word)))
        found = sure if len(rarest) >= SURE else brief
        found.update(_lines_with(data, text, _spelled(rarest)))
    for one in wanted.foreign:
        sure.update(_lines_with(data, data, one.encode("utf-8", "surrogatepass")))
    return sure, brief - sure


def _spelled(word: bytes) -> bytes:
    """Return a word as it is looked for: a short one only as a word of its own."""
    return word if len(word) >= SURE else b" %b " % word


def _lines_with(data: bytes, text: bytes, word: bytes) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        at += word[:1] == b" "  # which may be the end of the line before
        yield data.rfind(b"\n", 0, at) + 1
        end = data.find(b"\n", at)
        at = text.find(word, end) if end >= 0 else -1


def _parsed(line: bytes) -> list[str]:
    try:
        text = line.decode()
        if '"' not in text:  # as most lines are: the csv module takes ten times as long
            return text.rstrip("\r").split(",")
        return next(csv.reader([text.rstrip("\r")], strict=True), [])
    except (csv.Error, UnicodeDecodeError):
        return []


def _of_others(source: Source, wanted: Wanted) -> Iterator[Found]:
    """Yield the rows of a given file, or of one that another program saved."""
    names = header(source.table.row)
    if source.table.kind == APPEND_ONLY:
        raw = runlog.segment_rows(source.path, source.table.row)
        read: Iterable[tuple[int, Mapping[str, str]]] = _of_log(raw, names)
    else:
        read = _of_table(source, names)
    for line, found in read:
        text = " ".join(found.values()).encode("utf-8", "replace").translate(_WORDS)
        if wanted.foreign or any(all(w in text for w in one) for one in wanted.needles):
            yield _found(source, line, found)


def _of_log(
    raw: Iterable[RawRow], names: list[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    for line, row in enumerate(raw, 2):
        if row:
            yield line, dict(zip(names, map(runlog.text, row)))


def _of_table(source: Source, names: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        found = reading.table(source.path, source.table)
        for line, row in enumerate(found, 2):
            cells_of_it = dict(zip(names, row))
            at = cells_of_it.get("line", "") if source.table.kind == GIVEN else ""
            yield int(at) if at.isdigit() else line, cells_of_it
    except Refused:  # its own door says why; there is nothing to be told from it
        return


def _found(
    source: Source, line: int, found: Mapping[str, str], is_damaged: bool = False
) -> Found:
    name = source.table.name
    return Found(name, source.place, line, found, source.of, is_damaged, source.made)


# --- which of them are meant ----------------------------------------------------------


def is_meant(
    row: Found, handles: Iterable[str], wanted: Collection[tuple[Callable, str]]
) -> bool:
    """Return whether a cell by which people name a row is one of the wanted texts.

    A wanted text comes with the rule under which it and a cell are the same.
    """
    most = longest(text for _, text in wanted)
    cells_of_it = [cell for cell in named(row, handles) if len(cell) <= most]
    return any(rule(cell) == text for cell in cells_of_it for rule, text in wanted)


def named(row: Found, handles: Iterable[str]) -> Iterator[str]:
    """Yield the names that a row is known by; `a+b` are two columns, with a blank."""
    for handle in handles:
        cell = " ".join(filter(None, (row[name] for name in handle.split("+"))))
        if cell:
            yield cell


def near(row: Found, handles: Iterable[str], text: str) -> Iterator[str]:
    """Yield the names of a row that hold the words of a text one after the other."""
    part = stories.bare(text)
    for cell in named(row, handles):
        if part and part in stories.bare(cell):
            yield cell
