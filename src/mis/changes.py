"""What of a customer has to change: what the MIS changed since it was sent last.

What people changed in QuickBooks meanwhile stays, field by field, unless the MIS changed
the same field. Where nobody knows what was sent, nobody knows whose change it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from src.config import normalize_display_name
from src.mis import digests, notes
from src.mis.company import Customer
from src.mis.digests import NAME, NOTHING
from src.mis.history import Past
from src.mis.notes import Composed
from src.mis.payload import CUSTOM, DISPLAY, EMAIL, FAMILY, GIVEN, NOTES, PHONE, cleared

_NAMES = frozenset((NAME, GIVEN, FAMILY))


class Wanted(NamedTuple):
    """What the MIS says of a person, as it would be sent."""

    fields: Mapping[str, Any]  # of a create; CustomField with its empty values
    left_out: frozenset[str] = frozenset()  # the MIS has a value that cannot be sent


class Changes(NamedTuple):
    """What is to be sent of a customer that is there, and what QuickBooks has in it."""

    fields: dict[str, Any]
    before: dict[str, Any]
    unknown: tuple[str, ...] = ()  # fields of which nobody knows who changed them
    is_renamed: bool = False  # the MIS has another real name than was sent
    notes: Composed = Composed("")  # if they are sent


def of(wanted: Wanted, past: Past, customer: Customer) -> Changes:
    """Return what the MIS changed since what was sent last, where QuickBooks differs."""
    now = NOTHING | digests.by_field(wanted.fields)
    managed = (n for n in digests.FIELDS if n != CUSTOM or CUSTOM in wanted.fields)
    changed = [name for name in managed if past.digest_of(name) != now[name]]
    if not changed:
        return Changes({}, {})
    there = customer.fields
    names, renamed = _names(wanted.fields, past, there) if _NAMES & {*changed} else ({}, False)
    unknown = [NAME] if names and not past.digests.get(NAME) else []
    composed = notes.merged(there.get(NOTES, ""), wanted.fields[NOTES])
    fields = dict(names)
    for name in (PHONE, EMAIL, NOTES, CUSTOM):
        if name not in changed or name in wanted.left_out:
            continue
        value = composed.text if name == NOTES else wanted.fields.get(name, cleared(name))
        is_known = bool(past.digest_of(name))
        if value == there.get(name, cleared(name)) or not (
            is_known or _contradicts(name, now[name], there)
        ):
            continue
        fields[name] = value
        unknown += [] if is_known else [name]
    said = composed if NOTES in fields else Composed("")
    return Changes(fields, before(fields, there), tuple(unknown), renamed, said)


def of_link(wanted: Wanted, customer: Customer) -> Changes:
    """Return what makes somebody's customer ours; its names stay.

    Names that are empty there are filled; what the MIS has not is not emptied.
    """
    there = customer.fields
    composed = notes.merged(there.get(NOTES, ""), wanted.fields[NOTES])
    is_named = there.get(GIVEN) or there.get(FAMILY)
    kept = {DISPLAY, *((GIVEN, FAMILY) if is_named else ())}
    fields = {name: value for name, value in wanted.fields.items() if name not in kept}
    fields[NOTES] = composed.text
    if CUSTOM in fields:
        fields[CUSTOM] = [one for one in fields[CUSTOM] if one["StringValue"]]
    return Changes(fields, before(fields, there), notes=composed)


def before(names: Iterable[str], there: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a customer has in some fields."""
    return {name: there.get(name, cleared(name)) for name in names}


def _contradicts(name: str, digest: str, there: Mapping[str, Any]) -> bool:
    """Return whether QuickBooks has something else than the MIS, if nobody knows why.

    Nothing in the MIS contradicts nothing, and custom fields are not fetched.
    """
    return digest != NOTHING[name] and (name != CUSTOM or name in there)


def _names(
    fields: Mapping[str, Any], past: Past, there: Mapping[str, Any]
) -> tuple[dict[str, Any], bool]:
    """Return the parts of the name that go, and whether the real name is another.

    The parts go together, since one digest is over both; a name that vanished stays.
    """
    both = {name: fields.get(name, "") for name in (GIVEN, FAMILY)}
    if not any(both.values()):
        return {}, False
    known = past.digests.get(NAME, "")  # a link sends no names, so nothing is no name
    if not known:
        return ({}, False) if _agrees(both, there) else (both, True)
    is_same = all(there.get(name, "") == value for name, value in both.items())
    return ({} if is_same else both), known != digests.by_field(both)[NAME]


def _agrees(both: Mapping[str, str], there: Mapping[str, Any]) -> bool:
    """Return whether a customer has a name already, in whichever field."""
    found = (_joined(there), normalize_display_name(there.get(DISPLAY, "")))
    return _joined(both) in found


def _joined(fields: Mapping[str, Any]) -> str:
    return normalize_display_name(f"{fields.get(GIVEN, '')} {fields.get(FAMILY, '')}")
