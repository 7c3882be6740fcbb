"""Source, log and company compared, in both directions: findings and control totals.

The company is read once, record by record. What agrees is only remembered; what does
not is kept until everything was seen, because the same mark may come again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from src.attachments.names import apart
from src.attachments.records import (
    CHANGED_HERE,
    CHANGED_THERE,
    EXTRA,
    IN_SYNC,
    LOGGED_BUT_ABSENT,
    MISSING,
    PRESENT_BUT_NOT_LOGGED,
    SEVERAL_THERE,
    Finding,
    Verified,
)
from src.attachments.sides import NOTHING, Files, Known, Logged
from src.attachments.upload import ADOPTED, FAILED, SKIPPED
from src.config import normalize_entity_type, normalize_sent_name
from src.kit import cells, plans
from src.kit.answers import Found
from src.kit.memory import HELD, Index, fingerprint, is_key, number_of
from src.kit.stage import Balance

ADOPT, SEND, HOLD = "adopt", "send", "hold"
SOURCE, LOGGED, COMPANY, UNMARKED = range(0, 8, 2)  # where a side's two figures stand


class Totals:
    """Counts and bytes of every side, by type and year."""

    def __init__(self) -> None:
        self._by_group: dict[tuple[str, str], list[int]] = {}

    def add(self, side: int, group: tuple[str, str], size: int) -> None:
        """Count one thing of a type and year on a side."""
        figures = self._by_group.setdefault(group, [0] * 8)
        figures[side] += 1
        figures[side + 1] += max(0, size)

    def add_source(self, row: Verified) -> None:
        """Count one file of the plan."""
        group = (row.qbo_entity_type, row.modified_at[:4])
        self.add(SOURCE, group, int(row.size_bytes or 0))

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Yield a row per type and year, and the sum of them all."""
        sums = [0] * 8
        for group, figures in sorted(self._by_group.items()):
            yield (*group, *map(str, figures))
            sums = [total + one for total, one in zip(sums, figures)]
        yield ("total", "", *map(str, sums))


class Sides(NamedTuple):
    """What the company is compared with."""

    logged: Logged
    files: Files
    index: Index
    totals: Totals


