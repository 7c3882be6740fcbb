"""Normalization of people's customers: the names that QuickBooks takes for one."""

from __future__ import annotations

import unicodedata


def normalize_display_name(name: str) -> str:
    """Return the one spelling under which QuickBooks finds two names to be the same.

    Case, and blanks around and between the words, make no difference to it.

    >>> normalize_display_name("  Aline   UWERA ")
    'aline uwera'
    """
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
