"""What becomes of one record, given what each of the three knows of it: its cards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from src.wms import brakes, cards, comparing, limits, lines, truth
from src.wms.cards import Card
from src.wms.comparing import Rule, Three
from src.wms.fields import ADJUSTMENTS, Kind, places
from src.wms.lines import Lines
from src.wms.matching import BY_MARK, Match
from src.wms.records import DELETE, INACTIVATE, LINK, MARK_DELETED, QBD, UPDATE, WMS
from src.wms.sides import Triple
from src.wms.states import Agreed, Mirrored, Stored

BY_ID, UNKNOWN_ID, NOT_LISTED, OTHER_ID = "id", "unknown_id", "not_listed", "other_id"
UNREADABLE = "unreadable"
_LISTED = (
    "changed in the warehouse, but QuickBooks' list does not have it and nothing says "
    'that it was deleted; run "make wms-fetch" with --full'
)
_NO_SUCH = (
    "QuickBooks' list has no record of this id; clear the id, or run "
    '"make wms-fetch" with --full'
)
_OTHER_ID = (
    "was linked to QuickBooks' {} and says {} now; write {} back where it is the same "
    "record, and give it a warehouse id of its own where it is another"
)
_SENT_AGAIN = "was sent again after QuickBooks had deleted {}, as its externalId says"
_REJECTED = (
    "records of this kind could not be read, so nobody knows what is new or deleted; put "
    'right what logs/wms_rejects.csv or the plan\'s notes name, then run "make wms-fetch"'
)


class Judge(NamedTuple):
    """What is known beside the record."""

    kind: Kind
    skew_seconds: float
    max_flips: int
    is_readable: bool = True  # no row of the kind was rejected


def of_linked(judge: Judge, triple: Triple) -> list[Card]:
    """Return the cards of a record that both sides agreed on before."""
    _, _, base, stored, mirror = triple
    assert base
    if stored and stored.head.id != base.head.id:
        agreed = base.head.id
        reason = _OTHER_ID.format(agreed, stored.head.id or "nothing", agreed)
        return [cards.hold(OTHER_ID, reason)]
    if base.head.id != triple.id:
        return [Card(LINK, WMS, BY_MARK, _SENT_AGAIN.format(base.head.id))]
    if mirror and mirror.head.deleted_at:
        found = _gone_in_qbd(judge, base, stored)
    elif stored and mirror:
        found = _compared(judge, base, stored, mirror)
    elif stored:
        is_changed = _is_changed(judge.kind, base, stored)
        found = [cards.hold(NOT_LISTED, _LISTED)] if is_changed else []
    elif mirror:
        found = _gone_in_wms(judge, base, mirror)
    else:
        found = []
    if int(base.head.flips or 0) >= judge.max_flips:
        return [_quarantined(card, base.head.flips) for card in found]
    return _readable(judge, found)


def of_unlinked(judge: Judge, triple: Triple, match: Match) -> list[Card]:
    """Return the cards of a record that has no base; where it is matched, of both."""
    stored, mirror = triple.stored, triple.mirror
    is_gone = bool(mirror and mirror.head.deleted_at)
    if match.reason:
        return [cards.hold(match.rule, match.reason)]
    if stored and mirror and not is_gone:
        rule = match.rule or BY_ID
        found = _linked(judge, rule, stored, mirror)
    elif stored and triple.id:
        found = _unknown(judge, stored, is_gone)
    elif stored:
        is_own = judge.kind.name == ADJUSTMENTS and _covers(judge.kind, stored)
        fate = truth.new(judge.kind.type, WMS)
        found = [] if is_own else [cards.of_fate(fate)]
    elif mirror and not is_gone:
        found = [cards.of_fate(truth.new(judge.kind.type, QBD))]
    else:
        found = []
    return _readable(judge, found)


def _linked(
    judge: Judge, rule: str, stored: Stored, mirror: Mirrored
) -> list[Card]:
    """Return the cards of a first match; of nothing else where its lines are unclear."""
    found = _compared(judge, None, stored, mirror)
    for card in found:
        if card.rule == lines.LINES_DIFFER:
            return [card._replace(field="")]
    return [Card(LINK, WMS, rule, f"both are one and the same, by their {rule}"), *found]


def _unknown(judge: Judge, stored: Stored, is_gone: bool) -> list[Card]:
    """Return the card of a record whose QuickBooks id stands for nothing any more."""
    if not is_gone:
        return [cards.hold(UNKNOWN_ID, _NO_SUCH)]
    if stored.head.deleted_at:
        return []
    return [cards.of_fate(truth.deleted(judge.kind.type, QBD, False))]


def _covers(kind: Kind, stored: Stored) -> bool:
    """Return whether a document stands for others, and is none itself."""
    return bool(stored.cells[places(kind)["covers_to"]])


def _is_changed(kind: Kind, base: Agreed, now: Stored | Mirrored) -> bool:
    if comparing.is_changed(kind.fields, base.cells, now.cells):
        return True
    before = {line.id: line.cells for line in base.lines}
    after = {line.id: line.cells for line in now.lines}
    if before.keys() != after.keys() or len(after) != len(now.lines):
        return True
    return any(
        comparing.is_changed(kind.lines, cells, after[line_id])
        for line_id, cells in before.items()
    )


def _gone_in_qbd(judge: Judge, base: Agreed, stored: Stored | None) -> list[Card]:
    if stored is None:
        return []
    kind = judge.kind
    is_changed = _is_changed(kind, base, stored)
    fate = truth.deleted(kind.type, QBD, is_changed)
    is_final = fate.action == MARK_DELETED or not is_changed
    return [] if stored.head.deleted_at and is_final else [cards.of_fate(fate)]


def _gone_in_wms(judge: Judge, base: Agreed, mirror: Mirrored) -> list[Card]:
    kind = judge.kind
    is_changed = _is_changed(kind, base, mirror)
    active = places(kind).get("is_active")
    was_settled = active is not None and base.cells[active] == "no"
    if was_settled and not is_changed:
        return []
    return [cards.of_fate(truth.deleted(kind.type, WMS, is_changed))]


def _compared(
    judge: Judge, base: Agreed | None, stored: Stored, mirror: Mirrored
) -> list[Card]:
    """Return a card for each difference between the two sides and the base."""
    kind = judge.kind
    qbd_at = mirror.head.updated_at
    if base and base.head.revision_number == mirror.head.revision_number:
        qbd_at = base.head.qbd_edited_at or qbd_at  # our own write is no edit
    later = truth.later_side(stored.head.updated_at, qbd_at, judge.skew_seconds)
    rule = Rule(kind.type, later, is_first=base is None)
    agreed = base.cells if base else ("",) * len(kind.fields)
    found = comparing.changes(
        kind.fields, Three(agreed, stored.cells, mirror.cells), rule
    )
    if kind.lines:
        three = Lines(base.lines if base else None, stored.lines, mirror.lines)
        found += lines.changes(kind, three, rule)
        found = lines.in_groups(found) if mirror.head.groups else found
        if kind.is_transaction:
            found = lines.some_left(found, mirror.lines)
    return [cards.of_change(change) for change in found]


def _quarantined(card: Card, flips: str) -> Card:
    reason = f"went back and forth {flips} times in a row; find out who writes it"
    return card if card.action != UPDATE else card.held(brakes.FLIPS, reason)


def _readable(judge: Judge, found: list[Card]) -> list[Card]:
    """Return the cards with those held that only a whole list can vouch for."""
    if judge.is_readable:
        return found
    is_first = any(card.action == LINK for card in found)
    return [
        card.held(UNREADABLE, _REJECTED)
        if is_first or not card.field or card.field.startswith(lines.LINES)
        else card
        for card in found
    ]


def happened(kind: Kind, found: Iterable[Card]) -> Iterator[tuple[str, str]]:
    """Yield what cards would carry over from which side: an edit, or a deletion.

    Balances and quantities move by themselves; where QuickBooks lets nothing be written,
    every change counts. What is held stays as it is, and what comes back is not lost.
    """
    is_own = not any(field.write for field in kind.fields)
    for card in found:
        if card.action in _ENDS:
            yield brakes.DELETED, QBD if card.target == WMS else WMS
        elif card.action == UPDATE and (is_own or limits.is_writable(kind, card.field)):
            base, wms, qbd = card.sides
            if wms != qbd:
                yield from ((brakes.CHANGED, WMS),) if wms != base else ()
                yield from ((brakes.CHANGED, QBD),) if qbd != base else ()


_ENDS = (INACTIVATE, DELETE, MARK_DELETED)