class Comparison:
    """One pass over the company; `counts` has a number per class afterwards."""

    def __init__(self, sides: Sides) -> None:
        self.counts: Counter[str] = Counter()
        self.records = 0  # met in the company
        self.placed = 0  # rows of the plan, keys of the log, records: each in one class
        self.without_file = 0  # logged and there, but in no row of the plan
        self._logged, self._files, self._index, self._totals = sides
        self._agreed: set[int] = set()
        self._hits: dict[int, str] = {}  # packed, a line each
        self._replaced: set[int] = set()
        self._by_hand: dict[int, str] = {}  # what somebody attached -> its id

    def findings(self, company: Iterable[Found]) -> Iterator[Finding]:
        """Yield a finding for each thing that is not in sync, without its check."""
        for found in company:
            self.records += 1
            self.placed += 1
            if not self._take(found):
                yield self._extra(found)
        for number, packed in self._hits.items():
            yield self._of_hits(number, [_found(line) for line in packed.split("\n")])
        yield from self._not_there()
        yield from self._of_logged()

    def balance(self, rows: int, rejected: int, missing: int) -> Balance:
        """Return where everything went: rows of the plan, keys of the log, records."""
        counts = self._files.counts
        return Balance(
            read=rows + missing + len(self._logged.packed) + self.records,
            out=self.placed,
            rejected=rejected,
            skipped=counts[SKIPPED],
            held=counts[HELD] + missing,
            failed=counts[FAILED],
        )

    def notes(self, expected: int) -> list[str]:
        """Return what a person should know; `expected` records were to be listed."""
        notes = []
        if self.records != expected:
            notes.append(
                f"the company has {expected:,} attachables, but listed {self.records:,}: "
                "it changed meanwhile; run make reconcile again before you decide"
            )
        if self.without_file:
            notes.append(
                f"{self.without_file:,} sent and there, but in no row of the plan now"
            )
        return notes

    # --- the company ------------------------------------------------------------------

    def _take(self, found: Found) -> bool:
        """Return whether a record is ours; compare it if it is."""
        number = number_of(found.key) if is_key(found.key) else None
        adopted = self._logged.adopted_as(found.remote_id)
        self._agreed |= adopted - {number}
        if number is None or not self._is_known(number, found.key):
            for one in sorted(adopted)[:1]:
                self._add_up(one, self._logged.get(one), found)
            return bool(adopted)
        sent = self._logged.get(number)
        self._add_up(number, sent, found)
        if sent and number not in self._agreed and not differences(sent, found):
            self._agreed.add(number)
        else:
            before = self._hits.get(number)
            line = cells.SEPARATOR.join(cells.escape(str(cell)) for cell in found)
            self._hits[number] = f"{before}\n{line}" if before else line
        return True

    def _is_known(self, number: int, key: str) -> bool:
        return (
            number in self._logged.packed
            or number in self._files.packed
            or self._index.tried(key).attempt > 0
        )

    def _add_up(self, number: int, sent: Known | None, found: Found) -> None:
        known = sent or self._files.get(number) or NOTHING
        year = self._year(number, known) or found.created_at[:4]
        group = (normalize_entity_type(found.entity_type), year)
        self._totals.add(COMPANY, group, found.size)

    def _year(self, number: int, known: Known) -> str:
        return self._files.years.get(number) or known.modified_at[:4]

    def _extra(self, found: Found) -> Finding:
        reason = "it carries no mark of ours: somebody attached it by hand"
        owner = _owner(found.entity_type, found.entity_id)
        if not found.key:
            place = fingerprint((*owner, found.name, str(found.size)))
            self._by_hand[place] = found.remote_id
        group = (normalize_entity_type(found.entity_type), found.created_at[:4])
        if found.key:
            reason = "its mark stands in no row of the log and no file of the plan has it"
        self._totals.add(COMPANY if found.key else UNMARKED, group, found.size)
        about = _about_found(found)._replace(size_bytes="")
        return self._finding((EXTRA, "", reason), about, found.key, [found])

    # --- what is there ----------------------------------------------------------------

    def _of_hits(self, number: int, hits: list[Found]) -> Finding:
        sent, file = self._logged.get(number), self._files.get(number)
        self.placed += self._files.has(number) + bool(sent)
        known = sent or file or _about_found(hits[0])
        if sent and number in self._agreed:
            hits.insert(0, _as_sent(sent))
        if len(hits) > 1:
            said = (SEVERAL_THERE, HOLD, _several(hits, sent))
        elif differs := differences(known, hits[0]):
            said = (CHANGED_THERE, HOLD, differs)
        else:
            said = (PRESENT_BUT_NOT_LOGGED, ADOPT, "it is there; the log does not say so")
        return self._finding(said, known, f"k{number:032x}", hits)

    # --- what is not there ------------------------------------------------------------

    def _not_there(self) -> Iterator[Finding]:
        """Yield the files that the log does not know as sent and the company lacks."""
        older = self._older_contents()
        for number, packed in self._files.packed.items():
            if number in self._hits:
                continue
            self.placed += 1
            yield self._missing(number, older.get(number))

    def _missing(self, number: int, older: int | None) -> Finding:
        key, file = f"k{number:032x}", self._files.get(number) or NOTHING
        if older is not None:
            self._replaced.add(older)
            old = self._logged.get(older) or NOTHING
            said = (CHANGED_HERE, SEND, "the file has other content than what was sent")
            file = file._replace(attachable_id=old.attachable_id)
            return self._finding(said, file, key, [_as_sent(old)])
        owner = _owner(file.qbo_entity_type, file.qbo_entity_id)
        there = self._by_hand.get(fingerprint((*owner, file.file_name, file.size_bytes)))
        if there:
            reason = f"somebody attached one of that name and size by hand: {there}; "
            reason += f"decide adopt:{there} or send"
            return self._finding((MISSING, HOLD, reason), file, key, [])
        if self._index.is_done(key):
            return self._finding(_absent(""), file, key, [])
        if self._index.tried(key).state == HELD:
            reason = "an earlier run held it, and it is not there; decide send"
            return self._finding((MISSING, HOLD, reason), file, key, [])
        said = (MISSING, SEND, "neither in the log nor there")
        return self._finding(said, file, key, [])

    def _older_contents(self) -> dict[int, int]:
        """Return, for files that were sent with another content, the key of that."""
        if not (self._files.packed and self._logged.packed):
            return {}
        places = {
            _place(self._files.get(number) or NOTHING): number
            for number in self._files.packed
        }
        left_over = self._agreed - self._files.logged - self._hits.keys()
        older = {}
        for number in self._logged.packed.keys() & left_over:
            place = _place(self._logged.get(number) or NOTHING)
            if place in places:
                older[places[place]] = number
        return older

    def _of_logged(self) -> Iterator[Finding]:
        """Yield what was sent and is not there; count what is in sync."""
        for number in self._logged.packed:
            sent = self._logged.get(number) or NOTHING
            year = self._year(number, sent) or sent.ts[:4]
            size = int(sent.size_bytes or 0)
            self._totals.add(LOGGED, (sent.qbo_entity_type, year), size)
            if number in self._hits:
                continue
            has_file = number in self._files.logged
            self.placed += 1 + has_file
            if number not in self._agreed:
                yield self._finding(_absent(sent.ts), sent, f"k{number:032x}", [])
            elif has_file:
                self.counts[IN_SYNC] += 1
            else:
                self.without_file += number not in self._replaced

    def _finding(
        self, said: tuple[str, str, str], known: Known, key: str, hits: Sequence[Found]
    ) -> Finding:
        self.counts[said[0]] += 1
        sizes = {hit.size for hit in hits}
        return Finding(
            plans.row_id(key if is_key(key) else hits[0].remote_id),
            "",
            *said,
            *known[:10],
            key,
            known.attachable_id,
            " ".join(hit.remote_id for hit in hits),
            str(hits[0].size) if len(sizes) == 1 and hits[0].size >= 0 else "",
            hits[0].created_at if hits else "",
            "",
        )


