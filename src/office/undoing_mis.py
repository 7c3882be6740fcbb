"""How changes of customers are taken back, where nobody has edited them since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from src.config import Settings
from src.kit import plans, reading, runlog
from src.kit.errors import Refused
from src.mis import looking, realms, undoing
from src.mis.looking import Record
from src.mis.records import PLAN, PUSH, Planned
from src.mis.undoing import Known, Log, Reverse
from src.office import connect, mis_company, pipelines
from src.office.reversing import Past, Reversal, Way


def reverse(past: Past) -> Reversal:
    """Return the rows that take back what a run did; QuickBooks is asked, not told."""
    settings = past.settings
    shelf = pipelines.mis_shelf(settings)
    changed = Log(shelf.realm, past.run_id).learn(runlog.rows(shelf.log, shelf.row_type))
    names = {found: name for name, found in settings.custom_field_ids.items()}
    known = Known(
        _sent(past, {row.key for row in changed.rows}),
        _there(past, {row.quickbooks_id for row in changed.rows}),
        past.run_id,
        lambda found: names.get(found, found),
    )
    found = Reverse(changed, known)
    verbs: dict[str, int] = {}
    for row in found.rows:
        verbs[f"to {row.action}"] = verbs.get(f"to {row.action}", 0) + 1
    notes = list(undoing.afterwards(found.rows))
    return Reversal(found.rows, verbs, found.stays, found.back, notes)


def _there(past: Past, ids: set[str]) -> dict[str, Record]:
    """Return those of the customers that are there, inactive ones too."""
    if not ids:
        return {}
    settings, run = past.settings, past.run
    manners = connect.courtesy(settings, run.run_id, run.clock)
    port = mis_company.port(lambda: connect.ready(settings, run.clock), manners)
    found = looking.among(port, "Id", sorted(ids))
    return {str(record.get("Id")): record for record in found}


def _sent(past: Past, keys: set[str]) -> dict[str, Planned]:
    """Return the rows by which things were sent: of the run's own plan, or an older one."""
    found: dict[str, Planned] = {}
    for row in _applied(past):
        if row.key in keys:
            found.setdefault(row.key, row)
        if len(found) == len(keys):
            break
    return found


def _applied(past: Past) -> Iterator[Planned]:
    folder = past.settings.data_dir
    own = folder / plans.KEPT / f"{past.run_id}.csv"
    if own.exists():
        yield from reading.table(own, PLAN._replace(name=f"{plans.KEPT}/{own.name}"))
    for plan in plans.applied(folder, PLAN):
        yield from _readable(plan)


def _readable(plan: Iterable[Planned]) -> Iterator[Planned]:
    """Yield the rows of a plan as far as it can be read."""
    try:
        yield from plan
    except Refused:
        return


def _note_realm(past: Past) -> None:
    """Write down which company the plan is of."""
    author = (past.run.clock.timestamp(), past.run.run_id, past.run.door)
    settings = past.settings
    realms.note(settings.log_dir, author, PLAN.place, settings.qbo_realm_id)


def _left(settings: Settings) -> dict[str, str]:
    shelf = pipelines.mis_shelf(settings)
    return undoing.left(shelf.realm, runlog.rows(shelf.log, shelf.row_type))


WAY = Way(
    *("mis_push", PLAN, reverse, PUSH, undoing.is_effect, _left),
    is_private=True,
    also=_note_realm,
)
