"""Synchronize applicants and students of the MIS into QuickBooks, as customers.

`analyze` counts them, `preview-applicants` and `preview-students` show the next ones,
`applicants`, `students` and `all` synchronize (mis_fetch, mis_plan and mis_push, one
after the other), `status` says how far everything is, `cancel` stops a synchronization,
`history` lists all.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress

from src.kit import stage
from src.kit.errors import SIGNALLED
from src.mis import shown
from src.mis.customer_sync import DOOR
from src.office import mis_commands, mis_sync


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
    run = stage.start(DOOR, __doc__, argv, mis_commands.options)
    relay = Relay()
    try:
        answer = mis_commands.answer(run, relay, stages)
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


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
