"""Levels of stock after our own documents: QuickBooks counts, the warehouse follows.

Without it the next synchronization would bring them, as changes that nobody made. Items
are read one by one, so after many documents it is left to that synchronization.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from src.kit.answers import Unanswered
from src.kit.database import BadData
from src.wms.deciding import Unit
from src.wms.finishing import Ground
from src.wms.levels import STOCKED
from src.wms.mirror import of_wire
from src.wms.receiving import Done, Merge, Sides
from src.wms.records import UPDATE, WMS

MOST = 25  # items; each is a request, and takes QuickBooks some seconds


class Leveller:
    """Brings QuickBooks' own numbers of items into the warehouse."""

    def __init__(self, ground: Ground) -> None:
        self._ground, self._store = ground, ground.store

    def level(self, item_ids: Iterable[str]) -> int:
        """Return how many items the warehouse has new numbers of."""
        wanted = set(filter(None, item_ids))
        if len(wanted) > MOST:
            return 0
        try:
            return sum(self._look(unit) for unit in self._units(sorted(wanted)))
        except (Unanswered, BadData):  # the next synchronization brings them
            return 0

    def _units(self, item_ids: list[str]) -> Iterator[Unit]:
        for kind in STOCKED:
            for item_id, wms_id in self._store.linked(kind, item_ids).items():
                yield Unit(kind, wms_id, item_id, UPDATE, WMS, None)

    def _look(self, unit: Unit) -> bool:
        record = self._ground.port.read(unit.kind.resource, unit.id)
        if record is None:
            return False
        found = of_wire(unit.kind, record)
        with self._ground.transaction():
            stored = self._store.read(unit.kind, [unit.wms_id]).get(unit.wms_id)
            agreed = self._store.base(unit.kind, [unit.wms_id]).get(unit.wms_id)
            if stored is None or agreed is None:
                return False
            done = Done(self._ground.now(), agreed.head.qbd_edited_at, has_levels=True)
            settled = Merge(unit.kind, unit, Sides(stored, found, agreed), done).settled()
            # What else changed there keeps its revision for the plan to see.
            head = settled.agreed.head._replace(
                revision_number=agreed.head.revision_number,
                qbd_updated_at=agreed.head.qbd_updated_at,
            )
            base = settled.agreed._replace(head=head)
            self._store.write(unit.kind, settled.record, base)
        return settled.record != stored
