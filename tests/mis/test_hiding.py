"""National ids stay out of what is said."""

from __future__ import annotations

import pytest

from src.mis import hiding
from tests.mis.school import CANARY


@pytest.mark.parametrize(
    ("fields", "secrets"),
    [
        ({}, set()),
        ({"Notes": "Campus=Kigali"}, set()),
        ({"Notes": f"NationalID={CANARY}"}, {CANARY}),
        ({"Notes": f"pays late\n NationalID={CANARY} \nCampus=K"}, {CANARY}),
        ({"Notes": "NationalID="}, set()),
        ({"CustomField": [{"DefinitionId": "13", "StringValue": CANARY}]}, {CANARY}),
        ({"CustomField": [{"DefinitionId": "14", "StringValue": "Kigali"}]}, set()),
    ],
)
def test_national_ids_are_found_in_what_is_sent(fields, secrets):
    assert hiding.secrets_in(fields, "13") == secrets


def test_without_a_definition_no_custom_field_is_one():
    fields = {"CustomField": [{"DefinitionId": "", "StringValue": "Kigali"}]}

    assert hiding.secrets_in(fields) == set()


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("nothing", "nothing"),
        (f"bad {CANARY}!", "bad ***!"),
        (f"bad {CANARY[:8]}", "bad ***"),
        (f"bad {CANARY[-6:]}.", "bad ***."),
        (f"code {CANARY[:4]}", f"code {CANARY[:4]}"),  # too short to be anybody's
        ("(6240) at 2026-11-23", "(6240) at 2026-11-23"),
    ],
)
def test_what_repeats_one_is_cleaned(text, cleaned):
    assert hiding.cleaned(text, {CANARY}) == cleaned


def test_one_that_was_typed_with_blanks_is_hidden_without_them():
    assert hiding.cleaned("bad 1199680012", {"1 1996 8 0012 345 6"}) == "bad ***"


def test_what_people_type_instead_of_one_is_no_secret():
    assert hiding.cleaned("A business error (6000)", {"0", "n/a", "none"}) == (
        "A business error (6000)"
    )
