"""What people, spreadsheets and disks do to logs between two runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

LOGS = ("qbo_attach_runlog.csv", "qbo_attach_inflight.csv", "receipts.csv")


def nothing(path: Path, dice: Random) -> None:
    """Leave a file alone."""


def delete(path: Path, dice: Random) -> None:
    """Delete a file."""
    path.unlink()


def empty(path: Path, dice: Random) -> None:
    """Leave a file of zero bytes."""
    path.write_bytes(b"")


def cut(path: Path, dice: Random) -> None:
    """Cut a file at any byte."""
    path.write_bytes(path.read_bytes()[: dice.randrange(path.stat().st_size + 1)])


def cut_at_a_row(path: Path, dice: Random) -> None:
    """Take the last rows away, leaving whole lines."""
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[: dice.randrange(len(lines) + 1)]))


def save_again(path: Path, dice: Random) -> None:
    """Save a file as a spreadsheet in another dialect does."""
    text = path.read_bytes().decode("utf-8-sig", "replace").replace("\n", "\r\n")
    path.write_bytes(text.encode(dice.choice(["utf-8", "utf-16", "utf-8-sig"]), "replace"))


Deed = Callable[[Path, Random], None]
DEEDS: tuple[Deed, ...] = (
    *(nothing, nothing, nothing),
    *(delete, empty, cut, cut_at_a_row, save_again),
)


def done_to(folder: Path, dice: Random, logs: Sequence[str] = LOGS) -> str:
    """Do something to one log, to two, or to all; return what was done."""
    deed = dice.choice(DEEDS)
    names = dice.choice([*((name,) for name in logs), logs[:2], logs])
    for name in names:
        path = folder / name
        if path.exists():
            deed(path, dice)
    return f"{deed.__name__} {names}"


def leaves_no_trace(folder: Path) -> bool:
    """Return whether nothing in a folder tells of an earlier run."""
    paths = (folder / name for name in LOGS)
    return not any(path.exists() and path.stat().st_size for path in paths)
