"""Sessions over HTTP: start one, stop it, see how far it is, list all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from src.kit import web
from src.kit.errors import Locked
from src.kit.living import LOOK_SECONDS, AtWork
from src.kit.sessions import RUNNING
from src.kit.sync_manager import SyncManager
from src.kit.web import Problem, Reply, Request
from src.office.rest.operations import CUSTOMERS, WMS, Rest, answer, page, shown, told
from src.wms.fields import TYPES

# Until the row of a session whose lock is held can be read.
ROW_SECONDS = 2.0
BEGINS = "another run is at the sessions, or one just begins; ask again in a moment"
NONE_RUNS = "no session runs, so there is nothing to cancel; start one"


def started(
    rest: Rest, manager: SyncManager, objects: Sequence[str], **options: Any
) -> Reply:
    """Start a session; return which, once it is known to run."""
    try:
        session_id = told(partial(manager.start_sync, objects, **options))
    except AtWork as busy:
        place = CUSTOMERS if manager is rest.mis else WMS
        raise _conflict(place, manager.shown(busy.session)) from busy
    except Locked as locked:
        raise Problem(409, BEGINS, _running(rest, manager)) from locked
    data = {"session_id": session_id, "status": RUNNING, "objects": list(objects)}
    return answer(rest, "Synchronization started", {**data, **options}, 202)


def _conflict(place: str, found: Mapping[str, Any]) -> Problem:
    """Return why none may start, for a program: no file, process or command."""
    since = f"{found['start_time']:%Y-%m-%d %H:%M:%S} UTC"
    said = f"session {found['session_id']} runs since {since}; wait until it has ended"
    return Problem(409, f"{said}, or cancel it: POST {place}/cancel", found)


def _running(rest: Rest, manager: SyncManager) -> dict[str, Any] | None:
    """Return the session that holds the lock; its first row may be a moment away."""
    until = rest.clock.monotonic() + ROW_SECONDS
    while (found := manager.last_session()) is None or found["status"] != RUNNING:
        if rest.clock.monotonic() > until:
            break
        rest.clock.sleep(LOOK_SECONDS)
    return found


def cancelled(rest: Rest, manager: SyncManager, request: Request) -> Reply:
    """Ask the running session to stop; it finishes what is in flight."""
    web.only(request.query)
    web.only(request.json)
    session_id = told(manager.cancel_sync)
    if not session_id:
        raise Problem(409, NONE_RUNS)
    data = {"session_id": session_id, "status": RUNNING}
    return answer(rest, "Synchronization asked to stop", data, 202)


def history(rest: Rest, manager: SyncManager, request: Request) -> Reply:
    """List sessions, newest first."""
    wanted = page(request)
    found = [_past(one) for one in told(manager.get_sync_history)]
    return answer(rest, "Sessions of synchronization", wanted.of("sessions", found))


def _past(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return a session, with the address that tells which of its records failed."""
    told_by = f"/api/v1/runs/{found['session_id']}" if found["error_log"] else ""
    shown_past = {**found, "messages": list(found["errors"]), "error_log": told_by}
    del shown_past["errors"]
    return shown_past


def of(
    pick: Callable[[Rest], SyncManager],
    view: Callable[[Rest, SyncManager, Request], Reply],
) -> Callable[[Rest, Request], Reply]:
    """Return a view of one of the two managers."""
    return lambda rest, request: view(rest, pick(rest), request)


# --- the warehouse --------------------------------------------------------------------


def start_wms(rest: Rest, request: Request) -> Reply:
    """Start a session for some types, all where none is named."""
    web.only(request.query)
    web.only(request.json, "objects")
    objects = request.json.get("objects", [])
    is_list = isinstance(objects, list)
    for word in objects if is_list else [objects]:
        if not (is_list and isinstance(word, str) and word in TYPES):
            known = ", ".join(TYPES)
            raise Problem(
                400, f"objects={shown(word)}: is no list of types; use {known}"
            )
    wanted = [word for word in TYPES if word in objects or not objects]
    return started(rest, rest.wms, wanted)


def wms_status(rest: Rest, request: Request) -> Reply:
    """Return the session that runs, or the newest."""
    web.only(request.query)
    found = told(rest.wms.last_session)
    if found is None:
        found = {"session_id": None, **told(rest.wms.get_sync_status)}
    return answer(rest, "Warehouse synchronization", found)
