"""The specification's custom fields: ten and nine, and where each of them goes.

QuickBooks lets a company define twelve for its customers, on its largest plan; the two
types need thirteen names. What has no definition stands in Notes, as a line `Name=value`.

In the mode `enhanced` a value leaves Notes, and no value is ever nowhere: of a
customer that is there, a field with a definition has no line where QuickBooks shows the
value; its line stays where QuickBooks shows another, and comes back where it shows none.
So a change of the mode takes two synchronizations: the first sends the custom fields,
the second takes the lines away. A create has no line of a field whose definition is
proven: some customer of the company was seen to have a value in it.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from typing import NamedTuple

from src.config import normalize_line
from src.kit.errors import Refused
from src.mis import definitions
from src.mis.fitting import shortened
from src.mis.records import APPLICANT, STUDENT, Goes, Person

# Names, in the order of the specification, with the column of Person that fills them.
FIELDS: dict[str, dict[str, str]] = {
    APPLICANT: {
        "CustomerType": "type",
        "ApplicationID": "identifier",
        "TrackingID": "tracking_id",
        "Gender": "gender",
        "BirthCountry": "birth_country",
        "NationalID": "national_id",
        "Campus": "campus",
        "Intake": "intake",
        "Program": "program",
        "ProgramMode": "program_mode",
    },
    STUDENT: {
        "CustomerType": "type",
        "RegNo": "identifier",
        "Gender": "gender",
        "NationalID": "national_id",
        "Level": "level",
        "Campus": "campus",
        "Intake": "intake",
        "Program": "program",
        "ProgramType": "program_type",
    },
}
NAMES = tuple(dict.fromkeys(name for fields in FIELDS.values() for name in fields))
# They say who a customer is: never cut, whatever else stands in Notes.
NEVER_CUT = frozenset({"CustomerType", "ApplicationID", "RegNo"})
MOST_DEFINITIONS = 12  # on QuickBooks Online Advanced (Intuit, custom fields API)
MOST_VALUE = 255  # characters of a StringValue
NOTES, ENHANCED, BOTH = "notes", "enhanced", "both"
IN_NOTES, AS_FIELD = "notes", "custom field"
_ID = re.compile(r"[\w-]+")
_EXAMPLE = "write Campus=1000000001,Intake=1000000002"
_SETTING, _MODE = "CUSTOM_FIELD_IDS", "CUSTOM_FIELD_MODE"
_LEAVES = (
    "; a line leaves Notes with the synchronization after QuickBooks shows the value"
)
_AT = {
    type_: [(name, Person._fields.index(column)) for name, column in fields.items()]
    for type_, fields in FIELDS.items()
}


def values(person: Person) -> dict[str, str]:
    """Return what each field of a person says, on one line, in order; may be empty."""
    return {name: normalize_line(person[at]) for name, at in _AT[person.type]}


class There(NamedTuple):
    """What a customer has of the values already."""

    shown: Mapping[str, str]  # its custom fields by DefinitionId
    lines: Container[str]  # the names that Notes have lines of


class Budget(NamedTuple):
    """Which fields go as custom fields, and what the others lack for it."""

    mode: str
    given: Mapping[str, str]  # definitions there are, by name
    definitions: Mapping[str, str]  # those that are used
    # DefinitionIds in which QuickBooks shows some value; None = all are taken for such.
    proven: Container[str] | None = None

    @property
    def is_moving(self) -> bool:
        """Return whether values leave Notes as soon as they are custom fields."""
        return self.mode == ENHANCED and bool(self.definitions)

    def in_notes(
        self, found: Mapping[str, str], there: There | None = None
    ) -> Mapping[str, str]:
        """Return the values that stand in Notes; a create has nothing `there`."""
        if self.mode != ENHANCED:
            return found
        return {
            name: value
            for name, value in found.items()
            if name not in self.definitions or self._stays(name, value, there)
        }

    def _stays(self, name: str, value: str, there: There | None) -> bool:
        if there is None:
            return self.proven is not None and self.definitions[name] not in self.proven
        shown = there.shown.get(self.definitions[name])
        return not shown or (shown != _fitted(value) and name in there.lines)

    def as_fields(self, found: Mapping[str, str]) -> list[dict[str, str]]:
        """Return the values that go as custom fields, as QuickBooks takes them.

        Empty ones too: an update clears them, a create leaves them out.
        """
        return [
            definitions.text(self.definitions[name], _fitted(value))
            for name, value in found.items()
            if name in self.definitions
        ]

    def name_of(self, type_: str, definition_id: str) -> str:
        """Return the field of a type that a definition stands for, empty if none does."""
        fields = ((n, self.definitions.get(n)) for n in FIELDS[type_])
        return next((name for name, found in fields if found == definition_id), "")

    def rows(self) -> list[Goes]:
        """Return where each field of each type goes."""
        return [
            Goes(type_, name, self.given.get(name, ""), *self._place(name))
            for type_, fields in FIELDS.items()
            for name in fields
        ]

    def _place(self, name: str) -> tuple[str, str]:
        if name in self.definitions:
            has = f"{_SETTING} has its definition"
            if self.mode == BOTH:
                return BOTH, has
            return AS_FIELD, f"{has}; a line until QuickBooks shows the value"
        if self.mode == NOTES:
            return IN_NOTES, f"{_MODE}={NOTES}"
        if name in self.given:
            return IN_NOTES, f"over the limit of {MOST_DEFINITIONS} definitions"
        return IN_NOTES, f"no definition in {_SETTING}"

    def sentences(self) -> Iterator[str]:
        """Yield what of the fields fits this company, and where the rest goes."""
        if self.mode == NOTES:
            told = f", {_SETTING} is not used" if self.given else ""
            yield f"custom fields: all {len(NAMES)} as lines in Notes ({_MODE}=notes{told})"
            return
        both = " and as lines in Notes" if self.mode == BOTH else _LEAVES
        fit = f"{len(self.definitions)} of {len(NAMES)}"
        yield f"custom fields: {fit} have a definition and go as such{both}"
        lacking = [name for name in NAMES if name not in self.given]
        if lacking:
            yield f"only in Notes, no definition in {_SETTING}: {', '.join(lacking)}"
        over = [name for name in self.given if name not in self.definitions]
        if over:
            yield (
                f"only in Notes, over the limit of {MOST_DEFINITIONS} definitions: "
                f"{', '.join(over)}; ApplicationID and RegNo may share one"
            )


def budget(mode: str, ids: Mapping[str, str]) -> Budget:
    """Return where the fields go; raises Refused where a name or an id is none.

    Two fields may share a definition if no customer has both: ApplicationID and RegNo.
    """
    unknown = [name for name in ids if name not in NAMES]
    if unknown:
        raise Refused(
            f"{_SETTING}: {', '.join(unknown)}: no such field; choose among "
            f"{', '.join(NAMES)}"
        )
    given = {name: ids[name] for name in NAMES if name in ids}
    for name, found in given.items():
        if not _ID.fullmatch(found):
            raise Refused(f"{_SETTING}: {name}={found}: is no DefinitionId; {_EXAMPLE}")
    for type_, fields in FIELDS.items():
        _refuse_shared(type_, {name: given[name] for name in fields if name in given})
    return Budget(mode, given, {} if mode == NOTES else _within_limit(given))


def _fitted(value: str) -> str:
    return shortened(value, MOST_VALUE)


def _within_limit(given: Mapping[str, str]) -> dict[str, str]:
    used = list(dict.fromkeys(given.values()))[:MOST_DEFINITIONS]
    return {name: found for name, found in given.items() if found in used}


def _refuse_shared(type_: str, given: Mapping[str, str]) -> None:
    owner: dict[str, str] = {}
    for name, found in given.items():
        other = owner.setdefault(found, name)
        if other != name:
            raise Refused(
                f"{_SETTING}: {other} and {name} of one {type_.lower()} have the same "
                f"definition {found}; give each its own"
            )
