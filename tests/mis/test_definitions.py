"""Custom fields one by one: what is there, what goes, and what goes along."""

from __future__ import annotations

import pytest

from src.mis import definitions

HUYE = definitions.text("11", "Huye")
MAY = definitions.text("12", "May 2")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, []),
        ({}, []),
        ("x", []),
        ([7, None, {}], []),
        ([{"DefinitionId": "11", "StringValue": ""}], []),
        ([{"DefinitionId": "11", "Name": "Campus"}], []),
        ([{**HUYE, "Name": "Campus"}], [HUYE]),
        ([MAY, HUYE], [HUYE, MAY]),
        ([{"DefinitionId": 11, "StringValue": "x"}], [{"DefinitionId": "11", "StringValue": "x"}]),
        ([{"DefinitionId": "1", "NumberValue": 0}], [{"DefinitionId": "1", "NumberValue": 0}]),
    ],
)
def test_what_has_a_value_is_there_in_the_shape_that_is_sent(given, expected):
    assert definitions.valued(given) == expected


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ({"StringValue": "x"}, "x"),
        ({"StringValue": None, "NumberValue": 7}, "7"),
        ({"BooleanValue": False}, "False"),
        ({"DateValue": "2026-01-01"}, "2026-01-01"),
        ({}, ""),
    ],
)
def test_a_field_of_any_kind_says_a_text(field, said):
    assert definitions.texts([{"DefinitionId": "1", **field}]) == {"1": said}


def test_flat_fields_become_nested_again():
    fields = {"Notes": "x", "CustomField": [HUYE, MAY]}

    assert list(definitions.flat(fields)) == ["Notes", "CustomField.11", "CustomField.12"]
    assert definitions.nested(definitions.flat(fields)) == fields


def test_without_custom_fields_there_is_no_list_of_them():
    assert definitions.nested({"Notes": "x"}) == definitions.flat({"Notes": "x"}) == {"Notes": "x"}


def test_what_does_not_change_goes_along_as_it_is():
    number = {"DefinitionId": "99", "Type": "NumberType", "NumberValue": 3}

    found = definitions.changed([HUYE, number], [definitions.text("11", "Kigali"), MAY])

    assert found == [definitions.text("11", "Kigali"), number, MAY]


def test_where_nothing_is_there_only_the_change_goes():
    assert definitions.changed(None, [MAY]) == [MAY]


def test_people_know_a_custom_field_by_its_name():
    assert definitions.called("CustomField.11", {"11": "Campus"}.__getitem__) == "Campus"
    assert definitions.called("Notes", {}.__getitem__) == "Notes"
