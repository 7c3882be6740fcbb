"""A file on its way: read once, hashed, and sent from the very bytes that were hashed.

A file that is too large to keep is read twice; its last block leaves only when the
second reading gave the same digest, so that a changed file never arrives whole.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from hashlib import sha256
from io import FileIO

from src.attachments import limits
from src.kit.answers import Withdrawn

BLOCK = 1 << 20  # bytes read at once
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # opening a FIFO must not wait
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


class Outgoing:
    """One file with its content's digest; `key`, owner and name are set by its plan."""

    __slots__ = (
        "_content",
        "content_type",
        "entity_id",
        "entity_type",
        "key",
        "modified_ns",
        "name",
        "note",
        "path",
        "sha256",
        "size",
    )

    def __init__(self, path: str) -> None:
        """Read the file at `path`; raises OSError, also where it is no regular file."""
        self.path = path
        self.key = self.name = self.entity_type = self.entity_id = ""
        self.content_type = limits.content_type(path)
        with _opened(path) as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise OSError(0, "is no regular file", path)
            self.size, self.modified_ns = found.st_size, found.st_mtime_ns
            self._content: bytes | None = None
            if self.size <= limits.REQUEST_BYTES:
                self._content = file.read()
                self.size = len(self._content)
                self.sha256 = sha256(self._content).hexdigest()
                start = self._content[:16]
            else:
                start = file.read(16)
                file.seek(0)
                self.sha256 = _digest(file)
        self.note = limits.wrong_magic(path, start)

    def blocks(self) -> Iterator[bytes]:
        """Yield the content that was hashed; raise Withdrawn where it is another now.

        The kept bytes are given away at the first call; a repetition reads again.
        """
        content, self._content = self._content, None
        if content is not None:
            yield content
            return
        digest, size, waiting = sha256(), 0, b""
        for block in self._read_again():
            digest.update(block)
            size += len(block)
            if waiting:
                yield waiting
            waiting = block
        if size != self.size or digest.hexdigest() != self.sha256:
            raise Withdrawn(self.key, "its content changed while it was being sent")
        yield waiting

    def _read_again(self) -> Iterator[bytes]:
        try:
            with _opened(self.path) as file:
                yield from iter(lambda: file.read(BLOCK), b"")
        except OSError as error:
            raise Withdrawn(self.key, f"cannot be read: {error.strerror}") from None


def _opened(path: str) -> FileIO:
    """Return a file open for reading, never one behind a symbolic link."""
    return FileIO(path, opener=lambda name, _: os.open(name, _FLAGS))


def _digest(file: FileIO) -> str:
    digest = sha256()
    while block := file.read(BLOCK):
        digest.update(block)
    return digest.hexdigest()


def digest_of(path: str) -> str:
    """Return the SHA-256 of a file's content, empty where it cannot be read."""
    try:
        return Outgoing(path).sha256
    except OSError:
        return ""
