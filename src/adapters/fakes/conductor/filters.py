"""What the filters of a list let through.

Three questions, from cheap to dear: what the index holds, the record, its lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime, time, timezone, tzinfo
from decimal import Decimal, InvalidOperation
from operator import eq, ge, gt, le, lt
from typing import Any, NamedTuple

from src.adapters.fakes.conductor import refusal
from src.adapters.fakes.conductor.levels import all_lines, decimal
from src.adapters.fakes.conductor.manners import Record

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?"
    r"(?:[.,][0-9]{1,9})?(?:[+-][0-9]{2}:[0-9]{2})?"
)
NAMED = ("ids", "fullNames", "names", "refNumbers")
_ONE_OF_NAMES = ("Contains", "StartsWith", "EndsWith")
_BALANCES = {
    "totalBalance": eq,
    "totalBalanceGreaterThan": gt,
    "totalBalanceGreaterThanOrEqualTo": ge,
    "totalBalanceLessThan": lt,
    "totalBalanceLessThanOrEqualTo": le,
}
REFERRING = {
    "customerIds": ("customer",),
    "vendorIds": ("vendor",),
    "classIds": ("class",),
    "currencyIds": ("currency",),
    "accountIds": ("account", "receivablesAccount"),
}
Query = Mapping[str, Any]


class Looks(NamedTuple):
    """What the index holds of a record."""

    name: str  # full name
    is_active: bool
    updated: str  # UTC, to the second


Glance = Callable[[Looks], bool]
Look = Callable[[Record], bool]


def check(query: Query) -> None:
    """Raise Refusal for filters that exclude each other."""
    for stem in ("name", "refNumber"):
        one_of = [stem + end for end in _ONE_OF_NAMES if stem + end in query]
        ranges = [stem + end for end in ("From", "To") if stem + end in query]
        if len(one_of) + bool(ranges) > 1:
            _refuse(one_of + ranges)
    balances = [name for name in _BALANCES if name in query]
    if len(balances) > 1:
        _refuse(balances)


def glances(query: Query, zone: tzinfo) -> list[Glance]:
    """Return what is asked of the index; raises Refusal."""
    found: list[Glance] = []
    status = query.get("status", "all")
    if status != "all":
        found.append(lambda looks: looks.is_active == (status == "active"))
    if "updatedAfter" in query:
        after = moment(query["updatedAfter"], zone, time.min)
        found.append(lambda looks: looks.updated >= after)
    if "updatedBefore" in query:
        before = moment(query["updatedBefore"], zone, time.max)
        found.append(lambda looks: looks.updated <= before)
    fits = [_text_filter(query, "name", str.casefold), *_name_range(query)]
    found += [_of_name(test) for test in fits if test]
    return found


def looks(query: Query) -> list[Look]:
    """Return what is asked of the records themselves; raises Refusal."""
    found: list[Look] = []
    for name, relations in REFERRING.items():
        if name in query:
            found.append(_refers(relations, set(query[name])))
    if "itemIds" in query:
        found.append(_has_item(set(query["itemIds"])))
    if "transactionDateFrom" in query:
        found.append(_on(ge, query["transactionDateFrom"]))
    if "transactionDateTo" in query:
        found.append(_on(le, query["transactionDateTo"]))
    if query.get("paymentStatus", "all") != "all":
        is_paid = query["paymentStatus"] == "paid"
        found.append(lambda record: bool(record["isPaid"]) == is_paid)
    if query.get("accountType"):
        found.append(lambda record: record["accountType"] == query["accountType"])
    fits = [_text_filter(query, "refNumber", str), *_number_range(query)]
    found += [_of_number(test) for test in fits if test]
    for name in query.keys() & _BALANCES.keys():
        found.append(_balance(_BALANCES[name], query[name]))
    return found


def moment(text: str, zone: tzinfo, of_day: time) -> str:
    """Return a date or a moment as the index holds it; raises Refusal.

    A date alone is its start or its end, a moment without an offset the local time of
    QuickBooks' computer.
    """
    plain = re.sub("[Zz]$", "+00:00", text)
    try:
        if _DAY.fullmatch(plain):
            found = datetime.combine(datetime.fromisoformat(plain), of_day)
        elif _MOMENT.fullmatch(plain):
            found = datetime.fromisoformat(re.sub("[.,][0-9]+", "", plain))
        else:
            raise ValueError
        local = found if found.tzinfo else found.replace(tzinfo=zone)
        return local.astimezone(timezone.utc).replace(microsecond=0).isoformat()
    except (ValueError, OverflowError):
        raise refusal.invalid(f"Invalid date or time: {text!r}") from None


def sort_key(name: str) -> list[tuple[int, str]]:
    """Return by what names are ordered: punctuation, digits, letters.

    >>> sorted(["b", "A", "1", "-"], key=sort_key)
    ['-', '1', 'A', 'b']
    """
    return [
        (2 if one.isalpha() else 1 if one.isdigit() else 0, one) for one in name.casefold()
    ]


# --- single tests ---------------------------------------------------------------------

Test = Callable[[str], bool]


def _text_filter(query: Query, stem: str, fold: Callable[[str], str]) -> Test | None:
    if f"{stem}Contains" in query:
        wanted = fold(query[f"{stem}Contains"])
        return lambda text: wanted in fold(text)
    if f"{stem}StartsWith" in query:
        wanted = fold(query[f"{stem}StartsWith"])
        return lambda text: fold(text).startswith(wanted)
    if f"{stem}EndsWith" in query:
        wanted = fold(query[f"{stem}EndsWith"])
        return lambda text: fold(text).endswith(wanted)
    return None


def _name_range(query: Query) -> Iterator[Test]:
    if "nameFrom" in query:
        first = sort_key(query["nameFrom"])
        yield lambda text: sort_key(text) >= first
    if "nameTo" in query:
        last = sort_key(query["nameTo"])
        yield lambda text: sort_key(text) <= last


def _number_range(query: Query) -> Iterator[Test]:
    for name, compare in (("refNumberFrom", ge), ("refNumberTo", le)):
        if name in query:
            yield _compared(compare, query[name])


def _compared(compare: Callable[[Any, Any], bool], bound: str) -> Test:
    def test(text: str) -> bool:
        both = bound.isascii() and bound.isdigit() and text.isascii() and text.isdigit()
        return compare(int(text), int(bound)) if both else compare(text, bound)

    return test


def _of_name(test: Test) -> Glance:
    return lambda looks: test(looks.name)


def _of_number(test: Test) -> Look:
    return lambda record: test(record["refNumber"] or "")


def _refers(relations: Collection[str], wanted: set[str]) -> Look:
    def look(record: Record) -> bool:
        refs = (record.get(name) for name in relations)
        return any(ref and ref["id"] in wanted for ref in refs)

    return look


def _has_item(wanted: set[str]) -> Look:
    return lambda record: any(
        line["item"] and line["item"]["id"] in wanted for line in all_lines(record)
    )


def _on(compare: Callable[[Any, Any], bool], day: str) -> Look:
    return lambda record: compare(record["transactionDate"], day)


def _balance(compare: Callable[[Any, Any], bool], text: str) -> Look:
    try:
        bound = Decimal(text)
    except InvalidOperation:
        raise refusal.invalid(f"Invalid amount: {text!r}") from None
    return lambda record: compare(
        decimal(record.get("totalBalance") or record.get("balance")), bound
    )


def _refuse(names: Collection[str]) -> None:
    raise refusal.not_understood("either or", f"use one of {', '.join(names)}")
