"""Stock whose movements QuickBooks could not list: its net change, as one document.

Documents of that time that QuickBooks lists later are recorded, and count no more.

Net change = level now − level at the last agreement − movements known since. The document
and the levels that it explains belong into one transaction: each of its cards has the
rule `net_change`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from src.kit import receipts
from src.kit.requests import NAMESPACE
from src.wms import cards, lines, records
from src.wms.cards import Card
from src.wms.comparing import Sides
from src.wms.fields import ADJUSTMENTS, ITEMS, KINDS, places
from src.wms.movements import ON_HAND, STOCKED, Level
from src.wms.records import CREATE, QBD, UPDATE, WMS, Planned
from src.wms.sides import TIMED_OUT, Folders, Triple
from src.wms.wire import Lined, number

NET_CHANGE, COVERED, COVER_UNSURE = "net_change", "covered", "cover_unsure"
COVER_CHANGED = "cover_changed"
_MEMO = "Net change of stock while QuickBooks could not list its adjustments"
_ALONE = (
    "QuickBooks could not list the adjustments that may explain it; plan "
    f"{ADJUSTMENTS} together with {ITEMS}"
)
_COUNTED = (
    "QuickBooks changed or deleted it, and {} may have that already; see that its lines "
    "there and this document count it once"
)
_KIND = KINDS[ADJUSTMENTS]
_MOVED = tuple(field.name for field in _KIND.lines)


def is_listed(folders: Folders) -> bool:
    """Return whether QuickBooks answered when it was asked for its adjustments."""
    place = records.MIRROR[ADJUSTMENTS].place
    receipt = receipts.last(folders.logs, place, receipts.FILE)
    return receipts.value(receipt, "list") != TIMED_OUT


class Document(NamedTuple):
    """One net change of stock, as the warehouse records it."""

    wms_id: str
    cells: tuple[str, ...]
    lines: tuple[Lined, ...]


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
    """Return the cards of a document, as a net document may have its change already."""
    if triple.base:
        return _counted_once(triple, found, spans)
    is_new = bool(found) and (found[0].action, found[0].target) == (CREATE, WMS)
    if not (is_new and triple.mirror and triple.mirror.head.created_at):
        return list(found)
    made, skew = _moment(triple.mirror.head.created_at), timedelta(seconds=skew_seconds)
    for wms_id, since, until in spans:
        if min(abs(made - since), abs(made - until)) < skew:
            reason = f"made near an end of what {wms_id} stands for"
            return [cards.hold(COVER_UNSURE, reason)]
        if since < made < until:
            reason = f"recorded; it counts in {wms_id} already"
            sides = Sides("", "", wms_id)
            card = Card(UPDATE, WMS, COVERED, reason, "covered_by", sides, QBD)
            return [*found, card]
    return list(found)


def _counted_once(
    triple: Triple, found: Sequence[Card], spans: Sequence[Span]
) -> list[Card]:
    """Return the cards of a known document, held where its change may count already."""
    _, _, base, stored, mirror = triple
    if not (base and stored and mirror):
        return list(found)
    is_gone = bool(mirror.head.deleted_at)
    if not any(_is_movement(card, is_gone) for card in found):
        return list(found)
    by = stored.cells[places(_KIND)["covered_by"]]
    # Of one revision something was left over, when it was agreed on since.
    is_left = base.head.revision_number == mirror.head.revision_number
    agreed_at = _moment(base.head.agreed_at)
    names = [by] if by else []
    names += [one.wms_id for one in spans if is_left or agreed_at < one.until]
    if not names:
        return list(found)
    reason = _COUNTED.format(" ".join(dict.fromkeys(names)))
    return [card.held(COVER_CHANGED, reason) for card in found]


def _is_movement(card: Card, is_gone: bool) -> bool:
    """Return whether a card is about stock that QuickBooks moved."""
    if not card.field:
        return is_gone
    _, _, name = card.field.partition("].")
    is_line = card.field.startswith(lines.LINES)
    is_theirs = card.sides.qbd != card.sides.base
    return is_line and is_theirs and name in ("", "item.id", "quantity_difference")


def _moment(at: str) -> datetime:
    return datetime.fromisoformat(at)
