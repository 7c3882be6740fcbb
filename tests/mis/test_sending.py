"""One request of the batch endpoint: what is put right at once, and what is told."""

from __future__ import annotations

from itertools import count
from uuid import UUID

import pytest

from src.kit.answers import APPLIED, NOT_APPLIED, UNKNOWN
from src.kit.errors import Refused
from src.kit.requests import RECOVERED
from src.mis import custom_fields, tasks
from src.mis.definitions import changed as with_change
from src.mis.definitions import text
from src.mis.sending import MOST_NAMES, MOST_REVISIONS, Sender
from tests.mis.port import SILENCE, Customers, refused
from tests.mis.school import CANARY, create, fields_of, mark_of, people, person, update

ID = "f1e2d3c4-0000-5000-8000-000000000001"
IDS = {"Campus": "11", "Intake": "12", "NationalID": "13"}
NAMES = {found: name for name, found in IDS.items()}
PHONE = {"PrimaryPhone": {"FreeFormNumber": "0788"}}


@pytest.fixture
def customers():
    return Customers()


def suffixed(row):
    """Yield the names that a person may get."""
    return ((f"{row.name} ({row.mis_id}){n or ''}", "suffix") for n in count())


def sent(customers, *rows, names=suffixed):
    """Send rows in one request; return the answers."""
    sender = Sender(customers.port(), names, NAMES)
    return sender.send([tasks.of(row) for row in rows], ID)


# --- as planned -------------------------------------------------------------------------


def test_a_group_is_one_request_with_an_answer_each(customers):
    answers = sent(customers, *map(create, people(3)))

    assert [(one.kind, one.remote_id, one.error) for one in answers] == [
        (APPLIED, str(n), "") for n in (1, 2, 3)
    ]
    assert [request_id for request_id, _ in customers.batches] == [ID]
    assert customers.questions == []


def test_a_create_is_the_payload_and_an_update_names_its_record(customers):
    there = customers.add(DisplayName="Aline Uwera1")

    sent(customers, create(person(2)), update(person(1), there, PHONE))

    (_, changes), = customers.batches
    known = {"Id": "1", "SyncToken": "0", "sparse": True}
    assert changes == [("create", fields_of(person(2))), ("update", {**known, **PHONE})]


# --- a name that was taken --------------------------------------------------------------


def test_a_name_that_was_taken_gives_way_to_the_next(customers):
    customers.taken.add("Aline Uwera1")

    (answer,) = sent(customers, create(person(1)))

    assert answer.kind == APPLIED
    assert answer.record["DisplayName"] == "Aline Uwera1 (1)"
    assert answer.error == "the name 'Aline Uwera1' was taken since it was planned"


def test_only_those_whose_names_were_taken_go_again(customers):
    customers.taken |= {"Aline Uwera1", "Aline Uwera3"}

    answers = sent(customers, *map(create, people(4)))

    assert [len(changes) for _, changes in customers.batches] == [4, 2]
    assert [one.record["DisplayName"] for one in answers] == [
        "Aline Uwera1 (1)",
        "Aline Uwera2",
        "Aline Uwera3 (3)",
        "Aline Uwera4",
    ]


def test_a_further_request_waits_its_turn_by_its_items(customers):
    customers.taken |= {"Aline Uwera1", "Aline Uwera3"}

    sent(customers, *map(create, people(4)))

    assert customers.turns == [2]


def test_the_id_of_a_further_request_follows_from_the_first(customers):
    customers.taken.add("Aline Uwera1")
    sent(customers, create(person(1)))
    again = Customers()
    again.taken.add("Aline Uwera1")

    sent(again, create(person(1)))

    ids = [request_id for request_id, _ in customers.batches]
    assert ids == [request_id for request_id, _ in again.batches]
    assert len(set(ids)) == 2 and UUID(ids[1]).version == 5


def test_the_id_of_a_further_request_is_of_its_items_alone(customers):
    customers.taken |= {"Aline Uwera1", "Aline Uwera2"}
    sent(customers, *map(create, people(2)))
    other = Customers()
    other.taken.add("Aline Uwera2")

    sent(other, *map(create, people(2)))

    assert customers.batches[1][0] != other.batches[1][0]


def test_a_name_that_ours_has_already_is_ours(customers):
    customers.add(**fields_of(person(1)))

    (answer,) = sent(customers, create(person(1)))

    assert (answer.kind, answer.code, answer.remote_id) == (APPLIED, RECOVERED, "1")
    assert len(customers.records) == len(customers.batches) == 1


