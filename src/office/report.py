"""The report: everything there is to say about the five pipelines, as one page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from string import Template
from typing import NamedTuple

from src.attachments.records import SAME
from src.config import SETTINGS, Settings
from src.kit import charts
from src.kit.charts import Bar, Chart, Part
from src.kit.importing import LogRow
from src.kit.settings import shown_value
from src.kit.templates import Html, join, render
from src.office import overview, report_mapping, report_proofs, report_reasons, report_times
from src.office.next_steps import ALL_DONE
from src.office.overview import Standing, Watch
from src.office.pages import overview_page, parts
from src.office.pages.layout import Page
from src.office.pages.overview_page import TITLES
from src.office.pipelines import ALL, ATTACHMENTS, Pipeline
from src.office.report_mapping import AMBIGUOUS, MAPPED, NOT_MAPPED, Mapped
from src.office.report_predictions import NAMED, Prediction, predictions
from src.office.report_reasons import Reason
from src.office.tallies import Kept, RunRows, Tally

CATEGORIES = 20  # of a chart; the others are one
STALE = "stale"
_OUTCOMES = {
    charts.SUCCESS: "moved",
    charts.SECONDARY: "no change",
    charts.INFO: "in doubt",
    charts.WARNING: "for a person",
    charts.DANGER: "failed",
}
_COVERED = {
    MAPPED: charts.SUCCESS,
    AMBIGUOUS: charts.WARNING,
    NOT_MAPPED: charts.DANGER,
}
_STOPPED = "the run was stopped, or limited, before it came to them"
_OUTCOMES_TITLE = "Rows of all runs and attempts, by outcome"
_PARAGRAPH = Template("<p>$text</p>")
_LEAD = Template('<p class="lead-sentence">$text</p>')
_ROW = Template('<div class="row g-4 mt-1">$columns</div>')
_COLUMN = Template('<div class="col-lg-6">$one</div>')
_GRID = Template('<div class="mb-3">$cards</div>')


class Told(NamedTuple):
    """What a report is made of."""

    settings: Settings
    watch: Watch
    texts: Mapping[str, tuple[str, str]]  # every setting's text and where it came from
    made: str  # when
    run_id: str


def watch(settings: Settings) -> Watch:
    """Return what a report looks at: also which files were sent."""
    return Watch(settings, {ATTACHMENTS.name: Kept(SAME)})


def page(told: Told) -> Page:
    """Return the report; views that are older than their log are written anew."""
    overview.refresh_views(told.settings)
    seen = overview_page.Seen(told.watch.standings(), told.watch.runs(), is_offline=True)
    mapped = report_mapping.read(told.settings, told.watch)
    compared = list(filter(None, [mapped.prediction]))
    compared += predictions(told.settings, told.watch)
    body = [
        render(_LEAD, text=overview_page.verdict(seen)),
        render(_PARAGRAPH, text=join([Html("Made "), parts.stamp(told.made), Html(".")])),
        render(_GRID, cards=overview_page.content(seen)),
        _outcomes(told.watch),
        *(_pipeline(told, standing, mapped.left) for standing in seen.standings),
        *_coverage(mapped),
        *_predictions(compared),
        report_proofs.runs(seen.runs),
        report_proofs.seals(told.watch),
        _settings(told),
    ]
    return Page("Report", "/", join(body))


# --- what moved -----------------------------------------------------------------------


def _outcomes(watch: Watch) -> Html:
    bars = [
        Bar(TITLES[one.name], _toned(one, watch.tally(one.name).outcomes))
        for one in ALL
        if watch.tally(one.name).outcomes
    ]
    drawn = charts.lying(
        Chart("outcomes", _OUTCOMES_TITLE, "attempts; of imports, records", bars, True)
    )
    return parts.card("What the run logs hold", drawn) if bars else parts.NOTHING


def _toned(pipeline: Pipeline, outcomes: Mapping[str, int]) -> list[Part]:
    """Return outcomes as what they amount to, the best first."""
    counts: Counter[str] = Counter()
    for word, count in outcomes.items():
        # An importer's stale row is older than another of its file, or says the same.
        is_older = word == STALE and pipeline.log.row is LogRow
        counts[charts.SECONDARY if is_older else parts.tone(word)] += count
    return [Part(word, counts[tone], tone) for tone, word in _OUTCOMES.items()]


def _pipeline(told: Told, standing: Standing, left: Sequence[Reason]) -> Html:
    pipeline = next(one for one in ALL if one.name == standing.name)
    tally = told.watch.tally(pipeline.name)
    reasons = report_reasons.reasons(told.settings, pipeline, standing.earlier.rows)
    reasons += left if pipeline is ATTACHMENTS else []
    if count := standing.not_attempted:
        reasons.append(Reason("not_attempted", _STOPPED, count, standing.next_step))
    body = [
        render(_PARAGRAPH, text=_moved(tally)),
        _reasons(reasons, standing.next_step, bool(tally.outcomes)),
        _beside(_throughput(pipeline, tally), _errors(pipeline, tally)),
    ]
    return parts.card(TITLES[pipeline.name], join(body))


def _beside(*drawn: Html) -> Html:
    """Return what stands side by side where there is room."""
    return render(_ROW, columns=join(render(_COLUMN, one=one) for one in drawn if one))


def _moved(tally: Tally) -> str:
    """Return what moved, as a sentence."""
    if not tally.outcomes:
        return "Nothing has been done yet."
    words = [
        f"{count:,} {parts.spelled(word)}"
        for word, count in tally.outcomes.most_common()
        if parts.tone(word) == charts.SUCCESS
    ]
    moving = [run for run in tally.runs.values() if _has_moved(run)]
    runs = parts.plural(len(moving or tally.runs), "run")
    moved = f"Moved: {', '.join(words)}" if words else "Nothing moved"
    return f"{moved}, in {runs}."


def _has_moved(run: RunRows) -> bool:
    return any(parts.tone(word) == charts.SUCCESS for word in run.outcomes)


def _reasons(reasons: Sequence[Reason], next_step: str, is_begun: bool) -> Html:
    if not reasons and not is_begun:
        return parts.NOTHING
    if not reasons:
        is_all = next_step == ALL_DONE
        said = "Nothing is left behind." if is_all else f"Not finished; next: {next_step}."
        return render(_PARAGRAPH, text=said)
    rows = [
        (one.why, parts.badge(one.outcome), one.count, parts.cut(one.example))
        for one in _most(reasons)
    ]
    heads = ["Why", "Outcome", parts.Column("How many", parts.NUMBER), "For example"]
    return parts.table("What did not move, and why", heads, rows)


def _most(reasons: Sequence[Reason]) -> Iterator[Reason]:
    yield from reasons[:CATEGORIES]
    rest = reasons[CATEGORIES:]
    if rest:
        count = sum(one.count for one in rest)
        yield Reason("held", f"{len(rest)} other reasons", count, "see the errors table")


def _throughput(pipeline: Pipeline, tally: Tally) -> Html:
    times = report_times.spread(tally.hours)
    if not times.bars:
        return parts.NOTHING
    unit = f"{_counted(pipeline)} a {times.unit}"
    bars = [Bar(label, _toned(pipeline, counts)) for label, counts in times.bars]
    title = f"Throughput, by {times.unit}"
    return charts.standing(Chart(f"{pipeline.name}-time", title, unit, bars))


def _counted(pipeline: Pipeline) -> str:
    """Return what a pipeline's outcomes are counts of."""
    return "records" if pipeline.log.row is LogRow else "attempts"


