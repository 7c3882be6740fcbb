"""Sessions as processes of their own, and who wants one to stop."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from src.config import ROOT
from src.kit import stage
from src.kit.living import Outside
from src.office import processes
from src.office.processes import Output

# Windows: 0x200 is CREATE_NEW_PROCESS_GROUP, 0x08000000 CREATE_NO_WINDOW.
_UNSEEN: dict[str, Any] = (
    {"creationflags": 0x08000200} if os.name == "nt" else {"start_new_session": True}
)


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


def asking(outside: Outside, run: stage.Run, session_id: str) -> Callable[[], str]:
    """Return what tells who wants a session to stop, nothing if nobody does."""

    def asked() -> str:
        if run.signal:
            return "a signal"
        try:
            wanted = outside.request.read_text("utf-8", "replace")
        except OSError:  # nobody asked, or is about to
            wanted = ""
        return f"{outside.subject.door} cancel" if wanted == session_id else ""

    return asked
