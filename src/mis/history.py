"""What the run log says of each person: as which customer, what was sent last, how it ended.

A person takes some 200 bytes here, so that everybody fits into memory.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from struct import Struct
from typing import NamedTuple

from src.kit import receipts, runlog
from src.kit.memory import ABSENT, REMOVED, SUCCESSES, is_key, number_of
from src.kit.runlog import RawRow
from src.mis import digests
from src.mis.keys import create_key
from src.mis.records import CREATE, LINK, NAMES, RUNLOG, Pushed

_AT = {name: place for place, name in enumerate(Pushed._fields)}
_DIGEST = 4  # bytes
_HEAD, _NUMBER = Struct("BB"), "H"  # flags and count of digests; a word's number
_WHOLE, _KNOWN = 1, 2
# After these a customer has all that the MIS says: what was not sent was empty.
_OF_EVERYTHING = frozenset((CREATE, LINK, "created", "linked"))


class Past(NamedTuple):
    """What the log says of one person."""

    quickbooks_id: str = ""  # of the last success
    digests: Mapping[str, str] = {}  # of what was sent last, by field
    is_whole: bool = False  # what has no digest was empty when it was sent
    outcome: str = ""  # the last one
    is_known: bool = False  # the customer was there once, by the log

    def digest_of(self, field: str) -> str:
        """Return the digest of a field as it was sent last, empty if nobody knows.

        Of a custom field only its own digest tells: it may have been no field of ours.
        """
        found = self.digests.get(field, "")
        return found or (digests.NOTHING.get(field, "") if self.is_whole else "")


NOBODY = Past()


class History:
    """The log by person; `learn` takes its rows in order."""

    def __init__(self, realm_id: str, newer: Collection[str] = ()) -> None:
        self.newer = 0  # successes of runs that came after what is compared with
        self._realm_id = realm_id
        self._newer = frozenset(newer)
        self._people: dict[int, bytes] = {}  # by mark
        # Words by their number in the packed form, and numbers by word.
        self._words: list[str] = []
        self._numbers: dict[str, int] = {}

    def learn(self, rows: Iterable[RawRow]) -> None:
        """Take rows of the log; those of another company, and bad ones, say nothing.

        A row without a key says that somebody waits: nothing was tried. One without a
        person is of a customer that was found by its mark.
        """
        for raw in filter(None, rows):
            row = Pushed(*map(runlog.text, raw))
            if row.realm_id == self._realm_id and is_key(row.key):
                mark = create_key(row.type, row.mis_id) if row.mis_id else row.key
                past = self._after(self.of(mark), row, row.key == mark)
                self._people[number_of(mark)] = self._packed(past)

    def of(self, mark: str) -> Past:
        """Return what the log says of the person whose customer has a mark."""
        packed = self._people.get(number_of(mark))
        return self._unpacked(packed) if packed else NOBODY

    def _after(self, past: Past, row: Pushed, is_create: bool) -> Past:
        if row.outcome in SUCCESSES:
            self.newer += row.run_id in self._newer
            is_whole = past.is_whole or bool(
                row.sent and not _OF_EVERYTHING.isdisjoint((row.action, row.outcome))
            )
            found = {**past.digests, **digests.parse(row.sent)}
            known_as = row.quickbooks_id or past.quickbooks_id
            return Past(known_as, found, is_whole, row.outcome, True)
        if is_create and row.outcome in (ABSENT, REMOVED):
            return Past(outcome=row.outcome)
        return past._replace(outcome=row.outcome)

    # --- as bytes ---------------------------------------------------------------------

    def _packed(self, past: Past) -> bytes:
        flags = _WHOLE * past.is_whole + _KNOWN * past.is_known
        numbers = [self._number(word) for word in (past.outcome, *past.digests)]
        head = _HEAD.pack(flags, len(past.digests)) + array(_NUMBER, numbers).tobytes()
        found = bytes.fromhex("".join(past.digests.values()))
        return head + found + past.quickbooks_id.encode("utf-8", "surrogatepass")

    def _number(self, word: str) -> int:
        """Return the number of an outcome, or of a field's name."""
        found = self._numbers.setdefault(word, len(self._words))
        if found == len(self._words):
            self._words.append(word)
        return found

    def _unpacked(self, packed: bytes) -> Past:
        flags, count = _HEAD.unpack_from(packed)
        start = _HEAD.size + array(_NUMBER).itemsize * (count + 1)
        outcome, *names = array(_NUMBER, packed[_HEAD.size : start])
        end = start + _DIGEST * count
        found, size = packed[start:end].hex(), 2 * _DIGEST
        return Past(
            packed[end:].decode("utf-8", "surrogatepass"),
            {
                self._words[name]: found[at * size : (at + 1) * size]
                for at, name in enumerate(names)
            },
            bool(flags & _WHOLE),
            self._words[outcome],
            bool(flags & _KNOWN),
        )


def read(log_dir: Path, realm_id: str) -> History:
    """Return what the log says; `newer` counts what QuickBooks' names cannot show yet."""
    history = History(realm_id, runs_since(log_dir))
    history.learn(runlog.rows(log_dir / RUNLOG.name, RUNLOG.row))
    return history


def runs_since(log_dir: Path) -> set[str]:
    """Return the runs that wrote to the log after QuickBooks' names were fetched.

    The order of the receipts tells it: clocks may be set back, receipts are only added.
    """
    found: set[str] = set()
    for receipt in receipts.read(log_dir):
        if receipt.kind == receipts.FILE and receipt.subject == NAMES.place:
            found.clear()
        elif receipt.kind == receipts.OPEN and receipt.subject == RUNLOG.place:
            found.add(receipt.run_id)
    return found
