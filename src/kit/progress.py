"""How far a door is: a bar with rate and ETA on a terminal, a line now and then elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TextIO, TypeVar

from src.kit.clock import REAL, Clock

Thing = TypeVar("Thing")

BAR = 24  # characters
EVERY_ON_TERMINAL = 0.1  # seconds
EVERY_ELSEWHERE = 5.0


class Progress:
    """Counts what is done; writes to `stream` (standard error), never to the summary."""

    def __init__(
        self, label: str, total: int, stream: TextIO | None, clock: Clock = REAL
    ) -> None:
        self.done = 0
        self._label, self._total, self._stream, self._clock = label, total, stream, clock
        self._began = self._shown = clock.monotonic()
        self._is_terminal = bool(stream and stream.isatty())
        self._every = EVERY_ON_TERMINAL if self._is_terminal else EVERY_ELSEWHERE

    def advance(self, count: int = 1) -> None:
        """Count more as done; show it if the last showing is long enough ago."""
        self.done += count
        now = self._clock.monotonic()
        if self._stream and now - self._shown >= self._every:
            self._shown = now
            self._show(now)

    def over(self, things: Iterable[Thing]) -> Iterator[Thing]:
        """Yield the things, counting each as done once it is asked for the next."""
        for thing in things:
            yield thing
            self.advance()

    def close(self) -> None:
        """Take the bar off the terminal, so that the summary stands alone."""
        if self._is_terminal and self._stream and self._shown > self._began:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def _show(self, now: float) -> None:
        assert self._stream
        line = self.line(now - self._began)
        self._stream.write(f"\r\x1b[K{line}" if self._is_terminal else line + "\n")
        self._stream.flush()

    def line(self, seconds: float) -> str:
        """Return what is shown after so many seconds.

        >>> bar = Progress("upload", 400, None); bar.advance(100); bar.line(20)
        'upload  ######                   100/400  5.0/s  1 min left'
        """
        rate = self.done / seconds if seconds else 0.0
        if not self._total:
            return f"{self._label}  {self.done:,}  {rate:,.1f}/s"
        filled = "#" * min(BAR, BAR * self.done // self._total)
        left = duration(max(0, self._total - self.done) / rate) + " left" if rate else ""
        count = f"{self.done:,}/{self._total:,}"
        return f"{self._label}  {filled:{BAR}} {count}  {rate:,.1f}/s  {left}"


def duration(seconds: float) -> str:
    """Return seconds as a person says them.

    >>> duration(7), duration(95), duration(20400)
    ('7 s', '2 min', '5 h 40 min')
    """
    if round(seconds) < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02} min"