def test_a_later_name_that_ours_has_already_is_ours(customers):
    customers.taken.add("Aline Uwera1")
    customers.add(**fields_of(person(1), "Aline Uwera1 (1)"))

    (answer,) = sent(customers, create(person(1)))

    assert (answer.code, answer.remote_id) == (RECOVERED, "1")
    assert "was taken since it was planned" in answer.error
    assert len(customers.records) == 1


def test_somebody_elses_mark_makes_it_nobodys(customers):
    customers.add(**{**fields_of(person(7)), "DisplayName": "Aline Uwera1"})

    (answer,) = sent(customers, create(person(1)))

    assert answer.record["DisplayName"] == "Aline Uwera1 (1)"


def test_many_names_are_asked_for_together(customers):
    customers.taken |= {f"Aline Uwera{n}" for n in range(1, 31)}

    sent(customers, *map(create, people(30)))

    assert customers.questions == ["DisplayName of 30"]
    assert [len(changes) for _, changes in customers.batches] == [30, 30]


def test_names_end_after_some_rounds(customers):
    customers.taken |= {"Aline Uwera1", *(f"Aline Uwera1 (1){n or ''}" for n in range(9))}

    (answer,) = sent(customers, create(person(1)))

    assert len(customers.batches) == 1 + MOST_NAMES
    assert answer.kind == NOT_APPLIED
    assert "so were the next names of the plan; fetch and plan again" in answer.error


def test_without_another_name_the_first_refusal_stands(customers):
    customers.taken.add("Aline Uwera1")

    (answer,) = sent(customers, create(person(1)), names=lambda row: iter(()))

    assert answer.kind == NOT_APPLIED
    assert "The name supplied already exists" in answer.error
    assert len(customers.batches) == 1


def test_where_the_names_cannot_be_read_only_that_customer_fails(customers):
    customers.taken.add("Aline Uwera1")

    def unreadable(row):
        raise Refused("data/qbo_names.csv: line 3: bad; run mis_fetch")
        yield

    answers = sent(customers, *map(create, people(2)), names=unreadable)

    assert [one.kind for one in answers] == [NOT_APPLIED, APPLIED]
    assert "no other name could be chosen: data/qbo_names.csv: line 3" in answers[0].error


def test_where_nobody_tells_who_has_the_name_nothing_goes_again(customers):
    customers.taken.add("Aline Uwera1")
    customers.is_down = True

    answers = sent(customers, *map(create, people(2)))

    assert [one.kind for one in answers] == [NOT_APPLIED, APPLIED]
    assert "nobody could tell who has the name" in answers[0].error
    assert len(customers.batches) == 1


def test_a_further_request_without_an_answer_is_unknown(customers):
    customers.taken.add("Aline Uwera1")
    customers.script = [None, lambda answers: [SILENCE] * len(answers)]

    answers = sent(customers, *map(create, people(2)))

    assert [one.kind for one in answers] == [UNKNOWN, APPLIED]


def test_an_update_whose_name_was_taken_waits_for_a_new_plan(customers):
    there = customers.add(DisplayName="Aline Uwera1")
    customers.script = [[refused("6240", "The name exists")]]

    (answer,) = sent(customers, update(person(1), there, {"DisplayName": "Aline Habimana"}))

    assert answer.kind == NOT_APPLIED
    assert customers.questions == []


# --- a record that was changed ----------------------------------------------------------


@pytest.fixture
def changed(customers):
    """Return the row of an update that somebody came before, in another field."""
    there = customers.add(DisplayName="Aline Uwera1", **PHONE)
    row = update(person(1), there, {"PrimaryPhone": {"FreeFormNumber": "0722"}})
    customers.edit("1", Notes="pays late")
    return row


def test_a_change_beside_ours_is_no_obstacle(customers, changed):
    (answer,) = sent(customers, changed)

    assert answer.kind == APPLIED
    assert customers.records["1"]["PrimaryPhone"] == {"FreeFormNumber": "0722"}
    assert customers.records["1"]["Notes"] == "pays late"


def test_the_further_request_has_the_revision_of_today(customers, changed):
    sent(customers, changed)

    assert [changes[0][1]["SyncToken"] for _, changes in customers.batches] == ["0", "1"]
    assert customers.questions == ["Id of 1"]


def test_what_somebody_wrote_into_the_same_field_stays(customers, changed):
    customers.edit("1", PrimaryPhone={"FreeFormNumber": "0733"})

    (answer,) = sent(customers, changed)

    assert answer.kind == NOT_APPLIED
    assert answer.error == "changed in QuickBooks since it was planned: PrimaryPhone; plan again"
    assert customers.records["1"]["PrimaryPhone"] == {"FreeFormNumber": "0733"}


