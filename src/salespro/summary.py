"""What an import has to say at its end, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from src.kit.importing import FAILED, FLAGGED, HELD, REJECTED
from src.salespro.history import Earlier
from src.salespro.importer import SHOWN, STALE_ROW, Importer
from src.salespro.records import ERRORS, REJECTS


def counts(done: Importer) -> dict[str, int]:
    """Return the counts of the summary's first line."""
    found = done.imported.counts
    return {
        "created": found["created"],
        "updated": found["updated"],
        "unchanged": done.unchanged,
        "stale": found[STALE_ROW],
        "rejected": found[REJECTED],
        "held": found[HELD],
        "failed": found[FAILED],
        "flagged": found[FLAGGED],
    }


def notes(done: Importer, earlier: Earlier | None) -> Iterator[str]:
    """Yield what is worth a sentence."""
    yield from done.order.reading.notes
    if earlier:
        yield _seen_before(done, earlier)
    yield from done.examples
    hidden = done.imported.counts[REJECTED] - len(done.examples)
    if hidden > 0:
        yield f"and {hidden:,} more rejected row(s)"
    yield from _repeated(done)
    yield _compared(done)
    if done.order.shape.has_sales:
        yield from _money(done)
    if done.index_problem:
        yield f"an index was not made, look-ups are slower: {done.index_problem}"
    if done.imported.stopped_by:
        yield f"stopped by {done.imported.stopped_by}{_way_on(done)}"
    if done.order.limits.is_dry_run:
        yield "a dry run: nothing was stored but a line of the history"


def _way_on(done: Importer) -> str:
    is_dry_run = done.order.limits.is_dry_run
    if done.imported.has_too_many_errors:
        place = (REJECTS if is_dry_run else ERRORS).place
        return f"; correct the rows in {place} or raise --max-errors, then start again"
    if is_dry_run:
        return ""
    return "; start the same command again to go on, what is stored stays"


def _seen_before(done: Importer, earlier: Earlier) -> str:
    when = earlier.started_at[:16].replace("T", " ")
    head = f"this file was imported before, on {when} UTC (run {earlier.run_id})"
    if done.is_dated or earlier.is_last:
        return f"{head}: 0 changes expected, {sum(done.predicted):,} found"
    return f"{head}, and other files since: it may put older values back"


def _repeated(done: Importer) -> Iterator[str]:
    count = done.imported.categories["duplicate"]
    if count:
        named = ", ".join(f"{odd.key} (line {odd.line})" for odd in done.repeats)
        more = ", …" if count > SHOWN else ""
        head = f"{count:,} row(s) whose id the file has in another row that counts"
        yield f"{head}: {named}{more}"


def _compared(done: Importer) -> str:
    (created, updated), (did_create, did_update) = done.predicted, done.done
    verdict = "as predicted" if done.predicted == done.done else "NOT AS PREDICTED"
    if done.predicted != done.done and (
        done.not_attempted or done.imported.counts[FAILED]
    ):
        verdict = f"{done.not_attempted:,} not attempted"
    return (
        f"predicted {created:,} created, {updated:,} updated; the database changed "
        f"{did_create:,} and {did_update:,}: {verdict}"
    )


def _money(done: Importer) -> Iterator[str]:
    sums, (before, after) = done.store.sums, done.cents
    expected = before + sums.cents
    head = "control sum of all amounts, sales or not"
    if done.order.limits.is_dry_run:
        yield f"{head}: {money(before)}, would be {money(expected)}"
    else:
        verdict = "as expected" if after == expected else f"EXPECTED {money(expected)}"
        yield f"{head}: {money(before)} → {money(after)}, {verdict}"
    amount = money(sums.sold, "+")
    yield f"sales won {sums.won:,}, lost {sums.lost:,}; amount of sales {amount}"
    if sums.flagged:
        yield f"{sums.flagged:,} sale(s) without an amount"


def money(cents: int, plus: str = "") -> str:
    """Return an amount with its thousands parted.

    >>> money(123456789), money(-5), money(5, "+")
    ('1,234,567.89', '-0.05', '+0.05')
    """
    sign = "-" if cents < 0 else plus
    return f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02}"
