"""The plan: every file of the inventory, where it would go, and whether it may.

The inventory is read once, in groups of one legacy id, because 170,000 rows need not be
in memory. Only files whose record is met elsewhere in the tree too (one id in several
folders, several ids that became one record) wait until the end, to be seen together.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple, Union

from src.attachments import names, verify
from src.attachments.mapping import Targets
from src.attachments.records import (
    FILE_MISSING,
    IN_DOUBT,
    INVENTORY,
    OK,
    TAKEN_BACK,
    Attachment,
    Skipped,
    Verified,
)
from src.kit import cells, plans, reading, tables

Planned = Iterator[Union[Verified, Skipped]]
DECISION_AT = Verified._fields.index("decision")
DOUBTFUL = "nobody knows how its upload ended; decide adopt: or send"
UNDONE = "taken back by run {}; decide send to send it again, skip to keep it out"


class Look(NamedTuple):
    """What the planner may ask of the files and of the run log."""

    exists: Callable[[str], bool]
    digest: names.Digest
    in_doubt: frozenset[tuple[str, str, str]]  # type, id, path
    taken_back_by: Callable[[Verified], str] = lambda row: ""  # the run, if one did


class Planner:
    """Decides row by row; `used` and `spellings` tell afterwards what was seen."""

    def __init__(self, targets: Targets, scope: verify.Scope, look: Look) -> None:
        self.used: set[str] = set()
        self._targets, self._scope, self._look = targets, scope, look

    def plan(
        self, rows: Iterable[Attachment], scattered: frozenset[str]
    ) -> Iterator[Verified | Skipped]:
        """Yield the plan of each file; `scattered` ids stand in several folders."""
        waiting: dict[str, list[Attachment]] = defaultdict(list)
        for norm, group in groupby(rows, itemgetter(0)):
            self.used.add(norm)
            if norm in scattered or self._targets.is_shared(norm):
                waiting[norm] += group
            else:
                yield from self._together(list(group))
        for together in self._by_record(waiting):
            yield from self._together(together)

    def _by_record(
        self, waiting: dict[str, list[Attachment]]
    ) -> Iterable[list[Attachment]]:
        """Return the waiting rows, those of one record together, in a stable order."""
        records: dict[str, list[Attachment]] = defaultdict(list)
        for norm in sorted(waiting):
            for row in waiting[norm]:
                target = verify.find_target(row, self._targets).target
                records[f"{target.entity_type} {target.entity_id}".strip() or norm].append(
                    row
                )
        return records.values()

    def _together(self, rows: Sequence[Attachment]) -> Iterator[Verified | Skipped]:
        verified = []
        spellings: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            spellings[row.legacy_txnid_norm].add(row.raw_legacy_id)
        for row in rows:
            found = verify.find_target(row, self._targets)
            reason = verify.left_out(row, found.target.entity_type, self._scope)
            if reason:
                yield Skipped(*row[:7], reason)
            else:
                finding = verify.judge(row, found, self._look.exists)
                spelled = spellings[row.legacy_txnid_norm]
                verified.append(self._row(row, finding, sorted(spelled)))
        yield from self._settled(verified)

    def _settled(self, rows: list[Verified]) -> Iterator[Verified]:
        if len(rows) < 2:
            yield from rows
            return
        by_record: dict[tuple[str, str], list[Verified]] = defaultdict(list)
        for row in rows:
            by_record[row.qbo_entity_type, row.qbo_entity_id].append(row)
        for together in by_record.values():
            yield from names.settle(together, self._look.digest)

    def _row(
        self, row: Attachment, finding: verify.Finding, spelled: Sequence[str]
    ) -> Verified:
        status, reason, target = finding
        if len(spelled) > 1 and row.legacy_txnid_norm and status == OK:
            same = [raw for raw in spelled if raw.strip()]
            reason = verify.describe_spellings(same)
        planned = Verified(
            plans.row_id(row.file_path),
            "",
            status,
            reason,
            *row[:8],
            target.entity_type,
            target.entity_id,
            row.file_name,
            "",
        )
        return self._as_before(planned)

    def _as_before(self, row: Verified) -> Verified:
        """Return a row as it stands after what the run log says of it."""
        place = (row.qbo_entity_type, row.qbo_entity_id, row.file_path)
        if self._look.in_doubt and place in self._look.in_doubt:
            return row._replace(status=IN_DOUBT, reason=DOUBTFUL)
        run_id = self._look.taken_back_by(row)
        if not run_id or row.status == FILE_MISSING:
            return row
        return row._replace(status=TAKEN_BACK, reason=UNDONE.format(run_id))


def scattered(inventory: Path) -> frozenset[str]:
    """Return the legacy ids that stand in several folders."""
    met: set[bytes] = set()
    again: set[bytes] = set()
    before = b""
    for cell in _first_cells(inventory):
        if cell != before:
            (again if cell in met else met).add(cell)
            before = cell
    spelled = (cell.decode("utf-8", "replace") for cell in again)
    return frozenset(map(cells.unescape, map(cells.unguard, spelled)))


def _first_cells(inventory: Path) -> Iterator[bytes]:
    """Yield the ids as they are spelled: cheap, because no other cell is looked at."""
    with open(inventory, "rb") as file:
        if file.readline() == tables.encoded_header(Attachment):
            for line in file:
                yield _unquoted(line) if line[:1] == b'"' else line.partition(b",")[0]
            return
    for row in reading.table(inventory, INVENTORY):  # another program saved it
        yield cells.guard(cells.escape(row.legacy_txnid_norm)).encode()


def _unquoted(line: bytes) -> bytes:
    found = next(csv.reader([line.decode("utf-8", "replace")]), [""])
    return found[0].encode()
