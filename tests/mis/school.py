"""A MIS with people, a company in process, and plans for the door that pushes them."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from functools import lru_cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

from src import mis_fetch, mis_plan, mis_push
from src.adapters.fakes.company import FakeCompany
from src.adapters.fakes.scenario import Temper
from src.adapters.qbo import Change
from src.kit import plans, receipts, runlog, tables
from src.kit.answers import UNKNOWN, Answer, Unanswered
from src.kit.clock import Clock
from src.mis import custom_fields, keys, notes, payload
from src.mis.records import (
    ADOPT,
    APPLICANT,
    CREATE,
    DECISION_AT,
    ERRORS,
    HOLD,
    KEPT,
    LINK,
    PLAN,
    REAL_NAME,
    RUNLOG,
    STUDENT,
    UPDATE,
    Person,
    Planned,
    Pushed,
)
from src.mis.store import Store
from src.mis.tables import Raw
from src.office import connect, connect_database, connect_mis
from src.office.mis_application import Side
from tests.adapters.fakes.town import define
from tests.desk import Desk
from tests.mis.university import University

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=timezone.utc)
CANARY = "1199680012345678"  # a national id
IDS = {"Gender": "1000000001", "NationalID": "1000000002", "Campus": "1000000003"}
IN_NOTES = custom_fields.budget("notes", {})
PlanRow = Planned


class Company:
    """The company in process; what it is asked is counted, and may be answered otherwise."""

    def __init__(self, inner: FakeCompany) -> None:
        self.inner = inner
        self.calls: Counter[str] = Counter()
        self.batches: list[tuple[str, list[Change]]] = []
        self.unanswered: Iterator[bool] = iter(())  # of the next questions

    def query(self, statement: str) -> dict[str, Any]:
        self.calls["count" if "count(*)" in statement else "query"] += 1
        if next(self.unanswered, False):
            raise Unanswered("the query", Answer(UNKNOWN, 503, error="unavailable"))
        return self.inner.query(statement)

    def batch(self, changes: Sequence[Change], request_id: str = "") -> list[Answer]:
        self.calls["batch"] += 1
        self.batches.append((request_id, list(changes)))
        return self.inner.batch(changes, request_id)


@lru_cache(maxsize=1)
def _tables() -> bytes:
    """Return a MIS without people, prepared; making one takes a tenth of a second."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "mis.db"
        database = connect_database.opened("", path, "MIS")
        University(database).store.prepare()
        database.close()
        return path.read_bytes()


