"""Which uploads an undo took back, as the run log tells, until they are there again.

A file is known again where it lies as it lay then, or by its content under the same name on
the same record: its key. Another content is another upload.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from src.attachments.records import UNDONE, Attempt, Verified
from src.kit import cells, runlog
from src.kit.memory import NO_NUMBER, REMOVED, SUCCESSES, key_of, number_in, number_of
from src.kit.runlog import RawRow

Digest = Callable[[str], str]  # path -> SHA-256 in hexadecimal, empty if unreadable
_KEY, _OUTCOME, _ERROR, _REALM = (
    Attempt._fields.index(name) for name in ("key", "outcome", "error", "realm_id")
)
_DONE = frozenset(word.encode() for word in SUCCESSES)
_REMOVED, _UNDONE = REMOVED.encode(), UNDONE.encode()


class Upload(NamedTuple):
    """One that was taken back."""

    number: int  # of its key
    record: tuple[str, str, str]  # QuickBooks type, id; the file's size
    place: tuple[str, str]  # path, time
    run_id: str  # that took it back


class Undone:
    """The uploads of one realm that are taken back; `over` learns them from a log."""

    def __init__(self, realm_id: str, digest: Digest) -> None:
        self._realm_id, self._digest = realm_id, digest
        self._realm = cells.guard(cells.escape(realm_id)).encode()
        self._found: dict[int, Upload] = {}
        self._by_record: dict[tuple[str, str, str], list[Upload]] = defaultdict(list)

    def over(self, rows: Iterable[RawRow]) -> Iterator[RawRow]:
        """Yield the rows of a log, learning from them; then the uploads are known."""
        for row in rows:
            outcome = row[_OUTCOME]
            if outcome == _REMOVED and row[_ERROR].startswith(_UNDONE):
                self._take(row)
            elif self._found and outcome in _DONE:
                self._found.pop(number_in(row[_KEY]), None)
            yield row
        for upload in self._found.values():
            self._by_record[upload.record].append(upload)

    def _take(self, row: RawRow) -> None:
        number = number_in(row[_KEY])
        if number == NO_NUMBER or row[_REALM] != self._realm:
            return
        told = Attempt(*map(runlog.text, row))
        record = (told.qbo_entity_type, told.qbo_entity_id, told.size_bytes)
        place = (told.file_path, told.modified_at)
        self._found[number] = Upload(number, record, place, told.run_id)

    def run_of(self, row: Verified) -> str:
        """Return the run that took back what a row would send, empty if none did."""
        if not self._found:
            return ""
        record = (row.qbo_entity_type, row.qbo_entity_id, row.size_bytes)
        uploads = self._by_record.get(record, ())
        place = (row.file_path, row.modified_at)
        for upload in uploads:
            if upload.place == place:
                return upload.run_id
        number = self._number(row) if uploads else NO_NUMBER
        return next((one.run_id for one in uploads if one.number == number), "")

    def _number(self, row: Verified) -> int:
        """Return the number of the key that a file has now, if it can be read."""
        content = self._digest(row.file_path)
        owner = (self._realm_id, row.qbo_entity_type, row.qbo_entity_id)
        return number_of(key_of([*owner, row.file_name, content])) if content else NO_NUMBER
