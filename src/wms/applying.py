"""The plan carried out: units for the warehouse at once, units for QuickBooks as items.

What only the warehouse gets is written in batches, each a transaction; a record that the
database refuses fails alone. What QuickBooks gets goes one by one, each exactly once.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from src.kit.delivery import Delivery
from src.kit.doubt import UNTOLD
from src.kit.memory import ABSENT, FAILED, HELD, IN_DOUBT, SUCCESSES, key_of
from src.kit.requests import FILE_CHANGED, RECOVERED, UPLOADED, Desk, Item, Outcome
from src.kit.stage import Balance
from src.wms import keys, recovering
from src.wms.carrying import HELD_CODE, Carrier, key_of_unit
from src.wms.deciding import APPROVE, Held, Unit, decided
from src.wms.fields import ADJUSTMENTS, KINDS, Kind
from src.wms.finishing import Finisher, Ground, Task, Told
from src.wms.here import (
    CREATED,
    STALE,
    UNCHANGED,
    UPDATED,
    Here,
    Mirror,
    Result,
    concrete,
)
from src.wms.records import CREATE, LINK, UNDO, UPDATE, WMS, Planned
from src.wms.states import Mirrored
from src.wms.truth import OF_UNDO

TOGETHER = 200  # records that the warehouse gets in one transaction
_UNTOLD = (
    "QuickBooks does not answer whether it has it; look there: where it has not, decide "
    'approve; where it has, run "make wms-fetch" until its list is answered'
)
_UNSURE = (
    "an adjustment of ours is in doubt, or was found only now, which these levels may have "
    "in them already; a plan that knows of it says what is left"
)
NOT_ATTEMPTED, TAKEN, OUT, SKIPPED = "not_attempted", "taken", "out", "skipped"


class SyncDesk(Desk):
    """A desk that names outcomes as the synchronization does."""

    def write(self, outcome: Outcome) -> None:
        """Write one row; see Desk."""
        answer, task = outcome.answer, outcome.item.source
        if outcome.word == UPLOADED and answer.code == HELD_CODE:
            outcome = outcome._replace(word=HELD, error=answer.error)
        elif outcome.word == UPLOADED:
            is_new = isinstance(task, Task) and task.unit.action == CREATE
            outcome = outcome._replace(word=CREATED if is_new else UPDATED)
        elif outcome.error == UNTOLD:
            outcome = outcome._replace(error=_UNTOLD)
        elif outcome.word == FILE_CHANGED:  # nothing was sent
            is_back = isinstance(task, Task) and task.unit.action == UNDO
            outcome = outcome._replace(word=HELD if is_back else FAILED)
        super().write(outcome)


class Applying:
    """The units of a plan, kind by kind; `counts` says where its rows went."""

    def __init__(self, ground: Ground, mirror: Mirror, is_dry_run: bool = False) -> None:
        self.counts: Counter[str] = Counter()  # rows of the plan
        self.would: Counter[str] = Counter()  # in a dry run: records, by action and side
        self.carried: set[str] = set()  # rows of records that were carried out
        self.finisher = Finisher(ground, mirror)
        self.carrier = Carrier(ground.port, self.finisher, ground.now)
        self.has_unanswered: Callable[[], bool] = lambda: False
        self.room = sys.maxsize  # records that may still be attempted
        self.is_unknown: Callable[[str], bool] = lambda key: False
        self.is_stopped: Callable[[], bool] = lambda: False
        self._ground, self._mirror, self._is_dry_run = ground, mirror, is_dry_run
        self._here = Here(ground)
        self._taken: dict[str, int] = {}  # rows in this run's hands, by key
        self._arrived: set[str] = set()
        self.kept: list[str] = []  # sentences about what QuickBooks keeps as it is
        self._kept: Counter[str] = Counter()  # rows of that, by key
        self._unforeseen: set[str] = set()  # movements that the plan did not know of
        self._desk: Desk
        self._delivery: Delivery

    def work_at(self, desk: Desk, delivery: Delivery) -> None:
        """Take the desk that writes the log, and the delivery that sends."""
        self._desk, self._delivery = desk, delivery

    # --- the units of a kind ----------------------------------------------------------

    def items(self, kind: Kind, units: Sequence[Unit]) -> Iterator[Item]:
        """Yield what is to be sent; write what only the warehouse gets."""
        ids = {name for unit in units for name in (unit.id, unit.link) if name}
        mirror = self._mirror(kind, ids)
        rest = [_named(unit) for unit in units]
        while rest and not self._is_at_end:
            most = min(TOGETHER, self.room)
            some, rest = rest[:most], rest[most:]
            yield from self._some(kind, some, mirror)
        self._count(NOT_ATTEMPTED, sum(unit.size for unit in rest))

    @property
    def _is_at_end(self) -> bool:
        return self.room <= 0 or self.is_stopped()

    def _some(
        self, kind: Kind, units: Sequence[Unit], mirror: Mapping[str, Mirrored]
    ) -> Iterator[Item]:
        stored = self._ground.store.read(kind, [unit.wms_id for unit in units])
        links = [unit.wms_id for unit in units if unit.action == LINK]
        agreed = self._ground.store.base(kind, links).items()
        linked = {(wms_id, base.head.id) for wms_id, base in agreed}
        here, sent = [], []
        for unit in units:
            if (unit.wms_id, unit.link or unit.id) in linked:  # since it was planned
                self._count(SKIPPED, unit.size)
                continue
            found = concrete(unit, stored.get(unit.wms_id), mirror.get(unit.link or unit.id))
            unsure = recovering.unsure(unit, mirror.get(unit.id))
            if isinstance(found, str) or unsure:
                self.hold(unit, found if isinstance(found, str) else unsure)
            else:
                (sent if found.sends else here).append(found)
        self._write_here(kind, here, mirror)
        for unit in sent:
            item = self._item(unit, mirror.get(unit.id))
            if item:
                self.room -= 1
                yield item

    def hold(self, unit: Unit, reason: str) -> None:
        """Count and log a unit that waits for a person."""
        self._count(HELD, unit.size)
        self.note(Result(unit, HELD, Told(), reason))

    # --- the warehouse alone ----------------------------------------------------------

    def _write_here(
        self, kind: Kind, units: Sequence[Unit], mirror: Mapping[str, Mirrored]
    ) -> None:
        write = self._here.preview if self._is_dry_run else self._here.write
        for result in write(kind, units, mirror):
            self.note(result)
            where = {HELD: HELD, FAILED: FAILED, STALE: SKIPPED, UNCHANGED: SKIPPED}
            self._count(where.get(result.word, OUT), result.unit.size)
            self.room -= result.word not in (HELD, STALE, UNCHANGED)
            if self._is_dry_run and result.word not in where:
                self.would[f"{result.unit.action} in the warehouse"] += 1

    def note(self, result: Result) -> None:
        """Write the log row of what no request was sent for."""
        unit, word, told, error = result
        if word not in (HELD, STALE, FAILED):
            self.carried.add(unit.first.row)
        if word == UNCHANGED or self._is_dry_run:
            return
        about = ("wms here", unit.kind.name, unit.wms_id or unit.id)
        key = "" if word in (HELD, STALE) else key_of(about)
        self._desk.rows[word] += 1
        self._desk.book.note(self._row(unit, told, (key, "", "", "", "", "", word, error)))

    def net_change(self, rows: Sequence[Planned]) -> None:
        """Record stock that moved without a document, in one transaction."""
        if not rows:
            return
        if self._is_at_end:
            return self._count(NOT_ATTEMPTED, len(rows))
        self.room -= 1
        problem = _UNSURE if self.has_unanswered() or self._unforeseen else ""
        if not (problem or self._is_dry_run):
            problem = self._here.write_net(rows, self._mirror)
        for unit in _records(rows):
            word = CREATED if unit.action == CREATE else UPDATED
            if self._is_dry_run:
                self.would[f"{unit.action} in the warehouse"] += 1
            self.note(Result(unit, HELD if problem else word, Told(), problem))
        return self._count(HELD if problem else OUT, len(rows))

    # --- QuickBooks -------------------------------------------------------------------

    def _item(self, unit: Unit, before: Mirrored | None) -> Item | None:
        """Return a unit's item if it is to be sent; else it is done, held or found."""
        if self.is_stopped():
            return self._count(NOT_ATTEMPTED, unit.size)
        item = item_of(unit, before)
        index, desk = self._desk.book.index, self._desk
        if index.is_done(item.key) or item.key in self._arrived:
            return self._count(SKIPPED, unit.size)
        if item.key in self._taken or desk.is_taken(item.key):
            return self._take(item)
        state = desk.unfinished.get(item.key) or index.tried(item.key).state
        if state in (HELD, IN_DOUBT):
            if decided(unit.first) != APPROVE:
                return self._count(HELD, unit.size)
            desk.write(Outcome(item, ABSENT, error="a person decided to send it"))
        elif self._delivery.is_there(item):
            return self._take(item)
        elif self.is_unknown(item.key):
            return self.hold(unit, _UNTOLD)
        return self._previewed(item) if self._is_dry_run else self._taken_up(item)

    def _previewed(self, item: Item) -> None:
        """Count what would be sent, and what would be refused before it is."""
        unit = item.source.unit
        if self.carrier.problem(item.source, self.finisher.stored(unit)):
            return self._count(FAILED, unit.size)
        self.room -= 1
        self.would[f"{unit.action} in QuickBooks"] += 1
        self._arrived.add(item.key)
        return self._take(item)

    def _taken_up(self, item: Item) -> Item:
        self._take(item)
        return item

    def _take(self, item: Item) -> None:
        self._taken[item.key] = self._taken.get(item.key, 0) + item.source.unit.size

    def _count(self, where: str, rows: int) -> None:
        self.counts[where] += rows

    # --- the log ----------------------------------------------------------------------

    def to_row(self, outcome: Outcome) -> Sequence[str]:
        """Return the log row of an outcome, without its check."""
        item, word, request_id, attempt, answer, found, error = outcome
        is_moved = item.source is None or item.source.unit.kind.name == ADJUSTMENTS
        if is_moved and word in (RECOVERED, IN_DOUBT):
            self._unforeseen.add(item.key)
        if item.source:
            self._note_kept(item.source.unit, outcome)
        if word in SUCCESSES:
            self._arrived.add(item.key)
            self.carried.update([item.source.unit.first.row] if item.source else [])
        told = self.finisher.told.get(item.key, Told())
        record_id = told.id or answer.remote_id or found.remote_id
        told = told._replace(id=record_id)
        text = error or (told.note if word in SUCCESSES else answer.error)
        cells = (
            item.key,
            request_id,
            str(attempt or ""),
            str(answer.status_code or ""),
            told.revision,
            str(answer.duration_ms) if answer.status_code else "",
            word,
            text,
        )
        return self._row(item.source.unit if item.source else None, told, cells)

    def _note_kept(self, unit: Unit, outcome: Outcome) -> None:
        """Note what QuickBooks keeps, because somebody changed it there since the plan."""
        key, word, answer = outcome.item.key, outcome.word, outcome.answer
        is_whole = word == HELD and answer.is_withdrawn  # nothing of it was sent
        told = self.finisher.told.get(key, Told()) if word in SUCCESSES else Told()
        if is_whole or told.kept:
            self._kept[key] = unit.size if is_whole else len(told.kept)
            who = " ".join(filter(None, (unit.kind.type, unit.id, unit.first.name)))
            self.kept.append(f"{who}: {answer.error if is_whole else told.note}")

    def _row(self, unit: Unit | None, told: Told, cells: Sequence[str]) -> Sequence[str]:
        book = self._desk.book
        about: tuple[str, ...] = ("",) * 8
        if unit:
            record_id = told.id or unit.id
            names = " ".join(told.fields) or " ".join(card.field for card in unit.cards)
            about = (unit.kind.type, unit.kind.name, unit.action, unit.target or _sides(unit))
            about = (*about, unit.wms_id, record_id, unit.first.name, names)
        return (book.next_seq(), *book.stamp(), *about, *cells)

    def log_held(self, held: Iterable[Held]) -> None:
        """Write a row for each record of which something waits for a person."""
        seen = set()
        for card, reason in held:
            about = (card.kind, card.wms_id, card.id)
            if about in seen or self._is_dry_run:
                continue
            seen.add(about)
            book = self._desk.book
            self._desk.rows[HELD] += 1
            action = UNDO if card.rule in OF_UNDO else card.action
            what = (card.type, card.kind, action, card.target, card.wms_id, card.id)
            blank = ("",) * 6
            row = (*what, card.name, card.field, *blank, HELD, reason)
            book.note((book.next_seq(), *book.stamp(), *row))

    @property
    def unchanged(self) -> int:
        """Return how many rows wait for nobody: QuickBooks has something newer."""
        return sum(self._kept.values())

    def balance(self, read: int, cards: tuple[int, int], rejected: int) -> Balance:
        """Return where the plan's rows went; `cards`: those held and skipped by people."""
        counts, desk = self.counts, self._desk
        ended: Counter[str] = Counter()
        for key, rows in self._taken.items():
            word = desk.unfinished.get(key, OUT if key in self._arrived else NOT_ATTEMPTED)
            kept = self._kept[key] if word == OUT else 0
            ended[word] += rows - kept
            ended[HELD] += kept
        in_doubt = ended[IN_DOUBT] + ended[HELD]
        unsent = ended[NOT_ATTEMPTED] + counts[NOT_ATTEMPTED]
        return Balance(
            read=read,
            out=ended[OUT] + counts[OUT],
            rejected=rejected,
            skipped=counts[SKIPPED] + cards[1],
            held=counts[HELD] + cards[0] + in_doubt,
            failed=counts[FAILED] + sum(ended.values()) - in_doubt - ended[OUT]
            - ended[NOT_ATTEMPTED],
            not_attempted=unsent,
        )


