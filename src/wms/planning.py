"""The plan of a synchronization: a card for every difference, kind after kind.

Kinds come in the order in which they refer to each other, so that an order whose customer
is new on the warehouse's side knows whether that one is sent, linked or held.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from src.kit.reading import Reject
from src.wms import cards, fates, levels, limits, movements, offers
from src.wms.brakes import Brakes, Limits, Toll
from src.wms.cards import Card
from src.wms.fates import Judge
from src.wms.fields import ADJUSTMENTS, Field, Kind
from src.wms.matching import Matcher
from src.wms.names import Names
from src.wms.records import CREATE, LINK, NOT_YET, QBD, Planned
from src.wms.sides import Folders, Joined, Triple, check_runs
from src.wms.states import Stored

_NOT_LISTED = (
    "QuickBooks could not list its inventory adjustments; stock that moved meanwhile, if "
    "any did, is planned as one document"
)
SECONDS = (3, 6)  # that QuickBooks takes for one request, measured


class Wanted(NamedTuple):
    """What a plan is asked for."""

    kinds: Sequence[Kind]
    verdicts: Mapping[str, str]  # what people answered before, by subject
    skew_seconds: float
    limits: Limits = Limits()


class Tally:
    """Where the compared records went."""

    def __init__(self) -> None:
        self.read = self.same = self.planned = self.held = 0
        self.requests = 0  # to QuickBooks
        self.rejects: list[Reject] = []
        self.notes: list[str] = []
        self.cards: Counter[str] = Counter()  # by action and target

    def take(self, found: Sequence[Card]) -> None:
        """Count a record by its cards."""
        self.read += 1
        if not found:
            self.same += 1
        elif all(card.is_held for card in found):
            self.held += 1
        else:
            self.planned += 1
        self.requests += any(card.target == QBD for card in found)
        self.cards.update(f"{card.action} {card.target}".rstrip() for card in found)

    @property
    def bill(self) -> str:
        """Return what the requests to QuickBooks will cost, as a sentence."""
        many = "request" if self.requests == 1 else "requests"
        return (
            f"{self.requests:,} {many} to QuickBooks, one at a time, {SECONDS[0]} to "
            f"{SECONDS[1]} s each: {_duration(*(self.requests * s for s in SECONDS))}"
        )


def _duration(least: int, most: int) -> str:
    """Return two numbers of seconds as a person says them."""
    if most < 60:
        return "less than a minute"
    low, high = max(1, round(least / 60)), round(most / 60)
    if low == high:
        return "about a minute" if high == 1 else f"about {high:,} minutes"
    return f"about {low:,} to {high:,} minutes"


class References:
    """What is known of records that have no QuickBooks id yet, while a plan is made."""

    def __init__(self) -> None:
        self._links: dict[tuple[str, str], str] = {}
        self._coming: set[tuple[str, str]] = set()

    def note(self, kind: Kind, triple: Triple, found: Sequence[Card]) -> None:
        """Remember what becomes of a record that others may refer to."""
        if triple.stored is None or triple.stored.head.id:
            return
        me = (kind.type, NOT_YET + triple.wms_id)
        if triple.id and found and found[0].action == LINK:
            self._links[me] = triple.id
        elif any(card.action == CREATE and card.target == QBD for card in found):
            self._coming.add(me)

    def is_known(self, type_word: str, reference: str) -> bool:
        """Return whether QuickBooks will have a record by the time it is referred to."""
        return (type_word, reference) in self._coming

    def resolved(self, fields: Sequence[Field], cells: Sequence[str]) -> tuple[str, ...]:
        """Return cells with references as the QuickBooks ids that are about to be linked."""
        return tuple(
            self._links.get((field.refers_to, cell), cell) if field.refers_to else cell
            for field, cell in zip(fields, cells)
        )

    def resolve(self, kind: Kind, triple: Triple) -> Triple:
        """Return the record with the warehouse's references resolved."""
        stored = triple.stored
        if stored is None or not self._links:
            return triple
        lined = tuple(
            line._replace(cells=self.resolved(kind.lines, line.cells))
            for line in stored.lines
        )
        cells = self.resolved(kind.fields, stored.cells)
        return triple._replace(stored=Stored(stored.head, cells, lined))


