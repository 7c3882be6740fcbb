"""What the three know of each record of a kind, joined from their CSVs.

The base and the warehouse are kept packed, a string for what a row begins with and one
for its fields; the mirror streams by. A record that all three have alike is counted and
forgotten as soon as it is met, and no cell of it is looked at.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple, Union

from src.kit import files, reading, receipts
from src.kit.errors import Refused
from src.kit.reading import Columns, Reject
from src.kit.receipts import Receipt
from src.kit.tables import Table
from src.wms import records
from src.wms.alike import Sifted, Source, Watch
from src.wms.fields import Kind
from src.wms.records import AgreedHead, MirrorHead, StoredHead
from src.wms.states import Agreed, Mirrored, Stored
from src.wms.wire import Lined

_TWICE = "is there twice"
_QUARTER = timedelta(minutes=15)  # all time zones are apart by a multiple of it
_FETCH_AGAIN = f'run "{records.FETCH}" again'
TIMED_OUT = "timed_out"  # what the receipt of a mirror says of a list that never came
_CELL, _LINE = "\x1f", "\x1e"
Packed = Union[str, tuple[str, ...]]  # a tuple where a cell holds a separator itself
Take = Callable[[Sequence[str], Packed], str]  # returns what is wrong with a row
_AGREED, _STORED = len(AgreedHead._fields), len(StoredHead._fields)
_MIRRORED, _LINE_HEAD = len(MirrorHead._fields), len(records.StoredLineHead._fields)


class Folders(NamedTuple):
    """Where the CSVs and the receipts lie."""

    data: Path
    logs: Path


class Triple(NamedTuple):
    """One record as each of the three has it."""

    wms_id: str  # empty before the warehouse has one
    id: str
    base: Agreed | None
    stored: Stored | None
    mirror: Mirrored | None


class Row(NamedTuple):
    """One row, packed: what it begins with, and its fields."""

    head: Packed
    cells: Packed


def pack(cells: Sequence[str]) -> Packed:
    """Return cells as one string, where that can be undone."""
    joined = _CELL.join(cells)
    is_clear = joined.count(_CELL) == len(cells) - 1 and _LINE not in joined
    return joined if is_clear else tuple(cells)


def unpack(packed: Packed) -> tuple[str, ...]:
    """Return the cells again."""
    return packed if isinstance(packed, tuple) else tuple(packed.split(_CELL))


class Shift:
    """By how much the timestamps of a side moved, where a time zone may have moved them."""

    def __init__(self) -> None:
        self.count = 0
        self.moves: Counter[timedelta] = Counter()

    def see(self, before: str, now: str) -> None:
        """Take one record's timestamp at the last agreement, and now."""
        self.count += 1
        if before != now and before and now:
            moved = datetime.fromisoformat(now) - datetime.fromisoformat(before)
            if moved and not moved % _QUARTER:
                self.moves[moved] += 1


def check_runs(folders: Folders, kinds: Sequence[Kind]) -> dict[str, Receipt]:
    """Return what was written down about the files of kinds, by place.

    Raises Refused where they are not all of one fetch.
    """
    tables = [table for kind in kinds for table in _tables_of(kind)]
    places = {table.place for table in tables}
    found = {
        receipt.subject: receipt
        for receipt in receipts.read(folders.logs)
        if receipt.kind == receipts.FILE and receipt.subject in places
    }
    runs: dict[str, str] = {}
    for table in tables:
        receipt = found.get(table.place)
        runs.setdefault(receipt.run_id if receipt else "", table.place)
    if len(runs) > 1:
        names = " and ".join(list(runs.values())[:2])
        raise Refused(f"{names}: are of different runs; {_FETCH_AGAIN}")
    return found


def _tables_of(kind: Kind) -> list[Table]:
    each = (records.MIRROR, records.STORED, records.BASE)
    lines = (records.MIRROR_LINES, records.STORED_LINES, records.BASE_LINES)
    return [one[kind.name] for one in (*each, *lines) if kind.name in one]


