"""What is done by a log, told by its look: for a whole plan that asks at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from operator import itemgetter

from src.kit import runlog
from src.kit.memory import SAME_AS_DONE, number_in
from src.kit.runlog import RawRow
from src.kit.tables import header

_SEPARATOR = "\x1f"


class Sent:
    """The things that a log has as done, by the columns that tell one from the others.

    Of a look only its hash is kept: of a million files, two have the same one once in ten
    million logs, and nothing is sent by what is said here.
    """

    def __init__(self, row_type: type, same: Sequence[str]) -> None:
        names = header(row_type)
        self._key, self._outcome = names.index("key"), names.index("outcome")
        self._pick: Callable[[RawRow], tuple[bytes, ...]]
        self._pick = itemgetter(*map(names.index, same))
        self._known: dict[int, int] = {}  # hash -> number of the key

    def learn(self, rows: Iterable[RawRow]) -> None:
        """Take good rows of the log, in order."""
        outcome, key = self._outcome, self._key
        done = [row for row in rows if row[outcome] in SAME_AS_DONE and row[key]]
        looks = [b"\x1f".join(self._pick(row)) for row in done]
        numbers = [number_in(row[key]) for row in done]
        self._known.update(zip(map(hash, map(_meant, looks)), numbers))

    def are_done(
        self, undone: frozenset[int], columns: Sequence[Iterable[str]]
    ) -> list[bool]:
        """Return of each row whether it is done; `undone` are the keys that are not."""
        looks = map(_SEPARATOR.join, zip(*columns))
        found = map(self._known.get, map(hash, looks), repeat(None))
        return [number is not None and number not in undone for number in found]


def _meant(look: bytes) -> str:
    if b"'" in look or b"\\" in look:
        return _SEPARATOR.join(map(runlog.text, look.split(b"\x1f")))
    return look.decode()
