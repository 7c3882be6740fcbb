"""The plan: for every person what is to be done about the customer in QuickBooks, and why.

The truth about what is there is the mark; the run log knows what was sent; the MIS only
repeats what it was told. Whoever needs nothing has no row.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from src.kit.plans import row_id
from src.mis import changes, decisions, effects, identity, keys, notes, payload, reasons
from src.mis.brakes import MOST_CHANGED, Brakes
from src.mis.changes import Changes
from src.mis.company import Company, Customer
from src.mis.custom_fields import Budget
from src.mis.decisions import Decided
from src.mis.definitions import CUSTOM
from src.mis.history import History, Past
from src.mis.naming import Chosen
from src.mis.payload import ACTIVE, DISPLAY, NOTES, Payload
from src.mis.records import (
    ADOPT,
    CREATE,
    HOLD,
    IN_PROGRESS,
    KEPT,
    LINK,
    SYNCED,
    UPDATE,
    Person,
    Planned,
)
from src.mis.tally import Tally


class Asked(NamedTuple):
    """What a plan is asked for."""

    now: str
    budget: Budget
    installation: str = ""  # ours: its leases are of a run that is over
    is_forced: bool = False  # let the brakes pass
    max_change: float = MOST_CHANGED  # percent of a type


class Known(NamedTuple):
    """What a plan is made from, beside the MIS."""

    company: Company
    history: History
    decided: Decided = {}  # in the plan before this one


class Meant(NamedTuple):
    """What is to be done about one person."""

    action: str
    reason: str
    customer: Customer | None = None
    changes: Changes = Changes({}, {})
    chosen: Chosen | None = None
    notes: tuple[str, ...] = ()
    decision: str = ""


class Planner:
    """Plans persons one by one, in their order; `tally` fills up meanwhile."""

    def __init__(self, known: Known, asked: Asked) -> None:
        self.tally = Tally()
        self._company, self._history, self._decided = known
        self._settled: set[tuple[str, str]] = set()  # what was decided is done, or planned
        self._asked = asked
        self._now = datetime.fromisoformat(asked.now)
        self._brakes = Brakes(asked.max_change, asked.is_forced)
        self._claimed: dict[str, Person] = {}  # customers that are linked, and to whom

    def rows(self, people: Iterable[Person]) -> Iterator[Planned]:
        """Yield the rows, unsigned; raises Refused where the brakes hold."""
        last = ("", "")
        for person in people:
            self.tally.read += 1
            if (person.type, person.mis_id) == last:
                self.tally.repeated += 1
                continue
            last = (person.type, person.mis_id)
            meant = self._meant(person)
            if last in self._decided and (meant is None or meant.action in (ADOPT, LINK)):
                self._settled.add(last)
            if meant is None:
                self.tally.unchanged += 1
            else:
                yield self._row(person, meant)
        self.tally.strangers = self._company.marked_customers - self.tally.marked
        self.tally.forced = self._brakes.passed(self.tally)

    def is_settled(self, row: Planned) -> bool:
        """Return whether what an earlier row decided was carried out, or is about to be."""
        word = decisions.decided(row)
        is_wish = word == decisions.APPROVE or decisions.link_of(word)
        return bool(is_wish) and (row.type, row.mis_id) in self._settled

    # --- what is meant ----------------------------------------------------------------

    def _meant(self, person: Person) -> Meant | None:
        """Return what is to be done about a person, nothing if nothing is."""
        self.tally.synced += person.status == SYNCED and person.quickbooks_id != ""
        marked = self._company.marked(_mark(person))
        self.tally.marked += len(marked)
        if self._is_leased(person):
            chosen = None if marked else self._choose(person)
            return Meant(HOLD, reasons.leased(person), chosen=chosen)
        if len(marked) > 1:
            return Meant(HOLD, reasons.several([customer.id for customer in marked]))
        if marked:
            self._brakes.know(person.type)
            return self._ours(person, marked[0])
        return self._unmarked(person)

    def _is_leased(self, person: Person) -> bool:
        if person.status != IN_PROGRESS or not person.leased_until:
            return False
        is_own = keys.installation_of(person.leased_by) == self._asked.installation
        return not is_own and datetime.fromisoformat(person.leased_until) > self._now

    def _ours(self, person: Person, customer: Customer) -> Meant | None:
        """Return what becomes of a customer that has the person's mark."""
        is_told = (person.status, person.quickbooks_id, person.sync_token) == (
            SYNCED,
            customer.id,
            customer.sync_token,
        )
        past = self._history.of(_mark(person))
        if past.taken_back_by and not customer.is_active:
            return _taken_back(past.taken_back_by, self._made_active(person, customer))
        if not customer.is_active:
            return None if is_told else Meant(ADOPT, reasons.inactive(customer), customer)
        made, wanted = self._wanted(person, customer)
        past = past.beside(person)
        found = changes.of(wanted, past, customer)
        chosen = None
        if found.is_renamed:
            found, chosen = self._renamed(person, customer, found)
        if not found.fields:
            return None if is_told and not found.agreed else _adopted(person, customer, found)
        if found.notes.is_too_long:
            return Meant(HOLD, reasons.full(customer), customer)
        told, all_of_it = _told(made, found), changes.with_agreed(found)
        name_of = partial(self._asked.budget.name_of, person.type)
        if others := identity.differing(found, customer, name_of):
            reason = reasons.another_person(others, customer)
            return Meant(HOLD, reason, customer, all_of_it, chosen, told)
        if found.unknown:
            return Meant(HOLD, reasons.unknown(found), customer, found, chosen, told)
        done = effects.of(found, person, self._asked.budget, past)
        self._brakes.see(person.type, done)
        return Meant(UPDATE, reasons.changed(found, done), customer, all_of_it, chosen, told)

    def _wanted(
        self, person: Person, customer: Customer
    ) -> tuple[Payload, changes.Wanted]:
        """Return the payload for a customer, and what an update may say beyond it."""
        budget = self._asked.budget
        there = customer.fields if budget.is_moving else None
        made = payload.of(person, customer.name, budget, there)
        fields = {**made.fields, CUSTOM: made.custom} if made.custom else made.fields
        name_of = partial(budget.name_of, person.type)
        return made, changes.Wanted(fields, made.left_out, name_of)

    def _renamed(
        self, person: Person, customer: Customer, found: Changes
    ) -> tuple[Changes, Chosen]:
        """Return the changes with the name that the customer is to have from now on."""
        chosen = self._choose(person, customer)
        if chosen.display_name == customer.name:
            return found, chosen
        fields = {DISPLAY: chosen.display_name, **found.fields}
        before = {DISPLAY: customer.name, **found.before}
        return found._replace(fields=fields, before=before), chosen

    def _choose(self, person: Person, customer: Customer | None = None) -> Chosen:
        owner = customer.owner if customer else f"{person.type} {person.mis_id}"
        name, identifier = payload.real_name(person), payload.identifier(person)
        now = customer.name if customer else ""
        return self._company.names.choose(name, identifier, owner, now)

    # --- nobody has the mark ----------------------------------------------------------

    def _unmarked(self, person: Person) -> Meant:
        decision = self._decided.get((person.type, person.mis_id), "")
        if linked := decisions.link_of(decision):
            return self._linked_by_people(person, linked)._replace(decision=decision)
        past = self._history.of(_mark(person))
        meant = self._unlinked(person, past)
        return _taken_back(past.taken_back_by, meant) if past.taken_back_by else meant

    def _unlinked(self, person: Person, past: Past) -> Meant:
        if past.is_known:
            there = self._company.customer(past.quickbooks_id)
            return self._create(person, HOLD, reasons.gone(past, there))
        customer = self._company.customer(person.quickbooks_id)
        if customer:
            return self._linked_by_mis(person, customer)
        if person.status == SYNCED:
            self.tally.missing += person.quickbooks_id != ""
            return self._create(person, HOLD, reasons.missing(person))
        return self._create(person, CREATE, reasons.new(past))

    def _create(self, person: Person, action: str, reason: str) -> Meant:
        chosen = self._choose(person)
        made = payload.of(person, chosen.display_name, self._asked.budget)
        found = Changes(made.fields, {})
        return Meant(action, reason, None, found, chosen, tuple(made.notes))

    def _linked_by_people(self, person: Person, quickbooks_id: str) -> Meant:
        customer = self._company.customer(quickbooks_id)
        if customer is None:
            return self._waits(person, reasons.no_customer(quickbooks_id))
        if problem := self._problem(person, customer):
            return self._waits(person, f"{problem}; {reasons.CORRECT}")
        return self._link(person, customer, (LINK, reasons.NAMED))

    def _waits(self, person: Person, reason: str) -> Meant:
        """Return a hold that nobody can approve of; the name is kept."""
        return Meant(HOLD, reason, chosen=self._choose(person))

    def _linked_by_mis(self, person: Person, customer: Customer) -> Meant:
        if problem := self._problem(person, customer):
            return self._create(person, HOLD, f"{problem}; {reasons.OR_CREATE}")
        if not identity.is_named_so(person, customer):
            return self._link(person, customer, (HOLD, reasons.other_name(customer)))
        meant = self._link(person, customer, (LINK, reasons.by_mis(customer)))
        if lost := changes.replaced(meant.changes):
            return meant._replace(action=HOLD, reason=reasons.by_mis(customer, lost))
        return meant

    def _made_active(self, person: Person, customer: Customer) -> Meant:
        """Return the change that gives a person its customer back."""
        meant = self._link(person, customer, (LINK, ""))
        if meant.action == HOLD:
            return meant
        chosen = self._choose(person, customer)
        name = {DISPLAY: chosen.display_name}
        fields = {ACTIVE: True, **name, **meant.changes.fields}
        before = {ACTIVE: False, DISPLAY: customer.name, **meant.changes.before}
        lines = tuple(map(notes.named, notes.parse(fields[NOTES]).values))
        # The log forgot what the customer has: all of it is to be known again.
        found = meant.changes._replace(fields=fields, before=before, learns=lines)
        return meant._replace(changes=found, chosen=chosen)

    def _problem(self, person: Person, customer: Customer) -> str:
        """Return why a customer cannot become a person's, nothing if it can."""
        if customer.key or notes.marks(customer.fields.get(NOTES, "")):
            return reasons.foreign(customer.id)
        if not customer.is_active:
            return reasons.cannot_link_inactive(customer)
        if (other := self._claimed.setdefault(customer.id, person))[:2] != person[:2]:
            who = f"{other.type} {payload.identifier(other)}"
            return reasons.claimed(customer, who)
        return ""

    def _link(self, person: Person, customer: Customer, said: tuple[str, str]) -> Meant:
        made, wanted = self._wanted(person, customer)
        found = changes.of_link(wanted, customer)
        if found.notes.is_too_long:
            return Meant(HOLD, reasons.full(customer), customer)
        return Meant(*said, customer, found, None, _told(made, found))

    # --- the row ----------------------------------------------------------------------

    def _row(self, person: Person, meant: Meant) -> Planned:
        customer, chosen = meant.customer, meant.chosen
        if customer and not chosen:
            chosen = Chosen(customer.name, KEPT)
        chosen = chosen or Chosen("", "")
        self.tally.take(meant.action, chosen.rule, meant.notes)
        if meant.action == HOLD:
            self.tally.wait(person)
        found = meant.changes
        if meant.action != ADOPT:
            found = changes.with_check_name(found, customer)
        sent = as_json(found.fields)
        return Planned(
            row=row_id(f"{person.type}|{person.mis_id}"),
            action=meant.action,
            type=person.type,
            mis_id=person.mis_id,
            identifier=person.identifier,
            name=payload.real_name(person),
            display_name=chosen.display_name,
            rule=chosen.rule,
            taken_by=chosen.taken_by,
            known_as=person.quickbooks_id.strip(),
            quickbooks_id=customer.id if customer else "",
            sync_token=customer.sync_token if customer else "",
            fields=" ".join((*found.fields, *(found.learns if NOTES in found.fields else ()))),
            payload=sent,
            before=as_json(found.before),
            notes="; ".join(meant.notes),
            reason=meant.reason,
            key=_key(person, meant, sent),
            decision=meant.decision,
            row_check="",
        )


