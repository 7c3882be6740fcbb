"""How everything stands, in sentences: what is in doubt, what waits, what is left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from src.office.overview import Standing
from src.office.pages import parts


def sentences(standings: Sequence[Standing]) -> Iterator[str]:
    """Yield what is in doubt, what waits for a person, what nobody came to."""
    yield _in_doubt(sum(one.in_doubt or 0 for one in standings))
    waiting = sum(one.open_errors for one in standings)
    earlier = sum(len(one.earlier.rows) for one in standings)
    if waiting:
        yield f"{parts.plural(waiting, 'thing waits', 'things wait')} for a person."
    if earlier:
        records = parts.plural(earlier, "record was", "records were")
        yield f"{records} left behind in earlier files."
    if not (waiting or earlier):
        yield "Nothing waits for a person."
    if left := sum(one.not_attempted for one in standings):
        yield f"{parts.plural(left, 'record was', 'records were')} not attempted yet."


def _in_doubt(count: int) -> str:
    if not count:
        return "Nothing is in doubt."
    are = parts.plural(count, "attempt is", "attempts are")
    they = "it" if count == 1 else "they"
    return f"{are} in doubt: nobody knows yet whether {they} arrived."
