"""What of a customer has to change: what the MIS changed since it was sent last.

What people changed in QuickBooks meanwhile stays, field by field, unless the MIS changed
the same field. Where nobody knows what was sent, nobody knows whose change it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from src.config import normalize_display_name
from src.mis import check_name, digests, notes
from src.mis.company import Customer
from src.mis.digests import NAME, NOTHING
from src.mis.history import Past
from src.mis.notes import Composed
from src.mis.payload import (
    CUSTOM,
    DISPLAY,
    EMAIL,
    FAMILY,
    FIELDS,
    GIVEN,
    NOTES,
    PHONE,
    cleared,
)

_NAMES = frozenset((NAME, GIVEN, FAMILY))
# What becomes of one field: it goes, a person is asked, it is there already, it stays.
_SEND, _ASK, _SAME, _LEAVE = "send", "ask", "same", "leave"


class Wanted(NamedTuple):
    """What the MIS says of a person, as it would be sent."""

    fields: Mapping[str, Any]  # of a create; CustomField with its empty values
    left_out: frozenset[str] = frozenset()  # the MIS has a value that cannot be sent


class Changes(NamedTuple):
    """What is to be sent of a customer that is there, and what QuickBooks has in it."""

    fields: dict[str, Any]
    before: dict[str, Any]
    agreed: dict[str, Any] = {}  # is there already, and the log does not know it
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
    found = Changes({}, {})
    if not _NAMES.isdisjoint(changed):
        found = _names(wanted.fields, past, there)
    composed = notes.merged(there.get(NOTES, ""), wanted.fields[NOTES])
    values = {**wanted.fields, NOTES: composed.text}
    for name in (PHONE, EMAIL, NOTES, CUSTOM):
        if name in changed and name not in wanted.left_out:
            found = _with_field(found, name, values.get(name, cleared(name)), (past, there))
    said = composed if NOTES in found.fields else Composed("")
    return found._replace(before=before(found.fields, there), notes=said)


def of_link(wanted: Wanted, customer: Customer) -> Changes:
    """Return what makes somebody's customer ours; its names stay.

    Names that are empty there are filled; what the MIS has not is not emptied.
    """
    there = customer.fields
    composed = notes.merged(there.get(NOTES, ""), wanted.fields[NOTES])
    fields = {**wanted.fields, NOTES: composed.text}
    del fields[DISPLAY]
    both = _both(wanted.fields)
    if (there.get(GIVEN) or there.get(FAMILY)) and not _has(both, there):
        fields = {name: value for name, value in fields.items() if name not in both}
    if CUSTOM in fields:
        fields[CUSTOM] = [one for one in fields[CUSTOM] if one["StringValue"]]
    return Changes(fields, before(fields, there), notes=composed)


def with_agreed(found: Changes) -> Changes:
    """Return an update that says again what is there already, for the log to know."""
    fields, old = ({**found.agreed, **one} for one in (found.fields, found.before))
    return found._replace(fields=in_order(fields), before=in_order(old))


def with_check_name(found: Changes, customer: Customer | None) -> Changes:
    """Return what is sent, with a name for checks that QuickBooks takes."""
    name = found.fields.get(DISPLAY, "")
    if customer is None:
        return found._replace(fields={**found.fields, **check_name.filled(name)})
    there = customer.fields if found.fields else {}
    new, old = check_name.shortened(there, name), check_name.too_long(there)
    fields, before_it = {**found.fields, **new}, {**found.before, **old}
    return found._replace(fields=fields, before=before_it)


def in_order(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields in the order in which all payloads have them."""
    return {name: fields[name] for name in FIELDS if name in fields}


def before(names: Iterable[str], there: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a customer has in some fields."""
    return {name: there.get(name, cleared(name)) for name in names}


def _with_field(
    found: Changes, name: str, value: Any, known: tuple[Past, Mapping[str, Any]]
) -> Changes:
    """Return the changes with what becomes of one more field."""
    verdict = _verdict(name, value, *known)
    if verdict == _SAME:
        return found._replace(agreed={**found.agreed, name: value})
    if verdict == _LEAVE:
        return found
    unknown = (*found.unknown, name) if verdict == _ASK else found.unknown
    return found._replace(fields={**found.fields, name: value}, unknown=unknown)


def _verdict(name: str, value: Any, past: Past, there: Mapping[str, Any]) -> str:
    known, new = past.digest_of(name), digests.by_field({name: value})[name]
    if new == known:  # Notes that were cut beside people's lines
        return _LEAVE
    if value == there.get(name, cleared(name)):
        return _SAME
    if known:
        return _SEND
    if new == NOTHING[name]:  # it contradicts nothing that people may have entered
        return _LEAVE
    # What custom fields hold is not fetched; any update sends all of them anyway.
    return _SEND if name == CUSTOM else _ASK


def _names(fields: Mapping[str, Any], past: Past, there: Mapping[str, Any]) -> Changes:
    """Return what becomes of the parts of a name, which go together: one digest is of both.

    A name that vanished from the MIS stays.
    """
    both = _both(fields)
    if not any(both.values()):
        return Changes({}, {})
    known = past.digests.get(NAME, "")  # a link sends no names, so nothing is no name
    is_renamed = bool(known) and known != digests.by_field(both)[NAME]
    if _has(both, there):
        return Changes({}, {}, both, is_renamed=is_renamed)
    if known:
        return Changes(both, {}, is_renamed=is_renamed)
    if _agrees(both, there):
        return Changes({}, {})
    return Changes(both, {}, unknown=(NAME,), is_renamed=True)


def _both(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: fields.get(name, "") for name in (GIVEN, FAMILY)}


def _has(both: Mapping[str, Any], there: Mapping[str, Any]) -> bool:
    return all(there.get(name, "") == value for name, value in both.items())


def _agrees(both: Mapping[str, str], there: Mapping[str, Any]) -> bool:
    """Return whether a customer has a name, in whichever field and spelling."""
    found = (_joined(there), normalize_display_name(there.get(DISPLAY, "")))
    return _joined(both) in found


def _joined(fields: Mapping[str, Any]) -> str:
    return normalize_display_name(f"{fields.get(GIVEN, '')} {fields.get(FAMILY, '')}")
