"""Sessions of the warehouse's synchronization: its doors as processes, or in background.

What the doors print goes to logs/wms_sync.out.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from src import config
from src.config import ROOT, Settings
from src.kit import stage
from src.kit.doors import Stage
from src.kit.sessions import FETCHED, PLANNED
from src.kit.sync_manager import Outside, SyncManager
from src.office import processes
from src.office.processes import Output
from src.wms.counting import APPLIED, SUBJECT, Counting

OUTPUT = "wms_sync.out"
# Windows: 0x200 is CREATE_NEW_PROCESS_GROUP, 0x08000000 CREATE_NO_WINDOW.
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
    settings: Settings, run: stage.Run
) -> Outside:
    """Return what a manager needs of the world; options of a session are its door's.

    Settings travel in the environment: a command line is seen by everybody.
    """

    def launch(
        session_id: str, objects: tuple[str, ...], options: Mapping[str, Any]
    ) -> Background:
        words = [f"--{name}" for name, is_wanted in options.items() if is_wanted]
        command = processes.command("wms_sync", "run", *objects, *words)
        environ = {**run.environ, "RUN_ID": session_id}
        return Background(command, environ, settings.log_dir / OUTPUT)

    return Outside(
        run.clock,
        settings.log_dir,
        SUBJECT,
        Counting(settings.data_dir, settings.log_dir),
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
    return processes.command(door, *words, "--progress", "off")


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
        return processes.sentence(self._output.new())


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
