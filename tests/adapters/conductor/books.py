"""A simulated company file and short words for what is written into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from src.adapters.fakes.conductor import schema
from src.adapters.fakes.conductor.core import Core, Manners, Record
from src.adapters.fakes.conductor.givens import id_of
from src.adapters.fakes.conductor.refusal import Refusal
from src.adapters.fakes.conductor.store import LEDGER, Effect
from src.kit import runlog
from tests.adapters.conductor.opened import ADJUSTING, ITEM, Ticking

DAY = "2026-11-23"
GUID = "6f1c8a52-0000-4000-8000-000000000001"
SALE = {"salesOrPurchaseDetails": {"postingAccountId": ITEM["incomeAccountId"]}}
NET_30 = id_of("terms", "Net 30")
TAX, NON = (id_of("sales tax codes", name) for name in ("Tax", "Non"))
STATE_TAX = id_of("sales tax items", "State Tax")  # 8.25 %


class Raises:
    """A context in which the company refuses, by a code or words of its message."""

    def __init__(self, code: str, words: str = "") -> None:
        self._code, self._raises = code, pytest.raises(Refusal, match=words or None)

    def __enter__(self) -> Any:
        self._told = self._raises.__enter__()
        return self._told

    def __exit__(self, *error: Any) -> bool:
        is_refused = self._raises.__exit__(*error)
        found = self._told.value
        assert self._code in (found.integration_code, found.code), found
        return is_refused


class Books:
    """One company file; what is sent to it is checked as Conductor checks it."""

    raises = Raises

    def __init__(self, folder: Path, manners: Manners = Manners()) -> None:
        self.folder, self.time, self.manners = folder, Ticking(), manners
        self.core = Core(folder, self.time.clock, manners)

    def reopened(self) -> Core:
        """Return the company file as its folder alone has it."""
        return Core(self.folder, self.time.clock, self.manners)

    def create(self, resource: str, **body: Any) -> Record:
        """Return a record that was created."""
        schema.check_body(resource, "create", body)
        return self.core.create(resource, body)

    def update(self, resource: str, record: Record, **body: Any) -> Record:
        """Return a record after a change of its newest revision."""
        now = self.core.read(resource, record["id"])
        body = {"revisionNumber": now["revisionNumber"], **body}
        schema.check_body(resource, "update", body)
        return self.core.update(resource, record["id"], body)

    def again(self, resource: str, record: Record) -> Record:
        """Return a record as it is now."""
        return self.core.read(resource, record["id"])

    # --- records ----------------------------------------------------------------------

    def customer(self, name: str = "Ann", **body: Any) -> Record:
        """Return a new customer."""
        return self.create("customers", name=name, **body)

    def vendor(self, name: str = "Steel", **body: Any) -> Record:
        """Return a new vendor."""
        return self.create("vendors", name=name, **body)

    def item(self, name: str = "Nut", **body: Any) -> Record:
        """Return a new inventory item."""
        return self.create("inventory-items", name=name, **{**ITEM, **body})

    def order(self, *lines: Mapping[str, Any], **body: Any) -> Record:
        """Return a new sales order, of a customer of its own if none is named."""
        return self._sale("sales-orders", lines, body)

    def invoice(self, *lines: Mapping[str, Any], **body: Any) -> Record:
        """Return a new invoice, of a customer of its own if none is named."""
        return self._sale("invoices", lines, body)

    def purchase(self, *lines: Mapping[str, Any], **body: Any) -> Record:
        """Return a new purchase order."""
        more = {"transactionDate": DAY, **body}
        return self.create("purchase-orders", lines=list(lines), **more)

    def adjust(self, *lines: Mapping[str, Any], **body: Any) -> Record:
        """Return a new inventory adjustment."""
        more = {**ADJUSTING, **body}
        return self.create("inventory-adjustments", lines=list(lines), **more)

    def _sale(
        self, resource: str, lines: Sequence[Mapping[str, Any]], body: Mapping[str, Any]
    ) -> Record:
        more = {"transactionDate": DAY, **body}
        if "customerId" not in more:
            count = len(self.effects("create"))
            more["customerId"] = self.customer(f"Customer {count}")["id"]
        if lines:
            more["lines"] = list(lines)
        return self.create(resource, **more)

    # --- looking ----------------------------------------------------------------------

    def page(self, resource: str, *pairs: tuple[str, str]) -> Record:
        """Return one page of a list."""
        return self.core.page(resource, schema.check_query(resource, pairs))

    def list(self, resource: str, **query: str | list[str]) -> list[Record]:
        """Return a list to its end."""
        several = {k: v if isinstance(v, list) else [v] for k, v in query.items()}
        pairs = [(name, one) for name, values in several.items() for one in values]
        answer = self.page(resource, *pairs)
        found = answer["data"]
        while cursor := answer.get("nextCursor"):
            answer = self.page(resource, *pairs, ("cursor", cursor))
            found += answer["data"]
        return found

    def names(self, resource: str, **query: str | list[str]) -> list[str]:
        """Return the names of a list, in their order."""
        return sorted(one["name"] for one in self.list(resource, **query))

    def stock(self, item: Record) -> tuple[float, float, float]:
        """Return what is on hand, on sales orders, on purchase orders."""
        now = self.again("inventory-items", item)
        ordered = now["quantityOnSalesOrder"], now["quantityOnPurchaseOrder"]
        return (now["quantityOnHand"], *ordered)

    def effects(self, *verbs: str) -> list[Effect]:
        """Return the lines of the ledger, of some verbs or all."""
        raw = runlog.rows(self.folder / LEDGER, Effect)
        found = [Effect(*map(runlog.text, row)) for row in raw if row]
        return [one for one in found if not verbs or one.verb in verbs]


def at(line: Record, *names: str) -> tuple[Any, ...]:
    """Return some fields of a record."""
    return tuple(line[name] for name in names)


def of(item: Record, quantity: float | None = None, **more: Any) -> dict[str, Any]:
    """Return a line about an item."""
    given = {} if quantity is None else {"quantity": quantity}
    return {"itemId": item["id"], **given, **more}


def moved(item: Record, by: float) -> dict[str, Any]:
    """Return a new adjustment's line."""
    return {"itemId": item["id"], "adjustQuantity": {"quantityDifference": by}}
