"""How long a text is to QuickBooks, and texts that are cut to what it takes.

Java counts a character beyond the first 65,536, such as most emoji, as two; so does this,
which is right whichever way QuickBooks counts.
"""

from __future__ import annotations

ELLIPSIS = "…"  # stands for what was cut off a value


def width(text: str) -> int:
    """Return how many characters a text has to QuickBooks.

    >>> width("Aline"), width("🎓")
    (5, 2)
    """
    if text.isascii():
        return len(text)
    return len(text) + sum(character > "\uffff" for character in text)


def cut(text: str, most: int) -> str:
    """Return as much of a text's beginning as fits, without a blank at its end."""
    if width(text) <= most:
        return text
    text = text[: max(most, 0)]
    while width(text) > most:
        text = text[:-1]
    return text.rstrip()


def shortened(text: str, most: int) -> str:
    """Return a text that fits; one that was cut ends in `…`."""
    return text if width(text) <= most else cut(text, most - 1) + ELLIPSIS
