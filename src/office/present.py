"""What the database has of a record now; it is only read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from src.config import Settings
from src.customers import biography as of_customers
from src.customers import store as customers
from src.kit import stories
from src.kit.errors import Refused
from src.kit.stories import Found
from src.office import connect_database
from src.salespro import biography as of_appointments

def of(settings: Settings, pipeline: str, rows: Sequence[Found]) -> Mapping[str, str]:
    """Return the stored fields of the record that some rows are of, if there is one."""
    readers = {"customers": _customer, "salespro": _appointment}
    if pipeline not in readers or not connect_database.is_there(settings):
        return {}
    try:
        return readers[pipeline](settings, rows)
    except Refused as refusal:
        return {stories.NO_ANSWER: str(refusal)}


def _customer(settings: Settings, rows: Sequence[Found]) -> Mapping[str, str]:
    wanted = of_customers.stored_ids(rows)
    with connect_database.database(settings, prepared=False) as database:
        found = customers.read(database, wanted)
    return next(({"id": i, **_shown(found[i])} for i in wanted if i in found), {})


def _appointment(settings: Settings, rows: Sequence[Found]) -> Mapping[str, str]:
    with connect_database.database(settings, prepared=False) as database:
        return of_appointments.stored(database, rows)


def _shown(state: Mapping[str, object]) -> dict[str, str]:
    return {name: _text(value) for name, value in state.items() if value}


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(str(one) for one in value if one)
    return str(value)
