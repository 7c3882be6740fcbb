"""Progress: counted in records, from what is planned and what the run log has."""

from __future__ import annotations

import pytest

from src.kit.counting import closed
from src.kit.sessions import Count, Found
from src.wms import counting
from src.wms.records import CREATE, HOLD, UPDATE
from tests.wms.control import Control, attempt, card


@pytest.fixture
def control(tmp_path) -> Control:
    return Control(tmp_path)


def test_a_record_counts_once_however_many_of_its_fields_changed():
    cards = [card("1", field=name, action=UPDATE) for name in ("phone", "email")]

    assert counting.records_of([*cards, card("2", action=CREATE)]) == {"customers": 2}


def test_items_are_the_records_of_five_kinds():
    kinds = ("inventory_items", "service_items")
    cards = [card("1", "items", kind=kind, action=UPDATE) for kind in kinds]

    assert counting.records_of(cards) == {"items": 2}


@pytest.mark.parametrize(
    ("action", "decision", "is_counted"),
    [
        (UPDATE, "", True),
        (UPDATE, "approve", True),
        (UPDATE, "skip", False),
        (UPDATE, "hold", False),
        (HOLD, "", True),
        (HOLD, "wms", True),
        (HOLD, " QBD ", True),
        (HOLD, "link:80000001-1", True),
        (HOLD, "Skip", False),
    ],
)
def test_every_record_counts_but_those_that_a_person_left_out(action, decision, is_counted):
    found = counting.records_of([card("1", action=action, decision=decision)])

    assert found == ({"customers": 1} if is_counted else {})


def test_a_record_counts_if_one_of_its_cards_does():
    cards = [card("1", field="phone", decision="skip"), card("1", field="name")]

    assert counting.records_of(cards) == {"customers": 1}


def test_only_the_plan_of_this_run_counts(control):
    control.plan("s1", card("1", action=UPDATE), card("2", action=UPDATE))

    assert control.outside.counting.planned("s1") == {"customers": 2}
    assert control.outside.counting.planned("s2") == {}


def test_without_a_plan_nothing_is_planned(control):
    assert control.outside.counting.planned("s1") == {}


def found(control: Control, run_id: str = "s1") -> Found:
    return control.outside.counting.found(run_id)


def test_the_last_outcome_of_a_record_is_what_counts(control):
    control.log("s1", attempt("1", "failed"), attempt("2", "created"), attempt("1", "updated"))

    assert found(control) == Found({"customers": 2}, last="customers 1")


def test_rows_of_other_runs_are_not_this_ones(control):
    control.log("s0", attempt("1", "updated"), attempt("2", "failed"))
    control.log("s1", attempt("3", "updated"))
    control.log("s12", attempt("4", "updated", name="s1"))

    assert found(control).synced == {"customers": 1}


@pytest.mark.parametrize("outcome", ["created", "updated", "linked", "recovered", "removed"])
def test_what_arrived_is_synchronized(control, outcome):
    control.log("s1", attempt("1", outcome))

    assert found(control).counts({"customers": 1}) == {"customers": Count(1, 1, 0)}


@pytest.mark.parametrize("outcome", ["failed", "in_doubt", "held", "absent"])
def test_what_needs_a_person_or_another_run_has_failed(control, outcome):
    control.log("s1", attempt("1", outcome))

    assert found(control).counts({"customers": 1}) == {"customers": Count(1, 0, 1)}


@pytest.mark.parametrize("outcome", ["not_attempted", "skipped_stale"])
def test_what_was_left_alone_is_neither(control, outcome):
    control.log("s1", attempt("1", outcome))

    assert found(control).counts({"customers": 1}) == {"customers": Count(1, 0, 0)}


def test_types_do_not_write_over_each_other(control):
    control.log("s1", attempt("1", "updated"), attempt("1", "failed", "vendors"))

    assert found(control).counts({"customers": 4, "vendors": 2}) == {
        "customers": Count(4, 1, 0),
        "vendors": Count(2, 0, 1),
    }


def test_what_was_found_without_being_planned_is_part_of_the_total(control):
    control.log("s1", attempt("1", "recovered"), attempt("2", "updated"))

    assert found(control).counts({"customers": 1})["customers"] == Count(2, 2, 0)


def test_an_error_names_type_record_and_what_is_wrong(control):
    failed = attempt("w1", "failed", id="80000001-1", name="Acme", error="the name is taken")
    doubt = attempt("w2", "in_doubt", "vendors", name="Bolts")
    control.log("s1", failed, doubt, attempt("w3", "held", name="Nuts"))

    assert list(found(control).errors) == [
        "customers 80000001-1 Acme: the name is taken",
        "vendors w2 Bolts: nobody knows whether it arrived; the next run looks it up",
        "customers w3 Nuts: held",
    ]


def test_the_record_that_was_tried_last_is_named_and_a_held_one_was_not_tried(control):
    control.log("s1", attempt("1", "updated", name="Acme"), attempt("2", "held", name="Nuts"))

    assert found(control).last == "customers Acme"


def test_records_that_were_not_read_have_failed(control):
    control.log("s1", attempt("1", "failed", error="no"))
    control.reject("s1", "7", "8")

    assert found(control).failed == {"customers": 3}
    assert found(control).errors[0] == "customers 7: is odd"


def test_of_many_errors_the_first_are_told_and_the_others_counted(control):
    control.log("s1", *[attempt(str(n), "failed") for n in range(202)])
    control.reject("s1", "x")

    assert (len(found(control).errors), found(control).more_errors) == (200, 3)


def test_what_is_known_of_a_run_is_not_read_again(control):
    control.log("s1", attempt("1", "updated"))
    books = closed(control.logs)._replace(known=lambda run_id: Found({"items": 7}))
    counted = counting.Counting(control.data, control.logs, books)

    assert counted.found("s1").synced == {"items": 7}
