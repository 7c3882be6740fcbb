"""Records with made-up ids, whole enough for suites that only look at shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from src.adapters.fakes.conductor import wire
from src.adapters.fakes.conductor.manners import Record
from src.adapters.fakes.conductor.wire import OBJECT

_NOTHING: dict[str, Any] = {
    "text": "",
    "number": 0,
    "flag": True,
    "date": "2024-01-01",
    "ref": {"id": None, "fullName": None},
}
_FIRST_REVISION = "1"


def seeded(resource: str, given: Mapping[str, Any], now: str) -> Record:
    """Return a whole record: what is given, else null, else what its type has for nothing."""
    times = {"createdAt": now, "updatedAt": now, "revisionNumber": _FIRST_REVISION}
    whole = _completed(resource, {**times, **given})
    if "name" in whole and not whole["name"]:
        whole["name"] = f"Seeded {given['id']}"
    return whole


def _completed(shape: str, given: Mapping[str, Any]) -> Record:
    found = {**wire.blank(shape), **given}
    for name, field in wire.fields(shape, OBJECT).items():
        if found[name] is None and not field.nullable:
            found[name] = _NOTHING.get(field.kind, "")
        elif field.is_list and field.of in wire.shapes() and found[name]:
            found[name] = [_completed(field.of, one) for one in found[name]]
    return found
