"""Levels of stock after our own documents: QuickBooks counts, the warehouse follows.

Without it the next synchronization would bring them, as changes that nobody made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from src.kit.answers import Unanswered
from src.kit.database import BadData
from src.wms.deciding import Unit
from src.wms.finishing import Ground
from src.wms.fields import places
from src.wms.levels import ON_HAND, STOCKED
from src.wms.mirror import of_wire
from src.wms.receiving import Done, Merge, Sides
from src.wms.records import UPDATE, WMS
from src.wms.states import Mirrored

TOGETHER = 150  # items in one request, as many as a list takes ids


class Leveller:
    """Brings QuickBooks' own numbers of items into the warehouse."""

    def __init__(self, ground: Ground) -> None:
        self._ground, self._store = ground, ground.store

    def level(self, moved: Mapping[str, Decimal]) -> int:
        """Return how many items the warehouse has new numbers of.

        `moved` are the items, each with what our own documents added to its stock. Where
        the level says more, somebody else moved it, too, and the next synchronization
        brings the level with its documents.
        """
        wanted = sorted(filter(None, moved))
        try:
            return sum(
                self._look(unit, found, moved[unit.id])
                for unit, found in self._found(wanted)
            )
        except (Unanswered, BadData):  # the next synchronization brings them
            return 0

    def _found(self, item_ids: list[str]) -> Iterator[tuple[Unit, Mirrored]]:
        """Yield the warehouse's items, each as QuickBooks has it now."""
        for kind in STOCKED:
            known = self._store.linked(kind, item_ids) if item_ids else {}
            ids = sorted(known)
            for first in range(0, len(ids), TOGETHER):
                query = {"ids": ids[first : first + TOGETHER], "status": "all"}
                for record in list(self._ground.port.records(kind.resource, query)):
                    found = of_wire(kind, record)
                    wms_id = known[found.head.id]
                    yield Unit(kind, wms_id, found.head.id, UPDATE, WMS, None), found

    def _look(self, unit: Unit, found: Mirrored, moved: Decimal) -> bool:
        with self._ground.transaction():
            stored = self._store.read(unit.kind, [unit.wms_id]).get(unit.wms_id)
            agreed = self._store.base(unit.kind, [unit.wms_id]).get(unit.wms_id)
            if stored is None or agreed is None:
                return False
            at = places(unit.kind)[ON_HAND]
            before, now = (Decimal(cells[at] or 0) for cells in (agreed.cells, found.cells))
            edited_at, is_ours = agreed.head.qbd_edited_at, now == before + moved
            done = Done(self._ground.now(), edited_at, has_levels=is_ours)
            settled = Merge(unit.kind, unit, Sides(stored, found, agreed), done).settled()
            # What else changed there keeps its revision for the plan to see.
            head = settled.agreed.head._replace(
                revision_number=agreed.head.revision_number,
                qbd_updated_at=agreed.head.qbd_updated_at,
            )
            base = settled.agreed._replace(head=head)
            self._store.write(unit.kind, settled.record, base)
        return settled.record != stored
