"""What of a customer has to change: what the MIS changed since it was sent last.

What people changed in QuickBooks meanwhile stays, field by field, unless the MIS changed
the same field; each custom field is a field of its own, and so is each of our lines in
Notes. Where nobody knows what was sent, nobody knows whose change it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from src.config import normalize_display_name
from src.mis import check_name, definitions, digests, lines, notes
from src.mis.check_name import CHECK_NAME
from src.mis.company import Customer
from src.mis.definitions import CUSTOM
from src.mis.digests import NAME, NOTHING
from src.mis.history import Past
from src.mis.notes import Composed
from src.mis.payload import DISPLAY, EMAIL, FAMILY, FIELDS, GIVEN, NOTES, PHONE, cleared

_NAMES = frozenset((NAME, GIVEN, FAMILY))
# What becomes of one field: it goes, a person is asked, it is there already, it stays.
_SEND, _ASK, _SAME, _LEAVE = "send", "ask", "same", "leave"


class Wanted(NamedTuple):
    """What the MIS says of a person, as it would be sent."""

    fields: Mapping[str, Any]  # of a create; CustomField with its empty values
    left_out: frozenset[str] = frozenset()  # the MIS has a value that cannot be sent
    name_of: Callable[[str], str] = str  # what people call the field of a DefinitionId


class Changes(NamedTuple):
    """What is to be sent of a customer that is there, and what QuickBooks has in it."""

    fields: dict[str, Any]
    before: dict[str, Any]
    agreed: dict[str, Any] = {}  # is there already, and the log does not know it
    unknown: tuple[str, ...] = ()  # fields of which nobody knows who changed them
    is_renamed: bool = False  # the MIS has another real name than was sent
    notes: Composed = Composed("")  # if they are sent
    custom: tuple[str, ...] = ()  # custom fields that the MIS changed since, by name
    lacking: tuple[str, ...] = ()  # custom fields that nobody sent, and that are empty
    asked: tuple[str, ...] = ()  # lines of Notes of which nobody knows, by name
    learns: tuple[str, ...] = ()  # lines of Notes that are there already, as fields


def of(wanted: Wanted, past: Past, customer: Customer) -> Changes:
    """Return what the MIS changed since what was sent last, where QuickBooks differs."""
    past = lines.remembered(past, wanted.fields[NOTES])
    gone = {name: digests.nothing(name) for name in past.digests if notes.line_in(name)}
    now = NOTHING | gone | digests.by_field(wanted.fields)
    changed = [name for name in now if _is_news(name, now[name], past)]
    if not changed:
        return Changes({}, {})
    shown = customer.fields
    there = definitions.flat(shown)
    found = Changes({}, {})
    if not _NAMES.isdisjoint(changed):
        found = _names(wanted.fields, past, there)
    values = definitions.flat(wanted.fields)
    for name in changed:
        if name not in _NAMES | wanted.left_out and not notes.line_in(name):
            found = _with_field(found, name, values.get(name, cleared(name)), (past, there))
    if NOTES in past.digests or any(map(notes.line_in, changed)):
        found = _with_lines(found, wanted, past, there.get(NOTES, ""))
    return _in_shape(found, wanted, shown)


def _is_news(name: str, now: str, past: Past) -> bool:
    """Return whether the MIS says something else than was sent, as far as one knows."""
    known = past.digest_of(name)
    if not known and digests.is_text(name) and not past.had(name):
        return now != digests.nothing(name)
    return known != now


def _in_shape(found: Changes, wanted: Wanted, there: Mapping[str, Any]) -> Changes:
    """Return changes with their fields in the shape that is sent, and with the rest."""
    fields, agreed = map(definitions.nested, (found.fields, found.agreed))
    names = [*fields, *([CUSTOM] if CUSTOM in agreed else [])]
    return found._replace(
        fields=fields,
        before=before(dict.fromkeys(names), there),
        agreed=agreed,
        unknown=tuple(definitions.called(one, wanted.name_of) for one in found.unknown),
        custom=tuple(wanted.name_of(one) for one in found.custom),
        lacking=tuple(wanted.name_of(one) for one in found.lacking),
    )


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


def replaced(found: Changes) -> list[str]:
    """Return fields in which QuickBooks has a value that another one takes the place of."""
    new, old = map(definitions.flat, (found.fields, found.before))
    names = [name for name in new if name in (PHONE, EMAIL) or definitions.id_in(name)]
    lost = [n for n in names if old.get(n, cleared(n)) not in (cleared(n), new[n])]
    said, was = (notes.parse(one.get(NOTES, "")).values for one in (new, old))
    lines_lost = [notes.named(n) for n in was if was[n] and was[n] != said.get(n)]
    found_names = [CUSTOM if definitions.id_in(n) else n for n in (*lost, *lines_lost)]
    return list(dict.fromkeys(found_names))


def with_agreed(found: Changes) -> Changes:
    """Return an update that says again what is there already, for the log to know."""
    agreed = dict(found.agreed)
    if NOTES in agreed:  # a part of the lines alone must not be sent
        agreed[NOTES] = found.notes.text
    fields, old = ({**agreed, **one} for one in (found.fields, found.before))
    if CUSTOM in found.agreed:
        custom = definitions.changed(found.agreed[CUSTOM], found.fields.get(CUSTOM, ()))
        fields[CUSTOM] = custom
    return found._replace(fields=in_order(fields), before=in_order(old))


def with_check_name(found: Changes, customer: Customer | None) -> Changes:
    """Return what is sent, with a name for checks that QuickBooks takes."""
    name = found.fields.get(DISPLAY, "")
    if customer is None:
        return found._replace(fields={**found.fields, **check_name.filled(name)})
    is_meant = bool(found.fields) and CHECK_NAME.encode() in customer.content
    there = customer.fields if is_meant else {}
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
    found = found._replace(fields={**found.fields, name: value})
    if verdict == _ASK:
        return found._replace(unknown=(*found.unknown, name))
    definition_id = definitions.id_in(name)
    if definition_id and known[0].digest_of(name):
        return found._replace(custom=(*found.custom, definition_id))
    if definition_id:
        return found._replace(lacking=(*found.lacking, definition_id))
    return found


def _with_lines(found: Changes, wanted: Wanted, past: Past, there: str) -> Changes:
    """Return the changes with what becomes of our lines in Notes."""
    custom = definitions.texts(wanted.fields.get(CUSTOM))
    moved = frozenset(wanted.name_of(one) for one, value in custom.items() if value)
    text = lines.Text(there, wanted.fields[NOTES], moved)
    composed, sent, asked, agreed = lines.of(text, lines.remembered(past, there))
    if not (sent or asked):
        composed = Composed(there)
    found = found._replace(notes=composed, learns=tuple(map(notes.named, agreed)))
    if agreed:
        said = notes.parse(there).values
        known = "\n".join(f"{name}={said.get(name, '')}" for name in agreed)
        found = found._replace(agreed={**found.agreed, NOTES: known})
    if asked:
        found = found._replace(asked=asked, unknown=(*found.unknown, NOTES))
    if sent or asked:
        found = found._replace(fields={**found.fields, NOTES: composed.text})
    return found


def _verdict(name: str, value: Any, past: Past, there: Mapping[str, Any]) -> str:
    known, new = past.digest_of(name), digests.of_one(name, value)
    if value == there.get(name, cleared(name)):
        return _SAME
    if known:
        return _SEND
    if new == digests.nothing(name) and not past.had(name):
        return _LEAVE  # it contradicts nothing that people may have entered
    return _SEND if definitions.id_in(name) and not there.get(name) else _ASK


def _names(fields: Mapping[str, Any], past: Past, there: Mapping[str, Any]) -> Changes:
    """Return what becomes of the parts of a name, which go together: one digest is of both.

    A name that vanished from the MIS stays.
    """
    both = _both(fields)
    if not any(both.values()):
        return Changes({}, {})
    # A link sends no names, so nothing is no name.
    known = "" if past.is_outdated else past.digests.get(NAME, "")
    is_renamed = bool(known) and known != digests.by_field(both)[NAME]
    if _has(both, there):
        return Changes({}, {}, both, is_renamed=is_renamed)
    if known:
        return Changes(both, {}, is_renamed=is_renamed)
    if _agrees(both, there) and not past.had(NAME):
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
