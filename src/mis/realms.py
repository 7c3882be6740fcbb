"""Which company a file is about: written down beside its receipt, and asked before use."""

from __future__ import annotations

from pathlib import Path

from src.kit import receipts

REALM = "realm"  # the kind of receipt; detail = the company's id


def note(folder: Path, author: tuple[str, str, str], place: str, realm_id: str) -> None:
    """Write down the company that a file was made for; the author is ts, run id, door."""
    detail = receipts.words({REALM: realm_id})
    receipts.append(folder, (*author, REALM, place, "", "", detail))


def of(folder: Path, place: str) -> str:
    """Return the company that a file was made for last, empty if nobody wrote it down."""
    return receipts.value(receipts.last(folder, place, REALM), REALM)
