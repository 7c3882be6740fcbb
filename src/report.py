"""Write the overview of all five pipelines as one offline HTML file, to mail or to print."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from src import config
from src.kit import files, stage
from src.office import report
from src.office.pages import layout
from src.office.report import Told

NAME = "report.html"


def main(argv: Sequence[str] | None = None) -> int:
    """Write logs/report.html."""
    run = stage.start("report", __doc__, argv, _options)
    settings, texts = config.load(run.environ), config.sources(run.environ)
    path = Path(run.args.output) if run.args.output else settings.log_dir / NAME
    with stage.uncollected():
        watch = report.watch(settings)
        told = Told(settings, watch, texts, run.clock.timestamp(), run.run_id)
        content = layout.offline(report.page(told)).encode()
    with files.replacing(path) as file:
        file.write(content)
    place = run.args.output or f"logs/{NAME}"
    return run.finish(_said(place, len(content)), settings.log_dir)


def _options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--output", default="", metavar="FILE", help=f"instead of logs/{NAME}"
    )


def _said(place: str, size: int) -> stage.Report:
    wrote = f"wrote {place} ({-(-size // 1000):,} kB)"
    return stage.Report({"report": 1}, None, notes=[wrote], next_step=f"open {place}")


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
