r"""PostgreSQL's text format of rows: tabs between cells, backslashes, \N for NULL.

Text and not CSV: a line `\.` ends CSV data even inside quotes in psql before 18.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from src.adapters.readers import decimal, or_misfits, sorted_json
from src.kit.database import Value

_ROWS = 1000  # encoded together, some 100 kB: one look for what must be escaped
_NULL = "\0"  # stands for \N until the block was looked through; PostgreSQL has no NUL


def blocks(rows: Iterable[Sequence[Value]]) -> Iterator[tuple[bytes, int]]:
    """Yield rows as lines of text, and how many they are.

    Raises UnicodeEncodeError where a text is no Unicode.
    """
    source = iter(rows)
    while block := list(islice(source, _ROWS)):
        yield _encoded(block), len(block)


def _encoded(rows: list[Sequence[Value]]) -> bytes:
    columns = list(zip(*rows, strict=True))
    nulls = sum([column.count(None) for column in columns])
    lines = map("\t".join, zip(*map(_texts, columns)))
    text = "\n".join(lines) + "\n"
    if (
        "\\" in text
        or "\r" in text
        or text.count("\n") != len(rows)
        or text.count("\t") != len(rows) * (len(columns) - 1)
        or text.count(_NULL) != nulls
    ):
        text = "".join(map(_escaped, rows))
    return text.replace(_NULL, "\\N").encode()


def _texts(column: Sequence[Value]) -> Iterable[str]:
    """Return a column's values as texts; most columns hold values of one kind."""
    kinds = set(map(type, column))
    if kinds == {str}:
        return column  # type: ignore[return-value]
    if kinds == {int}:
        return map(str, column)
    return [
        value if value.__class__ is str else _NULL if value is None else _word(value)
        for value in column
    ]


def _word(value: object) -> str:
    return "t" if value is True else "f" if value is False else str(value)


def _escaped(row: Sequence[Value]) -> str:
    cells = ["\\N" if value is None else _escaped_cell(_word(value)) for value in row]
    return "\t".join(cells) + "\n"


def _escaped_cell(text: str) -> str:
    # A NUL in the text becomes one that the server reads, and refuses.
    text = text.replace("\\", "\\\\").replace("\t", "\\t").replace("\0", "\\000")
    return text.replace("\n", "\\n").replace("\r", "\\r")


# --- and back -------------------------------------------------------------------------


def decoded(lines: Iterable[bytes], kinds: str) -> Iterator[tuple]:
    """Yield lines of text as rows; see `kit.database.Database.rows` for the kinds."""
    readers = [_READERS[kind] for kind in kinds]
    for line in lines:
        cells = line.rstrip(b"\r\n").decode().split("\t")
        if len(cells) != len(readers):
            raise ValueError(f"{kinds!r}: not the number of columns of the query")
        yield tuple(
            [
                None if cell == "\\N" else read(_plain(cell) if "\\" in cell else cell)
                for read, cell in zip(readers, cells)
            ]
        )


_ESCAPE = re.compile(r"\\(.)")
_LETTERS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def _plain(cell: str) -> str:
    return _ESCAPE.sub(lambda found: _LETTERS.get(found[1], found[1]), cell)


def _timestamp(text: str) -> str:
    # 2024-01-31 09:00:00.5+00, as the session's zone is UTC and its date style ISO
    day, clock = text.split(" ", 1)
    seconds, _, fraction = clock.removesuffix("+00").partition(".")
    return f"{day}T{seconds}.{fraction:0<6}+00:00"


_READERS: dict[str, Callable] = {
    "t": str,
    "i": int,
    "b": "t".__eq__,
    "m": decimal("0.01"),
    "p": decimal("0.00001"),
    "z": _timestamp,
    "j": sorted_json,
}
_READERS |= or_misfits(_READERS)  # infinity is a timestamp, and NaN a number
