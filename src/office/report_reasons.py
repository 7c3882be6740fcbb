"""What did not move, and why: the open rows of a pipeline, grouped by their reasons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from src.config import Settings
from src.kit import reading
from src.kit.errors import Refused
from src.kit.tables import Table
from src.office.leftovers import Problem
from src.office.pipelines import ATTACHMENTS, Pipeline, path_of
from src.office.tallies import fold

_STILL_OPEN = ("open", "in_doubt", "held")  # of attempts that failed, what they are now


class Reason(NamedTuple):
    """Why some things did not move."""

    outcome: str
    why: str  # without what differs from one to the next
    count: int
    example: str  # one of them: what it is, and the whole reason


class Open(NamedTuple):
    """One thing that did not move."""

    thing: str
    outcome: str
    status: str
    error: str


def reasons(
    settings: Settings, pipeline: Pipeline, earlier: Sequence[Problem] = ()
) -> list[Reason]:
    """Return why things of a pipeline did not move, what holds most of them first.

    `earlier` are rows that were left in files before the last one.
    """
    found: dict[tuple[str, str], Reason] = {}
    opened = chain(map(_before, earlier), _open(settings, pipeline))
    for one in {one.thing: one for one in opened}.values():
        group = one.outcome, fold(one.status, one.error) or "no reason is given"
        example = f"{one.thing}: {one.error}" if one.error else one.thing
        known = found.get(group, Reason(*group, 0, example))
        found[group] = known._replace(count=known.count + 1)
    return sorted(found.values(), key=lambda reason: -reason.count)


def rows_of(settings: Settings, table: Table) -> Iterator[Any]:
    """Yield the rows of a table; none where it is missing or cannot be read."""
    yield from rows_in(path_of(settings, table), table)


def columns_of(settings: Settings, table: Table) -> Iterator[Sequence[Sequence[str]]]:
    """Yield the rows of a table column by column, block by block, for very many."""
    path = path_of(settings, table)
    try:
        if path.exists():
            yield from filter(None, reading.table(path, table).columns())
    except Refused:
        return


def rows_in(path: Path, table: Table) -> Iterator[Any]:
    """Yield the rows of a table that lies elsewhere."""
    try:
        if path.exists():
            yield from reading.table(path, table)
    except Refused:  # somebody has it half saved; the door that needs it says so
        return


def _open(settings: Settings, pipeline: Pipeline) -> Iterator[Open]:
    for row in rows_of(settings, pipeline.errors):
        if pipeline is not ATTACHMENTS:
            yield _said(row)
        elif row.now in _STILL_OPEN:
            yield _said(row)._replace(outcome="failed" if row.now == "open" else row.now)


def _before(row: Problem) -> Open:
    thing = f"{row.key or f'line {row.line}'} of {row.file}"
    return Open(thing, row.outcome, row.category, row.error)


def _said(row: Any) -> Open:
    """Return what a row of an errors table says, whichever pipeline's it is."""
    cells = row._asdict()
    names = ("file_path", "display_name", "name", "id", "key", "line")
    thing = next((cells[name] for name in names if cells.get(name)), "")
    kind = cells.get("type", "")
    status = cells.get("status_code") or cells.get("category", "")
    error = cells.get("error") or cells.get("description", "")
    return Open(f"{kind} {thing}".strip(), row.outcome, status, error)
