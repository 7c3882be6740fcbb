"""A strict validator of JSON Schema: what the API's schemas use, and nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

KINDS = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "null": lambda value: value is None,
}
KNOWN = {
    *("type", "format", "minimum", "maximum", "default", "enum", "const", "items"),
    *("properties", "required", "additionalProperties", "anyOf", "$ref"),
}


def problems(schema: dict[str, Any], value: Any, document: Any, at: str = "") -> list[str]:
    """Return what is wrong with a value, each with the place where it stands."""
    assert set(schema) <= KNOWN, f"{at}: a schema with {set(schema) - KNOWN}"
    if "$ref" in schema:
        return problems(_pointed(schema["$ref"], document), value, document, at)
    if "anyOf" in schema:
        every = [problems(one, value, document, at) for one in schema["anyOf"]]
        return [] if [] in every else sum(every, [])
    kinds = schema.get("type", list(KINDS))
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if not any(KINDS[kind](value) for kind in kinds):
        return [f"{at}: {value!r} is no {' or '.join(kinds)}"]
    return [*_scalar(schema, value, at), *_inner(schema, value, document, at)]


def _pointed(pointer: str, document: Any) -> dict[str, Any]:
    for name in pointer.removeprefix("#/").split("/"):
        document = document[name]
    return document


def _scalar(schema: dict[str, Any], value: Any, at: str) -> list[str]:
    found = []
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at}: {value!r} is none of {schema['enum']}")
    if "const" in schema and value is not schema["const"]:
        found.append(f"{at}: {value!r} is not {schema['const']}")
    if schema.get("format") == "date-time" and value is not None:
        if datetime.fromisoformat(value).tzinfo is None:
            found.append(f"{at}: {value!r} has no offset")
    if value is not None and "minimum" in schema and value < schema["minimum"]:
        found.append(f"{at}: {value!r} is too small")
    if value is not None and "maximum" in schema and value > schema["maximum"]:
        found.append(f"{at}: {value!r} is too large")
    return found


def _inner(schema: dict[str, Any], value: Any, document: Any, at: str) -> list[str]:
    if isinstance(value, list) and "items" in schema:
        every = [problems(schema["items"], one, document, f"{at}[]") for one in value]
        return sum(every, [])
    if not isinstance(value, dict):
        return []
    found = [f"{at}: no {name}" for name in schema.get("required", ()) if name not in value]
    fields, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    for name, one in value.items():
        inner = fields.get(name, others)
        if inner is False:
            found.append(f"{at}: {name} is not described")
        elif inner is not True:
            found += problems(inner, one, document, f"{at}.{name}")
    return found
