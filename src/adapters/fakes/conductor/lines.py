"""The lines of a transaction: their ids, their whole set, and what they come to.

An amount wins over a rate; quantity and rate make an amount, quantity and amount a rate;
where neither is given, the item's price does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from src.adapters.fakes.conductor import refusal, wire
from src.adapters.fakes.conductor.givens import ITEMS, TAX_CODES, id_of
from src.adapters.fakes.conductor.levels import decimal, money, number, price
from src.adapters.fakes.conductor.manners import Record
from src.adapters.fakes.conductor.shaping import Shaper
from src.adapters.fakes.conductor.store import Store

NEW = "-1"  # the id of a line that an update adds
SHAPES = {
    "sales-orders": "sales_order_line",
    "purchase-orders": "purchase_order_line",
    "invoices": "invoice_line",
    "inventory-adjustments": "inventory_adjustment_line",
}
COUNTED = {"quantityInvoiced": 0, "receivedQuantity": 0}
CLOSED = {"isManuallyClosed": False, "isBilled": False}


class Lines:
    """Makes the lines of sales orders, purchase orders and invoices."""

    def __init__(self, store: Store, shaper: Shaper, checks_rules: bool = True) -> None:
        self._store, self._shaper = store, shaper
        self._checks_rules = checks_rules

    def set_of(
        self, resource: str, old: Sequence[Record], given: Sequence[Mapping[str, Any]]
    ) -> list[Record]:
        """Return the whole new set: a line not given is gone, an id alone keeps its line.

        Raises Refusal for the id of a line that is not in the old set.
        """
        known = {line["id"]: line for line in old}
        return [self._line(resource, known, one) for one in given]

    def groups(
        self, resource: str, old: Sequence[Record], given: Sequence[Mapping[str, Any]]
    ) -> list[Record]:
        """Return the whole new set of groups, each with its lines."""
        known = {group["id"]: group for group in old}
        shape = f"{SHAPES[resource]}_group"
        found = []
        for one in given:
            group = self._started(shape, known, one)
            group |= self._shaper.shaped(shape, one, resource)
            if "lines" in one:
                group["lines"] = self.set_of(resource, group["lines"], one["lines"])
            group["shouldPrintItemsInGroup"] = bool(group["shouldPrintItemsInGroup"])
            group["totalAmount"] = money(total(group["lines"]))
            found.append(group)
        return found

    def _started(
        self, shape: str, known: Mapping[str, Record], given: Mapping[str, Any]
    ) -> Record:
        """Return the line that is changed, or an empty one with a new id."""
        found = given.get("id", NEW)
        if found in known:
            return dict(known[found])
        if found != NEW and self._checks_rules:
            told = f'The line "{found}" is not in the transaction.'
            raise refusal.not_understood("foreign line", told)
        new_id = self._store.new_id("lines") if found == NEW else found
        return {**wire.blank(shape), "id": new_id}

    def _line(
        self, resource: str, known: Mapping[str, Record], given: Mapping[str, Any]
    ) -> Record:
        old = self._started(SHAPES[resource], known, given)
        line = old | self._shaper.shaped(SHAPES[resource], given, resource)
        for name, empty in (COUNTED | CLOSED).items():
            if name in line and line[name] is None:
                line[name] = empty
        if resource == "inventory-adjustments":
            return line
        changes = {k for k in given if k != "id"}
        if changes:
            self._reckon(resource, old, line, changes)
        if resource == "invoices" and line["item"] and not line["salesTaxCode"]:
            # Measured: not the customer's, and not the item's.
            non = id_of(TAX_CODES, "Non")
            line["salesTaxCode"] = {"id": non, "fullName": "Non"}
        if "unbilledQuantity" in line:
            line["unbilledQuantity"] = line["quantity"]
        return line

    def _reckon(
        self, resource: str, old: Record, line: Record, changes: set[str]
    ) -> None:
        if not line["item"] and not changes & {"quantity", "rate", "amount"}:
            return
        if "amount" in changes and line["amount"]:
            amount = decimal(line["amount"])
            rate = amount / decimal(line["quantity"]) if line["quantity"] else None
            line |= {"amount": money(amount), "rate": rate and price(rate)}
            return
        if line["item"] and line["quantity"] is None and line["rate"] is None:
            line["quantity"] = 1
        is_other_item = (old["item"] or {}).get("id") != (line["item"] or {}).get("id")
        if line["rate"] is None or (is_other_item and "rate" not in changes):
            line["rate"] = self._price(resource, line)
        quantity = decimal(line["quantity"]) if line["quantity"] is not None else Decimal(1)
        rate = decimal(line["rate"])
        line |= {"rate": price(rate), "amount": money(quantity * rate)}

    def _price(self, resource: str, line: Record) -> str:
        """Return what an item is sold for, or bought for."""
        if not line["item"]:
            return "0"
        item = self.item(line["item"]["id"]) or {}
        single = item.get("salesOrPurchaseDetails") or {}
        both = item.get("salesAndPurchaseDetails") or item
        name = "purchaseCost" if resource == "purchase-orders" else "salesPrice"
        return single.get("price") or both.get(name) or item.get("discountRate") or "0"

    def item(self, found: str) -> Record | None:
        """Return an item by its id, whichever of the five kinds it is."""
        for kind in ITEMS:
            if record := self._store.find(kind, found):
                return record
        return None

    # --- inventory adjustments --------------------------------------------------------

    def adjusted(
        self, given: Mapping[str, Any], on_hand: Decimal, cost: Decimal
    ) -> Record:
        """Return a new adjustment's line, flat as an update gives it; raises Refusal."""
        kinds = [name for name in given if name.startswith("adjust")]
        if len(kinds) != 1 and self._checks_rules:
            raise _unclear("adjustQuantity, adjustValue, adjustSerialNumber, adjustLotNumber")
        how = dict(given[kinds[0]]) if kinds else {}
        if self._checks_rules and {"newQuantity", "quantityDifference"} <= how.keys():
            raise _unclear("newQuantity, quantityDifference")
        change = decimal(how.get("quantityDifference", how.get("adjustCount")))
        if "newQuantity" in how:
            change = decimal(how["newQuantity"]) - on_hand
        flat = {
            "itemId": given["itemId"],
            "lotNumber": how.get("lotNumber", ""),
            "serialNumber": how.get("serialNumber", ""),
            "inventorySiteLocationId": how.get("inventorySiteLocationId", ""),
        }
        if "expirationDate" in how:
            flat["expirationDate"] = how["expirationDate"]
        added, removed = how.get("addSerialNumber"), how.get("removeSerialNumber")
        if added or removed:
            flat |= {"serialNumber": added or removed}
            flat |= {"serialNumberAction": "added" if added else "removed"}
            change = Decimal(1 if added else -1)
        value = change * cost
        if "valueDifference" in how:
            value = decimal(how["valueDifference"])
        if "newValue" in how:
            value = decimal(how["newValue"]) - on_hand * cost
        worth = number(decimal(money(value)))
        return flat | {"quantityDifference": number(change), "valueDifference": worth}


def total(lines: Sequence[Record]) -> Decimal:
    """Return the sum of the amounts of some lines."""
    return sum((decimal(line["amount"]) for line in lines), Decimal())


def _unclear(names: str) -> refusal.Refusal:
    return refusal.not_understood("either or", f"give exactly one of {names}")
