"""What sending will cost: files, bytes, requests, minutes of the company's quota."""

from __future__ import annotations

from datetime import datetime, timedelta

from src.attachments.limits import REQUEST_BYTES, REQUESTS_PER_MINUTE
from src.kit.progress import duration


class Bill:
    """Adds up files in the order in which they will be sent."""

    def __init__(self, files_per_request: int, per_minute: int = 0) -> None:
        self.files = self.size = self.requests = 0
        self._most = files_per_request
        self._per_minute = per_minute or REQUESTS_PER_MINUTE
        self._files_left = self._bytes_left = 0

    def add(self, size: int) -> None:
        """Count a file of so many bytes; it joins the open request if it fits."""
        self.files += 1
        self.size += size
        if not self._files_left or size > self._bytes_left:
            self.requests += 1
            self._files_left, self._bytes_left = self._most, REQUEST_BYTES
        self._files_left -= 1
        self._bytes_left -= size

    def sentence(self, now: datetime) -> str:
        """Return the bill as a line of a summary."""
        minutes = self.requests / self._per_minute
        done = now + timedelta(minutes=minutes)
        return (
            f"to send: {_counted(self.files, 'file')}, {size_of(self.size)}, "
            f"{_counted(self.requests, 'request')}; {duration(60 * minutes)} at "
            f"{self._per_minute} a minute, done {done:%Y-%m-%d %H:%M} UTC if started now"
        )


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def size_of(count: int) -> str:
    """Return a number of bytes as a person says it.

    >>> size_of(999), size_of(1_234_567)
    ('999 bytes', '1.2 MB')
    """
    if count < 1000:
        return f"{count} bytes"
    for unit, factor in (("kB", 1e3), ("MB", 1e6), ("GB", 1e9)):
        if count < 1000 * factor:
            break
    return f"{count / factor:,.1f} {unit}"
