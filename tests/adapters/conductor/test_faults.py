"""What goes wrong on the way to the simulated company file, and what is there after."""

from __future__ import annotations

from collections import Counter

import pytest

from src.adapters.conductor import CREATE, Change
from src.adapters.fakes.conductor import faults
from src.adapters.fakes.conductor.faults import Faults, Temper
from src.adapters.fakes.conductor.inprocess import FakeDesktop
from src.adapters.fakes.conductor.store import LEDGER, Effect
from src.kit import answers as said
from src.kit import runlog
from src.kit.answers import Answer, Unanswered
from src.kit.errors import Refused
from tests.adapters.conductor.opened import Ticking


class Line:
    """A company file in process, behind a scenario."""

    def __init__(self, folder, *script: str, temper: Temper = Temper()) -> None:
        folder.mkdir(exist_ok=True)
        lines = ["call,match,answer", *script, ""]
        (folder / "scenario.csv").write_text("\n".join(lines), "utf-8")
        self.folder, self.time = folder, Ticking()
        self.desktop = FakeDesktop(folder, temper, self.time.clock)

    def create(self, name: str = "Ann") -> Answer:
        """Return the answer to a new customer."""
        return self.desktop.write(Change(CREATE, "customers", body={"name": name}))

    def names(self) -> list[str]:
        """Return the names that the ledger has."""
        raw = runlog.rows(self.folder / LEDGER, Effect)
        return [Effect(*map(runlog.text, row)).name for row in raw if row]


# --- by script ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fate", "kind", "advice", "status"),
    [
        ("401", said.NOT_APPLIED, said.REAUTHORIZE, 401),
        ("403", said.NOT_APPLIED, said.STOP, 403),
        ("409", said.NOT_APPLIED, said.STOP, 409),
        ("429", said.NOT_APPLIED, said.SLOW_DOWN, 429),
        ("502", said.NOT_APPLIED, said.STOP, 502),
        ("502:3175", said.NOT_APPLIED, said.RETRY, 502),
        ("502:3176", said.NOT_APPLIED, said.RETRY, 502),
        ("502:3170", said.NOT_APPLIED, said.REREAD, 502),
        ("502:3200", said.NOT_APPLIED, said.REREAD, 502),
        ("502:3180", said.NOT_APPLIED, said.PERMANENT, 502),
        ("500", said.UNKNOWN, "", 500),
        ("504", said.UNKNOWN, "", 504),
        ("drop", said.UNKNOWN, "", 0),
    ],
)
def test_a_refusal_leaves_nothing_behind(tmp_path, fate, kind, advice, status):
    line = Line(tmp_path, f"1,create customers,{fate}")

    answer = line.create()

    assert (answer.kind, answer.advice, answer.status_code) == (kind, advice, status)
    assert line.names() == []
    assert line.create().kind == said.APPLIED


@pytest.mark.parametrize(
    "fate",
    [
        "500_applied",
        "504_applied",
        "drop_applied",
        "cut_applied",
        "empty_applied",
        "garbage_applied",
    ],
)
def test_an_effect_may_be_there_although_nobody_told(tmp_path, fate):
    line = Line(tmp_path, f"1,create customers,{fate}")

    answer = line.create()

    assert (answer.kind, answer.remote_id) == (said.UNKNOWN, "")
    assert line.names() == ["Ann"]
    assert line.create().code == "3100"


@pytest.mark.parametrize("fate", ["cut", "empty", "garbage", "drop", "504", "502:500"])
def test_a_read_that_fails_is_no_answer(tmp_path, fate):
    line = Line(tmp_path, f",list customers,{fate}")

    with pytest.raises(Unanswered):
        list(line.desktop.records("customers", {}))


def test_a_page_may_fail_in_the_middle_of_a_list(tmp_path):
    line = Line(tmp_path, "2,list customers,504")
    line.desktop.core.create_many("customers", ({"name": f"C{n}"} for n in range(4)))

    met = []
    with pytest.raises(Unanswered):
        for one in line.desktop.records("customers", {"limit": "2"}):
            met.append(one)

    assert len(met) == 2
    assert len([*line.desktop.records("customers", {"limit": "2"})]) == 4


