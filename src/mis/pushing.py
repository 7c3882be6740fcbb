"""What happens to each row of the plan: sent, adopted, held, left out; and its log line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, Protocol

from src.kit import plans
from src.kit.delivery import Delivery
from src.kit.memory import ABSENT, CLOSED, FAILED, HELD, IN_DOUBT, REMOVED, SUCCESSES
from src.kit.requests import Desk, Item, Outcome
from src.kit.stage import Balance
from src.mis import deciding, entries, readback, tasks
from src.mis.deciding import ADOPTS, GOES, STAYS_OUT, WAITS, Verdict
from src.mis.entries import ADOPTED, Entries
from src.mis.records import ADOPT, BACKWARD, DECISION_AT, FETCH, HOLD, PLAN_IT, TAKES_AWAY
from src.mis.records import Planned
from src.mis.saying import Log, Word
from src.mis.sending import RENAMED
from src.mis.tasks import Person

NOT_ATTEMPTED, TAKEN, SKIPPED = "not_attempted", "taken", "skipped"
_CHANGED = "was changed elsewhere than in `decision`, or is from another plan"
_TAKEN_BACK = f'its customer was taken back since; run "{FETCH}" and "{PLAN_IT}" again'
_TWICE = "stands in the plan twice; the first row counts"


class Context(NamedTuple):
    """What every row has in common."""

    realm_id: str
    plan_run_id: str
    planned_at: str  # timestamp of the plan
    types: Collection[str]  # whose rows are carried out
    together: int  # persons that are taken in hand together


class Told(Protocol):
    """Who tells the MIS."""

    problem: Exception | None
    others: Mapping[Person, object]

    def lease(self, people: Mapping[Person, str]) -> Collection[Person]:
        """Return those who could be taken in hand; with each, which customer it was."""

    def why_not(self, person: Person) -> str:
        """Return why a person could not be."""

    def note(self, person: Person, word: Word) -> None:
        """Take what became of a person."""


class Survey(NamedTuple):
    """What a plan comes to, before anything is done."""

    goes: Counter[str]  # rows to be sent, by action
    adopted: int  # rows of which only the MIS is told
    people: frozenset[Person]  # of whom the plan says something

    @property
    def would(self) -> dict[str, int]:
        """Return what a run would do, by verb."""
        verbs = {f"would {verb}": count for verb, count in self.goes.items()}
        return {**verbs, f"would {ADOPT}": self.adopted}


class Pushes:
    """The plan's rows, one after the other; `counts` says where each of them went."""

    def __init__(self, context: Context, log: Log, told: Told) -> None:
        self.counts: Counter[str] = Counter()
        self.damaged: list[str] = []  # rows that were changed in other cells
        self.decided_badly: list[str] = []
        self.otherwise = 0  # customers that are there, and not all as it was sent
        self.kept: list[str] = []  # sentences about what was to be taken back, and stays
        self.back: list[Planned] = []  # what was taken back
        self.renamed = 0  # customers that got another name than planned
        self.outrun = 0  # persons whom another run took, told of, or undid since the plan
        self.is_stopped: Callable[[], bool] = lambda: False
        self.entries = Entries(context.realm_id)
        self._context, self._log, self._told = context, log, told
        self._spent: set[Person] = set()  # carried out since the plan was made
        self._taken_back: set[str] = set()  # marks whose customers this run found gone
        self._ids: set[str] = set()
        self._taken: set[str] = set()
        self._early: set[str] = set()  # arrived before their row of the plan was met
        self._arrived = self._adopted = 0
        self._held: list[tuple[Planned, str]] = []
        self._desk: Desk
        self._delivery: Delivery

    def work_at(self, desk: Desk, delivery: Delivery) -> None:
        """Take the desk that writes for this plan, and the delivery that sends."""
        self._desk, self._delivery = desk, delivery

    # --- before anything is done ------------------------------------------------------

    def survey(self, rows: Iterable[Planned]) -> Survey:
        """Return what the plan comes to."""
        goes: Counter[str] = Counter()
        people, unsure, adopted = set(), [], 0
        for row in rows:
            if deciding.verdict(row).where != STAYS_OUT:  # a person wants nothing of it
                people.add((row.type, row.mis_id))
            where = self._verdict(row).where
            adopted += where == ADOPTS
            if where == ADOPTS or self._reopens(row):
                unsure.append(row)
            if where == GOES and (self._reopens(row) or not self._is_done(row)):
                goes[entries.verb(row)] += 1
        words = self._log.last_words([(row.type, row.mis_id) for row in unsure])
        since = self._context.planned_at
        done = {person: word for person, word in words.items() if word.is_success}
        self._spent = {person for person, word in done.items() if word.ts > since}
        for row in unsure:
            is_spent = (row.type, row.mis_id) in self._spent
            goes[entries.verb(row)] -= is_spent and row.action == HOLD
        return Survey(+goes, adopted, frozenset(people))

    def _is_done(self, row: Planned) -> bool:
        index = self._desk.book.index
        is_gone = row.action in TAKES_AWAY and index.tried(row.key).state == CLOSED
        return is_gone or index.is_done(row.key)

    def _reopens(self, row: Planned) -> bool:
        """Return whether a person wants a customer again that the log says is there."""
        is_asked = row.action == HOLD and deciding.is_approved(row) and tasks.makes(row)
        return is_asked and self._verdict(row).where == GOES and self._is_done(row)

    def _verdict(self, row: Planned) -> Verdict:
        if not plans.is_intact(row, DECISION_AT, self._context.plan_run_id):
            return Verdict(WAITS, _CHANGED)
        if row.type not in self._context.types:
            return Verdict(STAYS_OUT)
        return deciding.verdict(row)

    def sendable(self, rows: Iterable[Planned]) -> Iterator[Planned]:
        """Yield the rows that people let go."""
        return (row for row in rows if self._verdict(row).where == GOES)

    def sent_before(self, rows: Iterable[Planned]) -> Iterator[Planned]:
        """Yield the rows that people let go of plans that were applied."""
        return (row for row in rows if deciding.verdict(row).where == GOES)

    # --- row by row -------------------------------------------------------------------

    def items(self, rows: Iterable[Planned]) -> Iterator[Item]:
        """Yield what is to be sent, in hand of this run; write what needs no sending."""
        going = self._going(rows)
        while some := list(islice(going, self._context.together)):
            yield from self._in_hand(some)

    def _going(self, rows: Iterable[Planned]) -> Iterator[Item]:
        for row in rows:
            verdict = self._met(row)
            if verdict.where == WAITS:
                self._hold(row, verdict.reason)
            elif verdict.where == STAYS_OUT:
                self._count(SKIPPED)
            elif verdict.where == ADOPTS:
                self._adopt(row)
            elif item := self._fresh(row):
                yield item

    def _met(self, row: Planned) -> Verdict:
        """Return what becomes of a row; note what is wrong with it."""
        if row.row in self._ids:
            return Verdict(WAITS, _TWICE)
        self._ids.add(row.row)
        verdict = self._verdict(row)
        if verdict.reason == _CHANGED:
            self.damaged.append(_called(row))
        elif not verdict.is_understood:
            self.decided_badly.append(_called(row))
        elif verdict.where in (GOES, ADOPTS) and self._is_news(row):
            self.outrun += 1
            return Verdict(WAITS, _TAKEN_BACK)
        return verdict

    def _is_news(self, row: Planned) -> bool:
        """Return whether a row gives somebody a customer that an undo took away since."""
        return row.action not in BACKWARD and tasks.mark_of(row) in self._taken_back

    def _in_hand(self, items: Sequence[Item]) -> Iterator[Item]:
        """Yield the items whose persons the MIS has down as in our hands."""
        got: Collection[Person] = ()
        if not self.is_stopped():
            found = [item.source for item in items]
            got = self._told.lease({task.person: task.row.known_as for task in found})
        for item in items:
            person = item.source.person
            if self.is_stopped() or self._told.problem:
                self._count(NOT_ATTEMPTED)
            elif person not in got:
                self.outrun += 1
                self._hold(item.source.row, self._told.why_not(person))
            else:
                yield self._take(item)

    def _take(self, item: Item) -> Item:
        self._taken.add(item.key)
        self._arrived += item.key in self._early
        self._count(TAKEN)
        return item

    def _fresh(self, row: Planned) -> Item | None:
        """Return an item if it is to be sent; else it is done, found, held or in hand."""
        reopens = self._reopens(row)
        if self._is_done(row) and (not reopens or _person(row) in self._spent):
            return self._count(SKIPPED)
        if self.is_stopped() or self._told.problem:
            return self._count(NOT_ATTEMPTED)
        desk, item = self._desk, tasks.item_of(tasks.of(row))
        if desk.is_taken(item.key) or item.key in self._early:
            self._take(item)
            return None
        state = desk.unfinished.get(item.key) or desk.book.index.tried(item.key).state
        if state in (HELD, IN_DOUBT) and not deciding.is_approved(row):
            return self._count(HELD)  # the log says already what it waits for
        if state in (HELD, IN_DOUBT):
            desk.write(Outcome(item, ABSENT, error="a person decided to send it"))
        elif reopens:
            desk.write(Outcome(item, REMOVED, error="a person decided to make it again"))
        elif self._delivery.is_there(item):
            self._take(item)
            return None
        return item

    def _adopt(self, row: Planned) -> None:
        """Tell the MIS of a customer that is there; the log, unless it knows since."""
        task = tasks.of(row)
        item = Item(task.mark, source=task)
        if _person(row) in self._told.others:
            return self._hold(row, self._told.why_not(_person(row)))
        if _person(row) in self._spent:
            word = Word(ADOPTED, row.quickbooks_id, row.sync_token)
            self._told.note(_person(row), word)
            return self._count(SKIPPED)
        self._take(item)
        self._adopted += 1
        if item.key in self._early:
            self._told.note(_person(row), Word(ADOPTED, row.quickbooks_id, row.sync_token))
        elif not self._delivery.is_there(item):
            self._desk.write(Outcome(item, ADOPTED))
        return None

    def _hold(self, row: Planned, reason: str) -> None:
        self._held.append((row, reason))
        return self._count(HELD)

    def _count(self, where: str) -> None:
        self.counts[where] += 1

    # --- the log ----------------------------------------------------------------------

    def to_row(self, outcome: Outcome) -> Sequence[str]:
        """Return the log row of an outcome, without its check; note it for the MIS."""
        key, task = outcome.item.key, outcome.item.source
        if outcome.word in SUCCESSES or entries.takes_away(outcome, CLOSED):
            self._arrived += key in self._taken
            if key not in self._taken:
                self._early.add(key)
            if task and task.is_backward and key in self._taken:
                self.back.append(task.row)
            self.otherwise += readback.is_otherwise(outcome.error)
            self.renamed += RENAMED in outcome.error
        entry = self.entries.of(outcome, self._desk.book)
        if task and outcome.word != CLOSED:
            if outcome.word == REMOVED and task.takes_away:
                self._taken_back.add(task.mark)
            self._told.note(task.person, entries.word_of(entry))
            if task.is_backward and outcome.word in (FAILED, HELD):
                self._stays(task.row, outcome)
        return entry[:-1]

    def _stays(self, row: Planned, outcome: Outcome) -> None:
        """Note that a customer is as it was, whatever was to be taken back."""
        self._told.note(_person(row), Word(ADOPTED, row.quickbooks_id))
        if outcome.word == HELD:
            who = f"{row.type} {row.identifier or row.mis_id}"
            self.kept.append(f"{who} (customer {row.quickbooks_id}): {outcome.error}")

    def log_held(self) -> None:
        """Write a row for each person who waits, unless that was the last word already."""
        if self.is_of_another_plan:
            return
        words = self._log.last_words([_person(row) for row, _ in self._held])
        for row, reason in self._held:
            if words.get(_person(row), Word()).held != reason:
                self._desk.rows[HELD] += 1
                entry = self.entries.held(row, reason, self._desk.book)
                self._desk.book.note(entry[:-1])

    # --- at the end -------------------------------------------------------------------

    @property
    def sent(self) -> int:
        """Return how many customers arrived of those that were to be sent."""
        return self._arrived - self._adopted

    @property
    def known(self) -> int:
        """Return how many rows of the plan were there, copies aside."""
        return len(self._ids)

    @property
    def is_of_another_plan(self) -> bool:
        """Return whether no row at all is as the last plan wrote it."""
        return bool(self.damaged) and len(self.damaged) == len(self._ids)

    def balance(self, rejected: int, missing: int) -> Balance:
        """Return where the plan's rows went, once the delivery is over.

        `missing` rows were in the plan when it was made and are not there now.
        """
        counts = self.counts
        ended = Counter(
            word for key, word in self._desk.unfinished.items() if key in self._taken
        )
        waiting = ended[IN_DOUBT] + ended[HELD]
        unsent = counts[TAKEN] - self._arrived - sum(ended.values())
        return Balance(
            read=sum(counts.values()) + rejected + missing,
            out=self._arrived,
            rejected=rejected,
            skipped=counts[SKIPPED],
            held=counts[HELD] + waiting + missing,
            failed=sum(ended.values()) - waiting,
            not_attempted=counts[NOT_ATTEMPTED] + unsent,
        )


def _person(row: Planned) -> Person:
    return row.type, row.mis_id


def _called(row: Planned) -> str:
    """Return what people call a row: its person, unless cells say that were changed."""
    if row.row != plans.row_id(f"{row.type}|{row.mis_id}"):
        return row.row
    return f"{row.type} {row.identifier or row.mis_id}"
