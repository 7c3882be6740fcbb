"""From what a request gives to what a record holds: references, shapes, cleared fields."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from src.adapters.fakes.conductor import refusal, wire
from src.adapters.fakes.conductor.givens import GIVENS, Given, lists_of
from src.adapters.fakes.conductor.levels import decimal, money, price
from src.adapters.fakes.conductor.manners import Record
from src.adapters.fakes.conductor.store import Store
from src.adapters.fakes.conductor.wire import CREATE, OBJECT, UPDATE, Field

MADE_UP = "Made up"  # the name of what a suite with made-up ids refers to
# Given in part, these keep what is not given; an address is replaced as a whole.
# Neither is described anywhere; it is what qbXML does with aggregates and addresses.
MERGED = ("salesOrPurchaseDetails", "salesAndPurchaseDetails")
_FILLED_BY_US = {"id", "additionalContacts", "additionalNotes", "lines", "lineGroups", "barcode"}
_NORMAL = {"money": money, "price": price}
_TYPES = {"custom_field": {"type": "string_255_type"}}


class Shaper:
    """Shapes what is given by the table of the wire, and looks references up."""

    def __init__(self, store: Store, checks_rules: bool = True) -> None:
        self._store, self._checks_rules = store, checks_rules

    def shaped(self, shape: str, given: Mapping[str, Any], resource: str = "") -> Record:
        """Return the fields of an object that a request's body gives; raises Refusal.

        `resource` is where the shape stands. An empty text clears a field. Contacts,
        notes and lines are left out: they have ids.
        """
        found: Record = {}
        plan = _plan(shape)
        for name, value in given.items():
            field = plan.get(name)
            if value == "" and self._checks_rules and name in _needed(shape):
                place = _spelled((resource or shape).removesuffix("s"))
                raise refusal.bad_reference(_spelled(name.removesuffix("Id")), "", place)
            if field and field.field not in _FILLED_BY_US:
                found[field.field] = self._value(field, value, resource or shape)
        return found

    def reference(self, relation: str, resource: str, found: str) -> Record | None:
        """Return `{id, fullName}`, None for an empty id; raises Refusal for a wrong one."""
        if not found:
            return None
        for kind in lists_of(relation, resource):
            if kind in GIVENS and found in GIVENS[kind]:
                return {"id": found, "fullName": GIVENS[kind][found].full_name}
            if found in self._store.entries(kind):
                return {"id": found, "fullName": self._store.full_name(kind, found)}
        if self._checks_rules:
            place = _spelled(resource.removesuffix("s"))
            raise refusal.bad_reference(_spelled(relation), found, place)
        return {"id": found, "fullName": MADE_UP}

    def _value(self, field: Field, value: Any, resource: str) -> Any:
        if field.kind == "text" and value != "":
            return value
        if field.is_list:
            return [self._member(field, one, resource) for one in value]
        return self._member(field, value, resource)

    def _member(self, field: Field, value: Any, resource: str) -> Any:
        if isinstance(value, str) and field.of == "ref":
            return self.reference(field.field, resource, value)
        if isinstance(value, Mapping) and field.of in wire.shapes():
            empty = {} if field.field in MERGED else wire.blank(field.of)
            more = _TYPES.get(field.of, {})
            return {**empty, **more, **self.shaped(field.of, value, resource)}
        return None if value == "" and field.nullable else value


@lru_cache(maxsize=None)
def _plan(shape: str) -> dict[str, Field]:
    """Return what each name of a request fills in."""
    plan = {}
    for name, field in wire.fields(shape, OBJECT).items():
        key = name
        if field.of == "ref":
            key = f"{name[:-1]}Ids" if field.is_list else f"{name}Id"
        plan[key] = field
    return plan


@lru_cache(maxsize=None)
def _needed(shape: str) -> frozenset[str]:
    """Return the references that a record must have, and an update cannot take away."""
    return frozenset(
        name
        for name, field in wire.fields(shape, CREATE).items()
        if name.endswith("Id") and field.required == wire.YES
    )


@lru_cache(maxsize=None)
def decimals(shape: str) -> dict[str, str]:
    """Return the kinds, money or price, of the fields that a request gives as such."""
    return {
        field.field: field.kind
        for place in (CREATE, UPDATE)
        for field in wire.fields(shape, place).values()
        if field.kind in _NORMAL
    }


def spelled_out(shape: str, given: Mapping[str, Any]) -> Record:
    """Return what is given with decimals as QuickBooks writes them: 12.5 is 12.50."""
    kinds = decimals(shape)
    return {
        name: _NORMAL[kinds[name]](decimal(value)) if name in kinds and value else value
        for name, value in given.items()
    }


@lru_cache(maxsize=None)
def defaults(resource: str) -> Record:
    """Return what a new record has where the request does not say."""
    words = {"true": True, "false": False}
    flags = {
        field.field: False
        for field in wire.fields(resource, OBJECT).values()
        if field.kind == "flag" and not field.nullable
    }
    return flags | {
        field.field: words.get(field.default, field.default)
        for field in wire.fields(resource, CREATE).values()
        if field.default
    }


def given_of(kind: str, reference: Mapping[str, Any] | None) -> Given | None:
    """Return what a reference means in one of the given lists, None for nothing."""
    return GIVENS[kind].get(reference["id"]) if reference else None


def _spelled(name: str) -> str:
    """Return a name as QuickBooks writes it in messages: SalesOrder, PreferredVendor."""
    words = name.split("-")
    return "".join(word[:1].upper() + word[1:] for word in words)
