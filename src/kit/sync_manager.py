"""The sync manager: start, cancel, watch and list sessions of synchronization."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from src.kit import files, sessions
from src.kit.doors import SILENT
from src.kit.errors import LOCKED, Locked, Refused
from src.kit.living import LOOK_SECONDS, AtWork, Outside, alive, bury, totals
from src.kit.sessions import COMPLETED, FAILED, RUNNING, Count, Found, Session

CANCEL_SECONDS = 180.0  # QuickBooks may take 90 s for the record in flight
START_SECONDS = 60.0  # until a session that was started has to be known


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
        self._turn = threading.Lock()
        self._next: Session | None = None  # one that is being started
        self._read: tuple[files.Look | None, list[Session]] = (None, [])

    def start_sync(self, objects_to_sync: Iterable[str] = (), **options: Any) -> str:
        """Return the id of a session that runs now, in the background.

        No types stand for all; the options are the session's own. Raises Refused for a
        word that is no type and where a session cannot come to anything, AtWork where one
        runs already, NotStarted with the reason where it does not come to it.
        """
        outside, door = self._outside, self._outside.subject.door
        objects = sessions.types_of(objects_to_sync, outside.subject.types)
        outside.check()
        # Of several that start at once here, all but one need not even try.
        with self._turn:
            if self._next:
                raise AtWork(door, self._next)
            now, new_id = outside.clock.timestamp(), outside.new_id()
            self._next = sessions.begun(new_id, objects, now)
        try:
            return self._started(new_id, objects, options)
        finally:
            self._next = None

    def _started(
        self, session_id: str, objects: tuple[str, ...], options: Mapping[str, Any]
    ) -> str:
        outside, subject = self._outside, self._outside.subject
        with alive(outside):
            bury(outside)
        launched = outside.launch(session_id, objects, options)
        until = outside.clock.monotonic() + START_SECONDS
        while not self._is_known(session_id):
            code = launched.ended()
            if code is not None and not self._is_known(session_id):
                if code == LOCKED:  # another one was faster
                    raise self._overtaken(launched.said())
                raise NotStarted(launched.said() or SILENT, code or 1)
            if outside.clock.monotonic() > until:
                raise Refused(
                    f"{subject.door}: no session within {START_SECONDS:g} s; see "
                    f'logs/{subject.name}.out, and "{subject.door} status" in a while'
                )
            outside.clock.sleep(LOOK_SECONDS)
        return session_id

    def _overtaken(self, said: str) -> Locked:
        session = self.current()
        if session and session.status == RUNNING:
            return AtWork(self._outside.subject.door, session)
        return Locked(said or SILENT)

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
        return self.shown(session) if session else None

    def shown(self, session: Session) -> dict[str, Any]:
        """Return the status of a session with its `session_id`."""
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
            counts = found.counts(totals(session))
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
