"""How much a simulated company lets through: Intuit's published limits, time scaled."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import NamedTuple

from src.kit.clock import Clock

WINDOW = 60.0  # seconds


class Allowance(NamedTuple):
    """What is allowed per company; 0 = no limit. `scale` 60 makes a minute a second."""

    per_minute: int = 500
    parallel: int = 10
    batches_per_minute: int = 120
    scale: float = 1.0


class Throttle:
    """Counts the calls of the last minute and those in flight."""

    def __init__(self, allowance: Allowance, clock: Clock) -> None:
        self._allowance, self._clock = allowance, clock
        self._lock = Lock()
        self._calls: deque[float] = deque()
        self._batches: deque[float] = deque()
        self._in_flight = 0

    @contextmanager
    def entered(self, is_batch: bool, weight: int = 1) -> Iterator[bool]:
        """Yield whether a call is let through; it counts as `weight` calls."""
        with self._lock:
            lets_through = self._has_room(is_batch)
            if lets_through:
                self._calls.extend([self._now()] * weight)
                self._batches.extend([self._now()] * is_batch)
                self._in_flight += 1
        try:
            yield lets_through
        finally:
            with self._lock:
                self._in_flight -= lets_through

    def _now(self) -> float:
        return self._clock.monotonic() * self._allowance.scale

    def _has_room(self, is_batch: bool) -> bool:
        per_minute, parallel, batches, _ = self._allowance
        for calls in (self._calls, self._batches):
            while calls and calls[0] <= self._now() - WINDOW:
                calls.popleft()
        return not (
            (per_minute and len(self._calls) >= per_minute)
            or (parallel and self._in_flight >= parallel)
            or (is_batch and batches and len(self._batches) >= batches)
        )
