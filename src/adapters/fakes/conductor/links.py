"""Invoices made of sales orders: what they take over, and what the orders know of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from src.adapters.fakes.conductor import refusal, wire
from src.adapters.fakes.conductor.levels import all_lines, decimal, number
from src.adapters.fakes.conductor.manners import Record
from src.adapters.fakes.conductor.store import TOUCH, Store

KEY = "_links"  # within an invoice; never shown: order, its line, quantity
ORDERS = "sales-orders"
_TAKEN_OVER = ("description", "unitOfMeasure", "rate", "otherCustomField1")
_REFERRED = ("item", "class", "salesTaxCode", "inventorySite")

Given = dict[str, Any]


def spelled_out(store: Store, body: Mapping[str, Any]) -> tuple[list[Given], list[Any]]:
    """Return an invoice's lines with what their orders say, and their links.

    Raises Refusal for an order or a line that is not there, and for an item beside one.
    """
    lines: list[Given] = []
    links: list[Any] = []
    for given in [*_of_orders(store, body), *body.get("lines", ())]:
        link = given.get("linkToTransactionLine")
        if not link:
            lines.append(dict(given))
            continue
        if "itemId" in given:
            told = "a line with linkToTransactionLine must not have itemId"
            raise refusal.not_understood("either or", told)
        of_order = _line_of(store, **link)
        whole = {**_taken_over(of_order), **given}
        lines.append(whole)
        links.append([link["transactionId"], of_order["id"], whole["quantity"]])
    return lines, links


def _of_orders(store: Store, body: Mapping[str, Any]) -> Iterator[Given]:
    for order_id in body.get("linkToTransactionIds", ()):
        for line in all_lines(_order(store, order_id)):
            if line["item"] and _open(line) > 0:
                link = {"transactionId": order_id, "transactionLineId": line["id"]}
                yield {"linkToTransactionLine": link}


def _order(store: Store, found: str) -> Record:
    order = store.find(ORDERS, found)
    if order is None:
        raise refusal.bad_reference("SalesOrder", found, "Invoice")
    return order


def _line_of(store: Store, transactionId: str, transactionLineId: str) -> Record:
    for line in all_lines(_order(store, transactionId)):
        if line["id"] == transactionLineId:
            return line
    raise refusal.bad_reference("SalesOrder line", transactionLineId, "Invoice")


def _open(line: Record) -> Any:
    return decimal(line["quantity"]) - decimal(line["quantityInvoiced"])


def _taken_over(line: Record) -> Given:
    found = {name: line[name] for name in _TAKEN_OVER if line[name]}
    found |= {f"{name}Id": line[name]["id"] for name in _REFERRED if line[name]}
    return found | {"quantity": number(_open(line))}


# --- what the orders know -------------------------------------------------------------


def mark(store: Store, invoice: Record, sign: int) -> None:
    """Count an invoice in its orders (sign 1), or no longer (-1)."""
    links = invoice.get(KEY) or []
    for order_id in dict.fromkeys(order for order, _, _ in links):
        order = store.find(ORDERS, order_id)
        if order is None:
            continue
        for line in all_lines(order):
            changes = [q for o, one, q in links if (o, one) == (order_id, line["id"])]
            invoiced = decimal(line["quantityInvoiced"]) + sign * sum(map(decimal, changes))
            line["quantityInvoiced"] = number(invoiced)
        items = [line for line in all_lines(order) if line["item"]]
        order["isFullyInvoiced"] = all(_open(line) <= 0 for line in items)
        others = [one for one in order["linkedTransactions"] if one["id"] != invoice["id"]]
        order["linkedTransactions"] = others + [linked(invoice, "invoice")] * (sign > 0)
        order["updatedAt"] = store.now().isoformat()
        order["revisionNumber"] = store.revision_after(order["revisionNumber"])
        store.put(TOUCH, ORDERS, order)


def linked(record: Record, kind: str) -> Record:
    """Return how a transaction stands in what it is linked with."""
    return {
        **wire.blank("linked_transaction"),
        "id": record["id"],
        "transactionType": kind,
        "transactionDate": record["transactionDate"],
        "refNumber": record["refNumber"],
        "linkType": "quantity",
    }
