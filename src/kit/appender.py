"""The one writer of an append-only table: repair first, then whole rows only.

What the outside does to a log: `kill -9` cuts the last row (one write is not atomic),
a full disk writes a part of a row, a spreadsheet saves it in another dialect, somebody
empties it. Nothing is deleted here: what cannot be kept in place is put beside the log.
"""

from __future__ import annotations

import codecs
import errno
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

from src.kit import cells, files, locks, runlog
from src.kit.errors import BrokenDisk, sentence
from src.kit.tables import checked, encoded_header, line_of

# Spreadsheets cut a file silently at 1,048,576 rows.
ROWS_PER_SEGMENT = 500_000


class Appender:
    """An append-only CSV, open for appending; `repairs` says what had to be mended.

    A private one may be read by its owner alone.
    """

    _descriptor = -1  # none is open

    def __init__(self, path: Path, row_type: type, is_private: bool = False) -> None:
        self.path, self._is_private = path, is_private
        self.repairs: list[str] = []
        self._row_type = row_type
        self._line = line_of(row_type)
        self._quarantine_torn_tail()
        self._restore_dialect()
        self._descriptor = self._open()

    def append(self, rows: Iterable[Sequence[str]]) -> list[str]:
        """Append rows given without their check, in one write; return the checks.

        Raises BrokenDisk after taking back a partly written block.
        """
        whole = [checked(row) for row in rows]
        self._write("".join(map(self._line, whole)).encode())
        return [row[-1] for row in whole]

    def sync(self) -> None:
        """Make everything appended so far durable.

        A failed fsync is never repeated: the kernel may have dropped the pages and
        would report success (PostgreSQL's fsyncgate).
        """
        os.fsync(self._descriptor)

    def empty(self) -> None:
        """Take all rows out again, keeping the header (a journal's clean end)."""
        os.ftruncate(self._descriptor, len(encoded_header(self._row_type)))
        self.sync()

    def rotate(self) -> None:
        """Give the file the next segment's name and go on in a new one."""
        self.close()
        os.rename(self.path, _next_segment(self.path))
        self._descriptor = self._open()

    def close(self) -> None:
        """Close the file; appended rows are written, not necessarily durable."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def __del__(self) -> None:
        self.close()

    def _write(self, block: bytes) -> None:
        start = os.lseek(self._descriptor, 0, os.SEEK_END)
        try:
            if os.write(self._descriptor, block) == len(block):
                return
            problem = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
        except OSError as error:
            problem = OSError(error.errno, error.strerror, str(self.path))
        os.ftruncate(self._descriptor, start)
        raise BrokenDisk(sentence(problem))

    def _open(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
        flags |= getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        opened = files.open_private if self._is_private else files.open_shared
        self._descriptor = opened(self.path, flags)
        if os.fstat(self._descriptor).st_size == 0:
            self._write(encoded_header(self._row_type))
            files.sync_folder(self.path.parent)
        return self._descriptor

    # --- repair -----------------------------------------------------------------------

    def _quarantine_torn_tail(self) -> None:
        """Move an unterminated last line to `<log>.torn`: the next row would be glued."""
        if not self.path.exists():
            return
        with open(self.path, "rb+") as file:
            if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
                return  # not ours; it is rewritten as a whole
            offset = _end_of_last_line(file)
            file.seek(offset)
            fragment = file.read()
            if not fragment:
                return
            opener = files.open_private if self._is_private else None
            with open(f"{self.path}.torn", "ab", opener=opener) as torn:
                torn.write(b"%d,%s\n" % (offset, fragment.hex().encode()))
                torn.flush()
                os.fsync(torn.fileno())
            file.truncate(offset)
            os.fsync(file.fileno())
        self.repairs.append(f"{self.path.name}: a cut last row was put in .torn")

    def _restore_dialect(self) -> None:
        """Rewrite segments that are not spelled as ours; keep what they were."""
        for segment in runlog.segments(self.path):
            if runlog.is_older(segment, self._row_type):
                if segment == self.path:
                    os.rename(segment, _next_segment(segment))
            elif segment.stat().st_size:
                if not runlog.is_current(segment, self._row_type):
                    self._rewrite(segment)

    def _rewrite(self, segment: Path) -> None:
        kept = _free_name(segment)
        import shutil  # slow to load, and rarely needed

        shutil.copy2(segment, kept)
        if self._is_private:
            kept.chmod(files.PRIVATE)
        lost = 0
        with files.replacing(segment, self._is_private) as file:
            file.write(encoded_header(self._row_type))
            for row in runlog.segment_rows(kept, self._row_type):
                lost += not row
                if row:
                    values = [cells.unguard(cell.decode()) for cell in row]
                    file.write(self._line(values).encode())
        said = f", {lost} unreadable row(s) left out" if lost else ""
        self.repairs.append(f"{segment.name}: rewritten, the original is {kept.name}{said}")


def append_in_turn(path: Path, row_type: type, rows: Iterable[Sequence[str]]) -> None:
    """Append rows (without their check) to a file that several programs share.

    Each waits for the file's own lock, `<name>.lock`; the rows are durable afterwards.
    """
    descriptor = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o644)
    try:
        locks.wait_for(descriptor)
        log = Appender(path, row_type)
        try:
            log.append(rows)
            log.sync()
        finally:
            log.close()
    finally:
        os.close(descriptor)


def _end_of_last_line(file: BinaryIO) -> int:
    """Return the offset after the last line end."""
    end = file.seek(0, os.SEEK_END)
    while end > 0:
        start = max(0, end - 65536)
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _next_segment(path: Path) -> Path:
    older = [one for one in runlog.segments(path) if one != path]
    # Counted on from the newest: a segment that was taken away leaves no name free.
    number = int(older[-1].stem.rpartition(".")[2]) + 1 if older else 1
    return path.with_name(f"{path.stem}.{number:04}{path.suffix}")


def _free_name(path: Path) -> Path:
    number = 1
    while (name := path.with_name(f"{path.name}.before-{number}")).exists():
        number += 1
    return name