def _mark(person: Person) -> str:
    return keys.create_key(person.type, person.mis_id)


def _key(person: Person, meant: Meant, sent: str) -> str:
    """Return the key of a row's effect; what only waits has none."""
    mark = _mark(person)
    if meant.action == ADOPT:
        return mark
    if not sent:
        return ""
    customer = meant.customer
    return keys.update_key(mark, customer.sync_token, sent) if customer else mark


def as_json(fields: Mapping[str, Any]) -> str:
    """Return fields as a cell of the plan holds them, nothing for none."""
    return _encoded(fields) if fields else ""


_encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _adopted(person: Person, customer: Customer, found: Changes) -> Meant:
    """Return that nothing is sent; what is there already is for the log to know."""
    is_known = (person.status, person.quickbooks_id) == (SYNCED, customer.id)
    reason = reasons.AGREED if found.agreed and is_known else reasons.untold(person, customer)
    return Meant(ADOPT, reason, customer, Changes(changes.in_order(found.agreed), {}))


def _taken_back(run_id: str, meant: Meant) -> Meant:
    """Return what gives a person a customer again, waiting for a person's word."""
    waits = meant.reason if meant.action == HOLD else reasons.again(meant.customer)
    return meant._replace(action=HOLD, reason=reasons.taken_back(run_id, waits))


def _told(made: Payload, found: Changes) -> tuple[str, ...]:
    names = ", ".join(found.notes.cut)
    return (*made.notes, *([f"{reasons.CUT_FOR_PEOPLE}: {names}"] if names else ()))
