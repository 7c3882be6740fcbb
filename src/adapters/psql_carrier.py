"""Files in which rows travel to psql, and of which a killed door leaves nothing."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from src.kit.errors import BrokenDisk, sentence

_CHUNK = 2 << 20  # bytes of rows that psql loads while the next are made
_HAS_DESCRIPTORS = os.name != "nt"  # /dev/fd


class Carrier:
    """A file without a name, which psql opens as the descriptor that it inherits.

    Windows has no such thing; there it has a name until it is closed.
    """

    def __init__(self) -> None:
        self._file = tempfile.NamedTemporaryFile(
            "wb", buffering=0, prefix="carryover-", delete=False
        )
        self.place = Path(self._file.name).as_posix()  # as psql finds it
        if _HAS_DESCRIPTORS:
            os.unlink(self._file.name)
            self.place = f"/dev/fd/{self._file.fileno()}"

    def inherited(self) -> tuple[int, ...]:
        """Return the descriptors that psql must inherit."""
        return (self._file.fileno(),) if _HAS_DESCRIPTORS else ()

    def fill(self, blocks: Iterator[tuple[bytes, int]]) -> int:
        """Take some of the blocks, in place of what was in it; return how many rows.

        Raises BrokenDisk where they find no room.
        """
        count = size = 0
        self._written(b"")
        for block, rows in blocks:
            self._written(block, size)
            count, size = count + rows, size + len(block)
            if size >= _CHUNK:
                break
        self._file.seek(0)  # macOS: psql reads from where this descriptor stands
        return count

    def _written(self, block: bytes, size: int = 0) -> None:
        try:
            if not size:
                self._file.seek(0)
                self._file.truncate()
            rest = memoryview(block)
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            error.filename = self._file.name  # a write does not name its file
            raise BrokenDisk(sentence(error)) from error

    def close(self) -> None:
        """Remove the file."""
        self._file.close()
        if not _HAS_DESCRIPTORS:
            with suppress(OSError):
                os.unlink(self._file.name)
