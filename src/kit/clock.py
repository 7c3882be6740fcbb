"""Time as an argument: what tells it, measures it and waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timezone, tzinfo
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


def zone(name: str) -> tzinfo:
    """Return the time zone of an ISO offset, `UTC`, or a name of the tz database.

    Raises ValueError where this machine does not know it.

    >>> zone("+02:00"), zone("UTC")
    (datetime.timezone(datetime.timedelta(seconds=7200)), datetime.timezone.utc)
    """
    if name.upper() in ("Z", "UTC"):
        return timezone.utc
    if name[:1] in "+-":
        return datetime.strptime(name, "%z").tzinfo or timezone.utc
    from zoneinfo import ZoneInfo  # slow to load, and few need it

    try:
        return ZoneInfo(name)
    except OSError as error:  # ZoneInfoNotFoundError is a KeyError; a folder is found too
        raise ValueError(str(error)) from None
    except KeyError:
        raise ValueError(f"{name} is no time zone") from None
