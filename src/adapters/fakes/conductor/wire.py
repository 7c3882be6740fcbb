"""Every field of the wire of QuickBooks Desktop's API, from wire.csv beside this module.

`place` is object (what comes back), create, update, query, or write (create and update
alike). A kind is text, id, guid, date, flag, number, number2 (two decimals), integer,
enum, const, ref, money and price (decimal text), or the name of another resource of the
table; `[kind]` is a list. `required` speaks of requests, `nullable` of what comes back.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from src.kit import reading
from src.kit.tables import GENERATED, Table

OBJECT, CREATE, UPDATE, QUERY, WRITE = "object", "create", "update", "query", "write"
YES = "yes"
PATH = Path(__file__).with_name("wire.csv")


class Field(NamedTuple):
    """One field of a resource or of a shape within one."""

    resource: str
    place: str
    field: str
    kind: str
    most: str  # characters, or the largest number
    required: str
    nullable: str
    values: str
    default: str
    note: str

    @property
    def is_list(self) -> bool:
        """Return whether the field holds a list."""
        return self.kind.startswith("[")

    @property
    def of(self) -> str:
        """Return the kind, of a list's members where it is one."""
        return self.kind.strip("[]")


TABLE = Table("", PATH.name, Field, GENERATED, "git checkout")
Fields = dict[str, Field]


@lru_cache(maxsize=None)
def _table() -> dict[tuple[str, str], Fields]:
    found: dict[tuple[str, str], Fields] = {}
    for field in reading.table(PATH, TABLE):
        found.setdefault((field.resource, field.place), {})[field.field] = field
    return found


@lru_cache(maxsize=None)
def fields(resource: str, place: str) -> Fields:
    """Return the fields of a resource or shape in one place by name, none if unknown."""
    table = _table()
    return table.get((resource, place)) or table.get((resource, WRITE)) or {}


@lru_cache(maxsize=None)
def shapes() -> frozenset[str]:
    """Return the kinds that are other resources of the table."""
    return frozenset(resource for resource, _ in _table())


def blank(resource: str) -> dict[str, Any]:
    """Return an object of a resource or shape with every key: null, [], its objectType."""
    template, lists = _template(resource)
    return template | {name: [] for name in lists}  # lists of its own


@lru_cache(maxsize=None)
def _template(resource: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    found = fields(resource, OBJECT)
    template = {n: one.values if one.kind == "const" else None for n, one in found.items()}
    return template, tuple(n for n, one in found.items() if one.is_list and not one.nullable)
