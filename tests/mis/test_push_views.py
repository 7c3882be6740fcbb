"""logs/mis_errors.csv: who is not in QuickBooks as he is to be, and why."""

from __future__ import annotations

import pytest

from src.kit.appender import Appender
from src.mis import views
from src.mis.records import APPLICANT, STUDENT, Pushed
from tests.mis.school import mark_of, person

ONE, TWO, OTHER = (APPLICANT, "1"), (APPLICANT, "2"), (STUDENT, "1")


def row(who, outcome, **cells):
    return {"type": who[0], "mis_id": who[1], "outcome": outcome, "error": outcome, **cells}


def learned(who) -> dict[str, str]:
    """Return the row of a customer that a listing showed."""
    key = mark_of(person(int(who[1]), type_=who[0]))
    return {"key": key, "outcome": "recovered"}


@pytest.fixture
def viewed(tmp_path):
    """Return what a log's view names, where the plan speaks of some people."""

    def view(*rows, planned=(ONE, TWO, OTHER)):
        log, errors = tmp_path / "log.csv", tmp_path / "errors.csv"
        appender = Appender(log, Pushed)
        blank = dict.fromkeys(Pushed._fields, "")
        appender.append([tuple({**blank, **one}.values())[:-1] for one in rows])
        appender.close()
        count = views.write(log, errors, set(planned))
        lines = errors.read_text("utf-8-sig").splitlines()[1:]
        assert count == len(lines)
        cells = [line.split(",") for line in lines]
        return [(one[4], one[5], one[-3]) for one in cells]

    return view


@pytest.mark.parametrize("outcome", ["failed", "held", "in_doubt", "absent"])
def test_a_person_who_is_not_there_is_named(viewed, outcome):
    assert viewed(row(ONE, outcome)) == [(*ONE, outcome)]


def test_only_the_last_word_about_a_person_counts(viewed):
    rows = [row(ONE, "in_doubt"), row(ONE, "absent"), row(ONE, "failed")]

    assert viewed(*rows) == [(*ONE, "failed")]


@pytest.mark.parametrize("outcome", ["created", "updated", "linked", "recovered", "adopted"])
def test_whoever_is_done_since_is_not_named(viewed, outcome):
    assert viewed(row(ONE, "failed"), row(ONE, outcome)) == []


def test_a_customer_that_a_listing_showed_is_the_persons(viewed):
    assert viewed(row(ONE, "absent"), row(TWO, "absent"), learned(ONE)) == [(*TWO, "absent")]


@pytest.mark.parametrize(
    "error",
    ["QuickBooks dropped Campus; set …", "x; QuickBooks answered another value of Notes; fetch"],
)
def test_whose_customer_is_there_and_not_as_it_was_sent_is_named_until_it_is(viewed, error):
    first = row(ONE, "created", error=error)

    assert viewed(first, row(TWO, "created", error="a name was taken")) == [(*ONE, "created")]
    assert viewed(first, row(ONE, "updated", error="")) == []


def test_an_applicant_and_a_student_of_one_number_are_two(viewed):
    assert viewed(row(ONE, "failed"), row(OTHER, "created")) == [(*ONE, "failed")]


def test_of_whom_the_plan_says_nothing_any_more_nothing_is_to_be_done(viewed):
    rows = [row(ONE, "failed"), row(TWO, "in_doubt")]

    assert viewed(*rows, planned=()) == [(*TWO, "in_doubt")]


def test_the_oldest_comes_first(viewed):
    rows = [row(ONE, "failed"), row(TWO, "failed"), row(ONE, "held")]

    assert [mis_id for _, mis_id, _ in viewed(*rows)] == ["2", "1"]
