"""What QuickBooks has of ours, however it is looked for."""

from __future__ import annotations

import pytest

from src.kit.answers import Unanswered
from src.kit.requests import Item
from src.mis import looking, tasks
from src.mis.looking import Lookup
from tests.mis.port import Customers
from tests.mis.school import create, fields_of, mark_of, people, person, update

SINCE = "2026-11-22T09:00:00+00:00"
PHONE = {"PrimaryPhone": {"FreeFormNumber": "0788"}}
HUYE = {"DefinitionId": "11", "StringValue": "Huye"}
OTHER = {"DefinitionId": "12", "StringValue": "May 2"}


@pytest.fixture
def customers():
    return Customers()


@pytest.fixture
def lookup(customers):
    return Lookup(customers.port(), SINCE)


def item(row):
    return tasks.item_of(tasks.of(row))


@pytest.fixture
def changed(customers):
    """Return the item of an update that was sent to a customer."""
    there = customers.add(DisplayName="Aline Uwera1")
    return item(update(person(1), there, PHONE))


# --- after an answer that nobody heard --------------------------------------------------


def test_a_create_is_found_by_its_mark(customers, lookup):
    customers.add(**fields_of(person(1), "Whatever name it got"))
    customers.add(DisplayName="Aline Uwera1")

    found = lookup.find([item(create(person(1))), item(create(person(2)))])

    assert [hit.remote_id for hit in found[mark_of(person(1))]] == ["1"]
    assert found[mark_of(person(2))] == []


def test_creates_are_looked_for_among_what_was_created_since_the_run_began(customers, lookup):
    lookup.find([item(create(one)) for one in people(3)])

    assert customers.questions == [f"since {SINCE}"]


def test_a_mark_that_is_there_twice_is_found_twice(customers, lookup):
    for name in ("Aline Uwera1", "Aline Uwera1 copy"):
        customers.add(**fields_of(person(1), name))

    found = lookup.find([item(create(person(1)))])

    names = [hit.name for hit in found[mark_of(person(1))]]
    assert names == ["Aline Uwera1", "Aline Uwera1 copy"]


def test_what_nobody_remembers_the_row_of_is_found_by_its_mark(customers, lookup):
    customers.add(**fields_of(person(1)))

    found = lookup.find([Item(mark_of(person(1)))])

    assert len(found[mark_of(person(1))]) == 1


def test_an_update_is_told_by_its_values(customers, lookup, changed):
    customers.edit("1", **PHONE)

    found = lookup.find([changed])

    assert [hit.remote_id for hit in found[changed.key]] == ["1"]
    assert lookup.tokens[changed.key] == "1"
    assert customers.questions == ["Id of 1"]


def test_an_update_of_an_untouched_record_is_absent(lookup, changed):
    assert lookup.find([changed]) == {changed.key: []}


def test_an_update_whose_values_were_there_before_is_absent(customers, lookup):
    there = customers.add(DisplayName="Aline Uwera1", **PHONE)
    row = item(update(person(1), there, PHONE))

    assert lookup.find([row]) == {row.key: []}


def test_an_update_that_somebody_wrote_over_is_absent(customers, lookup, changed):
    customers.edit("1", PrimaryPhone={"FreeFormNumber": "0733"})

    assert lookup.find([changed]) == {changed.key: []}


@pytest.mark.parametrize(
    ("shown", "hits"),
    [([HUYE, OTHER], 1), ([OTHER, HUYE], 1), ([{**HUYE, "StringValue": "x"}], 0), ([], 0)],
)
def test_a_custom_field_tells_by_its_definition(customers, lookup, shown, hits):
    there = customers.add(DisplayName="Aline Uwera1")
    row = item(update(person(1), there, {"CustomField": [HUYE]}))
    customers.edit("1", CustomField=shown)

    assert len(lookup.find([row])[row.key]) == hits


def test_custom_fields_that_the_company_does_not_show_are_not_there(customers, lookup):
    there = customers.add(DisplayName="Aline Uwera1")
    row = item(update(person(1), there, {**PHONE, "CustomField": [HUYE]}))
    customers.edit("1", **PHONE)

    assert lookup.find([row]) == {row.key: []}


def test_updates_are_looked_for_thirty_at_a_time(customers, lookup):
    rows = [update(one, customers.add(DisplayName="x"), PHONE) for one in people(65)]

    lookup.find(map(item, rows))

    assert customers.questions == ["Id of 30", "Id of 30", "Id of 5"]


def test_a_question_that_is_not_answered_is_no_answer(customers, lookup, changed):
    customers.is_down = True

    with pytest.raises(Unanswered):
        lookup.find([changed])


# --- everything -------------------------------------------------------------------------


def test_everything_is_every_mark_in_one_listing(customers, lookup):
    for one in people(3):
        customers.add(**fields_of(one))
    customers.add(DisplayName="Somebody")

    found = lookup.everything([])

    assert sorted(found) == sorted(map(mark_of, people(3)))
    assert customers.questions == ["everybody"]


def test_everything_has_the_updates_that_are_there(customers, lookup):
    rows = [update(one, customers.add(DisplayName="x"), PHONE) for one in people(2)]
    customers.edit("2", **PHONE)

    found = lookup.everything(map(tasks.of, rows))

    assert list(found) == [rows[1].key]


# --- values -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "wanted", "differs"),
    [
        ({"GivenName": "Aline"}, {"GivenName": "Aline"}, []),
        ({"GivenName": "Aline"}, {"GivenName": "Alice"}, ["GivenName"]),
        ({}, {"PrimaryPhone": {"FreeFormNumber": ""}}, []),
        (PHONE, {"PrimaryPhone": {"FreeFormNumber": ""}}, ["PrimaryPhone"]),
        ({}, PHONE, ["PrimaryPhone"]),
        ({"Notes": "a\r\nb "}, {"Notes": "a\nb"}, []),
        ({"Notes": "a"}, {"Notes": "a\nb"}, ["Notes"]),
        ({}, {"CustomField": [HUYE]}, ["CustomField.11"]),
        ({"CustomField": [OTHER, HUYE]}, {"CustomField": [HUYE]}, []),
        ({"CustomField": [OTHER]}, {"CustomField": [HUYE, OTHER]}, ["CustomField.11"]),
        ({}, {"CustomField": [{**HUYE, "StringValue": ""}]}, []),
        ({"PrimaryPhone": {"FreeFormNumber": "0788", "CountryCode": "RW"}}, PHONE, []),
    ],
)
def test_values_differ_by_what_they_say(there, wanted, differs):
    assert looking.differing(there, wanted) == differs
