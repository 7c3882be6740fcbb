"""Custom fields that both sides change at random, under modes and definitions that change."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any

from src.kit.answers import APPLIED, Answer
from src.mis import custom_fields, listing, notes, readback, tasks
from src.mis.definitions import CUSTOM, changed, text, texts, valued
from src.mis.planning import Asked
from src.mis.records import ADOPT, CREATE, HOLD, Planned, Pushed
from src.mis.sending import Sender
from tests.mis.persons import NOW, Case, applicant, plan, pushed, synced
from tests.mis.port import Customers

IDS = {"Gender": "11", "Campus": "12", "Intake": "13"}
NAMES = {found: name for name, found in IDS.items()}
COLUMNS = {"Gender": "gender", "Campus": "campus", "Intake": "intake"}
LONG, CUT = "c" * 300, "c" * 254 + "…"  # in Notes, and as a custom field
VALUES = ("", "Kigali", "Huye", LONG)
MODES = ("notes", "enhanced", "both")


class Dropping(Customers):
    """Customers whose custom fields are kept where there is a definition."""

    def __init__(self) -> None:
        super().__init__()
        self.defined: set[str] = set(NAMES)

    def _written(self, operation: str, record: Mapping[str, Any]) -> Answer:
        kept = [one for one in valued(record.get(CUSTOM)) if one["DefinitionId"] in self.defined]
        return super()._written(operation, {**record, CUSTOM: kept} if CUSTOM in record else record)

    def define(self, defined: set[str]) -> None:
        """Let only these definitions be; the values of the others are gone."""
        self.defined = defined
        for record in self.records.values():
            fields = record.get(CUSTOM, [])
            record[CUSTOM] = [one for one in fields if one["DefinitionId"] in defined]


class Drift:
    """Three people; `trampled` names what a person typed and a push overwrote."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(f"drift {seed}")
        self.mode = "notes"
        self.people = {n: applicant(n, first_name=f"Aline{n}") for n in "123"}
        self.company = Dropping()
        self.log: list[Pushed] = []
        self.typed: dict[tuple[str, str], str] = {}  # by person and field, in QuickBooks
        self.moved: set[tuple[str, str]] = set()  # since they were sent as custom fields
        self.trampled: list[str] = []

    # --- what people do -------------------------------------------------------------------

    def step(self) -> None:
        """Let somebody change something."""
        self.dice.choice([self._move, self._move, self._type, self.switch, self._redefine])()

    def _move(self) -> None:
        number, name = self.dice.choice("123"), self.dice.choice(list(IDS))
        value = self.dice.choice(VALUES)
        if getattr(self.people[number], COLUMNS[name]) != value:
            self.people[number] = self.people[number]._replace(**{COLUMNS[name]: value})
            self.typed.pop((number, name), None)  # the MIS's own word counts from now on
            self.moved.add((number, name))

    def _type(self) -> None:
        found = self.dice.choice(["", *self.company.records])
        name = self.dice.choice(list(IDS))
        if found and IDS[name] in self.company.defined:
            value = f"by hand {self.dice.randrange(100)}"
            there = self.company.records[found].get(CUSTOM)
            self.company.edit(found, CustomField=changed(there, [text(IDS[name], value)]))
            who = (self._number(found), name)
            if who not in self.moved:  # else the MIS changed it too
                self.typed[who] = value

    def _number(self, found: str) -> str:
        said = notes.parse(self.company.records[found]["Notes"]).values
        return said["ApplicationID"]

    def switch(self) -> None:
        """Change the mode."""
        self.mode = self.dice.choice(MODES)

    def _redefine(self) -> None:
        self.company.define({one for one in NAMES if self.dice.random() < 0.7})
        gone = NAMES.keys() - self.company.defined
        self.typed = {k: v for k, v in self.typed.items() if IDS[k[1]] not in gone}

    # --- a synchronization ----------------------------------------------------------------

    def plan(self) -> list[Planned]:
        """Return what is to be done, from what both sides have now."""
        budget = custom_fields.budget(self.mode, IDS)
        names = [listing.named("Customer", one, True) for one in self.company.records.values()]
        case = Case(tuple(self.people.values()), tuple(names), tuple(self.log))
        return plan(case._replace(asked=Asked(NOW, budget, is_forced=True)))

    def sync(self) -> list[Planned]:
        """Plan and push; a row that waits is approved of. Return the plan."""
        rows = self.plan()
        for row in rows:
            self._push(row)
        if self.mode != "notes":
            self.moved = {who for who in self.moved if IDS[who[1]] not in self.company.defined}
        self.trampled += [
            f"{number} {name}: {value}"
            for (number, name), value in self.typed.items()
            if self._shown(number).get(IDS[name]) != value
        ]
        return rows

    def _push(self, row: Planned) -> None:
        task = tasks.of(row)
        person, found, record = self.people[row.mis_id], row.quickbooks_id, {}
        outcome, sent = "adopted", task.sent
        if row.action == HOLD:
            self._overrule(row)
        if row.action != ADOPT:
            (answer,) = Sender(self.company.port(), lambda _: iter(()), NAMES).send([task], "r")
            assert answer.kind == APPLIED, answer
            found, record = answer.remote_id, answer.record
            outcome = "created" if row.action == CREATE else "updated"
            sent = readback.digests_of(task, record)
        told = pushed(person, outcome, row.action, {}, key=row.key, quickbooks_id=found)
        self.log.append(told._replace(sent=sent))
        token = self.company.records[found]["SyncToken"]
        self.people[row.mis_id] = synced(person, found, token)

    def _overrule(self, row: Planned) -> None:
        """Let the MIS's values win, as whoever approves says."""
        for one in json.loads(row.payload).get(CUSTOM, ()):
            self.typed.pop((row.mis_id, NAMES[one["DefinitionId"]]), None)

    # --- what must hold -------------------------------------------------------------------

    def _record(self, number: str) -> Mapping[str, Any]:
        found = (one for one in self.company.records if self._number(one) == number)
        return self.company.records[next(found)]

    def _shown(self, number: str) -> dict[str, str]:
        return texts(self._record(number).get(CUSTOM))

    def nowhere(self) -> list[str]:
        """Return values of the MIS that QuickBooks has nowhere, and nobody typed over."""
        return [
            f"{number} {name}: {value[:20]}"
            for number, person in self.people.items()
            for name, value in custom_fields.values(person).items()
            if name in IDS and value and (number, name) not in self.typed
            if value not in self._places(number, name)
        ]

    def _places(self, number: str, name: str) -> tuple[str | None, ...]:
        lines = notes.parse(self._record(number)["Notes"]).values
        shown = self._shown(number).get(IDS[name])
        return lines.get(name), LONG if shown == CUT else shown
