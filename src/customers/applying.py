"""The import: the plan's rows, as people left them, written into the database.

A row is compared with what is stored now before it is written: what is there already
stays as it is, what differs from what the plan saw is held and named.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from src.customers import check, ladder, planning, records, states, writing
from src.customers.planning import APPROVE, DECISION_AT, LINK
from src.customers.records import CREATE, HOLD, SKIP, UPDATE, Planned
from src.customers.states import State
from src.customers.store import namesakes, read
from src.kit import importing, plans
from src.kit.database import Database
from src.kit.importing import Changes, Problem, Span, Work

_NOTHING_TO_DO = (records.UNCHANGED, records.REPEATED, records.STALE)
MOST_ID = check.MOST["quickbooks_id"]
MATCH_AGAIN = "make customers-match"


class Task(NamedTuple):
    """A plan's row that is to be written, and which record it is for."""

    row: Planned
    action: str  # create, or update
    customer_id: str


class Wording(NamedTuple):
    """Why a row is not written: what a person should know."""

    category: str
    error: str


class Sorted:
    """Sorts the plan's rows: what is to be written, what is left out, what waits."""

    def __init__(self, plan_run: str) -> None:
        self.counts: Counter[str] = Counter()  # by action, of rows that are to be written
        self.skipped = 0
        self.damaged = 0  # rows that are not as the plan wrote them
        self._plan_run = plan_run
        self._rows: set[int] = set()  # hashes of what tells the plan's rows apart
        self._written: set[int] = set()  # hashes of ids: a million are kept

    def sort(self, row: Planned) -> Task | Wording | None:
        """Return what to write, or why to hold the row; None = it is left out."""
        place = hash((row.row, row.line))
        if place in self._rows:
            return Wording("twice", "stands in the plan twice; the first row counts")
        self._rows.add(place)
        if not plans.is_intact(row, DECISION_AT, self._plan_run):
            self.damaged += 1
            return Wording("changed row", "was changed elsewhere than in `decision`")
        found = _task(row)
        if isinstance(found, Task):
            if self._is_written(found):
                return Wording("twice", f"another row writes {found.customer_id} too")
            self.counts[found.action] += 1
        if found is None:
            self.skipped += 1
        return found

    @property
    def known(self) -> int:
        """Return how many rows of the plan are there, copies aside."""
        return len(self._rows)

    def writes(self, customer_id: str) -> bool:
        """Return whether a row so far writes this customer."""
        return hash(customer_id) in self._written

    def _is_written(self, task: Task) -> bool:
        """Return whether an earlier row writes the same customer; note that this does."""
        ids = {task.customer_id, task.row.quickbooks_id or task.customer_id}
        hashes = set(map(hash, ids))
        if hashes & self._written:
            return True
        self._written |= hashes
        return False


def decided(row: Planned) -> str:
    """Return a row's decision in its one spelling: `skip`, `link:58`."""
    word, colon, customer_id = row.decision.partition(":")
    return word.strip().casefold() + colon + customer_id.strip()


def _task(row: Planned) -> Task | Wording | None:
    decision = decided(row)
    if decision in _NOTHING_TO_DO:
        return _meaningless(row)
    proposed = row.action if not decision or decision == APPROVE else decision
    if proposed in _NOTHING_TO_DO or proposed == SKIP:
        return None
    if proposed == HOLD:
        if decision == APPROVE:
            is_one = bool(row.customer_id)
            return Task(row, UPDATE, row.customer_id) if is_one else _meaningless(row)
        return Wording("for a person", row.reason or "on hold, as decided")
    if proposed == UPDATE and row.action == UPDATE:
        return Task(row, UPDATE, row.customer_id)
    if row.action in (CREATE, HOLD, SKIP):
        if proposed == CREATE and row.rung == records.BY_ID:
            return Wording("decision", "its QuickBooks id is stored; approve, or skip")
        if proposed == CREATE:
            return Task(row, CREATE, ladder.new_id(row.quickbooks_id, row.name))
        if proposed.startswith(LINK) and proposed != LINK:
            return _linked(row, proposed.removeprefix(LINK))
    return _meaningless(row)


def _linked(row: Planned, customer_id: str) -> Task | Wording:
    if len(customer_id) > MOST_ID or not customer_id.isprintable():
        return _gone(customer_id)
    return Task(row, UPDATE, customer_id)


def _gone(customer_id: str) -> Wording:
    return Wording("gone", f"there is no customer {customer_id[: 4 * MOST_ID]}")


def _meaningless(row: Planned) -> Wording:
    return Wording(
        "decision",
        f"the decision {row.decision[:40]!r} means nothing here (approve, skip, hold, and "
        "for what is not stored yet create or link:<customer id>)",
    )


