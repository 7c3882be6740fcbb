"""Whether a change would make somebody's customer another person.

A primary key of the MIS may be given to somebody else: rows are entered anew, a backup
is put back. Who marries, or whose national id was wrong, is the same person; where two
things that say who it is are another's at once, a person has to look.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from src.config import normalize_display_name
from src.mis import definitions, notes, payload
from src.mis.changes import Changes
from src.mis.company import Customer
from src.mis.definitions import CUSTOM
from src.mis.fitting import ELLIPSIS
from src.mis.payload import EMAIL, FAMILY, GIVEN, NOTES, PART, PHONE
from src.mis.records import Person

_TELLING = 5  # digits of a number that nothing else is likely to have
NUMBERS = ("NationalID", "RegNo", "TrackingID")  # that tell who somebody is
FEWEST = 2  # that differ in another person; one may be a correction
_NO_SIGN = re.compile(r"[\W_]+")
NameOf = Callable[[str], str]  # the field that a DefinitionId stands for, '' = none


def differing(found: Changes, customer: Customer, name_of: NameOf) -> list[str]:
    """Return what says that it is another person, by name of the field; nothing if not.

    Only what both sides have is compared. Where no number can be, another name is one
    that has no word of the old one, and phone and e-mail are compared as well.
    """
    there = customer.fields
    names = _names(found.fields, there, customer.name)
    custom = definitions.changed(there.get(CUSTOM), found.fields.get(CUSTOM, ()))
    then = {**there, **found.fields, CUSTOM: custom}
    old, new = (_numbers(fields, name_of) for fields in (there, then))
    known = [name for name in NUMBERS if name in old and name in new]
    if known:
        others = [name for name in known if not _is_same(old[name], new[name])]
    else:
        before = _words_of(there, customer.name)
        is_other = names and not _words_of(found.fields) & before
        others = list(_contacts(found.fields, there)) if is_other else []
    return [*names, *others] if bool(names) + len(others) >= FEWEST else []


def _names(
    fields: Mapping[str, Any], there: Mapping[str, Any], display_name: str
) -> list[str]:
    """Return the parts of the name that are another's, if it is another name at all."""
    new = _words_of(fields)
    kept = normalize_display_name(display_name).split()
    if not new or new in (_words_of(there), set(kept)):
        return []
    parts = (GIVEN, FAMILY)
    return [part for part in parts if _words(fields, part) != _words(there, part)]


def _words_of(fields: Mapping[str, Any], otherwise: str = "") -> set[str]:
    """Return the words of a real name, of another one where there is none."""
    found = _words(fields, GIVEN) | _words(fields, FAMILY)
    return found or set(normalize_display_name(otherwise).split())


def _words(fields: Mapping[str, Any], part: str) -> set[str]:
    return set(normalize_display_name(fields.get(part, "")).split())


def _numbers(fields: Mapping[str, Any], name_of: NameOf) -> dict[str, str]:
    """Return the numbers that a customer has, as custom fields or as lines of Notes."""
    texts = definitions.texts(fields.get(CUSTOM))
    found = {name_of(one): value for one, value in texts.items()}
    found |= notes.parse(fields.get(NOTES, "")).values
    return {name: bare for name in NUMBERS if (bare := _bare(found.get(name, "")))}


def _bare(number: str) -> str:
    """Return a number without its signs, which people write as they like."""
    is_cut = number.endswith(ELLIPSIS)
    return _NO_SIGN.sub("", number).casefold() + ELLIPSIS * is_cut


def _is_same(old: str, new: str) -> bool:
    """Return whether two numbers are one, as far as what was cut off them tells."""
    if ELLIPSIS in old + new:
        old, new = old.rstrip(ELLIPSIS), new.rstrip(ELLIPSIS)
        return old.startswith(new) or new.startswith(old)
    return old == new


def _contacts(fields: Mapping[str, Any], there: Mapping[str, Any]) -> Iterator[str]:
    for name in (PHONE, EMAIL):
        old, new = (one.get(name, {}).get(PART[name]) for one in (there, fields))
        if old and new and normalize_display_name(old) != normalize_display_name(new):
            yield name


def is_named_so(person: Person, customer: Customer) -> bool:
    """Return whether a customer's name says that it is the person.

    Earlier tools named customers by number: `24/0007`, `AP-7 - Applicant`.
    """
    name, real = map(normalize_display_name, (customer.name, payload.real_name(person)))
    if name == real:
        return True
    numbers = map(normalize_display_name, (person.identifier, person.tracking_id))
    is_near = not set(name.split()).isdisjoint(real.split())
    return any(_has_word(name, n) and (is_near or not _is_small(n)) for n in numbers)


def _is_small(number: str) -> bool:
    """Return whether a number says nothing by itself: `Apartment 3`."""
    return number.isdigit() and len(number) < _TELLING


def _has_word(text: str, word: str) -> bool:
    return bool(word and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text))
