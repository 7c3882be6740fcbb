r"""One cell: how a text stands in a CSV that people open in spreadsheets, and back.

Two steps, each reversible. *Escape*: control characters, line separators and backslash
become `\n`, `\t`, `\\`, `\x1b`, `\u2028`, so that one record is one physical line.
*Guard*: a text that a spreadsheet would run or change gets one more `'` in front.
"""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import normalize
from zlib import crc32

SEPARATOR = "\x1f"  # joins the cells of a row for its check; never inside a cell
NUMBER = re.compile(r"-?[0-9]{1,19}")
MONEY = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,5})?")
# Fractions of 3 or 6 digits only: datetime.fromisoformat of Python 3.10 reads no others.
TIMESTAMP = re.compile(
    r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{3}(?:[0-9]{3})?)?"
    r"[+-](?:[01][0-9]|2[0-3]):[0-5][0-9]"
)
FLAG = re.compile(r"yes|no")

# --- escape ---------------------------------------------------------------------------

# Lone surrogates are the undecodable bytes of file names; XLSX can keep neither them nor
# U+FFFE and U+FFFF.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\\\\\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]"
)
_ESCAPED = re.compile(r"\\(?:[\\nrt]|x[0-9a-f]{2}|u[0-9a-f]{4})")
_SHORT = {"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
_LONG = {escape: character for character, escape in _SHORT.items()}


def _escape_one(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    return _SHORT.get(character) or (
        f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
    )


def _unescape_one(match: re.Match[str]) -> str:
    escape = match.group()
    return _LONG.get(escape) or chr(int(escape[2:], 16))


def escape(text: str) -> str:
    r"""Return `text` on one physical line.

    >>> escape("C:\\new\nline")
    'C:\\\\new\\nline'
    """
    return _UNSAFE.sub(_escape_one, text)


def unescape(cell: str) -> str:
    """Return the text that `escape` was given; an unknown escape stays as it is."""
    return _ESCAPED.sub(_unescape_one, cell) if "\\" in cell else cell


# --- guard ----------------------------------------------------------------------------

# What LibreOffice and Excel take for a number, date, time, money, percentage or boolean.
# Month and weekday names are English; a change in another locale shows in `row_check`.
# `june` is `jun` and an `e`, which is a numeric character: one way to read it, not two.
_WORD = (
    "am|pm|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|jun|july?|"
    "aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|mon(?:day)?|"
    "tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs?(?:day)?)?|fri(?:day)?|sat(?:urday)?|"
    "sun(?:day)?"
)
_NUMERIC_CHARACTERS = r"[0-9eE.,:/%$€£¥()+\-'\s]"
_DIGIT = re.compile("[0-9]")
_NUMERIC = re.compile(f"(?:{_NUMERIC_CHARACTERS}|{_WORD})+", re.IGNORECASE)
# A spreadsheet keeps 15 significant digits and no leading zero: these are left alone.
_PLAIN_INTEGER = re.compile("0|-?[1-9][0-9]{0,14}")


def _cases(letter: str) -> str:
    """Return the spellings of a letter that IGNORECASE takes for one."""
    return letter + letter.upper() + ("ſ" if letter == "s" else "")


# How the words above, true and false begin: two letters rule out nearly every text.
_PAIRS = [
    (_cases(first), _cases(second))
    for first, second in (
        "am pm ja fe ma ap ju au se oc no de mo tu we th fr sa su tr fa".split()
    )
]
_PAIR = "|".join(f"[{first}][{second}]" for first, second in _PAIRS)
_is_candidate = re.compile(
    rf"[\s']*[+\-]|{_NUMERIC_CHARACTERS}*(?!{_NUMERIC_CHARACTERS})(?:\Z|[=@]|{_PAIR})"
).match
# How every text that may need a guard begins: one of these characters or pairs.
SUSPECT_PAIRS = frozenset(
    a + b for first, second in _PAIRS for a in first for b in second
)
SUSPECT_STARTS = frozenset(
    "0123456789eE=+-@.,:/%$€£¥()'"
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)


def _is_changed(text: str) -> bool:
    """Return whether a spreadsheet would run or change `text`."""
    if _PLAIN_INTEGER.fullmatch(text):
        return False
    core = text.strip()
    if not core:
        return False
    if core[0] in "=+-@" or core.casefold() in {"true", "false"}:
        return True
    if not _DIGIT.search(core):
        return False
    return bool(_NUMERIC.fullmatch(core))


def _needs_guard(text: str) -> bool:
    return (_look if len(text) > _SHORT_TEXT else _remembered_look)(text)


def _look(text: str) -> bool:
    if _is_changed(text):
        return True
    return text[:1] == "'" and _is_changed(text.lstrip("'"))


_SHORT_TEXT = 24  # characters: dates and numbers, of which the same come again
_remembered_look = lru_cache(maxsize=8192)(_look)


def guard(text: str) -> str:
    """Return `text` with one `'` more in front if a spreadsheet would change it.

    >>> [guard(text) for text in ("00123", "=1+1", "'t Hooft", "1187", "'00123")]
    ["'00123", "'=1+1", "'t Hooft", '1187', "''00123"]
    """
    return "'" + text if _is_candidate(text) and _needs_guard(text) else text


def unguard(cell: str) -> str:
    """Return the text that `guard` was given.

    A cell whose `'` a spreadsheet took away is returned as it stands.
    """
    return cell[1:] if cell[:1] == "'" and _needs_guard(cell[1:]) else cell


# --- search ---------------------------------------------------------------------------


def folded(text: str) -> str:
    r"""Return `text` as it is compared with what a person types.

    Case does not count, nor whether an accent is a character of its own: file systems
    and keyboards differ in that.

    >>> folded("Cafe\u0301") == folded("CAF\xc9")
    True
    """
    return normalize("NFC", text.lower())


# --- row check ------------------------------------------------------------------------


def row_check(escaped: str) -> str:
    """Return the check of a row: `x` and the CRC-32 of its cells.

    `escaped` is the cells, escaped and not guarded, joined by `SEPARATOR`. The letter
    keeps spreadsheets from reading the check as a number.
    """
    return f"x{crc32(escaped.encode()):08x}"