class School:
    """Both sides of the customers' synchronization, and a clock that hardly goes."""

    def __init__(self, desk: Desk, is_new: bool = True) -> None:
        self.desk, self.seconds = desk, 0.0
        self.clock = Clock(self._tick, lambda: self.seconds, self.passes)
        self.sides = Side(self.opened, lambda *_: self.company)
        self.plans = 0
        self.reopen()
        if is_new:
            self.desk.config.mis_database_file.write_bytes(_tables())

    def _tick(self) -> datetime:
        self.seconds += 0.001  # so that what comes later is later
        return MONDAY + timedelta(seconds=self.seconds)

    def passes(self, seconds: float = 600) -> None:
        """Let time pass."""
        self.seconds += seconds

    def reopen(self, fail_rate: float = 0.0, seed: str = "1", ids: str = "honoured") -> None:
        """Open the company; so many of its calls fail."""
        config, temper = self.desk.config, Temper(fail_rate, seed, ids)
        included = connect.reads_custom_fields(config)
        inner = FakeCompany(config.fake_qbo_dir, temper, self.clock, included)
        self.company = Company(inner)

    def scenario(self, *lines: str) -> None:
        """Let the company behave by these lines from now on: call,match,answer."""
        self.desk.scenario(*lines)
        self.reopen()

    def define(self, mode: str, definitions: Mapping[str, str]) -> None:
        """Let the company have definitions of these ids, and the settings name all of IDS."""
        define(self.desk.config.fake_qbo_dir, definitions)
        self.desk.settings["CUSTOM_FIELD_MODE"] = mode
        self.desk.settings["CUSTOM_FIELD_IDS"] = ",".join(f"{n}={i}" for n, i in IDS.items())
        self.reopen()

    def copied(self, desk: Desk) -> School:
        """Return both sides as they are now, somewhere else."""
        shutil.copytree(self.desk.root, desk.root, dirs_exist_ok=True)
        found = School(desk, is_new=False)
        found.seconds, found.plans = self.seconds, self.plans
        return found

    @contextmanager
    def opened(self, _: object = None) -> Iterator[Any]:
        """Yield a connection to the MIS."""
        with connect_mis.database(self.desk.config) as database:
            yield database

    # --- the MIS ----------------------------------------------------------------------

    def enrol(self, *people: Person) -> None:
        """Put people into the MIS: who they are, by name and number."""
        with self.opened() as database:
            for person in people:
                table, columns = _PLACES[person.type]
                cells = [f"'{getattr(person, name)}'" for name in columns]
                names = ", ".join(columns.values())
                database.run(f"INSERT INTO {table} ({names}) VALUES ({', '.join(cells)})")

    def raws(self) -> dict[tuple[str, str], Raw]:
        """Return what the MIS has of everybody."""
        with self.opened() as database:
            store = Store(database)
            everybody = [*store.people(APPLICANT), *store.people(STUDENT)]
        return {(raw.type, raw.mis_id): raw for raw in everybody}

    def statuses(self) -> Counter[str]:
        """Return how many have each status."""
        return Counter(raw.status or "0" for raw in self.raws().values())

    def run_sql(self, statement: str) -> None:
        """Do what somebody else does in the MIS."""
        with self.opened() as database:
            database.run(statement)

    # --- QuickBooks -------------------------------------------------------------------

    def write(
        self, entity: str = "Customer", operation: str = "create", **record: Any
    ) -> dict[str, Any]:
        """Write a record in QuickBooks, as somebody there does; return it."""
        answer = self.company.inner.write(Change(operation, entity, record))
        assert answer.remote_id, answer
        return dict(answer.record)

    def customers(self) -> list[dict[str, Any]]:
        """Return every customer, inactive ones too."""
        where = "where Active in (true, false) maxresults 1000"
        return self.company.inner.query(f"select * from Customer {where}").get("Customer", [])

    def names(self) -> Counter[str]:
        """Return how often QuickBooks has each name of a customer."""
        return Counter(record["DisplayName"] for record in self.customers())

    def marks(self) -> Counter[str]:
        """Return how many customers have each mark."""
        found = (notes.parse(record.get("Notes", "")).mark for record in self.customers())
        return Counter(filter(None, found))

    def customer(self, name: str) -> dict[str, Any]:
        """Return the one customer of a name."""
        (found,) = (one for one in self.customers() if one["DisplayName"] == name)
        return found

    # --- plans ------------------------------------------------------------------------

    def plan(self, *rows: Planned) -> list[Planned]:
        """Write a plan of these rows, as the door that plans does."""
        self.plans += 1
        run_id, raws = f"plan-{self.plans}", self.raws()
        known = {one: raw.quickbooks_id for one, raw in raws.items()}
        found = [row._replace(known_as=known.get((row.type, row.mis_id), "")) for row in rows]
        signed = [plans.signed(row, DECISION_AT, run_id) for row in found]
        with tables.writing(self.desk.path(PLAN), Planned, is_private=True) as append:
            for row in signed:
                append(row)
        now = self.clock.timestamp()
        receipt = (now, run_id, "mis_plan", receipts.FILE, PLAN.place, str(len(rows)), "", "")
        receipts.append(self.desk.logs, receipt)
        return self.desk.rows(PLAN)

    def _save(self, rows: Sequence[Planned]) -> None:
        tables.write(self.desk.path(PLAN), Planned, rows, is_private=True)

    def decide(self, decision: str, **wanted: str) -> None:
        """Write a decision beside the rows that have these cells."""
        self.edit(lambda row: row._replace(decision=decision), **wanted)

    def edit(self, change: Any, **wanted: str) -> None:
        """Save the plan with some rows changed, left out where `change` returns None."""
        rows = []
        for row in self.desk.rows(PLAN):
            is_meant = all(getattr(row, name) == cell for name, cell in wanted.items())
            rows.append(change(row) if is_meant else row)
        self._save([row for row in rows if row is not None])

    # --- the door ---------------------------------------------------------------------

    def push(self, *options: str, **settings: str) -> int:
        """Push the plan; return the exit code."""
        self.passes(1)
        door = ModuleType("mis_push")
        door.main = partial(mis_push.main, sides=self.sides, clock=self.clock)
        return self.desk.run(door, *options, **settings)

    def prepare(self) -> None:
        """Fetch and plan with the doors that do."""
        fetch = ModuleType("mis_fetch")
        known = {"connected": self.sides.connected, "clock": self.clock}
        fetch.main = partial(mis_fetch.main, opened=self.sides.opened, **known)
        assert self.desk.run(fetch) == 0, self.desk.err
        assert self.plan_alone() == 0, self.desk.err

    def plan_alone(self) -> int:
        """Plan with what was fetched last, whatever it changes; return the exit code."""
        plan = ModuleType("mis_plan")
        plan.main = mis_plan.main
        return self.desk.run(plan, "--force")

    def log(self) -> list[Pushed]:
        """Return the run log."""
        raw = runlog.rows(self.desk.path(RUNLOG), Pushed)
        return [Pushed(*map(runlog.text, row)) for row in raw if row]

    def outcomes(self) -> Counter[str]:
        """Return the outcomes of the run log."""
        return Counter(row.outcome for row in self.log())

    def errors(self) -> list[Pushed]:
        """Return the errors view."""
        return self.desk.rows(ERRORS)


