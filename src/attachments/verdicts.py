"""What people decided about the findings, and the log rows that say so.

Only what a log row can say is written: it is there (`adopted`), it was taken away
(`removed`), it never arrived (`absent`). Sending is the uploader's work.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from src.attachments.records import (
    CHANGED_HERE,
    CHANGED_THERE,
    LOGGED_BUT_ABSENT,
    MISSING,
    PRESENT_BUT_NOT_LOGGED,
    SEVERAL_THERE,
    Finding,
)
from src.attachments.sides import Logged
from src.attachments.upload import ADOPTED, SKIPPED
from src.kit import plans
from src.kit.answers import Found
from src.kit.memory import ABSENT, HELD, REMOVED, Index, is_key, number_of
from src.kit.stage import Balance

DECISION_AT = Finding._fields.index("decision")
SENT_BY_UPLOAD = "left to the next upload"
ALREADY = "already so"
STALE = "stale"
UNCLEAR = "unclear"
_WRITTEN = frozenset({ADOPTED, REMOVED, ABSENT})
_WORDS = {
    (PRESENT_BUT_NOT_LOGGED, "adopt"): ADOPTED,
    (CHANGED_THERE, "adopt"): ADOPTED,
    (CHANGED_HERE, "adopt"): ADOPTED,
    (SEVERAL_THERE, "adopt"): ADOPTED,
    (LOGGED_BUT_ABSENT, "adopt"): ADOPTED,
    (MISSING, "adopt"): ADOPTED,
    (LOGGED_BUT_ABSENT, "removed"): REMOVED,
    (LOGGED_BUT_ABSENT, "send"): REMOVED,
    (MISSING, "send"): ABSENT,
    (CHANGED_HERE, "send"): SENT_BY_UPLOAD,
}
_NOTES = {
    (CHANGED_THERE, ADOPTED): "a person took it as it is there",
    (CHANGED_HERE, ADOPTED): "a person took the other content that is there",
    (LOGGED_BUT_ABSENT, ADOPTED): "a person found it under another id",
    (MISSING, ADOPTED): "a person found it there",
    (SEVERAL_THERE, ADOPTED): "a person chose one of several",
    (MISSING, ABSENT): "a person decided to send it",
}


class Ruling(NamedTuple):
    """What a decision comes to: a word of the log, or why nothing is written."""

    word: str
    attachable_id: str = ""
    note: str = ""


def _takes(class_: str) -> str:
    """Return the decisions that a class takes."""
    words = [word for (name, word) in _WORDS if name == class_]
    adopts = ["adopt:<id>" if one == "adopt" else one for one in words]
    return ", ".join([*adopts, "skip", "hold"])


class Pen(Protocol):
    """What numbers and stamps a log row."""

    def next_seq(self) -> str:
        """Return the number of the next row."""

    def stamp(self) -> tuple[str, str]:
        """Return the present and the run's id."""


def ruling(row: Finding) -> Ruling:
    """Return what is decided about a finding, or proposed where nobody decided."""
    verb, _, what = (row.decision.strip() or row.action).partition(":")
    verb, what = verb.strip().casefold(), what.strip()
    if verb in ("", "skip"):
        return Ruling(SKIPPED)
    if verb == "hold":
        return Ruling(HELD)
    word = _WORDS.get((row.class_, verb), UNCLEAR)
    note = _NOTES.get((row.class_, word), "")
    if word != ADOPTED:
        return Ruling(UNCLEAR) if what else Ruling(word, "", note)
    chosen = what or row.company_id
    is_one = chosen.isascii() and chosen.isdigit()
    is_there = not row.company_id or chosen in row.company_id.split()
    return Ruling(ADOPTED, chosen, note) if is_one and is_there else Ruling(UNCLEAR)


