"""What the run log and the plan say of each key: two sides of a reconciliation.

Both are packed, because there may be 170,000 of each; the third side, the company, is
read page by page and never held.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from operator import itemgetter
from typing import NamedTuple

from src.attachments.planning import DECISION_AT
from src.attachments.records import Attempt, Verified
from src.attachments.source import (
    GOES,
    LEFT_OUT,
    REPEATS,
    UNCLEAR,
    Source,
    decided,
    read,
    same,
)
from src.attachments.upload import ADOPTED, FAILED, SKIPPED, Context
from src.kit import cells, plans, runlog
from src.kit.book import Shelf, journal_attempts
from src.kit.memory import (
    ABSENT,
    HELD,
    IN_DOUBT,
    REMOVED,
    SUCCESSES,
    Index,
    number_in,
    number_of,
)
from src.kit.requests import FILE_CHANGED
from src.kit.runlog import RawRow

_SEPARATOR = cells.SEPARATOR.encode()
_DONE = frozenset(word.encode() for word in SUCCESSES)
_UNDONE = frozenset(
    word.encode() for word in (FAILED, FILE_CHANGED, HELD, ABSENT, REMOVED, IN_DOUBT)
)


class Known(NamedTuple):
    """One file as the log, or the plan, knows it; of the plan the last four are empty."""

    qbo_entity_type: str
    qbo_entity_id: str
    file_name: str
    file_path: str
    size_bytes: str
    modified_at: str
    sha256: str
    legacy_txnid_norm: str = ""
    legacy_entity_type: str = ""
    raw_legacy_id: str = ""
    attachable_id: str = ""
    outcome: str = ""
    error: str = ""
    ts: str = ""


NOTHING = Known("", "", "", "", "", "", "")
_AT = {name: place for place, name in enumerate(Attempt._fields)}
_KEY, _OUTCOME, _REALM = (_AT[name] for name in ("key", "outcome", "realm_id"))
_known_of = itemgetter(*(_AT[name] for name in Known._fields))


def pack(known: Known) -> bytes:
    """Return the file in one text, spelled as in a log."""
    return "\x1f".join(cells.guard(cells.escape(cell)) for cell in known).encode()


def unpack(packed: bytes) -> Known:
    """Return the file that was packed."""
    text = packed.decode()
    found = text.split(cells.SEPARATOR)
    if "'" in text:
        found = [cells.unguard(cell) if cell[:1] == "'" else cell for cell in found]
    if "\\" in text:
        found = [cells.unescape(cell) for cell in found]
    return Known(*found)


class Logged:
    """The keys whose last outcome is a success, each with the row that says so."""

    def __init__(
        self,
        realm_id: str,
        wanted: AbstractSet[int] | None = None,
        has_marks: bool = True,
    ) -> None:
        """Keep what concerns the realm, and of it the `wanted` keys; None keeps all.

        Where the company `has_marks` not, everything is told by its id there.
        """
        self._has_marks = has_marks
        self.packed: dict[int, bytes] = {}
        self._realm = cells.guard(cells.escape(realm_id)).encode()
        self._wanted = wanted
        self._adopted: dict[str, tuple[int, ...]] = {}

    def over(self, rows: Iterable[RawRow]) -> Iterator[RawRow]:
        """Yield the good rows of a log, learning from them."""
        for row in rows:
            if not row:
                continue
            outcome = row[_OUTCOME]
            number = number_in(row[_KEY])
            if number >= 0 and row[_REALM] == self._realm:
                if outcome in _DONE:
                    self._learn(number, row)
                elif outcome in _UNDONE:
                    self.packed.pop(number, None)
            yield row

    def learn(self, rows: Iterable[RawRow]) -> None:
        """Take the rows of a log."""
        for _ in self.over(rows):
            pass

    def _learn(self, number: int, row: RawRow) -> None:
        if self._wanted is not None and number not in self._wanted:
            return
        self.packed[number] = _SEPARATOR.join(_known_of(row))
        is_told_by_id = not self._has_marks or row[_OUTCOME] == ADOPTED.encode()
        if self._wanted is None and is_told_by_id:
            adopted = runlog.text(row[_AT["attachable_id"]])
            self._adopted[adopted] = (*self._adopted.get(adopted, ()), number)

    def get(self, number: int) -> Known | None:
        """Return what the log says of a key, if it was sent."""
        packed = self.packed.get(number)
        return unpack(packed) if packed else None

    def adopted_as(self, attachable_id: str) -> set[int]:
        """Return the keys that are known to be there as this attachable."""
        numbers = self._adopted.get(attachable_id, ()) if self._adopted else ()
        known = {number: self.get(number) or NOTHING for number in numbers}
        return {n for n, one in known.items() if one.attachable_id == attachable_id}


def read_log(shelf: Shelf, has_marks: bool = True) -> tuple[Logged, Index]:
    """Return what a run log and its journal say, as sent files and as attempts."""
    logged, index = Logged(shelf.realm, None, has_marks), Index(shelf.row_type, shelf.same)
    index.intend(filter(None, journal_attempts(shelf.journal)))
    index.learn(logged.over(runlog.rows(shelf.log, shelf.row_type)))
    return logged, index


class Files:
    """The files of the plan that may be sent; `counts` says where the others went."""

    def __init__(
        self,
        context: Context,
        index: Index,
        logged: Logged,
        is_as_planned: Callable[[Verified], bool] = lambda row: True,
    ) -> None:
        """`is_as_planned` looks whether a file still is what the plan saw."""
        self.packed: dict[int, bytes] = {}  # those that the log does not know as sent
        self.logged: set[int] = set()
        self.years: dict[int, str] = {}  # where the log has another time, or none
        self.counts: Counter[str] = Counter()
        self.damaged: list[str] = []
        self.unread: list[str] = []
        self._context, self._index, self._sent = context, index, logged
        self._is_as_planned = is_as_planned

    def take(self, rows: Iterable[Verified]) -> Iterator[Verified]:
        """Yield each file that is to be compared, once."""
        for row in rows:
            goes = self._going(row)
            if goes is not None and self._is_new(goes):
                yield goes

    def _going(self, row: Verified) -> Verified | None:
        if not plans.is_intact(row, DECISION_AT, self._context.plan_run_id):
            self.damaged.append(row.row)
            return self._count(HELD)
        where, row = decided(row)
        if where == GOES:
            return row
        if where == UNCLEAR:
            self.damaged.append(row.row)
        return self._count(SKIPPED if where in (LEFT_OUT, REPEATS) else HELD)

    def _is_new(self, row: Verified) -> bool:
        """Return whether a file can be read and is not the content of an earlier row."""
        realm_id, files_dir, *_ = self._context
        key = ""
        if self._is_as_planned(row):
            key = self._index.unchanged(same(realm_id, row))
        item = None if key else read(realm_id, files_dir, row)
        if item and not item.key:
            self.unread.append(f"{row.file_path}: {item.source.note or 'it is gone'}")
            self._count(FAILED)
            return False
        number = number_of(item.key if item else key)
        if number in self.logged or number in self.packed:
            self._count(SKIPPED)
            return False
        self._keep(number, item.source if item else Source(row))
        return True

    def _keep(self, number: int, source: Source) -> None:
        row = source.row
        if number in self._sent.packed:
            self.logged.add(number)
            if source.sha256:  # it was read, so the log has another time for it
                self.years[number] = row.modified_at[:4]
            return
        cells_of_it = (row.qbo_entity_type, row.qbo_entity_id, *row[8:12])
        self.packed[number] = pack(Known(*cells_of_it, source.sha256, *row[4:7]))

    def get(self, number: int) -> Known | None:
        """Return a file that the log does not know as sent."""
        packed = self.packed.get(number)
        return unpack(packed) if packed else None

    def has(self, number: int) -> bool:
        """Return whether a file of the plan has this key."""
        return number in self.logged or number in self.packed

    def notes(self, missing: int) -> list[str]:
        """Return what kept rows of the plan from being compared, in sentences."""
        notes = []
        if missing:
            notes.append(f"held: {missing:,} row(s) of the plan are missing")
        if self.damaged:
            ids = ", ".join(self.damaged[:5])
            notes.append(
                f"held: {len(self.damaged):,} row(s) changed elsewhere than in decision, "
                f"of another plan, or with a decision that is none: {ids}"
            )
        return [*notes, *self.unread[:5]]

    def _count(self, where: str) -> None:
        self.counts[where] += 1
