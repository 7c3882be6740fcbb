"""QuickBooks Desktop as the pipelines see it: a face that Conductor and its twin share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, Union

from src.kit.answers import Answer

CREATE, UPDATE, DELETE, VOID = "create", "update", "delete", "void"
# What each resource is called where deletions are listed.
LIST_OBJECTS = {
    "customers": "customer",
    "vendors": "vendor",
    "inventory-items": "item_inventory",
    "non-inventory-items": "item_non_inventory",
    "service-items": "item_service",
    "discount-items": "item_discount",
    "inventory-assembly-items": "item_inventory_assembly",
}
TRANSACTIONS = {
    "sales-orders": "sales_order",
    "purchase-orders": "purchase_order",
    "inventory-adjustments": "inventory_adjustment",
    "invoices": "invoice",
}
RESOURCES = (*LIST_OBJECTS, *TRANSACTIONS)

Query = Mapping[str, Union[str, Sequence[str]]]


class Change(NamedTuple):
    """One write. List objects know no delete, orders and list objects no void."""

    verb: str
    resource: str
    record_id: str = ""  # empty for a create
    body: Mapping[str, Any] = {}  # as on the wire; an update names revisionNumber


class Desktop(Protocol):
    """One company file of QuickBooks Desktop. Questions raise answers.Unanswered."""

    def records(self, resource: str, query: Query) -> Iterator[dict[str, Any]]:
        """Yield the records of a list, page by page, to its end.

        Where a page fails, Unanswered is raised in the middle, and what came before is
        no list: a cursor cannot be asked again, only the whole list from its start. A
        cursor lives 10 seconds, so records are taken at once and looked at later.
        """

    def read(self, resource: str, record_id: str) -> dict[str, Any] | None:
        """Return one record, None where QuickBooks has none of this id."""

    def write(self, change: Change) -> Answer:
        """Carry out one change, once: nothing is repeated in here.

        A refusal for a stale revisionNumber has the advice REREAD.
        """

    def deleted(self, resources: Sequence[str], after: str) -> list[dict[str, Any]]:
        """Return what was deleted since a moment (ISO-8601, empty = ever).

        Each has id, deletedAt and, of its kind, listType or transactionType.
        """

    def accounts(self) -> list[dict[str, Any]]:
        """Return the chart of accounts, inactive ones too: items name accounts by id."""

    def sales_representatives(self) -> list[dict[str, Any]]:
        """Return the sales representatives, inactive ones too; each has its `initial`."""

    def end_user(self) -> dict[str, Any] | None:
        """Return whose company file it is, None where Conductor does not know them."""

    def health(self) -> Answer:
        """Return whether QuickBooks answers; APPLIED where it does."""