def _errors(pipeline: Pipeline, tally: Tally) -> Html:
    if not tally.errors:
        return parts.NOTHING
    ranked = sorted(tally.errors.items(), key=lambda pair: -pair[1].count)
    bars = [
        Bar(name, [Part("rows", one.count, charts.DANGER)])
        for name, one in ranked[:CATEGORIES]
    ]
    rest = sum(one.count for _, one in ranked[CATEGORIES:])
    if rest:
        bars.append(Bar("all others", [Part("rows", rest, charts.DANGER)]))
    also = " and remarks" if pipeline.log.row is LogRow else ""
    title = f"Errors{also} by class, mended ones included"
    return charts.lying(Chart(f"{pipeline.name}-errors", title, "rows", bars))


# --- the mapping ----------------------------------------------------------------------


def _coverage(mapped: Mapped) -> Iterator[Html]:
    if not mapped.by_type:
        return
    by_type = sorted(mapped.by_type.items(), key=lambda pair: -sum(pair[1].values()))
    types = [Bar(kind, _covered(counts)) for kind, counts in by_type[:40]]
    years = [Bar(year or "none", _covered(n)) for year, n in sorted(mapped.by_year.items())]
    drawn = [
        charts.lying(Chart("coverage-type", "By type", "files of the plan", types)),
        charts.standing(
            Chart("coverage-year", "By year of the last change", "files", years[-60:])
        ),
    ]
    yield parts.card("How far the mapping reaches", _beside(*drawn))


def _covered(counts: Mapping[str, int]) -> list[Part]:
    return [Part(word, counts[word], tone) for word, tone in _COVERED.items()]


# --- predictions ----------------------------------------------------------------------


def _predictions(found: Sequence[Prediction]) -> Iterator[Html]:
    if not found:
        return
    number = parts.NUMBER
    counts = [parts.Column(name, number) for name in ("Rows", "As planned", "Not so")]
    lines = [line for one in found for line in _lines(one)]
    yield parts.card(
        "What was planned, and what came true",
        join(
            [
                parts.table(
                    "The last plan of each pipeline, row by row",
                    ["Pipeline", "Plan", "Planned", *counts],
                    lines,
                ),
                _differing(found),
            ]
        ),
    )


def _lines(one: Prediction) -> Iterator[tuple[object, ...]]:
    name = TITLES[one.pipeline]
    if one.note:
        yield name, one.plan, one.note, "", "", ""
    for line in one.lines:
        counts = line.planned, line.done, max(0, line.planned - line.done)
        yield (name, one.plan, parts.spelled(line.what), *counts)


def _differing(found: Sequence[Prediction]) -> Html:
    rows = [
        (TITLES[one.pipeline], row.name, parts.spelled(row.planned), parts.cut(row.result))
        for one in found
        for row in one.differing
    ]
    if not rows:
        return render(_PARAGRAPH, text="Everything came out as planned.")
    differ = sum(one.differ for one in found)
    caption = f"{parts.plural(differ, 'row')} not as planned"
    if differ > len(rows):
        caption += f"; the first {NAMED} of each pipeline"
    heads = ["Pipeline", "Row", "Planned", "What became of it"]
    return parts.table(caption, heads, rows)


# --- the report itself ----------------------------------------------------------------


def _settings(told: Told) -> Html:
    rows = [
        (one.name, shown_value(one, text), place)
        for one in SETTINGS
        for text, place in [told.texts[one.name]]
        if place != "default"
    ]
    facts = {"Made": parts.stamp(told.made), "By run": told.run_id}
    table = parts.table("Settings that are not the default", ["Setting", "Value", "From"], rows)
    return parts.card("This report", join([parts.facts(facts), table if rows else ""]))
