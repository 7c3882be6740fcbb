"""Files of one record that share a name or a content: who keeps what.

QuickBooks shows names only, so two files of one name need distinct ones; the same
content twice on one record is noise. Only files of equal size or name are read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from src.attachments.records import NAMED, SAME_CONTENT, Verified
from src.config import normalize_file_name

Digest = Callable[[str], str]  # path -> SHA-256 in hexadecimal, empty if unreadable
DIGITS = 6  # of the content's SHA-256 that tell two names apart


def settle(rows: Sequence[Verified], digest: Digest) -> list[Verified]:
    """Return the rows of one record with names that are distinct and contents once.

    The names depend on contents alone: a later file with another content changes only
    files that were not sent yet.
    """
    sending = [row for row in rows if row.status in NAMED]
    if len(sending) < 2:
        return list(rows)
    digests = _digests(sending, digest)
    first_of: dict[str, str] = {}
    settled = []
    for row in rows:
        content = digests.get(row.file_path, "")
        if content and row.status in NAMED:
            first = first_of.setdefault(content, row.file_path)
            if first != row.file_path:
                reason = f"the same content as {first}"
                row = row._replace(status=SAME_CONTENT, reason=reason)
        settled.append(row)
    return _named_apart(settled, digests)


def _digests(rows: Sequence[Verified], digest: Digest) -> dict[str, str]:
    """Return the contents' digests of those rows that might be mistaken for another."""
    alike: dict[str, list[Verified]] = defaultdict(list)
    for row in rows:
        alike[f"size {row.size_bytes}"].append(row)
        alike[f"name {normalize_file_name(row.file_name)}"].append(row)
    paths = {row.file_path for group in alike.values() if len(group) > 1 for row in group}
    found = {path: digest(path) for path in sorted(paths)}
    return {path: content for path, content in found.items() if content}


def _named_apart(rows: Sequence[Verified], digests: dict[str, str]) -> list[Verified]:
    contents: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.status in NAMED and row.file_path in digests:
            contents[normalize_file_name(row.file_name)].add(digests[row.file_path])
    return [
        row._replace(upload_name=apart(row.file_name, digests[row.file_path]))
        if len(contents[normalize_file_name(row.file_name)]) > 1
        and row.file_path in digests
        else row
        for row in rows
    ]


def apart(name: str, content: str) -> str:
    """Return a name with the first digits of its content's digest before the extension.

    >>> apart("scan.pdf", "9f86d081884c7d65")
    'scan (9f86d0).pdf'
    """
    stem, dot, last = name.rpartition(".")
    if not stem:
        return f"{name} ({content[:DIGITS]})"
    return f"{stem} ({content[:DIGITS]}){dot}{last}"
