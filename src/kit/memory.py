"""What a run remembers of the runs before it: done, open, refused. Built from CSVs.

Keys are `k` and 32 hexadecimal digits. Inside they are integers, which take half the
memory; a million of them are kept.
"""

from __future__ import annotations

import re
from binascii import unhexlify
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import NamedTuple

from src.kit import answers, cells, runlog
from src.kit.runlog import RawRow
from src.kit.tables import header

SUCCESSES = frozenset({"uploaded", "created", "updated", "linked", "recovered", "adopted"})
SKIPPED_ALREADY = "skipped_already_uploaded"
REMOVED = "removed"
CLOSED = "closed"  # the attempt that took a thing away: the thing has a row of its own
FAILED = "failed"
ABSENT = "absent"
HELD = "held"
IN_DOUBT = "in_doubt"

_DONE = frozenset(word.encode() for word in SUCCESSES)
SAME_AS_DONE = _DONE | {SKIPPED_ALREADY.encode()}
_CLOSING_OR_DOUBT = _DONE | {
    word.encode()
    for word in (FAILED, "file_changed", HELD, ABSENT, REMOVED, CLOSED, IN_DOUBT)
}
# An outcome closes the attempt it names; these leave no earlier one open either, and
# those that name none (a person's word, a listing) leave none at all.
_CLOSING_ALL = SUCCESSES | {ABSENT, REMOVED, CLOSED}
_KEY = re.compile("k[0-9a-f]{32}")
_is_raw_number = re.compile(rb"[0-9]{0,9}").fullmatch
NO_NUMBER = -1


class Try(NamedTuple):
    """How far the attempts at one key have come."""

    attempt: int = 0  # the highest number so far
    generation: int = 0  # refusals that a server would replay
    state: str = ""  # the last outcome, empty = none yet


_PLAIN = Try(1, 0, "uploaded")
_FIRST = {word.encode(): Try(1, 0, word) for word in SUCCESSES}


class Attempt(NamedTuple):
    """One attempt without an outcome."""

    key: str
    attempt: int
    request_id: str


def is_key(text: str) -> bool:
    """Return whether a text is a key; a mark that somebody else wrote is none."""
    return bool(_KEY.fullmatch(text))


def number_of(key: str) -> int:
    """Return the integer form of a key."""
    return int(key[1:], 16)


def number_in(cell: bytes) -> int:
    """Return the integer form of the key in a raw cell, `NO_NUMBER` where it is none."""
    if len(cell) != 33 or cell[:1] != b"k":
        return NO_NUMBER
    try:
        return int.from_bytes(unhexlify(cell[1:]), "big")
    except ValueError:
        return NO_NUMBER


def key_of(parts: Sequence[str]) -> str:
    """Return the key of an effect: a digest of what makes it one and the same."""
    text = cells.SEPARATOR.join(parts).encode("utf-8", "surrogatepass")
    return "k" + blake2b(text, digest_size=16).hexdigest()


