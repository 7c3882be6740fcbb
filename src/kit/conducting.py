"""A session from its first stage to its end: what each exit code means for the rest."""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

from src.kit import doors, living, sessions
from src.kit.doors import DONE, Ended, Stage
from src.kit.errors import OK, SIGNALLED, Refused
from src.kit.living import Outside
from src.kit.sessions import (
    CANCELLED,
    COMPLETED,
    FAILED,
    FETCHED,
    PLANNED,
    Count,
    Found,
    Writer,
)

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
    with living.alive(outside) as lock:
        found = sessions.read(outside.path)
        if any(session.id == session_id for session in found):
            raise Refused(
                f"RUN_ID={session_id}: {outside.subject.table.place} has a session of "
                "that id; leave RUN_ID empty"
            )
        living.bury(outside)
        writer = outside.writer(session_id)
        writer.start(objects)
        lock.sign(session_id)
        try:
            end = _Course(outside, writer, objects).run(work, lock.descriptor)
        except (Refused, OSError) as error:
            with suppress(Refused, OSError):  # a full disk takes no row either
                writer.end(FAILED, "", f"{outside.subject.door}: {error}", Count())
            raise
        with suppress(OSError):  # answered; nobody may have asked
            outside.request.unlink()
    return end


class _Course:
    """One session at work."""

    def __init__(
        self, outside: Outside, writer: Writer, objects: tuple[str, ...]
    ) -> None:
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
            return self._end(
                CANCELLED, stage, f"during {stage.door}, by {asked or 'a signal'}"
            )
        said = (self._left_out, doors.problem(stage, ended))
        return self._end(FAILED, stage, "\n".join(filter(None, said)))

    def _learn(self, stage: Stage, ended: Ended) -> None:
        if stage.event == FETCHED and ended.exit_code != OK:
            self._left_out = ended.said
        if stage.event == PLANNED:
            found = self._outside.counting.planned(self._writer.id)
            self._totals = {word: found.get(word, 0) for word in self._objects}
            self._writer.count(Found().counts(self._totals))

    def _end(self, status: str, stage: Stage, message: str) -> Conclusion:
        found = self._outside.counting.found(self._writer.id)
        counts = found.counts(self._totals)
        everything = sessions.summed(counts.values())
        if status == CANCELLED:
            message = f"stopped {message}{_reached(everything, found.last)}"
        self._writer.count(counts)
        self._writer.end(status, stage.door, message, everything)
        return Conclusion(status, self._exit_code(status), message, counts)

    def _exit_code(self, status: str) -> int:
        """Return the code of the worst stage; the one that ended it all came last."""
        codes = [OK, *self._codes]
        if status == CANCELLED and codes[-1] <= SIGNALLED:
            return SIGNALLED + signal.SIGTERM
        return max(codes) if codes[-1] in DONE else codes[-1]


def _reached(count: Count, last: str) -> str:
    if not last:
        return "; nothing was written"
    finished = f"{count.synced + count.failed:,} of {count.total:,} records"
    return f"; {finished}, the last one {last}"
