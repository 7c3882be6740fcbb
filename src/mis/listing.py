"""Who has which name in QuickBooks, and which customers there are ours.

A name may stand once among customers, vendors and employees together, inactive ones
too. What makes a customer ours is its mark: one line of its Notes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from src.kit.answers import UNKNOWN, Answer, Unanswered
from src.kit.memory import is_key
from src.mis import check_name, definitions
from src.mis.definitions import CUSTOM
from src.mis.records import Named

CUSTOMER = "Customer"
LISTS = (CUSTOMER, "Vendor", "Employee")  # they share their names
EVERY_ONE = "where Active in (true, false) orderby Id"  # inactive ones hold names too
MARK = "Carryover"  # the name of the line in Notes
_TEXTS = ("DisplayName", "GivenName", "FamilyName", "Notes")
_PARTS = {"PrimaryPhone": "FreeFormNumber", "PrimaryEmailAddr": "Address"}
_LINE = re.compile(rf"(?:^|[\r\n])[ \t]*{MARK}=([^\r\n]*)")


def named(
    entity: str, record: Mapping[str, Any], with_custom_fields: bool = False
) -> Named:
    """Return the row of one record of QuickBooks; raises Unanswered where it is none.

    What every customer has in the fields of ours is there, marked or not: a person may
    link a customer that was entered by hand, and its Notes stay.
    """
    found = record.get("Id")
    if not isinstance(found, str) or not found:
        raise Unanswered(entity, Answer(UNKNOWN, error="an answer of another shape"))
    is_customer = entity == CUSTOMER
    return Named(
        entity,
        found,
        _text(record.get("DisplayName")),
        "no" if record.get("Active") is False else "yes",
        mark_in(record) if is_customer else "",
        _text(record.get("SyncToken")),
        as_json(content(record, with_custom_fields)) if is_customer else "",
    )


def mark_in(record: Mapping[str, Any]) -> str:
    """Return the key in a record's mark; empty where it has none, or several."""
    marks = {mark.strip() for mark in _LINE.findall(_text(record.get("Notes")))}
    mark = marks.pop() if len(marks) == 1 else ""
    return mark if is_key(mark) else ""


def content(
    record: Mapping[str, Any], with_custom_fields: bool = False
) -> dict[str, Any]:
    """Return what a record has in the fields of ours, in the shape that is sent.

    Custom fields that were asked for are a list, also where there is none.
    The name for checks is there only where QuickBooks would refuse it.
    """
    found: dict[str, Any] = {
        name: record[name] for name in _TEXTS if _text(record.get(name))
    }
    for name, part in _PARTS.items():
        given = record.get(name)
        text = _text(given.get(part)) if isinstance(given, Mapping) else ""
        if text:
            found[name] = {part: text}
    if with_custom_fields:
        found[CUSTOM] = definitions.valued(record.get(CUSTOM))
    return found | check_name.too_long(record)


def has_custom_fields(content_json: str) -> bool:
    """Return whether a cell of `content` knows which custom fields there are.

    In texts of a cell the quotation mark is escaped.
    """
    return f'"{CUSTOM}":' in content_json


def as_json(fields: Mapping[str, Any]) -> str:
    """Return fields as one cell holds them: the same fields are the same text."""
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
