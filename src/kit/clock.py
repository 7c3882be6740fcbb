"""Time as an argument: what tells it, measures it and waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timezone
from typing import NamedTuple


def _utc_now() -> datetime:
    return datetime.now(timezone.utc)


class Clock(NamedTuple):
    """Wall clock for what is written, monotonic seconds for durations, and sleep."""

    now: Callable[[], datetime] = _utc_now
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def timestamp(self) -> str:
        """Return the present as the CSVs write it: UTC, ISO-8601, microseconds."""
        return self.now().isoformat(timespec="microseconds")


REAL = Clock()
