"""Custom fields of a customer one by one: what QuickBooks shows, and what goes.

Nobody documents whether the list that an update sends replaces the whole list or only
what it names. So whatever QuickBooks has goes along as it is, beside what is to change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

CUSTOM = "CustomField"
ID, TYPE, TEXT = "DefinitionId", "Type", "StringValue"
_KINDS = (TEXT, "BooleanValue", "NumberValue", "DateValue")
_OF_ONE = f"{CUSTOM}."  # then the DefinitionId: the name of one of them

Field = Mapping[str, Any]


def named(definition_id: str) -> str:
    """Return what one custom field is called among the fields of a customer."""
    return _OF_ONE + definition_id


def id_in(name: str) -> str:
    """Return the definition that a field's name is of, empty if it is of none."""
    return name[len(_OF_ONE) :] if name.startswith(_OF_ONE) else ""


def called(name: str, name_of: Callable[[str], str]) -> str:
    """Return a field's name as people say it; `name_of` tells that of a definition."""
    found = id_in(name)
    return name_of(found) if found else name


def valued(given: Any) -> list[dict[str, Any]]:
    """Return those of a record's custom fields that have a value, as they are sent.

    Their order is by definition, so that the same fields are the same list.
    """
    fields = given if isinstance(given, list) else []
    there = (one for one in fields if isinstance(one, dict) and one.get(ID))
    found = {str(one[ID]): _bare(one) for one in there if _text(one)}
    return [found[definition_id] for definition_id in sorted(found)]


def text(definition_id: str, value: str) -> dict[str, str]:
    """Return a custom field that holds a text."""
    return {ID: definition_id, TYPE: "StringType", TEXT: value}


def texts(fields: Iterable[Field] | None) -> dict[str, str]:
    """Return what custom fields say, by DefinitionId."""
    return {str(one.get(ID)): _text(one) for one in fields or ()}


def flat(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return a customer's fields, each of the custom ones under its own name.

    >>> flat({"Notes": "x", "CustomField": [text("11", "Kigali")]})
    {'Notes': 'x', 'CustomField.11': 'Kigali'}
    """
    if CUSTOM not in fields:
        return dict(fields)
    found = {name: value for name, value in fields.items() if name != CUSTOM}
    said = texts(fields[CUSTOM])
    return found | {named(one): value for one, value in said.items()}


def nested(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return flat fields in the shape that is sent, the custom ones in one list."""
    custom = [text(id_in(name), value) for name, value in fields.items() if id_in(name)]
    found = {name: value for name, value in fields.items() if not id_in(name)}
    return {**found, CUSTOM: custom} if custom else found


def changed(there: Iterable[Field] | None, new: Iterable[Field]) -> list[Field]:
    """Return the list that changes some custom fields and leaves the others alone."""
    by_id = {str(one.get(ID)): one for one in there or ()}
    by_id |= {str(one[ID]): one for one in new}
    return list(by_id.values())


def _bare(field: Field) -> dict[str, Any]:
    return {name: field[name] for name in _parts(field)} | {ID: str(field[ID])}


def _parts(field: Field) -> Iterator[str]:
    return (name for name in (ID, TYPE, *_KINDS) if name in field)


def _text(field: Field) -> str:
    """Return what a custom field says; `false` and 0 are values too."""
    found = field.get(TEXT)
    if isinstance(found, str):
        return found
    there = (field[kind] for kind in _KINDS if field.get(kind) is not None)
    return str(next(there, ""))
