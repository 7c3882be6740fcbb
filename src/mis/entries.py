"""Rows of the run log: what became of one customer, in which words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from src.kit.answers import Answer
from src.kit.memory import CLOSED, FAILED, HELD, IN_DOUBT, REMOVED, SUCCESSES, Index
from src.kit.requests import RECOVERED, UPLOADED, Desk, Item, Outcome
from src.mis import listing, readback, tasks
from src.mis.records import ADOPT, CREATE, HOLD, LINK, UPDATE, Planned, Pushed
from src.mis.saying import Word
from src.mis.sending import KEPT
from src.mis.tasks import Task

CREATED, UPDATED, LINKED, ADOPTED = "created", "updated", "linked", "adopted"
_SEVERAL = "is there "  # so many times, as delivery says
_MADE_ACTIVE = '{"Active":true,'
_ONE = "leave the line Carryover= in the Notes of one of them"


class Book(Protocol):
    """The books, as far as a row needs them."""

    index: Index

    def next_seq(self) -> str:
        """Return the number of the next row."""

    def stamp(self) -> tuple[str, str]:
        """Return the present and the run's id."""


class PushDesk(Desk):
    """A desk that names outcomes as the synchronization of customers does.

    Where a customer is taken away, two rows tell of it: first the person's, who has none
    from then on, then that of the attempt, which is closed by it.
    """

    def write(self, outcome: Outcome) -> None:
        """Write one row; see Desk."""
        if takes_away(outcome, UPLOADED, RECOVERED):
            super().write(_of_customer(outcome))
            outcome = outcome._replace(word=CLOSED)
        elif outcome.word == FAILED and outcome.answer.code == KEPT:
            outcome = outcome._replace(word=HELD)
        elif outcome.word == UPLOADED:
            outcome = outcome._replace(word=_success(outcome))
        elif outcome.word == IN_DOUBT and outcome.error.startswith(_SEVERAL):
            outcome = outcome._replace(error=f"{outcome.error}; {_ONE}")
        super().write(outcome)


def _of_customer(outcome: Outcome) -> Outcome:
    """Return what a change that takes a customer away says of its person."""
    task: Task = outcome.item.source
    item = Item(task.mark, source=task)
    return Outcome(item, REMOVED, found=outcome.found, error=task.row.reason)


def takes_away(outcome: Outcome, *words: str) -> bool:
    """Return whether an outcome is such a word of a change that takes a customer away."""
    task: Task | None = outcome.item.source
    is_it = task is not None and task.takes_away and outcome.item.key == task.row.key
    return is_it and outcome.word in words


def _success(outcome: Outcome) -> str:
    task: Task = outcome.item.source
    if outcome.answer.code == RECOVERED:
        return RECOVERED
    return {CREATE: CREATED, LINK: LINKED}.get(verb(task.row), UPDATED)


class Entries:
    """Makes the rows of one realm; without their check, which is empty."""

    def __init__(self, realm_id: str) -> None:
        self.token_of: Callable[[str], str] = lambda key: ""  # of what a look-up found
        self._realm_id = realm_id

    def of(self, outcome: Outcome, book: Book) -> Pushed:
        """Return the row of an outcome."""
        item, word, request_id, attempt, answer, found, error = outcome
        name = str(answer.record.get("DisplayName") or found.name)
        sent = _sent(outcome, book.index) if word in SUCCESSES else ""
        return Pushed(
            book.next_seq(),
            *book.stamp(),
            self._realm_id,
            *_about(item.source, name, sent),
            item.key,
            request_id,
            str(attempt or ""),
            str(answer.status_code or ""),
            *self._ids(outcome),
            answer.trace_id,
            str(answer.duration_ms) if answer.status_code else "",
            word,
            error,
            "",
        )

    def _ids(self, outcome: Outcome) -> tuple[str, str]:
        """Return the customer's id, and its SyncToken where it is as it was to be."""
        item, answer, found = outcome.item, outcome.answer, outcome.found
        row: Planned | None = item.source.row if item.source else None
        token = str(answer.record.get("SyncToken") or "") or self.token_of(item.key)
        if outcome.word == ADOPTED and row:
            token = row.sync_token
        is_away = outcome.word in (REMOVED, CLOSED)
        known = row.quickbooks_id if row and not is_away else ""
        found_id = answer.remote_id or found.remote_id or known
        return found_id, token if outcome.word in SUCCESSES else ""

    def held(self, row: Planned, reason: str, book: Book) -> Pushed:
        """Return the row of a person who waits; without a key, for nothing was sent."""
        about = (row.type, row.mis_id, row.identifier, row.display_name, row.action)
        head = (book.next_seq(), *book.stamp(), self._realm_id)
        tail = (row.quickbooks_id, "", "", "", HELD, reason, "")
        return Pushed(*head, *about, *[""] * 5, *tail)


def verb(row: Planned) -> str:
    """Return what is done about a row, also about one that a person approved of."""
    if row.action != HOLD:
        return row.action
    if tasks.makes(row):
        return CREATE
    mark = f"{listing.MARK}={tasks.mark_of(row)}"
    is_new = mark in row.payload and mark not in row.before
    return LINK if is_new or row.payload.startswith(_MADE_ACTIVE) else UPDATE


def word_of(row: Pushed) -> Word:
    """Return what a row says of the person."""
    return Word(row.outcome, row.quickbooks_id, row.sync_token, row.ts)


def _about(task: Task | None, name: str, sent: str) -> tuple[str, ...]:
    """Return the cells that say whose customer it is, and what was sent."""
    if task is None:  # a listing showed it, and no row of the plan is about it
        return ("", "", "", name, "", "")
    row = task.row
    known = (row.type, row.mis_id, row.identifier, name or row.display_name)
    return (*known, verb(row), sent)


def _shown(task: Task, answer: Answer) -> str:
    """Return the digests of what QuickBooks shows; of what was sent if it shows nothing."""
    return readback.digests_of(task, answer.record) if answer.record else task.sent


def _sent(outcome: Outcome, index: Index) -> str:
    """Return the digests of what the customer has of ours; empty where nobody knows."""
    task: Task | None = outcome.item.source
    if task and task.is_backward:
        return ""  # what the MIS said stays known: only another value there is news
    if task is None or outcome.word != RECOVERED or task.row.action == ADOPT:
        return _shown(task, outcome.answer) if task else ""
    if outcome.attempt <= index.tried(outcome.item.key).attempt:
        return task.before  # an earlier run's attempt, or one that nobody remembers
    return "" if task.is_create and outcome.answer.code == RECOVERED else task.sent
