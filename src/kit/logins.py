"""Who has logged in: a random word per login, known until it ends or the server does."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from hashlib import sha256
from threading import Lock

SECONDS = 12 * 3600  # of a login
MOST = 1_000  # at a time; one more ends the oldest


class Logins:
    """The logins of one server; only digests of their words are kept."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._until: dict[bytes, float] = {}  # by digest, oldest first
        self._lock = Lock()

    def begin(self) -> str:
        """Return the word of a new login."""
        word = secrets.token_urlsafe(32)
        with self._lock:
            ended = [one for one in self._until if self._until[one] <= self._now()]
            for one in ended or [*self._until][: len(self._until) >= MOST]:
                del self._until[one]
            self._until[_digest(word)] = self._now() + SECONDS
        return word

    def holds(self, word: str) -> bool:
        """Return whether a word is that of a login which has not ended."""
        return self._until.get(_digest(word), 0.0) > self._now()

    def end(self, word: str) -> None:
        """End a login."""
        with self._lock:
            self._until.pop(_digest(word), None)


def _digest(word: str) -> bytes:
    """Return what is looked up: how long that takes tells nothing of the word."""
    return sha256(word.encode("utf-8", "surrogateescape")).digest()
