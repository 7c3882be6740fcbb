"""Plan the customers of applicants and students: names, collisions, limits, changes."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import NamedTuple

from src import config
from src.config import Settings
from src.kit import importing, plans, reading, receipts, stage, tables
from src.kit.errors import SOME_ROWS_FAILED, Refused
from src.mis import custom_fields, decisions, history, planning, realms
from src.mis.company import Company
from src.mis.custom_fields import Budget
from src.mis.naming import Names
from src.mis.planning import Asked, Known, Planner, Tally
from src.mis.records import BUDGET, DECISION_AT, NAMES, PEOPLE, PLAN, PUSH, RUNLOG, Goes, Planned
from src.office import pipelines

_CALLED = ("type", "identifier", "name")  # what a person knows a row by


def main(argv: Sequence[str] | None = None) -> int:
    """Write data/mis_plan.csv and data/mis_custom_fields.csv."""
    run = stage.start("mis_plan", __doc__, argv, _options)
    settings = config.load(run.environ)
    place = pipelines.log_place(settings, RUNLOG)
    with importing.pipeline_lock(place), stage.uncollected():
        return run.finish(_plan(run, settings), settings.log_dir)


def _options(parser: ArgumentParser) -> None:
    parser.add_argument("--force", action="store_true", help="let the brake pass")
