"""The reverse of a run: QuickBooks gets back what it had before the run wrote there.

Taking back is an edit of QuickBooks, as a person makes one: what both sides agreed on
stays, so the next plan carries it to the warehouse by the usual rules, and nothing pushes
the old write again. A record that was made becomes inactive, on both sides then; a
document is deleted, and the next plan asks what becomes of it in the warehouse. Where the
warehouse has changed the same field since, the usual rules say whose value stays.

What somebody changed in QuickBooks since is no run's any more: it is held, field by field.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from src.kit import plans, receipts, runlog
from src.kit.errors import Refused
from src.kit.memory import SUCCESSES
from src.kit.runlog import RawRow
from src.wms import arriving, kept, undoing_cards, undoing_notes
from src.wms.cards import Card
from src.wms.deciding import Cards, Unit
from src.wms.fields import KINDS, Kind
from src.wms.pairs import Pair, Record, Shelf
from src.wms.records import (
    BASE,
    BASE_LINES,
    CREATE,
    FETCH,
    INACTIVATE,
    MIRROR,
    NOT_YET,
    QBD,
    RUNLOG,
    STORED,
    STORED_LINES,
    AgreedHead,
    Attempt,
    Planned,
    StoredHead,
)
from src.wms.sides import Folders
from src.wms.states import Agreed, Mirrored, Stored
from src.wms.undoing_cards import Seen
from src.wms.undoing_notes import Weight


_AT = {name: place for place, name in enumerate(Attempt._fields)}
_DONE = frozenset(word.encode() for word in SUCCESSES)
_QBD = QBD.encode()


class Reverse(NamedTuple):
    """What takes a run back."""

    rows: list[Planned]  # newest first, unsigned; held where somebody has to decide
    stays: list[str]  # what the run wrote and cannot be taken back, and why
    back: int  # what is as it was before, whoever saw to that
    notes: tuple[str, ...] = ()  # where the next plan would stop at it


def reverse(folders: Folders, run_id: str) -> Reverse:
    """Return what gives QuickBooks back what a run overwrote.

    Raises Refused where the run wrote nothing there, or where QuickBooks was not fetched
    since something was written last.
    """
    rows = _rows(folders, run_id)
    units, problems = _units(folders, run_id, rows)
    if not units and not problems:
        raise Refused(f"{run_id}: wrote nothing to QuickBooks; nothing to undo")
    _check_fetched(folders, {unit.kind.name for _, unit in units})
    found = Reverse([], problems, 0)
    order = list(KINDS)
    records = _Records(folders, units)
    for row, unit in sorted(units, key=lambda one: -order.index(one[1].kind.name)):
        found = _with(found, records.seen(row, unit), run_id)
    return found._replace(notes=tuple(undoing_notes.notes(found.rows, records.weight)))


def is_effect(row: RawRow) -> bool:
    """Return whether a row tells of something that was written to QuickBooks."""
    is_sent = row[_AT["request_id"]] or row[_AT["target"]] == _QBD
    return row[_AT["outcome"]] in _DONE and bool(is_sent)


def runs(folders: Folders) -> dict[str, str]:
    """Return the runs that wrote to QuickBooks, with the time of their last write."""
    rows = filter(None, runlog.rows(folders.logs / RUNLOG.name, Attempt))
    return {
        runlog.text(row[_AT["run_id"]]): runlog.text(row[_AT["ts"]])
        for row in rows
        if is_effect(row)
    }


def is_left(folders: Folders, run_id: str) -> bool:
    """Return whether QuickBooks has something of a run still; yes where it must be fetched."""
    try:
        return bool(reverse(folders, run_id).rows)
    except Refused:
        return True


def _with(found: Reverse, seen: Seen, run_id: str) -> Reverse:
    """Return the reverse with one more record."""
    for one in undoing_cards.back(seen):
        if one is None:
            found = found._replace(back=found.back + 1)
        elif isinstance(one, Card):
            about = (run_id, seen.unit.kind.name, seen.id, one.field)
            row_id = plans.undo_id("|".join(about))
            found.rows.append(undoing_cards.row(seen, one, row_id))
        else:
            found.stays.append(f"{_called(seen.row)}: {one}")
    return found


def _called(row: Attempt) -> str:
    return " ".join(filter(None, (row.type, row.id or row.wms_id, row.name)))


def _rows(folders: Folders, run_id: str) -> list[Attempt]:
    """Return what a run carried out, newest first."""
    path = folders.logs / RUNLOG.name
    found = (
        Attempt(*map(runlog.text, row)) for row in runlog.rows_with(path, Attempt, run_id)
    )
    rows = [row for row in found if row.run_id == run_id and row.outcome in SUCCESSES]
    return rows[::-1]


# --- what the run did -----------------------------------------------------------------


def _units(
    folders: Folders, run_id: str, rows: list[Attempt]
) -> tuple[list[tuple[Attempt, Unit]], list[str]]:
    """Return what was written to QuickBooks, as it was planned, and what no plan tells.

    A write that a killed run began belongs to the run that found it there.
    """
    keys = {row.key for row in rows if row.key}
    bound = _bound(folders, run_id, keys)
    units: dict[tuple[str, str], tuple[Attempt, Unit]] = {}
    problems = []
    for row in rows:
        unit = bound.get(row.key) or _of_row(row)
        about = (row.kind, row.id)
        if unit is None and row.request_id and row.target == QBD:
            problems.append(f"{_called(row)}: no plan of it is kept; put it back by hand")
        elif unit and unit.sends:
            newer = units.get(about)
            units[about] = _joined(newer, (row, unit)) if newer else (row, unit)
    return list(units.values()), problems


def _joined(newer: tuple[Attempt, Unit], older: tuple[Attempt, Unit]) -> tuple[Attempt, Unit]:
    """Return two writes of one record as one: what was before the older, and the newest.

    A run that finds what a killed one wrote may write the same record itself.
    """
    row, unit = newer
    if older[1].action == CREATE:
        return older[0]._replace(revision=row.revision or older[0].revision), older[1]
    before = {card.field: card for card in undoing_cards.sent(older[1])}
    cards = [
        card._replace(qbd=before.pop(card.field, card).qbd)
        for card in undoing_cards.sent(unit)
    ]
    row = row._replace(fields=f"{row.fields} {older[0].fields}")
    return row, unit._replace(cards=(*cards, *before.values()))


def _of_row(row: Attempt) -> Unit | None:
    """Return the unit that a row is enough to tell of."""
    if row.target != QBD or row.kind not in KINDS or row.action not in (CREATE, INACTIVATE):
        return None
    return Unit(KINDS[row.kind], row.wms_id, row.id, row.action, QBD, None)


def _bound(folders: Folders, run_id: str, keys: Collection[str]) -> dict[str, Unit]:
    """Return the units that have these keys, from the plans that were applied."""
    found: dict[str, Unit] = {}
    missing = set(keys)
    for rows in kept.of_run(folders.data, run_id) if missing else ():
        units = Cards("").as_applied(rows)
        items = kept.bound(units, missing, lambda *_: {}, False)
        found.update((key, item.source.unit) for key, item in items.items())
        missing -= items.keys()
        if not missing:
            break
    return found


def _check_fetched(folders: Folders, kind_names: Collection[str]) -> None:
    """Raise Refused where a mirror is older than what was written to QuickBooks last."""
    old = {MIRROR[name].place for name in kind_names}
    stale = set(old)
    for receipt in receipts.read(folders.logs):
        if receipt.subject == RUNLOG.place:
            stale = set(old)
        elif receipt.kind == receipts.FILE:
            stale.discard(receipt.subject)
    if stale:
        raise Refused(
            f"{min(stale)}: is older than what was written to QuickBooks last; run "
            f'"{FETCH}" first, which shows what is there by now'
        )


# --- what is there by now -------------------------------------------------------------


class _Records:
    """The records that a run wrote, as the last fetch has them."""

    def __init__(self, folders: Folders, units: list[tuple[Attempt, Unit]]) -> None:
        self._shelf = Shelf(lambda table: folders.data / table.name, lambda _: None)
        self._mirror: dict[str, Mapping[str, Mirrored]] = {}
        self._flips: dict[tuple[str, str], int] = {}
        self._agreed: Counter[str] = Counter()
        self._stored: dict[str, Mapping[str, Stored]] = {}
        self._base: dict[str, Mapping[str, Agreed]] = {}
        self._references = {
            NOT_YET + row.wms_id: row.id for row, _ in units if row.wms_id and row.id
        }
        self._kinds = {unit.kind.name: unit.kind for _, unit in units}.values()
        for kind in self._kinds:
            rows = [row for row, unit in units if unit.kind is kind]
            self._read(kind, {row.id for row in rows}, {row.wms_id for row in rows})

    def _read(self, kind: Kind, ids: set[str], wms_ids: set[str]) -> None:
        name = kind.name
        self._mirror[name] = arriving.picked(self._shelf, kind, ids)
        stored = self._picked(Pair(STORED[name], STORED_LINES.get(name)), wms_ids, StoredHead)
        self._stored[name] = {
            row[0][0]: Stored(StoredHead(*row[0]), *row[1:]) for row in stored
        }
        base = self._picked(Pair(BASE[name], BASE_LINES.get(name)), wms_ids, AgreedHead)
        self._base[name] = {row[0][0]: Agreed(AgreedHead(*row[0]), *row[1:]) for row in base}
        for agreed in self._base[name].values():
            self._flips[kind.type, agreed.head.wms_id] = int(agreed.head.flips or 0)

    def _picked(self, pair: Pair, ids: set[str], head: type) -> Iterator[Record]:
        for row in self._shelf.read(pair, len(head._fields)):  # type: ignore[attr-defined]
            self._agreed[pair.records.name] += 1
            if row[0][0] in ids:
                yield row

    @property
    def weight(self) -> Weight:
        """Return what limits are held against."""
        agreed: Counter[str] = Counter()
        for kind in self._kinds:
            agreed[kind.type] += self._agreed[BASE[kind.name].name]
        return Weight(agreed, self._flips)

    def seen(self, row: Attempt, unit: Unit) -> Seen:
        """Return a record that the run wrote, with what is known of it."""
        name = unit.kind.name
        return Seen(
            unit,
            row,
            self._mirror[name].get(row.id),
            self._stored[name].get(row.wms_id),
            self._base[name].get(row.wms_id),
            self._references,
        )
