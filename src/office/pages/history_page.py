"""The history of a synchronization's sessions, and one session with all its errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from src.kit import runlog, web
from src.kit.events import Event
from src.kit.runlog import RawRow
from src.kit.sessions import COUNTED
from src.kit.tables import header
from src.kit.templates import Html, join, text
from src.kit.views import FAILURES
from src.kit.web import Problem, Request
from src.office.pages import paging, parts
from src.office.pages.layout import Page
from src.office.pages.office import Office
from src.office.pages.sync_page import ended, when
from src.office.pages.syncs import Sync

ROWS = 50  # a page
SENTENCE = "told"  # the class of cells that hold sentences
# The specification's columns, and the keys of a session that they show.
COLUMNS = {
    "Start Time": "start_time",
    "End Time": "end_time",
    "Status": "status",
    "Total Objects": "total_objects",
    "Synced Objects": "synced_objects",
    "Failed Objects": "failed_objects",
    "Duration": "duration_seconds",
}
NEWEST = "-start_time"


# --- all sessions ---------------------------------------------------------------------


def show(sync: Sync, office: Office, request: Request) -> Page:
    """Show a page of the sessions, sorted as asked for."""
    web.only(request.query, "sort", "page")
    sort = request.query.get("sort", NEWEST)
    if sort.removeprefix("-") not in COLUMNS.values():
        raise Problem(400, f"sort: there is no column {sort[:40]!r}; see the table's links")
    page = paging.number(request)
    found = _sorted(sync.manager(office).get_sync_history(), sort)
    title = f"{sync.title}: history"
    if not found:
        never = text("There was no session yet; doors run by themselves are under ")
        told = join([never, parts.link("/runs", "Runs"), text(".")])
        return Page(title, sync.place, parts.notice(told))
    shown = found[paging.span(page, ROWS)]
    table = parts.table(
        f"{parts.plural(len(found), 'session')} of synchronization; times are UTC",
        [*(_head(sync, name, sort) for name in COLUMNS), "Details"],
        (_session_row(sync, one) for one in shown),
    )
    pages = paging.pages(len(found), ROWS)
    place = partial(parts.address, "sync", sync.name, "history", sort=sort)
    back = parts.link(sync.place, f"Back to {sync.title}")
    pager = paging.pager("Pages of the history", page, pages, lambda n: place(page=n))
    return Page(title, sync.place, join([table, pager, back]))


def _sorted(found: list[dict[str, Any]], sort: str) -> list[dict[str, Any]]:
    key = sort.removeprefix("-")
    filled = [one for one in found if one[key] is not None]
    empty = [one for one in found if one[key] is None]
    filled.sort(key=lambda one: one[key], reverse=sort.startswith("-"))
    return [*empty, *filled] if sort.startswith("-") else [*filled, *empty]


def _head(sync: Sync, name: str, sort: str) -> parts.Column:
    key = COLUMNS[name]
    turned = f"-{key}" if sort == key else key
    place = parts.address("sync", sync.name, "history", sort=turned)
    order = {key: "ascending", f"-{key}": "descending"}.get(sort, "")
    is_number = key not in ("start_time", "end_time", "status")
    return parts.Column(parts.link(place, name), parts.NUMBER if is_number else "", order)


def _session_row(sync: Sync, one: Mapping[str, Any]) -> list[object]:
    place = parts.address("sync", sync.name, "history", one["session_id"])
    count = one["failed_objects"] + len(one["errors"])
    label = parts.plural(count, "error") if count else "details"
    return [
        when(one["start_time"], ""),
        when(one["end_time"], ""),
        ended(one["status"], one["failed_objects"]),
        one["total_objects"],
        one["synced_objects"],
        one["failed_objects"],
        duration(one["duration_seconds"]),
        parts.link(place, label),
    ]


def duration(seconds: float | None) -> str:
    """Return how long something took.

    >>> duration(2.345), duration(125), duration(3600), duration(7322.4), duration(None)
    ('2.3 s', '2 min 5 s', '1 h 0 min', '2 h 2 min', '-')
    """
    if seconds is None:
        return "-"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60:,} h {minutes % 60} min"


# --- one session ----------------------------------------------------------------------


class _Failed(NamedTuple):
    """One record that did not arrive."""

    type: str
    id: str
    name: str
    outcome: str
    error: str
    request_id: str


def show_session(sync: Sync, office: Office, request: Request) -> Page:
    """Show what happened in a session, and the errors of its records."""
    web.only(request.query, "page")
    page = paging.number(request)
    session_id = request.parts["session_id"]
    events = _events(sync, office, session_id)
    if not events:
        raise Problem(404, f"there is no such session; see {sync.place}/history")
    found = list(_failed(sync, office, session_id))
    cards = [
        parts.card("What happened", _course(events)),
        parts.card("Errors of records", _records(sync, session_id, found, page)),
        _elsewhere(sync, session_id),
    ]
    return Page(f"Session {session_id}", sync.place, join(cards))


def _events(sync: Sync, office: Office, session_id: str) -> list[Event]:
    path = office.settings.log_dir / sync.subject.table.name
    rows = runlog.rows_with(path, Event, session_id)
    events = (Event(*map(runlog.text, row)) for row in rows)
    return [event for event in events if event.session_id == session_id]


def _course(events: Sequence[Event]) -> Html:
    return parts.table(
        "The session's own rows",
        ["When", "Event", "Stage", "Exit code", parts.Column("Said", SENTENCE), "Types"],
        (_event_row(event) for event in events if event.event != COUNTED),
    )


def _event_row(event: Event) -> list[object]:
    said = parts.cut(event.message) if event.message else parts.NOTHING
    objects = parts.spelled(event.objects.replace(" ", ", "))
    return [
        when(datetime.fromisoformat(event.ts)),
        parts.badge(event.event),
        event.stage,
        event.exit_code,
        said,
        objects,
    ]


def _failed(sync: Sync, office: Office, session_id: str) -> Iterator[_Failed]:
    """Yield the records of a session that did not arrive, each as it was left last."""
    names = header(sync.pipeline.log.row)
    at = {name: place for place, name in enumerate(names)}
    kind, one, other, name = (at[column] for column in sync.record)
    last: dict[tuple[bytes, bytes], RawRow] = {}
    for row in office.watch.rows_of_run(sync.name, session_id):
        about = (row[kind], row[other] or row[one])
        last.pop(about, None)
        if row[at["outcome"]] in FAILURES:
            last[about] = row
    shown = ("outcome", "error", "request_id")
    for row in last.values():
        found = [runlog.text(row[place]) for place in (kind, one, other, name)]
        rest = (runlog.text(row[at[column]]) for column in shown)
        yield _Failed(found[0], found[1] or found[2], found[3], *rest)


def _records(sync: Sync, session_id: str, found: Sequence[_Failed], page: int) -> Html:
    if not found:
        return text("Every record that it tried arrived.")
    pages = paging.pages(len(found), ROWS)
    place = partial(parts.address, "sync", sync.name, "history", session_id)
    table = parts.table(
        f"{parts.plural(len(found), 'record')} did not arrive",
        ["Type", "ID", *map(_told, ("Name", "Error")), "Outcome", "Request id"],
        map(_failed_row, found[paging.span(page, ROWS)]),
    )
    pager = paging.pager("Pages of errors", page, pages, lambda n: place(page=n))
    return join([table, pager])


def _failed_row(one: _Failed) -> list[object]:
    name, error = parts.cut(one.name), parts.cut(one.error)
    return [one.type, one.id, name, error, parts.badge(one.outcome), one.request_id]


def _told(name: str) -> parts.Column:
    return parts.Column(name, SENTENCE)


def _elsewhere(sync: Sync, session_id: str) -> Html:
    links = [
        parts.link(parts.address("logs", sync.log, run=session_id), "Its run log"),
        parts.link(parts.address("runs", session_id), "Its receipts"),
        parts.link(f"{sync.place}/history", "All sessions"),
    ]
    return parts.card("Elsewhere", join(links, " · "))
