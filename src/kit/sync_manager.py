"""The sync manager: start, cancel, watch and list sessions of synchronization.

A session is alive while somebody holds its lock. One that no row ends and whose lock is
free was killed: it is `failed`, and whoever notices first says so in a row.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from src.kit import files, sessions
from src.kit.clock import Clock
from src.kit.doors import SILENT
from src.kit.errors import LOCKED, Locked, Refused
from src.kit.locks import Lock
from src.kit.sessions import COMPLETED, FAILED, RUNNING, Count, Found, Session
from src.kit.tables import Table

LOOK_SECONDS = 0.05  # between two looks
# Whoever asks for the status holds the lock for an instant; a start outlasts that.
PATIENCE_SECONDS = 1.0
CANCEL_SECONDS = 180.0  # QuickBooks may take 90 s for the record in flight
START_SECONDS = 60.0  # until a session that was started has to be known


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

    @property
    def path(self) -> Path:
        """Return where the sessions' rows lie."""
        return self.log_dir / self.subject.table.name

    @property
    def lock(self) -> Lock:
        """Return the lock that a session holds while it lives."""
        return Lock(self.log_dir / f"{self.subject.name}.lock")

    @property
    def request(self) -> Path:
        """Return the file that names the session which somebody wants stopped."""
        return self.log_dir / f"{self.subject.name}.cancel"


class Status(NamedTuple):
    """A session as the specification wants it shown; without one, `status` is None."""

    status: str | None = None  # running, completed, failed, cancelled
    start_time: datetime | None = None
    end_time: datetime | None = None  # None while it runs
    total_objects: int = 0  # records that are to be synchronized
    synced_objects: int = 0
    failed_objects: int = 0
    progress_percentage: int = 0
    object_progress: Mapping[str, Mapping[str, int]] = {}
    errors: tuple[str, ...] = ()


class Past(NamedTuple):
    """A session in the history."""

    session_id: str
    objects: tuple[str, ...]
    start_time: datetime
    end_time: datetime | None
    status: str
    total_objects: int
    synced_objects: int
    failed_objects: int
    duration_seconds: float | None  # None while it runs
    errors: tuple[str, ...]  # of the session itself
    error_log: str  # where those of its records are, empty = there are none


