"""People who work in QuickBooks itself: each change once, whatever the line does."""

from __future__ import annotations

from random import Random

import pytest

from src.kit.answers import APPLIED, NOT_APPLIED, UNKNOWN, Answer, Unanswered
from src.kit.clock import Clock
from src.kit.errors import AUTHORIZE_AGAIN, STOPPED_EARLY, Refused
from src.kit.retry import Courtesy, Pace, Pacer, Patience
from src.mis import keys
from src.mis.demo_company import CREATE, UPDATE, Entry
from src.office import demo_mis

NEW = Entry(CREATE, "Vendor", {"DisplayName": "Kigali Stationers"})
GONE = Entry(UPDATE, "Vendor", {"DisplayName": "Kigali Stationers", "Active": False})
THERE = {"Id": "7", "SyncToken": "3", "DisplayName": "Kigali Stationers"}
TAKEN = Answer(NOT_APPLIED, 400, error="the name is taken", code="6240")


class Company:
    """A company that has these vendors, and answers writes as it is told."""

    def __init__(self, *answers, vendors=()):
        self.answers, self.vendors = list(answers), list(vendors)
        self.written, self.request_ids = [], []

    def query(self, statement):
        assert "Active in (true, false)" in statement
        return {"Vendor": self.vendors} if " Vendor " in statement else {}

    def write(self, change, request_id=""):
        self.written.append(change)
        self.request_ids.append(request_id)
        answer = self.answers.pop(0) if self.answers else Answer(APPLIED, 200, "7")
        record = {**THERE, **change.record}
        return answer._replace(record=record) if answer.kind == APPLIED else answer


def entered(company, *entries, run_id="r1"):
    """Let people enter something; return what became of it."""
    clock = Clock(monotonic=lambda: 0.0, sleep=lambda seconds: None)
    courtesy = Courtesy(clock, Patience(Random(1)), Pacer(Pace(), clock))
    return demo_mis.People(company, courtesy, run_id).enter(entries)


def test_what_is_new_is_entered_and_what_is_there_is_left():
    company = Company()
    assert entered(company, NEW) == (1, 0, [])

    company = Company(vendors=[THERE])
    assert entered(company, NEW) == (0, 0, [])
    assert company.written == []


def test_what_was_made_inactive_is_not_entered_again():
    inactive = {**THERE, "DisplayName": "Kigali Stationers (deleted)", "Active": False}
    company = Company(vendors=[inactive])

    assert entered(company, NEW, GONE) == (0, 0, [])


def test_a_change_names_the_record_and_its_revision():
    company = Company(vendors=[THERE])

    assert entered(company, GONE) == (0, 1, [])

    (change,) = company.written
    assert change.record == {
        "Id": "7",
        "SyncToken": "3",
        "sparse": True,
        "DisplayName": "Kigali Stationers",
        "Active": False,
    }


def test_what_is_entered_now_may_be_made_inactive_at_once():
    company = Company()

    assert entered(company, NEW, GONE) == (1, 1, [])

    assert [one.operation for one in company.written] == [CREATE, UPDATE]


def test_a_record_that_carries_our_mark_is_not_peoples_to_change():
    mark = keys.create_key("Applicant", "1")
    company = Company(vendors=[{**THERE, "Notes": f"Carryover={mark}"}])

    assert entered(company, GONE) == (0, 0, [])


def test_what_nobody_entered_cannot_be_made_inactive():
    assert entered(Company(), GONE) == (0, 0, [])


@pytest.mark.parametrize(
    "answer", [Answer(NOT_APPLIED, 429), Answer(UNKNOWN, 500), Answer(UNKNOWN)]
)
def test_an_answer_that_does_not_tell_is_asked_for_again_under_the_same_id(answer):
    company = Company(answer)

    assert entered(company, NEW) == (1, 0, [])

    one, other = company.request_ids
    assert one == other and len(one) == 36


def test_each_change_and_each_run_has_its_own_request_id():
    first, second = Company(), Company()
    entered(first, NEW, GONE)
    entered(second, NEW, GONE, run_id="r2")

    assert len({*first.request_ids, *second.request_ids}) == 4


def test_a_refusal_is_told_and_the_rest_goes_on():
    other = Entry(CREATE, "Vendor", {"DisplayName": "Huye Printing"})
    company = Company(TAKEN)

    found = entered(company, NEW, other)

    assert found == (1, 0, ["Vendor Kigali Stationers: the name is taken"])


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(NOT_APPLIED, 401, error="Token expired"), AUTHORIZE_AGAIN),
        (Answer(UNKNOWN, 503, error="is down"), STOPPED_EARLY),
    ],
)
def test_a_company_that_nobody_can_work_in_ends_the_run(answer, code):
    company = Company(*[answer] * 9)

    with pytest.raises(Unanswered) as refused:
        entered(company, NEW)

    assert refused.value.exit_code == code


# --- which company is simulated -------------------------------------------------------


@pytest.mark.parametrize(
    ("api", "url"),
    [
        ("fake", ""),
        ("fake", "https://quickbooks.api.intuit.com"),
        ("http", "http://127.0.0.1:8080"),
        ("http", "http://localhost:8080"),
        ("http", "http://[::1]:8080"),
    ],
)
def test_a_company_on_this_machine_is_simulated(desk, api, url):
    settings = desk.config._replace(qbo_api=api, qbo_base_url=url)

    assert demo_mis.expect_simulated(settings) is None


@pytest.mark.parametrize(
    "url",
    ["", "https://sandbox-quickbooks.api.intuit.com", "https://127.0.0.1.example"],
)
def test_a_company_elsewhere_may_be_somebodys_own(desk, url):
    settings = desk.config._replace(qbo_api="http", qbo_base_url=url)

    with pytest.raises(Refused, match="set QBO_API=fake"):
        demo_mis.expect_simulated(settings)
