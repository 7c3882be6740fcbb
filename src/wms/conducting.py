"""A session from its first stage to its end: what each exit code means for the rest."""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

from src.kit import doors
from src.kit.doors import DONE, Ended, Stage
from src.kit.errors import OK, SIGNALLED, Refused
from src.kit.memory import HELD
from src.wms import counting, sessions, sync_manager
from src.wms.records import SESSIONS
from src.wms.sessions import (
    APPLIED,
    CANCELLED,
    COMPLETED,
    FAILED,
    FETCHED,
    PLANNED,
    Count,
    Writer,
)
from src.wms.sync_manager import Outside

_TOLD_TO_STOP = (signal.SIGINT, signal.SIGTERM)


class Work(NamedTuple):
    """What a session does, and who may stop it."""

    stages: Sequence[Stage]
    # The lock's open file goes with a stage: a session is alive as long as its doors.
    perform: Callable[[Stage, int], Ended]
    asked: Callable[[], str]  # who wants it to stop, nothing = nobody


class Conclusion(NamedTuple):
    """How a session ended."""

    status: str
    exit_code: int
    message: str
    counts: dict[str, Count]


def conduct(
    outside: Outside, session_id: str, objects: tuple[str, ...], work: Work
) -> Conclusion:
    """Carry out a session; return how it ended.

    Raises Locked where another one runs.
    """
    with sync_manager.alive(outside) as lock:
        found = sessions.read(outside.log_dir / SESSIONS.name)
        if any(session.id == session_id for session in found):
            raise Refused(
                f"RUN_ID={session_id}: {SESSIONS.place} has a session of that id; leave "
                "RUN_ID empty"
            )
        sync_manager.bury(outside)
        writer = Writer(outside.log_dir, session_id, outside.clock)
        writer.start(objects)
        try:
            end = _Course(outside, writer, objects).run(work, lock.descriptor)
        except (Refused, OSError) as error:
            with suppress(Refused, OSError):  # a full disk takes no row either
                writer.end(FAILED, "", f"wms_sync: {error}", Count())
            raise
        with suppress(OSError):  # answered; nobody may have asked
            outside.request.unlink()
    return end


class _Course:
    """One session at work."""

    def __init__(self, outside: Outside, writer: Writer, objects: tuple[str, ...]) -> None:
        self._outside, self._writer, self._objects = outside, writer, objects
        self._codes: list[int] = []
        self._left_out = ""  # what the fetch could not bring
        self._totals = {word: 0 for word in objects}

    def run(self, work: Work, lock: int) -> Conclusion:
        """Perform the stages until one ends it all."""
        for stage in work.stages:
            by = work.asked()
            if by:
                return self._end(CANCELLED, stage, f"before {stage.door}, by {by}")
            ended = work.perform(stage, lock)
            end = self._after(stage, ended, work.asked())
            if end:
                return end
        return self._end(COMPLETED, stage, "")

    def _after(self, stage: Stage, ended: Ended, asked: str) -> Conclusion | None:
        """Write down how a stage ended; return the end where it is one."""
        if asked:
            self._writer.asked(stage.door, asked)
        code = ended.code
        self._codes.append(code)
        self._writer.stage(stage.event, stage.door, code, ended.said)
        if ended.is_done:
            self._learn(stage, ended)
            return None
        if ended.signal and (asked or ended.signal in _TOLD_TO_STOP):
            return self._end(CANCELLED, stage, f"during {stage.door}, by {asked or 'a signal'}")
        said = (self._left_out, doors.problem(stage, ended))
        return self._end(FAILED, stage, "\n".join(filter(None, said)))

    def _learn(self, stage: Stage, ended: Ended) -> None:
        outside = self._outside
        if stage.event == FETCHED and ended.exit_code != OK:
            self._left_out = ended.said
        if stage.event == PLANNED:
            found = counting.planned(outside.data_dir, outside.log_dir, self._writer.id)
            self._totals = {word: found[word] for word in self._objects}
            self._writer.count(self._counts(counting.Written(())))

    def _end(self, status: str, stage: Stage, message: str) -> Conclusion:
        found = counting.written(self._outside.log_dir, self._writer.id)
        counts = self._counts(found)
        everything = sessions.summed(counts.values())
        if status == CANCELLED:
            message = f"stopped {message}{_reached(stage, everything, found)}"
        self._writer.count(counts)
        self._writer.end(status, stage.door, message, everything)
        return Conclusion(status, self._exit_code(status), message, counts)

    def _counts(self, found: counting.Written) -> dict[str, Count]:
        return counting.counts(self._totals, found)

    def _exit_code(self, status: str) -> int:
        """Return the code of the worst stage; the one that ended it all came last."""
        codes = [OK, *self._codes]
        if status == CANCELLED and codes[-1] <= SIGNALLED:
            return SIGNALLED + signal.SIGTERM
        return max(codes) if codes[-1] in DONE else codes[-1]


def _reached(stage: Stage, count: Count, found: counting.Written) -> str:
    tried = [row for row in found.rows if row.outcome != HELD]
    if stage.event != APPLIED or not tried:
        return "; nothing was written"
    last = tried[-1]
    done = f"{count.synced + count.failed:,} of {count.total:,} records"
    return f"; {done}, the last one {last.type} {last.name or last.id or last.wms_id}"
