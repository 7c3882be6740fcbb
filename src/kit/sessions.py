"""Sessions: what their rows say of each, and the one place where a row is added.

A session's rows are appended and never rewritten: `started`, a row per stage that ended
(`fetched`, `planned`, `applied`, …), `counted` rows with the records of one type so far,
and one row that ends it (`completed`, `failed`, `cancelled`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from src.kit import logbook, receipts, runlog
from src.kit.appender import append_in_turn
from src.kit.errors import Refused
from src.kit.events import Event
from src.kit.logbook import Author, LogPlace

STARTED, FETCHED, PLANNED = "started", "fetched", "planned"
COUNTED = "counted"
CANCELLING = "cancelling"  # somebody asked it to stop
RUNNING = "running"
COMPLETED, FAILED, CANCELLED = "completed", "failed", "cancelled"
ENDS = (COMPLETED, FAILED, CANCELLED)
_NO_STAGES = (STARTED, COUNTED, CANCELLING, *ENDS)
_NOTHING = Event(*[""] * len(Event._fields))


class Count(NamedTuple):
    """Records of one type, or of all."""

    total: int = 0
    synced: int = 0
    failed: int = 0


class Session(NamedTuple):
    """One session as its rows tell it."""

    id: str
    objects: tuple[str, ...]  # the types that it synchronizes
    started: str
    ended: str  # empty = no row ends it
    status: str  # `RUNNING` where no row ends it
    stage: str  # the last one that ended, as an event
    counts: Mapping[str, Count]  # by type
    errors: tuple[str, ...]  # why it failed, where it was stopped; not those of records

    @property
    def sum(self) -> Count:
        """Return the records of all types."""
        return summed(self.counts.values())


def begun(session_id: str, objects: tuple[str, ...], now: str) -> Session:
    """Return a session of which there is nothing yet but its beginning."""
    counts = {word: Count() for word in objects}
    return Session(session_id, objects, now, "", RUNNING, "", counts, ())


def summed(counts: Iterable[Count]) -> Count:
    """Return counts added up."""
    return Count(*map(sum, zip(Count(), *counts)))


class Found(NamedTuple):
    """What the logs have of one run: every record once, as it was left last."""

    synced: Mapping[str, int] = {}  # by type
    failed: Mapping[str, int] = {}
    errors: Sequence[str] = ()  # of the first records that failed, a sentence each
    more_errors: int = 0  # that are not among them
    last: str = ""  # the record that was tried last, as people call it

    @property
    def is_empty(self) -> bool:
        """Return whether the logs have nothing of the run."""
        return not (self.synced or self.failed or self.last)

    def counts(self, totals: Mapping[str, int]) -> dict[str, Count]:
        """Return each type's records: planned, synchronized, failed.

        What an earlier run had left in doubt may be synchronized without being planned.
        """
        pairs = {
            word: (self.synced.get(word, 0), self.failed.get(word, 0))
            for word in totals
        }
        return {
            word: Count(max(totals[word], sum(pair)), *pair)
            for word, pair in pairs.items()
        }


def types_of(words: Iterable[str], types: Sequence[str]) -> tuple[str, ...]:
    """Return some of the types, in their order; all where none is named.

    Raises Refused for a word that is no type.
    """
    wanted = set(words)
    for word in sorted(wanted.difference(types)):
        raise Refused(f"{word}: nothing of that name; choose among {', '.join(types)}")
    return tuple(word for word in types if word in wanted or not wanted)


# --- reading --------------------------------------------------------------------------


def read(path: Path) -> list[Session]:
    """Return all sessions, oldest first; a row whose check fails says nothing."""
    found: dict[str, list[Event]] = {}
    for row in filter(None, runlog.rows(path, Event)):
        event = Event(*map(runlog.text, row))
        found.setdefault(event.session_id, []).append(event)
    return [_session(rows) for rows in found.values()]


def _session(rows: list[Event]) -> Session:
    first = rows[0]
    end = next((row for row in rows if row.event in ENDS), None)
    stages = [row for row in rows if row.event not in _NO_STAGES]
    objects = tuple(first.objects.split())
    counts = {word: Count() for word in objects}
    counts |= {row.objects: _count(row) for row in rows if row.event == COUNTED}
    return Session(
        first.session_id,
        objects,
        first.ts,
        end.ts if end else "",
        end.event if end else RUNNING,
        stages[-1].event if stages else "",
        counts,
        tuple(end.message.splitlines()) if end else (),
    )


def _count(row: Event) -> Count:
    return Count(*(int(cell or 0) for cell in (row.total, row.synced, row.failed)))


# --- writing --------------------------------------------------------------------------


class Writer:
    """Adds rows to one session; whoever does it holds the session's lock.

    Its end is sealed, as a run log is at the end of a run.
    """

    def __init__(self, place: LogPlace, author: Author) -> None:
        self.id = author.run_id
        self._place, self._author = place, author

    def open(self) -> None:
        """Say in the receipts that the rows are about to be more."""
        logbook.note(self._place, self._author, receipts.OPEN)

    def start(self, objects: Iterable[str]) -> None:
        """Say that the session runs."""
        self.open()
        self._append(STARTED, objects=" ".join(objects))

    def stage(self, event: str, door: str, exit_code: int, message: str) -> None:
        """Say how a stage ended."""
        self._append(event, stage=door, exit_code=str(exit_code), message=message)

    def asked(self, door: str, by: str) -> None:
        """Say that the session was asked to stop, and what was at work then."""
        self._append(CANCELLING, stage=door, message=f"asked to stop by {by}")

    def count(self, counts: Mapping[str, Count]) -> None:
        """Say how many records of each type there are, and what became of them."""
        for word, count in counts.items():
            if any(count):
                self._append(COUNTED, objects=word, **_texts(count))

    def end(self, event: str, door: str, message: str, count: Count) -> None:
        """End the session, and seal the rows of all sessions."""
        self._append(event, stage=door, message=message, **_texts(count))
        logbook.note(self._place, self._author, receipts.SEAL)

    def _append(self, event: str, **told: str) -> None:
        now = self._author.clock.timestamp()
        row = _NOTHING._replace(ts=now, session_id=self.id, event=event, **told)
        append_in_turn(self._place.path, Event, [row[:-1]])


def _texts(count: Count) -> dict[str, str]:
    return {name: str(number) for name, number in count._asdict().items()}