class Verdicts:
    """The findings as decided: first what they need to be checked, then their rows."""

    def __init__(self, realm_id: str, plan_run_id: str) -> None:
        self.counts: Counter[str] = Counter()
        self.named: dict[str, list[str]] = {}  # row ids that a person should look at
        self.records = 0  # met in the company
        self.wanted: set[int] = set()
        self._realm, self._run_id = realm_id, plan_run_id
        self._sizes: dict[str, int | None] = {}  # of the wanted attachables, if there
        self._marked: dict[int, list[str]] = {}
        self._unmet: set[str] = set()
        self._written: set[str] = set()

    # --- what the verdicts rest on ----------------------------------------------------

    def prepare(self, rows: Iterable[Finding]) -> None:
        """Take note of what has to be looked up for the rows."""
        for row in rows:
            found = ruling(row)
            if found.word in _WRITTEN and is_key(row.key):
                self.wanted.add(number_of(row.key))
                ids = [*row.company_id.split(), found.attachable_id]
                self._sizes.update(dict.fromkeys(filter(None, ids)))

    def look(self, company: Iterable[Found], index: Index) -> None:
        """Take note of what the company shows now, and of effects nobody knows of."""
        for found in company:
            self.records += 1
            if found.remote_id in self._sizes:
                self._sizes[found.remote_id] = found.size
            if is_key(found.key):
                number = number_of(found.key)
                if number in self.wanted:
                    self._marked.setdefault(number, []).append(found.remote_id)
                if not index.is_settled(found.key):
                    self._unmet.add(found.key)

    def remote_count(self) -> str:
        """Return how much the company holds, empty if the log does not know it all."""
        return "" if self._unmet else str(self.records)

    # --- one row after the other ------------------------------------------------------

    def log_rows(
        self, rows: Iterable[Finding], past: tuple[Logged, Index], pen: Pen
    ) -> Iterator[Sequence[str]]:
        """Yield the log row of each verdict that says something new."""
        logged, index = past
        for row in rows:
            if not plans.is_intact(row, DECISION_AT, self._run_id):
                self._name(HELD, "changed elsewhere than in decision", row)
                continue
            found = ruling(row)
            if found.word == UNCLEAR:
                self._name(HELD, f"a {row.class_} row takes {_takes(row.class_)}", row)
            elif found.word not in _WRITTEN:
                self.counts[found.word] += 1
            elif yes := self._log_row(row, found, (logged, index), pen):
                yield yes

    def _log_row(
        self, row: Finding, found: Ruling, past: tuple[Logged, Index], pen: Pen
    ) -> Sequence[str] | None:
        where = self._standing(row, found, past)
        if where == STALE:
            self._name(STALE, "not applied, log or company changed since", row)
            return None
        self.counts[where] += 1
        if where != found.word:
            return None
        self._written.add(row.key)
        self._unmet.discard(row.key)
        about = (*row[12:15], *row[5:12])
        remote_id = found.attachable_id or row.logged_id
        return (
            *(pen.next_seq(), *pen.stamp(), self._realm, *about, row.key),
            *("", "", "", remote_id, "", "", found.word, found.note),
        )

    def _standing(
        self, row: Finding, found: Ruling, past: tuple[Logged, Index]
    ) -> str:
        """Return the word to write, or why it is not written."""
        if row.key in self._written:  # the row stands there twice
            return ALREADY
        logged, index = past
        number, state = number_of(row.key), index.tried(row.key).state
        known = logged.get(number)
        if known and (known.attachable_id, known.outcome, known.error) == (
            found.attachable_id,
            ADOPTED,
            found.note,
        ):
            return ALREADY
        if not known and state == found.word:
            return ALREADY
        if found.word == ABSENT and state != HELD:
            return SENT_BY_UPLOAD
        # The id of a file changed here is that of its older content, under another key.
        logged_id = "" if row.class_ == CHANGED_HERE else row.logged_id
        is_same_log = (known.attachable_id if known else "") == logged_id
        return found.word if is_same_log and self._is_as_seen(row, found) else STALE

    def _is_as_seen(self, row: Finding, found: Ruling) -> bool:
        """Return whether the company shows what it showed, and nothing more."""
        seen = row.company_id.split()
        expected = {*seen, found.attachable_id} - {""}
        if any(self._sizes[one] is None for one in expected):
            return False
        size = row.company_size_bytes
        if size and any(self._sizes[one] != int(size) for one in seen):
            return False
        return expected.issuperset(self._marked.get(number_of(row.key), ()))

    def _name(self, where: str, why: str, row: Finding) -> None:
        self.counts[where] += 1
        self.named.setdefault(why, []).append(row.row)

    # --- what came of it --------------------------------------------------------------

    def balance(self, rejected: int, missing: int) -> Balance:
        """Return where the plan's rows went; `missing` ones are not in it any more."""
        counts = self.counts
        idle = counts[SKIPPED] + counts[SENT_BY_UPLOAD] + counts[ALREADY]
        return Balance(
            read=sum(counts.values()) + rejected + missing,
            out=sum(counts[word] for word in _WRITTEN),
            rejected=rejected,
            skipped=idle,
            held=counts[HELD] + missing,
            failed=counts[STALE],
        )

    def notes(self, missing: int, is_dry: bool) -> list[str]:
        """Return the sentences that a person should read after the run."""
        notes = ["a dry run: nothing was written"] if is_dry else []
        if missing:
            notes.append(f"held: {missing:,} row(s) of the plan are missing")
        for why, ids in self.named.items():
            notes.append(f"held: {len(ids):,} row(s): {why}: {', '.join(ids[:5])}")
        return notes
