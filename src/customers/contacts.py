"""What a cell says about how to reach a customer: e-mail addresses, phones, an address."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from src.config import normalize_email, normalize_phone

BETWEEN = "; "  # joins the contacts of one customer in a cell
MAIN = "MAIN"

_EMAIL_BREAK = re.compile(r"[\s;,<>()\"]+|mailto:", re.IGNORECASE)
_PHONE_BREAK = re.compile(r"[;,/\r\n]|\bor\b", re.IGNORECASE)
_LINE_BREAK = re.compile(r"[\r\n]+")
# Online's contact report: "Phone:(555) 010-7788 Mobile:(555) 010-7789"
_LABEL = re.compile(r"\b(phone|mobile|fax|other|work)\s*:", re.IGNORECASE)
_LABEL_TYPES = {"mobile": "MOBILE", "fax": "FAX", "other": "OTHER", "work": "WORK"}


class Contacts:
    """The contacts of one customer, each once, in the order in which they were found."""

    def __init__(self) -> None:
        self.emails: dict[str, str] = {}  # address → type
        self.phones: dict[str, str] = {}  # number → type
        self.strange: list[str] = []  # cells that hold something else

    def take_emails(self, cell: str, kind: str) -> None:
        """Take every e-mail address of a cell; several may stand in it."""
        found = list(map(normalize_email, filter(_says_anything, _EMAIL_BREAK.split(cell))))
        for email in filter(None, found):
            self.emails.setdefault(email, kind)
        if not all(found):
            self.strange.append(cell)

    def take_phones(self, cell: str, kind: str) -> None:
        """Take every phone number of a cell, and the e-mail addresses hidden in it."""
        rest = cell
        for word in _EMAIL_BREAK.split(cell) if "@" in cell else ():
            if "@" in word:
                self.take_emails(word, "OTHER")
                rest = rest.replace(word, ";")
        for part_kind, part in _labelled(rest, kind):
            found = _numbers(part)
            for phone in filter(None, found):
                self.phones.setdefault(phone, part_kind)
            if not all(found):
                self.strange.append(cell)


def _numbers(text: str) -> list[str]:
    """Return the phone numbers of a text, with an empty one for what is none.

    A slash or comma stands between two numbers, or within one.
    """
    found = list(map(normalize_phone, filter(_says_anything, _PHONE_BREAK.split(text))))
    whole = "" if all(found) else normalize_phone(text)
    return [whole] if whole else found


def _says_anything(text: str) -> bool:
    return any(map(str.isalnum, text))


def _labelled(cell: str, kind: str) -> Iterable[tuple[str, str]]:
    """Yield the parts of a cell with their types, as labels in it say."""
    if ":" not in cell:
        yield kind, cell
        return
    before, *pairs = _LABEL.split(cell)
    if before.strip():
        yield kind, before
    for label, part in zip(pairs[::2], pairs[1::2]):
        yield _LABEL_TYPES.get(label.casefold(), MAIN), part


def joined(contacts: dict[str, str]) -> str:
    """Return contacts as one cell: `MAIN a@b.org; CC c@d.org`."""
    return BETWEEN.join(f"{kind} {value}" for value, kind in contacts.items())


def split(cell: str) -> list[tuple[str, str]]:
    """Return the (type, value) pairs that `joined` was given."""
    return [
        (kind, value)
        for kind, _, value in (text.partition(" ") for text in cell.split(BETWEEN) if text)
    ]


def address(cells: Sequence[str]) -> list[str]:
    """Return the seven fields of an address, from five lines, city, state, code, country.

    Online's reports have a whole address in one cell of several lines, Desktop's list has
    five lines: what is more than three is added to the third. City and state are not
    guessed.
    """
    *lines, city, state, postal, country = (" ".join(c.split()) for c in cells[1:])
    first = [" ".join(line.split()) for line in cells[0].splitlines()]
    lines = [line for line in (*first, *lines) if line]
    lines += [""] * (3 - len(lines))
    return [*lines[:2], ", ".join(lines[2:]), city, state, postal, country]
