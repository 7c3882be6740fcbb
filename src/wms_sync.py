"""Synchronize the warehouse with QuickBooks Desktop: start, cancel, watch, list sessions.

`start` leaves a session at work in the background, `run` carries one out here: wms_fetch,
wms_plan and wms_apply, one after the other. TYPES are those of the warehouse's records;
none = all.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from src import config
from src.config import Settings
from src.kit import conducting, session_lines, sessions, stage
from src.kit.conducting import Work
from src.kit.doors import Stage
from src.kit.errors import OK, Refused
from src.kit.sessions import RUNNING
from src.kit.sync_manager import CANCEL_SECONDS, SyncManager
from src.office import background, processes, wms_session
from src.office.processes import Desk
from src.office.wms_session import OUTPUT
from src.wms import shown
from src.wms.fields import TYPES

STATUS_NEXT, WITH_TYPES = "make wms-status", ("start", "run")


Stages = Callable[..., list[Stage]]


def main(
    argv: Sequence[str] | None = None, stages: Stages = wms_session.stages
) -> int:
    """Do what the command says about sessions."""
    run = stage.start("wms_sync", __doc__, argv, _options)
    command, words = run.args.command, run.args.types
    if words and command not in WITH_TYPES:
        raise Refused(f"wms_sync {command}: takes no types; leave {' '.join(words)} out")
    settings = config.load(run.environ)
    if command == "run":
        return _run(run, settings, stages)
    manager = SyncManager(wms_session.outside(settings, run))
    if command == "start":
        session_id = manager.start_sync(words, full=run.args.full, force=run.args.force)
        print(f"wms_sync: session {session_id} runs")
        print(f"  next: {STATUS_NEXT}")
    elif command == "cancel":
        _cancel(run, manager)
    else:
        for line in _shown(run, manager):
            print(stage.printable(line))
    return OK


def _options(parser: ArgumentParser) -> None:
    commands = ("start", "run", "cancel", "status", "history")
    parser.add_argument("command", choices=commands)
    parser.add_argument(
        "types", nargs="*", default=[], metavar="TYPE", help=", ".join(TYPES)
    )
    parser.add_argument("--json", action="store_true", help="the same for programs")
    parser.add_argument("--full", action="store_true", help="fetch everything again")
    parser.add_argument("--force", action="store_true", help="plan past the brakes")


# --- a session here -------------------------------------------------------------------


def _run(run: stage.Run, settings: Settings, stages: Stages) -> int:
    objects = sessions.types_of(run.args.types, TYPES)
    outside = wms_session.outside(settings, run)
    asked = background.asking(outside, run, run.run_id)
    desk = Desk(settings.log_dir, OUTPUT, run.run_id, run.environ, _show, asked)
    args = run.args
    doors = stages(objects, args.full, args.force, args.brief)
    with run.stopping_gently():
        work = Work(doors, processes.performing(desk), asked)
        end = conducting.conduct(outside, run.run_id, objects, work)
    total, synced, failed = sessions.summed(end.counts.values())
    report = stage.Report(
        {"records planned": total, "synchronized": synced, "not synchronized": failed},
        notes=[end.status, *end.message.splitlines()],
        next_step=STATUS_NEXT,
        exit_code=end.exit_code,
    )
    return run.finish(report, settings.log_dir)


def _show(text: str) -> None:
    with suppress(BrokenPipeError):  # whoever looked on has left; the session goes on
        print(text, end="", flush=True)


def _cancel(run: stage.Run, manager: SyncManager) -> None:
    """Ask the session to stop, and wait until it has."""
    if not manager.cancel_sync():
        print("wms_sync: no session runs, so there is nothing to cancel")
        return
    run.say("asked; the record in flight is finished first")
    session = manager.wait_for_end(CANCEL_SECONDS)
    for line in session_lines.cancelled("wms_sync", session, CANCEL_SECONDS):
        print(stage.printable(line))
    if session and session.status == RUNNING:
        print(f"  next: {STATUS_NEXT}")


# --- what there is to see -------------------------------------------------------------


def _shown(run: stage.Run, manager: SyncManager) -> Iterator[str]:
    if run.args.command == "status":
        status = manager.get_sync_status()
        session = manager.current()
        stage_ended = session.stage if session else ""
        lines = shown.status(status, manager.last_sync_time(), stage_ended)
        return iter([session_lines.as_json(status)]) if run.args.json else lines
    history = manager.get_sync_history()
    if run.args.json:
        return iter([session_lines.as_json(history)])
    return session_lines.history("wms_sync", history)


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
