"""A plan, read once per version: its records, who waits, and a way to find some of them.

Lines are kept as they stand in the file; they are taken apart when they are shown. A plan
that people saved with another program is read like any other.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from src.kit import cells, dialects, files, plans
from src.kit.files import Look
from src.kit.reading import Reading
from src.office.pages.plan_sights import PLANS, Sight

KEPT = 2  # plans; one of 100,000 rows takes some 60 MB
HELD, CONFLICTS, DECIDED = "held", "conflicts", "decided"
_JOIN = "\x1f"  # never inside a cell of ours
# What may stand in a line without being in a cell: what separates, quotes, guards, escapes.
_ODD = re.compile("[,;\t\"'\\\\]")


class Asked(NamedTuple):
    """Which records somebody looks for; nothing = all of them."""

    q: str = ""  # in any cell that is shown, whatever its case
    type: str = ""
    action: str = ""
    show: str = ""  # held, conflicts, decided


class Summary(NamedTuple):
    """What a plan adds up to."""

    rows: int
    records: int
    waiting: int  # records
    conflicts: int
    actions: Counter[str]  # of rows
    types: Counter[str]
    decisions: Counter[str]
    unread: int  # lines that are no row


class Records:
    """What a plan's rows say about each record, in the order of the file."""

    def __init__(self, sight: Sight, reading: Reading[Any]) -> None:
        at = dict(zip(sight.columns, reading.dialect.positions))
        self._width = reading.dialect.width
        self._about = [at[name] for name in sight.record]
        self._action, self._type = at[sight.action], at.get(sight.type)
        self._decision, self._lost = at.get("decision"), at.get(sight.lost)
        self._waits = lru_cache(maxsize=None)(sight.is_waiting)
        self._known: dict[str, int] = {}
        self.first: list[int] = []  # row of each record …
        self.more: dict[int, list[int]] = {}  # … and the others of some
        self.types: list[str] = []
        self.actions: list[str] = []  # with blanks between
        self.waiting: set[int] = set()
        self.conflicts: set[int] = set()
        self.decided: set[int] = set()
        self.counted = Counter[str](), Counter[str](), Counter[str]()
        self.unread = 0

    def learn(self, rows: Iterable[Sequence[str]]) -> None:
        """Take all rows."""
        about, width = self._about, self._width
        known, first, more = self._known, self.first, self.more
        for number, row in enumerate(rows):
            if len(row) != width:
                self.unread += 1
                continue
            # Text, because the collector of garbage does not look into it.
            key = _JOIN.join([row[place] for place in about])
            record = known.setdefault(key, len(first))
            if record == len(first):
                first.append(number)
                self.types.append("")
                self.actions.append("")
            else:
                more.setdefault(record, []).append(number)
            self._note(record, row)

    def _note(self, record: int, row: Sequence[str]) -> None:
        action = row[self._action]
        actions, types, decisions = self.counted
        actions[action] += 1
        before = self.actions[record]
        if before != action and action not in before.split():
            self.actions[record] = f"{before} {action}" if before else action
        if self._type is not None:
            types[row[self._type]] += 1
            self.types[record] = row[self._type]
        decision = "" if self._decision is None else row[self._decision]
        decision = decision and decision.strip().lower()
        if decision:
            decisions[decision] += 1
            self.decided.add(record)
        if decision == "hold" or (not decision and self._waits(action)):
            self.waiting.add(record)
        if self._lost is not None and row[self._lost]:
            self.conflicts.add(record)

    def rows(self, record: int) -> list[int]:
        """Return the rows of a record."""
        return [self.first[record], *self.more.get(record, ())]

    def order(self) -> list[int]:
        """Return all records: those that wait first, then conflicts, then the rest."""
        rest = set(range(len(self.first))) - self.waiting - self.conflicts
        lost = self.conflicts - self.waiting
        return [*sorted(self.waiting), *sorted(lost), *sorted(rest)]


