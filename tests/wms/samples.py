"""Records of every kind, as the three sides know them, with something in every cell."""

from __future__ import annotations

from src.wms import fields
from src.wms.fields import Field, Kind
from src.wms.records import AgreedHead, StoredHead
from src.wms.states import Agreed, Lines, Stored
from src.wms.wire import Lined

EARLY = "2026-01-01T08:00:00.000000+00:00"
LATE = "2026-01-02T08:00:00.000000+00:00"
_BY_KIND = {
    fields.MONEY: "1234.50",
    fields.PRICE: "0.12345",
    fields.QUANTITY: "-2.5",
    fields.FLAG: "yes",
    fields.DATE: "2026-01-31",
    fields.JSON: '[{"name": "Route", "value": "7 ä"}]',
}


def cell(field: Field, number: int = 1) -> str:
    """Return a value that a field may have; a reference is to a QuickBooks id."""
    text = f"{field.name} {number}"[: field.most or 80]
    return _BY_KIND.get(field.holds, text)


def cells(kind: Kind, number: int = 1, **given: str) -> tuple[str, ...]:
    """Return a cell for each field of a kind; those that are given by column."""
    found = {field.column: cell(field, number) for field in kind.fields}
    return tuple({**found, **given}.values())


def lines(kind: Kind, *ids: str, **given: str) -> Lines:
    """Return lines with these ids."""
    found = []
    for number, line_id in enumerate(ids, 1):
        row = {field.column: cell(field, number) for field in kind.lines}
        found.append(Lined(line_id, tuple({**row, **given}.values())))
    return tuple(found)


def stored(kind: Kind, wms_id: str = "w1", known: str = "q1", **given: str) -> Stored:
    """Return a record as the warehouse has it; one with two lines, if it has any."""
    head = StoredHead(wms_id, known, EARLY, LATE, "")
    its_lines = lines(kind, "l1", "l2") if kind.lines else ()
    return Stored(head, cells(kind, **given), its_lines)


def agreed(record: Stored) -> Agreed:
    """Return the base that says the same as a record."""
    head = AgreedHead(
        *record.head[:2], "7", record.head.updated_at, EARLY, EARLY, LATE, "2", "s0"
    )
    return Agreed(head, record.cells, record.lines)
