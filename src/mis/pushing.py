"""What happens to each row of the plan: sent, adopted, held, left out; and its log line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, Protocol

from src.kit import plans
from src.kit.delivery import Delivery
from src.kit.memory import ABSENT, HELD, IN_DOUBT, REMOVED, SUCCESSES
from src.kit.requests import RECOVERED, UPLOADED, Desk, Item, Outcome
from src.kit.stage import Balance
from src.mis import deciding, hiding, tasks
from src.mis.deciding import ADOPTS, GOES, STAYS_OUT, WAITS, Verdict
from src.mis.records import ADOPT, CREATE, DECISION_AT, HOLD, LINK, UPDATE, Planned
from src.mis.saying import Log, Word
from src.mis.sending import DROPPED
from src.mis.tasks import Person, Task

CREATED, UPDATED, LINKED, ADOPTED = "created", "updated", "linked", "adopted"
NOT_ATTEMPTED, TAKEN, SKIPPED = "not_attempted", "taken", "skipped"
_CHANGED = "was changed elsewhere than in `decision`, or is from another plan"
_TWICE = "stands in the plan twice; the first row counts"
_DOUBTFUL = "nobody knows whether QuickBooks has it; look there, then decide approve"


class Context(NamedTuple):
    """What every row has in common."""

    realm_id: str
    plan_run_id: str
    planned_at: str  # timestamp of the plan
    types: Collection[str]  # whose rows are carried out
    together: int  # persons that are taken in hand together
    national_id: str = ""  # DefinitionId of the field, where there is one


class Told(Protocol):
    """Who tells the MIS."""

    problem: Exception | None
    others: Mapping[Person, object]

    def lease(self, people: Collection[Person]) -> Collection[Person]:
        """Return those who could be taken in hand."""

    def why_not(self, person: Person) -> str:
        """Return why a person could not be."""

    def note(self, person: Person, word: Word) -> None:
        """Take what became of a person."""


class Survey(NamedTuple):
    """What a plan comes to, before anything is done."""

    goes: Counter[str]  # rows to be sent, by action
    adopted: int  # rows of which only the MIS is told
    people: frozenset[Person]  # of whom the plan says something


class PushDesk(Desk):
    """A desk that names outcomes as the synchronization of customers does."""

    def write(self, outcome: Outcome) -> None:
        """Write one row; see Desk."""
        if outcome.word == UPLOADED:
            outcome = outcome._replace(word=_success(outcome))
        super().write(outcome)


def _success(outcome: Outcome) -> str:
    task: Task = outcome.item.source
    if outcome.answer.code == RECOVERED:
        return RECOVERED
    if task.is_create:
        return CREATED
    return LINKED if task.row.action == LINK else UPDATED


class Pushes:
    """The plan's rows, one after the other; `counts` says where each of them went."""

    def __init__(self, context: Context, log: Log, told: Told) -> None:
        self.counts: Counter[str] = Counter()
        self.damaged: list[str] = []  # ids of rows that were changed in other cells
        self.decided_badly: list[str] = []
        self.dropped = 0  # customers of which QuickBooks dropped custom fields
        self.is_stopped: Callable[[], bool] = lambda: False
        self.token_of: Callable[[str], str] = lambda key: ""  # of what a look-up found
        self._context, self._log, self._told = context, log, told
        self._spent: set[Person] = set()  # carried out since the plan was made
        self._ids: set[str] = set()
        self._taken: set[str] = set()
        self._early: set[str] = set()  # arrived before their row of the plan was met
        self._arrived = 0
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
            people.add((row.type, row.mis_id))
            where = self._verdict(row).where
            adopted += where == ADOPTS
            if where == ADOPTS or self._reopens(row):
                unsure.append(row)
            if where == GOES and (self._reopens(row) or not self._is_done(row)):
                goes[_verb(row)] += 1
        words = self._log.last_words([(row.type, row.mis_id) for row in unsure])
        since = self._context.planned_at
        self._spent = {p for p, word in words.items() if word.is_success and word.ts > since}
        for row in unsure:
            is_spent = (row.type, row.mis_id) in self._spent
            goes[_verb(row)] -= is_spent and row.action == HOLD
        return Survey(+goes, adopted, frozenset(people))

    def _is_done(self, row: Planned) -> bool:
        return self._desk.book.index.is_done(row.key)

    def _reopens(self, row: Planned) -> bool:
        """Return whether a person wants a customer made again that the log says is there."""
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
            self.damaged.append(row.row)
        elif not verdict.is_understood:
            self.decided_badly.append(row.row)
        return verdict

    def _in_hand(self, items: Sequence[Item]) -> Iterator[Item]:
        """Yield the items whose persons the MIS has down as in our hands."""
        got: Collection[Person] = ()
        if not self.is_stopped():
            got = self._told.lease([item.source.person for item in items])
        for item in items:
            person = item.source.person
            if self.is_stopped() or self._told.problem:
                self._count(NOT_ATTEMPTED)
            elif person not in got:
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
            return self._hold(row, _DOUBTFUL)
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
        item, word, request_id, attempt, answer, found, error = outcome
        task: Task | None = item.source
        is_success = word in SUCCESSES
        if is_success:
            self._arrived += item.key in self._taken
            if item.key not in self._taken:
                self._early.add(item.key)
            self.dropped += DROPPED in error
        ids = self._ids_of(outcome)
        stamp = self._desk.book.stamp()
        if task:
            self._told.note(task.person, Word(word, *ids, stamp[0]))
        name = str(answer.record.get("DisplayName") or found.name)
        return (
            self._desk.book.next_seq(),
            *stamp,
            self._context.realm_id,
            *_about(task, name, self._sent(outcome) if is_success else ""),
            item.key,
            request_id,
            str(attempt or ""),
            str(answer.status_code or ""),
            *ids,
            answer.trace_id,
            str(answer.duration_ms) if answer.status_code else "",
            word,
            error,
        )

    def _ids_of(self, outcome: Outcome) -> tuple[str, str]:
        """Return the customer's id, and its SyncToken where it is as it was to be."""
        item, answer, found = outcome.item, outcome.answer, outcome.found
        row: Planned | None = item.source.row if item.source else None
        found_id = answer.remote_id or found.remote_id
        token = str(answer.record.get("SyncToken") or "") or self.token_of(item.key)
        if outcome.word == ADOPTED and row:
            token = row.sync_token
        known = row.quickbooks_id if row and outcome.word != REMOVED else ""
        return found_id or known, token if outcome.word in SUCCESSES else ""

    def _sent(self, outcome: Outcome) -> str:
        """Return the digests of what the customer has of ours; empty where nobody knows."""
        item, task = outcome.item, outcome.item.source
        if task is None or outcome.word != RECOVERED or task.row.action == ADOPT:
            return task.sent if task else ""
        if outcome.attempt <= self._desk.book.index.tried(item.key).attempt:
            return task.before  # an earlier run's attempt, or one that nobody remembers
        return "" if task.is_create and outcome.answer.code == RECOVERED else task.sent

    def log_held(self) -> None:
        """Write a row for each person who waits, unless that was the last word already."""
        words = self._log.last_words([_person(row) for row, _ in self._held])
        book = self._desk.book
        for row, reason in self._held:
            secrets = hiding.secrets_in(tasks.of(row).fields, self._context.national_id)
            error, person = hiding.cleaned(reason, secrets), _person(row)
            if words.get(person, Word()).held == error:
                continue
            if not row.quickbooks_id and person not in self._told.others:
                self._told.note(person, Word(HELD))
            self._desk.rows[HELD] += 1
            about = (row.type, row.mis_id, row.identifier, row.display_name, row.action)
            ids = (row.quickbooks_id, "")
            head = (book.next_seq(), *book.stamp(), self._context.realm_id)
            book.note((*head, *about, *[""] * 5, *ids, "", "", HELD, error))

    # --- at the end -------------------------------------------------------------------

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
        unsent = counts[TAKEN] - self._arrived - sum(ended.values())
        return Balance(
            read=sum(counts.values()) + rejected + missing,
            out=self._arrived,
            rejected=rejected,
            skipped=counts[SKIPPED],
            held=counts[HELD] + ended[IN_DOUBT] + missing,
            failed=sum(ended.values()) - ended[IN_DOUBT],
            not_attempted=counts[NOT_ATTEMPTED] + unsent,
        )


def _person(row: Planned) -> Person:
    return row.type, row.mis_id


def _verb(row: Planned) -> str:
    """Return what is done about a row that a person approved of, too."""
    if row.action != HOLD:
        return row.action
    return CREATE if tasks.makes(row) else UPDATE


def _about(task: Task | None, name: str, sent: str) -> tuple[str, ...]:
    """Return the cells of a log row that say whose customer it is, and what was sent."""
    if task is None:  # a listing showed it, and no row of the plan is about it
        return ("", "", "", name, "", "")
    row = task.row
    known = (row.type, row.mis_id, row.identifier, name or row.display_name)
    return (*known, _verb(row), sent)
