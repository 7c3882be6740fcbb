"""What a person should read after a push, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from src.kit.reading import Reject
from src.mis import undoing
from src.mis.pushing import Pushes, Survey
from src.mis.records import ERRORS, PLAN_IT

SHOWN = 5  # rows that a sentence names


def notes(survey: Survey, pushes: Pushes) -> Iterator[str]:
    """Yield what was planned and what came of it."""
    if survey.goes:
        parts = ", ".join(f"{count:,} {verb}" for verb, count in survey.goes.items())
        count = sum(survey.goes.values())
        yield f"planned to send {count:,} ({parts}), arrived {pushes.sent:,}"
    if pushes.renamed:
        yield f"{pushes.renamed:,} customer(s) got another name than planned"
    yield from undoing.afterwards(pushes.back)


def warnings(pushes: Pushes, missing: int) -> Iterator[str]:
    """Yield what did not come about, and what is wrong with the plan.

    `missing` rows were in the plan when it was made and are not there now.
    """
    if pushes.otherwise:
        yield (
            f"{pushes.otherwise:,} customer(s) are there, and QuickBooks did not take "
            f"every field as it was sent; see {ERRORS.place}, the next plan proposes them "
            "again"
        )
    for sentence in pushes.kept[:SHOWN]:
        yield f"kept: {sentence}"
    if len(pushes.kept) > SHOWN:
        yield f"kept: {len(pushes.kept) - SHOWN:,} more; see {ERRORS.place}"
    if missing:
        yield f"held: {missing:,} row(s) of the plan are missing; {_AGAIN}"
    if pushes.is_of_another_plan:
        yield f"held: this is another plan than the last; {_AGAIN}"
    elif pushes.damaged:
        yield f"held: {_some(pushes.damaged)} changed elsewhere than in decision; {_AGAIN}"
    if pushes.decided_badly:
        yield (
            f"held: {_some(pushes.decided_badly)} with a decision that is not understood; "
            "approve, skip, hold and link:<id> are"
        )


_AGAIN = f'run "{PLAN_IT}" again'


def _some(rows: Sequence[str]) -> str:
    more = ", …" if len(rows) > SHOWN else ""
    return f"{len(rows):,} row(s) ({', '.join(rows[:SHOWN])}{more})"


def rejected(rejects: Sequence[Reject]) -> Iterator[str]:
    """Yield a sentence for each of the first rows that cannot be read."""
    for reject in rejects[:SHOWN]:
        yield f"{reject.file}: line {reject.line}: {reject.reason}; {_AGAIN}"


def untold(problem: Exception | None) -> Iterator[str]:
    """Yield what to do where the MIS could not be told."""
    if problem is None:
        return
    yield (
        f"stopped, the MIS could not be told: {problem}; the log knows what was sent, the "
        "next start tells the MIS first"
    )
