"""One kind after the other, from QuickBooks into its mirror."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from src.kit import files, receipts
from src.kit.answers import (
    NO_CONNECTION,
    NOT_APPLIED,
    STOP,
    UNKNOWN,
    Answer,
    Unanswered,
)
from src.kit.receipts import Receipt
from src.kit.retry import Courtesy
from src.kit.tables import Table
from src.wms import mirror
from src.wms.fields import Kind
from src.wms.mirror import MISSING, Spool, Survey
from src.wms.pairs import Damaged, Shelf

BEGAN, LIST, OF = "began", "list", "of"  # words of a mirror's receipt
FULL, DELTA, TIMED_OUT = "full", "delta", "timed_out"
Told = TypeVar("Told")


class Company(Protocol):
    """What is asked of QuickBooks; see adapters.conductor.Desktop."""

    def records(
        self, resource: str, query: Mapping[str, str]
    ) -> Iterator[dict[str, Any]]:
        """Yield the records of a list."""

    def deleted(self, resources: Sequence[str], after: str) -> list[dict[str, Any]]:
        """Return what was deleted since a moment."""


class Desk(NamedTuple):
    """What fetching works with."""

    company: Company
    courtesy: Courtesy
    shelf: Shelf
    last: Callable[[Table], Receipt | None]  # what was written down about a table
    folder: Path  # for what is only in passing
    met: Callable[[Iterable], Iterable] = iter  # sees the records that come
    of: str = ""  # the company file, by its end user


class Fetched(NamedTuple):
    """What came of one kind."""

    kind: Kind
    how: str  # full, delta, timed_out; empty where it failed
    rows: int
    counts: Counter[str]
    received: int = 0  # records and deletions
    notes: tuple[str, ...] = ()
    trouble: Unanswered | None = None


class _Known(NamedTuple):
    """The mirror that is there."""

    survey: Survey
    after: str  # ask for changes since then; empty = for everything
    note: str = ""


def fetch(desk: Desk, kind: Kind, is_full: bool) -> Fetched:
    """Bring the mirror of a kind up to date; where QuickBooks fails, leave it."""
    try:
        return _fetch(desk, kind, is_full)
    except Unanswered as trouble:
        if is_for_all(trouble.answer):
            raise
        place = mirror.pair(kind).records.place
        note = f"{place}: stays as it was; {trouble}"
        return Fetched(kind, "", 0, Counter(), notes=(note,), trouble=trouble)


def is_for_all(answer: Answer) -> bool:
    """Return whether every other question would be answered in the same way."""
    is_heard = answer.kind != NOT_APPLIED or answer.status_code != NO_CONNECTION
    return answer.is_unauthorized or answer.advice == STOP or not is_heard


def _fetch(desk: Desk, kind: Kind, is_full: bool) -> Fetched:
    began = desk.courtesy.clock.timestamp()
    known = _known(desk, kind, began)
    after = "" if is_full else known.after
    is_whole = not after or kind.name in mirror.ALWAYS_WHOLE
    with closing(Spool(kind, desk.folder)) as spool:
        try:
            _drain(desk, spool, kind, "" if is_whole else after)
        except Unanswered as trouble:
            if not mirror.may_time_out(kind) or trouble.answer.kind != UNKNOWN:
                raise
            return _timed_out(desk, kind, known, trouble)
        gone = mirror.deletions(_asking(desk, lambda: _deleted(desk, kind, after)))
        merge = mirror.Merge(kind, spool, gone, is_whole)
        how = FULL if is_whole else DELTA
        told = {LIST: how, BEGAN: began, OF: desk.of}
        rows = _write(desk, kind, _merged(desk, merge, known), told)
        received = spool.received + len(gone)
        notes = _notes(kind, known, merge.counts) + tuple(spool.rejects[:5])
    return Fetched(kind, how, rows, merge.counts, received, notes)


def _known(desk: Desk, kind: Kind, now: str) -> _Known:
    """Return what is there, and since when to ask for changes.

    A record that was changed while a long list came may lie before the newest one; so
    the watermark is no later than the list's beginning, and where nobody wrote that down
    everything is asked for.
    """
    pair = mirror.pair(kind)
    if not desk.shelf.path_of(pair.records).exists():
        return _Known(Survey(), "")
    owner = receipts.value(desk.last(pair.records), OF)
    if owner not in ("", desk.of):
        note = f"{pair.records.place}: was of {owner}; everything was fetched anew"
        return _Known(Survey(), "", note)
    try:
        found = mirror.survey(_old(desk, kind))
    except Damaged as damage:
        return _Known(Survey(), "", f"{damage}; everything was fetched anew")
    if not found.newest:
        return _Known(found, "")
    for table in filter(None, pair):
        if _is_other(desk, table):
            note = f"{table.place}: is not as it was fetched; everything was fetched anew"
            return _Known(found, "", note)
    began = receipts.value(desk.last(pair.records), BEGAN)
    if not began:
        return _Known(found, "")
    return _Known(found, mirror.watermark(found.newest, began, now))


def _is_other(desk: Desk, table: Table) -> bool:
    """Return whether somebody has changed a file since it was written."""
    receipt = desk.last(table)
    is_known = receipt is not None and receipt.sha256 != ""
    return is_known and files.digest(desk.shelf.path_of(table)) != receipt.sha256


def _old(desk: Desk, kind: Kind) -> Iterator[mirror.Mirrored]:
    width = len(mirror.MirrorHead._fields)
    return map(mirror.of_row, desk.shelf.read(mirror.pair(kind), width))


def _merged(
    desk: Desk, merge: mirror.Merge, known: _Known
) -> Iterable[mirror.Mirrored]:
    return merge.over(_old(desk, merge.kind) if known.survey.rows else ())


def _drain(desk: Desk, spool: Spool, kind: Kind, after: str) -> None:
    query = mirror.query(kind, after)

    def drain() -> None:
        # A cursor cannot be asked again: a list that breaks off begins at its start.
        spool.fill(desk.met(desk.company.records(kind.resource, query)))

    _asking(desk, drain)


def _deleted(desk: Desk, kind: Kind, after: str) -> list[dict[str, Any]]:
    return desk.company.deleted([kind.resource], after)


def _asking(desk: Desk, ask: Callable[[], Told]) -> Told:
    """Return an answer, asked for again a few times where that may help."""
    return desk.courtesy.asking(lambda _: ask())(None)


def _write(
    desk: Desk, kind: Kind, records: Iterable[mirror.Mirrored], detail: dict[str, str]
) -> int:
    count = 0
    with desk.shelf.writing(mirror.pair(kind), detail) as append:
        for count, record in enumerate(records, 1):
            append(*record)
    return count


def _timed_out(desk: Desk, kind: Kind, known: _Known, trouble: Unanswered) -> Fetched:
    """Leave the mirror as it was, and write down that its list was too long."""
    pair = mirror.pair(kind)
    began = receipts.value(desk.last(pair.records), BEGAN)
    detail = {LIST: TIMED_OUT, OF: desk.of} | ({BEGAN: began} if began else {})
    rows = _write(desk, kind, _old(desk, kind) if known.survey.rows else (), detail)
    note = f"{pair.records.place}: stays as it was, its list timed out; {trouble}"
    return Fetched(kind, TIMED_OUT, rows, Counter(), notes=(note,))


def _notes(kind: Kind, known: _Known, counts: Counter[str]) -> tuple[str, ...]:
    notes = [known.note] if known.note else []
    if counts[MISSING]:
        place = mirror.pair(kind).records.place
        notes.append(
            f"{place}: {counts[MISSING]:,} not in QuickBooks' list, and not said to be "
            "deleted; they stay"
        )
    return tuple(notes)
