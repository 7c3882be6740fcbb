"""What a plan came to, in numbers and sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from src.mis.records import (
    ADOPT,
    CREATE,
    HOLD,
    LINK,
    NUMBERED,
    PEOPLE,
    PLAN,
    SUFFIX,
    UPDATE,
    Person,
)

_SHOWN = 5  # persons that a sentence names
_ACTIONS = (CREATE, UPDATE, LINK, ADOPT, HOLD)


class Tally:
    """Where the persons of a plan went."""

    def __init__(self) -> None:
        self.read = self.unchanged = 0
        self.repeated = 0  # lines about a person who was there already
        self.synced = 0  # whom the MIS calls synchronized
        self.missing = 0  # of those: whose customer this company does not have
        self.marked = 0  # customers that have the mark of one of them
        self.strangers = 0  # customers that have the mark of nobody in the MIS
        self.forced: list[str] = []  # what the brakes let pass
        self._actions: Counter[str] = Counter()
        self._waiting: list[str] = []  # the first who wait, as people call them
        self._rules: Counter[str] = Counter()
        self._notes: Counter[str] = Counter()

    def wait(self, person: Person) -> None:
        """Take somebody whose row is on hold."""
        if len(self._waiting) < _SHOWN:
            self._waiting.append(f"{person.type} {person.identifier or person.mis_id}")

    def take(self, action: str, rule: str, notes: Iterable[str]) -> None:
        """Count a row of the plan."""
        self._actions[action] += 1
        self._rules[rule] += 1
        self._notes.update(note.partition(":")[0] for note in notes)

    @property
    def counts(self) -> dict[str, int]:
        """Return the rows by action, and who has none."""
        return {word: self._actions[word] for word in _ACTIONS} | {"unchanged": self.unchanged}

    @property
    def held(self) -> int:
        """Return how many rows wait for a person."""
        return self._actions[HOLD]

    @property
    def planned(self) -> int:
        """Return how many rows may go as they are."""
        return self._actions.total() - self.held

    @property
    def warnings(self) -> list[str]:
        """Return what should not be overlooked: let pass, or not to be expected."""
        if not self.strangers:
            return self.forced
        of_nobody = f"{self.strangers:,} customer(s) have the mark of nobody in {PEOPLE.place}"
        return [*self.forced, f"{of_nobody}; were they taken out of the MIS?"]

    def sentences(self) -> Iterator[str]:
        """Yield what a person should know of it."""
        suffixed = self._rules[SUFFIX] + self._rules[NUMBERED]
        if suffixed:
            yield f"{suffixed:,} name(s) are taken and get a suffix; see `taken_by`"
        if self._notes:
            told = sorted(self._notes.items(), key=lambda pair: (-pair[1], pair[0]))
            yield "noted: " + ", ".join(f"{count:,} {kind}" for kind, count in told)
        if self.held:
            who = ", ".join(self._waiting) + ", …" * (self.held > _SHOWN)
            count = f"{self.held:,} row(s) are on hold ({who})"
            yield f"{count}; fill in `decision` in {PLAN.place}"
        if self.repeated:
            yield f"{PEOPLE.place}: {self.repeated:,} line(s) about a person who was there"
