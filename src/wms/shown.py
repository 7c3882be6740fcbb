"""A status and a history of sessions as lines for people, or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from src.kit.sessions import FETCHED, PLANNED, RUNNING


# What is at work after the stage that ended last.
_AT_WORK = {"": "fetching", FETCHED: "planning", PLANNED: "applying"}


def status(
    found: dict[str, Any], last: datetime | None, stage: str = ""
) -> Iterator[str]:
    """Yield the lines of a status.

    `last` is when a session was completed last, `stage` what has ended of this one.
    """
    if found["status"] is None:
        yield "wms_sync: never synchronized"
        yield "  next: make wms-sync"
        return
    work = f", {_AT_WORK.get(stage, stage)}" if found["status"] == RUNNING else ""
    yield f"wms_sync: {found['status']}{work}, {found['progress_percentage']} %"
    yield f"  {'started':22} {_when(found['start_time'])}"
    yield f"  {'ended':22} {_when(found['end_time'])}"
    for word, count in found["object_progress"].items():
        yield f"  {word:22} {_counts(count['total'], count['synced'], count['failed'])}"
    yield f"  {'last completed':22} {_when(last)}"
    yield from (f"  {error}" for error in found["errors"])


def history(found: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the lines of a history."""
    yield f"wms_sync: {len(found):,} session{'' if len(found) == 1 else 's'}"
    for one in found:
        seconds = one["duration_seconds"]
        lasted = "" if seconds is None else f"  {seconds:,.1f} s"
        yield f"  {_when(one['start_time'])}  {one['status']:9}{lasted}"
        numbers = [one[f"{name}_objects"] for name in ("total", "synced", "failed")]
        yield f"    {' '.join(one['objects'])}: {_counts(*numbers)}"
        yield from (f"    {error}" for error in one["errors"])
        if one["error_log"]:
            yield f"    see {one['error_log']}"


def _counts(total: int, synced: int, failed: int) -> str:
    return f"{synced:,} of {total:,}{f', {failed:,} not synchronized' if failed else ''}"


def _when(time: datetime | None) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S} UTC" if time else "-"


def as_json(found: object) -> str:
    """Return a status or a history for programs: times are ISO-8601."""
    return json.dumps(found, indent=2, default=datetime.isoformat)
