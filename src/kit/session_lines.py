"""A history of sessions, and how a cancellation went, as lines for people; or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from src.kit.sessions import RUNNING, Session


def history(door: str, found: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the lines of a history."""
    yield f"{door}: {len(found):,} session{'' if len(found) == 1 else 's'}"
    for one in found:
        seconds = one["duration_seconds"]
        lasted = "" if seconds is None else f"  {seconds:,.1f} s"
        yield f"  {when(one['start_time'])}  {one['status']:9}{lasted}"
        numbers = [one[f"{name}_objects"] for name in ("total", "synced", "failed")]
        yield f"    {' '.join(one['objects'])}: {counts(*numbers)}"
        yield from (f"    {error}" for error in one["errors"])
        if one["error_log"]:
            yield f"    see {one['error_log']}"


def cancelled(door: str, session: Session | None, seconds: float) -> Iterator[str]:
    """Yield what became of a session that was asked to stop so long ago."""
    if session and session.status == RUNNING:
        yield f"{door}: still at work after {seconds:g} s; it will stop"
    elif session:
        yield f"{door}: {session.status}"
        yield from session.errors


def counts(total: int, synced: int, failed: int) -> str:
    """Return the records of a session in words."""
    return (
        f"{synced:,} of {total:,}{f', {failed:,} not synchronized' if failed else ''}"
    )


def when(time: datetime | None) -> str:
    """Return a time as people read it."""
    return f"{time:%Y-%m-%d %H:%M:%S} UTC" if time else "-"


def as_json(found: object) -> str:
    """Return an answer for programs: times are ISO-8601."""
    return json.dumps(found, indent=2, default=datetime.isoformat)
