"""The commands of mis_sync_customers: the options each takes, and what it comes to."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from src import config
from src.kit import session_lines, stage
from src.kit.errors import Refused
from src.kit.sync_manager import CANCEL_SECONDS, SyncManager
from src.mis import shown
from src.mis.customer_sync import BATCH_SIZE, DOOR, LIMIT, CustomerSync, Synced
from src.mis.records import TYPES
from src.office import mis_session, mis_sync

PREVIEW = "preview-"
_SYNCS = {"applicants": ["applicants"], "students": ["students"], "all": list(TYPES)}
_TAKES = {
    "analyze": (),
    **{PREVIEW + word: ("limit", "offset") for word in TYPES},
    **{word: ("batch_size", "force", "quiet") for word in _SYNCS},
    "status": (),
    "cancel": (),
    "history": (),
}
_DEFAULTS = {
    "limit": LIMIT,
    "offset": 0,
    "batch_size": BATCH_SIZE,
    "force": False,
    "quiet": False,
}


class Answer(NamedTuple):
    """What a command came to, for people and for programs."""

    message: str
    found: Synced
    lines: Iterator[str]


def options(parser: ArgumentParser) -> None:
    """Add the commands and their options."""
    parser.add_argument("command", choices=list(_TAKES))
    parser.add_argument("--limit", type=_number, metavar="N", help="show N (1-100, 10)")
    parser.add_argument("--offset", type=_number, metavar="N", help="after the first N")
    parser.add_argument(
        "--batch-size", type=_number, metavar="N", help="N at a time (1-100, 50)"
    )
    said = "let the brakes of mis_plan pass"
    parser.add_argument("--force", action="store_const", const=True, help=said)
    said = f"do not show what the doors say; logs/{mis_session.OUTPUT} has it"
    parser.add_argument("--quiet", action="store_const", const=True, help=said)
    parser.add_argument("--json", action="store_true", help="the same for programs")


def _number(text: str) -> int:
    if not (text.isascii() and text.removeprefix("-").isdigit()):
        raise ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


def answer(
    run: stage.Run, show: Callable[[str], object], stages: mis_sync.Stages
) -> Answer:
    """Return what the command of the run comes to; `show` gets what doors say."""
    command, given = run.args.command, _given(run)
    settings = config.load(run.environ)
    if command in ("cancel", "history"):
        manager = SyncManager(mis_session.outside(settings, run))
        return _cancelled(run, manager) if command == "cancel" else _history(manager)
    if given["quiet"]:
        show = mis_sync.unseen
    audience = mis_sync.Audience(show, run.say, _passed_on(run))
    stages = partial(stages, is_forced=True) if given["force"] else stages
    service = CustomerSync(mis_sync.outside(settings, run, audience, stages))
    if command in _SYNCS:
        with run.stopping_gently():
            return _synced(run, service, given["batch_size"])
    return _seen(command, service, given)


def _given(run: stage.Run) -> dict[str, Any]:
    """Return what the options say; raises Refused for one that makes no sense."""
    command, found = run.args.command, vars(run.args)
    given = {name: found[name] for name in _DEFAULTS if found[name] is not None}
    for name in sorted(given.keys() - set(_TAKES[command])):
        option = f"--{name.replace('_', '-')}"
        raise Refused(f"{DOOR} {command}: takes no {option}; leave it out")
    return _DEFAULTS | given


def _passed_on(run: stage.Run) -> list[str]:
    return ["--progress", run.args.progress, *["--debug"] * run.args.debug]


def _seen(command: str, service: CustomerSync, given: dict[str, Any]) -> Answer:
    if command == "analyze":
        data = service.analyze()
        return Answer("Customer statistics", Synced(data), shown.statistics(data))
    if command == "status":
        data = service.status()
        return Answer("Customer synchronization", Synced(data), shown.status(data))
    word = command.removeprefix(PREVIEW)
    data = service.preview(word, given["limit"], given["offset"])
    return Answer(f"Unsynchronized {word}", Synced(data), shown.preview(word, data))


def _synced(run: stage.Run, service: CustomerSync, batch_size: int) -> Answer:
    words = _SYNCS[run.args.command]
    found = service.sync(words, batch_size)
    lines = shown.results(words, found, run.args.brief)
    return Answer(f"Synchronization of {' and '.join(words)}", found, lines)


def _cancelled(run: stage.Run, manager: SyncManager) -> Answer:
    """Ask the session to stop, and wait until it has."""
    session_id = manager.cancel_sync()
    if not session_id:
        none = "no session runs, so there is nothing to cancel"
        found = Synced({"session_id": None, "status": None})
        return Answer(none, found, iter([f"{DOOR}: {none}"]))
    run.say("asked; the requests in flight are finished first")
    session = manager.wait_for_end(CANCEL_SECONDS)
    data = {"session_id": session_id, "status": session.status if session else None}
    lines = session_lines.cancelled(DOOR, session, CANCEL_SECONDS)
    return Answer("Synchronization asked to stop", Synced(data), lines)


def _history(manager: SyncManager) -> Answer:
    found = manager.get_sync_history()
    data = {"sessions": found, "count": len(found)}
    lines = session_lines.history(DOOR, found)
    return Answer("Sessions of synchronization", Synced(data), lines)