class Index:
    """The memory of one run log; `learn` takes its rows in order.

    `same` names the columns by which an unchanged thing is recognised without looking
    into it (for a file: where it goes, its path, size and time).
    """

    def __init__(self, row_type: type, same: Sequence[str]) -> None:
        names = header(row_type)
        self._places = [names.index(name) for name in ("key", "attempt", "outcome")]
        self._refusal = [names.index(name) for name in ("status_code", "error")]
        self._request = names.index("request_id")
        self._same_at = [names.index(name) for name in same]
        self._same: dict[int, int] = {}
        self._done: set[int] | None = None  # made when first needed
        self._tries: dict[int, Try] = {}
        self._open: dict[int, Attempt] = {}
        self._unheard: set[int] = set()  # their open attempts stand in no row so far
        self._arrived: set[str] = set()
        self.damaged = 0  # rows whose check holds, but not what they say

    # --- learning ---------------------------------------------------------------------

    def intend(self, attempts: Iterable[Attempt]) -> None:
        """Take attempts that were begun; they are open until a row closes them."""
        for attempt in attempts:
            number = number_of(attempt.key)
            self._open[number] = attempt
            self._unheard.add(number)
            known = self._tries.get(number, Try())
            if attempt.attempt > known.attempt:
                self._tries[number] = known._replace(attempt=attempt.attempt)

    def learn(self, rows: Iterable[RawRow]) -> None:
        """Take good rows of the log, in order; what is damaged all the same is counted."""
        key_at, attempt_at, outcome_at = self._places
        self._done = None
        for row in rows:
            if not row[key_at]:
                continue
            outcome = row[outcome_at]
            is_plain = row[attempt_at] == b"1" and outcome in _DONE
            number = number_in(row[key_at])
            if number < 0 or not (is_plain or self._has_numbers(row)):
                self.damaged += 1
                continue
            if self._same_at and outcome in SAME_AS_DONE:
                self._same[self._fingerprint(row)] = number
            if is_plain and number not in self._tries:
                if outcome != b"uploaded":  # the rule, which needs no entry
                    self._tries[number] = _FIRST[outcome]
            elif outcome in _CLOSING_OR_DOUBT:
                self._learn_attempt(number, row)

    def is_sound(self, row: RawRow) -> bool:
        """Return whether a good row can be learned: a key and numbers, or none."""
        key = row[self._places[0]]
        return not key or (number_in(key) >= 0 and self._has_numbers(row))

    def _has_numbers(self, row: RawRow) -> bool:
        attempt, status = row[self._places[1]], row[self._refusal[0]]
        return bool(_is_raw_number(attempt) and _is_raw_number(status))

    def _learn_attempt(self, number: int, row: RawRow) -> None:
        attempt = int(row[self._places[1]] or 0)
        outcome = row[self._places[2]].decode()
        known = self._tries.get(number, Try(attempt=1 if outcome == REMOVED else 0))
        generation = known.generation + self._raises_generation(outcome, row)
        found = Try(max(known.attempt, attempt), generation, outcome)
        self._tries[number] = found
        if found == _PLAIN:
            del self._tries[number]
        opened = self._open.get(number)
        if outcome == IN_DOUBT:
            # A later one was begun when the end of this one was known.
            if opened is None or attempt >= opened.attempt:
                request_id = runlog.text(row[self._request])
                self._open[number] = Attempt(f"k{number:032x}", attempt, request_id)
                self._unheard.discard(number)
        elif opened and self._closes(attempt, outcome, number, known.state):
            del self._open[number]
            self._unheard.discard(number)
            if outcome in SUCCESSES:
                self._arrived.add(opened.request_id)

    def _closes(self, attempt: int, outcome: str, number: int, before: str) -> bool:
        """Return whether an outcome, with what was known before, closes the open attempt.

        A journal is read before the log, so an attempt of it may be later than a row that
        names none: than the word of a person who lets a thing be sent again.
        """
        opened = self._open[number].attempt
        if attempt or outcome not in _CLOSING_ALL:
            return attempt == opened or (outcome in _CLOSING_ALL and attempt > opened)
        is_about_earlier = outcome == ABSENT or (outcome == REMOVED and before in SUCCESSES)
        return not (is_about_earlier and number in self._unheard)

    def _raises_generation(self, outcome: str, row: RawRow) -> bool:
        status, error = (row[place] for place in self._refusal)
        if outcome == FAILED:
            return answers.is_stored(int(status or 0))
        return outcome in (REMOVED, CLOSED) or (outcome == ABSENT and error != b"")

    def _fingerprint(self, row: RawRow) -> int:
        cells_of_it = [row[place] for place in self._same_at]
        picked = b"\x1f".join(cells_of_it)
        if b"'" in picked or b"\\" in picked:
            return fingerprint([runlog.text(cell) for cell in cells_of_it])
        return int.from_bytes(blake2b(picked, digest_size=14).digest(), "big")

    # --- asking -----------------------------------------------------------------------

    def unchanged(self, same: Sequence[str]) -> str:
        """Return the key of a done thing that still looks the same, else nothing."""
        if not self._same:
            return ""
        number = self._same.get(fingerprint(same))
        if number is None or not self._is_success(number):
            return ""
        return f"k{number:032x}"

    def is_done(self, key: str) -> bool:
        """Return whether the last outcome of a key is a success."""
        number = number_of(key)
        if number in self._tries:
            return self._is_success(number)
        if self._done is None:
            self._done = set(self._same.values())
        return number in self._done

    def _is_success(self, number: int) -> bool:
        known = self._tries.get(number)
        return known is None or known.state in SUCCESSES

    def is_settled(self, key: str) -> bool:
        """Return whether a key is not sent as things stand: done, or for a person.

        Nothing is ever sent for a mark that is no key.
        """
        if not is_key(key):
            return True
        return self.is_done(key) or self.tried(key).state in (HELD, IN_DOUBT)

    def tried(self, key: str) -> Try:
        """Return how far the attempts at a key have come."""
        number = number_of(key)
        return self._tries.get(number) or Try(attempt=1 if self.is_done(key) else 0)

    @property
    def doubtful(self) -> list[Attempt]:
        """Return the attempts without an outcome, in the order they were begun."""
        return list(self._open.values())

    @property
    def undone(self) -> frozenset[int]:
        """Return the keys, as integers, whose last outcome is no success."""
        known = self._tries.items()
        return frozenset(number for number, one in known if one.state not in SUCCESSES)

    def count_open(self) -> int:
        """Return how many keys failed, were held or are absent, and are not done since."""
        known = self._tries.values()
        is_over = (*SUCCESSES, IN_DOUBT, REMOVED, CLOSED, "")
        return sum(one.state not in is_over for one in known)

    def forget(self) -> None:
        """Free the memory; nothing is asked any more."""
        self._same, self._done, self._tries = {}, None, {}

    def has_arrived(self, request_id: str) -> bool:
        """Return whether a part of a request is known to have had its effect."""
        return request_id in self._arrived


def fingerprint(same: Sequence[str]) -> int:
    """Return what stands for the cells by which an unchanged thing is recognised."""
    joined = "\x1f".join(same).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(joined, digest_size=14).digest(), "big")
