"""A synchronization: start it, watch it, cancel it, see what went wrong.

The part that changes is a fragment of its own, which is polled every second while a
session runs. The form above it is not, so nobody's ticks are lost; when a session begins
or ends, the whole page is loaded anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from string import Template
from typing import Any

from src.kit import web
from src.kit.doors import DONE
from src.kit.errors import Locked, Refused
from src.kit.receipts import FILE
from src.kit.serving import Reply
from src.kit.sessions import COMPLETED, RUNNING, Session
from src.kit.templates import Html, join, load, render, text
from src.kit.web import Problem, Request
from src.mis.customer_sync import MOST
from src.office.overview import RunSum
from src.office.pages import bars, parts
from src.office.pages.layout import FOLDER, Page
from src.office.pages.office import Office
from src.office.pages.syncs import Sync

FAST, SLOW = 1, 10  # seconds between two looks, while a session runs and otherwise
SHOWN_ERRORS = 50
NEVER = "never"
_CHECK = Template(
    '<div class="form-check form-check-inline"><input class="form-check-input" '
    'type="checkbox" id="type-$word" name="objects" value="$word" checked>'
    '<label class="form-check-label" for="type-$word">$shown</label></div>'
)
_POLLED = Template(
    '<div id="progress" hx-get="$place" hx-trigger="every ${seconds}s" '
    'hx-swap="innerHTML">$body</div>'
)
_STATUS = Template('<p class="lead-sentence" role="status">$badge $sentence</p>')
_SPACED = Template('<div class="mb-3">$body</div>')
_TIME = Template('<time datetime="$iso">$shown</time>')
_AT_WORK = "A session runs already; it is shown below. Wait for its end, or cancel it."
_ELSEWHERE = (
    "Not started: another door or session is at work on the same things just now. "
    "Wait for its end, then start again."
)
_EMPTY = {COMPLETED: "No record was to be synchronized"}
_PARAGRAPH = Template("<p>$body</p>")


# --- the page -------------------------------------------------------------------------


def show(sync: Sync, office: Office, request: Request) -> Page:
    """Show the present session, or the last one, and how to start the next."""
    return _page(sync, office, request)


def _page(sync: Sync, office: Office, request: Request, said: Html = parts.NOTHING) -> Page:
    session = sync.manager(office).current()
    is_running = _is_running(session)
    polled = render(
        _POLLED,
        place=f"{sync.place}/progress?seen={_seen(session)}",
        seconds=FAST if is_running else SLOW,
        body=_progress(sync, office, session),
    )
    if not is_running:
        act = _start_form(sync, request)
    elif session and _is_asked(sync, office, session):
        act = parts.notice("Asked to stop; the record in flight is finished first.")
    else:
        act = _cancel_form(sync, request)
    body = join([_about(sync), said, act, polled])
    return Page(sync.title, sync.place, body, FAST + 1 if is_running else 0)


def _is_running(session: Session | None) -> bool:
    return session is not None and session.status == RUNNING


def _seen(session: Session | None) -> str:
    return f"{session.id}-{session.status}" if session else "nothing"


def _about(sync: Sync) -> Html:
    links = [
        parts.link(f"{sync.place}/history", "History"),
        parts.link(f"/plans/{sync.plan}?show=held", "Cards that wait for a person"),
        parts.link(f"/logs/{sync.log}", "Run log"),
    ]
    lead = render(_PARAGRAPH, body=sync.about)
    return join([lead, render(_PARAGRAPH, body=join(links, " · "))])


def _start_form(sync: Sync, request: Request) -> Html:
    checks = join(
        render(_CHECK, word=word, shown=parts.spelled(word).capitalize())
        for word in sync.subject.types
    )
    batch = parts.NOTHING
    if sync.batch_size:
        batch = render(
            load(FOLDER, "sync_batch.html"), value=sync.batch_size, most=MOST
        )
    body = render(load(FOLDER, "sync_start.html"), checks=checks, batch=batch)
    form = parts.form(f"{sync.place}/start", request.csrf, body)
    return parts.card("Start", form)


def _cancel_form(sync: Sync, request: Request) -> Html:
    body = join(
        [
            parts.button("Cancel this session", "danger"),
            text(" It stops after the record in flight; what was written stays."),
        ]
    )
    return parts.card("Cancel", parts.form(f"{sync.place}/cancel", request.csrf, body))


# --- the part that changes ------------------------------------------------------------


def progress(sync: Sync, office: Office, request: Request) -> Reply:
    """Answer with the part that is polled; where a session began or ended, reload all."""
    web.only(request.query, "seen")
    session = sync.manager(office).current()
    reply = web.page(_progress(sync, office, session))
    if request.query.get("seen") in (None, _seen(session)):
        return reply
    return reply._replace(headers={"HX-Refresh": "true"})


def _progress(sync: Sync, office: Office, session: Session | None) -> Html:
    last = _last_sync(sync, office)
    if session is None:
        none = {"Status": "there was no session yet", "Last sync": last}
        return parts.card("Status", parts.facts(none))
    found = sync.manager(office).status_of(session)._asdict()
    shown = [
        _status(sync, office, session, found),
        _overall(found),
        _times(sync, session, found, last),
    ]
    cards = [
        parts.card("Status", join(shown)),
        parts.card("Progress by type", _by_type(found["object_progress"])),
        parts.card("Error log", _errors(sync, session, found["errors"])),
    ]
    return join(cards)


def _status(
    sync: Sync, office: Office, session: Session, found: Mapping[str, Any]
) -> Html:
    total, synced, failed = _counts(found)
    said = f"{synced:,} of {total:,} records synchronized"
    if failed:
        said += f", {failed:,} not synchronized"
    if session.status == RUNNING:
        said = said if total else "nothing is planned yet"
        work = sync.stages.get(session.stage, session.stage)
        asked = ", asked to stop" if _is_asked(sync, office, session) else ""
        said = f"{work[:1].upper()}{work[1:]}{asked}; {said}"
    elif not total:
        said = _EMPTY.get(session.status, "Nothing was planned when it ended")
    badge = ended(session.status, failed)
    return render(_STATUS, badge=badge, sentence=f"{said}.")


def _counts(found: Mapping[str, Any]) -> tuple[int, int, int]:
    return found["total_objects"], found["synced_objects"], found["failed_objects"]


def ended(status: str, failed: int) -> Html:
    """Return the status of a session; one that left records behind is not all well."""
    look = parts.WARNING if status == COMPLETED and failed else parts.tone(status)
    return parts.badge(status.capitalize(), look)


def _overall(found: Mapping[str, Any]) -> Html:
    total, synced, failed = _counts(found)
    percentage = found["progress_percentage"]
    label = f"Overall progress: {percentage} %"
    if not total:
        return render(_SPACED, body=bars.progress(label, percentage, 100))
    label += f", {synced + failed:,} of {total:,} records processed{_kept_back(failed)}"
    return render(_SPACED, body=bars.reached(label, synced, failed, total))


def _kept_back(failed: int) -> str:
    return f", {failed:,} not synchronized" if failed else ""


def _is_asked(sync: Sync, office: Office, session: Session) -> bool:
    path = office.settings.log_dir / f"{sync.subject.name}.cancel"
    try:
        wanted = path.read_text("utf-8", "replace")
    except OSError:  # nobody asked
        return False
    return wanted == session.id


def _last_sync(sync: Sync, office: Office) -> Html:
    """Return when was last synchronized: by a session, or by its door run by itself."""
    manager = sync.manager(office)
    last = manager.last_sync_time()
    alone = _alone(sync, office)
    if alone and (last is None or datetime.fromisoformat(alone.ended) > last):
        link = parts.link(parts.address("runs", alone.run_id), alone.door)
        by = [text(", by "), link, text(" without a session")]
        return join([when(datetime.fromisoformat(alone.ended)), *by])
    return when(last) if last else text(NEVER)


def _alone(sync: Sync, office: Office) -> RunSum | None:
    """Return the last good run of the door that writes which no session made."""
    good = {str(code) for code in DONE}
    told = office.watch.receipts()
    # A dry run wrote no file.
    meant = {one.run_id for one in told if (one.door, one.kind) == (sync.door, FILE)}
    meant -= {one["session_id"] for one in sync.manager(office).get_sync_history()}
    for run in office.watch.runs():
        if run.door == sync.door and run.exit in good and run.run_id in meant:
            return run
    return None


def _times(
    sync: Sync, session: Session, found: Mapping[str, Any], last: Html
) -> Html:
    place = parts.address("sync", sync.name, "history", session.id)
    return parts.facts(
        {
            "Started": when(found["start_time"]),
            "Ended": when(found["end_time"]),
            "Last sync (completed)": last,
            "Session": parts.link(place, session.id),
        }
    )


def when(time: datetime | None, zone: str = " UTC") -> Html:
    """Return a time of a session to the second, `-` where there is none."""
    if time is None:
        return text("-")
    shown = f"{time:%Y-%m-%d %H:%M:%S}{zone}"
    return render(_TIME, iso=time.isoformat(), shown=shown)


def _by_type(found: Mapping[str, Mapping[str, int]]) -> Html:
    numbers = [parts.Column(name, parts.NUMBER) for name in ("Total", "Synced", "Failed")]
    return parts.table(
        "Records of this session, by type",
        ["Progress", *numbers],
        (_type_row(word, count) for word, count in found.items()),
    )


def _type_row(word: str, count: Mapping[str, int]) -> list[object]:
    total, synced, failed = count["total"], count["synced"], count["failed"]
    name = parts.spelled(word).capitalize()
    label = f"{name}: {synced:,}/{total:,}"
    told = f"{label}{_kept_back(failed)}"
    bar = bars.reached(told, synced, failed, total) if total else text(label)
    return [bar, total, synced, failed]


def _errors(sync: Sync, session: Session, errors: Sequence[str]) -> Html:
    if not errors:
        return text("Nothing went wrong.")
    rows = [_error(sync, sentence) for sentence in errors[:SHOWN_ERRORS]]
    place = parts.address("sync", sync.name, "history", session.id)
    more = parts.link(place, f"All errors of session {session.id}")
    heads = ["Type", "ID", parts.Column("Description", "told")]
    shown = parts.table("What did not arrive, and why", heads, rows)
    return join([shown, more])


def _error(sync: Sync, sentence: str) -> list[object]:
    """Return type, id and description of an error; the session's own have only this."""
    words = sentence.split(" ", 2)
    if len(words) == 3 and _is_type(sync, words[0]):
        return [words[0], words[1].rstrip(":"), parts.cut(words[2])]
    return ["session", "", parts.cut(sentence)]


