"""Whether a log is as its runs left it: held against its seals, checks and numbers.

Every run writes into the receipts how many rows a log had and a digest of their checks,
when it began and when it ended cleanly. What holds of these tells until when nothing
was changed; the first row that is not where it belongs, or whose check fails, is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from src.kit import receipts, row_checks, row_order
from src.kit.receipts import Receipt
from src.kit.row_checks import BAD, Content
from src.kit.row_order import ALTERED, CUT, INSERTED, MISSING, Trace

# What is said of a log as a whole.
INTACT = "intact"
UNSEALED = "not sealed"  # each row is right, but nothing vouches for their number
OPEN = "open"  # a run is at it, or was killed; what it found was right
CHANGED = "changed"
NOT_THERE = "not there"

SHOWN = 5  # of the rows that are not as they were, those that are named


class Mark(NamedTuple):
    """What the receipts say of a log at one moment."""

    kind: str  # open or seal
    run_id: str
    ts: str
    rows: int
    sha256: str

    @property
    def said(self) -> str:
        """Return whose word it is, and of when."""
        verb = "sealed" if self.kind == receipts.SEAL else "found"
        return f"run {self.run_id} {verb} them on {moment(self.ts)}"


class Damage(NamedTuple):
    """One place where a log is not as it was written."""

    kind: str
    file: str
    line: int
    said: str


class Verdict(NamedTuple):
    """What is known of a log."""

    place: str
    state: str
    rows: int
    damages: tuple[Damage, ...] = ()  # the first ones, in the order of the file
    count: int = 0  # of them all
    notes: tuple[str, ...] = ()
    resaved: tuple[str, ...] = ()  # files that another program saved, and how


class Subject(NamedTuple):
    """One log: where it lies, its name in messages, its row type, what was said of it."""

    path: Path
    place: str
    row_type: type
    marks: Sequence[Mark] = ()


def moment(ts: str) -> str:
    """Return a time as people read it."""
    return f"{ts[:16].replace('T', ' ')} UTC" if ts else "an unknown day"


def marks(found: Iterable[Receipt]) -> dict[str, list[Mark]]:
    """Return what the receipts say of each log, oldest first."""
    by_place: dict[str, list[Mark]] = {}
    for one in found:
        if one.kind in (receipts.OPEN, receipts.SEAL):
            rows = int(one.rows) if one.rows.isdigit() else 0
            mark = Mark(one.kind, one.run_id, one.ts, rows, one.sha256)
            by_place.setdefault(one.subject, []).append(mark)
    return by_place


def verify(subject: Subject) -> tuple[Verdict, Content]:
    """Return what is known of a log, and what was read of it."""
    content = row_checks.read(subject.path, subject.row_type)
    digests = row_checks.digests(content.checks, (m.rows for m in subject.marks))
    known = _Known(subject, content, digests)
    found = _damages(known)
    place, rows = subject.place, content.rows
    if not found and not content.parts:
        return Verdict(place, NOT_THERE, 0), content
    shown = tuple(_described(known, trace) for trace in islice(found, SHOWN))
    notes = tuple(_notes(known, found))
    state = CHANGED if found else _state(known)
    resaved = tuple(_resaved(known))
    return Verdict(place, state, rows, shown, len(found), notes, resaved), content


class _Known(NamedTuple):
    """A log, and what was said of it."""

    subject: Subject
    content: Content
    digests: Mapping[int, str]

    def holds(self, mark: Mark) -> bool:
        """Return whether the rows are those that a run found or sealed."""
        return self.digests.get(mark.rows) == mark.sha256

    @property
    def newest(self) -> Mark | None:
        """Return the last word about the log."""
        return self.subject.marks[-1] if self.subject.marks else None

    @property
    def held(self) -> int:
        """Return of how many rows any run's word still holds."""
        return max((m.rows for m in self.subject.marks if self.holds(m)), default=0)

    @property
    def is_killed(self) -> bool:
        """Return whether rows behind the last word are of a run without an end."""
        newest = self.newest
        return bool(newest and newest.kind == receipts.OPEN and self.holds(newest))

    def goes_on(self, row: int) -> bool:
        """Return whether a run began here, and counted on from the rows that it found.

        It had met a log from which rows were gone.
        """
        run_id, number = self.content.runs.get(row), self.content.numbers[row]
        found = (m.rows for m in self.subject.marks if m.run_id == run_id)
        return bool(run_id) and any(rows + 1 == number for rows in found)

    @property
    def broken(self) -> tuple[Mark, Mark] | None:
        """Return the last word that does not hold, and the next, which does again.

        A log that was taken away and begun anew is no broken one.
        """
        found, words = None, self.subject.marks
        for one, after in zip(words, words[1:]):
            if after.kind == receipts.OPEN and not after.rows:
                found = None
            elif not self.holds(one) and self.holds(after):
                found = one, after
        return found


