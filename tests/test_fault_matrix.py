"""Every fault of the outside, at every stage that has an effect there: what must happen.

One line a fault: what the company does, then exit code, outcomes in the log, a word of the
error, and whether everything has arrived after the first run, or after one more. A stage
is a pipeline's acting door; each fault meets each stage over real HTTP.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from src.kit import errors

NAMES = [f"{letter}.pdf" for letter in "abcdef"]


class Fault(NamedTuple):
    """A line of the matrix; `calls` scripts the company, `settings` the door."""

    name: str
    calls: tuple[str, ...]
    exit_code: int
    outcomes: dict[str, int]
    error: str = ""
    arrived: int = 6  # after the first run
    later: int = 6  # after the fault is over and the door ran again
    settings: dict[str, str] = {}


def fault(name: str, calls: str, exit_code: int, outcomes: str, **more) -> Fault:
    """Return a line; outcomes as `6 uploaded, 3 failed`."""
    counted = (part.split() for part in outcomes.split(", ") if part)
    return Fault(
        name,
        tuple(calls.split()),
        exit_code,
        {word: int(number) for number, word in counted},
        **more,
    )


ONE = {"QBO_FILES_PER_REQUEST": "1"}
OK, SOME, STOPPED, DOUBT, LOGIN = (
    errors.OK,
    errors.SOME_ROWS_FAILED,
    errors.STOPPED_EARLY,
    errors.IN_DOUBT,
    errors.AUTHORIZE_AGAIN,
)
MATRIX = [
    # refused at the door, and good the next time
    fault("429", "1,a.pdf,429", OK, "6 failed, 6 uploaded", error="ThrottleExceeded"),
    fault("429 that asks to wait", "1,a.pdf,429:0", OK, "6 failed, 6 uploaded"),
    fault("401 once", "1,a.pdf,401", OK, "6 uploaded"),
    fault(
        "401 for ever", ",*.pdf,401", LOGIN, "6 failed", error="Token expired", arrived=0
    ),
    fault("403", "1,a.pdf,403", LOGIN, "6 failed", error="3100", arrived=0),
    # refused for good
    fault(
        "one file refused inside 200",
        ",b.pdf,200:6041",
        SOME,
        "5 uploaded, 1 failed",
        error="Invalid Uploaded File",
        arrived=5,
    ),
    fault(
        "one file refused by its request",
        ",b.pdf,400:2500",
        SOME,
        "7 failed, 5 uploaded",
        error="Invalid Reference Id",
        arrived=5,
        settings={"QBO_PARALLEL": "1"},
    ),
    fault("company locked", "1,a.pdf,400:140", OK, "6 failed, 6 uploaded", error="locked"),
    fault(
        "subscription ended",
        ",*.pdf,400:6190",
        STOPPED,
        "6 failed",
        error="subscription",
        arrived=0,
    ),
    # nobody knows, until somebody looks
    fault("500 before the effect", "1,a.pdf,500", OK, "6 in_doubt, 6 absent, 6 uploaded"),
    fault("500 after the effect", "1,a.pdf,500_applied", OK, "6 in_doubt, 6 recovered"),
    fault("503 with HTML", "1,a.pdf,503", OK, "6 in_doubt, 6 absent, 6 uploaded"),
    fault(
        "system fault inside 200", "1,a.pdf,200:10000", OK, "", settings=ONE
    ),
    fault("request id met before", "1,a.pdf,400:600", OK, "6 in_doubt, 6 absent, 6 uploaded"),
    fault(
        "reset before the effect",
        "1,a.pdf,drop",
        OK,
        "6 in_doubt, 6 absent, 6 uploaded",
        error="closed",
    ),
    fault("reset after the effect", "1,a.pdf,drop_applied", OK, "6 in_doubt, 6 recovered"),
    fault("cut answer", "1,a.pdf,cut_applied", OK, "6 in_doubt, 6 recovered"),
    fault(
        "empty answer",
        "1,a.pdf,empty_applied",
        OK,
        "6 in_doubt, 6 recovered",
        error="empty",
    ),
    fault(
        "nonsense", "1,a.pdf,garbage_applied", OK, "6 in_doubt, 6 recovered", error="read"
    ),
    fault(
        "dripping answer",
        "1,a.pdf,slow:5",
        OK,
        "6 in_doubt, 6 recovered",
        error="no answer within",
        settings={"QBO_DEADLINE_SECONDS": "0.3"},
    ),
    fault("half of what was sent", ",c.pdf,wrong_size", OK, "6 held", arrived=6),
    # down
    fault(
        "everything breaks off",
        ",*,drop",
        STOPPED,
        "1 not_attempted",
        arrived=0,
        settings=ONE,
    ),
    fault(
        "every question is throttled",
        ",query,429",
        STOPPED,
        "1 not_attempted",
        arrived=0,
    ),
]


class Attachments:
    """The attachments pipeline's acting door."""

    def __init__(self, desk, served) -> None:
        self._desk, self._served = desk, served
        desk.files(*NAMES)
        desk.prepare()

    def meets(self, one: Fault) -> int:
        """Let the door run while the company behaves so; return its exit code."""
        self._desk.scenario(*one.calls)
        self._served.restart()
        return self._desk.upload(**one.settings)

    def recovers(self) -> int:
        """Let the door run once more, the company in good health."""
        self._desk.scenario()
        self._served.restart()
        return self._desk.upload()

    def effects(self) -> list[str]:
        """Return what the company has."""
        return sorted(self._desk.received())

    def log(self) -> list:
        """Return the run log."""
        return self._desk.log()

    def words(self) -> str:
        """Return what the door said."""
        return self._desk.out + self._desk.err


STAGES = [Attachments]


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.__name__)
@pytest.mark.parametrize("one", MATRIX, ids=lambda one: one.name)
def test_a_fault_has_the_effects_rows_exit_code_and_message_that_it_must(
    desk, served, stage, one
):
    at = stage(desk, served)

    assert at.meets(one) == one.exit_code, at.words()

    counted = dict(desk.outcomes())
    assert not one.outcomes or counted == one.outcomes, at.words()
    assert len(at.effects()) == len(set(at.effects())) == one.arrived
    assert one.error in "".join(row.error for row in at.log())


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.__name__)
@pytest.mark.parametrize("one", MATRIX, ids=lambda one: one.name)
def test_after_a_fault_everything_arrives_once_and_then_nothing_is_sent(
    desk, served, stage, one
):
    at = stage(desk, served)
    at.meets(one)

    at.recovers()
    there = at.effects()
    sent = len(served.requests("/upload"))
    at.recovers()

    assert len(there) == len(set(there)) == one.later
    assert at.effects() == there
    assert len(served.requests("/upload")) == sent
