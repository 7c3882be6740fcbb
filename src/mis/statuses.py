"""What the MIS is told: who is in hand, and how it ended.

A person's row is leased before anything of it is sent. Whatever happens to the run, the
next one of the same installation turns its leases into what the run log says last, so a
status that could not be written is written then; and what QuickBooks gets never depends
on a status.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta, timezone
from typing import NamedTuple, Protocol

from src.kit.errors import BrokenDisk, Refused, sentence
from src.kit.memory import FAILED, HELD, IN_DOUBT
from src.mis import records
from src.mis.saying import Log, Word
from src.mis.tables import Status
from src.mis.tasks import Person

LEASE = timedelta(minutes=15)
RENEWAL = LEASE / 3  # what is in hand for so long is leased anew
_MIS_TIME = "%Y-%m-%d %H:%M:%S"  # UTC
_NO_LEASE = "the MIS has this row no more, or another run took it; fetch and plan again"


class Lease(Protocol):
    """A person that a run has in hand."""

    type: str
    mis_id: str
    owner: str
    until: str


class Store(Protocol):
    """The MIS, as far as it is told."""

    def leased(self) -> Sequence[Lease]:
        """Return everybody in progress."""

    def lease(
        self, type_: str, ids: Sequence[int], owner: str, until: str
    ) -> Sequence[int]:
        """Take people in hand; return whom `owner` has now."""

    def write(self, statuses: Iterable[Status]) -> int:
        """Write statuses, all of them or none."""


class Owner(NamedTuple):
    """Who leases: a run, of one log folder on one machine."""

    run_id: str
    installation: str

    def __str__(self) -> str:
        return f"{self.run_id}@{self.installation}"


class Statuses:
    """Tells the MIS; the main thread alone does. `problem` is why it cannot any more."""

    def __init__(self, store: Store, owner: Owner, now: Callable[[], datetime]) -> None:
        self.problem: Refused | None = None
        self.others: dict[Person, Lease] = {}  # leases that are to be respected
        self._store, self._owner, self._now = store, owner, now
        self._dead: list[Person] = []  # in hand of runs that are over
        self._in_hand: dict[Person, datetime] = {}
        self._told: dict[Person, Status | None] = {}  # not written yet; None = in doubt

    # --- leases of other runs ---------------------------------------------------------

    def look(self) -> None:
        """Learn who has whom in hand; the pipeline's lock is held, so no run of ours."""
        now = text_of(self._now())
        for lease in self._store.leased():
            person = (lease.type, lease.mis_id)
            is_own = lease.owner.rpartition("@")[2] == self._owner.installation
            if is_own or lease.until <= now:
                self._dead.append(person)
            else:
                self.others[person] = lease

    def release(self, log: Log) -> int:
        """Let what dead runs had in hand be what the log says last; return how many."""
        found = list(_as_logged(log, self._dead))
        if found:
            self._store.write(found)
        released = {(status.type, status.mis_id) for status in found}
        self._dead = [person for person in self._dead if person not in released]
        return len(found)

    # --- this run's -------------------------------------------------------------------

    def lease(self, people: Collection[Person]) -> set[Person]:
        """Write what is known, take people in hand; return those who are.

        Nobody is where the MIS cannot be told.
        """
        self.write_successes()
        # In doubt since a run that is over, and now a person wants them sent.
        freed = [one for one in self._dead if one in people]
        self._write([Status(*one, records.NOT_SYNCED) for one in freed])
        now = self._now()
        old = [one for one, since in self._in_hand.items() if now - since > RENEWAL]
        got: set[Person] = set()
        for type_ in dict.fromkeys(type_ for type_, _ in (*people, *old)):
            ids = [int(mis_id) for one, mis_id in (*people, *old) if one == type_]
            until = text_of(now + LEASE)
            got.update((type_, str(found)) for found in self._leased(type_, ids, until))
        taken = [one for one in people if one in got]
        self._in_hand |= dict.fromkeys([*taken, *old], now)
        return set(taken)

    def _leased(self, type_: str, ids: Sequence[int], until: str) -> Sequence[int]:
        owner, lease = str(self._owner), self._store.lease
        return self._tell(lambda: lease(type_, ids, owner, until)) or ()

    def _tell(self, act: Callable[[], object]) -> object:
        """Do what speaks to the MIS, unless it failed before; remember if it does."""
        if self.problem is None:
            try:
                return act()
            except Refused as problem:
                self.problem = problem
            except OSError as problem:
                self.problem = BrokenDisk(sentence(problem))
        return None

    def why_not(self, person: Person) -> str:
        """Return why a person could not be taken in hand."""
        lease = self.others.get(person)
        return held_by(lease) if lease else _NO_LEASE

    def note(self, person: Person, word: Word) -> None:
        """Take what became of a person; without a moment, that of the push stays.

        Of whom another run has in hand, that one tells.
        """
        if person not in self.others:
            self._told[person] = _status(person, word)

    def write_successes(self) -> None:
        """Write who is done; what failed may go again yet."""
        done = [one for one, status in self._told.items() if _is_success(status)]
        self._write([self._told[person] for person in done])
        if self.problem is None:
            for person in done:
                del self._told[person]
                self._in_hand.pop(person, None)

    def end(self, log: Log) -> None:
        """Write all that is known; whom this run has in hand for nothing is let go."""
        left = [person for person in self._in_hand if person not in self._told]
        self._write([*filter(None, self._told.values()), *_as_logged(log, left)])

    def _write(self, statuses: Sequence[Status]) -> None:
        if statuses:
            self._tell(lambda: self._store.write(statuses))


class Untold:
    """What stands in for the statuses in a dry run: everybody may be taken in hand."""

    problem = None
    others: dict[Person, Lease] = {}

    def lease(self, people: Collection[Person]) -> Collection[Person]:
        """Return everybody."""
        return people

    def why_not(self, person: Person) -> str:
        """Return nothing; nobody is refused."""
        return ""

    def note(self, person: Person, word: Word) -> None:
        """Tell nobody."""


def _as_logged(log: Log, people: Collection[Person]) -> Iterator[Status]:
    """Yield what the log says last; who is in doubt stays in progress."""
    words = log.last_words(people)
    for person in people:
        status = _status(person, words.get(person, Word()))
        if status:
            yield status


def _status(person: Person, word: Word) -> Status | None:
    """Return the status that a word means, None for one that nobody knows."""
    if word.is_success:
        at = text_of(datetime.fromisoformat(word.ts)) if word.ts else ""
        return Status(*person, records.SYNCED, word.quickbooks_id, word.sync_token, at)
    if word.outcome in (FAILED, HELD):
        return Status(*person, records.FAILED)
    return None if word.outcome == IN_DOUBT else Status(*person, records.NOT_SYNCED)


def _is_success(status: Status | None) -> bool:
    return status is not None and status.status == records.SYNCED


def held_by(lease: Lease) -> str:
    """Return the sentence about a person whom another run has in hand."""
    return f"another run ({lease.owner}) has it until {lease.until} UTC"


def text_of(moment: datetime) -> str:
    """Return a moment as the MIS writes times.

    >>> text_of(datetime(2026, 11, 21, 20, tzinfo=timezone.utc))
    '2026-11-21 20:00:00'
    """
    return moment.astimezone(timezone.utc).strftime(_MIS_TIME)
