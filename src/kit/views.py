"""Views of a run log: tables derived from it, for people; nothing reads them back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from src.kit import files
from src.kit.memory import CLOSED, REMOVED, SUCCESSES
from src.kit.runlog import RawRow
from src.kit.tables import encoded_header, header

PACKED = b"\x1f"
OPEN = b"open"  # failed, and not done since
FAILURES = frozenset(
    {b"failed", b"file_missing", b"file_changed", b"in_doubt", b"absent", b"held"}
)
_BECAME = {word.encode(): word.encode() for word in (*SUCCESSES, REMOVED)}
_BECAME[CLOSED.encode()] = REMOVED.encode()


def write_raw(path: Path, row_type: type, rows: Iterable[Sequence[bytes]]) -> int:
    """Write a view from raw cells, which keep their escapes and guards."""
    count = 0
    with files.replacing(path) as file:
        file.write(encoded_header(row_type))
        for row in rows:
            file.write(_line(row))
            count += 1
    return count


def _line(row: Sequence[bytes]) -> bytes:
    joined = b",".join(row)
    if joined.count(b",") == len(row) - 1 and not (b'"' in joined or b";" in joined):
        return joined + b"\n"
    return b",".join(map(_quoted, row)) + b"\n"


def _quoted(cell: bytes) -> bytes:
    if b"," in cell or b'"' in cell or b";" in cell:
        return b'"' + cell.replace(b'"', b'""') + b'"'
    return cell


def failure_type(row_type: type) -> type:
    """Return the row type of a log's errors view: `now` stands where the check stood."""
    columns = list(row_type.__annotations__.items())[:-1]
    return NamedTuple("Failure", [*columns, ("now", str)])  # type: ignore[misc]


class Failures:
    """Every failed attempt without its check, and what became of it since."""

    def __init__(self, row_type: type, same: Callable[[RawRow], bytes]) -> None:
        """`same` returns what two rows about one thing have in common; it serves where a
        row has no key, because its file could not be read."""
        self._key_at = header(row_type).index("key")
        self._outcome_at = header(row_type).index("outcome")
        self._same = same
        self._failed: list[bytes] = []  # packed: an outage may leave many
        self._now: dict[bytes, bytes] = {}

    def learn(self, row: RawRow) -> None:
        """Take a good row of the log."""
        outcome = row[self._outcome_at]
        if outcome in FAILURES:
            self._failed.append(PACKED.join(row))
            state = outcome if outcome in (b"in_doubt", b"held") else OPEN
            for thing in self._things(row):
                self._now[thing] = state
        elif self._now and outcome in _BECAME:
            for thing in self._things(row):
                if thing in self._now:
                    self._now[thing] = _BECAME[outcome]

    def _things(self, row: RawRow) -> Iterator[bytes]:
        if row[self._key_at]:
            yield row[self._key_at]
        yield self._same(row)

    def rows(self) -> Iterator[list[bytes]]:
        """Yield the rows of the view."""
        for packed in self._failed:
            row = packed.split(PACKED)
            yield [*row[:-1], self._now[next(self._things(row))]]
