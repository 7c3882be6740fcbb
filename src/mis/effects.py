"""What an update does to values in QuickBooks: replaces, empties, fills them.

A value that moves from a line of Notes to a custom field, or back, stays the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from src.mis import custom_fields, definitions, digests, notes
from src.mis.changes import Changes
from src.mis.custom_fields import Budget
from src.mis.definitions import CUSTOM
from src.mis.history import NOBODY, Past
from src.mis.payload import EMAIL, FAMILY, GIVEN, NOTES, PART, PHONE
from src.mis.records import Person

REPLACED, EMPTIED, FILLED = "replaced", "emptied", "filled"
Effects = dict[str, str]  # by name of the field, or of the custom field
_ONE = definitions.named("any")  # a value's digest is the same in all custom fields
_PLAIN = (GIVEN, FAMILY, PHONE, EMAIL)  # the other names follow from these


def of(found: Changes, person: Person, budget: Budget, past: Past = NOBODY) -> Effects:
    """Return what becomes of values that do not stay the same.

    In the mode `notes` custom fields are not read; what was sent as one, `past` knows.
    """
    sent = {one for name, one in past.digests.items() if definitions.id_in(name)}
    return {
        name: EMPTIED if not new else REPLACED if old else FILLED
        for name, old, new in _pairs(found, person, budget)
        if old != new and (old or digests.of_one(_ONE, new) not in sent)
    }


def _pairs(
    found: Changes, person: Person, budget: Budget
) -> Iterator[tuple[str, str, str]]:
    """Yield name, what QuickBooks has and what it gets, of every value that is sent."""
    fields, before = found.fields, found.before
    for name in _PLAIN:
        if name in fields:
            yield name, _text(name, before), _text(name, fields)
    said = custom_fields.values(person)
    old, new = (notes.parse(one.get(NOTES, "")).values for one in (before, fields))
    names = {found_id: name for name, found_id in budget.given.items() if name in said}
    there, sent = _custom(before, names), _custom(fields, names)
    for name in old.keys() | new.keys():
        # A line that goes leaves nothing behind only if the MIS has nothing.
        yield (
            name,
            old.get(name) or there.get(name, ""),
            new.get(name) or said.get(name, ""),
        )
    for name, value in sent.items():
        yield name, there.get(name) or old.get(name, ""), value


def _text(name: str, fields: Mapping[str, Any]) -> str:
    value = fields.get(name) or ""
    return str(value.get(PART[name]) or "") if value and name in PART else str(value)


def _custom(fields: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    """Return what the custom fields of ours say, by name."""
    pairs = (
        (one.get("DefinitionId"), one.get("StringValue"))
        for one in fields.get(CUSTOM) or ()
    )
    return {
        names[found_id]: str(said or "")
        for found_id, said in pairs
        if found_id in names
    }
