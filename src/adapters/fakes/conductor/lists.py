"""Customers, vendors and items: their names, parents, contacts, prices, first stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from src.adapters.fakes.conductor import refusal, wire
from src.adapters.fakes.conductor.givens import STOCKED
from src.adapters.fakes.conductor.levels import BALANCE, ON_HAND, decimal, money, price
from src.adapters.fakes.conductor.manners import Record
from src.adapters.fakes.conductor.shaping import MERGED, Shaper, defaults, spelled_out
from src.adapters.fakes.conductor.store import Store

DEEPEST_LEVEL = 4  # sublevels; QuickBooks knows five levels of a name
DETAILS = MERGED
ASSEMBLIES = "inventory-assembly-items"
PEOPLE = ("customers", "vendors")


class Lists:
    """Makes and changes the records of lists; `put` is the caller's."""

    def __init__(self, store: Store, shaper: Shaper, checks_rules: bool = True) -> None:
        self._store, self._shaper = store, shaper
        self._checks_rules = checks_rules

    def created(self, resource: str, body: Mapping[str, Any]) -> Record:
        """Return a new record's fields; raises Refusal."""
        body = spelled_out(resource, body)
        record = {**wire.blank(resource), **defaults(resource)}
        record |= self._given(resource, record, body)
        if self._checks_rules:
            self._check(resource, record, "")
        if resource in PEOPLE:
            record |= {BALANCE: body.get("openingBalance") or "0.00"}
        if resource in STOCKED:
            record |= _first_stock(body)
        return record

    def changed(self, resource: str, old: Record, body: Mapping[str, Any]) -> Record:
        """Return a record with what a request changes; raises Refusal."""
        record = old | self._given(resource, old, spelled_out(resource, body))
        if self._checks_rules:
            self._check(resource, record, old["id"])
        return record

    def _given(self, resource: str, old: Record, body: Mapping[str, Any]) -> Record:
        found = self._shaper.shaped(resource, body)
        for name in DETAILS:
            if found.get(name):
                kept = old[name] or wire.blank(wire.fields(resource, "object")[name].kind)
                found[name] = {**kept, **_details(found[name])}
        if "barcode" in body:
            given = body["barcode"]
            value = given.get("value") if isinstance(given, Mapping) else given
            found["barcode"] = value or None
        if "additionalContacts" in body:
            contacts = self._contacts(resource, old, body["additionalContacts"])
            found["additionalContacts"] = contacts
        if "additionalNotes" in body:
            found["additionalNotes"] = self._notes(old, body["additionalNotes"])
        if resource == ASSEMBLIES and ("lines" in body or body.get("clearItemLines")):
            lines = [] if body.get("clearItemLines") else body["lines"]
            found["lines"] = [self._part(one) for one in lines]
        rates = [name for name in ("discountRate", "discountRatePercent") if name in body]
        if rates:
            found |= {name: None for name in ("discountRate", "discountRatePercent")}
            found |= {name: body[name] or None for name in rates}
        return found

    def _part(self, given: Mapping[str, Any]) -> Record:
        shape = "inventory_assembly_item_line"
        return {**wire.blank(shape), **self._shaper.shaped(shape, given, ASSEMBLIES)}

    # --- what has ids within a record -------------------------------------------------

    def _contacts(
        self, resource: str, old: Record, given: Sequence[Mapping[str, Any]]
    ) -> list[Record]:
        """Return the contacts: those named by id are changed, others are added."""
        known = {one["id"]: one for one in old["additionalContacts"]}
        for one in given:
            found = one.get("id") or self._store.new_id(resource)
            if "id" in one and found not in known and self._checks_rules:
                raise refusal.not_found(found)
            contact = {**wire.blank("contact"), **known.get(found, {})}
            contact |= self._shaper.shaped("contact", one)
            names = (contact["firstName"], contact["lastName"])
            contact |= {"id": found, "name": " ".join(filter(None, names))}
            known[found] = self._stamped(contact)
        return list(known.values())

    def _stamped(self, contact: Record) -> Record:
        now = self._store.now().isoformat()
        revision = self._store.revision_after(contact["revisionNumber"] or "")
        created = contact["createdAt"] or now
        times = {"createdAt": created, "updatedAt": now, "revisionNumber": revision}
        return contact | times | {"firstName": contact["firstName"] or ""}

    def _notes(self, old: Record, given: Sequence[Mapping[str, Any]]) -> list[Record]:
        known = {one["id"]: one for one in old["additionalNotes"]}
        for one in given:
            number = one.get("id", max(known, default=0) + 1)
            if "id" in one and number not in known and self._checks_rules:
                raise refusal.not_found(str(number))
            today = self._store.now().date().isoformat()
            known[number] = {"id": number, "date": today, "note": one["note"]}
        return list(known.values())

    # --- rules ------------------------------------------------------------------------

    def _check(self, resource: str, record: Record, own_id: str) -> None:
        name = record["name"]
        if not name.strip():
            raise refusal.rejected("3000", 'The name "" is empty.')
        if ":" in name:
            told = f'The name "{name}" must not contain a colon.'
            raise refusal.not_understood("colon in a name", told)
        parent = record.get("parent")
        full_name = name
        if parent:
            self._check_parent(resource, parent["id"], own_id)
            full_name = f"{self._store.full_name(resource, parent['id'])}:{name}"
        owner = self._store.owner(resource, full_name)
        if owner and owner != (resource, own_id):
            raise refusal.duplicate_name(full_name)
        _check_either_or(resource, record)

    def _check_parent(self, resource: str, parent: str, own_id: str) -> None:
        above = [parent, *self._store.ancestors(resource, parent)]
        if own_id in above or len(above) > DEEPEST_LEVEL:
            raise refusal.bad_reference("parent", parent, resource)


def _check_either_or(resource: str, record: Record) -> None:
    details = [bool(record[name]) for name in DETAILS if name in record]
    if details and sum(details) != 1:
        told = f"give exactly one of {' and '.join(DETAILS)}"
        raise refusal.not_understood("either or", told)
    if record.get("discountRate") and record.get("discountRatePercent"):
        told = "give one of discountRate and discountRatePercent"
        raise refusal.not_understood("either or", told)


def _details(given: Record) -> Record:
    prices = ("price", "salesPrice", "purchaseCost")
    return {
        name: price(decimal(value)) if name in prices and value else value
        for name, value in given.items()
    }


def _first_stock(body: Mapping[str, Any]) -> Record:
    quantity = decimal(body.get("quantityOnHand"))
    cost = decimal(body.get("purchaseCost"))
    if body.get("totalValue") and quantity:
        cost = decimal(body["totalValue"]) / quantity
    return {ON_HAND: body.get("quantityOnHand", 0), "averageCost": money(cost)}
