"""What earlier runs left open, found again in this plan or in the one that they applied."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from src.kit.answers import Found
from src.kit.memory import Index
from src.kit.requests import Item
from src.wms import kept
from src.wms.applying import item_of
from src.wms.deciding import Cards, Unit
from src.wms.kept import Mirror
from src.wms.looking import Lookup
from src.wms.records import CREATE, QBD, Planned

Plans = Callable[[], Iterable[Sequence[Planned]]]


class Doubts:
    """Binds open attempts to units, and looks for their effects."""

    def __init__(self, index: Index, units: Sequence[Unit], plans: Plans) -> None:
        self._index, self._units, self._plans = index, units, plans
        self._items: dict[str, Item] = {}

    def look_with(self, lookup: Lookup, mirror: Mirror) -> None:
        """Take what looks into QuickBooks, and the mirror."""
        self._lookup, self._mirror = lookup, mirror

    def bind(self, keys: Iterable[str]) -> dict[str, Item]:
        """Return the units that have these keys.

        One that the present plan does not have any more is looked for, and never sent.
        """
        missing = set(keys) - self._items.keys()
        if missing:
            self._items.update(kept.bound(self._units, missing, self._mirror))
            missing -= self._items.keys()
        for rows in self._plans() if missing else ():
            units = Cards("").as_applied(rows)
            self._items.update(kept.bound(units, missing, self._mirror, False))
            missing -= self._items.keys()
            if not missing:
                break
        return {key: self._items[key] for key in keys if key in self._items}

    def list_all(self, had_history: bool) -> dict[str, list[Found] | None]:
        """Return what is there of open attempts, and of what this plan would create.

        None stands for an open attempt that nobody knows the end of.
        """
        doubtful = [attempt.key for attempt in self._index.doubtful]
        items = self.bind(doubtful)
        for unit in (one for unit in self._units for one in kept.variants(unit)):
            if unit.action == CREATE and unit.target == QBD:
                item = item_of(unit, None)
                if not self._index.is_settled(item.key):
                    items.setdefault(item.key, item)
        found = self._lookup.find(items.values())
        return {k: hits for k, hits in found.items() if hits or k in doubtful}
