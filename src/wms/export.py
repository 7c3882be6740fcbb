"""The warehouse and what was agreed on, as CSVs for the plan and for people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from src.kit import reading, tables
from src.wms.fields import Kind
from src.wms.pairs import Pair, Shelf
from src.wms.records import (
    BASE,
    BASE_LINES,
    REJECTS,
    STORED,
    STORED_LINES,
    UNREAD,
    Rejected,
)
from src.wms.states import Stored
from src.wms.store import Store, Unread


class Exported(NamedTuple):
    """What was written of a kind."""

    stored: int
    based: int
    rejects: list[Rejected]


def write(store: Store, kind: Kind, shelf: Shelf) -> Exported:
    """Write the warehouse's records of a kind, and its base.

    A record that cannot be read must not look changed or deleted: it stands there as it
    was agreed on. One about which nothing is agreed on is left out; how many, is written
    down, as nobody then knows what is new.
    """
    stored, rejects, detail = 0, [], {UNREAD: 0}
    pair = Pair(STORED[kind.name], STORED_LINES.get(kind.name))
    with shelf.writing(pair, detail) as append:
        for record in store.every(kind):
            if isinstance(record, Unread):
                head = record.head
                known = (kind.type, kind.name, head.wms_id, head.id)
                rejects.append(Rejected(*known, record.reason))
                record = _as_agreed(store, kind, record)
            if record:
                append(*record)
                stored += 1
            else:
                detail[UNREAD] += 1
    based, pair = 0, Pair(BASE[kind.name], BASE_LINES.get(kind.name))
    with shelf.writing(pair) as append:
        for based, agreed in enumerate(store.bases(kind), 1):
            append(*agreed)
    return Exported(stored, based, rejects)


def _as_agreed(store: Store, kind: Kind, unread: Unread) -> Stored | None:
    head = unread.head
    agreed = store.base(kind, [head.wms_id]).get(head.wms_id)
    if agreed is None:
        return None
    updated_at = head.updated_at or agreed.head.wms_updated_at
    return Stored(head._replace(updated_at=updated_at), agreed.cells, agreed.lines)


def write_rejects(
    path: Path, kinds: Sequence[Kind], written: Sequence[Exported]
) -> list[tuple[str, int]]:
    """Write which records could not be read; what the table has of other kinds stays.

    Return the file and its rows, nothing where there never were any.
    """
    rows = [row for one in written for row in one.rejects]
    if path.exists():
        names = {kind.name for kind in kinds}
        rows += [row for row in reading.table(path, REJECTS) if row.kind not in names]
    elif not rows:
        return []
    return [(REJECTS.place, tables.write(path, Rejected, rows))]
