"""Whenever a push is killed, the next one ends what it began: nothing twice, nothing lost."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from typing import Any

import pytest

from src.kit import stage
from src.mis.records import STUDENT
from tests.desk import Desk
from tests.mis.deadly import killed, points
from tests.mis.school import School, adopt, create, link, mark_of, people, person, update

STRIDE = int(os.environ.get("MIS_KILL_STRIDE", "9"))  # 1 = at every call


def prepared(school: School) -> None:
    """Leave work of every kind for the next push."""
    everybody = [*people(6), *people(3, STUDENT), person(20), person(21), person(22)]
    school.enrol(*everybody)
    school.plan(create(person(20)), create(person(21)))
    assert school.push() == stage.OK
    school.write(DisplayName="Somebody")
    school.write(entity="Vendor", DisplayName="Aline Uwera5")
    there = {one["DisplayName"]: one for one in school.customers()}
    new = {"PrimaryPhone": {"FreeFormNumber": "0788"}}
    school.run_sql("UPDATE tbl_online_application SET QuickBk_Status = 0 WHERE appl_Id = 21")
    school.plan(
        *(create(one) for one in people(6)),
        *(create(one, f"{one.first_name} {one.last_name} S") for one in people(3, STUDENT)),
        update(person(20), there["Aline Uwera20"], new),
        adopt(person(21), there["Aline Uwera21"]),
        link(person(22), there["Somebody"]),
    )


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> School:
    school = School(Desk(tmp_path_factory.mktemp("ready")))
    prepared(school)
    return school


def check(school: School, told: Any) -> None:
    """Assert that everything is there once, and that the MIS knows."""
    assert school.marks() == Counter({mark_of(one): 1 for one in EVERYBODY}), told
    assert len(school.customers()) == len(EVERYBODY), told
    assert school.customer("Aline Uwera20")["PrimaryPhone"] == {"FreeFormNumber": "0788"}
    there = {record["Id"]: record for record in school.customers()}
    for raw in school.raws().values():
        record = there[raw.quickbooks_id]
        assert (raw.status, raw.sync_token) == ("1", record["SyncToken"]), (told, raw)
        assert not raw.leased_by


EVERYBODY = [*people(6), *people(3, STUDENT), person(20), person(21), person(22)]


def test_without_a_kill_everything_is_carried_out(ready, tmp_path):
    school = ready.copied(Desk(tmp_path / "desk"))

    assert school.push("--batch-size", "4") == stage.OK, school.desk.out

    check(school, "")


def test_a_push_that_is_killed_anywhere_is_ended_by_the_next(ready, tmp_path):
    for at in range(1, points(ready.copied(Desk(tmp_path / "count"))) + 1, STRIDE):
        school = ready.copied(Desk(tmp_path / str(at)))
        assert killed(school, at)

        school.push()
        assert school.push() == stage.OK, (at, school.desk.out, school.desk.err)

        check(school, at)


DAMAGES = {
    "the log": ("mis_runlog.csv",),
    "the journal": ("mis_inflight.csv",),
    "both": ("mis_runlog.csv", "mis_inflight.csv"),
    "the kept plans": (),
}


@pytest.mark.parametrize("what", DAMAGES)
def test_a_push_that_is_killed_and_whose_memory_is_deleted_doubles_nobody(
    ready, tmp_path, what
):
    for at in range(2, points(ready.copied(Desk(tmp_path / "count"))) + 1, 3 * STRIDE):
        school = ready.copied(Desk(tmp_path / str(at)))
        assert killed(school, at)
        for name in DAMAGES[what]:
            (school.desk.logs / name).unlink(missing_ok=True)
        if what == "the kept plans":
            shutil.rmtree(school.desk.root / "data/plans")

        school.push()
        assert school.push() == stage.OK, (at, school.desk.out, school.desk.err)

        check(school, at)


@pytest.mark.parametrize("ids", ["honoured", "ignored"])
def test_a_push_that_is_killed_while_answers_are_lost_doubles_nobody(ready, tmp_path, ids):
    for at in range(3, points(ready.copied(Desk(tmp_path / "count"))) + 1, 3 * STRIDE):
        school = ready.copied(Desk(tmp_path / str(at)))
        school.scenario("1,batch,drop_applied", "3,batch,500")
        school.reopen(ids=ids)
        killed(school, at, "--batch-size", "4")

        school.push()
        assert school.push() == stage.OK, (at, school.desk.out, school.desk.err)

        check(school, at)


def test_a_push_that_is_killed_again_and_again_ends_at_last(ready, tmp_path):
    school = ready.copied(Desk(tmp_path / "desk"))
    at = 6
    while killed(school, at, "--batch-size", "3"):
        at += 3

    assert school.push() == stage.OK

    check(school, at)
