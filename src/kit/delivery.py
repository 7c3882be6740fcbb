"""Exactly-once delivery: intent, request id, mark, outcome; doubt before new work.

One thread plans and writes, workers only send. Every attempt's intent is durable before
its request leaves. An answer that does not tell is set aside, and looked up by mark once
everything that could still be on its way has arrived or died (the settle time).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import compress
from typing import NamedTuple

from src.kit import answers as said
from src.kit import doubt
from src.kit.answers import Answer, Found, Unanswered
from src.kit.clock import Clock
from src.kit.errors import STOPPED_EARLY
from src.kit.grouping import Groups, Limits
from src.kit.memory import HELD, IN_DOUBT, Attempt
from src.kit.requests import (
    RECOVERED,
    Desk,
    Item,
    Outcome,
    Outside,
    Request,
    word_of,
)
from src.kit.retry import Pacer, Patience
from src.kit.workers import Workers

BYTES_IN_FLIGHT = 48_000_000  # what waits in memory to be sent
WORTH_A_WORD = 2.0  # seconds of waiting that a person is told about
_ANOTHER_NUMBER = "the other side holds another number of them"
LONGEST_WAIT = 0.5  # seconds between two looks at the signals
_WAY_ON = "; start again, and it goes on from there"


Bind = Callable[[set[str]], Mapping[str, Item]]


class Tools(NamedTuple):
    """What delivery needs beside the desk and the remote side."""

    clock: Clock
    patience: Patience
    pacer: Pacer
    asked_to_stop: Callable[[], bool] = lambda: False
    say: Callable[[str], None] = lambda sentence: None


class Delivery:
    """One run's deliveries: `resolve_doubt` first, then `deliver`."""

    def __init__(
        self, desk: Desk, outside: Outside, limits: Limits, tools: Tools
    ) -> None:
        self.stopped_by = ""  # why nothing more is sent, empty while it is
        self.is_unauthorized = self.is_doubt_resolved = False
        self.notes: list[str] = []
        self.warnings: list[str] = []  # why not all was sent
        self._desk, self._outside, self._limits = desk, outside, limits
        self._clock, self._patience, self._pacer, *_ = tools
        self._tools = tools
        self._groups = Groups(limits, tools.pacer, desk.request)
        self._workers = Workers(self._send, limits.workers)
        self._began = self._last_unknown = tools.clock.monotonic()
        self._again: list[tuple[float, int, Request]] = []  # heap, by due time
        self._queued = self._bytes_in_flight = 0
        self._set_aside: list[tuple[Request, bool]] = []  # and whether it is over there
        self._waiting: Request | None = None  # until the pacer lets it leave
        self._listed: Mapping[str, list[Found] | None] = {}
        self._unmet: set[str] = set()  # listed, and in no row of the log yet

    # --- doubt of earlier runs --------------------------------------------------------

    def resolve_doubt(self, bind: Bind) -> None:
        """Resolve what earlier runs left open, before any new work.

        `bind` returns, for keys, the items that have them now. Where the books cannot be
        relied on, or the remote side holds another number of effects than at the last
        clean end, everything there is listed, and `is_there` knows it from then on.
        """
        book, open_attempts = self._desk.book, self._desk.book.index.doubtful
        book.open()
        is_clean = not open_attempts and not book.doubts
        if not is_clean and book.has_history and not self._settle(self._began):
            return
        try:
            count = self._outside.count()
            is_as_sealed = is_clean and str(count) == book.sealed_count
            if (count or open_attempts) and not is_as_sealed:
                self._listed = self._outside.list_all(book.has_history)
        except Unanswered as unanswered:
            if unanswered.exit_code != STOPPED_EARLY:
                raise  # nothing was begun, and waiting would not help
            self._give_up(unanswered)
            return
        self.is_doubt_resolved = True
        if not is_as_sealed:
            self._resolve(open_attempts, bind)
        if not self.has_doubt:
            self._outside.begin()

    def _resolve(self, open_attempts: list[Attempt], bind: Bind) -> None:
        """Write what became of open attempts; send again what did not arrive."""
        book = self._desk.book
        self._unmet = {k for k in self._listed if not book.index.is_settled(k)}
        if book.has_history:
            unknown = "the end of some attempts is not known" if open_attempts else ""
            why = "; ".join(book.doubts) or unknown or _ANOTHER_NUMBER
            self.notes.append(f"listed the effects there first, because {why}")
        items = bind({attempt.key for attempt in open_attempts}) if open_attempts else {}
        for request in doubt.requests_of(open_attempts, items):
            self._send_again(self._conclude(request, self._listed, False))
        self._unmet.difference_update(attempt.key for attempt in open_attempts)
        book.commit()

    def _give_up(self, unanswered: Unanswered) -> None:
        """Stop, because a question that must be answered first was not."""
        self.is_unauthorized = unanswered.answer.is_unauthorized
        self.stopped_by = str(unanswered)

    def _conclude(
        self, request: Request, found: Mapping[str, list[Found] | None], is_over: bool
    ) -> list[Request]:
        labels = [self._outside.label(item) for item in request.items]
        hits = [found.get(label, []) if label else None for label in labels]
        return doubt.conclude(self._desk, request, hits, is_over)

    def is_there(self, item: Item) -> bool:
        """Return whether the listing shows an item's effect; write the row if so."""
        hits = self._listed.get(self._outside.label(item), [])
        if hits:
            self._unmet.discard(item.key)
            self._desk.write(doubt.verdict(Outcome(item, IN_DOUBT), hits))
        return bool(hits)

    def forget(self, key: str) -> None:
        """Take a key off what the listing showed: it is there no longer."""
        self._unmet.discard(key)

    def _settle(self, since: float) -> bool:
        """Wait until no request that left before `since` can still have an effect.

        Return whether it was waited out; a signal ends the wait.
        """
        until = since + self._limits.settle_seconds
        if until - self._clock.monotonic() > WORTH_A_WORD:
            self._tools.say(
                f"waiting {until - self._clock.monotonic():.0f} s: what was sent before "
                "may still be on its way"
            )
        while (left := until - self._clock.monotonic()) > 0 and self._may_go_on():
            self._clock.sleep(min(left, LONGEST_WAIT))
        return left <= 0

    @property
    def limit_reached(self) -> bool:
        """Return whether more items were there than may be sent."""
        return self._groups.limit_reached

    @property
    def has_doubt(self) -> bool:
        """Return whether the end of some attempt is still unknown."""
        if not self.is_doubt_resolved:
            return bool(self._desk.book.index.doubtful or self._desk.book.doubts)
        return IN_DOUBT in self._desk.unfinished.values()

    @property
    def knows_every_effect(self) -> bool:
        """Return whether the log has a row for each effect that was listed."""
        return self.is_doubt_resolved and not self._unmet

    # --- new work ---------------------------------------------------------------------

    def deliver(self, items: Iterable[Item]) -> None:
        """Send the items; look up what is unknown at the end; send what is absent."""
        try:
            self._pump(self._groups.of(items))
            while self._set_aside and not self.stopped_by:
                self._resolve_set_aside()
                self._pump(iter(()))
        finally:
            self._workers.close()
        self._learn_unmet()
        self._desk.book.commit()
        if self.stopped_by:
            way_on = "" if "; " in self.stopped_by else _WAY_ON
            self.warnings.append(f"stopped by {self.stopped_by}{way_on}")

    def _learn_unmet(self) -> None:
        """Write a row for each effect that was listed and that the log does not know."""
        for key in sorted(self._unmet):
            hits = self._listed.get(key) or []
            if len(hits) == 1 and not self._desk.is_taken(key):
                self._unmet.discard(key)
                self._desk.write(Outcome(Item(key), RECOVERED, found=hits[0]))

    def _resolve_set_aside(self) -> None:
        """Look up what became of the unknown requests of this run."""
        if not self._settle(self._last_unknown):
            return
        requests, self._set_aside = self._set_aside, []
        items = [item for request, _ in requests for item in request.items]
        try:
            found = self._outside.find(items)
        except Unanswered as unanswered:
            self._give_up(unanswered)
            return
        for request, is_over in requests:
            self._send_again(self._conclude(request, found, is_over))

    def _send_again(self, requests: list[Request]) -> None:
        for request in requests:
            if request.tries == 1 or self._patience.may_retry(request.tries - 1):
                self._queue(request, self._clock.monotonic())

    def _queue(self, request: Request, due: float) -> None:
        self._queued += 1
        heapq.heappush(self._again, (due, self._queued, request))

    # --- the pump ---------------------------------------------------------------------

    def _pump(self, requests: Iterator[Request]) -> None:
        """Keep the workers busy until nothing is left; write every answer."""
        while True:
            leaving = list(self._next_requests(requests))
            self._desk.book.commit()
            for request in leaving:
                self._workers.start(request)
            if not leaving and not self._workers.busy:
                if self.stopped_by or not (self._again or self._waiting):
                    return
                self._clock.sleep(self._idle_seconds())
                continue
            for request, answers in self._workers.finished(self._idle_seconds()):
                self._take(request, answers)

    def _next_requests(self, requests: Iterator[Request]) -> Iterator[Request]:
        """Yield requests that may leave now, their intents noted."""
        ahead = 1 if self._pacer.is_limited else 2  # a paced one leaves when it is taken
        free = ahead * self._limits.workers - self._workers.busy
        while free > 0 and self._bytes_in_flight < BYTES_IN_FLIGHT and self._may_go_on():
            request = self._waiting or self._due() or next(requests, None)
            if request is None or self._pacer.turn(self._groups.weight(request)):
                self._waiting = request
                return
            self._waiting = None
            self._desk.intend(request)
            self._bytes_in_flight += sum(item.size for item in request.items)
            free -= 1
            yield request

    def _may_go_on(self) -> bool:
        errors, seconds = self._limits.max_errors, self._limits.max_seconds
        if self._tools.asked_to_stop():
            self.stopped_by = self.stopped_by or "a signal"
        elif self._patience.is_exhausted:
            self.stopped_by = "too many failures in a row; the other side seems to be down"
        elif errors and len(self._desk.unfinished) >= errors:
            self.stopped_by = f"--max-errors {errors}"
        elif seconds and self._clock.monotonic() - self._began > seconds:
            self.stopped_by = f"--max-minutes {seconds / 60:g}"
        return not self.stopped_by

    def _due(self) -> Request | None:
        if self._again and self._again[0][0] <= self._clock.monotonic():
            return heapq.heappop(self._again)[2]
        return None

    def _idle_seconds(self) -> float:
        due = self._again[0][0] - self._clock.monotonic() if self._again else LONGEST_WAIT
        weight = self._groups.weight(self._waiting)
        left = self._pacer.wait(weight) if self._waiting else due
        return min(LONGEST_WAIT, max(left, 0.001))

    def _send(self, request: Request) -> list[Answer]:
        cargos = [item.cargo for item in request.items]
        return self._outside.send(cargos, request.request_id)

    # --- answers ----------------------------------------------------------------------

    def _take(self, request: Request, answers: list[Answer]) -> None:
        """Write the answers of a request and decide what happens to it next."""
        self._patience.count(answers)
        self._bytes_in_flight -= sum(item.size for item in request.items)
        for item, attempt, answer in zip(request.items, request.attempts, answers):
            word = word_of(item, answer)
            error = answer.error
            if word == HELD:
                error = f"{item.size} bytes were sent, {answer.size} are there"
            self._desk.write(
                Outcome(item, word, request.request_id, attempt, answer, error=error)
            )
        unclear = [answer.kind == said.UNKNOWN for answer in answers]
        if any(unclear):
            self._last_unknown = self._clock.monotonic()
            is_over = not all(unclear) or all(map(said.is_over, answers))
            self._set_aside.append((request.part(unclear), is_over))
        if not all(unclear):
            known = [not one for one in unclear]
            self._repeat(request.part(known), list(compress(answers, known)))

    def _repeat(self, request: Request, answers: list[Answer]) -> None:
        """Send again what may succeed: a throttled request, a refused one in parts."""
        hint = max(answer.retry_after for answer in answers)
        if any(answer.is_throttled for answer in answers):
            self._pacer.throttled(hint)
        if any(answer.is_unauthorized for answer in answers):
            self.is_unauthorized = True
            self.stopped_by = "the authorization is no longer accepted"
        elif any(answer.advice == said.STOP for answer in answers):
            self.stopped_by = answers[0].error
        due = self._clock.monotonic() + self._patience.delay(request.tries, hint)
        if all(map(said.may_be_repeated, answers)) and self._is_whole(request):
            if self._patience.may_retry(request.tries):
                self._queue(self._desk.again(request), due)
            return
        is_about_all = len(answers) > 1 and not any(map(said.concerns_one, answers))
        for item, answer in zip(request.items, answers):
            # What stood beside a withdrawn file did nothing wrong: it needs no patience.
            is_worth_it = is_about_all or said.is_worth_another_try(answer)
            if said.may_be_repeated(answer) or (
                is_worth_it and self._patience.may_retry(request.tries)
            ):
                self._queue(self._desk.alone(request, item), due)

    def _is_whole(self, request: Request) -> bool:
        """Return whether the same request can go again: under an id that means it."""
        return self._desk.id_of(request.items) == request.request_id
