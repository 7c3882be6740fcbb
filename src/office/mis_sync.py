"""The outside of the customer synchronization: the MIS, the login, the doors.

What the doors print goes to logs/mis_sync.out, too.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from src import config
from src.config import Settings
from src.kit import doors, receipts, stage
from src.kit.doors import Ended, Stage
from src.kit.errors import SIGNALLED, Refused
from src.kit.sessions import FETCHED, PLANNED
from src.kit.sync_manager import SyncManager
from src.mis import customer_sync
from src.mis.counting import PUSHED
from src.mis.customer_sync import Carried, CustomerSync, Outside
from src.mis.results import PUSH
from src.office import mis_session
from src.office.mis_session import OUTPUT

if TYPE_CHECKING:
    from src.mis.store import Store
    from src.mis.tables import Raw

FETCH, PLAN = "mis_fetch", "mis_plan"
_TOLD_TO_STOP = (signal.SIGINT, signal.SIGTERM)
_AGAIN = "start the same command again, it goes on from there"

Stages = Callable[..., list[Stage]]  # of types, batch size, options of every door


class Audience(NamedTuple):
    """Who looks on while doors are at work."""

    show: Callable[[str], object]  # what a door prints
    note: Callable[[str], object]  # a sentence for a person
    options: Sequence[str] = ("--progress", "off")  # of every door


def service() -> CustomerSync:
    """Return the functions of the synchronization, for programs such as a REST layer.

    Settings are as in force, and nobody looks on.
    """
    run = stage.start(customer_sync.DOOR, None, [])
    nobody = Audience(unseen, unseen)
    return CustomerSync(outside(config.load(run.environ), run, nobody))


def unseen(_: str) -> None:
    """Show nobody anything."""


def stages(
    words: Sequence[str],
    batch_size: int,
    options: Sequence[str],
    is_forced: bool = False,
) -> list[Stage]:
    """Return the doors of a synchronization, as commands; forced = no brakes."""
    from src.office.processes import command  # only who starts doors needs it

    brief = ("--brief", *options)
    forced = ["--force"] * is_forced
    pushed = (*words, "--batch-size", str(batch_size))
    return [
        Stage(FETCHED, FETCH, command(FETCH, *brief)),
        Stage(PLANNED, PLAN, command(PLAN, *forced, *brief)),
        Stage(PUSHED, PUSH, command(PUSH, *pushed, *brief)),
    ]


def outside(
    settings: Settings, run: stage.Run, audience: Audience, stages: Stages = stages
) -> Outside:
    """Return what the functions of the synchronization need of the world."""
    sessions = mis_session.outside(settings, run)
    return Outside(
        run.clock,
        settings.log_dir,
        partial(mis, settings, audience.note),
        partial(_shown, settings),
        partial(is_connected, settings, run.clock.now),
        partial(carry_out, Conductor(settings, run, audience, stages)),
        SyncManager(sessions).last_session,
        partial(receipts.read, settings.log_dir),
        sessions.counting.found,
    )


# --- the MIS and the login ------------------------------------------------------------


@contextmanager
def mis(settings: Settings, note: Callable[[str], object]) -> Iterator[Store]:
    """Yield the MIS; its tracking columns are added where this user may do so."""
    from src.mis.store import Store
    from src.office import connect_mis

    with connect_mis.database(settings) as database:
        store = Store(database, settings.mis_pushed_by)
        store.check()
        try:
            store.prepare()
        except Refused as refusal:  # reading does not need them
            note(str(refusal))
        yield store


def _shown(settings: Settings, people: Sequence[Raw]) -> list[dict[str, Any]]:
    from src.mis import custom_fields, previewing, records

    mode, ids = settings.custom_field_mode, settings.custom_field_ids
    budget = custom_fields.budget(mode, ids)
    rows = previewing.planned(settings.data_dir / records.PLAN.name, people)
    return [previewing.customer(raw, budget, row) for raw, row in zip(people, rows)]


def is_connected(settings: Settings, now: Callable[[], datetime]) -> bool:
    """Return whether there is a login that can be used; QuickBooks is not asked."""
    if settings.qbo_api == "fake":
        return True
    from src.office import connect

    try:
        connect.app(settings)
        tokens = connect.token_file(settings).read()
        ends = datetime.fromisoformat(tokens.refresh_expires_at).astimezone()
    except (Refused, OSError, ValueError, OverflowError):
        return False
    return now() < ends


# --- the doors ------------------------------------------------------------------------


class Conductor(NamedTuple):
    """What carrying out a synchronization needs."""

    settings: Settings
    run: stage.Run
    audience: Audience
    stages: Stages


def carry_out(conductor: Conductor, words: Sequence[str], batch_size: int) -> Carried:
    """Fetch, plan and push as a session, each door a process; return how it ended.

    Raises Locked where another synchronization is at work.
    """
    from src.kit.conducting import Work, conduct
    from src.office import background, processes

    settings, run, audience, stages = conductor
    outside = mis_session.outside(settings, run)
    session_id = outside.new_id()
    asked = _Remembered(background.asking(outside, run, session_id))
    show, log_dir = audience.show, settings.log_dir
    desk = processes.Desk(log_dir, OUTPUT, session_id, run.environ, show, asked)
    perform = processes.performing(desk)
    ends: list[Ended] = []

    def performed(one: Stage, lock: int) -> Ended:
        ends.append(perform(one, lock))
        return ends[-1]

    todo = stages(words, batch_size, audience.options)
    conduct(outside, session_id, tuple(words), Work(todo, performed, asked))
    code, problem, warnings = told(todo, ends, asked.by)
    detail = receipts.words({"exit": code})
    fact = (run.clock.timestamp(), session_id, run.door, receipts.RUN, "", "0", "", detail)
    receipts.append(log_dir, fact)
    return Carried(session_id, code, problem, warnings)


class _Remembered:
    """Asks who wants a session to stop, and remembers who did."""

    def __init__(self, asked: Callable[[], str]) -> None:
        self._asked = asked
        self.by = ""

    def __call__(self) -> str:
        self.by = self.by or self._asked()
        return self.by


def told(
    todo: Sequence[Stage], ends: Sequence[Ended], by: str
) -> tuple[int, str, list[str]]:
    """Return the exit code, why it ended before its end, what the doors warned of.

    `ends` are those of the stages that were begun, `by` who wanted it to stop.
    """
    warnings = [note for end in ends if end.is_done for note in end.notes]
    if ends and not ends[-1].is_done:
        return ends[-1].code, _problem(todo[len(ends) - 1], ends[-1], by), warnings
    if len(ends) < len(todo):
        door = todo[len(ends)].door
        stopped = f"stopped before {door} by {by}; {_AGAIN}"
        return SIGNALLED + signal.SIGTERM, stopped, warnings
    return ends[-1].code, "", warnings


def _problem(one: Stage, ended: Ended, by: str) -> str:
    by = by or ("a signal" if ended.signal in _TOLD_TO_STOP else "")
    if ended.signal and by:
        return f"{one.door}: stopped by {by}; {_AGAIN}"
    return doors.problem(one, ended)
