"""What is stored of a customer, and what an export's row changes in it.

A state maps fields to values: texts, `billing` and `shipping` to the seven fields of an
address, `source_data` to the columns that have no home. An empty value says nothing: it
never takes away what is stored. E-mail addresses and phones are added to, never removed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from src.config import normalize_address, normalize_domain
from src.customers import contacts
from src.customers.records import Checked

State = dict[str, Any]

TEXTS = (
    "quickbooks_id name company_domain company_name first_name middle_name last_name "
    "status account_number customer_type terms tax_code tax_item resale_number "
    "credit_limit quickbooks_created_on quickbooks_modified_on"
).split()
ADDRESSES = ("billing", "shipping")
CONTACTS = ("emails", "phones")
BLANK: State = {
    **dict.fromkeys(TEXTS, ""),
    **dict.fromkeys(CONTACTS, ""),
    **dict.fromkeys(ADDRESSES, []),
    "source_data": {},
}
_encoded = json.JSONEncoder(ensure_ascii=False).encode
_ORDER = {kind: n for n, kind in enumerate("MAIN CC WORK MOBILE OTHER FAX".split())}

_BILLING = Checked._fields.index("billing_line1")
_SHIPPING = Checked._fields.index("shipping_line1")
_SAID = [(Checked._fields.index(field), field) for field in TEXTS if field in Checked._fields]


def said_by(row: Checked) -> State:
    """Return what a row says, without what it leaves empty."""
    said = {field: row[at] for at, field in _SAID if row[at]}
    for field in CONTACTS:
        if cell := getattr(row, field):
            said[field] = cell
    if row.emails:
        domains = (normalize_domain(email) for _, email in contacts.split(row.emails))
        if domain := next(filter(None, domains), ""):
            said["company_domain"] = domain
    for field, first in zip(ADDRESSES, (_BILLING, _SHIPPING)):
        if any(fields := row[first : first + 7]):
            said[field] = list(fields)
    if row.source_data != "{}":
        said["source_data"] = json.loads(row.source_data)
    return said


def created(said: State) -> State:
    """Return the state of a customer that a row creates, without what is blank."""
    return changes(BLANK, said)


def changes(current: Mapping[str, Any], said: State) -> State:
    """Return the fields that change, with their new values."""
    found = {}
    for field, value in said.items():
        stored = current[field]
        if field in CONTACTS:
            value = _united(stored, value)
        elif field == "source_data":
            value = {**stored, **value}
        elif field in ADDRESSES and _is_less(value, stored):
            continue
        if not is_same(field, stored, value):
            found[field] = value
    return found


def _is_less(said: Sequence[str], stored: Sequence[str]) -> bool:
    """Return whether an address is a part of the stored one, as in a report's one cell."""
    has_fewer = sum(map(bool, said)) < sum(map(bool, stored))
    return has_fewer and _words(said) <= _words(stored)


def _words(fields: Sequence[str]) -> set[str]:
    folded = " ".join(fields).casefold()
    return set("".join(c if c.isalnum() else " " for c in folded).split())


def is_same(field: str, one: Any, other: Any) -> bool:
    """Return whether two values of a field mean the same."""
    if field in ADDRESSES and one and other and one != other:
        return normalize_address(one) == normalize_address(other)
    return one == other


def _united(stored: str, said: str) -> str:
    """Return both lists of contacts as one: the main one first, then in order.

    The main one is the first of type MAIN that the row says, else the stored first.
    """
    if said == stored and said.startswith(contacts.MAIN):
        return stored
    old, new = contacts.split(stored), contacts.split(said)
    kinds = {value: kind for kind, value in (*old, *new)}
    first = next((value for kind, value in new if kind == contacts.MAIN), "")
    first = first or (old or new)[0][1]
    return listed(kinds, first)


def listed(kinds: Mapping[str, str], first: str) -> str:
    """Return contacts (value → type) as a cell: one of them first, the rest in order."""
    rest = sorted(
        (value for value in kinds if value != first),
        key=lambda value: (_ORDER.get(kinds[value], len(_ORDER)), value),
    )
    return contacts.joined({value: kinds[value] for value in [first, *rest]})


def shown(state: Mapping[str, Any], fields: Sequence[str]) -> str:
    """Return some fields of a state as a plan's cell, JSON; empty for none."""
    if not fields:
        return ""
    return _encoded({field: state[field] for field in fields})
