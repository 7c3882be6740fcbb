"""What stops a plan: a field of too many customers that changes, or is emptied."""

from __future__ import annotations

import pytest

from src.kit.errors import Refused
from src.mis import custom_fields
from src.mis.custom_fields import values
from src.mis.definitions import text
from src.mis.planning import Asked
from tests.mis.persons import (
    NOTES_ONLY,
    NOW,
    Case,
    applicant,
    as_customer,
    fields_of,
    payload_of,
    plan,
    planner_of,
    pushed,
    student,
    synced,
)

IDS = {"Campus": "11", "Intake": "12"}
MANY = 40


def case(count: int = MANY, first: int = 0, make=student, **changed: str) -> Case:
    """Return persons whose customers are as they were sent; the `first` change in the MIS."""
    people = [make(str(n), first_name=f"Aline {n}") for n in range(1, count + 1)]
    told = [synced(one, one.type[0] + one.mis_id) for one in people]
    now = [one._replace(**changed) if n < first else one for n, one in enumerate(told)]
    names = [as_customer(one, one.quickbooks_id) for one in told]
    return Case(tuple(now), tuple(names), tuple(map(pushed, told)))


def together(*cases: Case) -> Case:
    """Return the persons of several cases as one."""
    people, names, log, *_ = (sum(parts, ()) for parts in list(zip(*cases))[:3])
    return Case(people, names, log)


def refusal(one: Case) -> str:
    with pytest.raises(Refused) as refused:
        plan(one)
    return str(refused.value)


def forced(one: Case, **asked) -> Case:
    return one._replace(asked=Asked(NOW, NOTES_ONLY, **asked))


# --- one field --------------------------------------------------------------------------


@pytest.mark.parametrize(("first", "is_refused"), [(20, False), (21, True)])
@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"campus": "3"}, "Campus"),
        ({"phone": "0788"}, "PrimaryPhone"),
        ({"last_name": "Mugabo"}, "FamilyName"),
        ({"national_id": "1"}, "NationalID"),
    ],
)
def test_a_field_that_changes_for_more_than_half_stops(
    changed, field, first, is_refused
):
    one = case(first=first, **changed)

    if is_refused:
        assert refusal(one) == (
            f"data/mis_customers.csv: {field} of 21 of 40 students would change, more than "
            "50 % (--max-change); put that right in the MIS and fetch again, or use --force "
            "if it is right"
        )
    else:
        assert {row.action for row in plan(one)} == {"update"}


@pytest.mark.parametrize(("first", "is_refused"), [(4, False), (5, True)])
@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"campus": ""}, "Campus"),
        ({"last_name": ""}, "FamilyName"),
        ({"email": ""}, "PrimaryEmailAddr"),
        ({"level": ""}, "Level"),
    ],
)
def test_a_field_that_is_emptied_for_more_than_a_tenth_stops(
    changed, field, first, is_refused
):
    one = case(first=first, **changed)

    if is_refused:
        told = f"{field} of 5 of 40 students would be emptied, more than 10 %; put that"
        assert told in refusal(one)
    else:
        assert len(plan(one)) == first


def test_what_cannot_be_sent_empties_nothing():
    assert plan(case(first=MANY, email="no address", phone="x" * 40)) == []


def test_what_was_empty_and_is_filled_is_no_loss():
    without = case(first=MANY, level="Level 1")
    empty = [one._replace(level="") for one in without.people]
    names = [as_customer(one, one.quickbooks_id) for one in empty]
    log = tuple(map(pushed, empty))

    assert len(plan(without._replace(names=tuple(names), log=log))) == MANY


def test_whoever_has_no_customer_yet_or_is_held_is_not_weighed():
    new = Case(tuple(applicant(str(n)) for n in range(1, MANY)))
    held = case(first=MANY, make=student, phone="1")._replace(log=())

    assert {row.action for row in plan(together(new, held))} == {"create", "hold"}


def test_what_people_and_the_mis_changed_to_the_same_is_no_change():
    one = case(first=MANY, phone="1")
    there = {"PrimaryPhone": {"FreeFormNumber": "1"}}
    names = [as_customer(p, p.quickbooks_id, **there) for p in one.people]

    assert {row.action for row in plan(one._replace(names=tuple(names)))} == {"adopt"}


# --- all fields, all types --------------------------------------------------------------


def test_many_that_change_a_little_each_stop_too():
    one = case(first=15, campus="Huye")
    people = [
        p._replace(phone="1") if 15 <= n < 30 else p for n, p in enumerate(one.people)
    ]

    told = (
        "data/mis_customers.csv: 30 of 40 students would change, more than 50 % (--max-"
    )
    assert refusal(one._replace(people=tuple(people))).startswith(told)


def test_each_type_is_weighed_by_itself():
    both = together(case(first=MANY, make=applicant, campus="3"), case(200))

    assert "Campus of 40 of 40 applicants would change" in refusal(both)


def test_all_that_is_odd_is_named_at_once():
    both = together(
        case(first=MANY, make=applicant, campus="3"),
        case(first=MANY, campus="3", last_name=""),
    )

    assert refusal(both).startswith(
        "data/mis_customers.csv: Campus of 40 of 40 applicants would change, more than 50 % "
        "(--max-change), and Campus of 40 of 40 students would change, more than 50 % "
        "(--max-change), and FamilyName of 40 of 40 students would be emptied, more than 10 %;"
    )


