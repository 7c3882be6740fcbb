"""What the run log tells the planner: what is sent, in doubt, or taken back."""

from __future__ import annotations

from typing import NamedTuple

from src.attachments.records import Attempt, Verified
from src.attachments.undone import Digest, Undone
from src.kit import runlog
from src.kit.book import Shelf
from src.kit.memory import Index, number_in, number_of

_AT = {name: place for place, name in enumerate(Attempt._fields)}


class History(NamedTuple):
    """The log, indexed, and the places whose last attempt ended in doubt."""

    index: Index
    in_doubt: frozenset[tuple[str, str, str]]  # QuickBooks type, id, path
    undone: Undone

    def is_sent(self, realm_id: str, row: Verified) -> bool:
        """Return whether a file, unchanged since, is in the company by the log."""
        same = (realm_id, *row[12:14], *row[9:12])
        return bool(self.index.unchanged(same))


def _unread(path: str) -> str:
    return ""


def read(shelf: Shelf, digest: Digest = _unread) -> History:
    """Return the history that a log tells; an absent log tells nothing."""
    index, undone = Index(shelf.row_type, shelf.same), Undone(shelf.realm, digest)
    index.learn(undone.over(filter(None, runlog.rows(shelf.log, shelf.row_type))))
    doubtful = {number_of(attempt.key) for attempt in index.doubtful}
    places = _places(shelf, doubtful) if doubtful else ()
    return History(index, frozenset(places), undone)


def _places(shelf: Shelf, doubtful: set[int]) -> set[tuple[str, str, str]]:
    places = set()
    for row in runlog.rows(shelf.log, shelf.row_type):
        if row and number_in(row[_AT["key"]]) in doubtful:
            names = ("qbo_entity_type", "qbo_entity_id", "file_path")
            entity_type, entity_id, path = (runlog.text(row[_AT[n]]) for n in names)
            places.add((entity_type, entity_id, path))
    return places
