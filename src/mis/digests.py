"""Digests of what was sent: the run log's memory of values that it must not hold.

Eight hexadecimal digits a field tell whether the MIS changed it since, and no more. Each
custom field has a digest of its own, under the name `CustomField.<DefinitionId>`, and so
has each of our lines in Notes, `Notes.<name>`. Older logs have one for all lines, `Notes`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from src.mis import definitions, notes
from src.mis.definitions import CUSTOM
from src.mis.payload import DISPLAY, EMAIL, FAMILY, GIVEN, NOTES, PART, PHONE

# The real name, whatever DisplayName makes of it: a suffix is no change of name.
NAME = "Name"
FIELDS = (NAME, GIVEN, FAMILY, PHONE, EMAIL)  # beside the custom ones and our lines
_NAMES = frozenset((DISPLAY, GIVEN, FAMILY))
_DIGIT, _OF_A_NUMBER = re.compile(r"\d"), 5  # so many digits make a number
_HEX = re.compile("[0-9a-f]{8}")
_KEY = b"carryover mis sent"  # no digest of these values anywhere else is the same


Lines = Mapping[str, str]  # of ours, by name


def of(fields: Mapping[str, Any], lines: Lines | None = None) -> str:
    """Return the digests of a payload, as the log's column `sent`: `GivenName:1a2b3c4d …`.

    Of Notes, `lines` count, otherwise all of ours; what is sent empty has a digest too.
    """
    return " ".join(f"{name}:{found}" for name, found in by_field(fields, lines).items())


def by_field(fields: Mapping[str, Any], lines: Lines | None = None) -> dict[str, str]:
    """Return the digests of a payload by name of the field."""
    found = {}
    if not _NAMES.isdisjoint(fields):
        parts = (fields.get(GIVEN, ""), fields.get(FAMILY, ""))
        found[NAME] = _digest(NAME, " ".join(filter(None, parts)))
    for name in FIELDS[1:]:
        if name in fields:
            found[name] = _digest(name, _said(name, fields[name]))
    if NOTES in fields:
        said = notes.parse(fields[NOTES]).values if lines is None else lines
        found |= {notes.named(line): _of_text(value) for line, value in said.items()}
    for definition_id, value in definitions.texts(fields.get(CUSTOM)).items():
        found[definitions.named(definition_id)] = _of_text(value)
    return found


def of_one(name: str, value: Any) -> str:
    """Return the digest of one field, which may be a custom one or a line."""
    if is_text(name):
        return _of_text(value)
    return by_field({name: value})[name]


def parse(text: str) -> dict[str, str]:
    """Return the digests by field, of what `of` returned."""
    pairs = (word.rpartition(":") for word in text.split())
    return {name: found for name, _, found in pairs if _is_digest(name, found)}


def of_all_lines(text: str) -> str:
    """Return the one digest that older logs have of our lines in Notes together."""
    return _digest(NOTES, notes.ours(text))


def is_text(name: str) -> bool:
    """Return whether a field is one of the specification's: a custom one, or a line."""
    return bool(definitions.id_in(name) or notes.line_in(name))


def nothing(name: str) -> str:
    """Return the digest of a field that is empty."""
    return NOTHING.get(name, _NO_VALUE)


def _is_digest(name: str, found: str) -> bool:
    is_field = name in FIELDS or name == NOTES or is_text(name)
    return is_field and bool(_HEX.fullmatch(found))


def _said(name: str, value: Any) -> Any:
    """Return what counts of a field's value: empty is empty, whatever its shape."""
    if name in PART:
        return value.get(PART[name], "")
    return value


def _digest(name: str, said: Any) -> str:
    text = json.dumps(said).encode()  # ASCII: half a character is escaped too
    return blake2b(text, digest_size=4, key=_KEY, person=name[:16].encode()).hexdigest()


@lru_cache(maxsize=4096)
def _of_text(value: str) -> str:
    """Return the digest of a custom field's or a line's value; thousands share a campus.

    A national id is a number, and stands here alone: whoever tries all that there may
    be finds one for each 32 bits, and thousands for 16.
    """
    found = _digest(CUSTOM, value)
    return found if len(_DIGIT.findall(value)) < _OF_A_NUMBER else f"{found[:4]}0000"


NOTHING = {name: _digest(name, "") for name in FIELDS}  # of fields that are empty
_NO_VALUE = _digest(CUSTOM, "")
