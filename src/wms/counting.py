"""How far a session has come: the records of its plan, and what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from src.kit import counting, reading, receipts, runlog
from src.kit.counting import MOST_ERRORS, Books, Runs, Tally, Told
from src.kit.living import Subject
from src.kit.memory import HELD, IN_DOUBT, SUCCESSES
from src.kit.reading import Reading
from src.kit.runlog import RawRow
from src.kit.sessions import Found
from src.kit.views import FAILURES
from src.wms.fields import TYPES
from src.wms.records import PLAN, REJECTS, RUNLOG, SESSIONS, Attempt, Planned, Rejected

SUBJECT = Subject("wms_sync", "wms_sync", SESSIONS, RUNLOG.place, TYPES)
APPLIED = "applied"  # the stage after `planned`
_LEFT_OUT = ("skip", "hold")
SYNCED = SUCCESSES | {"removed", "unchanged"}
# A run has as many rows as there are records, so only the cells that matter are decoded.
_RUN_AT, _TYPE_AT, _KIND_AT, _WMS_AT, _ID_AT, _NAME_AT, _OUTCOME_AT = map(
    Attempt._fields.index, ("run_id", "type", "kind", "wms_id", "id", "name", "outcome")
)
_SYNCED, _HELD = frozenset(map(str.encode, SYNCED)), HELD.encode()


class Counting(NamedTuple):
    """Counts the records of a session; see `kit.living.Counting`."""

    data_dir: Path
    log_dir: Path
    books: Books

    def planned(self, session_id: str) -> Counter[str]:
        """Return how many records of each type its plan is about."""
        return planned(self.data_dir, self.books, session_id)

    def found(self, session_id: str) -> Found:
        """Return what became of them so far; records that were not read have failed."""
        known = self.books.known(session_id)
        if known is None:
            known = written(self.log_dir, session_id)
        unread = _rejects(self.log_dir, self.books, session_id)
        if not unread:
            return known
        failed = Counter(known.failed) + Counter(row.type for row in unread)
        errors = [f"{one.type} {one.id or one.wms_id}: {one.reason}" for one in unread]
        errors += known.errors
        more = known.more_errors + len(errors[MOST_ERRORS:])
        return known._replace(failed=failed, errors=errors[:MOST_ERRORS], more_errors=more)


def planned(data_dir: Path, books: Books, run_id: str) -> Counter[str]:
    """Return how many records of each type the plan of a run is about.

    A plan of another run counts nothing: its records are not this one's.
    """
    receipt = books.newest(PLAN.place, receipts.FILE)
    path = data_dir / PLAN.name
    if receipt is None or receipt.run_id != run_id or not path.exists():
        return Counter()
    cards: Reading[Planned] = reading.table(path, PLAN)
    return records_of(cards)


def records_of(cards: Iterable[Planned]) -> Counter[str]:
    """Return how many records of each type cards are about.

    Held ones are among them, because a held record will not be synchronized; those that
    a person left out are not.
    """
    found = {
        (card.type, card.kind, card.wms_id, card.id)
        for card in cards
        if card.decision.strip().lower() not in _LEFT_OUT
    }
    return Counter(word for word, *_ in found)


def written(log_dir: Path, run_id: str) -> Found:
    """Return what the run log has of a run."""
    return Tally(map(told, _rows(log_dir, run_id))).found()


def synced(log_dir: Path, run_id: str) -> list[Attempt]:
    """Return the rows of a run about records that are on both sides now."""
    every = (Attempt(*map(runlog.text, row)) for row in _rows(log_dir, run_id))
    last = {(row.kind, row.wms_id or row.id): row for row in every}
    return [row for row in last.values() if row.outcome in SYNCED]


def _rows(log_dir: Path, run_id: str) -> Iterator[RawRow]:
    wanted = run_id.encode()
    for row in runlog.rows_with(log_dir / RUNLOG.name, Attempt, run_id):
        if row[_RUN_AT] == wanted:
            yield row


def runs() -> Runs:
    """Return what learns the runs of the run log."""
    return Runs(_RUN_AT, told)


def told(row: RawRow) -> Told:
    """Return what a row of the run log says of its record."""
    type_, outcome = row[_TYPE_AT].decode(), row[_OUTCOME_AT]
    about = (row[_KIND_AT], row[_WMS_AT] or row[_ID_AT])
    name = row[_NAME_AT] or row[_ID_AT] or row[_WMS_AT]
    called = "" if outcome == _HELD else f"{type_} {runlog.text(name)}"
    if outcome in _SYNCED:
        return Told(about, type_, counting.SYNCED, called)
    if outcome in FAILURES:
        return Told(about, type_, counting.FAILED, called, _error(row))
    return Told(about, type_, counting.NEITHER, called)


def _rejects(log_dir: Path, books: Books, run_id: str) -> list[Rejected]:
    receipt = books.newest(REJECTS.place, receipts.FILE)
    path = log_dir / REJECTS.name
    if receipt is None or receipt.run_id != run_id or not path.exists():
        return []
    return list(reading.table(path, REJECTS))


def _error(row: RawRow) -> str:
    one = Attempt(*map(runlog.text, row))
    which = " ".join(filter(None, (one.type, one.id or one.wms_id, one.name)))
    unknown = "nobody knows whether it arrived; the next run looks it up"
    return f"{which}: {one.error or (unknown if one.outcome == IN_DOUBT else one.outcome)}"
