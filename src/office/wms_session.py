"""Sessions of the warehouse's synchronization as processes: the doors, one after the other.

What the doors print goes to logs/wms_sync.out, a file and no pipe: a door that is alone
because its session was killed may go on speaking.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from src import config
from src.config import ROOT, Settings
from src.kit import receipts, stage
from src.kit.errors import OK
from src.wms.conducting import Ended, Stage
from src.wms.sessions import APPLIED, FETCHED, PLANNED
from src.wms.sync_manager import Outside, SyncManager

OUTPUT = "wms_sync.out"
LARGEST_OUTPUT = 1_000_000  # bytes of earlier sessions; then it is begun anew
POLL_SECONDS = 0.2
LONGEST_SAID, LONGEST_SENTENCE = 100_000, 4000  # characters
# Windows has no SIGTERM that a program could notice; Ctrl-Break reaches those that have
# a group of their own.
_STOP = getattr(signal, "CTRL_BREAK_EVENT", signal.SIGTERM)
# A group of its own: Ctrl-C at the terminal is for the session, which passes it on once.
# Windows: 0x200 is CREATE_NEW_PROCESS_GROUP, 0x08000000 CREATE_NO_WINDOW.
_OWN_GROUP: dict[str, Any] = (
    {"creationflags": 0x200} if os.name == "nt" else {"start_new_session": True}
)
_UNSEEN: dict[str, Any] = (
    {"creationflags": 0x08000200} if os.name == "nt" else {"start_new_session": True}
)
FETCH, PLAN, APPLY = "wms_fetch", "wms_plan", "wms_apply"


def manager() -> SyncManager:
    """Return the sync manager, for programs such as a dashboard; settings as in force.

    Sessions that it starts are processes of their own, which go on without the program.
    """
    run = stage.start("wms_sync", None, [])
    return SyncManager(outside(config.load(run.environ), run))


def outside(
    settings: Settings, run: stage.Run, options: Sequence[str] = ()
) -> Outside:
    """Return what a manager needs of the world; `options` are for sessions it starts.

    Settings travel in the environment: a command line is seen by everybody.
    """

    def launch(session_id: str, objects: tuple[str, ...]) -> Background:
        command = [sys.executable, "-m", "src.wms_sync", "run", *objects, *options]
        environ = {**run.environ, "RUN_ID": session_id}
        return Background(command, environ, settings.log_dir / OUTPUT)

    return Outside(
        run.clock,
        settings.data_dir,
        settings.log_dir,
        launch,
        lambda: run.environ.get("RUN_ID") or stage.new_run_id(run.clock),
    )


def stages(
    objects: Sequence[str],
    is_full: bool = False,
    is_forced: bool = False,
    is_brief: bool = False,
) -> list[Stage]:
    """Return the doors of a session, as commands; what is planned is what is applied."""
    full, force, brief = (
        [option] * is_wanted
        for option, is_wanted in (
            ("--full", is_full),
            ("--force", is_forced),
            ("--brief", is_brief),
        )
    )
    return [
        Stage(FETCHED, FETCH, _command(FETCH, *objects, *full, *brief)),
        Stage(PLANNED, PLAN, _command(PLAN, *objects, *force, *brief)),
        Stage(APPLIED, APPLY, _command(APPLY, *brief)),
    ]


def _command(door: str, *words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", f"src.{door}", *words, "--progress", "off")


class Background:
    """A session that was started to run without us."""

    def __init__(
        self, command: Sequence[str], environ: Mapping[str, str], output: Path
    ) -> None:
        self._output = Output(output)
        with open(output, "ab") as file:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=file,
                **_UNSEEN,
            )

    def ended(self) -> int | None:
        """Return its exit code, None while it runs."""
        return self._process.poll()

    def said(self) -> str:
        """Return the last thing it said."""
        return sentence(self._output.new())


class Output:
    """A file that others append to, from where it ended when we began to look."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at = path.stat().st_size if path.exists() else 0

    def new(self) -> str:
        """Return what was added since the last call."""
        with open(self._path, "rb") as file:
            file.seek(self._at)
            found = file.read()
        self._at += len(found)
        return found.decode("utf-8", "replace")


class Desk(NamedTuple):
    """What performing stages needs."""

    log_dir: Path
    session_id: str
    environ: Mapping[str, str]
    show: Callable[[str], None]  # what a stage prints, for whoever looks on
    asked: Callable[[], str]
    poll_seconds: float = POLL_SECONDS


def performing(desk: Desk) -> Callable[[Stage, int], Ended]:
    """Return what performs a stage as a process; who asks it to stop is passed on once."""
    output = desk.log_dir / OUTPUT
    if output.exists() and output.stat().st_size > LARGEST_OUTPUT:
        os.truncate(output, 0)
    environ = {**desk.environ, "RUN_ID": desk.session_id}

    def perform(one: Stage, lock: int) -> Ended:
        told = Output(output)
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
        said = _watch(process, told, desk)
        has_finished, code = _has_receipt(desk, one.door), process.returncode
        return Ended(code, sentence(said, one.door, code == OK), has_finished)

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
        (one.run_id, one.door, one.kind) == (desk.session_id, door, receipts.RUN)
        for one in receipts.read(desk.log_dir)
    )


def sentence(said: str, door: str = "", is_well: bool = True) -> str:
    """Return what a process said: its summary, else its last words.

    Where it did not go well, the notes below the summary that are sentences with a way
    out follow, a line each.
    """
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    starts = [at for at, line in enumerate(lines) if line.startswith(f"{door}: ")]
    at = starts[-1] if door and starts else len(lines) - 1
    notes = [] if is_well else [line for line in lines[at + 1 :] if "; " in line]
    return "\n".join([*lines[at : at + 1], *notes])[:LONGEST_SENTENCE]


def asking(place: Path, run: stage.Run) -> Callable[[], str]:
    """Return what tells who wants the run's session to stop, nothing if nobody does."""

    def asked() -> str:
        if run.signal:
            return "a signal"
        try:
            wanted = place.read_text("utf-8", "replace")
        except OSError:  # nobody asked, or is about to
            wanted = ""
        return "wms_sync cancel" if wanted == run.run_id else ""

    return asked