class Index(NamedTuple):
    """A plan that was read."""

    sight: Sight
    reading: Reading[Any]
    lines: Sequence[str]
    records: Records
    order: Sequence[int]
    unread: int

    def find(self, asked: Asked) -> list[int]:
        """Return the records that are asked for, in their order."""
        known, found = self.records, self.order
        shown = {
            HELD: known.waiting, CONFLICTS: known.conflicts, DECIDED: known.decided
        }.get(asked.show)
        if shown is not None:
            found = [one for one in found if one in shown]
        if asked.type:
            found = [one for one in found if known.types[one] == asked.type]
        if asked.action:
            found = [one for one in found if asked.action in known.actions[one].split()]
        if asked.q:
            rows = set(self._matching(cells.folded(asked.q)))
            found = [one for one in found if not rows.isdisjoint(known.rows(one))]
        return list(found)

    def _matching(self, text: str) -> Iterator[int]:
        """Yield the rows of which a cell that is shown holds a text.

        What is hidden is not searched either: it could be found out.
        """
        spelled = cells.escape(text).replace('"', '""')
        found = [n for n, line in enumerate(self.lines) if spelled in cells.folded(line)]
        if not (_ODD.search(spelled) or self.sight.hidden):
            yield from (n for n in found if "\\" not in self.lines[n])
            found = [n for n in found if "\\" in self.lines[n]]
        dialect, hidden = self.reading.dialect, self.sight.hidden
        pairs = zip(self.sight.columns, dialect.positions)
        places = [place for name, place in pairs if name not in hidden]
        lines = (self.lines[n] for n in found)
        for number, row in zip(found, csv.reader(lines, delimiter=dialect.separator)):
            if len(row) == dialect.width and any(text in _meant(row[p]) for p in places):
                yield number

    def rows(self, record: int) -> list[dict[str, str]]:
        """Return the rows of a record by column, hidden ones too."""
        lines = [self.lines[number] for number in self.records.rows(record)]
        found = zip(*self.reading.parsed(lines, 1))
        return [dict(zip(self.sight.columns, row)) for row in found]


def _meant(cell: str) -> str:
    return cells.folded(cells.unescape(cells.unguard(cell)))


def read(path: Path, sight: Sight) -> Index:
    """Return a plan; raises Refused where it cannot be read."""
    return _read(path, sight.name, files.look(path))


@lru_cache(maxsize=KEPT)
def _read(path: Path, name: str, look: Look | None) -> Index:
    sight = PLANS[name]
    reading = plans.read(path, sight.table)
    dialect = reading.dialect
    with dialects.open_text(path, dialect.spelling) as file:
        found = file.readlines()[1 + dialect.skipped_lines :]
    # One line, one record: a quote that is open at its end belongs to a damaged one.
    lines = [line for line in found if not (line.count('"') & 1 or "\0" in line)]
    records = Records(sight, reading)
    records.learn(csv.reader(lines, delimiter=dialect.separator))
    unread = len(found) - len(lines) + records.unread
    return Index(sight, reading, lines, records, records.order(), unread)


def summary(path: Path, sight: Sight) -> Summary:
    """Return what a plan adds up to; raises Refused where it cannot be read."""
    return _summary(path, sight.name, files.look(path))


@lru_cache(maxsize=2 * len(PLANS))
def _summary(path: Path, name: str, look: Look | None) -> Summary:
    index = _read(path, name, look)
    records = index.records
    rows = sum(records.counted[0].values())
    waiting, conflicts = len(records.waiting), len(records.conflicts)
    counts = (rows, len(index.order), waiting, conflicts)
    return Summary(*counts, *records.counted, index.unread)


def without_hidden(sight: Sight, row: Mapping[str, str]) -> dict[str, str]:
    """Return the cells of a row that people may see."""
    return {name: text for name, text in row.items() if name not in sight.hidden}
