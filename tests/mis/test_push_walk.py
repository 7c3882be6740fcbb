"""People, faults, kills and damaged logs in any order: in the end each customer is there once."""

from __future__ import annotations

import os
from random import Random

import pytest

from src.mis.records import STUDENT
from src.office import damage
from tests.desk import Desk
from tests.mis.deadly import killed
from tests.mis.school import School, mark_of, people, person

SEEDS = int(os.environ.get("MIS_WALK_SEEDS", "3"))
STEPS = int(os.environ.get("MIS_WALK_STEPS", "14"))
LOGS = ("mis_runlog.csv", "mis_inflight.csv", "receipts.csv")
EVERYBODY = [*people(6), *people(3, STUDENT), person(30, "Aline Uwera1")]
FATES = ("429", "500", "drop", "500_applied", "drop_applied", "cut_applied", "400:140")


class Walk:
    """A MIS and a company to which things happen."""

    def __init__(self, school: School, seed: int) -> None:
        self.school, self.dice = school, Random(f"push walk {seed}")
        self.steps: list[str] = []
        self._left = list(EVERYBODY)
        self._enrol()

    def _enrol(self) -> None:
        some, self._left = self._left[:4], self._left[4:]
        self.school.enrol(*some)

    def step(self) -> None:
        """Let one thing happen."""
        act = self.dice.choice(
            (self.sync, self.push, self.kill, self.kill, self.edit, self.write, self._enrol,
             self.faults, self.damage, self.wait)  # fmt: skip
        )
        self.steps.append(act.__name__)
        act()

    def sync(self) -> None:
        self.school.prepare()
        self.push()

    def push(self) -> None:
        self.school.push("--batch-size", str(self.dice.choice((2, 3, 50))))

    def kill(self) -> None:
        if self.dice.random() < 0.5:
            self.school.prepare()
        killed(self.school, self.dice.randrange(1, 90), "--batch-size", "3")

    def edit(self) -> None:
        phone, number = self.dice.randrange(1000, 9999), self.dice.randrange(1, 7)
        self.school.run_sql(
            f"UPDATE tbl_online_application SET phone1 = '0788 {phone}' WHERE appl_Id = {number}"
        )

    def write(self) -> None:
        """Let somebody write into QuickBooks: another customer, or a note on one of ours."""
        there = self.school.customers()
        if there and self.dice.random() < 0.7:
            one = self.dice.choice(there)
            known = {"Id": one["Id"], "SyncToken": one["SyncToken"], "sparse": True}
            self.school.write(operation="update", **known, CompanyName=str(self.dice.random()))
        else:
            name = f"Aline Uwera{self.dice.randrange(1, 7)} {len(self.steps)}"
            self.school.write("Vendor", DisplayName=name)

    def faults(self) -> None:
        fate, number = self.dice.choice(FATES), self.dice.randrange(1, 4)
        self.school.scenario(f"{number},batch,{fate}", "7,create Customer,200:6240")

    def damage(self) -> None:
        self.steps.append(damage.done_to(self.school.desk.logs, self.dice, LOGS))

    def wait(self) -> None:
        self.school.passes(60 * self.dice.randrange(1, 30))

    def settle(self) -> None:
        """Let everybody work until nothing is left to be done."""
        while self._left:
            self._enrol()
        self.school.scenario()
        for _ in range(6):
            self.school.prepare()
            self.school.decide("approve", action="hold")
            if self.school.push() == 0:
                return
        raise AssertionError((self.steps, self.school.desk.out))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_whatever_happens_each_customer_is_there_once_in_the_end(tmp_path, seed):
    walk = Walk(School(Desk(tmp_path / "desk")), seed)
    for _ in range(STEPS):
        walk.step()
        assert max(walk.school.marks().values(), default=1) == 1, walk.steps

    walk.settle()

    assert walk.school.marks() == {mark_of(one): 1 for one in EVERYBODY}, walk.steps
    assert walk.school.statuses() == {"1": len(EVERYBODY)}, walk.steps
    there = {one["Id"]: one["SyncToken"] for one in walk.school.customers()}
    told = {raw.quickbooks_id: raw.sync_token for raw in walk.school.raws().values()}
    assert told == there, walk.steps
