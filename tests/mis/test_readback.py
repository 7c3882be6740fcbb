"""What the log knows of a customer: what its record shows, not what was asked for."""

from __future__ import annotations

import pytest

from src.mis import digests, readback, tasks
from src.mis.definitions import text
from tests.mis.school import create, fields_of, person, update

PHONE = {"PrimaryPhone": {"FreeFormNumber": "0788"}}
HUYE, MAY = text("11", "Huye"), text("12", "May 2")
THERE = {"Id": "1", "SyncToken": "0", "DisplayName": "Aline Uwera1"}


def changed(fields, record):
    """Return the digests after an update of these fields that is answered so."""
    task = tasks.of(update(person(1), THERE, fields))
    return digests.parse(readback.digests_of(task, {**THERE, **record}))


def created(one, record):
    """Return the digests after a create that is answered so."""
    return digests.parse(readback.digests_of(tasks.of(create(one)), {**THERE, **record}))


def known(fields):
    return digests.parse(digests.of(fields))


def test_what_came_back_as_it_was_sent_is_known_as_it_was_sent():
    fields = {**PHONE, "Notes": "a\nCampus=Huye", "CustomField": [HUYE, MAY]}
    shown = {**fields, "Notes": "a\r\nCampus=Huye ", "CustomField": [MAY, HUYE]}

    assert changed(fields, shown) == known(fields)


def test_another_value_is_known_as_what_it_is():
    other = {"PrimaryPhone": {"FreeFormNumber": "0722", "Id": "9"}}

    found = changed({**PHONE, "CustomField": [HUYE]}, {**other, "CustomField": [text("11", "x")]})

    assert found == known({**other, "CustomField": [text("11", "x")]})


def test_a_field_that_did_not_come_back_is_empty():
    assert changed(PHONE, {}) == {"PrimaryPhone": digests.NOTHING["PrimaryPhone"]}


def test_a_custom_field_that_was_dropped_is_not_known():
    found = changed({**PHONE, "CustomField": [HUYE, MAY]}, {**PHONE, "CustomField": [MAY]})

    assert found == known({**PHONE, "CustomField": [MAY]})


def test_a_custom_field_that_was_cleared_is_known_to_be_empty():
    assert changed({"CustomField": [text("11", "")]}, {}) == known({"CustomField": [text("11", "")]})


def test_a_custom_field_that_was_not_cleared_is_known_as_it_is():
    found = changed({"CustomField": [text("11", "")]}, {"CustomField": [HUYE]})

    assert found == known({"CustomField": [HUYE]})


def test_custom_fields_that_travelled_along_are_not_known_by_that():
    assert changed({"CustomField": [HUYE]}, {"CustomField": [HUYE, MAY]}) == known(
        {"CustomField": [HUYE]}
    )


def test_a_create_that_was_answered_an_older_one_is_known_as_the_older_one():
    older = fields_of(person(1, "Alyne Uwera1", phone="0722"))

    assert created(person(1), older) == known(older)


@pytest.mark.parametrize("name", ["Aline Uwera1", "Aline Uwera1 (1)"])
def test_a_create_is_known_by_the_real_name_whatever_suffix_it_got(name):
    fields = fields_of(person(1))

    assert created(person(1), {**fields, "DisplayName": name}) == known(fields)


def test_what_is_not_as_it_was_sent_is_told_in_two_sentences():
    fields = {**PHONE, "CustomField": [HUYE, MAY]}

    told = readback.sentences(fields, {"CustomField": [MAY]}, {"11": "Campus"}.__getitem__)

    assert list(told) == [
        "QuickBooks dropped Campus; set CUSTOM_FIELD_MODE=both or check CUSTOM_FIELD_IDS",
        "QuickBooks answered another value of PrimaryPhone; fetch and plan again",
    ]
    assert not any(readback.is_otherwise(one) for one in ("", "the name 'A' was taken"))
