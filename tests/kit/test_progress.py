"""Progress: a bar on a terminal, a line now and then elsewhere."""

import io

import pytest

from src.kit.clock import Clock
from src.kit.progress import Progress, duration


class Terminal(io.StringIO):
    """A stream that says that a person is looking."""

    def isatty(self) -> bool:
        return True


class Ticks:
    """Monotonic seconds that go on only when told."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def ticks():
    return Ticks()


def shown(
    stream: io.StringIO, ticks: Ticks, seconds: list[float], total: int = 100
) -> str:
    """Return what was written when one more was done after each of `seconds`."""
    bar = Progress("upload", total, stream, Clock(monotonic=ticks))
    for wait in seconds:
        ticks.seconds += wait
        bar.advance()
    bar.close()
    return stream.getvalue()


def test_a_file_gets_a_line_every_five_seconds(ticks):
    assert shown(io.StringIO(), ticks, [1.0] * 12) == (
        "upload  #                        5/100  1.0/s  2 min left\n"
        "upload  ##                       10/100  1.0/s  2 min left\n"
    )


def test_a_terminal_gets_a_bar_that_is_taken_off_at_the_end(ticks):
    assert shown(Terminal(), ticks, [0.04] * 6) == (
        "\r\x1b[Kupload                           3/100  25.0/s  4 s left"
        "\r\x1b[Kupload  #                        6/100  25.0/s  4 s left"
        "\r\x1b[K"
    )


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()])
def test_a_short_run_shows_nothing(stream, ticks):
    assert shown(stream, ticks, [0.01] * 5) == ""


def test_progress_that_is_turned_off_still_counts(ticks):
    bar = Progress("upload", 10, None, Clock(monotonic=ticks))

    ticks.seconds += 60
    bar.advance(7)
    bar.close()

    assert bar.done == 7


@pytest.mark.parametrize(
    ("total", "done", "seconds", "line"),
    [
        (0, 0, 0, "x  0  0.0/s"),
        (0, 12_345, 10, "x  12,345  1,234.5/s"),
        (10, 0, 5, "x  " + " " * 24 + " 0/10  0.0/s  "),
        (10, 10, 5, "x  " + "#" * 24 + " 10/10  2.0/s  0 s left"),
        (
            2_000,
            1_000,
            3600,
            "x  " + "#" * 12 + " " * 12 + " 1,000/2,000  0.3/s  1 h 00 min left",
        ),
    ],
)
def test_a_line_says_how_far_how_fast_and_how_long(total, done, seconds, line):
    bar = Progress("x", total, None)
    bar.advance(done)

    assert bar.line(seconds) == line


def test_more_than_the_total_does_not_break_the_bar():
    bar = Progress("x", 10, None)
    bar.advance(15)

    assert bar.line(5) == "x  " + "#" * 24 + " 15/10  3.0/s  0 s left"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (60, "1 min"),
        (3569, "59 min"),
        (3600, "1 h 00 min"),
        (20400, "5 h 40 min"),
        (360_000, "100 h 00 min"),
    ],
)
def test_a_duration_is_said_as_a_person_says_it(seconds, said):
    assert duration(seconds) == said
