"""What people decide: carried out, remembered, used in the next plan, never stretched."""

from __future__ import annotations

import pytest

from src.customers.records import (
    BY_JUDGEMENT,
    CREATE,
    HOLD,
    PLAN,
    SKIP,
    UNCHANGED,
    UPDATE,
)
from src.kit import errors
from tests.customers.register import Register, customer


@pytest.fixture
def two(sqlite_register: Register) -> Register:
    """Return a register with two customers of one name, and a row that may mean either."""
    sqlite_register.take(customer("Acme", "1"), customer("Acme", "2"))
    sqlite_register.plan_for(customer("Acme", terms="N30"))
    return sqlite_register


def again(register: Register, *rows):
    """Return the plan's row for the first of some rows, without a decision yet."""
    register.plan_for(*rows)
    [first, *_] = register.rows(PLAN)
    return first


# --- the decisions --------------------------------------------------------------------


@pytest.mark.parametrize("decision", ["link:2", " LINK: 2 "])
def test_a_link_updates_the_record_and_is_remembered(two, decision):
    two.decide({"Acme": decision})
    assert two.load() == errors.OK

    assert two.customers()["2"]["terms"] == "N30"
    assert two.verdicts() == {"|Acme": "link:2"}
    assert again(two, customer("Acme", terms="N30")).action == UNCHANGED
    plan = again(two, customer("Acme", terms="N60"))
    assert (plan.action, plan.rung, plan.customer_id) == (UPDATE, BY_JUDGEMENT, "2")


@pytest.mark.parametrize("decision", ["create", "Create"])
def test_a_create_makes_a_third_and_the_next_plan_finds_it(two, decision):
    two.decide({"Acme": decision})
    assert two.load() == errors.OK

    [key] = two.names().keys() - {"1", "2"}
    assert two.customers()[key]["terms"] == "N30"
    assert again(two, customer("Acme", terms="N30")).action == UNCHANGED
    plan = again(two, customer("Acme", terms="N60"))
    assert (plan.action, plan.rung, plan.customer_id) == (UPDATE, BY_JUDGEMENT, key)


def test_a_skip_leaves_the_row_out_now_and_later(two):
    two.decide({"Acme": "skip"})
    assert two.load() == errors.OK
    before = two.stored()

    plan = again(two, customer("Acme", terms="N60"))
    assert (plan.action, plan.rung, plan.reason) == (SKIP, BY_JUDGEMENT, "left out before")
    assert two.load() == errors.OK

    assert two.stored() == before


@pytest.mark.parametrize("decision", ["", "hold", "approve"])
def test_what_decides_nothing_is_held_and_asked_again(two, decision):
    two.decide({"Acme": decision})
    assert two.load() == errors.SOME_ROWS_FAILED

    assert two.verdicts() == {} and two.outcomes()["held"] == 1
    assert again(two, customer("Acme", terms="N30")).action == HOLD


def test_an_approved_rename_is_carried_out_and_remembered(sqlite_register):
    register = sqlite_register
    register.take(customer("Acme", "1"))
    register.plan_for(customer("Zenith", "1"))

    register.decide({"Zenith": "approve"})
    assert register.load() == errors.OK

    assert register.names() == {"1": "Zenith"}
    register.change("UPDATE customers SET name = 'Acme', normalized_name = 'acme'")
    assert again(register, customer("Zenith", "1")).action == UPDATE


def test_approving_what_follows_from_an_answer_does_not_undo_it(two):
    two.decide({"Acme": "skip"})
    two.load()

    again(two, customer("Acme", terms="N60"))
    two.decide({"Acme": "approve"})
    two.load()

    assert two.verdicts() == {"|Acme": "skip"}


@pytest.mark.parametrize(
    "decision", ["maybe", "link:", "unchanged", "stale", "update", "approve:1", "=1+1"]
)
def test_a_word_that_means_nothing_is_held_and_named(two, decision):
    two.decide({"Acme": decision})
    assert two.load() == errors.SOME_ROWS_FAILED

    [(_, category, error)] = two.errors()
    assert category == "decision" and f"the decision {decision!r} means nothing here" in error
    assert two.verdicts() == {}


@pytest.mark.parametrize("target", ["3", "nobody", "x" * 200, "1; DROP TABLE customers"])
def test_a_link_to_nobody_is_held_and_named(register, target):
    register.take(customer("Acme", "1"), customer("Acme", "2"))
    register.plan_for(customer("Acme", terms="N30"))

    register.decide({"Acme": f"link:{target}"})
    assert register.load() == errors.SOME_ROWS_FAILED, register.errors()

    assert register.errors() == [("Acme", "gone", f"there is no customer {target}")]
    assert register.verdicts() == {}


def test_a_link_to_a_record_with_another_id_is_held_and_named(sqlite_register):
    register = sqlite_register
    register.take(customer("Acme", "1"))
    register.plan_for(customer("Acme", "2"))

    register.decide({"Acme": "link:1"})
    register.load()

    assert register.errors() == [("2", "another id", "1 has the QuickBooks id 1")]


def test_a_new_customer_may_be_linked_to_an_old_one_instead(sqlite_register):
    register = sqlite_register
    register.take(customer("Acme"))
    [key] = register.names()
    register.plan_for(customer("Zenith", "9"))

    register.decide({"Zenith": f"link:{key}"})
    register.load()

    assert register.names() == {key: "Zenith"}
    assert register.customers()[key]["quickbooks_id"] == "9"


# --- what is remembered ---------------------------------------------------------------


