"""Judgements: what people decided where a machine must not, remembered for later runs.

One append-only CSV for all pipelines, data/judgements.csv; the last word about a subject
counts. Each append takes the file's own lock.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from src.kit import runlog
from src.kit.appender import append_in_turn
from src.kit.tables import APPEND_ONLY, Table, Timestamp


class Judgement(NamedTuple):
    """One answer of a person."""

    ts: Timestamp
    run_id: str
    pipeline: str
    subject: str  # what was asked about, as the pipeline names it
    verdict: str  # the word of the plan's `decision`
    question: str  # why it was asked
    row_check: str


TABLE = Table("DATA_DIR", "judgements.csv", Judgement, APPEND_ONLY, "make customers")


def append(folder: Path, judgements: Iterable[tuple[str, ...]]) -> None:
    """Append judgements (without their check) and make them durable."""
    rows = list(judgements)
    if rows:
        append_in_turn(folder / TABLE.name, Judgement, rows)


def verdicts(folder: Path, pipeline: str) -> dict[str, str]:
    """Return the last verdict about each subject of a pipeline."""
    found = {}
    for row in filter(None, runlog.rows(folder / TABLE.name, Judgement)):
        judgement = Judgement(*map(runlog.text, row))
        if judgement.pipeline == pipeline:
            found[judgement.subject] = judgement.verdict
    return found
