"""Compare QuickBooks, the warehouse and what they agreed on: a card for every difference."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence

from src import config
from src.config import Settings
from src.kit import importing, judgements, plans, stage, tables
from src.kit.errors import SOME_ROWS_FAILED
from src.office import pipelines
from src.wms import cards, covering, freshness, planning
from src.wms.brakes import Limits
from src.wms.fields import of_types
from src.wms.planning import Planner, Tally, Wanted
from src.wms.records import DECIDED, PIPELINE, PLAN, RUNLOG, Planned
from src.wms.sides import Folders

_CALLED = ("type", "name", "field")  # what a person knows a row by


def main(argv: Sequence[str] | None = None) -> int:
    """Write data/wms_plan.csv."""
    run = stage.start("wms_plan", __doc__, argv, _options)
    settings = config.load(run.environ)
    place = pipelines.log_place(settings, RUNLOG)
    with importing.pipeline_lock(place), stage.uncollected():
        return run.finish(_plan(run, settings), settings.log_dir)


def _options(parser: ArgumentParser) -> None:
    usual = Limits()
    percent = {"type": stage.percentage, "metavar": "P"}
    pipelines.types_option(parser)
    parser.add_argument("--force", action="store_true", help="let the brakes pass")
    parser.add_argument(
        "--max-delete",
        default=usual.max_delete,
        help="percent of a type that may be deleted, 10",
        **percent,
    )
    parser.add_argument(
        "--max-change",
        default=usual.max_change,
        help="percent of a type that may change, 50",
        **percent,
    )
    parser.add_argument(
        "--max-flips",
        type=stage.whole_number,
        default=usual.max_flips,
        metavar="K",
        help="hold what went back and forth so often, 3",
    )


def _plan(run: stage.Run, settings: Settings) -> stage.Report:
    args = run.args
    wanted = Wanted(
        of_types(args.types),
        judgements.verdicts(settings.data_dir, PIPELINE),
        settings.wms_skew_seconds,
        Limits(args.max_delete, args.max_change, args.max_flips, args.force),
    )
    path, put_by = (pipelines.path_of(settings, table) for table in (PLAN, DECIDED))
    decisions = plans.earlier(path, PLAN, _CALLED)
    decisions.add(plans.earlier(put_by, DECIDED, _CALLED))
    planner = Planner(Folders(settings.data_dir, settings.log_dir), wanted)
    progress = run.progress("plan")
    with tables.writing(path, Planned) as append:
        for row in progress.over(planner.rows()):
            row = decisions.take_over(row)
            append(plans.signed(row, cards.DECISION_AT, run.run_id))
        decisions.forget(freshness.CarriedOut(settings.log_dir))
        kept = decisions.put_by(lambda row: row.type not in planner.types)
        if kept or put_by.exists():
            tables.write(put_by, Planned, kept)
    progress.close()
    author = covering.Author(run.clock.timestamp(), run.run_id, run.door)
    covering.note_planned(settings.log_dir, author, planner.types)
    files = [(PLAN.place, append.count), *([(DECIDED.place, len(kept))] if kept else ())]
    return _report(planner.tally, decisions, files)


def _report(
    tally: Tally, decisions: plans.Decisions, files: list[tuple[str, int]]
) -> stage.Report:
    rejected = len(tally.rejects)
    notes = [tally.bill] if tally.requests else []
    notes += [*tally.notes, *decisions.notes, *planning.rejected(tally.rejects)]
    return stage.Report(
        tally.cards,
        stage.Balance(
            tally.read + rejected, tally.planned, rejected, tally.same, tally.held
        ),
        files,
        notes,
        "make wms-apply",
        SOME_ROWS_FAILED if rejected else stage.OK,
    )


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