class Planner:
    """Makes the cards of all kinds that are wanted; `tally` fills up meanwhile."""

    def __init__(self, folders: Folders, wanted: Wanted) -> None:
        self.tally = Tally()
        self.types = {kind.type for kind in wanted.kinds}
        self._folders, self._wanted = folders, wanted
        self._references = References()
        self._names = Names(folders)
        self._spans: Sequence[levels.Span] = ()
        self._has_moves = any(kind.name == ADJUSTMENTS for kind in wanted.kinds)
        self._is_listed = levels.is_listed(folders)

    def rows(self) -> Iterator[Planned]:
        """Yield the rows of the plan, unsigned; raises Refused where a brake stops it."""
        check_runs(self._folders, self._wanted.kinds)
        limiting = Brakes(self._wanted.limits)
        for word, kinds in groupby(self._wanted.kinds, attrgetter("type")):
            toll = Toll(word)
            for kind in kinds:
                joined = Joined(self._folders, kind)
                limiting.see_sides(joined)
                self.tally.notes += joined.notes
                self.tally.rejects += joined.rejects
                self.tally.read += joined.same
                self.tally.same += joined.same
                yield from self._kind(joined, toll)
            limiting.see_type(toll)
        if self._has_moves and not self._is_listed:
            yield from self._net_change()
        self.tally.notes += limiting.notes()

    def _net_change(self) -> Iterator[Planned]:
        """Yield the cards of stock that moved while its documents could not be listed."""
        found = movements.levels(self._folders)
        document = levels.document(found, levels.taken_at(self._folders))
        self.tally.notes.append(_NOT_LISTED)
        for row in levels.rows(found, document):
            self.tally.cards[f"{row.action} {row.target}"] += 1
            yield row
        self.tally.read += bool(document)
        self.tally.planned += bool(document)

    def _kind(self, joined: Joined, toll: Toll) -> Iterator[Planned]:
        kind = joined.kind
        limits = self._wanted.limits
        toll.agreed += joined.agreed
        is_readable = not joined.rejects
        judge = Judge(kind, self._wanted.skew_seconds, limits.max_flips, is_readable)
        matcher = self._matched(joined)
        linked = set(matcher.links.values())
        if kind.name == ADJUSTMENTS:
            self._spans = levels.spans(joined.triples())
        for triple in self._paired(joined, matcher):
            if not triple.wms_id and triple.id in linked:
                continue  # planned with the record that it is linked to
            found = self._cards(judge, triple, matcher)
            self._references.note(kind, triple, found)
            self.tally.take(found)
            if triple.base:
                toll.counts.update(set(fates.happened(kind, found)))
            for card in found:
                yield offers.told(cards.row(kind, triple, card))

    def _matched(self, joined: Joined) -> Matcher:
        matcher = Matcher(joined.kind, self._wanted.verdicts)
        for triple in joined.triples(unlinked=True):
            known = triple.stored or triple.mirror
            if known and not (triple.mirror and triple.mirror.head.deleted_at):
                cells = known.cells
                if triple.stored:
                    cells = self._references.resolved(joined.kind.fields, cells)
                matcher.see(triple, cells)
        for triple in joined.triples() if matcher.has_marks else ():
            if triple.stored and triple.mirror and triple.mirror.head.deleted_at:
                matcher.see_gone(triple)
        matcher.decide()
        return matcher

    def _paired(self, joined: Joined, matcher: Matcher) -> Iterator[Triple]:
        """Yield the records, each with the mirror's that it was matched with."""
        links = matcher.links
        for triple in joined.triples():
            quickbooks_id = links.get(triple.wms_id, "")
            if quickbooks_id:
                mirror = joined.mirrored_as(quickbooks_id)
                triple = triple._replace(id=quickbooks_id, mirror=mirror)
            yield self._references.resolve(joined.kind, triple)

    def _cards(self, judge: Judge, triple: Triple, matcher: Matcher) -> list[Card]:
        if triple.base:
            found = fates.of_linked(judge, triple)
        else:
            found = fates.of_unlinked(judge, triple, matcher.meaning(triple))
        if judge.kind in movements.STOCKED and triple.base and not self._is_listed:
            found = levels.apart(found, self._has_moves)
        if judge.kind.name == ADJUSTMENTS and self._spans:
            skew = self._wanted.skew_seconds
            found = levels.covered(triple, found, self._spans, skew)
        if not any(card.target == QBD for card in found):
            return found
        known = self._references.is_known
        found = limits.checked(judge.kind, found, triple.stored, known)
        return self._names.checked(judge.kind, found, triple)


def rejected(rejects: Iterable[Reject]) -> list[str]:
    """Return the first rows that could not be read, in sentences."""
    sentences = [
        f"{r.file}: {f'line {r.line}' if r.line else r.column}: {r.reason}"
        for r in rejects
    ]
    return sentences[:5]
