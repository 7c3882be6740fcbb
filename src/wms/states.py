"""One record as each of the three knows it: QuickBooks' mirror, the warehouse, the base."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import NamedTuple

from src.wms.records import NOT_YET, AgreedHead, MirrorHead, StoredHead
from src.wms.wire import Lined

Cells = tuple[str, ...]
Lines = tuple[Lined, ...]


class Mirrored(NamedTuple):
    """A record as QuickBooks had it when it was fetched last."""

    head: MirrorHead
    cells: Cells
    lines: Lines = ()


class Stored(NamedTuple):
    """A record as the warehouse has it."""

    head: StoredHead
    cells: Cells
    lines: Lines = ()

    @property
    def known_as(self) -> str:
        """Return what others refer to it by: QuickBooks' id, else `wms:` and ours."""
        return self.head.id or NOT_YET + self.head.wms_id


class Agreed(NamedTuple):
    """A record as both sides agreed on it last."""

    head: AgreedHead
    cells: Cells
    lines: Lines = ()


def digest(cells: Cells, lines: Iterable[Lined] = ()) -> str:
    """Return what stands for the values of a record: `s` and sixteen hexadecimal digits."""
    parts = [*cells]
    for line in lines:
        parts += ["\x1e", line.id, *line.cells]
    text = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return "s" + blake2b(text, digest_size=8).hexdigest()
