"""The warehouse and what was agreed on, as CSVs for the plan and for people."""

from __future__ import annotations

from src.wms.fields import Kind
from src.wms.pairs import Pair, Shelf
from src.wms.records import BASE, BASE_LINES, STORED, STORED_LINES
from src.wms.store import Store


def write(store: Store, kind: Kind, shelf: Shelf) -> tuple[int, int]:
    """Write the warehouse's records of a kind, and its base; return their numbers."""
    stored = based = 0
    pair = Pair(STORED[kind.name], STORED_LINES.get(kind.name))
    with shelf.writing(pair) as append:
        for stored, record in enumerate(store.records(kind), 1):
            append(*record)
    pair = Pair(BASE[kind.name], BASE_LINES.get(kind.name))
    with shelf.writing(pair) as append:
        for based, agreed in enumerate(store.bases(kind), 1):
            append(*agreed)
    return stored, based
