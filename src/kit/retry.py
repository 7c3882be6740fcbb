"""How often and how fast: backoff, retry budget, circuit breaker, pacing."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
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
BURST = 1.0  # requests that a bucket holds: with them no second sees more than ten

Question, Told = TypeVar("Question"), TypeVar("Told")


class Patience:
    """Decides whether and when a request goes again, and when the run gives up."""

    def __init__(self, dice: Random, first_wait: float = 0.5) -> None:
        self._dice, self._first_wait = dice, first_wait
        self._requests = self._retries = self._failures_in_a_row = 0

    @property
    def is_exhausted(self) -> bool:
        """Return whether so much failed in a row that the remote side must be down."""
        return self._failures_in_a_row >= FAILURES_IN_A_ROW

    def count(self, answers: list[Answer]) -> None:
        """Count the answers of one request; a throttled one says nothing of health."""
        self._requests += 1
        if any(map(_is_sign_of_life, answers)):
            self._failures_in_a_row = 0
        elif not any(one.is_throttled or one.is_withdrawn for one in answers):
            self._failures_in_a_row += 1

    def may_retry(self, tries: int) -> bool:
        """Return whether a request that was sent so often may go again; count it if so."""
        budget = BUDGET_FLOOR + BUDGET_SHARE * self._requests
        if tries >= ATTEMPTS_PER_ROW or self._retries + 1 > budget:
            return False
        self._retries += 1
        return True

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

    A full bucket and a minute's refill together are what a minute allows.
    """

    def __init__(self, pace: Pace, clock: Clock) -> None:
        self._clock = clock
        left = max(0.5, pace.per_minute - BURST) if pace.per_minute else 0.0
        self._full_rate = self._rate = left / 60
        self._tokens = self._size = BURST
        self._paused_until = 0.0
        self._filled = clock.monotonic()

    @property
    def is_limited(self) -> bool:
        """Return whether there is a limit at all."""
        return self._rate > 0

    def wait(self) -> float:
        """Return the seconds until a request may leave, 0 if it may now."""
        now = self._clock.monotonic()
        if now < self._paused_until:
            return self._paused_until - now
        if not self._rate:
            return 0.0
        self._tokens = min(self._size, self._tokens + (now - self._filled) * self._rate)
        self._filled = now
        return 0.0 if self._tokens >= 1 else (1 - self._tokens) / self._rate

    def take(self) -> None:
        """Count a request that leaves now."""
        if self._rate:
            self._tokens -= 1
            self._rate = min(self._full_rate, self._rate * 1.01)

    def throttled(self, retry_after: float) -> None:
        """Pause everything as asked and go on more slowly."""
        self._paused_until = self._clock.monotonic() + min(
            retry_after, LONGEST_RETRY_AFTER
        )
        self._rate *= 0.7


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
                self._take_turn()
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

    def _take_turn(self) -> None:
        while seconds := self.pacer.wait():
            self.clock.sleep(seconds)
        self.pacer.take()
