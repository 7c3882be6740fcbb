"""What is delivered: items, requests with their ids, outcomes; and the desk that writes."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import compress
from typing import Any, NamedTuple

from src.kit import answers as said
from src.kit.answers import Answer, Found
from src.kit.book import Book
from src.kit.memory import (
    ABSENT,
    CLOSED,
    FAILED,
    HELD,
    IN_DOUBT,
    REMOVED,
    SUCCESSES,
    Attempt,
)

NAMESPACE = uuid.UUID("8f0c2b5e-6d43-5e1b-9d1c-5a3f7e2b4c60")  # of our request ids
UPLOADED = "uploaded"
RECOVERED = "recovered"
FILE_CHANGED = "file_changed"
TRIED_AGAIN = "tried again"  # attempts that did not arrive, and were not the last
_PASSING = frozenset({FAILED, ABSENT, IN_DOUBT})  # others may come after them
_OF_AN_ITEM = SUCCESSES | {FAILED, FILE_CHANGED, HELD, ABSENT, IN_DOUBT}


class Item(NamedTuple):
    """One effect to bring about."""

    key: str
    size: int = 0  # bytes
    cargo: Any = None  # what the adapter sends; None = known by its key alone
    source: Any = None  # what the room needs to write its log row


class Request(NamedTuple):
    """Items that travel together under one id."""

    request_id: str
    items: tuple[Item, ...]
    attempts: tuple[int, ...]  # one number per item
    tries: int = 1  # how often it was sent in this run, with this one

    def part(self, wanted: Sequence[bool]) -> Request:
        """Return the request with some of its items only; its id is of them all."""
        items = tuple(compress(self.items, wanted))
        return self._replace(items=items, attempts=tuple(compress(self.attempts, wanted)))


def word_of(item: Item, answer: Answer) -> str:
    """Return the outcome that an answer means for an item that was sent."""
    if answer.kind == said.UNKNOWN:
        return IN_DOUBT
    if answer.kind == said.NOT_APPLIED:
        return FILE_CHANGED if answer.is_withdrawn else FAILED
    return HELD if answer.size not in (-1, item.size) else UPLOADED


class Outcome(NamedTuple):
    """What a log row says about one item, beside what the room knows."""

    item: Item
    word: str
    request_id: str = ""
    attempt: int = 0
    answer: Answer = Answer(said.NOT_APPLIED)
    found: Found = Found("")
    error: str = ""


def _key(item: Item) -> str:
    return item.key


class Outside(NamedTuple):
    """The remote side, as functions. Each may raise Refused.

    What is found is named by labels: an item's mark, or what else tells it there. None is
    found where the remote side cannot tell.
    """

    send: Callable[[Sequence[Any], str], list[Answer]]  # cargos, request id
    find: Callable[[Sequence[Item]], Mapping[str, list[Found] | None]]
    list_all: Callable[[bool], Mapping[str, list[Found] | None]]  # what may be ours; had history
    count: Callable[[], int]  # effects, ours or not
    label: Callable[[Item], str] = _key  # empty = nothing tells the item there
    begin: Callable[[], None] = lambda: None  # called when nothing is in doubt


def request_id_of(pairs: Sequence[tuple[str, int]]) -> str:
    """Return the id of a request: a function of its ordered (key, generation) pairs.

    The same items in the same order get the same id in every run, so a server that
    honours ids answers a repetition with what it answered first.
    """
    return str(uuid.uuid5(NAMESPACE, " ".join(f"{k}:{g}" for k, g in pairs)))


class Desk:
    """Where requests are made out and outcomes written, in one thread."""

    def __init__(self, book: Book, to_row: Callable[[Outcome], Sequence[str]]) -> None:
        self.book = book
        self.rows: Counter[str] = Counter()  # rows written, by outcome
        self.unfinished: dict[str, str] = {}  # key -> last outcome, if no success
        self._to_row = to_row
        self._taken: set[str] = set()
        self._raised: Counter[str] = Counter()  # generations raised in this run

    def write(self, outcome: Outcome) -> None:
        """Write one row; the book's next commit makes it last."""
        key, word = outcome.item.key, outcome.word
        self.rows[word] += 1
        if word == FAILED and said.is_stored(outcome.answer.status_code):
            self._raised[key] += 1
        elif word in (REMOVED, CLOSED) or (word == ABSENT and outcome.error):
            self._raised[key] += 1
        if word in SUCCESSES or word in (REMOVED, CLOSED):
            self.unfinished.pop(key, None)
        elif word in _OF_AN_ITEM:
            self.unfinished[key] = word
        self.book.note(self._to_row(outcome))

    @property
    def told(self) -> dict[str, int]:
        """Return the outcomes as people count: what failed, failed in the end."""
        ended = Counter(self.unfinished.values())
        found = {word: count for word, count in self.rows.items() if word != CLOSED}
        found |= {word: ended[word] for word in _PASSING & found.keys()}
        again = sum(self.rows[word] - ended[word] for word in (FAILED, ABSENT))
        return {w: n for w, n in {**found, TRIED_AGAIN: again}.items() if n}

    def request(self, items: Sequence[Item]) -> Request:
        """Return the request for items; each gets its next attempt number."""
        tried = self.book.index.tried
        numbers = [tried(item.key).attempt + 1 for item in items]
        self._taken.update(item.key for item in items)
        return Request(self.id_of(items), tuple(items), tuple(numbers))

    def alone(self, request: Request, item: Item) -> Request:
        """Return the next attempt at one item of a request, now by itself."""
        attempt = request.attempts[request.items.index(item)] + 1
        self._taken.add(item.key)
        return Request(self.id_of([item]), (item,), (attempt,), request.tries + 1)

    def again(self, request: Request) -> Request:
        """Return the next attempt at a whole request, under the same id."""
        self._taken.update(item.key for item in request.items)
        attempts = tuple(number + 1 for number in request.attempts)
        return request._replace(attempts=attempts, tries=request.tries + 1)

    def id_of(self, items: Sequence[Item]) -> str:
        """Return the request id that these items have now."""
        tried = self.book.index.tried
        keys = [item.key for item in items]
        return request_id_of([(k, tried(k).generation + self._raised[k]) for k in keys])

    def intend(self, request: Request) -> None:
        """Note the intents of a request; it may leave after the book's next commit."""
        self.book.intend(
            Attempt(item.key, attempt, request.request_id)
            for item, attempt in zip(request.items, request.attempts)
        )

    def is_taken(self, key: str) -> bool:
        """Return whether this run has a key in its hands already."""
        return key in self._taken