def _state(known: _Known) -> str:
    newest = known.newest
    if newest is None:
        return UNSEALED if known.content.rows else INTACT
    return INTACT if newest.kind == receipts.SEAL else OPEN


# --- what is not as it was ------------------------------------------------------------


def _damages(known: _Known) -> list[Trace]:
    newest, content = known.newest, known.content
    if newest is None:
        return list(_walk(known, 0, content.rows))
    if known.holds(newest):
        return [*_met_before(known, newest), *_behind(known, newest)]
    if not content.parts:
        return [Trace(MISSING, 0, f"the file is gone; {newest.rows:,} rows, {newest.said}")]
    found = list(_walk(known, known.held, content.rows))
    found += _at_the_end(known, newest)
    return found or [_unnamed(known)]


def _met_before(known: _Known, newest: Mark) -> Iterator[Trace]:
    """Yield what an earlier run has met already, and has gone on with."""
    broken = known.broken
    if broken is None and BAD not in known.content.checks[: newest.rows]:
        return
    met = (broken[1] if broken else newest).run_id
    found = list(_walk(known, 0, newest.rows))
    for trace in found:
        yield trace._replace(said=f"{trace.said}; run {met} has met it so and gone on")
    if not found and broken:
        before, after = broken
        said = (
            f"the log had {before.rows:,} rows, as {before.said}, and {after.rows:,} "
            f"when run {after.run_id} began; which are not those any more"
        )
        yield Trace(ALTERED, min(before.rows, after.rows), said)


def _behind(known: _Known, newest: Mark) -> Iterator[Trace]:
    """Yield what stands behind the rows of the last word, and no run has written."""
    content, first = known.content, newest.rows
    extra = content.rows - first
    if newest.kind == receipts.SEAL:
        if extra:
            said = f"{extra:,} row(s) that no run wrote, behind those sealed last"
            yield Trace(INSERTED, first, said, extra)
        return
    for trace in _walk(known, first, content.rows):
        if trace.kind != CUT:
            yield trace
    for row, run_id in content.runs.items():
        if row >= first and run_id != newest.run_id:
            yield Trace(INSERTED, row, f"row(s) of run {run_id}, which never began")


def _at_the_end(known: _Known, newest: Mark) -> Iterator[Trace]:
    """Yield what the number of rows still leaves to be explained."""
    content = known.content
    rows = content.rows
    if not content.is_numbered:
        yield from _by_count(known, newest.rows - rows)
        return
    left = newest.rows - row_order.reached(content, known.held, known.goes_on)
    if left > 0:
        yield Trace(MISSING, rows, _told_of_the_end(known, left), left)
    elif left < 0 and newest.kind == receipts.SEAL:
        said = f"{-left:,} row(s) that no run wrote, at the end"
        yield Trace(INSERTED, rows + left, said, -left)


def _by_count(known: _Known, left: int) -> Iterator[Trace]:
    """Yield what the number of rows tells of a log whose rows have none themselves."""
    if left > 0 and known.held < known.content.rows:
        said = f"{left:,} row(s) that stood at this line or further down"
        yield Trace(MISSING, known.held, said, left)
    elif left > 0:
        yield Trace(MISSING, known.held, _told_of_the_end(known, left), left)
    elif left < 0 and known.newest and known.newest.kind == receipts.SEAL:
        said = f"{-left:,} row(s) that no run wrote, at this line or further down"
        yield Trace(INSERTED, known.held, said, -left)


