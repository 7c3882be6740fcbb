"""What is fetched: everybody of the MIS, and every name in QuickBooks, one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol

from src.mis import enriching, listing
from src.mis.enriching import Tally
from src.mis.records import STUDENT, TYPES, Named, Person
from src.mis.tables import Raw

SHOWN = 5  # ids that a note names
Record = Mapping[str, Any]


class Source(Protocol):
    """The MIS, as far as it is read."""

    def people(self, type_: str) -> Iterator[Raw]:
        """Yield everybody of a type."""


class People:
    """Everybody of the MIS; what is counted, by type and by field, fills meanwhile."""

    def __init__(self, source: Source, tally: Tally) -> None:
        self.tally = tally
        self._source = source
        self.count = 0
        self.counts = dict.fromkeys(TYPES, 0)
        self._numbers: Counter[str] = Counter()  # students by what they are known by

    def read(self) -> Iterator[Person]:
        """Yield every applicant, then every student, ids turned into names."""
        for word, type_ in TYPES.items():
            for raw in self._source.people(type_):
                self.count += 1
                found = enriching.person(raw)
                self.tally.count(raw, found)
                self.counts[word] += 1
                if type_ == STUDENT:
                    self._numbers[found.identifier.casefold()] += 1
                yield found

    def notes(self) -> Iterator[str]:
        """Yield what a person should know about them."""
        yield from self.tally.sentences()
        shared = [number for number, count in self._numbers.items() if count > 1]
        if shared:
            told = ", ".join(number.upper() or "none" for number in shared[:SHOWN])
            more = f" and {len(shared) - SHOWN:,} more" if len(shared) > SHOWN else ""
            yield f"several students have one RegNo ({told}{more}): each is a customer"


class Names:
    """Every name in QuickBooks; what is counted, also by list, fills meanwhile."""

    def __init__(
        self, pages: Callable[[str], Iterable[Record]], with_custom_fields: bool = False
    ) -> None:
        self._pages, self._with_custom_fields = pages, with_custom_fields
        self.counts = dict.fromkeys(listing.LISTS, 0)
        self.count = self.repeated = self._ours = self._inactive = 0

    def read(self) -> Iterator[Named]:
        """Yield the names of the three lists, each record once."""
        for entity in listing.LISTS:
            met: set[str] = set()
            for record in self._pages(entity):
                found = listing.named(entity, record, self._with_custom_fields)
                self.count += 1
                # What comes to a list between two pages may push one onto both.
                if found.id in met:
                    self.repeated += 1
                    continue
                met.add(found.id)
                self._note(found)
                yield found

    def _note(self, found: Named) -> None:
        self.counts[found.list] += 1
        self._ours += found.key != ""
        self._inactive += found.active == "no"

    def notes(self) -> Iterator[str]:
        """Yield how many there are of which list."""
        told = ", ".join(
            f"{n:,} {name.lower()}{'' if n == 1 else 's'}" for name, n in self.counts.items()
        )
        yield (
            f"QuickBooks has {told}; {self._ours:,} of the customers are ours, "
            f"{self._inactive:,} of all are inactive"
        )
