"""Whether a session lives: whoever has its lock says so, and the dead are ended.

A session is alive while somebody holds its lock. One that no row ends and whose lock is
free was killed: it is `failed`, and whoever notices first says so in a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from src.kit import sessions
from src.kit.clock import Clock
from src.kit.doors import SILENT
from src.kit.errors import Locked
from src.kit.events import Event
from src.kit.locks import Lock
from src.kit.logbook import Author, LogPlace
from src.kit.sessions import FAILED, RUNNING, Found, Session
from src.kit.tables import Table

LOOK_SECONDS = 0.05  # between two looks
# Whoever asks for the status holds the lock for an instant; a start outlasts that. A
# session that is at work is known by its name in the lock and its rows, at once.
PATIENCE_SECONDS = 1.0


class Launched(Protocol):
    """A session that was started in the background."""

    def ended(self) -> int | None:
        """Return its exit code, None while it runs."""

    def said(self) -> str:
        """Return the last thing it said."""


class Subject(NamedTuple):
    """What sessions are about, and what their files are called."""

    door: str
    name: str  # of their lock, of the wish to stop one, of their doors' output
    table: Table  # of the sessions' rows
    runlog: str  # where people find what became of each record
    types: tuple[str, ...]  # in the order of synchronization


class Counting(Protocol):
    """How the records of a session are counted."""

    def planned(self, session_id: str) -> Mapping[str, int]:
        """Return how many records of each type its plan is about."""

    def found(self, session_id: str) -> Found:
        """Return what became of them so far."""


class Outside(NamedTuple):
    """What a manager needs of the world."""

    clock: Clock
    log_dir: Path
    subject: Subject
    counting: Counting
    launch: Callable[
        [str, tuple[str, ...], Mapping[str, Any]], Launched
    ]  # id, types, options
    new_id: Callable[[], str]
    check: Callable[[], object] = lambda: None  # raises Refused where starting is in vain

    @property
    def path(self) -> Path:
        """Return where the sessions' rows lie."""
        return self.log_dir / self.subject.table.name

    @property
    def lock(self) -> Lock:
        """Return the lock that a session holds while it lives."""
        return Lock(self.log_dir / f"{self.subject.name}.lock")

    def writer(self, session_id: str) -> sessions.Writer:
        """Return what adds rows to a session."""
        place = LogPlace(self.path, self.subject.table.place, Event)
        return sessions.Writer(place, Author(session_id, self.subject.door, self.clock))

    @property
    def request(self) -> Path:
        """Return the file that names the session which somebody wants stopped."""
        return self.log_dir / f"{self.subject.name}.cancel"


class AtWork(Locked):
    """A session runs, or is about to: none of the same subject may start."""

    def __init__(self, door: str, session: Session) -> None:
        since = f"{session.started[:19].replace('T', ' ')} UTC"
        super().__init__(
            f"{door}: session {session.id} runs since {since}; wait until it has ended, "
            "or cancel it"
        )
        self.session = session


@contextmanager
def alive(outside: Outside) -> Iterator[Lock]:
    """Yield the lock of sessions, held.

    Raises AtWork where a session runs, else Locked, naming the holder.
    """
    until = outside.clock.monotonic() + PATIENCE_SECONDS
    with ExitStack() as stack:
        while not (lock := _held(outside, stack, outside.clock.monotonic() >= until)):
            outside.clock.sleep(LOOK_SECONDS)
        yield lock


def _held(outside: Outside, stack: ExitStack, is_last_try: bool) -> Lock | None:
    try:
        return stack.enter_context(outside.lock)
    except Locked as locked:
        if locked.work:
            _expect_none_runs(outside, locked.work)
        if is_last_try:
            raise
        return None


def _expect_none_runs(outside: Outside, session_id: str) -> None:
    for session in sessions.read(outside.path):
        if session.id == session_id and session.status == RUNNING:
            raise AtWork(outside.subject.door, session)


def bury(outside: Outside) -> None:
    """End every session that no row ends; the caller holds the lock, so all are dead."""
    for session in sessions.read(outside.path):
        if session.status == RUNNING:
            counts = outside.counting.found(session.id).counts(totals(session))
            writer = outside.writer(session.id)
            writer.open()
            writer.count(counts)
            everything = sessions.summed(counts.values())
            writer.end(FAILED, session.stage, SILENT, everything)


def totals(session: Session) -> dict[str, int]:
    """Return how many records of each type a session is about."""
    return {word: count.total for word, count in session.counts.items()}
