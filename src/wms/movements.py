"""Stock that moved: levels as they were agreed, and the documents known since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from src.kit import reading, receipts
from src.kit.tables import Table
from src.wms import records
from src.wms.fields import ADJUSTMENTS, KINDS, Kind, places
from src.wms.sides import TIMED_OUT, Folders

ON_HAND = "quantity_on_hand"
STOCKED = tuple(k for k in KINDS.values() if k.is_item and ON_HAND in places(k))
_KIND = KINDS[ADJUSTMENTS]
_DOCUMENTS = records.MIRROR[ADJUSTMENTS].place
_MOVED = tuple(field.name for field in _KIND.lines)
_ITEM_AT = _MOVED.index("item.id")
_QUANTITY_AT = _MOVED.index("quantity_difference")
_LONG = timedelta(hours=2)  # no clock is wrong by more


class Level(NamedTuple):
    """An item's quantity on hand: as agreed, on both sides, and what moved it since."""

    kind: str
    wms_id: str
    id: str
    name: str
    base: str
    wms: str
    now: str
    agreed_at: str
    revision: str
    moved: Decimal

    @property
    def net(self) -> Decimal:
        """Return the change that no known movement explains."""
        return Decimal(self.now or 0) - Decimal(self.base or 0) - self.moved


class _Files:
    """The CSVs of a kind as dictionaries, by the first cell of a row."""

    def __init__(self, folders: Folders) -> None:
        self.folders = folders

    def rows(self, tables: Mapping[str, Table], kind: Kind) -> dict[str, Any]:
        """Return the rows of a kind."""
        table = tables[kind.name]
        rows = reading.table(self.folders.data / table.name, table)
        return {row[0]: row for row in rows}

    def lines(self, tables: Mapping[str, Table]) -> dict[str, list[Sequence[str]]]:
        """Return the cells of the lines of each document."""
        table = tables[ADJUSTMENTS]
        found: dict[str, list[Sequence[str]]] = defaultdict(list)
        for row in reading.table(self.folders.data / table.name, table):
            found[row[0]].append(row[3:])
        return found


class Move(NamedTuple):
    """One movement of an item that is, or is about to be, a document on both sides."""

    item_id: str
    known_at: str  # when both sides agreed on its document, by our clock
    made_at: str  # by QuickBooks' clock, empty where it has not listed it
    quantity: Decimal

    def is_since(self, agreed_at: str, known_until: str) -> bool:
        """Return whether a level does not hold the movement yet.

        QuickBooks' clock may be wrong, so what counts is whether its document was known
        when the level was agreed on; its own time only tells what is long past.
        """
        if _moment(self.known_at) <= _moment(known_until):
            return False
        return not self.made_at or _moment(self.made_at) > _moment(agreed_at) - _LONG


def moves(folders: Folders) -> list[Move]:
    """Return the movements that QuickBooks has and the warehouse records."""
    files = _Files(folders)
    stored = files.rows(records.STORED, _KIND)
    covered = {row.id for row in stored.values() if row.covered_by}
    base = files.rows(records.BASE, _KIND)
    known = {row.id: row.agreed_at for row in base.values()}
    mirror, theirs = files.rows(records.MIRROR, _KIND), files.lines(records.MIRROR_LINES)
    listed = sorted((ts for _, ts in listings(folders, _KIND)), key=_moment)
    found: list[Move] = []
    for quickbooks_id, row in mirror.items():
        is_new = quickbooks_id not in known
        if is_new and _is_within(row.created_at, stored.values()):
            continue  # listed and not recorded yet: it counts in a net document
        if quickbooks_id not in covered and not row.deleted_at:
            at = known.get(quickbooks_id) or _first_since(row.created_at, listed)
            found += _moves(theirs[quickbooks_id], at, row.created_at)
    ours = files.lines(records.STORED_LINES)
    for wms_id, row in base.items():
        if row.id and row.id not in mirror and wms_id in stored:
            found += _moves(ours[wms_id], row.agreed_at, "")
    return found


def _is_within(made_at: str, documents: Iterable[Any]) -> bool:
    """Return whether a document of the warehouse stands for a time."""
    spans = [(row.covers_from, row.covers_to) for row in documents if row.covers_to]
    made = _moment(made_at) if made_at and spans else None
    return any(made and _moment(since) < made < _moment(until) for since, until in spans)


def _first_since(made_at: str, listed: Sequence[str]) -> str:
    """Return when a document that waits for a person was listed first."""
    later = (at for at in listed if _moment(at) >= _moment(made_at))
    return next(later, listed[-1] if listed else made_at)


def _moves(lines: Iterable[Sequence[str]], known_at: str, made_at: str) -> Iterator[Move]:
    for cells in lines:
        quantity = Decimal(cells[_QUANTITY_AT] or 0)
        yield Move(cells[_ITEM_AT], known_at, made_at, quantity)


def listings(folders: Folders, kind: Kind) -> list[tuple[str, str]]:
    """Return when a kind was fetched, and since when the documents of that run are known.

    One run fetches items first, then the documents that moved them.
    """
    place, found = records.MIRROR[kind.name].place, []
    run_id = ""
    for receipt in receipts.read(folders.logs):
        if receipt.kind != receipts.FILE or receipts.value(receipt, "list") == TIMED_OUT:
            continue
        if receipt.subject == place:
            found.append((receipt.ts, receipt.ts))
            run_id = receipt.run_id
        elif receipt.subject == _DOCUMENTS and found and receipt.run_id == run_id:
            found[-1] = (found[-1][0], receipt.ts)
    return found


def levels(folders: Folders) -> list[Level]:
    """Return the items whose level changed, or that were moved, since both sides agreed."""
    by_item: dict[str, list[Move]] = defaultdict(list)
    for move in moves(folders):
        by_item[move.item_id].append(move)
    found = (_levels(_Files(folders), kind, by_item) for kind in STOCKED)
    return [level for some in found for level in some]


def _levels(
    files: _Files, kind: Kind, moves: Mapping[str, Sequence[Move]]
) -> Iterator[Level]:
    stored = files.rows(records.STORED, kind)
    mirror = files.rows(records.MIRROR, kind)
    fetched = listings(files.folders, kind)
    for wms_id, base in files.rows(records.BASE, kind).items():
        held, now = stored.get(wms_id), mirror.get(base.id)
        if held is None or now is None or now.deleted_at:
            continue
        until = _known_until(base.agreed_at, fetched)
        found = moves.get(base.id, ())
        moved = [move for move in found if move.is_since(base.agreed_at, until)]
        level = Level(
            kind.name,
            wms_id,
            base.id,
            base.full_name or base.name,
            base.quantity_on_hand,
            held.quantity_on_hand,
            now.quantity_on_hand,
            base.agreed_at,
            now.revision_number,
            sum((m.quantity for m in moved), Decimal(0)),
        )
        if moved or level.base != level.now or level.wms != level.now:
            yield level


def _known_until(agreed_at: str, fetched: Iterable[tuple[str, str]]) -> str:
    """Return up to when what was known of documents is in a level."""
    agreed = _moment(agreed_at)
    known = [until for at, until in fetched if _moment(at) <= agreed]
    return max(agreed_at, known[-1], key=_moment) if known else agreed_at


def _moment(at: str) -> datetime:
    return datetime.fromisoformat(at)
