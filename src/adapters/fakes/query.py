"""QuickBooks' query language over records in memory.

`select * | count(*) | properties from Entity [where p op value [and …]]
[order by p [asc|desc], …] [startposition n] [maxresults n]`, as the documentation has it,
with what real clients send beside it: `orderby` as one word, any case, `!=`, numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any, NamedTuple

from src.adapters.fakes.refusal import Refusal

DEFAULT_PAGE, LARGEST_PAGE = 100, 1000  # rows; QuickBooks caps what asks for more
MOST_REMEMBERED = 8  # questions of one entity
NOT_QUERYABLE = frozenset({"privatenote", "customfield", "line"})
Record = Mapping[str, Any]

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')|(?P<word>[A-Za-z_][\w.]*)|(?P<number>-?\d[\d.]*)"
    r"|(?P<sign><=|>=|!=|[=<>(),*]))",
    re.DOTALL,
)
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_OPERATORS = ("=", "!=", "<", ">", "<=", ">=", "like", "in")


class Entity(NamedTuple):
    """All records of one entity, packed, ordered by Id, and what unpacks one."""

    packed: Sequence[Any]
    unpack: Callable[[Any], Record]
    name: str = ""  # as QuickBooks spells it
    hides_inactive: bool = False
    selected: Selected | None = None  # what was asked before, as long as nothing changed


class Condition(NamedTuple):
    """One comparison of a where clause."""

    name: str
    operator: str
    values: tuple[str, ...]


Order = tuple[tuple[str, bool], ...]  # property, descending
Selected = dict[tuple[tuple[Condition, ...], Order], Sequence[Any]]


class Query(NamedTuple):
    """A statement, taken apart."""

    what: tuple[str, ...]  # properties; `*`, or `count` alone
    entity: str
    conditions: tuple[Condition, ...]
    order: Order
    start: int
    most: int


def answer_to(statement: str, entities: Callable[[str], Entity]) -> dict[str, Any]:
    """Return the QueryResponse to a statement over the named entity's records.

    Raises Refusal where QuickBooks answers 4000 (cannot be parsed) or 4001 (not valid).
    """
    query = parse(statement)
    entity = entities(query.entity)
    found = _remembered(entity, query)
    if query.what == ("count",):
        return {"totalCount": len(found)}
    some = found[query.start - 1 : query.start - 1 + query.most]
    page = [_chosen(entity.unpack(one), query.what) for one in some]
    if not page:
        return {}
    name = entity.name or query.entity
    return {name: page, "startPosition": query.start, "maxResults": len(page)}


def _remembered(entity: Entity, query: Query) -> Sequence[Any]:
    """Return what a query finds: from page to page the same, so it is looked for once."""
    conditions = query.conditions
    asks_active = any(one.name.casefold() == "active" for one in conditions)
    if entity.hides_inactive and not asks_active:
        conditions = (*conditions, Condition("Active", "=", ("true",)))
    known: Selected = {} if entity.selected is None else entity.selected
    asked = (conditions, query.order)
    if asked not in known:
        if len(known) >= MOST_REMEMBERED:
            known.clear()
        known[asked] = _selected(entity, *asked)
    return known[asked]


def _selected(
    entity: Entity, conditions: tuple[Condition, ...], order: Order
) -> Sequence[Any]:
    found = entity.packed
    if conditions:
        tests = [_test(one) for one in conditions]
        found = [one for one in found if _fits(entity.unpack(one), tests)]
    if all(one == ("Id", False) for one in order):
        return found  # they are stored in the order of their ids
    found = list(found)
    for name, descending in reversed(order):
        found.sort(key=_ranked_by(entity, name), reverse=descending)
    return found


def _ranked_by(entity: Entity, name: str) -> Callable[[Any], tuple[int, Any]]:
    return lambda one: _rank(_first(entity.unpack(one), name))


def _chosen(record: Record, what: tuple[str, ...]) -> Record:
    """Return a record with the properties that were asked for."""
    if "*" in what:
        return record
    wanted = {name.partition(".")[0].casefold() for name in what}
    some = {name: value for name, value in record.items() if name.casefold() in wanted}
    return {**some, "sparse": True}


# --- parsing --------------------------------------------------------------------------


def parse(statement: str) -> Query:
    """Return a statement taken apart; raises Refusal."""
    return _Parser(statement).query()


class _Parser:
    """Reads a statement token by token."""

    def __init__(self, statement: str) -> None:
        self._statement = statement
        self._tokens = list(self._split(statement))
        self._at = 0

    def _split(self, statement: str) -> Iterator[tuple[str, str]]:
        at, end = 0, len(statement.rstrip())
        while at < end:
            found = _TOKEN.match(statement, at)
            if not found:
                raise self._refusal(statement[at : at + 20])
            yield str(found.lastgroup), found[str(found.lastgroup)]
            at = found.end()
        yield "end", ""

    def _refusal(self, near: str) -> Refusal:
        return Refusal("4000", f"Error parsing query: near {near!r} in {self._statement!r}")

    def _next(self, *kinds: str) -> str:
        kind, text = self._tokens[self._at]
        if kind not in kinds:
            raise self._refusal(text)
        self._at += 1
        return text

    def _is(self, *words: str) -> bool:
        """Take the words if they come next."""
        there = self._tokens[self._at : self._at + len(words)]
        if [text.casefold() for _, text in there] != list(words):
            return False
        self._at += len(words)
        return True

    def _must(self, word: str) -> None:
        if not self._is(word):
            raise self._refusal(self._tokens[self._at][1])

    def query(self) -> Query:
        self._must("select")
        what = self._what()
        self._must("from")
        entity = self._next("word")
        conditions = tuple(self._conditions()) if self._is("where") else ()
        order: Order = ()
        if self._is("orderby") or self._is("order", "by"):
            order = tuple(self._order())
        start = self._number("startposition", 1, 1)
        most = self._number("maxresults", DEFAULT_PAGE, 0)
        self._next("end")
        return Query(what, entity, conditions, order, start, min(most, LARGEST_PAGE))

    def _what(self) -> tuple[str, ...]:
        if self._is("count", "(", "*", ")"):
            return ("count",)
        names = [self._property()]
        while self._is(","):
            names.append(self._property())
        return tuple(names)

    def _property(self) -> str:
        return "*" if self._is("*") else self._next("word")

    def _conditions(self) -> Iterator[Condition]:
        yield self._condition()
        while self._is("and"):
            yield self._condition()

    def _condition(self) -> Condition:
        name = self._next("word")
        if name.casefold() in NOT_QUERYABLE:
            raise Refusal("4001", f"QueryValidationError: property '{name}' is not queryable")
        operator = self._next("sign", "word").casefold()
        if operator not in _OPERATORS:
            raise self._refusal(operator)
        if operator != "in":
            return Condition(name, operator, (self._value(),))
        self._must("(")
        values = [self._value()]
        while self._is(","):
            values.append(self._value())
        self._must(")")
        return Condition(name, "in", tuple(values))

    def _value(self) -> str:
        kind, text = self._tokens[self._at]
        if kind == "word" and text.casefold() not in ("true", "false"):
            raise self._refusal(text)
        self._next("text", "number", "word")
        return re.sub(r"\\(.)", r"\1", text[1:-1]) if kind == "text" else text

    def _order(self) -> Iterator[tuple[str, bool]]:
        while True:
            name = self._next("word")
            descending = self._is("desc")
            if not descending:
                self._is("asc")
            yield name, descending
            if not self._is(","):
                return

    def _number(self, word: str, default: int, least: int) -> int:
        if not self._is(word):
            return default
        text = self._next("number")
        if not _WHOLE.fullmatch(text):
            raise self._refusal(text)
        if int(text) < least:
            raise Refusal(
                "4001",
                f"QueryValidationError: value {text} is too small. "
                f"Min allowed value is {least}",
            )
        return int(text)


# --- comparing ------------------------------------------------------------------------

Test = Callable[[Record], bool]


def _fits(record: Record, tests: Sequence[Test]) -> bool:
    return all(test(record) for test in tests)


def _test(condition: Condition) -> Test:
    """Return what says whether a record fulfils a condition."""
    name, operator, values = condition
    if operator in ("=", "in"):
        wanted = {value.strip().casefold() for value in values}
        return lambda record: not wanted.isdisjoint(_folded(record, name))
    if operator == "!=":
        unwanted = values[0].strip().casefold()
        return lambda record: unwanted not in _folded(record, name)
    if operator == "like":
        pattern = re.compile(
            ".*".join(map(re.escape, values[0].split("%"))), re.IGNORECASE | re.DOTALL
        )
        return lambda record: any(map(pattern.fullmatch, _texts(record, name)))
    wanted_rank = _rank(values[0])
    compare = _COMPARISONS[operator]
    return lambda record: any(
        compare(rank, wanted_rank)
        for rank in map(_rank, _texts(record, name))
        if rank[0] == wanted_rank[0]
    )


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda one, other: one < other,
    ">": lambda one, other: one > other,
    "<=": lambda one, other: one <= other,
    ">=": lambda one, other: one >= other,
}


def _folded(record: Record, name: str) -> set[str]:
    return {text.casefold() for text in _texts(record, name)} or {""}


def _texts(record: Record, dotted: str) -> list[str]:
    """Return the values of a property, by its dotted name, whatever its case."""
    plain = record.get(dotted)
    if isinstance(plain, (str, bool)):  # nearly always, and fast
        return [_text(plain)]
    found: list[Any] = [record]
    for name in dotted.casefold().split("."):
        found = [
            value
            for one in found
            for key, value in (one.items() if isinstance(one, dict) else ())
            if key.casefold() == name
        ]
        found = [
            one for value in found for one in (value if isinstance(value, list) else [value])
        ]
    return [_text(value) for value in found if not isinstance(value, dict)]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _first(record: Record, name: str) -> str:
    return next(iter(_texts(record, name)), "")


def _rank(text: str) -> tuple[int, Any]:
    """Return what a text is compared by: a number, a moment, or its letters."""
    if _NUMBER.fullmatch(text):  # a float would take long ids for one, and Nan for a number
        return 0, Decimal(text)
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return 2, text.casefold()
    return 1, moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
