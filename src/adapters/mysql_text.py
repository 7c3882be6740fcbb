"""Values as the mysql client takes them, in hexadecimal, and gives them back, as XML.

The client shows NULL and the text NULL alike in every format but XML.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timezone

from src.adapters.readers import decimal, flag, or_misfits, sorted_json
from src.kit.database import Staging, Value

_ROWS = 500  # in one statement
SIZE = (
    500_000  # bytes of a statement, unless one row has more; old servers take a million
)


def blocks(
    table: Staging, rows: Iterable[Sequence[Value]]
) -> Iterator[tuple[str, int]]:
    """Yield rows as a list of SQL literals, and how many they are.

    Texts are hexadecimal, out of which no SQL can be read. Raises UnicodeEncodeError
    where a text is no Unicode, ValueError where it has a NUL: it would not come back.
    """
    moments = [_is_moment(kind) for _, kind in table.columns]
    lines: list[str] = []
    size = 0
    for row in rows:
        line = f"({', '.join(_literals(row, moments))})"
        if lines and (len(lines) == _ROWS or size + len(line) > SIZE):
            yield ",\n".join(lines), len(lines)
            lines, size = [], 0
        lines.append(line)
        size += len(line)
    if lines:
        yield ",\n".join(lines), len(lines)


def _is_moment(kind: str) -> bool:
    return kind.lower().startswith(("datetime", "timestamp"))


def _literals(row: Sequence[Value], moments: Sequence[bool]) -> Iterator[str]:
    for at, value in enumerate(row):
        if value.__class__ is not str:
            yield "NULL" if value is None else str(int(value))
        elif at < len(moments) and moments[at]:
            yield _text(_local(value))
        else:
            yield _text(value)


def _text(value: str) -> str:
    if "\0" in value:
        raise ValueError("a text has a NUL character")
    # Without the character set it would be bytes, which JSON columns do not take.
    return f"_utf8mb4 x'{value.encode().hex()}'"


def _local(moment: str) -> str:
    """Return ISO-8601 with an offset as MySQL writes it, in UTC; what else as it is."""
    with suppress(ValueError):
        found = datetime.fromisoformat(moment.replace("Z", "+00:00"))
        if found.tzinfo:
            moment = str(found.astimezone(timezone.utc).replace(tzinfo=None))
    return moment


# --- and back -------------------------------------------------------------------------

_ROW_END = b"  </row>\n"
# The angle brackets and quotes of values are escaped, so what matches is the client's.
_FIELD = r'\t<field name="[^"]*"(?: xsi:nil="true" />|>([^<]*)</field>)\n'


def decoded(pieces: Iterable[bytes], kinds: str) -> Iterator[tuple]:
    """Yield the rows of an XML; see `kit.database.Database.rows` for the kinds."""
    row = re.compile(f"  <row>\n{_FIELD * len(kinds)}  </row>\n")
    readers = [_READERS[kind] for kind in kinds]
    for text in _whole_rows(pieces):
        found = None
        for found in row.finditer(text):
            yield tuple(
                [
                    None
                    if cell is None
                    else read(_plain(cell) if "&" in cell else cell)
                    for read, cell in zip(readers, found.groups())
                ]
            )
        if not found:
            raise ValueError(f"{kinds!r}: not the number of columns of the query")


def _whole_rows(pieces: Iterable[bytes]) -> Iterator[str]:
    held: list[bytes] = []
    for piece in pieces:
        held.append(piece)
        if b">" not in piece:
            continue
        text = b"".join(held)
        end = text.rfind(_ROW_END) + len(_ROW_END)
        held = [text]
        if end >= len(_ROW_END):
            held = [text[end:]]
            # Bytes that are no text come out as lone surrogates, never replaced.
            yield text[:end].decode("utf-8", "surrogateescape")


def _plain(cell: str) -> str:
    text = cell.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"')
    return text.replace("&amp;", "&")


def _timestamp(text: str) -> str | None:
    # 2024-01-31 09:00:00.5 in the session's zone, which is UTC
    day, _, clock = text.partition(" ")
    if "-00" in day:  # an old table's 0000-00-00, which is no date
        return None
    seconds, _, fraction = (clock or "00:00:00").partition(".")
    return f"{day}T{seconds}.{fraction:0<6}+00:00"


_READERS: dict[str, Callable] = {
    "t": str,
    "i": int,
    "b": "0".__ne__,
    "m": decimal("0.01"),
    "p": decimal("0.00001"),
    "z": _timestamp,
    "j": sorted_json,
}
_READERS |= or_misfits(_READERS | {"b": lambda text: flag(int(text))})
