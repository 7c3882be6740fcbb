"""What becomes of a plan row by what people wrote beside it."""

from __future__ import annotations

import json

import pytest

from src.mis import deciding
from src.mis.deciding import ADOPTS, GOES, STAYS_OUT, WAITS
from src.mis.records import ADOPT, CREATE, HOLD, LINK, UPDATE
from tests.mis.school import create, mark_of, person

CASES = [
    # action, payload, customer, decision, where
    (CREATE, "{}", "", "", GOES),
    (CREATE, "{}", "", "approve", GOES),
    (CREATE, "{}", "", " Approve ", GOES),
    (CREATE, "{}", "", "skip", STAYS_OUT),
    (CREATE, "{}", "", "HOLD", WAITS),
    (CREATE, "{}", "", "link:7", WAITS),
    (CREATE, "{}", "", "link:", WAITS),
    (CREATE, "{}", "", "later", WAITS),
    (UPDATE, "{}", "7", "", GOES),
    (UPDATE, "{}", "7", "link:7", GOES),
    (UPDATE, "{}", "7", "link:8", WAITS),
    (LINK, "{}", "7", "link: '7", GOES),
    (ADOPT, "", "7", "", ADOPTS),
    (ADOPT, "", "7", "approve", ADOPTS),
    (ADOPT, "", "7", "link:7", ADOPTS),
    (ADOPT, "", "7", "skip", STAYS_OUT),
    (HOLD, "{}", "7", "", WAITS),
    (HOLD, "{}", "7", "approve", GOES),
    (HOLD, "", "", "approve", WAITS),
    (HOLD, "{}", "7", "link:7", WAITS),
    (HOLD, "{}", "7", "skip", STAYS_OUT),
]


@pytest.mark.parametrize(("action", "payload", "customer", "decision", "where"), CASES)
def test_a_row_goes_where_people_want_it(action, payload, customer, decision, where):
    row = create(person(1))._replace(
        action=action, payload=payload, quickbooks_id=customer, decision=decision
    )

    verdict = deciding.verdict(row)

    assert verdict.where == where
    assert bool(verdict.reason) == (where == WAITS) or row.reason == ""


@pytest.mark.parametrize(("decision", "is_understood"), [("later", False), ("hold", True)])
def test_what_is_not_understood_is_known_as_such(decision, is_understood):
    row = create(person(1))._replace(decision=decision)

    assert deciding.verdict(row).is_understood == is_understood


def test_a_link_that_cannot_be_says_why():
    row = create(person(1))._replace(
        action=HOLD, decision="link:7", reason="customer 7 has the mark of another person"
    )

    assert deciding.verdict(row).reason.endswith("has the mark of another person")


OTHER = f"Hello\nCarryover={'k' + 'f' * 32}"


@pytest.mark.parametrize("decision", ["", "approve", "link:7"])
@pytest.mark.parametrize("action", [UPDATE, LINK, HOLD])
def test_nobody_lets_a_row_go_onto_a_customer_of_somebody_else(action, decision):
    found = create(person(1))._replace(
        action=action,
        quickbooks_id="7",
        decision=decision,
        key="k1",
        before=json.dumps({"Notes": OTHER}),
        reason="customer 7 has another name",
    )

    verdict = deciding.verdict(found)

    assert verdict.where == WAITS
    if (action, decision) not in ((HOLD, ""), (HOLD, "link:7")):
        assert verdict.reason == (
            'customer 7 has the mark of another person; run "make mis-plan" again'
        )


OWN = f"Carryover={mark_of(person(1))}"


@pytest.mark.parametrize("notes", ["", "Hello", OWN, "no Carryover"])
def test_a_row_goes_onto_a_customer_with_its_own_mark_or_none(notes):
    row = create(person(1))._replace(
        action=UPDATE, quickbooks_id="7", before=json.dumps({"Notes": notes})
    )

    assert deciding.verdict(row).where == GOES
