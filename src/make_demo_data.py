"""Make a legacy tree with every problem of real ones, its company, and demo exports."""

from __future__ import annotations

import textwrap
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from src import config
from src.attachments import demo
from src.customers import demo as customers
from src.kit import stage
from src.salespro import demo as salespro


def main(argv: Sequence[str] | None = None) -> int:
    """Write FILES_DIR/Attach and the simulated company's mapping and scenario."""
    run = stage.start("make_demo_data", __doc__, argv, _options)
    settings = config.load(run.environ)
    made = _make(settings, run)
    for exports in (customers, salespro):
        exports.make_if_missing(settings.data_dir / "demo")
    report = stage.Report(
        {"files": made.files, "mapping rows": made.mapping_rows},
        files=[("data/fake_qbo/mapping.csv", made.mapping_rows)],
        notes=[
            f"the tree is in {_shown(settings.files_dir)}/Attach",
            *_told(made),
            "exports of customers, appointments and users are in data/demo",
        ],
        next_step="make mapping",
    )
    return run.finish(report, settings.log_dir)


def _make(settings: config.Settings, run: stage.Run) -> demo.Made:
    wanted, made = run.args, demo.Made(0, 0, {})
    progress = run.progress("demo files", wanted.scale)
    for made in demo.making(
        settings.files_dir, settings.fake_qbo_dir, wanted.seed, wanted.scale
    ):
        progress.advance(made.files - progress.done)
    progress.close()
    return made


def _told(made: demo.Made) -> list[str]:
    """Return the planted problems in lines, each by the label that finds its files."""
    told = ", ".join(f"{count:,} {label}" for label, count in made.problems.items())
    return textwrap.wrap(f"problems: {told}", 84)


def _shown(folder: Path) -> str:
    """Return a folder as a person at the Makefile sees it."""
    is_inside = folder.is_relative_to(config.ROOT)
    return str(folder.relative_to(config.ROOT) if is_inside else folder)


def _options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--scale",
        type=stage.whole_number,
        default=demo.SMALL,
        metavar="N",
        help=f"about so many files (default {demo.SMALL}, 170000 is production)",
    )
    parser.add_argument("--seed", default="1", help="the same seed makes the same tree")


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
