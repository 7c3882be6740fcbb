"""The part of QuickBooks' query language that the pipelines use, over rows in memory."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from src.kit.errors import Refused

DEFAULT_PAGE, LARGEST_PAGE = 100, 1000  # rows; QuickBooks caps what asks for more
Record = Mapping[str, Any]

_STATEMENT = re.compile(
    r"\s*select\s+(?P<what>\*|count\(\*\))\s+from\s+(?P<entity>\w+)"
    r"(?:\s+where\s+(?P<where>.+?))?(?:\s+order\s*by\s+\w+)?"
    r"(?:\s+startposition\s+(?P<start>\d+))?(?:\s+maxresults\s+(?P<most>\d+))?\s*",
    re.IGNORECASE | re.DOTALL,
)
_TEXT = r"'(?:[^'\\]|\\.)*'"
_CONDITION = re.compile(
    rf"\s*(?P<name>[\w.]+)\s*(?:=\s*(?P<one>{_TEXT})|in\s*\((?P<many>[^)]*)\))\s*",
    re.IGNORECASE,
)


class Entity(NamedTuple):
    """All records of one entity, packed, and the function that unpacks one."""

    packed: Sequence[Any]
    unpack: Callable[[Any], Record]


def answer_to(statement: str, entities: Callable[[str], Entity]) -> dict[str, Any]:
    """Return the QueryResponse to a statement over the named entity's records.

    Raises Refused where QuickBooks would answer 4000 (cannot be parsed).
    """
    parsed = _STATEMENT.fullmatch(statement)
    if not parsed:
        raise Refused(f"query: error parsing {statement!r} (4000)")
    packed, unpack = entities(parsed["entity"].casefold())
    for name, values in _conditions(parsed["where"] or ""):
        packed = [one for one in packed if str(_value(unpack(one), name)) in values]
    if parsed["what"] != "*":
        return {"totalCount": len(packed)}
    start = int(parsed["start"] or 1)
    most = min(int(parsed["most"] or DEFAULT_PAGE), LARGEST_PAGE)
    page = [unpack(one) for one in packed[start - 1 : start - 1 + most]]
    return {parsed["entity"]: page, "startPosition": start, "maxResults": len(page)}


def _conditions(where: str) -> Iterable[tuple[str, set[str]]]:
    for text in re.split(r"\s+and\s+(?=[\w.]+\s*(?:=|in\b))", where, flags=re.I):
        if text:
            parsed = _CONDITION.fullmatch(text)
            if not parsed:
                raise Refused(f"query: error parsing {text!r} (4000)")
            found = re.findall(_TEXT, parsed["one"] or parsed["many"])
            yield parsed["name"], {_unquote(value) for value in found}


def _unquote(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def quote(text: str) -> str:
    r"""Return a text as a query's value.

    >>> quote("O'Brien")
    "'O\\'Brien'"
    """
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _value(row: Record, dotted: str) -> Any:
    """Return a property by its name, whatever its case."""
    value: Any = row
    for name in dotted.casefold().split("."):
        value = next((v for k, v in value.items() if k.casefold() == name), "")
    return value
