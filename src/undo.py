"""Plan how to take back what a run did at a remote side; nothing is sent."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence

from src import config
from src.kit import stage
from src.office import undoing
from src.office.reversing import Past


def main(argv: Sequence[str] | None = None) -> int:
    """Write the reverse plan of a run where its plan lay; the same door applies it."""
    run = stage.start(undoing.DOOR, __doc__, argv, _options)
    settings = config.load(run.environ)
    report = undoing.take_back(Past(run, settings, run.args.taken_back.strip()))
    return run.finish(report, settings.log_dir)


def _options(parser: ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="count, write no plan")
    parser.add_argument("taken_back", metavar="RUN", help="as receipts and run logs name it")


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
