"""Synchronize applicants and students of the MIS into QuickBooks, as customers.

`analyze` counts them, `preview-applicants` and `preview-students` show the next ones,
`applicants`, `students` and `all` synchronize (mis_fetch, mis_plan and mis_push, one
after the other), `status` says how far everything is.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from src import config
from src.kit import stage
from src.kit.errors import SIGNALLED, Refused
from src.mis import shown
from src.mis.customer_sync import BATCH_SIZE, DOOR, LIMIT, CustomerSync, Synced
from src.mis.records import TYPES
from src.office import mis_sync

PREVIEW = "preview-"
_SYNCS = {"applicants": ["applicants"], "students": ["students"], "all": list(TYPES)}
_TAKES = {
    "analyze": (),
    **{PREVIEW + word: ("limit", "offset") for word in TYPES},
    **{word: ("batch_size", "force") for word in _SYNCS},
    "status": (),
}
_DEFAULTS = {"limit": LIMIT, "offset": 0, "batch_size": BATCH_SIZE, "force": False}


class Answer(NamedTuple):
    """What a command came to, for people and for programs."""

    message: str
    found: Synced
    lines: Iterator[str]


class Relay:
    """Hands on to standard error what the doors print."""

    def __init__(self) -> None:
        self._said = ""

    def __call__(self, text: str) -> None:
        """Hand on a text as it comes."""
        self._said += text
        with suppress(BrokenPipeError):  # whoever looked on has left; the work goes on
            print(stage.printable(text), end="", file=sys.stderr, flush=True)

    def say_what_is_new(self, sentences: str) -> None:
        """Say those of some lines that no door has said."""
        new = [line for line in sentences.splitlines() if line not in self._said]
        self("".join(line + "\n" for line in new))


def main(
    argv: Sequence[str] | None = None, stages: mis_sync.Stages = mis_sync.stages
) -> int:
    """Do what the command says about applicants and students."""
    run = stage.start(DOOR, __doc__, argv, _options)
    relay = Relay()
    try:
        answer = _answer(run, relay, stages)
    except Exception as error:
        if run.args.json:
            message = f"{DOOR} {run.args.command} failed"
            print(shown.failure(message, run.clock.timestamp(), error), end="")
        raise
    message, found, lines = answer
    if run.args.json:
        lines = iter([shown.answer(message, run.clock.timestamp(), found)])
    for line in lines:
        print(stage.printable(line))
    relay.say_what_is_new(found.problem)
    return SIGNALLED + run.signal if run.signal else found.exit_code


def _options(parser: ArgumentParser) -> None:
    parser.add_argument("command", choices=list(_TAKES))
    parser.add_argument("--limit", type=_number, metavar="N", help="show N (1-100, 10)")
    parser.add_argument("--offset", type=_number, metavar="N", help="after the first N")
    parser.add_argument(
        "--batch-size", type=_number, metavar="N", help="N at a time (1-100, 50)"
    )
    said = "let the brakes of mis_plan pass"
    parser.add_argument("--force", action="store_const", const=True, help=said)
    parser.add_argument("--json", action="store_true", help="the same for programs")


def _number(text: str) -> int:
    if not (text.isascii() and text.removeprefix("-").isdigit()):
        raise ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


def _answer(run: stage.Run, relay: Relay, stages: mis_sync.Stages) -> Answer:
    command = run.args.command
    given = _given(run)
    settings, audience = config.load(run.environ), _audience(run, relay)
    stages = partial(stages, is_forced=True) if given["force"] else stages
    service = CustomerSync(mis_sync.outside(settings, run, audience, stages))
    if command in _SYNCS:
        with run.stopping_gently():
            return _synced(run, service, given["batch_size"])
    if command == "analyze":
        data = service.analyze()
        return Answer("Customer statistics", Synced(data), shown.statistics(data))
    if command == "status":
        data = service.status()
        return Answer("Customer synchronization", Synced(data), shown.status(data))
    word = command.removeprefix(PREVIEW)
    data = service.preview(word, given["limit"], given["offset"])
    return Answer(f"Unsynchronized {word}", Synced(data), shown.preview(word, data))


def _given(run: stage.Run) -> dict[str, int]:
    """Return what the options say; raises Refused for one that makes no sense."""
    command, found = run.args.command, vars(run.args)
    given = {name: found[name] for name in _DEFAULTS if found[name] is not None}
    for name in sorted(given.keys() - set(_TAKES[command])):
        option = f"--{name.replace('_', '-')}"
        raise Refused(f"{DOOR} {command}: takes no {option}; leave it out")
    return _DEFAULTS | given


def _audience(run: stage.Run, relay: Relay) -> mis_sync.Audience:
    options = ["--progress", run.args.progress, *["--debug"] * run.args.debug]
    asked = partial(_asked, run)
    return mis_sync.Audience(relay, run.say, asked, options)


def _asked(run: stage.Run) -> str:
    return "a signal" if run.signal else ""


def _synced(run: stage.Run, service: CustomerSync, batch_size: int) -> Answer:
    words = _SYNCS[run.args.command]
    found = service.sync(words, batch_size)
    lines = shown.results(words, found, run.args.brief)
    return Answer(f"Synchronization of {' and '.join(words)}", found, lines)


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
