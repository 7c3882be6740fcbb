"""Which QuickBooks record a legacy id became: the mapping, ready to be asked.

300,000 rows are kept as one short text each: a letter for the types, then the id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple

from src.attachments.records import Mapping
from src.config import normalize_entity_type, normalize_type_class


class Target(NamedTuple):
    """Where a file may go: the legacy type of the mapping row, and the record online."""

    legacy_type: str
    entity_type: str
    entity_id: str


class Targets:
    """The mapping by normalized legacy id."""

    def __init__(
        self, rows: Iterable[Mapping], normalize: Callable[[str], str]
    ) -> None:
        self.blank = self.repeated = 0
        self._shared: set[int] = set()  # records that several legacy ids became
        self.rows_by_type: Counter[str] = Counter()
        self._types: dict[tuple[str, str], str] = {}
        self._letters: list[tuple[str, str]] = []
        self._one: dict[str, str] = {}
        self._more: dict[str, list[str]] = {}
        met: set[int] = set()
        for row in rows:
            norm, packed = normalize(row.legacy_txnid_norm), self._packed(row)
            self.rows_by_type[row.legacy_entity_type] += 1
            if not norm or not row.qbo_entity_id:
                self.blank += 1
            elif self._add(norm, packed):
                record = self._record(packed)
                (self._shared if record in met else met).add(record)

    def _packed(self, row: Mapping) -> str:
        types = (row.legacy_entity_type, row.qbo_entity_type)
        letter = self._types.get(types)
        if letter is None:
            letter = self._types[types] = chr(len(self._letters) + 1)
            self._letters.append((types[0], normalize_entity_type(types[1])))
        return letter + row.qbo_entity_id.strip()

    def _add(self, norm: str, packed: str) -> bool:
        first = self._one.setdefault(norm, packed)
        if first is packed:
            return True
        if packed == first or packed in self._more.get(norm, ()):
            self.repeated += 1
            return False
        self._more.setdefault(norm, []).append(packed)
        return True

    def candidates(self, norm: str, legacy_type: str) -> list[Target]:
        """Return the records that an id with this type may have become.

        The types must be equal, or one must be the other's class (Txn, List).
        """
        first = self._one.get(norm)
        if first is None:
            return []
        found = [self._target(one) for one in (first, *self._more.get(norm, ()))]
        return [one for one in found if types_fit(legacy_type, one.legacy_type)]

    def _target(self, packed: str) -> Target:
        legacy_type, entity_type = self._letters[ord(packed[0]) - 1]
        return Target(legacy_type, entity_type, packed[1:])

    def _record(self, packed: str) -> int:
        return hash((self._letters[ord(packed[0]) - 1][1], packed[1:]))

    def knows(self, norm: str) -> bool:
        """Return whether the mapping has a row for an id, of whatever type."""
        return norm in self._one

    def is_shared(self, norm: str) -> bool:
        """Return whether other legacy ids may have become the same record."""
        if not self._shared or norm not in self._one:
            return False
        rows = (self._one[norm], *self._more.get(norm, ()))
        return any(self._record(packed) in self._shared for packed in rows)

    def notes(self, used: set[str]) -> list[str]:
        """Return what a person should know of the mapping; `used` ids have files."""
        unused = Counter(
            self._target(packed).legacy_type
            for norm, packed in self._one.items()
            if norm not in used
        )
        by_type = ", ".join(f"{count:,} {name}" for name, count in unused.most_common())
        told = {
            "mapping rows without a file": by_type,
            "mapping rows that repeat another": self.repeated,
            "mapping rows without an id": self.blank,
        }
        return [f"{what}: {value}" for what, value in told.items() if value]


@lru_cache(maxsize=4096)
def types_fit(one: str, other: str) -> bool:
    """Return whether two legacy types are the same, or one the other's class.

    >>> types_fit("Txn", "INVOICE"), types_fit("List", "INVOICE"), types_fit("BILL", "Bill")
    (True, False, True)
    """
    if normalize_entity_type(one) == normalize_entity_type(other):
        return True
    is_class = {one.casefold(), other.casefold()} & {"txn", "list"}
    return bool(is_class) and normalize_type_class(one) == normalize_type_class(other)
