"""The logs: which there are, their rows newest first, searched, filtered, downloaded."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache, partial
from pathlib import Path
from string import Template
from typing import NamedTuple

from src.kit import cells, files, web
from src.kit.backwards import Backwards
from src.kit.sieves import LONGEST, Line, Wanted
from src.kit.errors import Refused
from src.kit.importing import BATCH, LogRow
from src.kit.serving import Reply
from src.kit.templates import Html, join, load, render
from src.kit.web import Problem, Request
from src.office.pages import paging, parts
from src.office.pages.layout import FOLDER, Page
from src.office.pages.log_tables import ABOUT, LOGS, SHOWN, WHY, Log
from src.office.pages.office import Office
from src.office.pipelines import path_of

ROWS = 50  # a page
WORDS_IN = 500  # newest rows, whose words are offered where nobody counted them all
LONGEST_QUESTION = LONGEST
SENTENCE = "told"  # the class of cells that hold sentences
_OPTION = Template('<option value="$word"$selected>$shown</option>')
_WHOLE_ROW = Template("<details><summary>$about</summary>$facts</details>")


class Asked(NamedTuple):
    """What a request for a log asks for."""

    q: str = ""
    outcome: str = ""
    run: str = ""

    def wanted(self, log: Log) -> Wanted:
        """Return it as rows of that log are looked for."""
        by = {log.word: self.outcome, log.run: self.run}
        said = tuple((column, word) for column, word in by.items() if column and word)
        return Wanted(cells.unguard(self.q), said)


def asked(request: Request) -> Asked:
    """Return what a request asks for; raises Problem where it asks for something else."""
    web.only(request.query, "q", "outcome", "run", "page")
    found = Asked(*(request.query.get(name, "").strip() for name in Asked._fields))
    for name, text in found._asdict().items():
        if len(text) > LONGEST_QUESTION:
            told = f"{name}: has more than {LONGEST_QUESTION} characters; shorten it"
            raise Problem(400, told)
    return found


def _log(request: Request) -> Log:
    log = LOGS.get(request.parts["table"])
    if log is None:
        raise Problem(404, "there is no such log; see /logs for those that there are")
    return log


# --- which logs there are -------------------------------------------------------------


def index(office: Office, request: Request) -> Page:
    """Show every log with its rows, its size and its newest row."""
    by_owner: dict[str, list[Log]] = {}
    for log in LOGS.values():
        by_owner.setdefault(log.pipeline, []).append(log)
    body = join(_owner(office, name, logs) for name, logs in by_owner.items())
    return Page("Logs", "/logs", body)


def _owner(office: Office, name: str, logs: Iterable[Log]) -> Html:
    found = [log for log in logs if path_of(office.settings, log.table).exists()]
    missing = [log for log in logs if log not in found]
    title = name or "all pipelines"
    shown = parts.table(
        f"Logs of {title}" if name else "Logs that all pipelines share",
        ["Log", parts.Column("Rows", parts.NUMBER), "Size", "Newest row"],
        (_entry(office, log) for log in found),
    )
    left = ", ".join(f"{one.table.place} ({one.table.made_by})" for one in missing)
    foot = parts.text(f"Not written yet: {left}") if left else parts.NOTHING
    body = shown if found else parts.text("Nothing was logged yet.")
    return parts.card(title, body, foot)


def _entry(office: Office, log: Log) -> list[object]:
    path = path_of(office.settings, log.table)
    named = parts.link(parts.address("logs", log.name), log.table.place)
    try:
        rows, last = _count(office, log), Backwards(path, log.table).last()
        return [named, rows, _size(path), _newest(log, last)]
    except (Refused, OSError) as error:
        return [named, "", "", parts.text(error)]


def _count(office: Office, log: Log) -> int:
    """Return how many rows a log has; one that is followed is counted already."""
    if log.is_runlog:
        return office.watch.tally(log.pipeline).rows
    path = path_of(office.settings, log.table)
    return _counted(path, log.name, files.look(path))


@lru_cache(maxsize=2 * len(LOGS))
def _counted(path: Path, name: str, look: files.Look | None) -> int:
    return Backwards(path, LOGS[name].table).rows()


def _size(path: Path) -> str:
    size = float(path.stat().st_size)
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            break
        size /= 1000
    else:
        unit = "GB"
    return f"{size:,.0f} {unit}" if unit == "bytes" else f"{size:,.1f} {unit}"


def _newest(log: Log, line: Line | None) -> Html:
    if line is None:
        return parts.text("none")
    if line.is_damaged:
        return parts.badge("damaged", parts.DANGER)
    said = dict(zip(log.columns, line.cells))
    when, word = said.get("ts", ""), said.get(log.word, "")
    return join([parts.stamp(when), parts.badge(word) if word else parts.NOTHING], " ")


# --- one log --------------------------------------------------------------------------


def show(office: Office, request: Request) -> Page:
    """Show a page of a log, newest rows first."""
    log, what = _log(request), asked(request)
    page = paging.number(request)
    path = path_of(office.settings, log.table)
    if not path.exists():
        told = f'{log.table.place}: not written yet; "{log.table.made_by}" does'
        return Page(log.table.name, "/logs", parts.notice(told))
    span = ((page - 1) * ROWS, ROWS)
    known = _known(office, log, what)
    found = Backwards(path, log.table).page(what.wanted(log), span, known)
    body = join([_search(office, log, what), _told(office, log, what, found.count)])
    if found.lines:
        body = join([body, _rows(log, found.lines), _pages(log, what, page, found.count)])
    return Page(log.table.name, "/logs", body)


def _known(office: Office, log: Log, what: Asked) -> int | None:
    """Return how many rows are asked for, None where only looking for them can tell."""
    if not any(what):
        return _count(office, log)
    if what.q or not log.is_runlog or log.table.row is LogRow:
        return None
    tally = office.watch.tally(log.pipeline)
    if tally.bad_rows:  # one of them may say what is looked for
        return None
    run = tally.runs.get(what.run)
    outcomes = tally.outcomes if not what.run else run.outcomes if run else Counter()
    return outcomes[what.outcome] if what.outcome else sum(outcomes.values())


def _told(office: Office, log: Log, what: Asked, count: int) -> Html:
    rows = parts.plural(count, "row")
    said = f"{rows} found, newest first." if any(what) else f"{rows}, newest first."
    if not count:
        said = "No row is like that." if any(what) else "It has no rows yet."
    damaged = office.watch.tally(log.pipeline).bad_rows if log.is_runlog else 0
    told = [parts.text(said)]
    if damaged:
        is_are = "is" if damaged == 1 else "are"
        rows = parts.plural(damaged, "row")
        warning = f"{rows} of it {is_are} damaged: see make verify-logs"
        told.append(parts.badge(warning, parts.DANGER))
    return render(Template('<p class="mb-2">$told</p>'), told=join(told, " "))


def _search(office: Office, log: Log, what: Asked) -> Html:
    words = _words(office, log)
    if what.outcome:
        words.setdefault(what.outcome, None)
    chosen = join(
        render(
            _OPTION,
            word=word,
            shown=_choice(word, count),
            selected=_selected(word, what),
        )
        for word, count in words.items()
    )
    query = {**what._asdict(), "outcome": what.outcome if log.word else ""}
    return render(
        load(FOLDER, "log_search.html"),
        place=parts.address("logs", log.name),
        download=parts.address("logs", f"{log.name}.csv", **query),
        q=what.q,
        run=what.run,
        has_runs=Html("" if log.run else " hidden"),
        has_words=Html("" if log.word else " hidden"),
        column=_spelled(log.word),
        options=chosen,
    )


def _choice(word: str, count: int | None) -> str:
    return parts.spelled(word) if count is None else f"{parts.spelled(word)} ({count:,})"


def _selected(word: str, what: Asked) -> Html:
    return Html(" selected" if word == what.outcome else "")


def _words(office: Office, log: Log) -> dict[str, int | None]:
    """Return the words that rows may be told apart by, with their counts if known."""
    if not log.word:
        return {}
    if log.is_runlog and log.table.row is not LogRow:
        outcomes = office.watch.tally(log.pipeline).outcomes
        return {word: outcomes[word] for word in sorted(outcomes)}
    path = path_of(office.settings, log.table)
    newest = Backwards(path, log.table).page(Wanted(), (0, WORDS_IN)).lines
    at = log.columns.index(log.word)
    found = {line.cells[at] for line in newest if not line.is_damaged}
    if log.table.row is LogRow:
        found |= {BATCH}
    return {word: None for word in sorted(found) if word}


def _pages(log: Log, what: Asked, page: int, count: int) -> Html:
    place = partial(parts.address, "logs", log.name, **what._asdict())
    label, pages = f"Pages of {log.table.place}", paging.pages(count, ROWS)
    return paging.pager(label, page, pages, lambda n: place(page=n))


def _rows(log: Log, lines: Iterable[Line]) -> Html:
    """Return lines as a table; a telephone shows their times where one is opened."""
    columns = [parts.Column("What", SENTENCE)]
    columns += [parts.Column(_spelled(log.word))] * bool(log.word)
    columns += [parts.Column("Why", SENTENCE)]
    columns += [parts.Column("When", "d-none d-md-table-cell")] * ("ts" in log.columns)
    return parts.table(log.table.place, columns, (_row(log, line) for line in lines))


def _spelled(column: str) -> str:
    return column.replace("_", " ").capitalize()


def _row(log: Log, line: Line) -> list[object]:
    if line.is_damaged:
        damaged = parts.badge("damaged", parts.DANGER)
        return [parts.cut(line.cells[0] or "a line that cannot be read"), damaged]
    said = dict(zip(log.columns, line.cells))
    word = said.get(log.word, "")
    badge = [parts.badge(word) if word else parts.NOTHING] * bool(log.word)
    why = "; ".join(said[name] for name in WHY if said.get(name))
    return [_about(said), *badge, parts.cut(why), parts.stamp(said.get("ts", ""))]


def _about(said: Mapping[str, str]) -> Html:
    """Return what a row is about, which opens to show all that it says."""
    filled = [said[name] for name in ABOUT if said.get(name)][:SHOWN]
    about = " · ".join(filled) or "this row"
    facts = parts.facts({name: parts.cut(text) for name, text in said.items() if text})
    return render(_WHOLE_ROW, about=_shortened(about), facts=facts)


def _shortened(about: str) -> str:
    return about if len(about) <= parts.LONGEST else f"{about[: parts.LONGEST]}…"


# --- downloads ------------------------------------------------------------------------


def download(office: Office, request: Request) -> Reply:
    """Answer with the rows asked for as the log spells them, its header first.

    They wait in a file of the system's folder for such, not in memory.
    """
    log, what = _log(request), asked(request)
    path = path_of(office.settings, log.table)
    if not path.exists():
        raise Problem(404, f'{log.table.place}: not written yet; run "{log.table.made_by}"')
    file = tempfile.TemporaryFile()
    for block in Backwards(path, log.table).raw(what.wanted(log)):
        file.write(block)
    headers = {"Content-Disposition": f'attachment; filename="{log.table.name}"'}
    return Reply(200, file, "text/csv; charset=utf-8", headers)
