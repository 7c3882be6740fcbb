"""Whether this server can do its part, and what is at work."""

from __future__ import annotations

import os
from pathlib import Path

from src.kit import web
from src.kit.sessions import RUNNING
from src.kit.sync_manager import SyncManager
from src.kit.web import Problem, Reply, Request
from src.office.rest.operations import Rest, answer, told


def health(rest: Rest, request: Request) -> Reply:
    """Say that all is well, or what is not; nothing is read but two small tables."""
    web.only(request.query)
    _check("LOG_DIR", rest.settings.log_dir)
    _check("DATA_DIR", rest.settings.data_dir)
    sessions = {"wms": _running(rest.wms), "mis": _running(rest.mis)}
    return answer(rest, "ok", {"status": "ok", "sessions": sessions})


def _check(setting: str, folder: Path) -> None:
    if not folder.is_dir():
        raise Problem(
            503, f"{setting}: the folder is not there; start the server again"
        )
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        said = "the folder cannot be read and written; allow this user to use it"
        raise Problem(503, f"{setting}: {said}")


def _running(manager: SyncManager) -> str | None:
    session = told(manager.current)
    return session.id if session and session.status == RUNNING else None
