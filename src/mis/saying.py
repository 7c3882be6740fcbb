"""What the run log says last of people: where their customers stand."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from src.kit import runlog
from src.kit.memory import ABSENT, FAILED, HELD, IN_DOUBT, REMOVED, SUCCESSES
from src.mis import keys
from src.mis.records import Pushed
from src.mis.tasks import Person

_OUTCOMES = SUCCESSES | {FAILED, HELD, ABSENT, IN_DOUBT, REMOVED}


class Word(NamedTuple):
    """The last word about one person."""

    outcome: str = ""  # of an attempt; empty = there was none
    quickbooks_id: str = ""
    sync_token: str = ""
    ts: str = ""
    held: str = ""  # why nothing was sent, if that was said after all else

    @property
    def is_success(self) -> bool:
        """Return whether the customer was there as it was to be."""
        return self.outcome in SUCCESSES


class Log(NamedTuple):
    """The run log of one realm."""

    path: Path
    realm_id: str

    def last_words(self, people: Collection[Person]) -> dict[Person, Word]:
        """Return the last word about each of some people, who are in the log at all.

        A row that a listing left names a customer by its mark alone.
        """
        if not people:
            return {}
        wanted = set(people)
        marks = {keys.create_key(*person): person for person in wanted}
        found: dict[Person, Word] = {}
        for raw in filter(None, runlog.rows(self.path, Pushed)):
            row = Pushed(*map(runlog.text, raw))
            person = (row.type, row.mis_id) if row.type else marks.get(row.key)
            if person in wanted and row.outcome in _OUTCOMES and self._is_ours(row):
                found[person] = _heard(found.get(person, Word()), row)
        return found

    def _is_ours(self, row: Pushed) -> bool:
        return row.realm_id == self.realm_id


def _heard(before: Word, row: Pushed) -> Word:
    if not row.key:  # nothing was sent
        return before._replace(held=row.error)
    return Word(row.outcome, row.quickbooks_id, row.sync_token, row.ts)
