"""A person as the customer to be, for people who look before anything is sent.

The name is the real one: whether somebody in QuickBooks has it already, the plan says.
Of the national id only that there is one is shown.
"""

from __future__ import annotations

from typing import Any

from src.mis import custom_fields, enriching, payload
from src.mis.custom_fields import Budget
from src.mis.definitions import CUSTOM
from src.mis.payload import NOTES, PART, Payload
from src.mis.tables import Raw

SECRET, HIDDEN = "NationalID", "***"


def customer(raw: Raw, budget: Budget) -> dict[str, Any]:
    """Return a customer's fields under QuickBooks' names, and what was left out."""
    person = enriching.person(raw)
    made = payload.of(person, payload.real_name(person), budget)
    plain = {name: _text(made, name) for name in payload.FIELDS}
    del plain[NOTES]  # the same values once more, and our mark
    custom = custom_fields.values(person)
    custom[SECRET] = HIDDEN if custom[SECRET] else ""
    return {**plain, CUSTOM: custom, "notes": made.notes}


def _text(made: Payload, name: str) -> Any:
    value = made.fields.get(name, "")
    return value[PART[name]] if value and name in PART else value
