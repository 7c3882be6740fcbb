"""What a person's customer consists of, checked against what QuickBooks takes.

Whatever QuickBooks would refuse is put right, cut or left out here, and noted; the record
itself is never left out. Lengths from Intuit's entity page of Customer. There is no
MiddleName: the specification maps none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from src.config import (
    normalize_line,
    normalize_person_email,
    normalize_person_name,
    normalize_person_phone,
)
from src.mis import custom_fields, definitions, keys, notes
from src.mis.custom_fields import MOST_VALUE, Budget, There
from src.mis.definitions import CUSTOM
from src.mis.fitting import cut, width
from src.mis.records import Person

MOST_NAME, MOST_PART = 500, 100  # characters of DisplayName; of GivenName, FamilyName
DISPLAY, GIVEN, FAMILY = "DisplayName", "GivenName", "FamilyName"
PHONE, EMAIL, NOTES = "PrimaryPhone", "PrimaryEmailAddr", "Notes"
ACTIVE = "Active"  # sent where a customer is taken back, or given back
FIELDS = (DISPLAY, GIVEN, FAMILY, PHONE, EMAIL, NOTES, CUSTOM)
PART = {PHONE: "FreeFormNumber", EMAIL: "Address"}  # where the text of a field stands
# What a plan row notes; the summary counts by these words.
NAMELESS, NAME_CLEANED, NAME_CUT = "no name in the MIS", "name cleaned", "name cut"
PHONE_FIRST, PHONE_LEFT = "first of several phones", "phone left out"
EMAIL_FIRST, EMAIL_LEFT = "first of several e-mails", "e-mail left out"
VALUES_CUT = "values cut"


class Payload(NamedTuple):
    """The fields of a customer as they are sent, and what was done to make them fit."""

    fields: dict[str, Any]  # without empty ones
    notes: list[str]
    left_out: frozenset[str] = frozenset()  # the MIS has something that cannot be sent
    custom: Sequence[Mapping[str, str]] = ()  # custom fields with the empty ones


def of(
    person: Person,
    display_name: str,
    budget: Budget,
    there: Mapping[str, Any] | None = None,
) -> Payload:
    """Return the exact payload of a create, or of the customer that has `there`."""
    said = custom_fields.values(person)
    mark = keys.create_key(person.type, person.mis_id)
    composed = notes.compose(budget.in_notes(said, _held(budget, there)), mark)
    phone = normalize_person_phone(person.phone) if person.phone else ""
    email = normalize_person_email(person.email) if person.email else ""
    custom = budget.as_fields(said)
    fields = {
        DISPLAY: cut(normalize_person_name(display_name), MOST_NAME),
        GIVEN: cut(normalize_person_name(person.first_name), MOST_PART),
        FAMILY: cut(normalize_person_name(person.last_name), MOST_PART),
        PHONE: {PART[PHONE]: phone} if phone else {},
        EMAIL: {PART[EMAIL]: email} if email else {},
        NOTES: composed.text,
        CUSTOM: [one for one in custom if one[definitions.TEXT]],
    }
    told = [*_about_names(person), *_about_contact(person, phone, email)]
    told += _about_values(budget, said, composed.cut)
    left = {PHONE: PHONE_LEFT in told, EMAIL: EMAIL_LEFT in told}
    return Payload(
        {name: value for name, value in fields.items() if value},
        told,
        frozenset(name for name, is_left in left.items() if is_left),
        custom,
    )


def _held(budget: Budget, there: Mapping[str, Any] | None) -> There | None:
    """Return what a customer has of the values, where it matters to its Notes."""
    if there is None or not budget.is_moving:
        return None
    lines = notes.parse(there.get(NOTES, "")).values
    return There(definitions.texts(there.get(CUSTOM)), lines)


def real_name(person: Person) -> str:
    """Return a person's name as QuickBooks takes it; never empty.

    >>> from src.mis.records import Person
    >>> nobody = Person(*["Student", "7", "24/0007"], *[""] * (len(Person._fields) - 3))
    >>> real_name(nobody), real_name(nobody._replace(first_name="Aline", last_name="Uwera"))
    ('Student 24/0007', 'Aline Uwera')
    """
    found = normalize_person_name(f"{person.first_name} {person.last_name}")
    return found or f"{person.type} {identifier(person)}"


def identifier(person: Person) -> str:
    """Return what tells a person from others of the name: ApplicationID or RegNo."""
    return normalize_person_name(person.identifier) or person.mis_id


def cleared(name: str) -> Any:
    """Return the value of a field that QuickBooks takes for an empty one.

    >>> cleared("PrimaryPhone"), cleared("Notes")
    ({'FreeFormNumber': ''}, '')
    """
    return {PART[name]: ""} if name in PART else [] if name == CUSTOM else ""


def _about_names(person: Person) -> Iterator[str]:
    parts = (person.first_name, person.last_name)
    sent = [normalize_person_name(part) for part in parts]
    if not any(sent):
        yield NAMELESS
    if any(map(_is_cleaned, sent, parts)):
        yield NAME_CLEANED
    if any(width(name) > MOST_PART for name in sent):
        yield NAME_CUT


def _is_cleaned(sent: str, part: str) -> bool:
    """Return whether a name lost more than blanks."""
    return sent != part and sent != " ".join(filter(None, part.split(" ")))


def _about_contact(person: Person, phone: str, email: str) -> Iterator[str]:
    if given := normalize_line(person.phone):
        if not phone:
            yield PHONE_LEFT
        elif phone != given:
            yield PHONE_FIRST
    if given := normalize_line(person.email):
        if not email:
            yield EMAIL_LEFT
        elif email != given:
            yield EMAIL_FIRST


def _about_values(
    budget: Budget, said: Mapping[str, str], cut_names: tuple[str, ...]
) -> Iterator[str]:
    long = (n for n in said if n in budget.definitions and width(said[n]) > MOST_VALUE)
    found = list(dict.fromkeys((*cut_names, *long)))
    if found:
        yield f"{VALUES_CUT}: {', '.join(found)}"
