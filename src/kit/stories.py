"""What is told of one record: the rows about it, as chapters of its life."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from src.kit import cells, plans
from src.kit.memory import CLOSED

REJECTED = "rejected"
BATCH = "batch"  # an importer's row about records that were stored together
KEPT = f"/{plans.KEPT}/"
SKIP, WAIT = "skip", "hold"  # decisions that every plan takes
NO_ANSWER = "database"  # among stored fields: why it is not known what is stored
_NO_WORD = re.compile(r"[\W_]+")
Token = tuple[str, str]  # the kind of a name, and the name: ("path", "Attach/…")


class Found(NamedTuple):
    """One row that was found, cell by cell."""

    table: str  # the table's file name, whatever segment or copy the row stands in
    place: str  # how messages name the file
    line: int
    cells: Mapping[str, str]
    of: str = ""  # the given file that its table was made from
    is_damaged: bool = False  # its row check does not hold
    made: str = ""  # when its table was written, if that is known

    def __getitem__(self, name: str) -> str:  # type: ignore[override]
        return self.cells.get(name, "")

    @property
    def where(self) -> str:
        """Return where it stands."""
        damaged = ", changed since it was written" if self.is_damaged else ""
        return f"{self.place} line {self.line:,}{damaged}"


class Chapter(NamedTuple):
    """One part of a biography."""

    title: str
    lines: Sequence[str]
    when: str = ""


class Story(NamedTuple):
    """One record's biography."""

    name: str  # what to type to mean it alone
    title: str
    chapters: Sequence[Chapter]
    state: str  # one sentence
    next_step: str  # a command, or that there is nothing to do


class Teller(NamedTuple):
    """What a room knows of its own rows."""

    # Table → the columns by which a person may mean a row; `a+b` = both with a blank.
    handles: Mapping[str, tuple[str, ...]]
    # Spellings that mean the same: each turns a text into what is compared.
    folds: tuple[Callable[[str], str], ...]
    # What makes two rows be about one record; of these its other rows hold the text.
    tokens: Callable[[Found], Iterable[Token]]
    # What ties a row to records without making them one: a row of the mapping.
    ties: Callable[[Found], Iterable[Token]]
    columns: frozenset[str]  # in which the texts of tokens and ties stand
    tell: Callable[[Sequence[Found], Mapping[str, str]], Story]


def fold(text: str) -> str:
    """Return a text without the differences that nobody means."""
    return " ".join(cells.folded(text.casefold()).split())


def bare(text: str) -> str:
    """Return the letters and digits of a text, all else as one blank between them."""
    return " ".join(_NO_WORD.sub(" ", cells.folded(text)).split())


def quoted(value: object) -> str:
    """Return a value as it is told: a text with quotes around it that no name has."""
    if isinstance(value, str):
        return f"“{value}”" if value else "nothing"
    if isinstance(value, dict):
        told = [f"{name} {quoted(one)}" for name, one in value.items()]
        return f"({', '.join(told)})" if told else "nothing"
    if isinstance(value, list):
        return ", ".join(quoted(one) for one in value if one) or "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if value is None else str(value)


def when(ts: str) -> str:
    """Return a time as people read it, to the second."""
    return f"{ts[:19].replace('T', ' ')} UTC" if ts else ""


def first(rows: Iterable[Found], *names: str) -> str:
    """Return the first cell that holds something, of these columns in this order."""
    found = list(rows)
    return next((row[name] for name in names for row in found if row[name]), "")


def of_table(rows: Iterable[Found], *tables: str) -> list[Found]:
    """Return the rows of some tables."""
    return [row for row in rows if row.table in tables]


def chapter(title: str, lines: Iterable[str], ts: str = "") -> Iterator[Chapter]:
    """Yield a chapter, if there is something to say."""
    found = [line for line in lines if line]
    if found:
        yield Chapter(title, found, when(ts))


def applied(
    rows: Sequence[Found], log: Sequence[Found] | None = None
) -> tuple[list[Found], list[Found]]:
    """Return a plan's rows that tell something, and those of them that still wait.

    What stands in the present plan and in an applied one is told once, of that run. With
    a log, a row that the run did not come to still waits.
    """
    kept = [row for row in rows if KEPT in row.place]
    present = [row for row in rows if KEPT not in row.place]
    runs = None if log is None else {row["run_id"] for row in log}
    came = [row for row in kept if runs is None or run_of(row) in runs]
    done = {(row["row_check"], row["decision"]) for row in came}
    waiting = [r for r in present if (r["row_check"], r["decision"]) not in done]
    return [*kept, *waiting], waiting


def decision(row: Found) -> str:
    """Return the word of a plan's row that a person wrote, without what it names."""
    return row["decision"].partition(":")[0].strip().casefold()


def run_of(row: Found) -> str:
    """Return the run that applied a plan's row, empty for the present plan's."""
    name = row.place.rpartition("/")[2]
    return name.removesuffix(".csv") if KEPT in row.place else ""


def words(row: Found, names: Mapping[str, str]) -> str:
    """Return `what value` of the columns that hold something, separated by commas."""
    return ", ".join(
        f"{said} {row[name]}".strip() for name, said in names.items() if row[name]
    )


def attempts(rows: Iterable[Found], names: Mapping[str, str]) -> Iterator[Chapter]:
    """Yield a chapter about the rows of a run log, in the order of the log."""
    lines = []
    for row in sorted(rows, key=lambda row: row["ts"]):
        lines.append(
            f"{when(row['ts'])}  {row['outcome']}  {words(row, names)}".rstrip()
        )
        if row["error"]:
            lines.append(f"  {row['error']}")
        lines.append(f"  run {row['run_id']}, {row.where}")
    return chapter("Attempts", lines)


def imported(rows: Iterable[Found], lines: Iterable[tuple[str, str]]) -> list[Found]:
    """Return an importer's log rows about a record that stands on lines of given files.

    A batch is about it if the line is in its span and its run says nothing else of it.
    """
    log, about = list(rows), {(file, int(line)) for file, line in lines if line.isdigit()}
    told = {
        ("" if row["outcome"] == REJECTED else row["run_id"], row["file"], row["line"])
        for row in log
        if row["outcome"] not in (BATCH, "flagged")
    }

    def of(run_id: str) -> list[tuple[str, int]]:
        runs = ("", run_id)  # what is rejected is left out by every run
        said = {(file, line) for run, file, line in told if run in runs}
        return [(file, line) for file, line in about if (file, str(line)) not in said]

    return [
        row for row in log if row["outcome"] != BATCH or _has_one(row, of(row["run_id"]))
    ]


def _has_one(row: Found, lines: Iterable[tuple[str, int]]) -> bool:
    first, _, last = row["line"].partition(" to ")
    last = last or first
    if not (first.isdigit() and last.isdigit()):
        return False
    return any(
        file == row["file"] and int(first) <= at <= int(last) for file, at in lines
    )


def last_outcome(rows: Sequence[Found]) -> Found | None:
    """Return the last row that says how an attempt ended; skips say nothing.

    Of what was taken away the row of the thing tells, not that of the attempt.
    """
    silent = ("skipped", "batch", CLOSED)
    said = [row for row in rows if not row["outcome"].startswith(silent)]
    return said[-1] if said else None
