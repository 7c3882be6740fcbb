"""What a company lets through in a minute, at once, and in batches."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from src.adapters.fakes.throttle import Allowance, Throttle
from src.kit.clock import Clock
from src.kit.retry import Pace, Pacer


class Gate:
    """A throttle whose time is set by hand."""

    def __init__(self, *allowance: float) -> None:
        self.tick = 0.0
        self.throttle = Throttle(Allowance(*allowance), Clock(monotonic=lambda: self.tick))

    def call(self, is_batch: bool = False, weight: int = 1) -> bool:
        with self.throttle.entered(is_batch, weight) as lets_through:
            return lets_through

    def calls(self, count: int, is_batch: bool = False) -> int:
        """Return how many of so many calls are let through."""
        return sum(self.call(is_batch) for _ in range(count))


def test_five_hundred_calls_a_minute_and_not_one_more():
    assert Gate().calls(600) == 500


@pytest.mark.parametrize(("tick", "count"), [(0.0, 0), (59.9, 0), (60.0, 500), (1000.0, 500)])
def test_the_room_is_there_again_after_a_minute(tick, count):
    gate = Gate()
    gate.calls(500)

    gate.tick = tick

    assert gate.calls(600) == count


def test_the_minute_slides():
    gate = Gate()
    told = []
    for tick, count in ((0, 200), (30, 400), (60, 400), (89, 100), (90, 400)):
        gate.tick = tick
        told.append(gate.calls(count))

    assert told == [200, 300, 200, 0, 300]


def test_a_call_that_is_refused_takes_no_room():
    gate = Gate(2)
    gate.calls(2)
    gate.tick = 59
    gate.calls(1000)

    gate.tick = 60

    assert gate.calls(3) == 2


def test_ten_calls_at_once_and_not_one_more():
    gate = Gate()
    with ExitStack() as open_calls:
        there = [open_calls.enter_context(gate.throttle.entered(False)) for _ in range(12)]
        assert there == 10 * [True] + 2 * [False]
        assert not gate.call()

    assert gate.calls(10) == 10


def test_a_call_that_breaks_makes_room_again():
    gate = Gate(0, 1)
    for _ in range(3):
        with pytest.raises(ValueError, match="broken"):
            with gate.throttle.entered(False):
                raise ValueError("broken")

    assert gate.call()


def test_a_hundred_and_twenty_batches_a_minute():
    gate = Gate()

    assert gate.calls(130, is_batch=True) == 120
    assert gate.calls(400) == 380


def test_a_batch_weighs_as_much_as_its_items():
    gate = Gate()

    assert [gate.call(True, 30) for _ in range(18)] == 17 * [True] + [False]


@pytest.mark.parametrize(("scale", "tick", "count"), [(60, 0.9, 0), (60, 1.0, 5), (1, 1.0, 0)])
def test_a_minute_may_be_as_short_as_a_second(scale, tick, count):
    gate = Gate(5, 0, 0, scale)
    gate.calls(5)

    gate.tick = tick

    assert gate.calls(9) == count


def test_zero_is_no_limit():
    gate = Gate(0, 0, 0)
    with ExitStack() as open_calls:
        there = [open_calls.enter_context(gate.throttle.entered(True)) for _ in range(2000)]

    assert all(there)


@pytest.mark.parametrize(("most", "calls"), [(30, 102), (1, 3000)])
def test_who_keeps_the_pace_of_our_own_clients_is_let_through_always(most, calls):
    gate, items, sent = Gate(), 3000, 0
    pacer = Pacer(Pace(500), Clock(monotonic=lambda: gate.tick))

    while items:
        group = min(items, pacer.room(most))
        while seconds := pacer.turn(pacer.weight(group, 120)):
            gate.tick += seconds
        assert gate.call(True, group)
        items, sent = items - group, sent + 1

    assert sent == calls
