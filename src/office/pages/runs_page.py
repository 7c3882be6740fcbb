"""Every start of a door: what it read and wrote, its receipts, its rows in the logs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from src.kit import receipts, web
from src.kit.receipts import FILE, RUN, SEAL, Receipt
from src.kit.templates import Html, join, text
from src.kit.web import Problem, Request
from src.office import undoable
from src.office.overview import RunSum
from src.office.pages import bars, paging, parts
from src.office.pages.layout import Page
from src.office.pages.office import Office
from src.office.pipelines import ALL, Pipeline

ROWS = 50  # a page
SENTENCE = "told"  # the class of cells that hold sentences
# What a receipt of a run calls the parts of `read`, and the words for people.
_PARTS = ("out", "rejected", "skipped", "held", "failed", "not_attempted")
_LOOKS = {"0": parts.SUCCESS, "1": parts.WARNING, "3": parts.WARNING, "4": parts.INFO}


def show(office: Office, request: Request) -> Page:
    """Show every start of a door, newest first."""
    web.only(request.query, "page")
    page = paging.number(request)
    found = office.watch.runs()
    if not found:
        never = parts.notice('No door ran yet; start with "make demo".')
        return Page("Runs", "/runs", never)
    shown = found[paging.span(page, ROWS)]
    table = parts.table(
        f"{parts.plural(len(found), 'run')}, newest first",
        ["Started", "Door", "How it ended", parts.Column("Records", SENTENCE)],
        map(_run_row, shown),
    )
    pages = paging.pages(len(found), ROWS)
    pager = paging.pager("Pages of runs", page, pages, _place)
    return Page("Runs", "/runs", join([table, pager]))


def _place(page: int) -> str:
    return parts.address("runs", page=page)


def _run_row(run: RunSum) -> list[object]:
    place = parts.address("runs", run.run_id)
    return [
        parts.link(place, parts.stamp(run.started)),
        run.door or f"a door of {run.pipeline}",
        exit_told(run),
        _sum(run.counts),
    ]


def exit_told(run: RunSum) -> Html:
    """Return how a run ended, in words, with its exit code."""
    if not run.exit:
        return parts.badge("no receipt", parts.WARNING)
    usual = parts.WARNING if run.is_cancelled else parts.DANGER
    told = parts.ended(run.exit, run.is_cancelled)
    return parts.badge(told, _LOOKS.get(run.exit, usual))


def _sum(counts: Mapping[str, str]) -> str:
    """Return the sum that proves that no record was lost: 53 = 52 + 1 rejected."""
    if "read" not in counts:
        return ", ".join(_told(word, number) for word, number in counts.items())
    filled = [word for word in _PARTS if counts.get(word, "0") != "0"]
    told = [_told(word, counts[word]) for word in filled]
    return f"{_told('read', counts['read'])} = {' + '.join(told) or '0'}"


def _told(word: str, number: str) -> str:
    found = _number(number)
    shown = f"{found:,}" if isinstance(found, int) else found
    return f"{shown} {parts.spelled(word)}"


# --- one run --------------------------------------------------------------------------


def show_run(office: Office, request: Request) -> Page:
    """Show what is known of one run."""
    web.only(request.query)
    run_id = request.parts["run_id"]
    runs = [run for run in office.watch.runs() if run.run_id == run_id]
    told = [one for one in office.watch.receipts() if one.run_id == run_id]
    if not (runs or told):
        raise Problem(404, "no receipt and no log knows such a run; see /runs")
    cards = [
        parts.card("Doors", _doors(runs)),
        *_rows(office, run_id),
        parts.card("Files that it wrote", _files(told)),
        parts.card("Seals and other receipts", _others(told)),
        parts.card("What to type", _commands(office, runs, run_id)),
    ]
    return Page(f"Run {run_id}", "/runs", join(cards))


def _doors(runs: Sequence[RunSum]) -> Html:
    if not runs:
        return text("No door wrote a receipt at its end: it runs, or was killed.")
    return parts.table(
        "Starts of doors under this run id",
        ["Door", "Started", "Ended", "Exit", "In = out and what did not go on"],
        (
            [
                run.door or "-",
                parts.stamp(run.started),
                parts.stamp(run.ended) if run.ended else "-",
                exit_told(run),
                _sum(run.counts),
            ]
            for run in sorted(runs, key=lambda one: one.ended or "9")
        ),
    )


def _rows(office: Office, run_id: str) -> Iterable[Html]:
    for pipeline in ALL:
        found = office.watch.tally(pipeline.name).runs.get(run_id)
        if found:
            bar = bars.outcomes(f"Rows of {pipeline.log.place}", found.outcomes)
            place = parts.address("logs", _name(pipeline), run=run_id)
            rows = parts.link(place, "These rows")
            yield parts.card(f"Rows in {pipeline.log.place}", join([bar, rows]))


def _name(pipeline: Pipeline) -> str:
    return pipeline.log.name.removesuffix(".csv")


def _files(told: Sequence[Receipt]) -> Html:
    files = [one for one in told if one.kind == FILE]
    if not files:
        return text("None.")
    return parts.table(
        "Generated files",
        ["File", parts.Column("Rows", parts.NUMBER), "Made from", "SHA-256"],
        (
            [one.subject, _number(one.rows), receipts.source(one), _digest(one)]
            for one in files
        ),
    )


def _others(told: Sequence[Receipt]) -> Html:
    others = [one for one in told if one.kind not in (FILE, RUN)]
    if not others:
        return text("None: it wrote into no run log.")
    return parts.table(
        "A seal is a run log at a clean end",
        ["Kind", "Of", parts.Column("Rows", parts.NUMBER), "SHA-256", "Detail", "When"],
        (
            [
                parts.badge(one.kind, parts.SUCCESS if one.kind == SEAL else ""),
                one.subject,
                _number(one.rows),
                _digest(one),
                parts.cut(one.detail),
                parts.stamp(one.ts),
            ]
            for one in others
        ),
    )


def _number(cell: str) -> int | str:
    return int(cell) if cell.isascii() and cell.isdigit() and len(cell) < 19 else cell


def _digest(one: Receipt) -> Html:
    return parts.command(f"{one.sha256[:12]}…") if one.sha256 else parts.NOTHING


def _commands(office: Office, runs: Sequence[RunSum], run_id: str) -> Html:
    lines = [
        ("What it did about one record:", "make why KEY=…"),
        ("Whether the logs are as they were written:", "make verify-logs"),
    ]
    rows_of = office.watch.rows_of_run
    if any(undoable.can_be_undone(run, rows_of) for run in runs):
        lines.insert(1, ("A plan that takes it back:", f"make undo RUN={run_id}"))
    return parts.facts({what: parts.command(line) for what, line in lines})
