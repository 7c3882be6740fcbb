"""What becomes of a plan row by what people wrote beside it."""

from __future__ import annotations

import pytest

from src.mis import deciding
from src.mis.deciding import ADOPTS, GOES, STAYS_OUT, WAITS
from src.mis.records import ADOPT, CREATE, HOLD, LINK, UPDATE
from tests.mis.school import create, person

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
