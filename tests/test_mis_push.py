"""All 2,050 people of the demo, through a company that fails now and then: once each."""

from __future__ import annotations

from collections import Counter

import pytest

from src import mis_demo, mis_fetch, mis_plan, mis_push
from src.adapters.fakes.company import FakeCompany
from src.adapters.fakes.scenario import Temper
from src.config import normalize_display_name
from src.kit.clock import REAL
from src.kit.errors import OK, SOME_ROWS_FAILED
from src.mis import listing
from src.mis.demo import CANARY
from src.mis.keys import create_key
from src.mis.records import APPLICANT, PEOPLE, PLAN, RUNLOG, STUDENT
from src.mis.store import Store
from src.office import connect_mis
from tests.desk import Desk

FAILS = {"FAKE_QBO_FAIL_RATE": "0.1"}
EVERYBODY = 2050


@pytest.fixture(scope="module")
def pushed(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Return the demo's desk after a push with failures, and one without."""
    desk = Desk(tmp_path_factory.mktemp("pushed") / "desk")
    for door in (mis_demo, mis_fetch, mis_plan):
        assert desk.run(door) == OK, desk.err
    desk.codes = [desk.run(mis_push, **FAILS), desk.run(mis_push)]
    desk.said = desk.out
    return desk


def named(desk: Desk, entity: str) -> list[dict]:
    """Return everybody of a list in QuickBooks, inactive ones too."""
    company = FakeCompany(desk.company, Temper(), REAL)
    where = "where Active in (true, false) orderby Id"
    found: list[dict] = []
    while page := company.query(
        f"select * from {entity} {where} startposition {len(found) + 1} maxresults 1000"
    ).get(entity):
        found += page
    return found


def customers(desk: Desk) -> dict[str, dict]:
    """Return our customers by mark; a mark that is there twice is an error."""
    marked = [(listing.mark_in(one), one) for one in named(desk, "Customer")]
    ours = [(mark, one) for mark, one in marked if mark]
    assert len(dict(ours)) == len(ours)
    return dict(ours)


def test_some_fail_at_first_and_all_arrive_in_the_end(pushed):
    assert pushed.codes == [SOME_ROWS_FAILED, OK]

    people = {create_key(one.type, one.mis_id) for one in pushed.rows(PEOPLE)}
    assert customers(pushed).keys() == people
    assert len(people) == EVERYBODY


def test_no_two_have_one_name_whoever_they_are(pushed):
    lists = (named(pushed, entity) for entity in listing.LISTS)
    names = [normalize_display_name(one["DisplayName"]) for found in lists for one in found]

    assert max(Counter(names).values()) == 1


def test_everybody_has_the_name_that_was_planned(pushed):
    there = customers(pushed)

    for row in pushed.rows(PLAN):
        record = there[create_key(row.type, row.mis_id)]
        assert record["DisplayName"] == row.display_name


def test_the_mis_knows_everybody_by_id_and_revision(pushed):
    there = customers(pushed)
    with connect_mis.database(pushed.config) as database:
        store = Store(database)
        raws = [raw for type_ in (APPLICANT, STUDENT) for raw in store.people(type_)]

    assert len(raws) == EVERYBODY
    for raw in raws:
        record = there[create_key(raw.type, raw.mis_id)]
        told = (raw.status, raw.quickbooks_id, raw.sync_token, raw.leased_by)
        assert told == ("1", record["Id"], record["SyncToken"], "")


def test_the_log_has_one_success_for_each(pushed):
    rows = [row for row in pushed.rows(RUNLOG) if row.outcome in ("created", "recovered")]

    assert len({row.key for row in rows}) == len(rows) == EVERYBODY


def test_the_same_again_asks_nothing(pushed):
    records = pushed.company / "records.csv"
    before = records.read_bytes(), (pushed.logs / "mis_runlog.csv").read_bytes()

    assert pushed.run(mis_push) == OK

    assert pushed.out.startswith("mis_push: nothing to do\n  2,050 read = 2,050 skipped\n")
    assert (records.read_bytes(), (pushed.logs / "mis_runlog.csv").read_bytes()) == before


def test_a_new_plan_has_nothing_to_say(pushed):
    assert pushed.run(mis_fetch) == pushed.run(mis_plan) == OK

    assert "2,050 unchanged" in pushed.out
    assert pushed.rows(PLAN) == []


def test_no_national_id_is_said_or_logged(pushed):
    assert CANARY in (pushed.company / "records.csv").read_text("utf-8")

    assert CANARY not in pushed.said
    for path in pushed.logs.iterdir():
        assert CANARY.encode() not in path.read_bytes(), path
