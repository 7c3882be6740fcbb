"""Plans that were applied: what an intent of an earlier run was about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from src.kit import plans as kept
from src.kit import reading
from src.kit.errors import Refused
from src.kit.requests import Item
from src.wms.applying import item_of
from src.wms.deciding import STATE, Unit
from src.wms.fields import Kind
from src.wms.records import CREATE, DELETE, INACTIVATE, PLAN, QBD, Planned
from src.wms.states import Mirrored

Mirror = Callable[[Kind, set[str]], Mapping[str, Mirrored]]


def plans(folder: Path) -> Iterator[list[Planned]]:
    """Yield the plans that were applied, the newest first."""
    for plan in kept.applied(folder, PLAN):
        try:
            yield list(plan)
        except Refused:  # it changed while it was read
            continue


def of_run(folder: Path, run_id: str) -> Iterator[list[Planned]]:
    """Yield the plan that a run applied, then the others, the newest first."""
    try:
        yield list(reading.table(kept.of_run(folder, run_id), PLAN))
    except Refused:
        pass
    yield from plans(folder)


def planned(folder: Path, unit: Unit) -> set[str]:
    """Return what the plans that were applied saw of a record that they would create."""
    me = (unit.kind.name, unit.wms_id, CREATE, QBD)
    return {
        row.wms_state
        for rows in plans(folder)
        for row in rows
        if (row.kind, row.wms_id, row.action, row.target) == me
    }


def bound(
    units: Iterable[Unit], keys: set[str], mirror: Mirror, is_sent: bool = True
) -> dict[str, Item]:
    """Return the units that have these keys; not `is_sent`: they are only looked for."""
    found: dict[str, Item] = {}
    for unit in units:
        for variant in variants(unit):
            item = item_of(variant, None, is_sent)
            if item.key in keys:
                before = mirror(unit.kind, {unit.id} - {""}).get(unit.id)
                found[item.key] = item_of(variant, before, is_sent)
    return found


def variants(unit: Unit) -> Iterator[Unit]:
    """Yield the unit as it may be carried out, whatever a person's word comes to."""
    if unit.action != STATE:
        yield unit._replace(id=unit.link) if unit.link and unit.first.wms_id else unit
        return
    for action in (CREATE, INACTIVATE, DELETE):
        yield unit._replace(action=action)
