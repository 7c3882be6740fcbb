"""The overview: where all five pipelines stand, what runs, what to type next."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from itertools import count
from pathlib import PurePath
from string import Template
from typing import NamedTuple

from src.kit import web
from src.kit.sessions import RUNNING
from src.kit.sync_manager import Status, SyncManager
from src.kit.templates import Html, join, load, render, text
from src.office.next_steps import ALL_DONE
from src.office.overview import RunSum, Standing
from src.office.pages import bars, parts
from src.office.pages.bars import Part
from src.office.pages.layout import FOLDER, Page
from src.office.pages.office import Office
from src.office.pipelines import ALL, ATTACHMENTS, CUSTOMERS, MIS, SALESPRO, WMS, Pipeline

LATEST = 6  # runs; as many as stand beside a card without making it longer
QUIET, BUSY = "30s", "2s"  # between two looks, while nothing runs and while something does
RELOAD_SECONDS = 5  # where nothing polls, while something runs
SAME = 204  # the browser has it already, so it keeps what is focused and read out
TITLES = {
    ATTACHMENTS.name: "Attachments",
    CUSTOMERS.name: "Customers",
    SALESPRO.name: "SalesPro",
    WMS.name: "WMS and QuickBooks Desktop",
    MIS.name: "MIS customers",
}
_ABOUT = {
    ATTACHMENTS.name: "Files of QuickBooks Desktop, attached in QuickBooks Online.",
    CUSTOMERS.name: "Customer exports of QuickBooks Desktop, into the database.",
    SALESPRO.name: "Appointments of SalesPro, into the database.",
    WMS.name: "A warehouse and QuickBooks Desktop, synchronized both ways.",
    MIS.name: "Applicants and students of a MIS, into QuickBooks Online.",
}
_OF_BATCHES = ("created", "updated")
_SYNCED = (WMS.name, MIS.name)  # what a page can start
_TYPED = re.compile(r"make [a-z-]+(?: [A-Z]+=\S+)?|(?:logs|data)/(\w+)\.csv")
_POLLED = Template(
    '<div id="overview" hx-get="$place" hx-trigger="every $pause" hx-swap="outerHTML">'
    "$content</div>"
)
_VERDICT_TOO = Template('<p id="verdict" hx-swap-oob="innerHTML">$verdict</p>')
_GRID = Template('<div class="row g-3">$cards</div>')
_FOOT = Template(
    '<div class="card-footer d-flex flex-wrap align-items-center gap-3 d-print-none">'
    "$links</div>"
)
_DONE = "Done in all runs, and what is left now"
_NOW = Template('<p class="small mb-1">$title:</p>$bar')
_TRIED = Template(
    '<p class="small text-body-secondary">The run log also has, '
    "over all runs and attempts: $rows.</p>"
)
_SESSION = Template('<div class="session">$progress<p class="small">$told</p></div>')


class Seen(NamedTuple):
    """What the overview is made of, as it was at one moment."""

    standings: Sequence[Standing]
    runs: Sequence[RunSum]  # newest first
    sessions: Mapping[str, Status] = {}  # those that run, by pipeline
    is_offline: bool = False  # a file of its own: nothing to link to

    @property
    def is_fresh(self) -> bool:
        """Return whether nothing has been done yet."""
        return not any(one.last_run or one.outcomes for one in self.standings)


def show(office: Office, request: web.Request) -> Page:
    """Return the page."""
    seen = look(office)
    polled = _polled(seen, content(seen))
    body = render(load(FOLDER, "overview.html"), verdict=verdict(seen), content=polled)
    return Page("Overview", "/", body, RELOAD_SECONDS if seen.sessions else 0)


def progress(office: Office, request: web.Request) -> web.Reply:
    """Return what is polled, nothing where the browser has just that."""
    web.only(request.query, "seen")
    known, _, told = request.query.get("seen", "").partition(".")
    seen = look(office)
    shown, sentence = content(seen), verdict(seen)
    if known == _digest(shown):
        return web.Reply(SAME, b"", "text/html; charset=utf-8")
    # Who listens hears the sentence again whenever it comes, so it comes when it is new.
    is_new = told != _digest(sentence)
    said = [render(_VERDICT_TOO, verdict=sentence)] if is_new else []
    return web.page(join([_polled(seen, shown), *said]))


def look(office: Office) -> Seen:
    """Return where everything stands now."""
    managers = {WMS.name: office.wms, MIS.name: office.mis}
    found = {name: _running(manager) for name, manager in managers.items()}
    sessions = {name: status for name, status in found.items() if status}
    return Seen(office.watch.standings(), office.watch.runs(), sessions)


def _running(manager: SyncManager) -> Status | None:
    session = manager.current()
    is_running = session is not None and session.status == RUNNING
    return manager.status_of(session) if session and is_running else None


def verdict(seen: Seen) -> str:
    """Return how everything stands, in a sentence or two."""
    if seen.is_fresh:
        return 'Nothing has been done here yet; "make demo" shows all pipelines at work.'
    doubts = sum(one.in_doubt or 0 for one in seen.standings)
    waiting = sum(one.open_errors for one in seen.standings)
    doubt = "Nothing is in doubt." if not doubts else _in_doubt(doubts)
    earlier = sum(len(one.earlier.rows) for one in seen.standings)
    wait = _waiting(waiting, earlier)
    if left := sum(one.not_attempted for one in seen.standings):
        wait.append(f"{parts.plural(left, 'record was', 'records were')} not attempted yet.")
    running = [f"{TITLES[name]}: a synchronization is running." for name in seen.sessions]
    return " ".join([doubt, *wait, *running])


def _waiting(now: int, earlier: int) -> list[str]:
    things = parts.plural(now, "thing waits", "things wait")
    records = parts.plural(earlier, "record was", "records were")
    told = [f"{things} for a person."] if now else []
    told += [f"{records} left behind in earlier files."] if earlier else []
    return told or ["Nothing waits for a person."]


def _in_doubt(count: int) -> str:
    are = parts.plural(count, "attempt is", "attempts are")
    they = "it" if count == 1 else "they"
    return f"{are} in doubt: nobody knows yet whether {they} arrived."


def content(seen: Seen) -> Html:
    """Return a card for each pipeline, and the latest runs."""
    cards = {standing.name: _card(seen, standing) for standing in seen.standings}
    if seen.runs:
        cards["latest"] = _latest(seen)
    return render(_GRID, cards=join(_keeping_focus(*card) for card in cards.items()))


def _keeping_focus(name: str, card: Html) -> Html:
    """Return a card whose links have ids: htmx gives one the focus that it had before."""
    numbers = count(1)
    return Html(re.sub("<a ", lambda _: f'<a id="{name}-{next(numbers)}" ', card))


def _polled(seen: Seen, shown: Html) -> Html:
    known = f"{_digest(shown)}.{_digest(verdict(seen))}"
    place = parts.address("progress", seen=known)
    pause = BUSY if seen.sessions else QUIET
    return render(_POLLED, content=shown, place=place, pause=pause)


def _digest(shown: str) -> str:
    return sha256(shown.encode()).hexdigest()[:16]


# --- one pipeline ---------------------------------------------------------------------


def _card(seen: Seen, standing: Standing) -> Html:
    name = standing.name
    session = seen.sessions.get(name)
    return render(
        load(FOLDER, "pipeline.html"),
        name=name,
        title=TITLES[name],
        about=_ABOUT[name],
        state=_state(standing, bool(session)),
        session=_session(session) if session else parts.NOTHING,
        bar=_bar(seen, standing),
        facts=parts.facts(_facts(seen, standing)),
        foot=parts.NOTHING if seen.is_offline else _foot(name),
    )


def _state(standing: Standing, is_running: bool) -> Html:
    if is_running:
        return parts.badge("running")
    if standing.in_doubt:
        return parts.badge("in_doubt")
    if standing.open_errors or standing.earlier.rows:
        return parts.badge("waits for a person", parts.WARNING)
    if not standing.last_run:
        return parts.badge("not begun")
    if standing.next_step != ALL_DONE:
        return parts.badge("not finished", parts.INFO)
    return parts.badge("in order", parts.SUCCESS)


def _session(status: Status) -> Html:
    synced, failed, total = (
        status.synced_objects,
        status.failed_objects,
        status.total_objects,
    )
    since = parts.stamp(status.start_time.isoformat() if status.start_time else "")
    if total:
        told = f"{synced + failed:,} of {parts.plural(total, 'record')}"
        rest = f", {failed:,} not synchronized" if failed else ""
        bar = bars.reached(f"Synchronization: {told}{rest}", synced, failed, total)
    else:
        bar = bars.progress("Synchronization: reading", 0, 0)
    return render(_SESSION, progress=bar, told=join([text("Since "), since]))


def _bar(seen: Seen, standing: Standing) -> Html:
    """Return what was done and what is left, and apart from it what was only tried."""
    done = [word for word in standing.outcomes if parts.tone(word) == parts.SUCCESS]
    shown = {word: standing.outcomes[word] for word in done}
    rest = {w: count for w, count in standing.outcomes.items() if w not in shown}
    found = [Part(word, n, "", _rows(seen, standing, word)) for word, n in shown.items()]
    found = sorted(found, key=lambda part: -part.count) + _left(seen, standing)
    label = f"{TITLES[standing.name]}: {_DONE.lower()}"
    bar = render(_NOW, title=_DONE, bar=bars.bar(label, found)) if found else parts.NOTHING
    return join([bar, _tried(seen, standing, rest)])


def _left(seen: Seen, standing: Standing) -> list[Part]:
    errors = PurePath(_pipeline(standing.name).errors.name).stem
    place = "" if seen.is_offline else parts.address("logs", errors)
    log = "" if seen.is_offline else parts.address("logs", _stem(standing.name))
    left = [
        Part("in doubt now", standing.in_doubt or 0, parts.INFO, place),
        Part("waiting for a person now", standing.open_errors, parts.WARNING, place),
        Part("left in earlier files", len(standing.earlier.rows), parts.WARNING, log),
        Part("not attempted yet", standing.not_attempted, parts.SECONDARY),
    ]
    return [part for part in left if part.count]


def _tried(seen: Seen, standing: Standing, rest: Mapping[str, int]) -> Html:
    """Return the rows of the run log that say neither: of what was settled since, too."""
    if not rest:
        return parts.NOTHING
    told = [
        join([parts.number(n), text(" "), _named(_rows(seen, standing, word), word)])
        for word, n in sorted(rest.items(), key=lambda pair: -pair[1])
    ]
    return render(_TRIED, rows=join(told, ", "))


def _named(place: str, word: str) -> Html:
    name = parts.spelled(word)
    return parts.link(place, name) if place else text(name)


def _rows(seen: Seen, standing: Standing, word: str) -> str:
    # An importer's log has a row per batch, so there is none for each of these.
    unlisted = () if _pipeline(standing.name).journal else _OF_BATCHES
    is_listed = not seen.is_offline and word not in unlisted
    return parts.address("logs", _stem(standing.name), outcome=word) if is_listed else ""


def _facts(seen: Seen, standing: Standing) -> dict[str, Html]:
    found = {
        "Last run": _last_run(seen, standing),
        "Open errors": _open_errors(seen, standing),
        "Left behind": text(standing.earlier.told),
        "Not attempted": parts.number(standing.not_attempted),
        "In doubt": parts.number(standing.in_doubt or 0),
        "Next": _next_step(standing.next_step, seen.is_offline),
    }
    if standing.in_doubt is None:
        del found["In doubt"]
    if not standing.earlier.rows:
        del found["Left behind"]
    if not standing.not_attempted:
        del found["Not attempted"]
    return found


def _last_run(seen: Seen, standing: Standing) -> Html:
    runs = (run for run in seen.runs if run.pipeline == standing.name and run.door)
    newest = next(runs, None)
    if newest is None:
        return text(standing.last_run or "never")
    ended = parts.ended(newest.exit, newest.is_cancelled)
    return join([_when(seen, newest), text(f", {newest.door}: {ended}")])


def _open_errors(seen: Seen, standing: Standing) -> Html:
    count = parts.number(standing.open_errors)
    if seen.is_offline or not standing.open_errors:
        return count
    errors = PurePath(_pipeline(standing.name).errors.name).stem
    log = parts.link(parts.address("logs", errors), "error log")
    return join([count, text(", see the "), log])


def _next_step(told: str, is_offline: bool) -> Html:
    """Return the next step with what is typed, and links to the files it names."""
    shown, end = [], 0
    for match in _TYPED.finditer(told):
        shown += [text(told[end : match.start()]), _typed(match, is_offline)]
        end = match.end()
    return join([*shown, text(told[end:])])


def _typed(match: re.Match[str], is_offline: bool) -> Html:
    line, stem = match.group(), match.group(1)
    if stem is None or is_offline:
        return parts.command(line)
    is_plan = stem.endswith("_plan")
    return parts.link(parts.address("plans" if is_plan else "logs", stem), line)


def _foot(name: str) -> Html:
    links = [parts.link(parts.address("logs", _stem(name)), "Run log")]
    if name in _SYNCED:
        start = parts.address("sync", name)
        links.insert(0, parts.button_link(start, "Start or watch a synchronization"))
        links.append(parts.link(parts.address("sync", name, "history"), "History"))
    return render(_FOOT, links=join(links))


def _stem(name: str) -> str:
    return PurePath(_pipeline(name).log.name).stem


def _pipeline(name: str) -> Pipeline:
    return next(one for one in ALL if one.name == name)


# --- the latest runs ------------------------------------------------------------------


def _latest(seen: Seen) -> Html:
    rows = [_run(seen, run) for run in seen.runs[:LATEST]]
    table = parts.table("Newest first", ["Ended", "Door", "How"], rows)
    more = parts.NOTHING if seen.is_offline else parts.link("/runs", "All runs")
    return render(load(FOLDER, "latest.html"), table=table, foot=more)


def _run(seen: Seen, run: RunSum) -> list[object]:
    how = "no receipt: it runs, or was killed"
    if run.door:
        how = parts.ended(run.exit, run.is_cancelled)
    return [_when(seen, run), run.door, how]


def _when(seen: Seen, run: RunSum) -> Html:
    when = parts.stamp(run.ended or run.started)
    return when if seen.is_offline else parts.link(parts.address("runs", run.run_id), when)
