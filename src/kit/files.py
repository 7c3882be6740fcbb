"""Whole files: replaced at once, for a reader the old or the new one; looked at."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO, NamedTuple

from src.kit import locks
from src.kit.errors import Locked

BUFFER = 1 << 20  # bytes; fewer system calls when a table is written
PRIVATE = 0o600  # for its owner alone


class Look(NamedTuple):
    """What tells a file from an earlier or a later state of itself."""

    size: int
    mtime_ns: int
    inode: int


def look(path: Path) -> Look | None:
    """Return what a file looks like now, None of what is missing or is no file."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    is_file = S_ISREG(found.st_mode)
    return Look(found.st_size, found.st_mtime_ns, found.st_ino) if is_file else None


def digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    found = sha256()
    with open(path, "rb") as file:
        while block := file.read(BUFFER):
            found.update(block)
    return found.hexdigest()


@contextmanager
def replacing(path: Path, is_private: bool = False) -> Iterator[BinaryIO]:
    """Yield a binary file that becomes `path` when the block ends without an error.

    One that is private may be read by its owner alone, from its first byte on.

    The rename is atomic and durable (file and folder are flushed to the disk). The
    half-written file is `<name>.tmp`. An error in the block removes it; one that a killed
    run left is overwritten. Raises Locked while another process writes the same file.
    """
    temporary = path.with_name(path.name + ".tmp")
    try:
        with _no_half(temporary, os.name == "nt"):
            yield from _written(path, temporary, is_private)
    except OSError as error:
        error.filename = error.filename or str(path)  # a write does not name its file
        raise
    sync_folder(path.parent)


def _written(path: Path, temporary: Path, is_private: bool) -> Iterator[BinaryIO]:
    opener = open_private if is_private else None
    with open(temporary, "ab", buffering=BUFFER, opener=opener) as file:
        sentence = f"{path}: another run is writing it"
        locks.claim(file.fileno(), sentence)
        if not _is_named(file, temporary):  # its writer has just renamed it to `path`
            raise Locked(sentence)
        with _no_half(temporary, os.name != "nt"):
            file.truncate(0)
            yield file
            file.flush()
            os.fsync(file.fileno())
            if os.name != "nt":  # Windows renames closed files only
                os.replace(temporary, path)
    if os.name == "nt":
        os.replace(temporary, path)


@contextmanager
def _no_half(temporary: Path, is_wanted: bool) -> Iterator[None]:
    """Remove the half-written file where the block ends with an error.

    While it is claimed, so that nobody else's is removed; Windows removes closed files
    only, and none that somebody else has open.
    """
    try:
        yield
    except BaseException as error:
        if is_wanted and not isinstance(error, Locked):
            with suppress(OSError):
                os.unlink(temporary)
        raise


def open_shared(path: str | Path, flags: int) -> int:
    """Return the descriptor of a file that everybody may read."""
    return os.open(path, flags, 0o644)


def open_private(path: str | Path, flags: int) -> int:
    """Return the descriptor of a file that its owner alone may read; for `open`."""
    descriptor = os.open(path, flags, PRIVATE)
    if hasattr(os, "fchmod"):  # a file that was there already may be readable by others
        os.fchmod(descriptor, PRIVATE)
    return descriptor


def _is_named(file: BinaryIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), os.stat(path))
    except FileNotFoundError:
        return False


def sync_folder(folder: Path) -> None:
    """Make renames and new names in `folder` durable (Windows has no such call)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
