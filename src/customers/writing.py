"""Customers, their companies, addresses and contacts, written set by set."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from src.config import normalize_address, normalize_customer_name
from src.customers import contacts, states
from src.customers.check import ACTIVE, ADDRESS_FIELDS
from src.customers.states import State
from src.kit.database import Database, Staging, Value

_TEXT, _MOMENT = "text", "timestamptz"


def _staging(name: str, columns: str, **kinds: str) -> Staging:
    return Staging(name, tuple((c, kinds.get(c, _TEXT)) for c in columns.split()))


COMPANIES = _staging("new_companies", "domain name created_at", created_at=_MOMENT)
NEW_ADDRESSES = _staging("new_addresses", "id " + " ".join(ADDRESS_FIELDS))
_COLUMNS = (
    "id quickbooks_id name normalized_name company_domain company_name first_name "
    "middle_name last_name billing_address_id shipping_address_id status account_number "
    "customer_type terms tax_code tax_item resale_number credit_limit "
    "quickbooks_created_on quickbooks_modified_on source_data created_at modified_at"
)
CUSTOMERS = _staging(
    "new_customers",
    _COLUMNS,
    credit_limit="numeric(15, 2)",
    quickbooks_created_on="date",
    quickbooks_modified_on="date",
    source_data="jsonb",
    created_at=_MOMENT,
    modified_at=_MOMENT,
)
EMAILS = _staging(
    "new_emails", "customer_id email type is_primary", is_primary="boolean"
)
PHONES = _staging(
    "new_phones", "customer_id phone type is_primary", is_primary="boolean"
)


def _upsert(table: str, source: Staging, key: str, updated: str = "") -> str:
    columns = ", ".join(name for name, _ in source.columns)
    kept = ", ".join(f"{name} = excluded.{name}" for name in updated.split())
    action = f"UPDATE SET {kept}" if kept else "NOTHING"
    return (
        f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {source.name} "
        f"WHERE true ON CONFLICT ({key}) DO {action}"
    )


_NEVER_UPDATED = ("id", "created_at")
_UPDATED = " ".join(c for c in _COLUMNS.split() if c not in _NEVER_UPDATED)


_STATEMENTS = (
    (COMPANIES, _upsert("companies", COMPANIES, "domain")),
    (NEW_ADDRESSES, _upsert("addresses", NEW_ADDRESSES, "id")),
    (CUSTOMERS, _upsert("customers", CUSTOMERS, "id", _UPDATED)),
    (
        EMAILS,
        _upsert("customer_emails", EMAILS, "customer_id, email", "type is_primary"),
    ),
    (
        PHONES,
        _upsert("customer_phones", PHONES, "customer_id, phone", "type is_primary"),
    ),
)


class Written(NamedTuple):
    """One customer to be written: its key, what is stored, what changes."""

    customer_id: str
    current: State | None
    changes: State

    @property
    def state(self) -> State:
        """Return the state after the change."""
        return {**(self.current or states.BLANK), **self.changes}


def write(database: Database, customers: Sequence[Written], now: str) -> None:
    """Write new and changed customers; the caller has a transaction open."""
    if not customers:
        return
    rows: dict[Staging, list[Sequence[Value]]] = {
        COMPANIES: list(_companies(customers, now)),
        NEW_ADDRESSES: list(_addresses(customers)),
        CUSTOMERS: [_row(customer, now) for customer in customers],
        EMAILS: list(_contacts(customers, "emails")),
        PHONES: list(_contacts(customers, "phones")),
    }
    staged = set()
    for source, statement in _STATEMENTS:
        if not rows[source]:
            continue
        if source not in staged:
            database.stage(source)
            database.load(source, rows[source])
            staged.add(source)
        database.run(statement)


def _companies(customers: Iterable[Written], now: str) -> Iterator[Sequence[Value]]:
    domains = {c.changes.get("company_domain") for c in customers}
    for domain in sorted(filter(None, domains)):
        yield domain, company_name(domain), now


def company_name(domain: str) -> str:
    """Return the name under which a company is known at first: its domain's first label.

    >>> company_name("acme-tools.co.uk")
    'Acme Tools'
    """
    return domain.partition(".")[0].replace("-", " ").title()


def _addresses(customers: Iterable[Written]) -> Iterator[Sequence[Value]]:
    found: dict[str, list[str]] = {}
    for customer in customers:
        for field in states.ADDRESSES:
            if fields := customer.changes.get(field):
                found.setdefault(normalize_address(fields), fields)
    for key in sorted(found):
        yield key, *found[key]


def _row(customer: Written, now: str) -> Sequence[Value]:
    state = customer.state
    return (
        customer.customer_id,
        state["quickbooks_id"] or None,
        state["name"],
        normalize_customer_name(state["name"]),
        state["company_domain"] or None,
        *(state[field] for field in _names("company_name", "last_name")),
        *(_address_id(state[field]) for field in states.ADDRESSES),
        state["status"] or ACTIVE,
        *(state[field] for field in _names("account_number", "resale_number")),
        *(state[field] or None for field in _names("credit_limit", "quickbooks_modified_on")),
        json.dumps(state["source_data"], ensure_ascii=False, sort_keys=True),
        now,
        now,
    )


def _names(first: str, last: str) -> Sequence[str]:
    return states.TEXTS[states.TEXTS.index(first) : states.TEXTS.index(last) + 1]


def _address_id(fields: Any) -> str | None:
    return normalize_address(fields) if fields else None


def _contacts(customers: Iterable[Written], field: str) -> Iterator[Sequence[Value]]:
    for customer in customers:
        if cell := customer.changes.get(field):
            for number, (kind, value) in enumerate(contacts.split(cell)):
                yield customer.customer_id, value, kind, number == 0
