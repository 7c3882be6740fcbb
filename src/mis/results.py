"""What became of each person in one run, as the run log says it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from src.kit import reading, receipts, runlog
from src.kit.memory import ABSENT, HELD, IN_DOUBT, SUCCESSES
from src.kit.receipts import Receipt
from src.kit.views import FAILURES
from src.mis.records import APPLICANT, ERRORS, RUNLOG, STUDENT, TYPES, Pushed

_CALLED = {APPLICANT: "applicant_id", STUDENT: "student_id"}
PUSH = "mis_push"  # the door whose receipt tells how many wait
WAITS = (HELD, IN_DOUBT)  # for a person, or for the next run
# What is said of an outcome that needs no words in the log.
_SAID = {
    IN_DOUBT: "nobody knows whether it arrived; the next run looks it up",
    ABSENT: "did not arrive; the next run sends it again",
}


class Results(NamedTuple):
    """The persons of one type that a run was about."""

    arrived: list[Pushed]
    failed: list[Pushed]
    waiting: list[Pushed]  # neither sent nor failed, now or since an earlier run

    def data(self) -> dict[str, Any]:
        """Return them as the original's API does."""
        return {
            **counts(self),
            "waiting": len(self.waiting),
            "errors": [_with_error(row) for row in self.failed],
            "success_details": [
                identified(row.type, row.mis_id) | {"quickbooks_id": row.quickbooks_id}
                for row in self.arrived
            ],
            "waiting_details": [_with_error(row) for row in self.waiting],
        }


def of_run(log_dir: Path, run_id: str) -> dict[str, Results]:
    """Return the results of a run by type; what was logged last of a person counts."""
    last: dict[tuple[str, str], Pushed] = {}
    for raw in runlog.rows_with(log_dir / RUNLOG.name, Pushed, run_id):
        row = Pushed(*map(runlog.text, raw))
        if row.run_id == run_id:
            last[row.type, row.mis_id] = row
    found = {type_: Results([], [], []) for type_ in TYPES.values()}
    for row in last.values():
        if row.outcome in SUCCESSES:
            found[row.type].arrived.append(row)
        elif row.outcome.encode() in FAILURES and row.outcome not in WAITS:
            found[row.type].failed.append(row)
    for row in _left(log_dir) if _ended(log_dir, run_id) else ():
        found[row.type].waiting.append(row)
    return found


def _left(log_dir: Path) -> Iterator[Pushed]:
    """Yield the last word about each person who waits, whichever run said it."""
    path = log_dir / ERRORS.name
    rows = reading.table(path, ERRORS) if path.exists() else ()
    return (row for row in rows if row.outcome in WAITS and row.type in _CALLED)


def waiting(log_dir: Path, run_id: str) -> int:
    """Return how many rows of a run's plan wait, those included that are not there."""
    return int(receipts.value(_ended(log_dir, run_id), "held") or 0)


def _ended(log_dir: Path, run_id: str) -> Receipt | None:
    """Return the receipt of a run's push, None where it did not come to its end."""
    newest = None
    for receipt in receipts.read(log_dir):
        if (receipt.run_id, receipt.door, receipt.kind) == (run_id, PUSH, receipts.RUN):
            newest = receipt
    return newest


def counts(one: Results) -> dict[str, int]:
    """Return how many arrived and how many did not."""
    return counted(len(one.arrived), len(one.failed))


def counted(well: int, failed: int) -> dict[str, int]:
    """Return how many arrived and how many did not, under the original's names."""
    return {"total_processed": well + failed, "successful": well, "failed": failed}


def identified(type_: str, mis_id: str) -> dict[str, Any]:
    """Return what the original's API calls a person by: its primary key, a number."""
    is_number = mis_id.isascii() and mis_id.isdigit()
    return {_CALLED[type_]: int(mis_id) if is_number else mis_id}


def _with_error(row: Pushed) -> dict[str, Any]:
    return identified(row.type, row.mis_id) | {"error": reason(row)}


def reason(row: Pushed) -> str:
    """Return what a row says went wrong, in words."""
    return row.error or _SAID.get(row.outcome, row.outcome)
