"""Real processes, killed at any line that writes, their logs damaged: nobody twice."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import pytest

from src import mis_push
from src.kit.clock import REAL
from src.mis.records import STUDENT
from src.office import damage
from tests.desk import Desk
from tests.mis.school import School, mark_of, people, person

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork (no Windows)")

POINTS = int(os.environ.get("MIS_CRASH_POINTS", "6"))  # of those that are enumerated
# Where a disk, the MIS or the company changes; between two such lines nothing differs.
WRITERS = (
    *("kit/appender.py", "kit/files.py", "kit/receipts.py", "kit/book.py", "kit/plans.py"),
    *("fakes/records.py", "fakes/writing.py", "adapters/sqlite_file.py", "mis/statuses.py"),
)
LOGS = ("mis_runlog.csv", "mis_inflight.csv", "receipts.csv")
EVERYBODY = [*people(8), *people(4, STUDENT), person(20, "Aline Uwera1")]


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> School:
    school = School(Desk(tmp_path_factory.mktemp("ready")))
    school.clock = REAL
    school.enrol(*EVERYBODY[:3])
    school.prepare()
    school.push()
    school.run_sql("UPDATE tbl_online_application SET phone1 = '0788' WHERE appl_Id < 3")
    school.enrol(*EVERYBODY[3:])
    school.prepare()
    return school


def pushed(school: School, armed: Callable[[], None], *options: str) -> int:
    """Push in a process of its own; return the exit code, negative where it was killed."""

    def main(argv: Sequence[str]) -> int:
        school.reopen()
        armed()
        return mis_push.main(argv, school.sides)

    return school.desk.fork(main, "--batch-size", "4", *options)


def traced(seen: Callable[[], None]) -> None:
    """Call `seen` before each line of the modules that write."""

    def local(frame: object, event: str, _: object) -> Callable:
        if event == "line":
            seen()
        return local

    def trace(frame, event: str, _: object) -> Callable | None:  # noqa: ANN001
        return local if frame.f_code.co_filename.endswith(WRITERS) else None

    sys.settrace(trace)


def mine(line: int) -> Callable[[], None]:
    """Return what lets a process be killed before the n-th line that it writes with."""
    left = [line]

    def seen() -> None:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    return lambda: traced(seen)


def count_lines(school: School, root: Path) -> int:
    """Return how many such lines an undisturbed push executes."""
    lines, counted = [0], root / "lines"

    def seen() -> None:
        lines[0] += 1
        counted.write_text(str(lines[0]))

    assert pushed(school, lambda: traced(seen)) == 0, school.desk.out
    return int(counted.read_text())


def copied(ready: School, root: Path) -> School:
    found = ready.copied(Desk(root))
    found.clock = REAL
    return found


def finish(school: School) -> None:
    """Fetch, plan and push until everything is done."""
    school.reopen()
    for _ in range(6):
        school.prepare()
        # Without its log nobody knows whose change it is: a person says that it is ours.
        school.decide("approve", action="hold")
        if school.push() == 0:
            return
    raise AssertionError(school.desk.out + school.desk.err)


def check(school: School, told: object) -> None:
    assert school.marks() == {mark_of(one): 1 for one in EVERYBODY}, told
    assert school.statuses() == {"1": len(EVERYBODY)}, told
    phones = [one.get("PrimaryPhone") for one in school.customers()]
    assert phones.count({"FreeFormNumber": "0788"}) == 2, told
    there = {one["Id"]: one["SyncToken"] for one in school.customers()}
    assert {raw.quickbooks_id: raw.sync_token for raw in school.raws().values()} == there, told


def test_a_kill_at_each_enumerated_line_loses_nobody_and_doubles_nobody(ready, tmp_path):
    lines = count_lines(copied(ready, tmp_path / "count"), tmp_path)
    dice = Random("mis")
    for line in range(1, lines, max(1, lines // POINTS)):
        school = copied(ready, tmp_path / str(line))
        assert pushed(school, mine(line)) == -signal.SIGKILL
        done = damage.done_to(school.desk.logs, dice, LOGS) if line % 2 else ""

        finish(school)

        check(school, (line, done))


def test_the_same_plan_again_ends_what_a_killed_process_began(ready, tmp_path):
    lines = count_lines(copied(ready, tmp_path / "count"), tmp_path)
    for line in range(5, lines, max(1, 2 * lines // POINTS)):
        school = copied(ready, tmp_path / str(line))
        assert pushed(school, mine(line)) == -signal.SIGKILL

        assert pushed(school, lambda: None) in (0, 1)
        assert pushed(school, lambda: None) == 0, (line, school.desk.out)

        check(school, line)
