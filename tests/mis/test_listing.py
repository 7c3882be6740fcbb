"""Names in QuickBooks, and the mark by which a customer is known to be ours."""

from __future__ import annotations

import json
from random import Random

import pytest

from src.kit import tables
from src.kit.answers import Unanswered
from src.kit.errors import STOPPED_EARLY
from src.mis import keys, listing
from src.mis.records import NAMES, Named

MARK, OTHER = keys.create_key("Applicant", "7"), keys.create_key("Student", "7")
HOSTILE = "=\n\r\t\\\"';,\x00é🌸\u2028k"
ALINE = {
    "Id": "312",
    "SyncToken": "4",
    "DisplayName": "Aline Uwera",
    "GivenName": "Aline",
    "FamilyName": "Uwera",
    "PrimaryPhone": {"FreeFormNumber": "+250 788 000 851"},
    "PrimaryEmailAddr": {"Address": "aline@example.org"},
    "Notes": f"CustomerType=Applicant\nCarryover={MARK}",
    "Active": True,
    "Balance": 0,
    "CurrencyRef": {"value": "RWF"},
    "MetaData": {"CreateTime": "2026-11-21T20:00:00Z"},
}


def marked(notes):
    return listing.mark_in({"Notes": notes})


# --- the mark -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "notes",
    [
        f"Carryover={MARK}",
        f"Campus=Huye\nCarryover={MARK}",
        f"Campus=Huye\nCarryover={MARK}\npays in cash",
        f"Campus=Huye\r\nCarryover={MARK}\r\npays in cash",
        f"Campus=Huye\rCarryover={MARK}\r",
        f"  Carryover={MARK}  ",
        f"Carryover= {MARK}",
        f"Carryover={MARK}\nCarryover={MARK}",
    ],
)
def test_a_mark_is_found_whatever_a_person_or_quickbooks_made_of_its_lines(notes):
    assert marked(notes) == MARK


@pytest.mark.parametrize(
    "notes",
    [
        "",
        "Carryover",
        "Carryover=",
        "Carryover=yes",
        f"Carryover={MARK[:-1]}",
        f"Carryover={MARK}0",
        f"Carryover={MARK.upper()}",
        f"Carryover={MARK} and more",
        f"carryover={MARK}",
        f"see Carryover={MARK}",
        f"Campus=x Carryover={MARK}",
        f"NotCarryover={MARK}",
        f"Carryover={MARK}\nCarryover={OTHER}",
        f"Carryover={MARK}\nCarryover=",
    ],
)
def test_what_is_no_mark_and_what_are_two_is_none(notes):
    assert marked(notes) == ""


@pytest.mark.parametrize("notes", [None, 7, ["x"], {}])
def test_a_record_without_notes_has_no_mark(notes):
    assert marked(notes) == ""
    assert listing.mark_in({}) == ""


# --- the row --------------------------------------------------------------------------


def test_a_customer_of_ours_is_listed_with_its_mark_and_what_it_has():
    found = listing.named("Customer", ALINE)

    assert found[:6] == ("Customer", "312", "Aline Uwera", "yes", MARK, "4")
    assert json.loads(found.content) == {
        "DisplayName": "Aline Uwera",
        "GivenName": "Aline",
        "FamilyName": "Uwera",
        "PrimaryPhone": {"FreeFormNumber": "+250 788 000 851"},
        "PrimaryEmailAddr": {"Address": "aline@example.org"},
        "Notes": ALINE["Notes"],
    }


def test_a_customer_of_others_is_listed_with_what_it_has_so_that_it_can_be_linked():
    found = listing.named("Customer", {**ALINE, "Notes": "pays in cash"})

    assert found.key == ""
    assert json.loads(found.content)["Notes"] == "pays in cash"


@pytest.mark.parametrize("entity", ["Vendor", "Employee"])
def test_a_vendor_or_employee_is_a_name_and_never_ours(entity):
    found = listing.named(entity, ALINE)

    assert found == Named(entity, "312", "Aline Uwera", "yes", "", "4", "")


@pytest.mark.parametrize(
    ("given", "active"), [(True, "yes"), (False, "no"), (None, "yes")]
)
def test_an_inactive_one_is_listed_as_such(given, active):
    record = {**ALINE, "Active": given, "DisplayName": "Aline Uwera (deleted)"}

    found = listing.named("Customer", record)
    assert (found.active, found.name) == (active, "Aline Uwera (deleted)")


@pytest.mark.parametrize("given", [None, "", 312, ["312"]])
def test_a_record_without_an_id_is_an_answer_that_nobody_understands(given):
    with pytest.raises(Unanswered) as refused:
        listing.named("Customer", {**ALINE, "Id": given})

    assert refused.value.exit_code == STOPPED_EARLY


def test_every_list_shares_its_names_with_the_others():
    assert listing.LISTS == ("Customer", "Vendor", "Employee")


# --- the content ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"PrimaryPhone": {}}, {}),
        ({"PrimaryPhone": {"FreeFormNumber": ""}}, {}),
        ({"PrimaryPhone": None}, {}),
        ({"PrimaryPhone": "0788"}, {}),
        ({"PrimaryEmailAddr": {"Address": None}}, {}),
        ({"Notes": ""}, {}),
        ({"GivenName": None}, {}),
        ({"CompanyName": "x", "Mobile": {"FreeFormNumber": "1"}}, {}),
        ({"GivenName": " Aline "}, {"GivenName": " Aline "}),
        (
            {"PrimaryPhone": {"FreeFormNumber": "1", "Id": "9"}},
            {"PrimaryPhone": {"FreeFormNumber": "1"}},
        ),
    ],
)
def test_the_content_is_what_is_there_in_the_shape_that_is_sent(change, expected):
    assert listing.content(change) == expected


FIELD = {"DefinitionId": "11", "Type": "StringType", "StringValue": "Huye"}


@pytest.mark.parametrize("given", [{}, {"CustomField": []}, {"CustomField": None}])
def test_custom_fields_that_were_asked_for_are_there_even_where_there_is_none(given):
    found = listing.named("Customer", {**ALINE, **given}, with_custom_fields=True)

    assert json.loads(found.content)["CustomField"] == []
    assert listing.has_custom_fields(found.content)


def test_custom_fields_are_in_the_content_by_definition():
    record = {"CustomField": [{**FIELD, "Name": "Campus"}]}

    assert listing.content(record, with_custom_fields=True) == {"CustomField": [FIELD]}


def test_custom_fields_that_were_not_asked_for_are_not_known():
    record = {**ALINE, "CustomField": [FIELD], "Notes": 'the "CustomField": of 2025'}

    found = listing.named("Customer", record)

    assert "CustomField" not in json.loads(found.content)
    assert not listing.has_custom_fields(found.content)


def test_the_same_content_is_the_same_text_whatever_its_order():
    backwards = dict(reversed(ALINE.items()))

    assert listing.named("Customer", ALINE) == listing.named("Customer", backwards)


def test_fields_are_one_text_in_whatever_order_they_come():
    assert listing.as_json({"b": "é", "a": {"d": 1, "c": 2}}) == (
        '{"a":{"c":2,"d":1},"b":"é"}'
    )


def test_hostile_notes_come_back_from_the_csv_as_they_are(desk):
    dice = Random(7)
    notes = ["".join(dice.choices(HOSTILE, k=20)) for _ in range(200)]
    rows = [listing.named("Customer", {**ALINE, "Notes": one}) for one in notes]

    tables.write(desk.path(NAMES), Named, rows)

    there = [json.loads(row.content).get("Notes") for row in desk.rows(NAMES)]
    assert there == notes
