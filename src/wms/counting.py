"""How far a session has come: the records of its plan, and what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from src.kit import reading, receipts, runlog
from src.kit.memory import HELD, IN_DOUBT, SUCCESSES
from src.kit.reading import Reading
from src.kit.sessions import Found
from src.kit.sync_manager import Subject
from src.kit.views import FAILURES
from src.wms.fields import TYPES
from src.wms.records import PLAN, REJECTS, RUNLOG, SESSIONS, Attempt, Planned, Rejected

SUBJECT = Subject("wms_sync", "wms_sync", SESSIONS, RUNLOG.place, TYPES)
APPLIED = "applied"  # the stage after `planned`
MOST_ERRORS = 200  # told; all of them are in the run log
_LEFT_OUT = ("skip", "hold")
SYNCED = SUCCESSES | {"removed", "unchanged"}


class Written(NamedTuple):
    """What the run log has of one run: the last row of every record."""

    rows: tuple[Attempt, ...]
    rejects: tuple[Rejected, ...] = ()  # records that its fetch could not read

    @property
    def failed(self) -> list[Attempt]:
        """Return those that did not arrive, or that nobody knows of."""
        return [row for row in self.rows if row.outcome.encode() in FAILURES]

    @property
    def synced(self) -> list[Attempt]:
        """Return those that are on both sides now."""
        return [row for row in self.rows if row.outcome in SYNCED]

    @property
    def errors(self) -> list[str]:
        """Return a sentence per failed record: its type, its id, what is wrong."""
        unread = [f"{one.type} {one.id or one.wms_id}: {one.reason}" for one in self.rejects]
        return [*unread, *(_told(row) for row in self.failed)]

    @property
    def summary(self) -> Found:
        """Return it in numbers and sentences."""
        errors = self.errors
        tried = [row for row in self.rows if row.outcome != HELD]
        return Found(
            Counter(row.type for row in self.synced),
            Counter(row.type for row in (*self.failed, *self.rejects)),
            errors[:MOST_ERRORS],
            len(errors[MOST_ERRORS:]),
            _called(tried[-1]) if tried else "",
        )


class Counting(NamedTuple):
    """Counts the records of a session; see `kit.sync_manager.Counting`."""

    data_dir: Path
    log_dir: Path

    def planned(self, session_id: str) -> Counter[str]:
        """Return how many records of each type its plan is about."""
        return planned(self.data_dir, self.log_dir, session_id)

    def found(self, session_id: str) -> Found:
        """Return what became of them so far."""
        return written(self.log_dir, session_id).summary


def planned(data_dir: Path, log_dir: Path, run_id: str) -> Counter[str]:
    """Return how many records of each type the plan of a run is about.

    A plan of another run counts nothing: its records are not this one's.
    """
    receipt = receipts.last(log_dir, PLAN.place, receipts.FILE)
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


def written(log_dir: Path, run_id: str) -> Written:
    """Return what the run log has of a run."""
    last: dict[tuple[str, str], Attempt] = {}
    for row in runlog.rows_with(log_dir / RUNLOG.name, Attempt, run_id):
        attempt = Attempt(*map(runlog.text, row))
        if attempt.run_id == run_id:
            about = (attempt.kind, attempt.wms_id or attempt.id)
            last.pop(about, None)  # the newest stands last
            last[about] = attempt
    return Written(tuple(last.values()), tuple(_rejects(log_dir, run_id)))


def _rejects(log_dir: Path, run_id: str) -> list[Rejected]:
    receipt = receipts.last(log_dir, REJECTS.place, receipts.FILE)
    path = log_dir / REJECTS.name
    if receipt is None or receipt.run_id != run_id or not path.exists():
        return []
    return list(reading.table(path, REJECTS))


def _called(row: Attempt) -> str:
    return f"{row.type} {row.name or row.id or row.wms_id}"


def _told(row: Attempt) -> str:
    which = " ".join(filter(None, (row.type, row.id or row.wms_id, row.name)))
    unknown = "nobody knows whether it arrived; the next run looks it up"
    return f"{which}: {row.error or (unknown if row.outcome == IN_DOUBT else row.outcome)}"
