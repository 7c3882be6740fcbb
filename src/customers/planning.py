"""The plan of an import: for every checked customer what would become of it, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import islice
from typing import Any, NamedTuple

from src.config import normalize_customer_name
from src.customers import ladder, records, states, store
from src.customers.ladder import RUNGS, Hit, Verdict
from src.customers.records import (
    CREATE,
    HOLD,
    NOWHERE,
    SKIP,
    STALE,
    UNCHANGED,
    UPDATE,
    Checked,
    Planned,
)
from src.customers.store import Climb
from src.kit.database import BadData, Database
from src.kit.errors import Refused
from src.kit.plans import row_id
from src.kit.tables import checked

TOGETHER = 2000  # rows whose records are read from the database together
DECISION_AT = Planned._fields.index("decision")
APPROVE, LINK = "approve", "link:"
_DATED = "quickbooks_modified_on"
_SAID_TO = Checked._fields.index("warnings")


class Meant(NamedTuple):
    """What a row means: the action, how it was found, and what a person should know."""

    action: str
    rung: str
    customer_id: str = ""
    reason: str = ""
    candidates: str = ""


def subject(quickbooks_id: str, name: str, row: str = "") -> str:
    """Return under which words a judgement about a customer is remembered.

    With the id of a plan's row it is about these values alone: of two rows with one name
    a person may leave out one.
    """
    return f"{quickbooks_id}|{name}" + (f"|{row}" if row else "")


def digest(row: Checked) -> str:
    """Return what stands for everything that a row says, its place in the file aside."""
    text = "\x1f".join(row[1:_SAID_TO]).encode("utf-8", "surrogatepass")
    return blake2b(text, digest_size=16).hexdigest()


def _row_id(row: Checked, place: str = "") -> str:
    return row_id(f"{subject(row.quickbooks_id, row.name)}|{digest(row)}|{place}")


def is_intact(row: Checked) -> bool:
    """Return whether a row is as the check wrote it."""
    return row.row_check == checked(row[:-1])[-1]


class Planner:
    """Plans the rows of a file, which is read twice: for the ladder, then for the plan."""

    def __init__(self, database: Database, verdicts: Mapping[str, str]) -> None:
        self._database, self._verdicts = database, verdicts
        self._climb = Climb(database)
        self._clear: dict[int, Verdict] = {}  # lines that are decided without a look
        self._taken: dict[int, str] = {}

    def climb(self, rows: Iterable[Checked]) -> None:
        """Look for every row on every rung."""
        verdicts = ((row, self._verdict(row)) for row in rows)
        try:
            self._climb.load(
                _incoming(row, verdict) for row, verdict in verdicts if verdict != SKIP
            )
        except BadData:  # lines are unique, and what was checked fits
            raise Refused(
                f"{records.CHECKED.place}: a row stands in it twice; run "
                f'"{records.CHECKED.made_by}" again'
            ) from None
        self._clear = ladder.within_file(
            self._climb.shared_ids(), self._climb.shared_names()
        )
        claimed = (hit for hit in self._climb.claimed() if hit.line not in self._clear)
        self._clear.update(ladder.claims(claimed))
        self._taken = self._climb.taken()

    def _verdict(self, row: Checked) -> str:
        """Return what a person said of a row, at best of its very values."""
        if not self._verdicts:
            return ""
        who = (row.quickbooks_id, row.name)
        exact = self._verdicts.get(subject(*who, _row_id(row)), "")
        return exact or self._verdicts.get(subject(*who), "")

    def plan(self, rows: Iterable[Checked]) -> Iterator[Planned]:
        """Yield what becomes of each row, in the order of the file."""
        waiting = iter(rows)
        while chunk := list(islice(waiting, TOGETHER)):
            hits = self._climb.hits(int(row.line) for row in chunk)
            several = any(hit.hits > 1 for hit in hits.values())
            candidates = self._climb.candidates() if several else {}
            stored = store.read(
                self._database, [hit.customer_id for hit in hits.values()]
            )
            for row in chunk:
                hit = hits.get(int(row.line))
                current = stored.get(hit.customer_id) if hit else None
                shown = candidates.get(int(row.line), ())
                yield planned(row, self._meant(row, (hit, shown), current), current)

    def _meant(
        self,
        row: Checked,
        found: tuple[Hit | None, Sequence[store.Candidate]],
        current: states.State | None,
    ) -> Meant:
        hit, candidates = found
        rung = RUNGS[hit.rung] if hit else NOWHERE
        clear = self._clear.get(int(row.line))
        verdict = self._verdict(row)
        if verdict == SKIP:
            return Meant(SKIP, records.BY_JUDGEMENT, "", "left out before")
        if clear and clear.action == CREATE:
            meant = self._new(row, verdict)
            return meant._replace(reason=clear.reason, candidates=clear.candidates)
        if clear:
            shown = clear.candidates
            if clear.action == HOLD and hit and current:
                shown = shown or f"{hit.customer_id} {current['name']}"
            return Meant(clear.action, records.IN_FILE, "", clear.reason, shown)
        if hit is None or current is None:
            return self._new(row, verdict)
        if hit.hits > 1:
            shown = "; ".join(candidate.shown for candidate in candidates)
            reason = f"{hit.hits:,} customers have this name"
            return Meant(HOLD, rung, "", reason, shown)
        return _met(row, rung, (hit.customer_id, current), verdict)

    def _new(self, row: Checked, verdict: str) -> Meant:
        customer_id = ladder.new_id(row.quickbooks_id, row.name)
        if verdict.startswith(LINK):
            reason = f"{verdict.removeprefix(LINK)} is no customer any more"
            return Meant(HOLD, records.BY_JUDGEMENT, "", reason)
        if name := self._taken.get(int(row.line)):
            reason = f"the id {customer_id} belongs to {name}"
            return Meant(HOLD, NOWHERE, customer_id, reason, f"{customer_id} {name}")
        rung = records.BY_JUDGEMENT if verdict == CREATE else NOWHERE
        return Meant(CREATE, rung, customer_id)


def _incoming(row: Checked, verdict: str) -> Sequence[str | int | None]:
    new_id = ladder.new_id(row.quickbooks_id, row.name)
    judged = verdict.removeprefix(LINK) if verdict.startswith(LINK) else None
    return (
        int(row.line),
        row.quickbooks_id or None,
        row.name,
        normalize_customer_name(row.name),
        new_id,
        digest(row),
        new_id if verdict == CREATE else judged,
    )


def _met(
    row: Checked, rung: str, met: tuple[str, states.State], verdict: str
) -> Meant:
    """Return what a row means that met one record."""
    customer_id, current = met
    if rung == records.BY_ID and verdict != APPROVE:
        if not ladder.are_alike(current["name"], row.name):
            reason = f"the id is that of {current['name']!r}, a very different name"
            return Meant(HOLD, rung, customer_id, reason, f"{customer_id} {current['name']}")
    if _is_id_of_another(row, current):
        reason = f"has the QuickBooks id {current['quickbooks_id']}"
        return Meant(HOLD, rung, customer_id, reason)
    if row.quickbooks_modified_on and row.quickbooks_modified_on < current[_DATED]:
        reason = f"what is stored was modified on {current[_DATED]}"
        return Meant(STALE, rung, customer_id, reason)
    changed = states.changes(current, states.said_by(row))
    return Meant(UPDATE if changed else UNCHANGED, rung, customer_id)


def _is_id_of_another(row: Checked, current: states.State) -> bool:
    known = current["quickbooks_id"]
    return bool(row.quickbooks_id and known and row.quickbooks_id != known)


def planned(row: Checked, meant: Meant, current: states.State | None) -> Planned:
    """Return the plan's row, unsigned."""
    before, after = _difference(row, meant, current)
    fields = list(after)
    place = row.line if meant.action == records.REPEATED else ""
    return Planned(
        row=_row_id(row, place),
        decision="",
        action=meant.action,
        rung=meant.rung,
        line=row.line,
        quickbooks_id=row.quickbooks_id,
        name=row.name,
        customer_id=meant.customer_id,
        matched_name=current["name"] if current else "",
        candidates=meant.candidates,
        reason=meant.reason,
        fields=" ".join(fields) if meant.action != CREATE else "",
        before=states.shown(before, list(before)),
        after=states.shown(after, fields),
        row_check="",
    )


def _difference(
    row: Checked, meant: Meant, current: states.State | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the changed fields before and after; for what people decide, all it says."""
    if meant.action in (UNCHANGED, STALE, records.REPEATED):
        return {}, {}
    said = states.said_by(row)
    if meant.action == UPDATE and current:
        after = states.changes(current, said)
        return {field: current[field] for field in after}, after
    return {}, said
