"""A person of the MIS with names for ids: the readable name, else the id, else nothing.

The rule is the same for every look-up and on every way, so that no record lacks a field
and nobody is left out for data that is missing. What QuickBooks makes of a value is not
asked here: names stay as the MIS has them, but for blanks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import NamedTuple

from src.config import normalize_person_email, normalize_person_phone
from src.kit.cells import NUMBER
from src.mis.records import APPLICANT, STUDENT, Coverage, Person
from src.mis.tables import Raw


class LookUp(NamedTuple):
    """Where a readable name may stand, the best first, and the id without one."""

    names: tuple[str, ...]
    id: str


LOOK_UPS = {
    "birth_country": LookUp(("country_name", "country_nationality"), "country_id"),
    "campus": LookUp(("campus_full", "campus_short"), "campus_id"),
    "intake": LookUp(("intake_month", "intake_no", "intake_start"), "intake_id"),
    "program": LookUp(("program_full", "program_short"), "program_id"),
    "program_mode": LookUp(("mode_full", "mode_short"), "mode_id"),
    "level": LookUp(("level_full", "level_short"), "level_id"),
    "program_type": LookUp(("type_full", "type_short"), "type_id"),
}
# What the specification maps of each type; the coverage is counted over these.
_BOTH = ("identifier", "first_name", "last_name", "phone", "email", "gender")
FIELDS = {
    APPLICANT: (
        *_BOTH,
        *("tracking_id", "birth_country", "national_id"),
        *("campus", "intake", "program", "program_mode"),
    ),
    STUDENT: (
        *_BOTH,
        *("national_id", "level", "campus", "intake", "program", "program_type"),
    ),
}
_PLAIN = {
    "phone": ("phone1", "phone2"),
    "email": ("email1", "email2"),
    "gender": ("sex",),
}
# The first that QuickBooks takes; what it would not take is for the payload to tell.
_USABLE = {"phone": normalize_person_phone, "email": normalize_person_email}
_TABLE_OF = {
    "tbl_online_application": APPLICANT,
    "tbl_personal_ug": STUDENT,
    "tbl_register_program_ug": STUDENT,
}
BY_NAME, BY_ID, EMPTY = "by_name", "by_id", "empty"

# Blanks of every width, but no line ends and tabs: the payload tells people of those.
_BLANKS = re.compile(r"[^\S\t-\r\x1c-\x1f\x85\u2028\u2029]+")
_UNTIDY = ("  ", "| ", " |")
_YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}")


def person(raw: Raw) -> Person:
    """Return a person as the CSV has it; every field is there, at worst empty."""
    raw = _tidied(raw)
    found = {field: _found(raw, field) for field in FIELDS[raw.type]}
    return Person(
        **dict.fromkeys(Person._fields, "")
        | found
        | {
            "type": raw.type,
            "mis_id": raw.mis_id,
            "registrations": raw.registrations if _is_number(raw.registrations) else "",
            "status": raw.status,
            "quickbooks_id": raw.quickbooks_id,
            "sync_token": raw.sync_token,
            "leased_by": raw.leased_by,
            "leased_until": _utc(raw.leased_until),
        }
    )


def _found(raw: Raw, field: str) -> str:
    if field in LOOK_UPS:
        return _readable(raw, field) or getattr(raw, LOOK_UPS[field].id)
    values = [getattr(raw, name) for name in _PLAIN.get(field, (field,))]
    usable = filter(_USABLE.get(field, bool), values)
    return next(usable, "") or next(filter(None, values), "")


def _readable(raw: Raw, field: str) -> str:
    """Return the name of what an id stands for, empty where the look-up has none."""
    if field == "intake":
        return _intake(raw)
    return _first(raw, LOOK_UPS[field].names)


def _intake(raw: Raw) -> str:
    """Return an intake's name, of its parts in the MIS: `September 2`, `March 2025`."""
    number = raw.intake_no if raw.type == STUDENT else _year(raw.intake_start)
    return f"{raw.intake_month} {number}".strip()


def _year(moment: str) -> str:
    found = _YEAR.match(moment)
    return found.group() if found else ""


def _first(raw: Raw, names: Sequence[str]) -> str:
    return next(filter(None, (getattr(raw, name) for name in names)), "")


def _tidied(raw: Raw) -> Raw:
    """Return a person with every value tidy, as nearly all are already."""
    text = f"|{'|'.join(raw)}|"
    is_tidy = text.isprintable() and not any(blanks in text for blanks in _UNTIDY)
    return raw if is_tidy else Raw(*map(_tidy, raw))


def _tidy(text: str) -> str:
    r"""Return a text without blanks around it, and with single ones between its words.

    >>> _tidy("  Aline \u00a0 UWERA ")
    'Aline UWERA'
    """
    text = text.strip()
    is_tidy = text.isprintable() and "  " not in text
    return text if is_tidy else _BLANKS.sub(" ", text)


