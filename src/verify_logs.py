"""Verify the logs: intact, or the first row that was changed, taken out or put in."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence

from src import config
from src.kit import stage
from src.kit.errors import OK, SOME_ROWS_FAILED
from src.kit.verifying import CHANGED, INTACT, NOT_THERE, OPEN, UNSEALED
from src.office import verified_logs
from src.office.verified_logs import Verified


UNKNOWN = (
    "not checked: whether all of a run was taken out of its log and of the receipts; "
    "only a plan that was kept for it would tell"
)


def main(argv: Sequence[str] | None = None) -> int:
    """Print what is known of each log; write nothing."""
    run = stage.start("verify_logs", __doc__, argv, _options)
    settings = config.load(run.environ)
    with stage.uncollected():
        found = list(verified_logs.verified(settings))
    if run.args.json:
        print(json.dumps([_plain(one) for one in found], indent=2, ensure_ascii=False))
    else:
        for line in _lines(found):
            print(stage.printable(line))
    changed = any(one.verdict.state == CHANGED for one in found)
    return SOME_ROWS_FAILED if changed else OK


def _options(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="the same for programs")


def _plain(one: Verified) -> dict[str, object]:
    verdict = one.verdict
    damages = [damage._asdict() for damage in verdict.damages]
    follows = {"next_run": one.next_run, "way_out": one.way_out}
    return {**verdict._asdict(), "damages": damages, **follows}


def count(number: int, noun: str) -> str:
    """Return how many there are of something.

    >>> count(1, "log"), count(1200, "row")
    ('1 log', '1,200 rows')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _lines(found: Sequence[Verified]) -> Iterator[str]:
    there = [one for one in found if one.verdict.state != NOT_THERE]
    verdicts = [one.verdict for one in there]
    logs, rows = count(len(there), "log"), count(sum(v.rows for v in verdicts), "row")
    changed = sum(v.state == CHANGED for v in verdicts)
    unsealed = [v.place for v in verdicts if v.state == UNSEALED]
    resaved = sum(bool(v.resaved) for v in verdicts)
    is_sealed = any(v.rows for v in verdicts if v.state in (INTACT, OPEN))
    right = "nothing that a seal covers was changed" if is_sealed else "nothing found changed"
    told = [f"{changed:,} changed" if changed else right]
    told += [f"{resaved:,} saved by another program"] if resaved else []
    yield f"verify_logs: {logs}, {rows}; {', '.join(told)}"
    if unsealed:
        yield f"  without a seal, so that rows may be missing: {', '.join(unsealed)}"
    if there:
        yield f"  {UNKNOWN}"
    for one in there:
        yield from _block(one)


def _block(one: Verified) -> Iterator[str]:
    verdict = one.verdict
    yield f"{verdict.place}: {verdict.state}, {count(verdict.rows, 'row')}"
    for kind, file, line, said in verdict.damages:
        yield f"  {kind}: {file}{f' line {line:,}' if line else ''}: {said}"
    if more := verdict.count - len(verdict.damages):
        yield f"  and {more:,} more"
    for how in verdict.resaved:
        kept = "" if verdict.state == CHANGED else ", no value changed by that"
        yield f"  saved by another program{kept}: {how}"
    for note in verdict.notes:
        yield f"  {note}"
    for name, text in (("next run", one.next_run), ("way out", one.way_out)):
        if text:
            yield f"  {name}: {text}"


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
