"""The door wms_sync with doors that end as they are told: `python -m tests.wms.standin`.

STANDIN says per door, with commas between, an exit code, or `wait` (until it is told to
stop), or `crash`.
"""

from __future__ import annotations

import os
import sys

from src import wms_sync
from src.kit import stage
from src.kit.doors import Stage
from src.kit.sessions import FETCHED, PLANNED
from src.wms.counting import APPLIED

WAITS = """
import os, signal, sys


def stop(*_):
    print("stopping", flush=True)
    sys.exit(143)


signal.signal(signal.SIGTERM, stop)
print("begun", os.getpid(), flush=True)
signal.pause()
"""
CRASHES = "print('at work'); raise KeyError('x')"
ENDS = """
import os, sys
from pathlib import Path
from src.kit import receipts
now = "2026-11-20T08:00:00+00:00"
row = (now, os.environ["RUN_ID"], "{door}", receipts.RUN, "", "0", "", "")
receipts.append(Path(os.environ["LOG_DIR"]), row)
print("{door}: 3 records", os.environ.get("WORD", ""), *sys.argv[1:])
print("  next: something")
sys.exit({code})
"""
DOORS = {FETCHED: "wms_fetch", PLANNED: "wms_plan", APPLIED: "wms_apply"}


def doing(*ends: str, words: tuple[str, ...] = ()) -> list[Stage]:
    """Return a session's stages that end so, in order."""
    return [
        Stage(event, door, (sys.executable, "-S", "-c", _script(door, end), *words))
        for (event, door), end in zip(DOORS.items(), ends)
    ]


def _script(door: str, end: str) -> str:
    known = {"wait": WAITS, "crash": CRASHES}
    return known.get(end) or ENDS.format(door=door, code=end)


def stages(objects: tuple[str, ...], *options: bool) -> list[Stage]:
    """Return the stages that STANDIN names."""
    return doing(*os.environ.get("STANDIN", "0,0,0").split(","), words=objects)


if __name__ == "__main__":
    raise SystemExit(stage.run(lambda argv: wms_sync.main(argv, stages)))
