"""Three sides of a kind as CSVs: what tests of the plan start from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from src.kit import receipts, tables
from src.wms import records
from src.wms.brakes import Limits
from src.wms.fields import KINDS, Field, Kind
from src.wms.planning import Planner, Wanted
from src.wms.sides import Folders
from src.wms.wire import Lined

SKEW = 120.0
NOON, LATER, LATEST = (f"2026-05-04T{hour}:00:00+00:00" for hour in (12, 13, 14))
Values = Mapping[str, str]


def cells(fields: Sequence[Field], values: Values) -> tuple[str, ...]:
    """Return the cells of a record or a line; fields that are not named are empty."""
    assert values.keys() <= {field.name for field in fields}, values
    return tuple(values.get(field.name, "") for field in fields)


class Said(NamedTuple):
    """What one side says of a record."""

    values: Values
    at: str = NOON
    lines: Mapping[str, Values] = {}  # by line id; "" and "+…" = the warehouse's new ones
    revision: str = "1"
    more: Values = {}  # of the head


class Desktop(NamedTuple):
    """The three files of each kind, as they are filled."""

    root: Path

    def write(self, kind_name: str, rows: Mapping[str, Sequence[Said | None]]) -> None:
        """Write a kind's CSVs and receipts: base, warehouse, mirror of each record.

        A record's name is its ids: `5/80-5`, `5/` before QuickBooks has it, `/80-5`.
        """
        kind = KINDS[kind_name]
        tables_of = (records.BASE, records.STORED, records.MIRROR)
        lines_of = (records.BASE_LINES, records.STORED_LINES, records.MIRROR_LINES)
        facts = []
        for side, table in enumerate(tables_of):
            said = {ids: three[side] for ids, three in rows.items() if three[side]}
            facts.append(self._write(table[kind_name], _rows(kind, side, said)))
            if kind.lines:
                found = _lines(kind, side, said)
                facts.append(self._write(lines_of[side][kind_name], found))
        receipts.append(self.root / "logs", *facts)

    def _write(self, table: tables.Table, rows: list) -> tuple[str, ...]:
        """Write a table, without waiting for the disk; return its receipt."""
        for folder in ("data", "logs"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        line, found = tables.line_of(table.row), map(tables.escaped, rows)
        text = tables.encoded_header(table.row) + "".join(map(line, found)).encode()
        (self.root / "data" / table.name).write_bytes(text)
        return fact(table, len(rows))

    @property
    def folders(self) -> Folders:
        """Return where the CSVs lie."""
        return Folders(self.root / "data", self.root / "logs")

    def plan(self, *kinds: str, **asked: object) -> list[records.Planned]:
        """Return the cards of some kinds; `asked` is of `Limits`, or verdicts."""
        return list(self.planner(*kinds, **asked).rows())

    def planner(self, *kinds: str, verdicts: Values = {}, **asked: object) -> Planner:
        """Return what makes the cards of some kinds."""
        limits = Limits(**asked)  # type: ignore[arg-type]
        wanted = Wanted([KINDS[name] for name in kinds], verdicts, SKEW, limits)
        return Planner(self.folders, wanted)

    def receipt(self, *facts: tuple[str, ...]) -> None:
        """Append what a fetch writes down."""
        (self.root / "logs").mkdir(parents=True, exist_ok=True)
        receipts.append(self.root / "logs", *facts)


def fact(
    table: tables.Table, rows: int, run: str = "fetch-1", detail: str = ""
) -> tuple[str, ...]:
    """Return what a fetch writes down about a file."""
    return (NOON, run, "wms_fetch", receipts.FILE, table.place, str(rows), "", detail)


def _rows(kind: Kind, side: int, said: Mapping[str, Said]) -> list[tuple[str, ...]]:
    found = []
    for ids, one in said.items():
        wms_id, _, quickbooks_id = ids.partition("/")
        head: dict[str, str] = {"id": quickbooks_id, "revision_number": one.revision}
        head |= {"created_at": NOON, "updated_at": one.at, "wms_id": wms_id, "flips": "0"}
        head |= {name: one.at for name in ("wms_updated_at", "qbd_updated_at", "agreed_at")}
        head |= {"qbd_edited_at": one.at, **one.more}
        names = (records.AgreedHead, records.StoredHead, records.MirrorHead)[side]._fields
        begins = tuple(head.get(name, "") for name in names)
        found.append((*begins, *cells(kind.fields, one.values)))
    return found


def _lines(kind: Kind, side: int, said: Mapping[str, Said]) -> list[tuple[str, ...]]:
    found = []
    for ids, one in said.items():
        wms_id, _, quickbooks_id = ids.partition("/")
        owner = quickbooks_id if side == 2 else wms_id
        for place, (line_id, values) in enumerate(one.lines.items(), 1):
            known = "" if line_id.startswith("+") else line_id
            found.append((owner, str(place), known, *cells(kind.lines, values)))
    return found


def lined(kind: Kind, lines: Mapping[str, Values]) -> list[Lined]:
    """Return lines by id; those whose id begins with + are new in the warehouse."""
    return [
        Lined("" if name.startswith("+") else name, cells(kind.lines, values))
        for name, values in lines.items()
    ]
