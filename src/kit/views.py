"""Views of a run log: tables derived from it, for people; nothing reads them back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from src.kit import files, runlog
from src.kit.memory import SUCCESSES
from src.kit.runlog import RawRow
from src.kit.tables import encoded_header, header

OPEN = b"open"  # failed, and not done since
FAILURES = frozenset(
    {b"failed", b"file_missing", b"file_changed", b"in_doubt", b"absent", b"held"}
)
_DONE = frozenset(word.encode() for word in SUCCESSES)


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


def failures(
    log: Path, row_type: type, same: Callable[[RawRow], bytes]
) -> Iterator[list[bytes]]:
    """Yield every failed attempt without its check, and what became of it since.

    `same` returns what two rows about the same thing have in common; it serves where a
    row has no key, because its file could not be read.
    """
    key_at = header(row_type).index("key")
    outcome_at = header(row_type).index("outcome")
    failed: list[RawRow] = []
    now: dict[bytes, bytes] = {}
    for row in runlog.rows(log, row_type):
        if not row:
            continue
        outcome, things = row[outcome_at], (row[key_at], same(row))
        if outcome in FAILURES:
            failed.append(row)
            state = outcome if outcome in (b"in_doubt", b"held") else OPEN
            now.update((thing, state) for thing in things if thing)
        elif outcome in _DONE or outcome == b"removed":
            now.update((thing, outcome) for thing in things if thing in now)
    for row in failed:
        yield [*row[:-1], now[row[key_at] or same(row)]]
