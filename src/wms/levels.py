"""Stock whose movements QuickBooks could not list: its net change, as one document.

Documents of that time that QuickBooks lists later are recorded, and count no more.

Net change = level now − level at the last agreement − movements known since. The document
and the levels that it explains belong into one transaction: each of its cards has the
rule `net_change`.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from src.kit import reading, receipts
from src.kit.requests import NAMESPACE
from src.kit.tables import Table
from src.wms import cards, lines, records
from src.wms.cards import Card
from src.wms.comparing import Sides
from src.wms.fields import ADJUSTMENTS, ITEMS, KINDS, Kind, places
from src.wms.records import CREATE, QBD, UPDATE, WMS, Planned
from src.wms.sides import TIMED_OUT, Folders, Triple
from src.wms.wire import Lined, number

NET_CHANGE, COVERED, COVER_UNSURE = "net_change", "covered", "cover_unsure"
ON_HAND = "quantity_on_hand"
STOCKED = tuple(k for k in KINDS.values() if k.is_item and ON_HAND in places(k))
_MEMO = "Net change of stock while QuickBooks could not list its adjustments"
_ALONE = (
    "QuickBooks could not list the adjustments that may explain it; plan "
    f"{ADJUSTMENTS} together with {ITEMS}"
)
_KIND = KINDS[ADJUSTMENTS]
_MOVED = tuple(field.name for field in _KIND.lines)
_ITEM_AT = _MOVED.index("item.id")
_QUANTITY_AT = _MOVED.index("quantity_difference")


def is_listed(folders: Folders) -> bool:
    """Return whether QuickBooks answered when it was asked for its adjustments."""
    place = records.MIRROR[ADJUSTMENTS].place
    receipt = receipts.last(folders.logs, place, receipts.FILE)
    return receipts.value(receipt, "list") != TIMED_OUT


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


class Document(NamedTuple):
    """One net change of stock, as the warehouse records it."""

    wms_id: str
    cells: tuple[str, ...]
    lines: tuple[Lined, ...]


# --- what moved -----------------------------------------------------------------------


class _Files:
    """The CSVs of a kind as dictionaries, by the first cell of a row."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders

    def rows(self, tables: Mapping[str, Table], kind: Kind) -> dict[str, Any]:
        """Return the rows of a kind."""
        table = tables[kind.name]
        rows = reading.table(self._folders.data / table.name, table)
        return {row[0]: row for row in rows}

    def lines(self, tables: Mapping[str, Table]) -> dict[str, list[Sequence[str]]]:
        """Return the cells of the lines of each document."""
        table = tables[ADJUSTMENTS]
        found: dict[str, list[Sequence[str]]] = defaultdict(list)
        for row in reading.table(self._folders.data / table.name, table):
            found[row[0]].append(row[3:])
        return found


class Move(NamedTuple):
    """One movement of an item that is, or is about to be, a document on both sides."""

    item_id: str
    at: str
    quantity: Decimal


def moves(folders: Folders) -> list[Move]:
    """Return the movements that QuickBooks has and the warehouse records."""
    files = _Files(folders)
    stored = files.rows(records.STORED, _KIND)
    covered = {row.id for row in stored.values() if row.covered_by}
    mirror, theirs = files.rows(records.MIRROR, _KIND), files.lines(records.MIRROR_LINES)
    base = files.rows(records.BASE, _KIND)
    sent_at = {row.id: row.agreed_at for row in base.values()}
    found: list[Move] = []
    for quickbooks_id, row in mirror.items():
        if quickbooks_id not in covered and not row.deleted_at:
            # What we sent has a time of our clock; QuickBooks' own may go otherwise.
            made = sent_at.get(quickbooks_id, "") if row.external_id else ""
            found += _moves(theirs[quickbooks_id], made or row.created_at)
    ours = files.lines(records.STORED_LINES)
    for wms_id, row in base.items():
        quickbooks_id = row[1]
        if quickbooks_id and quickbooks_id not in mirror and wms_id in stored:
            found += _moves(ours[wms_id], row.agreed_at)
    return found


def _moves(lines: Iterable[Sequence[str]], at: str) -> Iterator[Move]:
    for cells in lines:
        yield Move(cells[_ITEM_AT], at, Decimal(cells[_QUANTITY_AT] or 0))


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
    for wms_id, base in files.rows(records.BASE, kind).items():
        held, now = stored.get(wms_id), mirror.get(base.id)
        if held is None or now is None or now.deleted_at:
            continue
        since = datetime.fromisoformat(base.agreed_at)
        moved = [m for m in moves.get(base.id, ()) if _moment(m.at) > since]
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


def _moment(at: str) -> datetime:
    return datetime.fromisoformat(at)


# --- the document ---------------------------------------------------------------------


def document(levels: Sequence[Level], taken_at: str) -> Document | None:
    """Return the document of what is not explained; None where everything is."""
    unexplained = [level for level in levels if level.net]
    if not unexplained:
        return None
    since = min((level.agreed_at for level in unexplained), key=_moment)
    values = {"transaction_date": taken_at[:10], "memo": _MEMO}
    values |= {"covers_from": since, "covers_to": taken_at}
    moved = tuple(Lined("", _moved(level)) for level in unexplained)
    content = "\x1f".join([taken_at, *(cell for line in moved for cell in line.cells)])
    return Document(
        str(uuid.uuid5(NAMESPACE, f"wms net {content}")),
        tuple(values.get(field.name, "") for field in _KIND.fields),
        moved,
    )


