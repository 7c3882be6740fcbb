"""The door mis_sync_customers with doors that end as they are told.

`python -m tests.mis.standin`: STANDIN says per door, with commas between, an exit code,
`wait` (until it is told to stop), or `crash`. A push that ends with 0 or 1 leaves rows.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from src import mis_sync_customers
from src.kit import stage
from src.kit.doors import Stage
from src.kit.sessions import FETCHED, PLANNED
from src.mis.counting import PUSHED
from src.mis.results import PUSH
from src.office.mis_sync import FETCH, PLAN
from tests.wms.standin import CRASHES, ENDS, WAITS

DOORS = {FETCHED: FETCH, PLANNED: PLAN, PUSHED: PUSH}
REFUSES = "import sys; print('data/x.csv: not found; run y first'); sys.exit(2)"
PUSHES = """
import os
from pathlib import Path
from tests.mis.bureau import Pushed, RUNLOG, append_in_turn, pushed
run = {"run_id": os.environ["RUN_ID"]}
rows = [pushed(1, "created", quickbooks_id="58", **run)]
rows += [pushed(2, "failed", error="no name", **run)] * %s
append_in_turn(Path(os.environ["LOG_DIR"]) / RUNLOG.name, Pushed, [r[:-1] for r in rows])
"""


def doing(*ends: str, words: Sequence[str] = ()) -> list[Stage]:
    """Return a synchronization's last stages, which end so, in order."""
    doors = list(DOORS.items())[-len(ends) :]
    return [
        Stage(event, door, (sys.executable, "-S", "-c", _script(door, end), *words))
        for (event, door), end in zip(doors, ends)
    ]


def _script(door: str, end: str) -> str:
    known = {"wait": WAITS, "crash": CRASHES, "refuse": REFUSES}
    pushes = PUSHES % end if door == PUSH and end in ("0", "1") else ""
    return pushes + (known.get(end) or ENDS.format(door=door, code=end))


def stages(words: Sequence[str], batch_size: int, options: Sequence[str]) -> list[Stage]:
    """Return the stages that STANDIN names."""
    ends = os.environ.get("STANDIN", "0,0,0").split(",")
    return doing(*ends, words=(*words, str(batch_size), *options))


if __name__ == "__main__":
    raise SystemExit(stage.run(lambda argv: mis_sync_customers.main(argv, stages)))
