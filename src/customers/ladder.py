"""The ladder: which stored customer a row of an export means, or that it is a new one.

QuickBooks id, exact name, normalized name, create. Never the first of several, never by
a blank name, never by a name where both sides have QuickBooks ids and they differ.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby
from typing import NamedTuple
from uuid import UUID, uuid5

from src.config import LEGAL_FORMS, normalize_customer_name
from src.customers import records
from src.customers.records import CREATE, HOLD, REPEATED

# Names the id of a customer that QuickBooks has none for; never to be changed.
NAMESPACE = UUID("5d0c6a5e-8f4b-5e0c-9d0e-2f1f4f6b7a10")
RUNGS = (records.BY_JUDGEMENT, records.BY_ID, records.BY_NAME, records.BY_NORMALIZED)
# Of two rows that mean one record, the one with its QuickBooks id has it.
_STRENGTH = {rung: n for n, rung in enumerate((1, 0, 2, 3))}
ALIKE = 0.7  # of their letters in common, in difflib's measure
_COMMON = LEGAL_FORMS | frozenset("the and of de la von van for und".split())


class Hit(NamedTuple):
    """What the rungs found for a row: the first that found anything."""

    line: int
    rung: int  # place in RUNGS
    hits: int  # stored customers found on that rung
    customer_id: str  # of the one, if it is one
    quickbooks_id: str = ""  # of the row


class Incoming(NamedTuple):
    """What is compared of a row."""

    line: int
    quickbooks_id: str
    name: str
    digest: str  # of everything the row says


class Verdict(NamedTuple):
    """What is clear about a row before its hit is looked at."""

    action: str
    reason: str
    candidates: str = ""


def new_id(quickbooks_id: str, name: str) -> str:
    """Return the primary key that a customer is created with; the same every time."""
    return quickbooks_id or str(uuid5(NAMESPACE, name))


def are_alike(one: str, other: str) -> bool:
    """Return whether a record that is renamed from one to the other may be the same.

    Normalized, without the words they share and without legal forms, nothing is left of
    one of them, or most letters of what is left are the same.

    >>> are_alike("Acme LLC", "Acme Holdings Inc"), are_alike("Acme Tools", "Acme Tool")
    (True, True)
    >>> are_alike("Green Landscaping LLC", "Brown Landscaping LLC")
    False
    """
    if one == other:  # as nearly always
        return True
    first, second = _telling_words(one), _telling_words(other)
    shared = set(first) & set(second)
    left = [" ".join(w for w in words if w not in shared) for words in (first, second)]
    if not all(left):
        return bool(shared) or first == second
    return SequenceMatcher(None, *left).ratio() >= ALIKE


def _telling_words(name: str) -> list[str]:
    words = re.split(r"[\s:]+", normalize_customer_name(name))
    telling = [word for word in words if word not in _COMMON]
    return telling or words


# --- rows of one file among themselves ------------------------------------------------


def within_file(
    by_id: Iterable[Incoming], by_name: Iterable[tuple[str, Incoming]]
) -> dict[int, Verdict]:
    """Return what rows of one file say of each other, by line.

    `by_id` are rows that share their QuickBooks id with another, `by_name` (normalized
    name, row) those that share the name with another and where one has no id; both in
    order of what is shared, then of the line.
    """
    found: dict[int, Verdict] = {}
    for shared, rows in groupby(by_id, lambda row: row.quickbooks_id):
        found.update(_same(list(rows), f"QuickBooks id {shared} stands"))
    for _, pairs in groupby(by_name, lambda pair: pair[0]):
        group = [row for _, row in pairs]
        named = [row for row in group if not row.quickbooks_id]
        known = [row for row in group if row.quickbooks_id]
        verdicts = dict(_same(named, "the same name stands"))
        if known:
            reason = f"may be the same as line(s) {_lines(known)}, which have an id"
            held = {row.line: Verdict(HOLD, reason) for row in named}
            repeated = {n: v for n, v in verdicts.items() if v.action == REPEATED}
            verdicts = {**held, **repeated}
        found.update(verdicts)
    return found


def _same(rows: Sequence[Incoming], what: str) -> Iterator[tuple[int, Verdict]]:
    """Yield verdicts about rows that mean one customer: repeated, the others on hold."""
    first: dict[str, Incoming] = {}
    for row in rows:
        earlier = first.setdefault(row.digest, row)
        if earlier is not row:
            yield row.line, Verdict(REPEATED, f"says the same as line {earlier.line}")
    if len(first) > 1:
        others = list(first.values())
        reason = f"{what} on lines {_lines(others)} with different values"
        yield from ((row.line, Verdict(HOLD, reason)) for row in others)


def _lines(rows: Sequence[Incoming]) -> str:
    shown = ", ".join(str(row.line) for row in rows[:5])
    return shown + (f" and {len(rows) - 5:,} more" if len(rows) > 5 else "")


# --- rows that claim one record -------------------------------------------------------


def claims(hits: Iterable[Hit]) -> dict[int, Verdict]:
    """Return the rows that must not have the record they found, because another does.

    The strongest rung has it, if one row alone stands there; else nobody. Who loses it to
    a row with another QuickBooks id is another customer.
    """
    found = {}
    by_target: dict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        by_target[hit.customer_id].append(hit)
    for target, claimed in by_target.items():
        best = min(_STRENGTH[hit.rung] for hit in claimed)
        strongest = [hit for hit in claimed if _STRENGTH[hit.rung] == best]
        winner = strongest[0] if len(strongest) == 1 else None
        for hit in claimed:
            if hit is not winner and len(claimed) > 1:
                found[hit.line] = _lost(hit, winner, claimed)
    return found


def _lost(hit: Hit, winner: Hit | None, claimed: Sequence[Hit]) -> Verdict:
    target = hit.customer_id
    if winner and winner.quickbooks_id and hit.quickbooks_id:
        return Verdict(CREATE, f"line {winner.line} is {target}", target)
    others = ", ".join(str(other.line) for other in claimed if other is not hit)
    return Verdict(HOLD, f"line(s) {others} mean the same customer", target)
