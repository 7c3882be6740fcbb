"""Records that three CSVs have alike, found as text: none of their cells is looked at.

All three files are Carryover's own, so the same values are the same characters, behind
what each begins its rows with. What is not alike, or is spelled in any other way, is left
for a reader that looks at every cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from src.kit import cells, dialects
from src.kit.reading import Columns, Reading
from src.kit.tables import Table

TOGETHER = 4000  # lines that are parsed together
_WMS_AT, _QBD_AT, _MIRROR_AT = 3, 4, 3  # where heads have the times
_DELETED_AT = 5  # where a mirror's has its deletion

See = Callable[[str, str], None]  # takes a time at the last agreement, and now


class Source(NamedTuple):
    """One CSV: how it is read, and how many cells its rows begin with."""

    path: Path
    table: Table
    reading: Reading
    width: int

    @property
    def is_plain(self) -> bool:
        """Return whether its columns stand as they were written."""
        found = self.reading.dialect
        in_order = found.positions == tuple(range(found.width))
        return in_order and found.separator == ","

    def lines(self) -> Iterator[str]:
        """Yield the lines of the file, its header aside."""
        dialect = self.reading.dialect
        with dialects.open_text(self.path, dialect.spelling) as file:
            yield from islice(file, 1 + dialect.skipped_lines, None)

    def split(self, line: str) -> list[str]:
        """Return what a line begins with and, last, its rest; nothing if that is unclear."""
        parts = line.split(",", self.width)
        if len(parts) <= self.width:
            return []
        if '"' in line and '"' in line[: len(line) - len(parts[-1])]:
            return []
        return parts


class Watch(NamedTuple):
    """Who is told of what is alike, and is asked whether the lines are."""

    see_wms: See
    see_qbd: See
    lines_agree: Callable[[str, str], bool]  # the warehouse's id, QuickBooks'


class Sifted:
    """Three files with what is alike taken out."""

    def __init__(self, base: Source, stored: Source, mirror: Source, watch: Watch) -> None:
        self.same = 0
        self.twice: list[str] = []  # ids that the mirror has again
        self._base, self._stored, self._mirror = base, stored, mirror
        self._watch = watch
        # By ids as they are spelled; a record that is alike has nothing left.
        self._agreed: dict[str, str] = {}
        self._held: dict[str, str] = {}
        self._alike: dict[str, str] = {}  # QuickBooks' id → the warehouse's: two are alike
        self._odd: tuple[list[str], list[str], list[str]] = ([], [], [])
        if base.is_plain and stored.is_plain and mirror.is_plain:
            self._sift()
        else:
            for lines, source in zip(self._odd, (base, stored, mirror)):
                lines.extend(source.lines())

    def _sift(self) -> None:
        for line in self._base.lines():
            parts = self._base.split(line)
            if parts and parts[0] not in self._agreed:
                self._agreed[parts[0]] = line
            else:
                self._odd[0].append(line)
        for line in self._stored.lines():
            parts = self._stored.split(line)
            if parts and parts[0] not in self._held:
                self._held[parts[0]] = line
                self._compare(parts)
            else:
                self._odd[1].append(line)
        for line in self._mirror.lines():
            parts = self._mirror.split(line)
            if not (parts and self._is_alike(parts)):
                self._odd[2].append(line)

    def _compare(self, stored: list[str]) -> None:
        agreed = self._agreed.get(stored[0])
        if agreed is not None and stored[1]:
            parts = self._base.split(agreed)
            if parts[-1] == stored[-1] and parts[1] == stored[1]:
                self._alike[stored[1]] = stored[0]

    def _is_alike(self, mirror: list[str]) -> bool:
        wms_id = self._alike.get(mirror[0])
        agreed = self._agreed[wms_id] if wms_id else ""
        if wms_id and not agreed:
            self.twice.append(_plain(mirror[0]))
            return True
        if not wms_id or mirror[_DELETED_AT]:
            return False
        base = self._base.split(agreed)
        if base[-1] != mirror[-1] or not self._lines_agree(wms_id, mirror[0]):
            return False
        stored = self._stored.split(self._held[wms_id])
        self._watch.see_wms(base[_WMS_AT], stored[_WMS_AT])
        self._watch.see_qbd(base[_QBD_AT], mirror[_MIRROR_AT])
        self._agreed[wms_id] = self._held[wms_id] = ""
        self.same += 1
        return True

    def _lines_agree(self, wms_id: str, quickbooks_id: str) -> bool:
        return self._watch.lines_agree(_plain(wms_id), _plain(quickbooks_id))

    def agreed(self) -> Iterator[Columns]:
        """Yield the rest of the base, parsed."""
        return _parsed(self._base, self._odd[0], self._agreed)

    def held(self) -> Iterator[Columns]:
        """Yield the rest of the warehouse, parsed."""
        return _parsed(self._stored, self._odd[1], self._held)

    def mirrored(self) -> Iterator[Columns]:
        """Yield the rest of the mirror, parsed."""
        return _parsed(self._mirror, self._odd[2], {})


def _plain(cell: str) -> str:
    """Return a cell as it was before it was written."""
    return cells.unescape(cells.unguard(cell))


def _parsed(
    source: Source, odd: list[str], kept: dict[str, str]
) -> Iterator[Columns]:
    """Yield lines as columns, and forget them."""
    odd[:0] = filter(None, kept.values())
    kept.clear()
    odd.reverse()
    while odd:
        lines = odd[: -TOGETHER - 1 : -1]
        del odd[-TOGETHER:]
        yield source.reading.parsed(lines, 2)