def judgement(row: Planned) -> tuple[str, str, str] | None:
    """Return the answer to a question that would be asked again, as it is remembered.

    A link is one even if nobody asked; approving what follows from an answer is none.
    """
    decision, is_asked = decided(row), row.action == HOLD
    is_answer = decision.startswith(LINK) or (is_asked and decision == APPROVE)
    if is_asked or row.rung == records.BY_JUDGEMENT:
        is_answer = is_answer or decision in (CREATE, SKIP)
    if not is_answer:
        return None
    of_row = row.row if row.rung == records.IN_FILE else ""
    about = planning.subject(row.quickbooks_id, row.name, of_row)
    return about, decision, row.reason


class Batch:
    """Some of the plan's rows, written together or by halves."""

    def __init__(
        self, database: Database, tasks: Sequence[Task], sorter: Sorted, now: str
    ) -> None:
        self._database, self._tasks, self._now = database, tasks, now
        self._sorted = sorter
        self.held: dict[int, Problem] = {}  # by position
        self.stored: set[int] = set()  # positions that the database took

    @property
    def work(self) -> Work:
        """Return the batch as the importer takes it."""
        return Work(len(self._tasks), self._store, self._line_and_key)

    def _line_and_key(self, position: int) -> tuple[str, str]:
        row = self._tasks[position - 1].row
        return row.line, row.quickbooks_id or row.name

    def _store(self, span: Span) -> Changes:
        tasks = self._tasks[span.first - 1 : span.last]
        stored = read(self._database, [task.customer_id for task in tasks])
        taken = self._namesakes(tasks, stored)
        changed: list[writing.Written] = []
        counts: Counter[str] = Counter()
        for position, task in enumerate(tasks, span.first):
            current = stored.get(task.customer_id)
            result = taken.get(task.customer_id) or outcome(task, current)
            if isinstance(result, Wording):
                where = self._line_and_key(position)
                self.held[position] = Problem(*where, importing.HELD, *result)
            elif not result:
                counts["unchanged"] += 1
            else:
                counts["updated" if current else "created"] += 1
                changed.append(writing.Written(task.customer_id, current, result))
        writing.write(self._database, changed, self._now)
        self.stored.update(range(span.first, span.last + 1))
        return Changes(**counts)

    def _namesakes(self, tasks: Sequence[Task], stored: Container[str]) -> dict[str, Wording]:
        """Return which new customers have a namesake that the plan did not see."""
        new = {
            task.customer_id: task.row
            for task in tasks
            if task.action == CREATE
            and task.customer_id not in stored
            and not _is_chosen(task)
        }
        asked = [(key, row.quickbooks_id, row.name) for key, row in new.items()]
        return {
            customer_id: Wording("changed since", f"may be {known.shown} now; {_AGAIN}")
            for customer_id, known in namesakes(self._database, asked)
            if known.customer_id != new[customer_id].candidates
            and not self._sorted.writes(known.customer_id)
        }


def _is_chosen(task: Task) -> bool:
    return decided(task.row) == CREATE or task.row.rung == records.BY_JUDGEMENT


def outcome(task: Task, current: State | None) -> State | Wording:
    """Return the fields to be written (none = they are so already), or why to wait."""
    row, said = task.row, json.loads(task.row.after or "{}")
    if task.action == CREATE:
        return _created(said, current)
    if current is None:
        return _gone(task.customer_id)
    known = current["quickbooks_id"]
    if row.quickbooks_id and known and row.quickbooks_id != known:
        return Wording("another id", f"{task.customer_id} has the QuickBooks id {known}")
    if row.action != UPDATE:  # a person chose the record
        return states.changes(current, said)
    before = json.loads(row.before or "{}")
    for field, value in said.items():
        if not _is_one_of(field, current[field], (before[field], value)):
            return Wording("changed since", f"{field} is {current[field]!r} now; {_AGAIN}")
    return {f: v for f, v in said.items() if not states.is_same(f, v, current[f])}


_AGAIN = f'run "{MATCH_AGAIN}" again'


def _created(said: State, current: State | None) -> State | Wording:
    if current is None:
        return states.created(said)
    if states.changes(current, said):
        return Wording("exists", f"is stored already, with other values; {_AGAIN}")
    return {}


def _is_one_of(field: str, value: object, known: Iterable[object]) -> bool:
    return any(states.is_same(field, value, one) for one in known)


def batches(tasks: Iterator[Task], size: int) -> Iterator[list[Task]]:
    """Yield the tasks in lists."""
    while found := list(islice(tasks, size)):
        yield found