def test_a_link_to_a_record_that_is_gone_is_asked_again(two):
    two.decide({"Acme": "link:2"})
    two.load()
    two.change("DELETE FROM customers WHERE id = '2'")

    plan = again(two, customer("Acme", terms="N30"))

    assert (plan.action, plan.reason) == (HOLD, "2 is no customer any more")


def test_an_answer_may_be_changed(two):
    two.decide({"Acme": "skip"})
    two.load()

    again(two, customer("Acme", terms="N30"))
    two.decide({"Acme": "link:1"})
    assert two.load() == errors.OK

    assert two.verdicts() == {"|Acme": "link:1"} and two.customers()["1"]["terms"] == "N30"


def test_a_dry_run_remembers_nothing(two):
    two.decide({"Acme": "skip"})

    two.load("--dry-run")

    assert two.verdicts() == {}


def test_the_same_plan_again_remembers_nothing_twice(two):
    two.decide({"Acme": "link:2"})
    two.load()
    path = two.desk.config.data_dir / "judgements.csv"
    before = path.read_bytes()

    two.load()

    assert path.read_bytes() == before


def test_an_answer_that_the_database_refused_is_not_remembered(sqlite_register):
    register = sqlite_register
    register.take(customer("Acme", "1"), customer("Zenith"))
    key = next(key for key in register.names() if key != "1")
    register.plan_for(customer("Zenith Tools", "1"))

    register.decide({"Zenith Tools": f"link:{key}"})
    assert register.load() == errors.SOME_ROWS_FAILED

    assert register.verdicts() == {} and register.outcomes()["failed"] == 1


def test_judgements_that_someone_damaged_are_not_believed(two):
    two.decide({"Acme": "skip"})
    two.load()
    path = two.desk.config.data_dir / "judgements.csv"
    path.write_bytes(path.read_bytes().replace(b"skip", b"link"))

    assert again(two, customer("Acme", terms="N30")).action == HOLD


# --- answers about rows of one file ---------------------------------------------------

TWINS = [customer("Jo Smith", terms="N30"), customer("Jo Smith", terms="N60")]


def test_of_twins_one_is_created_and_the_other_left_out_again(sqlite_register):
    register = sqlite_register
    register.plan_for(*TWINS)
    register.decide({2: "create", 3: "skip"})
    assert register.load() == errors.OK

    register.plan_for(*TWINS)

    assert register.actions() == {2: UNCHANGED, 3: SKIP}


def test_a_twin_that_was_left_out_is_asked_about_once_its_values_change(sqlite_register):
    register = sqlite_register
    register.plan_for(*TWINS)
    register.decide({2: "create", 3: "skip"})
    register.load()

    assert again(register, customer("Jo Smith", terms="N90")).action == UPDATE


def test_rows_with_one_id_are_decided_one_by_one(sqlite_register):
    register = sqlite_register
    rows = [customer("Acme", "1", terms="N30"), customer("Acme", "1", terms="N60")]
    register.plan_for(*rows)
    register.decide({2: "skip", 3: "create"})
    register.load()

    register.plan_for(*rows)

    assert register.actions() == {2: SKIP, 3: UNCHANGED}
    assert register.customers()["1"]["terms"] == "N60"
    assert again(register, customer("Acme", "1", terms="N90")).action == UPDATE


def test_two_answers_for_one_customer_write_it_once(sqlite_register):
    register = sqlite_register
    register.plan_for(*TWINS)

    register.decide({2: "create", 3: "create"})
    register.load()

    [(_, category, error)] = register.errors()
    assert category == "twice" and "another row writes" in error
    assert [row["terms"] for row in register.customers().values()] == ["N30"]


def test_a_row_that_is_left_out_stands_in_nobodys_way(sqlite_register):
    register = sqlite_register
    rows = [customer("Acme"), customer("Acme", "1")]
    register.plan_for(*rows)
    register.decide({2: "skip"})
    register.load()

    register.plan_for(*rows)

    assert register.actions() == {2: SKIP, 3: UNCHANGED}


def test_a_row_linked_to_the_record_of_an_id_never_holds_the_row_with_the_id(sqlite_register):
    register = sqlite_register
    register.take(customer("Acme", "1"))
    register.plan_for(customer("Acme Works"))
    register.decide({"Acme Works": "link:1"})
    register.load()

    register.plan_for(customer("Acme Works"), customer("Acme", "1", terms="N30"))

    assert register.verdicts() == {"|Acme Works": "link:1"}
    assert register.actions() == {2: HOLD, 3: UPDATE}


def test_an_answer_holds_beside_a_new_row_with_an_id(two):
    two.decide({"Acme": "create"})
    two.load()

    rows = [customer("Acme", "5"), customer("ACME"), customer("acme")]
    two.plan_for(customer("Acme", terms="N30"), *rows)

    assert two.actions() == {2: UNCHANGED, 3: HOLD, 4: HOLD, 5: HOLD}


def test_a_new_customer_that_was_skipped_without_a_question_is_not_remembered(sqlite_register):
    register = sqlite_register
    register.plan_for(customer("Acme"))
    register.decide({"Acme": "skip"})
    register.load()

    assert register.verdicts() == {} and not register.names()
    assert again(register, customer("Acme", terms="N30")).action == CREATE


def test_a_row_that_was_left_out_may_be_created_after_all(sqlite_register):
    register = sqlite_register
    register.plan_for(*TWINS)
    register.decide({2: "skip", 3: "skip"})
    register.load()

    register.plan_for(*TWINS)
    register.decide({3: "create"})
    register.load()

    assert [row["terms"] for row in register.customers().values()] == ["N60"]
