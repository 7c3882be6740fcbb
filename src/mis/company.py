"""What QuickBooks has: customers by mark and by id, and every name that is taken."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from src.kit.errors import Refused
from src.kit.memory import is_key, number_of
from src.mis import listing
from src.mis.naming import Names
from src.mis.records import NAMES, Named

CUSTOMER = "Customer"
_DEFINITION = re.compile(r'"DefinitionId": ?"([^"\\]+)"')


class Customer(NamedTuple):
    """One customer, as QuickBooks has it."""

    id: str
    name: str
    is_active: bool
    key: str  # the mark, empty = not ours
    sync_token: str
    content: bytes  # JSON, UTF-8

    @property
    def fields(self) -> dict[str, Any]:
        """Return what it has in the fields of ours; raises Refused where none can tell."""
        try:
            found = json.loads(self.content or b"null")
        except ValueError:
            found = None
        if isinstance(found, dict):
            return found
        raise Refused(
            f"{NAMES.place}: {self.owner}: its `content` is no JSON object; run "
            f'"{NAMES.made_by}" again'
        )

    @property
    def owner(self) -> str:
        """Return how others call it whose name it has."""
        return f"{CUSTOMER} {self.id}"


class Company:
    """All of it; `see` takes the names one by one."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.marked_customers = 0
        self.unshown = 0  # customers that were fetched without their custom fields
        self.definitions: set[str] = set()  # in which some customer has a value
        self._customers: dict[str, Customer] = {}
        self._marked: dict[int, tuple[str, ...]] = {}

    def see(self, row: Named) -> None:
        """Take a name of a list, and the customer if it is one."""
        self.names.take(row.name, f"{row.list} {row.id}")
        if row.list != CUSTOMER:
            return
        self.unshown += not listing.has_custom_fields(row.content)
        self.definitions.update(_DEFINITION.findall(row.content))
        key = row.key if is_key(row.key) else ""
        self._customers[row.id] = Customer(
            row.id, row.name, row.active != "no", key, row.sync_token, row.content.encode()
        )
        if key:
            number = number_of(key)
            self._marked[number] = (*self._marked.get(number, ()), row.id)
            self.marked_customers += 1

    def customer(self, quickbooks_id: str) -> Customer | None:
        """Return the customer with an id, if there is one."""
        return self._customers.get(quickbooks_id)

    def marked(self, mark: str) -> Sequence[Customer]:
        """Return the customers with a mark: one at most, unless somebody copied it."""
        return [self._customers[one] for one in self._marked.get(number_of(mark), ())]
