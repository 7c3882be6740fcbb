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
from src.kit.errors import OK, SIGNALLED, Refused
from src.mis import customer_sync
from src.mis.customer_sync import Carried, CustomerSync, Outside
from src.mis.results import PUSH

if TYPE_CHECKING:
    from src.mis.store import Store
    from src.mis.tables import Raw

OUTPUT, LOCK = "mis_sync.out", "mis_sync.lock"
FETCH, PLAN = "mis_fetch", "mis_plan"
_TOLD_TO_STOP = (signal.SIGINT, signal.SIGTERM)
_AGAIN = "start the same command again, it goes on from there"

Stages = Callable[..., list[Stage]]  # of types, batch size, options of every door


class Audience(NamedTuple):
    """Who looks on while doors are at work, and who may stop them."""

    show: Callable[[str], object]  # what a door prints
    note: Callable[[str], object]  # a sentence for a person
    asked: Callable[[], str]  # who wants it to stop, nothing = nobody
    options: Sequence[str] = ("--progress", "off")  # of every door


def service() -> CustomerSync:
    """Return the functions of the synchronization, for programs such as a REST layer.

    Settings are as in force, and nobody looks on.
    """
    run = stage.start(customer_sync.DOOR, None, [])
    nobody = Audience(_unseen, _unseen, lambda: "")
    return CustomerSync(outside(config.load(run.environ), run, nobody))


def _unseen(_: str) -> None:
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
        Stage("fetched", FETCH, command(FETCH, *brief)),
        Stage("planned", PLAN, command(PLAN, *forced, *brief)),
        Stage("pushed", PUSH, command(PUSH, *pushed, *brief)),
    ]


def outside(
    settings: Settings, run: stage.Run, audience: Audience, stages: Stages = stages
) -> Outside:
    """Return what the functions of the synchronization need of the world."""
    return Outside(
        run.clock,
        settings.log_dir,
        partial(mis, settings, audience.note),
        partial(_shown, settings),
        partial(is_connected, settings, run.clock.now),
        partial(carry_out, Conductor(settings, run, audience, stages)),
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
    """Fetch, plan and push, each door a process; return how it ended.

    Raises Locked where another synchronization is at work.
    """
    from src.kit.locks import Lock
    from src.office import processes

    settings, run, audience, stages = conductor
    log_dir, clock = settings.log_dir, run.clock
    run_id = run.environ.get("RUN_ID") or stage.new_run_id(clock)
    show, asked = audience.show, audience.asked
    desk = processes.Desk(log_dir, OUTPUT, run_id, run.environ, show, asked)
    with Lock(log_dir / LOCK) as lock:
        _expect_new(conductor, run_id)
        # The lock's open file goes with a door: as long as it lives, it is held.
        perform = partial(processes.performing(desk), lock=lock.descriptor)
        todo = stages(words, batch_size, audience.options)
        code, problem, warnings = in_turn(todo, perform, asked)
        detail = receipts.words({"exit": code})
        told = (clock.timestamp(), run_id, run.door, receipts.RUN, "", "0", "", detail)
        receipts.append(log_dir, told)
    return Carried(run_id, code, problem, warnings)


def _expect_new(conductor: Conductor, run_id: str) -> None:
    known = receipts.read(conductor.settings.log_dir)
    if any((one.run_id, one.door) == (run_id, conductor.run.door) for one in known):
        raise Refused(
            f"RUN_ID={run_id}: {receipts.TABLE.place} has a synchronization of that "
            "id; leave RUN_ID empty"
        )


def in_turn(
    todo: Sequence[Stage], perform: Callable[[Stage], Ended], asked: Callable[[], str]
) -> tuple[int, str, list[str]]:
    """Perform stages until one ends it all; return the last exit code, why, warnings."""
    code, warnings = OK, []
    for one in todo:
        if by := asked():
            code = SIGNALLED + signal.SIGTERM
            return code, f"stopped before {one.door} by {by}; {_AGAIN}", warnings
        ended = perform(one)
        code = ended.code
        if not ended.is_done:
            return code, _problem(one, ended, asked()), warnings
        warnings += ended.notes  # a brief door says nothing else below its sum
    return code, "", warnings


def _problem(one: Stage, ended: Ended, by: str) -> str:
    by = by or ("a signal" if ended.signal in _TOLD_TO_STOP else "")
    if ended.signal and by:
        return f"{one.door}: stopped by {by}; {_AGAIN}"
    return doors.problem(one, ended)