_PLACES = {
    APPLICANT: (
        "tbl_online_application",
        {
            "mis_id": "appl_Id",
            "first_name": "first_name",
            "last_name": "family_name",
            "phone": "phone1",
            "national_id": "nation_Id_passPort_no",
        },
    ),
    STUDENT: (
        "tbl_personal_ug",
        {
            "mis_id": "per_id_ug",
            "identifier": "reg_no",
            "first_name": "fname",
            "last_name": "lname",
            "phone": "phone1",
            "national_id": "national_id",
        },
    ),
}


# --- people and rows --------------------------------------------------------------------


def person(mis_id: int, name: str = "", type_: str = APPLICANT, **cells: str) -> Person:
    """Return a person of the MIS; the name is first and last."""
    first, _, last = (name or f"Aline Uwera{mis_id}").partition(" ")
    known = {"identifier": f"{type_[:3].upper()}-{mis_id}", "national_id": CANARY}
    blank = dict.fromkeys(Person._fields, "")
    blank |= {"type": type_, "mis_id": str(mis_id), "first_name": first, "last_name": last}
    return Person(**{**blank, **known, "campus": "Kigali", **cells})


def people(number: int, type_: str = APPLICANT) -> list[Person]:
    """Return so many people with names of their own."""
    return [person(one, type_=type_) for one in range(1, number + 1)]


def fields_of(one: Person, name: str = "", budget: Any = IN_NOTES) -> dict[str, Any]:
    """Return the payload of a create."""
    return payload.of(one, name or payload.real_name(one), budget).fields


def mark_of(one: Person) -> str:
    """Return the mark of a person's customer."""
    return keys.create_key(one.type, one.mis_id)


def create(one: Person, name: str = "", budget: Any = IN_NOTES, **cells: str) -> Planned:
    """Return the row that creates a person's customer."""
    fields = fields_of(one, name, budget)
    return _row(one, CREATE, fields, display_name=fields["DisplayName"], **cells)


def update(
    one: Person, record: Mapping[str, Any], fields: Mapping[str, Any], **cells: str
) -> Planned:
    """Return the row that changes a customer, from what QuickBooks has now."""
    before = {name: record.get(name, payload.cleared(name)) for name in fields}
    found_id, token = record["Id"], record["SyncToken"]
    key = keys.update_key(mark_of(one), token, json.dumps(fields))
    return _row(
        one,
        UPDATE,
        fields,
        **{
            "display_name": record["DisplayName"],
            "rule": KEPT,
            "quickbooks_id": found_id,
            "sync_token": token,
            "before": json.dumps(before),
            "key": key,
            **cells,
        },
    )


def link(one: Person, record: Mapping[str, Any], **cells: str) -> Planned:
    """Return the row that makes somebody's customer a person's."""
    said = {"Notes": notes.merged(record.get("Notes", ""), fields_of(one)["Notes"]).text}
    return update(one, record, said, **cells)._replace(action=LINK)


def adopt(one: Person, record: Mapping[str, Any], **cells: str) -> Planned:
    """Return the row that tells the MIS of a customer that is there."""
    known = {"quickbooks_id": record["Id"], "sync_token": record["SyncToken"]}
    return _row(one, ADOPT, {}, **{"display_name": record["DisplayName"], **known, **cells})


def hold(one: Person, reason: str = "it is unclear", **cells: str) -> Planned:
    """Return a row that waits for a person."""
    return _row(one, HOLD, {}, **{"reason": reason, "key": "", **cells})


def _row(one: Person, action: str, fields: Mapping[str, Any], **cells: str) -> Planned:
    name = payload.real_name(one)
    known = {
        "row": plans.row_id(f"{one.type}|{one.mis_id}"),
        "action": action,
        "type": one.type,
        "mis_id": one.mis_id,
        "identifier": one.identifier,
        "name": name,
        "display_name": name,
        "rule": REAL_NAME,
        "fields": " ".join(fields),
        "payload": json.dumps(fields, ensure_ascii=False) if fields else "",
        "key": mark_of(one),
    }
    return Planned(**{**dict.fromkeys(Planned._fields, ""), **known, **cells})
