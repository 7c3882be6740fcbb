"""How far a session has come: the persons of its plan, and what became of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from src.kit import counting, reading, receipts, runlog
from src.kit.counting import Books, Runs, Tally, Told
from src.kit.living import Subject
from src.kit.memory import SUCCESSES
from src.kit.reading import Reading
from src.kit.runlog import RawRow
from src.kit.sessions import Found
from src.kit.views import FAILURES
from src.mis.records import PLAN, RUNLOG, SESSIONS, TYPES, Planned, Pushed
from src.mis.results import WAITS, reason

SUBJECT = Subject(
    "mis_sync_customers", "mis_sync", SESSIONS, RUNLOG.place, tuple(TYPES)
)
PUSHED = "pushed"  # the stage after `planned`
_LEFT_OUT = ("skip", "hold")
_WORDS = {type_: word for word, type_ in TYPES.items()}
# A run has as many rows as there are people, so only the cells that matter are decoded.
_RUN_AT, _TYPE_AT, _ID_AT, _KNOWN_AT, _OUTCOME_AT = map(
    Pushed._fields.index, ("run_id", "type", "mis_id", "identifier", "outcome")
)
_ARRIVED, _WAITING = (frozenset(map(str.encode, words)) for words in (SUCCESSES, WAITS))


class Counting(NamedTuple):
    """Counts the persons of a session; see `kit.living.Counting`."""

    data_dir: Path
    log_dir: Path
    books: Books

    def planned(self, session_id: str) -> Counter[str]:
        """Return how many persons of each type its plan is about.

        Those on hold are among them; those that somebody left out are not.
        """
        receipt = self.books.newest(PLAN.place, receipts.FILE)
        path = self.data_dir / PLAN.name
        if receipt is None or receipt.run_id != session_id or not path.exists():
            return Counter()
        rows: Reading[Planned] = reading.table(path, PLAN)
        goes = (row for row in rows if row.decision.strip().lower() not in _LEFT_OUT)
        return Counter(_WORDS[row.type] for row in goes if row.type in _WORDS)

    def found(self, session_id: str) -> Found:
        """Return what became of them so far; who waits has neither arrived nor failed."""
        known = self.books.known(session_id)
        return written(self.log_dir, session_id) if known is None else known


def written(log_dir: Path, run_id: str) -> Found:
    """Return what the run log has of a run."""
    rows = runlog.rows_with(log_dir / RUNLOG.name, Pushed, run_id)
    return Tally(told(row) for row in rows if row[_RUN_AT] == run_id.encode()).found()


def runs() -> Runs:
    """Return what learns the runs of the run log."""
    return Runs(_RUN_AT, told)


def told(row: RawRow) -> Told:
    """Return what a row of the run log says of its person."""
    type_, outcome = row[_TYPE_AT].decode(), row[_OUTCOME_AT]
    word, about = _WORDS.get(type_, type_), (type_, row[_ID_AT])
    called = f"{type_} {runlog.text(row[_KNOWN_AT] or row[_ID_AT])}"
    if outcome in _ARRIVED:
        return Told(about, word, counting.SYNCED, called)
    if outcome in _WAITING:
        return Told(about, word, counting.NEITHER)
    if outcome in FAILURES:
        return Told(about, word, counting.FAILED, called, _error(row))
    return Told(about, word, counting.NEITHER, called)


def _error(row: RawRow) -> str:
    one = Pushed(*map(runlog.text, row))
    who = " ".join(filter(None, (one.type, one.mis_id, one.display_name)))
    return f"{who}: {reason(one)}"
