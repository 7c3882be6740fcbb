"""What proves a report: the receipts of the runs, the seals of the run logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from src.kit import receipts
from src.kit.templates import Html
from src.office.overview import RunSum, Watch
from src.office.pages import parts
from src.office.pipelines import ALL, Pipeline

RECEIPTS = 200  # of runs that are listed
COUNTS = ("out", "rejected", "skipped", "held", "failed", "not_attempted")


def runs(found: Sequence[RunSum]) -> Html:
    """Return what became of everything that runs read, by their receipts."""
    if not found:
        return parts.NOTHING
    shown = found[:RECEIPTS]
    rows = [
        (
            one.run_id,
            one.door or one.pipeline,
            parts.stamp(one.ended or one.started),
            _balance(one.counts),
            parts.ended(one.exit, one.is_cancelled)
            if one.door
            else "no receipt: it runs, or was killed",
        )
        for one in shown
    ]
    of = f"the newest {len(shown)} of {len(found):,} runs" if len(found) > len(shown) else ""
    heads = ["Run", "Door", "When", "What became of what was read", "How it ended"]
    return parts.card("Receipts", parts.table(of or "All runs", heads, rows))


def _balance(counts: Mapping[str, str]) -> str:
    """Return what was read and what became of it: 12 = 9 out + 3 held."""
    told = [
        f"{counts[word]} {parts.spelled(word)}"
        for word in COUNTS
        if counts.get(word, "0") != "0"
    ]
    return f"{counts['read']} = {' + '.join(told)}" if counts.get("read") and told else ""


def seals(watch: Watch) -> Html:
    """Return whether each run log has as many rows as were sealed."""
    last = {
        one.subject: one
        for one in watch.receipts()
        if one.kind in (receipts.OPEN, receipts.SEAL)
    }
    rows = [
        (one.log.place, watch.tally(one.name).rows, _sealed(watch, one, last))
        for one in ALL
        if watch.tally(one.name).rows
    ]
    heads = ["Run log", parts.Column("Rows", parts.NUMBER), "Seal"]
    caption = 'Seals, compared by their counts; "make verify-logs" looks at every row'
    return parts.card("Seals", parts.table(caption, heads, rows))


def _sealed(
    watch: Watch, pipeline: Pipeline, last: Mapping[str, receipts.Receipt]
) -> str:
    tally, seal = watch.tally(pipeline.name), last.get(pipeline.log.place)
    if tally.bad_rows:
        return f"{parts.plural(tally.bad_rows, 'row')} changed elsewhere, or damaged"
    if seal is None:
        return "never sealed"
    if seal.kind == receipts.OPEN:
        return "open: a run is writing, or did not end cleanly"
    if int(seal.rows or 0) != tally.rows:
        return f"has another count than the {seal.rows} rows that were sealed"
    return f"intact by its count, sealed {seal.ts[:16].replace('T', ' ')} UTC"
