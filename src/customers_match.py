"""Match checked customers with the database: a plan, before anything is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from src import config
from src.config import Settings
from src.customers import planning
from src.customers.records import CHECKED, PIPELINE, PLAN, RUNLOG, Planned
from src.kit import importing, judgements, plans, reading, stage, tables
from src.kit.errors import SOME_ROWS_FAILED
from src.office import connect_database, pipelines


def main(argv: Sequence[str] | None = None) -> int:
    """Write data/customers_plan.csv."""
    run = stage.start("customers_match", __doc__, argv, pipelines.of_option)
    settings = config.load(run.environ)
    place = pipelines.log_place(settings, RUNLOG)
    with importing.pipeline_lock(place), stage.uncollected():
        return run.finish(_match(run, settings), settings.log_dir)


def _match(run: stage.Run, settings: Settings) -> stage.Report:
    path = pipelines.path_of(settings, CHECKED)
    source = pipelines.source_of(settings, CHECKED, run.args.of)
    verdicts = judgements.verdicts(settings.data_dir, PIPELINE)
    decisions = plans.earlier(pipelines.path_of(settings, PLAN), PLAN)
    rows = reading.table(path, CHECKED)
    with connect_database.database(settings, clock=run.clock) as database:
        planner = planning.Planner(database, verdicts)
        planner.climb(reading.table(path, CHECKED))
        counts = _write(run, settings, planner.plan(rows), decisions)
    notes = [*rows.notes, *decisions.notes]
    notes += [f"{r.file}: line {r.line}: {r.reason}" for r in rows.rejects[:5]]
    planned = sum(counts.values())
    return stage.Report(
        counts,
        stage.Balance(rows.count, planned, len(rows.rejects)),
        [(PLAN.place, planned)],
        notes,
        "make customers-import",
        SOME_ROWS_FAILED if rows.rejects else stage.OK,
        source=source,
    )


def _write(
    run: stage.Run,
    settings: Settings,
    planned: object,
    decisions: plans.Decisions,
) -> Counter[str]:
    counts: Counter[str] = Counter()
    progress = run.progress("match")
    with tables.writing(pipelines.path_of(settings, PLAN), Planned) as append:
        for row in progress.over(planned):
            row = decisions.take_over(row)
            append(plans.signed(row, planning.DECISION_AT, run.run_id))
            counts[row.action] += 1
    progress.close()
    return counts


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
