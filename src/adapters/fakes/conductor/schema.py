"""What Conductor checks before it asks QuickBooks: names, types, lengths, formats.

Messages are those of the checker that Conductor uses (Zod), all that is wrong at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from datetime import date
from typing import Any

from src.adapters.fakes.conductor import refusal, wire
from src.adapters.fakes.conductor.wire import QUERY, YES, Field, Fields, blank

__all__ = ["blank", "check_body", "check_query"]

_MONEY = re.compile(r"-?[0-9]{1,13}(?:\.[0-9]{2})?")
_PRICE = re.compile(r"-?[0-9]{1,10}(?:\.[0-9]{1,5})?")
_GUID = re.compile(
    r"\{?[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?"
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LARGEST = 10**13


def check_body(
    resource: str, verb: str, body: object, any_length: Set[str] = frozenset()
) -> None:
    """Raise Refusal where a request's body is not as the API describes it.

    Texts of the fields in `any_length` may be as long as they like.
    """
    found = _objects(wire.fields(resource, verb), body, "", verb)
    issues = [told for told, field in found if field not in any_length]
    if issues:
        raise refusal.invalid("; ".join(issues))


def check_query(resource: str, pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return a query's values as what they are, defaults filled in; raises Refusal.

    A name that comes several times is a list.
    """
    fields = wire.fields(resource, QUERY)
    unknown = [name for name, _ in pairs if name not in fields]
    issues = [_unknown(unknown, "")] if unknown else []
    given: dict[str, list[str]] = {}
    for name, text in pairs:
        given.setdefault(name, []).append(text)
    values = {f.field: _typed(f.of, f.default) for f in fields.values() if f.default}
    for name in given.keys() & fields.keys():
        field = fields[name]
        issues += _query_issues(field, given[name])
        typed = [_typed(field.of, text) for text in given[name]]
        values[name] = typed if field.is_list else typed[-1]
    for field in fields.values():
        if field.required and field.field not in given:
            issues.append(_told("expected array, received undefined", field.field))
    if issues:
        raise refusal.invalid("; ".join(issues))
    return values


def _query_issues(field: Field, texts: Sequence[str]) -> list[str]:
    if len(texts) > 1 and not field.is_list:
        kind = _EXPECTED.get(field.kind, "string")
        return [_told(f"expected {kind}, received array", field.field)]
    typed = (_typed(field.of, text) for text in texts)
    return [told for value in typed for told, _ in _single(field, value, field.field)]


def _typed(kind: str, text: str) -> Any:
    """Return what a query's text stands for; what it is not stays text."""
    if kind == "flag":
        return {"true": True, "false": False}.get(text, text)
    if kind == "integer" and re.fullmatch(r"-?[0-9]{1,15}", text, re.ASCII):
        return int(text)
    return text


# --- what is wrong with a value: the message, and the field when it is too long -------

Issues = Iterator[tuple[str, str]]


def _objects(fields: Fields, value: object, path: str, verb: str) -> Issues:
    if not isinstance(value, Mapping):
        yield _told(f"expected object, received {_name(value)}", path), ""
        return
    unknown = [str(name) for name in value if name not in fields]
    if unknown:
        yield _unknown(unknown, path), ""
    for name, field in fields.items():
        at = f"{path}.{name}" if path else name
        if name in value:
            yield from _value(field, value[name], at, verb)
        elif field.required == YES:
            kind = "array" if field.is_list else _EXPECTED.get(field.kind, "string")
            yield _told(f"expected {kind}, received undefined", at), ""


def _value(field: Field, value: object, path: str, verb: str) -> Issues:
    if not field.is_list:
        yield from _member(field, value, path, verb)
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _member(field, one, f"{path}[{number}]", verb)
    else:
        yield _told(f"expected array, received {_name(value)}", path), ""


def _member(field: Field, value: object, path: str, verb: str) -> Issues:
    if field.of in wire.shapes():
        yield from _objects(wire.fields(field.of, verb), value, path, verb)
    else:
        yield from _single(field, value, path)


def _single(field: Field, value: object, path: str) -> Issues:
    kind = _EXPECTED.get(field.of, "string")
    if field.of == "enum":
        if value not in field.values.split():
            options = "|".join(f'"{one}"' for one in field.values.split())
            yield f'Invalid option: expected one of {options} at "{path}"', ""
    elif _name(value) != kind:
        yield _told(f"expected {kind}, received {_name(value)}", path), ""
    elif isinstance(value, str):
        yield from _text(field, value, path)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from _number(field, value, path)


def _text(field: Field, value: str, path: str) -> Issues:
    if field.most and len(value) > int(field.most):
        most = f"expected string to have <={field.most} characters"
        yield f'Too big: {most} at "{path}"', field.field
    fits = _FORMATS.get(field.of)
    if fits and not fits(value):
        yield f'Invalid string: {_WANTED[field.of]} at "{path}"', ""


def _number(field: Field, value: float, path: str) -> Issues:
    if field.of == "integer" and value != int(value):
        yield _told("expected int, received number", path), ""
    if abs(value) >= _LARGEST or (field.of == "number2" and round(value, 2) != value):
        yield f'Invalid number: {_WANTED["money"]} at "{path}"', ""
    least = field.note.removeprefix("at least ")
    if least.isdigit() and value < int(least):
        yield f'Too small: expected number to be >={least} at "{path}"', ""
    if field.most and value > int(field.most):
        yield f'Too big: expected number to be <={field.most} at "{path}"', ""


def _name(value: object) -> str:
    """Return what JSON calls a value's type."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "NaN" if value != value else "number"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, Mapping) else "array"


def _told(what: str, path: str) -> str:
    return f'Invalid input: {what} at "{path}"' if path else f"Invalid input: {what}"


def _unknown(names: Sequence[str], path: str) -> str:
    listed = ", ".join(f'"{name}"' for name in dict.fromkeys(names))
    plural = "s" if len(names) > 1 else ""
    return f"Unrecognized key{plural}: {listed}" + (f' at "{path}"' if path else "")


def _is_date(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False


_EXPECTED = {
    "flag": "boolean",
    "number": "number",
    "number2": "number",
    "integer": "number",
    **dict.fromkeys(("address", "barcode", "credit_card"), "object"),
}
_FORMATS: dict[str, Callable[[str], object]] = {
    "money": _MONEY.fullmatch,
    "price": _PRICE.fullmatch,
    "guid": _GUID.fullmatch,
    "date": _is_date,
}
_WANTED = {
    "money": "must have exactly 2 decimal places when cents are included, and at most 13 "
    "digits before the decimal point",
    "price": "must have at most 5 decimal places and at most 10 digits before the "
    "decimal point",
    "guid": "invalid GUID",
    "date": "invalid ISO date",
}
