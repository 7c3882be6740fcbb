"""The status of a session as lines for people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from src.kit.session_lines import counts, when
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
    yield f"  {'started':22} {when(found['start_time'])}"
    yield f"  {'ended':22} {when(found['end_time'])}"
    for word, count in found["object_progress"].items():
        yield f"  {word:22} {counts(count['total'], count['synced'], count['failed'])}"
    yield f"  {'last completed':22} {when(last)}"
    yield from (f"  {error}" for error in found["errors"])
