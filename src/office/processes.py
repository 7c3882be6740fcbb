"""Doors as processes, one after the other: what they say, how they end, who stops them.

What a door prints goes to a file in LOG_DIR and no pipe: one that is alone because its
conductor was killed may go on speaking.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from codecs import getincrementaldecoder
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from src.config import ROOT
from src.kit import receipts
from src.kit.doors import Ended, Stage
from src.kit.errors import OK

LARGEST_OUTPUT = 1_000_000  # bytes of earlier works; then it is begun anew
POLL_SECONDS = 0.2
LONGEST_SAID, LONGEST_SENTENCE = 100_000, 4000  # characters
# Windows has no SIGTERM that a program could notice; Ctrl-Break reaches those that have
# a group of their own.
_STOP = getattr(signal, "CTRL_BREAK_EVENT", signal.SIGTERM)
# A group of its own: Ctrl-C at the terminal is for the conductor, which passes it on
# once. Windows: 0x200 is CREATE_NEW_PROCESS_GROUP.
_OWN_GROUP: dict[str, Any] = (
    {"creationflags": 0x200} if os.name == "nt" else {"start_new_session": True}
)


def command(door: str, *words: str) -> tuple[str, ...]:
    """Return what starts a door; settings travel in the environment, seen by nobody."""
    return (sys.executable, "-m", f"src.{door}", *words)


class Output:
    """A file that others append to, from where it ended when we began to look."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at = path.stat().st_size if path.exists() else 0
        self._decode = getincrementaldecoder("utf-8")("replace").decode

    def new(self) -> str:
        """Return what was added since the last call."""
        with open(self._path, "rb") as file:
            file.seek(self._at)
            found = file.read()
        self._at += len(found)
        return self._decode(found)


class Desk(NamedTuple):
    """What performing stages needs."""

    log_dir: Path
    output: str  # the file in it that takes what stages say
    run_id: str
    environ: Mapping[str, str]
    show: Callable[[str], None]  # what a stage prints, for whoever looks on
    asked: Callable[[], str]
    poll_seconds: float = POLL_SECONDS


def performing(desk: Desk) -> Callable[[Stage, int], Ended]:
    """Return what performs a stage as a process; who asks it to stop is passed on once."""
    output = desk.log_dir / desk.output
    if output.exists() and output.stat().st_size > LARGEST_OUTPUT:
        os.truncate(output, 0)
    environ = {**desk.environ, "RUN_ID": desk.run_id}

    def perform(one: Stage, lock: int) -> Ended:
        new = Output(output)
        with open(output, "ab") as file:
            process = subprocess.Popen(
                one.command,
                cwd=ROOT,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                **_OWN_GROUP,
                **_inherited(lock),
            )
        said = _watch(process, new, desk)
        has_finished, code = _has_receipt(desk, one.door), process.returncode
        told = sentence(said, one.door, code == OK)
        return Ended(code, told, has_finished, tuple(notes(said, one.door)))

    return perform


def _inherited(descriptor: int) -> dict[str, Any]:
    """Return how a process gets an open file; Windows' locks cannot be handed on."""
    return {} if os.name == "nt" else {"pass_fds": [descriptor]}


def _watch(process: subprocess.Popen[bytes], told: Output, desk: Desk) -> str:
    """Wait for a process, showing what it says; return all of it."""
    said, is_told = "", False
    while process.returncode is None:
        with suppress(subprocess.TimeoutExpired):
            process.wait(desk.poll_seconds)
        new = told.new()
        said = (said + new)[-LONGEST_SAID:]
        desk.show(new)
        if not is_told and process.returncode is None and desk.asked():
            process.send_signal(_STOP)
            is_told = True
    return said


def _has_receipt(desk: Desk, door: str) -> bool:
    """Return whether a door came to its summary: it then leaves a receipt."""
    return any(
        (one.run_id, one.door, one.kind) == (desk.run_id, door, receipts.RUN)
        for one in receipts.read(desk.log_dir)
    )


def sentence(said: str, door: str = "", is_well: bool = True) -> str:
    """Return what a process said: its summary, else its last words.

    Where it did not go well, its notes follow, a line each.
    """
    told = _summary(said, door)[:1] + ([] if is_well else notes(said, door))
    return "\n".join(told)[:LONGEST_SENTENCE]


def notes(said: str, door: str) -> list[str]:
    """Return what a door said below its sum, as far as it is sentences with a way out."""
    return [line for line in _summary(said, door)[1:] if "; " in line]


def _summary(said: str, door: str) -> list[str]:
    """Return a door's summary, else its last words, line by line."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    starts = [at for at, line in enumerate(lines) if line.startswith(f"{door}: ")]
    return lines[starts[-1] if door and starts else len(lines) - 1 :]


