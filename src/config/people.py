"""Normalization of people's customers: what QuickBooks takes, and takes for the same.

Every rule is idempotent. Names, phone numbers and addresses stay as they were typed
wherever QuickBooks takes them so.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

MOST_PERSON_PHONE = 30  # characters, of QuickBooks' FreeFormNumber
MOST_PERSON_EMAIL = 100  # characters, of QuickBooks' Address

# What no line of text holds: control characters, line separators, half a character,
# the mark of a byte order, and what Unicode calls no character.
_NO_TEXT = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    rf"@(?:{_LABEL}\.)+[A-Za-z]{{2,63}}"
)
_BETWEEN_EMAILS = re.compile("[,;/]")
_BETWEEN_PHONES = re.compile(r"[/;,&|]|\bor\b|\bou\b", re.IGNORECASE)
_DIGIT = re.compile("[0-9]")
LEAST_DIGITS = 7  # of a phone number; what is shorter belongs to the number before it


def normalize_display_name(name: str) -> str:
    """Return the one spelling under which QuickBooks finds two names to be the same.

    Case, and blanks around and between the words, make no difference to it.

    >>> normalize_display_name("  Aline   UWERA ")
    'aline uwera'
    """
    if name.isascii():
        return " ".join(name.lower().split())
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def normalize_line(text: str) -> str:
    r"""Return a text as one line: blanks are single, and what is no text is one of them.

    >>> normalize_line("Kigali\r\n\tGasabo \ud800 ")
    'Kigali Gasabo'
    """
    if text.isascii() and text.isprintable():  # nearly every text is such, and tidy
        is_tidy = "  " not in text and text[:1] != " " and text[-1:] != " "
        return text if is_tidy else " ".join(text.split())
    return " ".join(unicodedata.normalize("NFC", _NO_TEXT.sub(" ", text)).split())


def normalize_person_name(name: str) -> str:
    r"""Return a name without what QuickBooks refuses in names: colon, tab, new line.

    >>> normalize_person_name("Uwera:\tAline")
    'Uwera Aline'
    """
    return normalize_line(name.replace(":", " ") if ":" in name else name)


def normalize_person_email(text: str) -> str:
    """Return the first address in a text that QuickBooks takes, empty if there is none.

    An unusable one costs the whole customer there, so the rule is strict: ASCII, one @, a
    domain with a dot, two letters at its end. Blanks never stand inside an address: what
    follows one is an address of its own, or all of it is none.

    >>> normalize_person_email("Aline@example.rw; a@b.rw"), normalize_person_email("a b@c.rw")
    ('Aline@example.rw', '')
    """
    return next(filter(_is_email, _apart(text)), "")


def _apart(text: str) -> list[str]:
    """Return the addresses that a text may hold."""
    found = []
    for piece in _BETWEEN_EMAILS.split(text):
        words = piece.split()
        found += words if all("@" in word for word in words) else [piece.strip()]
    return found


def _is_email(text: str) -> bool:
    return len(text) <= MOST_PERSON_EMAIL and bool(_EMAIL.fullmatch(text))


@lru_cache(maxsize=1024)
def normalize_person_phone(text: str) -> str:
    """Return the first phone number in a text, empty if it is longer than QuickBooks takes.

    Signs between numbers part them only where each side is long enough for a number.

    >>> normalize_person_phone("0788 123 456 / 0722 123 456")
    '0788 123 456'
    >>> normalize_person_phone("0788/123/456")
    '0788/123/456'
    """
    line = normalize_line(text)
    pieces = [piece.strip() for piece in _BETWEEN_PHONES.split(line)]
    if len(pieces) > 1 and all(_is_long_enough(piece) for piece in pieces if piece):
        line = next(filter(None, pieces), "")
    return line if len(line) <= MOST_PERSON_PHONE else ""


def _is_long_enough(piece: str) -> bool:
    return len(_DIGIT.findall(piece)) >= LEAST_DIGITS