def _records(rows: Iterable[Planned]) -> Iterator[Unit]:
    """Yield the document of a net change, and the items whose levels it explains."""
    found: dict[tuple[str, str], list[Planned]] = {}
    for row in rows:
        found.setdefault((row.kind, row.wms_id), []).append(row)
    for cards in found.values():
        first = min(cards, key=lambda card: bool(card.field))
        action = UPDATE if first.field else CREATE
        head = None if first.field else first
        fields = tuple(card for card in cards if card.field)
        yield Unit(KINDS[first.kind], first.wms_id, first.id, action, WMS, head, fields)


def _sides(unit: Unit) -> str:
    """Return the sides that a unit of fields writes."""
    return "qbd" if any(card.winner == WMS for card in unit.cards) else "wms"


def _named(unit: Unit) -> Unit:
    """Return the unit with the id that a record born in QuickBooks gets here."""
    if unit.wms_id or not unit.id:
        return unit
    return unit._replace(wms_id=keys.wms_id_of(unit.kind, unit.id))


def item_of(unit: Unit, before: Mirrored | None, is_sent: bool = True) -> Item:
    """Return what delivery carries of a unit; not `is_sent`: it is only looked for."""
    unit = _named(unit)
    task = Task(unit, key_of_unit(unit), before)
    return Item(task.key, cargo=task if is_sent else None, source=task)
