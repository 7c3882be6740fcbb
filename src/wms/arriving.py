"""Records of the mirror that a plan is about."""

from __future__ import annotations

from collections.abc import Collection

from src.wms.fields import Kind
from src.wms.mirror import of_row, pair
from src.wms.pairs import Shelf
from src.wms.records import MirrorHead
from src.wms.states import Mirrored


def picked(shelf: Shelf, kind: Kind, ids: Collection[str]) -> dict[str, Mirrored]:
    """Return those records of the mirror that have these ids."""
    if not ids:
        return {}
    width = len(MirrorHead._fields)
    rows = shelf.read(pair(kind), width)
    return {row[0][0]: of_row(row) for row in rows if row[0][0] in ids}
