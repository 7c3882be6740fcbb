"""How a run of the warehouse's synchronization is taken back: in QuickBooks."""

from __future__ import annotations

from collections import Counter

from src.config import Settings
from src.office.reversing import Past, Reversal, Way
from src.wms import undoing
from src.wms.records import APPLY, HOLD, PLAN, Planned
from src.wms.sides import Folders

_AFTER = (
    "then run make wms-sync: what is taken back goes to the warehouse as an edit of "
    "QuickBooks' does"
)


def reverse(past: Past) -> Reversal:
    """Return what takes a run back; see wms.undoing."""
    found = undoing.reverse(_folders(past.settings), past.run_id)
    verbs = Counter(_verb(row) for row in found.rows)
    waiting = [row for row in found.rows if row.action == HOLD]
    told = [f"{_called(row)}: {row.reason}" for row in waiting]
    notes = (_AFTER, *found.notes) if len(waiting) < len(found.rows) else ()
    return Reversal(
        found.rows,
        dict(verbs),
        [*told, *found.stays],
        found.back,
        notes,
        len(waiting),
    )


def _verb(row: Planned) -> str:
    if row.action == HOLD:
        return "held for a person"
    if not row.field:
        return "would delete"
    return "would inactivate" if (row.field, row.base) == ("is_active", "no") else "would put back"


def _called(row: Planned) -> str:
    return " ".join(filter(None, (row.type, row.id, row.name, row.field)))


def _folders(settings: Settings) -> Folders:
    return Folders(settings.data_dir, settings.log_dir)


def _left(settings: Settings) -> dict[str, str]:
    return undoing.runs(_folders(settings))


def _is_left(settings: Settings, run_id: str) -> bool:
    return undoing.is_left(_folders(settings), run_id)


WAY = Way(
    *("wms_apply", PLAN, reverse, APPLY, undoing.is_effect, _left), is_left=_is_left
)
