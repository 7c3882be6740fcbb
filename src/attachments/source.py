"""A file of the plan: where it is decided to go, and its bytes with their key."""

from __future__ import annotations

import errno
import os
from typing import NamedTuple

from src.attachments import inventory
from src.attachments.outgoing import Outgoing
from src.attachments.records import (
    IN_DOUBT,
    SAME_CONTENT,
    SENT_WITHOUT_DECISION,
    Verified,
)
from src.config import normalize_entity_type
from src.kit.answers import Found
from src.kit.memory import key_of
from src.kit.requests import Item

# What is decided about a row.
GOES = "goes"
REPEATS = "repeats"  # the same content on the same record
LEFT_OUT = "left_out"
WAITS = "waits"
UNCLEAR = "unclear"  # no word that is a decision; it waits too


class Source(NamedTuple):
    """What a log row needs of a file beside its outcome."""

    row: Verified
    sha256: str = ""
    note: str = ""


def decided(row: Verified) -> tuple[str, Verified]:
    """Return what is decided about a row, and the row with its entity as decided."""
    verb, _, what = row.decision.strip().partition(":")
    verb = verb.casefold()
    if not verb:
        return _as_proposed(row), row
    if verb == "skip":
        return LEFT_OUT, row
    is_id = what.strip().isascii() and what.strip().isdigit()
    if row.qbo_entity_id and (verb == "send" or (verb == "adopt" and is_id)):
        return GOES, row
    if verb == "link" and owner_of(what):
        entity_type, entity_id = owner_of(what)
        return GOES, row._replace(qbo_entity_type=entity_type, qbo_entity_id=entity_id)
    return WAITS if verb == "hold" else UNCLEAR, row


def _as_proposed(row: Verified) -> str:
    if row.status in SENT_WITHOUT_DECISION or row.status == IN_DOUBT:
        return GOES
    return REPEATS if row.status == SAME_CONTENT else WAITS


def owner_of(text: str) -> tuple[str, ...]:
    """Return type and id of `link:<type>:<id>`, nothing if it is not one.

    >>> owner_of("invoice:1187"), owner_of("1187")
    (('Invoice', '1187'), ())
    """
    entity_type, _, entity_id = (part.strip() for part in text.partition(":"))
    if not entity_type or not entity_id.isascii() or not entity_id.isdigit():
        return ()
    return normalize_entity_type(entity_type), entity_id


def same(realm_id: str, row: Verified) -> tuple[str, ...]:
    """Return a row's cells of the columns `SAME`."""
    return (realm_id, *row[12:14], *row[9:12])


def is_as_planned(files_dir: str, row: Verified) -> bool:
    """Return whether a file has the size and the time that the plan saw."""
    try:
        found = os.stat(_below(files_dir, row.file_path), follow_symlinks=False)
    except OSError:
        return False
    seen = (str(found.st_size), inventory.timestamp(found.st_mtime_ns))
    return seen == (row.size_bytes, row.modified_at)


def read(realm_id: str, files_dir: str, row: Verified) -> Item:
    """Return a row's file, read and with its key; without cargo where it changed."""
    source = Source(row)
    try:
        cargo = Outgoing(_below(files_dir, row.file_path))
    except OSError as error:
        gone = error.errno in (errno.ENOENT, errno.ENOTDIR)
        reason = "" if gone else f"cannot be read: {error.strerror}"
        return Item("", source=source._replace(note=reason))
    seen = (str(cargo.size), inventory.timestamp(cargo.modified_ns))
    if seen != (row.size_bytes, row.modified_at):
        changed = "it changed since the inventory; run make inventory verify"
        return Item("", source=source._replace(note=changed))
    owner = (realm_id, row.qbo_entity_type, row.qbo_entity_id)
    cargo.key = key_of([*owner, row.file_name, cargo.sha256])
    cargo.entity_type, cargo.entity_id = owner[1:]
    cargo.name = row.upload_name
    return Item(cargo.key, cargo.size, cargo, Source(row, cargo.sha256, cargo.note))


def about(source: Source) -> tuple[str, ...]:
    """Return a log row's cells about a file of the plan, from txnid to sha256."""
    row = source.row
    return (*row[4:7], *row[12:14], *row[8:12], source.sha256)


def about_found(found: Found) -> tuple[str, ...]:
    """Return those cells for a file that is known from the remote side alone."""
    size = str(found.size) if found.size >= 0 else ""
    owner = (found.entity_type, found.entity_id)
    return ("", "", "", *owner, found.name, "", size, "", "")


def _below(folder: str, path: str) -> str:
    """Return a path of the tree; raises OSError where it leads elsewhere."""
    if os.path.isabs(path) or ".." in path.split("/"):
        raise OSError(errno.ENOENT, "leads out of FILES_DIR", path)
    return f"{folder}/{path}"
