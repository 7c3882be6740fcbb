"""Plan rows: a decision is a person's, everything else is the plan's."""

import os
from typing import NamedTuple

import pytest

from src.kit import plans, tables
from src.kit.tables import GENERATED, Table
from tests.kit import hostile


class Row(NamedTuple):
    """A small plan row."""

    row: str
    decision: str
    name: str
    after: str
    row_check: str


def planned(name: str = "a.pdf", after: str = "58", run_id: str = "run-1") -> Row:
    return Row(*plans.signed((plans.row_id(name), "", name, after, ""), 1, run_id))


@pytest.mark.parametrize("decision", ["", "skip", "hold", "link:Invoice:58", "'", "=1"])
def test_a_row_with_any_decision_is_intact(decision):
    assert plans.is_intact(planned()._replace(decision=decision), 1, "run-1")


@pytest.mark.parametrize("field", ["row", "name", "after", "row_check"])
@pytest.mark.parametrize("value", ["", "59", "a.pdf "])
def test_a_change_of_anything_else_is_noticed(field, value):
    assert not plans.is_intact(planned()._replace(**{field: value}), 1, "run-1")


def test_a_row_of_another_plan_is_noticed():
    assert not plans.is_intact(planned(run_id="run-1"), 1, "run-2")


def test_a_text_that_moved_into_the_next_cell_is_noticed():
    row = planned("ab", "c")

    assert not plans.is_intact(row._replace(name="a", after="bc"), 1, "run-1")


def test_any_text_is_intact_as_it_is_read():
    for text in hostile.MEASURED + hostile.ODD + hostile.texts(200):
        signed = plans.signed((plans.row_id("x"), "", text, "", ""), 1, "run-1")

        assert plans.is_intact(("r", "", text, "", signed[-1]), 1, "run-1") is False
        assert plans.is_intact((signed[0], "", text, "", signed[-1]), 1, "run-1")


@pytest.mark.parametrize("key", ["", "a", "é\udcff", "k" * 1000])
def test_an_id_is_r_and_ten_digits(key):
    assert plans.row_id(key)[0] == "r" and len(plans.row_id(key)) == 11
    assert plans.row_id(key) != plans.row_id(key + "x")


# --- a new plan -----------------------------------------------------------------------


def test_a_decision_is_taken_over_by_a_row_that_says_the_same():
    decisions = plans.Decisions([planned()._replace(decision="skip")], Row)

    row = decisions.take_over(planned(run_id="run-2"))

    assert row == planned(run_id="run-2")._replace(decision="skip")
    assert decisions.notes == ["took over 1 decision(s)"]


def test_a_decision_about_a_row_that_says_something_else_is_named_and_left():
    decisions = plans.Decisions([planned()._replace(decision="skip")], Row)

    row = decisions.take_over(planned(after="59", run_id="run-2"))

    assert row.decision == ""
    assert decisions.notes == [
        "1 decision(s) not taken over, because the row is gone or says something else "
        f"now: {plans.row_id('a.pdf')}; decide again"
    ]


def test_a_decision_about_a_row_that_is_gone_is_named():
    decisions = plans.Decisions([planned()._replace(decision="skip")], Row)

    decisions.take_over(planned("b.pdf"))

    assert plans.row_id("a.pdf") in decisions.notes[0]


def test_a_row_is_named_by_what_a_person_knows_it_by():
    rows = [planned(name)._replace(decision="skip") for name in ("b.pdf", "a.pdf")]

    decisions = plans.Decisions(rows, Row, ("name", "after"))

    assert decisions.notes[0].endswith("something else now: a.pdf 58; b.pdf 58; decide again")


def test_a_decision_that_was_carried_out_is_no_news():
    rows = [planned(name)._replace(decision="skip") for name in ("b.pdf", "a.pdf")]
    decisions = plans.Decisions(rows, Row, ("name",))

    decisions.forget(lambda row: row.name == "a.pdf")

    assert decisions.notes[0].endswith("something else now: b.pdf; decide again")


def test_decisions_of_an_older_plan_come_second():
    older = plans.Decisions([planned(n)._replace(decision="hold") for n in "ab"], Row)
    decisions = plans.Decisions([planned("a")._replace(decision="skip")], Row)

    decisions.add(older)

    assert [decisions.take_over(planned(n)).decision for n in "ab"] == ["skip", "hold"]


def test_what_a_plan_was_not_to_say_anything_about_is_put_by():
    rows = [planned(name)._replace(decision="skip") for name in ("b.pdf", "a.pdf")]
    decisions = plans.Decisions(rows, Row, ("name",))

    assert decisions.put_by(lambda row: row.name == "a.pdf") == rows[1:]
    assert decisions.notes[0].endswith("something else now: b.pdf; decide again")


def test_a_decision_is_taken_over_once():
    decisions = plans.Decisions([planned()._replace(decision="skip")], Row)

    taken = [decisions.take_over(planned()).decision for _ in range(2)]

    assert taken == ["skip", ""]


@pytest.mark.parametrize("rows", [[], [planned(), planned("b.pdf")]])
def test_without_decisions_there_is_nothing_to_say(rows):
    decisions = plans.Decisions(rows, Row)

    assert decisions.take_over(planned()) == planned()
    assert decisions.notes == []


def test_plans_that_were_applied_come_the_newest_first_without_other_files(tmp_path):
    table = Table("DATA_DIR", "plan.csv", Row, GENERATED, "make plan")
    plan = tmp_path / table.name
    for age, name in enumerate(("old", "new")):
        tables.write(plan, Row, [planned(name)])
        os.utime(plans.keep(plan, f"run-{name}"), (age, age))
    (tmp_path / plans.KEPT / "other.csv").write_text("of,another,pipeline\n")

    found = [row.name for rows in plans.applied(tmp_path, table) for row in rows]

    assert found == ["new", "old"]


def test_before_anything_was_applied_there_are_no_plans(tmp_path):
    table = Table("DATA_DIR", "plan.csv", Row, GENERATED, "make plan")

    assert list(plans.applied(tmp_path, table)) == []


def test_a_row_that_was_planned_by_a_decision_has_taken_it_over():
    decisions = plans.Decisions([planned()._replace(decision=" Link: 59 ")], Row)
    found = planned(after="59")._replace(decision="link:59")

    assert decisions.take_over(found) == found
    assert decisions.notes == ["took over 1 decision(s)"]
