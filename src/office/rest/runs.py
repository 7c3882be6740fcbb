"""Runs over HTTP: every start of a door, and one of them with all that is known of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from src.kit import receipts, runlog, web
from src.kit.receipts import Receipt
from src.kit.runlog import RawRow
from src.kit.tables import header
from src.kit.views import FAILURES
from src.kit.web import Problem, Reply, Request
from src.office.overview import RunSum
from src.office.pipelines import ALL, Pipeline
from src.office.rest.operations import Rest, answer, page

MOST_ERRORS = 200
# Of a log's columns those that tell a person which record a row is about.
_NAMING = (
    *(
        "type",
        "qbo_entity_type",
        "mis_id",
        "identifier",
        "display_name",
        "qbo_entity_id",
    ),
    *("id", "wms_id", "name", "file", "line", "file_name"),
)


def runs(rest: Rest, request: Request) -> Reply:
    """List all runs, newest first."""
    wanted = page(request)
    found = rest.watch.runs()
    some = wanted.of("runs", found)
    return answer(
        rest, "Runs", {**some, "runs": [_summed(one) for one in some["runs"]]}
    )


def run(rest: Rest, request: Request) -> Reply:
    """Return one run: its receipts, what became of its records, its errors."""
    web.only(request.query)
    run_id = request.parts["run_id"]
    told = [one for one in rest.watch.receipts() if one.run_id == run_id]
    logs = [one for one in ALL if run_id in rest.watch.tally(one.name).runs]
    if not (told or logs):
        raise Problem(404, f"{run_id}: no such run; see /api/v1/runs")
    outcomes = {
        one.name: rest.watch.tally(one.name).runs[run_id].outcomes for one in logs
    }
    errors, more = _first(
        [error for one in logs for error in _errors(rest, one, run_id)]
    )
    data = {
        "run_id": run_id,
        "receipts": [_receipt(one) for one in told if one.kind != receipts.SEAL],
        "seals": [_receipt(one) for one in told if one.kind == receipts.SEAL],
        "outcomes": {name: dict(counts) for name, counts in outcomes.items()},
        "errors": errors,
        "more_errors": more,
    }
    return answer(rest, f"Run {run_id}", data)


def _summed(one: RunSum) -> dict[str, Any]:
    return {
        **one._asdict(),
        "ended": one.ended or None,
        "exit": int(one.exit) if one.exit.isdigit() else None,
        # What else a receipt says, such as which file all came from, is this machine's.
        "counts": {
            word: int(n)
            for word, n in one.counts.items()
            if n.isdecimal() and word != receipts.FROM
        },
    }


def _receipt(one: Receipt) -> dict[str, Any]:
    told = {"ts": one.ts, "door": one.door, "kind": one.kind, "subject": one.subject}
    words = [w for w in one.detail.split() if not w.startswith(f"{receipts.FROM}=")]
    rows = int(one.rows) if one.rows.isdigit() else None
    return {**told, "rows": rows, "sha256": one.sha256, "detail": " ".join(words)}


def _first(errors: list[dict[str, str]]) -> tuple[list[dict[str, str]], int]:
    return errors[:MOST_ERRORS], len(errors[MOST_ERRORS:])


def _errors(rest: Rest, pipeline: Pipeline, run_id: str) -> Iterator[dict[str, str]]:
    names = header(pipeline.log.row)
    outcome_at, error_at = names.index("outcome"), names.index("error")
    naming = [names.index(name) for name in _NAMING if name in names]

    def texts(row: RawRow) -> dict[str, str]:
        record = " ".join(filter(None, (runlog.text(row[place]) for place in naming)))
        outcome, error = runlog.text(row[outcome_at]), runlog.text(row[error_at])
        named = {"pipeline": pipeline.name, "record": record}
        return {**named, "outcome": outcome, "error": error}

    for row in rest.watch.rows_of_run(pipeline.name, run_id):
        if row[outcome_at] in FAILURES or row[outcome_at] == b"rejected":
            yield texts(row)