def test_a_customer_that_became_somebody_elses_is_left_alone(customers, changed):
    customers.edit("1", Notes=fields_of(person(2))["Notes"])

    (answer,) = sent(customers, changed)

    assert (answer.kind, len(customers.batches)) == (NOT_APPLIED, 1)
    told = "it has the mark of another person since it was planned; plan again"
    assert answer.error == told
    assert customers.records["1"]["PrimaryPhone"] == {"FreeFormNumber": "0788"}


def test_a_customer_that_became_somebody_elses_never_counts_as_ours(customers, changed):
    there = {"PrimaryPhone": {"FreeFormNumber": "0722"}}
    customers.edit("1", Notes=fields_of(person(2))["Notes"], **there)

    (answer,) = sent(customers, changed)

    assert answer.kind == NOT_APPLIED


def test_a_customer_with_the_mark_of_the_person_is_changed(customers, changed):
    customers.edit("1", Notes=fields_of(person(1))["Notes"])

    (answer,) = sent(customers, changed)

    assert answer.kind == APPLIED


def test_a_long_name_on_checks_that_was_there_is_no_obstacle(customers):
    there = customers.add(DisplayName="Aline", PrintOnCheckName="x" * 137, **PHONE)
    new = {"PrimaryPhone": {"FreeFormNumber": "0722"}, "PrintOnCheckName": "x" * 110}
    row = update(person(1), there, new)
    customers.edit("1", Notes="pays late")

    (answer,) = sent(customers, row)

    assert answer.kind == APPLIED
    assert customers.records["1"]["PrintOnCheckName"] == "x" * 110


def test_what_is_there_already_is_not_sent_again(customers, changed):
    customers.edit("1", PrimaryPhone={"FreeFormNumber": "0722"})

    (answer,) = sent(customers, changed)

    assert (answer.kind, answer.code) == (APPLIED, RECOVERED)
    assert len(customers.batches) == 1


CAMPUS, HUYE, INTAKE = text("11", "Kigali"), text("11", "Huye"), text("12", "May 2")
THEIRS = {"DefinitionId": "99", "Type": "NumberType", "NumberValue": 7}


@pytest.fixture
def moved(customers):
    """Return the row of an update of a custom field, beside others."""
    there = customers.add(DisplayName="Aline Uwera1", CustomField=[CAMPUS, INTAKE, THEIRS])
    return update(person(1), there, {"CustomField": [HUYE]})


def test_custom_fields_that_do_not_change_travel_along_as_quickbooks_has_them(customers, moved):
    (answer,) = sent(customers, moved)

    ((_, [(_, record)]),) = customers.batches
    assert record["CustomField"] == [HUYE, INTAKE, THEIRS]
    assert (answer.kind, answer.error) == (APPLIED, "")


def test_a_custom_field_that_somebody_edited_since_travels_along_as_it_is_now(customers, moved):
    by_hand = text("12", "BY HAND")
    customers.edit("1", CustomField=[CAMPUS, by_hand, THEIRS])

    (answer,) = sent(customers, moved)

    assert (answer.kind, answer.error) == (APPLIED, "")
    assert customers.records["1"]["CustomField"] == [HUYE, by_hand, THEIRS]


def test_the_custom_field_that_somebody_edited_too_stays_and_is_named(customers, moved):
    by_hand = [text("11", "BY HAND"), INTAKE]
    customers.edit("1", CustomField=by_hand)

    (answer,) = sent(customers, moved)

    assert answer.kind == NOT_APPLIED
    assert answer.error == "changed in QuickBooks since it was planned: Campus; plan again"
    assert customers.records["1"]["CustomField"] == by_hand


def test_a_custom_field_that_is_there_already_is_not_sent_again(customers, moved):
    customers.edit("1", CustomField=[HUYE])

    (answer,) = sent(customers, moved)

    assert (answer.kind, answer.code) == (APPLIED, RECOVERED)
    assert len(customers.batches) == 1


def test_a_customer_that_is_gone_is_no_more_changed(customers, changed):
    customers.script = [[refused("5010", "Stale Object Error")]]
    customers.records.clear()

    (answer,) = sent(customers, changed)

    assert answer.error == "the customer is not in QuickBooks any more"


def test_revisions_are_followed_twice(customers, changed):
    stale = [refused("5010", "Stale Object Error")]
    customers.script = [stale] * 9

    (answer,) = sent(customers, changed)

    assert len(customers.batches) == 1 + MOST_REVISIONS
    assert (answer.kind, answer.error) == (NOT_APPLIED, "Stale Object Error (5010)")


def test_where_a_record_cannot_be_read_its_change_waits(customers, changed):
    customers.is_down = True

    (answer,) = sent(customers, changed)

    assert answer.kind == NOT_APPLIED
    assert "it was changed, and could not be read" in answer.error


