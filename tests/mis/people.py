"""People of the MIS as the store reads them, for tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from src.mis.records import APPLICANT, STUDENT
from src.mis.tables import Raw

NOBODY = Raw(*[""] * len(Raw._fields))


def applicant(mis_id: int = 7, **cells: str) -> Raw:
    """Return an applicant of whom nothing is known but this."""
    found = NOBODY._replace(type=APPLICANT, mis_id=str(mis_id), identifier=str(mis_id))
    return found._replace(**cells)


def student(mis_id: int = 7, **cells: str) -> Raw:
    """Return a student of whom nothing is known but this."""
    found = NOBODY._replace(type=STUDENT, mis_id=str(mis_id), identifier=f"24-{mis_id}")
    return found._replace(**cells)


class Read:
    """A MIS that has been read already."""

    def __init__(self, people: Sequence[Raw]) -> None:
        self._people = people

    def people(self, type_: str) -> Iterator[Raw]:
        """Yield everybody of a type."""
        return (one for one in self._people if one.type == type_)
