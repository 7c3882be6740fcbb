"""Records of Conductor as cells, and cells as the bodies of its requests.

A cell is canonical text: nothing for null, yes or no, an ISO date, a decimal number with
exactly two places (money), two to five (prices), none to five (quantities), custom fields
as JSON with sorted keys. So two cells are equal where the values are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from src.wms.fields import (
    ADJUSTMENTS,
    FLAG,
    JSON,
    MONEY,
    ONE_SIDED,
    PRICE,
    QUANTITY,
    TWO_SIDED,
    Field,
    Kind,
)

NEW_LINE = "-1"  # the id by which an update's line set adds a line
_CENT, _TINY = Decimal("0.01"), Decimal("0.00001")


class Lined(NamedTuple):
    """One line of a record: QuickBooks' id of it, empty before it has one, and its cells."""

    id: str
    cells: tuple[str, ...]


# --- from the wire --------------------------------------------------------------------


def cells_of(fields: Sequence[Field], record: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the cells of a record, or of a line, in the order of its fields."""
    return tuple([canonical(field, _read(record, field.read)) for field in fields])


def lines_of(kind: Kind, record: Mapping[str, Any]) -> list[Lined]:
    """Return the lines of a record, in their order.

    An assembly's lines have no id of their own: the item's serves, and its number where
    the same item is there again.
    """
    found, met = [], set()
    for line in record.get("lines") or () if kind.lines else ():
        line_id = line.get("id") or _read(line, "inventoryItem.id") or ""
        while line_id in met:
            line_id += "+"
        met.add(line_id)
        found.append(Lined(line_id, cells_of(kind.lines, line)))
    return found


def _read(record: Mapping[str, Any], path: str) -> Any:
    if "+" in path:
        parts = [_read(record, part) for part in path.split("+")]
        return sum(Decimal(part) for part in parts if part) if any(parts) else None
    found: Any = record
    for name in path.split("."):
        found = found.get(name) if found else None
    return found


def canonical(field: Field, value: Any) -> str:
    """Return a value, of the wire or of a database, as its one spelling.

    Raises ValueError where it is not of the field's kind.
    """
    if value is None or value == "":
        return ""
    if field.holds in (MONEY, PRICE, QUANTITY):
        return number(field.holds, value)
    if field.holds == FLAG:
        return value if value in ("yes", "no") else "yes" if value else "no"
    if field.holds == JSON:
        text = value if isinstance(value, str) else json.dumps(value)
        return "" if text in ("[]", "{}") else _sorted_json(text)
    return str(value)


def _sorted_json(text: str) -> str:
    return json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True)


def number(holds: str, value: object) -> str:
    """Return a decimal number in its one spelling; raises ValueError.

    >>> number("money", "12.5"), number("price", "1.50000"), number("quantity", 3.0)
    ('12.50', '1.50', '3')
    """
    try:
        exact = Decimal(str(value))
        if holds == MONEY:
            return f"{exact.quantize(_CENT) + 0:f}"  # + 0: a zero has no sign
        short = f"{exact.quantize(_TINY) + 0:f}".rstrip("0").rstrip(".")
    except InvalidOperation:
        raise ValueError(f"{value!r} is no number") from None
    if holds == QUANTITY:
        return short
    whole, _, places = short.partition(".")
    return f"{whole}.{places:0<2}"


# --- to the wire ----------------------------------------------------------------------


def body_of(
    fields: Iterable[Field], cells: Mapping[str, str], verb: str
) -> dict[str, Any]:
    """Return the body of a request that writes these cells, by field name.

    What QuickBooks does not let others write is left out; so is an empty cell at a
    create. An address is written whole where a part of it is there.
    """
    body: dict[str, Any] = {}
    for field in fields:
        is_taken = field.write and field.only_at in ("", verb)
        if not is_taken or field.name not in cells:
            continue
        text = cells[field.name]
        if text or verb == "update":
            _put(body, field.write, _value(field, text))
    return body


def _put(body: dict[str, Any], path: str, value: Any) -> None:
    *outer, last = path.split(".")
    for name in outer:
        body = body.setdefault(name, {})
    body[last] = value


def _value(field: Field, text: str) -> Any:
    if field.holds == FLAG:
        return text == "yes"
    if field.holds == QUANTITY or field.name == "value_difference":
        exact = Decimal(text or "0")
        return int(exact) if exact == exact.to_integral_value() else float(exact)
    return text


def new_body(
    kind: Kind, cells: Sequence[str], lines: Sequence[Sequence[str]], external_id: str
) -> dict[str, Any]:
    """Return the body that creates a record with its lines."""
    named = {field.name: cell for field, cell in zip(kind.fields, cells)}
    body = body_of(kind.fields, named, "create")
    if ONE_SIDED in body and TWO_SIDED in body:  # QuickBooks takes exactly one
        del body[ONE_SIDED if named.get("income_account.id") else TWO_SIDED]
    if kind.lines:
        body["lines"] = [new_line(kind, line) for line in lines]
    return {**body, "externalId": external_id}


def new_line(kind: Kind, cells: Sequence[str]) -> dict[str, Any]:
    """Return a line as a create takes it: amounts are left to QuickBooks' arithmetic."""
    named = {field.name: cell for field, cell in zip(kind.lines, cells) if cell}
    if kind.name == ADJUSTMENTS:
        return _movement(named)
    if "quantity" in named and ("unit_price" in named or "unit_cost" in named):
        named.pop("amount", None)
    return body_of(kind.lines, named, "create")


def _movement(named: Mapping[str, str]) -> dict[str, Any]:
    quantity = float(named.get("quantity_difference", "0"))
    line: dict[str, Any] = {"itemId": named.get("item.id", "")}
    quantity = int(quantity) if quantity == int(quantity) else quantity
    value = Decimal(named.get("value_difference", "0"))
    if not value:
        return {**line, "adjustQuantity": {"quantityDifference": quantity}}
    adjusted = {"quantityDifference": quantity, "valueDifference": float(value)}
    return {**line, "adjustValue": adjusted}
