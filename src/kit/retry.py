"""How often and how fast: backoff, retry budget, circuit breaker, pacing."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from random import Random
from threading import Lock
from typing import NamedTuple, TypeVar

from src.kit.answers import (
    UNKNOWN,
    Answer,
    Unanswered,
    is_worth_another_try,
)
from src.kit.clock import Clock

ATTEMPTS_PER_ROW = 4
LONGEST_BACKOFF = 30.0  # seconds
LONGEST_RETRY_AFTER = 300.0  # seconds; a longer hint is a mistake or an outage
BUDGET_SHARE, BUDGET_FLOOR = 0.2, 10  # retries per request, and per run
FAILURES_IN_A_ROW = 20
MINUTE = 60.0  # seconds
ROUNDING = 1e-6  # of weights and seconds, which are fractions: no wait is as short
BURST = 1.0  # requests that a bucket holds: with them no second sees more than ten

Question, Told = TypeVar("Question"), TypeVar("Told")


class Patience:
    """Decides whether and when a request goes again, and when the run gives up.

    Safe for several threads.
    """

    def __init__(self, dice: Random, first_wait: float = 0.5) -> None:
        self._dice, self._first_wait, self._lock = dice, first_wait, Lock()
        self._requests = self._retries = self._failures_in_a_row = 0

    @property
    def is_exhausted(self) -> bool:
        """Return whether so much failed in a row that the remote side must be down."""
        return self._failures_in_a_row >= FAILURES_IN_A_ROW

    def count(self, answers: list[Answer]) -> None:
        """Count the answers of one request; a throttled one says nothing of health."""
        with self._lock:
            self._requests += 1
            if any(map(_is_sign_of_life, answers)):
                self._failures_in_a_row = 0
            elif not any(one.is_throttled or one.is_withdrawn for one in answers):
                self._failures_in_a_row += 1

    def may_retry(self, tries: int) -> bool:
        """Return whether a request that was sent so often may go again; count it if so."""
        with self._lock:
            budget = BUDGET_FLOOR + BUDGET_SHARE * self._requests
            may = tries < ATTEMPTS_PER_ROW and self._retries + 1 <= budget
            self._retries += may
        return may

    def delay(self, tries: int, retry_after: float) -> float:
        """Return the seconds to wait before the next attempt (full jitter)."""
        if retry_after > 0:
            return min(retry_after, LONGEST_RETRY_AFTER)
        return self._dice.uniform(0, min(LONGEST_BACKOFF, self._first_wait * 2**tries))


def _is_sign_of_life(answer: Answer) -> bool:
    """Return whether somebody there did the work, or knew why not for this item."""
    return answer.kind != UNKNOWN and 200 <= answer.status_code < 300


class Pace(NamedTuple):
    """What a remote side allows."""

    per_minute: int = 0  # 0 = no limit
    parallel: int = 1


class Pacer:
    """A token bucket over the requests to one realm, narrowed when it says 429.

    A request weighs one, or as much as the items that it is metered by. It leaves when the
    bucket is full, the next one when what it took is there again; and never in a minute
    that has no room for it any more. Safe for several threads.
    """

    def __init__(self, pace: Pace, clock: Clock) -> None:
        self._clock, self._lock = clock, Lock()
        self._per_minute = pace.per_minute
        left = max(0.5, pace.per_minute - BURST) if pace.per_minute else 0.0
        self._full_rate = self._rate = left / MINUTE
        self._tokens = self._size = BURST
        self._paused_until = 0.0
        self._filled = clock.monotonic()
        self._left: deque[tuple[float, float]] = deque()  # when, weight: of the last minute

    @property
    def is_limited(self) -> bool:
        """Return whether there is a limit at all."""
        return self._rate > 0

    def weight(self, items: int, requests_per_minute: int = 0) -> float:
        """Return what a request weighs that is metered by its items.

        Where so many requests a minute may leave besides, it weighs at least its share.
        """
        share = self._per_minute / requests_per_minute if requests_per_minute else 1.0
        return max(float(items), share)

    def room(self, most: int) -> int:
        """Return how many items, at most so many, the next request had best have.

        As many as are left of its minute; where that is less than half of what it could
        have, it is better to wait for more.
        """
        with self._lock:
            if not self._rate:
                return most
            most = min(most, self._per_minute)
            turn = self._clock.monotonic() + self._until_turn()
            left = int(self._per_minute - self._weight_since(turn - MINUTE))
            return left if most <= 2 * left < 2 * most else most

    def wait(self, weight: float = 1.0) -> float:
        """Return the seconds until a request may leave, 0 if it may now."""
        with self._lock:
            return max(self._until_turn(), self._until_room(weight))

    def take(self, weight: float = 1.0) -> None:
        """Count a request that leaves now."""
        with self._lock:
            self._take(weight)

    def turn(self, weight: float = 1.0) -> float:
        """Return 0 and count a request if it may leave now, else the seconds until then."""
        with self._lock:
            seconds = max(self._until_turn(), self._until_room(weight))
            if not seconds:
                self._take(weight)
            return seconds

    def throttled(self, retry_after: float) -> None:
        """Pause everything as asked and go on more slowly."""
        with self._lock:
            pause = min(retry_after, LONGEST_RETRY_AFTER)
            self._paused_until = self._clock.monotonic() + pause
            self._rate *= 0.7

    def _take(self, weight: float) -> None:
        if self._rate:
            self._tokens -= weight
            self._left.append((self._clock.monotonic(), weight))
            self._rate = min(self._full_rate, self._rate * 1.01)

    def _until_turn(self) -> float:
        now = self._clock.monotonic()
        if now < self._paused_until:
            return self._paused_until - now
        if not self._rate:
            return 0.0
        self._tokens = min(self._size, self._tokens + (now - self._filled) * self._rate)
        self._filled = now
        lacking = 1 - self._tokens
        return lacking / self._rate if lacking > ROUNDING else 0.0

    def _until_room(self, weight: float) -> float:
        """Return the seconds until a minute has room; an empty one has for anything."""
        now = self._clock.monotonic()
        while self._left and self._left[0][0] <= now - MINUTE + ROUNDING:
            self._left.popleft()
        over = self._weight_since(now - MINUTE) + weight - self._per_minute
        seconds = 0.0
        for when, one in self._left:
            if over <= ROUNDING:
                break
            seconds, over = when + MINUTE - now, over - one
        return seconds

    def _weight_since(self, moment: float) -> float:
        return sum(weight for when, weight in self._left if when > moment)


class Courtesy(NamedTuple):
    """How questions are asked: at whose pace, with whose patience, by which clock."""

    clock: Clock
    patience: Patience
    pacer: Pacer

    def asking(self, ask: Callable[[Question], Told]) -> Callable[[Question], Told]:
        """Return a question that waits its turn, and is asked again where that may help.

        Only for what has no effect; raises Unanswered after the last attempt.
        """

        def asked(question: Question) -> Told:
            for tries in range(1, ATTEMPTS_PER_ROW + 1):
                self.take_turn()
                try:
                    return ask(question)
                except Unanswered as unanswered:
                    answer = unanswered.answer
                    if answer.is_throttled:
                        self.pacer.throttled(answer.retry_after)
                    is_over = answer.kind != UNKNOWN and not is_worth_another_try(answer)
                    if is_over or tries == ATTEMPTS_PER_ROW:
                        raise
                    self.clock.sleep(self.patience.delay(tries, answer.retry_after))
            raise AssertionError("the last attempt returns or raises")

        return asked

    def take_turn(self, weight: float = 1.0) -> None:
        """Wait until a request of this weight may leave, and count it; for any thread."""
        while seconds := self.pacer.turn(weight):
            self.clock.sleep(seconds)
