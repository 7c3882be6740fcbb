"""Sales orders, purchase orders, inventory adjustments and invoices, header and lines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from src.adapters.fakes.conductor import links, refusal, wire
from src.adapters.fakes.conductor.givens import STOCKED, TAX_ITEMS, TERMS
from src.adapters.fakes.conductor.levels import ON_HAND, all_lines, decimal, money
from src.adapters.fakes.conductor.lines import Lines, total
from src.adapters.fakes.conductor.manners import Record
from src.adapters.fakes.conductor.shaping import Shaper, defaults, given_of
from src.adapters.fakes.conductor.store import Store

ADJUSTMENTS, INVOICES = "inventory-adjustments", "invoices"
SALES_ORDERS, PURCHASE_ORDERS = "sales-orders", "purchase-orders"
NEEDS_LINES = (SALES_ORDERS, PURCHASE_ORDERS, ADJUSTMENTS, INVOICES)
NUMBERED = (INVOICES,)  # measured: one without a refNumber is given the next
VOIDED = "VOID: "  # what QuickBooks puts before the memo
TAXABLE = "Tax"
_LINES = ("lines", "lineGroups", "linkToTransactionIds")


class Documents:
    """Makes and changes transactions; `put` is the caller's."""

    def __init__(self, store: Store, shaper: Shaper, checks_rules: bool = True) -> None:
        self._store, self._shaper = store, shaper
        self._checks_rules = checks_rules
        self._lines = Lines(store, shaper, checks_rules)
        self._newest_number: dict[str, int] = {}

    def created(self, resource: str, body: Mapping[str, Any]) -> Record:
        """Return a new transaction's fields; raises Refusal."""
        if self._checks_rules and resource in NEEDS_LINES:
            if not any(body.get(name) for name in _LINES):
                told = "A transaction needs lines or lineGroups."
                raise refusal.not_understood("empty transaction", told)
        record = {**wire.blank(resource), **defaults(resource)}
        record |= self._shaper.shaped(resource, body)
        if resource == ADJUSTMENTS:
            given = [self._adjusted(line) for line in body.get("lines", ())]
            body = {**body, "lines": given}
        if resource == INVOICES and self._checks_rules:
            lines, record[links.KEY] = links.spelled_out(self._store, body)
            body = {**body, "lines": lines}
            orders = dict.fromkeys(order for order, _, _ in record[links.KEY])
            found = (self._store.find(SALES_ORDERS, one) for one in orders)
            record["linkedTransactions"] = [
                links.linked(one, "sales_order") for one in found if one
            ]
        self._set_lines(resource, record, body)
        if "dueDate" in record:
            self._set_terms(record)
        if resource in NUMBERED and not record["refNumber"]:
            record["refNumber"] = self._next_number(resource)
        return self._totalled(resource, record)

    def changed(self, resource: str, old: Record, body: Mapping[str, Any]) -> Record:
        """Return a transaction with what a request changes; raises Refusal."""
        record = old | self._shaper.shaped(resource, body)
        self._set_lines(resource, record, body)
        if self._checks_rules and not any(self._has_lines(record)):
            told = "A transaction needs lines or lineGroups."
            raise refusal.not_understood("empty transaction", told)
        return self._totalled(resource, record)

    def voided(self, resource: str, old: Record) -> Record:
        """Return a transaction with nothing in it but its lines."""
        nothing: Record = {"quantityDifference": 0, "valueDifference": 0}
        if resource == INVOICES:
            nothing = {"quantity": 0, "amount": "0.00"}
        record = old | {"lines": [line | nothing for line in old["lines"]]}
        for group in record.get("lineGroups") or ():
            group["lines"] = [line | nothing for line in group["lines"]]
            group["totalAmount"] = "0.00"
        memo = old["memo"] or ""
        record["memo"] = memo if memo.startswith(VOIDED) else VOIDED + memo
        return self._totalled(resource, record)

    # --- lines ------------------------------------------------------------------------

    def _set_lines(self, resource: str, record: Record, body: Mapping[str, Any]) -> None:
        if "lines" in body:
            lines = self._lines.set_of(resource, record["lines"], body["lines"])
            record["lines"] = lines
        if "lineGroups" in body:
            groups = self._lines.groups(resource, record["lineGroups"], body["lineGroups"])
            record["lineGroups"] = groups
        if resource == ADJUSTMENTS and self._checks_rules:
            for line in record["lines"]:
                self._check_stocked(line["item"]["id"])

    def _adjusted(self, given: Mapping[str, Any]) -> Record:
        item = self._lines.item(given["itemId"]) or {}
        moved = self._store.levels.of(ON_HAND, given["itemId"])
        on_hand = decimal(item.get(ON_HAND)) + moved
        return self._lines.adjusted(given, on_hand, decimal(item.get("averageCost")))

    def _check_stocked(self, item: str) -> None:
        if not any(item in self._store.entries(kind) for kind in STOCKED):
            raise refusal.bad_reference("inventory item", item, "InventoryAdjustment")

    def _has_lines(self, record: Record) -> list[Record]:
        return [*record["lines"], *(record.get("lineGroups") or ())]

    # --- header -----------------------------------------------------------------------

    def _set_terms(self, record: Record) -> None:
        """Fill in the customer's or vendor's terms, and the date that follows."""
        for resource, name in (("customers", "customer"), ("vendors", "vendor")):
            if record.get(name) and not record["terms"]:
                owner = self._store.find(resource, record[name]["id"]) or {}
                record["terms"] = owner.get("terms")
        terms = given_of(TERMS, record["terms"])
        if not record["dueDate"]:
            days = timedelta(days=int(terms.more) if terms else 0)
            on = date.fromisoformat(record["transactionDate"])
            record["dueDate"] = (on + days).isoformat()

    def _next_number(self, resource: str) -> str:
        if resource not in self._newest_number:
            texts = (
                (self._store.find(resource, found) or {}).get("refNumber") or ""
                for found in self._store.entries(resource)
            )
            numbers = (int(text) for text in texts if text.isascii() and text.isdigit())
            self._newest_number[resource] = max(numbers, default=0)
        self._newest_number[resource] += 1
        return str(self._newest_number[resource])

    def _totalled(self, resource: str, record: Record) -> Record:
        """Return a transaction with the sums of its lines."""
        if resource == ADJUSTMENTS:
            return record
        subtotal = total([*all_lines(record)])
        if resource == PURCHASE_ORDERS:
            for name in ("isFullyReceived", "isManuallyClosed"):
                record[name] = bool(record[name])
            return record | {"totalAmount": money(subtotal)}
        tax = self._tax(record)
        record |= {"subtotal": money(subtotal), "salesTaxTotal": money(tax)}
        if resource == SALES_ORDERS:
            is_invoiced = bool(record["isFullyInvoiced"])
            whole = money(subtotal + tax)
            return record | {"totalAmount": whole, "isFullyInvoiced": is_invoiced}
        applied = decimal(record["appliedAmount"])
        remaining = subtotal + tax - applied
        return record | {
            "appliedAmount": money(applied),
            "balanceRemaining": money(remaining),
            "isPaid": remaining <= 0,
            "isPending": bool(record["isPending"]),
            "isFinanceCharge": bool(record["isFinanceCharge"]),
        }

    def _tax(self, record: Record) -> Decimal:
        item = given_of(TAX_ITEMS, record["salesTaxItem"])
        record["salesTaxPercentage"] = item.more if item else None
        taxed = [
            line
            for line in all_lines(record)
            if line["salesTaxCode"] and line["salesTaxCode"]["fullName"] == TAXABLE
        ]
        if item is None:
            return Decimal()
        return decimal(money(total(taxed) * decimal(item.more) / 100))