def test_what_asks_to_wait_says_how_long(tmp_path):
    line = Line(tmp_path, "1,*,429:7")

    assert line.create().retry_after == 7.0


def test_what_is_slow_takes_its_time(tmp_path):
    line = Line(tmp_path, ",create *,slow:2.5")

    assert line.create().kind == said.APPLIED
    assert line.time.seconds == 2.5


def test_a_scenario_counts_the_calls_that_match(tmp_path):
    line = Line(tmp_path, "2-3,create *,500")

    kinds = [line.create(name).kind for name in "ABCD"]

    assert kinds == [said.APPLIED, said.UNKNOWN, said.UNKNOWN, said.APPLIED]
    assert line.names() == ["A", "D"]


def test_other_calls_are_left_alone(tmp_path):
    line = Line(tmp_path, ",update *,500", ",list vendors,504", ",read invoices,drop")

    assert line.create().kind == said.APPLIED
    assert len([*line.desktop.records("customers", {})]) == 1
    with pytest.raises(Unanswered):
        list(line.desktop.records("vendors", {}))
    with pytest.raises(Unanswered):
        line.desktop.read("invoices", "1-1")


def test_health_and_deletions_have_names_too(tmp_path):
    line = Line(tmp_path, ",health-check,409:not_set_up", ",list deleted-*,500")

    health = line.desktop.health()

    assert health.code == "INTEGRATION_CONNECTION_NOT_SET_UP"
    with pytest.raises(Unanswered):
        line.desktop.deleted(["customers"], "")


def test_a_refusal_of_the_rules_comes_before_a_refusal_after_the_effect(tmp_path):
    line = Line(tmp_path, "2,create *,504_applied")
    line.create("Ann")

    answer = line.create("Ann")

    assert (answer.kind, answer.code) == (said.NOT_APPLIED, "3100")


@pytest.mark.parametrize("fate", ["200", "502:", "slow", "500:3", "wrong_size", "409:x", ""])
def test_an_answer_that_no_scenario_knows_is_named(tmp_path, fate):
    with pytest.raises(Refused, match="fake_conductor/scenario.csv"):
        Line(tmp_path, f"1,create *,{fate}")


@pytest.mark.parametrize(
    ("fate", "is_applied"),
    [
        ("", True),
        ("slow:1", True),
        ("504_applied", True),
        ("cut", True),
        ("drop", False),
        ("504", False),
        ("502:3175", False),
        ("429:7", False),
    ],
)
def test_a_fate_says_whether_the_effect_is_there(fate, is_applied):
    assert faults.is_applied(fate) is is_applied


def test_the_hresult_of_a_scenario_is_that_of_the_answer():
    assert faults.refusal_of("502:0x80040408").integration_code == "0x80040408"
    assert faults.refusal_of("502").integration_code == "0x80040420"
    assert faults.refusal_of("slow:1") is faults.refusal_of("") is None


# --- by chance ------------------------------------------------------------------------


def fates(folder, seed: str, rate: float = 0.3) -> list[str]:
    """Return what happens to two hundred calls."""
    found = Faults(folder, Temper(rate, seed))
    return [found.fate(["create customers"], str(number))[0] for number in range(200)]


def test_chance_is_seeded(tmp_path):
    assert fates(tmp_path, "a") == fates(tmp_path, "a")
    assert fates(tmp_path, "a") != fates(tmp_path, "b")
    assert set(fates(tmp_path, "a", rate=0.0)) == {""}


def test_chance_brings_what_a_desktop_brings_as_often_as_it_should(tmp_path):
    found = Counter(fates(tmp_path, "a"))

    assert 30 < 200 - found[""] < 90
    known = {"", "429", "502:3175", "500", "504", "504_applied", "drop", "drop_applied"}
    assert set(found) <= known


def test_the_next_try_of_the_same_call_may_fare_better(tmp_path):
    line = Line(tmp_path, temper=Temper(0.8, "3"))

    answers = []
    while not line.names() and len(answers) < 100:
        answers.append(line.create())

    assert line.names() == ["Ann"]
    assert 1 < len(answers) < 100
    assert said.APPLIED not in {one.kind for one in answers[:-1]}