def _is_number(text: str) -> bool:
    return bool(NUMBER.fullmatch(text))


def _utc(moment: str) -> str:
    """Return a time of the MIS (UTC) as the CSVs write it; empty if it is none."""
    try:
        found = datetime.fromisoformat(moment)
    except ValueError:  # also what an old MySQL says for no time: 0000-00-00
        return ""
    if not found.tzinfo:
        found = found.replace(tzinfo=timezone.utc)
    return found.astimezone(timezone.utc).isoformat(timespec="microseconds")


# --- how much of it is readable -------------------------------------------------------


class Tally:
    """Counts how the fields of each type were filled.

    `missing` names, by field of `Raw`, the tables and columns that the MIS lacks.
    """

    def __init__(self, missing: Mapping[str, Sequence[str]] | None = None) -> None:
        self._missing = missing or {}
        self._counts = {type_: Counter[tuple[str, str]]() for type_ in FIELDS}

    def count(self, raw: Raw, found: Person) -> None:
        """Count how each field of a person was filled."""
        counts = self._counts[found.type]
        for field in FIELDS[found.type]:
            counts[field, _how(raw, found, field)] += 1

    def rows(self) -> list[Coverage]:
        """Return a row for each type and field."""
        return [
            Coverage(
                type_,
                field,
                *(str(counts[field, how]) for how in (BY_NAME, BY_ID, EMPTY)),
                ", ".join(self._lacking(type_, field)),
            )
            for type_, counts in self._counts.items()
            for field in FIELDS[type_]
        ]

    def sentences(self) -> Iterator[str]:
        """Yield what a person should know: of the look-ups, and of what is empty."""
        fields = dict.fromkeys(field for own in FIELDS.values() for field in own)
        sums = {field: self._sum(field) for field in fields}
        for field, counts in sums.items():
            if field in LOOK_UPS and counts.total():
                yield f"{_label(field)}: {_shares(counts)}"
        empty = [
            f"{_label(field).lower()} {counts[EMPTY]:,}"
            for field, counts in sums.items()
            if field not in LOOK_UPS and counts[EMPTY]
        ]
        if empty:
            yield f"empty in the MIS: {', '.join(empty)}"

    def warnings(self) -> Iterator[str]:
        """Yield what the MIS does not have."""
        lacking = {place for places in self._missing.values() for place in places}
        if lacking:
            told = ", ".join(sorted(lacking))
            yield f"the MIS does not have {told}; an id or nothing stands there instead"

    def _sum(self, field: str) -> Counter[str]:
        found: Counter[str] = Counter()
        for counts in self._counts.values():
            found.update({how: counts[field, how] for how in (BY_NAME, BY_ID, EMPTY)})
        return found

    def _lacking(self, type_: str, field: str) -> list[str]:
        places = (
            place
            for name in _sources(type_, field)
            for place in self._missing.get(name, ())
        )
        return list(dict.fromkeys(place for place in places if _is_of(type_, place)))


def _how(raw: Raw, found: Person, field: str) -> str:
    value = getattr(found, field)
    if not value:
        return EMPTY
    if field not in LOOK_UPS or value != _tidy(getattr(raw, LOOK_UPS[field].id)):
        return BY_NAME
    is_a_name = field == "birth_country" and not value.isdigit()
    return BY_NAME if is_a_name or _readable(_tidied(raw), field) else BY_ID


def _sources(type_: str, field: str) -> tuple[str, ...]:
    """Return the fields of `Raw` that a field is made of."""
    if field not in LOOK_UPS:
        return _PLAIN.get(field, (field,))
    names, id_ = LOOK_UPS[field]
    other = "intake_start" if type_ == STUDENT else "intake_no"
    return (*(name for name in names if name != other), id_)


def _is_of(type_: str, place: str) -> bool:
    return _TABLE_OF.get(place.partition(".")[0].lower(), type_) == type_


def _label(field: str) -> str:
    return field.replace("_", " ").capitalize()


def _shares(counts: Counter[str]) -> str:
    total = counts.total()
    words = {BY_NAME: "by name", BY_ID: "by id", EMPTY: "empty"}
    told = [(how, counts[how]) for how in words if counts[how]]
    return ", ".join(f"{_share(n, total)} {words[how]}" for how, n in told)


def _share(part: int, total: int) -> str:
    """Return a share in words; what is not all is not called 100 %, nor what is some 0.

    >>> _share(1, 3000), _share(2999, 3000), _share(3, 4), _share(7, 7)
    ('under 0.1 %', 'over 99.9 %', '75 %', '100 %')
    """
    share = 100 * part / total
    if 0 < share < 0.05:
        return "under 0.1 %"
    if 99.95 <= share < 100:
        return "over 99.9 %"
    return f"{share:.1f}".removesuffix(".0") + " %"
