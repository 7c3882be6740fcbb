"""Show what was imported from SalesPro, or analyze the appointments that are stored."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence

from src import config
from src.kit import stage
from src.kit.database import Database
from src.office import connect_database
from src.salespro import analysis
from src.salespro.analysis import Imported, Sold
from src.salespro.history import COUNTS
from src.salespro.summary import money

LATEST = 5  # starts below the analysis


def main(argv: Sequence[str] | None = None) -> int:
    """Print the starts of imports, newest first, or the analysis."""
    run = stage.start("salespro_history", __doc__, argv, _options)
    settings = config.load(run.environ)
    with connect_database.database(settings, clock=run.clock) as database:
        if run.args.json:
            lines = iter([_json(run, database)])
        elif run.args.command == "analyze":
            lines = _analysis(database, run.args.detailed)
        else:
            lines = _imports(_wanted(run, database))
        for line in lines:
            print(stage.printable(line))
    return stage.OK


def _options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "command",
        nargs="?",
        choices=("list", "analyze"),
        default="list",
        help="list = the imports, analyze = totals, representatives, days",
    )
    parser.add_argument(
        "--last", type=stage.whole_number, metavar="N", help="the newest N"
    )
    parser.add_argument(
        "--failed",
        action="store_true",
        help="only failed, partial and interrupted ones",
    )
    parser.add_argument(
        "--detailed", action="store_true", help="analyze: amounts of each day"
    )
    parser.add_argument("--json", action="store_true", help="the same for programs")


def _wanted(run: stage.Run, database: Database) -> list[Imported]:
    return analysis.imports(database, run.args.failed)[: run.args.last]


# --- imports --------------------------------------------------------------------------


def _imports(found: list[Imported]) -> Iterator[str]:
    dry = sum(one.is_dry_run for one in found)
    among = f", dry runs among them: {dry:,}" if dry else ""
    yield f"salespro_history: {len(found):,} start{'' if len(found) == 1 else 's'}{among}"
    for one in found:
        when = one.started_at[:19].replace("T", " ")
        yield f"  {when} UTC  {one.status:11}  {_kind(one)}  {one.file_path}"
        told = [
            f"{getattr(one, name):,} {name}" for name in COUNTS if getattr(one, name)
        ]
        yield f"    {', '.join(told) or 'nothing read'}"
        if one.error_message:
            yield f"    {one.error_message}"


def _kind(one: Imported) -> str:
    return f"{one.sync_type}, dry run" if one.is_dry_run else one.sync_type


# --- analysis -------------------------------------------------------------------------


def _analysis(database: Database, is_detailed: bool) -> Iterator[str]:
    total = analysis.total(database)
    counts = f"{total.appointments:,} appointments, {total.sales:,} sales"
    yield f"salespro_history: {counts}"
    yield f"  conversion          {total.conversion} %"
    yield f"  sales without amount {total.sales - total.with_amount:,}"
    yield f"  amount              {money(total.cents)}, mean {money(int(total.mean))}"
    yield "  representatives, by amount"
    for one in analysis.representatives(database):
        yield f"    {one.name or '(none)':32} {_figures(one)}"
    yield "  days (UTC)"
    for one in analysis.days(database):
        yield f"    {one.name or '(no date)':32} {_figures(one)}"
        if is_detailed and one.least is not None and one.most is not None:
            least, mean, most = map(money, (one.least, int(one.mean), one.most))
            yield f"      amounts: least {least}, mean {mean}, most {most}"
    yield "  starts"
    for one in analysis.imports(database)[:LATEST]:
        start = f"{one.started_at[:10]} {one.status:11}"
        yield f"    {start} {_kind(one)}  {one.file_path}"


def _figures(one: Sold) -> str:
    return (
        f"{one.appointments:>7,}  {one.sales:>6,} sales  {one.conversion:>5} %  "
        f"{money(one.cents):>16}"
    )


def _json(run: stage.Run, database: Database) -> str:
    if run.args.command == "analyze":
        people, days = analysis.representatives(database), analysis.days(database)
        found: object = {
            "total": _plain(analysis.total(database)),
            "representatives": [_plain(one) for one in people],
            "days": [_plain(one) for one in days],
        }
    else:
        found = [one._asdict() for one in _wanted(run, database)]
    return json.dumps(found, indent=2, ensure_ascii=False)


def _plain(one: Sold) -> dict[str, object]:
    ratios = {"conversion": str(one.conversion), "mean_cents": int(one.mean)}
    return {**one._asdict(), **ratios}


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
