"""The cards of a plan: what is proposed for one field, or for one record as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from src.kit.plans import row_id
from src.wms import states
from src.wms.comparing import Change, Sides
from src.wms.fields import Kind, places
from src.wms.records import HOLD, NOT_YET, QBD, Planned
from src.wms.sides import Triple
from src.wms.states import Stored
from src.wms.truth import Fate

DECISION_AT = Planned._fields.index("decision")


class Card(NamedTuple):
    """One proposal, before it is a row of the plan."""

    action: str
    target: str  # the side that is written
    rule: str
    reason: str
    field: str = ""  # empty = the whole record
    sides: Sides = Sides("", "", "")
    winner: str = ""
    discarded: str = ""

    @property
    def is_held(self) -> bool:
        """Return whether a person has to decide."""
        return self.action == HOLD

    def held(self, rule: str, reason: str) -> Card:
        """Return the card with nothing proposed, and why."""
        return self._replace(
            action=HOLD, target="", rule=rule, reason=reason, winner="", discarded=""
        )


def of_change(change: Change) -> Card:
    """Return the card of a field."""
    rule, winner, reason = change.verdict
    return Card(
        change.action,
        change.target,
        rule,
        reason,
        change.field,
        change.sides,
        winner,
        change.discarded,
    )


def of_fate(fate: Fate) -> Card:
    """Return the card of a record as a whole."""
    winner = {"": "", QBD: "wms"}.get(fate.target, QBD)
    return Card(fate.action, fate.target, fate.rule, fate.reason, winner=winner)


def hold(rule: str, reason: str) -> Card:
    """Return the card of a record that a person has to look at."""
    return Card(HOLD, "", rule, reason)


def title(kind: Kind, cells: Sequence[str]) -> str:
    """Return what a person calls a record by."""
    at = places(kind)
    return cells[at[kind.title]] or cells[at.get("name", at[kind.title])]


def row(kind: Kind, triple: Triple, card: Card) -> Planned:
    """Return the plan's row of a card, unsigned."""
    base, stored, mirror = triple.base, triple.stored, triple.mirror
    known = stored or mirror or base
    return Planned(
        row=row_id(f"{kind.name}|{triple.wms_id}|{triple.id}|{card.field}"),
        type=kind.type,
        kind=kind.name,
        action=card.action,
        target=card.target,
        name=title(kind, known.cells) if known else "",
        wms_id=triple.wms_id,
        id=triple.id,
        field=card.field,
        base=card.sides.base,
        wms=card.sides.wms,
        qbd=card.sides.qbd,
        wms_updated_at=stored.head.updated_at if stored else "",
        qbd_updated_at=mirror.head.updated_at if mirror else "",
        revision=mirror.head.revision_number if mirror else "",
        wms_state=_state(stored) if stored else "",
        rule=card.rule,
        winner=card.winner,
        discarded=card.discarded,
        reason=card.reason,
        decision="",
        row_check="",
    )


def _state(stored: Stored) -> str:
    """Return what stands for the record that the plan saw.

    Nothing where it refers to a record that QuickBooks is about to get: by the time that
    it is applied the reference says something else.
    """
    rows = [stored.cells, *(line.cells for line in stored.lines)]
    if any(cell.startswith(NOT_YET) for row in rows for cell in row):
        return ""
    return states.digest(stored.cells, stored.lines)
