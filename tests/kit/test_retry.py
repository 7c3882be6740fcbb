"""How often, how fast, and when a run gives up; nothing here sleeps."""

from random import Random

import pytest

from src.kit.answers import APPLIED, NOT_APPLIED, UNKNOWN, Answer
from src.kit.clock import Clock
from src.kit.retry import Pace, Pacer, Patience

DONE = Answer(APPLIED, 200)
REFUSED = Answer(NOT_APPLIED, 403)
THROTTLED = Answer(NOT_APPLIED, 429)
DOWN = Answer(UNKNOWN, 503)
WITHDRAWN = Answer(NOT_APPLIED, is_withdrawn=True)


class Time:
    """Seconds that the test moves."""

    seconds = 0.0

    def clock(self) -> Clock:
        return Clock(monotonic=lambda: self.seconds)


def patience() -> Patience:
    return Patience(Random(1), 0.5)


# --- giving up ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "is_exhausted"),
    [
        ([DOWN] * 19, False),
        ([DOWN] * 20, True),
        ([REFUSED] * 20, True),
        ([DOWN] * 19 + [DONE] + [DOWN] * 19, False),
        ([THROTTLED] * 50, False),
        ([DOWN] * 10 + [THROTTLED] + [DOWN] * 10, True),
        ([WITHDRAWN] * 50, False),
    ],
)
def test_twenty_failures_in_a_row_are_an_outage(answers, is_exhausted):
    counted = patience()

    for answer in answers:
        counted.count([answer])

    assert counted.is_exhausted == is_exhausted


@pytest.mark.parametrize(("tries", "may"), [(1, True), (3, True), (4, False), (5, False)])
def test_a_row_is_sent_four_times_at_most(tries, may):
    assert patience().may_retry(tries) == may


@pytest.mark.parametrize(("requests", "retries"), [(0, 10), (50, 20), (1000, 210)])
def test_retries_are_a_fifth_of_the_requests_and_ten(requests, retries):
    counted = patience()
    for _ in range(requests):
        counted.count([DONE])

    assert sum(counted.may_retry(1) for _ in range(2000)) == retries


# --- waiting --------------------------------------------------------------------------


@pytest.mark.parametrize(("tries", "longest"), [(0, 0.5), (1, 1), (3, 4), (20, 30)])
def test_a_wait_is_drawn_from_a_doubling_interval(tries, longest):
    asked = patience()

    waits = [asked.delay(tries, 0) for _ in range(500)]

    assert 0 <= min(waits) < 0.1 * longest
    assert 0.9 * longest < max(waits) <= longest


@pytest.mark.parametrize(("hint", "wait"), [(7, 7), (0.1, 0.1), (300, 300), (86400, 300)])
def test_what_the_server_asks_for_wins_within_bounds(hint, wait):
    assert patience().delay(1, hint) == wait


# --- pacing ---------------------------------------------------------------------------


def leave(pacer: Pacer, time: Time, until: float) -> list[float]:
    """Return when requests leave if every one leaves as soon as it may."""
    left = []
    while time.seconds < until:
        wait = pacer.wait()
        if wait:
            time.seconds += wait + 1e-9
        else:
            pacer.take()
            left.append(time.seconds)
    return left


@pytest.mark.parametrize("per_minute", [1, 30, 60, 500])
def test_no_minute_sees_more_than_allowed_and_little_is_left_unused(per_minute):
    time = Time()
    pacer = Pacer(Pace(per_minute), time.clock())

    left = leave(pacer, time, 300)

    busiest = max(sum(s <= other < s + 60 for other in left) for s in left)
    assert busiest <= per_minute
    assert len(left) >= 5 * (per_minute - max(1, per_minute / 100))


def test_an_idle_time_is_not_saved_up():
    time = Time()
    pacer = Pacer(Pace(500), time.clock())
    time.seconds = 3600

    left = leave(pacer, time, 3600.5)

    assert len(left) <= 500 / 60 * 1.5 + 1


def test_a_throttled_realm_is_left_alone_and_then_asked_more_slowly():
    time = Time()
    pacer = Pacer(Pace(600), time.clock())
    leave(pacer, time, 10)
    pacer.throttled(30)

    left = leave(pacer, time, 41.5)

    assert left[0] >= 40
    assert len(left) <= 600 / 60 * (1 + 1.5 * 0.85)  # the bucket, then slowly


def test_a_throttled_realm_is_back_at_full_speed_in_time():
    time = Time()
    pacer = Pacer(Pace(600), time.clock())
    for _ in range(3):
        pacer.throttled(0)

    leave(pacer, time, 60)
    left = leave(pacer, time, 120)

    assert 590 <= len(left) <= 610


def test_no_limit_is_no_wait():
    pacer = Pacer(Pace(), Time().clock())

    for _ in range(1000):
        pacer.take()

    assert pacer.wait() == 0


def test_a_pause_holds_even_without_a_limit():
    pacer = Pacer(Pace(), Time().clock())

    pacer.throttled(7)

    assert pacer.wait() == 7


def test_a_pause_is_bounded():
    pacer = Pacer(Pace(), Time().clock())

    pacer.throttled(86400)

    assert pacer.wait() == 300