@pytest.mark.parametrize(("first", "is_refused"), [(10, False), (11, True)])
def test_a_type_with_fewer_than_twenty_is_weighed_as_twenty(first, is_refused):
    one = case(count=12, first=first, campus="Huye")

    if is_refused:
        assert "Campus of 11 of 12 students would change" in refusal(one)
    else:
        assert len(plan(one)) == 10


# --- ways out ---------------------------------------------------------------------------


def test_force_lets_the_brakes_pass_and_says_so():
    one = forced(case(first=MANY, campus="3"), is_forced=True)
    planner = planner_of(one)

    assert len(list(planner.rows(one.people))) == MANY
    assert planner.tally.forced == [
        "Campus of 40 of 40 students would change, more than 50 % (--max-change); --force "
        "let it pass"
    ]


def test_the_share_that_may_change_is_an_option():
    one = case(first=4, campus="3")

    assert len(plan(forced(one, max_change=10))) == 4
    with pytest.raises(Refused, match=r"more than 9.5 % \(--max-change\)"):
        plan(forced(one, max_change=9.5))


# --- where custom fields go -------------------------------------------------------------


@pytest.mark.parametrize("mode", ["enhanced", "both"])
def test_another_place_for_custom_fields_is_no_loss(mode):
    asked = Asked(NOW, custom_fields.budget(mode, IDS))

    rows = plan(case()._replace(asked=asked))

    assert len(rows) == MANY
    assert all("CustomField" in row.fields for row in rows)


def test_a_change_of_values_is_seen_whatever_becomes_of_the_places():
    asked = Asked(NOW, custom_fields.budget("enhanced", IDS))

    assert "Campus of 40 of 40 students would change" in refusal(
        case(first=MANY, campus="3")._replace(asked=asked)
    )


def moving(is_there: bool = True, **changed: str) -> Case:
    """Return persons whose custom fields get definitions; `is_there`: and have values."""
    one = case(first=1 if changed else 0, **changed)
    fields = [
        [text(IDS[name], values(p)[name]) for name in IDS] if is_there else []
        for p in case().people
    ]
    names = [
        as_customer(p, p.quickbooks_id, CustomField=found)
        for p, found in zip(case().people, fields)
    ]
    asked = Asked(NOW, custom_fields.budget("enhanced", IDS))
    return one._replace(names=tuple(names), asked=asked)


def test_an_update_brings_values_to_new_definitions_before_their_lines_go():
    row, *_ = plan(moving(is_there=False))

    assert row.reason == "QuickBooks has no value in CustomField (Campus, Intake)"
    assert row.fields == "CustomField"


def test_an_update_says_that_places_changed_and_not_that_the_mis_did():
    row, *_ = plan(moving())

    assert row.reason == (
        "where the custom fields go was changed (CUSTOM_FIELD_MODE, CUSTOM_FIELD_IDS)"
    )
    assert "Campus=" not in payload_of(row)["Notes"]


def test_an_update_says_what_changed_beside_the_places():
    row, *_ = plan(moving(phone="1", level="Level 2"))

    assert row.reason == (
        "changed in the MIS since it was sent: PrimaryPhone, Notes (Level); "
        "where the custom fields go was changed (CUSTOM_FIELD_MODE, CUSTOM_FIELD_IDS)"
    )


def test_a_phone_alone_beside_the_places_is_all_that_the_mis_changed():
    row, *_ = plan(moving(phone="1"))

    assert row.reason.startswith(
        "changed in the MIS since it was sent: PrimaryPhone; where"
    )


def test_lines_that_come_back_from_custom_fields_are_no_loss():
    one = case()
    budget = custom_fields.budget("enhanced", IDS)
    fields = [fields_of(p, budget=budget) for p in one.people]
    names = [
        as_customer(p, p.quickbooks_id, Notes=sent["Notes"])
        for p, sent in zip(one.people, fields)
    ]
    log = [pushed(p, fields=sent) for p, sent in zip(one.people, fields)]

    rows = plan(one._replace(names=tuple(names), log=tuple(log)))

    assert [row.fields for row in rows] == ["Notes"] * MANY
    assert {row.reason for row in rows} == {
        "where the custom fields go was changed (CUSTOM_FIELD_MODE, CUSTOM_FIELD_IDS)"
    }


@pytest.mark.parametrize(
    ("campus", "told"), [("3", "would change, more than 50 %"), ("", "would be emptied")]
)
def test_custom_fields_are_weighed_by_their_names(campus, told):
    one, budget = case(first=MANY), custom_fields.budget("enhanced", IDS)
    fields = [fields_of(p, budget=budget) for p in one.people]
    names = [
        as_customer(p, p.quickbooks_id, **sent) for p, sent in zip(one.people, fields)
    ]
    log = [pushed(p, fields=sent) for p, sent in zip(one.people, fields)]
    people = [p._replace(campus=campus) for p in one.people]

    found = Case(tuple(people), tuple(names), tuple(log), asked=Asked(NOW, budget))
    assert f"Campus of 40 of 40 students {told}" in refusal(found)


# --- people that are gone ---------------------------------------------------------------


@pytest.mark.parametrize(("gone", "is_refused"), [(20, False), (21, True)])
def test_a_mis_that_lost_many_people_stops(gone, is_refused):
    one = case(60)
    rest = one._replace(people=one.people[gone:])

    if is_refused:
        assert refusal(rest).startswith(
            "data/mis_customers.csv: 21 of 60 customers have the mark of nobody in it; put "
        )
    assert plan(forced(rest, is_forced=True)) == []
    assert is_refused or plan(rest) == []
