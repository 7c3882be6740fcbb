"""What taking back a run consists of, whichever pipeline it was of.

Each pipeline has a `Way`: where its plan lies, which door carries it out, and a function
from a past run to a `Reversal`. The function sends and writes nothing; it may look at the
remote side. `office.undoing` chooses the way, keeps the forward plan aside, signs the rows
and writes them where the forward plan lay, so that the same door applies them.

A row of a reverse plan has an id made by `plans.undo_id`, so that whoever plans next finds
the decisions that people made before (`plans.earlier` looks through a reverse plan).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from src.config import Settings
from src.kit import stage
from src.kit.runlog import RawRow
from src.kit.tables import Table


class Past(NamedTuple):
    """The run that is to be taken back, and the one that plans it."""

    run: stage.Run  # the one that plans
    settings: Settings
    run_id: str  # of the run that acted


class Reversal(NamedTuple):
    """What takes a run back."""

    rows: Sequence[Sequence[str]]  # of the reverse plan, unsigned, newest effect first
    verbs: dict[str, int]  # what the rows do, for the summary: {"would delete": 3}
    stays: Sequence[str] = ()  # sentences: what of the run is kept as it is, and why
    back: int = 0  # effects that are taken back already
    notes: Sequence[str] = ()
    waiting: int = 0  # rows that a person decides first; `stays` says why


def _nothing(past: Past) -> None:
    """Write nothing beside the plan."""


def _surely(settings: Settings, run_id: str) -> bool:
    """Return that the log tells it."""
    return True


class Way(NamedTuple):
    """How runs of one pipeline are taken back."""

    door: str  # that acts: it made the runs, and applies the reverse plan
    table: Table  # of the reverse plan
    reverse: Callable[[Past], Reversal]
    apply: str  # the command
    is_effect: Callable[[RawRow], bool]  # whether a row tells of what can be taken back
    left: Callable[[Settings], Mapping[str, str]]  # runs not taken back yet, and when
    is_private: bool = False  # the plan may be read by its owner alone
    also: Callable[[Past], None] = _nothing  # written down once the plan is there
    is_left: Callable[[Settings, str], bool] = _surely  # where `left` alone cannot tell
