"""Plan the customers of applicants and students: names, collisions, limits, changes."""

from __future__ import annotations

import socket
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from src import config
from src.config import Settings
from src.kit import importing, plans, reading, stage, tables
from src.kit.errors import SOME_ROWS_FAILED
from src.kit.reading import Reading
from src.mis import custom_fields, decisions, freshness, history, keys, naming, realms
from src.mis.brakes import MOST_CHANGED
from src.mis.company import Company
from src.mis.custom_fields import Budget
from src.mis.naming import Names
from src.mis.planning import Asked, Known, Planner
from src.mis.records import BUDGET, DECISION_AT, NAMES, PEOPLE, PLAN, PUSH, RUNLOG
from src.mis.records import Goes, Planned
from src.mis.tally import Tally
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
    parser.add_argument("--force", action="store_true", help="let the brakes pass")
    parser.add_argument(
        "--max-change",
        type=stage.percentage,
        default=MOST_CHANGED,
        metavar="P",
        help="percent of a type's customers that may change, 50",
    )


def _plan(run: stage.Run, settings: Settings) -> stage.Report:
    budget = custom_fields.budget(settings.custom_field_mode, settings.custom_field_ids)
    path = pipelines.path_of(settings, PLAN)
    people = _People(pipelines.path_of(settings, PEOPLE))
    past = history.read(settings.log_dir, settings.qbo_realm_id)
    freshness.check_newer(past)
    earlier = plans.earlier(path, PLAN, _CALLED)
    before = plans.forward(path, PLAN)
    decided = decisions.of(plans.read(before, PLAN)) if before.exists() else {}
    if before != path:  # that was decided before the undo
        decided = decisions.still(decided, past)
    company = _company(settings)
    freshness.check_custom_fields(company, budget)
    budget = budget._replace(proven=company.definitions)
    planner = Planner(Known(company, past, decided), _asked(run, settings, budget))
    progress = run.progress("plan")
    with tables.writing(path, Planned, is_private=True) as append:
        for row in progress.over(planner.rows(naming.ordered(people.read))):
            append(plans.signed(earlier.take_over(row), DECISION_AT, run.run_id))
    progress.close()
    earlier.forget(planner.is_settled)
    goes = tables.write(pipelines.path_of(settings, BUDGET), Goes, budget.rows())
    author = (run.clock.timestamp(), run.run_id, run.door)
    realms.note(settings.log_dir, author, PLAN.place, settings.qbo_realm_id)
    tally, rejects = planner.tally, people.reading.rejects
    fetched = freshness.notes(settings.log_dir, run.clock.now(), people.reading)
    notes = [*fetched, *tally.sentences(), *budget.sentences(), *earlier.kept]
    unread = [freshness.rejected(reject) for reject in rejects[:5]]
    rejected = len(rejects) + tally.repeated
    return stage.Report(
        tally.counts,
        stage.Balance(
            tally.read + len(rejects), tally.planned, rejected, tally.unchanged, tally.held
        ),
        [(PLAN.place, append.count), (BUDGET.place, goes)],
        notes,
        _next_step(tally),
        SOME_ROWS_FAILED if rejected else stage.OK,
        warnings=[*tally.warnings, *earlier.lost, *unread],
    )


class _People:
    """Everybody of the MIS, read as often as it takes; `reading` is the last time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.reading = self.read()

    def read(self) -> Reading:
        """Return everybody, ready to be iterated."""
        self.reading = reading.table(self._path, PEOPLE)
        return self.reading


def _company(settings: Settings) -> Company:
    """Return what QuickBooks has; raises Refused where not all of it is known."""
    freshness.check_company(settings.log_dir, settings.qbo_realm_id)
    found = Company(Names(settings.mis_name_template))
    rows = reading.table(pipelines.path_of(settings, NAMES), NAMES)
    for row in rows:
        found.see(row)
    freshness.check_whole(settings.log_dir, rows)
    return found


def _asked(run: stage.Run, settings: Settings, budget: Budget) -> Asked:
    installation = keys.installation(socket.gethostname(), str(settings.log_dir))
    brakes = (run.args.force, run.args.max_change)
    return Asked(run.clock.timestamp(), budget, installation, *brakes)


def _next_step(tally: Tally) -> str:
    if tally.held:
        return f"decide in {PLAN.place} about what is on hold, then {PUSH}"
    return PUSH if tally.planned else ""


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
