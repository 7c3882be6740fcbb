"""Enhanced custom fields of customers and vendors, as the simulated company keeps them.

A definition is a line of custom_fields.csv in the company's folder; without the file there
are none, as in a plan below Advanced. Definitions cannot be made by the accounting API.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from src.adapters.fakes import rules
from src.adapters.fakes.refusal import Refusal
from src.kit import reading
from src.kit.tables import GIVEN, Table

CUSTOM_FIELD = "CustomField"
INCLUDED = "enhancedAllCustomFields"  # what an address includes to write and see them
HAVE_THEM = ("Customer", "Vendor")  # of the lists; those of transactions are not checked
MOST = 12  # in a plan of Advanced, the largest that there is
VALUES = ("StringValue", "BooleanValue", "NumberValue", "DateValue")

Record = dict[str, Any]


class Definition(NamedTuple):
    """One field that the company's people have defined."""

    definition_id: str
    name: str


TABLE = Table("DATA_DIR", "fake_qbo/custom_fields.csv", Definition, GIVEN, "make demo-data")


def definitions(folder: Path) -> dict[str, str]:
    """Return the name of each custom field of the company, by its id."""
    path = folder / Path(TABLE.name).name
    return dict(reading.table(path, TABLE)) if path.exists() else {}


def kept(entity: str, body: Mapping[str, Any], known: Mapping[str, str]) -> Record:
    """Return a record with those of its custom fields that QuickBooks keeps.

    A field without a definition is dropped without a word; raises Refusal where an id is
    none, or where there are more fields than there can be definitions.
    """
    if CUSTOM_FIELD not in body or entity not in rules.NAMES:
        return dict(body)
    given = body[CUSTOM_FIELD] or []
    fields = given if isinstance(given, list) else [given]
    if len(fields) > MOST or not all(map(_is_well_formed, fields)):
        detail = "Custom field without a valid DefinitionId, or too many of them"
        raise Refusal("3000", detail, CUSTOM_FIELD)
    known = known if entity in HAVE_THEM else {}
    there = (one for one in fields if str(one["DefinitionId"]) in known)
    filled = [_named(one, known) for one in there if any(map(one.get, VALUES))]
    return {**body, CUSTOM_FIELD: filled}


def _is_well_formed(field: Any) -> bool:
    found = str(field.get("DefinitionId")) if isinstance(field, dict) else ""
    return found.isascii() and found.isdigit()


def _named(field: Record, known: Mapping[str, str]) -> Record:
    return {"Type": "StringType", **field, "Name": known[str(field["DefinitionId"])]}


def seen(record: Mapping[str, Any], query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return a record as it travels to and from an address with such a query."""
    is_included = INCLUDED in query.get("include", "").split(",")
    return record if is_included else without(record)


def without(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a record without its custom fields."""
    if CUSTOM_FIELD not in record:
        return record
    return {name: value for name, value in record.items() if name != CUSTOM_FIELD}
