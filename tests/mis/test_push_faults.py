"""What goes wrong between a push and QuickBooks, for a request and for one item of it."""

from __future__ import annotations

from collections import Counter
from itertools import repeat
from typing import NamedTuple

import pytest

from src.kit import errors
from src.kit.clock import REAL
from src.mis.records import APPLICANT
from src.office.mis_application import Side
from tests.mis.school import create, mark_of, people, person, update

OK, SOME, STOPPED, LOGIN = (
    errors.OK,
    errors.SOME_ROWS_FAILED,
    errors.STOPPED_EARLY,
    errors.AUTHORIZE_AGAIN,
)
SIX = {mark_of(one): 1 for one in people(6)}
PHONE = {"PrimaryPhone": {"FreeFormNumber": "0788"}}


class Fault(NamedTuple):
    """A line of the matrix: what the company does, and what must come of it."""

    calls: str
    exit_code: int
    outcomes: str  # as `6 created, 1 failed`
    arrived: int = 6  # after the first run; all of them after the second


MATRIX = {
    # of the whole request
    "429": Fault("1,batch,429", OK, "6 failed, 6 created"),
    "429 that asks to wait": Fault("1,batch,429:7", OK, "6 failed, 6 created"),
    "401 once": Fault("1,batch,401", OK, "6 created"),
    "401 for ever": Fault(",batch,401", LOGIN, "6 failed", arrived=0),
    "company locked": Fault("1,batch,400:140", OK, "6 failed, 6 created"),
    "subscription ended": Fault(",batch,400:6190", STOPPED, "6 failed", arrived=0),
    "500": Fault("1,batch,500", OK, "6 in_doubt, 6 absent, 6 created"),
    "503": Fault("1,batch,503", OK, "6 in_doubt, 6 absent, 6 created"),
    "drop": Fault("1,batch,drop", OK, "6 in_doubt, 6 absent, 6 created"),
    "500 after the effect": Fault("1,batch,500_applied", OK, "6 in_doubt, 6 recovered"),
    "drop after the effect": Fault("1,batch,drop_applied", OK, "6 in_doubt, 6 recovered"),
    "a cut answer": Fault("1,batch,cut_applied", OK, "6 in_doubt, 6 recovered"),
    "an empty answer": Fault("1,batch,empty_applied", OK, "6 in_doubt, 6 recovered"),
    "nonsense": Fault("1,batch,garbage_applied", OK, "6 in_doubt, 6 recovered"),
    "too many names": Fault("1,batch,400:1040", OK, "6 failed, 6 created"),
    # of one item
    "an item is refused": Fault("2,create Customer,200:6000", SOME, "5 created, 1 failed", 5),
    "an item may be there": Fault(
        "2,create Customer,200:10000", OK, "5 created, 1 in_doubt, 1 absent, 1 created"
    ),
    "a name was taken": Fault("2,create Customer,200:6240", OK, "6 created"),
}


@pytest.fixture
def six(school):
    """Let the plan be to create six customers."""
    school.enrol(*people(6))
    school.plan(*map(create, people(6)))
    return school


