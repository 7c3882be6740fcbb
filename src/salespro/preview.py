"""What an import would change, as rows that people read; and why a row stays out."""

from __future__ import annotations

from collections.abc import Iterator

from src.salespro.records import Previewed
from src.salespro.statements import (
    COMPLETED,
    CREATED,
    DISPUTED,
    HELD,
    OLDER,
    REPEATED,
    SUPERSEDED,
    UNDATED,
)
from src.salespro.store import Difference, Odd, Store

_CREATED, _UPDATED, _STALE, _HELD = "created updated stale held".split()
_KNOWN_NOW = "the export knows what was unknown"


def rows(store: Store, is_dated: bool) -> Iterator[Previewed]:
    """Yield a row per field that changes, per new record, per row that stays out."""
    for found in store.changes():
        yield from _changed(found)
    for odd in store.left():
        action = _HELD if odd.word in HELD else _STALE
        why = reason(odd, is_dated)
        yield Previewed(str(odd.line), odd.key, action, "", "", "", why)


def _changed(found: Difference) -> Iterator[Previewed]:
    line, key, word, _ = found.odd
    if word == CREATED:
        yield Previewed(str(line), key, _CREATED, "", "", "", "")
        return
    why = _KNOWN_NOW if word == COMPLETED else ""
    for name, before, after in found.fields:
        if before != after:
            cells = (name, _text(before), _text(after), why)
            yield Previewed(str(line), key, _UPDATED, *cells)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def reason(odd: Odd, is_dated: bool) -> str:
    """Return why a row stays out, in words."""
    other = f"line {odd.other_line}" if odd.other_line else "what is stored"
    said = {
        OLDER: "what is stored is newer",
        SUPERSEDED: f"{other} is a newer row of this id",
        REPEATED: f"{other} says the same",
        UNDATED: f"without _updated_at nobody knows whether this or {other} is newer; "
        "export it again",
        DISPUTED: f"{other} has the same _updated_at and says something else; export "
        "it again",
    }
    if odd.word == DISPUTED and not is_dated:
        return f"{other} has the same id and says something else; export it again"
    return said[odd.word]