class NotStarted(Refused):
    """A session ended before it was known to run."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class SyncManager:
    """Starts, cancels and shows sessions; anybody may have one, at any time."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._starting = threading.Lock()
        self._read: tuple[files.Look | None, list[Session]] = (None, [])

    def start_sync(self, objects_to_sync: Iterable[str] = (), **options: Any) -> str:
        """Return the id of a session that runs now, in the background.

        No types stand for all; the options are the session's own. Raises Refused for a
        word that is no type, Locked where a session runs already, NotStarted with the
        reason where it does not come to it.
        """
        objects = sessions.types_of(objects_to_sync, self._outside.subject.types)
        # Of several that start at once here, all but one need not even try.
        if not self._starting.acquire(blocking=False):
            door = self._outside.subject.door
            raise Locked(f"{door}: a session is being started; wait until it has ended")
        try:
            return self._started(objects, options)
        finally:
            self._starting.release()

    def _started(self, objects: tuple[str, ...], options: Mapping[str, Any]) -> str:
        outside, subject = self._outside, self._outside.subject
        with alive(outside):
            bury(outside)
        session_id = outside.new_id()
        launched = outside.launch(session_id, objects, options)
        until = outside.clock.monotonic() + START_SECONDS
        while not self._is_known(session_id):
            code = launched.ended()
            if code is not None and not self._is_known(session_id):
                if code == LOCKED:  # another one was faster
                    raise Locked(launched.said() or SILENT)
                raise NotStarted(launched.said() or SILENT, code or 1)
            if outside.clock.monotonic() > until:
                raise Refused(
                    f"{subject.door}: no session within {START_SECONDS:g} s; see "
                    f'logs/{subject.name}.out, and "{subject.door} status" in a while'
                )
            outside.clock.sleep(LOOK_SECONDS)
        return session_id

    def cancel_sync(self) -> str:
        """Ask the running session to stop after the record in flight; return its id.

        Nothing is returned where none runs.
        """
        session = self.current()
        if session is None or session.status != RUNNING:
            return ""
        with files.replacing(self._outside.request) as file:
            file.write(session.id.encode())
        return session.id

    def get_sync_status(self) -> dict[str, Any]:
        """Return the present session, or the last one: see `Status`, whose keys it has."""
        session = self.current()
        status = self.status_of(session) if session else Status()
        return {**status._asdict(), "errors": list(status.errors)}

    def last_session(self) -> dict[str, Any] | None:
        """Return the same with its `session_id`, None where there is no session."""
        session = self.current()
        if session is None:
            return None
        status = self.status_of(session)
        named = {"session_id": session.id, **status._asdict()}
        return {**named, "errors": list(status.errors)}

    def get_sync_history(self) -> list[dict[str, Any]]:
        """Return all sessions, newest first, each with the keys of `Past`."""
        self.current()
        return [self._past(session)._asdict() for session in reversed(self._sessions())]

    def wait_for_end(self, seconds: float) -> Session | None:
        """Return the present session once it does not run, or as it is after so long."""
        clock = self._outside.clock
        until = clock.monotonic() + seconds
        while (session := self.current()) and session.status == RUNNING:
            if clock.monotonic() > until:
                break
            clock.sleep(LOOK_SECONDS)
        return session

    def last_sync_time(self) -> datetime | None:
        """Return when the last session that was completed ended."""
        ended = [one.ended for one in self._sessions() if one.status == COMPLETED]
        return _time(max(ended, default=""))

    # --- the present ------------------------------------------------------------------

    def current(self) -> Session | None:
        """Return the session that runs, else the newest; one that died is ended first."""
        found = self._sessions()
        if all(session.status != RUNNING for session in found):
            return found[-1] if found else None
        try:
            with self._outside.lock:
                bury(self._outside)
        except Locked:  # it is at work
            return found[-1]
        return self._sessions()[-1]

    def status_of(self, session: Session) -> Status:
        """Return a session with what its run log says of it.

        The log is asked about an ended one too: a door whose session was killed goes on.
        """
        found = self._outside.counting.found(session.id)
        counts = session.counts
        if not found.is_empty:
            counts = found.counts(_totals(session))
        everything = sessions.summed(counts.values())
        return Status(
            session.status,
            _time(session.started),
            _time(session.ended),
            *everything,
            percentage(session.status, everything),
            {word: count._asdict() for word, count in counts.items()},
            (*session.errors, *self._errors(found)),
        )

    def _errors(self, found: Found) -> Iterator[str]:
        yield from found.errors
        if found.more_errors:
            yield f"and {found.more_errors:,} more in {self._outside.subject.runlog}"

    def _past(self, session: Session) -> Past:
        began, ended = _time(session.started), _time(session.ended)
        assert began
        return Past(
            session.id,
            session.objects,
            began,
            ended,
            session.status,
            *session.sum,
            round((ended - began).total_seconds(), 3) if ended else None,
            session.errors,
            f"{self._outside.subject.runlog}, run_id {session.id}"
            if session.sum.failed
            else "",
        )

    def _sessions(self) -> list[Session]:
        """Return all sessions; none but the newest can be running."""
        path = self._outside.path
        look = files.look(path)
        if self._read[0] != look or look is None:
            self._read = look, _true(sessions.read(path))
        return self._read[1]

    def _is_known(self, session_id: str) -> bool:
        return any(session.id == session_id for session in self._sessions())


def _true(found: list[Session]) -> list[Session]:
    """Return sessions of which none but the newest runs."""
    return [
        session._replace(status=FAILED, errors=(*session.errors, SILENT))
        if session.status == RUNNING and session is not found[-1]
        else session
        for session in found
    ]


@contextmanager
def alive(outside: Outside) -> Iterator[Lock]:
    """Yield the lock of sessions, held; raises Locked, naming the holder."""
    until = outside.clock.monotonic() + PATIENCE_SECONDS
    with ExitStack() as stack:
        while not (lock := _held(outside, stack, outside.clock.monotonic() >= until)):
            outside.clock.sleep(LOOK_SECONDS)
        yield lock


def _held(outside: Outside, stack: ExitStack, is_last_try: bool) -> Lock | None:
    try:
        return stack.enter_context(outside.lock)
    except Locked:
        if is_last_try:
            raise
        return None


def bury(outside: Outside) -> None:
    """End every session that no row ends; the caller holds the lock, so all are dead."""
    for session in sessions.read(outside.path):
        if session.status == RUNNING:
            counts = outside.counting.found(session.id).counts(_totals(session))
            writer = sessions.Writer(outside.path, session.id, outside.clock)
            writer.count(counts)
            everything = sessions.summed(counts.values())
            writer.end(FAILED, session.stage, SILENT, everything)


def _totals(session: Session) -> dict[str, int]:
    return {word: count.total for word, count in session.counts.items()}


def percentage(status: str, count: Count) -> int:
    """Return how far a session is, 0 to 100; 100 only when it is completed.

    Before the plan is there, and where nothing is planned, it has not come far yet.
    """
    if status == COMPLETED:
        return 100
    part = 100 * (count.synced + count.failed) // count.total if count.total else 0
    return min(part, 99)


def _time(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
