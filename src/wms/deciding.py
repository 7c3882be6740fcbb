"""From the plan's cards, as people left them, to units: what is carried out together.

A unit is one record with all its cards. What a person holds or skips of it stays out; a
record's own card (its `field` is empty) that stays out takes the others with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from src.kit import plans
from src.kit.tables import header
from src.wms import offers
from src.wms.fields import KINDS, Kind
from src.wms.levels import NET_CHANGE
from src.wms.matching import LINK_TO
from src.wms.records import (
    BEFORE,
    CREATE,
    DELETE,
    HOLD,
    INACTIVATE,
    LINK,
    QBD,
    UNDO,
    UPDATE,
    WMS,
    Planned,
)
from src.wms.truth import OF_UNDO

APPROVE, SKIP = "approve", "skip"
# The state of one side goes to the other, whatever that takes: a record, or its end.
STATE = "state"
DECISION_AT = header(Planned).index("decision")
_WAITS = "on hold, as decided"


class Unit(NamedTuple):
    """One record and what becomes of it."""

    kind: Kind
    wms_id: str
    id: str
    action: str  # of the record's own card, else update
    target: str
    head: Planned | None  # the record's own card
    cards: tuple[Planned, ...] = ()  # fields that go; `winner` is as decided
    left: tuple[Planned, ...] = ()  # fields that stay as they are on each side
    link: str = ""  # the other side's id that a person names

    @property
    def first(self) -> Planned:
        """Return the card that the record is named by."""
        return self.head or (self.cards or self.left)[0]

    @property
    def size(self) -> int:
        """Return how many of the plan's rows it carries out."""
        return len(self.cards) + bool(self.head)

    @property
    def sends(self) -> bool:
        """Return whether something is written to QuickBooks."""
        if self.action in (CREATE, INACTIVATE, DELETE, UNDO):
            return self.target == QBD
        return any(card.winner == WMS for card in self.cards)

    @property
    def deletes(self) -> bool:
        """Return whether a document is deleted where it is carried out."""
        return self.action == DELETE or (self.action == UNDO and self.head is not None)


class Held(NamedTuple):
    """A record of which something waits for a person, and why."""

    card: Planned
    reason: str


