"""Records as the company file shows them: full names, references, stock and balances.

What follows from other records is filled in when a record is shown: a customer that is
renamed has its new name in every order, and no order was changed by that.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from src.adapters.fakes.conductor import links
from src.adapters.fakes.conductor.givens import CUSTOMERS, ITEMS, REFERENCES, STOCKED
from src.adapters.fakes.conductor.levels import (
    BALANCE,
    ON_HAND,
    ON_PURCHASE_ORDER,
    ON_SALES_ORDER,
    all_lines,
    decimal,
    money,
    number,
)
from src.adapters.fakes.conductor.manners import Record
from src.adapters.fakes.conductor.store import Store

OWN_LISTS = (CUSTOMERS, "vendors", *ITEMS)
RELATIONS = {
    name: kinds for name, kinds in REFERENCES.items() if set(kinds) <= set(OWN_LISTS)
}
OF_HEADERS = ("customer", "vendor", "preferredVendor", "shipToEntity")
OF_LINES = ("item", "inventoryItem", "payee")


class Views:
    """Shows the records of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def shown(self, resource: str, record: Record) -> Record:
        """Return a record, filled in; it is the caller's from now on."""
        record.pop(links.KEY, None)
        if "name" in record:
            self._place(resource, record)
        for holder, relation in _references(record):
            self._refresh(holder, relation)
        if resource in STOCKED:
            self._stock(record)
        elif resource == CUSTOMERS:
            self._balances(record)
        return record

    def _place(self, resource: str, record: Record) -> None:
        if "parent" not in record:
            return  # vendors stand in no tree
        record["fullName"], record["sublevel"] = record["name"], 0
        if parent := record["parent"]:
            above = self._store.full_name(resource, parent["id"]) or parent["fullName"]
            record["parent"] = {"id": parent["id"], "fullName": above}
            record["fullName"] = f"{above}:{record['name']}"
            record["sublevel"] = 1 + above.count(":")

    def _refresh(self, holder: Record, relation: str) -> None:
        found = holder[relation]["id"]
        for kind in RELATIONS[relation]:
            if name := self._store.full_name(kind, found):
                holder[relation] = {"id": found, "fullName": name}
                return

    def _stock(self, record: Record) -> None:
        levels, found = self._store.levels, record["id"]
        for field in (ON_HAND, ON_SALES_ORDER, ON_PURCHASE_ORDER):
            base = decimal(record[field])
            record[field] = number(base + levels.of(field, found))

    def _balances(self, record: Record) -> None:
        below = [*self._store.descendants(CUSTOMERS, record["id"])]
        record[BALANCE] = money(self._balance(record["id"], record[BALANCE]))
        jobs = sum((self._balance(one, self._base(one)) for one in below), Decimal())
        record["totalBalance"] = money(decimal(record[BALANCE]) + jobs)

    def _balance(self, found: str, base: str | None) -> Decimal:
        return decimal(base) + self._store.levels.of(BALANCE, found)

    def _base(self, found: str) -> str | None:
        job = self._store.find(CUSTOMERS, found)
        return job[BALANCE] if job else None


def _references(record: Record) -> Iterator[tuple[Record, str]]:
    """Yield each reference to a record of the company file, with what holds it."""
    for name in OF_HEADERS:
        if record.get(name):
            yield record, name
    details = record.get("salesAndPurchaseDetails")
    if details and details["preferredVendor"]:
        yield details, "preferredVendor"
    for line in all_lines(record):
        for name in OF_LINES:
            if line.get(name):
                yield line, name
