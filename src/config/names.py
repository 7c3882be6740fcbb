"""Normalization of customers: names, e-mail addresses, phone numbers, postal addresses.

Every rule is idempotent, and both sides of a comparison go through the same one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256

# Forms of companies, each in one spelling. They are kept, not taken off: Acme LLC and
# Acme Inc are two companies.
_SAME_FORMS = "corporation corp,company co,incorporated inc,limited ltd,limitada ltda"
_FORM = dict(pair.split() for pair in _SAME_FORMS.split(","))
LEGAL_FORMS = frozenset(_FORM.values()) | frozenset(
    "ab ag as bv gmbh kg kk llc llp lp nv oy oyj plc pllc pty pte pvt sa sarl sas sl spa "
    "srl ug".split()
)
# What follows a person's name: "Smith, John, Jr." is "John Smith Jr".
PERSONAL_SUFFIXES = frozenset("jr sr ii iii iv md phd dds esq cpa".split())
# Mail for everybody: two customers with such an address have no company in common.
FREE_MAIL_DOMAINS = frozenset(
    "gmail.com googlemail.com yahoo.com yahoo.fr yahoo.co.uk yahoo.ca ymail.com "
    "rocketmail.com hotmail.com hotmail.fr hotmail.co.uk outlook.com outlook.fr live.com "
    "msn.com aol.com icloud.com me.com mac.com comcast.net verizon.net att.net "
    "sbcglobal.net bellsouth.net cox.net charter.net earthlink.net optonline.net "
    "frontier.com roadrunner.com rr.com windstream.net juno.com netzero.net gmx.com "
    "gmx.de gmx.net web.de t-online.de freenet.de mail.com mail.ru yandex.ru proton.me "
    "protonmail.com pm.me zoho.com fastmail.com hey.com orange.fr wanadoo.fr free.fr "
    "laposte.net sfr.fr libero.it btinternet.com qq.com 163.com 126.com".split()
)
MOST_LOCAL, MOST_EMAIL = 64, 254  # characters, RFC 5321
MOST_PHONE = 64  # characters, as the database's column

_PLAIN = re.compile("[a-z0-9 ]*")  # nothing to be done; most pieces are such
_KEPT_SIGNS = "%()&+/@#"
_PUNCTUATION = re.compile(rf"[^a-z0-9{_KEPT_SIGNS}]+")
_LETTER = r"[^\W\d_]"
# S.A., U.S.A, L.L.C.; the dot of 1.5 and of St.John stands between two words.
_DOTTED = re.compile(rf"\b(?:{_LETTER}\.){{2,}}|\b(?:{_LETTER}\.)+{_LETTER}\b")
_JOINED = str.maketrans("", "", "'’`")
# Accents of Latin, Greek and Cyrillic letters. The marks of other scripts are letters to
# their readers: か is not が, कि is not की.
_ACCENT = re.compile("[\u0300-\u036f]")
_VARIATION = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")  # another look, no letter
_EMAIL = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,63}"
)
_AROUND_EMAIL = " .<>()\"'"
_EXTENSION = re.compile(r"(?:\bext(?:ension)?\.?|\bx|#)[\s.:]*([0-9]{1,6})\s*\Z")
_AREA = "23456789"  # how an area code of the North American plan begins
_STRANGE_TO_PHONES = re.compile(r"[^0-9+().\-/\s]")


# --- names ----------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def normalize_customer_name(name: str) -> str:
    """Return the spelling under which two names mean one customer; may be empty.

    NFKC, case, accents, punctuation and the spelling of a legal form do not count; "Last,
    First" is "first last". The parts of `Parent:Child` are normalized one by one.

    >>> normalize_customer_name("ACME, Inc."), normalize_customer_name("Acmé  L.L.C.")
    ('acme inc', 'acme llc')
    >>> normalize_customer_name("Smith, John, Jr."), normalize_customer_name("…")
    ('john smith jr', '')
    >>> normalize_customer_name("Firstservice Residential:Ault, Eric")
    'firstservice residential:eric ault'
    """
    return ":".join(filter(None, map(_normalize_part, _fold(name).split(":"))))


def _fold(text: str) -> str:
    """Return a text without case and accents, whatever it was composed of."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFC", _ACCENT.sub("", folded))


def _normalize_part(part: str) -> str:
    pieces = [_words(piece) for piece in part.split(",")]
    pieces = [piece for piece in pieces if piece]
    if len(pieces) > 1:
        pieces = _turned(pieces)
    normalized = " ".join(_FORM.get(word, word) for piece in pieces for word in piece)
    return normalized if any(map(str.isalnum, normalized)) else ""


