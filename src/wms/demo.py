"""The demo's two sides, made and edited as their own people would do it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from src.wms import wire
from src.wms.demo_cases import (
    ADDED,
    EDITS,
    MADE,
    QBD,
    WMS,
    Cells,
    Edit,
    Entry,
    LineEdit,
)
from src.wms.fields import CUSTOMERS, ITEMS, KINDS, TYPES, VENDORS, Field, Kind, of_type
from src.wms.records import StoredHead
from src.wms.states import Lines, Stored
from src.wms.store import Store
from src.wms.wire import Lined

_RECORDS = (CUSTOMERS, VENDORS, ITEMS)  # what references by name are to, or to lists


class Person(NamedTuple):
    """Somebody at QuickBooks itself, who may do what the API does not allow."""

    create: Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
    edit: Callable[[str, str, Mapping[str, Any]], object]
    remove: Callable[[str, str], None]
    records: Callable[[str], Iterable[Mapping[str, Any]]]
    id_of: Callable[[str, str], str]  # of an entry of a list, by its name


class Sides(NamedTuple):
    """The two sides and the time; the caller has the transaction."""

    person: Person
    store: Store
    now: datetime


def make(sides: Sides) -> Counter[str]:
    """Make what is there before the first synchronization; count by side."""
    return _made(sides, MADE)


def edit(sides: Sides) -> Counter[str]:
    """Make the changes between two synchronizations, once; see `is_edited`."""
    counts = Counter(
        one.side
        for one in EDITS
        if (_in_wms if one.side == WMS else _in_qbd)(sides, one)
    )
    return counts + _made(sides, ADDED if counts else ())


def is_edited(sides: Sides) -> bool:
    """Return whether the warehouse has what the edits add to it."""
    there = _names(sides, WMS)
    return any((one.kind, one.name) in there for one in ADDED if one.where == WMS)


def is_empty(sides: Sides) -> bool:
    """Return whether neither side has a record."""
    return not (_names(sides, QBD) or _names(sides, WMS))


def _names(sides: Sides, side: str) -> set[tuple[str, str]]:
    kinds = KINDS.values()
    if side == QBD:
        return {
            (kind.name, _title(record))
            for kind in kinds
            for record in _listed(sides, kind)
        }
    return {
        (kind.name, _name(kind, one))
        for kind in kinds
        for one in sides.store.records(kind)
    }


def _listed(sides: Sides, kind: Kind) -> Iterable[Mapping[str, Any]]:
    return sides.person.records(kind.resource)


def _title(record: Mapping[str, Any]) -> str:
    return str(record.get("name") or record.get("refNumber") or "")


def _name(kind: Kind, record: Stored) -> str:
    return record.cells[_at(kind)]


def _at(kind: Kind) -> int:
    """Return where the name of a record stands among its cells."""
    own = "ref_number" if kind.is_transaction else "name"
    return [field.name for field in kind.fields].index(own)


def _made(sides: Sides, entries: Iterable[Entry]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for entry in entries:
        if entry.where != WMS:
            _create(sides, entry)
            counts[QBD] += 1
        if entry.where != QBD:
            _enter(sides, entry)
            counts[WMS] += 1
    return counts


# --- references by name ---------------------------------------------------------------


def _resolved(sides: Sides, cells: Cells, side: str) -> dict[str, str]:
    return {name: _reference(sides, cell, side) for name, cell in cells.items()}


def _reference(sides: Sides, cell: str, side: str) -> str:
    """Return what a side refers to something by."""
    if not cell.startswith("@"):
        return cell
    where, _, name = cell[1:].partition("/")
    if where not in _RECORDS:
        return sides.person.id_of(where, name)
    found = _references(sides, where, side)
    return next(known for title, known in found if title == name)


def _references(sides: Sides, type_: str, side: str) -> Iterator[tuple[str, str]]:
    for kind in of_type(type_):
        if side == QBD:
            yield from ((_title(one), one["id"]) for one in _listed(sides, kind))
        else:
            for one in sides.store.records(kind):
                yield _name(kind, one), one.known_as


# --- in QuickBooks --------------------------------------------------------------------


def _create(sides: Sides, entry: Entry) -> None:
    kind = KINDS[entry.kind]
    own = kind.fields[_at(kind)].column
    cells = _resolved(sides, {own: entry.name, **entry.cells}, QBD)
    lines = [_resolved(sides, line, QBD) for line in entry.lines]
    body = _body(kind.fields, cells)
    if kind.lines:
        rows = [[line.get(field.column, "") for field in kind.lines] for line in lines]
        body["lines"] = [
            wire.new_line(kind._replace(lines=_written(kind.lines)), row)
            for row in rows
        ]
    sides.person.create(kind.resource, body)


def _written(fields: Sequence[Field]) -> tuple[Field, ...]:
    """Return fields that QuickBooks' own people may all write."""
    return tuple(field._replace(write=field.write or _place(field)) for field in fields)


