"""Batches as they arrive over HTTP: up to thirty changes and questions in one request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from src.adapters.fakes import custom_fields, faces, rules
from src.adapters.fakes.core import Core
from src.adapters.fakes.refusal import Refusal
from src.adapters.fakes.scenario import Asked, refusal_of

LARGEST = 30
_BESIDE_THE_ENTITY = ("bId", "operation", "optionsData")

Item = Mapping[str, Any]


def items_in(body: Mapping[str, Any]) -> list[Item]:
    """Return the items of a batch; raises Refusal where it is none, or too large."""
    items = body.get("BatchItemRequest")
    if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
        raise Refusal("2020", "BatchItemRequest is missing", "BatchItemRequest")
    if len(items) > LARGEST:
        raise Refusal("1040", f"at most {LARGEST} items, found {len(items)}")
    return items


def asked(item: Item, request_id: str) -> Asked:
    """Return an item as the scenario knows it; one that is no change is a question."""
    try:
        operation, entity, body = _change(item)
    except (ValueError, TypeError):
        return Asked("query", dict(item), _own_id(item, request_id))
    name = rules.ENTITIES.get(entity.casefold(), entity)
    return Asked(f"{operation} {name}", body, _own_id(item, request_id))


class Batch(NamedTuple):
    """How the items of one batch are answered."""

    core: Core
    request_id: str  # empty = they are not remembered
    query: Mapping[str, str]  # of the address
    shown: Callable[[Item], Item]  # a record, as the caller may see it
    found: Callable[[str], dict[str, Any]]  # a QueryResponse

    def answer(self, item: Item, fate: str) -> dict[str, Any]:
        """Return what one item is answered; one that fails leaves the others alone."""
        try:
            return {"bId": item.get("bId", ""), **self._answer(item, fate)}
        except (ValueError, TypeError):
            refusal = Refusal("2010", "an item needs bId, operation and one entity")
        except Refusal as refused:
            refusal = refused
        return {"bId": item.get("bId", ""), **faces.fault(refusal.fault)}

    def _answer(self, item: Item, fate: str) -> dict[str, Any]:
        refused = refusal_of(fate)
        if "Query" in item:
            if refused:
                raise refused
            return {"QueryResponse": self.found(str(item["Query"]))}
        operation, entity, body = _change(item)
        own_id = _own_id(item, self.request_id)
        if refused:
            self.core.refuse(operation, entity, refused, own_id)
        body = custom_fields.seen(body, self.query)
        record = self.core.write(operation, entity, body, own_id)
        return {rules.ENTITIES[entity.casefold()]: self.shown(record)}


def _change(item: Item) -> tuple[str, str, Item]:
    """Return operation, entity and record; raises ValueError or TypeError."""
    [entity] = [one for one in item if one not in _BESIDE_THE_ENTITY]
    body = item[entity]
    if not isinstance(body, dict):
        raise TypeError(entity)
    return str(item.get("operation", "")).casefold(), entity, body


def _own_id(item: Item, request_id: str) -> str:
    return f"{request_id}{item.get('bId', '')}" if request_id else ""
