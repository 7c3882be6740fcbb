"""Make a demo MIS and its company's other names, or edit it between two syncs."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence

from src import config
from src.config import Settings
from src.kit import acting, stage
from src.kit.database import Database
from src.kit.errors import Refused
from src.mis import demo
from src.mis.records import FETCH
from src.office import connect, demo_mis, pipelines

MAKE, EDIT = "make", "edit"
SHOWN = 3  # kinds of problems that are named
CLEAN = '"make clean" takes it away'
ANEW = "name an empty database in MIS_DATABASE_URL"


def main(argv: Sequence[str] | None = None) -> int:
    """Make or edit the MIS that the settings name, if it is the demo's."""
    run = stage.start("mis_demo", __doc__, argv, _options)
    settings = config.load(run.environ)
    with acting.locked(pipelines.mis_shelf(settings)):
        if run.args.command == MAKE:
            demo_mis.expect_simulated(settings)
            with demo_mis.database(settings) as database:
                report = _make(database, run.args.seed, settings)
            report = _enter(report, settings, run)
        else:
            with demo_mis.database(settings) as database:
                report = _edit(database)
    return run.finish(report, settings.log_dir)


def _options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "command",
        nargs="?",
        default=MAKE,
        choices=(MAKE, EDIT),
        help="make = the MIS before its first synchronization, and who else has a name "
        "in QuickBooks (default); edit = what people change in the MIS before the next",
    )
    parser.add_argument("--seed", default="1", help="the same seed, the same people")


def _make(database: Database, seed: str, settings: Settings) -> stage.Report:
    if demo.standing(database) in (demo.MADE, demo.EDITED):
        way_out = f"{ANEW} for a new one" if settings.mis_database_url else CLEAN
        note = f"there is a demo already, so its MIS stays as it is; {way_out}"
        return stage.Report({}, warnings=[note], next_step=FETCH)
    made = demo.make(database, seed)
    counts = {"applicants": made.applicants, "students": made.students}
    total, kinds = sum(made.problems.values()), list(made.problems)
    note = (
        f"{total} of them have something wrong or special, of {len(kinds)} kinds: "
        f"{', '.join(kinds[:SHOWN])} …"
    )
    return stage.Report(counts, notes=[note], next_step=FETCH)


def _enter(report: stage.Report, settings: Settings, run: stage.Run) -> stage.Report:
    """Let vendors, employees and others' customers be in QuickBooks."""
    calm = settings._replace(fake_qbo_fail_rate=0.0)  # people try until it is there
    courtesy = connect.courtesy(settings, run.run_id, run.clock)
    people = demo_mis.People(connect.company(calm, run.clock), courtesy, run.run_id)
    entered = people.enter(demo.company_changes())
    counts = {"names in QuickBooks": entered.names, "of them inactive": entered.inactive}
    return report._replace(
        counts={**report.counts, **counts}, notes=[*report.notes, *entered.refused]
    )


def _edit(database: Database) -> stage.Report:
    standing = demo.standing(database)
    if standing == demo.EDITED:
        note = "the MIS is edited already, so nothing was changed"
        return stage.Report({}, notes=[note], next_step=FETCH)
    if standing != demo.MADE:
        raise Refused(
            'there is no demo to edit; run "python -m src.mis_demo make" first'
        )
    return stage.Report(demo.edit(database), next_step=FETCH)


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