def _words(piece: str) -> list[str]:
    if _PLAIN.fullmatch(piece):
        return piece.split()
    joined = _DOTTED.sub(lambda match: match[0].replace(".", ""), piece)
    joined = joined.translate(_JOINED)
    if joined.isascii():
        return _PUNCTUATION.sub(" ", joined).split()
    return _only_words(_VARIATION.sub("", joined)).split()


def _only_words(text: str) -> str:
    """Return a text with blanks for whatever is no letter, digit or sign of a name.

    A mark belongs to the letter before it; what cannot be seen is not there.
    """
    kept = [" "]
    for c in text:
        is_mark = c > "\u0300" and unicodedata.category(c)[0] == "M"
        if c.isalnum() or c in _KEPT_SIGNS or (is_mark and kept[-1] not in " " + _KEPT_SIGNS):
            kept.append(c)
        elif unicodedata.category(c) != "Cf":
            kept.append(" ")
    return "".join(kept)


def _turned(pieces: list[list[str]]) -> list[list[str]]:
    """Return "last, first" as first last; a company's "name, form" as it stands.

    Only two pieces that look like a person's names are turned: more, or digits and signs
    in them, may be anything.
    """
    first, *rest = pieces
    suffixes = [p for p in rest if len(p) == 1 and p[0] in PERSONAL_SUFFIXES]
    names = [first, *(piece for piece in rest if piece not in suffixes)]
    is_person = len(names) == 2 and all(
        len(piece) <= 3 and "".join(piece).isalpha() for piece in names
    )
    forms = LEGAL_FORMS | _FORM.keys()
    if is_person and not any(piece[-1] in forms for piece in names):
        names = names[::-1]
    return names + suffixes


# --- e-mail addresses -----------------------------------------------------------------


def normalize_email(text: str) -> str:
    """Return an e-mail address in lower case, empty if it is none.

    >>> normalize_email(" Bob@Example.COM."), normalize_email("bob@")
    ('bob@example.com', '')
    """
    email = text.strip(_AROUND_EMAIL).lower().removeprefix("mailto:").strip(_AROUND_EMAIL)
    local, _, _ = email.partition("@")
    if len(email) > MOST_EMAIL or len(local) > MOST_LOCAL or not text.isascii():
        return ""
    is_one = _EMAIL.fullmatch(email) and ".." not in email and not local.endswith(".")
    return email if is_one else ""


def normalize_domain(email: str) -> str:
    """Return the domain of a company's e-mail address, empty for mail for everybody.

    >>> normalize_domain("bob@acme.com"), normalize_domain("bob@gmail.com")
    ('acme.com', '')
    """
    domain = email.partition("@")[2]
    return "" if domain in FREE_MAIL_DOMAINS else domain


# --- phone numbers --------------------------------------------------------------------


def normalize_phone(text: str) -> str:
    """Return a phone number, with its extension; empty if it is none.

    Ten digits are a number of the North American plan, as QuickBooks writes it, if it may
    be one; any other keeps its own grouping.

    >>> normalize_phone("555.123.4567 ext. 12"), normalize_phone("+250 788 123 456")
    ('(555) 123-4567 x12', '+250 788 123 456')
    >>> normalize_phone("call after five")
    ''
    """
    lowered = " ".join(text.casefold().split())
    extension = _EXTENSION.search(lowered)
    number = (lowered[: extension.start()] if extension else lowered).strip(" .,-")
    digits = "".join(c for c in number if c in "0123456789")
    if not 7 <= len(digits) <= 15 or _STRANGE_TO_PHONES.search(number):
        return ""
    if len(digits) == 11 and digits[0] == "1" and digits[1] in _AREA:
        number, digits = digits[1:], digits[1:]
    if len(digits) == 10 and digits[0] in _AREA and not number.startswith("+"):
        number = f"({digits[:3]}) {digits[3:6]}-{digits[6:]}"
    phone = f"{number} x{extension[1]}" if extension else number
    return phone if len(phone) <= MOST_PHONE else ""


# --- postal addresses -----------------------------------------------------------------


def normalize_address(fields: Sequence[str]) -> str:
    """Return the id of an address: 32 hexadecimal digits of its folded fields' digest.

    Upper and lower case, accents and blanks make no other address.
    """
    return _digest(tuple(fields))


@lru_cache(maxsize=4096)  # billing and shipping are mostly the same
def _digest(fields: tuple[str, ...]) -> str:
    joined = "\x1f".join(" ".join(field.split()) for field in fields)
    return sha256(_fold(joined).encode()).hexdigest()[:32]
