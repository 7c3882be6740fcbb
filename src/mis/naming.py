"""Which name a customer gets: its own, unless somebody in QuickBooks has that already.

Customers, vendors and employees share their names, inactive ones too. Whoever comes first
in a fixed order gets the name, so that everybody gets the same again in every plan,
whichever of them were pushed meanwhile: a name that is planned is taken, and one that was
pushed was planned for that very person.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from typing import NamedTuple

from src.config import normalize_display_name, normalize_person_name
from src.kit.errors import Refused
from src.mis.fitting import cut, width
from src.mis.payload import MOST_NAME
from src.mis.records import APPLICANT, KEPT, NUMBERED, REAL_NAME, SUFFIX, Person

TEMPLATE = "{name} ({id})"
_FIELD = re.compile("{name}|{id}")
_MOST_EACH = 200  # characters of the template, and of identifiers in it: a name still fits


class Chosen(NamedTuple):
    """A customer's name, by which rule, and who has the real one."""

    display_name: str
    rule: str
    taken_by: str = ""


class Names:
    """All names that are taken, and by whom: `Vendor 12`, `Applicant 7`."""

    def __init__(self, template: str = TEMPLATE) -> None:
        if width(template) > _MOST_EACH:
            raise Refused(f"MIS_NAME_TEMPLATE: has more than {_MOST_EACH} characters; shorten it")
        self._template = template
        self._owners: dict[str, str] = {}

    def take(self, name: str, owner: str) -> None:
        """Take a name; one that is taken stays with whoever was first."""
        self._owners.setdefault(normalize_display_name(name), owner)

    def holder(self, name: str) -> str:
        """Return who has a name, empty if it is free."""
        return self._owners.get(normalize_display_name(name), "")

    def candidates(self, name: str, identifier: str) -> Iterator[tuple[str, str]]:
        """Yield the names that a person may get, the best first, without end, and why.

        The real name, the template with the identifier, and that with 2, 3, 4 …; what is
        too long loses the end of the name, never what tells it from others.
        """
        yield cut(name, MOST_NAME), REAL_NAME
        yield self._suffixed(name, identifier, ""), SUFFIX
        for number in count(2):
            yield self._suffixed(name, identifier, f" {number}"), NUMBERED

    def choose(self, name: str, identifier: str, owner: str, now: str = "") -> Chosen:
        """Return the first free name and take it.

        `now` is the name that the owner's customer has; it is kept if it is one that the
        rules would give.
        """
        kept = normalize_display_name(now)
        for found, rule in self.candidates(name, identifier):
            if kept and normalize_display_name(found) == kept:
                return Chosen(found if rule == REAL_NAME else now, KEPT)
            if not self.holder(found):
                break
        holder = self.holder(name)
        self.take(found, owner)
        return Chosen(found, rule, holder)

    def _suffixed(self, name: str, identifier: str, number: str) -> str:
        rest = width(self._filled("", identifier) + number)
        short = cut(name, (MOST_NAME - rest) // self._template.count("{name}"))
        return normalize_person_name(self._filled(short, identifier)) + number

    def _filled(self, name: str, identifier: str) -> str:
        most = _MOST_EACH // self._template.count("{id}")
        said = {"{name}": name, "{id}": cut(identifier, most)}
        return _FIELD.sub(lambda match: said[match[0]], self._template)


def ordered(read: Callable[[], Iterable[Person]]) -> Iterable[Person]:
    """Return persons in the order in which names are given.

    Applicants come first, then the smaller number. They come so from the MIS; only what
    somebody sorted otherwise is put into memory.
    """
    last: tuple[bool, int, str] = (False, 0, "")
    for person in read():
        place = _place(person)
        if place < last:
            return sorted(read(), key=_place)
        last = place
    return read()


def _place(person: Person) -> tuple[bool, int, str]:
    # The longer of two numbers is the larger one.
    return person.type != APPLICANT, len(person.mis_id), person.mis_id
