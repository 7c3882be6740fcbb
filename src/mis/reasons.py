"""Why a plan row says what it says: sentences for the person who decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from src.kit.memory import IN_DOUBT
from src.mis import custom_fields, notes
from src.mis.changes import Changes
from src.mis.company import Customer
from src.mis.definitions import CUSTOM
from src.mis.digests import NAME
from src.mis.effects import Effects
from src.mis.history import Past
from src.mis.payload import NOTES
from src.mis.records import NAMES, SYNCED, Person

NAMED = "a person named this customer"
AGREED = "QuickBooks has what the MIS says, and the log does not know it; nothing is sent"
OR_CREATE = "approve to create another customer"
CORRECT = "correct the decision"
PUT_RIGHT = "put that right in the MIS and fetch again, or use --force if it is right"
PLACES = "where the custom fields go was changed (CUSTOM_FIELD_MODE, CUSTOM_FIELD_IDS)"
CUT_FOR_PEOPLE = "values cut beside people's lines"
_LINK = "link:<id> if it is another customer"
_AS_IT_IS = "skip to leave QuickBooks as it is"


def new(past: Past) -> str:
    """Return why a customer is created."""
    if past.outcome == IN_DOUBT:
        return "nobody knows whether it arrived; it is looked for before it is sent again"
    return "no customer in QuickBooks has this person's mark"


def changed(found: Changes, effects: Effects) -> str:
    """Return why a customer is updated: values are others, lacking, or stand elsewhere."""
    lines = _lines(found) if NOTES in found.fields else []
    moved = [name for name in lines if name not in effects]
    is_valued = not moved or not effects.keys().isdisjoint(custom_fields.NAMES)
    names = [n for n in found.fields if is_valued or n not in (NOTES, CUSTOM)]
    names = [name for name in names if name != CUSTOM or found.custom]
    news = _told(found, names, [name for name in lines if name in effects])
    told = f"changed in the MIS since it was sent: {', '.join(news)}"
    lacking = f"QuickBooks has no value in {CUSTOM} ({', '.join(found.lacking)})"
    return "; ".join(
        [told] * bool(names) + [lacking] * bool(found.lacking) + [PLACES] * bool(moved)
    )


def _lines(found: Changes) -> list[str]:
    """Return which of our lines in Notes are not as they were."""
    return list(notes.news(found.before[NOTES], found.fields[NOTES]))


def _told(
    found: Changes, names: Iterable[str], lines: Sequence[str]
) -> Iterator[str]:
    """Yield fields as people read them."""
    parts = {NOTES: lines, CUSTOM: found.custom}
    for name in names:
        which = f" ({', '.join(parts[name])})" if parts.get(name) else ""
        yield "the name" if name == NAME else name + which


def unknown(found: Changes) -> str:
    """Return why an update waits."""
    differs = "differs" if len(found.unknown) == 1 else "differ"
    told = ", ".join(_told(found, found.unknown, found.asked))
    return (
        f"{told} {differs} from QuickBooks and nobody knows who changed it; approve to "
        f"send the MIS's values, {_AS_IT_IS}"
    )


def another_person(fields: Sequence[str], customer: Customer) -> str:
    """Return why a change waits that would make a customer somebody else's."""
    return (
        f"the MIS has another person under this number now: {', '.join(fields)} differ; "
        f"approve to make customer {customer.id} this person, {_AS_IT_IS}; for a customer "
        "of its own take the line Carryover=… out of that one's Notes and fetch again"
    )


def untold(person: Person, customer: Customer) -> str:
    """Return what the MIS does not know of a customer that is there."""
    if person.status != SYNCED:
        return f"is in QuickBooks as {customer.id}, and the MIS does not say so"
    if person.quickbooks_id != customer.id:
        return f"is in QuickBooks as {customer.id}, and the MIS has another id"
    return "QuickBooks has a newer SyncToken than the MIS"


def inactive(customer: Customer) -> str:
    """Return why nothing is sent to a customer of ours."""
    return f"customer {customer.id} is inactive in QuickBooks; nothing is sent to it"


def taken_back(run_id: str, waits: str) -> str:
    """Return why somebody whose customer was taken away gets none by itself."""
    return f"taken back by run {run_id}; {waits}"


def again(customer: Customer | None) -> str:
    """Return what a person may decide about a customer that was taken away."""
    back = "create it again"
    if customer:
        known = f"customer {customer.id}"
        back = f"mark {known} again" if customer.is_active else f"make {known} active again"
    return f"approve to {back}, skip to keep it out"


def several(ids: Sequence[str]) -> str:
    """Return why a mark that stands there several times is for a person."""
    return f"customers {', '.join(ids)} have this person's mark; merge them in QuickBooks"


def leased(person: Person) -> str:
    """Return who has a person in its hands."""
    who = person.leased_by or "another run"
    return f"another run has it until {person.leased_until[:16]} UTC: {who}"


def full(customer: Customer) -> str:
    """Return why our lines cannot be added."""
    return f"the Notes of customer {customer.id} are full; shorten what people wrote there"


def gone(past: Past, there: Customer | None) -> str:
    """Return why a customer that was there is not made again by itself."""
    known = past.quickbooks_id
    if there is None:
        return (
            f"was in QuickBooks as {known or 'a customer'}, which is gone, merged "
            f"perhaps; approve to create it again, {_LINK}"
        )
    return (
        f"was in QuickBooks as {known}, which has no mark of this person any more; "
        f"link:{known} to mark it again, approve to create another customer"
    )


def missing(person: Person) -> str:
    """Return why somebody whom the MIS calls synchronized is not created by itself."""
    if person.quickbooks_id:
        return (
            f"the MIS says that it is customer {person.quickbooks_id}, which this company "
            f"does not have; approve to create it, {_LINK}"
        )
    return (
        "the MIS says that it is synchronized, not as which customer; approve to create "
        "it, link:<id> if it is there"
    )


def by_mis(customer: Customer, lost: Sequence[str] = ()) -> str:
    """Return why somebody's customer becomes ours, or what would be lost by that."""
    said = f"the MIS says that it is customer {customer.id}, and the names agree"
    if not lost:
        return said
    return (
        f"{said}; {', '.join(lost)} would be replaced there: approve that, or make the "
        "MIS say the same and fetch again"
    )


def other_name(customer: Customer) -> str:
    """Return why the MIS's word for a customer is not enough."""
    return (
        f"the MIS says that it is customer {customer.id}, which has another name; approve "
        f"if it is, {_LINK}"
    )


def no_customer(quickbooks_id: str) -> str:
    """Return why a decision cannot be carried out."""
    return (
        f"{NAMES.place} has no customer {quickbooks_id}; correct the decision, or run "
        f'"{NAMES.made_by}" again'
    )


def foreign(quickbooks_id: str) -> str:
    """Return why a customer cannot become anybody else's."""
    return f"customer {quickbooks_id} has the mark of another person"


def claimed(customer: Customer, other: str) -> str:
    """Return why a customer cannot become a second person's."""
    return f"customer {customer.id} is to be {other}"


def cannot_link_inactive(customer: Customer) -> str:
    """Return why an inactive customer stays as it is."""
    return f"customer {customer.id} is inactive; make it active in QuickBooks first"


def another_company(missing_: int, synced: int) -> str:
    """Return why there is no plan at all."""
    return (
        f"{missing_:,} of {synced:,} persons that the MIS calls synchronized have a "
        "quickbooks_id that this company does not have; is QBO_REALM_ID right? use "
        "--force to plan them as held"
    )
