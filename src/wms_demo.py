"""Make a demo warehouse and company file, or edit both between two synchronizations."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from itertools import count

from src import config
from src.config import Settings
from src.kit import stage
from src.kit.clock import REAL, Clock
from src.kit.errors import Refused
from src.office import connect_wms, demo_desktop
from src.wms import demo
from src.wms.demo import Sides
from src.wms.demo_cases import QBD, WMS
from src.wms.store import Store

MAKE, EDIT = "make", "edit"
MADE_AT = datetime(2025, 6, 2, 8, tzinfo=timezone.utc)  # the demo's records, always


def main(argv: Sequence[str] | None = None, clock: Clock = REAL) -> int:
    """Make or edit the two sides."""
    run = stage.start("wms_demo", __doc__, argv, _options)
    settings = config.load(run.environ)
    is_new = run.args.command == MAKE
    report = _make(settings) if is_new else _edit(settings, clock)
    return run.finish(report, settings.log_dir)


def _options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "command",
        choices=(MAKE, EDIT),
        help="make = both sides before their first synchronization; edit = what people "
        "change on both sides before the next",
    )


def _make(settings: Settings) -> stage.Report:
    with (
        demo_desktop.person(settings, _ticking()) as person,
        connect_wms.database(settings) as database,
        database.transaction(),
    ):
        sides = Sides(person, Store(database), MADE_AT)
        if not demo.is_empty(sides):
            note = "there are records already, so nothing was made"
            return stage.Report({}, notes=[note], next_step="make wms-fetch")
        made = demo.make(sides)
    counts = {"in QuickBooks": made[QBD], "in the warehouse": made[WMS]}
    return stage.Report(counts, next_step="make wms-fetch")


def _edit(settings: Settings, clock: Clock) -> stage.Report:
    with (
        demo_desktop.person(settings, clock) as person,
        connect_wms.database(settings) as database,
        database.transaction(),
    ):
        sides = Sides(person, Store(database), clock.now())
        if demo.is_edited(sides):
            note = "both sides are edited already, so nothing was changed"
            return stage.Report({}, notes=[note], next_step="make wms-fetch")
        edited = demo.edit(sides)
    if not edited:
        raise Refused(
            'there is no demo to edit; run "python -m src.wms_demo make" first'
        )
    counts = {"edits in QuickBooks": edited[QBD], "edits in the warehouse": edited[WMS]}
    return stage.Report(counts, next_step="make wms-fetch")


def _ticking() -> Clock:
    """Return a clock on which every look takes a second, so that ids stay the same."""
    ticks = count()
    return REAL._replace(now=lambda: MADE_AT + timedelta(seconds=next(ticks)))


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