def _is_type(sync: Sync, word: str) -> bool:
    return word in sync.subject.types or f"{word.lower()}s" in sync.subject.types


# --- what a person wants --------------------------------------------------------------


def start(sync: Sync, office: Office, request: Request) -> Page | Reply:
    """Start a session of the types that were ticked."""
    form = request.form
    objects = form.get("objects", ())
    try:
        if not objects:
            raise Refused("nothing was ticked; tick at least one type")
        sync.manager(office).start_sync(objects, **_options(sync, form))
    except Locked:
        is_shown = _is_running(sync.manager(office).current())
        return _refused(sync, office, request, (409, _AT_WORK if is_shown else _ELSEWHERE))
    except (Refused, Problem) as error:
        return _refused(sync, office, request, (400, f"Not started: {error}"))
    return web.redirect(sync.place)


def _options(sync: Sync, form: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    if not sync.batch_size:
        return {}
    given = {name: values[-1] for name, values in form.items() if values}
    default = sync.batch_size
    return {"batch_size": web.whole(given, "batch_size", default, 1, MOST)}


def _refused(
    sync: Sync, office: Office, request: Request, why: tuple[int, str]
) -> Page:
    status, told = why
    page = _page(sync, office, request, parts.notice(told, parts.WARNING))
    return page._replace(status=status)


def cancel(sync: Sync, office: Office, request: Request) -> Reply:
    """Ask the running session to stop; where none runs there is nothing to say."""
    sync.manager(office).cancel_sync()
    return web.redirect(sync.place)
