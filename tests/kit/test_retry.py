"""How often, how fast, and when a run gives up; nothing here sleeps."""

from itertools import count
from random import Random
from threading import Thread

import pytest

from src.kit.answers import APPLIED, NOT_APPLIED, UNKNOWN, Answer
from src.kit.clock import Clock
from src.kit.retry import Courtesy, Pace, Pacer, Patience

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

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


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


# --- pacing what is metered by its items ----------------------------------------------

BATCHES = 120  # a minute, beside what its items count


class Gate:
    """Requests that leave through a pacer, as soon as each may."""

    def __init__(self, per_minute: int) -> None:
        self.time, self.left = Time(), []  # when, items
        self.pacer = Pacer(Pace(per_minute), self.time.clock())

    def send(self, items: int) -> None:
        while seconds := self.pacer.turn(self.pacer.weight(items, BATCHES)):
            self.time.seconds += seconds
        self.left.append((self.time.seconds, items))

    def send_all(self, items: int, most: int) -> None:
        """Send so many items, as many at once as there is room for."""
        while items:
            group = min(items, self.pacer.room(most))
            self.send(group)
            items -= group

    def busiest(self) -> tuple[int, int]:
        """Return the most items, and the most requests, of any minute."""
        minutes = [
            [items for when, items in self.left if start <= when < start + 60 - 1e-5]
            for start, _ in self.left
        ]
        return max(map(sum, minutes)), max(map(len, minutes))


@pytest.mark.parametrize(("most", "calls"), [(30, 340), (25, 400), (10, 1000)])
def test_ten_thousand_items_leave_in_twenty_minutes(most, calls):
    gate = Gate(500)

    gate.send_all(10_000, most)

    assert gate.left[-1][0] == pytest.approx(1200, rel=0.01)
    assert (len(gate.left), gate.busiest()[0]) == (calls, 500)


def test_requests_with_one_item_are_batches_all_the_same():
    gate = Gate(500)

    gate.send_all(600, 1)

    assert gate.busiest()[1] == BATCHES
    assert gate.left[-1][0] == pytest.approx(300, rel=0.01)


@pytest.mark.parametrize("per_minute", [7, 20, 50, 499])
def test_any_pace_is_kept_and_used(per_minute):
    gate = Gate(per_minute)

    gate.send_all(10 * per_minute, 30)

    assert gate.busiest()[0] <= per_minute
    assert gate.left[-1][0] <= 60 * 10 * 1.2


def test_a_request_too_large_for_what_is_left_of_a_minute_waits_for_the_next():
    gate = Gate(500)

    for _ in range(40):
        gate.send(30)

    assert gate.busiest() == (480, 16)


def test_a_request_larger_than_a_minute_leaves_alone():
    gate = Gate(10)

    gate.send(30), gate.send(30)

    assert gate.left[0][0] == 0 and gate.left[1][0] >= 60


def test_questions_in_between_count_as_well():
    gate = Gate(500)
    for _ in range(60):
        gate.send_all(60, 30)
        gate.pacer.take()
        gate.left.append((gate.time.seconds, 1))

    assert gate.busiest()[0] <= 500


def test_a_room_that_is_hardly_worth_a_request_is_not_used():
    gate = Gate(500)
    for _ in range(16):
        gate.send(30)
    assert gate.pacer.room(30) == 20

    gate.send(10)

    assert gate.pacer.room(30) == 30


@pytest.mark.parametrize(("per_minute", "room"), [(0, 30), (500, 30), (20, 20)])
def test_a_first_request_has_room_for_what_a_minute_allows(per_minute, room):
    assert Gate(per_minute).pacer.room(30) == room


def test_without_a_limit_nothing_waits_whatever_it_weighs():
    gate = Gate(0)

    gate.send_all(10_000, 30)

    assert (gate.time.seconds, len(gate.left)) == (0, 334)


# --- several threads ------------------------------------------------------------------


@pytest.mark.parametrize("look", [1, 2])
def test_of_two_threads_only_one_takes_a_turn(look):
    said: list[float] = []
    others: list[Thread] = []
    looks = count(-1)  # the pacer looks at the clock when it is made

    def monotonic() -> float:
        if next(looks) == look - 1:  # another thread comes meanwhile
            others.append(Thread(target=lambda: said.append(pacer.turn())))
            others[0].start()
            others[0].join(0.05)
        return 0.0

    pacer = Pacer(Pace(60), Clock(monotonic=monotonic))
    said.append(pacer.turn())
    others[0].join()

    assert said.count(0.0) == 1


def test_a_worker_waits_its_turn_by_weight():
    time = Time()
    clock = Clock(monotonic=lambda: time.seconds, sleep=time.sleep)
    courtesy = Courtesy(clock, patience(), Pacer(Pace(61), clock))

    for weight in (30, 1):
        courtesy.take_turn(weight)

    assert time.seconds == pytest.approx(30)


def test_a_question_waits_for_the_turns_that_workers_took():
    time = Time()
    clock = Clock(monotonic=lambda: time.seconds, sleep=time.sleep)
    courtesy = Courtesy(clock, patience(), Pacer(Pace(61), clock))
    courtesy.take_turn(15)

    assert courtesy.asking(str.upper)("a") == "A"
    assert time.seconds == pytest.approx(15)