class Joined:
    """The records of a kind: those that differ somewhere, and the number of the others."""

    def __init__(self, folders: Folders, kind: Kind) -> None:
        self.kind = kind
        self.rejects: list[Reject] = []
        self.notes: list[str] = []
        self.same = 0  # alike on all three …
        self._unread = 0  # … as text, so that no row of it was parsed
        self.agreed = self.stored = self.mirrored = 0  # rows read
        self.shifts = {records.WMS: Shift(), records.QBD: Shift()}
        self.is_listed = True  # QuickBooks answered when it was asked for the list
        self._folders = folders
        self._check_runs()
        self._base: dict[str, Row] = {}
        self._stored: dict[str, Row] = {}
        self._mirror: dict[str, Row] = {}  # by QuickBooks' id; those that are not `same`
        self._met: set[str] = set()  # QuickBooks' ids in the mirror
        self._wms_ids: dict[str, str] = {}  # of what is linked, by QuickBooks' id
        self._lines: dict[str, dict[str, str]] = {"base": {}, "wms": {}, "qbd": {}}
        self._read()

    # --- the files belong together ----------------------------------------------------

    def _check_runs(self) -> None:
        name = self.kind.name
        self._receipts = found = check_runs(self._folders, [self.kind])
        mirror, stored = (found.get(t[name].place) for t in (records.MIRROR, records.STORED))
        self.is_listed = receipts.value(mirror, "list") != TIMED_OUT
        for table in _tables_of(self.kind):
            self._check_bytes(table)
        if unread := int(receipts.value(stored, records.UNREAD) or 0):
            reason = f"{unread:,} of the warehouse could not be read; see {records.REJECTS.place}"
            place = records.STORED[name].place
            self.rejects.append(Reject(place, "", name, reason, ""))

    def _check_bytes(self, table: Table) -> None:
        """Raise Refused where a file and its like of another fetch were mixed up."""
        path, receipt = self._folders.data / table.name, self._receipts.get(table.place)
        if receipt and receipt.sha256 and path.exists():
            if files.digest(path) != receipt.sha256:
                raise Refused(f"{table.place}: is not as it was fetched; {_FETCH_AGAIN}")

    def _table(self, table: Table) -> reading.Reading:
        return reading.table(self._folders.data / table.name, table)

    def _end(self, found: reading.Reading, count: int) -> None:
        receipt = self._receipts.get(found.place)
        if self.is_listed and receipt and int(receipt.rows) != count:
            raise Refused(
                f"{found.place}: holds {count:,} rows, {int(receipt.rows):,} were "
                f'written; run "{records.FETCH}" again'
            )
        self.rejects += found.rejects
        self.notes += found.notes

    # --- reading ----------------------------------------------------------------------

    def _read(self) -> None:
        name = self.kind.name
        if self.kind.lines:
            for side, tables in (
                ("base", records.BASE_LINES),
                ("wms", records.STORED_LINES),
                ("qbd", records.MIRROR_LINES),
            ):
                self._lines[side] = self._packed_lines(tables[name])
        tables = (records.BASE[name], records.STORED[name], records.MIRROR[name])
        base, stored, mirror = (
            Source(self._folders.data / table.name, table, self._table(table), width)
            for table, width in zip(tables, (_AGREED, _STORED, _MIRRORED))
        )
        see_wms, see_qbd = (self.shifts[side].see for side in (records.WMS, records.QBD))
        watch = Watch(see_wms, see_qbd, self._lines_agree)
        sifted = Sifted(base, stored, mirror, watch)
        self.same = self._unread = sifted.same
        for place_id in sifted.twice:
            self.rejects.append(Reject(mirror.table.place, "", place_id, _TWICE, ""))
        self.agreed = self._each(base, sifted.agreed(), self._take_agreed)
        self.stored = self._each(stored, sifted.held(), self._take_stored)
        mirror.reading.count += len(sifted.twice)
        self.mirrored = self._each(mirror, sifted.mirrored(), self._take_mirrored)

    def _each(self, source: Source, blocks: Iterator[Columns], take: Take) -> int:
        """Give every row that differs to `take`; return how many rows the file has."""
        found, width = source.reading, source.width
        for columns in blocks:
            heads = zip(*columns[:width])
            for head, cells in zip(heads, _packed(columns[width:])):
                if problem := take(head, cells):
                    self.rejects.append(Reject(found.place, "", head[0], problem, ""))
        if found.rejects:  # read again as a whole, they know on which lines they stand
            again = reading.table(source.path, source.table)
            for _ in again.columns():
                pass
            found.rejects[:] = again.rejects
        self._end(found, found.count + self._unread)
        return found.count + self._unread

    def _take_agreed(self, head: Sequence[str], cells: Packed) -> str:
        if head[0] in self._base:
            return _TWICE
        self._base[head[0]] = Row(pack(head), cells)
        if head[1]:
            self._wms_ids[head[1]] = head[0]
        return ""

    def _take_stored(self, head: Sequence[str], cells: Packed) -> str:
        wms_id, quickbooks_id = head[:2]
        if not wms_id or wms_id in self._stored:
            return _TWICE if wms_id else "has no id"
        if quickbooks_id and self._wms_ids.setdefault(quickbooks_id, wms_id) != wms_id:
            return f"another record has its QuickBooks id {quickbooks_id}, too"
        base = self._base.get(wms_id)
        if base is not None:
            cells = base.cells if cells == base.cells else cells
            agreed = unpack(base.head)
            self.shifts[records.WMS].see(agreed[3], head[3])
        self._stored[wms_id] = Row(pack(head), cells)
        return ""

    def _take_mirrored(self, head: Sequence[str], cells: Packed) -> str:
        wms_id = self._wms_ids.get(head[0], "")
        if not head[0] or head[0] in self._met:
            return _TWICE if head[0] else "has no id"
        self._met.add(head[0])
        base, stored = self._base.get(wms_id), self._stored.get(wms_id)
        if base is not None and head[2]:
            self.shifts[records.QBD].see(unpack(base.head)[4], head[3])
        is_same = base and stored and cells == base.cells and stored.cells is base.cells
        is_same = is_same and unpack(stored.head)[1] == unpack(base.head)[1] == head[0]
        if is_same and not head[5] and self._lines_agree(wms_id, head[0]):
            self.same += 1
            del self._base[wms_id], self._stored[wms_id]
        else:
            self._mirror[head[0]] = Row(pack(head), cells)
        return ""

    def _lines_agree(self, wms_id: str, quickbooks_id: str) -> bool:
        base = self._lines["base"].get(wms_id)
        return (
            base == self._lines["wms"].get(wms_id)
            and base == self._lines["qbd"].get(quickbooks_id)
        )

    def _packed_lines(self, table: Table) -> dict[str, str]:
        """Return the lines of each record as one string, in their order."""
        found = self._table(table)
        groups: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for columns in found.columns():
            heads, packed = zip(*columns[:_LINE_HEAD]), _packed(columns[2:], strict=False)
            for (owner, position, _), cells in zip(heads, packed):
                groups[owner].append((int(position or 0), str(cells)))
        self._end(found, found.count)
        joined = {}
        while groups:
            owner, lines = groups.popitem()
            joined[owner] = _LINE.join(line for _, line in sorted(lines))
        return joined

    # --- what differs -----------------------------------------------------------------

    def triples(self, unlinked: bool = False) -> Iterator[Triple]:
        """Yield the records that are not alike everywhere, by the warehouse's id.

        `unlinked`: only those that have neither a base nor the other side's id.
        """
        ids: dict[str, str] = {}
        for quickbooks_id, wms_id in self._wms_ids.items():
            ids.setdefault(wms_id, quickbooks_id)  # what was agreed on came first
        for wms_id in sorted({*self._base, *self._stored}):
            quickbooks_id = ids.get(wms_id, "")
            if not unlinked or not (quickbooks_id or wms_id in self._base):
                yield self._triple(wms_id, quickbooks_id)
        for quickbooks_id in sorted(self._mirror.keys() - self._wms_ids.keys()):
            found = self.mirrored_as(quickbooks_id)
            yield Triple("", quickbooks_id, None, None, found)

    def _triple(self, wms_id: str, quickbooks_id: str) -> Triple:
        base, stored = self._base.get(wms_id), self._stored.get(wms_id)
        agreed = held = None
        if base:
            head = AgreedHead(*unpack(base.head))
            agreed = Agreed(head, unpack(base.cells), self._lined("base", wms_id))
        if stored:
            known = StoredHead(*unpack(stored.head))
            held = Stored(known, unpack(stored.cells), self._lined("wms", wms_id))
        return Triple(wms_id, quickbooks_id, agreed, held, self.mirrored_as(quickbooks_id))

    def mirrored_as(self, quickbooks_id: str) -> Mirrored | None:
        """Return a record of the mirror that is not alike everywhere."""
        row = self._mirror.get(quickbooks_id)
        if row is None:
            return None
        head = MirrorHead(*unpack(row.head))
        return Mirrored(head, unpack(row.cells), self._lined("qbd", quickbooks_id))

    def _lined(self, side: str, owner: str) -> tuple[Lined, ...]:
        joined = self._lines[side].get(owner)
        if joined is None:
            return ()
        split = [line.split(_CELL) for line in joined.split(_LINE)]
        return tuple(Lined(first, tuple(cells)) for first, *cells in split)


def _packed(columns: Sequence[Sequence[str]], strict: bool = True) -> Iterator[Packed]:
    """Yield the rows of a block, packed; cells of lines without their separators."""
    separators = max(0, len(columns) - 1)
    for cells in zip(*columns):
        joined = _CELL.join(cells)
        if joined.count(_CELL) == separators and _LINE not in joined:
            yield joined
        elif strict:
            yield cells
        else:
            plain = [c.replace(_CELL, " ").replace(_LINE, " ") for c in cells]
            yield _CELL.join(plain)
