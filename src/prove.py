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
from src.kit.errors import OK, SIGNALLED, SOME_ROWS_FAILED
from src.office import proof
from src.office.proof import DESIGNS, Lane, Result

PLACE = "prove.csv"


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table, write it to logs/prove.csv; 0 if the proof holds."""
    run = stage.start("prove", __doc__, argv, _options)
    settings = config.load(run.environ)
    folder = Path(tempfile.mkdtemp(prefix="carryover-prove-"))
    lanes = [
        Lane(folder / str(number), design, f"{run.args.seed} {number}")
        for number, design in enumerate(DESIGNS * run.args.lanes)
    ]
    run.say(f"killing uploaders for {run.args.seconds:g} s in {len(lanes)} companies …")
    try:
        _run(run, lanes, run.args.seconds)
        found = list(proof.results(lanes))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    tables.write(settings.log_dir / PLACE, Result, found)
    print("\n".join(_table(found)))
    print(f"  wrote logs/{PLACE} ({len(found)} rows)")
    if not all(_holds(one) for one in found if _is_ours(one)):
        print(f"  the proof does NOT hold; everything is kept in {folder}")
        return SOME_ROWS_FAILED
    shutil.rmtree(folder, ignore_errors=True)
    if not all(map(_holds, found)):
        print("  nothing is proved: no kill caught the naive design; run longer (--seconds)")
        return SOME_ROWS_FAILED
    print("  the proof holds: nothing lost, nothing doubled, and the naive design doubles")
    return SIGNALLED + run.signal if run.signal else OK


def _run(run: stage.Run, lanes: list[Lane], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    with run.stopping_gently(), ThreadPoolExecutor(len(lanes)) as pool:
        begun = [
            pool.submit(lane.run, lambda: time.monotonic() > deadline or bool(run.signal))
            for lane in lanes
        ]
        for ended in begun:
            ended.result()


def _is_ours(one: Result) -> bool:
    return one.design == DESIGNS[0].name


def _holds(one: Result) -> bool:
    """Return whether a design ended as it must: ours without a fault, the other with."""
    if _is_ours(one):
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
