"""Scripted faults of a simulated company: scenario.csv, one step a line.

`call` is the n-th call that matches (`3`, `1-4`, empty = every one), `match` a pattern
for the file name (`*.pdf`), `answer` what happens:

    429, 401, 403, 503          refused, without effect
    500, drop                   no effect, and no answer that tells
    500_applied, drop_applied   the effect is there, and no answer that tells
    400:6041, 200:6041          the file is refused: whole request, or this file alone
    wrong_size                  the file is kept, one byte short
"""

import re
from collections import Counter
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from src.kit import reading
from src.kit.errors import Refused
from src.kit.tables import GIVEN, Table

_ANSWER = re.compile(
    r"(?:401|403|429|50[0-9]|(?:500|drop)(?:_applied)?|[24]00:[0-9]+|wrong_size)"
)


class Step(NamedTuple):
    """One line of a scenario."""

    call: str
    match: str
    answer: str


TABLE = Table("DATA_DIR", "fake_qbo/scenario.csv", Step, GIVEN, "make demo-data")


class Scenario:
    """The steps of a scenario, and how often each has matched."""

    def __init__(self, steps: list[Step]) -> None:
        self._steps = steps
        self._met: Counter[Step] = Counter()

    def met(self, name: str) -> str:
        """Return what happens to a call with this file name, empty = nothing special."""
        matching = [s for s in self._steps if fnmatchcase(name, s.match or "*")]
        self._met.update(set(matching))
        covering = (s.answer for s in matching if _covers(s.call, self._met[s]))
        return next(covering, "")


def load(folder: Path) -> Scenario:
    """Return the scenario in a folder; without a file nothing special happens."""
    path = folder / "scenario.csv"
    if not path.exists():
        return Scenario([])
    steps = list(reading.table(path, TABLE))
    for step in steps:
        if not _ANSWER.fullmatch(step.answer):
            raise Refused(f"{TABLE.place}: {step.answer!r} is no answer; see its docs")
    return Scenario(steps)


def _covers(call: str, number: int) -> bool:
    first, _, last = call.partition("-")
    return not call or int(first) <= number <= int(last or first)
