"""From a run to what takes it back: whose it was, and why some cannot be.

What was done at a remote side is taken back by a reverse plan that the same door applies:
`undoing_attachments`, `undoing_mis` and `undoing_wms` beside this module each have a
function `reverse(past) -> Reversal` (see `reversing`). What was imported into the local
database is taken back by the copy that was kept before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from itertools import islice

from src.config import Settings
from src.kit import acting, plans, receipts, runlog, tables
from src.kit.errors import OK, SOME_ROWS_FAILED, Refused
from src.kit.stage import Balance, Report
from src.kit.tables import header
from src.office import pipelines, undoable
from src.office.pipelines import CUSTOMERS, SALESPRO, Pipeline
from src.office.reversing import Past, Reversal, Way
from src.office.undoable import REMOTE, Acting

SHOWN = 5  # runs, or things that stay, that are named
_LOCAL = {"customers_import": CUSTOMERS, "csv_salespro_appointments": SALESPRO}
DOOR = "undo"


def take_back(past: Past) -> Report:
    """Write the reverse plan of a run; return what to say of it.

    Raises Refused where the run cannot be taken back.
    """
    acted = _acted(past)
    way = acted.way()
    with ExitStack() as locks:
        if not past.run.args.dry_run:
            locks.enter_context(acting.locked(pipelines.shelf(past.settings, acted.pipeline)))
        found = way.reverse(past)
        if past.run.args.dry_run or not found.rows:
            return _report(way, found, past, [])
        notes = _write(way, found, past)
        way.also(past)
    report = _report(way, found, past, notes)
    return report._replace(files=[(way.table.place, len(found.rows))])


def _write(way: Way, found: Reversal, past: Past) -> list[str]:
    """Write the reverse plan, the forward one kept aside; return what to say of that."""
    path = pipelines.path_of(past.settings, way.table)
    row_type = way.table.row
    decision_at = header(row_type).index("decision")
    notes = []
    if path.exists():
        is_first = not plans.is_reverse(path, way.table)
        aside = plans.set_aside(path, way.table)
        if is_first:
            notes.append(f"the plan that was there is kept as {aside.name}")
    with tables.writing(path, row_type, is_private=way.is_private) as append:
        for row in found.rows:
            append(plans.signed(row, decision_at, past.run.run_id))
    return notes


def _report(way: Way, found: Reversal, past: Past, notes: Sequence[str]) -> Report:
    rows, stays = len(found.rows) - found.waiting, len(found.stays)
    more = [f"… and {stays - SHOWN:,} more"] if stays > SHOWN else []
    said = [*notes, *found.notes]
    if past.run.args.dry_run:
        said.append("a dry run: no plan was written")
    return Report(
        {**found.verbs, "kept as they are": stays, "taken back before": found.back},
        Balance(rows + stays + found.back, rows, skipped=found.back, held=stays),
        notes=said,
        next_step=way.apply if found.rows else "",
        exit_code=SOME_ROWS_FAILED if stays else OK,
        warnings=[*(f"kept: {one}" for one in found.stays[:SHOWN]), *more],
    )


# --- whose run it was -----------------------------------------------------------------


def _acted(past: Past) -> Acting:
    """Return the pipeline that a run acted in; raises Refused where there is none."""
    settings, run_id = past.settings, past.run_id
    if not run_id:
        raise Refused(f"RUN: is empty; give it, as in make undo RUN=…; {_last_runs(settings)}")
    doors = {one.door for one in receipts.read(settings.log_dir) if one.run_id == run_id}
    for acted in REMOTE:
        if acted.door in doors or _is_logged(settings, acted.pipeline, run_id):
            return acted
    for door in _LOCAL.keys() & doors:
        raise Refused(f"{run_id}: {_of_import(settings, run_id)}")
    if DOOR in doors:
        raise Refused(
            f"{run_id}: only wrote a plan; name the run that applied it, or make the plan "
            "anew to leave it unapplied"
        )
    if doors:
        named = ", ".join(sorted(doors))
        raise Refused(f"{run_id}: {named} changed nothing outside; there is nothing to undo")
    raise Refused(f"{run_id}: no such run; {_last_runs(settings)}")


def _is_logged(settings: Settings, pipeline: Pipeline, run_id: str) -> bool:
    path, row_type = pipelines.path_of(settings, pipeline.log), pipeline.log.row
    at = header(row_type).index("run_id")
    rows = runlog.rows_with(path, row_type, run_id) if run_id else ()
    return any(runlog.text(row[at]) == run_id for row in rows)


def _of_import(settings: Settings, run_id: str) -> str:
    """Return how an import is taken back."""
    file = settings.database_file
    copy = file.with_name(f"{file.name}.before-{run_id}")
    if settings.database_url:
        return "was an import into a database server; put back its own backup"
    if copy.exists():
        return (
            f"was an import into {file.name}; to take it back, and all that came after it, "
            f"put {copy.name} in its place"
        )
    return f"was an import, and the copy {copy.name} is not there any more"


def _last_runs(settings: Settings) -> str:
    found = [f"{run_id} ({door})" for run_id, door in islice(undoable.runs(settings), SHOWN)]
    return f"the last that can be undone: {', '.join(found) or 'none yet'}"