def _told_of_the_end(known: _Known, left: int) -> str:
    rows = known.content.rows
    said = f"the last {left:,} row(s) are not there"
    whole = [m for m in known.subject.marks if m.rows == rows and known.holds(m)]
    if rows and whole:
        return f"{said}; this is an older copy, as {whole[-1].said}, or was cut there"
    return f"{said}; cut off" if rows else f"{said}; the file was emptied"


def _unnamed(known: _Known) -> Trace:
    """Return what is known where every row looks right by itself."""
    first, last = known.held + 1, known.content.rows
    ends = [mark.rows for mark in known.subject.marks if mark.rows >= first]
    last = min([last, *ends])
    said = f"rows {first:,} to {last:,} have right checks, yet are not those once written"
    return Trace(ALTERED, known.held, said)


def _walk(known: _Known, start: int, stop: int) -> Iterator[Trace]:
    return row_order.walk(known.content, start, stop, known.goes_on)


# --- how it is told -------------------------------------------------------------------


def _described(known: _Known, trace: Trace) -> Damage:
    place = row_checks.place(known.content, trace.row)
    said = trace.said
    if trace.kind == ALTERED and known.content.checks[trace.row : trace.row + 1] == [BAD]:
        cells = row_checks.named_cells(known.content, trace.row, known.subject.row_type)
        names = ("seq", "run_id", "key", "outcome")
        told = [f"{name} {cells[name]}" for name in names if cells.get(name)]
        said = f"its check does not fit ({', '.join(told) or 'no row of this log'}){said}"
    file = place.file or known.subject.path.name
    return Damage(trace.kind, file, place.line, said)


def _notes(known: _Known, found: Sequence[Trace]) -> Iterator[str]:
    newest, rows = known.newest, known.content.rows
    if newest is None:
        return
    if known.holds(newest):
        if known.is_killed:
            yield from _of_a_killed_run(known, newest)
        elif not found:
            yield f"{rows:,} rows, as {newest.said}"
    else:
        yield from _until_where(known, newest)
        if _is_all_else_right(known, newest, found):
            yield f"all other rows are as {newest.said}"
    anew = [i for i, m in enumerate(known.subject.marks) if i and not m.rows]
    before = known.subject.marks[anew[-1] - 1] if anew else None
    if before and before.rows:
        after = known.subject.marks[anew[-1]]
        yield (
            f"begun anew by run {after.run_id}: a log of {before.rows:,} rows had been "
            'taken away before it ("make clean" does that)'
        )


def _of_a_killed_run(known: _Known, newest: Mark) -> Iterator[str]:
    behind = known.content.rows - newest.rows
    yield (
        f"run {newest.run_id} began on {moment(newest.ts)} and has sealed nothing: it is "
        f"at work, or was killed; {newest.rows:,} rows are as it found them, {behind:,} "
        "stand behind them"
    )
    if behind and known.content.checks[-1] == BAD and row_checks.is_cut(known.content):
        yield "its last line was cut; the next run puts that aside"


def _until_where(known: _Known, newest: Mark) -> Iterator[str]:
    """Yield between which two words the first damage lies, and since when."""
    held, words = known.held, known.subject.marks
    last = next((m for m in reversed(words) if m.rows == held and known.holds(m)), None)
    if last and held:
        yield f"rows 1 to {held:,} are as {last.said}"
    beyond = [mark for mark in words if mark.rows > held]
    if beyond:
        first = min(beyond, key=lambda mark: mark.rows)
        yield f"rows {held + 1:,} to {first.rows:,} are not as {first.said}"
    yield f"changed after {moment(newest.ts)}"


def _is_all_else_right(known: _Known, newest: Mark, found: Sequence[Trace]) -> bool:
    """Return whether the seal holds over the checks that damaged rows still have."""
    content = known.content
    if len(found) > SHOWN or any(trace.kind != ALTERED for trace in found):
        return False
    if content.rows < newest.rows:
        return False
    checks = list(content.checks[: newest.rows])
    for row in [row for row, check in enumerate(checks) if check == BAD]:
        checks[row] = row_checks.written_check(content, row)
    return sha256(b"".join(checks)).hexdigest() == newest.sha256


def _resaved(known: _Known) -> Iterator[str]:
    for part in known.content.parts:
        how = row_checks.spelled(part.path, known.subject.row_type)
        if how:
            yield f"{part.path.name}: {how}"
