"""May a file proceed, and where to? The decision of the plan, row by row.

Pure functions over an inventory row and its candidates; what concerns several files of
one record (same name, same content) is decided in `names`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from src.attachments import limits
from src.attachments.mapping import Target, Targets
from src.attachments.records import (
    AMBIGUOUS_MAPPING,
    BLANK_ID,
    EMPTY_FILE,
    FILE_MISSING,
    LARGE_WARNING,
    MISSING_MAPPING,
    NAME_TOO_LONG,
    OK,
    TOO_LARGE,
    UNSUPPORTED_TYPE,
    Attachment,
)

# Types of the desktop that have no counterpart online, said where a mapping is missing.
NOT_CONVERTED = (
    "no row with this id in the mapping; sales orders, item receipts and deleted "
    "transactions are not converted"
)


class Scope(NamedTuple):
    """What is to be migrated; an empty set or zero means everything."""

    types: frozenset[str] = frozenset()
    clients: frozenset[str] = frozenset()
    extensions: frozenset[str] = frozenset()
    since: str = ""
    max_bytes: int = 0


class Finding(NamedTuple):
    """What the rules say about one file."""

    status: str
    reason: str = ""
    target: Target = Target("", "", "")


def left_out(row: Attachment, entity_type: str, scope: Scope) -> str:
    """Return why a file is none of this migration's business, empty if it is."""
    if row.note:
        return f"no_owner: {row.note}"
    if limits.is_junk(row.file_name):
        return "junk_file"
    types = (row.legacy_entity_type, entity_type)
    if scope.types and scope.types.isdisjoint(map(str.casefold, types)):
        return "out_of_scope_type"
    if scope.clients and row.client.casefold() not in scope.clients:
        return "out_of_scope_client"
    if scope.extensions and limits.extension(row.file_name) not in scope.extensions:
        return "out_of_scope_extension"
    if scope.since and row.modified_at < scope.since:
        return "out_of_scope_age"
    if scope.max_bytes and int(row.size_bytes or 0) > scope.max_bytes:
        return "out_of_scope_size"
    return ""


def find_target(row: Attachment, targets: Targets) -> Finding:
    """Return where a legacy record's files go, or why that is not known."""
    norm = row.legacy_txnid_norm
    if not norm:
        return Finding(BLANK_ID, f"{row.raw_legacy_id!r} is empty after normalization")
    found = targets.candidates(norm, row.legacy_entity_type)
    if len(found) == 1:
        return Finding(OK, "", found[0])
    if found:
        names = "; ".join(f"{one.entity_type} {one.entity_id}" for one in found)
        return Finding(AMBIGUOUS_MAPPING, f"may be any of: {names}; decide by link:")
    if targets.knows(norm):
        return Finding(
            MISSING_MAPPING, f"the mapping has this id, but not as {row.legacy_entity_type}"
        )
    return Finding(MISSING_MAPPING, NOT_CONVERTED)


def judge(
    row: Attachment, found: Finding, exists: Callable[[str], bool]
) -> Finding:
    """Return what QuickBooks' own limits make of a file whose target is known."""
    if found.status != OK:
        return found
    size, name = int(row.size_bytes or 0), row.file_name
    if not exists(row.file_path):
        return found._replace(status=FILE_MISSING, reason="it is gone since the inventory")
    if found.target.entity_type in limits.NO_ATTACHMENTS:
        reason = f"QuickBooks takes no attachments on {found.target.entity_type}"
        return found._replace(status=UNSUPPORTED_TYPE, reason=reason)
    if limits.extension(name) not in limits.CONTENT_TYPES:
        reason = f"QuickBooks takes no {limits.extension(name) or 'such'} files"
        return found._replace(status=UNSUPPORTED_TYPE, reason=reason)
    if size == 0:
        return found._replace(status=EMPTY_FILE, reason="it has no content")
    if size > limits.LARGEST_FILE:
        return found._replace(status=TOO_LARGE, reason="above 99 MB QuickBooks refuses it")
    if len(name) > limits.LONGEST_NAME:
        return found._replace(status=NAME_TOO_LONG, reason="above 1,000 characters")
    if size > limits.LARGE_FILE:
        reason = "above 20 MB QuickBooks keeps it but may not show it"
        return found._replace(status=LARGE_WARNING, reason=reason)
    return found


def describe_spellings(raws: Sequence[str]) -> str:
    """Return the note for an id that folders spell in several ways."""
    return "folders spell this id in several ways: " + ", ".join(raws)


