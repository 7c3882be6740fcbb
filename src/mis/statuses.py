"""What the MIS is told: who is in hand, and how it ended.

A person's row is leased before anything of it is sent. Whatever happens to the run, the
next one of the same installation turns its leases into what the run log says last, so a
status that could not be written is written then. What another installation had in hand
until its time was over is taken over at a start, and QuickBooks is asked what became of
it; so it is with whom our own log knows no success of.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple, Protocol

from src.kit.errors import BrokenDisk, Refused, sentence
from src.kit.memory import FAILED, HELD, IN_DOUBT
from src.mis import keys, records
from src.mis.saying import Log, Word
from src.mis.tables import Raw, Status
from src.mis.tasks import Person

LEASE = timedelta(minutes=15)
RENEWAL = LEASE / 3  # what is in hand for so long is leased anew
_MIS_TIME = "%Y-%m-%d %H:%M:%S"  # UTC
_GONE = "the MIS has this row no more"
_TAKEN = "another run has taken it since the plan"
_ANOTHER = "the MIS says since the plan that it is customer {}"
_AGAIN = "fetch and plan again"


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
        self, type_: str, known_as: Mapping[int, str], owner: str, until: str
    ) -> Sequence[int]:
        """Take people in hand that nobody has; return whom `owner` has now."""

    def take_over(
        self, leases: Iterable[Any], owner: str, until: str
    ) -> Sequence[Person]:
        """Take over leases that are as they were seen; return whom `owner` has now."""

    def some(self, type_: str, ids: Sequence[int]) -> Sequence[Raw]:
        """Return those of these people who are there."""

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
        self._dead: dict[Person, Lease] = {}  # in hand of runs that are over; ours now
        self._in_hand: dict[Person, datetime] = {}
        self._refused: dict[Person, str] = {}  # who could not be taken, and why
        self._told: dict[Person, Status | None] = {}  # not written yet; None = in doubt

    # --- leases of other runs ---------------------------------------------------------

    def look(self) -> None:
        """Learn who has whom in hand, and take over whom runs had that are over.

        The pipeline's lock is held, so no run of ours is at work. Raises Refused where
        the MIS cannot be told.
        """
        now = self._now()
        dead = []
        for lease in self._store.leased():
            is_own = keys.installation_of(lease.owner) == self._owner.installation
            if is_own or lease.until <= text_of(now):
                dead.append(lease)
            self.others[lease.type, lease.mis_id] = lease
        until = text_of(now + LEASE)
        for person in self._store.take_over(dead, str(self._owner), until):
            self._dead[person] = self.others.pop(person)

    def unknown(self, log: Log) -> int:
        """Return how many people dead runs had in hand of whom our log has no success.

        Who leased without a name was no run of this program: it left no mark.
        """
        leased = [person for person, lease in self._dead.items() if lease.owner]
        words = log.last_words(leased)
        return sum(not words.get(person, Word()).is_success for person in leased)

    def release(self, log: Log) -> int:
        """Let what dead runs had in hand be what the log says last; return how many.

        What QuickBooks has of them is known by now. Of whom the log knows no success it
        is told at the end: what was found of them is in the log then.
        """
        words = log.last_words(self._dead)
        done = [
            person
            for person, lease in self._dead.items()
            if words.get(person, Word()).is_success or not lease.owner
        ]
        found = list(_as_logged(log, done))
        self._write(found)
        kept = self._dead.keys() - {(status.type, status.mis_id) for status in found}
        self._in_hand |= dict.fromkeys(kept, self._now())
        self._dead = {}
        return len(found)

    # --- this run's -------------------------------------------------------------------

    def lease(self, people: Mapping[Person, str]) -> set[Person]:
        """Write what is known, take people in hand; return those who are.

        With each is the customer that the MIS said it is when the plan was made. Nobody
        is in hand where the MIS cannot be told.
        """
        self.write_successes()
        now = self._now()
        old = [one for one, since in self._in_hand.items() if now - since > RENEWAL]
        wanted = {**dict.fromkeys(old, ""), **people}
        got: set[Person] = set()
        for type_ in dict.fromkeys(type_ for type_, _ in wanted):
            known = {int(n): wanted[kind, n] for kind, n in wanted if kind == type_}
            got.update((type_, str(found)) for found in self._leased(type_, known, now))
        taken = [one for one in people if one in got]
        self._in_hand |= dict.fromkeys([*taken, *old], now)
        refused = people.keys() - got - self.others.keys()
        self._ask_why({person: people[person] for person in refused})
        return set(taken)

    def _leased(
        self, type_: str, known_as: Mapping[int, str], now: datetime
    ) -> Sequence[int]:
        until, owner, lease = text_of(now + LEASE), str(self._owner), self._store.lease
        return self._tell(lambda: lease(type_, known_as, owner, until)) or ()

    def _ask_why(self, people: Mapping[Person, str]) -> None:
        """Learn why people could not be taken in hand."""
        for type_ in dict.fromkeys(type_ for type_, _ in people):
            ids = [int(mis_id) for one, mis_id in people if one == type_]
            found = self._tell(lambda: list(self._store.some(type_, ids))) or ()
            for raw in found:
                person = (raw.type, raw.mis_id)
                self._refused[person] = _reason(raw, people[person])

    def _tell(self, act: Callable[[], Any]) -> Any:
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
        reason = held_by(lease.owner, lease.until) if lease else ""
        return reason or self._refused.get(person) or f"{_GONE}; {_AGAIN}"

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

    def lease(self, people: Mapping[Person, str]) -> Collection[Person]:
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


def held_by(owner: str, until: str) -> str:
    """Return the sentence about a person whom another run has in hand."""
    return f"another run ({owner}) has it until {until} UTC"


def _reason(raw: Raw, known_as: str) -> str:
    """Return why a person could not be taken in hand."""
    if raw.status == records.IN_PROGRESS and raw.leased_by:
        return held_by(raw.leased_by, raw.leased_until)
    if raw.quickbooks_id.strip() not in ("", known_as):
        return f"{_ANOTHER.format(raw.quickbooks_id)}; {_AGAIN}"
    return f"{_TAKEN}; {_AGAIN}"


def text_of(moment: datetime) -> str:
    """Return a moment as the MIS writes times.

    >>> text_of(datetime(2026, 11, 21, 20, tzinfo=timezone.utc))
    '2026-11-21 20:00:00'
    """
    return moment.astimezone(timezone.utc).strftime(_MIS_TIME)
