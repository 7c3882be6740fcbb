"""A MIS and a company that people edit at random, and a push that may stop anywhere."""

from __future__ import annotations

import json
import random
from typing import Any

from src.config import normalize_display_name
from src.mis import digests, notes, payload, tasks
from src.mis.payload import DISPLAY, EMAIL, NOTES, PHONE
from src.mis.records import ADOPT, CREATE, HOLD, Named, Person, Planned, Pushed
from tests.mis.persons import (
    NOTES_ONLY,
    Case,
    applicant,
    fields_of,
    mark_of,
    payload_of,
    plan,
    pushed,
    somebody,
    student,
)

_FIRST, _LAST = ["Aline", "Eric", "ALINE"], ["Uwera", "Habimana", "Uwera (2)"]
_EDITS = {
    "first_name": _FIRST,
    "last_name": [*_LAST, ""],
    "phone": ["0788 1", "0788 2", "", "x" * 40],
    "email": ["a@b.rw", "c@d.rw", "", "bad"],
    "campus": ["Kigali", "Huye", "", "c" * 900],
    "program": ["Nursing", "p" * 1200],
}
_LINE = "a line of ours"
Key = tuple[str, str]


class Walk:
    """Both sides and the log; `trampled` names what was overwritten without a reason."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.people: dict[Key, Person] = {}
        self.customers: dict[str, dict[str, Any]] = {}
        self.log: list[Pushed] = []
        self.sent: dict[Key, Person] = {}  # as the MIS was at the last success
        self.lines: dict[str, list[str]] = {}  # of people, in Notes
        # Of ours, as people put them right; the MIS never changes these two.
        self.corrected: dict[tuple[str, str], str] = {}
        self.trampled: list[str] = []
        self.vendor = somebody("aline UWERA", "1", "Vendor")

    # --- what people do ---------------------------------------------------------------

    def step(self) -> None:
        """Let somebody do something, on either side."""
        act = self.dice.choice([self._enrol, self._edit, self._edit, self._edit_customer])
        act()

    def _enrol(self) -> None:
        make = self.dice.choice([applicant, student])
        number = str(len(self.people) + 1)
        names = {"first_name": self.dice.choice(_FIRST), "last_name": self.dice.choice(_LAST)}
        person = make(number, **names)
        self.people[person.type, number] = person

    def _edit(self) -> None:
        if self.people:
            key = self.dice.choice(list(self.people))
            field = self.dice.choice(list(_EDITS))
            value = self.dice.choice(_EDITS[field])
            self.people[key] = self.people[key]._replace(**{field: value})

    def _edit_customer(self) -> None:
        if not self.customers:
            return
        found = self.dice.choice(list(self.customers))
        fields = self.customers[found]
        number = str(self.dice.randrange(1000))
        what = self.dice.choice([PHONE, EMAIL, NOTES, DISPLAY, _LINE])
        if what == PHONE:
            fields[PHONE] = {"FreeFormNumber": number}
        elif what == EMAIL:
            fields.pop(EMAIL, None)
        elif what == DISPLAY:
            fields[DISPLAY] = f"Renamed {found} {number}"
        elif what == _LINE:
            self._correct(found, self.dice.choice(["Gender", "Intake"]), number)
        elif len(fields[NOTES]) < 1900:
            lines = fields[NOTES].split("\n")
            lines.insert(self.dice.randrange(len(lines) + 1), f"Remark {number}")
            fields[NOTES] = "\n".join(lines)
            self.lines.setdefault(found, []).append(f"Remark {number}")
        fields["token"] += 1

    def _correct(self, found: str, name: str, number: str) -> None:
        """Put a line of ours right, or take it away."""
        fields, new = self.customers[found], self.dice.choice(["", number])
        lines = [one for one in fields[NOTES].split("\n") if not one.startswith(f"{name}=")]
        fields[NOTES] = "\n".join([*lines, f"{name}={new}"] if new else lines)
        self.corrected[found, name] = new

    # --- a synchronization ------------------------------------------------------------

    def sync(self, share: float = 1.0) -> list[Planned]:
        """Fetch, plan, and push a share of the rows; return the plan."""
        rows = self.plan()
        for row in rows:
            if self.dice.random() < share:
                self._push(row)
        return rows

    def plan(self) -> list[Planned]:
        """Return what is to be done, from what both sides have now."""
        names = [self.vendor, *map(self._named, self.customers)]
        return plan(Case(tuple(self.people.values()), tuple(names), tuple(self.log)))

    def _named(self, found: str) -> Named:
        fields = {name: v for name, v in self.customers[found].items() if name != "token"}
        token = str(self.customers[found]["token"])
        mark = notes.parse(fields[NOTES]).mark
        return Named("Customer", found, fields[DISPLAY], "yes", mark, token, json.dumps(fields))

    def _push(self, row: Planned) -> None:
        key = (row.type, row.mis_id)
        person, sent = self.people[key], payload_of(row)
        found = row.quickbooks_id or str(100 + len(self.customers))
        if row.action == HOLD:
            raise AssertionError(row.reason)
        if row.action == CREATE:
            self.customers[found] = {"token": 0, **sent}
        elif sent and row.action != ADOPT:
            self._note_trampled(row, sent)
            self.customers[found] |= sent
            self.customers[found]["token"] += 1
        self._log(row, person, found)
        if sent:
            self.sent[key] = self._as_sent(key, person)
        if self.dice.random() < 0.8:  # else the MIS is not told
            told = {"status": "1", "quickbooks_id": found}
            token = str(self.customers[found]["token"])
            self.people[key] = person._replace(**told, sync_token=token)

    def _as_sent(self, key: Key, person: Person) -> Person:
        """Return a person as the customer has one: what cannot be sent is as before."""
        left = payload.of(person, "x", NOTES_ONLY).left_out
        before = self.sent.get(key, person._replace(phone="", email=""))
        names = {PHONE: "phone", EMAIL: "email"}
        return person._replace(**{names[one]: getattr(before, names[one]) for one in left})

    def _log(self, row: Planned, person: Person, found: str) -> None:
        outcome = {CREATE: "created", ADOPT: "adopted"}.get(row.action, "updated")
        token = str(self.customers[found]["token"])
        cells = {"key": row.key, "quickbooks_id": found, "sync_token": token}
        cells["sent"] = tasks.of(row).sent
        self.log.append(pushed(person, outcome, row.action, {}, **cells))

    def _note_trampled(self, row: Planned, sent: dict[str, Any]) -> None:
        """Note fields that go although the MIS says what it said when they went last."""
        before, now = (
            digests.NOTHING | digests.by_field(fields_of(one))
            for one in (self.sent[row.type, row.mis_id], self.people[row.type, row.mis_id])
        )
        names = {DISPLAY: [digests.NAME], "GivenName": ["GivenName", "FamilyName"]}
        names["FamilyName"] = names["GivenName"]
        there = json.loads(row.before).get(NOTES, "")
        lines = notes.news(there, sent.get(NOTES, "")).keys()
        # What was cut is cut elsewhere where people's lines leave more room, or less.
        cut = {one for one in lines if "…" in notes.parse(there).values.get(one, "")}
        names[NOTES] = [notes.named(name) for name in lines - cut]
        if cut and lines == cut:
            sent = {name: value for name, value in sent.items() if name != NOTES}
        for field in sent:
            if all(before.get(name) == now.get(name) for name in names.get(field, [field])):
                self.trampled.append(f"{row.type} {row.mis_id} {field}")

    # --- what must hold ---------------------------------------------------------------

    def lost_lines(self) -> list[str]:
        """Return lines of people that are not in their Notes any more."""
        return [
            line
            for found, lines in self.lines.items()
            for line in lines
            if line not in self.customers[found][NOTES].split("\n")
        ]

    def lost_corrections(self) -> list[str]:
        """Return lines of ours that are not as people put them right."""
        return [
            f"{found} {name}"
            for (found, name), value in self.corrected.items()
            if notes.parse(self.customers[found][NOTES]).values.get(name, "") != value
        ]

    def doubles(self) -> list[str]:
        """Return names and marks that two customers have."""
        names = [normalize_display_name(one[DISPLAY]) for one in self.customers.values()]
        names.append(normalize_display_name(self.vendor.name))
        marks = [notes.parse(one[NOTES]).mark for one in self.customers.values()]
        everything = names + marks
        return [one for one in set(everything) if everything.count(one) > 1]

    def missing(self) -> list[Key]:
        """Return persons without a customer."""
        marks = {notes.parse(one[NOTES]).mark for one in self.customers.values()}
        return [key for key, person in self.people.items() if mark_of(person) not in marks]
