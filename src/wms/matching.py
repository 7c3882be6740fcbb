"""Records of both sides that nobody has linked yet: which of them are one and the same.

First by the externalId that our own create would have left, then by the full name, or
the document's number with its customer or vendor; only where it is unique on both sides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from src.kit.requests import request_id_of
from src.wms import keys
from src.wms.cards import title
from src.wms.fields import ADJUSTMENTS, Kind, places
from src.wms.limits import folded
from src.wms.sides import Triple

LINK_TO, CREATE_IT = "link:", "create"
BY_ANSWER, BY_MARK, BY_NAME, BY_NUMBER = "answer", "external_id", "name", "number"
AMBIGUOUS, TWICE = "ambiguous", "twice_in_wms"
_GENERATIONS = 3  # refusals that a create may have had before it arrived


class Match(NamedTuple):
    """What an unlinked record means: a link, or a reason to ask, or neither: it is new."""

    rule: str = ""
    id: str = ""  # QuickBooks'
    reason: str = ""  # filled: a person has to decide


NEW = Match()
Resolve = Callable[[Sequence[str]], Sequence[str]]


def subject(kind: Kind, record_id: str) -> str:
    """Return under which words an answer about a record is remembered."""
    return f"{kind.name}|{record_id}"


class Matcher:
    """Takes every unlinked record once, then tells what each of them means."""

    def __init__(self, kind: Kind, verdicts: Mapping[str, str]) -> None:
        self._kind, self._verdicts = kind, verdicts
        self._ours: dict[str, list[str]] = defaultdict(list)  # by title: wms ids
        self._theirs: dict[str, list[str]] = defaultdict(list)  # by title: ids
        self._titles: dict[str, str] = {}  # of QuickBooks' records, by id
        self._marks: dict[str, str] = {}  # externalId → id
        self._found: dict[str, Match] = {}  # by wms id
        self._asked: dict[str, Match] = {}  # by QuickBooks' id

    def see(self, triple: Triple, cells: Sequence[str]) -> None:
        """Take a record that is not linked; its references as QuickBooks' ids."""
        key = title_key(self._kind, cells)
        if triple.stored:
            self._ours[key].append(triple.wms_id)
        elif triple.mirror:
            self._theirs[key].append(triple.id)
            self._titles[triple.id] = title(self._kind, cells)
            if triple.mirror.head.external_id:
                self._marks[triple.mirror.head.external_id.lower()] = triple.id

    def see_gone(self, triple: Triple) -> None:
        """Take a linked record that QuickBooks deleted: it may have been sent again."""
        if triple.base:
            marks = _marks(self._kind, triple.wms_id, triple.base.head.id)
            for found in filter(None, map(self._marks.get, marks)):
                self._found[triple.wms_id] = Match(BY_MARK, found)

    @property
    def has_marks(self) -> bool:
        """Return whether QuickBooks has an unlinked record with an externalId."""
        return bool(self._marks)

    def decide(self) -> None:
        """Find out what belongs together, after all were seen."""
        linked = set(self.links.values())
        for wms_id in [wms_id for group in self._ours.values() for wms_id in group]:
            match = self._certain(wms_id)
            if match and match.id and match.id in linked:
                match = Match(AMBIGUOUS, "", f"{match.id} is linked to another record")
            if match:
                self._found[wms_id] = match
                linked.add(match.id)
        for key, group in self._ours.items():
            ours = [wms_id for wms_id in group if wms_id not in self._found]
            theirs = [i for i in self._theirs.get(key, ()) if i not in linked]
            if key and ours:
                self._by_title(ours, theirs)

    def _certain(self, wms_id: str) -> Match | None:
        verdict = self._verdicts.get(subject(self._kind, wms_id), "")
        if verdict.startswith(LINK_TO):
            wanted = verdict.removeprefix(LINK_TO)
            if wanted in self._titles:
                return Match(BY_ANSWER, wanted)
            reason = f"{wanted} is no record of QuickBooks that is free to be linked"
            return Match(BY_ANSWER, "", reason)
        if self._marks:
            for mark in _marks(self._kind, wms_id):
                if mark in self._marks:
                    return Match(BY_MARK, self._marks[mark])
        return NEW if verdict == CREATE_IT else None

    def _by_title(self, ours: Sequence[str], theirs: Sequence[str]) -> None:
        rule = BY_NUMBER if self._kind.is_transaction else BY_NAME
        if len(ours) == len(theirs) == 1:
            self._found[ours[0]] = Match(rule, theirs[0])
        elif theirs:
            shown = "; ".join(f"{i} {self._titles[i]}" for i in sorted(theirs)[:5])
            reason = (
                f"{len(ours):,} in the warehouse and {len(theirs):,} in QuickBooks have "
                f"this {rule}: {shown}"
            )
            self._found.update((wms_id, Match(AMBIGUOUS, "", reason)) for wms_id in ours)
            reason = (
                f"the warehouse has {len(ours):,} of this {rule}: {', '.join(ours[:5])}, "
                "where link:<id> may be decided"
            )
            for quickbooks_id in theirs:
                verdict = self._verdicts.get(subject(self._kind, quickbooks_id))
                if verdict != CREATE_IT:
                    self._asked[quickbooks_id] = Match(AMBIGUOUS, "", reason)
        elif len(ours) > 1 and not self._kind.is_transaction:
            reason = f"the warehouse has {len(ours):,} of this name; rename all but one"
            self._found.update((wms_id, Match(TWICE, "", reason)) for wms_id in ours)

    @property
    def links(self) -> dict[str, str]:
        """Return QuickBooks' id of each of the warehouse's records that found its own."""
        return {wms_id: m.id for wms_id, m in self._found.items() if m.id}

    def meaning(self, triple: Triple) -> Match:
        """Return what an unlinked record means."""
        if triple.stored:
            return self._found.get(triple.wms_id, NEW)
        return self._asked.get(triple.id, NEW)


def title_key(kind: Kind, cells: Sequence[str]) -> str:
    """Return by what two records are taken for one; empty where nothing tells them."""
    name = folded(title(kind, cells))
    if not name or not kind.is_transaction:
        return name
    at = places(kind)
    if kind.name == ADJUSTMENTS:
        return f"{name}|{cells[at['transaction_date']]}"
    party = cells[at["customer.id" if "customer.id" in at else "vendor.id"]]
    return f"{name}|{party}"


def _marks(kind: Kind, wms_id: str, earlier_id: str = "") -> Iterator[str]:
    key = keys.create_key(kind, wms_id, earlier_id)
    yield keys.external_id(key)
    for generation in range(1, _GENERATIONS):
        yield request_id_of([(key, generation)])
