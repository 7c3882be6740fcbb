"""Whole processes, measured from outside: wall, CPU, peak memory; medians of rounds."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple


class Cost(NamedTuple):
    """What one process took: seconds, seconds of CPU, peak MB."""

    wall: float
    cpu: float
    memory: float


def once(command: Sequence[str], cwd: str | None = None) -> Cost:
    """Return what a command took; raises RuntimeError where it failed."""
    began = time.perf_counter()
    child = subprocess.Popen(
        command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert child.stderr
    said = child.stderr.read()
    _, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"{' '.join(command)}: {said.decode()[-400:]}")
    unit = 1e6 if sys.platform == "darwin" else 1e3  # bytes there, kilobytes elsewhere
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / unit)


def median(costs: Sequence[Cost]) -> Cost:
    """Return the median of each figure."""
    return Cost(*(statistics.median(figures) for figures in zip(*costs)))


def in_turn(
    commands: dict[str, Sequence[str]],
    rounds: int,
    cwd: str | None = None,
    before: Callable[[], None] = lambda: None,
) -> dict[str, Cost]:
    """Return the medians of commands run in turn, so that drifts hit all alike.

    `before` is called, untimed, before each command.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            before()
            costs[name].append(once(command, cwd))
    return {name: median(found) for name, found in costs.items()}