def differences(known: Known, found: Found) -> str:
    """Return in what a record differs from what was sent, empty if in nothing.

    What a person adopted as it stands (`error` says so) is compared by its id alone.
    """
    told = []
    if known.outcome and known.attachable_id != found.remote_id:
        told.append(f"the log has id {known.attachable_id}")
    if _is_taken_as_it_is(known):
        return "; ".join(told)
    if found.size >= 0 and known.size_bytes not in ("", str(found.size)):
        told.append(f"{found.size} bytes, {known.size_bytes} were sent")
    names = (known.file_name, apart(known.file_name, known.sha256))
    if found.name not in (*names, *map(normalize_sent_name, names)):
        told.append(f"named {found.name}")
    if _owner(known.qbo_entity_type, known.qbo_entity_id) != _owner(*found[3:5]):
        told.append(f"attached to {found.entity_type} {found.entity_id}")
    return "; ".join(told)


def _owner(entity_type: str, entity_id: str) -> tuple[str, str]:
    return normalize_entity_type(entity_type), entity_id


def _absent(sent_at: str) -> tuple[str, str, str]:
    when = f"sent {sent_at[:10]}" if sent_at else "the log says it was sent before"
    return LOGGED_BUT_ABSENT, HOLD, f"{when}, not there now; decide send or removed"


def _several(hits: Sequence[Found], sent: Known | None) -> str:
    told = f"it is there {len(hits)} times; decide adopt:<id>, take the others away there"
    if sent and sent.outcome == ADOPTED:
        told += f" (adopted: {sent.attachable_id})"
    return told


def _about_found(found: Found) -> Known:
    size = str(found.size) if found.size >= 0 else ""
    return Known(found.entity_type, found.entity_id, found.name, "", size, "", "")


def _as_sent(sent: Known) -> Found:
    owner = (sent.qbo_entity_type, sent.qbo_entity_id)
    size = -1 if _is_taken_as_it_is(sent) else int(sent.size_bytes or -1)
    return Found(sent.attachable_id, size, sent.file_name, *owner)


def _is_taken_as_it_is(sent: Known) -> bool:
    return sent.outcome == ADOPTED and bool(sent.error)


def _found(line: str) -> Found:
    remote_id, size, *rest = map(cells.unescape, line.split(cells.SEPARATOR))
    return Found(remote_id, int(size), *rest)


def _place(known: Known) -> int:
    return fingerprint((known.qbo_entity_type, known.qbo_entity_id, known.file_path))
