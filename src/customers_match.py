"""Match checked customers with the database: a plan, before anything is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from src import config
from src.config import Settings
from src.customers import planning
from src.customers.records import CHECKED, PIPELINE, PLAN, RUNLOG, Checked, Planned
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
    rows, changed = reading.table(path, CHECKED), _Changed()
    with connect_database.database(settings, clock=run.clock) as database:
        planner = planning.Planner(database, verdicts)
        planner.climb(changed.intact(reading.table(path, CHECKED)))
        counts = _write(run, settings, planner.plan(changed.others(rows)), decisions)
    notes = [*rows.notes, *decisions.notes]
    notes += [f"{r.file}: line {r.line}: {r.reason}" for r in rows.rejects[:5]]
    notes += [f"{CHECKED.place}: {name}: {_CHANGED}" for name in changed.names[:5]]
    planned, rejected = sum(counts.values()), len(rows.rejects) + len(changed.names)
    return stage.Report(
        counts,
        stage.Balance(rows.count, planned, rejected),
        [(PLAN.place, planned)],
        notes,
        "make customers-import",
        SOME_ROWS_FAILED if rejected else stage.OK,
        source=source,
    )


_CHANGED = "was changed since the check; change the export, and check that"


class _Changed:
    """The checked rows that somebody changed since; the others pass."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._places: set[int] = set()  # of these rows in the file

    def intact(self, rows: Iterable[Checked]) -> Iterator[Checked]:
        """Yield the rows that are as the check wrote them, and note the others."""
        for place, row in enumerate(rows):
            if planning.is_intact(row):
                yield row
            else:
                self.names.append(row.name)
                self._places.add(place)

    def others(self, rows: Iterable[Checked]) -> Iterator[Checked]:
        """Yield the rows again, without those that were noted."""
        return (row for n, row in enumerate(rows) if n not in self._places)


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
