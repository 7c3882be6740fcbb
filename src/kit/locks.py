"""One run at a time: a lock that dies with its process, and names its holder."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path

from src.kit.errors import Locked

if os.name == "nt":
    import msvcrt
else:
    import fcntl

_FOR = ", at work on "


def _try_lock(descriptor: int) -> None:
    if os.name == "nt":
        os.lseek(descriptor, 1 << 30, os.SEEK_SET)  # a byte that nobody reads
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def claim(descriptor: int, sentence: str) -> None:
    """Lock an open file until it is closed; raise Locked(sentence) if another has it.

    flock belongs to the open file, so closing the same file elsewhere in the process
    does not free it, as it would a POSIX record lock.
    """
    try:
        _try_lock(descriptor)
    except OSError:
        raise Locked(
            f"{sentence}; wait until it ends, then start this command again"
        ) from None


def wait_for(descriptor: int) -> None:
    """Lock an open file, waiting for whoever has it (held for single appends only)."""
    if os.name == "nt":
        os.lseek(descriptor, 1 << 30, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX)


class Lock:
    """A lock on a file of its own, which is never renamed or deleted.

    Its text (process, host, start) is for people; that the lock is held is what counts,
    so the lock of a killed process is free at once.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = -1

    def __enter__(self) -> Lock:
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
        self._descriptor = os.open(self.path, flags, 0o644)
        holder = self._read()
        try:
            claim(self._descriptor, f"{self.path}: held by {holder or 'another run'}")
        except Locked as locked:
            self.__exit__()
            locked.work = holder.partition(_FOR)[2]
            raise
        self.sign()
        return self

    def __exit__(self, *error: object) -> None:
        os.close(self._descriptor)
        self._descriptor = -1

    @property
    def descriptor(self) -> int:
        """Return the open file that holds it; whoever inherits that holds it too."""
        return self._descriptor

    def sign(self, work: str = "") -> None:
        """Write down who holds it, and what for, if others should know that."""
        import socket  # slow to load, and only who locks needs it

        now = datetime.now(timezone.utc).isoformat(timespec="seconds")
        text = f"process {os.getpid()} on {socket.gethostname()} since {now}"
        if work:
            text += _FOR + work
        os.ftruncate(self._descriptor, 0)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        os.write(self._descriptor, f"{text}\n".encode())

    def _read(self) -> str:
        return os.read(self._descriptor, 300).decode("utf-8", "replace").strip()
