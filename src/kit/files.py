"""Whole files, replaced so that a reader sees the old one or the new one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from src.kit import locks
from src.kit.errors import Locked

BUFFER = 1 << 20  # bytes; fewer system calls when a table is written


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Yield a binary file that becomes `path` when the block ends without an error.

    The rename is atomic and durable (file and folder are flushed to the disk). The
    half-written file is `<name>.tmp`; one that a killed run left is overwritten.
    Raises Locked while another process writes the same file.
    """
    temporary = path.with_name(path.name + ".tmp")
    try:
        yield from _written(path, temporary)
    except OSError as error:
        error.filename = error.filename or str(path)  # a write does not name its file
        raise
    sync_folder(path.parent)


def _written(path: Path, temporary: Path) -> Iterator[BinaryIO]:
    with open(temporary, "ab", buffering=BUFFER) as file:
        sentence = f"{path}: another run is writing it"
        locks.claim(file.fileno(), sentence)
        if not _is_named(file, temporary):  # its writer has just renamed it to `path`
            raise Locked(sentence)
        file.truncate(0)
        yield file
        file.flush()
        os.fsync(file.fileno())
        if os.name != "nt":  # Windows renames closed files only
            os.replace(temporary, path)
    if os.name == "nt":
        os.replace(temporary, path)


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
