"""How uploads are taken back: deleted in QuickBooks, where nobody has edited them."""

from __future__ import annotations

from src.adapters.qbo import Attachables
from src.attachments import undoing
from src.attachments.records import REVERSE
from src.config import Settings
from src.kit import runlog
from src.kit.answers import Found
from src.kit.book import journal_attempts
from src.kit.memory import Index
from src.office import connect, pipelines
from src.office.reversing import Past, Reversal, Way

FEW = 1000  # so many are asked for by their ids; more, and everything is listed


def reverse(past: Past) -> Reversal:
    """Return the rows that delete what a run uploaded; the company is asked, not told."""
    settings = past.settings
    shelf = pipelines.attachments_shelf(settings)
    rows = runlog.rows(shelf.log, shelf.row_type)
    uploaded = undoing.Log(shelf.realm, past.run_id).learn(rows)
    ids = [row.attachable_id for row in uploaded.there]
    company = _company(past, ids) if ids else []
    made = (past.run_id, connect.has_marks(settings))
    back, stays = undoing.planned(uploaded, company, *made)
    notes = [*_open(past), *([undoing.AFTERWARDS] if back else ())]
    return Reversal(back, {"to be deleted": len(back)}, stays, uploaded.removed, notes)


def _company(past: Past, ids: list[str]) -> list[Found]:
    """Return those of the attachables that are there."""
    settings, run = past.settings, past.run
    manners = connect.courtesy(settings, run.run_id, run.clock)
    looks = Attachables(connect.query(connect.ready(settings, run.clock), manners))
    if len(ids) <= FEW:
        return list(looks.among(ids))
    wanted = set(ids)
    return [found for found in looks.everything() if found.remote_id in wanted]


def _open(past: Past) -> list[str]:
    """Return what to say of uploads whose end nobody knows."""
    shelf = pipelines.attachments_shelf(past.settings)
    index = Index(shelf.row_type, shelf.same)
    index.intend(filter(None, journal_attempts(shelf.journal)))
    index.learn(filter(None, runlog.rows(shelf.log, shelf.row_type)))
    if not index.doubtful:
        return []
    count = len(index.doubtful)
    return [
        f"the end of {count:,} attempt(s) is not known; make attach finds out, undo the run "
        "once more after that"
    ]


def _left(settings: Settings) -> dict[str, str]:
    shelf = pipelines.attachments_shelf(settings)
    return undoing.left(shelf.realm, runlog.rows(shelf.log, shelf.row_type))


WAY = Way("qbo_attach_demo", REVERSE, reverse, "make attach", undoing.is_effect, _left)
