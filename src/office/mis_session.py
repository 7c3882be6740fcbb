"""Sessions of the MIS customers' synchronization, in the background too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from src import config
from src.config import Settings
from src.kit import stage
from src.kit.counting import Books, closed
from src.kit.living import Launched, Outside
from src.kit.sync_manager import SyncManager
from src.mis.counting import SUBJECT, Counting

OUTPUT = f"{SUBJECT.name}.out"


def manager() -> SyncManager:
    """Return the sync manager, for programs such as a dashboard; settings as in force.

    Sessions that it starts are processes of their own, which go on without the program.
    """
    run = stage.start(SUBJECT.door, None, [])
    return SyncManager(outside(config.load(run.environ), run))


def outside(
    settings: Settings,
    run: stage.Run,
    books: Books | None = None,
) -> Outside:
    """Return what a manager needs of the world; options: `batch_size`, `force`.

    Settings travel in the environment: a command line is seen by everybody. Whoever
    follows the logs has `books`.
    """

    def launch(
        session_id: str, objects: tuple[str, ...], options: Mapping[str, Any]
    ) -> Launched:
        from src.office.background import Background  # only who starts needs processes

        environ = {**run.environ, "RUN_ID": session_id}
        return Background(command(objects, options), environ, settings.log_dir / OUTPUT)

    def expect_mis() -> None:
        from src.office import connect_mis

        connect_mis.expect(settings)

    return Outside(
        run.clock,
        settings.log_dir,
        SUBJECT,
        Counting(
            settings.data_dir, settings.log_dir, books or closed(settings.log_dir)
        ),
        launch,
        lambda: run.environ.get("RUN_ID") or stage.new_run_id(run.clock),
        expect_mis,
    )


def command(objects: Sequence[str], options: Mapping[str, Any]) -> Sequence[str]:
    """Return what starts a session that says nothing but why it ended."""
    from src.office import processes

    [word] = objects if len(objects) == 1 else ["all"]
    words = [word, "--quiet", "--progress", "off"]
    if "batch_size" in options:
        words += ["--batch-size", str(options["batch_size"])]
    return processes.command(
        SUBJECT.door, *words, *["--force"] * options.get("force", 0)
    )
