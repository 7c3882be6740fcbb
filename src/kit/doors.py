"""One door after the other: a stage of a longer work, and how it ended."""

from __future__ import annotations

from typing import NamedTuple

from src.kit.errors import IN_DOUBT, NOTHING_DONE, OK, SIGNALLED, SOME_ROWS_FAILED

# With these a door has done what it could for every record; the next may follow.
DONE = (OK, SOME_ROWS_FAILED, IN_DOUBT)
SILENT = (
    "ended without a word, killed or switched off; start again, what was in flight is "
    "looked up first"
)


class Stage(NamedTuple):
    """One door of a longer work, and the event that its end is."""

    event: str
    door: str
    command: tuple[str, ...]


class Ended(NamedTuple):
    """How a stage ended."""

    exit_code: int  # negative = the signal that killed it
    said: str
    has_finished: bool = True  # it came to its summary: what it says is true
    notes: tuple[str, ...] = ()  # below its sum: what has a way out

    @property
    def signal(self) -> int:
        """Return the signal that ended it, 0 for none."""
        code = self.exit_code
        return -code if code < 0 else max(0, code - SIGNALLED)

    @property
    def is_done(self) -> bool:
        """Return whether the next stage may follow; an exception exits with 1 as well."""
        return self.exit_code in DONE and self.has_finished

    @property
    def code(self) -> int:
        """Return its exit code as a shell counts; a crash is not told as failed rows."""
        if self.exit_code in DONE and not self.has_finished:
            return self.exit_code or NOTHING_DONE
        return SIGNALLED - self.exit_code if self.exit_code < 0 else self.exit_code


def problem(stage: Stage, ended: Ended) -> str:
    """Return what is to be said of a stage after which nothing may follow."""
    if ended.signal:
        return f"{stage.door}: killed by signal {ended.signal}; {SILENT}"
    said = ended.said or f"{stage.door}: ended with {ended.exit_code} and without a word"
    return said if ended.exit_code not in DONE else f"{stage.door}: crashed: {said}"