def _moved(level: Level) -> tuple[str, ...]:
    values = {"item.id": level.id, "item.full_name": level.name}
    values["quantity_difference"] = number("quantity", level.net)
    return tuple(values.get(name, "") for name in _MOVED)


def taken_at(folders: Folders) -> str:
    """Return when the levels were fetched."""
    places_of = {records.MIRROR[kind.name].place for kind in STOCKED}
    times = [
        receipt.ts
        for receipt in receipts.read(folders.logs)
        if receipt.kind == receipts.FILE and receipt.subject in places_of
    ]
    return max(times, default="")


def rows(levels: Sequence[Level], found: Document | None) -> Iterator[Planned]:
    """Yield the cards of a document and of the levels that it explains, unsigned."""
    reason = f"in one with the document {found.wms_id}" if found else "movements explain it"
    if found:
        yield from _of_document(found)
    for level in levels:
        card = Card(
            UPDATE,
            WMS,
            NET_CHANGE,
            reason,
            ON_HAND,
            Sides(level.base, level.wms, level.now),
            QBD,
            level.wms if level.wms not in (level.base, level.now) else "",
        )
        triple = Triple(level.wms_id, level.id, None, None, None)
        row = cards.row(KINDS[level.kind], triple, card)
        yield row._replace(name=level.name, revision=level.revision)


def _of_document(found: Document) -> Iterator[Planned]:
    values = {"": ""}
    values |= {f.name: cell for f, cell in zip(_KIND.fields, found.cells) if cell}
    for place, line in enumerate(found.lines, 1):
        for name, cell in zip(_MOVED, line.cells):
            if cell:
                values[lines.named(f"new {place}", name)] = cell
    triple = Triple(found.wms_id, "", None, None, None)
    for name, value in values.items():
        action = UPDATE if name else CREATE
        reason = "the stock changed, and QuickBooks could not list why"
        sides = Sides("", "", value)
        card = Card(action, WMS, NET_CHANGE, reason, name, sides, QBD)
        yield cards.row(_KIND, triple, card)._replace(name=_MEMO)


def document_of(rows: Iterable[Planned]) -> Document | None:
    """Return the document that the cards of a plan spell, None where there is none."""
    mine = [row for row in rows if row.rule == NET_CHANGE and row.kind == ADJUSTMENTS]
    if not mine:
        return None
    values = {row.field: row.qbd for row in mine}
    cells = tuple(values.get(field.name, "") for field in _KIND.fields)
    count = len({name.partition(".")[0] for name in values if name.startswith("lines[")})
    moved = (
        tuple(values.get(lines.named(f"new {place}", name), "") for name in _MOVED)
        for place in range(1, count + 1)
    )
    return Document(mine[0].wms_id, cells, tuple(Lined("", line) for line in moved))


# --- beside the ordinary plan ---------------------------------------------------------


def apart(found: Sequence[Card], is_planned: bool) -> list[Card]:
    """Return an item's cards without its level, which goes with the document.

    Held where the documents are not planned: a level that is copied alone would leave a
    change that nothing explains.
    """
    kept = []
    for card in found:
        if card.field != ON_HAND:
            kept.append(card)
        elif not is_planned:
            kept.append(card.held(NET_CHANGE, _ALONE))
    return kept


class Span(NamedTuple):
    """The time that a net document stands for."""

    wms_id: str
    since: datetime
    until: datetime


def spans(triples: Iterable[Triple]) -> list[Span]:
    """Return the times that the warehouse's net documents stand for."""
    at = places(_KIND)
    found = []
    for triple in triples:
        cells = triple.stored.cells if triple.stored else ()
        if cells and cells[at["covers_to"]]:
            ends = (_moment(cells[at[name]]) for name in ("covers_from", "covers_to"))
            found.append(Span(triple.wms_id, *ends))
    return found


def covered(
    triple: Triple, found: Sequence[Card], spans: Sequence[Span], skew_seconds: float
) -> list[Card]:
    """Return the cards of a document that is new from QuickBooks, as its time says."""
    is_new = bool(found) and (found[0].action, found[0].target) == (CREATE, WMS)
    if not (is_new and triple.mirror and triple.mirror.head.created_at):
        return list(found)
    made, skew = _moment(triple.mirror.head.created_at), timedelta(seconds=skew_seconds)
    for wms_id, since, until in spans:
        if min(abs(made - since), abs(made - until)) < skew:
            reason = (
                f"made near an end of what {wms_id} stands for; decide create where it "
                "counts by itself, skip where it is in there"
            )
            return [cards.hold(COVER_UNSURE, reason)]
        if since < made < until:
            reason = f"recorded; it counts in {wms_id} already"
            sides = Sides("", "", wms_id)
            card = Card(UPDATE, WMS, COVERED, reason, "covered_by", sides, QBD)
            return [*found, card]
    return list(found)

