"""What lies in the legacy attachment tree, and which record each file belongs to.

The folder names are the only place where the owner is written down, so a file anywhere
else has no owner; it keeps its row with the reason, nothing is guessed or dropped.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import NamedTuple

from src.attachments.records import Attachment
from src.kit.errors import Refused

SECONDS_PER_DAY = 86_400


Normalize = Callable[[str], str]
ASTRAY = "not under"  # how the note of a folder outside the layout begins


class Owner(NamedTuple):
    """What the folders say about the files in them; `note` = why nobody owns them."""

    norm: str
    entity_type: str
    raw: str
    client: str
    note: str


class Layout(NamedTuple):
    """Where a file's owner stands in its path: folder names with named parts."""

    folders: tuple[str, ...]

    def top(self) -> Owner:
        """Return who owns the files directly in FILES_DIR: nobody."""
        return Owner("", "", "", "", f"no folder for {self.folders[0]}")

    def below(self, owner: Owner, depth: int, name: str, norm: Normalize) -> Owner:
        """Return the owner of the files in a folder `name` of a folder at `depth`.

        Deeper folders belong to the record above them; what stands beside the expected
        folders belongs to nobody.
        """
        if depth >= len(self.folders) or owner.note.startswith(ASTRAY):
            return owner
        expected = self.folders[depth]
        if not expected.startswith("{") and expected.casefold() != name.casefold():
            return owner._replace(note=f"{ASTRAY} {expected}/")
        norm_id, entity_type, raw, client, _ = owner
        if expected == "{client}":
            client = name
        elif expected == "{txnid}":
            norm_id, raw = norm(name), name
        elif expected.startswith("{"):
            entity_type = name
        if depth + 1 == len(self.folders):
            return Owner(norm_id, entity_type, raw, client, "")
        note = f"no folder for {self.folders[depth + 1]}"
        return Owner(norm_id, entity_type, raw, client, note)


def parse_layout(text: str) -> Layout:
    """Return the layout that a setting describes, e.g. `Attach/{client}/{scope}/…`.

    Raises Refused where a part is unknown, missing or stands twice.
    """
    parts = text.split("/")
    named = [part for part in parts if "{" in part]
    scopes = [part for part in named if part in ("{scope}", "{entity_type}")]
    others = sorted(set(named) - set(scopes) - {"{client}"})
    if parts[-1] != "{file}" or others != ["{file}", "{txnid}"] or len(scopes) != 1:
        raise Refused(
            f"ATTACH_LAYOUT={text}: expected folders with {{txnid}} and {{scope}} (or "
            "{entity_type}), perhaps {client}, and {file} as the last part"
        )
    if len(named) != len(set(named)):
        raise Refused(f"ATTACH_LAYOUT={text}: a named part stands twice")
    return Layout(tuple(parts[:-1]))


def walk(root: str, layout: Layout, normalize: Normalize) -> Iterator[Attachment]:
    """Yield a row per file below `root`, folder by folder, in the order of names.

    Nothing but folders is entered: no symbolic link, so there are no loops. Raises
    Refused where `root` is no folder.
    """
    if not os.path.isdir(root):
        raise Refused(f"{root}: no such folder; set FILES_DIR to the legacy tree")
    waiting = [("", 0, layout.top())]
    while waiting:
        path, depth, owner = waiting.pop()
        try:
            entries = list(os.scandir(f"{root}/{path}"))
        except OSError as error:
            yield _unreadable(path, owner, f"folder cannot be read: {error.strerror}")
            continue
        entries.sort(key=_name_of)
        folders = []
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                inner = layout.below(owner, depth, entry.name, normalize)
                folders.append((f"{path}{entry.name}/", depth + 1, inner))
            else:
                yield _row(entry, path, owner)
        waiting += reversed(folders)


_name_of = attrgetter("name")


def _row(entry: os.DirEntry[str], folder: str, owner: Owner) -> Attachment:
    name = entry.name
    try:
        found = entry.stat(follow_symlinks=False)
    except OSError as error:
        return _unreadable(f"{folder}{name}", owner, f"cannot be read: {error.strerror}")
    if owner.note:
        owner = _nobody(owner.client, owner.note)
    if not stat.S_ISREG(found.st_mode):
        owner = _nobody(owner.client, _kind(found.st_mode))
    norm, entity_type, raw, client, note = owner
    size, modified = str(found.st_size), timestamp(found.st_mtime_ns)
    return Attachment(
        norm, entity_type, raw, client, name, folder + name, size, modified, note
    )


def _nobody(client: str, note: str) -> Owner:
    return Owner("", "", "", client, note)


def _unreadable(path: str, owner: Owner, note: str) -> Attachment:
    path = path.rstrip("/")
    name = path.rpartition("/")[2]
    return Attachment("", "", "", owner.client, name, path, "", "", note)


def _kind(mode: int) -> str:
    if stat.S_ISLNK(mode):
        return "symbolic link, not followed"
    return "no regular file (FIFO, socket or device)"


_DATES: dict[int, str] = {}


def timestamp(nanoseconds: int) -> str:
    """Return a file's time as the CSVs write it: UTC, ISO-8601, microseconds.

    >>> timestamp(1409571840_123456789)
    '2014-09-01T11:44:00.123456+00:00'
    """
    seconds, fraction = divmod(nanoseconds, 1_000_000_000)
    day, second = divmod(seconds, SECONDS_PER_DAY)
    minute, second = divmod(second, 60)
    hour, minute = divmod(minute, 60)
    date = _DATES.get(day) or _date(day)
    return f"{date}T{hour:02}:{minute:02}:{second:02}.{fraction // 1000:06}+00:00"


def _date(day: int) -> str:
    from datetime import date

    found = date.fromordinal(min(max(1, 719_163 + day), date.max.toordinal()))
    _DATES[day] = found.isoformat()
    return _DATES[day]
