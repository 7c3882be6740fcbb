"""Prove exactly-once on this machine: kill uploaders at random and count what arrived.

Real processes upload to a real HTTP server that honours, ignores or forgets request ids,
and that fails one call in ten. Between two kills their logs are deleted, cut or re-saved.
The uploader that logs successes only is there too, and must fail.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from src import config
from src.kit import stage, tables
from src.kit.errors import OK, SOME_ROWS_FAILED
from src.office import proof
from src.office.proof import DESIGNS, Lane, Result

PLACE = "prove.csv"


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table and write it to logs/prove.csv; 0 if the proof holds."""
    run = stage.start("prove", __doc__, argv, _options)
    settings = config.load(run.environ)
    folder = Path(tempfile.mkdtemp(prefix="carryover-prove-"))
    lanes = [
        Lane(folder / f"{design.model} {design.door} {number}", design, f"{run.args.seed} {number}")
        for number in range(run.args.lanes)
        for design in DESIGNS
    ]
    run.say(f"killing uploaders for {run.args.seconds:g} s in {len(lanes)} companies …")
    _run(lanes, run.args.seconds)
    found = list(proof.results(lanes))
    tables.write(settings.log_dir / PLACE, Result, found)
    print("\n".join(_table(found)))
    holds = all(_holds(one) for one in found)
    if holds:
        shutil.rmtree(folder, ignore_errors=True)
        print(f"The proof holds. wrote logs/{PLACE} ({len(found)} rows)")
    else:
        print(f"The proof does NOT hold; everything is kept in {folder}")
    return OK if holds else SOME_ROWS_FAILED


def _run(lanes: list[Lane], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    with ThreadPoolExecutor(len(lanes)) as pool:
        for ended in [pool.submit(lane.run, deadline) for lane in lanes]:
            ended.result()


def _holds(one: Result) -> bool:
    """Return whether a design ended as it must: ours without a fault, the other with."""
    if one.design == DESIGNS[0].name:
        return (one.lost, one.duplicates) == ("0", "0")
    return one.duplicates != "0"


def _table(found: list[Result]) -> list[str]:
    rows = [[name.replace("_", " ") for name in Result._fields], *map(list, found)]
    widths = [max(map(len, column)) for column in zip(*rows)]
    return [
        "  ".join(
            cell.rjust(width) if number > 1 else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths))
        ).rstrip()
        for row in rows
    ]


def _options(parser: ArgumentParser) -> None:
    parser.add_argument("--seconds", type=float, default=45.0, help="how long to kill")
    parser.add_argument("--lanes", type=stage.whole_number, default=3, help="per design")
    parser.add_argument("--seed", default="1", help="of the random kills")


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