def counted(text: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for part in filter(None, text.split(", ")):
        number, word = part.split()
        found[word] += int(number)
    return found


@pytest.mark.parametrize("name", MATRIX)
def test_whatever_goes_wrong_each_customer_is_there_once_in_the_end(six, name):
    fault = MATRIX[name]
    six.scenario(fault.calls)
    code = six.push()
    assert (code, six.outcomes()) == (fault.exit_code, counted(fault.outcomes)), six.desk.out
    assert sum(six.marks().values()) == fault.arrived
    six.scenario()

    assert six.push() == OK, six.desk.out

    assert six.marks() == SIX
    assert six.statuses() == {"1": 6}


@pytest.mark.parametrize("fate", ["500_applied", "drop_applied", "500", "drop"])
@pytest.mark.parametrize("ids", ["honoured", "ignored"])
def test_every_second_batch_without_an_answer_doubles_nothing(six, fate, ids):
    six.scenario(*(f"{n},batch,{fate}" for n in range(1, 9, 2)))
    six.reopen(ids=ids)

    for _ in range(3):
        six.push("--batch-size", "2")

    assert six.marks() == SIX


@pytest.mark.parametrize("seed", range(8))
def test_a_company_that_fails_at_random_gets_everybody_once(six, seed):
    six.reopen(fail_rate=0.3, seed=str(seed))

    for _ in range(6):
        if six.push("--batch-size", "3") == OK:
            break

    assert six.marks() == SIX
    assert six.statuses() == {"1": 6}


def test_the_same_over_http_with_many_workers(school, served):
    school.enrol(*people(70))
    school.plan(*map(create, people(70)))
    school.desk.scenario("1,batch,500_applied", "3,create Customer,200:6240")
    served.restart()
    school.sides, school.clock = Side(school.opened), REAL  # as the company's own clock

    assert school.push(QBO_PARALLEL="4") == OK, school.desk.out + school.desk.err

    school.reopen()
    assert {"created", "in_doubt", "recovered"} <= school.outcomes().keys()
    assert school.marks() == {mark_of(one): 1 for one in people(70)}
    assert school.statuses() == {"1": 70}


def test_a_login_that_ended_asks_for_a_new_one(six, served):
    six.desk.scenario(",batch,403")
    served.restart()
    six.sides = Side(six.opened)

    assert six.push() == LOGIN

    assert six.statuses() == {"2": 6}


# --- questions --------------------------------------------------------------------------


def test_a_count_is_asked_for_again(six):
    six.company.unanswered = iter([True, True])

    assert six.push() == OK

    assert six.marks() == SIX


def test_without_a_count_nothing_is_sent(six):
    six.company.unanswered = repeat(True)

    assert six.push() == STOPPED

    assert six.customers() == []
    assert "6 read = 6 not attempted" in six.desk.out
    assert six.statuses() == {"0": 6}


def test_without_a_last_count_the_next_push_looks_first(six):
    six.company.unanswered = iter([False, *[True] * 4])
    assert six.push() == OK
    six.enrol(person(7))
    six.plan(create(person(7)))
    six.company.calls.clear()

    six.push()

    assert six.company.calls["query"] == 1  # everybody


def test_what_cannot_be_looked_up_stays_in_doubt_until_it_can(six):
    six.scenario("1,batch,500_applied")
    six.company.unanswered = iter([False, *[True] * 4])
    assert six.push() == errors.IN_DOUBT
    assert six.statuses() == {"3": 6}

    assert six.push() == OK

    assert six.outcomes() == counted("6 in_doubt, 6 recovered")
    assert six.statuses() == {"1": 6}


# --- an update --------------------------------------------------------------------------


@pytest.fixture
def aline(school):
    """Let the plan be to change a customer of ours."""
    school.enrol(person(1))
    school.plan(create(person(1)))
    assert school.push() == OK
    school.plan(update(person(1), school.customer("Aline Uwera1"), PHONE))
    return school


@pytest.mark.parametrize(
    ("fate", "outcomes"),
    [
        ("500_applied", "1 in_doubt, 1 recovered"),
        ("drop", "1 in_doubt, 1 absent, 1 updated"),
        ("429", "1 failed, 1 updated"),
    ],
)
def test_an_update_without_an_answer_is_told_by_its_values(aline, fate, outcomes):
    aline.scenario(f"1,batch,{fate}")

    assert aline.push() == OK

    assert aline.outcomes() == counted(f"1 created, {outcomes}")
    customer = aline.customer("Aline Uwera1")
    assert (customer["PrimaryPhone"], customer["SyncToken"]) == (PHONE["PrimaryPhone"], "1")
    assert aline.raws()[APPLICANT, "1"].sync_token == "1"


def test_an_update_that_came_too_late_says_what_was_changed(aline):
    edit = {"Id": "1", "SyncToken": "0", "sparse": True}
    aline.write(operation="update", **edit, PrimaryPhone={"FreeFormNumber": "0733"})

    assert aline.push() == SOME

    (error,) = aline.errors()
    assert error.error == "changed in QuickBooks since it was planned: PrimaryPhone; plan again"
    assert aline.customer("Aline Uwera1")["PrimaryPhone"] == {"FreeFormNumber": "0733"}
    assert aline.raws()[APPLICANT, "1"].status == "2"


def test_an_update_beside_a_change_of_somebody_goes(aline):
    edit = {"Id": "1", "SyncToken": "0", "sparse": True}
    aline.write(operation="update", **edit, CompanyName="Uwera Ltd")

    assert aline.push() == OK

    customer = aline.customer("Aline Uwera1")
    assert (customer["CompanyName"], customer["SyncToken"]) == ("Uwera Ltd", "2")
    assert aline.raws()[APPLICANT, "1"].sync_token == "2"
