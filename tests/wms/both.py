"""A warehouse and a company file, the doors between them, and a clock that hardly goes."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import partial
from types import ModuleType
from typing import Any

from src import undo, wms_apply, wms_fetch, wms_plan
from src.adapters.conductor import CREATE, UPDATE, Change
from src.adapters.fakes.conductor.core import Manners
from src.adapters.fakes.conductor.faults import Temper
from src.adapters.fakes.conductor.givens import id_of
from src.adapters.fakes.conductor.inprocess import FakeDesktop
from src.kit import tables
from src.kit.answers import APPLIED
from src.kit.clock import Clock
from src.office import connect_wms
from src.wms.fields import KINDS, TYPES, Kind
from src.wms.records import ERRORS, PLAN, RUNLOG, Planned
from src.wms.states import Agreed, Mirrored, Stored
from src.wms.store import Store
from src.wms.mirror import of_wire
from tests.desk import Desk

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=timezone.utc)
ITEM = {
    "incomeAccountId": id_of("accounts", "Sales Income"),
    "cogsAccountId": id_of("accounts", "Cost of Goods Sold"),
    "assetAccountId": id_of("accounts", "Inventory Asset"),
}
STOCK = id_of("accounts", "Inventory Adjustments")
CUSTOMER, VENDOR, ITEMS = KINDS["customers"], KINDS["vendors"], KINDS["inventory_items"]
ORDER = KINDS["sales_orders"]


class Both:
    """Both sides of the synchronization."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.seconds = desk, 0.0
        self.touched: set[str] = set()  # types that there is anything of
        self.clock = Clock(
            self._tick,
            lambda: self.seconds,
            self.passes,
        )
        desk.config.fake_conductor_dir.mkdir(parents=True, exist_ok=True)
        self.opened()

    def _tick(self) -> datetime:
        self.seconds += 0.001  # so that what comes later is later
        return MONDAY + timedelta(seconds=self.seconds)

    def opened(self, fail_rate: float = 0.0, seed: str = "1") -> None:
        """Open the company file; so many of its calls fail."""
        folder, temper = self.desk.config.fake_conductor_dir, Temper(fail_rate, seed)
        self.desktop: Any = FakeDesktop(folder, temper, self.clock, Manners())
        self.company = self.desktop.core

    def become(self, made: Both) -> None:
        """Have all that another one has."""
        shutil.copytree(made.desk.root, self.desk.root, dirs_exist_ok=True)
        self.seconds, self.touched = made.seconds, set(made.touched)
        self.opened()

    def scenario(self, *lines: str) -> None:
        """Let the company behave by these lines from now on: call,match,answer."""
        text = "\n".join(["call,match,answer", *lines]) + "\n"
        (self.desk.config.fake_conductor_dir / "scenario.csv").write_text(text)
        self.opened()

    def passes(self, seconds: float = 600) -> None:
        """Let time pass."""
        self.seconds += seconds

    # --- doors ------------------------------------------------------------------------

    def _door(self, module: ModuleType) -> ModuleType:
        door = ModuleType(module.__name__)
        door.main = partial(module.main, connect=lambda *_: self.desktop, clock=self.clock)
        return door

    def fetch(self, *options: str) -> int:
        """Fetch both sides; return the exit code."""
        self.passes()
        return self.desk.run(self._door(wms_fetch), *self._wanted(options))

    def plan(self, *options: str) -> int:
        """Make the plan; return the exit code."""
        return self.desk.run(wms_plan, *self._wanted(options))

    def _wanted(self, options: tuple[str, ...]) -> list[str]:
        """Return the options with the types that there is anything of, if they name none."""
        is_said = set(options) & set(TYPES)
        return [*options, *(() if is_said else sorted(self.touched, key=TYPES.index))]

    def apply(self, *options: str) -> int:
        """Carry the plan out; return the exit code."""
        self.passes(1)
        return self.desk.run(self._door(wms_apply), *options)

    def sync(self, *types: str) -> int:
        """Fetch, plan and apply; return the last exit code."""
        assert self.fetch(*types) == 0, self.desk.err
        assert self.plan("--force", *types) == 0, self.desk.err
        return self.apply()

    def undo(self, run_id: str = "") -> int:
        """Fetch, and plan how to take a run back, the last that wrote something if none."""
        assert self.fetch() == 0, self.desk.err
        return self.undo_fetched(run_id or self.last_run)

    def undo_fetched(self, run_id: str) -> int:
        """Plan how to take a run back; return the exit code."""
        return self.desk.run(undo, run_id)

    def taken_back(self) -> None:
        """Take back what the last run did."""
        assert self.undo() == 0, self.desk.err
        assert self.apply() == 0, self.desk.err

    @property
    def last_run(self) -> str:
        """Return the last run that wrote something."""
        return self.log()[-1].run_id

    # --- the plan ---------------------------------------------------------------------

    @property
    def cards(self) -> list[Planned]:
        """Return the plan's rows."""
        return self.desk.rows(PLAN)

    def prepare(self, *types: str) -> list[Planned]:
        """Fetch and plan; return the cards."""
        assert self.fetch(*types) == 0, self.desk.err
        assert self.plan("--force", *types) == 0, self.desk.err
        return self.cards

    def decide(self, decision: str, **wanted: str) -> None:
        """Write a decision beside the rows that have these cells."""
        rows = [
            row._replace(decision=decision)
            if all(getattr(row, name) == cell for name, cell in wanted.items())
            else row
            for row in self.cards
        ]
        tables.write(self.desk.path(PLAN), Planned, rows)

    # --- QuickBooks -------------------------------------------------------------------

    def create(self, resource: str, **body: Any) -> dict[str, Any]:
        """Return a record that somebody created in QuickBooks."""
        self.touched.add(KINDS[resource.replace("-", "_")].type)
        self.passes(60)
        answer = self.desktop.write(Change(CREATE, resource, "", body))
        assert answer.kind == APPLIED, answer
        return dict(answer.record)

    def edit(self, resource: str, record_id: str, **changes: Any) -> None:
        """Change a record in QuickBooks."""
        self.passes(60)
        self.company.edit(resource, record_id, changes)

    def update(self, resource: str, record_id: str, **body: Any) -> None:
        """Change a record in QuickBooks through its API."""
        self.passes(60)
        now = self.desktop.read(resource, record_id)
        body["revisionNumber"] = now["revisionNumber"]
        assert self.desktop.write(Change(UPDATE, resource, record_id, body)).kind == APPLIED

    def remove(self, resource: str, record_id: str) -> None:
        """Delete a record in QuickBooks, as a person does there."""
        self.passes(60)
        self.company.remove(resource, record_id)

    def there(self, kind: Kind) -> dict[str, dict[str, Any]]:
        """Return QuickBooks' records of a kind by name or number."""
        query = {} if kind.is_transaction else {"status": "all"}
        found = self.desktop.records(kind.resource, query)
        return {record.get("name") or record.get("refNumber"): record for record in found}

    def mirrored(self, kind: Kind) -> dict[str, Mirrored]:
        """Return QuickBooks' records of a kind by id, as cells."""
        records = self.desktop.records(kind.resource, {})
        return {record["id"]: of_wire(kind, record) for record in records}

    # --- the warehouse ----------------------------------------------------------------

    def _database(self) -> Any:
        return connect_wms.database(self.desk.config, self.clock)

    def run(self, *statements: str) -> None:
        """Do what the warehouse's own program does."""
        self.passes(60)
        with self._database() as database:
            for statement in statements:
                database.run(statement)

    def insert(self, table: str, **values: object) -> None:
        """Add a row to the warehouse."""
        self.touched |= {KINDS[table].type} if table in KINDS else set()
        if table in ("customers", "vendors", "items") or table in KINDS:
            if table not in _BELOW_ITEMS:
                values = {**values, "created_at": self._now(), "updated_at": self._now()}
        names, cells = ", ".join(values), ", ".join(map(_literal, values.values()))
        self.run(f"INSERT INTO {table} ({names}) VALUES ({cells})")

    def change(self, table: str, wms_id: str, **values: object) -> None:
        """Change a record of the warehouse, as its program does."""
        self.passes(60)
        pairs = {**values, "updated_at": self._now()}
        cells = ", ".join(f"{name} = {_literal(cell)}" for name, cell in pairs.items())
        self.run(f"UPDATE {table} SET {cells} WHERE id = {_literal(wms_id)}")

    def delete(self, table: str, wms_id: str) -> None:
        """Delete a record of the warehouse."""
        self.run(f"DELETE FROM {table} WHERE id = {_literal(wms_id)}")

    def _now(self) -> str:
        return self.clock.timestamp()

    def stored(self, kind: Kind) -> dict[str, Stored]:
        """Return the warehouse's records of a kind by name or number."""
        with self._database() as database:
            at = _title(kind)
            return {one.cells[at]: one for one in Store(database).records(kind)}

    def records(self, kind: Kind) -> list[Stored]:
        """Return the warehouse's records of a kind."""
        with self._database() as database:
            return list(Store(database).records(kind))

    def bases(self, kind: Kind) -> dict[str, Agreed]:
        """Return what is agreed on about a kind, by the warehouse's id."""
        with self._database() as database:
            return {one.head.wms_id: one for one in Store(database).bases(kind)}

    # --- what came of it --------------------------------------------------------------

    def log(self) -> list[Any]:
        """Return the run log."""
        return self.desk.rows(RUNLOG)

    def outcomes(self) -> Counter[str]:
        """Return the outcomes of the run log."""
        return Counter(row.outcome for row in self.log())

    def errors(self) -> list[Any]:
        """Return the errors view."""
        return self.desk.rows(ERRORS)

    def count(self, kind: Kind) -> Counter[str]:
        """Return how often QuickBooks has each name or number of a kind."""
        query: Mapping[str, str] = {} if kind.is_transaction else {"status": "all"}
        found = self.desktop.records(kind.resource, query)
        return Counter(one.get("name") or one.get("refNumber") for one in found)


_BELOW_ITEMS = [kind.name for kind in KINDS.values() if kind.is_item]


def _title(kind: Kind) -> int:
    names = [field.name for field in kind.fields]
    return names.index("ref_number" if kind.is_transaction else "name")


def value(kind: Kind, record: Stored | Mirrored | Agreed, field: str) -> str:
    """Return one cell of a record."""
    return record.cells[[one.name for one in kind.fields].index(field)]


def _literal(cell: object) -> str:
    if cell is None or isinstance(cell, bool):
        return {None: "NULL", True: "true", False: "false"}[cell]
    return "'" + str(cell).replace("'", "''") + "'"


