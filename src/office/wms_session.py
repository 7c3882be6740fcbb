"""Sessions of the warehouse's synchronization: its doors, and those in background.

What the doors print goes to logs/wms_sync.out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from src import config
from src.config import Settings
from src.kit import stage
from src.kit.counting import Books, closed
from src.kit.doors import Stage
from src.kit.living import Outside
from src.kit.sessions import FETCHED, PLANNED
from src.kit.sync_manager import SyncManager
from src.office import processes
from src.office.background import Background
from src.wms.counting import APPLIED, SUBJECT, Counting

OUTPUT = "wms_sync.out"
FETCH, PLAN, APPLY = "wms_fetch", "wms_plan", "wms_apply"


def manager() -> SyncManager:
    """Return the sync manager, for programs such as a dashboard; settings as in force.

    Sessions that it starts are processes of their own, which go on without the program.
    """
    run = stage.start("wms_sync", None, [])
    return SyncManager(outside(config.load(run.environ), run))


def outside(
    settings: Settings,
    run: stage.Run,
    books: Books | None = None,
) -> Outside:
    """Return what a manager needs of the world; options of a session are its door's.

    Settings travel in the environment: a command line is seen by everybody. Whoever
    follows the logs has `books`.
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
        Counting(settings.data_dir, settings.log_dir, books or closed(settings.log_dir)),
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
