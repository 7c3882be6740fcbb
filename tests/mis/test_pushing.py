"""From the plan into QuickBooks: each customer once, the log, the MIS, what people decide."""

from __future__ import annotations

import pytest

from src.kit import stage
from src.mis.records import APPLICANT, STUDENT
from tests.mis.school import CANARY, adopt, create, hold, link, mark_of, people, person, update


@pytest.fixture
def five(school):
    """Let the plan be to create five customers."""
    school.enrol(*people(5))
    school.plan(*map(create, people(5)))
    return school


def test_what_is_planned_is_created_and_the_mis_knows_it(five):
    assert five.push() == stage.OK, five.desk.err

    assert five.marks() == {mark_of(one): 1 for one in people(5)}
    assert five.outcomes() == {"created": 5}
    ids = {record["DisplayName"]: record["Id"] for record in five.customers()}
    for raw, row in zip(five.raws().values(), five.log()):
        assert (raw.status, raw.quickbooks_id, raw.sync_token) == ("1", row.quickbooks_id, "0")
        assert row.quickbooks_id == ids[row.display_name]


def test_the_same_plan_again_asks_nobody_anything(five):
    five.push()
    before = five.desk.path, (five.desk.logs / "mis_runlog.csv").read_bytes()
    five.company.calls.clear()

    assert five.push() == stage.OK

    assert not five.company.calls
    assert (five.desk.logs / "mis_runlog.csv").read_bytes() == before[1]
    assert "5 read = 5 skipped" in five.desk.out