class Cards:
    """The plan's rows by record; `counts` says how many stay out, and `held` why."""

    def __init__(self, plan_run: str) -> None:
        self.held: list[Held] = []
        self.skipped = self.waiting = 0
        self.damaged: list[str] = []
        self.answers: list[Planned] = []  # cards with an answer that is to be remembered
        self._plan_run, self._is_checked = plan_run, True
        self.net: list[Planned] = []  # a net change of stock: all of it, or nothing
        self.kinds: set[str] = set()  # that the plan speaks of
        self._ids: set[str] = set()

    @property
    def known(self) -> int:
        """Return how many rows of the plan are there, copies aside."""
        return len(self._ids)

    def units(self, rows: Iterable[Planned]) -> list[Unit]:
        """Return the units, in the order of their kinds, else as the plan has them."""
        records: dict[tuple[str, str, str], list[Planned]] = {}
        net: list[Planned] = []
        for row in rows:
            if not self._is_whole(row):
                continue
            if row.rule == NET_CHANGE and row.action != HOLD:
                net.append(row)
            else:
                records.setdefault((row.kind, row.wms_id, row.id), []).append(row)
        self.net = self._together(net)
        order = {name: at for at, name in enumerate(KINDS)}
        units = [unit for cards in records.values() if (unit := self._unit(cards))]
        return sorted(units, key=lambda unit: order[unit.kind.name])

    def as_applied(self, rows: Iterable[Planned]) -> list[Unit]:
        """Return the units of a plan that was applied, whatever became of it since."""
        self._is_checked = False
        return self.units(rows)

    def _is_whole(self, row: Planned) -> bool:
        if row.row in self._ids:
            return self._hold(row, "stands in the plan twice; the first row counts")
        self._ids.add(row.row)
        self.kinds.update({row.kind} & KINDS.keys())
        is_intact = plans.is_intact(row, DECISION_AT, self._plan_run)
        if row.kind in KINDS and (is_intact or not self._is_checked):
            return True
        self.damaged.append(row.row)
        return self._hold(row, "was changed elsewhere than in `decision`")

    def _hold(self, row: Planned, reason: str) -> bool:
        self.held.append(Held(row, reason))
        self.waiting += 1
        return False

    def _together(self, rows: list[Planned]) -> list[Planned]:
        """Return the rows of a net change if all of them go, else nothing."""
        if all(decided(row) in ("", APPROVE) for row in rows):
            return rows
        for row in rows:
            if decided(row) == SKIP:
                self.skipped += 1
            else:
                self._hold(row, "a document and the levels that it explains go together")
        return []

    # --- one record -------------------------------------------------------------------

    def _unit(self, rows: list[Planned]) -> Unit | None:
        """Return what is carried out of a record's cards, nothing if all stays out."""
        kind = KINDS[rows[0].kind]
        unit = Unit(kind, rows[0].wms_id, rows[0].id, UPDATE, "", None)
        if rows[0].rule in OF_UNDO:
            unit = unit._replace(action=UNDO, target=QBD)
        heads = [row for row in rows if not row.field]
        fields = [row for row in rows if row.field]
        if heads:
            found = self._headed(unit, heads[0])
            for other in heads[1:]:
                self._hold(other, "another row decides about the same record")
            if found is None:
                self._stay(fields, heads[0])
                return None
            unit = found
        goes = [(row, self._field(row)) for row in fields]
        unit = unit._replace(
            cards=tuple(chosen for _, chosen in goes if chosen),
            left=tuple(row for row, chosen in goes if not chosen),
        )
        return unit if unit.size else None

    def _stay(self, rows: list[Planned], head: Planned) -> None:
        """Count the fields of a record that stays out as a whole."""
        for row in rows:
            if decided(head) == SKIP:
                self.skipped += 1
            else:
                self._hold(row, "waits for what is decided about its record")

    def _headed(self, unit: Unit, head: Planned) -> Unit | None:
        """Return the unit as its own card says, nothing if it stays out."""
        decision = decided(head)
        action, target = head.action, head.target
        unit = unit._replace(action=action, target=target, head=head)
        if decision == SKIP:
            self.skipped += 1
            return None
        if decision in ("", APPROVE, HOLD) and (action == HOLD or decision == HOLD):
            self._hold(head, _WAITS if decision == HOLD else head.reason)
            return None
        if decision in ("", APPROVE):
            return unit
        if not offers.of(head).takes(decision):
            self._hold(head, _meaningless(head))
            return None
        if decision == BEFORE:
            return unit._replace(action=UNDO, target=QBD)
        if decision in (WMS, QBD):
            return unit._replace(action=STATE, target=QBD if decision == WMS else WMS)
        self.answers.append(head)
        if decision == CREATE:
            return unit._replace(action=CREATE, target=QBD if head.wms_id else WMS)
        named = decision.removeprefix(LINK_TO)
        return unit._replace(action=LINK, target=WMS, link=named)

    def _field(self, row: Planned) -> Planned | None:
        """Return a field's card with its winner as decided, nothing if it stays out."""
        decision = decided(row)
        if decision == SKIP:
            self.skipped += 1
            return None
        if decision == HOLD or (decision in ("", APPROVE) and row.action == HOLD):
            self._hold(row, _WAITS if decision == HOLD else row.reason)
            return None
        winner = row.winner if decision in ("", APPROVE) else decision
        if offers.of(row).takes(winner):
            return row._replace(winner=winner)
        self._hold(row, _meaningless(row))
        return None


def decided(row: Planned) -> str:
    """Return a row's decision in its one spelling: `skip`, `link:80000001-1`.

    An id that was copied out of its cell may have the cell's guard against formulas.
    """
    word, colon, found = row.decision.partition(":")
    return word.strip().casefold() + colon + found.strip().removeprefix("'")


def subject(row: Planned) -> str:
    """Return what an answer about a record is remembered under."""
    return f"{row.kind}|{row.wms_id or row.id}"


def of_kinds(units: Iterable[Unit]) -> Iterator[tuple[Kind, list[Unit]]]:
    """Yield each kind that there is something of, with its units.

    What refers to others comes after them, and goes before them.
    """
    found: dict[str, list[Unit]] = {}
    is_undo = False
    for unit in units:
        is_undo = is_undo or unit.action == UNDO
        found.setdefault(unit.kind.name, []).append(unit)
    for name in reversed(KINDS) if is_undo else KINDS:
        if name in found:
            yield KINDS[name], found[name]


def _meaningless(row: Planned) -> str:
    said = f"the decision {row.decision[:40]!r} means nothing here"
    if row.action == HOLD:
        return f"{said}; {row.reason}"
    return f"{said}; approve, skip or hold it, or {offers.of(row)}"
