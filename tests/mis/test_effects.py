"""What an update does to values: replaced, emptied, filled, or only standing elsewhere."""

from __future__ import annotations

import pytest

from src.mis import custom_fields, digests, effects
from src.mis.changes import Changes
from src.mis.effects import EMPTIED, FILLED, REPLACED
from src.mis.history import Past
from tests.mis.persons import NOTES_ONLY, applicant

ENHANCED = custom_fields.budget(
    "enhanced", {"Campus": "11", "Level": "12", "RegNo": "13"}
)
ALINE = applicant("7")


def notes(**values: str) -> dict[str, str]:
    """Return the field Notes with some of our lines, below one of people."""
    return {"Notes": "\n".join(["Pays late", *(f"{n}={v}" for n, v in values.items())])}


def custom(definition_id: str, value: str) -> dict:
    """Return the field CustomField with one of them."""
    field = {"DefinitionId": definition_id, "Type": "StringType", "StringValue": value}
    return {"CustomField": [field]}


def of(before: dict, fields: dict, person=ALINE, budget=NOTES_ONLY) -> dict[str, str]:
    return effects.of(Changes(fields, before), person, budget)


@pytest.mark.parametrize(
    ("field", "part"),
    [
        ("GivenName", ""),
        ("FamilyName", ""),
        ("PrimaryPhone", "FreeFormNumber"),
        ("PrimaryEmailAddr", "Address"),
    ],
)
@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [("a", "b", REPLACED), ("a", "", EMPTIED), ("", "a", FILLED), ("a", "a", None)],
)
def test_a_field_is_replaced_emptied_or_filled(field, part, old, new, expected):
    before, fields = ({field: {part: text} if part else text} for text in (old, new))

    assert of(before, fields).get(field) == expected


@pytest.mark.parametrize("field", ["DisplayName", "PrintOnCheckName"])
def test_a_name_that_follows_from_the_others_says_nothing(field):
    assert of({field: "a"}, {field: "b"}) == {}


def test_each_line_of_notes_is_a_value():
    before = notes(Campus="Huye", Program="Law", Intake="May 2026", Gender="Female")
    fields = notes(
        Campus="Kigali", Intake="May 2026", Gender="Female", ProgramMode="Day"
    )

    found = of(before, fields, ALINE._replace(program=""))

    assert found == {"Campus": REPLACED, "Program": EMPTIED, "ProgramMode": FILLED}


def test_a_line_that_becomes_a_custom_field_stays_the_same_value():
    before = notes(Campus="Kigali", Intake="September 2025")
    fields = {**notes(Intake="September 2025"), **custom("11", "Kigali")}

    assert of(before, fields, budget=ENHANCED) == {}


def test_a_line_that_becomes_another_value_as_a_custom_field_is_replaced():
    fields = {**notes(), **custom("11", "Kigali")}

    assert of(notes(Campus="Huye"), fields, budget=ENHANCED) == {"Campus": REPLACED}


def test_a_line_that_goes_is_a_value_that_is_elsewhere_or_is_no_more():
    assert of(notes(Campus="Kigali"), notes()) == {}
    assert of(notes(Campus="Huye"), notes()) == {"Campus": REPLACED}
    assert of(notes(Campus="Huye"), notes(), ALINE._replace(campus="")) == {
        "Campus": EMPTIED
    }


def test_a_custom_field_that_becomes_a_line_stays_the_same_value():
    before = {**notes(), **custom("11", "Kigali")}

    assert (
        of(
            before,
            {**notes(Campus="Kigali"), **custom("11", "Kigali")},
            budget=ENHANCED,
        )
        == {}
    )


@pytest.mark.parametrize(
    ("sent", "expected"), [("Kigali", {}), ("Huye", {"Campus": FILLED})]
)
def test_what_was_sent_as_a_custom_field_is_known_where_those_are_not_read(
    sent, expected
):
    past = Past(digests=digests.by_field(custom("11", sent)))
    found = Changes(notes(Campus="Kigali"), notes())

    assert effects.of(found, ALINE, NOTES_ONLY, past) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [("Huye", "Kigali", REPLACED), ("Huye", "", EMPTIED), ("", "Kigali", FILLED)],
)
def test_a_custom_field_is_known_by_the_name_of_its_definition(old, new, expected):
    assert of(custom("11", old), custom("11", new), budget=ENHANCED) == {
        "Campus": expected
    }


def test_a_custom_field_of_nobody_or_of_the_other_type_is_not_weighed():
    for definition_id in ("99", "12"):
        assert (
            of(custom(definition_id, "a"), custom(definition_id, "b"), budget=ENHANCED)
            == {}
        )


def test_of_a_value_in_two_places_the_loss_counts():
    before = {**notes(Campus="Huye"), **custom("11", "")}
    fields = {**notes(Campus="Kigali"), **custom("11", "Kigali")}

    assert of(before, fields, budget=ENHANCED) == {"Campus": REPLACED}
