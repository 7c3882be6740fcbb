"""Small logs to read: a row type with a check, one without, and what writes them."""

from pathlib import Path
from typing import NamedTuple

from src.kit import tables
from src.kit.tables import Number


class Event(NamedTuple):
    """A row of a log."""

    seq: Number
    kind: str
    said: str
    row_check: str


class Seen(NamedTuple):
    """A row of a view."""

    seq: Number
    kind: str
    said: str


def log(path: Path, texts: list[str], kind: str = "created", row_type: type = Event):
    """Append a row per text to a log; return the rows as they are meant."""
    before = path.read_bytes() if path.exists() else b""
    start = max(0, before.count(b"\n") - 1)
    rows = [[str(n), kind, text] for n, text in enumerate(texts, start + 1)]
    spell = tables.line_of(row_type)
    made = [tables.checked(row) if row_type is Event else tables.escaped(row) for row in rows]
    header = before or tables.encoded_header(row_type)
    path.write_bytes(header + "".join(map(spell, made)).encode())
    width = len(row_type._fields)
    return [tuple([*row, *one[3:]][:width]) for row, one in zip(rows, made)]
