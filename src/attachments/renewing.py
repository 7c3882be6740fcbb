"""Decisions of the plan before, as far as they stand in the new one.

What people decided before an undo was about the uploads that it took back: it sends none of
them again.
"""

from __future__ import annotations

from src.attachments.history import History
from src.attachments.records import TAKEN_BACK, Verified
from src.attachments.source import GOES, decided
from src.kit.plans import Decisions


class Renewal:
    """Takes decisions over, row by row; `notes` says what became of them."""

    def __init__(self, decisions: Decisions, past: History, is_after_undo: bool) -> None:
        """`is_after_undo`: the decisions were made before one."""
        self._decisions, self._past = decisions, past
        self._is_after_undo = is_after_undo
        self._stopped = 0

    def take_over(self, row: Verified) -> Verified:
        """Return a row with its earlier decision; on hold where an undo is in between."""
        row = self._decisions.take_over(row)
        where, goes = decided(row)
        if not (self._is_after_undo and where == GOES and row.decision):
            return row
        if not self._past.undone.run_of(goes):
            return row
        self._stopped += 1
        return row._replace(decision="hold")

    def notes(self, realm_id: str) -> list[str]:
        """Return what became of the decisions, in sentences."""
        self._decisions.forget(
            lambda row: row.status == TAKEN_BACK and self._past.is_sent(realm_id, row)
        )
        stopped = f"{self._stopped:,} decision(s) on hold: the upload was taken back since"
        return [*self._decisions.notes, *([stopped] if self._stopped else [])]