def _place(field: Field) -> str:
    return field.read.removesuffix(".id") + "Id" * field.read.endswith(".id")


def _body(fields: Sequence[Field], cells: Cells) -> dict[str, Any]:
    named = {f.name: cells[f.column] for f in fields if f.column in cells}
    every = [field._replace(only_at="") for field in _written(fields)]
    return wire.body_of(every, named, "update")


def _in_qbd(sides: Sides, one: Edit) -> bool:
    """Make a change in QuickBooks, if the record is there."""
    kind = KINDS[one.kind]
    found = [r for r in _listed(sides, kind) if _title(r) == one.name]
    for record in found:
        if not (one.cells or one.lines):
            sides.person.remove(kind.resource, record["id"])
            continue
        body = _body(kind.fields, _resolved(sides, one.cells, QBD))
        if one.lines:
            body["lines"] = _line_set(sides, kind, record, one.lines)
        sides.person.edit(kind.resource, record["id"], body)
    return bool(found)


def _line_set(
    sides: Sides, kind: Kind, record: Mapping[str, Any], edits: Iterable[LineEdit]
) -> list[dict[str, Any]]:
    """Return a line set in which all lines but the edited stay as they are."""
    there = [_kept(line) for line in record["lines"]]
    for line in edits:
        body = _body(kind.lines, _resolved(sides, line.cells, QBD))
        if line.at < 0:
            is_part = "inventoryItemId" in body
            there.append(body if is_part else {"id": wire.NEW_LINE, **body})
        elif body:
            there[line.at] |= body
        else:
            del there[line.at]
    return there


def _kept(line: Mapping[str, Any]) -> dict[str, Any]:
    if "inventoryItem" in line:  # an assembly's lines have no ids
        item = line["inventoryItem"]["id"]
        return {"inventoryItemId": item, "quantity": line["quantity"]}
    return {"id": line["id"]}


# --- in the warehouse -----------------------------------------------------------------


def _enter(sides: Sides, entry: Entry) -> None:
    """Enter a new record into the warehouse, under the next number of its type."""
    kind = KINDS[entry.kind]
    names = {kind.fields[_at(kind)].column: entry.name, "full_name": entry.name}
    cells = _resolved(sides, {**names, "is_active": "yes", **entry.cells}, WMS)
    lines = tuple(
        Lined("", _row(kind.lines, _resolved(sides, line, WMS))) for line in entry.lines
    )
    head = StoredHead(_next_id(sides, kind), "", *[_moment(sides, 0)] * 2, "")
    sides.store.put(kind, [Stored(head, _row(kind.fields, cells), lines)])


def _row(fields: Sequence[Field], cells: Cells) -> tuple[str, ...]:
    return tuple(cells.get(field.column, "") for field in fields)


def _next_id(sides: Sides, kind: Kind) -> str:
    letters = "".join(word[0] for word in kind.type.split("_")).upper()
    taken = {
        one.head.wms_id
        for each in of_type(kind.type)
        for one in sides.store.records(each)
    }
    number = 1
    while f"{letters}{TYPES.index(kind.type)}-{number:03}" in taken:
        number += 1
    return f"{letters}{TYPES.index(kind.type)}-{number:03}"


def _moment(sides: Sides, minutes: int) -> str:
    moment = sides.now + timedelta(minutes=minutes)
    return moment.isoformat(timespec="microseconds")


def _in_wms(sides: Sides, one: Edit) -> bool:
    """Make a change in the warehouse, if the record is there."""
    kind = KINDS[one.kind]
    found = [r for r in sides.store.records(kind) if _name(kind, r) == one.name]
    for record in found:
        if not (one.cells or one.lines):
            sides.store.remove(kind, record.head.wms_id)
            continue
        given = _resolved(sides, one.cells, WMS)
        pairs = zip(kind.fields, record.cells)
        cells = tuple(given.get(field.column, cell) for field, cell in pairs)
        head = record.head._replace(updated_at=_moment(sides, one.minutes))
        lines = _edited(sides, kind, record.lines, one.lines)
        sides.store.put(kind, [Stored(head, cells, lines)])
    return bool(found)


def _edited(sides: Sides, kind: Kind, lines: Lines, edits: Iterable[LineEdit]) -> Lines:
    there = list(lines)
    for line in edits:
        given = _resolved(sides, line.cells, WMS)
        if line.at < 0:
            there.append(Lined("", _row(kind.lines, given)))
        elif given:
            pairs = zip(kind.lines, there[line.at].cells)
            cells = tuple(given.get(field.column, cell) for field, cell in pairs)
            there[line.at] = there[line.at]._replace(cells=cells)
        else:
            del there[line.at]
    return tuple(there)
