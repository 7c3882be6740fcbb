"""What the run log says of each person: as which customer, what was sent last, how it ended.

A person takes some 200 bytes here, so that everybody fits into memory.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from struct import Struct
from typing import NamedTuple

from src.kit import receipts, runlog
from src.kit.memory import ABSENT, CLOSED, REMOVED, SUCCESSES, is_key, number_of
from src.kit.runlog import RawRow
from src.mis import definitions, digests, notes
from src.mis.keys import create_key
from src.mis.payload import NOTES
from src.mis.records import CREATE, LINK, NAMES, RUNLOG, TAKES_AWAY, Person, Pushed

_AT = {name: place for place, name in enumerate(Pushed._fields)}
_DIGEST = 4  # bytes
_HEAD = Struct("=BII")  # flags, the numbers of the outcome and of the fields' names
_WHOLE, _KNOWN = 1, 2
# After these a customer has all that the MIS says: what was not sent was empty.
_OF_EVERYTHING = frozenset((CREATE, LINK, "created", "linked"))
_INTEGER = re.compile("[0-9]{1,18}").fullmatch
_BETWEEN = "\t"  # the id and the SyncToken


class Past(NamedTuple):
    """What the log says of one person."""

    quickbooks_id: str = ""  # of the last success
    digests: Mapping[str, str] = {}  # of what was sent last, by field
    is_whole: bool = False  # what has no digest was empty when it was sent
    outcome: str = ""  # the last one
    is_known: bool = False  # the customer was there once, by the log
    sync_token: str = ""  # of the last success
    is_outdated: bool = False  # somebody else has sent since
    taken_back_by: str = ""  # the run that took the customer away; empty = it is not

    def digest_of(self, field: str) -> str:
        """Return the digest of a field as it was sent last, empty if nobody knows.

        Of a custom field only its own digest tells: it may have been no field of ours. An
        older log tells of a line that there was none only with all lines together.
        """
        if self.is_outdated:
            return ""
        found = self.digests.get(field, "")
        if found or not self.is_whole or definitions.id_in(field):
            return found
        is_untold = notes.line_in(field) and NOTES in self.digests
        return "" if is_untold else digests.nothing(field)

    def had(self, field: str) -> bool:
        """Return whether a field was sent with a value, whoever has sent since."""
        return self.digests.get(field, digests.nothing(field)) != digests.nothing(field)

    def beside(self, person: Person) -> Past:
        """Return what is to be believed: nothing, where the MIS was told of a later send.

        Another machine sent it, or this log is an older one that was put back.
        """
        is_same = person.quickbooks_id == self.quickbooks_id  # whatever its status says
        tokens = (self.sync_token, person.sync_token)
        if not is_same or not all(map(_INTEGER, tokens)) or int(tokens[0]) >= int(tokens[1]):
            return self
        return self._replace(is_outdated=True)


NOBODY = Past()


class History:
    """The log by person; `learn` takes its rows in order."""

    def __init__(self, realm_id: str, newer: Collection[str] = ()) -> None:
        self.newer = 0  # successes of runs that came after what is compared with
        self._realm_id = realm_id
        self._newer = frozenset(newer)
        self._people: dict[int, bytes] = {}  # by mark
        # What many have alike by its number in the packed form, and back.
        self._words: list[tuple[str, ...]] = []
        self._numbers: dict[tuple[str, ...], int] = {}

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
            found = _learnt(past.digests, row)
            known_as = row.quickbooks_id or past.quickbooks_id
            token = row.sync_token or past.sync_token
            return Past(known_as, found, is_whole, row.outcome, True, token)
        if row.outcome == CLOSED:  # the row before it says what became of the person
            self.newer += row.run_id in self._newer
            return past
        is_taken = row.outcome == REMOVED and row.action in TAKES_AWAY
        by = row.run_id if is_taken else past.taken_back_by
        if is_create and row.outcome in (ABSENT, REMOVED):
            return Past(outcome=row.outcome, taken_back_by=by)
        return past._replace(outcome=row.outcome, taken_back_by=by)

    # --- as bytes ---------------------------------------------------------------------

    def _packed(self, past: Past) -> bytes:
        flags = _WHOLE * past.is_whole + _KNOWN * past.is_known
        names = sorted(past.digests)
        ended = self._number((past.outcome, past.taken_back_by))
        head = _HEAD.pack(flags, ended, self._number((*names,)))
        found = bytes.fromhex("".join([past.digests[name] for name in names]))
        who = f"{past.quickbooks_id}{_BETWEEN}{past.sync_token}"
        return head + found + who.encode("utf-8", "surrogatepass")

    def _number(self, words: tuple[str, ...]) -> int:
        """Return the number of an end, or of the fields that somebody has."""
        found = self._numbers.setdefault(words, len(self._words))
        if found == len(self._words):
            self._words.append(words)
        return found

    def _unpacked(self, packed: bytes) -> Past:
        flags, ended, fields = _HEAD.unpack_from(packed)
        names = self._words[fields]
        outcome, taken_back_by = self._words[ended]
        end = _HEAD.size + _DIGEST * len(names)
        found, size = packed[_HEAD.size : end].hex(), 2 * _DIGEST
        who = packed[end:].decode("utf-8", "surrogatepass")
        quickbooks_id, _, sync_token = who.rpartition(_BETWEEN)
        return Past(
            quickbooks_id,
            {name: found[at * size : (at + 1) * size] for at, name in enumerate(names)},
            bool(flags & _WHOLE),
            outcome,
            bool(flags & _KNOWN),
            sync_token,
            taken_back_by=taken_back_by,
        )


def _learnt(known: Mapping[str, str], row: Pushed) -> dict[str, str]:
    """Return digests with those of one more row; all lines together tell of each line."""
    new = digests.parse(row.sent)
    is_all = not _OF_EVERYTHING.isdisjoint((row.action, row.outcome))
    if NOTES in new or (is_all and any(map(notes.line_in, new))):
        lines = (name for name in known if name == NOTES or notes.line_in(name))
        known = {name: known[name] for name in known.keys() - {*lines}}
    return {**known, **new}


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
