"""People as the customers to be, for those who look before anything is sent.

The name is the planned one where there is a plan that knows the person's present name,
else the real one: whether somebody in QuickBooks has that already, the plan finds out.
Of the national id only that there is one is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from src.kit import dialects, plans
from src.kit.errors import Refused
from src.mis import custom_fields, enriching, payload
from src.mis.custom_fields import Budget
from src.mis.payload import CUSTOM, NOTES, PART, Payload
from src.mis.records import PLAN, Planned
from src.mis.tables import Raw

SECRET, HIDDEN = "NationalID", "***"
LARGEST = 32_000_000  # bytes: some 40,000 rows, a look into which takes a tenth of a second
_ID = len(plans.row_id(""))


def customer(raw: Raw, budget: Budget, row: Planned | None = None) -> dict[str, Any]:
    """Return a customer's fields under QuickBooks' names, and what was left out.

    `row` is the person's in the plan.
    """
    person = enriching.person(raw)
    name = payload.real_name(person)
    is_planned = row is not None and row.name == name and row.display_name != ""
    made = payload.of(person, row.display_name if row and is_planned else name, budget)
    plain = {field: _text(made, field) for field in payload.FIELDS}
    del plain[NOTES]  # the same values once more, and our mark
    custom = custom_fields.values(person)
    custom[SECRET] = HIDDEN if custom[SECRET] else ""
    return {**plain, CUSTOM: custom, "notes": made.notes, "is_name_planned": is_planned}


def planned(path: Path, people: Sequence[Raw]) -> list[Planned | None]:
    """Return the rows of the plan about some people, as far as it can be looked into.

    Other rows are not read, and one that is larger than `LARGEST` not at all.
    """
    ids = [plans.row_id(f"{raw.type}|{raw.mis_id}") for raw in people]
    found = _rows(path, set(ids))
    return [found.get(one) for one in ids]


def _rows(path: Path, ids: set[str]) -> dict[str, Planned]:
    try:
        if path.stat().st_size > LARGEST:
            return {}
        plan = plans.read(path, PLAN)
        with dialects.open_text(path, plan.dialect.spelling) as file:
            lines = [line for line in file if line[:_ID] in ids]
    except (OSError, Refused):
        return {}
    columns = plan.parsed(lines, 1) if lines else []
    return {row.row: row for row in map(Planned._make, zip(*columns))}


def _text(made: Payload, name: str) -> Any:
    value = made.fields.get(name, "")
    return value[PART[name]] if value and name in PART else value