# --- what came back ---------------------------------------------------------------------


@pytest.fixture
def enhanced():
    """Return the row of a create with custom fields."""
    budget = custom_fields.budget("enhanced", IDS)
    return create(person(1, intake="May 2"), budget=budget)


def test_custom_fields_that_came_back_are_no_news(customers, enhanced):
    (answer,) = sent(customers, enhanced)

    assert answer.error == ""


def test_custom_fields_that_quickbooks_dropped_are_named(customers, enhanced):
    customers.drops = {"11", "12"}

    (answer,) = sent(customers, enhanced)

    assert answer.kind == APPLIED
    assert answer.error == (
        "QuickBooks dropped Campus, Intake; set CUSTOM_FIELD_MODE=both or check "
        "CUSTOM_FIELD_IDS"
    )


def test_an_answer_of_another_value_is_told_and_is_no_name_that_was_taken(customers):
    older = {**fields_of(person(1, "Alyne Uwera1")), "PrimaryPhone": {"FreeFormNumber": "0722"}}
    customers.script = [lambda answers: [_answered(older)]]

    (answer,) = sent(customers, create(person(1, phone="0788 000 851")))

    assert answer.kind == APPLIED
    assert answer.error == (
        "QuickBooks answered another value of DisplayName, GivenName, PrimaryPhone; fetch and "
        "plan again"
    )


def _answered(record):
    return Customers()._told({"Id": "1", "SyncToken": "0", **record})


def test_a_custom_field_that_came_back_otherwise_was_not_dropped(customers, enhanced):
    there = fields_of(person(1, intake="May 2"), budget=custom_fields.budget("enhanced", IDS))
    other = with_change(there["CustomField"], [text("11", "BY HAND")])
    customers.script = [lambda answers: [_answered({**there, "CustomField": other})]]

    (answer,) = sent(customers, enhanced)

    assert answer.error == "QuickBooks answered another value of Campus; fetch and plan again"


def test_a_name_that_was_taken_is_no_other_value(customers):
    customers.taken.add("Aline Uwera1")

    (answer,) = sent(customers, create(person(1)))

    assert "answered another value" not in answer.error


def test_an_answer_about_another_customer_is_none(customers):
    theirs = Customers()
    theirs.add(**fields_of(person(7)))
    customers.script = [lambda answers: [theirs._told(theirs.records["1"])]]

    (answer,) = sent(customers, create(person(1)))

    assert (answer.kind, answer.remote_id) == (UNKNOWN, "")
    assert answer.error == "the answer is another customer's"


def test_an_answer_about_another_record_is_none(customers):
    there = customers.add(DisplayName="Aline Uwera1")
    customers.script = [lambda answers: [answers[0]._replace(remote_id="99")]]

    (answer,) = sent(customers, update(person(1), there, PHONE))

    assert answer.kind == UNKNOWN


# --- national ids -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "error",
    [
        f"Invalid text: NationalID={CANARY}",
        f"'{CANARY}' is too long",
        f"supplied: NationalID={CANARY[:9]}",  # cut off
        f"id-{CANARY[3:]}.",
    ],
)
def test_an_error_that_repeats_a_national_id_is_cleaned(customers, error):
    customers.script = [[refused("2040", error)]]

    (answer,) = sent(customers, create(person(1)))

    assert CANARY not in answer.error and CANARY[:9] not in answer.error
    assert CANARY[3:] not in answer.error
    assert "***" in answer.error and "2040" in answer.error


def test_an_error_of_the_whole_request_is_cleaned_of_everybodys(customers):
    other = person(2, national_id="1188770099887766")
    error = f"near NationalID={CANARY} and 1188770099887766"
    customers.script = [[refused("2010", error)] * 2]

    answers = sent(customers, create(person(1)), create(other))

    assert {one.error for one in answers} == {"near NationalID=*** and *** (2010)"}


def test_a_national_id_that_travels_along_is_cleaned_too(customers):
    there = customers.add(DisplayName="Aline Uwera1", CustomField=[text("13", CANARY)])
    customers.script = [[refused("3000", f"bad value {CANARY}")]]

    (answer,) = sent(customers, update(person(1), there, {"CustomField": [HUYE]}))

    assert answer.error == "bad value *** (3000)"


def test_a_national_id_in_a_custom_field_is_cleaned_too(customers, enhanced):
    customers.script = [[refused("3000", f"bad value {CANARY}")]]

    (answer,) = sent(customers, enhanced)

    assert answer.error == "bad value *** (3000)"
    assert mark_of(person(1)) not in answer.error
