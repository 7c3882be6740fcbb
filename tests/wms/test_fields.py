"""Every field of the synchronization is on the wire where it says, and as long."""

from __future__ import annotations

import pytest

from src.adapters.fakes.conductor import wire
from src.wms import fields
from src.wms.fields import KINDS, TYPES, Field, Kind

REF = {"id": "text", "fullName": "text"}


def found(resource: str, place: str, path: str) -> str:
    """Return the kind of what a path leads to on the wire, nothing if to nothing."""
    head, _, rest = path.partition(".")
    field = wire.fields(resource, place).get(head)
    if field is None or not rest:
        return field.of if field else ""
    if field.of == "ref":
        return REF.get(rest, "")
    inner = place if wire.fields(field.of, place) else wire.WRITE
    return found(field.of, inner, rest)


def most(resource: str, place: str, path: str) -> str:
    """Return the most characters that the wire takes at a path."""
    head, _, rest = path.partition(".")
    field = wire.fields(resource, place)[head]
    if not rest:
        return field.most
    inner = place if wire.fields(field.of, place) else wire.WRITE
    return most(field.of, inner, rest)


def written(kind: Kind) -> list[tuple[Field, str]]:
    verbs = (wire.CREATE, wire.UPDATE)
    return [
        (field, verb)
        for field in kind.fields
        for verb in verbs
        if field.write and field.only_at in ("", verb)
    ]


ALL = pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)


@ALL
def test_every_field_is_read_where_the_wire_has_it(kind):
    paths = [path for field in kind.fields for path in field.read.split("+") if path]

    assert [p for p in paths if not found(kind.resource, wire.OBJECT, p)] == []


@ALL
def test_every_field_is_written_where_the_wire_takes_it(kind):
    missing = [
        (field.name, verb)
        for field, verb in written(kind)
        if not found(kind.resource, verb, field.write)
    ]

    assert missing == []


@ALL
def test_every_length_is_the_wires(kind):
    for field, verb in written(kind):
        said = most(kind.resource, verb, field.write)
        if field.holds == fields.TEXT and not field.refers_to:
            assert str(field.most or "") == said, (field.name, verb)


@ALL
def test_a_name_stands_beside_the_id_that_it_names(kind):
    names = {field.name for field in kind.fields}

    assert {field.names for field in kind.fields if field.names} <= names


def test_what_refers_to_others_comes_after_them():
    met: set[str] = set()
    for kind in KINDS.values():
        needed = {field.refers_to for field in (*kind.fields, *kind.lines)} - {""}
        assert needed <= met | {kind.type}, kind.name
        met.add(kind.type)


def test_items_are_five_kinds_and_every_other_type_is_one():
    counts = {word: len(fields.of_type(word)) for word in TYPES}

    assert counts == {**dict.fromkeys(TYPES, 1), "items": 5}


def test_types_come_in_the_order_of_synchronization():
    kinds = fields.of_types(["invoices", "customers"])

    assert [kind.name for kind in kinds] == ["customers", "invoices"]
    assert len(fields.of_types([])) == len(KINDS)


def test_only_contact_details_of_a_customer_are_the_warehouses():
    contact = {f.name.partition(".")[0] for f in KINDS["customers"].fields if f.is_contact}

    assert contact == {
        *("first_name", "last_name", "phone", "email"),
        *("billing_address", "shipping_address"),
    }
