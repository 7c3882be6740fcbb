"""How items are put together into requests: by number, bytes, and what a minute allows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from src.kit.requests import Item, Request
from src.kit.retry import Pacer


class Limits(NamedTuple):
    """How much at once, and how much at all (0 = no limit)."""

    items_per_request: int = 10
    bytes_per_request: int = 8_000_000
    workers: int = 1
    settle_seconds: float = 0.0
    max_items: int = 0
    max_errors: int = 0
    max_seconds: float = 0.0
    # Where each item of a request is metered like a request of its own: how many such
    # requests may leave in a minute besides.
    batches_per_minute: int = 0


class Groups:
    """Makes requests of items; a request is made when it is its turn to be made."""

    def __init__(
        self, limits: Limits, pacer: Pacer, request: Callable[[Sequence[Item]], Request]
    ) -> None:
        self.limit_reached = False
        self._limits, self._pacer, self._request = limits, pacer, request
        self._items = 0

    def of(self, items: Iterable[Item]) -> Iterator[Request]:
        """Yield the requests, no more than the limits let pass."""
        group: list[Item] = []
        most, room = self._most, self._limits.bytes_per_request
        for item in items:
            if len(group) == most or item.size > room:
                if group:
                    yield self._request(group)
                group, most, room = [], self._most, self._limits.bytes_per_request
            group.append(item)
            room -= item.size
            self._items += 1
            if self._items == self._limits.max_items:
                self.limit_reached = True
                break
        if group:
            yield self._request(group)

    @property
    def _most(self) -> int:
        most = self._limits.items_per_request
        return self._pacer.room(most) if self._limits.batches_per_minute else most

    def weight(self, request: Request | None) -> float:
        """Return what a request is to the pacer."""
        batches = self._limits.batches_per_minute
        is_metered = request is not None and batches
        return self._pacer.weight(len(request.items), batches) if is_metered else 1.0
