"""Records as QuickBooks answers with them, and as the mirror's CSVs have them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timezone
from typing import Any

from src.wms import records
from src.wms.fields import Kind
from src.wms.pairs import Pair, Shelf
from src.wms.records import MirrorHead
from src.wms.states import Mirrored
from src.wms.wire import cells_of, lines_of


def mirrored(kind: Kind, record: Mapping[str, Any]) -> Mirrored:
    """Return a record of the wire as the mirror has it."""
    head = MirrorHead(
        record["id"],
        str(record.get("revisionNumber") or ""),
        in_utc(record.get("createdAt")),
        in_utc(record.get("updatedAt")),
        record.get("externalId") or "",
        "",
        "",
    )
    return Mirrored(head, cells_of(kind.fields, record), tuple(lines_of(kind, record)))


def in_utc(text: str | None) -> str:
    """Return a timestamp of QuickBooks' computer as the CSVs write it, in UTC."""
    if not text:
        return ""
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return found.astimezone(timezone.utc).isoformat(timespec="microseconds")


def picked(shelf: Shelf, kind: Kind, ids: Collection[str]) -> dict[str, Mirrored]:
    """Return those records of the mirror that have these ids."""
    if not ids:
        return {}
    lines = records.MIRROR_LINES.get(kind.name)
    pair = Pair(records.MIRROR[kind.name], lines)
    return {
        head[0]: Mirrored(MirrorHead(*head), cells, its_lines)
        for head, cells, its_lines in shelf.read(pair, len(MirrorHead._fields))
        if head[0] in ids
    }
